"""The cluster address mapping: as it is, as it should be, and as the appliance itself would propose it."""

from collections.abc import Iterable, Iterator

from certplan.intent.mapping import SuggestedEntry
from certplan.judgement import Judgement
from certplan.outcomes import Outcome
from certplan.plan.model import ClusterType, MappingEntry, Peer, Plan
from certplan.proposal.mapping_advice import (
    MappingAdvice,
    PublicRecord,
    RecordState,
    RowAction,
    TableRow,
    advise_mapping,
)
from certplan.report.cards import finding_ident, source_fold
from certplan.report.document import Block, Cell, Prose, Section, Table, Tone, Words, cell
from certplan.report.pages.mapping import (
    ACTION,
    CAUTION,
    INSIDE_ONLY,
    NAMELESS,
    NEEDED,
    NOT_NEEDED,
    RECORD_TONE,
    SAME,
    expected_words,
    found_words,
    mapping_sources,
    off_words,
    records_words,
    suggested_words,
)
from certplan.report.review.links import plan_place
from certplan.report.review.parts.address_owner import address_owner
from certplan.report.review.parts.group import group_findings, group_note
from certplan.rules.model import Group
from certplan.text.names import key, show
from certplan.value import Value

__all__ = ["address_mapping"]

_NEED = {True: Tone.PLAIN, False: Tone.PLAIN, None: Tone.WARN}
_ACTION = {
    RowAction.KEEP: Tone.GOOD,
    RowAction.ADD: Tone.WARN,
    RowAction.CHANGE: Tone.WARN,
    RowAction.DELETE: Tone.WARN,
}
_COLUMNS = ("peer", "today", "as it should be", "what to do", "Suggest mappings would fill in")


class _Line(Value):
    """One row of today's table or of the one to be, and the peer it is about."""

    peer: Peer | None
    today: MappingEntry | None
    suggested: MappingEntry | None
    action: RowAction | None
    """None where nothing tells what the row is to be."""


def address_mapping(judgement: Judgement) -> Section:
    """Whether cluster address mapping is needed, its rows side by side, the public records, and the Caution."""
    advice = advise_mapping(judgement.plan, judgement.evidence)
    note, tone = group_note(judgement, Group.MAP)
    return Section("mapping", "Cluster address mapping", tuple(_blocks(judgement, advice)), note, tone)


def _blocks(judgement: Judgement, advice: MappingAdvice) -> Iterator[Block]:
    suggestion, plan = advice.suggestion, judgement.plan
    yield Prose(f"{NEEDED[suggestion.needed]} {suggestion.reason}", _NEED[suggestion.needed])
    if advice.not_needed:
        yield Prose(NOT_NEEDED, Tone.WARN)
    if advice.off and suggestion.entries:
        yield Prose(off_words(advice), Tone.WARN if advice.suggestion.needed else Tone.OPEN)
    yield from group_findings(judgement, Group.MAP)
    rows = (_row(judgement, advice, line) for line in _lines(judgement, advice))
    yield Table.of("Cluster address mappings, peer by peer", _COLUMNS, rows)
    yield Prose(f"Suggest mappings based on system information: {suggested_words(advice.appliance)}", Tone.QUIET)
    if advice.records:
        columns = ("name", "public DNS should say", "public DNS says today")
        yield Table.of("The same names in public DNS", columns, (_record(record) for record in advice.records))
        yield Prose(records_words(advice.records))
    elif plan.cluster.type is ClusterType.EXPRESSWAY_C:
        yield Prose(INSIDE_ONLY)
    forbidden = any(record.state is RecordState.FORBIDDEN for record in advice.records)
    yield Prose(f"Caution: {CAUTION}", Tone.BAD if forbidden else Tone.PLAIN)
    yield source_fold(mapping_sources(judgement.plan))


def _lines(judgement: Judgement, advice: MappingAdvice) -> Iterator[_Line]:
    """Peer by peer, then what belongs to none."""
    plan = judgement.plan
    peers = {peer.address: peer for peer in plan.peers}
    rows = advice.rows or tuple(_unneeded_rows(judgement.plan))
    for peer in plan.peers:
        own = [row for row in rows if row.peer == peer.address]
        yield from (_Line(peer, row.today, row.suggested, row.action) for row in own)
        if not own:
            yield _Line(peer, None, None, None)
    yield from (
        _Line(None, row.today, row.suggested, row.action) for row in rows if row.peer is None or row.peer not in peers
    )


