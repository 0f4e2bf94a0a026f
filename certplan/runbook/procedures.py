"""A procedure for a change window, from the cluster's present state, every step run through the simulation."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from certplan.evidence.model import Evidence
from certplan.handshake.model import Store
from certplan.handshake.simulate import simulate
from certplan.intent.cluster import Intent
from certplan.outcomes import Verdict
from certplan.plan.model import Peer, Plan, TlsVerification, Unknown
from certplan.proposal.certificate_changes import Reissue
from certplan.proposal.model import Advice, Change, Proposal, describe
from certplan.proposal.propose import blockers, propose
from certplan.proposal.state import apply
from certplan.runbook.book import Book
from certplan.runbook.enforce import close, write_changes
from certplan.runbook.joining import MOST_PEERS, form, join, unseen, with_peer
from certplan.runbook.leaving import disband, remove_peer, update_neighbors
from certplan.runbook.model import Action, Procedure, Runbook
from certplan.runbook.prepare import baseline, fix_errors, outside_errors, prepare, record
from certplan.runbook.primary import change_primary, hand_over
from certplan.runbook.recover import force_replication, recover
from certplan.runbook.requests import (
    ProcedureRequest,
    UnfitRequestError,
    find,
    later_release,
    newcomer,
    returning,
    the_peer,
    unreachable_peers,
)
from certplan.runbook.saml import export_saml
from certplan.runbook.service import restart, upgrade
from certplan.runbook.texts import general_dangers
from certplan.runbook.toward import ObservedTarget, to_target
from certplan.text.names import is_ip
from certplan.value import replace
from certplan.vendor.releases import TWO_STORES_FROM

__all__ = ["ObservedTarget", "ProcedureRequest", "UnfitRequestError", "runbook"]

_TITLES = {
    Procedure.ENFORCE: "From today's state to Enforce",
    Procedure.FORM: "From single machines to an enforced cluster",
    Procedure.REPLACE: "New certificates for every peer, and Enforce",
    Procedure.ADD_PEER: "Add a peer",
    Procedure.REMOVE_PEER: "Remove a peer",
    Procedure.REPLACE_PEER: "Replace a peer",
    Procedure.RENAME_PEER: "Change the name of a peer",
    Procedure.REBUILD_PEER: "Rebuild a peer from its backup",
    Procedure.CHANGE_PRIMARY: "Change the primary",
    Procedure.RESTART: "Restart the cluster",
    Procedure.UPGRADE: "Upgrade the cluster",
    Procedure.RECOVER: "Recover a cluster that split under Enforce",
    Procedure.DISBAND: "Disband the cluster",
    Procedure.FORCE_REPLICATION: "Force the replication of a peer",
}

_TO_ENFORCE = ProcedureRequest()
_ENFORCED_UNSURE = (
    "The cluster is enforced, and whether it is ready is not verified: state what is missing in the plan, and run"
    " certplan check first."
)
_ENFORCED_NOT_READY = "The cluster is enforced, and by what was read it is not ready: run certplan check first."
_ENFORCED = {
    Verdict.READY: "The cluster is enforced and ready: there is nothing to do.",
    Verdict.UNDECIDED: _ENFORCED_UNSURE,
    Verdict.NOT_READY: _ENFORCED_NOT_READY,
}


def runbook(
    plan: Plan,
    evidence: Evidence,
    at: datetime,
    request: ProcedureRequest = _TO_ENFORCE,
    target: ObservedTarget | None = None,
    *,
    proposal: Proposal | None = None,
) -> Runbook:
    """Write the procedure.

    Args:
        plan: the cluster as it is today; for `Procedure.FORM` as it is to be.
        evidence: what was observed.
        at: the aware time to judge at.
        request: what the procedure is for.
        target: the target of the plan and what was found for it; `Procedure.ENFORCE` leads there (None: to what
            `propose` finds), and `Procedure.ADD_PEER` may add one of its peers.
        proposal: what `propose` finds for this plan, where it has been asked already.

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
    if request.kind is Procedure.RECOVER and isinstance(plan.cluster.stated_tls_verification, Unknown):
        # Whoever asks for it says that the cluster enforces.
        enforced = replace(plan.cluster, stated_tls_verification=TlsVerification.ENFORCE)
        plan = replace(plan, cluster=enforced)
    book = Book(
        _unformed(plan) if request.kind is Procedure.FORM else plan, evidence, at, unreachable_peers(plan, request)
    )
    before = simulate(plan, evidence, at).verdict
    if request.kind is Procedure.ENFORCE and target is not None:
        return _to_target(book, before, target)
    match request.kind:
        case Procedure.ENFORCE | Procedure.FORM | Procedure.REPLACE:
            return _enforce(book, before, request.kind, plan.cluster.name, proposal)
        case Procedure.ADD_PEER:
            return _add(book, before, request, target)
        case Procedure.REMOVE_PEER | Procedure.REPLACE_PEER | Procedure.RENAME_PEER | Procedure.REBUILD_PEER:
            return _leave(book, before, request)
        case _:
            return _maintain(book, before, request)


