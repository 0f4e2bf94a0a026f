"""Put a cluster address mapping into a plan's text, and leave every other character as it is.

The text is edited at the marks of its YAML nodes: values are exchanged in their place, rows are added and taken out as
whole lines. The result is read back; unless it is the same plan with just the new table, the edit is refused.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from certplan.plan.model import MappingEntry, Plan
from certplan.plan.reading import PlanError, read_plan
from certplan.proposal.mapping_advice import RowAction, TableRow, entries_to_write

__all__ = ["EditRefusedError", "with_mapping"]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINE_END = re.compile(r"\r\n|\r|\n")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_NULLS = ("null",)
_KEY = "address_mapping"


class EditRefusedError(Exception):
    """The table cannot be put into this text without risk to the rest of it; the message says why."""


@dataclass(frozen=True, slots=True, order=True)
class _Edit:
    """Put `text` in the place of what stands between two offsets."""

    start: int
    end: int
    text: str


def with_mapping(text: str, rows: Sequence[TableRow]) -> str:
    """Make the rows of `rows` that are wanted the plan's `address_mapping`; comments and layout stay.

    Args:
        text: the text of a plan that can be read, without a byte order mark.
        rows: what `mapping_advice.table_rows` told of that plan.

    Raises:
        EditRefusedError: when the text is laid out so that it cannot be done safely.
    """
    try:
        before = _read(text)
    except PlanError:
        raise EditRefusedError("it is no plan that can be read") from None
    wanted = entries_to_write(rows)
    if not wanted:
        raise EditRefusedError("there is no entry to write")
    edited = _edited(text, before, rows, wanted)
    try:
        after = _read(edited)
    except PlanError:
        after = None
    if after is None or after != replace(before, cluster=replace(before.cluster, stated_address_mapping=wanted)):
        raise EditRefusedError("its cluster section is laid out in a way that is not understood here")
    return edited


def _read(text: str) -> Plan:
    return read_plan(text, "plan", Path())


def _edited(text: str, plan: Plan, rows: Sequence[TableRow], wanted: Sequence[MappingEntry]) -> str:
    cluster = _value(yaml.compose(text, Loader=_LOADER), "cluster")
    if not isinstance(cluster, yaml.MappingNode):
        raise EditRefusedError("its cluster section was not found")
    table = _value(cluster, _KEY)
    if table is None:
        edits = [_insertion(text, cluster, wanted)]
    elif not isinstance(table, yaml.SequenceNode):
        raise EditRefusedError("its address_mapping is no list")
    elif plan.cluster.address_mapping == tuple(wanted):
        edits = []
    elif table.flow_style or len(table.value) != len(rows) - sum(row.today is None for row in rows):
        # In brackets commas would have to be minded; and a row that stands twice has no row of its own in `rows`.
        edits = [_whole(text, cluster, table, wanted)]
    else:
        edits = _by_rows(text, table, rows)
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _value(node: yaml.Node | None, name: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == name), None)


def _insertion(text: str, cluster: yaml.MappingNode, wanted: Sequence[MappingEntry]) -> _Edit:
    """A table where there was none, behind the last key of the cluster section."""
    last_key, last_value = cluster.value[-1]
    quotes = last_key.style == '"'
    if cluster.flow_style:
        at = _end(last_value)
        lead = _indentation(text, last_key)
        between = ", " if lead is None else f",{_line_end(text)}{lead}"
        return _Edit(at, at, f"{between}{_quoted(_KEY, quotes)}: {_in_brackets(text, wanted, quotes, lead)}")
    indent = _column(text, cluster.value[0][0])
    eol = _line_end(text)
    lines = [f"{indent}{_quoted(_KEY, quotes)}:", *(f"{indent}  - {_row(entry, quotes)}" for entry in wanted)]
    at, ended = _line_after(text, _end(last_value))
    block = eol.join(lines)
    return _Edit(at, at, f"{block}{eol}" if ended else f"{eol}{block}")


def _whole(text: str, cluster: yaml.MappingNode, table: yaml.SequenceNode, wanted: Sequence[MappingEntry]) -> _Edit:
    """Exchange all rows of the list. Comments among them would go, so there may be none."""
    key = next(key for key, value in cluster.value if value is table)
    quotes = key.style == '"'
    if not table.value:
        return _Edit(_start(table), _end(table), _in_brackets(text, wanted, quotes, _indentation(text, key)))
    start, end = _start(table.value[0]), _end(table.value[-1])
    if re.search(r"\s#", text[start:end]):
        raise EditRefusedError("comments stand among the entries of its address_mapping and would be lost")
    lead = _indentation(text, table.value[0]) if table.flow_style else _column(text, table)
    between = ", " if lead is None else _line_end(text) + lead
    if table.flow_style:
        between = between if lead is None else f",{between}"
    else:
        between += "- "
    return _Edit(start, end, between.join(_row(entry, quotes) for entry in wanted))


def _by_rows(text: str, table: yaml.SequenceNode, rows: Sequence[TableRow]) -> list[_Edit]:
    """Exchange what changed, take out and add whole lines. The rows of today come in the order of the list."""
    edits: list[_Edit] = []
    for node, row in zip(table.value, rows, strict=False):
        if row.action is RowAction.CHANGE and row.wanted is not None and row.today is not None:
            sides = (("fqdn", row.wanted.fqdn, row.today.fqdn), ("ip", str(row.wanted.ip), str(row.today.ip)))
            edits += [_exchange(_value(node, side), new) for side, new, old in sides if new != old]
        elif row.action is RowAction.DELETE:
            edits.append(_removal(text, node))
    added = [row.wanted for row in rows if row.action is RowAction.ADD and row.wanted is not None]
    if added:
        at, ended = _line_after(text, _end(table.value[-1]))
        eol, lead = _line_end(text), _column(text, table)
        block = eol.join(f"{lead}- {_row(entry, quotes=False)}" for entry in added)
        edits.append(_Edit(at, at, f"{block}{eol}" if ended else f"{eol}{block}"))
    return edits


def _exchange(node: yaml.Node | None, new: str) -> _Edit:
    if not isinstance(node, yaml.ScalarNode) or node.style in ("|", ">"):
        raise EditRefusedError("an entry of its address_mapping is written in a way that is not understood here")
    return _Edit(_start(node), _end(node), _quoted(new, node.style == '"'))


def _removal(text: str, node: yaml.Node) -> _Edit:
    """Take out the lines of an entry, its own comment with it. They must hold nothing else."""
    start = max((match.end() for match in _LINE_END.finditer(text, 0, _start(node))), default=0)
    end, _ = _line_after(text, _end(node))
    if text[start : _start(node)].strip() != "-":
        raise EditRefusedError("an entry of its address_mapping does not begin on the line of its hyphen")
    return _Edit(start, end, "")


def _start(node: yaml.Node) -> int:
    return node.start_mark.index


def _end(node: yaml.Node) -> int:
    """Where the text of a node ends. The marks of a block end at whatever comes next, so its last part is asked."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(node, yaml.MappingNode) else last)
    return node.end_mark.index


