"""What `certplan runbook` says: the procedure as a page, as Markdown with boxes to tick, or as JSON."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from certplan.outcomes import Verdict
from certplan.report.pages.changes import VERDICTS, ended
from certplan.report.pages.check_rich import render
from certplan.report.pages.runbook_words import (
    HEAD_COLUMNS,
    OWN_ROWS,
    abort_words,
    alarm_words,
    cited,
    head_rows,
    impact_words,
    inferred_words,
    rollback_words,
    row_lines,
    seen_words,
)
from certplan.report.writers.json import SCHEMA_VERSION, Json, dumps, moment, sources_json
from certplan.runbook.model import Alarm, Runbook, StatusRow, Step
from certplan.text.escape import markdown, plain

__all__ = ["runbook_json", "runbook_markdown", "runbook_text"]

_STYLE = {Verdict.READY: "bold green", Verdict.NOT_READY: "bold red", Verdict.UNDECIDED: "bold yellow"}


def runbook_json(version: str, at: datetime, book: Runbook) -> str:
    """The whole document; a step's `out` and `apart` are what its `warnings` say, for programs."""
    document: Json = {
        "schema_version": SCHEMA_VERSION,
        "certplan": version,
        "at": moment(at),
        "kind": book.kind.value,
        "title": book.title,
        "before": book.before.value,
        "after": book.after.value,
        "notes": list(book.notes),
        "dangers": list(book.dangers),
        "standing_alarms": list(map(_alarm, book.standing)),
        "steps": [_step(number, step) for number, step in enumerate(book.steps, 1)],
        "in_the_way": [
            {"codes": list(a.codes), "subject": a.subject, "message": a.message, "fix": a.fix} for a in book.in_the_way
        ],
    }
    return dumps(document) + "\n"


def runbook_text(at: datetime, book: Runbook, *, width: int, color: bool) -> str:
    """The page for the terminal."""
    return render(_page(at, book, width), width=width, color=color)


def runbook_markdown(at: datetime, book: Runbook) -> str:
    """The procedure as Markdown, with a box for everything to do and to verify."""
    return "\n".join(_markdown(at, book)) + "\n"


def _alarm(alarm: Alarm) -> Json:
    return {
        "id": alarm.number,
        "title": alarm.title,
        "where": alarm.where,
        "until": alarm.until,
        "peers": list(alarm.peers),
    }


def _step(number: int, step: Step) -> Json:
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


def _page(at: datetime, book: Runbook, width: int) -> Iterator[RenderableType]:
    yield Text(plain(book.title), "bold")
    yield Text.assemble(
        (f"Judged as of {at:%Y-%m-%d %H:%M} UTC. For Enforce: today ", "dim"),
        (VERDICTS[book.before], _STYLE[book.before]),
        (", after the last step ", "dim"),
        (VERDICTS[book.after], _STYLE[book.after]),
    )
    yield from (Text(plain(note)) for note in book.notes)
    yield ""
    if book.steps:
        yield Text("Steps", "bold")
        yield _head(book, width)
        yield ""
        yield Text("At every step", "bold red")
        yield from (Padding(Text(plain(danger)), (0, 0, 0, 2)) for danger in book.dangers)
        yield ""
        yield Text("Active today, and no reason to abort" if book.standing else "No alarm is expected today", "bold")
        yield from (Padding(Text(plain(alarm_words(alarm))), (0, 0, 0, 2)) for alarm in book.standing)
        yield ""
        yield Text(OWN_ROWS, "dim")
        yield ""
    said = set(book.dangers)
    before: tuple[StatusRow, ...] = ()
    for number, step in enumerate(book.steps, 1):
        yield _shown_step(number, step, said, before)
        yield ""
        before = step.rows or before
    yield from _blockers(book)
    if book.steps:
        yield Text("Sources", "bold")
        yield from (Text(f"  {line}", "dim", no_wrap=True, overflow="ignore") for line in cited(book.steps))


def _head(book: Runbook, width: int) -> Table:
    table = Table(box=None, padding=(0, 1), width=min(width, 160), show_edge=False)
    for column in HEAD_COLUMNS:
        table.add_column(column, overflow="fold", no_wrap=column in ("No.", "Owner", "Duration"))
    for row in head_rows(book):
        *cells, owner, duration = map(plain, row)
        table.add_row(*(Text(cell) for cell in cells), Text(owner or "____"), Text(duration or "____"))
    return table


