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
# A list, a rule or an underline begins with these; a digit cannot be escaped, the mark behind it can.
_BLOCK = re.compile(r"^(\s*\d*)([-+=.)])(?=[\s=-]|$)", re.MULTILINE)


def plain(text: str) -> str:
    """Text without control characters and with hidden ones made visible; line breaks become blanks."""
    return show(" ".join(text.split()), _LONGEST)


def markdown(text: str) -> str:
    """Text that Markdown shows as it is: no emphasis, link, HTML, heading, list or table comes of it."""
    escaped = _MARKUP.sub(r"\\\1", plain(text)).replace("&", "&amp;")
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
