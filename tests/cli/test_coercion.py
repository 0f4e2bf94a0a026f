"""What is read of the command line without Typer's validators is what they would have made of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.main

from certplan.cli.app import app
from certplan.cli.coercion import IN_DOUBT, plain_value

coercion = pytest.importorskip("typer._coercion", reason="this Typer has no validators of its own")

VALUES = [
    "",
    "x",
    "json",
    "text",
    "html",
    "svg",
    "3",
    "-3",
    "0",
    "3.5",
    "1e3",
    " 3",
    "٣",
    "true",
    "error",
    "JSON",
    "-",
    "a/b",
    ".",
]
"""Words that one or another parameter takes, and words that none or only some do."""


def parameters() -> Iterator[tuple[str, Any, Any]]:
    """Every parameter of every command, with its command's context."""

    def below(command: Any, name: str, parent: Any) -> Iterator[tuple[str, Any, Any]]:
        context = command.context_class(command, info_name=name, parent=parent)
        for parameter in command.params:
            if hasattr(parameter, "type_descriptor"):
                yield f"{name} {parameter.name}", parameter, context
        for child in command.list_commands(context) if hasattr(command, "list_commands") else ():
            yield from below(command.get_command(context, child), f"{name} {child}", context)

    yield from below(typer.main.get_command(app), "certplan", None)


ALL = list(parameters())


def read(parameter: Any, value: Any) -> Any:
    descriptor = parameter.type_descriptor
    return plain_value(value, descriptor.annotation, descriptor.parameter_info, parameter)


def typers(parameter: Any, value: Any, context: Any) -> Any:
    return coercion.build_runtime_param(parameter.type_descriptor).coerce(value, param=parameter, ctx=context)


@pytest.mark.parametrize(("name", "parameter", "context"), ALL, ids=[name for name, *_ in ALL])
def test_it_is_what_typer_would_make_of_it(
    name: str, parameter: Any, context: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b").write_text("certplan: 1")
    texts = [*VALUES, "a", str(tmp_path / ("n" * 300))]
    several = parameter.multiple or parameter.nargs == -1
    for value in [None, *([[text] for text in texts] + [texts] if several else texts)]:
        found = read(parameter, value)
        if found is not IN_DOUBT:
            theirs = typers(parameter, value, context)
            assert (found, type(found)) == (theirs, type(theirs)), (name, value)


def test_little_is_left_in_doubt() -> None:
    """Else the validators are built for every run after all: what a parameter is by default is never in doubt."""
    doubtful = [name for name, parameter, context in ALL if read(parameter, parameter.get_default(context)) is IN_DOUBT]
    assert doubtful == []


@pytest.mark.parametrize("kind", ["--format", "--fail-on", "--timeout"])
def test_what_is_wrong_is_said_by_typer(kind: str) -> None:
    (parameter,) = (each for name, each, _ in ALL if name.startswith("certplan check ") and kind in each.opts)
    assert read(parameter, "nonsense") is IN_DOUBT
