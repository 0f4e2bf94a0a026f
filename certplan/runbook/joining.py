"""Peers that join: a cluster is formed, or grows.

A peer that joins has no cluster address mapping before it has the primary's configuration, so names that only the
mapping resolves are no use to it: it joins in Permissive, on LAN 1 addresses, and the names come after.

Sources: Cluster Creation and Maintenance guide X15.4 (forming a cluster; FQDNs, mapping and enforcing); Administrator
Guide X15.5, Clustering and Peers.
"""

from certplan.evidence.model import Evidence, Missing, PeerEvidence
from certplan.outcomes import Confidence, Outcome, Verdict
from certplan.plan.model import MappingEntry, Peer, Plan, TlsVerification
from certplan.proposal.address_changes import SetAddress, SetEntry
from certplan.proposal.certificate_changes import Reissue
from certplan.proposal.model import describe
from certplan.runbook.alarms import Waiting, expected
from certplan.runbook.book import Book
from certplan.runbook.enforce import change_address, check_rows, set_mapping
from certplan.runbook.mode import into_permissive, set_enforce
from certplan.runbook.model import Action, Rollback
from certplan.runbook.saml import metadata_changed
from certplan.runbook.texts import ARCHIVE, BACKUP, CLUSTERING, MAINTENANCE_MODE, SETTLE, factory_reset
from certplan.stage import Stage
from certplan.text.names import is_ip, key, show
from certplan.value import replace

__all__ = ["MOST_PEERS", "form", "join", "known_as", "unseen", "with_peer"]

MOST_PEERS = 6
_MAINTENANCE_OFF = f"{MAINTENANCE_MODE}: switch it off."


def unseen(peer: Peer) -> PeerEvidence:
    """What is known of a peer that the plan does not have."""
    owner = show(peer.address)

    def missing(what: str) -> Missing:
        return Missing(f"{what} of {owner}", "the plan does not have this peer", "Add the peer to the plan.")

    return PeerEvidence(
        server=missing("server certificate"),
        client=missing("client certificate"),
        trust=missing("trusted CA list"),
        key=missing("private key"),
        crls=(),
    )


def with_peer(plan: Plan, evidence: Evidence, peer: Peer, found: PeerEvidence | None = None) -> tuple[Plan, Evidence]:
    """The plan and the evidence with one more peer, at the end of the list."""
    last = replace(peer, number=len(plan.peers) + 1)
    grown = replace(plan, peers=(*plan.peers, last))
    return grown, replace(evidence, peers=(*evidence.peers, unseen(last) if found is None else found))


def known_as(peer: Peer) -> str:
    """The FQDN of a peer, or its address where it has none."""
    return key(peer.address if peer.fqdn is None else peer.fqdn)


def form(book: Book) -> None:
    """A cluster of one on the primary's LAN 1 address, then the others one by one, in Permissive."""
    first, *others = book.plan.peers
    everyone = frozenset(peer.number for peer in book.plan.peers)
    book.start(out=everyone - {first.number}, enforcing=frozenset())
    _prepare_first(book, first, len(others))
    book.add(
        Action.SET_ADDRESS,
        f"Make a cluster of one of {first.address}",
        peers=(first,),
        page=CLUSTERING,
        do=("Set the fields and save.",),
        values=_shared(book.plan, 1, (first,)),
        dangers=(factory_reset(book.plan),),
        raises={20007: Waiting(frozenset({first.number}))},
        verify=("The page says that a restart is required.",),
        rollback=Rollback("Restore the backup: there is no cluster yet."),
        abort_if="the page refuses a field",
        sources=("CG-15.4-form", "TA-217230"),
    )
    book.restart(first, " as a cluster of one", sources=("CG-15.4-form",))
    book.add(
        Action.CHECK,
        f"Put the cluster of one into service: {first.address}",
        peers=(first,),
        page=f"{MAINTENANCE_MODE}, then {BACKUP}",
        do=(_MAINTENANCE_OFF, "Back it up: this is the cluster of one, before any other peer joins."),
        verify=("No alarm is active that is not expected here.", "A test call or registration works."),
        rollback=Rollback("Restore the backup from before the cluster."),
        abort_if="an alarm about the cluster is active",
        sources=("CG-15.4-form",),
    )
    for peer in others:
        _prepare_joiner(book, peer)
        _enter(book, peer)


def _prepare_first(book: Book, first: Peer, others: int) -> None:
    wait = f" No zone leads to any of the {others} peers that are to join." if others else ""
    book.add(
        Action.PREPARE,
        f"Prepare {first.address}",
        peers=(first,),
        page=f"{BACKUP}, then {MAINTENANCE_MODE}",
        do=(
            (
                f"It runs {first.release}, has the others' option keys, NTP is Synchronized, and its DNS"
                " servers resolve every peer forward and reverse."
            ),
            f"{CLUSTERING}: every Peer N address is empty.{wait}",
            *_h323(first),
            "Configuration > Call routing: Call signaling optimization On.",
            ARCHIVE,
            f"{BACKUP}: back it up.",
            f"{MAINTENANCE_MODE}: switch it on, and wait until calls have ended.",
        ),
        drained=(first,),
        verify=("The backup opens on another machine.", "No alarm is active that is not expected here."),
        rollback=Rollback("Switch maintenance mode off: nothing else has changed.", Confidence.INFERRED),
        abort_if="a check fails: peers would not join",
        sources=("CG-15.4-form", "CG-15.4-requirements"),
    )


