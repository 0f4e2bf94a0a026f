"""Which alarms the appliance would show in the state judged."""

from collections.abc import Iterable
from itertools import combinations

from certplan.outcomes import Outcome
from certplan.rules.model import Case, Finding
from certplan.value import Value

__all__ = ["PredictedAlarm", "predicted_alarms"]

LINK_ALARMS = (20004, 20006)
"""`Cluster communication failure` and `Cluster database communication failure`."""


class PredictedAlarm(Value):
    """One alarm, the peers that would raise it, and why."""

    id: int
    peers: tuple[str, ...]
    """Peer addresses in plan order."""
    codes: tuple[str, ...]
    """The rules that found its cause; empty for those of broken links."""


def predicted_alarms(case: Case, findings: Iterable[Finding]) -> tuple[PredictedAlarm, ...]:
    """Gather the alarms of all failed findings, waived ones too, and of the links that Enforce would break.

    A finding about the cluster raises its alarm on every peer. Could-not-check predicts nothing.
    """
    everyone = [peer.address for peer in case.plan.peers]
    raised: dict[int, tuple[set[str], set[str]]] = {}
    for finding in findings:
        for number in finding.alarms:
            peers, codes = raised.setdefault(number, (set(), set()))
            peers.update(finding.subject.peers or everyone)
            codes.add(finding.code)
    for one, other in combinations(case.plan.peers, 2):
        if case.matrix.link(one, other) is Outcome.FAIL:
            for number in LINK_ALARMS:
                peers, _ = raised.setdefault(number, (set(), set()))
                peers.update((one.address, other.address))
    return tuple(
        PredictedAlarm(number, tuple(address for address in everyone if address in peers), tuple(sorted(codes)))
        for number, (peers, codes) in sorted(raised.items())
    )
