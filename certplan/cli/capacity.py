"""`certplan capacity`: what a cluster can carry, by platform and release."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from certplan.cli.emit import layout_for
from certplan.cli.options import At, Output, moment_of
from certplan.cli.output import write
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
) -> None:
    """Capacity of the cluster by platform and release, with what the vendor's texts disagree on."""
    from certplan.capacity import plan_capacity
    from certplan.report.pages import capacity as shown

    now = moment_of(at)
    plan = plan_or_exit(plan_file)
    found = plan_capacity(plan)
    match form:
        case CapacityForm.TEXT:
            text = shown.capacity_text(plan, found, width=layout_for(output).width, color=layout_for(output).color)
        case CapacityForm.JSON:
            text = shown.capacity_document(plan, found, now)
        case CapacityForm.MARKDOWN:
            text = shown.capacity_markdown(plan, found)
    write([text], output)
