"""How many entries the lists and sections of a plan may have: with some of them work grows faster than the file."""

from collections.abc import Iterator

from certplan.plan.model import MAX_PEERS, PlanPath
from certplan.plan.nodes import Node

__all__ = ["MAX_ENTRIES", "too_long"]

MAX_ENTRIES = 1_000
_OTHERS = {
    "address_mapping": 4 * MAX_PEERS,
    "records": 10 * MAX_ENTRIES,
    "round_trip_ms": MAX_PEERS * (MAX_PEERS - 1) // 2,
}
"""Four mapping entries for each peer; what a small zone has; and every pair of peers."""


def too_long(value: Node | None, path: PlanPath = ()) -> Iterator[tuple[PlanPath, int, int]]:
    """Every list and section with too many entries: its path, how many it has, and how many it may have.

    The peers are counted where they are read.
    """
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    most = next((_OTHERS[step] for step in path[-1:] if isinstance(step, str) and step in _OTHERS), MAX_ENTRIES)
    if isinstance(value, dict | list) and len(value) > most and path != ("peers",):
        yield path, len(value), most
        return
    for step, inner in entries:
        yield from too_long(inner, (*path, step))
