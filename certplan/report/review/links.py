"""Where the parts of a review lead: to findings, to lines of the plan, to the documents it rests on."""

from collections.abc import Iterable
from itertools import chain

from certplan.judgement import Judgement
from certplan.outcomes import Outcome
from certplan.places import Place
from certplan.report.cards import finding_ident
from certplan.report.document import Tone, Words
from certplan.rules.model import Finding
from certplan.text.names import key

__all__ = [
    "PLAN",
    "finding_links",
    "links_to",
    "nearest_links",
    "plan_line",
    "plan_place",
    "with_links",
]

PLAN = "plan"
"""The ident of the plan's own words."""


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
    """Whether the review has a card for it: what is not verified is shown by its missing evidence instead."""
    return finding.outcome is Outcome.FAIL


def plan_line(judgement: Judgement, place: Place | None) -> Words | None:
    """The place, leading to its line where it is in the plan file itself."""
    if place is None:
        return None
    within = place.file == judgement.plan.file and place.line
    return Words(str(place), link=f"{PLAN}-{place.line}" if within else "", code=True)


def plan_place(judgement: Judgement, place: Place) -> Words:
    """A place in a narrow cell: the plan's own lines by their number, leading there, and others whole."""
    if place.file == judgement.plan.file and place.line:
        return Words(f"line {place.line} of the plan", Tone.QUIET, f"{PLAN}-{place.line}")
    return Words(str(place), Tone.QUIET, code=True)


def nearest_links(judgement: Judgement, codes: Iterable[str], *nearest: str) -> tuple[Words, ...]:
    """The rule codes, each leading to its finding on the first of `nearest` (peer addresses) that has one.

    Where none of them has, it leads to any finding of the rule, such as one on the cluster.
    """
    requested = tuple(codes)
    tries = [*(finding_links(judgement, requested, peer) for peer in nearest), finding_links(judgement, requested)]
    return tuple(next((link for link in links if link.link), links[-1]) for links in zip(*tries, strict=True))


def with_links(
    judgement: Judgement, text: str, tone: Tone, codes: Iterable[str] = (), *peers: str, name: str = ""
) -> tuple[Words, ...]:
    """A remark, and the findings that say the same.

    Of each rule in `codes` that is the finding about `name`, or else one about any of `peers` (addresses), or else one
    about the cluster as a whole.
    """
    return Words(text, tone), *links_to(judgement, codes, *peers, name=name)


def links_to(judgement: Judgement, codes: Iterable[str], *peers: str, name: str = "") -> tuple[Words, ...]:
    """The links of `with_links` alone."""
    return tuple(link for code in codes if (link := _link(judgement, code, peers, name)) is not None)


def _link(judgement: Judgement, code: str, peers: tuple[str, ...], name: str) -> Words | None:
    found = [
        (number, finding.subject)
        for number, finding in enumerate(judgement.findings)
        if finding.code == code and finding.outcome is Outcome.FAIL
    ]
    named = (number for number, about in found if name and key(about.name) == key(name))
    theirs = (number for number, about in found if set(peers) & set(about.peers))
    whole = (number for number, about in found if peers and not about.peers)
    return next((Words(code, link=finding_ident(number)) for number in chain(named, theirs, whole)), None)
