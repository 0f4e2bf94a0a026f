"""A drawing in sentences, for those who do not see it."""

from collections.abc import Iterator, Sequence

from certplan.report.drawing.scene import AddressTarget, Card, Connection, DnsRecord, Lane, Scene
from certplan.text.words import clauses, joined, listed

__all__ = ["sentences"]


def sentences(scene: Scene) -> Iterator[str]:
    """What the drawing shows, peer by peer."""
    where = "the DMZ" if scene.stand is Lane.DMZ else "the inside network"
    yield f"{scene.facts}. The peers are in {where}. {scene.mapping}. {scene.headline}"
    for record in scene.cluster_records:
        yield f"{_views(record)}: the cluster name {record.name} {record.remark or 'is there'}."
    for _, note in scene.notes:
        yield note
    for card in scene.cards:
        yield from _peer(card)
        yield from (_connection(connection) for connection in scene.connections_to(card))
    for each in scene.context:
        yield f"{each.title}: {clauses((*each.lines, *([each.said] if each.said else [])))}."


def _peer(card: Card) -> Iterator[str]:
    ports = [
        f"{port.interface.kind.value} {port.address}" + (f" with static NAT {port.nat}" if port.nat else "")
        for port in card.ports
    ]
    primary = ", the primary" if card.primary else ""
    yield f"Peer {card.number}{primary}, {card.address}: {listed(ports)}."
    for record in card.records:
        records = f" leads to {_places(record.targets, card.number)}" if record.targets else ""
        remark = f" ({record.remark})" if record.remark and records else f": {record.remark}" if record.remark else ""
        yield f"In {_views(record)} {record.name}{records}{remark}."


def _connection(connection: Connection) -> str:
    target = _places(connection.targets, connection.number) if connection.targets else connection.lost
    why = f": {listed(connection.wording(fault) for fault in connection.faults)}" if connection.faults else ""
    return f"{connection.who} {connection.name} {connection.by} to {target}, {connection.verdict}{why}."


def _views(record: DnsRecord) -> str:
    return f"{listed(record.views)} DNS"


def _places(targets: Sequence[AddressTarget], number: int) -> str:
    return joined(f"{target.address} ({target.owner(number)})" for target in targets)
