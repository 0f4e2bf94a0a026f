"""From the present state to Enforce: certificates, mapping, names one at a time, the mode.

Sources: Cluster Creation and Maintenance guide X15.4 (forming a cluster; FQDNs, mapping and enforcing); Certificate
Creation and Use guide X15.5 (loading certificates in a cluster).
"""

from collections.abc import Sequence

from certplan.outcomes import Confidence, Verdict
from certplan.plan.model import MappingEntry
from certplan.proposal.address_changes import DropEntry, SetAddress, SetEntry, SetRelease, SwitchMappingOn
from certplan.proposal.certificate_changes import LoadCa, LoadNewCa, Reissue, RemoveCa, RenewCrl
from certplan.proposal.effect import Effect
from certplan.proposal.model import Change
from certplan.proposal.zone_changes import SetZone
from certplan.runbook.alarms import Waiting, expected
from certplan.runbook.book import MAPPING_BASIS, Book
from certplan.runbook.cas import load_cas, remove_unused_cas
from certplan.runbook.certificates import by_acme, load_certificates, renew_by_acme
from certplan.runbook.given import GivenPart, MappingOff
from certplan.runbook.mode import set_enforce, set_permissive
from certplan.runbook.model import Action, Rollback
from certplan.runbook.prepare import record
from certplan.runbook.saml import export_saml
from certplan.runbook.service import upgrade_peers
from certplan.runbook.texts import CLUSTERING, NOTHING_CHANGED, SETTLE, factory_reset
from certplan.runbook.zones import set_zones
from certplan.text.names import key

__all__ = ["carry_out", "change_address", "check_rows", "close", "mapping_values", "set_mapping", "write_changes"]

_CAS = (LoadCa, LoadNewCa, RemoveCa, RenewCrl)
_MAPPING = (SwitchMappingOn, SetEntry, DropEntry, MappingOff)
_TO_DELETE = "FQDN / IP, to be deleted"


def write_changes(book: Book, changes: Sequence[Change]) -> None:
    """Write the steps of the changes, in the order that keeps the cluster together."""
    effects = [change.effect for change in changes]
    written = (Reissue, *_CAS, *_MAPPING, SetAddress, SetRelease, SetZone)
    for change in changes:
        if not isinstance(change.effect, written):
            _elsewhere(book, change)
    for effect in effects:
        if isinstance(effect, SetRelease):
            upgrade_peers(book, effect.release)
    carry_out(book, effects)
    set_zones(book, changes)


def carry_out(book: Book, effects: Sequence[Effect | GivenPart | MappingOff]) -> None:
    """CAs first, then certificates in Permissive, the mapping, the addresses one by one."""
    load_cas(book, [effect for effect in effects if isinstance(effect, _CAS)])
    certificates = [effect for effect in effects if isinstance(effect, Reissue | GivenPart)]
    mapping = [effect for effect in effects if isinstance(effect, _MAPPING)]
    renewed = [effect for effect in certificates if by_acme(book, effect)]
    loaded = [effect for effect in certificates if effect not in renewed]
    # A mapping set on the primary does not reach a peer that is isolated from it.
    unreached = mapping and book.stage.isolated_from(book.primary)
    disturbing = loaded or unreached or any(isinstance(effect, SetAddress) for effect in effects)
    switching = bool(book.enforcing and disturbing)
    if switching:
        set_permissive(book)
    load_certificates(book, loaded, switching=switching)
    renew_by_acme(book, renewed)
    set_mapping(book, mapping)
    for effect in sorted((e for e in effects if isinstance(e, SetAddress)), key=lambda effect: effect.peer):
        change_address(book, effect)
    _restart_for_lists(book)


def close(book: Book, changes: Sequence[Change], after: Verdict, *, peers_changed: bool) -> None:
    """What follows the changes: Enforce where the proof holds, unused CAs removed, SAML metadata, the record."""
    reissues = [change.effect for change in changes if isinstance(change.effect, Reissue)]
    if after is Verdict.READY:
        check_rows(book)
        if book.enforcing != {peer.number for peer in book.stage.members}:
            set_enforce(book)
        remove_unused_cas(book, reissues)
    if reissues or peers_changed:
        export_saml(book)
    enforced = bool(book.enforcing) and after is Verdict.READY
    record(
        book,
        keep="State in the plan what is on the appliances now, and run certplan check every night: it names the day"
        " that ends this state.",
        verify=("Alarm 40049 is gone on every peer.",) if enforced else (),
    )


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
        Action.ELSEWHERE,
        change.action,
        who=change.who,
        peers=peers,
        do=(change.detail,),
        effects=(change.effect,),
        verify=("certplan check, run again, no longer reports the findings that certplan propose names.",),
        rollback=Rollback("Put the former value back."),
        abort_if="the rows are not as given here",
        codes=change.answers,
        sources=("CG-15.4-fqdn", "CG-15.4-requirements"),
    )


