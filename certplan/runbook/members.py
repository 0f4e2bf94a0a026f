"""Peers that come and go, and the change of primary.

Sources: Cluster Creation and Maintenance guide X15.4, forming and changing a cluster.
"""

from dataclasses import replace

from certplan.evidence.model import Evidence, Missing, PeerEvidence
from certplan.plan.model import MappingEntry, Peer, Plan, TlsVerification
from certplan.proposal.model import DropEntry, SetEntry
from certplan.runbook.alarms import expected, listed
from certplan.runbook.book import (
    CLUSTERING,
    SETTLE,
    Book,
    factory_reset,
    without,
)
from certplan.runbook.enforce import mapping_values
from certplan.text.names import is_ip, key, show

__all__ = ["MOST_PEERS", "add_peer", "change_primary", "form", "remove_peer", "unseen", "with_peer"]

MOST_PEERS = 6


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


def with_peer(plan: Plan, evidence: Evidence, peer: Peer) -> tuple[Plan, Evidence]:
    """The plan and the evidence with a peer more, at the end of the list."""
    grown = replace(plan, peers=(*plan.peers, peer))
    return grown, replace(evidence, peers=(*evidence.peers, unseen(peer)))


def form(book: Book) -> None:
    """A cluster of one on the primary's IP address, then the others one by one, in Permissive."""
    first, *others = book.plan.peers
    everyone = frozenset(peer.number for peer in book.plan.peers)
    book.start(out=everyone - {first.number}, enforcing=frozenset())
    book.add(
        f"Make a cluster of one of {first.address}",
        peers=(first,),
        page=CLUSTERING,
        do=("Switch maintenance mode on, set the fields, save.", "Switch on call signalling optimisation."),
        values=_shared(book.plan, 1, (first,)),
        dangers=(factory_reset(book.plan),),
        raises={20007: (first,)},
        verify=("The page says that a restart is needed.",),
        back="Restore the backup: there is no cluster yet.",
        stop="Stop when DNS, NTP or H.323 mode is not in order: peers would not join.",
        sources=("CG-15.4-form", "TA-217230"),
    )
    book.restart(first, " as a cluster of one", sources=("CG-15.4-form",))
    for peer in others:
        _join(book, peer)


def add_peer(book: Book, peer: Peer) -> None:
    """The last peer of the book's plan joins; until its restart it is out."""
    enforced = bool(book.enforcing)
    book.start(out=frozenset({peer.number}), enforcing=book.enforcing - {peer.number})
    release, cluster = book.plan.cluster.release, book.plan.cluster
    book.add(
        f"Prepare {peer.address}",
        peers=(peer,),
        do=(
            (
                f"It runs {release}, on a platform like the others', with H.323 mode On, NTP Synchronized and the same"
                " DNS domain; its system name and host name are its own."
            ),
            (
                "It belongs to no cluster, and no zone of the cluster leads to it; if it ever was a peer, it has been"
                " factory reset."
            ),
            (
                f"Its certificate names {peer.fqdn or peer.address} and {cluster.name}; its trusted CA list has the CAs"
                " of every peer, and every peer's list has its CA."
            ),
            "Round-trip time to every peer is at most 80 ms, and the cluster ports are open (certplan ports).",
        ),
        verify=(
            "certplan check on the plan with this peer in it is READY."
            if enforced
            else "certplan check names no error of this peer.",
        ),
        stop="Stop when the cluster is enforced and the check is not READY: the new peer would stand alone.",
        sources=("CG-15.4-form", "CG-15.4-requirements"),
        rows=False,
    )
    entry = MappingEntry(key(peer.address), peer.lan1.ip)
    if cluster.address_mapping is not None and not is_ip(peer.address) and entry not in cluster.address_mapping:
        _enter(book, SetEntry(entry.fqdn, entry.ip))
    _join(book, peer)
    book.add(
        "Tell the neighbours",
        do=(
            (
                f"Add {peer.address} to the zones that lead to this cluster, to DNS (A, PTR and service records), to"
                " endpoints' lists, and to Unified CM."
            ),
        ),
        verify=("A call or sign-in by way of the new peer works.",),
        back="Take it out again.",
        sources=("CG-15.4-change",),
    )


