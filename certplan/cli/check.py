"""`certplan check`: the verdict, the matrix, the findings."""

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certplan.cli.emit import FORMAT, Format, is_quiet, layout_for, say_written
from certplan.cli.options import At, NoDns, Output, PlanFiles, Timeout, clock, moment_of
from certplan.cli.output import write
from certplan.cli.plans import STDIN, read_stated
from certplan.cli.progress import progress
from certplan.value import Value

if TYPE_CHECKING:
    from certplan.judgement import Judgement
    from certplan.plan.problems import PlanProblem
    from certplan.report.form import Layout

__all__ = ["ExitCode", "FailOn", "check", "exit_code_of"]


class ExitCode:
    """What the exit code of `check` says. Several plans give the worst, in the order 2, 1, 3, 0."""

    READY, NOT_READY, CANNOT_RUN, UNDECIDED = 0, 1, 2, 3
    WORST_FIRST = (CANNOT_RUN, NOT_READY, UNDECIDED, READY)


_WORST_FIRST = ("NOT READY", "UNDECIDED", "READY")


class FailOn(StrEnum):
    """The least severity of a finding that makes the exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"
    NEVER = "never"


class StateChoice(StrEnum):
    TODAY = "today"
    TARGET = "target"


class _Request(Value):
    """How each plan is to be judged and shown; goes to the worker processes as it is."""

    at: datetime
    form: Format
    fail_on: FailOn
    state: StateChoice | None
    live_dns: bool
    timeout: float
    layout: "Layout"


class _Reply(Value):
    """One plan's answer: its text, what goes to standard error, its exit code."""

    text: str
    errors: str
    code: int
    verdict: str = ""
    """In a word; empty for a plan that could not be read."""


def check(
    plans: PlanFiles = None,
    at: At = None,
    form: Annotated[
        Literal[Format.TEXT, Format.JSON, Format.SARIF, Format.JUNIT, Format.CSV, Format.MARKDOWN, Format.GITHUB],
        FORMAT,
    ] = Format.TEXT,
    output: Output = None,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="Exit 1 on a finding of this severity or above.")
    ] = FailOn.ERROR,
    state: Annotated[
        StateChoice | None,
        typer.Option(
            "--state",
            help="Judge this state alone (default: today, and the plan's target beside it).",
            show_default=False,
        ),
    ] = None,
    no_dns: NoDns = False,
    timeout: Timeout = 5.0,
    sources: Annotated[bool, typer.Option("--sources", help="List the documents that the findings rest on.")] = False,
) -> None:
    """Can TLS verification mode be set to Enforce? The verdict, every pair of peers, the findings.

    Where the plan has a target, today is judged and then the target; the exit code is today's.

    Exit codes: 0 ready and no finding at or above --fail-on; 1 not ready, or such a finding; 3 undecided and nothing
    worse; 2 cannot be run.
    """
    request = _Request(
        at=moment_of(at),
        form=form,
        fail_on=fail_on,
        state=state,
        live_dns=not no_dns,
        timeout=timeout,
        layout=layout_for(output, sources=sources),
    )
    from certplan.report import find_form

    codes: set[int] = set()
    verdicts: set[str] = set()
    # On a terminal the pages themselves show how far it is.
    message = 0 if output is None and sys.stdout.isatty() else len(plans or [])
    pieces = find_form(form).document(request.at, _noted(plans or [], request, codes, verdicts, message))
    if form is Format.TEXT and output is None and is_quiet():
        pieces = (piece for piece in pieces if not piece)
    write(pieces, output, read=plans or [])
    say_written(output, next((word for word in _WORST_FIRST if word in verdicts), ""))
    raise typer.Exit(next(code for code in ExitCode.WORST_FIRST if code in codes))


