"""CPL: what certplan has to say of its own working."""

from collections.abc import Iterable

from certplan.outcomes import Severity
from certplan.places import Place
from certplan.plan.model import Waiver
from certplan.rules.model import Case, Found, Subject, SubjectKind, Unchecked, rule
from certplan.text.names import show

__all__ = ["expired", "rule_failed", "unused", "waiver_expired", "waiver_unused"]


@rule(
    "CPL001",
    "rule-failed",
    "A rule could not be run",
    Severity.ERROR,
    sources=(),
    symptoms=("internal error in a rule",),
)
def rule_failed(case: Case) -> Iterable[Found | Unchecked]:
    """What it checks:
    Whether every rule ran to its end.

    Why it matters:
    A rule that broke off has judged nothing, and its silence must not be read as a pass.

    How to fix:
    Report it with the plan that shows it. Nothing else in the report is affected.

    Example:
    Not verified: the answer of rule NAM001 is missing, because the rule itself failed (ValueError: ...).
    """
    return ()


@rule(
    "CPL002", "waiver-expired", "A waiver has expired", Severity.WARNING, sources=(), symptoms=("waiver out of date",)
)
def waiver_expired(case: Case) -> Iterable[Found | Unchecked]:
    """What it checks:
    Whether the day named by `until` of each waiver is still to come.

    Why it matters:
    An expired waiver no longer holds: what it covered counts again.

    How to fix:
    Fix what was waived and remove the waiver, or give it a new end date.

    Example:
    A waiver of DNS006 until 2026-01-31, judged on 2026-02-01.
    """
    return ()


@rule(
    "CPL003",
    "waiver-unused",
    "A waiver matches no finding",
    Severity.NOTICE,
    sources=(),
    symptoms=("waiver without effect",),
)
def waiver_unused(case: Case) -> Iterable[Found | Unchecked]:
    """What it checks:
    Whether each waiver that has not expired matches at least one finding.

    Why it matters:
    A waiver that is no longer needed would hide the same problem if it came back, and a misspelled one hides nothing.

    How to fix:
    Remove the waiver, or correct its rule, peer or name.

    Example:
    A waiver of DNS006 for exe2.example.com, whose PTR record has since been made.
    """
    return ()


def expired(waiver: Waiver, where: Place) -> Found:
    subject = Subject(SubjectKind.WAIVER, waiver.rule)
    message = f"The waiver of {show(waiver.rule)} ({show(waiver.reason)}) ended on {waiver.until.isoformat()}."
    return Found(subject, message, "Fix what it covered and remove the waiver, or give it a new end date.", where)


def unused(waiver: Waiver, where: Place) -> Found:
    subject = Subject(SubjectKind.WAIVER, waiver.rule)
    message = f"The waiver of {show(waiver.rule)} ({show(waiver.reason)}) matches no finding."
    return Found(subject, message, "Remove the waiver, or correct its rule, peer or name.", where)
