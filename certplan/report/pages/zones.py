"""What a page says of zones: both ends, who accepts whom, the findings, the verdict."""

from collections.abc import Iterator, Sequence

from certplan.handshake.model import Handshake
from certplan.judgement import Judgement, ZoneJudgement
from certplan.outcomes import Outcome
from certplan.report.cards import finding_card
from certplan.report.document import Block, Cell, Findings, Prose, Section, Table, Tone, Words, cell
from certplan.report.wording import VERDICT_WORDS

__all__ = ["zone_blocks", "zone_lines", "zone_sections"]


def zone_sections(judgement: Judgement) -> Iterator[Section]:
    """A section for each zone of the plan; findings are numbered after those of the cluster."""
    for position, (zone, blocks) in enumerate(zone_blocks(judgement), 1):
        yield Section(f"zone-{position}", f"Zone {zone.zone.name}", blocks, VERDICT_WORDS[zone.verdict])


def zone_blocks(judgement: Judgement) -> Iterator[tuple[ZoneJudgement, tuple[Block, ...]]]:
    """What is to be said of each zone: its verdict, who verifies whom, its findings."""
    number = len(judgement.findings)
    for zone in judgement.zones:
        blocks: list[Block] = [Prose(_summary(zone), Tone.of_verdict(zone.verdict)), *_matrix(zone)]
        shown = [(number + at, finding) for at, finding in enumerate(zone.findings) if finding.waived is None]
        cards = tuple(
            finding_card(finding, at, None if finding.where is None else Words(str(finding.where), code=True))
            for at, finding in shown
        )
        if cards:
            blocks.append(Findings(cards))
        number += len(zone.findings)
        yield zone, tuple(blocks)


def zone_lines(judgement: Judgement) -> tuple[Words, ...]:
    """The verdict of each zone in a line, to stand beside the cluster's."""
    return tuple(Words(_summary(zone), Tone.of_verdict(zone.verdict)) for zone in judgement.zones)


def _summary(zone: ZoneJudgement) -> str:
    until = "" if zone.ready_until is None else f" until {zone.ready_until.date().isoformat()}"
    return f"Zone {zone.zone.name}: {VERDICT_WORDS[zone.verdict]}{until}."


def _matrix(zone: ZoneJudgement) -> Iterator[Table]:
    """A table for each direction of verification: rows verify, columns present."""
    direction = zone.view.link.direction
    if direction is None:
        return
    half = len(zone.view.matrix.handshakes) // 2
    for title, handshakes in (
        (f"What {direction.connecting.plan.cluster.name} verifies", zone.view.matrix.handshakes[:half]),
        (f"What {direction.answering.plan.cluster.name} verifies", zone.view.matrix.handshakes[half:]),
    ):
        yield _table(title, handshakes)


def _table(title: str, handshakes: Sequence[Handshake]) -> Table:
    presenters = tuple(dict.fromkeys(each.presenter.address for each in handshakes))
    verifiers = tuple(dict.fromkeys(each.verifier.address for each in handshakes))
    outcomes = {(each.verifier.address, each.presenter.address): each.outcome for each in handshakes}
    rows: list[list[str | Cell]] = [
        [name, *(_outcome(outcomes[name, other]) for other in presenters)] for name in verifiers
    ]
    return Table.of(title, ("verifier \\ presented by", *presenters), rows)


_MARKS = {Outcome.PASS: "ok", Outcome.FAIL: "FAIL", Outcome.UNKNOWN: "not verified"}


def _outcome(outcome: Outcome) -> Cell:
    return cell(Words(_MARKS[outcome], Tone.of(outcome)))