def _line_after(text: str, offset: int) -> tuple[int, bool]:
    """The beginning of the next line, and whether there is a line end before it."""
    if offset and text[offset - 1] in "\r\n":
        return offset, True
    match = _LINE_END.search(text, offset)
    return (match.end(), True) if match else (len(text), False)


def _line_end(text: str) -> str:
    match = _LINE_END.search(text)
    return match[0] if match else "\n"


def _indentation(text: str, node: yaml.Node) -> str | None:
    """The blanks before a node on its line; None when something else stands before it."""
    start = _start(node)
    lead = text[start - node.start_mark.column : start]
    return lead if not lead.strip(" ") else None


def _column(text: str, node: yaml.Node) -> str:
    lead = _indentation(text, node)
    if lead is None:
        raise EditRefusedError("its cluster section does not begin on a line of its own")
    return lead


def _quoted(text: str, quotes: bool) -> str:
    plain = not quotes and (_PLAIN.fullmatch(text) or text == _KEY) and text.lower() not in _NULLS
    return text if plain else f'"{text}"'


def _row(entry: MappingEntry, quotes: bool) -> str:
    sides = (("fqdn", entry.fqdn), ("ip", str(entry.ip)))
    return "{" + ", ".join(f"{_quoted(side, quotes)}: {_quoted(value, quotes)}" for side, value in sides) + "}"


def _in_brackets(text: str, wanted: Sequence[MappingEntry], quotes: bool, lead: str | None) -> str:
    """A list in brackets: on one line, or, where the section's keys have a line each, so the rows, too."""
    rows = [_row(entry, quotes) for entry in wanted]
    if lead is None:
        return f"[{', '.join(rows)}]"
    eol = f"{_line_end(text)}{lead}  "
    return f"[{eol}{f',{eol}'.join(rows)}]"
