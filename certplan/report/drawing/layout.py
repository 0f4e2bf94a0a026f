"""From a scene to coordinates: lanes from left to right, a row for each peer, boxes, and the lines between them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from certplan.outcomes import Verdict
from certplan.report.drawing.blocks import (
    Block,
    card_header,
    card_name_width,
    connection_block,
    note_block,
    record_block,
    stub_block,
)
from certplan.report.drawing.measure import Style, broken, width
from certplan.report.drawing.picture import Area, Box, Mark, Path, Picture, Stroke, Styles, Text
from certplan.report.drawing.routes import STEP, Departure, Grid, Side, route, tracks_needed
from certplan.report.drawing.scene import Card, Interface, Lane, Port, Scene

__all__ = ["lay_out"]

MARGIN = 16
INDENT = 18
"""From the edge of a lane to what stands in it."""
GAP = 12
"""Between two boxes of a column."""
PORT = 28
"""Height of a port."""
BETWEEN_PORTS = 18
JUT = 7
"""How far a port stands out of its card."""
STAGGER = 34
"""How much narrower than the card a port is where there are two."""
CHANNEL = 24
"""From a column to the first track beside it."""
ROW_GAP = 20
LANE_HEAD = 34
_NARROW = 104
_LEGEND = 30
_LANE_NAMES = {Lane.INTERNET: "INTERNET", Lane.DMZ: "DMZ", Lane.INSIDE: "INSIDE"}
_OF_VERDICT = {Verdict.READY: Mark.GOOD, Verdict.NOT_READY: Mark.BAD, Verdict.UNDECIDED: Mark.OPEN}


@dataclass(frozen=True, slots=True)
class _Row:
    """A peer's row, or that of the cluster's name, before it has a place."""

    card: Card | None
    header: Block | None
    left: tuple[Block, ...]
    right: tuple[Block, ...]
    gutter: float

    @property
    def card_height(self) -> float:
        if self.card is None or self.header is None:
            return 0
        ports = len(self.card.ports)
        return self.header.height + 8 + ports * PORT + (ports - 1) * BETWEEN_PORTS + 20

    @property
    def height(self) -> float:
        return max(self.card_height, _stacked(self.left), _stacked(self.right))


@dataclass(frozen=True, slots=True)
class _Columns:
    """The left edges and widths of all columns, and the borders of the lanes."""

    left: Area
    chips: Area
    cards: Area
    right: Area
    channels: Mapping[Side, float]
    stub_left: float
    stub_right: float
    borders: tuple[float, float, float, float]


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
        self.right = {card.number: tuple(_right_blocks(card)) for card in scene.cards}
        self.inside = [block for blocks in self.right.values() for block in blocks]
        self.rows = [row for row in self._rows() if row.height]
        self.chip_width = max((_chip_width(port) for port in ports if port.nat), default=0.0)
        self.tops: list[float] = []

    def _rows(self) -> Iterator[_Row]:
        scene = self.scene
        heads = {lane: [record_block(each) for each in scene.cluster_records if each.lane is lane] for lane in Lane}
        for lane, note in scene.notes:
            heads[lane].append(note_block(note))
        yield _Row(None, None, tuple(heads[Lane.INTERNET]), tuple(heads[Lane.INSIDE]), 0)
        for card in scene.cards:
            left = [record_block(record) for record in card.records if record.lane is Lane.INTERNET]
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
        total = max(columns.borders[3] + MARGIN, 760.0)
        head = list(self._heading(total)) if heading else []
        shift = max((text.area.bottom for text in head), default=MARGIN - 6) + 6 - top + 8
        places = self._vertical(rows_top + shift)
        bottom = places[-1][1] + places[-1][0].height + places[-1][0].gutter + INDENT
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
        lanes, texts, cards, boxes, paths = [], list(head), [], [], []
        borders = (*columns.borders[:3], total - MARGIN)
        for lane, start, end in zip(Lane, borders, borders[1:], strict=False):
            area = Area(start, top, end - start, bottom - top)
            lanes.append(Box(area, f"lane-{lane.value}", radius=10))
            texts.append(Text(area.x + INDENT, top + 21, ((_LANE_NAMES[lane], Styles.LANE),), area, Mark.MUTED))
        grid, departures = self._grid(places, columns), self._departures(places, columns)
        paths += [*self._nat_links(grid), *route(departures, grid)]
        for row, y in places:
            if row.card is not None and row.header is not None:
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
        legend, legend_paths, height = _legend([path.stroke for path in paths], total, bottom)
        return Picture(
            total, height, tuple(lanes), tuple(cards), (*paths, *legend_paths), tuple(boxes), (*texts, *legend)
        )

    def _vertical(self, top: float) -> list[tuple[_Row, float]]:
        places = []
        for row in self.rows:
            places.append((row, top))
            top += row.height + row.gutter + ROW_GAP
        return places

    def _columns(self, tracks: Mapping[Side, int]) -> _Columns:
        lefts = [block for row in self.rows for block in row.left]
        rights = [block for row in self.rows for block in row.right]
        left_width = max((block.width for block in lefts), default=0.0)
        right_width = max((block.width for block in rights), default=0.0)
        left_stub, right_stub = (_stub_width(blocks) for blocks in (lefts, rights))
        x: float = MARGIN + INDENT
        stub_left = x
        x += left_stub + 28 if left_stub else 0
        left = Area(x, 0, left_width, 0)
        x += left_width
        records_in = any(block.targets for block in lefts)
        channel_left = x + CHANNEL
        x += CHANNEL + STEP * max(tracks[Side.LEFT] - 1, 0) + CHANNEL if records_in and self.chip_width else 0
        both = any(len([port for port in card.ports if port.nat]) > 1 for card in self.scene.cards)
        chips = Area(x, 0, self.chip_width, 0)
        x += self.chip_width + (20 if both else 0)
        if records_in and not self.chip_width:
            x += CHANNEL + STEP * tracks[Side.LEFT]
        first = max(x + INDENT, MARGIN + _NARROW)
        if self.scene.stand is Lane.DMZ:
            x = first + INDENT + 6
            cards = Area(x, 0, self.card_width, 0)
            second = x + self.card_width + INDENT + 6
            x = second
        else:
            second = first + _NARROW - MARGIN
            x = second + INDENT + 6
            cards = Area(x, 0, self.card_width, 0)
            x += self.card_width + INDENT
        x += CHANNEL + STEP * max(tracks[Side.RIGHT] - 1, 0)
        channel_right = x
        x += CHANNEL - 8
        right = Area(x, 0, right_width, 0)
        x += right_width
        stub_right = x + 28
        x += right_stub + 28 if right_stub else 0
        borders = (MARGIN, first, second, max(x + INDENT, second + _NARROW))
        channels = {Side.LEFT: channel_left, Side.RIGHT: channel_right}
        return _Columns(left, chips, cards, right, channels, stub_left, stub_right, borders)

    def _blocks(self, row: _Row, y: float, columns: _Columns) -> Iterator[tuple[Side, Block, Area]]:
        """The boxes of a row at their places: in the middle of its height, on the left level with the outer port."""
        sides = ((Side.LEFT, row.left, columns.left), (Side.RIGHT, row.right, columns.right))
        for side, blocks, column in sides:
            stack = _stacked(blocks)
            top = y + (row.height - stack) / 2
            if side is Side.LEFT and row.card is not None:
                wanted = self._port_top(row, y, row.card.ports[0]) + PORT / 2 - stack / 2
                top = min(max(wanted, y), y + row.height - stack)
            if side is Side.RIGHT and row.card is not None:
                # The last box reaches down to LAN 1 where there is room, so that its line can run straight.
                wanted = self._port_top(row, y, row.card.lan1) + PORT - stack + 8
                top = min(max(wanted, top), y + row.height - stack)
            for block in blocks:
                slot = _slot(block)
                yield side, block, Area(column.x, top + (slot - block.height) / 2, column.width, block.height)
                top += slot + GAP

    def _card_top(self, row: _Row, y: float) -> float:
        return y + (row.height - row.card_height) / 2

    def _port_top(self, row: _Row, y: float, port: Port) -> float:
        if row.card is None or row.header is None:
            return y
        place = row.card.ports.index(port)
        return self._card_top(row, y) + row.header.height + 8 + place * (PORT + BETWEEN_PORTS)

    def _grid(self, places: Sequence[tuple[_Row, float]], columns: _Columns) -> Grid:
        interfaces: dict[Interface, Area] = {}
        gutters: dict[int, float] = {}
        for row, y in places:
            if row.card is None:
                continue
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
        assert row.card is not None  # noqa: S101 - the caller has looked
        assert row.header is not None  # noqa: S101
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
        texts = list(_labelled(area, port.interface.kind.value, port.address, " external" if port.external else ""))
        if port.nat:
            chip = grid.interfaces[port.nat_interface]
            boxes.append(Box(chip, "port"))
            texts += _labelled(chip, "static NAT", port.nat)
        return boxes, texts

    def _stub_area(self, side: Side, stub: Block, source: Area, columns: _Columns) -> Area:
        y = source.middle - stub.height / 2
        if side is Side.RIGHT:
            return Area(columns.stub_right, y, stub.width, stub.height)
        return Area(columns.left.x - 28 - stub.width, y, stub.width, stub.height)

    def _heading(self, total: float) -> Iterator[Text]:
        scene, y = self.scene, float(MARGIN)
        area = Area(MARGIN, 0, total - 2 * MARGIN, 400)
        told = (
            (scene.title, Styles.TITLE, Mark.PLAIN),
            (f"{scene.facts}. {scene.mapping}.", Styles.FACTS, Mark.MUTED),
            (scene.headline, Styles.HEADLINE, _OF_VERDICT[scene.verdict]),
        )
        for text, style, mark in told:
            lines = broken(text, style, area.width, 2)
            for line in lines:
                y += style.leading + 2
                yield Text(area.x, y - 6, ((line, style),), area, mark, full=text if len(lines) > 1 else "")


def _right_blocks(card: Card) -> Iterator[Block]:
    yield from (connection_block(connection) for connection in card.connections)
    yield from (record_block(record) for record in card.records if record.lane is Lane.INSIDE)


def _labelled(area: Area, label: str, address: str, after: str = "") -> Iterator[Text]:
    parts = ((f"{label} ", Styles.LABEL), (address, Styles.CODE), (after, Styles.SMALL))
    yield Text(area.x + 12, area.y + 18.5, tuple(part for part in parts if part[0]), area)


def _wide(*parts: tuple[str, Style]) -> float:
    return sum(width(text, style) for text, style in parts) + 24


def _port_width(port: Port) -> float:
    after = " external" if port.external else ""
    return _wide((f"{port.interface.kind.value} ", Styles.LABEL), (port.address, Styles.CODE), (after, Styles.SMALL))


def _chip_width(port: Port) -> float:
    return _wide(("static NAT ", Styles.LABEL), (port.nat or "", Styles.CODE))


def _slot(block: Block) -> float:
    stub = stub_block(block)
    return max(block.height, stub.height if stub is not None else 0)


def _stacked(blocks: Sequence[Block]) -> float:
    return sum(_slot(block) for block in blocks) + GAP * max(len(blocks) - 1, 0)


def _stub_width(blocks: Sequence[Block]) -> float:
    return max((stub.width for block in blocks if (stub := stub_block(block)) is not None), default=0.0)


def _legend(strokes: Sequence[Stroke], total: float, top: float) -> tuple[list[Text], list[Path], float]:
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
