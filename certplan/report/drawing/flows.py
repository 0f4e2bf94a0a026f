"""What firewalls have to let pass, as a drawing: the systems from the outside in, a firewall between every two."""

from collections.abc import Iterator, Sequence
from enum import Enum

from certplan.plan.model import ClusterType, Plan
from certplan.ports import Firewall, FirewallRow, PortPlan, RowGroup
from certplan.report.drawing.measure import Style, broken
from certplan.report.drawing.mermaid import label, node
from certplan.report.drawing.picture import Area, Box, DrawnPicture, Mark, Path, Stroke, Styles, Text
from certplan.report.drawing.svg import picture_svg
from certplan.text.names import show
from certplan.text.words import clauses
from certplan.value import Value

__all__ = ["flows_mermaid", "flows_svg"]


class Site(Enum):
    """Where systems stand, from the outside in."""

    OUTSIDE = "Internet"
    EDGE = "Expressway-E"
    CORE = "Expressway-C"
    SERVERS = "Servers"


_ENDS = {
    RowGroup.MRA_OUTSIDE: (Site.OUTSIDE, Site.EDGE),
    RowGroup.MRA_INSIDE: (Site.CORE, Site.EDGE),
    RowGroup.MRA_SERVERS: (Site.CORE, Site.SERVERS),
    RowGroup.ACME: (Site.OUTSIDE, Site.EDGE),
    RowGroup.XMPP_FEDERATION: (Site.OUTSIDE, Site.EDGE),
}
_TITLES = {
    RowGroup.MRA_OUTSIDE: "Mobile and Remote Access, from outside",
    RowGroup.MRA_INSIDE: "Traversal zone, from Expressway-C",
    RowGroup.MRA_SERVERS: "To the servers",
    RowGroup.ACME: "ACME",
    RowGroup.XMPP_FEDERATION: "XMPP federation",
}


class _Crossing(Value):
    """What one group of rows lets through a firewall."""

    start: Site
    end: Site
    firewall: Firewall
    title: str
    lines: tuple[str, ...]


def _crossings(found: PortPlan) -> Iterator[_Crossing]:
    for group, (start, end) in _ENDS.items():
        rows = [row for row in found.rows if row.group is group]
        if rows:
            lines = tuple(dict.fromkeys(map(_line, rows)))
            yield _Crossing(start, end, rows[0].firewall, _TITLES[group], lines)


def _line(row: FirewallRow) -> str:
    out = " (outward)" if row.group is RowGroup.ACME and row.source is not None else ""
    return f"{row.transport} {row.destination_ports}: {row.purpose}{out}"


def _systems(plan: Plan, far_ends: Sequence[Plan], found: PortPlan) -> dict[Site, tuple[str, ...]]:
    """The names of what stands at each site, in the order of the sites."""
    used = {site for crossing in _crossings(found) for site in (crossing.start, crossing.end)}
    own = Site.EDGE if plan.cluster.type is ClusterType.EXPRESSWAY_E else Site.CORE
    names: dict[Site, list[str]] = {site: [] for site in Site if site in used | {own}}
    for each in (plan, *far_ends):
        site = Site.EDGE if each.cluster.type is ClusterType.EXPRESSWAY_E else Site.CORE
        if site in names:
            names[site] += [f"{show(peer.address)} {peer.lan1.ip}" for peer in each.peers]
    if Site.SERVERS in names:
        rows = (row for row in found.rows if row.group is RowGroup.MRA_SERVERS)
        names[Site.SERVERS] += dict.fromkeys(show(str(row.destination)) for row in rows)
    if Site.OUTSIDE in names:
        names[Site.OUTSIDE].append("clients, CAs, federated servers")
    return {site: tuple(listed) for site, listed in names.items()}


def flows_mermaid(plan: Plan, far_ends: Sequence[Plan], found: PortPlan) -> str:
    """The drawing as a Mermaid flowchart, without the fence that Markdown puts round it."""
    return "\n".join(_chart(plan, far_ends, found)) + "\n"


def _chart(plan: Plan, far_ends: Sequence[Plan], found: PortPlan) -> Iterator[str]:
    yield "flowchart LR"
    for site, names in _systems(plan, far_ends, found).items():
        yield f"  {node(site.name.lower(), [site.value, *(names or ('not in the plan',))])}"
    for number, crossing in enumerate(_crossings(found), 1):
        wall = f"firewall{number}"
        yield f"  {node(wall, [f'Firewall {crossing.firewall.value}', crossing.title, *crossing.lines])}"
        yield f"  {crossing.start.name.lower()} --> {wall} --> {crossing.end.name.lower()}"
    if any(row.group is RowGroup.PEERS for row in found.rows):
        lines = dict.fromkeys(_line(row) for row in found.rows if row.group is RowGroup.PEERS)
        own = Site.EDGE if plan.cluster.type is ClusterType.EXPRESSWAY_E else Site.CORE
        yield f'  {own.name.lower()} -->|"{label(["every peer to every other", *lines])}"| {own.name.lower()}'


