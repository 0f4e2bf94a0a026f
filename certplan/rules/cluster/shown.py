"""CLU: what the peers' own clustering pages show: rows that contradict the simulation, pages that differ."""

from collections.abc import Iterator

from certplan.handshake.model import Cause
from certplan.outcomes import Severity
from certplan.plan.model import Clustering
from certplan.rules.model import Case, Found, Subject, SubjectKind, Unchecked, rule
from certplan.text.names import show
from certplan.text.words import joined, listed

__all__ = ["page_contradicts", "pages_differ"]


@rule(
    "CLU027",
    "page-contradicts",
    "A peer's page shows otherwise than the plan and its files give",
    Severity.WARNING,
    sources=("CG-15.4-form", "AG-15.5-clustering"),
    answers=(Cause.PAGE_CONTRADICTS,),
    symptoms=("System > Clustering shows something else", "page differs from the plan"),
)
def page_contradicts(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each row of System > Clustering, where the plan holds what a peer's page shows (`peers[].page`), agrees with
    what the plan, the certificates, the trusted CA lists and DNS give for that pair of peers.

    Why it matters:
    The appliance sees what it really has. Where it shows otherwise, a file in the plan is of another time or another
    peer, a setting was changed since, or certplan is wrong; until that is explained, the pair is unknown.

    How to fix:
    Export the certificate and the trusted CA list of both peers again, compare them with the plan, and paste the page
    again.

    Example:
    The page shows `Certificate: Valid` for a peer whose certificate in the plan has no SAN of its address.
    """
    for handshake, step in case.not_passed(Cause.PAGE_CONTRADICTS):
        peers = tuple(dict.fromkeys((handshake.verifier.address, handshake.presenter.address)))
        name = joined(show(address) for address in peers)
        yield Found(
            Subject(SubjectKind.PAIR, name, peers),
            f"{step.reason[:1].upper()}{step.reason[1:]}.",
            f"Export the certificate and trusted CA list of {name} again, and paste the page again.",
            case.where(handshake.verifier, "page"),
        )


@rule(
    "CLU028",
    "pages-differ",
    "Peers differ in what must be the same on System > Clustering",
    Severity.ERROR,
    sources=("CG-15.4-form", "AG-15.5-alarms"),
    alarms=(20012,),
    symptoms=("Cluster replication error", "peers disagree on the peer list", "different cluster name"),
)
def pages_differ(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether every peer has the same cluster name, configuration primary, TLS verification mode, and the same Peer N
    addresses in the same order. A peer whose page differs says so in the plan (`peers[].clustering`).

    Why it matters:
    These fields are typed on each peer by hand. Where they differ, replication stops for that peer (alarm 20012), and
    with another order of peers each counts another one as primary.

    How to fix:
    Make the fields on System > Clustering of that peer the same as on the primary.

    Example:
    `clustering: {primary: 2}` on the third peer of a cluster with `primary: 1`.
    """
    for peer in case.plan.peers:
        if peer.clustering is None:
            continue
        for field, label, own, common in _differences(case, peer.clustering):
            yield Found(
                Subject.peer(peer),
                f"{show(peer.address)} has the {label} {show(own, 200)}, and the cluster {show(common, 200)}.",
                f"Set the {label} of {show(peer.address)} to {show(common, 200)}.",
                case.where(peer, "clustering", field),
            )


def _differences(case: Case, own: Clustering) -> Iterator[tuple[str, str, str, str]]:
    """The fields that differ: the plan's name, the page's label, the peer's value, the cluster's."""
    cluster = case.plan.cluster
    if own.name is not None and own.name.casefold() != cluster.name.casefold():
        yield "name", "Cluster name", own.name, cluster.name
    if own.primary is not None and cluster.primary is not None and own.primary != cluster.primary:
        yield "primary", "Configuration primary", str(own.primary), str(cluster.primary)
    addresses = tuple(peer.address for peer in case.plan.peers)
    if own.peers is not None and [a.casefold() for a in own.peers] != [a.casefold() for a in addresses]:
        yield "peers", "list of Peer N addresses", listed(own.peers), listed(addresses)
    if own.tls_verification is not None and own.tls_verification is not cluster.tls_verification:
        yield "tls_verification", "TLS verification mode", own.tls_verification.value, cluster.tls_verification.value
