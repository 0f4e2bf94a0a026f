"""What `certplan ports` says: as a page, as CSV and JSON for firewalls."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from certplan.formats import Format
from certplan.plan.model import ClusterType, Plan
from certplan.ports import BuiltInRule, FirewallRow, PortPlan, RowGroup
from certplan.report.answer import Answer, Rows
from certplan.report.cards import source_section
from certplan.report.document import Block, Cell, Document, Fold, Points, Prose, Section, Table, Tone, Words, cell
from certplan.report.drawing.flows import flows_mermaid, flows_svg
from certplan.report.writers.json import Json, head_json, sources_json
from certplan.text.words import listed
from certplan.vendor import ports as known_ports

__all__ = ["port_blocks", "ports_answer"]

FLOW_COLUMNS = ("Purpose", "Protocol", "From port", "To port", "In doubt")
RULE_COLUMNS = ("Priority", "Interface", "IP address", "Prefix length", "Transport", "Ports", "Action", "Description")
ROW_COLUMNS = ("Purpose", "Protocol", "Port", "To", "In doubt")
GROUP_TITLES = {
    RowGroup.MRA_OUTSIDE: "Mobile and Remote Access: open from outside, per peer",
    RowGroup.MRA_INSIDE: "Mobile and Remote Access: open from Expressway-C, per peer",
    RowGroup.MRA_SERVERS: "Mobile and Remote Access: open from Expressway-C to the servers behind it",
    RowGroup.ACME: "ACME: open between the internet and every peer",
    RowGroup.XMPP_FEDERATION: "XMPP federation: open from outside, per peer",
    RowGroup.BLOCK: "External firewalls block, from anywhere but the other peers",
}
_SOURCE = {
    RowGroup.MRA_OUTSIDE: "outside",
    RowGroup.MRA_INSIDE: "Expressway-C",
    RowGroup.ACME: "outside",
    RowGroup.XMPP_FEDERATION: "outside",
    RowGroup.BLOCK: "any but the peers",
}


def ports_answer(plan: Plan, found: PortPlan, at: datetime, far_ends: Sequence[Plan] = ()) -> Answer:
    """The ports of the plan's cluster, in every form.

    Args:
        plan: the cluster.
        found: its ports.
        at: the time of the answer.
        far_ends: the clusters at the far ends of its zones that `found` was worked out with.
    """
    return Answer(
        page=lambda: _page(plan, found),
        data=lambda: _data(plan, found, at),
        rows=lambda: _rows(found),
        others={
            Format.SVG: lambda: flows_svg(plan, far_ends, found),
            Format.MERMAID: lambda: flows_mermaid(plan, far_ends, found),
        },
    )


def _page(plan: Plan, found: PortPlan) -> Document:
    return Document(
        title=f"Ports of {plan.cluster.name} ({_kind(plan)} {found.release})",
        sections=(Section("ports", "", tuple(port_blocks(plan, found))), source_section(found.sources)),
    )


def port_blocks(plan: Plan, found: PortPlan) -> Iterator[Block]:
    """What has to pass between the peers, what is open from outside and inside, and what stays closed."""
    addresses = ((Words(peer.address, code=True), Words(str(peer.lan1.ip), code=True)) for peer in plan.peers)
    yield Table.of(_addresses_title(plan), ("Peer", "LAN 1"), addresses)
    if len(plan.peers) > 1:
        title = "From every peer to every other: what a firewall between them allows"
        yield _table(title, FLOW_COLUMNS, _flow_rows(found))
    for group, title in GROUP_TITLES.items():
        rows = [row for row in found.rows if row.group is group]
        if rows:
            yield _table(f"{title}{_from(rows)}", ROW_COLUMNS, _merged_rows(rows))
    if found.remarks:
        yield Points.of(found.remarks)
    if found.built_in:
        folds = tuple(_built_in(peer, rules) for peer, rules in _rules_by_peer(found))
        heading = Words("Built-in firewall rules of each peer")
        yield Fold("built-in-rules", heading, (Prose(known_ports().built_in), *folds), open=False)


def _from(rows: Iterable[FirewallRow]) -> str:
    """Where rows come from, if their addresses are known."""
    sources = dict.fromkeys(str(row.source) for row in rows if row.source is not None)
    return f", from {listed(sources)}" if sources else ""


def _built_in(peer: str, rules: Sequence[BuiltInRule]) -> Fold:
    priority, interface, ip, _, *rest = RULE_COLUMNS
    table = Table.of(f"Built-in firewall rules of {peer}", (priority, interface, ip, *rest), map(_rule, rules))
    return Fold("", Words(peer, code=True), (table,))


def _rule(rule: BuiltInRule) -> list[Cell]:
    """The prefix length is a field of its own, and stands under the address here for want of breadth."""
    address = cell(Words(rule.ip, code=True), Words(f"prefix length {rule.prefix_length}", Tone.QUIET))
    rest = (rule.transport, _span(rule), rule.action, rule.description)
    return [cell(str(rule.priority)), cell(rule.interface or "(one NIC)"), address, *map(cell, rest)]


def _table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """The last column is for doubts, which are few: they stand under the purpose."""
    cells = (
        [cell(head, Words(doubt, Tone.WARN) if doubt else ""), *map(cell, within)] for head, *within, doubt in rows
    )
    return Table.of(caption, columns[:-1], cells)


def _rows(found: PortPlan) -> Rows:
    """One line for each firewall rule: those of the network, address by address, then the built-in ones."""
    header = (
        *("group", "peer", "priority", "interface", "source", "prefix_length", "source_ports", "transport"),
        *("destination", "destination_ports", "action", "purpose", "in_doubt", "firewall"),
    )
    rows = [
        (
            *(row.group.value, row.peer, "", "", _source(row), "", row.source_ports, row.transport),
            *(str(row.destination), row.destination_ports, "allow" if row.allow else "block", row.purpose, row.doubt),
            row.firewall.value,
        )
        for row in found.rows
    ]
    rows += [
        (
            *("built-in", rule.peer, str(rule.priority), rule.interface or "", rule.ip, str(rule.prefix_length), "any"),
            *(rule.transport, "", _span(rule), rule.action, rule.description, ""),
            "built-in",
        )
        for rule in found.built_in
    ]
    return Rows(header, rows)


def _data(plan: Plan, found: PortPlan, at: datetime) -> Json:
    return {
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
                "firewall": row.firewall.value,
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


def _kind(plan: Plan) -> str:
    return "Expressway-E" if plan.cluster.type is ClusterType.EXPRESSWAY_E else "Expressway-C"


def _addresses_title(plan: Plan) -> str:
    return "The cluster's addresses" if len(plan.peers) > 1 else "The cluster's address; there is no other peer yet"


def _flow_rows(found: PortPlan) -> Iterator[tuple[str, ...]]:
    for flow in found.flows:
        yield flow.purpose, flow.protocol, flow.source_ports, flow.destination_ports, flow.doubt


def _merged_rows(rows: Iterable[FirewallRow]) -> Iterator[tuple[str, ...]]:
    """One line for each purpose, port and doubt, with all the addresses it concerns."""
    lines: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        addresses = lines.setdefault((row.purpose, row.transport, row.destination_ports, row.doubt), [])
        addresses.append(str(row.destination))
    for (*head, doubt), addresses in lines.items():
        yield (*head, listed(dict.fromkeys(addresses)), doubt)


def _span(rule: BuiltInRule) -> str:
    return str(rule.start_port) if rule.start_port == rule.end_port else f"{rule.start_port}-{rule.end_port}"


def _source(row: FirewallRow) -> str:
    return _SOURCE[row.group] if row.source is None else str(row.source)


def _rules_by_peer(found: PortPlan) -> Iterator[tuple[str, list[BuiltInRule]]]:
    """The rules peer by peer; a peer's begin at priority 1."""
    rules: list[BuiltInRule] = []
    for rule in found.built_in:
        if rule.priority == 1 and rules:
            yield rules[0].peer, rules
            rules = []
        rules.append(rule)
    if rules:
        yield rules[0].peer, rules
