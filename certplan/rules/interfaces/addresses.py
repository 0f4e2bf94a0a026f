"""NIC: the addresses on the LAN ports, whether they can be used there and whether the right side can reach them."""

from collections import defaultdict
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Address

from certplan.handshake.resolving import addresses_of, resolve
from certplan.intent.stated import PUBLIC_VIEW, peer_list
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import ClusterType, IPAddress, Lan, Peer
from certplan.rules.interfaces.layout import has_factory_lan2
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.text.addresses import AddressKind, is_private, is_public_side, kind
from certplan.text.names import is_ip, show
from certplan.text.words import clauses, joined, listed
from certplan.value import Value

__all__ = [
    "clusters_on_public_addresses",
    "duplicate_address",
    "ipv6_static_nat",
    "odd_mask",
    "single_nic_not_routable",
    "static_nat_not_global",
    "unusable_address",
]


class Port(Value):
    """One LAN port of a peer. `field` is the plan's key, `label` the appliance's word."""

    peer: Peer
    field: str
    label: str
    lan: Lan

    @property
    def named(self) -> str:
        return f"{self.label} of {show(self.peer.address)}"


def ports(peer: Peer) -> Iterator[Port]:
    yield Port(peer, "lan1", "LAN 1", peer.lan1)
    if peer.lan2 is not None:
        yield Port(peer, "lan2", "LAN 2", peer.lan2)


class Use(Value):
    """One place at which an address stands."""

    port: Port
    nat: bool

    @property
    def named(self) -> str:
        return f"static NAT of {self.port.named}" if self.nat else self.port.named


