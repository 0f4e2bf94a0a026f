"""The cluster at one point of a procedure: which peers can communicate, and what the pages show."""

from datetime import datetime
from functools import cached_property
from itertools import combinations

from certplan.evidence.model import Evidence
from certplan.handshake.model import Cause, Handshake, Matrix, Step, StepName, worst
from certplan.handshake.page import clustering_line, page
from certplan.handshake.simulate import simulate
from certplan.outcomes import Outcome
from certplan.plan.model import Peer, Plan
from certplan.rules import catalog
from certplan.rules.alarms import PredictedAlarm, predicted_alarms
from certplan.rules.engine import run
from certplan.rules.model import Case
from certplan.value import Value, replace

__all__ = ["Stage", "StatusRow"]

_ROUTE = frozenset({StepName.RESOLVE, StepName.REACH})
_NAT = frozenset({Cause.NAT_ON_CLUSTERING_LAN, Cause.NAT_ON_SINGLE_NIC})
_THIS_SYSTEM = "Clustering: This system"
_WEIGHT = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)


class StatusRow(Value):
    """What `System > Clustering` shows of a peer when a step is done."""

    peer: str
    """Its address, as it is by then."""
    seen_from: str | None
    """The other peer that shows it; None when every other peer shows the same, or there is no other."""
    certificate: str
    clustering: str
    own_certificate: str
    """The line of its own page."""
    own_clustering: str = "Clustering: This system"


class Stage(Value, dict=True):
    """A moment of a procedure.

    A peer in Permissive accepts any certificate: its links depend only on the addresses it connects to. A peer that
    enforces checks everything. (Cluster Creation and Maintenance guide X15.4, forming a cluster.)
    """

    plan: Plan
    evidence: Evidence
    at: datetime
    enforcing: frozenset[int] = frozenset()
    """The peers that verify certificates: the mode is set, and they have been restarted since."""
    out: frozenset[int] = frozenset()
    """The peers that are down, or not (yet, or any more) in the cluster."""
    upgraded: frozenset[int] = frozenset()
    """While some peers are upgraded, they and the others are partitioned."""
    unmapped: frozenset[int] = frozenset()
    """The peers that have no cluster address mapping yet: they join, and have not got the primary's configuration."""

    @cached_property
    def matrix(self) -> Matrix:
        return simulate(self.plan, self.evidence, self.at)

    @cached_property
    def _without_mapping(self) -> Matrix:
        plan = replace(self.plan, cluster=replace(self.plan.cluster, stated_address_mapping=None))
        return simulate(plan, self.evidence, self.at)

    def accepts(self, verifier: Peer, presenter: Peer) -> Outcome:
        matrix = self._without_mapping if verifier.number in self.unmapped else self.matrix
        handshake = matrix.between(verifier, presenter)
        if verifier.number in self.enforcing:
            return handshake.outcome
        return worst(_permissive(handshake, step) for step in handshake.steps if step.name in _ROUTE)

    def link(self, one: Peer, other: Peer) -> Outcome:
        if {one.number, other.number} & self.out or (one.number in self.upgraded) is not (
            other.number in self.upgraded
        ):
            return Outcome.FAIL
        return worst(iter((self.accepts(one, other), self.accepts(other, one))))

    @property
    def members(self) -> tuple[Peer, ...]:
        return tuple(peer for peer in self.plan.peers if peer.number not in self.out)

    @cached_property
    def apart(self) -> tuple[tuple[Peer, Peer], ...]:
        """The pairs of members whose link is known to fail."""
        return tuple(
            (one, other) for one, other in combinations(self.members, 2) if self.link(one, other) is Outcome.FAIL
        )

    def isolated_from(self, peer: Peer, outcome: Outcome = Outcome.FAIL) -> tuple[Peer, ...]:
        """The other members whose link with `peer` fails, or has another outcome."""
        return tuple(other for other in self.members if other is not peer and self.link(peer, other) is outcome)

    @cached_property
    def raised(self) -> tuple[PredictedAlarm, ...]:
        """The alarms that the rules foresee for the plan and what is seen of it by now."""
        case = Case(self.plan, self.evidence, self.at, self.matrix)
        return predicted_alarms(case, run(case, [rule for rule in catalog() if rule.alarms]))

    def rows(self) -> tuple[StatusRow, ...]:
        """One row for each member: as the others show it, the worst of what they show, and as it shows itself."""
        return tuple(self._row(peer) for peer in self.members)

    def _row(self, peer: Peer) -> StatusRow:
        own = page(self.matrix, peer)[peer.number - 1]
        shown = [(viewer, *self._shown(viewer, peer)) for viewer in self.members if viewer is not peer]
        if not shown:
            return StatusRow(peer.address, None, own.certificate, _THIS_SYSTEM, own.certificate)
        lines = {(certificate, clustering) for _, certificate, clustering, _ in shown}
        viewer, certificate, clustering, _ = min(shown, key=lambda one: one[3])
        seen_from = None if len(lines) == 1 else viewer.address
        return StatusRow(peer.address, seen_from, certificate, clustering, own.certificate)

    def _shown(self, viewer: Peer, peer: Peer) -> tuple[str, str, int]:
        row = page(self.matrix, viewer)[peer.number - 1]
        link = self.link(viewer, peer)
        weight = min(_WEIGHT.index(link), _WEIGHT.index(row.certificate_outcome))
        return row.certificate, clustering_line(self.matrix.between(viewer, peer), link), weight


def _permissive(handshake: Handshake, step: Step) -> Outcome:
    """What a step of the route means where certificates are not checked."""
    if step.outcome is not Outcome.FAIL or step.cause in _NAT:
        return Outcome.PASS if step.cause in _NAT else step.outcome
    peer = handshake.presenter
    own = {peer.lan2.ip if peer.lan2 is not None else None, peer.static_nat} - {None}
    # Peers that meet on outward addresses are advised against; nothing says that they fail to.
    return Outcome.UNKNOWN if handshake.target in own else Outcome.FAIL
