"""Which alarms to expect at a point of a procedure: those of a step, and those that are active whatever it does.

Source: Administrator Guide X15.5, Reference Material (Alarms Reference).
"""

from collections.abc import Iterable, Mapping, Sequence

from certplan.plan.model import Peer
from certplan.rules.alarms import LINK_ALARMS
from certplan.runbook.model import ExpectedAlarm
from certplan.stage import Stage
from certplan.text.words import listed
from certplan.value import Value, replace
from certplan.vendor import alarm

__all__ = ["PERMISSIVE", "Waiting", "active_alarms", "expected", "new_in", "peer_list", "together"]

PERMISSIVE = 40049
"""`Cluster TLS permissive`."""
_BY_STAGE = frozenset({*LINK_ALARMS, PERMISSIVE})
"""The rules foresee these for the plan as it was read; at a stage they follow from the links and the modes."""


class Waiting(Value):
    """An alarm that is active until something is done about it."""

    peers: frozenset[int]
    until: str = "its restart"
    by_restart: bool = True
    """A restart of the peer clears it."""


def expected(number: int, where: Iterable[Peer] | str, until: str) -> ExpectedAlarm:
    """An alarm of the vendor's list, on these peers or, in words, on any of several."""
    known = alarm(number)
    title = known.title if known is not None else ""
    if isinstance(where, str):
        return ExpectedAlarm(number, title, where, until)
    peers = tuple(where)
    return ExpectedAlarm(number, title, peer_list(peers), until, tuple(peer.address for peer in peers))


def peer_list(peers: Iterable[Peer]) -> str:
    return listed(peer.address for peer in peers)


def active_alarms(
    stage: Stage, permissive: frozenset[int], waiting: Mapping[int, Waiting]
) -> tuple[ExpectedAlarm, ...]:
    """The alarms that the members raise at a stage, by what is known of it.

    Args:
        stage: the point of the procedure.
        permissive: the numbers of the peers on which Permissive is set or still active.
        waiting: alarms that wait for something, by number.
    """
    members = {peer.number: peer for peer in stage.members}

    def on(numbers: Iterable[int]) -> list[Peer]:
        those = set(numbers)
        return [peer for number, peer in members.items() if number in those]

    found: list[ExpectedAlarm] = []
    for number, held in sorted(waiting.items()):
        if raising := on(held.peers):
            found.append(expected(number, raising, held.until))
    if raising := on(permissive):
        one = expected(PERMISSIVE, raising, "Enforce is active")
        found.append(replace(one, where="every peer") if len(raising) == len(stage.plan.peers) else one)
    # While releases differ every peer of one misses those of the other: the upgrade's own steps say so.
    apart = on(peer.number for pair in stage.apart for peer in pair) if not stage.upgraded else []
    if apart:
        found += (expected(number, apart, "all peers can communicate") for number in LINK_ALARMS)
    for raised in stage.raised:
        affected = [peer for peer in members.values() if peer.address in raised.peers]
        if affected and raised.id not in _BY_STAGE:
            found.append(expected(raised.id, affected, f"{listed(raised.codes)} is fixed"))
    return tuple(found)


def together(passing: Sequence[ExpectedAlarm], lasting: Sequence[ExpectedAlarm]) -> tuple[ExpectedAlarm, ...]:
    """Both, each once: an alarm that lasts beyond the step on the same peers is not listed as one that ends with it."""
    outlasted = {(alarm.number, alarm.where) for alarm in lasting}
    return (*(alarm for alarm in dict.fromkeys(passing) if (alarm.number, alarm.where) not in outlasted), *lasting)


def new_in(
    alarms: Sequence[ExpectedAlarm], known: Sequence[ExpectedAlarm], renamed: Mapping[str, str]
) -> tuple[ExpectedAlarm, ...]:
    """Those of `alarms` that `known` does not have, each on the peers on which it is not known.

    Args:
        alarms: what is active, or may be.
        known: what is known already.
        renamed: addresses that changed between the two: those of `known` to those of `alarms`.
    """
    held: dict[tuple[int | None, str], set[str]] = {}
    for each in known:
        held.setdefault((each.number, each.title), set()).update(renamed.get(peer, peer) for peer in each.peers)
    fresh: list[ExpectedAlarm] = []
    for each in alarms:
        on = held.get((each.number, each.title))
        rest = tuple(peer for peer in each.peers if on is None or peer not in on)
        if rest == each.peers and not (on is not None and not each.peers):
            fresh.append(each)
        elif rest:
            fresh.append(replace(each, where=listed(rest), peers=rest))
    return tuple(fresh)
