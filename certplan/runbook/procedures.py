"""A procedure for a change window, from the cluster's present state, every step run through the simulation."""

from dataclasses import dataclass, replace
from datetime import datetime

from certplan.evidence.model import Evidence
from certplan.handshake.simulate import simulate
from certplan.outcomes import Verdict
from certplan.plan.model import IPAddress, Lan, Peer, Plan, TlsVerification
from certplan.proposal.model import Proposal
from certplan.proposal.propose import propose
from certplan.runbook.book import Book, general_dangers
from certplan.runbook.enforce import prepare, to_enforce
from certplan.runbook.members import MOST_PEERS, add_peer, change_primary, form, remove_peer, with_peer
from certplan.runbook.model import Kind, Runbook
from certplan.runbook.service import restart, upgrade
from certplan.text.addresses import parse_ip
from certplan.text.names import is_fqdn, is_ip, key
from certplan.vendor.releases import Release

__all__ = ["Request", "UnfitRequestError", "runbook"]


@dataclass(frozen=True, slots=True)
class Request:
    """What the procedure is for. `subject` and `lan1` as the kind asks."""

    kind: Kind = Kind.ENFORCE
    subject: str = ""
    """The peer to add, remove or make primary (FQDN, address or number), or the release."""
    lan1: IPAddress | None = None
    """LAN 1 of a peer to add that the plan does not have."""


class UnfitRequestError(ValueError):
    """The request does not fit the plan; the text says why and what to do."""


