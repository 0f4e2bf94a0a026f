"""Small words: lists, plurals and spans of days, each worded in one place."""

from collections.abc import Iterable

__all__ = ["counted", "days_from_now", "joined", "listed", "plural"]

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


def joined(items: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; `last` is the word before the last one."""
    every = tuple(items)
    if len(every) < 2:
        return "".join(every)
    return f"{', '.join(every[:-1])} {last} {every[-1]}"


def days_from_now(days: int) -> str:
    """`in 12 days`, `today`, `3 days ago`; above two years in whole years."""
    if days == 0:
        return "today"
    size = abs(days)
    span = f"{size // _YEAR} years" if size > _MOST_DAYS else counted(size, "day")
    return f"in {span}" if days > 0 else f"{span} ago"
