"""Escaping for the outputs that other programs read."""

import re

from certplan.names import show

__all__ = ["markdown", "markdown_cell", "plain"]

_LONGEST = 4000
_MARKUP = re.compile(r"([\\`*_\[\]<>|#~])")
_BLOCK = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s)", re.MULTILINE)


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
