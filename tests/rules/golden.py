"""Golden cases: for every rule one cluster that makes it speak and one near miss that must not.

    @fires("NAM001", "NAM001 fail exe2.example.com")
    def a_letter_slipped() -> Draft:
        '''exe2 is dialled as exe2.example.com ── its certificate says exe2.exmaple.com'''
        draft = expressway_e()
        draft.reissue(2, sans=["expe.example.com", "exe2.exmaple.com", "example.com"])
        return draft

    @near_miss("NAM001")
    def another_letter_case() -> Draft:
        '''exe2.example.com ── EXE2.Example.COM: names are compared without regard to case'''
        ...

What is expected is everything said beyond what the perfect cluster of that kind says, `CODE outcome subject`, and it
is compared both ways. A near miss lists what else it may say, its own rule never.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from certplan.judgement import Judgement
from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import AT

__all__ = ["Golden", "fires", "goldens_of", "near_miss", "said"]

Build = Callable[[], Draft]


@dataclass(frozen=True)
class Golden:
    """One case: the rule it is for, whether that rule must speak, and all that is to be said."""

    code: str
    fires: bool
    expected: frozenset[str]
    build: Build
    at: datetime

    @property
    def id(self) -> str:
        return f"{self.code}-{'fires' if self.fires else 'near-miss'}-{self.build.__name__}"

    def assert_holds(self) -> None:
        """Judge the case and compare what is said with what is expected, both ways."""
        assert (self.build.__doc__ or "").strip(), f"{self.id} has no drawing"
        draft = self.build()
        heard = said(judged(draft, self.at)) - _perfect(draft.plan["cluster"]["type"], self.at)
        own = {line for line in heard if line.startswith(f"{self.code} ")}
        assert bool(own) is self.fires, f"{self.code} said {sorted(own)}"
        assert heard == self.expected, (
            f"extra: {sorted(heard - self.expected)} missing: {sorted(self.expected - heard)}"
        )


def fires(code: str, *expected: str, at: datetime = AT) -> Callable[[Build], Golden]:
    """Declare a case in which `code` must speak; `expected` is all that is said beyond the perfect cluster."""
    assert any(line.startswith(f"{code} ") for line in expected), f"{code} is not in what is expected"
    return lambda build: Golden(code, True, frozenset(expected), build, at)


def near_miss(code: str, *expected: str, at: datetime = AT) -> Callable[[Build], Golden]:
    """Declare a case that comes close and in which `code` must stay silent."""
    assert not any(line.startswith(f"{code} ") for line in expected), f"{code} must not be in what is expected"
    return lambda build: Golden(code, False, frozenset(expected), build, at)


def goldens_of(module: dict[str, object]) -> list[Golden]:
    """The golden cases of a test module, to parametrise its one test with: `goldens_of(globals())`."""
    return [value for value in module.values() if isinstance(value, Golden)]


def judged(draft: Draft, at: datetime) -> Judgement:
    with tempfile.TemporaryDirectory() as folder:
        return draft.judge(Path(folder), at)


def said(judgement: Judgement) -> frozenset[str]:
    """Every finding as `CODE outcome subject`."""
    return frozenset(f"{f.code} {f.outcome.value} {f.subject.name}" for f in judgement.findings)


@cache
def _perfect(kind: str, at: datetime) -> frozenset[str]:
    return said(judged(expressway_e() if kind == "expressway-e" else expressway_c(), at))
