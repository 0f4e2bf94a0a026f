"""Text of exports from bytes: whatever its encoding, without what a terminal puts into it."""

import codecs
import re

__all__ = ["lines_of", "plain_text"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAX_LINE = 100_000
# ECMA-48: control sequences, operating system commands, and the two-character escapes.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,1024}(?:\x07|\x1b\\)|[@-Z\\^_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff]")


def plain_text(data: bytes) -> str:
    """The text with LF line ends. Bytes that are no UTF-8 are read as Latin-1: nothing is refused here."""
    mark, encoding = next(((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", "utf-8"))
    body = data[len(mark) :]
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    return _CONTROLS.sub("", _ESCAPES.sub("", text))


def lines_of(text: str) -> list[tuple[int, str]]:
    """The lines that are not blank, with their numbers from 1. A line is cut after 100,000 characters."""
    return [(number, line[:_MAX_LINE]) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
