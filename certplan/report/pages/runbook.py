"""What `certplan runbook` says: the procedure as a page, as Markdown with boxes to tick, or as JSON."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from certplan.outcomes import Verdict
from certplan.report.pages.changes import VERDICTS, ended
from certplan.report.writers.json import SCHEMA_VERSION, Json, dumps, moment, sources_json
from certplan.report.writers.terminal import render
from certplan.runbook.model import Alarm, Row, Runbook, Step
from certplan.text.escape import markdown, plain
from certplan.vendor import source

__all__ = ["alarm_words", "runbook_json", "runbook_markdown", "runbook_text"]

_UNKNOWN = "could not check"
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
        "steps": [_step(number, step) for number, step in enumerate(book.steps, 1)],
        "in_the_way": [
            {"codes": list(a.codes), "subject": a.subject, "message": a.message, "fix": a.fix} for a in book.in_the_way
        ],
    }
    return dumps(document) + "\n"


def runbook_text(at: datetime, book: Runbook, *, width: int, color: bool) -> str:
    """The page for the terminal."""
    return render(_page(at, book), width=width, color=color)


def runbook_markdown(at: datetime, book: Runbook) -> str:
    """The procedure as Markdown, with a box for everything to do and to see."""
    return "\n".join(_markdown(at, book)) + "\n"


def _step(number: int, step: Step) -> Json:
    return {
        "number": number,
        "title": step.title,
        "peers": list(step.peers),
        "page": step.page or None,
        "do": list(step.do),
        "values": [{"field": field, "value": value} for field, value in step.values],
        "dangers": list(step.dangers),
        "warnings": list(step.warnings),
        "out": list(step.out),
        "apart": [list(pair) for pair in step.apart],
        "rows": [
            {"peer": r.peer, "seen_from": r.seen_from, "certificate": r.certificate, "clustering": r.clustering}
            for r in step.rows
        ],
        "alarms": [{"id": a.number, "title": a.title, "where": a.where, "until": a.until} for a in step.alarms],
        "verify": list(step.verify),
        "back": step.back or None,
        "stop": step.stop or None,
        "sources": [sources_json(key) for key in step.sources],
    }


def _page(at: datetime, book: Runbook) -> Iterator[RenderableType]:
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
        yield Text("At every step", "bold red")
        yield from (Padding(Text(plain(danger)), (0, 0, 0, 2)) for danger in book.dangers)
        yield ""
    said = set(book.dangers)
    before: tuple[Row, ...] = ()
    for number, step in enumerate(book.steps, 1):
        yield _shown_step(number, step, said, before)
        yield ""
        before = step.rows or before
    yield from _standing(book)
    yield from _documents(book.steps)


def _shown_step(number: int, step: Step, said: set[str], before: Sequence[Row]) -> RenderableType:
    lines: list[RenderableType] = [Text.assemble((f"{number:>2}  ", "dim"), (plain(step.title), "bold"))]

    def add(label: str, texts: Iterable[str], style: str = "") -> None:
        for text in texts:
            body = Text.assemble((f"{label}: " if label else "", "bold"), (plain(text), style))
            lines.append(Padding(body, (0, 0, 0, 4)))

    add("Before you do it", step.warnings, "bold yellow")
    add("Danger", (danger for danger in step.dangers if danger not in said), "red")
    add("On", [", ".join(step.peers)] if step.peers else [])
    add("Page", [step.page] if step.page else [])
    add("", step.do)
    lines += (
        Padding(Text.assemble((f"{plain(field)}: ", "cyan"), (plain(value), "bold")), (0, 0, 0, 8))
        for field, value in step.values
    )
    add("Normal meanwhile", map(alarm_words, step.alarms), "dim")
    if step.rows and step.rows == tuple(before):
        add("Rows", ["as before"])
    elif step.rows:
        add("Rows", [_row(row) for row in step.rows])
    add("See", step.verify)
    add("Back", [step.back] if step.back else [])
    add("Stop when", [step.stop.removeprefix("Stop when ")] if step.stop else [])
    return Group(*lines)


def _row(row: Row) -> str:
    seen = f" (as {row.seen_from} shows it)" if row.seen_from is not None else ""
    return f"{row.peer}{seen}: {_lines(row)}"


def _lines(row: Row) -> str:
    """Both lines of a row; what could not be checked has no line of the appliance's, so it is said of which."""
    unknown = [line.startswith(_UNKNOWN) for line in (row.certificate, row.clustering)]
    if all(unknown):
        return _UNKNOWN
    certificate = f"{_UNKNOWN} the certificate" if unknown[0] else row.certificate
    clustering = f"{_UNKNOWN} the link" if unknown[1] else row.clustering
    return f"{certificate}; {clustering}"


