"""Peers that leave. No page is ever saved without an address: that would be a factory reset.

Source: Cluster Creation and Maintenance guide X15.4, changing a cluster.
"""

from certplan.outcomes import Confidence
from certplan.plan.model import Peer, Plan
from certplan.proposal.address_changes import DropEntry
from certplan.proposal.effect import Who
from certplan.runbook.alarms import expected, peer_list
from certplan.runbook.book import Book
from certplan.runbook.enforce import set_mapping
from certplan.runbook.model import Action, Rollback
from certplan.runbook.primary import change_primary
from certplan.runbook.saml import metadata_changed
from certplan.runbook.texts import BACKUP, CLUSTERING, MAINTENANCE_MODE, NOTHING_CHANGED, RESTART, factory_reset
from certplan.text.names import key
from certplan.value import replace

__all__ = ["disband", "remove_peer", "update_neighbors", "without"]


def without(plan: Plan, peer: Peer) -> Plan:
    """The plan without a peer; those behind it move up."""
    rest = [other for other in plan.peers if other.number != peer.number]
    moved = tuple(replace(other, number=number) for number, other in enumerate(rest, 1))
    primary = plan.cluster.primary
    if primary is not None and primary > peer.number:
        primary -= 1
    return replace(plan, cluster=replace(plan.cluster, primary=primary), peers=moved)


def remove_peer(book: Book, peer: Peer, *, returns: bool = False) -> None:
    """A peer is switched off and removed from the others' lists.

    Args:
        book: the procedure.
        peer: the peer, up or unreachable; where it is the primary, another one is made primary first.
        returns: it comes back as a new peer, so nothing outside changes.
    """
    if peer.number == book.primary.number and len(book.plan.peers) > 1:
        change_primary(book, next(other for other in book.stage.members if other.number != peer.number))
        peer = book.plan.peers[peer.number - 1]
    if peer.number in book.unreachable:
        _keep_down(book, peer)
    else:
        _save(book, peer)
        _shut_down(book, peer)
    _remove_from_lists(book, peer)
    _never_reconnect(book, peer, returns=returns)


def _save(book: Book, peer: Peer) -> None:
    book.add(
        Action.PREPARE,
        f"Back up {peer.address} and keep its certificate files",
        peers=(peer,),
        page=BACKUP,
        do=("Make a backup.", "Keep its server certificate, private key and trusted CA list as files elsewhere."),
        verify=("The files open on another machine.",),
        rollback=Rollback(NOTHING_CHANGED, Confidence.DOCUMENTED),
        abort_if="the private key is on this machine only and you will want its certificate again",
        sources=("CG-15.4-change",),
    )


def _shut_down(book: Book, peer: Peer) -> None:
    rest = [other for other in book.stage.members if other.number != peer.number]
    book.add(
        Action.SHUT_DOWN,
        f"Shut {peer.address} down",
        peers=(peer,),
        page=f"{MAINTENANCE_MODE}, then {RESTART}",
        do=(f"{MAINTENANCE_MODE}: switch it on and wait until its calls have ended.", f"{RESTART}: shut it down."),
        dangers=(factory_reset(book.plan),),
        down=(peer,),
        warnings=(f"{peer.address} leaves the cluster; {peer_list(rest)} go on without it.",),
        out=book.out | {peer.number},
        alarms=tuple(expected(number, rest, "the last list is corrected") for number in (20004, 20006)),
        verify=("Its row shows Failed on the other peers.",),
        rollback=Rollback("Switch it on again: nothing else has changed."),
        abort_if="it carries calls that must not be lost",
        confidence=Confidence.INFERRED,
        basis="The guide clears the list on the peer itself, which resets it at its restart. Switched off first, it"
        " cannot be done on the wrong page, nor to a peer that is still in use.",
        sources=("CG-15.4-change",),
    )


def _keep_down(book: Book, peer: Peer) -> None:
    book.add(
        Action.ELSEWHERE,
        f"Make sure that {peer.address} stays down",
        who=Who.NETWORK,
        do=(f"Switch {peer.address} off, or disconnect it from the network.",),
        dangers=("A peer that comes back with its old list disturbs the replication of the others.",),
        verify=(f"{peer.address} does not answer on any address.",),
        rollback=Rollback(NOTHING_CHANGED, Confidence.DOCUMENTED),
        abort_if="it is up after all: use the procedure without --unreachable",
        sources=("CG-15.4-change",),
    )


