"""What `certplan renew` says: what expires when, and by when the next certificate is ordered."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from certplan.evidence.model import Missing
from certplan.formats import Format
from certplan.renewal import Due, Renewal, RenewalPace, RenewalSchedule
from certplan.report.answer import Answer, Rows
from certplan.report.document import Cell, Document, Facts, Fold, Points, Section, Table, Tone, Words, cell
from certplan.report.writers.icalendar import CalendarDay, icalendar
from certplan.report.writers.json import Json, head_json, moment
from certplan.text.names import show
from certplan.text.words import counted, days_from_now, joined, listed

__all__ = ["calendar", "renewals_answer"]

_LONG = 400


def renewals_answer(schedule: RenewalSchedule, steps: Sequence[RenewalPace], at: datetime) -> Answer:
    """The coming year's orders, in every form.

    Args:
        schedule: what expires and what is to be ordered.
        steps: how long public certificates may last, from which day.
        at: the time it was calculated from, aware.
    """
    return Answer(
        page=lambda: _page(schedule, steps, at),
        data=lambda: _data(schedule, steps, at),
        rows=lambda: _rows(schedule),
        others={Format.ICALENDAR: lambda: calendar(schedule, at)},
    )


def _page(schedule: RenewalSchedule, steps: Sequence[RenewalPace], at: datetime) -> Document:
    public = any(due.public for due in schedule.due)
    known = ((f"{step.since}", counted(step.days, "day"), f"{step.a_year}") for step in steps)
    lifetimes = Table.of("", ("From", "Maximum lifetime", "Renewals a year"), known)
    sections = (
        Section("orders", "", tuple(_certificate(number, due, at) for number, due in enumerate(schedule.due, 1))),
        Section("lifetimes", "Public certificates, by date of issue", (lifetimes,) if public else ()),
        Section("missing", "Not verified", tuple(_missing(schedule.missing))),
        Section("notes", "Notes", (Points.of(schedule.notes),) if schedule.notes else ()),
    )
    return Document(
        title=f"Renewals as of {at:%Y-%m-%d}",
        intro=(Words(f"{counted(schedule.a_year, 'order')} in the coming year"),),
        sections=sections,
    )


def _certificate(number: int, due: Due, at: datetime) -> Fold:
    """One certificate of today, and the orders that follow from it."""
    ends = f"{due.certificate.not_after:%Y-%m-%d %H:%M} UTC ({days_from_now(due.days_left)})"
    facts = Facts.of(
        (
            ("File", Words(due.file, code=True)),
            ("Expires", Words(ends, Tone.PLAIN if due.days_left >= 0 else Tone.BAD)),
            *((("Zones", Words(listed(due.zones))),) if due.zones else ()),
            ("Order by", tuple(line for order in due.orders for line in _order(due, order, at))),
        )
    )
    return Fold(f"certificate-{number}", Words(f"{due.peer.address}, {due.store.value} certificate"), (facts,))


def _order(due: Due, order: Renewal, at: datetime) -> Cell:
    now = ", NOW" if order is due.next and order.order_by <= at.date() else ""
    line = f"{order.order_by}{now}: {counted(order.days, 'day')}, {joined(order.roles)}"
    return cell(Words(line, Tone.BAD if now else Tone.PLAIN), Words(order.note, Tone.WARN) if order.note else "")


def _missing(missing: Sequence[Missing]) -> Iterator[Facts]:
    if missing:
        yield Facts.of((each.what, cell(f"{each.why}.", f"Fix: {each.remedy}")) for each in missing)


def _rows(schedule: RenewalSchedule) -> Rows:
    """A line for each order, and one with the reason for each certificate that could not be read."""
    header = ("order_by", "peer", "store", "file", "issuer", "not_after", "days_left", "days", "roles", "note")
    rows = [
        (
            *(order.order_by.isoformat(), due.peer.address, due.store.value, due.file, due.certificate.issuer),
            *(moment(due.certificate.not_after), str(due.days_left), str(order.days), " ".join(order.roles)),
            order.note,
        )
        for due, order in _orders(schedule)
    ]
    rows += [("",) * 9 + (f"{each.what}: {each.why}. {each.remedy}",) for each in schedule.missing]
    return Rows(header, rows)


def _orders(schedule: RenewalSchedule) -> list[tuple[Due, Renewal]]:
    """Every order by its day, and the certificate it follows from."""
    every = [(due, order) for due in schedule.due for order in due.orders]
    return sorted(every, key=lambda each: (each[1].order_by, each[0].peer.number, each[0].store))


def _data(schedule: RenewalSchedule, steps: Sequence[RenewalPace], at: datetime) -> Json:
    return {
        **head_json(at),
        "renewals_in_the_coming_year": schedule.a_year,
        "certificates": [_due(due) for due in schedule.due],
        "public_lifetimes": [
            {"from": step.since.isoformat(), "days": step.days, "renewals_a_year": step.a_year} for step in steps
        ],
        "missing": [{"what": each.what, "why": each.why, "remedy": each.remedy} for each in schedule.missing],
        "notes": list(schedule.notes),
    }


def _due(due: Due) -> Json:
    return {
        "peer": due.peer.address,
        "store": due.store.value,
        "file": due.file,
        "issuer": due.certificate.issuer,
        "public": due.public,
        "not_after": moment(due.certificate.not_after),
        "days_left": due.days_left,
        "acme": due.acme,
        "zones": list(due.zones),
        "order_by": due.next.order_by.isoformat(),
        "client_auth_ends": None if due.last_call is None else due.last_call.isoformat(),
        "orders": [
            {"order_by": each.order_by.isoformat(), "days": each.days, "roles": list(each.roles), "note": each.note}
            for each in due.orders
        ],
    }


def calendar(schedule: RenewalSchedule, at: datetime) -> str:
    """An iCalendar file: a day for each order and for each end of validity. Later orders are tentative."""
    return icalendar((event for due in schedule.due for event in _events(due)), at)


def _events(due: Due) -> Iterator[CalendarDay]:
    # What is on order follows from the certificate of today: with a new one in the plan these are other events.
    key = (due.peer.address, due.store.value, due.certificate.sha256)
    what = f"{due.store.value} certificate of {show(due.peer.address)}"
    for number, order in enumerate(due.orders):
        note = f" But: {order.note}." if order.note else ""
        text = f"It will last {counted(order.days, 'day')}, with {joined(order.roles)}.{note}"
        yield CalendarDay((*key, f"order {number}"), order.order_by, f"Order the {what}", text, tentative=number > 0)
    if due.last_call is not None:
        text = f"From {due.last_call} on the CA puts no clientAuth into it any more, which the peer needs."
        summary = f"Last day to order the {what} with clientAuth"
        yield CalendarDay((*key, "last call"), due.last_call - timedelta(days=1), summary, text)
    ended = due.certificate.not_after.astimezone(UTC)
    text = f"{show(due.file, _LONG)} is valid until {ended:%Y-%m-%d %H:%M} UTC."
    yield CalendarDay((*key, "expiry"), ended.date(), f"The {what} expires", text)
