"""`certplan capacity`: what a cluster can carry, by platform and release."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from certplan.cli.options import At, NoColor, Output, moment_of
from certplan.cli.output import page_width, wants_color, write
from certplan.cli.plans import plan_or_exit

__all__ = ["capacity"]


class CapacityForm(StrEnum):
    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def capacity(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan file.", show_default=False)],
    at: At = None,
    form: Annotated[CapacityForm, typer.Option("--format", help="How to show the figures.")] = CapacityForm.TEXT,
    output: Output = None,
    no_color: NoColor = False,
) -> None:
    """Capacity of the cluster by platform and release, with what the vendor's texts disagree on."""
    from certplan.capacity import plan_capacity
    from certplan.report.pages import capacity as shown

    now = moment_of(at)
    plan = plan_or_exit(plan_file)
    found = plan_capacity(plan)
    match form:
        case CapacityForm.TEXT:
            text = shown.capacity_text(plan, found, width=page_width(output), color=wants_color(no_color, output))
        case CapacityForm.JSON:
            text = shown.capacity_document(plan, found, now)
        case CapacityForm.MARKDOWN:
            text = shown.capacity_markdown(plan, found)
    write([text], output)
