"""The way to Enforce: prerequisites, certificates, mapping, names one at a time, the mode.

Sources: Cluster Creation and Maintenance guide X15.4 (forming a cluster; FQDNs, mapping and enforcing); Certificate
Creation and Use guide X15.5 (loading certificates in a cluster).
"""

from collections.abc import Iterable, Sequence

from certplan.changes.describe import describe
from certplan.changes.model import (
    Change,
    DropEntry,
    Effect,
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
from certplan.changes.runbook_book import CLUSTERING, SETTLE, Book, expected, factory_reset, listed
from certplan.changes.runbook_model import Alarm
from certplan.handshake.model import Store
from certplan.outcomes import Verdict
from certplan.plan.model import Peer

__all__ = ["prepare", "to_enforce", "write_changes"]

_CAS = (LoadCa, LoadNewCa, RemoveCa, RenewCrl)
_MAPPING = (SwitchMappingOn, SetEntry, DropEntry)
_TLS_MODE = "TLS verification mode"
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
            _enforce(book)
        if enforced_today and any(isinstance(change.effect, Reissue) for change in proposal.changes):
            _old_cas(book)
        _finish(book)


def prepare(book: Book) -> None:
    """Backups and a healthy cluster to begin with."""
    peers = book.primary_first
    permissive = "" if book.enforcing else " other than 40049, which Permissive itself raises"
    book.add(
        "Make sure the cluster is whole, and back it up",
        peers=peers,
        page="Maintenance > Backup and restore",
        do=(
            "Make a backup of every peer, and keep it and its passphrase away from the machines.",
            "Keep the server certificates, private keys and CA files at hand as files.",
            f"Look at Status > Alarms of every peer: none may stand{permissive}.",
            "Change nothing else in the cluster until the procedure is over.",
        ),
        alarms=_always(book),
        verify=("NTP is Synchronized, H.323 mode is On, and every peer runs the same release.",),
        stop="Stop when a peer is not Active, or when an alarm about the cluster stands.",
        sources=("CG-15.4-form", "CG-15.4-requirements"),
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
    _load_cas(book, [effect for effect in effects if isinstance(effect, _CAS)])
    reissues = [effect for effect in effects if isinstance(effect, Reissue)]
    disturbing = reissues or any(isinstance(effect, SetAddress) for effect in effects)
    if enforced_today and disturbing:
        _permissive(book)
    _certificates(book, reissues, switching=enforced_today and bool(disturbing))
    _map(book, [effect for effect in effects if isinstance(effect, _MAPPING)])
    for effect in sorted((e for e in effects if isinstance(e, SetAddress)), key=lambda effect: effect.peer):
        _readdress(book, effect)


def _always(book: Book) -> tuple[Alarm, ...]:
    """What Permissive raises the whole time."""
    if book.enforcing:
        return ()
    return (expected(40049, "every peer", "Enforce is active"),)


def _elsewhere(book: Book, change: Change) -> None:
    """DNS, NAT and interfaces: done by others, before the window."""
    peers = [peer for peer in book.plan.peers if peer.address == change.peer]
    book.add(
        change.action,
        peers=peers,
        do=(change.detail,),
        effects=(change.effect,),
        alarms=_always(book),
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
        alarms=_always(book),
        verify=("Every peer runs the new release, and every row is Active.",),
        back="Switch back to the former release on every peer, the primary first.",
        stop="Stop when a peer does not come back.",
        sources=("CG-14.0.2-form", "TA-217743"),
    )


def _load_cas(book: Book, effects: Sequence[Effect]) -> None:
    if not effects:
        return
    told = [describe(book.wanted, effect, ()) for effect in effects]
    peers = [peer for peer in book.primary_first if any(change.peer == peer.address for change in told)]
    book.add(
        "Load what the trusted CA lists lack",
        peers=peers,
        page="Maintenance > Security > Trusted CA certificate",
        do=[change.detail for change in told],
        effects=effects,
        dangers=("Append, do not reset to the default list: the lists are each peer's own and do not replicate.",),
        alarms=_always(book),
        verify=("Each list shows the CA with the right expiry date.",),
        back="Remove what was appended.",
        stop="Stop when the page refuses a file: it holds something other than CA certificates.",
        sources=("CERT-15.5-loading", "CG-15.4-reference"),
    )


def _permissive(book: Book) -> None:
    peers = listed(book.stage.members)
    book.add(
        "Set Permissive on the primary",
        peers=(book.primary,),
        page=CLUSTERING,
        do=(
            "Set the field and save.",
            "Do not restart yet: each peer's restart, in the next steps, makes it active there.",
        ),
        values=((_TLS_MODE, "Permissive"),),
        dangers=(factory_reset(book.plan),),
        alarms=(expected(20007, peers, "its restart"), expected(20020, peers, "its restart")),
        verify=(f"{CLUSTERING} of every peer shows Permissive within a minute.",),
        back="Set Enforce again and save; as long as nothing was restarted, nothing has changed.",
        stop="Stop when a peer still shows Enforce: it does not replicate.",
        sources=("CERT-15.5-loading", "AG-15.5-alarms"),
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
            alarms=_always(book),
            back="Load the former certificate and key from your files, and restart again.",
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
        alarms=(expected(15028, listed(where), "its restart"), *_always(book)),
        verify=("The page shows the new expiry date, and the names as ordered.",),
        back="Load the former certificate and key from your files.",
        stop="Stop when the page refuses a certificate; certplan csr verify tells how it differs from the order.",
        sources=("CERT-15.5-loading",),
    )


def _map(book: Book, effects: Sequence[Effect]) -> None:
    if not effects:
        return
    values: list[tuple[str, str]] = []
    if any(isinstance(effect, SwitchMappingOn) for effect in effects):
        values.append(("Cluster address mapping enabled", "On"))
    for effect in effects:
        match effect:
            case SwitchMappingOn():
                values += [("FQDN / IP", f"{entry.fqdn} / {entry.ip}") for entry in effect.entries]
            case SetEntry():
                values.append(("FQDN / IP", f"{effect.fqdn} / {effect.ip}"))
            case DropEntry():
                values.append(("FQDN / IP, to be deleted", f"{effect.fqdn} / {effect.ip}"))
    book.add(
        "Enter the cluster address mapping on the primary",
        peers=(book.primary,),
        page=CLUSTERING,
        do=(
            "Set the fields and save; the table goes to the other peers by itself.",
            "The appliance's own suggestion reads neither certificates nor DNS: take these values, not its.",
        ),
        values=values,
        dangers=(
            "Never put these addresses into public DNS: whoever connects from outside would be led to the inside.",
            factory_reset(book.plan),
        ),
        effects=effects,
        alarms=_always(book),
        verify=(f"{CLUSTERING} of every other peer shows the same table within a minute.",),
        back="Put the former table back, or set Cluster address mapping enabled to Off, and save.",
        stop="Stop when the table does not arrive at a peer: it does not replicate.",
        sources=("CG-15.4-fqdn", "CG-15.4-reference"),
    )


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
        alarms=(
            expected(20007, effect.to, "its restart"),
            expected(20004, "any peer", "the restart of the next step, and " + SETTLE),
            expected(20012, "any peer", "the last peer has the new value"),
            *_always(book),
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
        alarms=_always(book),
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
        alarms=_always(book),
        verify=("Every row reads as given here on every peer. Run certplan check with fresh evidence: READY.",),
        back="Nothing was changed.",
        stop="Stop when a single row is not Valid on a single peer: under Enforce that peer would be lost.",
        sources=("CG-15.4-fqdn", "TA-217230"),
    )


def _enforce(book: Book) -> None:
    peers = listed(book.stage.members)
    back = "Set Permissive on the primary, save, and restart the primary first, then the others one by one."
    book.add(
        "Set Enforce on the primary",
        peers=(book.primary,),
        page=CLUSTERING,
        do=("Set the field and save.", "Restart nothing before every peer shows the new mode."),
        values=((_TLS_MODE, "Enforce"),),
        dangers=(factory_reset(book.plan),),
        alarms=(
            expected(20007, peers, "its restart"),
            expected(20020, peers, "its restart"),
            *_always(book),
        ),
        verify=(f"{CLUSTERING} of every peer shows Enforce within a minute.",),
        back="Set Permissive again and save; as long as nothing was restarted, nothing has changed.",
        stop="Stop when a peer still shows Permissive: it does not replicate.",
        sources=("CG-15.4-fqdn", "AG-15.5-alarms"),
    )
    order = [peer.number for peer in book.primary_first]
    for place, number in enumerate(order):
        last = place == len(order) - 1
        book.restart(
            book.plan.peers[number - 1],
            " into Enforce",
            enforcing=book.enforcing | {number},
            alarms=() if last else (expected(20020, listed(_peers(book, order[place + 1 :])), "its own restart"),),
            back=back,
            sources=("CG-15.4-fqdn",),
        )


def _peers(book: Book, numbers: Iterable[int]) -> list[Peer]:
    return [book.plan.peers[number - 1] for number in numbers]


def _old_cas(book: Book) -> None:
    book.add(
        "Take off CAs that nothing hangs on any more",
        peers=book.primary_first,
        page="Maintenance > Security > Trusted CA certificate",
        do=("Remove the CAs of the former certificates, unless something else still uses them.",),
        verify=("certplan check with the new lists is READY.",),
        back="Append them again from your files.",
        stop="Stop when you cannot tell what a CA is for: it does no harm where it is.",
        sources=("CERT-15.5-loading",),
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
