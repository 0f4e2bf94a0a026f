"""The layout of the code itself: sizes, where releases and rule codes are named, and which folders there are."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from certplan.cli.app import COMMANDS
from certplan.rules import catalog
from certplan.rules.topics import Topic

ROOT = Path(__file__).parents[1] / "certplan"
MODULES = sorted(ROOT.rglob("*.py"))
TESTS = sorted((ROOT.parent / "tests").rglob("*.py"))
MOST_LINES, MOST_BODY_LINES, MOST_SHARED_LINES = 400, 60, 5
RULE_CODE = re.compile(r"\b(?:CAP|CLU|DNS|EKU|KEY|MAP|NAM|NIC|SRV|TRU|VAL|ZON)\d{3}\b")
RELEASE = re.compile(r"X(?:8|9|1[0-9])\.\d+(?:\.\d+)*")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of what it does: its signature and its docstring aside."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """Every string of the code that is no docstring."""
    documentation = {
        id(node.value)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


def code_lines(path: Path) -> list[tuple[int, str]]:
    """The numbered lines that say something: no imports, lists of exports, comments, decorators or lone brackets."""
    passed_over = {
        line
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Import | ast.ImportFrom)
        or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")
        for line in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    texts = ((number, line.strip()) for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1))
    return [
        (number, text)
        for number, text in texts
        if number not in passed_over and text[:1] not in ("#", "@") and any(map(str.isalnum, text))
    ]


def beneath(*rooms: str) -> list[Path]:
    return [path for path in MODULES if path.relative_to(ROOT).parts[0] not in rooms]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_module_is_long() -> None:
    lines = {path.as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in (*MODULES, *TESTS)}
    assert len(lines) > 400
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_no_function_is_long() -> None:
    paths = (*MODULES, *TESTS)
    sizes = {(path.as_posix(), each.lineno, each.name): body_lines(each) for path in paths for each in functions(path)}
    assert len(sizes) > 5000
    assert {name: size for name, size in sizes.items() if size > MOST_BODY_LINES} == {}


@pytest.mark.parametrize("folder", ["certplan", "tests"])
def test_no_six_lines_of_code_stand_twice(folder: str) -> None:
    places: dict[tuple[str, ...], list[str]] = {}
    for path in sorted((ROOT.parent / folder).rglob("*.py")):
        lines = code_lines(path)
        for first in range(len(lines) - MOST_SHARED_LINES):
            run = lines[first : first + MOST_SHARED_LINES + 1]
            place = f"{path.relative_to(ROOT.parent).as_posix()}:{run[0][0]}"
            places.setdefault(tuple(text for _, text in run), []).append(place)
    assert len(places) > 10_000
    assert [found for found in places.values() if len(found) > 1] == []


def test_no_two_classes_have_one_name() -> None:
    """A name means one thing in all rooms; names that begin with an underscore are of one module alone."""
    where: dict[str, list[str]] = {}
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                where.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert len(where) > 200
    assert {name: places for name, places in where.items() if len(places) > 1} == {}


MACHINE_FORMS = ("value.py", "plan/", "sources/planfile.py", "report/writers/html.py", "report/writers/markdown.py")
"""Where `", ".join` makes YAML, a header or a cell, and no list in words."""


def test_lists_in_words_are_made_in_one_place() -> None:
    found = [
        f"{named(path)}:{node.lineno}"
        for path in MODULES
        if not named(path).startswith((*MACHINE_FORMS, "text/words.py"))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr == "join"
        and isinstance(node.value, ast.Constant)
        and node.value.value in {", ", "; ", " and ", " or "}
    ]
    assert found == []


def test_spans_of_days_are_worded_in_one_place() -> None:
    found = {
        f"{named(path)}:{line}": text
        for path in MODULES
        if named(path) != "text/words.py"
        for line, text in literals(path)
        if re.match(r" (?:day|year)s?(?:$|[ ,.;:])", text)
    }
    assert found == {}


def test_releases_are_compared_in_the_vendors_facts_and_the_rules_alone() -> None:
    found = {
        f"{named(path)}:{line}": text
        for path in beneath("vendor", "rules")
        for line, text in literals(path)
        if RELEASE.fullmatch(text)
    }
    assert found == {}


def test_rule_codes_are_named_in_the_rules_alone() -> None:
    found = {
        f"{named(path)}:{line}": text
        for path in beneath("rules")
        for line, text in literals(path)
        if RULE_CODE.fullmatch(text)
    }
    assert found == {}


def test_every_code_of_a_topic_is_that_of_a_rule() -> None:
    known = {rule.code for rule in catalog()}
    assert {code for topic in Topic for code in topic.value} <= known
    assert len({topic.value for topic in Topic}) == len(Topic.__members__)


@pytest.mark.parametrize("gone", ["changes", "data"])
def test_what_was_renamed_does_not_come_back(gone: str) -> None:
    assert not (ROOT / gone).exists()


def requirements(lines: list[str], sign: str) -> dict[str, str]:
    """Names, in lower case, and versions of the requirements that are written with this sign."""
    return {name.lower(): version for name, _, version in (line.partition(sign) for line in lines) if version}


@pytest.mark.parametrize("constraints", ["oldest", "newest"])
def test_every_dependency_is_tested_with_its_oldest_and_its_newest_version(constraints: str) -> None:
    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bounds = requirements(project["dependencies"], ">=")
    pinned = (ROOT.parent / "tests" / "constraints" / f"{constraints}.txt").read_text(encoding="utf-8").splitlines()
    tested = requirements(pinned, "==")
    assert len(bounds) == len(project["dependencies"])
    assert bounds.keys() <= tested.keys()
    assert constraints == "newest" or {name: tested[name] for name in bounds} == bounds


def test_every_command_has_its_page() -> None:
    pages = {path.stem for path in (ROOT.parent / "docs" / "commands").glob("*.md")}
    assert set(COMMANDS) == pages
