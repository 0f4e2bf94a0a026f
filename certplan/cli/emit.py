"""How every command shows its answer: one `--format` option, one `emit`.

    def ports(
        plan_file: ...,
        form: Annotated[Literal[Format.TEXT, Format.JSON, Format.CSV], FORMAT] = Format.TEXT,
        output: Output = None,
    ) -> None:
        ...
        emit(ports_answer(plan, found, now), form, output)

The answer goes to standard output or to the file. What is to be said beside it goes to standard error through `note`.
`--no-color` and `--quiet` may stand before or after any command's name; `app` adds them, and no command declares them.
"""

import ast
import inspect
import os
import sys
import textwrap
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated, Any

import typer

from certplan.cli.options import add_options
from certplan.cli.output import say, write
from certplan.formats import Format
from certplan.value import Value

if TYPE_CHECKING:
    from certplan.report.answer import Answer
    from certplan.report.writers.terminal import Layout

__all__ = [
    "FORMAT",
    "Format",
    "NoColor",
    "Quiet",
    "emit",
    "is_quiet",
    "layout_for",
    "note",
    "say_written",
    "set_screen",
    "with_screen",
]

FORMAT = typer.Option("--format", help="How to show the result.", case_sensitive=False)
"""Stands in `Annotated[Literal[Format.TEXT, ...], FORMAT]`, which lists the forms that a command offers."""
NoColor = Annotated[bool, typer.Option("--no-color", help="No colors and no links.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]

_NARROWEST, _WIDEST, _PAGE = 60, 120, 100


class _Screen(Value):
    """What the user said of the screen, before or after the command's name."""

    no_color: bool = False
    quiet: bool = False


_PLAIN = _Screen()
_SCREEN: ContextVar[_Screen] = ContextVar("certplan_screen", default=_PLAIN)


def set_screen(*, no_color: bool, quiet: bool) -> None:
    """Remember what stood before the command's name."""
    _SCREEN.set(_Screen(no_color, quiet))


def with_screen(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options `--no-color` and `--quiet` after its own."""

    @wraps(command)
    def run(*arguments: Any, no_color: bool = False, quiet: bool = False, **options: Any) -> None:
        said = _SCREEN.get()
        token = _SCREEN.set(_Screen(said.no_color or no_color, said.quiet or quiet))
        try:
            command(*arguments, **options)
        finally:
            _SCREEN.reset(token)

    add_options(run, command, {"no_color": (NoColor, False), "quiet": (Quiet, False)})
    run.__doc__ = run.__doc__ or described(command)
    return run


def described(function: Callable[..., None]) -> str | None:
    """The docstring of a function out of its source, for `PYTHONOPTIMIZE=2` drops it and `--help` is made of it."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    except (OSError, SyntaxError):
        return None  # no source is installed
    return ast.get_docstring(tree.body[0]) if isinstance(tree.body[0], ast.FunctionDef) else None


def emit(answer: "Answer", form: Format, output: Path | None = None, *, sources: bool = False) -> None:
    """Show the answer in one form, on standard output or in a file that is whole or not there at all.

    With `--quiet` a text page on standard output is left out; what was asked for by `--format` or `-o` is not.

    Args:
        answer: what the command has to say (`report.answer.Answer`).
        form: one of the forms that the command offers.
        output: the file of `-o`; None: standard output.
        sources: whether a text page lists the documents that findings rest on.

    Raises:
        typer.Exit: with 2, when the file cannot be written.
    """
    from certplan.report.answer import rendered

    if form is Format.TEXT and output is None and is_quiet():
        return
    write([rendered(answer, form, layout_for(output, sources=sources))], output)
    say_written(output, answer.verdict)


def say_written(file: Path | None, verdict: str = "") -> None:
    """Say which file was written, and its verdict if it has one; nothing of a pipe, a device or standard output."""
    if file is not None and file.is_file():
        note(f"wrote {file}{f': {verdict}' if verdict else ''}")


def is_quiet() -> bool:
    """Whether nothing but errors is to be said."""
    return _SCREEN.get().quiet


def note(message: str) -> None:
    """Say something on standard error, made safe to show; with `--quiet` nothing."""
    if is_quiet():
        return
    say(f"certplan: {message}")


def layout_for(output: Path | None, *, sources: bool = False) -> "Layout":
    """The width of the page, its colors and links: those of the terminal, or none in a file.

    `FORCE_COLOR` gives colors without a terminal, `NO_COLOR` (https://no-color.org) and `--no-color` take them, and a
    terminal that calls itself dumb has none.
    """
    from certplan.report.writers.terminal import Layout

    terminal = output is None and sys.stdout.isatty()
    color = _wants_color(terminal=terminal) and output is None
    width = max(_NARROWEST, min(_WIDEST, get_terminal_size().columns)) if terminal else _PAGE
    return Layout(width=width, color=color, links=color and terminal, sources=sources)


def _wants_color(*, terminal: bool) -> bool:
    if _SCREEN.get().no_color or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return terminal and os.environ.get("TERM") != "dumb"
