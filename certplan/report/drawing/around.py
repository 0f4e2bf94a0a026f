"""The frame of the cluster, and what stands beside it: what DNS says, and other systems with their lines to it."""

from collections.abc import Iterator, Mapping, Sequence

from certplan.report.drawing.blocks import GAP, TextBox
from certplan.report.drawing.columns import FRAME, INDENT, Columns, wide
from certplan.report.drawing.picture import Area, Path, Stroke
from certplan.report.drawing.scene import Lane

__all__ = ["beside_areas", "frame_of"]

_ABOVE = 8


def frame_of(columns: Columns, stand: Lane, top: float, bottom: float) -> Area:
    """Round the peers and the links between them, from under the head of their lane down to its end."""
    x = columns.cards.x - FRAME
    lane_end = columns.lanes[stand][1] - INDENT
    right = min(columns.beside.get(stand, lane_end + 3 * INDENT) - 2 * INDENT, lane_end) + 8
    return Area(x, top - _ABOVE, right - x, bottom - _ABOVE - top + _ABOVE)


def beside_areas(
    beside: Mapping[Lane, Sequence[TextBox]], columns: Columns, frame: Area, top: float
) -> Iterator[tuple[TextBox, Area, tuple[Path, ...]]]:
    """What stands beside the cluster, from the top of its lane, with the lines between it and the cluster."""
    for lane, blocks in beside.items():
        y = top
        for block in blocks:
            area = Area(columns.beside[lane], y, wide(blocks), block.height)
            yield block, area, _line(block, area, frame)
            y += block.height + GAP


def _line(block: TextBox, area: Area, frame: Area) -> tuple[Path, ...]:
    """Over either firewall it is the inner side that connects; and the cluster to its servers."""
    if block.kind != "context":
        return ()
    inner, outer = (area.x, area.middle), (frame.right, area.middle)
    if area.x < frame.x:
        return (Path(((frame.x, area.middle), (area.right, area.middle)), block.stroke),)
    points = (outer, inner) if block.stroke is Stroke.SERVICE else (inner, outer)
    return (Path(points, block.stroke),)
