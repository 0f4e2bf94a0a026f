"""From a scene to coordinates: lanes from left to right, a row for each peer, boxes, and the lines between them."""

from collections.abc import Iterator, Mapping, Sequence

from certplan.report.drawing.blocks import (
    GAP,
    Block,
    card_header,
    card_name_width,
    connection_block,
    note_block,
    pair_block,
    record_block,
    slot,
    stacked,
    stub_block,
)
from certplan.report.drawing.margins import MARGIN, beside_blocks, heading_texts, legend_of
from certplan.report.drawing.measure import Style, broken, width
from certplan.report.drawing.picture import Area, Box, Mark, Path, Picture, Stroke, Styles, Text
from certplan.report.drawing.routes import STEP, Departure, Grid, Side, route, tracks_needed
from certplan.report.drawing.scene import Card, Interface, Lane, Port, Scene
from certplan.text.words import listed
from certplan.value import Value

__all__ = ["lay_out"]

INDENT = 18
"""From the edge of a lane to what stands in it."""
PORT = 26
"""Height of a port."""
BETWEEN_PORTS = 14
JUT = 7
"""How far a port stands out of its card."""
STAGGER = 34
"""How much narrower than the card a port is where there are two."""
CHANNEL = 24
"""From a column to the first track beside it."""
ROW_GAP = 10
LANE_HEAD = 34
FIREWALL = 26
"""Between two lanes, where a firewall stands."""
_WALL = 8
_LANE_NAMES = {Lane.INTERNET: "INTERNET", Lane.DMZ: "DMZ", Lane.INSIDE: "INSIDE"}


class _Row(Value):
    """A peer's row, before it has a place."""

    card: Card
    header: Block
    left: tuple[Block, ...]
    right: tuple[Block, ...]
    gutter: float

    @property
    def card_height(self) -> float:
        ports = len(self.card.ports)
        return self.header.height + 4 + ports * PORT + (ports - 1) * BETWEEN_PORTS + 12

    @property
    def height(self) -> float:
        return max(self.card_height, stacked(self.left), stacked(self.right))


class _Columns(Value):
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


