"""What the `System > Clustering` page of each peer will show, and which peers will still connect to each other."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import combinations, islice

from certplan.handshake.model import Cause, Handshake, Matrix, Route, StepName, worst
from certplan.outcomes import Outcome
from certplan.plan.model import Peer
from certplan.text.names import show
from certplan.value import Value

__all__ = ["NOT_VERIFIED", "ClusteringRow", "Split", "clustering_line", "page", "split", "summary"]

NOT_VERIFIED = "not verified"
NAME_MISMATCH = "Certificate: Invalid (Common Name in certificate does not match)"
_MISMATCHES = frozenset(
    {Cause.ADDRESS_IS_IP, Cause.ADDRESS_NOT_FQDN, Cause.NAME_NOT_IN_SAN, Cause.MAPPING_NAME_NOT_IN_SAN}
)
_JUDGES_CERTIFICATE = frozenset(StepName) - {StepName.RESOLVE, StepName.REACH}
_MOST_LISTED, _MOST_COUNTED, _MOST_STEPS = 64, 1024, 20_000
_WEIGHT = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)


class ClusteringRow(Value):
    """One row of the page: a peer as another (or the same) peer shows it.

    The lines are the appliance's own where its words are known. Of the reasons for `Certificate: Invalid` only the one
    on the name is documented, so for any other the line stops at `Invalid` and `certificate_reason` says why.
    A line that is unknown is `NOT_VERIFIED`. `clustering_reason` says why the link does not hold where
    the line on the certificate does not say it already.
    """

    viewer: Peer
    peer: Peer
    certificate: str
    certificate_outcome: Outcome
    certificate_reason: str
    clustering: str
    clustering_outcome: Outcome
    clustering_reason: str = ""


def page(matrix: Matrix, viewer: Peer) -> tuple[ClusteringRow, ...]:
    """The rows that `viewer` shows once Enforce is on, in the order of the peer fields."""
    return tuple(_row(matrix, viewer, peer) for peer in matrix.peers)


def summary(matrix: Matrix, peer: Peer, primary: int | None) -> ClusteringRow:
    """One row for a peer: as the peer with the worst news shows it, the primary's view first among equals."""
    viewers = sorted((v for v in matrix.peers if v is not peer), key=lambda v: (v.number != primary, v.number))
    rows = [_row(matrix, viewer, peer) for viewer in viewers] or [_row(matrix, peer, peer)]
    own = _row(matrix, peer, peer)
    bleakest = min(
        rows, key=lambda row: (_WEIGHT.index(row.certificate_outcome), _WEIGHT.index(row.clustering_outcome))
    )
    if _WEIGHT.index(own.certificate_outcome) < _WEIGHT.index(bleakest.certificate_outcome):
        return own
    return bleakest


def _row(matrix: Matrix, viewer: Peer, peer: Peer) -> ClusteringRow:
    handshake = matrix.between(viewer, peer)
    certificate, judged, reason = _certificate(handshake)
    if viewer is peer:
        return ClusteringRow(viewer, peer, certificate, judged, reason, "Clustering: This system", Outcome.PASS)
    link, why = matrix.link(viewer, peer), _why_not(handshake, matrix.between(peer, viewer))
    return ClusteringRow(viewer, peer, certificate, judged, reason, clustering_line(handshake, link), link, why)


def _certificate(handshake: Handshake) -> tuple[str, Outcome, str]:
    judged = [step for step in handshake.not_passed if step.name in _JUDGES_CERTIFICATE]
    if handshake.contradicted:
        return NOT_VERIFIED, Outcome.UNKNOWN, judged[-1].reason
    failed = [step for step in judged if step.outcome is Outcome.FAIL]
    mismatch = next((step for step in failed if step.cause in _MISMATCHES), None)
    if mismatch is not None:
        return NAME_MISMATCH, Outcome.FAIL, mismatch.reason
    if failed:
        return "Certificate: Invalid", Outcome.FAIL, failed[0].reason
    if judged:
        return NOT_VERIFIED, Outcome.UNKNOWN, judged[0].reason
    return "Certificate: Valid", Outcome.PASS, ""


def _why_not(there: Handshake, back: Handshake) -> str:
    """Why the link between two peers does not hold, but for what the certificate shown by the other explains."""
    link = worst(iter((there.outcome, back.outcome)))
    if link is Outcome.PASS:
        return ""
    if (reason := _not_reached(there, link)) is not None or there.outcome is link:
        return reason or ""
    verifier, presenter = show(back.verifier.address), show(back.presenter.address)
    if (reason := _not_reached(back, link)) is not None:
        return f"seen from {verifier}, {reason}"
    if link is Outcome.FAIL:
        return f"{verifier} refuses the certificate of {presenter}"
    return f"whether {verifier} accepts the certificate of {presenter} is not verified"


def _not_reached(handshake: Handshake, outcome: Outcome) -> str | None:
    """Why the way to the peer ended like this, if it did."""
    before_certificate = (step for step in handshake.not_passed if step.name not in _JUDGES_CERTIFICATE)
    return next((step.reason for step in before_certificate if step.outcome is outcome), None)


def clustering_line(handshake: Handshake, link: Outcome) -> str:
    """The line on clustering in a row for the presenter, by what becomes of the link between the two."""
    if link is Outcome.FAIL:
        return "Clustering: Failed"
    if link is Outcome.UNKNOWN:
        return NOT_VERIFIED
    peer = handshake.presenter
    name = peer.system_name or peer.host_name or peer.address.split(".", maxsplit=1)[0]
    if handshake.route is Route.LITERAL:
        return f"Clustering: Active as {show(name)}"
    return f"Clustering: Active as {show(name)} (Resolved '{show(peer.address)}' as '{handshake.target}')"


class Split(Value):
    """How a cluster would come apart: the largest groups in which every peer still connects to every other."""

    groups: tuple[tuple[Peer, ...], ...] = ()
    """Largest first, at most 64; empty when the cluster stays whole."""
    more: int = 0
    """How many further groups there are; counting stops at 1024 groups in all."""


def split(matrix: Matrix) -> Split:
    """The largest groups of peers that would still connect to each other; none when all of them do.

    A link that is not verified is taken to hold: only what is known to break splits a cluster. A peer's own row
    is no link.
    """
    peers = matrix.peers
    linked = {peer.number: set[int]() for peer in peers}
    for one, other in combinations(peers, 2):
        if matrix.link(one, other) is not Outcome.FAIL:
            linked[one.number].add(other.number)
            linked[other.number].add(one.number)
    if all(len(others) == len(peers) - 1 for others in linked.values()):
        return Split()
    found = sorted(islice(_cliques(linked), _MOST_COUNTED), key=lambda group: (-len(group), group))
    listed = found[:_MOST_LISTED]
    return Split(tuple(tuple(peers[number - 1] for number in group) for group in listed), len(found) - len(listed))


def _cliques(linked: Mapping[int, AbstractSet[int]]) -> Iterator[tuple[int, ...]]:
    """The maximal groups in which all are linked, each in order of number (Bron and Kerbosch, with a pivot)."""
    ahead: list[tuple[tuple[int, ...], set[int], set[int]]] = [((), set(linked), set())]
    for _ in range(_MOST_STEPS):
        if not ahead:
            return
        chosen, open_, done = ahead.pop()
        if not open_ and not done:
            yield tuple(sorted(chosen))
            continue
        pivot = max(sorted(open_ | done), key=lambda number: len(open_ & linked[number]))
        for number in sorted(open_ - linked[pivot]):
            ahead.append(((*chosen, number), open_ & linked[number], done & linked[number]))
            open_ = open_ - {number}
            done = done | {number}
