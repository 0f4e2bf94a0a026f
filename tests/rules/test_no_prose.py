"""No rule, and nothing in the judgement, reads its own prose back: what is needed as a value is a field."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import certplan.rules

ROOT = Path(certplan.rules.__file__).parent
FILES = sorted([*ROOT.rglob("*.py"), ROOT.parent / "judgement.py", ROOT.parent / "assessment.py"])
PROSE = {"message", "fix", "reason", "what", "why", "remedy", "title"}
READING = {"split", "rsplit", "partition", "rpartition", "strip", "lstrip", "rstrip", "replace", "removeprefix"} | {
    "removesuffix",
    "startswith",
    "endswith",
    "find",
    "index",
    "count",
}


def _is_prose(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in PROSE


def read_back(tree: ast.AST) -> Iterator[int]:
    """The lines on which a piece of prose is searched, cut or compared."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in READING and _is_prose(node.func.value):
                yield node.lineno
        elif isinstance(node, ast.Compare):
            containers = [right for op, right in zip(node.ops, node.comparators, strict=True) if isinstance(op, ast.In)]
            if any(_is_prose(container) for container in containers):
                yield node.lineno


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT.parent)))
def test_prose_is_not_read_back(file: Path) -> None:
    assert list(read_back(ast.parse(file.read_text(encoding="utf-8")))) == []


def test_what_is_looked_for_is_found() -> None:
    source = "finding.message.split(' ')\n'x' in finding.fix\nstep.reason.startswith('a')\n"
    assert sorted(read_back(ast.parse(source))) == [1, 2, 3]