def lay_out(scene: Scene, *, heading: bool = True) -> Picture:
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
        port = max(_port_width(port) for port in ports)
        name = max(card_name_width(card) for card in scene.cards)
        self.card_width = max(290.0, port + (STAGGER if dual else 0) - JUT, min(name + 64, 380.0))
        pairs = [pair_block(pair) for pair in scene.pairs]
        self.right = {
            card.number: (*pairs[place :: len(scene.cards)], *map(connection_block, card.connections))
            for place, card in enumerate(scene.cards)
        }
        self.inside = [block for blocks in self.right.values() for block in blocks]
        self.beside = {lane: tuple(beside_blocks(scene, lane)) for lane in Lane}
        self.rows = list(self._rows())
        self.chip_width = max((_chip_width(port) for port in ports if port.nat), default=0.0)

    def _rows(self) -> Iterator[_Row]:
        scene = self.scene
        outside = [record_block(record) for record in scene.cluster_records if record.lane is Lane.INTERNET]
        outside += (note_block(note) for lane, note in scene.notes if lane is Lane.INTERNET)
        for card in scene.cards:
            left = [*outside, *(record_block(record) for record in card.records if record.lane is Lane.INTERNET)]
            outside = []
            header = card_header(card, self.card_width - 64)
            yield _Row(card, header, tuple(left), self.right[card.number], self._gutter(card))

    def _gutter(self, card: Card) -> float:
        """The free strip under a row, where lines from the inside go by to its static NAT address."""
        nats = {port.nat_interface for port in card.ports if port.nat}
        passing = {stroke for block in self.inside for target, stroke in block.arrows() if target.interface in nats}
        return STEP * len(passing) + 4 if passing else 0

    def picture(self, *, heading: bool) -> Picture:
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
        columns: _Columns,
        places: Sequence[tuple[_Row, float]],
        total: float,
        top: float,
        bottom: float,
        head: Sequence[Text],
    ) -> Picture:
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
        for block, area, path in self._beside(columns, top + LANE_HEAD):
            boxes.append(Box(area, block.kind, block.mark))
            texts += block.texts(area)
            paths += path
        legend, legend_paths, height = legend_of([path.stroke for path in paths], total, bottom)
        return Picture(
            total, height, tuple(lanes), tuple(cards), (*paths, *legend_paths), tuple(boxes), (*texts, *legend)
        )

    def _lanes(self, columns: _Columns, top: float, bottom: float) -> tuple[list[Box], list[Text]]:
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

    def _beside(self, columns: _Columns, top: float) -> Iterator[tuple[Block, Area, tuple[Path, ...]]]:
        """What stands beside the cluster, from the top of its lane; a zone's line leads to the cluster's lane."""
        start, end = columns.lanes[self.scene.stand]
        for lane, blocks in self.beside.items():
            y = top
            for block in blocks:
                area = Area(columns.beside[lane], y, self._wide(lane), block.height)
                path: tuple[Path, ...] = ()
                if lane is not self.scene.stand and block.stroke is not Stroke.RECORD:
                    # Over either firewall it is the inner side that connects.
                    points = ((start, area.middle), (area.right, area.middle))
                    if area.x > end:
                        points = ((area.x, area.middle), (end, area.middle))
                    path = (Path(points, block.stroke),)
                yield block, area, path
                y += block.height + GAP

    def _wide(self, lane: Lane) -> float:
        return max((block.width for block in self.beside[lane]), default=0.0)

    def _vertical(self, top: float) -> list[tuple[_Row, float]]:
        places = []
        for row in self.rows:
            places.append((row, top))
            top += row.height + row.gutter + ROW_GAP
        return places

    def _columns(self, tracks: Mapping[Side, int]) -> _Columns:
        lefts = [block for row in self.rows for block in row.left]
        left_width = max((block.width for block in lefts), default=0.0)
        right_width = max((block.width for block in self.inside), default=0.0)
        left_stub, right_stub = (_stub_width(blocks) for blocks in (lefts, self.inside))
        stand = self.scene.stand
        lanes: dict[Lane, tuple[float, float]] = {}
        beside: dict[Lane, float] = {}
        x = start = float(MARGIN)
        left = chips = Area(x, 0, 0, 0)
        channel = x
        if lefts or self.chip_width:
            x += INDENT + (left_stub + 28 if left_stub else 0)
            left = Area(x, 0, left_width, 0)
            x += left_width + CHANNEL
            channel = x
            x += STEP * max(tracks[Side.LEFT] - 1, 0) + (CHANNEL if self.chip_width else 0)
            both = any(len([port for port in card.ports if port.nat]) > 1 for card in self.scene.cards)
            chips = Area(x, 0, self.chip_width, 0)
            x += self.chip_width + (20 if both else 0) + INDENT
            lanes[Lane.INTERNET] = (start, x)
            x = start = x + FIREWALL
        for lane in Lane:
            if lane is stand:
                x += INDENT + 6
                cards = Area(x, 0, self.card_width, 0)
                x += self.card_width + 6 + CHANNEL + STEP * max(tracks[Side.RIGHT] - 1, 0)
                channels = {Side.LEFT: channel, Side.RIGHT: x}
                x += CHANNEL - 8
                right = Area(x, 0, right_width, 0)
                stub_right = x + right_width + 28
                x = stub_right + right_stub if right_stub else x + right_width
                if self.beside[lane]:
                    x += 2 * INDENT
                    beside[lane] = x
                    x += self._wide(lane)
                lanes[lane] = (start, x + INDENT)
            elif self.beside[lane]:
                x += INDENT
                beside[lane] = x
                x += self._wide(lane)
                lanes[lane] = (start, x + INDENT)
            else:
                continue
            x = start = x + INDENT + FIREWALL
        return _Columns(left, chips, cards, right, beside, channels, stub_right, lanes)

    def _blocks(self, row: _Row, y: float, columns: _Columns) -> Iterator[tuple[Side, Block, Area]]:
        """The boxes of a row at their places: in the middle of its height, on the left level with the outer port."""
        sides = ((Side.LEFT, row.left, columns.left), (Side.RIGHT, row.right, columns.right))
        for side, blocks, column in sides:
            stack = stacked(blocks)
            top = y + (row.height - stack) / 2
            if side is Side.LEFT:
                wanted = self._port_top(row, y, row.card.ports[0]) + PORT / 2 - stack / 2
                top = min(max(wanted, y), y + row.height - stack)
            if side is Side.RIGHT:
                # The last box reaches down to LAN 1 where there is room, so that its line can run straight.
                wanted = self._port_top(row, y, row.card.lan1) + PORT - stack + 8
                top = min(max(wanted, top), y + row.height - stack)
            for block in blocks:
                high = slot(block)
                yield side, block, Area(column.x, top + (high - block.height) / 2, column.width, block.height)
                top += high + GAP

    def _card_top(self, row: _Row, y: float) -> float:
        return y + (row.height - row.card_height) / 2

    def _port_top(self, row: _Row, y: float, port: Port) -> float:
        place = row.card.ports.index(port)
        return self._card_top(row, y) + row.header.height + 4 + place * (PORT + BETWEEN_PORTS)

    def _grid(self, places: Sequence[tuple[_Row, float]], columns: _Columns) -> Grid:
        interfaces: dict[Interface, Area] = {}
        gutters: dict[int, float] = {}
        for row, y in places:
            gutters[row.card.number] = y + row.height + 9
            for place, port in enumerate(row.card.ports):
                top = self._port_top(row, y, port)
                interfaces[port.interface] = self._port_area(row.card, port, top, columns)
                if port.nat:
                    lower = 20 if place and row.card.ports[0].nat else 0
                    interfaces[port.nat_interface] = Area(columns.chips.x + lower, top, columns.chips.width, PORT)
        return Grid(interfaces, columns.channels, gutters)

    def _port_area(self, card: Card, port: Port, top: float, columns: _Columns) -> Area:
        column = columns.cards
        if card.lan2 is None:
            return Area(column.x - JUT, top, column.width + 2 * JUT, PORT)
        wide = column.width + JUT - STAGGER
        return Area(column.x - JUT if port is card.lan2 else column.x + STAGGER, top, wide, PORT)

    def _departures(self, places: Sequence[tuple[_Row, float]], columns: _Columns) -> list[Departure]:
        return [
            Departure(area, side, target.interface, stroke)
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

    def _card(self, row: _Row, y: float, columns: _Columns) -> tuple[list[Box], list[Text]]:
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

    def _port(self, port: Port, grid: Grid) -> tuple[list[Box], list[Text]]:
        area = grid.interfaces[port.interface]
        boxes = [Box(area, "port")]
        texts = list(_labeled(area, port.interface.kind.value, port.address, " external" if port.external else ""))
        if port.nat:
            chip = grid.interfaces[port.nat_interface]
            boxes.append(Box(chip, "port"))
            texts += _labeled(chip, "static NAT", port.nat)
        return boxes, texts

    def _stub_area(self, side: Side, stub: Block, source: Area, columns: _Columns) -> Area:
        y = source.middle - stub.height / 2
        if side is Side.RIGHT:
            return Area(columns.stub_right, y, stub.width, stub.height)
        return Area(columns.left.x - 28 - stub.width, y, stub.width, stub.height)


def _labeled(area: Area, label: str, address: str, after: str = "") -> Iterator[Text]:
    parts = ((f"{label} ", Styles.LABEL), (address, Styles.CODE), (after, Styles.SMALL))
    yield Text(area.x + 12, area.y + 17.5, tuple(part for part in parts if part[0]), area)


def _wide(*parts: tuple[str, Style]) -> float:
    return sum(width(text, style) for text, style in parts) + 24


def _port_width(port: Port) -> float:
    after = " external" if port.external else ""
    return _wide((f"{port.interface.kind.value} ", Styles.LABEL), (port.address, Styles.CODE), (after, Styles.SMALL))


def _chip_width(port: Port) -> float:
    return _wide(("static NAT ", Styles.LABEL), (port.nat or "", Styles.CODE))


def _stub_width(blocks: Sequence[Block]) -> float:
    return max((stub.width for block in blocks if (stub := stub_block(block)) is not None), default=0.0)
