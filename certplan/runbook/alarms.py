"""Which alarms are normal at a point of a procedure: those of a step, and those that stand whatever it does.

Source: Administrator Guide X15.5, Reference Material (Alarms Reference).
"""

from collections.abc import Iterable, Mapping, Sequence

from certplan.plan.model import Peer
from certplan.rules.alarms import LINK_ALARMS
from certplan.runbook.model import Alarm
from certplan.runbook.stage import Stage
from certplan.vendor import alarm

__all__ = ["PERMISSIVE", "expected", "listed", "standing", "together"]

PERMISSIVE = 40049
"""`Cluster TLS permissive`."""
_BY_STAGE = frozenset({*LINK_ALARMS, PERMISSIVE})
"""The rules foresee these for the plan as it was read; at a stage it is told by who hears whom and who enforces."""


def expected(number: int, where: str, until: str) -> Alarm:
    """An alarm of the vendor's list."""
    known = alarm(number)
    return Alarm(number, known.title if known is not None else "", where, until)


def listed(peers: Iterable[Peer]) -> str:
    return ", ".join(peer.address for peer in peers)


def standing(stage: Stage, permissive: frozenset[int], waiting: Mapping[int, frozenset[int]]) -> tuple[Alarm, ...]:
    """The alarms that the members raise at a stage, by what is known of it.

    Args:
        stage: the point of the procedure.
        permissive: the numbers of the peers on which Permissive is set or still active.
        waiting: alarms that a peer's restart clears, and the numbers of the peers that raise them.
    """
    members = {peer.number: peer for peer in stage.members}

    def on(numbers: Iterable[int]) -> list[Peer]:
        wanted = set(numbers)
        return [peer for number, peer in members.items() if number in wanted]

    found: list[Alarm] = []
    for number, peers in sorted(waiting.items()):
        if raising := on(peers):
            found.append(expected(number, listed(raising), "its restart"))
    if raising := on(permissive):
        everyone = len(raising) == len(stage.plan.peers)
        found.append(expected(PERMISSIVE, "every peer" if everyone else listed(raising), "Enforce is active"))
    # While releases differ every peer of one misses those of the other: the upgrade's own steps say so.
    apart = on(peer.number for pair in stage.apart for peer in pair) if not stage.upgraded else []
    if apart:
        found += (expected(number, listed(apart), "they all hear each other") for number in LINK_ALARMS)
    for raised in stage.raised:
        affected = [peer for peer in members.values() if peer.address in raised.peers]
        if affected and raised.id not in _BY_STAGE:
            until = f"its cause is mended ({', '.join(raised.codes)})"
            found.append(expected(raised.id, listed(affected), until))
    return tuple(found)


def together(passing: Sequence[Alarm], lasting: Sequence[Alarm]) -> tuple[Alarm, ...]:
    """Both, each once: an alarm that stands on the same peers beyond the step is not said to pass with it."""
    outlasted = {(alarm.number, alarm.where) for alarm in lasting}
    return (*(alarm for alarm in dict.fromkeys(passing) if (alarm.number, alarm.where) not in outlasted), *lasting)
