"""The ways of the lines: out of a box, along a channel between two columns, and into a port or an address.

Lines of one kind to one place share their end and their track in the channel, so that they join like pipes. Tracks are
given out so that no two run on top of each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

from certplan.report.drawing.picture import Area, Path, Point, Stroke
from certplan.report.drawing.scene import Interface, InterfaceKind
from certplan.value import Struct, Value, field

__all__ = ["STEP", "Departure", "Grid", "Side", "route", "tracks_needed"]

STEP = 9
"""Pixels between two lines side by side."""
_EDGE = 8


class Side(Enum):
    """From which side of the peers' cards a line comes."""

    LEFT = -1
    RIGHT = 1


class Departure(Value):
    """A box that leads to a place."""

    source: Area
    side: Side
    interface: Interface
    stroke: Stroke
    bus: int = 0
    """Lines of one number other than 0 leave their box together, and share a track."""

    @property
    def group(self) -> tuple[Side, Interface, Stroke, int]:
        return self.side, self.interface, self.stroke, self.bus


class Grid(Value):
    """Where places and channels are."""

    interfaces: Mapping[Interface, Area]
    channels: Mapping[Side, float]
    """The x of the first track on each side, next to the boxes that lines come from."""
    gutters: Mapping[int, float]
    """The y of the free strip under each peer's row."""


class _Group(Struct):
    """Lines of one kind from one side to one place."""

    side: Side
    interface: Interface
    stroke: Stroke
    bus: int
    members: list[Departure]
    ends: tuple[Point, ...] = ()
    """From the track on: the last leg, first point at the height of the track's end."""
    exits: list[float] = field(default_factory=list)
    track: int = 0

    @property
    def entry(self) -> float:
        """The height at which it leaves its track."""
        return self.ends[0][1]

    @property
    def straight(self) -> bool:
        return not self.bus and all(y == self.entry for y in self.exits)

    @property
    def span(self) -> tuple[float, float]:
        return min(self.entry, *self.exits), max(self.entry, *self.exits)


def tracks_needed(departures: Sequence[Departure], grid: Grid) -> Mapping[Side, int]:
    """How many tracks each channel has to have."""
    groups = _laid(departures, grid)
    return {side: max((g.track + 1 for g in groups if g.side is side and not g.straight), default=0) for side in Side}


def route(departures: Sequence[Departure], grid: Grid) -> Iterator[Path]:
    """The lines; those that end in one place have one head."""
    for group in _laid(departures, grid):
        x = grid.channels[group.side] - group.side.value * STEP * group.track
        for place, (member, y) in enumerate(zip(group.members, group.exits, strict=True)):
            start = (member.source.x if group.side is Side.RIGHT else member.source.right, y)
            points = (start, (x, y), (x, group.entry), *group.ends[1:])
            yield Path(_simple(points), group.stroke, headed=place == 0)


def _laid(departures: Sequence[Departure], grid: Grid) -> list[_Group]:
    found: dict[tuple[Side, Interface, Stroke, int], _Group] = {}
    for departure in departures:
        group = found.setdefault(departure.group, _Group(*departure.group, members=[]))
        group.members.append(departure)
    groups = list(found.values())
    _end(groups, grid)
    _leave(groups)
    _assign(groups)
    return groups


def _end(groups: Sequence[_Group], grid: Grid) -> None:
    """Where each group enters its place: from the side; from below where something stands before it."""
    shared: dict[tuple[Side, Interface], list[_Group]] = {}
    for group in groups:
        shared.setdefault((group.side, group.interface), []).append(group)
    for (side, interface), entering in shared.items():
        area = grid.interfaces[interface]
        # In the order of the boxes they come from, so that they do not cross.
        entering.sort(
            key=lambda group: (sum(m.source.middle for m in group.members) / len(group.members), group.stroke)
        )
        step = min(STEP, (area.height - 8) / max(len(entering) - 1, 1))
        for place, group in enumerate(entering):
            offset = (place - (len(entering) - 1) / 2) * step
            group.ends = _last_leg(side, interface, area, offset, place, grid)


def _last_leg(side: Side, interface: Interface, area: Area, offset: float, place: int, grid: Grid) -> tuple[Point, ...]:
    edge = area.right if side is Side.RIGHT else area.x
    if side is Side.RIGHT and interface.kind is InterfaceKind.NAT:
        y = grid.gutters[interface.number] + place * STEP
        x = area.x + 10 + place * STEP
        return (edge, y), (x, y), (x, area.bottom)
    if side is Side.LEFT and Interface(interface.number, InterfaceKind.NAT, interface.kind) in grid.interfaces:
        y = area.bottom + 9 + place * 4
        x = area.x + 14 + place * STEP
        return (edge, y), (x, y), (x, area.bottom)
    y = area.middle + offset
    return (edge, y), (edge, y)


def _leave(groups: Sequence[_Group]) -> None:
    """At which height each line leaves its box: straight ahead if it can, and never on another's line."""
    taken: dict[Area, list[float]] = {}
    trunks: dict[int, float] = {}
    for group in groups:
        for member in group.members:
            low, high = member.source.y + _EDGE, member.source.bottom - _EDGE
            used = taken.setdefault(member.source, [])
            if group.bus and group.bus in trunks:
                group.exits.append(trunks[group.bus])
                continue
            foreign = [g.entry for g in groups if g.side is group.side and g is not group and not _share(g, group)]
            preferred = member.source.middle if group.bus else min(max(group.entry, low), high)
            y = _free(preferred, low, high, used, foreign)
            used.append(y)
            group.exits.append(y)
            trunks[group.bus] = y


def _free(preferred: float, low: float, high: float, used: Sequence[float], foreign: Sequence[float]) -> float:
    def clear(y: float) -> bool:
        return all(abs(y - other) >= STEP - 1 for other in used) and all(abs(y - other) >= 4 for other in foreign)

    tries = [preferred + sign * 2 * step for step in range(40) for sign in (-1, 1)]
    return next((y for y in tries if low <= y <= high and clear(y)), preferred)


def _assign(groups: Sequence[_Group]) -> None:
    """Give every group the first track on which nothing lies beside it."""
    for side in Side:
        busy: list[list[tuple[float, float]]] = []
        bent = [group for group in groups if group.side is side and not group.straight]
        for together in sorted(_together(bent), key=lambda each: (_span(each)[1] - _span(each)[0], _span(each))):
            low, high = _span(together)
            free = (
                place for place, spans in enumerate(busy) if all(high + STEP < a or low - STEP > b for a, b in spans)
            )
            track = next(free, len(busy))
            if track == len(busy):
                busy.append([])
            busy[track].append((low, high))
            for group in together:
                group.track = track


def _together(groups: Sequence[_Group]) -> list[list[_Group]]:
    """Groups that have a track together: those of one bus, and each other one by itself."""
    found: list[list[_Group]] = []
    for group in groups:
        home = next((each for each in found if _share(each[0], group)), None)
        if home is None:
            found.append([group])
        else:
            home.append(group)
    return found


def _share(one: _Group, other: _Group) -> bool:
    return bool(one.bus) and one.bus == other.bus and one.side is other.side


def _span(groups: Sequence[_Group]) -> tuple[float, float]:
    return min(group.span[0] for group in groups), max(group.span[1] for group in groups)


def _simple(points: Sequence[Point]) -> tuple[Point, ...]:
    """The points without those that lie on the way between their neighbors."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and (kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]):
            kept[-1] = point
        else:
            kept.append(point)
    return tuple(kept)
