"""From a scene to coordinates: lanes from left to right, a row for each peer, boxes, and the lines between them."""

from collections.abc import Iterator, Mapping, Sequence

from certplan.report.drawing.around import beside_areas, frame_of
from certplan.report.drawing.blocks import GAP, TextBox, card_name_width, slot, stacked, stub_block
from certplan.report.drawing.columns import INDENT, Columns, columns_of
from certplan.report.drawing.margins import MARGIN, beside_blocks, heading_texts, legend_of
from certplan.report.drawing.measure import Style, broken, width
from certplan.report.drawing.picture import Area, Box, DrawnPicture, Mark, Path, Stroke, Styles, Text
from certplan.report.drawing.ports import chip_said, height_of, port_said, said_texts, said_width
from certplan.report.drawing.routes import Departure, Grid, Side, route, tracks_needed
from certplan.report.drawing.rows import BETWEEN_PORTS, PeerRow, rows_of
from certplan.report.drawing.scene import Card, Interface, Lane, LanPort, Scene
from certplan.text.words import listed

__all__ = ["lay_out"]

JUT = 7
"""How far a port stands out of its card."""
STAGGER = 24
"""How much narrower than the card a port is where there are two."""
ROW_GAP = 8
LANE_HEAD = 38
_WALL = 8
_LANE_NAMES = {Lane.INTERNET: "INTERNET", Lane.DMZ: "DMZ", Lane.INSIDE: "INSIDE"}


def lay_out(scene: Scene, *, heading: bool = True) -> DrawnPicture:
    """Give everything in the scene its place.

    Args:
        scene: what is to be drawn.
        heading: whether the title, the facts and the verdict stand above the lanes.
    """
    return _Layout(scene).picture(heading=heading)


