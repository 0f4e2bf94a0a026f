"""What `certplan log` says: the seven questions answered, and one time line over all peers."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import PurePath

from certplan.judgement import Judgement
from certplan.logs.answers import Answers, AnswerState
from certplan.logs.answers import LogAnswer as Sourced
from certplan.logs.events import Event, EventKind, What
from certplan.logs.joined import LogDifference, explaining
from certplan.logs.reading import LogRead
from certplan.report.answer import Answer
from certplan.report.document import Document, Points, Section, Table, Tone, Words, cell
from certplan.report.writers.json import Json, head_json
from certplan.text.words import listed

__all__ = ["log_answer"]

_TITLES = (
    ("mode_changes", "TLS verification mode"),
    ("restarts", "Restarts"),
    ("replication", "Replication"),
    ("disconnects", "Lost connections between peers"),
    ("resolution", "Names that failed to resolve"),
    ("refusals", "Refused TLS connections"),
    ("alarms", "Alarms"),
)
_GOOD = frozenset(
    {AnswerState.REACHED, AnswerState.DONE, AnswerState.HEALTHY, AnswerState.LOWERED, AnswerState.RESTART}
)
_MOST_EVENTS = 400


def log_answer(
    read: LogRead, answers: Answers, at: datetime, judgement: Judgement | None, differing: Sequence[LogDifference]
) -> Answer:
    """What the logs say, in every form.

    Args:
        read: what was read.
        answers: to the seven questions.
        at: the time of the answer.
        judgement: of the plan that goes with the logs, to explain refusals by; None: without one.
        differing: where the logs show another state than the plan.
    """
    return Answer(
        page=lambda: _page(read, answers, judgement, differing),
        data=lambda: _data(read, answers, at, judgement, differing),
    )


def _page(read: LogRead, answers: Answers, judgement: Judgement | None, differing: Sequence[LogDifference]) -> Document:
    sections = [
        _section(name, title, getattr(answers, name), judgement) for name, title in _TITLES if getattr(answers, name)
    ]
    if differing:
        lines = (
            Words(f"{each.what}: the plan says {each.planned}, the log {each.logged}", Tone.BAD) for each in differing
        )
        sections.append(Section("differences", "Differs from the plan", (Points.of(lines),), str(len(differing))))
    sections.append(_timeline(read.events))
    problems = [Words(f"{each.file}: {each.why}", Tone.OPEN) for each in read.not_read if each.problem]
    if problems:
        sections.append(Section("not-read", "Not read", (Points.of(problems),)))
    spans = (f"{host} {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC" for host, (first, last) in _spans(read))
    counts = f"{read.lines:,} lines, {read.unread_lines:,} of them no line of a log"
    return Document(
        title=f"Logs of {listed(dict(_spans(read)), 6) or 'no peer'}",
        intro=(Words(counts, Tone.QUIET), *(Words(span, Tone.QUIET) for span in spans)),
        sections=tuple(sections),
    )


def _spans(read: LogRead) -> list[tuple[str, tuple[datetime, datetime]]]:
    return sorted(read.coverage.items())


def _section(name: str, title: str, said: Sequence[Sourced], judgement: Judgement | None) -> Section:
    rows = (
        (
            f"{each.utc:%Y-%m-%d %H:%M:%S}",
            cell(Words(each.state.value, _tone(each.state))),
            cell(each.summary, *_fixes(each), *_explained(each, judgement)),
            cell(*(Words(f"{PurePath(file).name}:{line}", Tone.QUIET, code=True) for file, line in each.lines[:2])),
        )
        for each in said
    )
    return Section(name, title, (Table.of("", ("UTC", "State", "What", "Lines"), rows),), str(len(said)))


def _tone(state: AnswerState) -> Tone:
    if state in _GOOD:
        return Tone.GOOD
    return Tone.BAD if state.wrong else Tone.WARN


def _fixes(said: Sourced) -> Iterator[Words]:
    known = said.events[0].refusal
    if known is not None:
        yield Words(f"Fix: {known.fix}")


def _explained(said: Sourced, judgement: Judgement | None) -> Iterator[Words]:
    for found in () if judgement is None else explaining(judgement, said):
        yield Words(f"{found.code}: {found.message}", Tone.QUIET)


def _timeline(events: Sequence[Event]) -> Section:
    """Every event in order; runs of one kind on one peer, as of finished synchronizations, in one row."""
    rows = []
    for (peer, what, _), run in groupby(events, key=lambda event: (event.peer, event.what, event.summary)):
        repeated = list(run)
        if what in (What.SYNC_STARTED, What.SYNC_ROLE):
            continue
        times = "" if len(repeated) == 1 else f" ({len(repeated)} times until {repeated[-1].utc:%H:%M:%S})"
        rows.append((f"{repeated[0].utc:%Y-%m-%d %H:%M:%S}", peer, f"{repeated[0].summary}{times}"))
    more = len(rows) - _MOST_EVENTS
    note = f"the last {_MOST_EVENTS} of {len(rows)}" if more > 0 else str(len(rows))
    table = Table.of("", ("UTC", "Peer", "Event"), rows[-_MOST_EVENTS:])
    return Section("timeline", "Timeline", (table,) if rows else (), note)


def _data(
    read: LogRead,
    answers: Answers,
    at: datetime,
    judgement: Judgement | None,
    differing: Sequence[LogDifference],
) -> Json:
    return {
        **head_json(at),
        "peers": [{"peer": host, "first": _utc(first), "last": _utc(last)} for host, (first, last) in _spans(read)],
        "events": [
            {
                "utc": _utc(event.utc),
                "peer": event.peer,
                "kind": event.kind.value,
                "summary": event.summary,
                "file": event.file,
                "line": event.line,
            }
            for event in read.events
        ],
        "answers": {name: [_said(each, judgement) for each in getattr(answers, name)] for name, _ in _TITLES},
        "lines": read.lines,
        "unread_lines": read.unread_lines,
        "files": list(read.files),
        "not_read": [{"file": each.file, "why": each.why} for each in read.not_read],
        "differences": [{"what": each.what, "expected": each.planned, "found": each.logged} for each in differing],
    }


def _said(said: Sourced, judgement: Judgement | None) -> Json:
    known = said.events[0].refusal
    written: Json = {
        "utc": _utc(said.utc),
        "peer": said.peer,
        "state": said.state.value,
        "summary": said.summary,
        "lines": [{"file": file, "line": line} for file, line in said.lines],
        "count": len(said.events),
    }
    if said.events[0].kind is EventKind.REFUSAL:
        written["meaning"] = None if known is None else known.meaning
        written["fix"] = None if known is None else known.fix
        written["codes"] = [] if judgement is None else [found.code for found in explaining(judgement, said)]
    return written


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
