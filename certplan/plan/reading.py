"""Reading a plan file: bytes to text, text to values, values to a `Plan`, and everything wrong with it at once."""

import codecs
import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from certplan.held import held
from certplan.places import Place
from certplan.plan.build import build_plan
from certplan.plan.explain import cross_problems, fault_problem
from certplan.plan.fitting import fit
from certplan.plan.model import Plan
from certplan.plan.nodes import Blank, TextPlaces, Tree, read_tree
from certplan.plan.problems import PlanProblem
from certplan.plan.scalars import shown
from certplan.plan.target import target_plan
from certplan.text.secrets import find_key
from certplan.value import replace

__all__ = [
    "MAX_BYTES",
    "PLAN_NAME",
    "PlanError",
    "PlanProblem",
    "far_plans",
    "load_plan",
    "read_plan",
    "read_plan_bytes",
]

MAX_BYTES = 1 << 20
PLAN_NAME = "plan.yaml"
"""The plan file that a folder stands for."""
MAX_PROBLEMS = 200
_MAX_CONTROLS = 10
_KEY_INSIDE = (
    "a private key is here; expected a plan, which only names the files of keys; take it out, "
    "and treat the key as known to all who could read this file"
)
# What a YAML 1.1 text may not hold (section 5.1), with the byte order mark, which is no text inside one.
_FORBIDDEN_ASCII = "[^\t\n\r\x20-\x7e]"
_FORBIDDEN = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
_BOMS = (
    # UTF-32's little-endian mark begins with UTF-16's.
    (codecs.BOM_UTF32_LE, None),
    (codecs.BOM_UTF32_BE, None),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class PlanError(Exception):
    """A plan that cannot be used. `problems` has everything wrong with it, in file order, never empty."""

    def __init__(self, problems: Iterable[PlanProblem]) -> None:
        self.problems: tuple[PlanProblem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type["PlanError"], tuple[tuple[PlanProblem, ...]]]:
        # Plans are read in worker processes; an exception is rebuilt from its arguments there.
        return PlanError, (self.problems,)


def load_plan(path: str | Path) -> Plan:
    """Read a plan file of at most 1 MiB: UTF-8 with or without a byte order mark, or UTF-16 with one.

    Args:
        path: the file; messages name it as given here, and the plan's other files are relative to its folder.

    Raises:
        PlanError: when the file cannot be read or is no usable plan.
    """
    file = str(path)
    data = _bytes_of(path, file)
    return read_plan_bytes(data, file, Path(path).parent)


def far_plans(plan: Plan) -> tuple[Plan, ...]:
    """The plans of the clusters at the far ends of a plan's zones, each once; one that cannot be read is left out."""
    found: dict[Path, Plan] = {}
    for zone in plan.zones or ():
        if zone.far_end is not None:
            path = plan.located(zone.far_end)[0]
            path = path / PLAN_NAME if path.is_dir() else path
            try:
                found.setdefault(path, load_plan(path))
            except PlanError:
                continue
    return tuple(found.values())


def read_plan_bytes(data: bytes, file: str, folder: Path) -> Plan:
    """Read a plan from the bytes of its file; the arguments are those of `read_plan`.

    Raises:
        PlanError: when it is no usable plan.
    """
    if len(data) > MAX_BYTES:
        raise PlanError([_too_big(file)])
    return read_plan(_decode(data, file), file, folder)


def read_plan(text: str, file: str, folder: Path) -> Plan:
    """Read a plan from its text.

    Args:
        text: YAML as section 3 of the design has it.
        file: the name to give in messages and places.
        folder: the folder the plan's other files are relative to.

    Raises:
        PlanError: when it is no usable plan, with everything wrong with it in file order.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_BYTES:
        raise PlanError([_too_big(file)])
    if (key := find_key(text)) is not None:
        raise PlanError([PlanProblem(TextPlaces(text, file).at(key), _KEY_INSIDE)])
    if controls := _control_characters(text, file):
        raise PlanError(controls)
    tree = read_tree(text, file)
    problems = tree.problems
    if not tree.whole:
        raise PlanError(_in_order(problems))
    if not isinstance(tree.value, dict):
        unsaid = [] if tree.value is Blank.REFUSED else [_root_problem(tree, file)]
        raise PlanError(_in_order([*problems, *unsaid]))
    stated, faults = fit(tree.value, tree.places)
    problems += [fault_problem(fault, tree) for fault in faults]
    problems += cross_problems(tree)
    if problems or stated is None:
        raise PlanError(_in_order(problems))
    today = build_plan(stated, text, file, folder, tree.places)
    target = target_plan(tree, file, folder, text)
    if target is None:
        return today
    return replace(
        today, target=replace(target, is_target=True, coming=frozenset(target.files()) - frozenset(today.files()))
    )


def _in_order(problems: list[PlanProblem]) -> list[PlanProblem]:
    ordered = sorted(problems, key=lambda problem: problem.place)
    if len(ordered) <= MAX_PROBLEMS:
        return ordered
    kept, left = ordered[:MAX_PROBLEMS], len(ordered) - MAX_PROBLEMS
    return [*kept, PlanProblem(kept[-1].place, f"and {left} more problems after this one; fix these first")]


def _root_problem(tree: Tree, file: str) -> PlanProblem:
    if tree.value is None or tree.value is Blank.EMPTY:
        return PlanProblem(Place(file, 1, 1), 'the plan is empty; expected a cluster; "certplan init" writes one')
    found = "a list" if isinstance(tree.value, list) else "one piece of text"
    if isinstance(tree.value, str):
        found += f" {shown(tree.value)}"
    return PlanProblem(
        tree.places[()],
        f'the file holds {found}; expected a plan that begins "certplan: 1"; "certplan init" writes one',
    )


def _bytes_of(path: str | Path, file: str) -> bytes:
    if (kept := held(Path(path))) is not None:
        return kept
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        why = "there is no such file; expected a plan; check the name, or write one with certplan init"
    except (IsADirectoryError, PermissionError):
        # Windows refuses to open a directory as it refuses a file one may not read.
        directory = "this is a directory; expected a plan file; name the file in it"
        refused = "the file may not be read; expected one that you may read; check its permissions"
        why = directory if Path(path).is_dir() else refused
    except (OSError, ValueError) as error:
        why = f"cannot be read ({getattr(error, 'strerror', None) or error}); expected a plan file; check the name"
    else:
        return data
    raise PlanError([PlanProblem(Place(file), why)])


def _too_big(file: str) -> PlanProblem:
    return PlanProblem(Place(file), "holds over 1 MiB; expected the plan of one cluster; name the right file")


def _decode(data: bytes, file: str) -> str:
    bom, encoding = next(((bom, encoding) for bom, encoding in _BOMS if data.startswith(bom)), (b"", "utf-8"))
    if encoding is None:
        raise PlanError([PlanProblem(Place(file, 1, 1), "is UTF-32 text; expected UTF-8; save it as UTF-8")])
    body = data[len(bom) :]
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(encoding, "replace")
        place = TextPlaces(before + "?", file).at(len(before))
        said = f"UTF-{encoding[4:].upper()}"
        found = " ".join(f"{byte:02x}" for byte in body[error.start : error.start + 4])
        message = f"the bytes {found} here are no {said} text; expected a text file; save the plan as UTF-8"
        raise PlanError([PlanProblem(place, message)]) from None


def _control_characters(text: str, file: str) -> list[PlanProblem]:
    # So large a set takes longer to compile than a plan to read, and most plans do without it.
    forbidden = re.compile(_FORBIDDEN_ASCII if text.isascii() else _FORBIDDEN)
    if forbidden.search(text) is None:
        return []
    where = TextPlaces(text, file)
    if (nul := text.find("\0")) >= 0:
        message = "a NUL character is here, as in a binary file; expected a text file; save the plan as UTF-8"
        return [PlanProblem(where.at(nul), message)]
    return [
        PlanProblem(
            where.at(match.start()),
            f"the control character U+{ord(match[0]):04X} is here; expected none in a plan; remove it",
        )
        for match in islice(forbidden.finditer(text), _MAX_CONTROLS)
    ]