def _shown_step(number: int, step: Step, said: set[str], before: Sequence[StatusRow]) -> RenderableType:
    lines: list[RenderableType] = [Text.assemble((f"{number:>2}  ", "dim"), (plain(step.title), "bold"))]

    def add(label: str, texts: Iterable[str], style: str = "") -> None:
        for text in filter(None, texts):
            body = Text.assemble((f"{label}: " if label else "", "bold"), (plain(text), style))
            lines.append(Padding(body, (0, 0, 0, 4)))

    add("Before you do it", step.warnings, "bold yellow")
    add("Danger", (danger for danger in step.dangers if danger not in said), "red")
    add("Not documented", [inferred_words(step)], "yellow")
    add("On", [", ".join(step.peers)])
    add("Page", [step.page])
    add("", step.do)
    lines += (
        Padding(Text.assemble((f"{plain(field)}: ", "cyan"), (plain(value), "bold")), (0, 0, 0, 8))
        for field, value in step.values
    )
    add("Impact", [impact_words(step.impact)])
    add("Expected during this step", map(alarm_words, step.raised), "dim")
    add("No longer active", map(alarm_words, step.cleared), "dim")
    if step.rows and step.rows == tuple(before):
        add("Expected status", ["unchanged"])
    elif step.rows:
        add("Expected status", [_row(row) for row in step.rows])
    add("Verify", step.verify)
    add("Rollback", [rollback_words(step.rollback)])
    add("Abort if", [abort_words(step)])
    return Group(*lines)


def _row(row: StatusRow) -> str:
    seen = seen_words(row)
    return f"{row.peer}{f' ({seen})' if seen else ''}: {'; '.join(filter(None, row_lines(row)))}"


def _blockers(book: Runbook) -> Iterator[RenderableType]:
    if not book.in_the_way:
        return
    yield Text("Remaining blockers", "bold red")
    for advice in book.in_the_way:
        yield Padding(
            Text(f"{plain(advice.subject)}: {ended(plain(advice.message))} {plain(advice.fix)}"), (0, 0, 0, 2)
        )
    yield ""


def _markdown(at: datetime, book: Runbook) -> Iterator[str]:
    yield from (f"# {markdown(book.title)}", "")
    yield f"Judged as of {at:%Y-%m-%d %H:%M} UTC. For Enforce: today **{VERDICTS[book.before]}**,"
    yield f"after the last step **{VERDICTS[book.after]}**."
    for note in book.notes:
        yield from ("", markdown(note))
    if book.steps:
        yield from ("", "## Steps", "", f"| {' | '.join(HEAD_COLUMNS)} |", "|---" * len(HEAD_COLUMNS) + "|")
        yield from (f"| {' | '.join(map(markdown, row))} |" for row in head_rows(book))
        yield from ("", "## At every step", "")
        yield from (f"- **Danger:** {markdown(danger)}" for danger in book.dangers)
        yield from ("", "## Alarms active today", "")
        yield from [f"- {markdown(alarm_words(alarm))}" for alarm in book.standing] or ["None is expected."]
        yield from ("", OWN_ROWS)
    for number, step in enumerate(book.steps, 1):
        yield from ("", f"## {number}. {markdown(step.title)}", "")
        yield from _markdown_step(step, set(book.dangers))
    if book.in_the_way:
        yield from ("", "## Remaining blockers", "")
        for advice in book.in_the_way:
            yield f"- **{markdown(advice.subject)}**: {ended(markdown(advice.message))} {markdown(advice.fix)}"
    if book.steps:
        yield from ("", "## Sources", "")
        yield from (f"- {markdown(line)}" for line in cited(book.steps))


def _markdown_step(step: Step, said: set[str]) -> Iterator[str]:
    yield from (f"> **Before you do it:** {markdown(text)}\n" for text in step.warnings)
    yield from (f"> **Danger:** {markdown(text)}\n" for text in step.dangers if text not in said)
    if inferred_words(step):
        yield f"> **Not documented:** {markdown(inferred_words(step))}\n"
    if step.peers:
        yield f"**On** {', '.join(map(markdown, step.peers))}\n"
    if step.page:
        yield f"**Page** {markdown(step.page)}\n"
    yield f"**Impact** {markdown(impact_words(step.impact))}\n"
    yield from (f"- [ ] {markdown(text)}" for text in step.do)
    if step.values:
        yield from ("", "| field | value |", "|---|---|")
        yield from (f"| {markdown(field)} | {markdown(value)} |" for field, value in step.values)
    yield from _markdown_alarms("Expected during this step:", step.raised)
    yield from _markdown_alarms("No longer active:", step.cleared)
    if step.rows:
        yield from ("", "| peer | certificate | clustering |", "|---|---|---|")
        for row in step.rows:
            seen = f" ({markdown(seen_words(row))})" if seen_words(row) else ""
            yield f"| {markdown(row.peer)}{seen} | {' | '.join(map(markdown, row_lines(row)))} |"
    yield ""
    yield from (f"- [ ] {markdown(text)}" for text in step.verify)
    yield f"- Rollback: {markdown(rollback_words(step.rollback))}"
    if step.abort_if:
        yield f"- **Abort if** {markdown(abort_words(step))}"


def _markdown_alarms(head: str, alarms: Sequence[Alarm]) -> Iterator[str]:
    if alarms:
        yield from ("", head, "")
        yield from (f"- {markdown(alarm_words(alarm))}" for alarm in alarms)