def runbook(plan: Plan, evidence: Evidence, at: datetime, request: Request = Request()) -> Runbook:
    """Write the procedure.

    Args:
        plan: the cluster as it is today; for `Kind.FORM` as it is to be.
        evidence: what was observed.
        at: the aware time to judge at.
        request: what the procedure is for.

    Raises:
        UnfitRequestError: when the request does not fit the plan.
        ValueError: when `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("the time to judge at needs a time zone")
    primary, count = plan.cluster.primary, len(plan.peers)
    if primary is not None and primary > count:
        raise UnfitRequestError(
            f"no procedure can be written: Configuration primary is {primary}, and the plan has {count} peers; correct"
            " cluster.primary in the plan"
        )
    match request.kind:
        case Kind.ENFORCE | Kind.FORM | Kind.REPLACE:
            return _enforce(plan, evidence, at, request.kind)
        case Kind.ADD_PEER:
            return _add(plan, evidence, at, request)
        case _:
            return _maintain(plan, evidence, at, request)


def _enforce(plan: Plan, evidence: Evidence, at: datetime, kind: Kind) -> Runbook:
    before = simulate(plan, evidence, at).verdict
    start = _unformed(plan) if kind is Kind.FORM else plan
    proposal = propose(start, evidence, at, replace_certificates=kind is Kind.REPLACE)
    book = Book(start, evidence, at)
    if kind is Kind.FORM:
        form(book)
    to_enforce(book, proposal)
    return Runbook(
        kind,
        f"{_TITLES[kind]}: {plan.cluster.name}",
        before,
        proposal.after,
        tuple(_notes(start, proposal, book)),
        general_dangers(start, Book(start, evidence, at).primary),
        tuple(book.steps),
        proposal.in_the_way,
    )


_TITLES = {
    Kind.ENFORCE: "From today's state to Enforce",
    Kind.FORM: "From single machines to an enforced cluster",
    Kind.REPLACE: "New certificates for every peer, and Enforce",
    Kind.ADD_PEER: "Add a peer",
    Kind.REMOVE_PEER: "Remove a peer",
    Kind.CHANGE_PRIMARY: "Change the primary",
    Kind.RESTART: "Restart the cluster",
    Kind.UPGRADE: "Upgrade the cluster",
}


def _notes(plan: Plan, proposal: Proposal, book: Book) -> list[str]:
    if not book.steps:
        return ["The cluster is enforced and ready: there is nothing to do."]
    notes = []
    if any(is_ip(peer.address) for peer in plan.peers):
        notes.append(
            "While peer addresses are IP addresses, Certificate: Invalid is normal: certificates name FQDNs. In"
            " Permissive it does no harm."
        )
    if proposal.after is not Verdict.READY:
        notes.append("The steps end before Enforce: what stands in the way has to be settled first.")
    return notes


def _unformed(plan: Plan) -> Plan:
    """The cluster as it is first formed: on LAN 1 addresses, in Permissive, without mapping."""
    peers = tuple(replace(peer, address=str(peer.lan1.ip), fqdn=peer.fqdn or peer.address) for peer in plan.peers)
    cluster = replace(plan.cluster, stated_tls_verification=TlsVerification.PERMISSIVE, stated_address_mapping=None)
    return replace(plan, cluster=replace(cluster, primary=1), peers=peers)


def _add(plan: Plan, evidence: Evidence, at: datetime, request: Request) -> Runbook:
    known = _find(plan, request.subject)
    if known is not None and known.number != len(plan.peers):
        raise UnfitRequestError(
            f"--add-peer {request.subject}: it is peer {known.number} of the plan already; a peer is added at the end"
            " of the list"
        )
    if known is None:
        if len(plan.peers) >= MOST_PEERS:
            raise UnfitRequestError(
                f"--add-peer {request.subject}: the cluster has {len(plan.peers)} peers, and six is the most"
            )
        known = _newcomer(plan, request)
        plan, evidence = with_peer(plan, evidence, known)
    before = simulate(plan, evidence, at)
    book = Book(plan, evidence, at)
    add_peer(book, known)
    return _told(Kind.ADD_PEER, plan, book, before.verdict, f" {known.address}")


def _newcomer(plan: Plan, request: Request) -> Peer:
    if not is_fqdn(request.subject):
        raise UnfitRequestError(f"--add-peer {request.subject}: not an FQDN; name the peer as its certificate does")
    if request.lan1 is None:
        raise UnfitRequestError(
            f"--add-peer {request.subject}: the plan does not have it; add it to the plan as the last peer, or give its"
            " LAN 1 address with --lan1"
        )
    on_ip = all(is_ip(peer.address) for peer in plan.peers)
    first = plan.peers[0]
    return Peer(
        number=len(plan.peers) + 1,
        address=str(request.lan1) if on_ip else key(request.subject),
        stated_lan1=Lan(request.lan1),
        stated_release=plan.cluster.release,
        dns=first.dns,
        fqdn=key(request.subject),
        host_name=request.subject.split(".")[0],
    )


def _maintain(plan: Plan, evidence: Evidence, at: datetime, request: Request) -> Runbook:
    before = simulate(plan, evidence, at)
    book = Book(plan, evidence, at)
    about = ""
    match request.kind:
        case Kind.REMOVE_PEER:
            peer = _the(plan, request, "--remove-peer")
            if len(plan.peers) == 1:
                raise UnfitRequestError(
                    "--remove-peer: this is the only peer; taking it off clears every peer address, which is a factory"
                    " reset at the next restart"
                )
            about = f" {peer.address}"
            prepare(book)
            remove_peer(book, peer)
        case Kind.CHANGE_PRIMARY:
            peer = _the(plan, request, "--change-primary")
            if peer.number == book.primary.number:
                raise UnfitRequestError(f"--change-primary {request.subject}: {peer.address} is the primary already")
            about = f" to {peer.address}"
            prepare(book)
            change_primary(book, peer)
        case Kind.RESTART:
            restart(book)
        case Kind.UPGRADE:
            release = _later(plan, request.subject)
            about = f" to {release}"
            upgrade(book, release)
    return _told(request.kind, plan, book, before.verdict, about)


def _later(plan: Plan, text: str) -> Release:
    try:
        release = Release.parse(text)
    except ValueError:
        raise UnfitRequestError(f"--upgrade {text}: not a release; expected something like X15.4") from None
    newest = max(peer.release for peer in plan.peers)
    if release <= newest:
        raise UnfitRequestError(f"--upgrade {text}: a peer runs {newest} already; expected a later release")
    return release


def _told(kind: Kind, plan: Plan, book: Book, before: Verdict, about: str) -> Runbook:
    after = book.stage.matrix.verdict
    notes = []
    if book.enforcing and after is Verdict.NOT_READY:
        notes.append("The cluster is enforced, and by what was read it will not hold: run certplan check first.")
    elif book.enforcing and after is Verdict.UNDECIDED:
        notes.append(
            "The cluster is enforced, and whether it will hold could not be checked: state what is missing in the"
            " plan, and run certplan check first."
        )
    return Runbook(
        kind,
        f"{_TITLES[kind]}{about}: {plan.cluster.name}",
        before,
        after,
        tuple(notes),
        general_dangers(plan, book.primary),
        tuple(book.steps),
    )


def _find(plan: Plan, word: str) -> Peer | None:
    """The peer with this number, address, FQDN or LAN 1 address."""
    ip = parse_ip(word)
    for peer in plan.peers:
        names = {key(name) for name in (peer.address, peer.fqdn, peer.host_name) if name is not None}
        if word == str(peer.number) or key(word) in names or (ip is not None and ip == peer.lan1.ip):
            return peer
    return None


def _the(plan: Plan, request: Request, option: str) -> Peer:
    peer = _find(plan, request.subject)
    if peer is None:
        known = ", ".join(f"{peer.number} ({peer.address})" for peer in plan.peers)
        raise UnfitRequestError(f"{option} {request.subject}: no peer of the plan; it has {known}")
    return peer
