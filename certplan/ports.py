"""Ports: what has to pass between the peers, from outside and from Expressway-C, and what has to stay closed.

Sources: IP Port Usage guides X14.0 and X15.0 (clustering connections, firewall configuration), Cluster Creation and
Maintenance guide X15.4 (requirements, reference: built-in firewall rules), Mobile and Remote Access guide X15.2.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum

from certplan.intent.stated import public_address
from certplan.plan.model import CertificateAuthority, ClusterType, IPAddress, Peer, Plan, ServerKind, ZoneType
from certplan.text.names import show
from certplan.text.words import clauses, listed
from certplan.value import Value
from certplan.vendor import Flow, FlowGroup, Ports, ports
from certplan.vendor.releases import BUILT_IN_RULES_READ_FROM, TLS_BETWEEN_PEERS_FROM, Release
from certplan.zones.handshake import inside_address

__all__ = ["BuiltInRule", "Firewall", "FirewallRow", "PortPlan", "RowGroup", "plan_ports"]


class RowGroup(StrEnum):
    """What a row for a firewall of the network is about."""

    PEERS = "peers"
    """Between peers."""
    MRA_OUTSIDE = "mra-outside"
    MRA_INSIDE = "mra-inside"
    MRA_SERVERS = "mra-servers"
    """From the peers of an Expressway-C to the servers behind it."""
    ACME = "acme"
    """Between the CA of the ACME service and the peers of an Expressway-E."""
    XMPP_FEDERATION = "xmpp-federation"
    """From the servers of federated domains."""
    BLOCK = "block"
    """From anywhere but the other peers."""


class Firewall(StrEnum):
    """Where a firewall stands, if there is one. The value is how it is called."""

    PEERS = "between the peers"
    OUTER = "between the internet and the Expressway-E"
    INNER = "between the Expressway-E and the Expressway-C"
    SERVERS = "between the Expressway-C and the servers"


_FIREWALLS = {
    RowGroup.PEERS: Firewall.PEERS,
    RowGroup.MRA_OUTSIDE: Firewall.OUTER,
    RowGroup.MRA_INSIDE: Firewall.INNER,
    RowGroup.MRA_SERVERS: Firewall.SERVERS,
    RowGroup.ACME: Firewall.OUTER,
    RowGroup.XMPP_FEDERATION: Firewall.OUTER,
    RowGroup.BLOCK: Firewall.OUTER,
}


class FirewallRow(Value):
    """One thing a firewall of the network has to let pass, or to block."""

    group: RowGroup
    allow: bool
    purpose: str
    source: IPAddress | None
    """None: anywhere outside, or for `MRA_INSIDE` each Expressway-C peer, where its plan is not known."""
    source_ports: str
    destination: IPAddress | str
    """A text for what the plan gives no address of, such as a server by its name."""
    peer: str
    """The peer it is about, as its address stands in its plan: where the row leads to, or else where it comes from."""
    protocol: str
    transport: str
    destination_ports: str
    doubt: str = ""

    @property
    def firewall(self) -> Firewall:
        """The firewall that it is for."""
        return _FIREWALLS[self.group]


class BuiltInRule(Value):
    """One built-in firewall rule on one peer, field by field as its page has it."""

    peer: str
    priority: int
    interface: str | None
    """`LAN1` or `LAN2`; None where there is one NIC, and so no such field."""
    ip: str
    prefix_length: int
    transport: str
    start_port: int
    end_port: int
    action: str
    """`Allow` or `Drop`."""
    description: str


class PortPlan(Value):
    """Everything about ports that concerns one cluster."""

    release: Release
    flows: tuple[Flow, ...]
    """From every peer to every other, in this release."""
    rows: tuple[FirewallRow, ...]
    """For the firewalls of the network, address by address."""
    built_in: tuple[BuiltInRule, ...]
    """Empty for an Expressway-C, and where the release has no such ports."""
    remarks: tuple[str, ...]
    """What is in doubt, and what the plan leaves open."""
    sources: tuple[str, ...]


def plan_ports(plan: Plan, far_ends: Sequence[Plan] = ()) -> PortPlan:
    """Tell the ports of a cluster from its addresses, type, release and services.

    Args:
        plan: the cluster.
        far_ends: the clusters that its Unified Communications traversal zones lead to, as far as they are known: with
            them the rows are those of Mobile and Remote Access as a whole.
    """
    known, release = ports(), plan.cluster.release
    flows = tuple(
        flow
        for flow in known.flows
        if flow.group in (FlowGroup.CLUSTERING, FlowGroup.PEER_TRAFFIC)
        and flow.only in ("", plan.cluster.type.value)
        and _holds(flow, release)
    )
    rows = (*_between(plan, flows), *_services(plan, far_ends, known), *_blocked(plan, known))
    built_in = tuple(_built_in(plan, known))
    used = [*flows, *(flow for flow in known.flows if any(row.group.value == flow.group.value for row in rows))]
    closed = [entry for entry in known.closed if any(row.group is RowGroup.BLOCK for row in rows)]
    keys = [key for flow in used for key in flow.sources] + [key for entry in closed for key in entry.sources]
    keys += known.built_in_sources if built_in else ()
    served = {row.group for row in rows}
    return PortPlan(release, flows, rows, built_in, tuple(_remarks(plan, known, served)), tuple(dict.fromkeys(keys)))


def _holds(flow: Flow, release: Release) -> bool:
    begun = not flow.since or release >= Release.parse(flow.since)
    return begun and (not flow.before or release < Release.parse(flow.before))


def _between(plan: Plan, flows: tuple[Flow, ...]) -> Iterator[FirewallRow]:
    for source in plan.peers:
        for target in plan.peers:
            if source is not target:
                for flow in flows:
                    yield _row(RowGroup.PEERS, flow, source.lan1.ip, target.lan1.ip, target)


def _row(group: RowGroup, flow: Flow, source: IPAddress | None, target: IPAddress | str, peer: Peer) -> FirewallRow:
    return FirewallRow(
        group,
        True,
        flow.purpose,
        source,
        flow.source_ports,
        target,
        peer.address,
        flow.protocol,
        flow.transport,
        flow.destination_ports,
        flow.doubt,
    )


def _has_mra(plan: Plan) -> bool:
    """Whether the plan has MRA domains, a Unified Communications traversal zone, or servers behind an Expressway-C."""
    mra = plan.services.mra
    unified = any(zone.type is ZoneType.UC_TRAVERSAL for zone in plan.zones or ())
    return (mra is not None and bool(mra.domains)) or unified or bool(plan.servers)


def _has_federation(plan: Plan) -> bool:
    served = plan.services.xmpp_federation
    named = served is not None and bool(served.domains or served.chat_node_aliases)
    return plan.cluster.type is ClusterType.EXPRESSWAY_E and named


def _services(plan: Plan, far_ends: Sequence[Plan], known: Ports) -> Iterator[FirewallRow]:
    every = [plan, *(far_ends if _has_mra(plan) else ())]
    outer = [each for each in every if each.cluster.type is ClusterType.EXPRESSWAY_E]
    inner = [each for each in every if each.cluster.type is ClusterType.EXPRESSWAY_C]
    if _has_mra(plan):
        for each in outer:
            yield from _toward(RowGroup.MRA_OUTSIDE, each, known)
            sources: list[IPAddress | None] = [peer.lan1.ip for cluster in inner for peer in cluster.peers]
            for source in sources or [None]:
                yield from _toward(RowGroup.MRA_INSIDE, each, known, source)
        for each in inner:
            yield from _to_servers(each, known)
    if plan.authorities.server is CertificateAuthority.ACME and plan in outer:
        yield from _acme(plan, known)
    if _has_federation(plan):
        yield from _toward(RowGroup.XMPP_FEDERATION, plan, known)


def _toward(group: RowGroup, plan: Plan, known: Ports, source: IPAddress | None = None) -> Iterator[FirewallRow]:
    """The rows of a group that lead to the peers of an Expressway-E."""
    address = inside_address if group is RowGroup.MRA_INSIDE else public_address
    for flow in known.flows:
        if flow.group.value == group.value:
            yield from (_row(group, flow, source, address(peer), peer) for peer in plan.peers if _is_for(flow, peer))


_SERVERS = {
    ServerKind.UNIFIED_CM: "every Unified CM",
    ServerKind.IM_PRESENCE: "every IM and Presence Service",
    ServerKind.UNITY: "every Unity Connection",
}


def _to_servers(plan: Plan, known: Ports) -> Iterator[FirewallRow]:
    """From each Expressway-C peer to the servers that its plan names, or to all of a kind where it names none."""
    for flow in known.flows:
        if flow.group is FlowGroup.MRA_SERVERS:
            kind = ServerKind(flow.server)
            named = [server.address for server in plan.servers or () if server.kind is kind]
            for address in named or ([] if plan.servers else [_SERVERS[kind]]):
                yield from (_row(RowGroup.MRA_SERVERS, flow, peer.lan1.ip, address, peer) for peer in plan.peers)


def _acme(plan: Plan, known: Ports) -> Iterator[FirewallRow]:
    for flow in known.flows:
        if flow.group is FlowGroup.ACME:
            for peer in plan.peers:
                own = public_address(peer)
                source, target = (own, "the CA") if flow.outbound else (None, own)
                yield _row(RowGroup.ACME, flow, source, target, peer)


def _is_for(flow: Flow, peer: Peer) -> bool:
    return not flow.platforms or (peer.platform or "") in flow.platforms


def _blocked(plan: Plan, known: Ports) -> Iterator[FirewallRow]:
    for entry in known.closed:
        if entry.local_only or (entry.since and plan.cluster.release < Release.parse(entry.since)):
            continue
        for peer in plan.peers:
            for address in dict.fromkeys((public_address(peer), peer.lan1.ip)):
                yield FirewallRow(
                    RowGroup.BLOCK,
                    allow=False,
                    purpose=entry.why,
                    source=None,
                    source_ports="any",
                    destination=address,
                    peer=peer.address,
                    protocol="TCP",
                    transport="TCP",
                    destination_ports=str(entry.port),
                )


def _built_in(plan: Plan, known: Ports) -> Iterator[BuiltInRule]:
    """On every peer: the other peers allowed on LAN 1, then everybody dropped on each LAN."""
    closed = [
        entry.port
        for entry in known.closed
        if not entry.local_only and (not entry.since or plan.cluster.release >= Release.parse(entry.since))
    ]
    if plan.cluster.type is not ClusterType.EXPRESSWAY_E or not closed:
        return
    first, last = min(closed), max(closed)
    for peer in plan.peers:
        inner = "LAN1" if peer.dual_nic else None
        others = [other for other in plan.peers if other is not peer]
        for number, other in enumerate(others, 1):
            ip = other.lan1.ip
            words = f"Cluster: peer {other.number}"
            yield BuiltInRule(
                peer.address, number, inner, str(ip), ip.max_prefixlen, "TCP", first, last, "Allow", words
            )
        for number, lan in enumerate(("LAN1", "LAN2") if peer.dual_nic else (None,), len(others) + 1):
            everybody = "::" if peer.lan1.ip.version == 6 else "0.0.0.0"  # noqa: S104 - the page's word for everybody
            words = "Cluster: all others"
            yield BuiltInRule(peer.address, number, lan, everybody, 0, "TCP", first, last, "Drop", words)


_OTHER_SYSTEMS = {
    ClusterType.EXPRESSWAY_C: {FlowGroup.MRA_SERVERS: "MRA, from every peer of this Expressway-C"},
    ClusterType.EXPRESSWAY_E: {FlowGroup.TURN: "Where TURN is used", FlowGroup.ACME: "Where ACME is used"},
}


def _of_other_systems(plan: Plan, known: Ports, served: AbstractSet[RowGroup]) -> Iterator[str]:
    """The ports of services for which there are no rows, a sentence a service."""
    for group, when in _OTHER_SYSTEMS[plan.cluster.type].items():
        if group.value in served:
            continue
        flows = [flow for flow in known.flows if flow.group is group]
        purposes = [f"{flow.purpose}, {flow.transport} {flow.destination_ports}{_caveat(flow)}" for flow in flows]
        yield f"{when}: {clauses(purposes)}."


def _caveat(flow: Flow) -> str:
    return f" ({flow.doubt.removesuffix('.')})" if flow.doubt else ""


def _remarks(plan: Plan, known: Ports, served: AbstractSet[RowGroup]) -> Iterator[str]:
    release, last = plan.cluster.release, Release.parse(known.last_guide)
    if release.key[:2] > last.key[:2]:
        yield f"{release}: {known.later_releases}"
    ages = {bool(peer.release < TLS_BETWEEN_PEERS_FROM) for peer in plan.peers}
    if len(ages) > 1:
        change = TLS_BETWEEN_PEERS_FROM
        yield f"Some peers run a release before {change} and some a later one, and the ports changed with it."
    if release < BUILT_IN_RULES_READ_FROM:
        first = BUILT_IN_RULES_READ_FROM
        yield f"{release}: blocking and built-in firewall rules are given as the guides from {first} on have them."
    if release >= TLS_BETWEEN_PEERS_FROM:
        yield known.peer_traffic
    yield from _of_other_systems(plan, known, served)
    yield "Peers connect to each other at their LAN 1 addresses, without NAT between them."
    networks = {peer.lan1.network for peer in plan.peers}
    if len(plan.peers) > 1 and len(networks) == 1 and (network := networks.pop()) is not None:
        yield f"All peers are in {network}: a firewall of the network is between them only if that subnet is split."
    for entry in known.closed:
        if entry.local_only and release >= Release.parse(entry.since):
            yield f"TCP {entry.port} is opened nowhere: {entry.why[0].lower()}{entry.why[1:]}."
    if plan.cluster.type is ClusterType.EXPRESSWAY_E:
        if plan.services.xmpp_federation is None:
            yield "The plan does not say whether XMPP federation is used: state services.xmpp_federation for its port."
        if plan.services.mra is None:
            yield "The plan does not say whether Mobile and Remote Access is used: state services.mra for its ports."
        elif plan.services.mra.domains:
            yield "Open the ports for Mobile and Remote Access at the public address of every peer, not for one only."
            natted = [show(peer.address) for peer in plan.peers if not peer.dual_nic and peer.static_nat is not None]
            if natted:
                words = "the firewall has to reflect what Expressway-C sends to their public addresses"
                yield f"{listed(natted)}: one NIC with static NAT, so {words}."
