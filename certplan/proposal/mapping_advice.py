"""What stands beside the suggested mapping: today's table, the appliance's own suggestion, the public records.

Sources: Cluster Creation and Maintenance guide X15.4, chapter on FQDNs (what *Suggest mappings based on system
information* is made of, and its Caution: never public FQDN to private address in public DNS).
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from certplan.evidence.model import Evidence, RecordType
from certplan.handshake.resolving import addresses_of
from certplan.intent.mapping import MappingSuggestion, SuggestedEntry, suggest_mapping
from certplan.intent.naming import Naming, name_peers
from certplan.intent.stated import PUBLIC_VIEW, names_of, own_name, public_address
from certplan.plan.model import ClusterType, IPAddress, IpVersion, MappingEntry, Plan
from certplan.text.addresses import is_private, is_public_side
from certplan.text.names import defects, is_fqdn, is_ip, key, show
from certplan.text.words import joined
from certplan.value import Value

__all__ = [
    "ApplianceSuggestion",
    "MappingAdvice",
    "PublicRecord",
    "RecordState",
    "RowAction",
    "TableRow",
    "advise_mapping",
    "entries_to_write",
    "table_rows",
]


class RowAction(StrEnum):
    """What is to become of a row of today's table."""

    KEEP = "keep"
    ADD = "add"
    CHANGE = "change"
    DELETE = "delete"


class TableRow(Value):
    """One row of the table: as it is today, as it should be, and so what to do."""

    action: RowAction
    today: MappingEntry | None
    """None for a row to add."""
    suggested: MappingEntry | None
    """None for a row to delete. For a row to keep, as it is spelled today."""
    peer: str | None
    """The peer whose row it is to be; None for a row to delete."""


class ApplianceSuggestion(Value):
    """What *Suggest mappings based on system information* would propose."""

    offered: bool
    """It is offered for a cluster formed on IP addresses only."""
    reason: str
    entries: tuple[SuggestedEntry, ...]
    """One for each peer; the note says why ours differs, and is empty where it does not."""


class RecordState(StrEnum):
    STAYS = "stays"
    """It is as expected."""
    FORBIDDEN = "forbidden"
    """It leads to an inside address: what the Caution is about."""
    DIFFERS = "differs"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class PublicRecord(Value):
    """What public DNS ought to say of a name, and what it says."""

    name: str
    peer: str | None
    """None for the cluster name."""
    expected: tuple[IPAddress, ...]
    """Empty where the plan states a private LAN 1 alone: to ask for that would be what the Caution forbids."""
    found: tuple[IPAddress, ...]
    state: RecordState
    why: str = ""
    """Why it is not known."""


class MappingAdvice(Value):
    """All there is to say of the cluster address mapping."""

    suggestion: MappingSuggestion
    rows: tuple[TableRow, ...]
    """Empty when no mapping is needed."""
    appliance: ApplianceSuggestion
    records: tuple[PublicRecord, ...]
    """Empty for an Expressway-C, whose names have no business in public DNS."""
    off: bool
    """The mapping is Off today."""
    not_needed: bool
    """The mapping is On today without need."""


def advise_mapping(plan: Plan, evidence: Evidence) -> MappingAdvice:
    """Say everything about the cluster address mapping of `plan`, worked out from the plan and what was seen."""
    suggestion, namings = suggest_mapping(plan, evidence), name_peers(plan, evidence)
    return MappingAdvice(
        suggestion,
        table_rows(plan, suggestion.entries),
        _appliance(plan, namings),
        tuple(_records(plan, evidence, namings)) if plan.cluster.type is ClusterType.EXPRESSWAY_E else (),
        plan.cluster.stated_address_mapping is None,
        suggestion.needed is False and isinstance(plan.cluster.stated_address_mapping, tuple),
    )


def entries_to_write(rows: Sequence[TableRow]) -> tuple[MappingEntry, ...]:
    """The table as it should be: today's rows that stay or change in their order, then those to add."""
    return tuple(row.suggested for row in rows if row.suggested is not None)


def table_rows(plan: Plan, entries: Sequence[SuggestedEntry]) -> tuple[TableRow, ...]:
    """Compare today's table with what it should be: today's rows in their order, then those to add.

    A row is known by its name, or else by its address. Rows of a peer whose name nothing tells stay as they are.
    """
    if not entries:
        return ()
    today = _distinct(plan.cluster.known_entries)
    left = {key(entry.fqdn): entry for entry in entries if entry.fqdn is not None}
    nameless = {entry.ip: entry for entry in entries if entry.fqdn is None}
    owners: dict[int, SuggestedEntry] = {}
    for exact in (True, False):
        for number, row in enumerate(today):
            suggested = left.get(key(row.fqdn))
            if number not in owners and suggested is not None and (not exact or suggested.ip == row.ip):
                owners[number] = left.pop(key(row.fqdn))
    for number, row in enumerate(today):
        suggested = next((entry for entry in left.values() if entry.ip == row.ip), None)
        if number not in owners and suggested is not None:
            owners[number] = left.pop(key(suggested.fqdn or ""))
    kept = [_row(row, owners.get(number), nameless.get(row.ip)) for number, row in enumerate(today)]
    added = [
        TableRow(RowAction.ADD, None, MappingEntry(name, entry.ip), entry.peer)
        for entry in entries
        if (name := entry.fqdn) is not None and name in left
    ]
    return (*kept, *added)


