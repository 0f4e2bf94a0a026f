"""The coming orders as text, Markdown, CSV, JSON and an iCalendar file (RFC 5545)."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from textwrap import fill

from certplan.renewal import Due, Outlook, Renewal, Step
from certplan.report.pages.csr import head
from certplan.report.writers.json import Json, dumps, moment
from certplan.text.escape import csv_text, markdown, markdown_table
from certplan.text.names import show

__all__ = ["calendar", "renewals_csv", "renewals_json", "renewals_markdown", "renewals_text"]

_LONG = 400
_LABEL = 10
"""Columns of `order by` and its like with the blanks behind them."""
_FOLD = 75
"""Octets a line of iCalendar may have (RFC 5545 section 3.1)."""
_STEPS = "Public certificates, by date of issue"
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,"})


def renewals_text(outlook: Outlook, steps: Sequence[Step], at: datetime, *, width: int = 100) -> str:
    """For people: a block for each certificate, soonest order first, in lines of `width` columns.

    A name or a path is copied whole or not at all, so it may run beyond the page.
    """
    return "".join(f"{_wrapped(line, width)}\n" for line in _lines(outlook, steps, at))


def _wrapped(line: str, width: int) -> str:
    """A line whose rest is set in: below its own text where that is set in already."""
    text = line.lstrip(" ")
    indent = " " * (len(line) - len(text))
    hanging = indent + " " * (_LABEL if indent else 2)
    return fill(
        text, width, initial_indent=indent, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    )


def _lines(outlook: Outlook, steps: Sequence[Step], at: datetime) -> Iterator[str]:
    yield _title(outlook, at)
    for due in outlook.due:
        yield f"{show(due.peer.address)}, {due.store.value} certificate {show(due.file, _LONG)}"
        yield f"  lapses    {due.certificate.not_after:%Y-%m-%d %H:%M} UTC, {_left(due.days_left)}"
        for order in due.orders:
            now = "  NOW" if _is_now(due, order, at) else ""
            note = f"; {order.note}" if order.note else ""
            yield f"  order by  {order.order_by}{now}  lasts {order.days} days, {' + '.join(order.roles)}{note}"
    if any(due.public for due in outlook.due):
        yield _STEPS
        yield from (f"  from {step.since}  {step.days} days at most, {step.a_year} renewals a year" for step in steps)
    yield from (f"Could not check: {show(each.what, _LONG)}: {show(each.why, _LONG)}" for each in outlook.missing)
    yield from (f"Note: {show(note, _LONG)}" for note in outlook.notes)


def renewals_markdown(outlook: Outlook, steps: Sequence[Step], at: datetime) -> str:
    """The same for a ticket: a row for each order."""
    return "\n".join(_markdown(outlook, steps, at))


def _markdown(outlook: Outlook, steps: Sequence[Step], at: datetime) -> Iterator[str]:
    yield f"# {_title(outlook, at)}\n"
    rows = [
        (
            f"{order.order_by}{', NOW' if _is_now(due, order, at) else ''}",
            due.peer.address,
            due.store.value,
            due.file,
            f"{due.certificate.not_after:%Y-%m-%d %H:%M} UTC, {_left(due.days_left)}",
            f"{order.days} days",
            " + ".join(order.roles),
            order.note,
        )
        for due, order in _orders(outlook)
    ]
    header = ("Order by", "Peer", "Store", "Certificate of today", "It lapses", "The next lasts", "Usages", "Note")
    yield markdown_table(header, rows)
    if any(due.public for due in outlook.due):
        yield f"## {_STEPS}\n"
        known = ((f"{step.since}", f"{step.days} days", f"{step.a_year}") for step in steps)
        yield markdown_table(("From", "At most", "Renewals a year"), known)
    if outlook.missing:
        yield "## Could not check\n"
        listed = (f"{each.what}: {each.why}. {each.remedy}" for each in outlook.missing)
        yield "".join(f"- {markdown(line)}\n" for line in listed)
    if outlook.notes:
        yield "## Notes\n"
        yield "".join(f"- {markdown(note)}\n" for note in outlook.notes)


def renewals_csv(outlook: Outlook) -> str:
    """A line for each order, and one with the reason for each certificate that could not be read."""
    header = ("order_by", "peer", "store", "file", "issuer", "not_after", "days_left", "days", "roles", "note")
    rows = [
        (
            *(order.order_by.isoformat(), due.peer.address, due.store.value, due.file, due.certificate.issuer),
            *(moment(due.certificate.not_after), str(due.days_left), str(order.days), " ".join(order.roles)),
            order.note,
        )
        for due, order in _orders(outlook)
    ]
    rows += [("",) * 9 + (f"{each.what}: {each.why}. {each.remedy}",) for each in outlook.missing]
    return csv_text(header, rows)


def _orders(outlook: Outlook) -> list[tuple[Due, Renewal]]:
    """Every order by its day, and the certificate it follows from."""
    every = [(due, order) for due in outlook.due for order in due.orders]
    return sorted(every, key=lambda each: (each[1].order_by, each[0].peer.number, each[0].store))


def _title(outlook: Outlook, at: datetime) -> str:
    return f"Renewals as of {at:%Y-%m-%d}, {outlook.a_year} in the coming year"


def _is_now(due: Due, order: Renewal, at: datetime) -> bool:
    return order is due.next and order.order_by <= at.date()


def _left(days: int) -> str:
    return f"in {days} days" if days >= 0 else f"{-days} days ago"


def renewals_json(outlook: Outlook, steps: Sequence[Step], at: datetime) -> str:
    """The same for programs."""
    return (
        dumps(
            {
                **head(at),
                "renewals_in_the_coming_year": outlook.a_year,
                "certificates": [_due(due) for due in outlook.due],
                "public_lifetimes": [
                    {"from": step.since.isoformat(), "days": step.days, "renewals_a_year": step.a_year}
                    for step in steps
                ],
                "missing": [{"what": each.what, "why": each.why, "remedy": each.remedy} for each in outlook.missing],
                "notes": list(outlook.notes),
            }
        )
        + "\n"
    )


def _due(due: Due) -> Json:
    return {
        "peer": due.peer.address,
        "store": due.store.value,
        "file": due.file,
        "issuer": due.certificate.issuer,
        "public": due.public,
        "not_after": moment(due.certificate.not_after),
        "days_left": due.days_left,
        "order_by": due.next.order_by.isoformat(),
        "client_auth_ends": None if due.last_call is None else due.last_call.isoformat(),
        "orders": [
            {"order_by": each.order_by.isoformat(), "days": each.days, "roles": list(each.roles), "note": each.note}
            for each in due.orders
        ],
    }


def calendar(outlook: Outlook, at: datetime) -> str:
    """An iCalendar file: a day for each order and for each lapse. Later orders are tentative.

    An event keeps its UID from run to run, so that a calendar that takes the file in again corrects what it has.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//certplan//certplan//EN", "CALSCALE:GREGORIAN"]
    for due in outlook.due:
        lines += [line for event in _events(due, at) for line in event]
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _events(due: Due, at: datetime) -> Iterator[list[str]]:
    what = f"{due.store.value} certificate of {show(due.peer.address)}"
    for number, order in enumerate(due.orders):
        note = f" But: {order.note}." if order.note else ""
        text = f"It will last {order.days} days, with {' and '.join(order.roles)}.{note}"
        yield _event(due, f"order {number}", order.order_by, f"Order the {what}", text, at, tentative=number > 0)
    if due.last_call is not None:
        text = f"From {due.last_call} on the CA puts no clientAuth into it any more, which the peer needs."
        day = due.last_call - timedelta(days=1)
        summary = f"Last day to order the {what} with clientAuth"
        yield _event(due, "last call", day, summary, text, at, tentative=False)
    ended = due.certificate.not_after.astimezone(UTC)
    text = f"{show(due.file, _LONG)} is valid until {ended:%Y-%m-%d %H:%M} UTC."
    yield _event(due, "lapse", ended.date(), f"The {what} lapses", text, at, tentative=False)


def _event(due: Due, kind: str, day: date, summary: str, text: str, at: datetime, *, tentative: bool) -> list[str]:
    # What is on order hangs on the certificate of today: with a new one in the plan these are other events.
    told = f"{due.peer.address}\n{due.store.value}\n{due.certificate.sha256}\n{kind}"
    return [
        "BEGIN:VEVENT",
        f"UID:{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}@certplan",
        f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(summary)}",
        f"DESCRIPTION:{_escaped(text)}",
        f"STATUS:{'TENTATIVE' if tentative else 'CONFIRMED'}",
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
