"""`--evidence DIR`: every command that gathers takes what a record holds instead, without files or network.

Commands gather by `gather` of this module. Without `--evidence` it is the one that reads files and asks DNS; with it
the record answers, for the states of the plan that was recorded.
"""

from collections.abc import Callable
from contextlib import nullcontext
from contextvars import ContextVar
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from certplan.cli.options import add_options
from certplan.cli.output import fail
from certplan.cli.progress import seconds, ticking

if TYPE_CHECKING:
    from certplan.evidence.model import Evidence
    from certplan.plan.model import Plan
    from certplan.records.model import Record

__all__ = ["EVIDENCE", "gather", "load_record", "record_in_use", "recorded_plan", "using_record", "with_evidence"]

EVIDENCE = typer.Option(
    "--evidence", metavar="DIR", help="Judge from a record of `certplan collect`.", show_default=False
)
_NAME = "record.json"
_LARGEST = 1 << 30
_RECORD: ContextVar["Record | None"] = ContextVar("certplan_record", default=None)


def load_record(folder: Path) -> "Record":
    """Read the record in a folder.

    Raises:
        typer.Exit: with 2, when there is none or it cannot be used.
    """
    from certplan.cli.plans import bytes_of
    from certplan.records.model import RecordError, read_record

    file = folder / _NAME if folder.is_dir() else folder
    try:
        return read_record(bytes_of(file, "record", _LARGEST))
    except RecordError as error:
        raise fail(f"{file}: no usable record ({error}). Make one with certplan collect.") from None


def record_in_use() -> "Record | None":
    """The record of `--evidence`; None without it."""
    return _RECORD.get()


def using_record(record: "Record | None") -> None:
    """Have commands of this process answered by a record."""
    _RECORD.set(record)


def recorded_plan(path: Path) -> "Plan | None":
    """The plan of the record in use, whichever file is named; None without `--evidence`.

    Raises:
        typer.Exit: with 2, when the file named has changed since the record was made.
        PlanError: when this version cannot read the recorded plan.
    """
    record = _RECORD.get()
    if record is None:
        return None
    plan = record.plan.plan()
    if path.is_file() and str(path) == plan.file and path.read_bytes().decode("utf-8", "replace") != plan.text:
        raise fail(f"{path} has changed since the record was made; make a new one with certplan collect.")
    return plan


def gather(
    plan: "Plan",
    now: datetime,
    *,
    live_dns: bool = True,
    timeout: float = 5.0,
    earlier: "tuple[Plan, Evidence] | None" = None,
) -> "Evidence":
    """What is observed for a plan: by looking, or out of the record.

    Raises:
        typer.Exit: with 2, when the record has nothing for this state of the plan.
    """
    record = _RECORD.get()
    if record is None:
        from certplan.evidence.gather import gather as look

        asked = live_dns and (plan.zones or any(source.servers for source in plan.dns))
        with ticking("Asking DNS servers", seconds()) if asked else nullcontext():
            return look(plan, now, live_dns=live_dns, timeout=timeout, earlier=earlier)
    observed = record.target if plan.is_target else record.today
    if observed is None:
        raise fail("the record has no evidence for the plan's target; make a new one with certplan collect.")
    return observed.evidence()


def with_evidence(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the option `--evidence DIR` after its own."""

    @wraps(command)
    def run(*arguments: Any, evidence: Path | None = None, **options: Any) -> None:
        token = _RECORD.set(None if evidence is None else load_record(evidence))
        try:
            command(*arguments, **options)
        finally:
            _RECORD.reset(token)

    add_options(run, command, {"evidence": (Annotated[Path | None, EVIDENCE], None)})
    return run
