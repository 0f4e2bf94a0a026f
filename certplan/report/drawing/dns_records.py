"""What DNS says of the peers' names and of the cluster's, and where that leads."""

from collections.abc import Iterator, Mapping

from certplan.evidence.model import DnsAnswer, DnsOutcome
from certplan.handshake.resolving import addresses_of, resolve
from certplan.intent.stated import PUBLIC_VIEW, names_of, public_address
from certplan.judgement import Judgement
from certplan.plan.model import ClusterType, IPAddress, Peer, Plan
from certplan.report.drawing.scene import AddressTarget, DnsRecord, Interface, InterfaceKind, Lane, NameState
from certplan.report.drawing.words import peers_in_words
from certplan.rules.model import Case
from certplan.rules.support.dns_answers import address_answer, is_the_caution
from certplan.text.names import is_fqdn, is_ip, show
from certplan.value import replace

__all__ = ["LONGEST", "cluster_records", "records", "silent_lanes", "target"]

LONGEST = 300
"""Characters of a name that a drawing keeps; a name of the DNS has 253."""


def records(judgement: Judgement) -> Mapping[int, tuple[DnsRecord, ...]]:
    """What each view of the plan says of each peer's names, by the peer's number; views that say the same together."""
    return {peer.number: tuple(_of_peer(_case(judgement), peer)) for peer in judgement.plan.peers}


def cluster_records(judgement: Judgement) -> tuple[DnsRecord, ...]:
    """What each side says of the cluster name. Only the side that the cluster serves has to know it."""
    case, name = _case(judgement), judgement.plan.cluster.name
    if is_ip(name) or not is_fqdn(name):
        return ()
    home = Lane.INTERNET if _serves_outside(case.plan) else Lane.INSIDE
    found: dict[object, list[tuple[str, DnsRecord]]] = {}
    for view in _views(case):
        answer = resolve(case.evidence, case.plan, view, name)
        if answer.outcome is DnsOutcome.ANSWER or _lane(view) is home:
            record = _of_cluster(case, view, name, answer)
            found.setdefault((record.lane, record.targets, record.state, record.remark), []).append((view, record))
    return tuple(_together(same) for same in found.values())


def silent_lanes(judgement: Judgement) -> tuple[tuple[Lane, str], ...]:
    """The sides whose DNS the plan says nothing of."""
    case = _case(judgement)
    notes = []
    if _serves_outside(case.plan) and PUBLIC_VIEW not in _views(case):
        notes.append((Lane.INTERNET, "Public DNS: not verified, the plan gives no public view."))
    if not any(_lane(view) is Lane.INSIDE for view in _views(case)):
        notes.append((Lane.INSIDE, "Internal DNS: not verified, the plan gives no internal view."))
    return tuple(notes)


def target(plan: Plan, ip: IPAddress, of: Peer | None) -> AddressTarget:
    """The thing drawn that an address is: one of the peer spoken of, or else of any other, or of no peer."""
    for peer in plan.peers if of is None else (of, *plan.peers):
        for kind, lan in ((InterfaceKind.LAN1, peer.lan1), (InterfaceKind.LAN2, peer.lan2)):
            if lan is not None and ip == lan.ip:
                return AddressTarget(str(ip), Interface(peer.number, kind, kind))
            if lan is not None and ip == lan.static_nat:
                return AddressTarget(str(ip), Interface(peer.number, InterfaceKind.NAT, kind))
    return AddressTarget(str(ip), None)


def _case(judgement: Judgement) -> Case:
    return Case(judgement.plan, judgement.evidence, judgement.at, judgement.matrix)


def _serves_outside(plan: Plan) -> bool:
    return plan.cluster.type is ClusterType.EXPRESSWAY_E


def _views(case: Case) -> tuple[str, ...]:
    return tuple(source.view for source in case.plan.dns)


def _lane(view: str) -> Lane:
    return Lane.INTERNET if view == PUBLIC_VIEW else Lane.INSIDE


def _of_peer(case: Case, peer: Peer) -> Iterator[DnsRecord]:
    for name in names_of(peer):
        found: dict[object, list[tuple[str, DnsRecord]]] = {}
        for view in _views(case):
            record = _record(case, view, name, peer)
            if record is not None:
                found.setdefault((record.lane, record.targets, record.state, record.remark), []).append((view, record))
        yield from (_together(same) for same in found.values())


def _together(same: list[tuple[str, DnsRecord]]) -> DnsRecord:
    record = same[0][1]
    views = tuple(show(view, LONGEST) for view, _ in same)
    return DnsRecord(record.number, record.lane, views, record.name, record.targets, record.state, record.remark)


def _record(case: Case, view: str, name: str, peer: Peer) -> DnsRecord | None:
    outside = view == PUBLIC_VIEW
    expected = public_address(peer) if outside else peer.lan1.ip
    answer = address_answer(case, view, name, expected)
    if outside and not _serves_outside(case.plan) and peer.dns != view and answer.outcome is not DnsOutcome.ANSWER:
        # What the internet does not know of an Expressway-C is as it should be.
        return None
    targets = tuple(replace(target(case.plan, ip, peer), right=ip == expected) for ip in addresses_of(answer))
    state, remark = _fate(case, answer, peer, expected, outside=outside)
    return DnsRecord(peer.number, _lane(view), (), show(name, LONGEST), targets, state, remark)


def _fate(case: Case, answer: DnsAnswer, peer: Peer, expected: IPAddress, *, outside: bool) -> tuple[NameState, str]:
    found = addresses_of(answer)
    if (silent := _silence(answer)) is not None:
        return silent
    if outside and any(is_the_caution(case, peer, ip) for ip in found):
        return NameState.CAUTION, "Caution: inside address in public DNS"
    unknown_addresses = [ip for ip in found if ip != expected]
    if not unknown_addresses:
        return NameState.RIGHT, ""
    interface = target(case.plan, unknown_addresses[0], peer).interface
    if interface is None:
        return NameState.WRONG, "leads to an unknown address"
    if interface.number != peer.number:
        return NameState.WRONG, f"leads to peer {interface.number}"
    return NameState.WRONG, f"leads to {interface.kind.value}, not {_kind_of(case, expected, peer)}"


def _kind_of(case: Case, ip: IPAddress, peer: Peer) -> str:
    return target(case.plan, ip, peer).owner(peer.number)


def _silence(answer: DnsAnswer) -> tuple[NameState, str] | None:
    if not answer.outcome.answered:
        return NameState.UNCHECKED, "not verified"
    if answer.outcome is not DnsOutcome.ANSWER or not addresses_of(answer):
        absence = "no such name" if answer.outcome is DnsOutcome.NXDOMAIN else f"no {answer.type} record"
        return NameState.ABSENT, absence
    return None


def _of_cluster(case: Case, view: str, name: str, answer: DnsAnswer) -> DnsRecord:
    targets = tuple(target(case.plan, ip, None) for ip in addresses_of(answer))
    state, remark = _silence(answer) or (NameState.RIGHT, "")
    if state is NameState.RIGHT:
        served = {each.interface.number for each in targets if each.interface is not None}
        unknown_addresses = [each.address for each in targets if each.interface is None]
        remark = f"leads to {peers_in_words(sorted(served)).lower()}" if served else ""
        if unknown_addresses:
            state, remark = NameState.WRONG, "leads to an unknown address"
    return DnsRecord(None, _lane(view), (), show(name, LONGEST), targets, state, remark)
