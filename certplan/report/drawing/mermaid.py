"""A drawing as a Mermaid flowchart, for Markdown that renders one."""

import re
from collections.abc import Iterator, Sequence

from certplan.outcomes import Outcome
from certplan.report.drawing.palette import PALETTE
from certplan.report.drawing.scene import (
    AddressTarget,
    Card,
    Connection,
    DnsRecord,
    Interface,
    InterfaceKind,
    Lane,
    NameState,
    Scene,
)
from certplan.text.names import show
from certplan.text.words import listed

__all__ = ["label", "node", "scene_mermaid"]

_LONGEST = 80
_SAFE = re.compile(r"[^A-Za-z0-9 .,/\u00a1-\uffff-]")
_WORDS_OF_MERMAID = re.compile(r"\b(end|default|click|href|call|graph|subgraph|style|class)\b", re.IGNORECASE)
_INTERFACES = {InterfaceKind.LAN1: "lan1", InterfaceKind.LAN2: "lan2"}
_ARROWS = {Outcome.PASS: "-->", Outcome.FAIL: "==x", Outcome.UNKNOWN: "-.->"}


def scene_mermaid(scene: Scene) -> str:
    """The scene as a flowchart, without the fence that Markdown puts round it.

    Ids are made here and text is text: every character that Mermaid or HTML could take for markup is written as one
    of Mermaid's entity codes. Ends with a line feed.
    """
    return "\n".join(_Chart(scene).lines()) + "\n"


class _Chart:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.edges: list[str] = []

    def lines(self) -> Iterator[str]:
        yield "flowchart LR"
        parts = {
            Lane.INTERNET: [*self._notes(Lane.INTERNET), *self._leads(Lane.INTERNET), *self._nats()],
            Lane.DMZ: [],
            Lane.INSIDE: [*self._notes(Lane.INSIDE), *self._leads(Lane.INSIDE)],
        }
        parts[self.scene.stand] = [*self._cards(), *self._connections(), *parts[self.scene.stand]]
        for number, each in enumerate(self.scene.context):
            kind = {Outcome.PASS: "good", Outcome.FAIL: "bad", Outcome.UNKNOWN: "open"}.get(
                each.outcome or Outcome.NOT_APPLICABLE, ""
            )
            said = [each.said] if each.said else []
            parts[each.lane].append(node(f"beside{number}", [each.title, *each.lines, *said], kind))
        for lane, title in ((Lane.INTERNET, "Internet"), (Lane.DMZ, "DMZ"), (Lane.INSIDE, "Inside")):
            if parts[lane]:
                yield f'  subgraph {lane.value}["{title}"]'
                yield from (f"    {line}" for line in parts[lane])
                yield "  end"
        yield from (f"  {edge}" for edge in self.edges)
        yield from (f"  {line}" for line in _CLASSES)

    def _notes(self, lane: Lane) -> Iterator[str]:
        for number, (where, note) in enumerate(self.scene.notes):
            if where is lane:
                yield node(f"note{number}", [note], "open")

    def _cards(self) -> Iterator[str]:
        for card in self.scene.cards:
            primary = ["primary"] if card.primary else []
            yield f'subgraph p{card.number}["{label([f"{card.number}: {card.address}", *card.names, *primary])}"]'
            for port in card.ports:
                external = " external" if port.external else ""
                yield f"  {node(_id(port.interface), [f'{port.interface.kind.value} {port.address}{external}'])}"
            yield "end"

    def _nats(self) -> Iterator[str]:
        for card in self.scene.cards:
            for port in card.ports:
                if port.nat:
                    yield node(_id(port.nat_interface), [f"static NAT {port.nat}"])
                    self.edges.append(f"{_id(port.nat_interface)} --- {_id(port.interface)}")

    def _leads(self, lane: Lane) -> Iterator[str]:
        every = (*self.scene.cluster_records, *(record for card in self.scene.cards for record in card.records))
        for number, record in enumerate(every):
            if record.lane is lane:
                yield from self._record(f"dns{number}", record)

    def _record(self, own: str, record: DnsRecord) -> Iterator[str]:
        bad = record.state in (NameState.WRONG, NameState.CAUTION)
        kind = "bad" if bad else "open" if record.state is NameState.UNCHECKED else ""
        remark = [record.remark] if record.remark else []
        yield node(own, [f"{listed(record.views)} DNS", record.name, *remark], kind)
        if record.number is not None or bad:
            yield from self._arrows(own, record.targets, "-.->", "")

    def _connections(self) -> Iterator[str]:
        for card in self.scene.cards:
            for place, connection in enumerate(self.scene.connections_to(card), 1):
                yield from self._connection(f"p{card.number}link{place}", card, connection)

    def _connection(self, own: str, card: Card, connection: Connection) -> Iterator[str]:
        kind = {Outcome.PASS: "good", Outcome.FAIL: "bad"}.get(connection.outcome, "open")
        target = [] if connection.targets else [connection.lost]
        faults = [connection.wording(fault) for fault in connection.faults]
        yield node(own, [connection.who, card.address, connection.by, *target, connection.verdict, *faults], kind)
        yield from self._arrows(own, connection.targets, _ARROWS[connection.outcome], connection.verdict)

    def _arrows(self, own: str, targets: Sequence[AddressTarget], arrow: str, words: str) -> Iterator[str]:
        said = f'|"{label([words])}"| ' if words else " "
        for place, target in enumerate(targets, 1):
            end = f"{own}to{place}" if target.interface is None else _id(target.interface)
            if target.interface is None:
                yield node(end, [target.address, "unknown address"])
            self.edges.append(f"{own} {arrow}{said}{end}")


def _id(interface: Interface) -> str:
    if interface.kind is InterfaceKind.NAT:
        return f"p{interface.number}{_INTERFACES[interface.lan]}nat"
    return f"p{interface.number}{_INTERFACES[interface.kind]}"


def node(own: str, lines: Sequence[str], kind: str = "") -> str:
    """A node of a flowchart with these lines of text."""
    return f'{own}["{label(lines)}"]{f":::{kind}" if kind else ""}'


def label(lines: Sequence[str]) -> str:
    """Lines of text as Mermaid shows them as they are."""
    return "<br>".join(_text(line) for line in lines)


def _text(text: str) -> str:
    """Text that Mermaid shows as it is."""
    coded = _SAFE.sub(lambda found: f"#{ord(found[0])};", show(text, _LONGEST))
    # A word of Mermaid's own, broken by an entity, is a word of the label's.
    return _WORDS_OF_MERMAID.sub(lambda found: f"#{ord(found[0][0])};{found[0][1:]}", coded)


_CLASSES = (
    f"classDef good stroke:{PALETTE['good'].day},stroke-width:2px",
    f"classDef bad stroke:{PALETTE['bad'].day},stroke-width:3px",
    f"classDef open stroke:{PALETTE['open'].day},stroke-width:2px,stroke-dasharray:5 3",
)
