"""Blocks of text: what a box says, how large that makes it, and the texts at their places."""

from collections.abc import Iterator, Sequence

from certplan.outcomes import Outcome
from certplan.report.drawing.alike import Alike
from certplan.report.drawing.measure import Style, broken, width
from certplan.report.drawing.picture import Area, Mark, Stroke, Styles, Text
from certplan.report.drawing.scene import AddressTarget, Card, Connection, Context, DnsRecord, NameState, PeerPair
from certplan.report.drawing.words import peers_in_words
from certplan.text.words import joined, listed
from certplan.value import Value, replace

__all__ = [
    "GAP",
    "MOST_TARGETS",
    "BoxLine",
    "TextBox",
    "alike_block",
    "card_header",
    "card_name_width",
    "connection_block",
    "context_block",
    "note_block",
    "pair_block",
    "record_block",
    "records_block",
    "slot",
    "stacked",
    "stub_block",
]

PADDING = 10
GAP = 10
"""Between two boxes of a column."""
ROOM = 256
"""Pixels for a name before it is broken into lines."""
MOST_TARGETS = 4
_BETWEEN = 14
BUS = 1
"""Of a block whose lines share one trunk and that has no place yet."""
_LONG_ADDRESS = 140
"""Pixels of an address that no longer fits behind other words, as most of IPv6 do not."""

_OF_OUTCOME = {
    Outcome.PASS: (Mark.GOOD, Stroke.ACCEPTED),
    Outcome.FAIL: (Mark.BAD, Stroke.REFUSED),
    Outcome.UNKNOWN: (Mark.OPEN, Stroke.UNCHECKED),
}
_BY_WEIGHT = (Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.UNKNOWN, Outcome.FAIL)
_OF_STATE = {
    NameState.RIGHT: (Mark.PLAIN, Stroke.RECORD),
    NameState.WRONG: (Mark.BAD, Stroke.WRONG),
    NameState.CAUTION: (Mark.BAD, Stroke.WRONG),
    NameState.ABSENT: (Mark.PLAIN, Stroke.RECORD),
    NameState.UNCHECKED: (Mark.OPEN, Stroke.RECORD),
}


class BoxLine(Value):
    """One line of a block: text from the left, and at times a word at the right end."""

    parts: tuple[tuple[str, Style], ...]
    mark: Mark = Mark.PLAIN
    end: str = ""
    end_mark: Mark = Mark.PLAIN
    full: str = ""

    @property
    def width(self) -> float:
        wide = sum(width(text, style) for text, style in self.parts)
        return wide + (_BETWEEN + width(self.end, Styles.LABEL) if self.end else 0)

    @property
    def leading(self) -> float:
        return max(style.leading for _, style in self.parts)


class TextBox(Value):
    """A box with lines of text, and the lines that lead from it."""

    lines: tuple[BoxLine, ...]
    kind: str
    mark: Mark = Mark.PLAIN
    targets: tuple[AddressTarget, ...] = ()
    stroke: Stroke = Stroke.RECORD
    lost: str = ""
    """What stands where it leads when there is no address."""
    mixed: tuple[tuple[AddressTarget, Stroke], ...] = ()
    """Where it leads, where that takes lines of several kinds."""
    bus: int = 0
    """Its lines share one trunk where this is not 0; each block has a number of its own once it has a place."""

    def arrows(self) -> Iterator[tuple[AddressTarget, Stroke]]:
        """Where it leads, each with its line: a name in DNS may lead to a right and a wrong address."""
        yield from self.mixed
        for target in self.targets if not self.mixed else ():
            yield target, Stroke.RECORD if self.stroke is Stroke.WRONG and target.right else self.stroke

    @property
    def width(self) -> float:
        return max(line.width for line in self.lines) + 2 * PADDING

    @property
    def height(self) -> float:
        return sum(line.leading for line in self.lines) + 2 * PADDING - 4

    def texts(self, area: Area) -> Iterator[Text]:
        """Its lines, when it stands in `area`."""
        y = area.y + PADDING - 2
        for line in self.lines:
            y += line.leading
            base = y - round(line.leading * 0.25)
            yield Text(area.x + PADDING, base, line.parts, area, line.mark, full=line.full)
            if line.end:
                parts = ((line.end, Styles.LABEL),)
                yield Text(area.right - PADDING, base, parts, area, line.end_mark, "end")


def connection_block(connection: Connection) -> TextBox:
    """Who connects, to what name, by what, where that records, what comes of it and why."""
    mark, stroke = _OF_OUTCOME[connection.outcome]
    return TextBox(
        tuple(_connection_lines(connection)), "link", mark, connection.targets[:MOST_TARGETS], stroke, connection.lost
    )


