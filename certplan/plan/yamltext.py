"""Where the nodes of a YAML text stand in it, and how new values are written beside them."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Union

import yaml

__all__ = [
    "LINE_END",
    "EditRefusedError",
    "Values",
    "block_lines",
    "column_of",
    "end_of",
    "entry_lines",
    "in_flow",
    "indentation_of",
    "line_after",
    "line_end_of",
    "line_start",
    "quoted",
    "start_of",
    "texts_of",
    "word_of",
]

Values = Union[str, int, float, bool, Sequence["Values"], Mapping[str, "Values"]]  # noqa: UP007
"""What can be put into a plan: the plain values of its file."""
LINE_END = re.compile(r"\r\n|\r|\n")
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+-]*")
_NULLS = ("null",)
_WIDEST = 100


class EditRefusedError(Exception):
    """The text is laid out so that it cannot be changed without risk to the rest of it; the message says why."""


def start_of(node: yaml.Node) -> int:
    """Where the text of a node begins."""
    return int(node.start_mark.index)


def end_of(node: yaml.Node) -> int:
    """Where the text of a node ends. The marks of a block end at whatever comes next, so its last part is asked."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return end_of(last[1] if isinstance(node, yaml.MappingNode) else last)
    return int(node.end_mark.index)


def line_start(text: str, offset: int) -> int:
    """The beginning of the line of an offset."""
    return max((match.end() for match in LINE_END.finditer(text, 0, offset)), default=0)


def line_after(text: str, offset: int) -> tuple[int, bool]:
    """The beginning of the next line, and whether there is a line end before it."""
    if offset and text[offset - 1] in "\r\n":
        return offset, True
    match = LINE_END.search(text, offset)
    return (match.end(), True) if match else (len(text), False)


def line_end_of(text: str) -> str:
    """How the lines of a text end."""
    match = LINE_END.search(text)
    return match[0] if match else "\n"


def indentation_of(text: str, node: yaml.Node) -> str | None:
    """The blanks before a node on its line; None when something else stands before it."""
    start = start_of(node)
    lead = text[start - node.start_mark.column : start]
    return lead if not lead.strip(" ") else None


def column_of(text: str, node: yaml.Node) -> str:
    """The blanks that bring another line to the column of this node."""
    start = start_of(node)
    lead = text[start - node.start_mark.column : start]
    if lead.strip(" -"):
        raise EditRefusedError("a section does not begin on a line of its own")
    return " " * len(lead)


def texts_of(value: Values) -> Values:
    """The value as it is read back: every scalar a text."""
    if isinstance(value, Mapping):
        return {key: texts_of(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [texts_of(each) for each in value]
    return word_of(value)


def word_of(value: Values) -> str:
    """A scalar as the file has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def quoted(text: str, quotes: bool, is_text: bool = True) -> str:
    """A word in double quotes where it needs them or `quotes` asks for them; a number or flag stays bare."""
    if not is_text or (not quotes and _PLAIN.fullmatch(text) and text.lower() not in _NULLS):
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in json.dumps(text, ensure_ascii=False))


def _escape(char: str) -> str:
    """A character that cannot stand in YAML, or breaks its lines, by its number (YAML 1.2.2, section 5.7)."""
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def in_flow(value: Values, quotes: bool, *, lead: tuple[str, str] | None = None) -> str:
    """On one line; with `lead` (indentation, line end) a list's entries have a line each."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(k, quotes)}: {in_flow(v, quotes)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        entries = [in_flow(each, quotes) for each in value]
        if lead is None or not entries:
            return f"[{', '.join(entries)}]"
        indent, eol = lead
        return f"[{eol}{indent}" + f",{eol}{indent}".join(entries) + f"{eol}{indent[:-2]}]"
    return quoted(word_of(value), quotes, isinstance(value, str))


def block_lines(section: Mapping[str, Values], indent: str, *, quotes: bool) -> list[str]:
    """Lines of a section: what fits on a line stands on one, the rest a line each."""
    lines: list[str] = []
    for key, value in section.items():
        head = f"{indent}{quoted(key, quotes)}:"
        nested = isinstance(value, Mapping) and any(isinstance(each, (Mapping, list, tuple)) for each in value.values())
        rows = isinstance(value, (list, tuple)) and any(isinstance(each, Mapping) for each in value)
        line = f"{head} {in_flow(value, quotes)}"
        if isinstance(value, Mapping) and value and (nested or len(line) > _WIDEST or not indent):
            lines += [head, *block_lines(value, f"{indent}  ", quotes=quotes)]
        elif isinstance(value, (list, tuple)) and value and (rows or len(line) > _WIDEST):
            lines += [head, *(each for entry in value for each in entry_lines(entry, f"{indent}  ", quotes=quotes))]
        else:
            lines.append(line)
    return lines


def entry_lines(value: Values, indent: str, *, quotes: bool) -> list[str]:
    """Lines of a list entry."""
    line = f"{indent}- {in_flow(value, quotes)}"
    if not isinstance(value, Mapping) or len(line) <= _WIDEST:
        return [line]
    first, *rest = block_lines(value, f"{indent}  ", quotes=quotes)
    return [f"{indent}- {first.lstrip()}", *rest]
