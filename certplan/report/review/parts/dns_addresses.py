"""Names and the addresses that each view gives them, beside what it ought to give."""

from collections.abc import Iterable, Iterator, Sequence

from certplan.evidence.dns.question import SERVED_OUTSIDE
from certplan.evidence.model import DnsAnswer, DnsOutcome, RecordType
from certplan.handshake.model import Cause, Route, Step, StepName
from certplan.handshake.resolving import addresses_of
from certplan.intent.stated import PUBLIC_VIEW, names_of, public_address
from certplan.judgement import Judgement
from certplan.outcomes import Outcome
from certplan.plan.model import ClusterType, IPAddress, IpVersion, Peer
from certplan.report.document import Cell, Tone, Words
from certplan.report.review.links import with_links
from certplan.report.review.parts.address_owner import address_owner
from certplan.report.review.parts.dns_answers import answer_facts, bounded, could_not_check, ended
from certplan.rules.dns.peers import forbidden_in_public
from certplan.rules.support.dns_answers import address_answer, inside_views, judged_by_handshake, view_answer
from certplan.rules.topics import Topic
from certplan.text.addresses import is_public_side
from certplan.text.names import is_fqdn, key
from certplan.value import Value
from certplan.zones.handshake import inside_address

__all__ = ["AddressedName", "address_cell", "name_cell", "names_in_play", "other_names"]

_WAY = frozenset({StepName.RESOLVE, StepName.REACH})
_CLUSTER, _TARGET, _CARRIED = "Cluster name", "target of an SRV record", "in a certificate"
_LED_BY_DNS = (Cause.NAME_ABSENT, Cause.DNS_WRONG_ADDRESS, Cause.SEVERAL_ADDRESSES)


class AddressedName(Value):
    """One name, what it is, and whose."""

    name: str
    what: str
    peer: Peer | None = None


def names_in_play(judgement: Judgement) -> tuple[AddressedName, ...]:
    """The names that peers and clients look up: the peers' own first, and one that two peers have for each of them."""
    plan = judgement.plan
    own = [
        AddressedName(name, f"Peer {peer.number} {'address' if key(name) == key(peer.address) else 'FQDN'}", peer)
        for peer in plan.peers
        for name in names_of(peer)
    ]
    others = [AddressedName(plan.cluster.name, _CLUSTER)] if is_fqdn(plan.cluster.name) else []
    others += [AddressedName(entry.fqdn, "Cluster address mapping") for entry in plan.cluster.known_entries]
    others += [
        AddressedName(service.target, _TARGET)
        for view in judgement.evidence.views.values()
        for answer in view.answers.values()
        if key(answer.name).startswith(SERVED_OUTSIDE)
        for service in answer.services
        if is_fqdn(service.target)
    ]
    return (*own, *_each_once(others, {key(named.name) for named in own}))


def _each_once(named: Iterable[AddressedName], known: set[str]) -> Iterator[AddressedName]:
    seen = set(known)
    for each in named:
        if key(each.name) not in seen:
            seen.add(key(each.name))
            yield each


def other_names(judgement: Judgement) -> tuple[AddressedName, ...]:
    """The names that were looked up besides: those that only certificates carry."""
    carried = [
        AddressedName(answer.name, _CARRIED)
        for view in judgement.evidence.views.values()
        for answer in view.answers.values()
        if answer.type in (RecordType.A, RecordType.AAAA)
    ]
    return tuple(_each_once(carried, {key(named.name) for named in names_in_play(judgement)}))


def name_cell(judgement: Judgement, named: AddressedName) -> Cell:
    """The name, what it is, and how the other peers come from it to an address."""
    lines = [Words(named.name, code=True), Words(named.what, Tone.QUIET)]
    if named.peer is not None and key(named.name) == key(named.peer.address):
        routes = {each.route for each in judgement.matrix.handshakes if each.presenter is named.peer}
        by_mapping = routes == {Route.MAPPING}
        lines.append(Words("peers take the mapping" if by_mapping else "peers ask DNS", Tone.QUIET))
    return tuple(lines)


