"""What `certplan runbook` says: the procedure as a page, with boxes to tick, or for programs."""

from datetime import datetime

from certplan.report.answer import Answer, Rows
from certplan.report.cards import source_section
from certplan.report.document import Document, Facts, Section, Tone, Words
from certplan.report.pages.changes import VERDICTS, ended
from certplan.report.pages.runbook_steps import active_today, danger_points, step_folds, step_table
from certplan.report.pages.runbook_words import HEAD_COLUMNS, abort_words, head_rows
from certplan.report.writers.json import Json, head_json, sources_json
from certplan.runbook.model import ExpectedAlarm, Runbook, RunbookStep

__all__ = ["runbook_answer"]


def runbook_answer(book: Runbook, at: datetime) -> Answer:
    """The procedure in every form; as CSV the table of steps, with columns for owner and duration.

    Args:
        book: the procedure.
        at: the aware time it was judged at.
    """
    return Answer(page=lambda: _page(book, at), data=lambda: _data(book, at), rows=lambda: _rows(book))


def _page(book: Runbook, at: datetime) -> Document:
    before, after = (Words(VERDICTS[verdict], Tone.of_verdict(verdict)) for verdict in (book.before, book.after))
    facts = Facts.of((("For Enforce today", before), ("After the last step", after)))
    sections = [Section("verdicts", "", (facts,))]
    if book.steps:
        sections += [
            Section("steps", "Steps", (step_table(book),)),
            Section("dangers", "At every step", (danger_points(book),)),
            Section("alarms", "Alarms active today", tuple(active_today(book))),
            Section("procedure", "Procedure", tuple(step_folds(book))),
        ]
    blockers = Facts.of((advice.subject, f"{ended(advice.message)} {advice.fix}") for advice in book.blockers)
    sections += [
        Section("blockers", "Remaining blockers", (blockers,) if book.blockers else ()),
        source_section(key for step in book.steps for key in step.sources),
    ]
    judged = Words(f"Judged as of {at:%Y-%m-%d %H:%M} UTC.", Tone.QUIET)
    return Document(title=book.title, intro=(judged, *map(Words, book.notes)), sections=tuple(sections), kind="Runbook")


def _rows(book: Runbook) -> Rows:
    return Rows(tuple(column.lower().rstrip(".") for column in HEAD_COLUMNS), head_rows(book))


def _data(book: Runbook, at: datetime) -> Json:
    """The whole procedure; a step's `out` and `apart` are what its `warnings` say, for programs."""
    return {
        **head_json(at),
        "kind": book.kind.value,
        "title": book.title,
        "before": book.before.value,
        "after": book.after.value,
        "notes": list(book.notes),
        "dangers": list(book.dangers),
        "standing_alarms": list(map(_alarm, book.active_alarms)),
        "steps": [_step(number, step) for number, step in enumerate(book.steps, 1)],
        "in_the_way": [
            {"codes": list(a.codes), "subject": a.subject, "message": a.message, "fix": a.fix} for a in book.blockers
        ],
    }


def _alarm(alarm: ExpectedAlarm) -> Json:
    return {
        "id": alarm.number,
        "title": alarm.title,
        "where": alarm.where,
        "until": alarm.until,
        "peers": list(alarm.peers),
    }


def _step(number: int, step: RunbookStep) -> Json:
    return {
        "number": number,
        "action": step.action.value,
        "title": step.title,
        "who": step.who.value,
        "peers": list(step.peers),
        "page": step.page or None,
        "do": list(step.do),
        "values": [{"field": field, "value": value} for field, value in step.values],
        "dangers": list(step.dangers),
        "warnings": list(step.warnings),
        "out": list(step.out),
        "apart": [list(pair) for pair in step.apart],
        "rows": [
            {
                "peer": r.peer,
                "seen_from": r.seen_from,
                "certificate": r.certificate,
                "clustering": r.clustering,
                "own_certificate": r.own_certificate,
                "own_clustering": r.own_clustering,
            }
            for r in step.rows
        ],
        "impact": {
            "calls": step.impact.calls.value,
            "registrations": step.impact.registrations.value,
            "mra": step.impact.mra.value,
        },
        "settle_minutes": step.settle_minutes,
        "alarms": list(map(_alarm, step.alarms)),
        "alarms_raised": list(map(_alarm, step.raised)),
        "alarms_cleared": list(map(_alarm, step.cleared)),
        "verify": list(step.verify),
        "back": step.rollback.text,
        "stop": f"Abort if {abort_words(step)}" if step.abort_if else None,
        "rollback": {"text": step.rollback.text, "confidence": step.rollback.confidence.value},
        "abort_if": step.abort_if or None,
        "confidence": step.confidence.value,
        "basis": step.basis or None,
        "codes": list(step.codes),
        "sources": [sources_json(key) for key in step.sources],
    }