def _remove_from_lists(book: Book, peer: Peer) -> None:
    name, removed = peer.address, peer.number
    shrunk = without(book.plan, peer)
    order = [other for other in book.primary_first if other.number != removed]
    fields = [(f"Peer {other.number} address", other.address) for other in shrunk.peers]
    values = (
        *fields,
        (f"Peer {len(shrunk.peers) + 1} address", "(empty)"),
        ("Configuration primary", str(shrunk.cluster.primary or 1)),
    )
    entry = next((e for e in book.plan.cluster.address_mapping or () if key(e.fqdn) == key(peer.fqdn or name)), None)
    evidence = book.stage.evidence
    found = tuple(one for number, one in enumerate(evidence.peers, 1) if number != removed)
    enforcing = frozenset(_moved(number, removed) for number in book.enforcing if number != removed)
    out = frozenset(_moved(number, removed) for number in book.out if number != removed)
    book.unreachable = frozenset(_moved(number, removed) for number in book.unreachable if number != removed)
    book.begin_with(shrunk, replace(evidence, peers=found))
    book.start(out=out, enforcing=enforcing)
    book.add(
        Action.SET_ADDRESS,
        f"Remove {name} from the peer list: primary first, then the other peers",
        peers=[shrunk.peers[_moved(other.number, removed) - 1] for other in order],
        page=CLUSTERING,
        do=(
            "On each peer set the fields as given here, without gaps, and save.",
            "At least one address always stays in the list.",
        ),
        values=values,
        dangers=(factory_reset(shrunk),),
        raises=metadata_changed(book),
        alarms=(
            expected(20021, "the remaining peers", "5 to 10 minutes later"),
            expected(20007, "the remaining peers", "a restart, the primary first, where it is raised"),
        ),
        verify=("The fields read the same on every peer, and every row is as given here.",),
        rollback=Rollback("Put the former list back and switch the machine on again."),
        abort_if="a peer shows another order or another primary",
        sources=("CG-15.4-change",),
    )
    if entry is not None:
        set_mapping(book, (DropEntry(entry.fqdn, entry.ip),))


def _moved(number: int, removed: int) -> int:
    return number - 1 if number > removed else number


def _never_reconnect(book: Book, peer: Peer, *, returns: bool) -> None:
    book.add(
        Action.ELSEWHERE,
        f"Do not reconnect {peer.address} before a factory reset",
        who=Who.NETWORK,
        do=(
            "It still believes that it is a peer: keep it off the network until it has been factory reset, alone.",
            *(() if returns else ("Remove it from DNS, zones, Unified CM and the lists of endpoints.",)),
        ),
        dangers=(
            (
                "The reset keeps LAN 1 addressing and logins only. LAN 2 is lost, and from X12.6 the certificate, its"
                " key and the trusted CA list as well: have the files at hand."
            ),
        ),
        alarms=(expected(15009, f"{peer.address}, while it is reset", "the reset has finished"),),
        verify=("It shows no peer address after the reset." if returns else "No zone or record leads to it any more.",),
        rollback=Rollback("It cannot return as it is: it joins again, last, as a new peer."),
        abort_if="the reset fails (alarm 15013): the software image that it needs is missing on the machine",
        sources=("CG-15.4-change", "TA-217230"),
        rows=False,
    )


def update_neighbors(book: Book, peer: Peer) -> None:
    """What outside the cluster must know of a peer that has come."""
    book.add(
        Action.ELSEWHERE,
        "Update neighbor zones and DNS",
        do=(
            (
                f"Add {peer.address} to the zones that lead to this cluster, to DNS (A, PTR, SRV records), to the"
                " lists of endpoints, and to Unified CM."
            ),
        ),
        verify=("A call or sign-in through the new peer works.",),
        rollback=Rollback("Remove it again."),
        abort_if="calls through the new peer fail while those through the others work",
        sources=("CG-15.4-change",),
    )


def disband(book: Book) -> None:
    """Every peer but the primary leaves, the last of the list first; a cluster of one stays."""
    for _ in range(len(book.plan.peers) - 1):
        remove_peer(book, next(peer for peer in reversed(book.plan.peers) if peer.number != book.primary.number))
    (last,) = book.plan.peers
    book.add(
        Action.CHECK,
        f"Leave {last.address} as a cluster of one",
        peers=(last,),
        page=CLUSTERING,
        do=(
            "A cluster of one serves on with the cluster's configuration: nothing more has to be done.",
            "To make it a system without any cluster means a factory reset: back it up, and do that on its own day.",
        ),
        dangers=(factory_reset(book.plan),),
        verify=("The page shows This system in its one row, and no other peer.",),
        rollback=Rollback("Form the cluster again: certplan runbook --form."),
        abort_if="an alarm about the cluster is active",
        confidence=Confidence.INFERRED,
        basis="The guide disbands a cluster by clearing the list of every peer, which resets them all. Here the primary"
        " keeps its configuration.",
        sources=("CG-15.4-change",),
    )