def alarm_words(alarm: Alarm) -> str:
    """An alarm that is normal for a while: its number and title, where, and until when."""
    number = f"{alarm.number} " if alarm.number is not None else ""
    return f"alarm {number}{alarm.title} on {alarm.where}, until {alarm.until}"


def _standing(book: Runbook) -> Iterator[RenderableType]:
    if not book.in_the_way:
        return
    yield Text("In the way of Enforce", "bold red")
    for advice in book.in_the_way:
        yield Padding(
            Text(f"{plain(advice.subject)}: {ended(plain(advice.message))} {plain(advice.fix)}"), (0, 0, 0, 2)
        )
    yield ""


def _documents(steps: Sequence[Step]) -> Iterator[RenderableType]:
    if not steps:
        return
    yield Text("Sources", "bold")
    for line in _cited(steps):
        yield Text(f"  {line}", "dim", no_wrap=True, overflow="ignore")


def _cited(steps: Sequence[Step]) -> list[str]:
    keys = dict.fromkeys(key for step in steps for key in step.sources)
    documents = {key: source(key) for key in keys}
    return [f"{d.title}{f', {d.release}' if d.release else ''}: {d.address}" for d in documents.values()]


def _markdown(at: datetime, book: Runbook) -> Iterator[str]:
    yield from (f"# {markdown(book.title)}", "")
    yield f"Judged as of {at:%Y-%m-%d %H:%M} UTC. For Enforce: today **{VERDICTS[book.before]}**,"
    yield f"after the last step **{VERDICTS[book.after]}**."
    for note in book.notes:
        yield from ("", markdown(note))
    if book.steps:
        yield from ("", "## At every step", "")
        yield from (f"- **Danger:** {markdown(danger)}" for danger in book.dangers)
    for number, step in enumerate(book.steps, 1):
        yield from ("", f"## {number}. {markdown(step.title)}", "")
        yield from _markdown_step(step, set(book.dangers))
    if book.in_the_way:
        yield from ("", "## In the way of Enforce", "")
        for advice in book.in_the_way:
            yield f"- **{markdown(advice.subject)}**: {ended(markdown(advice.message))} {markdown(advice.fix)}"
    if book.steps:
        yield from ("", "## Sources", "")
        yield from (f"- {markdown(line)}" for line in _cited(book.steps))


def _markdown_step(step: Step, said: set[str]) -> Iterator[str]:
    yield from (f"> **Before you do it:** {markdown(text)}\n" for text in step.warnings)
    yield from (f"> **Danger:** {markdown(text)}\n" for text in step.dangers if text not in said)
    if step.peers:
        yield f"**On** {', '.join(map(markdown, step.peers))}\n"
    if step.page:
        yield f"**Page** {markdown(step.page)}\n"
    yield from (f"- [ ] {markdown(text)}" for text in step.do)
    if step.values:
        yield from ("", "| field | value |", "|---|---|")
        yield from (f"| {markdown(field)} | {markdown(value)} |" for field, value in step.values)
    if step.alarms:
        yield from ("", "Normal meanwhile:", "")
        yield from (f"- {markdown(alarm_words(alarm))}" for alarm in step.alarms)
    if step.rows:
        yield from ("", "| peer | certificate | clustering |", "|---|---|---|")
        for row in step.rows:
            seen = f" (as {markdown(row.seen_from)} shows it)" if row.seen_from is not None else ""
            yield f"| {markdown(row.peer)}{seen} | {markdown(row.certificate)} | {markdown(row.clustering)} |"
    yield ""
    yield from (f"- [ ] {markdown(text)}" for text in step.verify)
    if step.back:
        yield f"- Back: {markdown(step.back)}"
    if step.stop:
        yield f"- **Stop when** {markdown(step.stop.removeprefix('Stop when '))}"
