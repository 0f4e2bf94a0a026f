"""The cluster address mapping shown: as a page, Markdown, commands for the appliance, for the plan, JSON and CSV."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from certplan.formats import Format
from certplan.intent.mapping import SuggestedEntry
from certplan.plan.model import ClusterType, IPAddress, MappingEntry, Plan
from certplan.proposal.mapping_advice import (
    ApplianceSuggestion,
    MappingAdvice,
    PublicRecord,
    RecordState,
    RowAction,
    TableRow,
)
from certplan.report.answer import Answer, Rows
from certplan.report.cards import source_section
from certplan.report.document import Block, Document, Points, Prose, Section, Table, Tone, Words
from certplan.report.writers.json import Json, entries_json, head_json, mapping_json
from certplan.text.names import key, show
from certplan.text.secrets import hide_keys
from certplan.text.words import listed

__all__ = [
    "ACTION",
    "CAUTION",
    "INSIDE_ONLY",
    "NAMELESS",
    "NEEDED",
    "NOT_NEEDED",
    "RECORD_TONE",
    "SAME",
    "expected_words",
    "found_words",
    "mapping_answer",
    "mapping_commands",
    "mapping_remarks",
    "mapping_sources",
    "off_words",
    "records_words",
    "suggested_words",
]

CAUTION = (
    "Never put a peer's public FQDN with its private address into public DNS: it may make the cluster form, and it"
    " breaks every client outside. The mapping does the same inside without harm."
)
_SOURCES = ("CG-15.4-fqdn", "CG-15.4-form", "CG-15.4-requirements", "BC-14.0")
_LONGEST = 4000
_WORD = re.compile(r"[A-Za-z0-9._-]+")
_TITLE = "Cluster address mappings (System > Clustering on the primary; the others take them over)"
_TO_DO = "Required before this entry works"
_SUGGESTED = "Appliance's suggestion, for comparison (Suggest mappings based on system information)"
NAMELESS = "name not known"
SAME = "the same"
INSIDE_ONLY = "The names of an Expressway-C belong into internal DNS only."
NOT_NEEDED = (
    "The mapping is On today and not needed: set `Cluster address mapping enabled` to Off, or keep it and keep every"
    " peer's entry right."
)
NEEDED = {True: "Needed under Enforce.", False: "Not needed.", None: "Unknown whether it is needed."}
ACTION = {RowAction.KEEP: "there", RowAction.ADD: "add", RowAction.CHANGE: "change", RowAction.DELETE: "delete"}
_ACTION_TONE = {
    RowAction.ADD: Tone.GOOD,
    RowAction.CHANGE: Tone.WARN,
    RowAction.DELETE: Tone.BAD,
    RowAction.KEEP: Tone.QUIET,
}
RECORD_TONE = {
    RecordState.STAYS: Tone.GOOD,
    RecordState.FORBIDDEN: Tone.BAD,
    RecordState.DIFFERS: Tone.WARN,
    RecordState.ABSENT: Tone.WARN,
    RecordState.UNKNOWN: Tone.OPEN,
}


def mapping_answer(plan: Plan, advice: MappingAdvice, at: datetime) -> Answer:
    """The mapping in every form; `at` is the time judged as of."""
    return Answer(
        page=lambda: _page(plan, advice),
        data=lambda: _data(plan, advice, at),
        rows=lambda: _csv(advice),
        others={Format.COMMANDS: lambda: mapping_commands(advice)[0], Format.YAML: lambda: mapping_yaml(advice)},
    )


def mapping_sources(plan: Plan) -> tuple[str, ...]:
    """The documents of `_SOURCES` that what is said rests on: that on NICs only where a peer has two, or static NAT."""
    nics = any(peer.dual_nic or peer.static_nat is not None for peer in plan.peers)
    return _SOURCES if nics else tuple(name for name in _SOURCES if name != "BC-14.0")


def mapping_remarks(advice: MappingAdvice) -> tuple[str, ...]:
    """What the forms for machines have no place for, a sentence or two each: for standard error."""
    suggestion = advice.suggestion
    remarks = [] if suggestion.needed else [suggestion.reason]
    remarks += [f"{show(entry.peer)}: {show(entry.note, _LONGEST)}" for entry in suggestion.entries if entry.note]
    if advice.not_needed:
        remarks.append(NOT_NEEDED)
    return (*remarks, *(_record_words(record) for record in advice.records if record.state is RecordState.FORBIDDEN))


def mapping_commands(advice: MappingAdvice) -> tuple[str, tuple[str, ...]]:
    """The commands that turn today's table into what it should be, and remarks on rows that no command can carry.

    The command's published form has spaces between its words (Administrator Guide, Reference Material).
    """
    lines: list[str] = []
    remarks: list[str] = []
    # What is gone first leaves the name and the address free for what comes.
    for row in advice.rows:
        if row.today is not None and row.action in (RowAction.CHANGE, RowAction.DELETE):
            _command("Delete", row.today, lines, remarks)
        if row.suggested is not None and row.action in (RowAction.CHANGE, RowAction.ADD):
            _command("Add", row.suggested, lines, remarks)
    return "".join(f"{line}\n" for line in lines), tuple(remarks)


def _command(verb: str, entry: MappingEntry, lines: list[str], remarks: list[str]) -> None:
    """Add the command for a row; where its name is no word, or may be a piece of a private key, a remark on it."""
    if _WORD.fullmatch(entry.fqdn) and hide_keys(entry.fqdn) == entry.fqdn:
        lines.append(f'xCommand Cluster Address Mapping {verb} Fqdn: "{entry.fqdn}" IpAddress: "{entry.ip}"')
    else:
        remarks.append(f"{verb} the row {show(entry.fqdn)} by hand: its name would not fit a command.")


def mapping_yaml(advice: MappingAdvice) -> str:
    """The entries as they stand under `cluster:` in a plan; what is still to be done stands beside as a comment."""
    named = [entry for entry in advice.suggestion.entries if entry.fqdn is not None]
    lines = ["  address_mapping:"] if named else []
    for entry in advice.suggestion.entries:
        note = f"  # {show(entry.note, _LONGEST)}" if entry.note else ""
        ip = f'"{entry.ip}"' if entry.ip.version == 6 else str(entry.ip)
        if entry.fqdn is None:
            lines.append(f"    # Peer {show(entry.peer)}, {entry.ip}: {show(entry.note, _LONGEST)}")
        else:
            lines.append(f"    - {{fqdn: {show(entry.fqdn, _LONGEST)}, ip: {ip}}}{note}")
    if not lines:
        lines = [f"  # No address_mapping: {show(advice.suggestion.reason, _LONGEST)}"]
    return "".join(f"{line}\n" for line in lines)


def _csv(advice: MappingAdvice) -> Rows:
    """One line for each row of the table, as it should be or to be deleted."""
    header = ("peer", "fqdn", "ip", "action", "today_fqdn", "today_ip", "note", "appliance_fqdn", "appliance_note")
    ours = {entry.peer: entry for entry in advice.suggestion.entries}
    theirs = {entry.peer: entry for entry in advice.appliance.entries}
    rows = [_csv_row(row, ours.get(row.peer or ""), theirs.get(row.peer or "")) for row in advice.rows]
    known = {row.peer for row in advice.rows}
    rows += [
        (entry.peer, "", str(entry.ip), "", "", "", entry.note, *_csv_appliance(theirs.get(entry.peer)))
        for entry in advice.suggestion.entries
        if entry.peer not in known
    ]
    return Rows(header, rows)


def _csv_row(row: TableRow, ours: SuggestedEntry | None, theirs: SuggestedEntry | None) -> tuple[str, ...]:
    return (
        row.peer or "",
        *_sides(row.suggested),
        row.action.value,
        *_sides(row.today),
        ours.note if ours is not None else "",
        *_csv_appliance(theirs),
    )


def _csv_appliance(theirs: SuggestedEntry | None) -> tuple[str, str]:
    return ("", "") if theirs is None else (theirs.fqdn or "", theirs.note)


def _sides(entry: MappingEntry | None) -> tuple[str, str]:
    return ("", "") if entry is None else (entry.fqdn, str(entry.ip))


def _data(plan: Plan, advice: MappingAdvice, at: datetime) -> Json:
    return {
        **head_json(at),
        "plan": plan.file,
        **mapping_json(advice.suggestion),
        "appliance_suggestion": entries_json(advice.appliance.entries),
        "appliance_suggestion_offered": advice.appliance.offered,
        "appliance_suggestion_reason": advice.appliance.reason,
        "needless": advice.not_needed,
        "table": [
            {
                "action": row.action.value,
                "peer": row.peer,
                "today": _entry_json(row.today),
                "wanted": _entry_json(row.suggested),
            }
            for row in advice.rows
        ],
        "caution": CAUTION,
        "public_records": [
            {
                "name": record.name,
                "peer": record.peer,
                "wanted": [str(ip) for ip in record.expected],
                "found": [str(ip) for ip in record.found],
                "state": record.state.value,
                "why": record.why,
            }
            for record in advice.records
        ],
    }


def _entry_json(entry: MappingEntry | None) -> Json | None:
    return None if entry is None else {"fqdn": entry.fqdn, "ip": str(entry.ip)}


def _page(plan: Plan, advice: MappingAdvice) -> Document:
    suggestion = advice.suggestion
    needed = f"{NEEDED[suggestion.needed]} {suggestion.reason}"
    not_needed = (Prose(NOT_NEEDED, Tone.WARN),) if advice.not_needed else ()
    entries = (*_table(advice), *_appliance(advice)) if suggestion.entries else ()
    return Document(
        title=f"Cluster address mapping of {plan.cluster.name}",
        sections=(
            Section("need", "", (Prose(needed, Tone.WARN if suggestion.needed is None else Tone.STRONG), *not_needed)),
            *entries,
            Section("public-dns", "Public DNS", tuple(_public(plan, advice))),
            source_section(mapping_sources(plan)),
        ),
    )


def _table(advice: MappingAdvice) -> Iterator[Section]:
    blocks: list[Block] = [Table.of("", ("FQDN", "IP", "Today"), _entries(advice))]
    if advice.off:
        blocks.append(Prose(off_words(advice)))
    yield Section("entries", _TITLE, tuple(blocks))
    notes = [f"{given.peer}: {given.note}" for given in advice.suggestion.entries if given.note]
    yield Section("required", _TO_DO, (Points.of(notes),) if notes else ())


def _entries(advice: MappingAdvice) -> Iterator[tuple[Words, Words, Words]]:
    """Name, address and today's state of every row of the table, then of every peer without a name."""
    for row in advice.rows:
        entry = row.suggested or row.today
        if entry is not None:
            today = Words(_today(row), _ACTION_TONE[row.action])
            yield Words(entry.fqdn, code=True), Words(str(entry.ip), code=True), today
    for given in advice.suggestion.entries:
        if given.fqdn is None:
            yield Words(f"? ({given.peer})"), Words(str(given.ip), code=True), Words(NAMELESS, Tone.WARN)


