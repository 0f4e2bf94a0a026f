"""The time line as SVG and as a Mermaid gantt chart. Both are made from texts that are safe to show."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

from certplan.report.vector import add, begun, coordinate, written
from certplan.text.words import clauses, counted, day, listed
from certplan.value import Value

__all__ = ["Bar", "Stretch", "TimeLine", "draw", "gantt", "timeline_style"]

WIDTH, LEFT, RIGHT = 720, 16, 704
"""In pixels: what fits an A4 page, and the ends of the plot."""
_ROW, _HEAD, _TEXT = 40, 66, 13
_DAY = timedelta(days=1)
_LAST = datetime.max.replace(tzinfo=UTC) - 400 * _DAY
_FIRST = datetime.min.replace(tzinfo=UTC) + 400 * _DAY
_BACK, _AHEAD = 2 * 365 * _DAY, 4 * 365 * _DAY
"""The most that is drawn before and after the time judged at; what reaches further is cut and said."""
_STEPS = (1, 2, 3, 6, 12, 24)
"""Months between two marks of the axis."""
_MARK = 64
"""Pixels that a mark of the axis takes at least."""


class Bar(Value):
    """One certificate. `start` and `end` are None where it is not known."""

    what: str
    kind: str
    start: datetime | None
    end: datetime | None
    state: str
    words: str
    """How long it has: `24 days left, until 2026-06-25`."""


class Stretch(Value):
    """A time through which the verdict is the same; `until` is None for the last."""

    since: datetime
    until: datetime | None
    words: str
    tone: str


class TimeLine(Value):
    """What is drawn. `at` is the time judged at, `status_changes` the moments of change; all in UTC."""

    name: str
    at: datetime
    verdict: str
    """The verdict and until when, in words."""
    stretches: tuple[Stretch, ...]
    status_changes: tuple[datetime, ...]
    own: tuple[Bar, ...]
    above: tuple[Bar, ...]

    @property
    def window(self) -> tuple[datetime, datetime]:
        """The time that is drawn: the peers' certificates and the turns, but some years at most."""
        first, last = max(_FIRST, min(self.at, _LAST)), max(_FIRST, min(self.at, _LAST))
        earliest, latest = _shift(first, -_BACK), _shift(last, _AHEAD)
        dates = [date for bar in self.own for date in (bar.start, bar.end) if date is not None]
        dates = [min(max(date, earliest), latest) for date in (*dates, *self.status_changes)]
        start = min([_shift(first, -30 * _DAY), *dates])
        end = max([_shift(last, 90 * _DAY), *dates])
        margin = (end - start) / 30
        return _shift(start, -margin), _shift(end, margin)


def _shift(moment: datetime, by: timedelta) -> datetime:
    if by < timedelta():
        return _FIRST if moment - _FIRST < -by else moment + by
    return _LAST if _LAST - moment < by else moment + by


# --- SVG --------------------------------------------------------------------------------------------------------------


class _Scale(Value):
    start: datetime
    end: datetime

    def x(self, moment: datetime) -> float:
        """Where a moment is, in pixels; what lies outside is at the edge."""
        share = (min(max(moment, self.start), self.end) - self.start) / (self.end - self.start)
        return LEFT + share * (RIGHT - LEFT)


def draw(line: TimeLine) -> str:
    """The time line as one `svg` element that takes its colors from `timeline_style`, to the same bytes each time."""
    scale = _Scale(*line.window)
    groups = [("Peers' certificates", line.own), ("CAs above them", line.above)]
    rows = [_ROW + 22 * bool(bars) + _ROW * len(bars) for _, bars in groups]
    bottom = _HEAD + _ROW + sum(height - _ROW for height in rows)
    size = (WIDTH, bottom + 22)
    svg = begun("timeline", size, f"Time line of {line.name}", _described(line), ident="timeline")
    marks = _marks(scale)
    for moment, _ in marks:
        _line(svg, scale.x(moment), _HEAD - 8, bottom, "tl-grid")
    _today(svg, scale, line, bottom)
    _turns(svg, scale, line, bottom)
    for moment, words in marks:
        for y in (_HEAD - 12, bottom + 16):
            _label(svg, scale.x(moment), y, words, "tl-mark", "middle")
    _verdict(svg, scale, line, _HEAD)
    y = _HEAD + _ROW
    for heading, bars in groups:
        if bars:
            _label(svg, LEFT, y + 14, heading, "tl-head")
            y += 22
        for bar in bars:
            _bar(svg, scale, bar, y)
            y += _ROW
    return written(svg)


