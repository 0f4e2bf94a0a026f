"""Blocks of text: what a box says, how large that makes it, and the texts at their places."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from certplan.outcomes import Outcome
from certplan.report.drawing.measure import Style, broken, width
from certplan.report.drawing.picture import Area, Mark, Stroke, Styles, Text
from certplan.report.drawing.scene import Card, Connection, DnsRecord, RecordState, Target

__all__ = [
    "MOST_TARGETS",
    "Block",
    "Line",
    "card_header",
    "card_name_width",
    "connection_block",
    "note_block",
    "record_block",
    "stub_block",
]

PADDING = 10
ROOM = 256
"""Pixels for a name before it is broken into lines."""
MOST_TARGETS = 4
_BETWEEN = 14
_LONG_ADDRESS = 140
"""Pixels of an address that no longer fits behind other words, as most of IPv6 do not."""

_OF_OUTCOME = {
    Outcome.PASS: (Mark.GOOD, Stroke.ACCEPTED),
    Outcome.FAIL: (Mark.BAD, Stroke.REFUSED),
    Outcome.UNKNOWN: (Mark.OPEN, Stroke.UNCHECKED),
}
_OF_STATE = {
    RecordState.RIGHT: (Mark.PLAIN, Stroke.RECORD),
    RecordState.WRONG: (Mark.BAD, Stroke.WRONG),
    RecordState.CAUTION: (Mark.BAD, Stroke.WRONG),
    RecordState.ABSENT: (Mark.PLAIN, Stroke.RECORD),
    RecordState.UNCHECKED: (Mark.OPEN, Stroke.RECORD),
}


@dataclass(frozen=True, slots=True)
class Line:
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


@dataclass(frozen=True, slots=True)
class Block:
    """A box with lines of text, and the lines that lead from it."""

    lines: tuple[Line, ...]
    kind: str
    mark: Mark = Mark.PLAIN
    targets: tuple[Target, ...] = ()
    stroke: Stroke = Stroke.RECORD
    lost: str = ""
    """What stands where it leads when there is no address."""

    def arrows(self) -> Iterator[tuple[Target, Stroke]]:
        """Where it leads, each with its line: a name in DNS may have right and wrong addresses."""
        for target in self.targets:
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


def connection_block(connection: Connection) -> Block:
    """Who connects, to what name, by what, to which address, with which outcome and why."""
    mark, stroke = _OF_OUTCOME[connection.outcome]
    lines = [
        Line(((connection.who, Styles.LABEL),), end=connection.verdict, end_mark=mark),
        *_wrapped(connection.name, Styles.CODE),
        *_targets(connection.targets, connection.number, f"{connection.by} → ", connection.lost),
    ]
    for fault in connection.faults:
        of = Mark.BAD if fault.outcome is Outcome.FAIL else Mark.OPEN
        lines += _wrapped(connection.told(fault), Styles.LABEL, of, ROOM + 44)
    return Block(tuple(lines), "link", mark, connection.targets[:MOST_TARGETS], stroke, connection.lost)


def record_block(record: DnsRecord) -> Block:
    """What DNS says of a name, and what is wrong with that."""
    mark, stroke = _OF_STATE[record.state]
    lines = [
        *_wrapped(f"{', '.join(record.views)} DNS", Styles.LABEL, Mark.MUTED),
        *_wrapped(record.name, Styles.CODE),
    ]
    if record.number is not None and record.targets:
        lines += _targets(record.targets, record.number, "→ ", "")
    elif record.state is RecordState.WRONG:
        lines += _targets([each for each in record.targets if each.interface is None], None, "→ ", "")
    if record.remark:
        # The remark of a cluster name tells where it leads; there is nothing wrong with that.
        style = Styles.SMALL if record.state is RecordState.RIGHT else Styles.LABEL
        lines += _wrapped(record.remark, style, mark)
    targets = () if record.number is None else record.targets[:MOST_TARGETS]
    return Block(tuple(lines), "lead", mark, targets, stroke)


def note_block(text: str) -> Block:
    """What is missing in a lane."""
    return Block(tuple(_wrapped(text, Styles.SMALL, Mark.OPEN, 200, 4)), "lead", Mark.OPEN)


def stub_block(block: Block) -> Block | None:
    """Where a block leads that is nowhere in the drawing; None when it leads to none such."""
    unknown_addresses = [target.address for target in block.targets if target.interface is None]
    if unknown_addresses:
        addresses = (Line(((address, Styles.CODE),)) for address in unknown_addresses)
        says = Line((("unknown address", Styles.SMALL),), Mark.MUTED)
        return Block((*addresses, says), "stub", block.mark)
    if block.lost and not block.targets:
        return Block((Line(((block.lost, Styles.SMALL),), Mark.MUTED),), "stub", block.mark)
    return None


def card_header(card: Card, room: float) -> Block:
    """What a peer's card says above its ports, `room` pixels wide."""
    lines = list(_wrapped(card.address, Styles.NAME, room=room - _aside(card), most=3))
    for name in card.names:
        lines += _wrapped(name, Styles.SMALL, Mark.MUTED, room)
    return Block(tuple(lines), "card")


def card_name_width(card: Card) -> float:
    """Pixels that a peer's address and what stands beside it take in one line."""
    return width(card.address, Styles.NAME) + _aside(card)


def _aside(card: Card) -> float:
    return width("primary", Styles.LABEL) + 20 if card.primary else 0


def _wrapped(text: str, style: Style, mark: Mark = Mark.PLAIN, room: float = ROOM, most: int = 2) -> Iterator[Line]:
    lines = broken(text, style, room, most)
    full = text if "".join(lines).replace(" ", "") != text.replace(" ", "") else ""
    for line in lines:
        yield Line(((line, style),), mark, full=full)


def _targets(targets: Sequence[Target], number: int | None, before: str, lost: str) -> Iterator[Line]:
    if not targets:
        yield Line(((f"{before}{lost}", Styles.SMALL),))
        return
    if max(width(target.address, Styles.CODE) for target in targets) > _LONG_ADDRESS and before != "→ ":
        yield Line(((before.removesuffix(" → "), Styles.SMALL),))
        before = "→ "
    for place, target in enumerate(targets[:MOST_TARGETS]):
        arrow = before if place == 0 else "→ "
        after = f" {target.owner(number)}"
        parts = ((arrow, Styles.SMALL), (target.address, Styles.CODE), (after, Styles.SMALL))
        line = Line(parts)
        if line.width > ROOM + 40:
            yield replace(line, parts=parts[:2])
            yield Line(((after.strip(), Styles.SMALL),), Mark.MUTED)
        else:
            yield line
    if (more := len(targets) - MOST_TARGETS) > 0:
        yield Line(((f"and {more} more", Styles.SMALL),), Mark.MUTED)
