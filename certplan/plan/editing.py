"""A plan's text changed value by value; comments, layout, quotes and line ends stay.

The text is edited at the marks of its YAML nodes. What is put in is written as the rest of the file is: in block lines,
in braces, or as JSON. A comment whose line goes is put back above the place that was edited.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import yaml

from certplan.plan.model import PlanPath
from certplan.plan.yamltext import (
    LINE_END,
    EditRefusedError,
    Values,
    block_lines,
    column_of,
    end_of,
    entry_lines,
    in_flow,
    indentation_of,
    line_after,
    line_end_of,
    line_start,
    quoted,
    start_of,
    texts_of,
    word_of,
)
from certplan.value import Value

__all__ = ["EditRefusedError", "Values", "comments_of", "drop", "note_above", "put", "rename", "value_at"]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Edit(Value, order=True):
    """Put `text` in the place of what stands between two offsets."""

    start: int
    end: int
    text: str


def value_at(text: str, path: PlanPath) -> Values | None:
    """The plain value at `path`, or None where there is none."""
    node: yaml.Node | None = _root(text)
    for step in path:
        node = _child(node, step)
    return None if node is None else _plain(node)


def put(text: str, path: PlanPath, value: Values) -> str:
    """Make `value` the value at `path`; sections on the way that are not there yet are made.

    Raises:
        EditRefusedError: when what stands there cannot be changed safely.
    """
    holder: yaml.Node = _root(text)
    for depth, step in enumerate(path):
        child = _child(holder, step)
        if child is None:
            for missing in reversed(path[depth + 1 :]):
                value = {str(missing): value}
            return _with_comments(text, _applied(text, [_insertion(text, holder, step, value)]), path)
        if depth < len(path) - 1:
            if not isinstance(child, yaml.CollectionNode):
                raise EditRefusedError(f"{step} is not a section")
            holder = child
            continue
        if _same(_plain(child), value):
            return text
        if isinstance(value, Mapping) and isinstance(child, yaml.MappingNode) and value:
            for key in [key.value for key, _ in child.value if key.value not in value]:
                text = drop(text, (*path, key))
            for key, each in value.items():
                text = put(text, (*path, key), each)
            return text
        return _with_comments(text, _applied(text, _replacement(text, holder, child, value)), path)
    raise EditRefusedError("there is nothing to put it in")


def drop(text: str, path: PlanPath, keep: PlanPath | None = None) -> str:
    """Take out the key or list entry at `path`, and a section that is empty then. Nothing happens where there is none.

    Args:
        text: the plan's text.
        path: what to take out.
        keep: above what its comments go; above the section it stood in, when left out.

    Raises:
        EditRefusedError: when it cannot be taken out safely.
    """
    nodes: list[Any] = [_root(text)]
    for step in path:
        child = _child(nodes[-1], step)
        if child is None:
            return text
        nodes.append(child)
    depth = len(path) - 1
    # A section without anything in it would be no value; the whole of it goes.
    while depth > 0 and len(nodes[depth].value) == 1:
        depth -= 1
    edit = _removal(text, nodes[depth], path[depth])
    return _with_comments(text, _applied(text, [edit]), path[:depth] if keep is None else keep)


def rename(text: str, path: PlanPath, key: str) -> str:
    """Give the key at `path` another name."""
    node = _key_node(_root(text), path)
    quotes = getattr(node, "style", None) == '"'
    return _applied(text, [_Edit(start_of(node), end_of(node), quoted(key, quotes))])


def note_above(text: str, path: PlanPath, note: str) -> str:
    """Put `# note` on a line of its own above the line of `path`, in the place of an earlier one of the same kind.

    A plan in JSON stays JSON: it gets no comment.
    """
    root = _root(text)
    if root.flow_style:
        return text
    key = _key_node(root, path)
    start = line_start(text, start_of(key))
    indent = re.match(r" *", text[start:])[0]  # type: ignore[index]
    kind = note.rsplit(" ", 1)[0]
    before = LINE_END.split(text[:start])[-2:-1]
    if before and before[0].strip().startswith(f"# {kind}"):
        above = line_start(text, start - 1 - (text[start - 2 : start] == "\r\n"))
        return f"{text[:above]}{indent}# {note}{line_end_of(text)}{text[start:]}"
    return f"{text[:start]}{indent}# {note}{line_end_of(text)}{text[start:]}"


def comments_of(text: str) -> Counter[str]:
    """The comments of a text, each with how often it stands there."""
    found: Counter[str] = Counter()
    end = 0
    for token in yaml.scan(text, Loader=_LOADER):
        if isinstance(token, (yaml.ScalarToken, yaml.StreamEndToken)):
            stop = len(text) if isinstance(token, yaml.StreamEndToken) else token.start_mark.index
            found.update(
                comment.strip() for comment in re.findall(r"(?:^|(?<=\s))#[^\r\n]*", text[end:stop], re.MULTILINE)
            )
            end = token.end_mark.index
    return found


def _with_comments(before: str, after: str, path: PlanPath) -> str:
    """Put back, above what is left of `path`, the comments that an edit took out."""
    lost = comments_of(before) - comments_of(after)
    for comment in lost.elements():
        place = path
        while place and value_at(after, place) is None:
            place = place[:-1]
        if not place:
            after += f"{'' if after.endswith(line_end_of(after)) else line_end_of(after)}{comment}{line_end_of(after)}"
            continue
        start = line_start(after, start_of(_key_node(_root(after), place)))
        indent = re.match(r" *", after[start:])[0]  # type: ignore[index]
        after = f"{after[:start]}{indent}{comment}{line_end_of(after)}{after[start:]}"
    return after


def _root(text: str) -> yaml.MappingNode:
    root = yaml.compose(text, Loader=_LOADER)
    if not isinstance(root, yaml.MappingNode):
        raise EditRefusedError("it is not a readable plan")
    return root


def _child(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        entry: yaml.Node = node.value[step]
        return entry
    return None


def _key_node(node: yaml.Node, path: PlanPath) -> yaml.Node:
    """The node of the key that `path` ends with, or of the list entry."""
    for step in path[:-1]:
        child = _child(node, step)
        node = node if child is None else child
    if isinstance(node, yaml.MappingNode):
        return next((key for key, _ in node.value if key.value == path[-1]), node)
    return _child(node, path[-1]) or node


def _plain(node: yaml.Node) -> Values:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value) for value in node.value]
    return str(node.value)


def _same(old: Values, new: Values) -> bool:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return list(old) == list(new) and all(_same(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, (list, tuple)):
        return len(old) == len(new) and all(map(_same, old, new))
    return isinstance(old, str) and isinstance(new, (str, int, float)) and old == word_of(new)


def _applied(text: str, edits: Sequence[_Edit]) -> str:
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


# Putting in


def _insertion(text: str, holder: yaml.Node, step: str | int, value: Values) -> _Edit:
    """A key behind the last of its section, or an entry behind the last of its list."""
    if isinstance(holder, yaml.SequenceNode):
        return _appended(text, holder, value)
    if not isinstance(holder, yaml.MappingNode):
        raise EditRefusedError(f"there is no section to put {step} in")
    quotes = any(key.style == '"' for key, _ in holder.value) or text.lstrip()[:1] == "{"
    said = f"{quoted(str(step), quotes)}: "
    if holder.flow_style:
        if not holder.value:
            return _Edit(start_of(holder), end_of(holder), "{" + said + in_flow(value, quotes) + "}")
        last_key, last = holder.value[-1]
        lead = indentation_of(text, last_key)
        between = ", " if lead is None else f",{line_end_of(text)}{lead}"
        return _Edit(end_of(last), end_of(last), f"{between}{said}{in_flow(value, quotes)}")
    indent = column_of(text, holder.value[0][0])
    at, ended = line_after(text, end_of(holder.value[-1][1]))
    eol = line_end_of(text)
    block = eol.join(block_lines({str(step): value}, indent, quotes=quotes))
    return _Edit(at, at, f"{block}{eol}" if ended else f"{eol}{block}")


def _appended(text: str, holder: yaml.SequenceNode, value: Values) -> _Edit:
    quotes = text.lstrip()[:1] == "{"
    if holder.flow_style:
        if not holder.value:
            return _Edit(start_of(holder), end_of(holder), f"[{in_flow(value, quotes)}]")
        lead = indentation_of(text, holder.value[-1])
        between = ", " if lead is None else f",{line_end_of(text)}{lead}"
        return _Edit(end_of(holder.value[-1]), end_of(holder.value[-1]), between + in_flow(value, quotes))
    at, ended = line_after(text, end_of(holder.value[-1]))
    eol, block = line_end_of(text), line_end_of(text).join(entry_lines(value, column_of(text, holder), quotes=quotes))
    return _Edit(at, at, f"{block}{eol}" if ended else f"{eol}{block}")


def _replacement(text: str, holder: yaml.Node, old: Any, value: Values) -> list[_Edit]:
    quotes = getattr(old, "style", None) == '"' or text.lstrip()[:1] == "{"
    if isinstance(old, yaml.SequenceNode) and isinstance(value, (list, tuple)) and not old.flow_style and value:
        return _by_entries(text, old, value)
    if (
        isinstance(old, yaml.ScalarNode)
        and old.style not in ("|", ">")
        and not isinstance(value, (list, tuple, Mapping))
    ):
        return [_Edit(start_of(old), end_of(old), quoted(word_of(value), quotes, isinstance(value, str)))]
    if isinstance(old, yaml.ScalarNode) and old.style in ("|", ">"):
        raise EditRefusedError("a text of several lines is where the new value goes")
    lead = indentation_of(text, old.value[0]) if isinstance(old, yaml.SequenceNode) and old.value else None
    if isinstance(old, yaml.ScalarNode) or old.flow_style or not old.value:
        return [
            _Edit(
                start_of(old),
                end_of(old),
                in_flow(value, quotes, lead=None if lead is None else (lead, line_end_of(text))),
            )
        ]
    # A block becomes a value on its key's line.
    key = next(key for key, each in holder.value if each is old) if isinstance(holder, yaml.MappingNode) else None
    if key is None:
        raise EditRefusedError("an entry of a list is laid out in a way that is not understood here")
    return [_Edit(end_of(key), end_of(old), f": {in_flow(value, quotes)}")]


def _by_entries(text: str, old: yaml.SequenceNode, value: Sequence[Values]) -> list[_Edit]:
    """Keep the lines of the entries that stay, take out and put in whole lines for the others."""
    was, stated = [repr(_plain(each)) for each in old.value], [repr(texts_of(each)) for each in value]
    edits: list[_Edit] = []
    eol, lead = line_end_of(text), column_of(text, old)
    for tag, i, j, k, m in SequenceMatcher(None, was, stated, autojunk=False).get_opcodes():
        pairs = min(j - i, m - k) if tag == "replace" else 0
        for node, new in zip(old.value[i : i + pairs], value[k : k + pairs], strict=True):
            edits += _exchanged(text, node, new)
        for node in old.value[i + pairs : j] if tag != "equal" else ():
            edits.append(_entry_removal(text, node))
        added = value[k + pairs : m] if tag != "equal" else ()
        if added:
            block = eol.join(line for each in added for line in entry_lines(each, lead, quotes=False))
            if j == 0:
                at, ended = line_start(text, start_of(old.value[0])), True
            else:
                at, ended = line_after(text, end_of(old.value[j - 1]))
            edits.append(_Edit(at, at, f"{block}{eol}" if ended else f"{eol}{block}"))
    return edits


def _exchanged(text: str, node: yaml.Node, new: Values) -> list[_Edit]:
    """One entry for another in its place, so that its comment stays with it."""
    if (
        isinstance(node, yaml.ScalarNode)
        and not isinstance(new, (list, tuple, Mapping))
        and node.style not in ("|", ">")
    ):
        return [_Edit(start_of(node), end_of(node), quoted(word_of(new), node.style == '"', isinstance(new, str)))]
    if (
        isinstance(node, yaml.MappingNode)
        and isinstance(new, Mapping)
        and [k.value for k, _ in node.value] == list(new)
    ):
        return [edit for key, each in node.value for edit in _exchanged(text, each, new[key.value])]
    return [_Edit(start_of(node), end_of(node), in_flow(new, quotes=False))]


# Taking out


def _removal(text: str, holder: yaml.CollectionNode, step: str | int) -> _Edit:
    at = next(n for n, each in enumerate(holder.value) if step in (n, each[0].value if isinstance(each, tuple) else n))
    first, last = _ends(holder.value[at])
    if not holder.flow_style:
        if isinstance(holder, yaml.SequenceNode):
            return _entry_removal(text, holder.value[at])
        if indentation_of(text, first) is None:
            raise EditRefusedError(f"{step} does not begin on a line of its own")
        end, _ = line_after(text, end_of(last))
        return _Edit(line_start(text, start_of(first)), end, "")
    if at + 1 < len(holder.value):
        return _Edit(start_of(first), start_of(_ends(holder.value[at + 1])[0]), "")
    before = end_of(_ends(holder.value[at - 1])[1]) if at else start_of(holder) + 1
    return _Edit(before, end_of(last), "")


def _ends(part: yaml.Node | tuple[yaml.Node, yaml.Node]) -> tuple[yaml.Node, yaml.Node]:
    return part if isinstance(part, tuple) else (part, part)


def _entry_removal(text: str, node: yaml.Node) -> _Edit:
    """Take out the lines of a list entry, its own comment with it. They must hold nothing else."""
    start = line_start(text, start_of(node))
    end, _ = line_after(text, end_of(node))
    if text[start : start_of(node)].strip() != "-":
        raise EditRefusedError("an entry of a list does not begin on the line of its hyphen")
    return _Edit(start, end, "")