def _described(line: TimeLine) -> str:
    """The drawing in a few sentences."""
    count = len(line.own)
    worst = [f"{bar.what} {bar.kind}: {bar.words}" for bar in (*line.own, *line.above) if bar.state != "valid"]
    more = f"; and {len(worst) - 8} more" if len(worst) > 8 else ""
    details = f" {clauses(worst[:8])}{more}." if worst else ""
    return (
        f"{counted(count, 'certificate')} of the peers and {len(line.above)} of the CAs above them, as"
        f" of {day(line.at)}. Under Enforce: {line.verdict}.{details} The tables that follow say the same."
    )


def _label(parent: ET.Element, x: float, y: float, text: str, kind: str, anchor: str = "start") -> None:
    anchored = {} if anchor == "start" else {"text_anchor": anchor}
    add(parent, "text", text, kind, x=x, y=y, **anchored)


def _marks(scale: _Scale) -> list[tuple[datetime, str]]:
    """The first days of months or years, so far apart that their names do not touch, and none cut by an edge."""
    months = (scale.end.year - scale.start.year) * 12 + scale.end.month - scale.start.month + 1
    room = (RIGHT - LEFT) / _MARK
    step = next((step for step in _STEPS if months / step <= room), 60)
    first = scale.start.year * 12 - (scale.start.year * 12) % step
    moments = (datetime(m // 12, m % 12 + 1, 1, tzinfo=UTC) for m in range(first, first + months + 12 + step, step))
    length = 4 if step >= 12 else 7
    return [
        (moment, day(moment)[:length])
        for moment in moments
        if scale.start < moment < scale.end and LEFT + 12 <= scale.x(moment) <= RIGHT - 12
    ]


def _line(parent: ET.Element, x: float, top: float, bottom: float, kind: str) -> None:
    add(parent, "line", kind=kind, x1=x, x2=x, y1=top, y2=bottom)


def _today(svg: ET.Element, scale: _Scale, line: TimeLine, bottom: float) -> None:
    x = scale.x(line.at)
    words = f"as of {day(line.at)}"
    half = _width(words) / 2
    _line(svg, x, 18, bottom, "tl-today")
    _label(svg, min(max(x, LEFT + half), RIGHT - half), 13, words, "tl-now", "middle")


def _turns(svg: ET.Element, scale: _Scale, line: TimeLine, bottom: float) -> None:
    """The turns as numbered lines; numbers that would touch share a badge."""
    groups: list[list[int]] = []
    for number, moment in enumerate(line.status_changes):
        x = scale.x(moment)
        if moment > scale.end:
            break
        _line(svg, x, 40, bottom, "tl-turn")
        if groups and x - scale.x(line.status_changes[groups[-1][0]]) < 40:
            groups[-1].append(number)
        else:
            groups.append([number])
    for group in groups:
        x = sum(scale.x(line.status_changes[number]) for number in group) / len(group)
        words = str(group[0] + 1) if len(group) == 1 else f"{group[0] + 1}–{group[-1] + 1}"  # noqa: RUF001
        wide = _width(words) + 10
        middle = min(max(x, LEFT + wide / 2), RIGHT - wide / 2)
        badge = add(svg, "g", kind="tl-badge")
        add(badge, "title", listed(f"{n + 1}: {day(line.status_changes[n])}" for n in group))
        _box(badge, middle - wide / 2, 23, wide, 18, "tl-plate")
        _label(badge, middle, 36.5, words, "tl-number", "middle")


def _box(parent: ET.Element, x: float, y: float, wide: float, high: float, kind: str) -> None:
    add(parent, "rect", kind=kind, x=x, y=y, width=max(wide, 1.5), height=high, rx=3)


def _verdict(svg: ET.Element, scale: _Scale, line: TimeLine, y: float) -> None:
    group = add(svg, "g", kind="tl-row")
    _label(group, LEFT, y + 14, "The cluster under Enforce", "tl-name")
    _label(group, RIGHT, y + 14, line.verdict, "tl-words", "end")
    for stretch in line.stretches:
        if stretch.since >= scale.end:
            break
        x, end = scale.x(stretch.since), scale.x(stretch.until or scale.end)
        part = add(group, "g", kind=f"tl-{stretch.tone}")
        until = f" until {day(stretch.until)}" if stretch.until else " from then on"
        add(part, "title", f"{stretch.words} from {day(stretch.since)}{until}")
        _box(part, x, y + 20, end - x, 12, "tl-bar")
        if end - x > _width(stretch.words) + 8:
            _label(part, x + 5, y + 30, stretch.words, "tl-inside")


def _bar(svg: ET.Element, scale: _Scale, bar: Bar, y: float) -> None:
    """One row: the name and what there is to say of it above the bar, which ends in a point where it goes on."""
    group = add(svg, "g", kind=f"tl-row tl-{bar.state}")
    add(group, "title", f"{bar.what}, {bar.kind}: {bar.words}")
    words = _fitted(bar.words, 340)
    kind = f", {bar.kind}"
    name = _fitted(bar.what, RIGHT - LEFT - _width(words) - 16 - _width(kind))
    _label(group, LEFT, y + 14, name, "tl-name")
    add(group[-1], "tspan", kind, "tl-kind")
    _label(group, RIGHT, y + 14, words, "tl-words", "end")
    if bar.start is None or bar.end is None:
        _box(group, LEFT, y + 21, RIGHT - LEFT, 9, "tl-empty")
        return
    x, end = scale.x(bar.start), scale.x(bar.end)
    before, after = bar.start < scale.start, bar.end > scale.end
    x, end = min(x, RIGHT - 8), max(end, LEFT + 8)
    end = max(end, x + 3)
    points = [(x, y + 20), (end, y + 20), (end, y + 31), (x, y + 31)]
    if after:
        points[1:3] = [(end - 6, y + 20), (end, y + 25.5), (end - 6, y + 31)]
    if before:
        points[0] = (x + 6, y + 20)
        points[-1] = (x + 6, y + 31)
        points.append((x, y + 25.5))
    corners = " ".join(f"{coordinate(a)},{coordinate(b)}" for a, b in points)
    add(group, "polygon", kind="tl-bar", points=corners)


def _width(text: str) -> float:
    """About how many pixels a text of 13 takes, rather too many than too few."""
    return sum(_TEXT * _em(char) for char in text)


def _em(char: str) -> float:
    if unicodedata.east_asian_width(char) in {"W", "F"}:
        return 1.05
    if char in "mwMW@%…":
        return 1.0
    if char in "iljt.,:;|!'()[] ":
        return 0.42
    return 0.78 if char.isupper() or not char.isascii() else 0.65


def _fitted(text: str, room: float) -> str:
    """The text, its middle left out where it is too wide for `room` pixels."""
    if _width(text) <= room:
        return text
    head, tail = len(text), 0
    while head + tail > 2 and _width(shorter := f"{text[:head]}…{text[len(text) - tail :]}") > room:
        kept = head + tail - 1
        tail = kept // 3
        head = kept - tail
    return shorter


# --- Mermaid ----------------------------------------------------------------------------------------------------------

_SYNTAX = re.compile(r"[^\w .()/@+-]|_{2,}|-{2,}")


def gantt(line: TimeLine) -> str:
    """The time line as a Mermaid gantt chart; its labels hold nothing that Mermaid takes for syntax or markup."""
    start, end = line.window
    lines = [
        "gantt",
        f"    title As of {day(line.at)} - {_safe(line.verdict)}",
        "    dateFormat YYYY-MM-DD",
        "    axisFormat %Y-%m",
        "    todayMarker off",
        f"    As of {day(line.at)} :milestone, at, {day(line.at)}, 0d",
        "    section Under Enforce",
    ]
    for number, stretch in enumerate(line.stretches, 1):
        if stretch.since < end:
            tag = {"good": "done, ", "bad": "crit, "}.get(stretch.tone, "")
            lines.append(
                f"    {stretch.words} :{tag}v{number}, {_dates(stretch.since, stretch.until or end, start, end)}"
            )
    for section, letter, bars in (("Certificates of the peers", "c", line.own), ("CAs above them", "a", line.above)):
        if bars:
            lines.append(f"    section {section}")
        for number, bar in enumerate(bars, 1):
            tag = {"expired": "crit, ", "soon": "crit, ", "future": "crit, ", "ahead": "active, "}.get(bar.state, "")
            since, until = bar.start or start, bar.end or start
            label = f"{bar.kind} of {bar.what}" if letter == "c" else f"{bar.kind} {bar.what}"
            dates = _dates(since, until, start, end)
            lines.append(f"    {_safe(label)} - {_safe(bar.words)} :{tag}{letter}{number}, {dates}")
    return "\n".join(lines) + "\n"


def _safe(text: str) -> str:
    return " ".join(_SYNTAX.sub(" ", text).split()) or "unnamed"


def _dates(since: datetime, until: datetime, start: datetime, end: datetime) -> str:
    """The days of what lies within the chart, a day at least."""
    first = min(max(since, start), end - _DAY)
    last = max(min(until, end), first + _DAY)
    return f"{day(first)}, {day(last)}"


# --- style ------------------------------------------------------------------------------------------------------------

_STYLE = """\
.timeline { --tl-paper: #ffffff; --tl-ink: #1f2328; --tl-quiet: #59636e; --tl-grid: #d8dee4; --tl-now: #0a5ea8;
  --tl-good: #116329; --tl-bad: #a40e26; --tl-warn: #7a4b00; --tl-open: #5a32a3; --tl-fine: #3d6fa5;
  --tl-inside: #ffffff; font: 13px system-ui, "DejaVu Sans", sans-serif; }
@media screen and (prefers-color-scheme: dark) {
  .timeline { --tl-paper: #0d1117; --tl-ink: #e6edf3; --tl-quiet: #9aa4af; --tl-grid: #30363d; --tl-now: #6cb2ff;
    --tl-good: #5bd275; --tl-bad: #ff948c; --tl-warn: #e6b94d; --tl-open: #c3a6ff; --tl-fine: #6f9fd0;
    --tl-inside: #0d1117; }
}
.timeline text { fill: var(--tl-ink); stroke: var(--tl-paper); stroke-width: 4px; stroke-linejoin: round;
  paint-order: stroke; }
.timeline .tl-name { font-weight: 600; }
.timeline .tl-kind { font-weight: 400; }
.timeline .tl-head, .timeline .tl-kind, .timeline .tl-mark { fill: var(--tl-quiet); }
.timeline .tl-mark { font-size: 12px; }
.timeline .tl-now { fill: var(--tl-now); font-weight: 600; }
.timeline .tl-grid { stroke: var(--tl-grid); }
.timeline .tl-today { stroke: var(--tl-now); stroke-width: 2; }
.timeline .tl-turn { stroke: var(--tl-quiet); stroke-dasharray: 3 3; }
.timeline .tl-plate { fill: var(--tl-paper); stroke: var(--tl-quiet); }
.timeline .tl-number { stroke: none; font-weight: 600; font-size: 12px; }
.timeline .tl-bar { fill: var(--tl-fine); stroke: var(--tl-fine); }
.timeline .tl-good .tl-bar { fill: var(--tl-good); stroke: var(--tl-good); }
.timeline .tl-bad .tl-bar { fill: var(--tl-bad); stroke: var(--tl-bad); }
.timeline .tl-open .tl-bar { fill: var(--tl-open); stroke: var(--tl-open); }
.timeline .tl-soon .tl-bar, .timeline .tl-ahead .tl-bar { fill: var(--tl-warn); stroke: var(--tl-warn); }
.timeline .tl-expired .tl-bar, .timeline .tl-future .tl-bar { fill: var(--tl-paper); stroke: var(--tl-bad);
  stroke-width: 2; stroke-dasharray: 4 2; }
.timeline .tl-expired .tl-words, .timeline .tl-future .tl-words { fill: var(--tl-bad); font-weight: 600; }
.timeline .tl-soon .tl-words, .timeline .tl-ahead .tl-words { fill: var(--tl-warn); font-weight: 600; }
.timeline .tl-unknown .tl-words { fill: var(--tl-open); font-weight: 600; }
.timeline .tl-empty { fill: none; stroke: var(--tl-open); stroke-dasharray: 2 3; }
.timeline .tl-inside { fill: var(--tl-inside); stroke: none; font-size: 10.5px; font-weight: 600; }
@media print { .timeline .tl-row { break-inside: avoid; } .timeline { print-color-adjust: exact; } }
"""


def timeline_style() -> str:
    """The style of the drawing, for the style element of the page it stands in; all of it lies under `.timeline`."""
    return _STYLE
