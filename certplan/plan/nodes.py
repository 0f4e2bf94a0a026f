"""Plan text as plain values with their places: YAML structure, none of YAML's typing.

Scalars stay text, so that `no`, `1.10`, `22:22:22`, `0755` and dates mean what they say. Anchors, aliases, merge keys,
tags, duplicate keys and further documents are refused. The tree is built from the parser's events with a stack of our
own, because PyYAML's composer recurses once a level and so can be made to exhaust the C stack.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from enum import Enum
from typing import Protocol, Union

import msgspec
import yaml

from certplan.places import Place
from certplan.plan.kinds import PlanPath
from certplan.plan.problems import PlanProblem
from certplan.plan.scalars import shown
from certplan.value import field

__all__ = ["Blank", "Node", "TextPlaces", "Tree", "read_tree"]

MAX_DEPTH = 32
MAX_NODES = 100_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINE_END = re.compile(r"\r\n|\r|\n")
_NULLS = ("", "~", "null", "Null", "NULL")


class _Mark(Protocol):
    @property
    def index(self) -> int: ...


class Blank(Enum):
    """What stands where a value ought to."""

    EMPTY = "empty"
    """Nothing, as in `key:`, or YAML's `null` and `~`."""
    BARE = "bare"
    """Nothing, and no colon either: a key inside `{...}` that is a value cut off at a comma, or a typing slip."""
    REFUSED = "refused"
    """Something already reported."""


Node = Union[str, Blank, list["Node"], dict[str, "Node"]]  # noqa: UP007


class TextPlaces:
    """Turns an offset in a text into its place, with lines as editors count them (LF, CRLF and CR end one)."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
        # The parser's end of text is past the last line break; no editor can go there.
        self._end = len(text.rstrip())

    def at(self, offset: int) -> Place:
        offset = min(offset, self._end)
        line = bisect_right(self._starts, offset)
        return Place(self._file, line, offset - self._starts[line - 1] + 1)


class Tree(msgspec.Struct):
    """A plan's text as plain values.

    `places` holds the place of every value and `keys` that of the key before it. `value` is None when the text holds
    nothing. `whole` is False when reading stopped at a problem and the value is only what came before it.
    """

    value: Node | None = None
    places: dict[PlanPath, Place] = field(default_factory=dict)
    keys: dict[PlanPath, Place] = field(default_factory=dict)
    problems: list[PlanProblem] = field(default_factory=list)
    whole: bool = True

    def place(self, path: PlanPath) -> Place:
        """The place of `path`, or of the nearest thing around it: a word may stand where a section is meant."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places[path]


class _Frame(msgspec.Struct):
    """An open list or mapping. `path` is None inside what is read past: nothing in there is kept."""

    path: PlanPath | None
    value: list[Node] | dict[str, Node]
    is_key: bool = False
    lost_key: bool = False
    """A key of it was refused for being a list or a mapping."""
    awaits_value: bool = False
    step: str | None = None
    """The key whose value comes next; None with `awaits_value` when that value is read past."""
    key_end: int = -1
    """Where that key ends in the text, when it is not in quotes."""


def read_tree(text: str, file: str) -> Tree:
    """Read YAML 1.1 text (as PyYAML parses it) into values, places and problems. Never raises for any text.

    Args:
        text: the whole file, without a byte order mark.
        file: the name to give in places.
    """
    return _Builder(text, file).build()


