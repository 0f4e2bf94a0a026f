"""The lines of a zone file as entries (RFC 1035 section 5.1): without comments, parentheses and quotation marks."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from certplan.value import Struct, field

__all__ = ["MAX_LINE", "MAX_LINES_OF_ENTRY", "RelativeNameError", "Token", "ZoneEntry", "ZoneFileError", "entries"]

MAX_LINE = 65_536
MAX_LINES_OF_ENTRY = 1_000
"""Lines that one pair of parentheses may span."""
MAX_DEPTH = 16

_PIECE = re.compile(
    r"""(?P<word>(?:[^\s;()"\\]++|\\.)++|\\)
    | (?P<blank>\s+)
    | (?P<comment>;.*)
    | (?P<open>\()
    | (?P<close>\))
    | "(?P<quoted>(?:[^"\\]|\\.)*+)(?P<end>"?)""",
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    text: str
    line: int
    column: int
    quoted: bool = False


class ZoneFileError(Exception):
    """Something that cannot be read, and where it stands."""

    def __init__(self, what: str, line: int = 0, column: int = 0) -> None:
        super().__init__(what)
        self.what, self.line, self.column = what, line, column


class RelativeNameError(ZoneFileError):
    """A relative name while no origin is known."""


class ZoneEntry(Struct):
    """One logical line: a record or a directive, its comments and parentheses taken off."""

    line: int
    next_line: int
    continues: bool
    """It begins with a blank, and so carries on with the owner before it."""
    tokens: list[Token] = field(default_factory=list)
    fault: ZoneFileError | None = None
    unclosed: bool = False


def entries(lines: Iterable[str], passed_over: Callable[[str], bool]) -> Iterator[ZoneEntry]:
    """The entries of a file, of which no more is held than the longest entry may need.

    Args:
        lines: its lines, without their ends.
        passed_over: whether a line at which an entry could begin is not read at all.
    """
    source, held, before, more = iter(lines), list[str](), 0, True
    while more:
        batch = list(islice(source, MAX_LINES_OF_ENTRY))
        held += batch
        more = len(batch) == MAX_LINES_OF_ENTRY
        index = 0
        while index < len(held) - (MAX_LINES_OF_ENTRY if more else 0):
            if passed_over(held[index]):
                index += 1
                continue
            entry = _read_entry(held, index, before)
            index = entry.next_line - before
            if entry.tokens or entry.fault is not None:
                yield entry
        del held[:index]
        before += index


def _read_entry(lines: list[str], first: int, before: int) -> ZoneEntry:
    """The entry that begins at index `first` of `lines`, `before` which there were more."""
    entry = ZoneEntry(before + first + 1, before + first + 1, lines[first][:1].isspace())
    depth, opened = 0, (0, 0)
    for index in range(first, min(len(lines), first + MAX_LINES_OF_ENTRY)):
        line, number = lines[index], before + index + 1
        entry.next_line = number
        if len(line) > MAX_LINE:
            entry.fault = entry.fault or ZoneFileError(f"a line of more than {MAX_LINE:,} characters", number)
            line = ""
        for piece in _PIECE.finditer(line):
            kind, column = piece.lastgroup, piece.start() + 1
            if kind == "word":
                entry.tokens.append(Token(piece.group(), number, column))
            elif kind == "end":
                entry.tokens.append(Token(piece["quoted"], number, column, quoted=True))
                if not piece["end"]:
                    entry.fault = entry.fault or ZoneFileError("a quotation mark that is not closed", number, column)
            elif kind == "open":
                opened = opened if depth else (number, column)
                depth += 1
                if depth > MAX_DEPTH:
                    entry.fault = entry.fault or ZoneFileError("parentheses nested too deeply", number, column)
            elif kind == "close" and depth:
                depth -= 1
            elif kind == "close":
                entry.fault = entry.fault or ZoneFileError(
                    "a closing parenthesis without an opening one", number, column
                )
        if not depth:
            return entry
    # The next line is read afresh, for one forgotten parenthesis is not to hide the whole file.
    entry.tokens = [token for token in entry.tokens if token.line == entry.line]
    entry.fault = ZoneFileError("a parenthesis that is not closed", *opened)
    entry.next_line, entry.unclosed = entry.line, True
    return entry
