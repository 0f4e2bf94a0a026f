"""Days to remember as an iCalendar file (RFC 5545)."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from certplan.value import Value

__all__ = ["CalendarDay", "icalendar"]

_FOLD = 75
"""Octets a line may have (RFC 5545 section 3.1)."""
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,"})


class CalendarDay(Value):
    """One whole day."""

    key: tuple[str, ...]
    """What makes it the same event in every run: a calendar that takes the file in again corrects what it has."""
    day: date
    summary: str
    text: str
    tentative: bool = False


def icalendar(events: Iterable[CalendarDay], at: datetime) -> str:
    """The whole file, its lines ended by CR LF.

    Args:
        events: in any order; their texts have been through `names.show`.
        at: an aware time, when the file is made.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//certplan//certplan//EN", "CALSCALE:GREGORIAN"]
    lines += [line for event in events for line in _lines(event, at)]
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _lines(event: CalendarDay, at: datetime) -> list[str]:
    key = "\n".join(event.key).encode("utf-8", "surrogatepass")
    return [
        "BEGIN:VEVENT",
        f"UID:{hashlib.sha256(key).hexdigest()[:32]}@certplan",
        f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(event.summary)}",
        f"DESCRIPTION:{_escaped(event.text)}",
        f"STATUS:{'TENTATIVE' if event.tentative else 'CONFIRMED'}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _escaped(text: str) -> str:
    return " ".join(text.split()).translate(_ESCAPES)


def _folded(line: str) -> str:
    """A long line in pieces of 75 octets at most, never within a character; the next begins with a blank."""
    pieces: list[str] = []
    piece, size = "", 0
    for char in line:
        octets = len(char.encode("utf-8", "replace"))
        if size + octets > _FOLD:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + char, size + octets
    return "\r\n".join([*pieces, piece])
