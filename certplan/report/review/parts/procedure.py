"""What to change, and the change window step by step."""

from collections.abc import Iterable, Sequence
from itertools import count

from certplan.judgement import Judgement
from certplan.outcomes import Severity, Verdict
from certplan.proposal.effect import Who
from certplan.proposal.model import Advice, Change, Proposal
from certplan.proposal.propose import propose
from certplan.report.cards import source_words
from certplan.report.document import Block, Cell, Facts, Fold, Points, Prose, Section, Table, Tone, Words, cell
from certplan.report.pages.changes import BY_SIMULATION, VERDICTS, WHO, grouped, nothing_to_change
from certplan.report.pages.runbook_words import (
    HEAD_COLUMNS,
    OWN_ROWS,
    abort_words,
    alarm_words,
    head_rows,
    impact_words,
    inferred_words,
    rollback_words,
    row_lines,
    seen_words,
)
from certplan.report.review.links import nearest_links
from certplan.runbook.model import Alarm, Runbook, StatusRow, Step
from certplan.runbook.procedures import Target, UnfitRequestError
from certplan.runbook.procedures import runbook as write_runbook
from certplan.text.words import counted

__all__ = ["changes", "runbook"]

_VERDICT = {Verdict.READY: Tone.GOOD, Verdict.NOT_READY: Tone.BAD, Verdict.UNDECIDED: Tone.OPEN}
_FURTHER = "Enforce does not hang on these: they clear errors and warnings that would outlast it."


def changes(judgement: Judgement) -> Section:
    """The least changes that make the cluster ready, those that clear the other errors and warnings, and the rest."""
    least = propose(judgement.plan, judgement.evidence, judgement.at)
    wider = propose(judgement.plan, judgement.evidence, judgement.at, severity=Severity.WARNING)
    needed = {change.effect for change in least.changes}
    further = [change for change in wider.changes if change.effect not in needed]
    number = count(1)
    blocks: list[Block] = [Facts((("Today", _verdict(least.before)), ("With these changes", _verdict(least.after))))]
    blocks += (Prose(note, Tone.WARN) for note in least.notes)
    if not least.changes:
        blocks.append(Prose(nothing_to_change(least)))
    blocks += (_table(judgement, WHO[who], each, number) for who, each in grouped(least.changes))
    if any(change.who is Who.CERTIFICATES for change in least.changes):
        blocks.append(Prose(BY_SIMULATION, Tone.QUIET))
    if least.in_the_way:
        blocks.append(_advised(judgement, "Still in the way of Enforce", least.in_the_way))
    if further:
        tables = (_table(judgement, f"Further: {WHO[who]}", each, number) for who, each in grouped(further))
        blocks.append(Fold("changes-further", Words("Further changes"), (Prose(_FURTHER), *tables)))
    if wider.advice:
        blocks.append(_advised(judgement, "Left to you: no change is known that could be proved here", wider.advice))
    return Section("changes", "Changes that make it ready", tuple(blocks), *_note(least, further))


def _verdict(verdict: Verdict) -> Cell:
    return cell(Words(f"{VERDICTS[verdict]} for Enforce", _VERDICT[verdict]))


def _note(least: Proposal, further: Sequence[Change]) -> tuple[str, Tone]:
    parts = [f"{len(least.changes)} needed"] if least.changes else []
    parts += [f"{len(further)} further"] if further else []
    parts += [f"{len(least.in_the_way)} still in the way"] if least.in_the_way else []
    tone = Tone.WARN if least.changes else Tone.PLAIN
    return ", ".join(parts) or "none", _VERDICT[least.after] if least.in_the_way else tone


def _table(judgement: Judgement, caption: str, listed: Iterable[Change], number: Iterable[int]) -> Table:
    rows = (
        (
            cell(str(place)),
            cell(change.action, Words(change.peer, code=True) if change.peer is not None else ""),
            cell(change.detail),
            nearest_links(judgement, change.answers, *_peers(change)),
        )
        for change, place in zip(listed, number, strict=False)
    )
    return Table.of(caption, ("No.", "What", "Exact values", "Answers"), rows)


def _peers(change: Change) -> tuple[str, ...]:
    return () if change.peer is None else (change.peer,)


def _advised(judgement: Judgement, caption: str, advices: Iterable[Advice]) -> Table:
    rows = (
        (cell(each.subject), cell(each.message), cell(each.fix), nearest_links(judgement, each.codes, each.subject))
        for each in advices
    )
    return Table.of(caption, ("About", "What", "To do", "Rules"), rows)


