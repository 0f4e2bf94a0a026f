"""Which parts a review has, and in which order: what decides first, what it rests on last."""

from collections.abc import Iterator

from certplan.judgement import Judgement
from certplan.outcomes import Verdict
from certplan.proposal.effect import Who
from certplan.proposal.model import Change
from certplan.report.document import Banner, Block, Document, Fold, Picture, Prose, Section, Table, Tone, Words, cell
from certplan.report.drawing import draw_scene, scene_mermaid, scene_svg
from certplan.report.pages.changes import WHO, nothing_to_change
from certplan.report.review.compare import differences
from certplan.report.review.parts.addressing import address_mapping
from certplan.report.review.parts.certificates import certificates
from certplan.report.review.parts.clustering import clustering, matrix
from certplan.report.review.parts.dns import dns
from certplan.report.review.parts.findings import alarms, blockers, findings, unchecked
from certplan.report.review.parts.interfaces import interfaces
from certplan.report.review.parts.network import capacity, ports
from certplan.report.review.parts.procedure import changes, runbook
from certplan.report.review.parts.record import plan_text, record
from certplan.report.review.parts.timeline import timeline
from certplan.report.review.parts.trust import trust
from certplan.report.review.parts.zones import zones
from certplan.report.review.verdict import Proposals, verdict_box
from certplan.report.wording import cluster_facts, judged_at
from certplan.text.words import counted

__all__ = ["drawing_section", "write_review", "write_summary"]

_EVIDENCE = (
    clustering,
    matrix,
    certificates,
    timeline,
    trust,
    address_mapping,
    dns,
    interfaces,
    zones,
    ports,
    capacity,
    alarms,
    record,
    plan_text,
)
_MOST_ON_A_SHEET = 10
_WHEN = {
    Who.CERTIFICATES: "before the change window: the CA has to issue it",
    Who.NETWORK: "before the change window",
    Who.DNS: "before the change window: caches keep the old record for its TTL",
    Who.EXPRESSWAY: "in the change window",
}


def write_review(
    judgement: Judgement, title: str | None = None, *, full: bool = False, against: Judgement | None = None
) -> Document:
    """Everything known of the cluster, as a document.

    Args:
        judgement: what `certplan.judge` or `certplan.assessment.assess` returned; with the target's beside it, both
            states are shown, and what changes between them.
        title: the heading; without it the cluster's name.
        full: whether paper shows the evidence, too, where it is folded away.
        against: an older judgement; what changed since is shown.
    """
    proposals = Proposals.of(judgement)
    missing = unchecked(judgement)
    undecided = judgement.verdict is Verdict.UNDECIDED
    later = () if undecided else (missing,)
    evidence = (*later, *(part(judgement) for part in _EVIDENCE))
    sections = (
        drawing_section(judgement),
        *_compared(judgement, against),
        *((missing,) if undecided else ()),
        blockers(judgement),
        changes(judgement, proposals),
        runbook(judgement, proposals),
        findings(judgement),
        Section("evidence", "Evidence", tuple(_folded(each, full=full) for each in evidence if each.blocks)),
    )
    return Document(
        title=title or judgement.plan.cluster.name,
        intro=(Words(cluster_facts(judgement)), Words(judged_at(judgement), Tone.QUIET)),
        sections=sections,
        verdict=verdict_box(judgement, proposals.least),
        at=judgement.at,
        kind="Cluster design review",
    )


def write_summary(judgement: Judgement, title: str | None = None) -> Document:
    """The review on one sheet of A4 in landscape: the verdict, the drawing, the changes, who makes them and when.

    Args:
        judgement: as for `write_review`; the drawing is that of the target, where there is one.
        title: the heading; without it the cluster's name.
    """
    least = Proposals.of(judgement).least
    box = verdict_box(judgement, least)
    return Document(
        title=title or judgement.plan.cluster.name,
        intro=(Words(cluster_facts(judgement)), Words(judged_at(judgement), Tone.QUIET)),
        sections=(
            Section("drawing", "Network diagram", (_picture(judgement, "drawing"),)),
            Section("changes", "Changes", tuple(_who_and_when(least.changes, nothing_to_change(least)))),
        ),
        verdict=Banner(box.headline, box.tone, box.details),
        at=judgement.at,
        kind="Cluster design review: summary",
        sheet=True,
    )


def _who_and_when(listed: tuple[Change, ...], nothing: str) -> Iterator[Block]:
    if not listed:
        yield Prose(nothing)
        return
    rows = (
        (
            str(number),
            cell(change.action, Words(change.peer or "", code=True)),
            cell(WHO[change.who], _WHEN[change.who]),
        )
        for number, change in enumerate(listed[:_MOST_ON_A_SHEET], 1)
    )
    yield Table.of("", ("No.", "What", "Who and when"), rows)
    if (more := len(listed) - _MOST_ON_A_SHEET) > 0:
        yield Prose(f"And {counted(more, 'more change')}: see the whole review.")


def _compared(judgement: Judgement, against: Judgement | None) -> Iterator[Section]:
    if judgement.target is not None:
        title = "From today to the target"
        yield differences(judgement, judgement.target, "target", title, ("Today", "Target"))
    if against is not None:
        title = f"Changed since {against.plan.file}"
        yield differences(against, judgement, "against", title, ("Before", "Now"))


def _folded(section: Section, *, full: bool) -> Block:
    """A part of the evidence, folded away; what has but a sentence to say is that sentence, in one line."""
    if len(section.blocks) == 1 and isinstance(section.blocks[0], Prose):
        said = section.blocks[0]
        return Prose(f"{section.title}: {said.text}", said.tone)
    note = f" ({section.note})" if section.note else ""
    return Fold(section.ident, Words(f"{section.title}{note}"), section.blocks, open=False, printed=full)


def drawing_section(judgement: Judgement) -> Section:
    """The cluster in its networks, today and with the target."""
    if judgement.target is None:
        return Section("drawing", "Network diagram", (_picture(judgement, "drawing"),))
    today, goal = _picture(judgement, "drawing"), _picture(judgement.target, "drawing-target")
    blocks = (Prose("Today:", Tone.STRONG), today, Prose("With the target:", Tone.STRONG), goal)
    return Section("drawing", "Network diagram", blocks)


def _picture(judgement: Judgement, ident: str) -> Picture:
    scene = draw_scene(judgement)
    return Picture(scene_svg(scene, ident=ident, style=False, heading=False), scene_mermaid(scene))
