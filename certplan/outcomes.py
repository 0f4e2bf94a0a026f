"""The words every judgement is made of: outcome, severity, confidence and verdict."""

from enum import StrEnum
from typing import Self

__all__ = ["Confidence", "Outcome", "Severity", "Verdict", "WordedEnum"]


class Outcome(StrEnum):
    """How one check ended. It says nothing of how bad a failure would be: that is `Severity`."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"
    UNKNOWN = "unknown"
    """Not verified. Never to be read as a pass."""


class Severity(StrEnum):
    """How much a failed check matters."""

    ERROR = "error"
    """Enforce or a named service breaks, or the appliance refuses it."""
    WARNING = "warning"
    NOTICE = "notice"
    IGNORE = "ignore"
    """Only a plan's own `severity:` section says this: the rule is switched off."""

    @property
    def rank(self) -> int:
        """Order by weight: 0 for an error, growing as it matters less."""
        return list(Severity).index(self)


class Confidence(StrEnum):
    """How firmly the vendor's documents carry a statement."""

    DOCUMENTED = "documented"
    CONFLICTING = "conflicting"
    """The vendor's own texts disagree."""
    INFERRED = "inferred"
    """No text says it; it follows from texts that do."""


class Verdict(StrEnum):
    """Can TLS verification mode be set to Enforce?"""

    READY = "ready"
    NOT_READY = "not-ready"
    UNDECIDED = "undecided"
    """Nothing failed, but something is not verified."""


class WordedEnum(StrEnum):
    """Values that have `words` with them, for use in a sentence."""

    words: str

    def __new__(cls, value: str, words: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.words = words
        return member
