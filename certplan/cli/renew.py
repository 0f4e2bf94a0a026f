"""`certplan renew`: which certificates lapse when, and by when the next have to be ordered."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from certplan.cli.emit import layout_for
from certplan.cli.options import Output, moment_of
from certplan.cli.output import fail, write
from certplan.cli.plans import plan_or_exit

__all__ = ["RenewForm", "renew"]


class RenewForm(StrEnum):
    TEXT = "text"
    MARKDOWN = "markdown"
    CSV = "csv"
    JSON = "json"
    ICALENDAR = "icalendar"


def renew(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan file.", show_default=False)],
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="Reckon from this time (default: now).", show_default=False),
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
    form: Annotated[RenewForm, typer.Option("--format", help="How to show it.")] = RenewForm.TEXT,
    output: Output = None,
) -> None:
    """When does each certificate lapse, by when must the next be ordered, and what will the CA still issue?"""
    from certplan.evidence.gather import gather
    from certplan.renewal import renewals, steps
    from certplan.report.pages.renewal import calendar, renewals_csv, renewals_json, renewals_markdown, renewals_text
    from certplan.report.writers.terminal import failure_text

    stated = plan_or_exit(plan)
    moment = moment_of(at)
    outlook = renewals(stated, gather(stated, moment, live_dns=False), moment, lead=lead, lifetime=lifetime)
    if not outlook.due:
        told = failure_text(f"{missing.what}: {missing.why}. {missing.remedy}" for missing in outlook.missing)
        raise fail(f"no certificate can be read.\n{told.rstrip()}")
    match form:
        case RenewForm.JSON:
            text = renewals_json(outlook, steps(moment, lead), moment)
        case RenewForm.ICALENDAR:
            # Text files end their lines in their own way on Windows, and a second CR would spoil the calendar.
            text = calendar(outlook, moment).replace("\r\n", "\n" if os.linesep == "\r\n" else "\r\n")
        case RenewForm.MARKDOWN:
            text = renewals_markdown(outlook, steps(moment, lead), moment)
        case RenewForm.CSV:
            text = renewals_csv(outlook)
        case RenewForm.TEXT:
            text = renewals_text(outlook, steps(moment, lead), moment, width=layout_for(output).width)
    write([text], output)