def _to_target(book: Book, before: Verdict, target: ObservedTarget) -> Runbook:
    if book.unreachable:
        raise UnfitRequestError(
            "--unreachable: the plan has a target; state the peer under target.removed_peers, where it is lost"
        )
    title = f"From today's state to the target: {book.plan.cluster.name}"
    dangers = general_dangers(book.plan, book.primary)
    after = to_target(book, target)
    if {step.action for step in book.steps} <= {Action.PREPARE, Action.FINISH}:
        note = "Today's state is the target: there is nothing to do."
        return Runbook(Procedure.ENFORCE, title, before, after, (note,), dangers, ())
    left: tuple[Advice, ...] = ()
    notes: list[str] = []
    if after is not Verdict.READY and target.plan.cluster.tls_verification is TlsVerification.ENFORCE:
        notes.append("The steps end before Enforce: the remaining blockers of the target have to be settled first.")
        left = blockers(target.plan, simulate(target.plan, target.evidence, book.intent.at))
    return Runbook(
        Procedure.ENFORCE, title, before, after, tuple(notes), dangers, tuple(book.steps), left, book.first_alarms
    )


def _enforce(book: Book, before: Verdict, kind: Procedure, name: str, proposal: Proposal | None) -> Runbook:
    title = f"{_TITLES[kind]}: {name}"
    book.first_alarms = book.active_alarms
    dangers = general_dangers(book.plan, book.primary)
    if kind is Procedure.FORM:
        if book.unreachable:
            raise UnfitRequestError("--form: every machine has to be reachable; leave out --unreachable")
        fix_errors(book, outside_errors(book, ()))
        form(book)
    else:
        _remove_unreachable(book)
    gone = bool(book.steps) and kind is not Procedure.FORM
    asked = proposal if kind is Procedure.ENFORCE and not book.steps else None
    changes, after, left = _changes(book, kind, asked)
    if not changes and not book.steps and book.enforcing:
        note = _ENFORCED[after]
        return Runbook(kind, title, before, after, (note,), dangers, (), left)
    if not book.steps:
        prepare(book, [change.effect for change in changes])
    on_ip = any(is_ip(peer.address) for peer in book.plan.peers)
    write_changes(book, changes)
    close(book, changes, after, peers_changed=gone)
    return Runbook(
        kind,
        title,
        before,
        after,
        tuple(_notes(after, on_ip=on_ip)),
        dangers,
        tuple(book.steps),
        left,
        book.first_alarms,
    )


def _remove_unreachable(book: Book) -> None:
    """A peer that is lost cannot come back to its place: it is removed first, and joins again last."""
    if not book.unreachable:
        return
    prepare(book)
    hand_over(book)
    while book.unreachable:
        remove_peer(book, book.plan.peers[max(book.unreachable) - 1], returns=True)