def alike_block(alike: Alike, peers: int) -> TextBox:
    """Who connects to whom in one way: their names, by what, where that leads, what comes of it and why.

    Args:
        alike: the connections.
        peers: how many peers there are in all.
    """
    if len(alike.connections) == 1:
        return connection_block(alike.connections[0])
    first = alike.connections[0]
    mark, stroke = _OF_OUTCOME[first.outcome]
    lines = [BoxLine(((_who(alike, peers), Styles.LABEL),), end=first.verdict, end_mark=mark)]
    name = "its own name" if not alike.verifiers else "each name"
    lines += _wrapped(f"{name} {first.by} → {_ends(first)}", Styles.SMALL, room=ROOM + 44)
    for fault in first.faults:
        of = Mark.BAD if fault.outcome is Outcome.FAIL else Mark.OPEN
        lines += _wrapped(first.wording(fault), Styles.LABEL, of, ROOM + 44)
    targets = tuple(target for each in alike.connections for target in each.targets[:MOST_TARGETS])
    return TextBox(tuple(lines), "link", mark, targets, stroke, first.lost, bus=BUS)


def _who(alike: Alike, peers: int) -> str:
    if not alike.verifiers:
        return f"{peers_in_words(alike.presenters)} check themselves"
    if len(alike.verifiers) == len(alike.presenters) == peers:
        return "Every peer → every other"
    return f"{peers_in_words(sorted(alike.verifiers))} → {peers_in_words(alike.presenters).lower()}"


def _ends(connection: Connection) -> str:
    owners = dict.fromkeys((target.interface, target.owner(connection.number)) for target in connection.targets)
    said = dict.fromkeys(owner if interface is None else f"its {owner}" for interface, owner in owners)
    return joined(said) or connection.lost


def pair_block(pair: PeerPair) -> TextBox:
    """A link between two peers: how each connects to the other, from LAN 1 to LAN 1."""
    worst = max((connection.outcome for connection in pair.connections), key=_BY_WEIGHT.index)
    mark, stroke = _OF_OUTCOME[worst]
    lines = tuple(line for connection in pair.connections for line in _connection_lines(connection))
    arrows = tuple(
        (target, _OF_OUTCOME[connection.outcome][1])
        for connection in pair.connections
        for target in connection.targets[:MOST_TARGETS]
    )
    lost = next((connection.lost for connection in pair.connections if not connection.targets), "")
    return TextBox(lines, "link", mark, tuple(target for target, _ in arrows), stroke, lost, arrows)


def context_block(context: Context) -> TextBox:
    """Something beside the cluster."""
    mark, stroke = (Mark.PLAIN, Stroke.SERVICE) if context.outcome is None else _OF_OUTCOME[context.outcome]
    lines = [BoxLine(((line, Styles.LABEL),)) for line in broken(context.title, Styles.LABEL, ROOM, 2)]
    for text in context.lines:
        lines += _wrapped(text, Styles.SMALL, Mark.PLAIN, ROOM, 6)
    if context.said:
        lines += _wrapped(context.said, Styles.LABEL, mark)
    return TextBox(tuple(lines), "context", mark, stroke=stroke)


def _connection_lines(connection: Connection) -> Iterator[BoxLine]:
    mark, _ = _OF_OUTCOME[connection.outcome]
    yield BoxLine(((connection.who, Styles.LABEL),), end=connection.verdict, end_mark=mark)
    lines = [
        *_wrapped(connection.name, Styles.CODE),
        *_targets(connection.targets, connection.number, connection.by, connection.lost),
    ]
    if len(lines) == 2:
        joined = BoxLine((*lines[0].parts, (" ", Styles.SMALL), *lines[1].parts))
        lines = [joined] if joined.width <= ROOM + 44 and not lines[0].full else lines
    yield from lines
    for fault in connection.faults:
        of = Mark.BAD if fault.outcome is Outcome.FAIL else Mark.OPEN
        yield from _wrapped(connection.wording(fault), Styles.LABEL, of, ROOM + 44)


def record_block(record: DnsRecord) -> TextBox:
    """What DNS says of a name, and what is wrong with that."""
    mark, stroke = _OF_STATE[record.state]
    lines = list(_wrapped(record.name, Styles.CODE))
    if record.number is None or record.state is not NameState.RIGHT or record.views != ("public",):
        lines = [*_wrapped(f"{listed(record.views)} DNS", Styles.LABEL, Mark.MUTED), *lines]
    if record.number is not None and record.targets and record.state is not NameState.RIGHT:
        lines += _targets(record.targets, record.number, "", "")
    elif record.state is NameState.WRONG:
        lines += _targets([each for each in record.targets if each.interface is None], None, "", "")
    if record.remark:
        # The remark of a cluster name tells where it leads; there is nothing wrong with that.
        style = Styles.SMALL if record.state is NameState.RIGHT else Styles.LABEL
        lines += _wrapped(record.remark, style, mark)
    targets = () if record.number is None else record.targets[:MOST_TARGETS]
    return TextBox(tuple(lines), "lead", mark, targets, stroke)


