"""From today to the plan's target: what differs, and the steps that make it so, in the vendor's order.

Sources: as those of each part; changing a peer's address or host name takes it out of the cluster and back in (Cluster
Creation and Maintenance guide X15.4, changing a cluster).
"""

from collections.abc import Iterator, Sequence

from certplan.evidence.model import CertificateFile, Evidence, PeerEvidence, TrustList
from certplan.handshake.simulate import simulate
from certplan.outcomes import Verdict
from certplan.plan.model import Peer, Plan, TlsVerification
from certplan.proposal.address_changes import DropEntry, SetAddress, SetEntry, SwitchMappingOn
from certplan.proposal.certificate_changes import LoadCa, RemoveCa
from certplan.proposal.effect import Effect
from certplan.runbook.book import Book
from certplan.runbook.cas import remove_cas
from certplan.runbook.enforce import carry_out, check_rows
from certplan.runbook.given import GivenPart, MappingOff, PeerPart
from certplan.runbook.joining import join, known_as, with_peer
from certplan.runbook.leaving import remove_peer, update_neighbors
from certplan.runbook.mode import into_permissive, set_enforce
from certplan.runbook.model import Action, Rollback
from certplan.runbook.prepare import baseline, errors_left, fix_errors, record
from certplan.runbook.primary import change_primary
from certplan.runbook.saml import export_saml
from certplan.runbook.service import upgrade_peers
from certplan.runbook.zones import zones_to_target
from certplan.stage import Stage
from certplan.text.names import key
from certplan.text.words import listed
from certplan.value import Value, replace

__all__ = ["ObservedTarget", "to_target"]


class ObservedTarget(Value):
    """What is to be: the plan of the target and what was found for it."""

    plan: Plan
    evidence: Evidence

    def found(self, peer: Peer) -> PeerEvidence:
        return self.evidence.peers[peer.number - 1]


def to_target(book: Book, target: ObservedTarget) -> Verdict:
    """Write the steps; the verdict of the target comes back."""
    after = simulate(target.plan, target.evidence, book.intent.at).verdict
    fix_errors(book, errors_left(book, Stage(target.plan, target.evidence, book.intent.at)))
    baseline(book)
    kept = _kept(book.plan, target.plan)
    leaving = [peer.address for peer in book.plan.peers if peer.number not in kept]
    staying = {book.plan.peers[number - 1].address: peer for number, peer in kept.items()}
    for address in leaving:
        remove_peer(book, _called(book, address))
    pairs = [(peer.number, staying[peer.address]) for peer in book.plan.peers]
    _by_hand(book, target, pairs)
    _upgrade(book, target.plan)
    removals = _change(book, target, pairs)
    coming = [peer for peer in target.plan.peers if all(peer is not other for other in staying.values())]
    for peer in coming:
        _join(book, target, peer)
    zones_to_target(book, target.plan.zones)
    _set_primary(book, target.plan)
    _set_mode(book, target.plan, after)
    remove_cas(book, removals)
    if leaving or coming or any(step.action is Action.LOAD_CERTIFICATES for step in book.steps):
        export_saml(book)
    record(book, keep="certplan adopt states in the plan that the target, or a part of it, has been carried out.")
    return after


def _called(book: Book, address: str) -> Peer:
    return next(peer for peer in book.plan.peers if peer.address == address)


def _kept(today: Plan, target: Plan) -> dict[int, Peer]:
    """Each peer of today that stays as the machine it is, by number, with what it is to be."""
    pairs: dict[int, Peer] = {}
    for peer in today.peers:
        taken = {other.number for other in pairs.values()}
        free = [other for other in target.peers if other.number not in taken]
        match = next((other for other in free if _same(peer, other)), None)
        if match is not None:
            pairs[peer.number] = match
    return pairs


def _same(peer: Peer, other: Peer) -> bool:
    """Whether a peer of today and one of the target are one machine with one address and host name."""
    named = {key(peer.address), known_as(peer)} & {key(other.address), known_as(other)}
    hosts = {peer.host_name, other.host_name} - {None}
    return bool(named or peer.lan1.ip == other.lan1.ip) and peer.lan1.ip == other.lan1.ip and len(hosts) < 2


def _by_hand(book: Book, target: ObservedTarget, pairs: Sequence[tuple[int, Peer]]) -> None:
    """Fields of single peers that no other step sets, and what DNS is to answer."""
    given = [GivenPart(number, PeerPart.FIELDS, peer, target.found(peer)) for number, peer in pairs]
    differing = {each.peer: tuple(_differences(book.plan.peers[each.peer - 1], each.stated)) for each in given}
    lines = [line for differences in differing.values() for line in differences]
    if book.plan.dns != target.plan.dns:
        lines.append("DNS: make the records what the target's views state.")
    moved = replace(
        book.plan,
        dns=target.plan.dns,
        services=target.plan.services,
        authorities=target.plan.authorities,
        servers=target.plan.servers,
    )
    evidence = book.stage.evidence
    if not lines:
        book.begin_with(moved, replace(evidence, views=target.evidence.views))
        return
    book.begin_with(moved, evidence)
    book.add(
        Action.ELSEWHERE,
        "Set the other values of the target",
        peers=[peer for peer in book.primary_first if differing.get(peer.number)],
        do=lines,
        effects=given,
        verify=("certplan check --state target no longer reports a finding of these.",),
        rollback=Rollback("Put the former values back."),
        abort_if="the rows are not as given here",
        sources=("CG-15.4-requirements", "CG-15.4-form"),
    )
    book.see(target.evidence)