def address_cell(judgement: Judgement, named: AddressedName, view: str) -> Cell:
    """What `view` says of the name's address, and whether it ought to."""
    case = judgement.case
    main = _main_type(judgement, named, view)
    lines: list[Words] = []
    for record_type in (RecordType.A, RecordType.AAAA):
        answer = view_answer(case, view, named.name, record_type)
        known = view in case.evidence.views and (key(named.name), record_type) in case.evidence.views[view].answers
        worth_telling = known and (answer.addresses or answer.aliases or not _is_void(answer))
        if record_type is main or worth_telling:
            lines += _answered(judgement, named, answer, needed=record_type is main)
            lines += answer_facts(judgement, answer, named.peer)
    return (*lines, *_connected(judgement, named, view))


def _is_void(answer: DnsAnswer) -> bool:
    return answer.outcome.answered or answer.outcome is DnsOutcome.NOT_COVERED


def _main_type(judgement: Judgement, named: AddressedName, view: str) -> RecordType:
    """The type of record that ought to be there."""
    if named.peer is None:
        return RecordType.AAAA if judgement.plan.ip_version is IpVersion.IPV6 else RecordType.A
    expected = public_address(named.peer) if view == PUBLIC_VIEW else inside_address(named.peer)
    return RecordType.AAAA if expected.version == 6 else RecordType.A


def _answered(judgement: Judgement, named: AddressedName, answer: DnsAnswer, *, needed: bool) -> Iterator[Words]:
    found = addresses_of(answer)
    if found:
        yield from bounded([_address(judgement, named, answer, ip) for ip in found])
    elif answer.outcome.answered:
        yield from _absent(judgement, named, answer) if needed else (Words(ended(answer), Tone.QUIET),)
    elif answer.outcome is not DnsOutcome.NOT_COVERED or (needed and _is_missed(judgement, named, answer.view)):
        yield from could_not_check(answer)
    else:
        yield Words(ended(answer), Tone.QUIET)


def _address(judgement: Judgement, named: AddressedName, answer: DnsAnswer, ip: IPAddress) -> tuple[Words, ...]:
    owner, tone, codes = address_owner(judgement, ip, named.peer), Tone.PLAIN, tuple[str, ...]()
    case, peer = judgement.case, named.peer
    if answer.view == PUBLIC_VIEW and named.what != _CARRIED and forbidden_in_public(case, peer, ip):
        owner, tone, codes = (
            f"{owner}: an inside address in public DNS",
            Tone.BAD,
            Topic.INSIDE_ADDRESS_IN_PUBLIC_DNS.value,
        )
    elif peer is not None and judgement.plan.cluster.type is ClusterType.EXPRESSWAY_C:
        expected = peer.lan1.ip
        owner, tone = (owner, Tone.GOOD) if ip == expected else (f"{owner}, not its LAN 1 ({expected})", Tone.PLAIN)
    elif peer is not None and answer.view == PUBLIC_VIEW:
        owner, tone, codes = _outside(judgement, peer, owner, ip)
    elif named.what == _CLUSTER and answer.view == PUBLIC_VIEW:
        stated = ip in [public_address(each) for each in judgement.plan.peers]
        owner, tone = (owner, Tone.GOOD) if stated else (f"{owner}, not what the plan states", Tone.WARN)
    elif peer is not None:
        owner, tone, codes = _inside(judgement, named, peer, answer, ip)
    peers = () if peer is None else (peer.address,)
    return Words(str(ip), code=True), *with_links(judgement, owner, tone, codes, *peers, name=named.name)


_Remark = tuple[str, Tone, tuple[str, ...]]


def _outside(judgement: Judgement, peer: Peer, owner: str, ip: IPAddress) -> _Remark:
    """An address in public DNS that is not forbidden there, of an Expressway-E peer."""
    case, declared = judgement.case, public_address(peer)
    if ip == declared:
        return f"{owner}, as expected", Tone.GOOD, ()
    internal = judgement.plan.internal_networks
    if not is_public_side(declared, internal) and is_public_side(ip, internal) and not peer.dual_nic:
        return f"{owner}; the plan states no public address of the peer", Tone.WARN, Topic.PUBLIC_ADDRESS_UNKNOWN.value
    codes = () if judged_by_handshake(case, peer, PUBLIC_VIEW, *_LED_BY_DNS) else Topic.PUBLIC_RECORD_WRONG.value
    tone = Tone.BAD if judgement.plan.services.mra is not None else Tone.WARN
    return f"{owner}, not its public address {declared}", tone, codes