def _enter(book: Book, effect: SetEntry | DropEntry) -> None:
    adding = isinstance(effect, SetEntry)
    book.add(
        "Add the mapping entry on the primary" if adding else "Delete the mapping entry on the primary",
        peers=(book.primary,),
        page=CLUSTERING,
        do=("Save; the table goes to the other peers by itself.",),
        values=mapping_values(book.plan.cluster.address_mapping or (), effect),
        effects=(effect,),
        verify=(f"{CLUSTERING} of every other peer shows the same table within a minute.",),
        back="Put the former table back.",
        sources=("CG-15.4-fqdn",),
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


def _join(book: Book, peer: Peer) -> None:
    """The new address on the primary, then on the others, then everything on the new peer, then its restart."""
    peer = book.plan.peers[peer.number - 1]
    members = book.primary_first
    field = f"Peer {peer.number} address"
    spurious = expected(20021, listed(members), "5 to 10 minutes after the new peer's restart")
    joining = expected(20004, listed(members), SETTLE)
    book.add(
        f"Enter {peer.address} as {field}: primary first, then the other peers",
        peers=members,
        page=CLUSTERING,
        do=("On each peer fill the first empty field, leave the others as they are, and save.",),
        values=((field, peer.address),),
        dangers=(factory_reset(book.plan),),
        alarms=(joining, spurious),
        verify=(f"The new row reads Unknown, then Failed: {peer.address} has not joined yet.",),
        back=f"Clear {field} on each peer and save.",
        stop="Stop when the fields differ between peers, in value or in order.",
        sources=("CG-15.4-form",),
    )
    listed_peers = tuple(each for each in book.plan.peers if each.number <= peer.number)
    book.add(
        f"Enter the cluster on {peer.address}",
        peers=(peer,),
        page=CLUSTERING,
        do=("Set the fields, the same as on the primary and in the same order, and save.",),
        values=_shared(book.plan, book.primary.number, listed_peers),
        dangers=(f"The configuration of {peer.address} is replaced by the primary's; back up what is to be kept.",),
        raises={20007: (peer,)},
        alarms=(spurious,),
        verify=("The page says that a restart is needed.",),
        back="Take the new address off the other peers first; then restart this machine after a factory reset.",
        stop="Stop when a field cannot be set as on the primary.",
        sources=("CG-15.4-form",),
    )
    enforced = book.plan.cluster.tls_verification is TlsVerification.ENFORCE
    book.restart(
        peer,
        ", which then joins",
        enforcing=book.enforcing | {peer.number} if enforced else None,
        out=book.out - {peer.number},
        alarms=(spurious,),
        verify=("Wait 2 minutes for the primary's configuration to arrive, and look for it on the new peer.",),
        back=f"Clear {field} on every other peer; factory reset {peer.address} in isolation.",
        sources=("CG-15.4-form",),
    )


def remove_peer(book: Book, peer: Peer) -> None:
    """A peer is switched off and taken off the others' lists. No page is ever saved without addresses."""
    plan = book.plan
    if peer.number == book.primary.number and len(plan.peers) > 1:
        successor = next(other for other in plan.peers if other is not peer)
        change_primary(book, successor)
        peer = book.plan.peers[peer.number - 1]
    book.add(
        f"Back up {peer.address} and keep its certificate files",
        peers=(peer,),
        page="Maintenance > Backup and restore",
        do=("Make a backup.", "Keep its server certificate, private key and trusted CA list as files elsewhere."),
        verify=("The files open on another machine.",),
        stop="Stop when the private key is nowhere but on this machine and you will want its certificate again.",
        sources=("CG-15.4-change",),
    )
    rest = [other for other in book.stage.members if other.number != peer.number]
    book.add(
        f"Shut {peer.address} down",
        peers=(peer,),
        page=f"Maintenance > Maintenance mode, then Maintenance > Restart options on {peer.address}",
        do=(
            "Switch maintenance mode on and wait until its calls have ended.",
            "Shut the machine down; if it is down already, leave it so.",
        ),
        dangers=(factory_reset(plan),),
        warnings=(f"{peer.address} leaves the cluster for good; {listed(rest)} go on without it.",),
        out=book.out | {peer.number},
        alarms=(
            expected(20004, listed(rest), "the last list is corrected"),
            expected(20006, listed(rest), "the last list is corrected"),
        ),
        verify=("Its row reads Failed on the other peers.",),
        back="Switch it on again: nothing else has changed.",
        stop="Stop when it carries calls that must not be lost.",
        sources=("CG-15.4-change",),
    )
    _take_off(book, peer)


def _take_off(book: Book, peer: Peer) -> None:
    shrunk = without(book.plan, peer)
    order = [other for other in book.primary_first if other.number != peer.number]
    fields = [(f"Peer {other.number} address", other.address) for other in shrunk.peers]
    last = len(shrunk.peers) + 1
    values = (
        *fields,
        (f"Peer {last} address", "(empty)"),
        ("Configuration primary", str(shrunk.cluster.primary or 1)),
    )
    entry = next((e for e in book.plan.cluster.address_mapping or () if key(e.fqdn) == key(peer.address)), None)
    evidence = book.stage.evidence
    found = tuple(one for number, one in enumerate(evidence.peers, 1) if number != peer.number)
    enforced, name = bool(book.enforcing), peer.address
    book.begin_with(shrunk, replace(evidence, peers=found))
    everyone = frozenset(each.number for each in shrunk.peers)
    book.start(out=frozenset(), enforcing=everyone if enforced else frozenset())
    book.add(
        f"Take {name} off the lists: primary first, then the other peers",
        peers=[shrunk.peers[_moved(other.number, peer.number) - 1] for other in order],
        page=CLUSTERING,
        do=(
            "On each peer set the fields as given here, without gaps, and save.",
            "At least one address always stays in the list.",
        ),
        values=values,
        dangers=(factory_reset(shrunk),),
        alarms=(
            expected(20021, "the remaining peers", "5 to 10 minutes later"),
            expected(20007, "the remaining peers", "a restart, the primary first, where it is raised"),
        ),
        verify=("The fields read the same on every peer, and every row is as given here.",),
        back="Put the former list back and switch the machine on again.",
        stop="Stop when a peer shows another order or another primary.",
        sources=("CG-15.4-change",),
    )
    if entry is not None:
        _enter(book, DropEntry(entry.fqdn, entry.ip))
    book.add(
        f"Never let {name} back as it is",
        do=(
            "It still believes it is a peer: keep it off the network until it has been factory reset, alone.",
            (
                "The vendor's own way for a peer that runs is to clear its list on it, which resets it at its restart;"
                " switched off first, it cannot be done on the wrong page, nor to a peer that is still in use."
            ),
            "Take it out of DNS, of zones, of Unified CM and of endpoints' lists.",
        ),
        dangers=(
            (
                "The reset keeps LAN 1 addressing and logins only. LAN 2 is lost, and from X12.6 on the certificate,"
                " its key and the trusted CA list as well: have the files of the first step at hand."
            ),
        ),
        verify=("No zone or record leads to it any more.",),
        sources=("CG-15.4-change", "TA-217230"),
    )


def _moved(number: int, removed: int) -> int:
    return number - 1 if number > removed else number


def change_primary(book: Book, peer: Peer) -> None:
    """Another peer becomes primary; it works with the former one down as well."""
    former = book.primary
    settings = (("Configuration primary", str(peer.number)),)
    mismatch = (
        expected(20012, listed(book.stage.members), "about 2 minutes after the last peer is set"),
        expected(20017, listed(book.stage.members), "about 2 minutes after the last peer is set"),
    )
    others = [other for other in book.stage.members if other.number not in (peer.number, former.number)]
    plan = book.plan
    book.add(
        f"Make {peer.address} the primary, on its own page",
        peers=(peer,),
        page=CLUSTERING,
        do=(f"Set the field to the number of the row marked This system ({peer.number}) and save.",),
        values=settings,
        dangers=(factory_reset(plan),),
        alarms=mismatch,
        verify=(f"Its page shows Configuration primary {peer.number}.",),
        back=f"Set Configuration primary {former.number} again and save.",
        stop=f"Stop when row {peer.number} is not marked This system.",
        sources=("CG-15.4-change",),
    )
    changed = replace(plan, cluster=replace(plan.cluster, primary=peer.number))
    book.begin_with(changed, book.stage.evidence)
    book.add(
        f"Tell the other peers, {former.address} first",
        peers=(former, *others),
        page=CLUSTERING,
        do=(
            "On each peer set the field and save. One that is down is left for later: it must not come back as it is.",
        ),
        values=settings,
        dangers=(
            (
                f"If {former.address} is broken, isolate and factory reset it before it comes back: two primaries would"
                " overwrite each other."
            ),
        ),
        alarms=mismatch,
        verify=(
            "Refresh every page: the same primary everywhere, every row as given here, the cluster database Active.",
        ),
        back=f"Set {former.number} on every peer, {former.address} first.",
        stop="Stop when the alarms stand for more than 10 minutes.",
        sources=("CG-15.4-change", "TA-217230"),
    )