_MARGIN, _TOP, _LANE, _GAP, _PAD = 16.0, 56.0, 210.0, 330.0, 10.0
_LANES = {Site.OUTSIDE: "lane-internet", Site.EDGE: "lane-dmz", Site.CORE: "lane-inside", Site.SERVERS: "lane-inside"}


def flows_svg(
    plan: Plan, far_ends: Sequence[Plan], found: PortPlan, *, ident: str = "ports", style: bool = True
) -> str:
    """The drawing as SVG that needs nothing else; `ident` and `style` are those of `scene_svg`."""
    title = f"Ports of {show(plan.cluster.name)} ({found.release})"
    crossings = tuple(_crossings(found))
    said = (f"{each.title}, {each.firewall.value}: {clauses(each.lines)}." for each in crossings)
    picture = _Layout(title, _systems(plan, far_ends, found), crossings).picture()
    return picture_svg(picture, title, " ".join(said), ident=ident, style=style)


class _Layout:
    """The coordinates: a lane for each site, the firewalls between them one below the other."""

    def __init__(self, title: str, systems: dict[Site, tuple[str, ...]], crossings: Sequence[_Crossing]) -> None:
        self._systems, self._crossings = systems, crossings
        self._cards: list[Box] = []
        self._paths: list[Path] = []
        self._left = {site: _MARGIN + place * (_LANE + _GAP) for place, site in enumerate(systems)}
        self._width = 2 * _MARGIN + len(systems) * _LANE + (len(systems) - 1) * _GAP
        head = Area(_MARGIN, 0, self._width - 2 * _MARGIN, _TOP)
        self._texts = [Text(_MARGIN, 34, ((broken(title, Styles.TITLE, head.width, 1)[0], Styles.TITLE),), head)]

    def picture(self) -> DrawnPicture:
        places = list(self._systems)
        bottoms: dict[int, float] = {}
        for crossing in self._crossings:
            gap = min(places.index(crossing.start), places.index(crossing.end))
            bottoms[gap] = self._crossing(crossing, self._left[places[gap]] + _LANE, bottoms.get(gap, _TOP + 40))
        sites = [self._site(site, names) for site, names in self._systems.items()]
        bottom = max([*bottoms.values(), *sites])
        lanes = tuple(
            Box(Area(self._left[site], _TOP, _LANE, bottom - _TOP), _LANES[site], radius=8) for site in self._systems
        )
        return DrawnPicture(
            self._width, bottom + _MARGIN, lanes, tuple(self._cards), tuple(self._paths), (), tuple(self._texts)
        )

    def _site(self, site: Site, names: Sequence[str]) -> float:
        """The name of a lane and the systems in it; the bottom of what was drawn."""
        area = Area(self._left[site] + _PAD, _TOP + _PAD, _LANE - 2 * _PAD, 20)
        self._texts.append(Text(area.x, area.y + 12, ((site.value, Styles.LANE),), area, Mark.MUTED))
        return self._lines(area.x, area.y + 20, area.width, names or ("not in the plan",), Styles.SMALL) + _PAD

    def _crossing(self, crossing: _Crossing, left: float, top: float) -> float:
        """A firewall between two lanes, with what it lets pass; the bottom of it and the space below."""
        x, wide = left + 34, _GAP - 68
        start = self._lines(x + _PAD, top + _PAD, wide - 2 * _PAD, (crossing.title,), Styles.LABEL)
        start = self._lines(x + _PAD, start, wide - 2 * _PAD, (f"Firewall {crossing.firewall.value}",), Styles.SMALL)
        bottom = self._lines(x + _PAD, start + 4, wide - 2 * _PAD, crossing.lines, Styles.SMALL) + _PAD
        area = Area(x, top, wide, bottom - top)
        self._cards.append(Box(area, "card"))
        west, east = (left, area.middle), (left + _GAP, area.middle)
        inward = list(Site).index(crossing.start) < list(Site).index(crossing.end)
        begin, end = (west, east) if inward else (east, west)
        edges = (area.x, area.right) if inward else (area.right, area.x)
        self._paths.append(Path((begin, (edges[0], area.middle)), Stroke.ACCEPTED))
        self._paths.append(Path(((edges[1], area.middle), end), Stroke.ACCEPTED))
        return bottom + 14

    def _lines(self, x: float, top: float, wide: float, lines: Sequence[str], style: Style) -> float:
        y = top
        for text in lines:
            for part in broken(text, style, wide, 3):
                y += style.leading
                area = Area(x, y - style.leading, wide, style.leading + 4)
                self._texts.append(Text(x, y, ((part, style),), area))
        return y