def _inside(judgement: Judgement, named: AddressedName, peer: Peer, answer: DnsAnswer, ip: IPAddress) -> _Remark:
    """An address in a view of the inside, of an Expressway-E peer."""
    owner, expected = address_owner(judgement, ip, peer), inside_address(peer)
    if ip == expected:
        return f"{owner}, as expected", Tone.GOOD, ()
    alone = len(answer.addresses) == 1
    if alone and ip in (public_address(peer), peer.lan1.ip):
        tone = Tone.PLAIN
    else:
        tone = Tone.BAD if not alone and judgement.plan.services.mra is not None else Tone.WARN
    by_handshake = key(named.name) == key(peer.address) and judged_by_handshake(judgement.case, peer, answer.view)
    return (
        f"{owner}; from inside it is to be {expected}",
        tone,
        () if by_handshake else Topic.INTERNAL_RECORD_WRONG.value,
    )


def _absent(judgement: Judgement, named: AddressedName, answer: DnsAnswer) -> Iterator[Words]:
    """A name that the view says has no address: missing only where clients or Expressway-C need one."""
    peer, case = named.peer, judgement.case
    served = judgement.plan.cluster.type is ClusterType.EXPRESSWAY_E and judgement.plan.services.mra is not None
    if peer is None or not served:
        yield Words(ended(answer), Tone.QUIET)
    elif answer.view == PUBLIC_VIEW:
        answers = [address_answer(case, PUBLIC_VIEW, name, public_address(peer)) for name in names_of(peer)]
        if judged_by_handshake(case, peer, PUBLIC_VIEW, *_LED_BY_DNS) or not _all_void(answers):
            yield Words(ended(answer), Tone.QUIET)
        else:
            text = f"missing, {ended(answer)}: clients outside need it at {public_address(peer)}"
            yield from with_links(
                judgement, text, Tone.BAD, Topic.PUBLIC_RECORD_WRONG.value, peer.address, name=named.name
            )
    else:
        spoken = _spoken_inside(judgement, peer)
        if spoken and _all_void(spoken):
            text = f"missing, {ended(answer)}: Expressway-C needs it at {inside_address(peer)}"
            yield from with_links(
                judgement, text, Tone.WARN, Topic.INTERNAL_RECORD_WRONG.value, peer.address, name=named.name
            )
        else:
            yield Words(ended(answer), Tone.QUIET)


def _all_void(answers: Sequence[DnsAnswer]) -> bool:
    return all(answer.outcome.answered and not answer.addresses for answer in answers)


def _spoken_inside(judgement: Judgement, peer: Peer) -> list[DnsAnswer]:
    """What the views of the inside say of a peer's names, but for what the handshake judges."""
    case = judgement.case
    answers = [
        address_answer(case, view, name, inside_address(peer))
        for name in names_of(peer)
        for view in inside_views(case)
        if not (key(name) == key(peer.address) and judged_by_handshake(case, peer, view))
    ]
    return [answer for answer in answers if answer.outcome.answered]


def _is_missed(judgement: Judgement, named: AddressedName, view: str) -> bool:
    """Whether something hangs on a view that says nothing of this name."""
    peer, plan = named.peer, judgement.plan
    if peer is None:
        return False
    if key(named.name) == key(peer.address) and judged_by_handshake(judgement.case, peer, view):
        return True
    if plan.cluster.type is ClusterType.EXPRESSWAY_C:
        return False
    return view == PUBLIC_VIEW or (plan.services.mra is not None and not _spoken_inside(judgement, peer))


def _connected(judgement: Judgement, named: AddressedName, view: str) -> Iterator[Words]:
    """What becomes of the peers that connect to a peer by what this view says."""
    peer = named.peer
    if peer is None or key(named.name) != key(peer.address):
        return
    not_passed: dict[Cause, Step] = {}
    for handshake in judgement.matrix.handshakes:
        if handshake.presenter is peer and handshake.verifier.dns == view and handshake.route is Route.DNS:
            for step in handshake.not_passed:
                if step.name in _WAY and step.cause is not None:
                    not_passed.setdefault(step.cause, step)
    for cause, step in not_passed.items():
        text = "peers that ask this view do not reach it so" if step.outcome is Outcome.FAIL else "route not verified"
        yield from with_links(
            judgement, text, Tone.of(step.outcome), judgement.codes(cause), peer.address, name=named.name
        )
