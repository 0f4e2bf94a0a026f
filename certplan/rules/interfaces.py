"""NIC: LAN ports, static NAT, and the address that clusters."""

from collections.abc import Iterator

from certplan.handshake.model import Cause
from certplan.names import show
from certplan.outcomes import Confidence, Severity
from certplan.rules.handshakes import by_presenter, sentence, unchecked
from certplan.rules.model import Case, Found, Subject, Unchecked, rule

__all__ = ["nat_on_clustering_lan", "nat_on_single_nic", "peer_ip_not_lan1", "wrong_ip_version"]


@rule(
    "NIC001",
    "nat-on-clustering-lan",
    "Static NAT is on the LAN that carries the cluster",
    Severity.ERROR,
    sources=("BC-14.0", "CG-15.4-form"),
    answers=[Cause.NAT_ON_CLUSTERING_LAN],
)
def nat_on_clustering_lan(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether static NAT mode is off on LAN 1 of a peer with two NICs.

    Why it matters:
    With Advanced Networking, LAN 1 is the address to cluster on, and static NAT must be off on it. A peer that needs
    static NAT has it on LAN 2.

    How to fix:
    Swap the roles of the ports: the outward side with static NAT on LAN 2, the inward side without on LAN 1.

    Example:
    LAN 1 10.20.0.11 with static NAT 203.0.113.11, LAN 2 without.
    """
    for shared in by_presenter(case, Cause.NAT_ON_CLUSTERING_LAN):
        yield Found(
            Subject.peer(shared.peer),
            sentence(shared.step),
            f"Move static NAT of {show(shared.peer.address)} from LAN 1 to LAN 2.",
            case.where(shared.peer, "lan1", "static_nat"),
        )


@rule(
    "NIC002",
    "nat-on-single-nic",
    "One NIC with static NAT, on a release whose guide does not allow it",
    Severity.ERROR,
    sources=("CG-14.0-form", "CG-14.0.2-form", "CG-15.4-form"),
    confidence=Confidence.CONFLICTING,
    until="X14.0.2",
    answers=[Cause.NAT_ON_SINGLE_NIC],
)
def nat_on_single_nic(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a peer with one NIC has static NAT on it, before X14.0.2.

    Why it matters:
    The cluster guides up to X14.0 forbid NAT on the clustering interface. The guide for X14.0.2 dropped that sentence
    and allows it with a cluster address mapping to the private address; of X14.0.1 no text was found.

    How to fix:
    Upgrade to X14.0.2 or later, or give the peer a second NIC and put static NAT on LAN 2.

    Example:
    X14.0, LAN 1 10.20.0.11 with static NAT 203.0.113.11 and no LAN 2.
    """
    yield from unchecked(case, Cause.NAT_ON_SINGLE_NIC)
    for shared in by_presenter(case, Cause.NAT_ON_SINGLE_NIC):
        if shared.step.missing is None:
            yield Found(
                Subject.peer(shared.peer),
                sentence(shared.step),
                f"Upgrade {show(shared.peer.address)} to X14.0.2 or later, or move static NAT to a second NIC.",
                case.where(shared.peer, "lan1", "static_nat"),
            )


@rule(
    "NIC003",
    "peer-ip-not-lan1",
    "A peer address is an IP that is not the peer's LAN 1",
    Severity.ERROR,
    sources=("CG-15.4-form", "BC-14.0"),
    answers=[Cause.PEER_IP_WRONG],
)
def peer_ip_not_lan1(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a `Peer N address` typed as an IP address is that peer's LAN 1 address.

    Why it matters:
    The peer address must not be the external interface, nor the static NAT address: peers speak to each other on
    LAN 1, without NAT between them.

    How to fix:
    Correct the peer field on every peer, or the address in the plan.

    Example:
    `Peer 1 address` is 203.0.113.11, the static NAT address of LAN 2.
    """
    for shared in by_presenter(case, Cause.PEER_IP_WRONG):
        yield Found(
            Subject.peer(shared.peer),
            sentence(shared.step),
            f"Change Peer {shared.peer.number} address to the LAN 1 address {shared.peer.lan1.ip}, then to its FQDN.",
            case.where(shared.peer, "address"),
        )


@rule(
    "NIC004",
    "wrong-ip-version",
    "A peer is reached in another IP version than the cluster's",
    Severity.ERROR,
    sources=("CG-15.4-form", "AG-15.5-clustering"),
    answers=[Cause.WRONG_IP_VERSION],
)
def wrong_ip_version(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the address each peer is dialled at is of the `Cluster IP version`.

    Why it matters:
    The cluster IP version must match the real addressing and be equal on all peers.

    How to fix:
    Set `Cluster IP version` to what the peers' LAN 1 addresses are, or correct the address.

    Example:
    `Cluster IP version` IPv6, and a mapping entry to 10.20.0.11.
    """
    for shared in by_presenter(case, Cause.WRONG_IP_VERSION):
        yield Found(
            Subject.peer(shared.peer),
            sentence(shared.step),
            "Make Cluster IP version and the address agree.",
            case.where(shared.peer, "address"),
        )
