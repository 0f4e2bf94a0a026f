"""From left to right: the lanes with the firewalls between them, and the columns within."""

from collections.abc import Mapping, Sequence

from certplan.report.drawing.blocks import TextBox, stub_block
from certplan.report.drawing.margins import MARGIN
from certplan.report.drawing.picture import Area
from certplan.report.drawing.routes import STEP, Side
from certplan.report.drawing.rows import PeerRow
from certplan.report.drawing.scene import Lane, Scene
from certplan.value import Value

__all__ = ["FRAME", "INDENT", "Columns", "columns_of", "wide"]

INDENT = 18
"""From the edge of a lane to what stands in it."""
FRAME = 13
"""From the frame of the cluster to its cards."""
_CHANNEL = 24
"""From a column to the first track beside it."""
_FIREWALL = 26
"""Between two lanes, where a firewall stands."""


class Columns(Value):
    """The left edges and widths of all columns, and the borders of the lanes."""

    left: Area
    chips: Area
    cards: Area
    right: Area
    beside: Mapping[Lane, float]
    """Where what stands beside the cluster begins, in each lane that has any."""
    channels: Mapping[Side, float]
    stub_right: float
    lanes: Mapping[Lane, tuple[float, float]]
    """From where to where each lane reaches."""

    @property
    def end(self) -> float:
        return max(end for _, end in self.lanes.values())


def columns_of(
    scene: Scene,
    rows: Sequence[PeerRow],
    beside: Mapping[Lane, Sequence[TextBox]],
    sizes: tuple[float, float],
    tracks: Mapping[Side, int],
) -> Columns:
    """The columns of a drawing.

    Args:
        scene: what is drawn.
        rows: the peers' rows.
        beside: what stands beside the cluster, by lane.
        sizes: the widths of a card and of a static NAT address.
        tracks: how many lines run side by side on either side of the cards.
    """
    lefts = [block for row in rows for block in row.left]
    inside = [block for row in rows for block in row.right]
    card, chip = sizes
    lanes: dict[Lane, tuple[float, float]] = {}
    places: dict[Lane, float] = {}
    x = start = float(MARGIN)
    left = chips = Area(x, 0, 0, 0)
    channel = x
    if lefts or chip:
        stub = _stub_width(lefts)
        x += INDENT + (stub + 28 if stub else 0)
        left = Area(x, 0, wide(lefts), 0)
        x += left.width + _CHANNEL
        channel = x
        x += STEP * max(tracks[Side.LEFT] - 1, 0) + (_CHANNEL if chip else 0)
        both = any(len([port for port in each.ports if port.nat]) > 1 for each in scene.cards)
        chips = Area(x, 0, chip, 0)
        x += chip + (20 if both else 0) + INDENT
        lanes[Lane.INTERNET] = (start, x)
        x = start = x + _FIREWALL
    for lane in Lane:
        if lane is scene.stand:
            x += INDENT + 6
            cards = Area(x, 0, card, 0)
            x += card + 6 + _CHANNEL + STEP * max(tracks[Side.RIGHT] - 1, 0)
            channels = {Side.LEFT: channel, Side.RIGHT: x}
            x += _CHANNEL - 8
            right = Area(x, 0, wide(inside), 0)
            stub_right = x + right.width + 28
            stub = _stub_width(inside)
            x = stub_right + stub if stub else x + right.width
            if beside[lane]:
                x += 2 * INDENT
                places[lane] = x
                x += wide(beside[lane])
        elif beside[lane]:
            x += INDENT
            places[lane] = x
            x += wide(beside[lane])
        else:
            continue
        lanes[lane] = (start, x + INDENT)
        x = start = x + INDENT + _FIREWALL
    return Columns(left, chips, cards, right, places, channels, stub_right, lanes)


def wide(blocks: Sequence[TextBox]) -> float:
    """The width of a column of blocks."""
    return max((block.width for block in blocks), default=0.0)


def _stub_width(blocks: Sequence[TextBox]) -> float:
    return wide([stub for block in blocks if (stub := stub_block(block)) is not None])
