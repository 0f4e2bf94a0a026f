"""What stands around the cluster in a drawing: the heading, what its plan says of other things, and the legend."""

from collections.abc import Iterator, Sequence

from certplan.outcomes import Verdict
from certplan.report.drawing.blocks import TextBox, context_block, note_block, record_block, records_block
from certplan.report.drawing.measure import broken, width
from certplan.report.drawing.picture import Area, Mark, Path, Stroke, Styles, Text
from certplan.report.drawing.scene import DnsRecord, Lane, Scene
from certplan.value import replace

__all__ = ["MARGIN", "beside_blocks", "heading_texts", "legend_of"]

MARGIN = 16
_LEGEND = 30
_OF_VERDICT = {Verdict.READY: Mark.GOOD, Verdict.NOT_READY: Mark.BAD, Verdict.UNDECIDED: Mark.OPEN}


def heading_texts(scene: Scene, total: float) -> Iterator[Text]:
    """The title, the facts and the verdict, above the lanes of a drawing so wide."""
    y = float(MARGIN)
    area = Area(MARGIN, 0, total - 2 * MARGIN, 400)
    said = (
        (scene.title, Styles.TITLE, Mark.PLAIN),
        (f"{scene.facts}. {scene.mapping}.", Styles.FACTS, Mark.MUTED),
        (scene.headline, Styles.HEADLINE, _OF_VERDICT[scene.verdict]),
    )
    for text, style, mark in said:
        lines = broken(text, style, area.width, 2)
        for line in lines:
            y += style.leading + 2
            yield Text(area.x, y - 6, ((line, style),), area, mark, full=text if len(lines) > 1 else "")


def beside_blocks(scene: Scene, lane: Lane) -> Iterator[TextBox]:
    """What stands in a lane beside the cluster: what DNS says there, said once where it is alike, and other systems."""
    if lane is not Lane.INTERNET:
        yield from (note_block(note) for place, note in scene.notes if place is lane)
        yield from (record_block(record) for record in scene.cluster_records if record.lane is lane)
        yield from _peer_records(scene, lane)
    yield from (context_block(each) for each in scene.context if each.lane is lane)


def _peer_records(scene: Scene, lane: Lane) -> Iterator[TextBox]:
    """What DNS says of the peers' names in a lane where nothing leads on from it."""
    groups: dict[tuple[object, ...], list[DnsRecord]] = {}
    for card in scene.cards:
        for record in card.records:
            if record.lane is lane:
                ends = tuple(target.owner(card.number) for target in record.targets if target.interface is not None)
                alike = (
                    (record.views, record.state, record.remark, ends) if len(ends) == len(record.targets) else (card,)
                )
                groups.setdefault(alike, []).append(record)
    for records in groups.values():
        if len(records) == len(scene.cards) > 1:
            yield replace(records_block(records), bus=0, targets=())
        else:
            yield from map(record_block, records)


def legend_of(strokes: Sequence[Stroke], total: float, top: float) -> tuple[list[Text], list[Path], float]:
    """What the kinds of line mean, of those that are there; and the height of the whole."""
    texts, paths = [], []
    x, y = float(MARGIN), top + _LEGEND / 2 + 6
    for stroke in Stroke:
        if stroke not in strokes:
            continue
        wide = 44 + width(stroke.value, Styles.SMALL)
        if x + wide > total - MARGIN and x > MARGIN:
            x, y = float(MARGIN), y + 22
        paths.append(Path(((x, y), (x + 36, y)), stroke, headed=stroke is not Stroke.NAT))
        area = Area(x + 42, y - 10, wide - 42, 20)
        texts.append(Text(x + 42, y + 4, ((stroke.value, Styles.SMALL),), area, Mark.MUTED))
        x += wide + 24
    return texts, paths, y + MARGIN
