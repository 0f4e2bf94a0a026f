"""Small words: lists, plurals and spans of days, each worded in one place."""

from collections.abc import Iterable
from datetime import UTC, datetime

__all__ = ["clauses", "counted", "day", "days_from_now", "days_long", "joined", "listed", "plural"]

_YEAR = 365
_MOST_DAYS = 2 * _YEAR


def plural(number: int, one: str, many: str = "") -> str:
    """The noun for `number` things: `entry` for 1, else `many` or `one` with an s."""
    return one if number == 1 else many or f"{one}s"


def counted(number: int, one: str, many: str = "") -> str:
    """`1 peer`, `2 peers`; `many` is the plural where it does not just take an s."""
    return f"{number} {plural(number, one, many)}"


def listed(items: Iterable[str], most: int = 0) -> str:
    """`a, b, c`; with `most` above 0 only the first of them and how many are left: `a, b and 7 more`."""
    every = tuple(items)
    more = len(every) - most
    if most <= 0 or more <= 0:
        return ", ".join(every)
    return f"{', '.join(every[:most])} and {more} more"


def clauses(items: Iterable[str]) -> str:
    """`a; b; c`, for parts that may have commas of their own."""
    return "; ".join(items)


def joined(items: Iterable[str], last: str = "and", most: int = 0) -> str:
    """`a`, `a and b`, `a, b and c`; `last` is the word before the last one, and `most` is as in `listed`."""
    every = tuple(items)
    if 0 < most < len(every):
        return listed(every, most)
    if len(every) < 2:
        return "".join(every)
    return f"{', '.join(every[:-1])} {last} {every[-1]}"


def day(moment: datetime) -> str:
    """The date of a moment, in UTC: `2027-01-31`."""
    return moment.astimezone(UTC).date().isoformat()


def days_long(days: int) -> str:
    """`1 day`, `12 days`; above two years in whole years."""
    return f"{days // _YEAR} years" if days > _MOST_DAYS else counted(days, "day")


def days_from_now(days: int) -> str:
    """`in 12 days`, `today`, `3 days ago`; above two years in whole years."""
    if days == 0:
        return "today"
    span = days_long(abs(days))
    return f"in {span}" if days > 0 else f"{span} ago"
