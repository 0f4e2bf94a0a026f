"""Ports shown: as a page, as CSV and JSON for firewalls, as Markdown for a ticket."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from certplan.plan.model import ClusterType, Plan
from certplan.ports import BuiltInRule, FirewallRow, PortPlan, RowGroup
from certplan.report.pages.check_rich import render
from certplan.report.writers.json import Json, dumps, head_json, sources_json
from certplan.text.escape import csv_text, markdown, markdown_table, plain
from certplan.vendor import ports, source

__all__ = [
    "FLOW_COLUMNS",
    "GROUP_TITLES",
    "ROW_COLUMNS",
    "RULE_COLUMNS",
    "addresses_title",
    "flow_rows",
    "merged_rows",
    "ports_csv",
    "ports_document",
    "ports_markdown",
    "ports_text",
    "rule_cells",
    "rules_by_peer",
]

FLOW_COLUMNS = ("purpose", "protocol", "from port", "to port", "in doubt")
RULE_COLUMNS = ("priority", "interface", "IP address", "prefix length", "transport", "ports", "action", "description")
ROW_COLUMNS = ("purpose", "protocol", "port", "to", "in doubt")
GROUP_TITLES = {
    RowGroup.MRA_OUTSIDE: "Mobile and Remote Access: open from outside, per peer",
    RowGroup.MRA_INSIDE: "Mobile and Remote Access: open from Expressway-C, per peer",
    RowGroup.XMPP_FEDERATION: "XMPP federation: open from outside, per peer",
    RowGroup.BLOCK: "External firewalls block, from anywhere but the other peers",
}
_SOURCE = {
    RowGroup.MRA_OUTSIDE: "outside",
    RowGroup.MRA_INSIDE: "Expressway-C",
    RowGroup.XMPP_FEDERATION: "outside",
    RowGroup.BLOCK: "any but the peers",
}


def ports_text(plan: Plan, found: PortPlan, *, width: int, color: bool) -> str:
    """The page for the terminal, `width` columns wide."""
    return render(_page(plan, found), width=width, color=color)


def ports_csv(found: PortPlan) -> str:
    """One line for each firewall rule: those of the network, address by address, then the built-in ones."""
    header = (
        *("group", "peer", "priority", "interface", "source", "prefix_length", "source_ports", "transport"),
        *("destination", "destination_ports", "action", "purpose", "in_doubt"),
    )
    rows = [
        (
            *(row.group.value, row.peer, "", "", _source(row), "", row.source_ports, row.transport),
            *(str(row.destination), row.destination_ports, "allow" if row.allow else "block", row.purpose, row.doubt),
        )
        for row in found.rows
    ]
    rows += [
        (
            *("built-in", rule.peer, str(rule.priority), rule.interface or "", rule.ip, str(rule.prefix_length), "any"),
            *(rule.transport, "", _span(rule), rule.action, rule.description, ""),
        )
        for rule in found.built_in
    ]
    return csv_text(header, rows)


def ports_document(plan: Plan, found: PortPlan, at: datetime) -> str:
    """The JSON document of `certplan ports`."""
    document: Json = {
        **head_json(at),
        "plan": plan.file,
        "release": str(found.release),
        "flows": [
            {
                "group": flow.group.value,
                "purpose": flow.purpose,
                "protocol": flow.protocol,
                "transport": flow.transport,
                "source_ports": flow.source_ports,
                "destination_ports": flow.destination_ports,
                "doubt": flow.doubt,
            }
            for flow in found.flows
        ],
        "firewall": [
            {
                "group": row.group.value,
                "action": "allow" if row.allow else "block",
                "purpose": row.purpose,
                "source": _source(row),
                "source_ports": row.source_ports,
                "protocol": row.protocol,
                "transport": row.transport,
                "destination": str(row.destination),
                "destination_ports": row.destination_ports,
                "peer": row.peer,
                "doubt": row.doubt,
            }
            for row in found.rows
        ],
        "built_in_rules": [
            {
                "peer": rule.peer,
                "priority": rule.priority,
                "interface": rule.interface,
                "ip": rule.ip,
                "prefix_length": rule.prefix_length,
                "transport": rule.transport,
                "start_port": rule.start_port,
                "end_port": rule.end_port,
                "action": rule.action,
                "description": rule.description,
            }
            for rule in found.built_in
        ],
        "remarks": list(found.remarks),
        "sources": [sources_json(key) for key in found.sources],
    }
    return dumps(document) + "\n"


def ports_markdown(plan: Plan, found: PortPlan) -> str:
    """The page as Markdown."""
    return "\n".join(_markdown(plan, found))


def _markdown(plan: Plan, found: PortPlan) -> Iterator[str]:
    yield f"# Ports of {markdown(plan.cluster.name)} ({_kind(plan)} {found.release})\n"
    yield f"{addresses_title(plan)}\n"
    yield markdown_table(("peer", "LAN 1"), ((peer.address, str(peer.lan1.ip)) for peer in plan.peers))
    yield "## From every peer to every other\n"
    yield markdown_table(FLOW_COLUMNS, flow_rows(found))
    for group, title in GROUP_TITLES.items():
        rows = [row for row in found.rows if row.group is group]
        if rows:
            yield f"## {title}\n"
            yield markdown_table(ROW_COLUMNS, merged_rows(rows))
    if found.built_in:
        yield "## Built-in firewall rules of each peer\n"
        yield f"{ports().built_in}\n"
    for peer, rules in rules_by_peer(found):
        yield f"### {markdown(peer)}\n"
        yield markdown_table(RULE_COLUMNS, map(rule_cells, rules))
    yield "## Remarks\n"
    yield "".join(f"- {markdown(remark)}\n" for remark in found.remarks)
    yield "## Sources\n"
    yield "".join(f"- {line}\n" for line in _sources(found))


def _page(plan: Plan, found: PortPlan) -> Iterator[RenderableType]:
    yield Text.assemble("Ports of ", (plain(plan.cluster.name), "bold"), f"  {_kind(plan)} {found.release}")
    yield ""
    yield Text(addresses_title(plan), "bold")
    for peer in plan.peers:
        yield Text(f"  {peer.number}  {peer.lan1.ip}  {plain(peer.address)}")
    yield ""
    yield Text("From every peer to every other: what a firewall between them lets pass", "bold")
    yield _grid(FLOW_COLUMNS, flow_rows(found))
    yield ""
    for group, title in GROUP_TITLES.items():
        rows = [row for row in found.rows if row.group is group]
        if rows:
            yield Text(title, "bold")
            yield _grid(ROW_COLUMNS, merged_rows(rows))
            yield ""
    if found.built_in:
        yield Text("Built-in firewall rules of each peer", "bold")
        yield Padding(Text(ports().built_in), (0, 0, 0, 2))
    for owner, rules in rules_by_peer(found):
        yield Padding(Text(f"On {plain(owner)}"), (0, 0, 0, 2))
        yield _grid(RULE_COLUMNS, map(rule_cells, rules))
    if found.built_in:
        yield ""
    yield Text("Remarks", "bold")
    for remark in found.remarks:
        yield Padding(Text(plain(remark)), (0, 0, 0, 2))
    yield ""
    yield Text("Sources", "bold")
    for line in _sources(found):
        yield Padding(Text(line, "dim"), (0, 0, 0, 2))


def _kind(plan: Plan) -> str:
    return "Expressway-E" if plan.cluster.type is ClusterType.EXPRESSWAY_E else "Expressway-C"


def addresses_title(plan: Plan) -> str:
    return "The cluster's addresses" if len(plan.peers) > 1 else "The cluster's address; there is no other peer yet"


def flow_rows(found: PortPlan) -> Iterator[tuple[str, ...]]:
    for flow in found.flows:
        yield flow.purpose, flow.protocol, flow.source_ports, flow.destination_ports, flow.doubt


def merged_rows(rows: Iterable[FirewallRow]) -> Iterator[tuple[str, ...]]:
    """One line for each purpose, port and doubt, with all the addresses it concerns."""
    lines: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        addresses = lines.setdefault((row.purpose, row.transport, row.destination_ports, row.doubt), [])
        addresses.append(str(row.destination))
    for (*head, doubt), addresses in lines.items():
        yield (*head, ", ".join(dict.fromkeys(addresses)), doubt)


def rule_cells(rule: BuiltInRule) -> tuple[str, ...]:
    head = (str(rule.priority), rule.interface or "(one NIC)", rule.ip, str(rule.prefix_length))
    return (*head, rule.transport, _span(rule), rule.action, rule.description)


def _span(rule: BuiltInRule) -> str:
    return str(rule.start_port) if rule.start_port == rule.end_port else f"{rule.start_port}-{rule.end_port}"


def _source(row: FirewallRow) -> str:
    return _SOURCE[row.group] if row.source is None else str(row.source)


def rules_by_peer(found: PortPlan) -> Iterator[tuple[str, list[BuiltInRule]]]:
    """The rules peer by peer; a peer's begin at priority 1."""
    rules: list[BuiltInRule] = []
    for rule in found.built_in:
        if rule.priority == 1 and rules:
            yield rules[0].peer, rules
            rules = []
        rules.append(rule)
    if rules:
        yield rules[0].peer, rules


def _sources(found: PortPlan) -> Iterator[str]:
    return (f"{document.title}, {document.release}" for document in map(source, found.sources))


def _grid(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    """A table without the columns that are empty all the way down."""
    columns = list(header)
    lines = [list(row) for row in rows]
    kept = [n for n in range(len(columns)) if any(line[n] for line in lines)]
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    for place, n in enumerate(kept):
        table.add_column(f"  {columns[n]}" if not place else columns[n], overflow="fold", header_style="dim")
    for line in lines:
        table.add_row(*(Text(("" if place else "  ") + plain(line[n])) for place, n in enumerate(kept)))
    return table
