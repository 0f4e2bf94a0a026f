"""NICs and NAT: each peer's ports and addresses, the address that clusters, and what follows for mapping and DNS."""

from collections.abc import Iterator

from certplan.handshake.model import Route, Step, StepName
from certplan.handshake.resolving import addresses_of
from certplan.intent.stated import PUBLIC_VIEW, names_of, public_address
from certplan.judgement import Judgement
from certplan.outcomes import Outcome
from certplan.plan.model import ClusterType, ExternalLan, IPAddress, IPNetwork, IpVersion, Lan, Peer
from certplan.report.cards import finding_ident
from certplan.report.document import Block, Cell, Prose, Section, Table, Tone, Words, cell
from certplan.report.review.links import links_to, with_links
from certplan.report.review.parts.address_owner import address_owner
from certplan.report.review.parts.group import group_findings, group_note, weight
from certplan.report.review.parts.shown import named
from certplan.rules.model import Group
from certplan.rules.support.dns_answers import address_answer
from certplan.rules.topics import Topic
from certplan.text.addresses import is_private, kind, overlap
from certplan.vendor.releases import NAT_ON_ONE_NIC_ALLOWED_FROM, NAT_ON_ONE_NIC_FORBIDDEN_UP_TO
from certplan.zones.handshake import inside_address

__all__ = ["interfaces"]

_WAY = frozenset({StepName.RESOLVE, StepName.REACH})
_MOST_LISTED = 6


def interfaces(judgement: Judgement) -> Section:
    """The ports of every peer, the networks they are in, and what the layout asks of mapping and DNS."""
    note, tone = group_note(judgement, Group.NIC)
    return Section("interfaces", "NICs and NAT", tuple(_blocks(judgement)), note, tone)


def _blocks(judgement: Judgement) -> Iterator[Block]:
    peers = judgement.plan.peers
    yield Prose(_layout(judgement))
    yield from group_findings(judgement, Group.NIC)
    yield Table.of(
        "LAN ports and static NAT",
        ("peer", "LAN 1", "LAN 2", "static NAT", "public address"),
        (_ports(judgement, peer) for peer in peers),
    )
    yield Table.of("Networks of the LAN ports", ("network", "ports in it", "overlaps"), _networks(judgement))
    yield Table.of(
        "What follows for the mapping and for DNS",
        ("peer", "the other peers reach it", "public DNS has to say", "internal DNS has to say"),
        (_consequences(judgement, peer) for peer in peers),
    )
    yield Prose(f"Cluster address mapping: {judgement.case.intent.mapping.reason}")


def _layout(judgement: Judgement) -> str:
    plan = judgement.plan
    dual = sum(peer.dual_nic for peer in plan.peers)
    natted = sum(peer.static_nat is not None for peer in plan.peers)
    version = "IPv6" if plan.ip_version is IpVersion.IPV6 else "IPv4"
    return (
        f"Peers with two NICs: {dual}; with one NIC: {len(plan.peers) - dual}; with static NAT: {natted}."
        f" Cluster IP version: {version}."
    )


def _ports(judgement: Judgement, peer: Peer) -> tuple[Cell, ...]:
    nics = "two NICs" if peer.dual_nic else "one NIC"
    links = (
        Words(finding.code, weight(finding.severity) if finding.counts else Tone.QUIET, finding_ident(number))
        for number, finding in enumerate(judgement.findings)
        if finding.rule.group is Group.NIC and finding.outcome is Outcome.FAIL and peer.address in finding.subject.peers
    )
    head = cell(Words(peer.address, code=True), Words(f"Peer {peer.number}, {nics}", Tone.QUIET), *links)
    return head, _lan1(judgement, peer), _lan2(judgement, peer), _nat(judgement, peer), _public(judgement, peer)


def _lan1(judgement: Judgement, peer: Peer) -> Cell:
    lines = [*_port(judgement, peer.lan1), Words("clusters here")]
    if not peer.dual_nic:
        lines.append(Words("the only NIC", Tone.QUIET))
    elif peer.external_lan is ExternalLan.LAN1:
        lines.append(Words("External LAN interface; it is to be LAN 2", Tone.WARN))
    return tuple(lines)