def _h323(peer: Peer) -> tuple[str, ...]:
    """H.323 mode is not asked for where the plan states it."""
    if peer.h323 is True:
        return ()
    return ("Configuration > Protocols > H.323: H.323 mode On.",)


def join(book: Book, peer: Peer, *, order: Reissue | None = None, restored: bool = False) -> None:
    """The last peer of the book's plan joins, and comes to be known by its FQDN where the others are.

    Args:
        book: the procedure; its plan has the peer as it is to be in the end.
        peer: the last peer of that plan.
        order: the certificate that it has to be given first.
        restored: the peer's own backup was restored on it.
    """
    enforced, goal, former = bool(book.enforcing), peer.address, frozenset({peer.number})
    book.start(out=book.out | former, enforcing=book.enforcing - former, unmapped=former)
    _prepare_joiner(book, peer, order=order, restored=restored)
    entry = _entry(book.plan, peer)
    if _joins_as_it_is(book, peer, enforced=enforced):
        if entry is not None:
            set_mapping(book, (entry,))
        _enter(book, peer)
        return
    if enforced:
        into_permissive(book)
    names = _on_lan1_first(book, peer)
    _enter(book, book.plan.peers[peer.number - 1])
    if entry is not None:
        set_mapping(book, (entry,))
    if goal != book.plan.peers[peer.number - 1].address:
        names.append(SetAddress(peer.number, goal))
    for name in names:
        change_address(book, name)
    if enforced and book.stage.matrix.verdict is Verdict.READY:
        check_rows(book)
        set_enforce(book)


def _entry(plan: Plan, peer: Peer) -> SetEntry | None:
    """The mapping entry that the peer is missing."""
    mapping, name = plan.cluster.address_mapping, known_as(peer)
    entry = MappingEntry(name, peer.lan1.ip)
    return None if mapping is None or is_ip(name) or entry in mapping else SetEntry(entry.fqdn, entry.ip)


def _joins_as_it_is(book: Book, peer: Peer, *, enforced: bool) -> bool:
    """Whether every link of the peer would hold at once, with the addresses of the plan and without a mapping."""
    stage = book.stage
    entry = _entry(book.plan, peer)
    cluster = book.plan.cluster
    if entry is not None:
        mapped = (*(cluster.address_mapping or ()), MappingEntry(entry.fqdn, entry.ip))
        cluster = replace(cluster, stated_address_mapping=mapped)
    joined = Stage(
        replace(book.plan, cluster=cluster),
        stage.evidence,
        stage.at,
        book.enforcing | {peer.number} if enforced else frozenset(),
        book.out - {peer.number},
        frozenset(),
        frozenset({peer.number}),
    )
    return all(joined.link(peer, other) is Outcome.PASS for other in joined.members if other.number != peer.number)


def _on_lan1_first(book: Book, peer: Peer) -> list[SetAddress]:
    """Set the LAN 1 addresses that the joining peer needs; the names to be set again come back."""
    first = book.stage
    unresolved = [
        other
        for other in (*first.members, first.plan.peers[peer.number - 1])
        if not is_ip(other.address) and (other.number == peer.number or first.accepts(peer, other) is not Outcome.PASS)
    ]
    for other in unresolved:
        effect = SetAddress(other.number, str(other.lan1.ip))
        if other.number == peer.number:
            book.assume(effect)
        else:
            change_address(book, effect)
    return [SetAddress(other.number, other.address) for other in unresolved if other.number != peer.number]


def _prepare_joiner(book: Book, peer: Peer, *, order: Reissue | None = None, restored: bool = False) -> None:
    plan, primary = book.plan, book.primary
    name = known_as(peer)
    certificate = "Its server certificate" if order is None else "Its new server certificate"
    where_from = (
        "Restore its own backup on it while it is not connected to the other peers. The backup brings its certificate,"
        " private key and network settings back, and the peer list of that day as well."
        if restored
        else "It belongs to no cluster: if it ever was a peer, it has been removed there, restarted and factory reset."
    )
    book.add(
        Action.PREPARE,
        f"Prepare {peer.address}",
        peers=(peer,),
        page=f"{BACKUP}, then {MAINTENANCE_MODE}",
        do=(
            (
                f"It runs {primary.release}, on a platform equivalent to the others', with the same option keys and DNS"
                " domain, and a system name and host name of its own."
            ),
            where_from,
            (
                "NTP is Synchronized, its DNS servers resolve every peer forward and reverse, no zone of any peer leads"
                " to it."
            ),
            *_h323(peer),
            (
                f"{certificate} names {name} and {plan.cluster.name}; its trusted CA list has every peer's CAs, and"
                " every peer's list has its CA."
            ),
            *((describe(book.intent, order, ()).detail,) if order is not None else ()),
            "Round-trip time to every peer is at most 80 ms, and the cluster ports are open (certplan ports).",
            ARCHIVE,
            f"{BACKUP}: back it up. Its configuration is replaced by the primary's when it joins.",
            f"{MAINTENANCE_MODE}: switch it on.",
        ),
        effects=() if order is None else (order,),
        verify=("certplan check, with this peer in the plan, reports no error of this peer.",),
        rollback=Rollback("Restore its backup: it has not joined yet."),
        abort_if="the restore is refused: set the machine up by hand, from the files of the first steps"
        if restored
        else "a check fails: the new peer would be isolated",
        confidence=Confidence.CONFLICTING if restored else Confidence.DOCUMENTED,
        basis="The guides say to restore a removed peer's own backup, and also call the old backup of a lost peer of"
        " no use; a peer that is in a cluster cannot be restored at all."
        if restored
        else "",
        sources=(
            ("CG-15.4-troubleshooting", "AG-15.5-maintenance", "CG-15.4-change")
            if restored
            else ("CG-15.4-form", "CG-15.4-requirements")
        ),
        rows=False,
    )