def _today(row: TableRow) -> str:
    if row.action is not RowAction.CHANGE or row.today is None or row.suggested is None:
        return ACTION[row.action]
    same_name = key(row.today.fqdn) == key(row.suggested.fqdn)
    was = str(row.today.ip) if same_name else show(row.today.fqdn)
    return f"change, is {was}" + ("" if same_name or row.today.ip == row.suggested.ip else f" {row.today.ip}")


def _appliance(advice: MappingAdvice) -> Iterator[Section]:
    table = Table.of("", ("FQDN", "IP", "Compared with ours"), _suggested_rows(advice.appliance))
    yield Section("appliance", _SUGGESTED, (Prose(suggested_words(advice.appliance)), table))


def _public(plan: Plan, advice: MappingAdvice) -> Iterator[Block]:
    if advice.records:
        columns = ("Name", "Public address", "In public DNS today")
        rows = (
            (Words(each.name, code=True), expected_words(each), Words(found_words(each), RECORD_TONE[each.state]))
            for each in advice.records
        )
        yield Table.of("", columns, rows)
        yield Prose(records_words(advice.records))
    elif plan.cluster.type is ClusterType.EXPRESSWAY_C:
        yield Prose(INSIDE_ONLY)
    yield Prose(f"Caution: {CAUTION}", Tone.BAD)