def _lan2(judgement: Judgement, peer: Peer) -> Cell:
    if peer.lan2 is None:
        return cell("none", tone=Tone.QUIET)
    lines = list(_port(judgement, peer.lan2))
    if peer.external_lan is ExternalLan.LAN2:
        lines.append(Words("External LAN interface"))
    elif peer.external_lan is None:
        lines.append(Words("External LAN interface not verified: the plan does not say", Tone.OPEN))
    return tuple(lines)


def _port(judgement: Judgement, lan: Lan) -> Iterator[Words]:
    yield Words(str(lan.ip) if lan.network is None else f"{lan.ip}/{lan.network.prefixlen}", code=True)
    if lan.network is None:
        yield Words("network not verified: the plan gives no mask", Tone.OPEN)
    yield _kind(judgement, lan.ip)


def _kind(judgement: Judgement, ip: IPAddress) -> Words:
    return Words(kind(ip, judgement.plan.internal_networks).words, Tone.QUIET)


def _nat(judgement: Judgement, peer: Peer) -> Cell:
    lines: list[Words] = []
    for label, lan in _lans(peer):
        if lan.static_nat is not None:
            lines += [Words(str(lan.static_nat), code=True), _kind(judgement, lan.static_nat)]
            lines += _nat_place(judgement, peer, label)
    return tuple(lines) if lines else cell("off", tone=Tone.QUIET)


def _nat_place(judgement: Judgement, peer: Peer, label: str) -> Iterator[Words]:
    """Static NAT belongs on LAN 2; on the only NIC the release decides."""
    if label == "LAN 2":
        yield Words("on LAN 2")
    elif peer.dual_nic:
        text = "on LAN 1, which clusters: it belongs on LAN 2"
        yield from with_links(judgement, text, Tone.BAD, Topic.NAT_ON_CLUSTERING_LAN.value, peer.address)
    elif peer.release <= NAT_ON_ONE_NIC_FORBIDDEN_UP_TO:
        text = f"on the only NIC, which clusters: {peer.release} forbids that"
        yield from with_links(judgement, text, Tone.BAD, Topic.NAT_ON_ONE_NIC.value, peer.address)
    elif peer.release < NAT_ON_ONE_NIC_ALLOWED_FROM:
        yield Words(f"not verified: no text says whether {peer.release} allows it on the only NIC", Tone.OPEN)
    else:
        text = "on the only NIC, which clusters: allowed with a mapping only"
        yield from with_links(judgement, text, Tone.WARN, Topic.NAT_ON_ONE_NIC_DISPUTED.value, peer.address)


def _public(judgement: Judgement, peer: Peer) -> Cell:
    ip = public_address(peer)
    if judgement.plan.cluster.type is ClusterType.EXPRESSWAY_C:
        return cell("none: an Expressway-C is not seen from outside", tone=Tone.QUIET)
    private = is_private(ip, judgement.plan.internal_networks)
    reach = "private: out of reach from the internet" if private else ""
    return cell(Words(str(ip), code=True), address_owner(judgement, ip, peer), reach)


def _lans(peer: Peer) -> Iterator[tuple[str, Lan]]:
    yield "LAN 1", peer.lan1
    if peer.lan2 is not None:
        yield "LAN 2", peer.lan2


_Ports = list[tuple[Peer, str]]


def _networks(judgement: Judgement) -> Iterator[tuple[Cell, ...]]:
    """Every network with the ports in it; one peer's LANs must not overlap, those of two may."""
    found: dict[IPNetwork, _Ports] = {}
    maskless: list[tuple[Peer, str, Lan]] = []
    for peer in judgement.plan.peers:
        for label, lan in _lans(peer):
            if lan.network is None:
                maskless.append((peer, label, lan))
            else:
                found.setdefault(lan.network, []).append((peer, label))
    for network, ports in found.items():
        labels = dict.fromkeys(label for _, label in ports)
        users = [f"{label} of {named(peer for peer, each in ports if each == label)}" for label in labels]
        yield cell(str(network), code=True), cell(*users), tuple(_overlaps(judgement, network, found))
    for peer, label, lan in maskless:
        unknown = cell("not verified: the plan gives no mask", tone=Tone.OPEN)
        yield cell(str(lan.ip), code=True), cell(f"{label} of {named([peer])}"), unknown