def _shared(plan: Plan, primary: int, peers: tuple[Peer, ...]) -> tuple[tuple[str, str], ...]:
    mode = "Enforce" if plan.cluster.tls_verification is TlsVerification.ENFORCE else "Permissive"
    return (
        ("Cluster name", plan.cluster.name),
        ("Configuration primary", str(primary)),
        ("Cluster IP version", "IPv6" if plan.ip_version == "ipv6" else "IPv4"),
        ("TLS verification mode", mode),
        *((f"Peer {peer.number} address", peer.address) for peer in peers),
    )


def _enter(book: Book, peer: Peer) -> None:
    """The new address on the primary, then on the others, then everything on the new peer, then its restart."""
    peer = book.plan.peers[peer.number - 1]
    members, enforced = book.primary_first, bool(book.enforcing)
    field = f"Peer {peer.number} address"
    spurious = expected(20021, members, "5 to 10 minutes after the new peer's restart")
    joining = expected(20004, members, SETTLE)
    book.add(
        Action.SET_ADDRESS,
        f"Enter {peer.address} as {field}: primary first, then the other peers",
        peers=members,
        page=CLUSTERING,
        do=("On each peer fill the first empty field, leave the others as they are, and save.",),
        values=((field, peer.address),),
        dangers=(factory_reset(book.plan),),
        raises=metadata_changed(book),
        alarms=(joining, spurious),
        verify=(f"The new row shows Unknown, then Failed: {peer.address} has not joined yet.",),
        rollback=Rollback(f"Clear {field} alone on each peer and save."),
        abort_if="the fields differ between peers, in value or in order",
        sources=("CG-15.4-form",),
    )
    listed_peers = tuple(each for each in book.plan.peers if each.number <= peer.number)
    plan = book.plan
    mode = TlsVerification.ENFORCE if enforced else TlsVerification.PERMISSIVE
    stated = replace(plan, cluster=replace(plan.cluster, stated_tls_verification=mode))
    book.add(
        Action.SET_ADDRESS,
        f"Enter the cluster on {peer.address}",
        peers=(peer,),
        page=CLUSTERING,
        do=("Set the fields, the same as on the primary and in the same order, and save.",),
        values=_shared(stated, book.primary.number, listed_peers),
        dangers=(f"The configuration of {peer.address} is replaced by the primary's.", factory_reset(plan)),
        raises={20007: Waiting(frozenset({peer.number}))},
        alarms=(spurious,),
        verify=("The page says that a restart is required.",),
        rollback=Rollback("Remove the new address from the other peers first; then factory reset this machine alone."),
        abort_if="a field cannot be set as on the primary",
        sources=("CG-15.4-form",),
    )
    book.restart(
        peer,
        ", which then joins",
        enforcing=book.enforcing | {peer.number} if enforced else None,
        out=book.out - {peer.number},
        alarms=(spurious,),
        verify=("Its row on every other peer shows Active.",),
        rollback=Rollback(f"Clear {field} on every other peer; factory reset {peer.address} alone."),
        sources=("CG-15.4-form",),
    )
    _into_service(book, peer)


def _into_service(book: Book, peer: Peer) -> None:
    book.add(
        Action.CHECK,
        f"Check that {peer.address} has the configuration, and put it into service",
        peers=(peer,),
        page=f"{CLUSTERING}, then {MAINTENANCE_MODE}",
        do=(
            (
                "Wait 2 minutes for the primary's configuration, and look for it: zones, search rules, cluster"
                " address mapping."
            ),
            _MAINTENANCE_OFF,
            f"{BACKUP}: back it up.",
        ),
        unmapped=book.unmapped - {peer.number},
        verify=("The cluster database is Active, and every row is as given here.",),
        rollback=Rollback("Switch maintenance mode on again: the other peers serve its users."),
        abort_if="the configuration has not arrived after 10 minutes",
        sources=("CG-15.4-form", "AG-15.5-clustering"),
    )