def set_mapping(book: Book, effects: Sequence[SwitchMappingOn | SetEntry | DropEntry | MappingOff]) -> None:
    """Set the mapping on the primary, from which it replicates; nothing where there is nothing to set."""
    if not effects:
        return
    if any(isinstance(effect, MappingOff) for effect in effects):
        _mapping_off(book)
        return
    switched = any(isinstance(effect, SwitchMappingOn) for effect in effects)
    deleting = all(isinstance(effect, DropEntry) for effect in effects)
    today = book.plan.cluster.address_mapping or ()
    values = [("Cluster address mapping enabled", "On")] if switched else []
    entries = [effect for effect in effects if not isinstance(effect, MappingOff)]
    values += [value for effect in entries for value in mapping_values(today, effect)]
    do = ["Set the fields and save; the mapping replicates to the other peers."]
    if any(field == _TO_DELETE for field, _ in values):
        do.append("Delete the entries marked so, and save no second entry for a name or an address that has one.")
    if not deleting:
        do.append("The appliance's own suggestion reads neither certificates nor DNS: take these values, not its.")
    book.add(
        Action.SET_MAPPING,
        f"{'Delete entries of' if deleting else 'Enter'} the cluster address mapping on the primary",
        peers=(book.primary,),
        page=CLUSTERING,
        do=do,
        values=values,
        dangers=(
            "Never put these addresses into public DNS: connections from outside would go to internal addresses.",
            factory_reset(book.plan),
        ),
        effects=effects,
        verify=(f"{CLUSTERING} of every other peer shows the same entries within a minute.",),
        rollback=Rollback(
            "Put the former entries back, or set Cluster address mapping enabled to Off, and save."
            if switched
            else "Put the former entries back, and save."
        ),
        abort_if="the entries do not arrive at a peer: it does not replicate",
        sources=("CG-15.4-fqdn", "CG-15.4-reference"),
    )


def _mapping_off(book: Book) -> None:
    book.add(
        Action.SET_MAPPING,
        "Set the cluster address mapping to Off on the primary",
        peers=(book.primary,),
        page=CLUSTERING,
        do=("Set the field and save; it replicates to the other peers.",),
        values=(("Cluster address mapping enabled", "Off"),),
        dangers=(factory_reset(book.plan),),
        effects=(MappingOff(),),
        verify=(f"{CLUSTERING} of every other peer shows Off within a minute, and every row is as given here.",),
        rollback=Rollback("Set it to On again: the entries are still needed, so keep them as a file."),
        abort_if="a peer shows On after a minute: it does not replicate",
        sources=("CG-15.4-fqdn", "CG-15.4-reference"),
    )


def mapping_values(
    today: Sequence[MappingEntry], effect: SwitchMappingOn | SetEntry | DropEntry
) -> list[tuple[str, str]]:
    """The entries to delete and to add, in this order: what is gone first leaves the name and the address free."""
    match effect:
        case SwitchMappingOn():
            intent = list(effect.entries)
            gone = [entry for entry in today if entry not in intent]
        case SetEntry():
            intent = [MappingEntry(effect.fqdn, effect.ip)]
            same = [entry for entry in today if key(entry.fqdn) == key(effect.fqdn)]
            gone = [entry for entry in same if entry.ip != effect.ip]
            gone += [entry for entry in today if effect.takes_place_of(entry)]
            intent = [] if any(entry.ip == effect.ip for entry in same) else intent
        case DropEntry():
            intent, gone = [], [MappingEntry(effect.fqdn, effect.ip)]
    deleted = [(_TO_DELETE, f"{entry.fqdn} / {entry.ip}") for entry in gone]
    return deleted + [("FQDN / IP", f"{entry.fqdn} / {entry.ip}") for entry in intent]


def change_address(book: Book, effect: SetAddress) -> None:
    """One field on every peer, then the restart of the peer it names."""
    peer = book.plan.peers[effect.peer - 1]
    today, field = peer.address, f"Peer {effect.peer} address"
    everyone = book.primary_first
    mapped = key(effect.to) in {key(entry.fqdn) for entry in book.plan.cluster.address_mapping or ()}
    book.add(
        Action.SET_ADDRESS,
        f"Change {field} to {effect.to} on every peer",
        peers=everyone,
        page=CLUSTERING,
        do=(f"On each peer change this one field from {today} and save; leave every other field as it is.",),
        values=((field, effect.to),),
        dangers=(factory_reset(book.plan),),
        effects=(effect,),
        warnings=(f"Until {effect.to} is restarted its links may come and go.",),
        raises={20007: Waiting(frozenset({peer.number}))},
        alarms=(
            expected(20004, "any peer", "the restart of the next step, and " + SETTLE),
            expected(20012, "any peer", "the last peer has the new value"),
        ),
        verify=("The field reads the same on every peer.",),
        rollback=Rollback(f"Put {today} back into the same field on every peer."),
        abort_if="a peer does not take the name: it is misspelled, or its mapping entry is missing",
        confidence=Confidence.INFERRED if mapped else Confidence.DOCUMENTED,
        basis=MAPPING_BASIS if mapped else "",
        sources=("CG-15.4-fqdn",),
    )
    renamed = book.plan.peers[effect.peer - 1]
    book.restart(
        renamed,
        " alone",
        verify=(f"The row of Peer {effect.peer} names {effect.to}. Only then go on to the next address.",),
        rollback=Rollback(f"Put {today} back into {field} on every peer and restart this peer again."),
        sources=("CG-15.4-fqdn",),
    )


def check_rows(book: Book) -> None:
    """Every row of every page, before the mode is set."""
    book.add(
        Action.CHECK,
        "Check that every row is green",
        peers=book.primary_first,
        page=CLUSTERING,
        do=("Refresh the page of every peer and read every row, Certificate and Clustering both.",),
        verify=("Every row reads as given here on every peer. Run certplan check with fresh evidence: READY.",),
        rollback=Rollback(NOTHING_CHANGED, Confidence.DOCUMENTED),
        abort_if="a single row is not Valid on a single peer: under Enforce that peer would be isolated",
        sources=("CG-15.4-fqdn", "TA-217230"),
    )
