"""Escaping for the outputs that other programs read."""

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

from certplan.text.names import show

__all__ = ["csv_cell", "csv_rows", "csv_text", "markdown", "markdown_cell", "markdown_table", "plain"]

_LONGEST = 4000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Where the list separator is a semicolon, a spreadsheet begins a cell behind each of them.
_CELL_WITHIN = re.compile("(;\\s*)(?=[=+@\uff1d\uff0b\uff0d\uff20-])")
_MARKUP = re.compile(r"([\\`*_\[\]<>|#~$]|:(?=//)|(?<=www)\.)", re.IGNORECASE)
# What GitHub and GitLab make mentions and links of once all is rendered, so that no escape keeps them from it; code
# they leave alone. Addresses, people, and issues, merge requests and commits by number.
_REFERENCE = re.compile(
    r"([a-z][a-z0-9+.-]*://[^\s|`\\]+|\bwww\.[^\s|`\\]+|[\w.+-]*@[\w][\w./-]*"
    r"|(?:\w[\w./-]*)?[#!]\d+|\bGH-\d+|\b[0-9a-f]{40}\b)",
    re.IGNORECASE,
)
# A list, a rule or an underline begins with these; a digit cannot be escaped, the mark behind it can.
_BLOCK = re.compile(r"^(\s*\d*)([-+=.)])(?=[\s=-]|$)", re.MULTILINE)


def plain(text: str) -> str:
    """Text without control characters and with hidden ones made visible; line breaks become blanks."""
    return show(" ".join(text.split()), _LONGEST)


def markdown(text: str) -> str:
    """Text that Markdown shows as it is: no emphasis, link, HTML, heading, list or table comes of it.

    What a forge would make a mention or a link of stands in a code span.
    """
    pieces = _REFERENCE.split(plain(text))
    # Every other piece is a reference, and contains nothing that a code span would take otherwise.
    escaped = "".join(
        f"`{piece}`" if number % 2 else _MARKUP.sub(r"\\\1", piece).replace("&", "&amp;")
        for number, piece in enumerate(pieces)
    )
    return _BLOCK.sub(r"\1\\\2", escaped)


def markdown_cell(text: str) -> str:
    """`markdown`, for a cell of a table."""
    return markdown(text)


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of GitHub's Markdown, its cells through `markdown_cell`; it ends with a line feed."""
    body = [f"| {' | '.join(markdown_cell(cell) for cell in row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(header)} |", f"|{'---|' * len(header)}", *body]) + "\n"


def csv_cell(text: str) -> str:
    """One cell of a CSV table: `plain`, with an apostrophe before what a spreadsheet would run as a formula."""
    shown = _CELL_WITHIN.sub(r"\1'", plain(text))
    return f"'{shown}" if text.startswith(_FORMULA) or shown.startswith(_FORMULA) else shown


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as CSV (RFC 4180, its lines ended by a line feed), its cells through `csv_cell`."""
    return csv_rows([header]) + csv_rows(rows)


def csv_rows(rows: Iterable[Sequence[str]]) -> str:
    """The lines of a CSV table without its header."""
    page = StringIO()
    csv.writer(page, lineterminator="\n").writerows([csv_cell(cell) for cell in row] for row in rows)
    return page.getvalue()
