"""The steps of a procedure as blocks: on the command's own page, and in the review."""

from collections.abc import Iterable, Iterator, Sequence

from certplan.report.document import Block, Cell, Facts, Fold, Points, Prose, Table, Tone, Words, cell
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
from certplan.runbook.model import ExpectedAlarm, Runbook, RunbookStep
from certplan.stage import StatusRow

__all__ = ["active_today", "danger_points", "step_folds", "step_table"]

_TO_FILL_IN = "____"


def step_table(book: Runbook) -> Table:
    """The table of steps, with two columns to fill in by hand."""
    return Table.of("", HEAD_COLUMNS, ((*row[:-2], _TO_FILL_IN, _TO_FILL_IN) for row in head_rows(book)))


def active_today(book: Runbook) -> Iterator[Block]:
    """The alarms that are active before the first step, and how the expected status is to be read."""
    yield (
        Points.of(map(alarm_words, book.active_alarms)) if book.active_alarms else Prose("No alarm is expected today.")
    )
    yield Prose(OWN_ROWS, Tone.QUIET)


def danger_points(book: Runbook) -> Points:
    """What must never be done, at any step."""
    return Points.of(Words(danger, Tone.BAD) for danger in book.dangers)


def step_folds(book: Runbook) -> Iterator[Fold]:
    """A fold for each step; rows are shown where they change."""
    said = frozenset(book.dangers)
    before: tuple[StatusRow, ...] = ()
    for number, step in enumerate(book.steps, 1):
        title = Words(f"{number}. {step.title}")
        yield Fold(f"runbook-step-{number}", title, tuple(_step(number, step, said, before)))
        before = step.rows or before


def _step(number: int, step: RunbookStep, said: frozenset[str], before: Sequence[StatusRow]) -> Iterator[Block]:
    yield from (Prose(f"Before you do it: {warning}", Tone.WARN) for warning in step.warnings)
    yield from (Prose(f"Danger: {danger}", Tone.BAD) for danger in step.dangers if danger not in said)
    if inferred_words(step):
        yield Prose(f"Not documented: {inferred_words(step)}", Tone.WARN)
    places: list[tuple[str, Cell]] = [("On", cell(*step.peers, code=True)), ("Page", cell(step.page))]
    yield Facts.of((*places, ("Impact", cell(impact_words(step.impact)))))
    yield _boxes(step.do)
    if step.values:
        rows = ((field, Words(value, code=True)) for field, value in step.values)
        yield Table.of(f"Step {number}: values to set", ("Field", "Value"), rows)
    yield from _alarms("Expected during this step:", step.raised)
    yield from _alarms("No longer active:", step.cleared)
    if step.rows and step.rows == tuple(before):
        yield Prose("Expected status: unchanged", Tone.QUIET)
    elif step.rows:
        yield Table.of(
            f"Step {number}: expected status on System > Clustering",
            ("Peer", "Certificate", "Clustering"),
            map(_row, step.rows),
        )
    yield Prose("Verify:")
    yield _boxes(step.verify)
    yield Prose(f"Rollback: {rollback_words(step.rollback)}")
    if step.abort_if:
        yield Prose(f"Abort if {abort_words(step)}", Tone.WARN)


def _alarms(head: str, alarms: Sequence[ExpectedAlarm]) -> Iterator[Block]:
    if alarms:
        yield Prose(head)
        yield Points.of(Words(alarm_words(alarm), Tone.QUIET) for alarm in alarms)


def _boxes(texts: Iterable[str]) -> Points:
    return Points.of(texts, boxes=True)


def _row(row: StatusRow) -> tuple[Cell, Cell, Cell]:
    certificate, clustering = row_lines(row)
    seen = seen_words(row)
    own = (Words(seen, Tone.QUIET),) if seen else ()
    return cell(Words(row.peer, code=True), *own), cell(certificate), cell(clustering)
