"""From a judgement to a scene: the peers' cards, and how they are connected to."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from certplan.handshake.model import Cause, Handshake, Route
from certplan.handshake.resolving import resolution_of
from certplan.judgement import Judgement
from certplan.outcomes import Outcome
from certplan.plan.model import ClusterType, ExternalLan, IPAddress, Lan, Peer, Plan
from certplan.report.drawing.context import context
from certplan.report.drawing.dns_records import LONGEST, cluster_records, records, silent_lanes, target
from certplan.report.drawing.scene import (
    Card,
    Connection,
    DnsRecord,
    Fault,
    Interface,
    InterfaceKind,
    Lane,
    LanPort,
    PeerPair,
    Scene,
)
from certplan.report.drawing.words import FAULT_WORDS
from certplan.report.wording import cluster_facts, headline
from certplan.text.names import key, show

__all__ = ["draw_scene"]

_MOST_IN_PAIRS = 3
"""Peers whose links are drawn one by one."""
_Appearance = tuple[Route, str, tuple[IPAddress, ...], Outcome, tuple[Fault, ...]]


def draw_scene(judgement: Judgement, *, title: str | None = None) -> Scene:
    """Choose what a drawing of the judged cluster shows.

    Of two and three peers every link is drawn for itself; of more, those that connect alike stand together.

    Args:
        judgement: what `certplan.judge` returned.
        title: a title other than the cluster's name.
    """
    plan = judgement.plan
    found = records(judgement)
    return Scene(
        title=show(title or plan.cluster.name, LONGEST),
        facts=cluster_facts(judgement),
        mapping=_mapping(plan),
        headline=headline(judgement),
        verdict=judgement.verdict,
        stand=Lane.DMZ if plan.cluster.type is ClusterType.EXPRESSWAY_E else Lane.INSIDE,
        cards=tuple(_card(judgement, peer, found) for peer in plan.peers),
        cluster_records=cluster_records(judgement),
        notes=silent_lanes(judgement),
        networks=_networks(plan),
        pairs=tuple(_pairs(judgement)),
        context=context(judgement),
    )


def _mapping(plan: Plan) -> str:
    entries = plan.cluster.stated_address_mapping
    if not isinstance(entries, tuple):
        return f"Cluster address mapping: {'Off' if entries is None else 'unknown'}"
    return f"Cluster address mapping: On, {len(entries)} {'entry' if len(entries) == 1 else 'entries'}"


def _card(judgement: Judgement, peer: Peer, found: Mapping[int, tuple[DnsRecord, ...]]) -> Card:
    lan2 = None if peer.lan2 is None else _port(peer, peer.lan2, InterfaceKind.LAN2, ExternalLan.LAN2)
    return Card(
        number=peer.number,
        address=show(peer.address, LONGEST),
        names=tuple(_names(judgement.plan, peer)),
        primary=peer.number == judgement.plan.cluster.primary,
        lan1=_port(peer, peer.lan1, InterfaceKind.LAN1, ExternalLan.LAN1),
        lan2=lan2,
        connections=tuple(_own_row(judgement, peer) if _few(judgement) else _connections(judgement, peer)),
        records=found[peer.number],
    )


def _port(peer: Peer, lan: Lan, kind: InterfaceKind, named: ExternalLan) -> LanPort:
    mask = "" if lan.network is None else f"/{lan.network.prefixlen}"
    nat = None if lan.static_nat is None else str(lan.static_nat)
    return LanPort(Interface(peer.number, kind, kind), f"{lan.ip}{mask}", peer.external_lan is named, nat)


def _names(plan: Plan, peer: Peer) -> Iterator[str]:
    first = key(peer.address.partition(".")[0])
    if peer.system_name and key(peer.system_name) != first:
        yield f"system name {show(peer.system_name, LONGEST)}"
    if peer.host_name and key(peer.host_name) not in (first, key(peer.system_name or "")):
        yield f"host name {show(peer.host_name, LONGEST)}"
    if peer.release != plan.cluster.release:
        yield f"release {peer.release}, not the cluster's {plan.cluster.release}"
    if len({each.dns for each in plan.peers}) > 1:
        yield f"uses the {show(peer.dns, LONGEST)} DNS view"


def _networks(plan: Plan) -> tuple[str, ...]:
    """The network of each port, where every peer that has the port is in the same."""
    found = []
    for kind, lans in (
        (InterfaceKind.LAN2, [peer.lan2 for peer in plan.peers if peer.lan2 is not None]),
        (InterfaceKind.LAN1, [peer.lan1 for peer in plan.peers]),
    ):
        networks = {lan.network for lan in lans}
        if len(networks) == 1 and (network := networks.pop()) is not None:
            found.append(f"{kind.value} {network}")
    return tuple(found)


def _few(judgement: Judgement) -> bool:
    return 1 < len(judgement.plan.peers) <= _MOST_IN_PAIRS


def _pairs(judgement: Judgement) -> Iterator[PeerPair]:
    peers = judgement.plan.peers if _few(judgement) else ()
    for one, other in combinations(peers, 2):
        yield PeerPair((_connection(judgement, one, other), _connection(judgement, other, one)))


def _own_row(judgement: Judgement, peer: Peer) -> Iterator[Connection]:
    """That a peer accepts itself goes without saying."""
    connection = _connection(judgement, peer, peer)
    if connection.outcome is not Outcome.PASS:
        yield connection


def _connection(judgement: Judgement, verifier: Peer, presenter: Peer) -> Connection:
    others = () if verifier is presenter else (verifier.number,)
    appearance = _appearance(judgement, judgement.matrix.between(verifier, presenter))
    return _made(judgement, presenter, others, appearance)


def _connections(judgement: Judgement, presenter: Peer) -> Iterator[Connection]:
    """Who connects to this peer, same ones together. That it accepts itself goes without saying, unless it is alone."""
    groups: dict[_Appearance, list[int]] = {}
    peers = judgement.plan.peers
    for verifier in peers:
        handshake = judgement.matrix.between(verifier, presenter)
        if verifier is not presenter or handshake.outcome is not Outcome.PASS or len(peers) == 1:
            groups.setdefault(_appearance(judgement, handshake), []).append(verifier.number)
    # A peer's word on itself goes with that of the others where they agree.
    for appearance, numbers in groups.items():
        yield _made(judgement, presenter, tuple(number for number in numbers if number != presenter.number), appearance)


def _made(judgement: Judgement, presenter: Peer, verifiers: tuple[int, ...], appearance: _Appearance) -> Connection:
    route, view, targets, outcome, faults = appearance
    return Connection(
        number=presenter.number,
        verifiers=verifiers,
        name=show(presenter.address, LONGEST),
        route=route,
        view=view,
        targets=tuple(target(judgement.plan, ip, presenter) for ip in targets),
        outcome=outcome,
        faults=faults,
    )


def _appearance(judgement: Judgement, handshake: Handshake) -> _Appearance:
    # A handshake keeps one address; where there are several, all of them are drawn.
    resolution = resolution_of(judgement.plan, judgement.evidence, handshake.verifier, handshake.presenter)
    view = show(handshake.verifier.dns, LONGEST) if resolution.route is Route.DNS else ""
    return resolution.route, view, resolution.targets, handshake.outcome, _faults(handshake)


def _faults(handshake: Handshake) -> tuple[Fault, ...]:
    """What went wrong, each thing once, failures before what is not verified."""
    found: dict[Cause, Outcome] = {}
    for outcome in (Outcome.FAIL, Outcome.UNKNOWN):
        for step in handshake.not_passed:
            if step.outcome is outcome and step.cause is not None:
                found.setdefault(step.cause, outcome)
    return tuple(Fault(FAULT_WORDS[cause], outcome) for cause, outcome in found.items())
