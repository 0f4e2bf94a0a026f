"""What is alike of many peers, said once: who connects how to whom, and what DNS says of their names."""

from collections.abc import Iterator, Sequence

from certplan.report.drawing.scene import Card, Connection, DnsRecord, Lane, Scene
from certplan.value import Value

__all__ = ["Alike", "alike_connections", "alike_records"]

_FEW = 3
"""Up to so many peers everything is said of each by its name."""


class Alike(Value):
    """Connections that differ in nothing but their ends: each of `verifiers` but itself connects to each presenter."""

    connections: tuple[Connection, ...]
    verifiers: frozenset[int]
    """None where each presenter only checks itself."""

    @property
    def presenters(self) -> tuple[int, ...]:
        return tuple(connection.number for connection in self.connections)


def alike_connections(cards: Sequence[Card]) -> Iterator[Alike]:
    """The connections of all cards in groups, in the order of the first of each."""
    found: list[tuple[tuple[object, ...], list[Connection], set[frozenset[int]]]] = []
    for card in cards:
        for each in card.connections:
            own, could = _key(each), _could(each)
            home = next((group for group in found if group[0] == own and group[2] & could), None)
            if home is None:
                found.append((own, [each], could))
            else:
                home[1].append(each)
                home[2].intersection_update(could)
    for _, connections, verifiers in found:
        yield Alike(tuple(connections), max(verifiers, key=len))


def _key(connection: Connection) -> tuple[object, ...]:
    ends = tuple(
        (target.owner(connection.number), target.right, "" if target.interface is not None else target.address)
        for target in connection.targets
    )
    return connection.route, connection.view, ends, connection.outcome, connection.faults


def _could(connection: Connection) -> set[frozenset[int]]:
    """The sets of peers of which all but the presenter itself connect to it so."""
    stated = frozenset(connection.verifiers)
    return {stated, stated | {connection.number}} if stated else {stated}


def alike_records(scene: Scene, lane: Lane) -> Iterator[tuple[DnsRecord, ...]]:
    """The records of a lane; where those of every peer of many say the same, they stand together."""
    records = [record for card in scene.cards for record in card.records if record.lane is lane]
    groups: dict[tuple[object, ...], list[DnsRecord]] = {}
    for record in records:
        ends = tuple((target.owner(record.number), target.right) for target in record.targets)
        groups.setdefault((record.views, record.state, record.remark, ends), []).append(record)
    for group in groups.values():
        known = all(target.interface is not None for record in group for target in record.targets)
        if known and len(group) == len({record.number for record in group}) == len(scene.cards) > _FEW:
            yield tuple(group)
        else:
            yield from ((record,) for record in group)