@rule(
    "NIC010",
    "duplicate-address",
    "One address is in two places",
    Severity.ERROR,
    sources=("CG-15.4-requirements", "AG-15.5-clustering"),
    symptoms=("duplicate IP address",),
)
def duplicate_address(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether LAN 1, LAN 2 and the static NAT addresses of all peers differ from one another.

    Why it matters:
    Each peer needs addresses of its own. Two peers on one LAN 1 address cannot form a cluster; two behind one static
    NAT address cannot both be reached from outside. The same LAN 2 address on two peers is possible only where their
    outer networks never meet, so it is a warning.

    How to fix:
    Correct the one that was copied from its neighbor.

    Example:
    The section of peer 2 was made from that of peer 1, and its static NAT address was left as it was.
    """
    uses: dict[IPAddress, list[Use]] = defaultdict(list)
    for peer in case.plan.peers:
        for port in ports(peer):
            if port.field == "lan2" and has_factory_lan2(peer):
                continue
            uses[port.lan.ip].append(Use(port, nat=False))
            if port.lan.static_nat is not None:
                uses[port.lan.static_nat].append(Use(port, nat=True))
    for ip, found in uses.items():
        peers = list(dict.fromkeys(use.port.peer for use in found))
        # LAN 1 and LAN 2 of one peer on one address is an overlap, and said there.
        if len(found) < 2 or (len(peers) == 1 and not any(use.nat for use in found)):
            continue
        apart = len(peers) == 1 or all(use.port.field == "lan2" and not use.nat for use in found)
        last = found[-1].port
        yield Found(
            Subject.name_of(str(ip), *peers),
            f"{ip} is {joined(use.named for use in found)}; each of them needs an address of its own.",
            "Correct all but one of them.",
            case.where(last.peer, last.field, "static_nat" if found[-1].nat else "ip"),
            severity=Severity.WARNING if apart else None,
            confidence=Confidence.INFERRED if apart else None,
        )


@rule(
    "NIC011",
    "unusable-address",
    "An address that no port can have",
    Severity.ERROR,
    sources=("AG-15.5-network", "IANA-IPV4-SPECIAL", "IANA-IPV6-SPECIAL"),
    symptoms=("invalid interface address", "IP configuration mismatch"),
)
def unusable_address(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each LAN and static NAT address is one that a host can have: not loopback, link-local, multicast, reserved
    or unspecified, and neither the first nor, in IPv4, the last address of its own subnet.

    Why it matters:
    Such an address is a slip of typing; nothing can be reached there. Expressway's IPv6 addresses must be static and
    global: link-local ones are not supported.

    How to fix:
    Correct the address or its mask.

    Example:
    LAN 1 10.20.0.0/24, the network's own address; LAN 2 fe80::11/64.
    """
    for peer in case.plan.peers:
        errors = [error for port in ports(peer) for error in _address_errors(port)]
        if errors:
            yield Found(
                Subject.peer(peer),
                f"{clauses(errors)}.",
                f"Correct the addresses of {show(peer.address)}.",
                case.where(peer, "lan1"),
            )


_NEVER = frozenset({AddressKind.LOOPBACK, AddressKind.LINK_LOCAL, AddressKind.MULTICAST, AddressKind.UNSPECIFIED})
_THIS_NETWORK = IPv4Network("0.0.0.0/8")


def _address_errors(port: Port) -> Iterator[str]:
    ip, network, nat = port.lan.ip, port.lan.network, port.lan.static_nat
    if why := _never(ip):
        yield f"{port.named}, {ip}, is {why}"
    elif network is not None and network.max_prefixlen - network.prefixlen > 1:
        if ip == network.network_address:
            yield f"{port.named}, {ip}, is the network address of {network}"
        elif isinstance(network, IPv4Network) and ip == network.broadcast_address:
            yield f"{port.named}, {ip}, is the broadcast address of {network}"
    if nat is not None and (why := _never(nat)):
        yield f"static NAT of {port.named}, {nat}, is {why}"


def _never(ip: IPAddress) -> str | None:
    sort = kind(ip)
    if sort in _NEVER:
        return sort.words
    # Not every block the registries reserve: laboratories use the benchmarking one.
    return "a reserved address" if ip.is_reserved or ip in _THIS_NETWORK else None


@rule(
    "NIC012",
    "odd-mask",
    "A mask or an IPv6 address looks wrong",
    Severity.WARNING,
    sources=("AG-15.5-network",),
    confidence=Confidence.INFERRED,
    symptoms=("wrong subnet mask", "odd netmask"),
)
def odd_mask(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each LAN port's mask leaves room for a gateway and is not wider than /8, whether IPv6 masks are /64, and
    whether an IPv6 address looks as if it had configured itself (SLAAC: `ff:fe` in the middle of its lower half).

    Why it matters:
    A /32 or /31 mask is one copied from a router's loopback or a firewall rule: the port would have no neighbor. A
    mask of /2 is a /22 whose second digit was lost. Expressway treats every IPv6 address as /64, and wants static
    addresses: one that configures itself changes with the hardware and leaves the mapping and DNS behind.

    How to fix:
    Correct the mask, or give the port a static address.

    Example:
    LAN 1 10.20.0.11/32.
    """
    for peer in case.plan.peers:
        oddities = [oddity for port in ports(peer) for oddity in _oddities(port)]
        if oddities:
            yield Found(
                Subject.peer(peer),
                f"{clauses(oddities)}.",
                f"Correct the masks and addresses of {show(peer.address)}.",
                case.where(peer, "lan1", "ip"),
            )


def _oddities(port: Port) -> Iterator[str]:
    ip, network = port.lan.ip, port.lan.network
    if network is not None:
        length = network.prefixlen
        if network.max_prefixlen - length < 2:
            yield f"{port.named}, {ip}, has the mask /{length}, which leaves no room for a gateway"
        elif network.version == 4 and length < 8:
            yield f"{port.named}, {ip}, has the mask /{length}, which is wider than any one network"
        elif network.version == 6 and length != 64:
            yield f"{port.named}, {ip}, has the mask /{length}, and Expressway treats IPv6 addresses as /64"
    if isinstance(ip, IPv6Address) and not ip.is_link_local and ip.packed[11:13] == b"\xff\xfe":
        yield f"{port.named}, {ip}, looks like an address that configured itself, and a static one is wanted"


@rule(
    "NIC013",
    "ipv6-static-nat",
    "Static NAT with an IPv6 address",
    Severity.ERROR,
    sources=("AG-15.5-network",),
    symptoms=("IPv6 NAT",),
)
def ipv6_static_nat(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether static NAT is on for IPv4 only, from an IPv4 address to an IPv4 address.

    Why it matters:
    The settings are `IPv4 static NAT mode` and `IPv4 static NAT address`; for IPv6 there are none.

    How to fix:
    Remove static NAT from the plan where the port has IPv6: the address itself is the public one.

    Example:
    LAN 2 2001:db8:50::11/64 with static NAT 2001:db8:113::11.
    """
    for peer in case.plan.peers:
        for port in ports(peer):
            nat = port.lan.static_nat
            if nat is not None and 6 in (nat.version, port.lan.ip.version):
                yield Found(
                    Subject.peer(peer),
                    f"{port.named} is {port.lan.ip} with static NAT {nat}; static NAT is for IPv4 alone.",
                    f"Remove static NAT of {port.named}, or correct it to an IPv4 address.",
                    case.where(peer, port.field, "static_nat"),
                )


@rule(
    "NIC014",
    "single-nic-not-routable",
    "An Expressway-E peer has one NIC, no static NAT and a private address",
    Severity.WARNING,
    sources=("TA-217230", "CG-15.4-fqdn"),
    only=ClusterType.EXPRESSWAY_E,
    symptoms=("MRA clients cannot reach the Expressway-E", "private address without NAT"),
)
def single_nic_not_routable(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether an Expressway-E peer with a single NIC and no static NAT has an address that can be reached from outside.
    Where the public view itself leads the peers' names to those private addresses (a laboratory), it is a notice.

    Why it matters:
    Clients and partners outside reach the peer at no private address. A firewall that translates without the peer
    knowing does not help: the peer would keep naming its private address in signaling and media.

    How to fix:
    State the static NAT address in the plan if the peer has one; give it a second NIC or a public address if not.

    Example:
    LAN 1 10.20.0.11 alone, and exe1.example.com is 203.0.113.11 in public DNS.
    """
    shut_in = [
        peer
        for peer in case.plan.peers
        if not peer.dual_nic and peer.static_nat is None and is_private(peer.lan1.ip, case.plan.internal_networks)
    ]
    lab = [peer for peer in shut_in if public_addresses(case, peer) == {peer.lan1.ip}]
    for peer in shut_in:
        if peer in lab:
            continue
        answers = listed(str(ip) for ip in sorted(public_addresses(case, peer), key=int))
        yield Found(
            Subject.peer(peer),
            f"{show(peer.address)} has one NIC without static NAT, and LAN 1 ({peer.lan1.ip}) is private"
            f"{f'; public DNS has {answers}' if answers else ''}: clients outside cannot reach it.",
            f"State the static NAT address of {show(peer.address)} in the plan, or give the peer a second NIC.",
            case.where(peer, "lan1"),
        )
    if lab:
        yield Found(
            Subject.cluster(case.plan),
            f"The public view leads {peer_list(lab)} to private addresses, their LAN 1: fine in a laboratory, out of"
            " reach from the internet.",
            "Give the peers public addresses before they go into service.",
            case.where(lab[0], "lan1"),
            severity=Severity.NOTICE,
        )


def public_addresses(case: Case, peer: Peer) -> set[IPAddress]:
    """What the public view has for a peer's names; empty where it has nothing or is not given."""
    names = {name for name in (peer.address, peer.fqdn) if name is not None and not is_ip(name)}
    return {ip for name in names for ip in addresses_of(resolve(case.evidence, case.plan, PUBLIC_VIEW, name))}


@rule(
    "NIC015",
    "static-nat-not-global",
    "A static NAT address is private",
    Severity.WARNING,
    sources=("AG-15.5-network", "TA-217230"),
    confidence=Confidence.INFERRED,
    symptoms=("static NAT address is private", "one-way media"),
)
def static_nat_not_global(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each static NAT address is a public one. Where every peer's is private and public DNS says nothing else (a
    laboratory, such as the one in the vendor's article), it is one notice.

    Why it matters:
    Static NAT is the address by which the outside reaches the peer. A private address there is mostly the inner one of
    the firewall, typed in place of the outer.

    How to fix:
    Enter the address that public DNS has for the peer.

    Example:
    Static NAT 192.168.1.11, and exe1.example.com is 203.0.113.11 in public DNS.
    """
    internal = case.plan.internal_networks
    private = [peer for peer in case.plan.peers if peer.static_nat and is_private(peer.static_nat, internal)]
    if not private:
        return
    outside = {ip for peer in case.plan.peers for ip in public_addresses(case, peer)}
    outside |= {peer.static_nat for peer in case.plan.peers if peer.static_nat is not None}
    if any(is_public_side(ip, internal) for ip in outside):
        for peer in private:
            yield Found(
                Subject.peer(peer),
                f"Static NAT of {show(peer.address)} is {peer.static_nat}, which is private; the outside of this"
                " cluster has public addresses.",
                f"Enter the public address of {show(peer.address)} as its static NAT address.",
                case.where(peer, "lan1" if peer.lan1.static_nat == peer.static_nat else "lan2", "static_nat"),
            )
        return
    addresses = listed(str(peer.static_nat) for peer in private)
    yield Found(
        Subject.cluster(case.plan),
        f"The static NAT addresses are private ({addresses}): fine in a laboratory, out of reach from the internet.",
        "Enter the public addresses before the peers go into service.",
        case.where(private[0]),
        severity=Severity.NOTICE,
    )


@rule(
    "NIC016",
    "clusters-on-public-addresses",
    "Expressway-E peers cluster on their public addresses",
    Severity.NOTICE,
    sources=("CG-15.4-requirements", "CG-15.4-fqdn"),
    confidence=Confidence.CONFLICTING,
    only=ClusterType.EXPRESSWAY_E,
    symptoms=("clustering over the internet", "cluster ports exposed"),
)
def clusters_on_public_addresses(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether peers with one NIC and no static NAT cluster on addresses of the public side.

    Why it matters:
    The vendor's texts disagree: one chapter of the cluster guide calls it perfectly acceptable to let public DNS
    resolve the peers' FQDNs to them, the requirements call clustering on public addresses undesirable. The cluster's
    own ports are then open to the internet unless something closes them.

    How to fix:
    Let the firewall block TCP 4371 and 4372 from everywhere but the other peers. In a new design give each peer a
    second NIC and cluster on LAN 1.

    Example:
    LAN 1 203.0.113.11 on the only NIC, and exe1.example.com is 203.0.113.11 in public DNS.
    """
    exposed = [
        peer
        for peer in case.plan.peers
        if not peer.dual_nic and peer.static_nat is None and is_public_side(peer.lan1.ip, case.plan.internal_networks)
    ]
    if exposed:
        yield Found(
            Subject.cluster(case.plan),
            f"{peer_list(exposed)} {'cluster' if len(exposed) > 1 else 'clusters'} on the public address of the only"
            " NIC: one chapter of the cluster guide accepts that, another calls it undesirable.",
            "Block TCP 4371 and 4372 on the firewall from everywhere but the other peers.",
            case.where(exposed[0], "lan1"),
        )