def _noted(
    plans: Sequence[Path], request: _Request, codes: set[int], verdicts: set[str], message: int
) -> Iterator[str]:
    """Each plan's text as it comes in; its errors go to standard error, its exit code to `codes`.

    Of several plans progress is shown; `message` is their number, and 0 shows none.
    """
    done = 0
    with progress("Checking") as tell:

        def say() -> None:
            if message > 1:
                tell(f"{done} of {message} plans")

        for reply in _replies(plans, request, say):
            done += 1
            codes.add(reply.code)
            verdicts.add(reply.verdict)
            if reply.errors:
                tell("")
                sys.stderr.write(reply.errors)
            say()
            yield reply.text


def _replies(plans: Sequence[Path], request: _Request, waiting: Callable[[], None]) -> Iterator[_Reply]:
    """Judge the plans, several at a time where there are several, and answer in the order they were named."""
    from functools import partial
    from importlib import import_module

    from certplan.cli.evidence import record_in_use
    from certplan.report import find_form

    if len(plans) == 1 or STDIN in plans or record_in_use() is not None:
        # Standard input and a record are this process's alone.
        yield from (_reply(plan, request) for plan in plans)
        return
    from certplan.cli.workers import answers

    # What each worker would import, it finds there.
    import_module("certplan.assessment")
    find_form(request.form)
    yield from answers(partial(_reply, request=request), plans, partial(_lost, request=request), waiting)


def _lost(path: Path, how: str, request: _Request) -> _Reply:
    """The answer for a plan whose worker died."""
    from certplan.places import Place
    from certplan.plan.reading import PlanProblem

    return _unread(path, request, [PlanProblem(Place(str(path)), f"{how}; check it on its own")])


def _reply(path: Path, request: _Request) -> _Reply:
    """One plan's answer, whatever happens: what fails unexpectedly costs this plan's answer and no other's."""
    from certplan.plan.reading import PlanError, PlanProblem

    try:
        return _judged(path, request)
    except PlanError as error:
        return _unread(path, request, error.problems)
    except Exception as error:  # noqa: BLE001 - the other plans of the call, and the document, must stay whole
        from certplan.places import Place
        from certplan.text.names import show

        message = (
            f"certplan failed on this plan ({type(error).__name__}: {show(str(error), 200)}), so nothing is known of"
            " this cluster; report it with the plan that shows it"
        )
        return _unread(path, request, [PlanProblem(Place(str(path), 0), message)])


def _unread(path: Path, request: _Request, problems: Sequence["PlanProblem"]) -> _Reply:
    from certplan.report import find_form
    from certplan.report.writers.terminal import failure_text

    message = failure_text(str(problem) for problem in problems)
    return _Reply(find_form(request.form).unread(str(path), problems), message, ExitCode.CANNOT_RUN)


def _judged(path: Path, request: _Request) -> _Reply:
    from certplan.assessment import State, assess
    from certplan.cli.evidence import gather
    from certplan.report import find_form
    from certplan.report.wording import VERDICT_WORDS

    shown = find_form(request.form)
    plan = read_stated(path)
    judgement = assess(
        plan,
        clock(),
        request.at,
        state=None if request.state is None else State(request.state.value),
        live_dns=request.live_dns,
        timeout=request.timeout,
        observe=gather,
    )
    text = shown.piece(judgement, request.layout)
    return _Reply(text, "", exit_code_of(judgement, request.fail_on), VERDICT_WORDS[judgement.verdict])


def exit_code_of(judgement: "Judgement", fail_on: FailOn = FailOn.ERROR) -> int:
    """What the exit code says of one plan, its zones counted in."""
    severities = [finding.severity.value for finding in judgement.all_findings if finding.counts]
    verdicts = {verdict.value for verdict in judgement.verdicts}
    order = [FailOn.ERROR.value, FailOn.WARNING.value, FailOn.NOTICE.value]
    counted = [] if fail_on is FailOn.NEVER else order[: order.index(fail_on.value) + 1]
    if "not-ready" in verdicts or any(severity in counted for severity in severities):
        return ExitCode.NOT_READY
    return ExitCode.UNDECIDED if "undecided" in verdicts else ExitCode.READY
