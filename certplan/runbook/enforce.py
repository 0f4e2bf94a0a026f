"""The way to Enforce: prerequisites, certificates, mapping, names one at a time, the mode.

Sources: Cluster Creation and Maintenance guide X15.4 (forming a cluster; FQDNs, mapping and enforcing); Certificate
Creation and Use guide X15.5 (loading certificates in a cluster).
"""

from collections.abc import Iterable, Sequence

from certplan.handshake.model import Store
from certplan.outcomes import Verdict
from certplan.plan.model import MappingEntry, Peer
from certplan.proposal.describe import describe
from certplan.proposal.model import (
    Change,
    DropEntry,
    LoadCa,
    LoadNewCa,
    Proposal,
    Reissue,
    RemoveCa,
    RenewCrl,
    SetAddress,
    SetEntry,
    SetRelease,
    SwitchMappingOn,
)
from certplan.runbook.alarms import expected
from certplan.runbook.book import CLUSTERING, SETTLE, Book, factory_reset
from certplan.runbook.cas import load_cas, take_off_cas
from certplan.runbook.mode import set_enforce, set_permissive
from certplan.text.names import key

__all__ = ["mapping_values", "prepare", "to_enforce", "write_changes"]

_CAS = (LoadCa, LoadNewCa, RemoveCa, RenewCrl)
_MAPPING = (SwitchMappingOn, SetEntry, DropEntry)
_TO_DELETE = "FQDN / IP, to be deleted"
_STORE_PAGE = {
    Store.SERVER: "Maintenance > Security > Server certificate",
    Store.CLIENT: "Maintenance > Security > Client certificate",
}


def to_enforce(book: Book, proposal: Proposal) -> None:
    """Write the whole way, from the present state to Enforce; it ends before Enforce where the proof fails."""
    enforced_today = bool(book.enforcing)
    if enforced_today and not proposal.changes:
        return
    prepare(book)
    write_changes(book, proposal.changes, enforced_today=enforced_today)
    if proposal.after is Verdict.READY:
        _look(book)
        if book.enforcing != {peer.number for peer in book.stage.members}:
            set_enforce(book)
        take_off_cas(book, [change.effect for change in proposal.changes if isinstance(change.effect, Reissue)])
        _finish(book)


def prepare(book: Book) -> None:
    """Backups and a healthy cluster to begin with; what is amiss today as far as it is known is no reason to stop."""
    known = " that is not named here" if book.standing else ""
    apart = ", ".join(f"{one.address} and {other.address}" for one, other in book.stage.apart)
    do = [
        "Make a backup of every peer, and keep it and its passphrase away from the machines.",
        "Keep the server certificates, private keys and CA files at hand as files.",
        f"Look at Status > Alarms of every peer: none may stand{known}.",
        "Change nothing else in the cluster until the procedure is over.",
    ]
    if apart:
        do.insert(3, f"The rows between {apart} read Failed today: that is known and no reason to stop.")
    failed = f"a row reads Failed between other peers than {apart}" if apart else "a peer is not Active"
    book.add(
        "See how the cluster stands, and back it up" if apart else "Make sure the cluster is whole, and back it up",
        peers=book.primary_first,
        page="Maintenance > Backup and restore",
        do=do,
        verify=("NTP is Synchronized, H.323 mode is On, and every peer runs the same release.",),
        stop=f"Stop when {failed}, or when an alarm about the cluster stands{known}.",
        sources=("CG-15.4-form", "CG-15.4-requirements", "AG-15.5-alarms"),
    )


def write_changes(book: Book, changes: Sequence[Change], *, enforced_today: bool) -> None:
    """Write the steps of the changes, in the order that keeps the cluster together."""
    effects = [change.effect for change in changes]
    written = (Reissue, *_CAS, *_MAPPING, SetAddress, SetRelease)
    for change in changes:
        if not isinstance(change.effect, written):
            _elsewhere(book, change)
    for effect in effects:
        if isinstance(effect, SetRelease):
            _release(book, effect)
    load_cas(book, [effect for effect in effects if isinstance(effect, _CAS)])
    reissues = [effect for effect in effects if isinstance(effect, Reissue)]
    mapping = [effect for effect in effects if isinstance(effect, _MAPPING)]
    # A table set on the primary does not reach a peer that refuses it.
    unreached = mapping and book.stage.unheard(book.primary)
    disturbing = reissues or unreached or any(isinstance(effect, SetAddress) for effect in effects)
    switching = enforced_today and bool(disturbing)
    if switching:
        set_permissive(book)
    _certificates(book, reissues, switching=switching)
    _map(book, mapping)
    for effect in sorted((e for e in effects if isinstance(e, SetAddress)), key=lambda effect: effect.peer):
        _readdress(book, effect)
    _restart_for_lists(book)


