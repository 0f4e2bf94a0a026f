"""The options that several commands share, said once."""

import inspect
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = [
    "PLAN_HERE",
    "At",
    "NoDns",
    "Output",
    "PlanFile",
    "PlanFiles",
    "Timeout",
    "add_options",
    "clock",
    "in_folder",
    "moment_of",
]

PLAN_HERE = Path("plan.yaml")
"""The plan where none is named: that of this folder."""


def in_folder(path: Path) -> Path:
    """A folder stands for the plan in it."""
    return path / PLAN_HERE if path.is_dir() else path


def _each_in_folder(paths: list[Path] | None) -> list[Path]:
    return [in_folder(path) for path in paths or [PLAN_HERE]]


PlanFile = Annotated[
    Path,
    typer.Argument(
        metavar="[PLAN]",
        help="The plan file, or the folder it is in; - for standard input (default: plan.yaml here).",
        show_default=False,
        callback=in_folder,
    ),
]
PlanFiles = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[PLAN]...",
        help="Plan files, one cluster each, or their folders; - for standard input (default: plan.yaml here).",
        show_default=False,
        callback=_each_in_folder,
    ),
]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="Judge as of this time (default: now).", show_default=False),
]


def _file_of(output: Path | None) -> Path | None:
    """The file that `-o` names; a dash is standard output."""
    return None if output is None or str(output) == "-" else output


Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="Write to a file.", show_default=False, callback=_file_of),
]
NoDns = Annotated[bool, typer.Option("--no-dns", help="Ask no DNS server.")]
Timeout = Annotated[float, typer.Option("--timeout", min=0.1, max=600, help="Seconds for all DNS questions together.")]

_FIRST_YEAR, _LAST_YEAR = 1950, 9000
"""Certificates begin in 1950 (RFC 5280 section 4.1.2.5), and the calendar must have room for years to come."""


def clock() -> datetime:
    """The time now, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def moment_of(at: str | None) -> datetime:
    """The time that `--at` names, in UTC; now without it.

    ISO 8601 is read; a day alone is its midnight, a time without a zone is UTC.

    Raises:
        typer.BadParameter: when it is no time.
    """
    if at is None:
        return clock()
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise typer.BadParameter(
            f"{at!r} is not a time; expected something like 2027-02-03 or 2027-02-03T18:00Z"
        ) from error
    if not _FIRST_YEAR <= moment.year < _LAST_YEAR:
        raise typer.BadParameter(
            f"{at!r} is not a time to judge as of; expected one from {_FIRST_YEAR} to {_LAST_YEAR}"
        )
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def add_options(
    run: Callable[..., None],
    command: Callable[..., None],
    options: Mapping[str, tuple[Any, Any]],
    *,
    instead_of: str | None = None,
) -> None:
    """Have Typer offer `run` with the parameters of the command that it wraps and these options.

    Args:
        run: wraps `command` (`functools.wraps`) and takes the options by name.
        command: what is wrapped.
        options: annotation and default of each, by parameter name.
        instead_of: the command's parameter whose place they take; None: after all of them.
    """
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in options.items()
    ]
    own = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in inspect.signature(command).parameters.values()]
    names = [each.name for each in own]
    at = len(own) if instead_of is None else names.index(instead_of)
    rest = own[at:] if instead_of is None else own[at + 1 :]
    run.__signature__ = inspect.Signature([*own[:at], *added, *rest])  # type: ignore[attr-defined]
    annotations = {name: annotation for name, annotation in command.__annotations__.items() if name != instead_of}
    run.__annotations__ = {**annotations, **{name: annotation for name, (annotation, _) in options.items()}}
