"""What the `System > Clustering` page of each peer will show, and which peers will still hear each other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from certplan.handshake.model import Cause, Handshake, Matrix, Route, StepName
from certplan.names import show
from certplan.outcomes import Outcome
from certplan.plan.model import Peer

__all__ = ["Row", "groups", "page", "summary"]

NAME_MISMATCH = "Certificate: Invalid (Common Name in certificate does not match)"
_MISMATCHES = frozenset(
    {Cause.ADDRESS_IS_IP, Cause.ADDRESS_NOT_FQDN, Cause.NAME_NOT_IN_SAN, Cause.MAPPING_NAME_NOT_IN_SAN}
)
_JUDGES_CERTIFICATE = frozenset(StepName) - {StepName.RESOLVE, StepName.REACH}
_WEIGHT = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the page: a peer as another (or the same) peer shows it.

    The lines are the appliance's own where its words are known. Of the reasons for `Certificate: Invalid` only the one
    on the name is documented, so for any other the line stops at `Invalid` and `certificate_reason` says why.
    A line that could not be told begins `could not check`.
    """

    viewer: Peer
    peer: Peer
    certificate: str
    certificate_outcome: Outcome
    certificate_reason: str
    clustering: str
    clustering_outcome: Outcome


def page(matrix: Matrix, viewer: Peer) -> tuple[Row, ...]:
    """The rows that `viewer` shows once Enforce is on, in the order of the peer fields."""
    return tuple(_row(matrix, viewer, peer) for peer in matrix.peers)


def summary(matrix: Matrix, peer: Peer, primary: int | None) -> Row:
    """One row for a peer: as the peer with the worst news shows it, the primary's view first among equals."""
    viewers = sorted((v for v in matrix.peers if v is not peer), key=lambda v: (v.number != primary, v.number))
    rows = [_row(matrix, viewer, peer) for viewer in viewers] or [_row(matrix, peer, peer)]
    own = _row(matrix, peer, peer)
    worst = min(rows, key=lambda row: (_WEIGHT.index(row.certificate_outcome), _WEIGHT.index(row.clustering_outcome)))
    if _WEIGHT.index(own.certificate_outcome) < _WEIGHT.index(worst.certificate_outcome):
        return own
    return worst


def _row(matrix: Matrix, viewer: Peer, peer: Peer) -> Row:
    handshake = matrix.between(viewer, peer)
    certificate, judged, reason = _certificate(handshake)
    if viewer is peer:
        return Row(viewer, peer, certificate, judged, reason, "Clustering: This system", Outcome.PASS)
    link = matrix.link(viewer, peer)
    return Row(viewer, peer, certificate, judged, reason, _clustering(handshake, link), link)


def _certificate(handshake: Handshake) -> tuple[str, Outcome, str]:
    judged = [step for step in handshake.troubles if step.name in _JUDGES_CERTIFICATE]
    failed = [step for step in judged if step.outcome is Outcome.FAIL]
    mismatch = next((step for step in failed if step.cause in _MISMATCHES), None)
    if mismatch is not None:
        return NAME_MISMATCH, Outcome.FAIL, mismatch.reason
    if failed:
        return "Certificate: Invalid", Outcome.FAIL, failed[0].reason
    if judged:
        return "could not check", Outcome.UNKNOWN, judged[0].reason
    return "Certificate: Valid", Outcome.PASS, ""


def _clustering(handshake: Handshake, link: Outcome) -> str:
    if link is Outcome.FAIL:
        return "Clustering: Failed"
    if link is Outcome.UNKNOWN:
        return "could not check"
    peer = handshake.presenter
    name = peer.system_name or peer.host_name or peer.address.split(".", maxsplit=1)[0]
    if handshake.route is Route.LITERAL:
        return f"Clustering: Active as {show(name)}"
    return f"Clustering: Active as {show(name)} (Resolved '{show(peer.address)}' as '{handshake.target}')"


def groups(matrix: Matrix) -> tuple[tuple[Peer, ...], ...]:
    """The largest groups in which every peer still hears every other; empty when all of them do.

    A link that could not be checked is taken to hold: only what is known to break splits a cluster.
    """
    peers = matrix.peers
    broken = {frozenset((a.number, b.number)) for a, b in combinations(peers, 2) if matrix.link(a, b) is Outcome.FAIL}
    if not broken:
        return ()
    found: list[tuple[Peer, ...]] = []
    for size in range(len(peers), 0, -1):
        for group in combinations(peers, size):
            if _whole(group, broken) and not any(set(group) <= set(larger) for larger in found):
                found.append(group)
    return tuple(sorted(found, key=lambda group: (-len(group), [peer.number for peer in group])))


def _whole(group: Sequence[Peer], broken: Iterable[frozenset[int]]) -> bool:
    numbers = {peer.number for peer in group}
    return not any(pair <= numbers for pair in broken)
