"""`certplan renew`: which certificates expire when, and by when the next have to be ordered."""

from typing import Annotated, Literal

import typer

from certplan.cli.emit import FORMAT, Format, emit
from certplan.cli.options import PLAN_HERE, Output, PlanFile, moment_of
from certplan.cli.output import fail
from certplan.cli.plans import plan_or_exit

__all__ = ["renew"]


def renew(
    plan: PlanFile = PLAN_HERE,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="Calculate from this time (default: now).", show_default=False),
    ] = None,
    lead: Annotated[
        int, typer.Option("--lead", min=0, max=365, help="Days before its end that the next one is ordered.")
    ] = 30,
    lifetime: Annotated[
        int | None,
        typer.Option(
            "--lifetime",
            min=1,
            max=36500,
            help="Days the CA's certificates last (default: by the rules, or as now).",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        Literal[Format.TEXT, Format.MARKDOWN, Format.HTML, Format.CSV, Format.JSON, Format.ICALENDAR], FORMAT
    ] = Format.TEXT,
    output: Output = None,
) -> None:
    """Certificate expiry dates, renewal deadlines, and which EKUs the CA will still issue.

    Exit codes: 0 success; 2 usage or input error.
    """
    from certplan.evidence.gather import gather
    from certplan.renewal import renewals, steps
    from certplan.report.pages.renewal import renewals_answer

    stated = plan_or_exit(plan)
    moment = moment_of(at)
    outlook = renewals(stated, gather(stated, moment, live_dns=False), moment, lead=lead, lifetime=lifetime)
    if not outlook.due:
        missing = (f"{each.what}: {each.why}. {each.remedy}" for each in outlook.missing)
        raise fail("no certificate can be read.", missing)
    emit(renewals_answer(outlook, steps(moment, lead), moment), form, output)