class _Layout:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        ports = [port for card in scene.cards for port in card.ports]
        dual = any(card.lan2 is not None for card in scene.cards)
        said = [port_said(port) for port in ports]
        chips = [chip_said(port) for port in ports if port.nat]
        port = max(map(said_width, said))
        self.port = height_of([*said, *chips])
        name = max(card_name_width(card) for card in scene.cards)
        self.card_width = max(250.0, port + (STAGGER if dual else 0) - JUT, min(name + 64, 380.0))
        self.beside = {lane: tuple(beside_blocks(scene, lane)) for lane in Lane}
        self.rows = list(rows_of(scene, self.card_width, self.port))
        self.chip_width = max(map(said_width, chips), default=0.0)

    def picture(self, *, heading: bool) -> DrawnPicture:
        top = MARGIN
        rows_top = top + LANE_HEAD
        places = self._vertical(rows_top)
        # Tracks depend on heights alone, and columns on how many tracks there are.
        draft = self._columns(dict.fromkeys(Side, 0))
        tracks = tracks_needed(self._departures(places, draft), self._grid(places, draft))
        columns = self._columns(tracks)
        total = max(columns.end + MARGIN, 760.0)
        head = list(heading_texts(self.scene, total)) if heading else []
        shift = max((text.area.bottom for text in head), default=MARGIN - 6) + 6 - top + 8 + 14
        places = self._vertical(rows_top + shift)
        low = places[-1][1] + places[-1][0].height + places[-1][0].gutter
        stacks = (rows_top + shift + stacked(blocks) for blocks in self.beside.values() if blocks)
        bottom = max(low, *stacks, 0) + INDENT
        return self._assembled(columns, places, total, top + shift, bottom, head)

    def _assembled(
        self,
        columns: Columns,
        places: Sequence[tuple[PeerRow, float]],
        total: float,
        top: float,
        bottom: float,
        head: Sequence[Text],
    ) -> DrawnPicture:
        lanes, texts = self._lanes(columns, top, bottom)
        cards, boxes, paths = [], [], []
        texts += head
        grid, departures = self._grid(places, columns), self._departures(places, columns)
        paths += [*self._nat_links(grid), *route(departures, grid)]
        for row, y in places:
            card, words = self._card(row, y, columns)
            cards += card
            texts += words
            for port in row.card.ports:
                port_boxes, port_texts = self._port(port, grid)
                boxes += port_boxes
                texts += port_texts
            for side, block, area in self._blocks(row, y, columns):
                boxes.append(Box(area, block.kind, block.mark))
                texts += block.texts(area)
                stub = stub_block(block)
                if stub is not None:
                    place = self._stub_area(side, stub, area, columns)
                    boxes.append(Box(place, "stub", stub.mark, 12))
                    texts += stub.texts(place)
                    start, end = (area.x, place.right) if side is Side.LEFT else (area.right, place.x)
                    paths.append(Path(((start, area.middle), (end, area.middle)), block.stroke))
        frame = frame_of(columns, self.scene.stand, top + LANE_HEAD, bottom)
        cards.insert(0, Box(frame, "frame", radius=12))
        for block, area, path in beside_areas(self.beside, columns, frame, top + LANE_HEAD):
            boxes.append(Box(area, block.kind, block.mark))
            texts += block.texts(area)
            paths += path
        legend, legend_paths, height = legend_of([path.stroke for path in paths], total, bottom)
        return DrawnPicture(
            total, height, tuple(lanes), tuple(cards), (*paths, *legend_paths), tuple(boxes), (*texts, *legend)
        )

    def _lanes(self, columns: Columns, top: float, bottom: float) -> tuple[list[Box], list[Text]]:
        """The lanes with their names and networks, and the firewalls between them."""
        boxes: list[Box] = []
        texts: list[Text] = []
        before: Area | None = None
        for lane, (start, end) in columns.lanes.items():
            area = Area(start, top, end - start, bottom - top)
            boxes.append(Box(area, f"lane-{lane.value}", radius=10))
            parts: tuple[tuple[str, Style], ...] = ((_LANE_NAMES[lane], Styles.LANE),)
            if lane is self.scene.stand and self.scene.networks:
                room = area.width - 2 * INDENT - width(f"{_LANE_NAMES[lane]}  ", Styles.LANE)
                said = broken(listed(self.scene.networks), Styles.SMALL, room, 1)[0]
                parts = ((f"{_LANE_NAMES[lane]}  ", Styles.LANE), (said, Styles.SMALL))
            texts.append(Text(area.x + INDENT, top + 21, parts, area, Mark.MUTED))
            if before is not None:
                wall = Area((before.right + area.x - _WALL) / 2, top, _WALL, bottom - top)
                boxes.append(Box(wall, "firewall", radius=2))
                around = Area(wall.x - 40, top - 18, wall.width + 80, 16)
                name = (("firewall", Styles.SMALL),)
                texts.append(Text(wall.x + _WALL / 2, top - 5, name, around, Mark.MUTED, "middle"))
            before = area
        return boxes, texts

    def _vertical(self, top: float) -> list[tuple[PeerRow, float]]:
        places = []
        for row in self.rows:
            places.append((row, top))
            top += row.height + row.gutter + ROW_GAP
        return places

    def _columns(self, tracks: Mapping[Side, int]) -> Columns:
        return columns_of(self.scene, self.rows, self.beside, (self.card_width, self.chip_width), tracks)

    def _blocks(self, row: PeerRow, y: float, columns: Columns) -> Iterator[tuple[Side, TextBox, Area]]:
        """The boxes of a row at their places: in the middle of its height, on the left level with the outer port."""
        sides = ((Side.LEFT, row.left, columns.left), (Side.RIGHT, row.right, columns.right))
        for side, blocks, column in sides:
            stack = stacked(blocks)
            top = y + (row.height - stack) / 2
            if side is Side.LEFT:
                preferred = self._port_top(row, y, row.card.ports[0]) + self.port / 2 - stack / 2
                top = min(max(preferred, y), y + row.height - stack)
            if side is Side.RIGHT:
                # The last box reaches down to LAN 1 where there is room, so that its line can run straight.
                preferred = self._port_top(row, y, row.card.lan1) + self.port - stack + 8
                top = min(max(preferred, top), y + row.height - stack)
            for block in blocks:
                high = slot(block)
                yield side, block, Area(column.x, top + (high - block.height) / 2, column.width, block.height)
                top += high + GAP

    def _card_top(self, row: PeerRow, y: float) -> float:
        return y + (row.height - row.card_height) / 2

    def _port_top(self, row: PeerRow, y: float, port: LanPort) -> float:
        place = row.card.ports.index(port)
        return self._card_top(row, y) + row.header.height + 4 + place * (self.port + BETWEEN_PORTS)

    def _grid(self, places: Sequence[tuple[PeerRow, float]], columns: Columns) -> Grid:
        interfaces: dict[Interface, Area] = {}
        gutters: dict[int, float] = {}
        for row, y in places:
            gutters[row.card.number] = y + row.height + 9
            for place, port in enumerate(row.card.ports):
                top = self._port_top(row, y, port)
                interfaces[port.interface] = self._port_area(row.card, port, top, columns)
                if port.nat:
                    lower = 20 if place and row.card.ports[0].nat else 0
                    interfaces[port.nat_interface] = Area(columns.chips.x + lower, top, columns.chips.width, self.port)
        return Grid(interfaces, columns.channels, gutters)

    def _port_area(self, card: Card, port: LanPort, top: float, columns: Columns) -> Area:
        column = columns.cards
        if card.lan2 is None:
            return Area(column.x - JUT, top, column.width + 2 * JUT, self.port)
        wide = column.width + JUT - STAGGER
        return Area(column.x - JUT if port is card.lan2 else column.x + STAGGER, top, wide, self.port)

    def _departures(self, places: Sequence[tuple[PeerRow, float]], columns: Columns) -> list[Departure]:
        return [
            Departure(area, side, target.interface, stroke, block.bus)
            for row, y in places
            for side, block, area in self._blocks(row, y, columns)
            for target, stroke in block.arrows()
            if target.interface is not None
        ]

    def _nat_links(self, grid: Grid) -> Iterator[Path]:
        for card in self.scene.cards:
            for port in card.ports:
                if port.nat:
                    chip, area = grid.interfaces[port.nat_interface], grid.interfaces[port.interface]
                    yield Path(((chip.right, chip.middle), (area.x, area.middle)), Stroke.NAT, headed=False)

    def _card(self, row: PeerRow, y: float, columns: Columns) -> tuple[list[Box], list[Text]]:
        area = Area(columns.cards.x, self._card_top(row, y), columns.cards.width, row.card_height)
        boxes = [Box(area, "card", radius=10)]
        badge = Area(area.x + 14, area.y + 11, 30, 24)
        boxes.append(Box(badge, "badge", Mark.INVERSE, 12))
        middle = badge.x + badge.width / 2
        texts = [
            Text(middle, badge.y + 17, ((str(row.card.number), Styles.NUMBER),), badge, Mark.INVERSE, "middle"),
            *row.header.texts(Area(area.x + 44, area.y + 4, area.width - 54, row.header.height)),
        ]
        if row.card.primary:
            wide = width("primary", Styles.LABEL) + 14
            pill = Area(area.right - wide - 12, area.y + 12, wide, 20)
            boxes.append(Box(pill, "pill", radius=10))
            texts.append(Text(pill.x + wide / 2, pill.y + 14, (("primary", Styles.LABEL),), pill, anchor="middle"))
        return boxes, texts

    def _port(self, port: LanPort, grid: Grid) -> tuple[list[Box], list[Text]]:
        area = grid.interfaces[port.interface]
        boxes = [Box(area, "port")]
        texts = list(said_texts(port_said(port), area))
        if port.nat:
            chip = grid.interfaces[port.nat_interface]
            boxes.append(Box(chip, "port"))
            texts += said_texts(chip_said(port), chip)
        return boxes, texts

    def _stub_area(self, side: Side, stub: TextBox, source: Area, columns: Columns) -> Area:
        y = source.middle - stub.height / 2
        if side is Side.RIGHT:
            return Area(columns.stub_right, y, stub.width, stub.height)
        return Area(columns.left.x - 28 - stub.width, y, stub.width, stub.height)