def suggested_words(appliance: ApplianceSuggestion) -> str:
    return (
        f"{appliance.reason} It reads neither certificates nor DNS: it joins host name and domain name, and takes the"
        " inward address, which is not defined further; LAN 1 is the likely reading."
    )


def _suggested_rows(appliance: ApplianceSuggestion) -> Iterator[tuple[str, str, str]]:
    for entry in appliance.entries:
        known = entry.fqdn is not None
        yield entry.fqdn or f"? ({entry.peer})", str(entry.ip) if known else "", entry.note or SAME


def off_words(advice: MappingAdvice) -> str:
    """What to do about a mapping that is Off today and has entries to be given."""
    when = "" if advice.suggestion.needed else " if you settle on it"
    return f"The mapping is Off today: set Cluster address mapping enabled to On{when}."


def records_words(records: Sequence[PublicRecord]) -> str:
    if all(record.state is RecordState.STAYS for record in records):
        return "These records stay exactly as they are."
    return "These records stay, or become, what the second column says."


def found_words(record: PublicRecord) -> str:
    """What public DNS says today."""
    match record.state:
        case RecordState.STAYS:
            return _addresses(record.found) + ", leave it"
        case RecordState.FORBIDDEN:
            return f"{_addresses(record.found)}: AN INSIDE ADDRESS; put it right"
        case RecordState.DIFFERS:
            return f"{_addresses(record.found)}: not what the plan states; one of the two is wrong"
        case RecordState.ABSENT if not record.expected:
            return "no record; if clients outside use the name, state its public address in the plan"
        case RecordState.ABSENT:
            return "no record; if clients use the name, add it"
        case RecordState.UNKNOWN:
            return f"not known: {show(record.why, _LONGEST)}"


def _record_words(record: PublicRecord) -> str:
    return (
        f"Caution: public DNS leads {show(record.name)} to the inside address {_addresses(record.found)};"
        f" it must be {expected_words(record)}."
    )


def expected_words(record: PublicRecord) -> str:
    """The addresses that public DNS ought to give."""
    return _addresses(record.expected) or "a public address, which the plan does not state"


def _addresses(addresses: Sequence[IPAddress]) -> str:
    return listed(map(str, addresses))
