"""Text in columns: how wide it shows, where it breaks, and how wide a table's columns are.

Widths are those of Unicode Standard Annex #11: East Asian wide and fullwidth characters take two columns, combining
marks none. Text has been through `names.show`: nothing in it moves the cursor. Styled text may hold ANSI sequences.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

__all__ = ["fitted", "padded", "width_of", "wrapped"]

_ANSI = re.compile("\x1b(?:\\[[0-9;]*m|\\]8;;[^\x1b]*\x1b\\\\)")
_WIDE = frozenset("WF")
_NARROWEST = 18
"""A column narrower than this wraps too often to be read; the table is then shown as records."""
_MOST_LINES = 6
"""A cell of more lines than this makes a table hard to read."""


@lru_cache(maxsize=4096)
def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1


def width_of(text: str) -> int:
    """Columns that `text` takes in a terminal."""
    plain = _ANSI.sub("", text) if "\x1b" in text else text
    return len(plain) if plain.isascii() else sum(map(_columns, plain))


def padded(text: str, width: int) -> str:
    """`text` with blanks behind it up to `width` columns."""
    return text + " " * max(width - width_of(text), 0)


def wrapped(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` columns, broken at blanks; a longer word is broken where it has to be."""
    plain = text.isascii()
    if plain and len(text) <= width:
        return [text]
    lines: list[str] = []
    line, used = "", 0
    for word in text.split(" "):
        size = len(word) if plain else width_of(word)
        if line and used + 1 + size <= width:
            line, used = f"{line} {word}", used + 1 + size
            continue
        if line:
            lines.append(line)
        pieces = [word] if size <= width else _broken(word, width)
        lines += pieces[:-1]
        line = pieces[-1]
        used = len(line) if plain else width_of(line)
    return [*lines, line] if line or not lines else lines


def _broken(word: str, width: int) -> list[str]:
    pieces: list[str] = []
    piece, used = "", 0
    for char in word:
        size = _columns(char)
        if used + size > width and piece:
            pieces.append(piece)
            piece, used = "", 0
        piece, used = piece + char, used + size
    return [*pieces, piece]


def fitted(
    header: Sequence[str], rows: Sequence[Sequence[Sequence[str]]], fixed: Sequence[bool], room: int
) -> list[int] | None:
    """How wide each column is to be, so that the table takes at most `room` columns without the gaps.

    Args:
        header: the columns' headings.
        rows: each row's cells, each cell's lines.
        fixed: whether a column's lines must not be broken.
        room: columns that there are.

    Returns:
        The widths; None when the table cannot be read in so little room.
    """
    natural = [width_of(heading) for heading in header]
    for row in rows:
        for number, lines in enumerate(row):
            for line in lines:
                natural[number] = max(natural[number], width_of(line))
    if sum(natural) <= room:
        return natural
    widths = list(natural)
    loose = [number for number in range(len(widths)) if not fixed[number] and natural[number] > _NARROWEST]
    left = room - sum(width for number, width in enumerate(widths) if number not in loose)
    for place, number in enumerate(sorted(loose, key=lambda number: natural[number])):
        widths[number] = min(natural[number], left // (len(loose) - place))
        left -= widths[number]
    if left < 0 or any(widths[number] < min(_NARROWEST, natural[number]) for number in loose):
        return None
    tallest = max((len(wrapped(line, widths[n])) for row in rows for n in loose for line in row[n]), default=1)
    return widths if tallest <= _MOST_LINES else None
