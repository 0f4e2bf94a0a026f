"""The box at the top of a review: today and the target, until when, how much was found, and what makes it ready."""

from collections import Counter
from collections.abc import Iterator

from certplan.judgement import Judgement
from certplan.outcomes import Severity, Verdict
from certplan.proposal.model import Change, Proposal
from certplan.proposal.propose import propose
from certplan.report.document import Banner, Tone, Words
from certplan.report.pages.zones import zone_lines
from certplan.report.wording import VERDICT_WORDS, verdict, verdict_details
from certplan.text.words import counted, listed, plural
from certplan.value import Value, replace

__all__ = ["Proposals", "change_words", "verdict_box"]

MOST_CHANGES = 12
"""Changes that the box lists; the section on changes has all of them."""


class Proposals(Value):
    """What `propose` finds for a state, asked once for the whole review."""

    least: Proposal
    """What makes the cluster ready."""
    wider: Proposal
    """The same with what clears the other errors and warnings."""

    @classmethod
    def of(cls, judgement: Judgement) -> "Proposals":
        """Ask for the changes of the state judged; what no change is needed for is not asked a second time."""
        wider = propose(judgement.plan, judgement.evidence, judgement.at, severity=Severity.WARNING)
        if wider.before is Verdict.READY:
            least = replace(wider, changes=(), after=wider.before, plan=judgement.plan, cluster_blockers=(), advice=())
        else:
            least = propose(judgement.plan, judgement.evidence, judgement.at)
        return cls(least, wider)


def verdict_box(judgement: Judgement, proposal: Proposal) -> Banner:
    """The verdict of today with what follows from it, that of the target, and the changes that make it ready."""
    banner = verdict(judgement)
    details = (*banner.details, *_target(judgement), *zone_lines(judgement), *_counts(judgement))
    changes = tuple(change_words(change) for change in proposal.changes[:MOST_CHANGES])
    more = len(proposal.changes) - MOST_CHANGES
    if more > 0:
        changes = (*changes, Words(f"and {counted(more, 'more change')}, listed under Changes", link="changes"))
    if changes:
        after = VERDICT_WORDS[proposal.after]
        count = len(proposal.changes)
        details = (*details, Words(f"With {plural(count, 'this change', 'these changes')}: {after}.", Tone.STRONG))
    return replace(banner, details=details, changes=changes)


def change_words(change: Change) -> Words:
    """What to do and where, in a line."""
    where = f": {change.peer}" if change.peer is not None else ""
    return Words(f"{change.action}{where}", link="changes")


def _target(judgement: Judgement) -> Iterator[Words]:
    goal = judgement.target
    if goal is None:
        return
    said = f"With the target: {VERDICT_WORDS[goal.verdict]}."
    yield Words(" ".join(filter(None, (said, verdict_details(goal)))), Tone.of_verdict(goal.verdict))


def _counts(judgement: Judgement) -> Iterator[Words]:
    found = Counter(finding.severity for finding in judgement.findings if finding.counts)
    parts = [counted(found[each], each.value) for each in Severity if found[each]]
    if missing := sum(not unknown.waived for unknown in judgement.unknowns):
        parts.append(f"{missing} not verified")
    yield Words(f"Findings: {listed(parts) or 'none'}.")