class _Builder:
    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._where = TextPlaces(text, file)
        self._tree = Tree()
        self._stack: list[_Frame] = []

    def build(self) -> Tree:
        documents = nodes = 0
        try:
            for event in yaml.parse(self._text, Loader=_LOADER):
                if isinstance(event, yaml.NodeEvent):
                    nodes += 1
                    if nodes > MAX_NODES or len(self._stack) > MAX_DEPTH:
                        what = f"nested over {MAX_DEPTH} deep" if nodes <= MAX_NODES else f"of over {MAX_NODES} values"
                        self._report(event, _refused(what))
                        self._tree.whole = False
                        break
                    self._node(event)
                elif isinstance(event, yaml.CollectionEndEvent):
                    self._close()
                elif isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._report(event, 'a second document begins here; one file holds one cluster: remove "---"')
                        break
        except yaml.MarkedYAMLError as error:
            deep = _too_deep(self._text, _index(error.problem_mark or error.context_mark))
            if deep is None:
                self._tree.problems.append(_syntax_problem(error, self._text, self._where))
            else:
                self._tree.problems.append(PlanProblem(self._where.at(deep), _refused(f"nested over {MAX_DEPTH} deep")))
            self._tree.whole = False
        except (yaml.YAMLError, ValueError, OverflowError):
            # The pure-Python parser lets chr() complain of an escape beyond Unicode, without a mark.
            place = self._where.at(0)
            self._tree.problems.append(PlanProblem(place, "not YAML: a character that no text can hold; remove it"))
            self._tree.whole = False
        return self._tree

    def _place(self, event: yaml.Event) -> Place:
        return self._where.at(_index(event.start_mark))

    def _report(self, event: yaml.Event, message: str) -> None:
        self._tree.problems.append(PlanProblem(self._place(event), message))

    def _node(self, event: yaml.NodeEvent) -> None:
        if event.anchor is not None or getattr(event, "tag", None) is not None:
            self._refuse_decoration(event)
        frame = self._stack[-1] if self._stack else None
        if frame is not None and isinstance(frame.value, dict) and not frame.awaits_value:
            self._key(event, frame)
            return
        path, key_end = self._path_of_value(frame)
        if path is not None:
            self._tree.places[path] = self._place(event)
        if isinstance(event, yaml.ScalarEvent):
            self._put(self._scalar(event, key_end), path)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open(_Frame(path, []), path)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open(_Frame(path, {}), path)
        else:
            self._put(Blank.REFUSED, path)

    def _refuse_decoration(self, event: yaml.NodeEvent) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._report(event, f"an alias {shown(f'*{event.anchor}')}; plans have none: write the value out")
            return
        if event.anchor is not None:
            self._report(event, f"an anchor {shown(f'&{event.anchor}')}; plans have none: remove it")
        tag = getattr(event, "tag", None)
        if tag is not None:
            tag = tag.replace("tag:yaml.org,2002:", "!!")
            self._report(event, f"a tag {shown(tag)}; plans have none: remove it, or quote the text")

    def _path_of_value(self, frame: _Frame | None) -> tuple[PlanPath | None, int]:
        if frame is None:
            return (), -1
        if isinstance(frame.value, list):
            return (None if frame.path is None else (*frame.path, len(frame.value))), -1
        step, key_end = frame.step, frame.key_end
        frame.awaits_value, frame.step, frame.key_end = False, None, -1
        return (None if frame.path is None or step is None else (*frame.path, step)), key_end

    def _open(self, opened: _Frame, path: PlanPath | None) -> None:
        self._put(opened.value, path)
        self._stack.append(opened)

    def _close(self) -> None:
        closed = self._stack.pop()
        if closed.is_key:
            self._stack[-1].awaits_value = True
            self._stack[-1].lost_key = True
        elif closed.lost_key and not closed.value:
            # An address in brackets without quotes: one mistake is to give one problem.
            self._put(Blank.REFUSED, closed.path, anew=True)

    def _put(self, value: Node, path: PlanPath | None, *, anew: bool = False) -> None:
        if path is None:
            return
        if not path:
            self._tree.value = value
            return
        holder, step = self._stack[-1].value, path[-1]
        if isinstance(holder, list):
            holder[len(holder) - anew :] = [value]
        else:
            holder[str(step)] = value

    def _scalar(self, event: yaml.ScalarEvent, key_end: int = -1) -> Node:
        if not event.style and event.value in _NULLS:
            # Inside braces a key may stand without its colon: a comma or the closing brace follows it.
            cut = not event.value and key_end >= 0 and self._text[key_end : key_end + 1024].lstrip()[:1] in (",", "}")
            return Blank.BARE if cut else Blank.EMPTY
        if not event.value.isascii() and any("\ud800" <= char <= "\udfff" for char in event.value):
            self._report(event, f"{shown(event.value)} has half a character in it; write the character itself")
            return Blank.REFUSED
        return str(event.value)

    def _key(self, event: yaml.NodeEvent, frame: _Frame) -> None:
        frame.awaits_value = True
        if isinstance(event, yaml.CollectionStartEvent):
            what = "a list" if isinstance(event, yaml.SequenceStartEvent) else "a mapping"
            self._report(
                event, f'{what} as a key; expected a word; if it is an address such as "[2001:db8::53]:53", quote it'
            )
            frame.awaits_value = False
            self._stack.append(_Frame(None, [] if isinstance(event, yaml.SequenceStartEvent) else {}, is_key=True))
            return
        if not isinstance(event, yaml.ScalarEvent) or frame.path is None:
            return
        key = self._scalar(event)
        path = (*frame.path, key if isinstance(key, str) else "")
        if key is Blank.EMPTY:
            self._report(event, "a value without a key; expected key: value; put the key before the colon")
        elif key == "<<" and not event.style:
            self._report(event, 'a merge key "<<"; plans have none: write the values out')
        elif isinstance(key, str) and path in self._tree.keys:
            first = self._tree.keys[path].line
            self._report(event, f"{shown(key)} is a duplicate key, the first is on line {first}; keep one of the two")
        elif isinstance(key, str):
            self._tree.keys[path] = self._place(event)
            frame.step = key
            frame.key_end = -1 if event.style else _index(event.end_mark)


