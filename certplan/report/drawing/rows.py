"""The row of each peer: its card, and what stands to the left and to the right of it, before any of it has a place."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from certplan.report.drawing.alike import alike_connections, alike_records
from certplan.report.drawing.blocks import (
    TextBox,
    alike_block,
    card_header,
    note_block,
    pair_block,
    record_block,
    records_block,
    stacked,
)
from certplan.report.drawing.routes import STEP
from certplan.report.drawing.scene import Card, Lane, Scene
from certplan.value import Value, replace

__all__ = ["BETWEEN_PORTS", "PeerRow", "rows_of"]

BETWEEN_PORTS = 8


class PeerRow(Value):
    """A peer's row, before it has a place."""

    card: Card
    header: TextBox
    left: tuple[TextBox, ...]
    right: tuple[TextBox, ...]
    gutter: float
    """The free strip under it, where lines from the inside go by to its static NAT address."""
    port: float
    """The height of each of its ports."""

    @property
    def card_height(self) -> float:
        ports = len(self.card.ports)
        return self.header.height + 4 + ports * self.port + (ports - 1) * BETWEEN_PORTS + 12

    @property
    def height(self) -> float:
        return max(self.card_height, stacked(self.left), stacked(self.right))


def rows_of(scene: Scene, card_width: float, port: float) -> Iterator[PeerRow]:
    """The rows of a scene, with cards so wide and ports so high."""
    numbers = count(1)
    left, right = _left(scene, numbers), _right(scene, numbers)
    inside = [block for blocks in right.values() for block in blocks]
    for card in scene.cards:
        header = card_header(card, card_width - 64)
        beside = tuple(left[card.number]), tuple(right[card.number])
        yield PeerRow(card, header, *beside, _gutter(card, inside), port)


def _left(scene: Scene, numbers: Iterator[int]) -> Mapping[int, Sequence[TextBox]]:
    """What public DNS says, each beside the peer that it is about; what it says of all in the middle of them."""
    found = {card.number: list[TextBox]() for card in scene.cards}
    first = found[scene.cards[0].number]
    first += (record_block(record) for record in scene.cluster_records if record.lane is Lane.INTERNET)
    first += (note_block(note) for lane, note in scene.notes if lane is Lane.INTERNET)
    for records in alike_records(scene, Lane.INTERNET):
        middle = records[len(records) // 2].number
        if middle is not None:
            found[middle].append(_numbered(records_block(records), numbers))
    return found


def _right(scene: Scene, numbers: Iterator[int]) -> Mapping[int, Sequence[TextBox]]:
    """The links, each beside one of the peers that it is about; those of many in the middle of them."""
    peers = [card.number for card in scene.cards]
    found: dict[int, list[TextBox]] = {number: [] for number in peers}
    for place, pair in enumerate(scene.pairs):
        found[peers[place % len(peers)]].append(pair_block(pair))
    for alike in alike_connections(scene.cards):
        middle = sum(alike.presenters) / len(alike.presenters)
        free = [(len(found[number]), abs(number - middle), number) for number in alike.presenters]
        found[min(free)[2]].append(_numbered(alike_block(alike, len(peers)), numbers))
    return found


def _numbered(block: TextBox, numbers: Iterator[int]) -> TextBox:
    return replace(block, bus=next(numbers)) if block.bus else block


def _gutter(card: Card, inside: Sequence[TextBox]) -> float:
    nats = {port.nat_interface for port in card.ports if port.nat}
    passing = {(block.bus, stroke) for block in inside for target, stroke in block.arrows() if target.interface in nats}
    return STEP * len(passing) + 4 if passing else 0
