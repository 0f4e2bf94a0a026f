"""The cluster address mapping shown: as a page, Markdown, commands for the appliance, for the plan, JSON and CSV."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

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
from certplan.report.pages.check_rich import render
from certplan.report.writers.json import Json, dumps, entries_json, head_json, mapping_json
from certplan.text.escape import csv_text, markdown, markdown_table
from certplan.text.names import key, show
from certplan.vendor import source

__all__ = [
    "ACTION",
    "CAUTION",
    "INSIDE_ONLY",
    "NAMELESS",
    "NEEDED",
    "NEEDLESS",
    "SAME",
    "found_words",
    "mapping_commands",
    "mapping_csv",
    "mapping_document",
    "mapping_markdown",
    "mapping_remarks",
    "mapping_sources",
    "mapping_text",
    "mapping_yaml",
    "off_words",
    "records_words",
    "suggested_words",
    "wanted_words",
]

CAUTION = (
    "Never put a peer's public FQDN with its private address into public DNS: it may make the cluster form, and it"
    " breaks every client outside. The mapping does the same inside without harm."
)
_SOURCES = ("CG-15.4-fqdn", "CG-15.4-form", "CG-15.4-requirements", "BC-14.0")
_LONGEST = 4000
_WORD = re.compile(r"[A-Za-z0-9._-]+")
_TITLE = "Cluster address mappings (System > Clustering on the primary; the others take them over)"
_TO_DO = "To do before a row serves"
_SUGGESTED = "What Suggest mappings based on system information would fill in"
NAMELESS = "name not known"
SAME = "the same"
INSIDE_ONLY = "The names of an Expressway-C belong into internal DNS only."
NEEDLESS = (
    "The mapping is On today without need: set `Cluster address mapping enabled` to Off, or keep it and keep every"
    " peer's row right."
)
NEEDED = {
    True: ("Needed under Enforce.", "bold"),
    False: ("Not needed.", "bold"),
    None: ("Not settled.", "bold yellow"),
}
ACTION = {RowAction.KEEP: "there", RowAction.ADD: "add", RowAction.CHANGE: "change", RowAction.DELETE: "delete"}
_STYLE = {RowAction.ADD: "green", RowAction.CHANGE: "yellow", RowAction.DELETE: "red", RowAction.KEEP: "dim"}


def mapping_text(plan: Plan, advice: MappingAdvice, *, width: int, color: bool) -> str:
    """The whole page for the terminal, `width` columns wide."""
    return render(_page(plan, advice), width=width, color=color)


def mapping_sources(plan: Plan) -> tuple[str, ...]:
    """The documents of `_SOURCES` that what is said rests on: that on NICs only where a peer has two, or static NAT."""
    nics = any(peer.dual_nic or peer.static_nat is not None for peer in plan.peers)
    return _SOURCES if nics else tuple(name for name in _SOURCES if name != "BC-14.0")


def mapping_remarks(advice: MappingAdvice) -> tuple[str, ...]:
    """What the forms for machines have no place for, a sentence or two each: for standard error."""
    suggestion = advice.suggestion
    remarks = [] if suggestion.needed else [suggestion.reason]
    remarks += [f"{show(entry.peer)}: {show(entry.note, _LONGEST)}" for entry in suggestion.entries if entry.note]
    if advice.needless:
        remarks.append(NEEDLESS)
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
            if _WORD.fullmatch(row.today.fqdn):
                lines.append(_command("Delete", row.today))
            else:
                remarks.append(f"Delete the row {show(row.today.fqdn)} by hand: its name would not fit a command.")
        if row.wanted is not None and row.action in (RowAction.CHANGE, RowAction.ADD):
            lines.append(_command("Add", row.wanted))
    return "".join(f"{line}\n" for line in lines), tuple(remarks)


def _command(verb: str, entry: MappingEntry) -> str:
    return f'xCommand Cluster Address Mapping {verb} Fqdn: "{entry.fqdn}" IpAddress: "{entry.ip}"'


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
            lines.append(f"    - {{fqdn: {entry.fqdn}, ip: {ip}}}{note}")
    if not lines:
        lines = [f"  # No address_mapping: {show(advice.suggestion.reason, _LONGEST)}"]
    return "".join(f"{line}\n" for line in lines)


def mapping_csv(advice: MappingAdvice) -> str:
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
    return csv_text(header, rows)


def _csv_row(row: TableRow, ours: SuggestedEntry | None, theirs: SuggestedEntry | None) -> tuple[str, ...]:
    return (
        row.peer or "",
        *_sides(row.wanted),
        row.action.value,
        *_sides(row.today),
        ours.note if ours is not None else "",
        *_csv_appliance(theirs),
    )


def _csv_appliance(theirs: SuggestedEntry | None) -> tuple[str, str]:
    return ("", "") if theirs is None else (theirs.fqdn or "", theirs.note)


def _sides(entry: MappingEntry | None) -> tuple[str, str]:
    return ("", "") if entry is None else (entry.fqdn, str(entry.ip))


def mapping_document(plan: Plan, advice: MappingAdvice, at: datetime) -> str:
    """The JSON document of `certplan map`."""
    document: Json = {
        **head_json(at),
        "plan": plan.file,
        **mapping_json(advice.suggestion),
        "appliance_suggestion": entries_json(advice.appliance.entries),
        "appliance_suggestion_offered": advice.appliance.offered,
        "appliance_suggestion_reason": advice.appliance.reason,
        "needless": advice.needless,
        "table": [
            {
                "action": row.action.value,
                "peer": row.peer,
                "today": _entry_json(row.today),
                "wanted": _entry_json(row.wanted),
            }
            for row in advice.rows
        ],
        "caution": CAUTION,
        "public_records": [
            {
                "name": record.name,
                "peer": record.peer,
                "wanted": [str(ip) for ip in record.wanted],
                "found": [str(ip) for ip in record.found],
                "state": record.state.value,
                "why": record.why,
            }
            for record in advice.records
        ],
    }
    return dumps(document) + "\n"


def _entry_json(entry: MappingEntry | None) -> Json | None:
    return None if entry is None else {"fqdn": entry.fqdn, "ip": str(entry.ip)}


def mapping_markdown(plan: Plan, advice: MappingAdvice) -> str:
    """The page as Markdown, for a ticket."""
    return "\n".join(_markdown(plan, advice))


def _markdown(plan: Plan, advice: MappingAdvice) -> Iterator[str]:
    suggestion = advice.suggestion
    yield f"# Cluster address mapping of {markdown(plan.cluster.name)}\n"
    yield f"**{NEEDED[suggestion.needed][0]}** {markdown(suggestion.reason)}\n"
    if advice.needless:
        yield f"{markdown(NEEDLESS)}\n"
    if suggestion.entries:
        yield f"## {markdown(_TITLE)}\n"
        yield markdown_table(("FQDN", "IP", "today"), (row for row, _ in _rows(advice)))
        if advice.off:
            yield f"{off_words(advice)}\n"
        if any(given.note for given in suggestion.entries):
            yield f"## {_TO_DO}\n"
            notes = (f"{markdown(given.peer)}: {markdown(given.note)}" for given in suggestion.entries if given.note)
            yield "".join(f"- {note}\n" for note in notes)
        yield f"## {_SUGGESTED}\n"
        yield f"{markdown(suggested_words(advice.appliance))}\n"
        yield markdown_table(("FQDN", "IP", "beside ours"), _suggested_rows(advice.appliance))
    yield "## Public DNS\n"
    if advice.records:
        rows = ((record.name, wanted_words(record), found_words(record)[0]) for record in advice.records)
        yield markdown_table(("name", "public address", "in public DNS today"), rows)
        yield f"{records_words(advice.records)}\n"
    elif plan.cluster.type is ClusterType.EXPRESSWAY_C:
        yield f"{INSIDE_ONLY}\n"
    yield f"**Caution:** {markdown(CAUTION)}\n"
    yield "## Sources\n"
    yield "".join(f"- {markdown(_title(name))}\n" for name in mapping_sources(plan))


def _page(plan: Plan, advice: MappingAdvice) -> Iterator[RenderableType]:
    suggestion = advice.suggestion
    yield Text.assemble("Cluster address mapping of ", (show(plan.cluster.name), "bold"))
    yield ""
    yield Text.assemble(NEEDED[suggestion.needed], " ", show(suggestion.reason, _LONGEST))
    if advice.needless:
        yield Text(NEEDLESS)
    yield ""
    if suggestion.entries:
        yield from _table(advice)
        yield from _appliance(advice)
    yield from _public(plan, advice)
    yield Text("Sources", "bold")
    for name in mapping_sources(plan):
        yield Padding(Text(_title(name), "dim"), (0, 0, 0, 2))


def _title(name: str) -> str:
    document = source(name)
    return f"{document.title}, {document.release}"


def _table(advice: MappingAdvice) -> Iterator[RenderableType]:
    yield Text(_TITLE, "bold")
    table = _grid("FQDN", "IP", "today")
    for (name, ip, today), style in _rows(advice):
        table.add_row(_indented(name), ip, Text(today, style))
    yield table
    if advice.off:
        yield Padding(Text(off_words(advice)), (0, 0, 0, 2))
    notes = [entry for entry in advice.suggestion.entries if entry.note]
    if notes:
        yield ""
        yield Text(_TO_DO, "bold")
    for given in notes:
        yield Padding(Text(f"{show(given.peer)}: {show(given.note, _LONGEST)}"), (0, 0, 0, 2))
    yield ""


def _rows(advice: MappingAdvice) -> Iterator[tuple[tuple[str, str, str], str]]:
    """Name, address and today's state of every row of the table, then of every peer without a name; and its style."""
    for row in advice.rows:
        entry = row.wanted or row.today
        if entry is not None:
            yield (entry.fqdn, str(entry.ip), _today(row)), _STYLE[row.action]
    for given in advice.suggestion.entries:
        if given.fqdn is None:
            yield (f"? ({given.peer})", str(given.ip), NAMELESS), "yellow"


