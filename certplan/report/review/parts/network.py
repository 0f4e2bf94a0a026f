"""Ports and firewalls, and the capacity of the cluster."""

from certplan.capacity import plan_capacity
from certplan.intent.links import ZoneEnd
from certplan.judgement import Judgement
from certplan.ports import plan_ports
from certplan.report.cards import source_fold
from certplan.report.document import Block, Fold, Points, Prose, Section, Table, Tone, Words, cell
from certplan.report.pages.capacity import capacity_rows, peers_words, scaling_words
from certplan.report.pages.ports import port_blocks

__all__ = ["capacity", "ports"]


def ports(judgement: Judgement) -> Section:
    """What has to pass between the peers, what is open from outside and inside, and what stays closed."""
    links = (zone.view.link for zone in judgement.zones)
    found = plan_ports(judgement.plan, tuple(link.far.plan for link in links if isinstance(link.far, ZoneEnd)))
    blocks = (*port_blocks(judgement.plan, found), source_fold(found.sources))
    return Section("ports", "Ports and firewall", blocks)


def capacity(judgement: Judgement) -> Section:
    """What the cluster can carry, by every reading of the vendor's texts."""
    plan = judgement.plan
    found = plan_capacity(plan)
    header, rows = capacity_rows(found)
    blocks: list[Block] = [Prose(peers_words(plan, found))]
    if not found.readings:
        blocks.append(Prose("What the cluster can carry as a whole is not verified: see below.", Tone.OPEN))
    if rows:
        cells = ([cell(text) if text else cell("no figure", tone=Tone.QUIET) for text in row] for row in rows)
        blocks.append(Table.of(f"Capacity on {found.release}", ("figure", *header[1:]), cells))
    lines = [*(Words(line) for line in scaling_words(found)), *(Words(line, Tone.WARN) for line in found.remarks)]
    if lines:
        blocks.append(Points(tuple(lines)))
    blocks.append(Fold("", Words("Notes"), (Points(tuple(map(Words, found.notes))),), open=False))
    if found.sources:
        blocks.append(source_fold(found.sources))
    note, tone = ("", Tone.PLAIN) if found.readings else ("not verified", Tone.OPEN)
    return Section("capacity", "Capacity", tuple(blocks), note, tone)
