"""`certplan ports`: peer-to-peer flows, firewall rules, and what Mobile and Remote Access needs open."""

from typing import Annotated, Literal

from certplan.cli.emit import FORMAT, Format, emit
from certplan.cli.options import PLAN_HERE, At, Output, PlanFile, moment_of
from certplan.cli.plans import plan_or_exit

__all__ = ["ports"]


def ports(
    plan_file: PlanFile = PLAN_HERE,
    at: At = None,
    form: Annotated[Literal[Format.TEXT, Format.CSV, Format.JSON, Format.MARKDOWN, Format.HTML], FORMAT] = Format.TEXT,
    output: Output = None,
) -> None:
    """Ports between the peers by release, built-in firewall rules, and what is open or blocked from outside.

    Exit codes: 0 success; 2 usage or input error.
    """
    from certplan.ports import plan_ports
    from certplan.report.pages.ports import ports_answer

    now = moment_of(at)
    plan = plan_or_exit(plan_file)
    emit(ports_answer(plan, plan_ports(plan), now), form, output)