def _changes(
    book: Book, kind: Procedure, proposal: Proposal | None
) -> tuple[tuple[Change, ...], Verdict, tuple[Advice, ...]]:
    """The changes from the state that the procedure has reached, the verdict with them, and what still blocks it."""
    plan, evidence, at = book.plan, book.stage.evidence, book.intent.at
    proposal = proposal or propose(plan, evidence, at, replace_certificates=kind is Procedure.REPLACE)
    if kind is not Procedure.REPLACE:
        return proposal.changes, proposal.cluster_after, proposal.cluster_blockers
    intent = Intent(plan, evidence, at)
    ordered = {(e.peer, e.store) for e in (change.effect for change in proposal.changes) if isinstance(e, Reissue)}
    more = [
        describe(intent, Reissue.of(intent.certificate(*each)), ())
        for each in _client_stores(intent)
        if _key(each) not in ordered
    ]
    changes = (*proposal.changes, *more)
    applied = apply(intent, [change.effect for change in changes])
    matrix = applied.judged(intent)
    return changes, matrix.verdict, blockers(applied.plan, matrix)


def _client_stores(intent: Intent) -> Iterable[tuple[Peer, Store]]:
    for peer in intent.plan.peers:
        if peer.release >= TWO_STORES_FROM and intent.leaf(peer, Store.CLIENT) is not None:
            yield peer, Store.CLIENT


def _key(each: tuple[Peer, Store]) -> tuple[int, Store]:
    peer, store = each
    return peer.number, store


def _notes(after: Verdict, *, on_ip: bool) -> Iterable[str]:
    if on_ip:
        yield (
            "While peer addresses are IP addresses, Certificate: Invalid is normal: certificates name FQDNs. In"
            " Permissive it does no harm."
        )
    if after is not Verdict.READY:
        yield "The steps end before Enforce: the remaining blockers have to be settled first."


def _unformed(plan: Plan) -> Plan:
    """The cluster as it is first formed: on LAN 1 addresses, in Permissive, without mapping."""
    peers = tuple(replace(peer, address=str(peer.lan1.ip), fqdn=peer.fqdn or peer.address) for peer in plan.peers)
    cluster = replace(plan.cluster, stated_tls_verification=TlsVerification.PERMISSIVE, stated_address_mapping=None)
    return replace(plan, cluster=replace(cluster, primary=1), peers=peers)


def _add(book: Book, before: Verdict, request: ProcedureRequest, target: ObservedTarget | None) -> Runbook:
    plan = book.plan
    known = find(plan, request.subject)
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
        coming = None if target is None else find(target.plan, request.subject)
        known = newcomer(plan, request) if coming is None else coming
        found = None if target is None or coming is None else target.found(coming)
        book.begin_with(*with_peer(plan, book.stage.evidence, known, found))
        known = book.plan.peers[-1]
    elif len(plan.peers) == 1:
        raise UnfitRequestError(f"--add-peer {request.subject}: it is the only peer of the plan; use --form")
    joining = frozenset({known.number})
    book.start(out=joining, enforcing=book.enforcing - joining, unmapped=joining)
    prepare(book)
    hand_over(book)
    join(book, known)
    _settle(book, known)
    return _written(book, before, request.kind, f" {known.address}")


def _settle(book: Book, peer: Peer) -> None:
    """What is to be done outside the cluster once a peer has joined, and the record."""
    update_neighbors(book, book.plan.peers[peer.number - 1])
    export_saml(book)
    record(book, keep="State in the plan what is on the appliances now.")


def _leave(book: Book, before: Verdict, request: ProcedureRequest) -> Runbook:
    option, plan = f"--{request.kind}", book.plan
    peer = the_peer(plan, request.subject, option)
    if len(plan.peers) == 1:
        raise UnfitRequestError(
            f"{option}: this is the only peer; removing it clears every peer address, which is a factory reset at the"
            " next restart"
        )
    back = returning(book.plan, peer, request)
    prepare(book)
    if book.unreachable != {peer.number}:
        hand_over(book)
    peer = book.plan.peers[peer.number - 1]
    found = book.stage.evidence.peers[peer.number - 1]
    remove_peer(book, peer, returns=back is not None)
    about = f" {peer.address}"
    if back is None:
        export_saml(book)
        record(book, keep="Remove the peer from the plan.")
        return _written(book, before, request.kind, about)
    renamed = request.kind is Procedure.RENAME_PEER
    book.begin_with(*with_peer(book.plan, book.stage.evidence, back, unseen(back) if renamed else found))
    last = book.plan.peers[-1]
    order = Reissue.of(book.intent.certificate(last, Store.SERVER)) if renamed else None
    join(book, last, order=order, restored=request.kind is Procedure.REBUILD_PEER)
    _settle(book, last)
    return _written(book, before, request.kind, about + (f" to {request.name}" if renamed else ""))


