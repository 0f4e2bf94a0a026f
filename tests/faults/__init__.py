"""Faults to put into a perfect cluster, one named function each, and ways to write the same cluster otherwise.

    draft = with_faults("expressway-e", 3, [("swapped_mapping", 1), ("wrong_san", 2)])

Every fault takes a draft and the number of a peer, and changes the plan, a certificate or a record as a slip of the
hand would. Any may follow any other; one that finds nothing to change changes nothing.
"""

from collections.abc import Iterable
from functools import cache

from tests.clusters import Draft, expressway_c, expressway_e
from tests.faults import certificates, dns, plans, trust
from tests.faults.authorities import OTHER_CA
from tests.faults.registry import Fault
from tests.faults.rewriting import deepcopy_of, rewritten, with_names

__all__ = ["FAULTS", "OTHER_CA", "Fault", "deepcopy_of", "rewritten", "with_faults", "with_names"]

FAULTS: dict[str, Fault] = {**certificates.FAULTS, **trust.FAULTS, **plans.FAULTS, **dns.FAULTS}
"""Every fault by its name, in the order in which they are made."""


@cache
def _perfect(kind: str, count: int) -> Draft:
    return expressway_e(count) if kind == "expressway-e" else expressway_c(count)


def with_faults(kind: str, count: int, faults: Iterable[tuple[str, int]]) -> Draft:
    """A cluster of `count` peers with these faults, each by name and the number of its peer (wrapped round).

    They are made in the order of `FAULTS`, certificates first, whatever order they come in.
    """
    draft = deepcopy_of(_perfect(kind, count))
    order = list(FAULTS)
    for name, number in sorted(faults, key=lambda fault: (order.index(fault[0]), fault[1])):
        FAULTS[name](draft, 1 + (number - 1) % count)
    return draft