def _distinct(rows: Sequence[MappingEntry]) -> list[MappingEntry]:
    found: dict[tuple[str, IPAddress], MappingEntry] = {}
    for row in rows:
        found.setdefault((key(row.fqdn), row.ip), row)
    return list(found.values())


def _row(today: MappingEntry, owner: SuggestedEntry | None, nameless: SuggestedEntry | None) -> TableRow:
    if owner is None or owner.fqdn is None:
        if nameless is not None:
            return TableRow(RowAction.KEEP, today, today, nameless.peer)
        return TableRow(RowAction.DELETE, today, None, None)
    if key(today.fqdn) == owner.fqdn and today.ip == owner.ip:
        return TableRow(RowAction.KEEP, today, today, owner.peer)
    return TableRow(RowAction.CHANGE, today, MappingEntry(owner.fqdn, owner.ip), owner.peer)


def _appliance(plan: Plan, namings: Sequence[Naming]) -> ApplianceSuggestion:
    entries = []
    for peer, naming in zip(plan.peers, namings, strict=True):
        suggested = own_name(peer)
        entries.append(
            SuggestedEntry(peer.address, suggested, peer.lan1.ip, _why_other(peer.address, suggested, naming.fqdn))
        )
    named = [peer for peer in plan.peers if not is_ip(peer.address)]
    if named:
        reason = (
            f"It is made for a cluster formed on IP addresses, and Peer {named[0].number} address is"
            f" {show(named[0].address)}: what it would fill in now is not documented."
        )
    else:
        reason = "The cluster is formed on IP addresses, so it can be used once every peer has a host name and domain."
    return ApplianceSuggestion(not named, reason, tuple(entries))


def _why_other(address: str, suggested: str | None, ours: str | None) -> str:
    if suggested is None:
        return f"Not known: state host_name and domain of {show(address)} in the plan."
    if ours is not None and key(suggested) == ours:
        return ""
    if not is_fqdn(suggested):
        wrong = joined(defect.words for defect in defects(suggested))
        return f"No name that a certificate can carry: it {wrong}."
    if ours is None:
        return "Nothing else determines the peer's name: compare it with the certificate before taking it."
    return f"It joins host name and domain name; the peer is known as {show(ours)}, by certificate or by plan."


def _records(plan: Plan, evidence: Evidence, namings: Sequence[Naming]) -> Iterator[PublicRecord]:
    """The peers' names and the cluster's, each once."""
    seen: set[str] = set()
    for peer, naming in zip(plan.peers, namings, strict=True):
        names = (*((naming.fqdn,) if naming.fqdn is not None else ()), *names_of(peer))
        for name in names:
            if key(name) not in seen:
                seen.add(key(name))
                yield _record(plan, evidence, name, peer.address, (public_address(peer),), (peer.lan1.ip,))
    cluster = plan.cluster.name
    if is_fqdn(cluster) and key(cluster) not in seen:
        declared = tuple(dict.fromkeys(public_address(peer) for peer in plan.peers))
        yield _record(plan, evidence, cluster, None, declared, tuple(peer.lan1.ip for peer in plan.peers))


def _record(
    plan: Plan,
    evidence: Evidence,
    name: str,
    peer: str | None,
    expected: tuple[IPAddress, ...],
    inside: tuple[IPAddress, ...],
) -> PublicRecord:
    view = evidence.views.get(PUBLIC_VIEW)
    proper = tuple(ip for ip in expected if ip not in inside or not is_private(ip, plan.internal_networks))
    if view is None:
        return PublicRecord(name, peer, proper, (), RecordState.UNKNOWN, "the plan gives no public DNS view")
    answers = [
        answer
        for record_type in (RecordType.A, RecordType.AAAA)
        if (answer := view.answers.get((key(name), record_type))) is not None
    ]
    found = tuple(ip for answer in answers for ip in addresses_of(answer))
    main = RecordType.AAAA if plan.ip_version is IpVersion.IPV6 else RecordType.A
    silent = next((answer for answer in answers if not answer.outcome.answered), None)
    if any(_forbidden(plan, ip, expected, inside) for ip in found):
        state = RecordState.FORBIDDEN
    elif not found and (silent is not None or all(answer.type is not main for answer in answers)):
        why = (silent.why or f"public DNS answered {silent.outcome.value}") if silent else "it was not asked"
        return PublicRecord(name, peer, proper, (), RecordState.UNKNOWN, why)
    elif not found:
        state = RecordState.ABSENT
    else:
        state = RecordState.STAYS if set(found) <= set(expected) else RecordState.DIFFERS
    # What stands in public DNS as the plan states it is left alone: a laboratory's public side may be private.
    return PublicRecord(name, peer, expected if state is RecordState.STAYS else proper, found, state)


def _forbidden(plan: Plan, ip: IPAddress, expected: Sequence[IPAddress], inside: Sequence[IPAddress]) -> bool:
    """As the rule on the Caution has it: a LAN 1 behind another public address, or private while that is not."""
    internal = plan.internal_networks
    if ip in expected:
        return False
    return ip in inside or (is_private(ip, internal) and all(is_public_side(each, internal) for each in expected))
