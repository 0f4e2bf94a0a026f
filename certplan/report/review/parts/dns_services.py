"""The way back from addresses to names, and the service records, view by view, beside what each ought to be."""

from collections.abc import Iterator, Sequence

from certplan.evidence.model import DnsAnswer, DnsOutcome, RecordType, Srv
from certplan.intent.stated import PUBLIC_VIEW, names_of, public_address
from certplan.judgement import Judgement
from certplan.outcomes import Outcome
from certplan.plan.model import ClusterType, IPAddress, Peer
from certplan.report.cards import finding_ident
from certplan.report.document import Cell, Tone, Words
from certplan.report.review.links import with_links
from certplan.report.review.parts.dns_answers import answer_facts, bounded, could_not_check, ended
from certplan.report.review.parts.group import weight
from certplan.rules.dns.outside import XMPP_PORT
from certplan.rules.dns.reverse import Back, inward_records, outward_records, reverse_record_missing
from certplan.rules.dns.services import edge_domains, edge_faults, owners_of, target_faults
from certplan.rules.model import Group, Unchecked
from certplan.rules.support.dns_answers import asked_by_peers, hosts_in_san, reverse_answer, view_answer
from certplan.rules.topics import Topic
from certplan.text.names import key, matching, show
from certplan.text.words import joined
from certplan.value import Value

__all__ = ["Reverse", "reverse_cell", "reverses", "service_cell", "services"]

_EDGE, _XMPP = "_collab-edge._tls.", "_xmpp-server._tcp."
_INSIDE_ONLY = ("_cisco-uds._tcp.", "_cuplogin._tcp.")


class Reverse(Value):
    """One address of a peer, whose PTR record was asked for."""

    peer: Peer
    ip: IPAddress
    what: str


def reverses(judgement: Judgement) -> tuple[Reverse, ...]:
    """Every LAN and static NAT address whose PTR record matters, peer by peer."""
    every = [
        Reverse(peer, ip, what)
        for peer in judgement.plan.peers
        for lan, label in ((peer.lan1, "LAN 1"), (peer.lan2, "LAN 2"))
        if lan is not None
        for ip, what in ((lan.ip, label), (lan.static_nat, f"static NAT on {label}"))
        if ip is not None
    ]
    return tuple(row for row in every if row.what != "LAN 2" or _is_known(judgement, row))


def _is_known(judgement: Judgement, row: Reverse) -> bool:
    """Whether LAN 2 is the public address, or some view has a PTR record of it: else there is nothing to say."""
    case = judgement.case
    found = any(reverse_answer(case, view, row.ip).targets for view in judgement.evidence.views)
    return found or row.ip == public_address(row.peer)


def reverse_cell(judgement: Judgement, row: Reverse, view: str) -> Cell:
    """The names that `view` leads the address back to, and whether it ought to."""
    answer = reverse_answer(judgement.case, view, row.ip)
    if judgement.plan.cluster.type is ClusterType.EXPRESSWAY_C:
        lines = _back_of_c(judgement, row, answer)
    else:
        lines = _back_of_e(judgement, row, answer)
    return (*lines, *answer_facts(judgement, answer))


def _back_of_e(judgement: Judgement, row: Reverse, answer: DnsAnswer) -> Iterator[Words]:
    back = _back(judgement, row, answer)
    strong = Tone.BAD if row.ip == row.peer.lan1.ip else Tone.WARN
    if back is None:
        yield from _by_the_way(answer)
    elif answer.targets:
        names = list({key(name): name for name in answer.targets}.values())
        if len(names) > 1:
            text = f"{len(names)} PTR records, one is expected"
            yield from with_links(judgement, text, strong, Topic.PTR_NAME_WRONG.value, row.peer.address)
        yield from bounded([_target(judgement, row, name, strong) for name in names])
    elif not answer.outcome.answered:
        open_ = not back.spoken or answer.outcome is not DnsOutcome.NOT_COVERED
        yield from could_not_check(answer) if open_ else (Words(ended(answer), Tone.QUIET),)
    elif back.missing:
        text = f"missing, {ended(answer)}: a PTR record to a SAN of the peer is expected"
        yield from with_links(judgement, text, strong, Topic.PTR_MISSING.value, row.peer.address)
    else:
        yield Words(ended(answer), Tone.QUIET)


def _back(judgement: Judgement, row: Reverse, answer: DnsAnswer) -> Back | None:
    """What is known of the address, where this view is one that ought to know it."""
    case = judgement.case
    if not reverse_record_missing.applies(judgement.plan, judgement.at):
        return None
    if row.ip == row.peer.lan1.ip:
        back = inward_records(case, row.peer)
        return back if answer.view != PUBLIC_VIEW or answer in (*back.spoken, back.unknown) else None
    outward = outward_records(case, row.peer)
    return outward if outward is not None and outward.ip == row.ip and answer.view == PUBLIC_VIEW else None


def _target(judgement: Judgement, row: Reverse, name: str, strong: Tone) -> tuple[Words, ...]:
    sans = hosts_in_san(judgement.case, row.peer)
    shown = Words(name, code=True)
    if isinstance(sans, Unchecked):
        return shown, Words("not verified: the names in the peer's certificate are not known", Tone.OPEN)
    if matching(name, sans) is not None:
        return shown, Words("a SAN of the peer, as expected", Tone.GOOD)
    if key(name) == key(row.peer.address):
        return shown, Words(f"Peer {row.peer.number} address, though no SAN of the peer", Tone.PLAIN)
    return shown, *with_links(
        judgement, "no SAN of the peer's certificate", strong, Topic.PTR_NAME_WRONG.value, row.peer.address
    )