def _maintain(book: Book, before: Verdict, request: ProcedureRequest) -> Runbook:
    plan, about = book.plan, ""
    match request.kind:
        case Procedure.CHANGE_PRIMARY:
            peer = the_peer(plan, request.subject, "--change-primary")
            if peer.number == book.primary.number:
                raise UnfitRequestError(f"--change-primary {request.subject}: {peer.address} is the primary already")
            if peer.number in book.unreachable:
                raise UnfitRequestError(f"--change-primary {request.subject}: {peer.address} is named as unreachable")
            about = f" to {peer.address}"
            prepare(book)
            change_primary(book, peer)
            record(book, keep=f"State primary: {peer.number} in the plan.")
        case Procedure.RESTART:
            _with_a_primary(book)
            restart(book)
        case Procedure.UPGRADE:
            release = later_release(plan, request.subject)
            about = f" to {release}"
            _with_a_primary(book)
            upgrade(book, release)
        case Procedure.RECOVER:
            if not book.enforcing:
                raise UnfitRequestError(
                    "--recover: TLS verification mode is Permissive in the plan, and it is for a cluster that split"
                    " under Enforce; state tls_verification: enforce where that is what runs"
                )
            baseline(book)
            hand_over(book)
            recover(book)
            record(
                book,
                keep="State tls_verification: permissive in the plan; certplan runbook then leads back to Enforce.",
            )
        case Procedure.DISBAND:
            baseline(book)
            hand_over(book)
            disband(book)
            record(book)
        case Procedure.FORCE_REPLICATION:
            about = f" {_subordinate(book, request).address}"
            force_replication(book, _subordinate(book, request))
    return _written(book, before, request.kind, about)


def _with_a_primary(book: Book) -> None:
    if book.primary.number in book.unreachable:
        raise UnfitRequestError(
            f"the primary, {book.primary.address}, is named as unreachable: make another peer the primary first, with"
            f" --change-primary N --unreachable {book.primary.number}, and state that in the plan"
        )


def _subordinate(book: Book, request: ProcedureRequest) -> Peer:
    peer = the_peer(book.plan, request.subject, "--force-replication")
    if peer.number == book.primary.number:
        raise UnfitRequestError(
            f"--force-replication {request.subject}: {peer.address} is the primary, and its configuration would be"
            " deleted; name a subordinate"
        )
    if book.unreachable & {peer.number, book.primary.number}:
        raise UnfitRequestError(f"--force-replication {request.subject}: it and the primary both have to be reachable")
    return peer


def _written(book: Book, before: Verdict, kind: Procedure, about: str) -> Runbook:
    after = book.stage.matrix.verdict
    notes: list[str] = []
    left: Sequence[Advice] = ()
    if kind is Procedure.RECOVER:
        notes.append("The steps end in Permissive. What keeps the cluster from Enforce: certplan propose.")
    elif book.plan.cluster.tls_verification is TlsVerification.ENFORCE and not book.enforcing:
        notes.append(
            "The steps end in Permissive: the remaining blockers have to be settled before Enforce is set again."
        )
        left = blockers(book.plan, book.stage.matrix)
    elif kind is Procedure.UPGRADE and before is Verdict.READY and after is not Verdict.READY:
        notes.append("The cluster is ready for Enforce today, and not with that release: settle the blockers first.")
        left = blockers(book.plan, book.stage.matrix)
    elif book.enforcing and after is Verdict.NOT_READY:
        notes.append(_ENFORCED_NOT_READY)
    elif book.enforcing and after is Verdict.UNDECIDED:
        notes.append(_ENFORCED_UNSURE)
    return Runbook(
        kind,
        f"{_TITLES[kind]}{about}: {book.plan.cluster.name}",
        before,
        after,
        tuple(notes),
        general_dangers(book.plan, book.primary),
        tuple(book.steps),
        tuple(left),
        book.first_alarms,
    )
