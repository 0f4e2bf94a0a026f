"""Ports and firewalls, and the capacity of the cluster."""

from collections.abc import Iterable, Iterator, Sequence

from certplan.capacity import plan_capacity
from certplan.judgement import Judgement
from certplan.ports import BuiltInRule, PortPlan, plan_ports
from certplan.report.document import Block, Cell, Fold, Points, Prose, Section, Table, Tone, Words, cell
from certplan.report.pages.capacity import capacity_rows, peers_words, scaling_words
from certplan.report.pages.ports import (
    FLOW_COLUMNS,
    GROUP_TITLES,
    ROW_COLUMNS,
    RULE_COLUMNS,
    addresses_title,
    flow_rows,
    merged_rows,
    rule_cells,
    rules_by_peer,
)
from certplan.report.review.links import documents
from certplan.text.names import show
from certplan.vendor import ports as known_ports

__all__ = ["capacity", "ports"]


def ports(judgement: Judgement) -> Section:
    """What has to pass between the peers, what is open from outside and inside, and what stays closed."""
    found = plan_ports(judgement.plan)
    return Section("ports", "Ports and firewall", tuple(_port_blocks(judgement, found)))


def _port_blocks(judgement: Judgement, found: PortPlan) -> Iterator[Block]:
    plan = judgement.plan
    addresses = ((cell(peer.address, code=True), cell(str(peer.lan1.ip), code=True)) for peer in plan.peers)
    yield Table.of(addresses_title(plan), ("peer", "LAN 1"), addresses)
    if len(plan.peers) > 1:
        yield _rows(
            "From every peer to every other: what a firewall between them lets pass", FLOW_COLUMNS, flow_rows(found)
        )
    for group, title in GROUP_TITLES.items():
        rows = [row for row in found.rows if row.group is group]
        if rows:
            yield _rows(title, ROW_COLUMNS, merged_rows(rows))
    if found.remarks:
        yield Points(tuple(Words(remark) for remark in found.remarks))
    if found.built_in:
        folds = tuple(_built_in(peer, rules) for peer, rules in rules_by_peer(found))
        heading = Words("Built-in firewall rules of each peer")
        yield Fold("built-in-rules", heading, (Prose(known_ports().built_in), *folds), open=False)
    yield documents(found.sources)


def _built_in(peer: str, rules: Sequence[BuiltInRule]) -> Fold:
    priority, interface, ip, _, *rest = RULE_COLUMNS
    rows = (_rule(rule_cells(rule)) for rule in rules)
    table = Table.of(f"Built-in firewall rules of {show(peer)}", (priority, interface, ip, *rest), rows)
    return Fold("", Words(peer, code=True), (table,))


def _rule(cells: Sequence[str]) -> list[Cell]:
    """The prefix length is a field of its own, and stands under the address here for want of breadth."""
    priority, interface, ip, length, *rest = cells
    address = cell(Words(ip, code=True), Words(f"prefix length {length}", Tone.QUIET))
    return [cell(priority), cell(interface), address, *map(cell, rest)]


def _rows(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """The last column is for doubts, which are few: they stand under the purpose."""
    cells = (
        [cell(head, Words(doubt, Tone.WARN) if doubt else ""), *map(cell, within)] for head, *within, doubt in rows
    )
    return Table.of(caption, columns[:-1], cells)


def capacity(judgement: Judgement) -> Section:
    """What the cluster can carry, by every reading of the vendor's texts."""
    plan = judgement.plan
    found = plan_capacity(plan)
    header, rows = capacity_rows(found)
    blocks: list[Block] = [Prose(peers_words(plan, found))]
    if not found.readings:
        blocks.append(Prose("Could not check what the cluster can carry as a whole: see below.", Tone.OPEN))
    if rows:
        cells = ([cell(text) if text else cell("no figure", tone=Tone.QUIET) for text in row] for row in rows)
        blocks.append(Table.of(f"Capacity on {found.release}", ("figure", *header[1:]), cells))
    told = [*(Words(line) for line in scaling_words(found)), *(Words(line, Tone.WARN) for line in found.remarks)]
    if told:
        blocks.append(Points(tuple(told)))
    blocks.append(Fold("", Words("Notes"), (Points(tuple(map(Words, found.notes))),), open=False))
    if found.sources:
        blocks.append(documents(found.sources))
    note, tone = ("", Tone.PLAIN) if found.readings else ("could not be checked", Tone.OPEN)
    return Section("capacity", "Capacity", tuple(blocks), note, tone)