def _restart_for_lists(book: Book) -> None:
    """Restart the peers whose trusted CA list has changed and that no other step has restarted since.

    Source: Certificate Creation and Use guide X15.5: a change of CAs takes a restart.
    """
    for peer in book.primary_first:
        if peer.number in book.relisted:
            book.restart(
                peer,
                " with its new trusted CA list",
                sources=("CERT-15.5-loading", "CG-15.4-requirements"),
            )


def _elsewhere(book: Book, change: Change) -> None:
    """DNS, NAT and interfaces: done by others, before the window."""
    peers = [peer for peer in book.plan.peers if peer.address == change.peer]
    book.add(
        change.action,
        peers=peers,
        do=(change.detail,),
        effects=(change.effect,),
        verify=("Ask certplan check again: the rules named by certplan propose are silent.",),
        back="Put the former value back.",
        stop="Stop when the rows are not as given here.",
        sources=("CG-15.4-fqdn", "CG-15.4-requirements"),
    )


def _release(book: Book, effect: SetRelease) -> None:
    book.add(
        f"Upgrade every peer to {effect.release} or later",
        peers=book.primary_first,
        page="Maintenance > Upgrade",
        do=(f"Follow the procedure of certplan runbook --upgrade {effect.release}, and come back here.",),
        effects=(effect,),
        verify=("Every peer runs the new release, and every row is Active.",),
        back="Switch back to the former release on every peer, the primary first.",
        stop="Stop when a peer does not come back.",
        sources=("CG-14.0.2-form", "TA-217743"),
    )


def _certificates(book: Book, reissues: Sequence[Reissue], *, switching: bool) -> None:
    """Certificates are loaded on every peer concerned, then each is restarted, one at a time.

    While the mode goes over to Permissive every peer is restarted, whether its certificate is new or not.
    """
    if not reissues and not switching:
        return
    concerned = {effect.peer for effect in reissues}
    numbers = [peer.number for peer in book.primary_first if switching or peer.number in concerned]
    if reissues:
        _upload(book, [peer for peer in book.primary_first if peer.number in concerned], reissues)
    for number in numbers:
        peer = book.plan.peers[number - 1]
        why = " with its new certificate" if number in concerned else " into Permissive"
        book.restart(
            peer,
            why,
            effects=[effect for effect in reissues if effect.peer == number],
            enforcing=book.enforcing - {number} if switching else None,
            back=(
                "Load the former certificate and key from your files, and restart again."
                if number in concerned
                else "A restart has nothing to undo."
            ),
            sources=("CERT-15.5-loading", "CG-15.4-requirements"),
        )


def _upload(book: Book, peers: Iterable[Peer], reissues: Sequence[Reissue]) -> None:
    where = tuple(peers)
    pages = dict.fromkeys(_STORE_PAGE[effect.store] for effect in reissues)
    told = [(book.plan.peers[effect.peer - 1].address, describe(book.wanted, effect, ())) for effect in reissues]
    book.add(
        "Load the new certificates",
        peers=where,
        page=" and ".join(pages),
        do=(
            "On each peer load its own certificate, the leaf alone, with its own private key.",
            "Do not restart yet.",
            *(f"{address}: {change.detail}" for address, change in told),
        ),
        raises={15028: where},
        verify=("The page shows the new expiry date, and the names as ordered.",),
        back="Load the former certificate and key from your files.",
        stop="Stop when the page refuses a certificate; certplan csr verify tells how it differs from the order.",
        sources=("CERT-15.5-loading",),
    )


