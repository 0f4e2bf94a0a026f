"""What a step does to users: calls, registrations, Mobile and Remote Access.

Source: Administrator Guide X15.5, Maintenance (maintenance mode) and Clustering and Peers.
"""

from collections.abc import Collection

from certplan.plan.model import Peer
from certplan.runbook.model import Disruption, Impact
from certplan.stage import Stage

__all__ = ["impact_of"]


def impact_of(before: Stage, after: Stage, *, down: Collection[Peer], drained: Collection[Peer]) -> Impact:
    """Tell it from who is down or in maintenance mode, and from which peers cannot communicate.

    Args:
        before: the cluster before the step.
        after: the cluster once it is done.
        down: the peers that restart or go.
        drained: the peers whose maintenance mode is switched on: calls in progress go on, those over MRA end.
    """
    affected = {peer.number for peer in (*down, *drained)}
    others = [peer for peer in before.members if peer.number not in affected]
    if down:
        taken_over = Disruption.MOVED if others else Disruption.OUTAGE
        return Impact(taken_over, taken_over, taken_over)
    if drained:
        return Impact(Disruption.NO_NEW, *((Disruption.MOVED if others else Disruption.OUTAGE,) * 2))
    if before.apart and after.apart:
        return Impact(calls=Disruption.DIVIDED)
    return Impact(calls=Disruption.DIVIDED) if after.apart else Impact()