def _index(mark: _Mark | None) -> int:
    """The offset of a mark; the parsers always give one with its index, the types say they might not."""
    return 0 if mark is None else mark.index


def _refused(what: str) -> str:
    return f"a plan {what} is refused; this is not a plan of a cluster"


def _too_deep(text: str, end: int) -> int | None:
    """Where brackets before `end` are first open over `MAX_DEPTH` deep, or None.

    The parser reads on through open brackets before it reports any, and some versions give up on the way: what is wrong
    then is the depth, whatever words they have for it.
    """
    depth = 0
    for offset, char in enumerate(text[:end]):
        depth += (char in "[{") - (char in "]}")
        if depth > MAX_DEPTH:
            return offset
    return None


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, where: TextPlaces) -> PlanProblem:
    """One plain sentence for the parser's complaint. libyaml and PyYAML word the same ones differently."""
    mark, begun = error.problem_mark or error.context_mark, error.context_mark
    offset = _index(mark)
    problem = (error.problem or "").lower()
    char = text[offset : offset + 1]
    since = f" begun on line {where.at(_index(begun)).line}" if begun is not None else ""
    if begun is not None and ("end of stream" in problem or "document" in problem) and "quoted" in str(error.context):
        return PlanProblem(where.at(_index(begun)), "not YAML: this quote is never closed; add the closing quote")
    words = next(
        (words for words in _syntax_words(problem, char, since) if words is not None),
        f"the text breaks off or has a sign too many here ({shown(problem)}); compare it with the sample",
    )
    return PlanProblem(where.at(offset), f"not YAML: {words}")


def _syntax_words(problem: str, char: str, since: str) -> Iterator[str | None]:
    if char == "\t" or "tab character" in problem:
        yield "a tab in the indentation; indent with spaces"
    if "cannot start any token" in problem:
        yield f"a value cannot begin with {shown(char)}; put the value in quotes"
    if "mapping values are not allowed" in problem:
        yield (
            "a colon out of place; put a space behind every key's colon, indent the keys of a section alike, "
            "and put a value with a colon and a space in it in quotes"
        )
    if "could not find expected ':'" in problem:
        yield f'a line{since} that is not "key: value"; write a colon and a space behind the key'
    if "',' or ']'" in problem or "',' or '}'" in problem:
        bracket = "]" if "']'" in problem else "}"
        yield f'the bracket{since} is not closed, or a comma is missing; expected "," or "{bracket}"'
    if "unexpected ':'" in problem:
        yield "a colon at the end of a value in brackets; put the value in quotes"
    if "unicode" in problem:
        yield "an escape that represents no character; write the character itself"
    if "unknown escape" in problem or "hex" in problem or "escape sequence" in problem:
        yield "a backslash inside double quotes; use single quotes, which keep it"
    if "document start" in problem:
        yield "this line does not begin in the column of the first key; indent the keys of a section alike"
    if "block end" in problem or "expected key" in problem or "'-' indicator" in problem:
        yield f"this does not fit the section{since}; indent its keys alike, and close every quote"
    if "node content" in problem:
        yield f"a value was expected before {shown(char)}; write it, in quotes if it begins so"
    if "yaml document" in problem or "directive" in problem:
        yield "a % line that is not understood; remove it"
    if "alphabetic" in problem or "alphanumeric" in problem or "tag" in problem or "uri" in problem:
        yield 'a value that begins with "&", "*" or "!"; put it in quotes'
