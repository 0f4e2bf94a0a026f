"""`certplan capacity`: what a cluster can carry, by platform and release."""

from typing import Annotated, Literal

from certplan.cli.emit import FORMAT, Format, emit
from certplan.cli.options import PLAN_HERE, At, Output, PlanFile, moment_of
from certplan.cli.plans import plan_or_exit

__all__ = ["capacity"]


def capacity(
    plan_file: PlanFile = PLAN_HERE,
    at: At = None,
    form: Annotated[Literal[Format.TEXT, Format.JSON, Format.MARKDOWN, Format.HTML], FORMAT] = Format.TEXT,
    output: Output = None,
) -> None:
    """Capacity of the cluster by platform and release, with what the vendor's texts disagree on.

    Exit codes: 0 success; 2 usage or input error.
    """
    from certplan.capacity import plan_capacity
    from certplan.report.pages.capacity import capacity_answer

    now = moment_of(at)
    plan = plan_or_exit(plan_file)
    emit(capacity_answer(plan, plan_capacity(plan), now), form, output)