_FIELDS = {
    "lan2": "LAN 2",
    "external_lan": "External LAN interface",
    "system_name": "System name",
    "domain": "Domain name",
    "h323": "H.323 mode",
    "ntp": "NTP servers",
    "option_keys": "Option keys",
    "dns": "DNS view",
    "platform": "Platform",
}


def _differences(today: Peer, target: Peer) -> Iterator[str]:
    for name, label in _FIELDS.items():
        before, after = getattr(today, name), getattr(target, name)
        if before != after:
            yield f"{today.address}: {label} from {_value(before)} to {_value(after)}."


def _value(value: object) -> str:
    match value:
        case None:
            return "(not stated)"
        case bool():
            return "On" if value else "Off"
        case tuple():
            return listed(map(str, value)) or "(none)"
        case _:
            return str(value)


def _upgrade(book: Book, target: Plan) -> None:
    newest = max(peer.release for peer in target.peers)
    if min(peer.release for peer in book.plan.peers) < newest:
        upgrade_peers(book, newest)


def _change(book: Book, target: ObservedTarget, pairs: Sequence[tuple[int, Peer]]) -> tuple[RemoveCa, ...]:
    """CAs, certificates, mapping and addresses; the CAs that go only when all else is done come back."""
    effects: list[Effect | GivenPart | MappingOff] = []
    removals: list[RemoveCa] = []
    for number, peer in pairs:
        loaded, gone = _lists(book, target, number, peer)
        effects += loaded
        removals += gone
        effects += _certificates(book, target, number, peer)
        if key(book.plan.peers[number - 1].address) != key(peer.address):
            effects.append(SetAddress(number, peer.address))
    effects += _mapping(book.plan, target.plan)
    late = book.after([*effects]).verdict is Verdict.READY
    carry_out(book, effects if late else [*effects, *removals])
    return tuple(removals) if late else ()


def _lists(
    book: Book, target: ObservedTarget, number: int, peer: Peer
) -> tuple[list[Effect | GivenPart], list[RemoveCa]]:
    today, to_come = book.stage.evidence.peers[number - 1], target.found(peer)
    if not isinstance(today.trust, TrustList) or not isinstance(to_come.trust, TrustList):
        return [], []
    held = {located.certificate.sha256: located.certificate for located in today.trust.certificates}
    meant = {located.certificate.sha256: located.certificate for located in to_come.trust.certificates}
    new: list[Effect | GivenPart] = [LoadCa(number, ca) for fingerprint, ca in meant.items() if fingerprint not in held]
    gone = [RemoveCa(number, ca) for fingerprint, ca in held.items() if fingerprint not in meant]
    return new, gone


def _certificates(book: Book, target: ObservedTarget, number: int, peer: Peer) -> Iterator[GivenPart]:
    today, to_come = book.stage.evidence.peers[number - 1], target.found(peer)
    stated = book.plan.peers[number - 1]
    if _other(today.server, to_come.server, stated.server_certificate, peer.server_certificate):
        yield GivenPart(number, PeerPart.SERVER, peer, to_come)
    if _other(today.client, to_come.client, stated.client_certificate, peer.client_certificate):
        yield GivenPart(number, PeerPart.CLIENT, peer, to_come)


def _other(today: object, to_come: object, before: str | None, after: str | None) -> bool:
    """Whether the target has another certificate; what cannot be read is judged by the name of its file."""
    if isinstance(today, CertificateFile) and isinstance(to_come, CertificateFile):
        return today.leaf.sha256 != to_come.leaf.sha256
    return after is not None and before != after


def _mapping(today: Plan, target: Plan) -> list[Effect | GivenPart | MappingOff]:
    before, after = today.cluster.address_mapping, target.cluster.address_mapping
    if after is None:
        return [] if before is None else [MappingOff()]
    staying = {known_as(peer) for peer in today.peers}
    entries = tuple(entry for entry in after if key(entry.fqdn) in staying or before is not None)
    if before is None:
        return [SwitchMappingOn(entries)] if entries else []
    dropped = [
        DropEntry(entry.fqdn, entry.ip) for entry in before if key(entry.fqdn) not in {key(e.fqdn) for e in after}
    ]
    coming = {known_as(peer) for peer in target.peers} - staying
    added = [e for e in after if e not in before and key(e.fqdn) not in coming]
    return [*dropped, *(SetEntry(entry.fqdn, entry.ip) for entry in added)]


def _join(book: Book, target: ObservedTarget, peer: Peer) -> None:
    book.begin_with(*with_peer(book.plan, book.stage.evidence, peer, target.found(peer)))
    last = book.plan.peers[-1]
    join(book, last)
    update_neighbors(book, book.plan.peers[-1])


def _set_primary(book: Book, target: Plan) -> None:
    if target.cluster.primary is None:
        return
    to_come = target.peers[target.cluster.primary - 1]
    now = next((peer for peer in book.plan.peers if key(peer.address) == key(to_come.address)), None)
    if now is not None and now.number != book.primary.number:
        change_primary(book, now)


def _set_mode(book: Book, target: Plan, after: Verdict) -> None:
    everyone = {peer.number for peer in book.stage.members}
    if target.cluster.tls_verification is TlsVerification.PERMISSIVE:
        if book.enforcing:
            into_permissive(book)
    elif book.enforcing != everyone and after is Verdict.READY and book.stage.matrix.verdict is Verdict.READY:
        check_rows(book)
        set_enforce(book)
