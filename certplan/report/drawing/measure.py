"""How wide a text is at the most, and how it is broken or shortened to fit.

No font is at hand where a drawing is made, and which one shows it is not known. So text is measured by DejaVu Sans,
which is wider than what systems take for `system-ui` elsewhere, and whatever it does not measure is taken to be wide.
"""

from collections.abc import Iterator
from enum import Enum
from functools import lru_cache

from certplan.text.names import show
from certplan.value import Value

__all__ = ["Style", "Type", "broken", "short", "width"]

# Advance widths of the characters U+0020 to U+007E in hundredths of an em, rounded up.
# fmt: off
_REGULAR = (
    32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34,
    84, 84, 84, 54, 100, 69, 69, 70, 77, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79, 61, 79, 70, 64, 62, 74, 69, 99,
    69, 62, 69, 40, 34, 40, 84, 50, 50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62, 64, 64, 42, 53,
    40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
)
_BOLD = (
    35, 46, 53, 84, 70, 101, 88, 31, 46, 46, 53, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 40, 40,
    84, 84, 84, 58, 100, 78, 77, 74, 83, 69, 69, 83, 84, 38, 38, 78, 64, 100, 84, 85, 74, 85, 77, 73, 69, 82, 78,
    111, 78, 73, 73, 46, 37, 46, 84, 50, 50, 68, 72, 60, 72, 68, 44, 72, 72, 35, 35, 67, 35, 105, 72, 69, 72, 72, 50,
    60, 48, 72, 66, 93, 65, 66, 59, 72, 37, 72, 84,
)
# fmt: on
_MONO = (61,) * 95
_OURS = {"…": 100, "→": 84}
_UNMEASURED = 140
"""Letters of other scripts, and symbols that come from another font."""


class Type(Enum):
    """A typeface, by the widths of its characters."""

    REGULAR = _REGULAR
    BOLD = _BOLD
    MONO = _MONO


class Style(Value):
    """How a text is set. `name` is the class it has in the style sheet."""

    name: str
    size: float
    type: Type
    weight: int = 400

    @property
    def leading(self) -> float:
        """From one line to the next."""
        return round(self.size * 1.3)


def width(text: str, style: Style) -> float:
    """The width of a line in pixels, at the most."""
    return _hundredths(text, style.type) * style.size / 100


@lru_cache(maxsize=4096)
def _hundredths(text: str, typeface: Type) -> int:
    return sum(_advance(char, typeface) for char in text)


def _advance(char: str, typeface: Type) -> int:
    place = ord(char) - 32
    if 0 <= place < len(typeface.value):
        return typeface.value[place]
    return _OURS.get(char, _UNMEASURED)


def broken(text: str, style: Style, room: float, lines: int) -> tuple[str, ...]:
    """`text` in at most `lines` lines no wider than `room` pixels.

    It is broken at blanks, else behind a dot, hyphen or colon, else anywhere. If that is not enough it loses its
    middle to an ellipsis.
    """
    found = tuple(_lines(text, style, room))
    limit = min(len(text), max(_LEAST, int(lines * room / style.size * 4)))
    while len(found) > lines and limit > _LEAST:
        limit -= 1
        found = tuple(_lines(show(text, limit), style, room))
    return found[:lines]


_LEAST = 4


def short(text: str, style: Style, room: float) -> str:
    """`text` in one line no wider than `room` pixels."""
    return "".join(broken(text, style, room, 1))


def _lines(text: str, style: Style, room: float) -> Iterator[str]:
    rest = text
    while rest:
        end = _fitting(rest, style, room)
        if end < len(rest):
            end = _break_before(rest, end)
        yield rest[:end].rstrip()
        rest = rest[end:].lstrip()


def _fitting(text: str, style: Style, room: float) -> int:
    """How many characters fit, at least one."""
    used = 0.0
    for place, char in enumerate(text):
        used += _advance(char, style.type) * style.size / 100
        if used > room:
            return max(1, place)
    return len(text)


def _break_before(text: str, end: int) -> int:
    if text[end] == " ":
        return end
    for marks in (" ", ".-:/_"):
        found = max(text.rfind(mark, 0, end) for mark in marks) + 1
        if found > end // 3:
            return found
    return end
