"""DNS by view: what each side's DNS says of the names and addresses in play, and what it ought to say."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from certplan.evidence.model import DnsOutcome, Problem
from certplan.intent.stated import PUBLIC_VIEW
from certplan.judgement import Judgement
from certplan.plan.model import ClusterType, DnsSource
from certplan.report.document import Block, Cell, Fold, Points, Prose, Section, Table, Tone, Words, cell
from certplan.report.review.links import plan_place
from certplan.report.review.parts.dns_addresses import address_cell, name_cell, names_in_play, other_names
from certplan.report.review.parts.dns_services import Reverse, reverse_cell, reverses, service_cell, services
from certplan.report.review.parts.group import group_findings, group_note
from certplan.report.review.parts.shown import named
from certplan.rules.model import Group
from certplan.text.names import is_fqdn, is_ip, show, show_all
from certplan.text.words import counted, joined

__all__ = ["dns"]

T = TypeVar("T")
_VIEWS_A_TABLE = 3
_MOST_ROWS = 60
_MOST_PROBLEMS = 20
_MOST_NAMES_OF_A_SOURCE = 5


def dns(judgement: Judgement) -> Section:
    """What every view answers for the peers, their addresses and the services, and whether that is right."""
    note, tone = group_note(judgement, Group.DNS)
    return Section("dns", "DNS by view", tuple(_blocks(judgement)), note, tone)


def _blocks(judgement: Judgement) -> Iterator[Block]:
    yield from _missing_views(judgement)
    yield from group_findings(judgement, Group.DNS)
    views = _views(judgement)
    if not views:
        return
    yield Table.of(
        "The views and where their answers come from",
        ("view", "asked by", "source", "answers"),
        (_view_row(judgement, view) for view in views),
    )
    yield from _problems(judgement, views)
    yield from _not_looked_up(judgement)
    yield from _by_view(
        "Names and their addresses",
        "name",
        names_in_play(judgement),
        views,
        lambda named: name_cell(judgement, named),
        lambda named, view: address_cell(judgement, named, view),
    )
    yield from _by_view(
        "Addresses and the names they lead back to (PTR)",
        "address",
        reverses(judgement),
        views,
        _address_head,
        lambda row, view: reverse_cell(judgement, row, view),
    )
    yield from _by_view(
        "Service records (SRV): priority, weight, port, target",
        "name",
        services(judgement),
        views,
        lambda name: cell(name, code=True),
        lambda name, view: service_cell(judgement, name, view),
    )
    others = other_names(judgement)
    if others:
        tables = _by_view(
            "Other names that were looked up",
            "name",
            others,
            views,
            lambda named: name_cell(judgement, named),
            lambda named, view: address_cell(judgement, named, view),
        )
        yield Fold("", Words("Other names of the certificates"), tuple(tables), open=False)


def _views(judgement: Judgement) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(source.view for source in judgement.plan.dns), *judgement.evidence.views)))


def _missing_views(judgement: Judgement) -> Iterator[Prose]:
    """Views that are wanted and not given."""
    plan = judgement.plan
    views = _views(judgement)
    needed = {peer.dns: None for peer in plan.peers}
    if plan.cluster.type is ClusterType.EXPRESSWAY_E:
        needed[PUBLIC_VIEW] = None
    absent = [view for view in needed if view not in views]
    if absent:
        names = joined(show(view) for view in absent)
        text = f"DNS of the view {names} is not verified: the plan gives none. Add it to the plan's dns section."
        yield Prose(text, Tone.OPEN)


def _view_row(judgement: Judgement, view: str) -> tuple[Cell, ...]:
    source = next((each for each in judgement.plan.dns if each.view == view), DnsSource(view))
    asking = [peer for peer in judgement.plan.peers if peer.dns == view]
    head = cell(Words(view, code=True), plan_place(judgement, judgement.plan.where("dns", view)))
    return (
        head,
        cell(named(asking)) if asking else cell("no peer", tone=Tone.QUIET),
        _source_cell(source),
        _answers_cell(judgement, view),
    )


def _source_cell(source: DnsSource) -> Cell:
    lines: list[str | Words] = []
    for label, names in (("server", source.servers), ("zone file", source.zone_files)):
        lines += [Words(f"{label} {name}") for name in names[:_MOST_NAMES_OF_A_SOURCE]]
        if len(names) > _MOST_NAMES_OF_A_SOURCE:
            lines.append(Words(f"and {len(names) - _MOST_NAMES_OF_A_SOURCE} more", Tone.QUIET))
    if source.records:
        count = len(source.records)
        lines.append(f"{counted(count, 'record')} in the plan")
    return cell(*lines) if lines else cell("none in the plan", tone=Tone.QUIET)


def _answers_cell(judgement: Judgement, view: str) -> Cell:
    """How many questions ended how."""
    known = judgement.evidence.views.get(view)
    if known is None:
        return cell("not verified: nothing was gathered for this view", tone=Tone.OPEN)
    outcomes = [answer.outcome for answer in known.answers.values()]
    found = sum(outcome is DnsOutcome.ANSWER for outcome in outcomes)
    none = sum(outcome.answered for outcome in outcomes) - found
    silent = sum(outcome is DnsOutcome.NOT_COVERED for outcome in outcomes)
    failed = len(outcomes) - found - none - silent
    return cell(
        f"{found} with a record",
        f"{none} without" if none else "",
        Words(f"{silent} not covered", Tone.QUIET) if silent else "",
        Words(f"{failed} failed", Tone.OPEN) if failed else "",
    )


def _problems(judgement: Judgement, views: Sequence[str]) -> Iterator[Block]:
    """What could not be read of zone files and records."""
    found: dict[Problem, None] = {}
    for view in views:
        known = judgement.evidence.views.get(view)
        found |= dict.fromkeys(known.problems if known is not None else ())
    problems = sorted(found, key=lambda problem: problem.where)
    if not problems:
        return
    rows = (
        (cell(plan_place(judgement, each.where)), cell(each.what, tone=Tone.WARN)) for each in problems[:_MOST_PROBLEMS]
    )
    yield Table.of("Lines of zone files and records that could not be read", ("place", "what is wrong"), rows)
    if len(problems) > _MOST_PROBLEMS:
        yield Prose(f"And {len(problems) - _MOST_PROBLEMS} more.", Tone.QUIET)


def _not_looked_up(judgement: Judgement) -> Iterator[Points]:
    """Peer addresses that DNS is not asked for, because they are no FQDNs."""
    items = []
    for peer in judgement.plan.peers:
        if is_ip(peer.address):
            items.append(Words(f"Peer {peer.number} address is the IP address {peer.address}: it is not looked up."))
        elif not is_fqdn(peer.address):
            text = f"Peer {peer.number} address, {show(peer.address)}, is not an FQDN: it was not looked up."
            items.append(Words(text, Tone.OPEN))
    if items:
        yield Points(tuple(items))


def _address_head(row: Reverse) -> Cell:
    owner = f"{row.what} of {show(row.peer.address)}"
    return cell(Words(str(row.ip), code=True), Words(owner, Tone.QUIET))


def _by_view(
    caption: str,
    heading: str,
    subjects: Sequence[T],
    views: Sequence[str],
    head: Callable[[T], Cell],
    answer: Callable[[T, str], Cell],
) -> Iterator[Block]:
    """Subjects down, views across; as many tables as keep the page narrow."""
    shown = subjects[:_MOST_ROWS]
    for start in range(0, len(views) if shown else 0, _VIEWS_A_TABLE):
        part = views[start : start + _VIEWS_A_TABLE]
        rows: Iterable[Iterable[Cell]] = ((head(each), *(answer(each, view) for view in part)) for each in shown)
        title = caption if len(views) <= _VIEWS_A_TABLE else f"{caption}: {show_all(part)}"
        yield Table.of(title, (heading, *part), rows)
    if len(subjects) > len(shown):
        yield Prose(f"And {len(subjects) - len(shown)} more.", Tone.QUIET)