def _overlaps(judgement: Judgement, network: IPNetwork, found: dict[IPNetwork, _Ports]) -> Iterator[Words]:
    own = [peer for peer, _ in found[network]]
    clear = True
    for peer in dict.fromkeys(own):
        if own.count(peer) > 1:
            clear = False
            yield from _overlap(judgement, peer, f"LAN 1 and LAN 2 of Peer {peer.number} are both in it")
    for other, ports in found.items():
        if other == network or not overlap(network, other):
            continue
        clear = False
        same = [peer for peer, _ in ports if peer in own]
        for peer in same:
            yield from _overlap(judgement, peer, f"overlaps {other}, the other LAN of Peer {peer.number}")
        if not same:
            yield Words(f"overlaps {other}, of other peers", Tone.QUIET)
    if clear:
        yield Words("none", Tone.GOOD)


def _overlap(judgement: Judgement, peer: Peer, text: str) -> Iterator[Words]:
    yield from with_links(judgement, text, Tone.BAD, Topic.LANS_OVERLAP.value, peer.address)


def _consequences(judgement: Judgement, peer: Peer) -> tuple[Cell, ...]:
    names = names_of(peer)
    head = cell(Words(peer.address, code=True), Words(_layout_of(peer), Tone.QUIET))
    e = judgement.plan.cluster.type is ClusterType.EXPRESSWAY_E
    outside, inside = (public_address(peer), inside_address(peer)) if e else (None, peer.lan1.ip)
    unnamed = cell("not verified: the plan gives the peer no FQDN", tone=Tone.OPEN)
    public = cell("nothing: its names belong into internal DNS only", tone=Tone.QUIET)
    if outside is not None:
        public = _records(names, outside) if names else unnamed
        if is_private(outside, judgement.plan.internal_networks) and not _in_public_dns(judgement, names, outside):
            text = "not verified: the plan states only a private address, which must not be in public DNS"
            public = cell(text, tone=Tone.OPEN)
    return head, _reached(judgement, peer), public, _records(names, inside) if names else unnamed


def _in_public_dns(judgement: Judgement, names: tuple[str, ...], ip: IPAddress) -> bool:
    """Whether the public view has that very address: a laboratory's."""
    answers = (address_answer(judgement.case, PUBLIC_VIEW, name, ip) for name in names)
    return any(ip in addresses_of(answer) for answer in answers)


def _layout_of(peer: Peer) -> str:
    nics = "two NICs" if peer.dual_nic else "one NIC"
    if peer.lan2 is not None and peer.lan2.static_nat is not None:
        return f"{nics}, static NAT on LAN 2"
    return f"{nics}, static NAT on LAN 1" if peer.lan1.static_nat is not None else f"{nics}, no static NAT"


def _records(names: tuple[str, ...], ip: IPAddress) -> Cell:
    record_type = "AAAA" if ip.version == 6 else "A"
    return cell(*(f"{name} {record_type} {ip}" for name in names), code=True)


_BY = {Route.LITERAL: "as an IP address", Route.MAPPING: "by the mapping", Route.DNS: "by DNS"}


def _reached(judgement: Judgement, peer: Peer) -> Cell:
    """Where the other peers connect to it, and by what, each once."""
    routes: dict[tuple[Route, IPAddress | None, Step | None], None] = {}
    others = [each for each in judgement.matrix.handshakes if each.presenter is peer and each.verifier is not peer]
    for handshake in others or [judgement.matrix.between(peer, peer)]:
        failed = next((step for step in handshake.not_passed if step.name in _WAY), None)
        routes[handshake.route, handshake.target, failed] = None
    lines: list[Words] = []
    for route, target, failed in list(routes)[:_MOST_LISTED]:
        if target is not None:
            lines.append(Words(str(target), code=True))
        if failed is None:
            lines.append(Words(f"{address_owner(judgement, target, peer) if target else ''}, {_BY[route]}", Tone.GOOD))
        else:
            lines.append(Words(f"{_BY[route]}: {failed.reason}", Tone.of(failed.outcome)))
            codes = judgement.codes(failed.cause) if failed.cause is not None else ()
            lines += links_to(judgement, codes, peer.address, name=peer.address)
    return tuple(lines)
