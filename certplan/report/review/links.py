"""Where the parts of a review lead: to findings, and to lines of the plan."""

from collections.abc import Iterable

from certplan.judgement import Judgement
from certplan.outcomes import Outcome
from certplan.places import Place
from certplan.report.review.model import Words
from certplan.rules.model import Finding

__all__ = ["PLAN", "finding_ident", "finding_links", "plan_line"]

PLAN = "plan"
"""The ident of the plan's own words."""


def finding_ident(number: int) -> str:
    """The ident of the finding at this place (from 0) in `judgement.findings`."""
    return f"finding-{number + 1}"


def finding_links(judgement: Judgement, codes: Iterable[str], *peers: str) -> tuple[Words, ...]:
    """The rule codes, each leading to its finding where there is one that concerns any of `peers` (addresses).

    Without `peers` the first finding of the rule will do. A code without a finding is a text that leads nowhere.
    """
    return tuple(Words(code, link=_ident(judgement, code, frozenset(peers))) for code in codes)


def _ident(judgement: Judgement, code: str, peers: frozenset[str]) -> str:
    for number, finding in enumerate(judgement.findings):
        if finding.code == code and _listed(finding) and (not peers or peers & set(finding.subject.peers)):
            return finding_ident(number)
    return ""


def _listed(finding: Finding) -> bool:
    """Whether the review has a card for it: what could not be checked is told by its missing evidence instead."""
    return finding.outcome is Outcome.FAIL


def plan_line(judgement: Judgement, place: Place | None) -> Words | None:
    """The place, leading to its line where it is in the plan file itself."""
    if place is None:
        return None
    within = place.file == judgement.plan.file and place.line
    return Words(str(place), link=f"{PLAN}-{place.line}" if within else "", code=True)
