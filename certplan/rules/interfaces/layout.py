"""NIC: LAN ports, static NAT, and the address that clusters."""

from collections.abc import Iterator
from ipaddress import IPv4Interface

from certplan.evidence.model import Missing
from certplan.handshake.model import Cause
from certplan.intent.stated import peer_list
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import ClusterType, ExternalLan, IpVersion, Lan, Peer
from certplan.rules.model import Case, Clearing, Found, Subject, Unchecked, rule
from certplan.rules.support.handshakes import by_presenter, sentence, unchecked
from certplan.rules.support.stated import unstated
from certplan.text.addresses import overlap
from certplan.text.names import show
from certplan.vendor.releases import NAT_ON_ONE_NIC_ALLOWED_FROM, NAT_ON_ONE_NIC_FORBIDDEN_UP_TO

__all__ = [
    "dual_nic_on_expressway_c",
    "external_lan_not_lan2",
    "factory_lan2_address",
    "has_factory_lan2",
    "lans_overlap",
    "nat_on_clustering_lan",
    "nat_on_single_nic",
    "peer_ip_not_lan1",
    "single_nic_nat",
    "wrong_ip_version",
]

FACTORY_LAN2 = IPv4Interface("192.168.0.100/24")


@rule(
    "NIC001",
    "nat-on-clustering-lan",
    "Static NAT is on the LAN that carries the cluster",
    Severity.ERROR,
    sources=("BC-14.0", "CG-15.4-form"),
    answers=[Cause.NAT_ON_CLUSTERING_LAN],
    symptoms=("static NAT on LAN 1", "NAT between peers"),
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
    # The plan's own word, so that it is said of a peer that none could connect to yet, too.
    for peer in case.plan.peers:
        if peer.dual_nic and peer.lan1.static_nat is not None:
            yield Found(
                Subject.peer(peer),
                f"Static NAT ({peer.lan1.static_nat}) is on LAN 1 of {show(peer.address)}, which carries the cluster;"
                " with two NICs it belongs on LAN 2.",
                f"Move static NAT of {show(peer.address)} from LAN 1 to LAN 2.",
                case.where(peer, "lan1", "static_nat"),
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
    symptoms=("single NIC with static NAT", "NAT on the clustering interface"),
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
    for peer in case.plan.peers:
        nat = peer.lan1.static_nat
        if nat is not None and not peer.dual_nic and peer.release <= NAT_ON_ONE_NIC_FORBIDDEN_UP_TO:
            yield Found(
                Subject.peer(peer),
                f"{show(peer.address)} has one NIC with static NAT ({nat}) on {peer.release}, whose cluster guide"
                " forbids NAT on the clustering interface.",
                f"Upgrade {show(peer.address)} to X14.0.2 or later, or move static NAT to a second NIC.",
                case.where(peer, "lan1", "static_nat"),
            )


@rule(
    "NIC003",
    "peer-ip-not-lan1",
    "A peer address is an IP that is not the peer's LAN 1",
    Severity.ERROR,
    sources=("CG-15.4-form", "BC-14.0"),
    answers=[Cause.PEER_IP_WRONG],
    symptoms=("peer address is LAN 2", "Peer N address is the public address"),
)
def peer_ip_not_lan1(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a `Peer N address` typed as an IP address is that peer's LAN 1 address.

    Why it matters:
    The peer address must not be the external interface, nor the static NAT address: peers connect to each other on
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
            about=shared.about,
        )


@rule(
    "NIC004",
    "wrong-ip-version",
    "A peer's address is not of the cluster's IP version",
    Severity.ERROR,
    sources=("CG-15.4-form", "AG-15.5-clustering"),
    answers=[Cause.WRONG_IP_VERSION],
    symptoms=("Cluster IP version", "IPv4 and IPv6 mixed"),
)
def wrong_ip_version(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether LAN 1 of each peer, and the address other peers connect to, are of the `Cluster IP version`. Where the
    plan states none, LAN 1 of the first peer sets it.

    Why it matters:
    The cluster IP version must match the real addressing and be equal on all peers.

    How to fix:
    Set `Cluster IP version` to what the peers' LAN 1 addresses are, or correct the address.

    Example:
    `Cluster IP version` IPv6, and LAN 1 of every peer has an IPv4 address.
    """
    tried = {shared.peer.number: shared for shared in by_presenter(case, Cause.WRONG_IP_VERSION)}
    version = 6 if case.plan.ip_version is IpVersion.IPV6 else 4
    for peer in case.plan.peers:
        if peer.lan1.ip.version != version:
            yield Found(
                Subject.peer(peer),
                f"LAN 1 of {show(peer.address)} is {peer.lan1.ip}, and Cluster IP version is IPv{version}.",
                "Make Cluster IP version and LAN 1 agree, on every peer.",
                case.where(peer, "lan1", "ip"),
            )
        elif peer.number in tried:
            yield Found(
                Subject.peer(peer),
                sentence(tried[peer.number].step),
                "Make Cluster IP version and the address agree.",
                case.where(peer, "address"),
                about=tried[peer.number].about,
            )


@rule(
    "NIC005",
    "single-nic-nat",
    "One NIC with static NAT, which the vendor's texts disagree on",
    Severity.NOTICE,
    sources=("CG-14.0.2-form", "CG-15.4-form", "BC-14.0", "TA-217230"),
    confidence=Confidence.CONFLICTING,
    since="X14.0.2",
    symptoms=("single NIC with static NAT",),
)
def single_nic_nat(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a peer with one NIC has static NAT on it, from X14.0.2 on. NIC002 covers earlier releases.

    Why it matters:
    The cluster guides from X14.0.2 on allow it, with the private address as peer address and a cluster address mapping
    to it before Enforce. The Basic Configuration guide still asks for static NAT off on the port that carries the
    cluster, and the vendor's article on clusters for a public address on a single NIC. It also needs a firewall that
    reflects traffic to the public address back inside.

    How to fix:
    Give the peer a second NIC and put static NAT on LAN 2. Where one NIC has to do, never cluster on the static NAT
    address, and map every peer's FQDN to its private address.

    Example:
    X15.4, LAN 1 10.20.0.11 with static NAT 203.0.113.11 and no LAN 2.
    """
    found = [
        peer
        for peer in case.plan.peers
        if peer.lan1.static_nat is not None and not peer.dual_nic and peer.release >= NAT_ON_ONE_NIC_ALLOWED_FROM
    ]
    if found:
        yield Found(
            Subject.several(case.plan, found),
            f"{peer_list(found)} {'has' if len(found) == 1 else 'have'} one NIC with static NAT: the cluster guides"
            " from X14.0.2 on allow it with cluster address mapping, the Basic Configuration guide requires static NAT"
            " off on the port that carries the cluster.",
            "Keep each peer's mapping to its private address, or move static NAT to LAN 2 of a second NIC.",
            case.where(found[0], "lan1", "static_nat"),
        )


@rule(
    "NIC006",
    "lans-overlap",
    "LAN 1 and LAN 2 of a peer overlap",
    Severity.ERROR,
    sources=("AG-15.5-network", "BC-14.0"),
    symptoms=("same subnet on both LANs", "overlapping subnets"),
)
def lans_overlap(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether LAN 1 and LAN 2 of each peer are in subnets that have no address in common.

    Why it matters:
    With two NICs the subnets must not overlap: the peer could not tell on which port an address lies, and answers
    would leave by the wrong one.

    How to fix:
    Readdress one of the two ports, or correct the mask that makes it too wide.

    Example:
    LAN 1 10.20.0.11/16 and LAN 2 10.20.50.11/24: the mask of LAN 1 takes in LAN 2.
    """
    maskless = []
    for peer in case.plan.peers:
        if peer.lan2 is None:
            continue
        if _overlapping(peer.lan1, peer.lan2):
            yield Found(
                Subject.peer(peer),
                f"LAN 1 ({_with_mask(peer.lan1)}) and LAN 2 ({_with_mask(peer.lan2)}) of {show(peer.address)} overlap;"
                " two NICs need subnets apart.",
                f"Correct the address or the mask of LAN 1 or LAN 2 of {show(peer.address)}.",
                case.where(peer, "lan2", "ip"),
            )
        elif peer.lan1.network is None or peer.lan2.network is None:
            maskless.append(peer)
    if maskless:
        missing = Missing(
            f"the subnet mask of LAN 1 or LAN 2 of {peer_list(maskless)}",
            "the plan gives the address alone",
            "Write the addresses with their masks in the plan, as 10.20.0.11/24.",
            case.where(maskless[0], "lan1", "ip"),
            field="lan1",
        )
        yield Unchecked(Subject.cluster(case.plan), missing)


def _overlapping(one: Lan, other: Lan) -> bool:
    if one.network is not None and other.network is not None:
        return overlap(one.network, other.network)
    known, bare = (one.network, other.ip) if one.network is not None else (other.network, one.ip)
    # An address is never in a network of the other IP version.
    return one.ip == other.ip or (known is not None and bare in known)


def _with_mask(lan: Lan) -> str:
    return str(lan.ip) if lan.network is None else f"{lan.ip}/{lan.network.prefixlen}"


@rule(
    "NIC007",
    "dual-nic-on-expressway-c",
    "An Expressway-C peer has a second NIC",
    Severity.ERROR,
    sources=("AG-15.5-network", "BC-14.0"),
    only=ClusterType.EXPRESSWAY_C,
    symptoms=("Expressway-C with two NICs", "dual NIC"),
)
def dual_nic_on_expressway_c(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a peer of an Expressway-C cluster has LAN 2 in the plan.

    Why it matters:
    Dual network interfaces exist on Expressway-E only. Either the plan is wrong about the peer, or the peer is not
    the type of system it is taken for, and a cluster cannot have both types.

    How to fix:
    Remove `lan2` from the peer in the plan, or correct the cluster's type.

    Example:
    `type: expressway-c`, and a peer with LAN 1 10.30.0.11 and LAN 2 192.168.50.11.
    """
    for peer in case.plan.peers:
        if peer.lan2 is not None and not has_factory_lan2(peer):
            yield Found(
                Subject.peer(peer),
                f"{show(peer.address)} has LAN 2 ({peer.lan2.ip}), and only Expressway-E has two NICs.",
                f"Remove lan2 of {show(peer.address)} from the plan, or correct the cluster's type.",
                case.where(peer, "lan2"),
            )


@rule(
    "NIC008",
    "external-lan-not-lan2",
    "The external LAN interface is not LAN 2",
    Severity.WARNING,
    sources=("BC-14.0", "AG-15.5-network"),
    only=ClusterType.EXPRESSWAY_E,
    symptoms=("External LAN interface",),
    clearing=Clearing.EXTERNAL_LAN2,
)
def external_lan_not_lan2(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether `External LAN interface` is LAN2 on each peer with two NICs.

    Why it matters:
    With two NICs LAN 1 looks inward and carries the cluster, LAN 2 looks outward. The setting decides on which port
    TURN relays are allocated; on the inward one no client outside reaches them.

    How to fix:
    Set `External LAN interface` to LAN2, and swap the cables or the addresses if the ports are the other way round.

    Example:
    LAN 2 has static NAT 203.0.113.11, and `External LAN interface` is LAN1.
    """
    dual = [peer for peer in case.plan.peers if peer.dual_nic and not has_factory_lan2(peer)]
    yield from unstated(case, "external_lan", "External LAN interface", dual)
    for peer in dual:
        if peer.external_lan is ExternalLan.LAN1:
            yield Found(
                Subject.peer(peer),
                f"External LAN interface of {show(peer.address)} is LAN1; with two NICs it is to be LAN2.",
                f"Set External LAN interface of {show(peer.address)} to LAN2.",
                case.where(peer, "external_lan"),
            )


@rule(
    "NIC009",
    "factory-lan2-address",
    "LAN 2 has its factory address",
    Severity.WARNING,
    sources=("PY-EXPRESSWAY", "AG-15.5-network"),
    confidence=Confidence.INFERRED,
    symptoms=("192.168.0.100", "LAN 2 default address", "7400 refused", "second NIC enabled and unused"),
)
def factory_lan2_address(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether LAN 2 of a peer is 192.168.0.100/24 without static NAT, the value it leaves the factory with.

    Why it matters:
    That address is in the configuration of systems with one NIC, too: it does not show that dual network
    interfaces are in use. Taken for a second NIC it makes certplan ask for a cluster address mapping that may not be
    needed; where LAN 2 really is in use, it was never set.

    How to fix:
    Remove `lan2` from the plan where dual network interfaces are not in use; otherwise give LAN 2 its real address.

    Example:
    A plan made from an xConfiguration dump with `Ethernet 2 IP V4 Address: "192.168.0.100"`.
    """
    for peer in case.plan.peers:
        if has_factory_lan2(peer):
            yield Found(
                Subject.peer(peer),
                f"LAN 2 of {show(peer.address)} is {FACTORY_LAN2.ip}, its factory address, which does not show that two"
                " NICs are in use.",
                f"Remove lan2 of {show(peer.address)} from the plan, or give LAN 2 its real address.",
                case.where(peer, "lan2"),
            )


def has_factory_lan2(peer: Peer) -> bool:
    """Whether LAN 2 stands as it leaves the factory, so that it may well not be in use."""
    lan = peer.lan2
    return (
        lan is not None
        and lan.static_nat is None
        and (lan.ip, lan.network or FACTORY_LAN2.network)
        == (
            FACTORY_LAN2.ip,
            FACTORY_LAN2.network,
        )
    )