def records_block(records: Sequence[DnsRecord]) -> TextBox:
    """What DNS says of every peer alike, and what is wrong with that."""
    if len(records) == 1:
        return record_block(records[0])
    first = records[0]
    mark, stroke = _OF_STATE[first.state]
    ends = [f"→ its {target.owner(first.number)}" for target in first.targets[:MOST_TARGETS]]
    lines = [
        *_wrapped(f"{listed(first.views)} DNS", Styles.LABEL, Mark.MUTED),
        *_wrapped("each peer's name", Styles.SMALL),
        *(line for end in ends for line in _wrapped(end, Styles.SMALL)),
    ]
    if first.remark:
        lines += _wrapped(first.remark, Styles.LABEL, mark)
    targets = tuple(target for record in records for target in record.targets[:MOST_TARGETS])
    return TextBox(tuple(lines), "lead", mark, targets, stroke, bus=BUS)


def note_block(text: str) -> TextBox:
    """What is not known of a lane."""
    return TextBox(tuple(_wrapped(text, Styles.SMALL, Mark.OPEN, 200, 4)), "lead", Mark.OPEN)


def stub_block(block: TextBox) -> TextBox | None:
    """Where a block leads that is nowhere in the drawing; None when it leads to none such."""
    strays = list(dict.fromkeys(target.address for target in block.targets if target.interface is None))
    if strays:
        addresses = (BoxLine(((address, Styles.CODE),)) for address in strays)
        says = BoxLine((("unknown address", Styles.SMALL),), Mark.MUTED)
        return TextBox((*addresses, says), "stub", block.mark)
    if block.lost and not block.targets:
        return TextBox((BoxLine(((block.lost, Styles.SMALL),), Mark.MUTED),), "stub", block.mark)
    return None


def card_header(card: Card, room: float) -> TextBox:
    """What a peer's card says above its ports, `room` pixels wide."""
    lines = list(_wrapped(card.address, Styles.NAME, room=room - _aside(card), most=3))
    for name in card.names:
        lines += _wrapped(name, Styles.SMALL, Mark.MUTED, room)
    return TextBox(tuple(lines), "card")


def card_name_width(card: Card) -> float:
    """Pixels that a peer's address and what stands beside it take in one line."""
    return width(card.address, Styles.NAME) + _aside(card)


def _aside(card: Card) -> float:
    return width("primary", Styles.LABEL) + 20 if card.primary else 0


def _wrapped(text: str, style: Style, mark: Mark = Mark.PLAIN, room: float = ROOM, most: int = 2) -> Iterator[BoxLine]:
    lines = broken(text, style, room, most)
    full = text if "".join(lines).replace(" ", "") != text.replace(" ", "") else ""
    for line in lines:
        yield BoxLine(((line, style),), mark, full=full)


def _targets(targets: Sequence[AddressTarget], number: int | None, before: str, lost: str) -> Iterator[BoxLine]:
    begin = f"{before} → " if before else "→ "
    if not targets:
        yield BoxLine(((f"{begin}{lost}", Styles.SMALL),))
        return
    unknown = [width(target.address, Styles.CODE) for target in targets if target.interface is None]
    if max(unknown, default=0) > _LONG_ADDRESS and before:
        yield BoxLine(((before, Styles.SMALL),))
        begin = "→ "
    for place, target in enumerate(targets[:MOST_TARGETS]):
        record = begin if place == 0 else "→ "
        if target.interface is not None:
            # Its address stands in the port that the line leads to.
            yield BoxLine(((f"{record}{target.owner(number)}", Styles.SMALL),))
            continue
        after = f" {target.owner(number)}"
        parts = ((record, Styles.SMALL), (target.address, Styles.CODE), (after, Styles.SMALL))
        line = BoxLine(parts)
        if line.width > ROOM + 40:
            yield replace(line, parts=parts[:2])
            yield BoxLine(((after.strip(), Styles.SMALL),), Mark.MUTED)
        else:
            yield line
    if (more := len(targets) - MOST_TARGETS) > 0:
        yield BoxLine(((f"and {more} more", Styles.SMALL),), Mark.MUTED)


def slot(block: TextBox) -> float:
    """The height that a block takes, with the place that it leads to where that is nowhere in the drawing."""
    stub = stub_block(block)
    return max(block.height, stub.height if stub is not None else 0)


def stacked(blocks: Sequence[TextBox]) -> float:
    """The height of blocks one below the other."""
    return sum(slot(block) for block in blocks) + GAP * max(len(blocks) - 1, 0)