def _today(row: TableRow) -> str:
    if row.action is not RowAction.CHANGE or row.today is None or row.wanted is None:
        return ACTION[row.action]
    same_name = key(row.today.fqdn) == key(row.wanted.fqdn)
    was = str(row.today.ip) if same_name else show(row.today.fqdn)
    return f"change, is {was}" + ("" if same_name or row.today.ip == row.wanted.ip else f" {row.today.ip}")


def _appliance(advice: MappingAdvice) -> Iterator[RenderableType]:
    yield Text(_SUGGESTED, "bold")
    yield Padding(Text(show(suggested_words(advice.appliance), _LONGEST)), (0, 0, 0, 2))
    table = _grid("FQDN", "IP", "beside ours")
    for name, ip, beside in _suggested_rows(advice.appliance):
        table.add_row(_indented(name), ip, Text(show(beside, _LONGEST)))
    yield table
    yield ""


def suggested_words(appliance: ApplianceSuggestion) -> str:
    return (
        f"{appliance.reason} It reads neither certificates nor DNS: it joins host name and domain name, and takes the"
        " inward address, which is not defined further; LAN 1 is the likely reading."
    )


def _suggested_rows(appliance: ApplianceSuggestion) -> Iterator[tuple[str, str, str]]:
    for entry in appliance.entries:
        known = entry.fqdn is not None
        yield entry.fqdn or f"? ({entry.peer})", str(entry.ip) if known else "", entry.note or SAME