def runbook(judgement: Judgement) -> Section:
    """The procedure from today's state to Enforce, a fold for each step."""
    try:
        goal = judgement.target
        target = None if goal is None else Target(goal.plan, goal.evidence)
        book = write_runbook(judgement.plan, judgement.evidence, judgement.at, target=target)
    except UnfitRequestError as error:
        blocks: tuple[Block, ...] = (Prose(f"{error}.", Tone.BAD),)
        return Section("runbook", "Runbook", blocks, "could not be written", Tone.BAD)
    blocks = (
        Prose(book.title),
        Facts((("Today", _verdict(book.before)), ("After the last step", _verdict(book.after)))),
        *map(Prose, book.notes),
        *_head(book),
        *_dangers(book),
        *_steps(book),
        *_standing(judgement, book),
        *_sources(book.steps),
    )
    return Section("runbook", "Runbook", blocks, counted(len(book.steps), "step"))


def _head(book: Runbook) -> list[Block]:
    """The table of steps, the alarms of today, and how the rows are to be read."""
    if not book.steps:
        return []
    steps = Table.of("Steps", HEAD_COLUMNS, (tuple(map(cell, row)) for row in head_rows(book)))
    alarms = tuple(Words(alarm_words(alarm), Tone.QUIET) for alarm in book.standing)
    active: list[Block] = [Prose("Alarms active today:"), Points(alarms)] if alarms else []
    return [steps, *active, Prose(OWN_ROWS, Tone.QUIET)]


def _dangers(book: Runbook) -> list[Block]:
    """What must never be done. With nothing to do there is nothing to warn of."""
    if not book.steps:
        return []
    warnings = tuple(Words(danger, Tone.BAD) for danger in book.dangers)
    return [Fold("runbook-dangers", Words("At every step", Tone.BAD), (Points(warnings),))]


def _steps(book: Runbook) -> Iterable[Fold]:
    said = frozenset(book.dangers)
    before: tuple[StatusRow, ...] = ()
    for number, step in enumerate(book.steps, 1):
        title = Words(f"{number}. {step.title}")
        yield Fold(f"runbook-step-{number}", title, tuple(_step(number, step, said, before)))
        before = step.rows or before


def _step(number: int, step: Step, said: frozenset[str], before: Sequence[StatusRow]) -> Iterable[Block]:
    yield from (Prose(f"Before you do it: {warning}", Tone.WARN) for warning in step.warnings)
    yield from (Prose(f"Danger: {danger}", Tone.BAD) for danger in step.dangers if danger not in said)
    if inferred_words(step):
        yield Prose(f"Not documented: {inferred_words(step)}", Tone.WARN)
    places = [("On", cell(*step.peers, code=True))] if step.peers else []
    places += [("Page", cell(step.page))] if step.page else []
    yield Facts((*places, ("Impact", cell(impact_words(step.impact)))))
    if step.do:
        yield _boxes(step.do)
    if step.values:
        rows = ((cell(field), cell(value, code=True)) for field, value in step.values)
        yield Table.of(f"Step {number}: values to set", ("Field", "Value"), rows)
    yield from _alarms("Expected during this step:", step.raised)
    yield from _alarms("No longer active:", step.cleared)
    if step.rows and step.rows == tuple(before):
        yield Prose("System > Clustering then shows the same rows as before.", Tone.QUIET)
    elif step.rows:
        yield Table.of(
            f"Step {number}: System > Clustering then shows",
            ("Peer", "Certificate", "Clustering"),
            map(_row, step.rows),
        )
    if step.verify:
        yield Prose("Verify:")
        yield _boxes(step.verify)
    yield Prose(f"Rollback: {rollback_words(step.rollback)}")
    if step.abort_if:
        yield Prose(f"Abort if {abort_words(step)}", Tone.WARN)


def _alarms(head: str, alarms: Sequence[Alarm]) -> Iterable[Block]:
    if alarms:
        yield Prose(head)
        yield Points(tuple(Words(alarm_words(alarm), Tone.QUIET) for alarm in alarms))


def _boxes(texts: Iterable[str]) -> Points:
    return Points(tuple(map(Words, texts)), boxes=True)


def _row(row: StatusRow) -> tuple[Cell, Cell, Cell]:
    seen = Words(seen_words(row), Tone.QUIET) if seen_words(row) else ""
    certificate, clustering = row_lines(row)
    return cell(Words(row.peer, code=True), seen), cell(certificate), cell(clustering)


def _standing(judgement: Judgement, book: Runbook) -> list[Block]:
    return [_advised(judgement, "Remaining blockers", book.in_the_way)] if book.in_the_way else []


def _sources(steps: Sequence[Step]) -> list[Block]:
    keys = dict.fromkeys(key for step in steps for key in step.sources)
    if not keys:
        return []
    return [Fold("runbook-sources", Words("Sources"), (Points(tuple(map(source_words, keys))),), open=False)]
