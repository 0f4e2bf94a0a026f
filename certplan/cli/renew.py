"""`certplan renew`: which certificates expire when, and by when the next have to be ordered."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certplan.cli.emit import FORMAT, Format, emit
from certplan.cli.options import PLAN_HERE, Output, PlanFile, moment_of
from certplan.cli.output import fail
from certplan.cli.plans import plan_or_exit

if TYPE_CHECKING:
    from certplan.renewal import StatedLifetime

_LONGEST_LIFETIME = 36500

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
        list[str] | None,
        typer.Option(
            "--lifetime",
            metavar="DAYS|DATE=DAYS|CA=DAYS",
            help="Days the certificates last: of every CA, from a day of issue on, or of the CA with this in its name;"
            " may be repeated (default: by the CA's and the forum's rules, or as now).",
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
    from certplan.cli.evidence import gather
    from certplan.renewal import renewals, steps
    from certplan.report.pages.renewal import renewals_answer

    stated = plan_or_exit(plan)
    moment = moment_of(at)
    schedule = renewals(
        stated, gather(stated, moment, live_dns=False), moment, lead=lead, lifetimes=_lifetimes(lifetime or [])
    )
    if not schedule.due:
        missing = (f"{each.what}: {each.why}. {each.remedy}" for each in schedule.missing)
        raise fail("no certificate can be read.", missing)
    emit(renewals_answer(schedule, steps(moment, lead), moment), form, output)


def _lifetimes(texts: list[str]) -> "list[StatedLifetime]":
    """The lifetimes as they were given: `90`, `2027-02-10=64`, `Example CA=90`."""
    from datetime import date

    from certplan.renewal import StatedLifetime

    found = []
    for text in texts:
        about, _, days = text.rpartition("=")
        if not (days.strip().isascii() and days.strip().isdigit() and 1 <= int(days) <= _LONGEST_LIFETIME):
            raise fail(f"--lifetime {text}: expected days from 1 to {_LONGEST_LIFETIME}, DATE=DAYS or CA=DAYS.")
        try:
            found.append(StatedLifetime(int(days), since=date.fromisoformat(about.strip())))
        except ValueError:
            found.append(StatedLifetime(int(days), ca=about.strip()))
    return found