def _public(plan: Plan, advice: MappingAdvice) -> Iterator[RenderableType]:
    yield Text("Public DNS", "bold")
    if advice.records:
        table = _grid("name", "public address", "in public DNS today")
        for record in advice.records:
            words, style = found_words(record)
            table.add_row(_indented(record.name), wanted_words(record), Text(words, style))
        yield table
        yield Padding(Text(records_words(advice.records)), (0, 0, 0, 2))
    elif plan.cluster.type is ClusterType.EXPRESSWAY_C:
        yield Padding(Text(INSIDE_ONLY), (0, 0, 0, 2))
    yield Padding(Text.assemble(("Caution: ", "bold red"), CAUTION), (0, 0, 0, 2))
    yield ""


def off_words(advice: MappingAdvice) -> str:
    """What to do about a mapping that is Off today and has entries to be given."""
    when = "" if advice.suggestion.needed else " if you settle on it"
    return f"The mapping is Off today: set Cluster address mapping enabled to On{when}."


def records_words(records: Sequence[PublicRecord]) -> str:
    if all(record.state is RecordState.STAYS for record in records):
        return "These records stay exactly as they are."
    return "These records stay, or become, what the second column says."


def found_words(record: PublicRecord) -> tuple[str, str]:
    """What public DNS says today, and the style it is shown in."""
    match record.state:
        case RecordState.STAYS:
            return _addresses(record.found) + ", leave it", "green"
        case RecordState.FORBIDDEN:
            return f"{_addresses(record.found)}: AN INSIDE ADDRESS; put it right", "bold red"
        case RecordState.DIFFERS:
            return f"{_addresses(record.found)}: not what the plan states; one of the two is wrong", "yellow"
        case RecordState.ABSENT if not record.wanted:
            return "no record; if clients outside use the name, state its public address in the plan", "yellow"
        case RecordState.ABSENT:
            return "no record; if clients use the name, add it", "yellow"
        case RecordState.UNKNOWN:
            return f"not known: {show(record.why, _LONGEST)}", "yellow"


def _record_words(record: PublicRecord) -> str:
    return (
        f"Caution: public DNS leads {show(record.name)} to the inside address {_addresses(record.found)};"
        f" it must be {wanted_words(record)}."
    )


def wanted_words(record: PublicRecord) -> str:
    """The addresses that public DNS ought to give."""
    return _addresses(record.wanted) or "a public address, which the plan does not state"


def _addresses(addresses: Sequence[IPAddress]) -> str:
    return ", ".join(str(ip) for ip in addresses)


def _grid(*headings: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading if number else f"  {heading}", overflow="fold", header_style="dim")
    return table


def _indented(text: str) -> Text:
    return Text(f"  {show(text)}")
