"""`certplan propose`: the changes that make a cluster ready."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certplan.cli.emit import FORMAT, Format, emit, note
from certplan.cli.options import PLAN_HERE, At, NoDns, Output, PlanFile, Timeout, clock, moment_of
from certplan.cli.output import write
from certplan.cli.plans import plan_or_exit, read_stated, write_target

if TYPE_CHECKING:
    from certplan.plan.model import Plan

__all__ = ["loaded", "propose"]


class ClearSeverity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


def propose(
    plan: PlanFile = PLAN_HERE,
    everything: Annotated[
        bool, typer.Option("--all", help="Clear findings as well, where a change is known; list the others.")
    ] = False,
    severity: Annotated[
        ClearSeverity, typer.Option("--severity", help="With --all: findings of this severity and above.")
    ] = ClearSeverity.WARNING,
    at: At = None,
    form: Annotated[Literal[Format.TEXT, Format.JSON, Format.MARKDOWN, Format.HTML], FORMAT] = Format.TEXT,
    output: Output = None,
    into_plan: Annotated[
        bool, typer.Option("--write", help="Put the changes under target: in the plan file, comments and layout kept.")
    ] = False,
    no_dns: NoDns = False,
    timeout: Timeout = 5.0,
) -> None:
    """The least set of changes that makes the cluster ready for Enforce, applied to a copy and judged again.

    With --write they are what the plan's target says; nothing is changed on any appliance.

    Exit codes: 0 success; 2 usage or input error, or with --write the plan cannot be edited safely.
    """
    moment = moment_of(at)
    stated = loaded(plan, form)
    from certplan.cli.evidence import gather
    from certplan.outcomes import Severity
    from certplan.plan.writing import difference
    from certplan.proposal.propose import propose as find_changes
    from certplan.report.pages.changes import proposal_answer

    evidence = gather(stated, clock(), live_dns=not no_dns, timeout=timeout)
    proposal = find_changes(stated, evidence, moment, severity=Severity(severity.value) if everything else None)
    emit(proposal_answer(moment, proposal), form, output)
    if into_plan and proposal.changes:
        write_target(plan, difference(stated, proposal.plan), seen=stated.text)
    elif into_plan:
        note(f"nothing is proposed; {plan} is left as it is.")


def loaded(path: Path, form: Format) -> "Plan":
    """Read a plan; what is wrong with it goes to standard error, and as JSON to standard output where that is asked.

    Raises:
        typer.Exit: with 2, when it is no usable plan.
    """
    from certplan.plan.reading import PlanError

    if form is not Format.JSON:
        return plan_or_exit(path)
    try:
        return read_stated(path)
    except PlanError as error:
        from certplan.cli.plans import problems_exit
        from certplan.report.writers.json import dumps, failure_json

        shown = failure_json(str(path), ((problem.place, problem.message) for problem in error.problems))
        write([dumps(shown) + "\n"], None)
        raise problems_exit(error.problems) from None