def _by_the_way(answer: DnsAnswer) -> Iterator[Words]:
    """An answer that nothing hangs on."""
    if answer.targets:
        yield from bounded([(Words(name, code=True),) for name in answer.targets])
    elif answer.outcome.answered or answer.outcome is DnsOutcome.NOT_COVERED:
        yield Words(ended(answer), Tone.QUIET)
    else:
        yield from could_not_check(answer)


def _back_of_c(judgement: Judgement, row: Reverse, answer: DnsAnswer) -> Iterator[Words]:
    """The DNS servers of the peers must lead back from LAN 1 to the peer's FQDN."""
    names = names_of(row.peer)
    if row.ip != row.peer.lan1.ip or answer.view not in asked_by_peers(judgement.case):
        yield from _by_the_way(answer)
    elif answer.targets:
        right = any(matching(name, answer.targets) for name in names)
        yield from bounded([(Words(name, code=True),) for name in answer.targets])
        if right:
            yield Words("the peer's FQDN, as expected", Tone.GOOD)
        elif names:
            yield from with_links(
                judgement, f"not {show(names[0])}", Tone.PLAIN, Topic.REVERSE_RECORD_OF_C.value, row.peer.address
            )
    elif answer.outcome.answered:
        text = f"missing, {ended(answer)}: a PTR record to the peer's FQDN is expected"
        yield from with_links(judgement, text, Tone.WARN, Topic.REVERSE_RECORD_OF_C.value, row.peer.address)
    else:
        yield from could_not_check(answer)


def services(judgement: Judgement) -> tuple[str, ...]:
    """The names of the service records that were asked for in some view."""
    found: dict[str, str] = {}
    for view in judgement.evidence.views.values():
        for name, record_type in view.answers:
            if record_type is RecordType.SRV:
                found.setdefault(name, view.answers[name, record_type].name)
    return tuple(found.values())


def service_cell(judgement: Judgement, name: str, view: str) -> Cell:
    """The service records that `view` has of that name, and whether it ought to."""
    answer = view_answer(judgement.case, view, name, RecordType.SRV)
    lines: list[Words] = []
    if answer.services:
        lines += bounded([_service(judgement, answer, service) for service in answer.services])
    elif not answer.outcome.answered:
        needed = view == PUBLIC_VIEW and _is_expected(judgement, name)
        if needed or answer.outcome is not DnsOutcome.NOT_COVERED:
            lines += could_not_check(answer)
        else:
            lines.append(Words(ended(answer), Tone.QUIET))
    else:
        lines.append(_no_service(judgement, answer))
    if view == PUBLIC_VIEW:
        lines += _findings(judgement, name)
    return (*lines, *answer_facts(judgement, answer))


def _is_expected(judgement: Judgement, name: str) -> bool:
    """Whether rules have something to say of the record in public DNS."""
    plan = judgement.plan
    domains = {key(domain) for domain in edge_domains(judgement.case)}
    if key(name).startswith(_INSIDE_ONLY):
        return key(name).split(".", 2)[2] in domains
    if plan.cluster.type is not ClusterType.EXPRESSWAY_E:
        return False
    return key(name).removeprefix(_EDGE) in domains or key(name).startswith(_XMPP)


def _no_service(judgement: Judgement, answer: DnsAnswer) -> Words:
    if answer.view != PUBLIC_VIEW or not _is_expected(judgement, answer.name):
        return Words(ended(answer), Tone.QUIET)
    if key(answer.name).startswith(_INSIDE_ONLY):
        return Words(f"{ended(answer)}, as expected", Tone.GOOD)
    tone = Tone.BAD if key(answer.name).startswith(_EDGE) else Tone.WARN
    return Words(f"missing, {ended(answer)}", tone)


def _service(judgement: Judgement, answer: DnsAnswer, service: Srv) -> tuple[Words, ...]:
    shown = Words(f"{service.priority} {service.weight} {service.port} {service.target}", code=True)
    if answer.view != PUBLIC_VIEW or not _is_expected(judgement, answer.name):
        return (shown,)
    if key(answer.name).startswith(_INSIDE_ONLY):
        return shown, Words("must not be in public DNS", Tone.BAD)
    return shown, *_faults(judgement, answer, service)


def _faults(judgement: Judgement, answer: DnsAnswer, service: Srv) -> Iterator[Words]:
    case = judgement.case
    peers = owners_of(case, service.target)
    if key(answer.name).startswith(_EDGE):
        faults = list(edge_faults(case, service, peers))
    else:
        faults = list(target_faults(case, service, peers, XMPP_PORT))
    for fault in faults:
        if isinstance(fault, Unchecked):
            yield Words(f"not verified: {fault.missing.what}, {fault.missing.why}", Tone.OPEN)
        else:
            severity, text = fault
            yield Words(text, weight(severity))
    if not faults:
        yield Words(f"{_numbered(peers)}, as expected", Tone.GOOD)


def _numbered(peers: Sequence[Peer]) -> str:
    return joined(f"Peer {peer.number}" for peer in peers)


def _findings(judgement: Judgement, name: str) -> Iterator[Words]:
    """What the rules have found of the record as a whole."""
    for number, finding in enumerate(judgement.findings):
        about = finding.subject.name
        if finding.rule.group is Group.DNS and finding.outcome is Outcome.FAIL and key(about) == key(name):
            tone = weight(finding.severity) if finding.counts else Tone.QUIET
            yield Words(f"{finding.code}: {finding.rule.title}", tone, finding_ident(number))