def _unneeded_rows(plan: Plan) -> Iterator[TableRow]:
    """Today's rows where no mapping is needed: they may go, or stay if each is right."""
    for entry in plan.cluster.known_entries:
        owner = next((peer for peer in plan.peers if peer.lan1.ip == entry.ip), None)
        yield TableRow(RowAction.DELETE, entry, None, owner.address if owner is not None else None)


def _row(judgement: Judgement, advice: MappingAdvice, line: _Line) -> Iterable[Cell]:
    peer = line.peer
    head = (
        cell("no peer's", tone=Tone.QUIET)
        if peer is None
        else cell(Words(peer.address, code=True), Words(f"Peer {peer.number}", Tone.QUIET))
    )
    ours = _entry_of(advice.suggestion.entries, peer)
    theirs = _entry_of(advice.appliance.entries, peer)
    return head, _today(judgement, line), _suggested(line, ours), _to_do(judgement, line, ours), _appliance(theirs)


def _entry_of(entries: Iterable[SuggestedEntry], peer: Peer | None) -> SuggestedEntry | None:
    return next((entry for entry in entries if peer is not None and entry.peer == peer.address), None)


def _sides(entry: MappingEntry) -> tuple[Words, Words]:
    return Words(entry.fqdn, code=True), Words(str(entry.ip), code=True)


def _today(judgement: Judgement, line: _Line) -> Cell:
    if line.today is None:
        off = judgement.plan.cluster.stated_address_mapping is None
        return cell("no row, the mapping is Off" if off else "no row", tone=Tone.QUIET)
    owner = address_owner(judgement, line.today.ip, line.peer)
    right = line.peer is not None and line.today.ip == line.peer.lan1.ip
    entries = judgement.plan.cluster.known_entries
    place = judgement.plan.where("cluster", "address_mapping", entries.index(line.today))
    lines = [*_sides(line.today), Words(owner, Tone.QUIET if right else Tone.WARN)]
    return cell(*lines, plan_place(judgement, place))


def _suggested(line: _Line, ours: SuggestedEntry | None) -> Cell:
    if line.suggested is not None:
        return cell(*_sides(line.suggested))
    if line.action is None and ours is not None:
        return cell(Words(NAMELESS, Tone.OPEN), Words(str(ours.ip), code=True))
    return cell("no row", tone=Tone.QUIET)


def _to_do(judgement: Judgement, line: _Line, ours: SuggestedEntry | None) -> Cell:
    if line.action is None and ours is not None:
        words = [Words("find out the name", Tone.OPEN)]
    elif line.action is None:
        off = judgement.plan.cluster.stated_address_mapping is None
        words = [
            Words("nothing", Tone.GOOD) if off else Words("nothing, or add a row if the mapping stays On", Tone.WARN)
        ]
    elif ours is None and line.peer is not None:
        words = [Words("delete, or keep it right", Tone.WARN)]
    else:
        words = [Words(ACTION[line.action], _ACTION[line.action])]
    if ours is not None and ours.note:
        words.append(Words(ours.note, Tone.WARN))
    return (*words, *_links(judgement, line))


def _links(judgement: Judgement, line: _Line) -> Iterator[Words]:
    """The findings about this row: those that name its peer, or its FQDN."""
    names = {key(entry.fqdn) for entry in (line.today, line.suggested) if entry is not None}
    for number, finding in enumerate(judgement.findings):
        about = finding.subject
        concerns = line.peer is not None and line.peer.address in about.peers
        if (
            finding.rule.group is Group.MAP
            and finding.outcome is Outcome.FAIL
            and (concerns or key(about.name) in names)
        ):
            yield Words(finding.code, link=finding_ident(number))


def _appliance(theirs: SuggestedEntry | None) -> Cell:
    if theirs is None:
        return cell("no row", tone=Tone.QUIET)
    if theirs.fqdn is None:
        return cell(Words(NAMELESS, Tone.OPEN), Words(theirs.note, Tone.QUIET))
    lines = (Words(theirs.fqdn, code=True), Words(str(theirs.ip), code=True))
    return cell(*lines, Words(theirs.note or SAME, Tone.WARN if theirs.note else Tone.QUIET))


def _record(record: PublicRecord) -> Iterable[Cell]:
    owner = "the cluster name" if record.peer is None else f"of {show(record.peer)}"
    expected = cell(*map(str, record.expected), code=True) or cell(expected_words(record), tone=Tone.OPEN)
    return (
        cell(Words(record.name, code=True), Words(owner, Tone.QUIET)),
        expected,
        cell(found_words(record), tone=RECORD_TONE[record.state]),
    )
