"""The text of an imported plan: every value with a comment that says where it is from."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from certplan.plan.model import PlanPath
from certplan.plan.reading import PlanError, read_plan
from certplan.sources.merge import UNKNOWN, PlanValue
from certplan.text.names import show
from certplan.value import Value

__all__ = ["DroppedValue", "NoPlan", "Written", "plan_text", "usable_plan"]

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off"})
_ORDER = ("certplan", "cluster", "peers", "services", "zones", "servers", "dns")
_MAX_ROUNDS = 50
_REQUIRED = frozenset({("cluster", "name")})


class NoPlan(ValueError):  # noqa: N818 - reads as what is the case
    """What the files say cannot be put into a plan. `problems` says which values, a line each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class DroppedValue(Value):
    """A value that no plan can hold, and why."""

    entry: PlanValue
    why: str


class Written(Value):
    """A plan's text, and the line of each path in it."""

    text: str
    lines: Mapping[int, PlanPath]


def usable_plan(
    entries: Sequence[PlanValue], head: str, file: str
) -> tuple[str, tuple[PlanValue, ...], tuple[DroppedValue, ...]]:
    """Write a plan that `read_plan` takes; what it does not take is left out, and comes back.

    Args:
        entries: the values.
        head: comment lines above.
        file: the name to give in messages.

    Raises:
        NoPlan: when what is left without the refused values is no plan.
    """
    kept = list(entries)
    dropped: list[DroppedValue] = []
    for _ in range(_MAX_ROUNDS):
        written = plan_text(kept, head)
        try:
            read_plan(written.text, file, Path(file).parent)
        except PlanError as error:
            why = {
                path: problem.message
                for problem in error.problems
                if (path := written.lines.get(problem.place.line)) is not None
            }
            wrong = [entry for entry in kept if entry.path in why]
            needed = [f"{entry.where or file}: {why[entry.path]}" for entry in wrong if _needed(entry.path)]
            if needed or not wrong:
                raise NoPlan(*(needed or map(str, error.problems))) from None
            dropped += [DroppedValue(entry, why[entry.path]) for entry in wrong]
            kept = [left for entry in kept for left in ([entry] if entry not in wrong else _left_of(entry))]
        else:
            return written.text, tuple(kept), tuple(dropped)
    raise NoPlan(f"{file}: more than {_MAX_ROUNDS} values cannot be used")


def _needed(path: PlanPath) -> bool:
    return path in _REQUIRED or (path[0] == "peers" and path[-1] == "address")


def _left_of(entry: PlanValue) -> list[PlanValue]:
    """What stays of a value that no plan can hold: unknown, where a plan can say so."""
    if entry.path[0] == "peers" and entry.path[2:] == ("lan1", "ip"):
        return [PlanValue(entry.path[:-1], UNKNOWN, entry.where, "the value there is not an address")]
    if entry.path[0] == "cluster" and entry.path[1] in ("type", "release", "tls_verification", "address_mapping"):
        return [PlanValue(entry.path, UNKNOWN, entry.where, "what is said there is none")]
    return []


def plan_text(entries: Iterable[PlanValue], head: str) -> Written:
    """Write the entries as YAML, a key a line, in the order a plan has them."""
    lines = [*(f"# {line}".rstrip() for line in head.splitlines()), "certplan: 1"]
    places: dict[int, PlanPath] = {}
    tree: dict[str | int, object] = {}
    for entry in entries:
        branch = tree
        for part in entry.path[:-1]:
            branch = branch.setdefault(part, {})  # type: ignore[assignment]
        branch[entry.path[-1]] = entry
    for word in _ORDER:
        if word in tree:
            lines.append("")
            _put(lines, places, {word: tree[word]}, 0)
    return Written("\n".join(lines) + "\n", places)


def _put(lines: list[str], places: dict[int, PlanPath], branch: Mapping[str | int, object], depth: int) -> None:
    for key, value in branch.items():
        indent = "  " * depth
        if isinstance(value, PlanValue) and key == "page":
            lines.append(f"{indent}{key}: |{_comment(value)}")
            places[len(lines)] = value.path
            lines.extend(f"{indent}  {line}" for line in str(value.value).split("\n"))
        elif isinstance(value, PlanValue):
            lines.append(f"{indent}{key}: {_scalar(value.value)}{_comment(value)}")
            places[len(lines)] = value.path
        elif isinstance(value, dict) and all(isinstance(part, int) for part in value):
            lines.append(f"{indent}{key}:")
            for item in value.values():
                start = len(lines)
                _put(lines, places, item, depth + 2)
                lines[start] = f"{indent}  - {lines[start].lstrip()}"
        else:
            lines.append(f"{indent}{_scalar(key)}:")
            _put(lines, places, value, depth + 1)  # type: ignore[arg-type]


def _comment(entry: PlanValue) -> str:
    where = "" if entry.where is None else show(str(entry.where), 300)
    words = ", ".join(word for word in (where, entry.how) if word)
    return f"  # {words}" if words else ""


def _scalar(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_scalar(part)}" for key, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_scalar(part) for part in value) + "]"
    text = str(value)
    if (_PLAIN.fullmatch(text) and text.lower() not in _WORDS) or text in ("true", "false", UNKNOWN):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else _escaped(char) for char in quoted)


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