def _map(book: Book, effects: Sequence[SwitchMappingOn | SetEntry | DropEntry]) -> None:
    if not effects:
        return
    switched = any(isinstance(effect, SwitchMappingOn) for effect in effects)
    today = book.plan.cluster.address_mapping or ()
    values = [("Cluster address mapping enabled", "On")] if switched else []
    values += [value for effect in effects for value in mapping_values(today, effect)]
    do = ["Set the fields and save; the table goes to the other peers by itself."]
    if any(field == _TO_DELETE for field, _ in values):
        do.append("Delete the rows marked so, and save no second row for a name or an address that has one.")
    do.append("The appliance's own suggestion reads neither certificates nor DNS: take these values, not its.")
    book.add(
        "Enter the cluster address mapping on the primary",
        peers=(book.primary,),
        page=CLUSTERING,
        do=do,
        values=values,
        dangers=(
            "Never put these addresses into public DNS: whoever connects from outside would be led to the inside.",
            factory_reset(book.plan),
        ),
        effects=effects,
        verify=(f"{CLUSTERING} of every other peer shows the same table within a minute.",),
        back=(
            "Put the former table back, or set Cluster address mapping enabled to Off, and save."
            if switched
            else "Put the former table back, and save."
        ),
        stop="Stop when the table does not arrive at a peer: it does not replicate.",
        sources=("CG-15.4-fqdn", "CG-15.4-reference"),
    )


def mapping_values(
    today: Sequence[MappingEntry], effect: SwitchMappingOn | SetEntry | DropEntry
) -> list[tuple[str, str]]:
    """The rows to delete and to add, in this order: what is gone first leaves the name and the address free."""
    match effect:
        case SwitchMappingOn():
            wanted = list(effect.entries)
            gone = [entry for entry in today if entry not in wanted]
        case SetEntry():
            wanted = [MappingEntry(effect.fqdn, effect.ip)]
            same = [entry for entry in today if key(entry.fqdn) == key(effect.fqdn)]
            gone = [entry for entry in same if entry.ip != effect.ip]
            wanted = [] if len(gone) < len(same) else wanted
        case DropEntry():
            wanted, gone = [], [MappingEntry(effect.fqdn, effect.ip)]
    deleted = [(_TO_DELETE, f"{entry.fqdn} / {entry.ip}") for entry in gone]
    return deleted + [("FQDN / IP", f"{entry.fqdn} / {entry.ip}") for entry in wanted]


def _readdress(book: Book, effect: SetAddress) -> None:
    """One field on every peer, then the restart of the peer it names."""
    peer = book.plan.peers[effect.peer - 1]
    today, field = peer.address, f"Peer {effect.peer} address"
    everyone = book.primary_first
    book.add(
        f"Change {field} to {effect.to} on every peer",
        peers=everyone,
        page=CLUSTERING,
        do=(f"On each peer change this one field from {today} and save; leave every other field as it is.",),
        values=((field, effect.to),),
        dangers=(factory_reset(book.plan),),
        effects=(effect,),
        warnings=(f"Until {effect.to} is restarted its links may come and go.",),
        raises={20007: (peer,)},
        alarms=(
            expected(20004, "any peer", "the restart of the next step, and " + SETTLE),
            expected(20012, "any peer", "the last peer has the new value"),
        ),
        verify=("The field reads the same on every peer.",),
        back=f"Put {today} back into the same field on every peer.",
        stop="Stop when a peer does not take the name: it is misspelled, or its mapping entry is missing.",
        sources=("CG-15.4-fqdn",),
    )
    renamed = book.plan.peers[effect.peer - 1]
    book.restart(
        renamed,
        " alone",
        verify=(f"The row of Peer {effect.peer} names {effect.to}. Only then go on to the next address.",),
        back=f"Put {today} back into {field} on every peer and restart this peer again.",
        sources=("CG-15.4-fqdn",),
    )


def _look(book: Book) -> None:
    book.add(
        "See that every row is green",
        peers=book.primary_first,
        page=CLUSTERING,
        do=("Refresh the page of every peer and read every row, Certificate and Clustering both.",),
        verify=("Every row reads as given here on every peer. Run certplan check with fresh evidence: READY.",),
        back="Nothing was changed.",
        stop="Stop when a single row is not Valid on a single peer: under Enforce that peer would be lost.",
        sources=("CG-15.4-fqdn", "TA-217230"),
    )


def _finish(book: Book) -> None:
    book.add(
        "Finish",
        peers=book.primary_first,
        page="Maintenance > Backup and restore",
        do=(
            "Back up every peer again.",
            (
                "Set tls_verification: enforce in the plan, and run certplan check every night: it names the day that"
                " ends this state."
            ),
        ),
        verify=("No alarm about the cluster stands; 40049 is gone on every peer.",),
        stop="Stop when an alarm about the cluster stands 10 minutes after the last restart.",
        sources=("CG-15.4-form",),
    )
