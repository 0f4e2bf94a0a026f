"""`certplan ports`: peer-to-peer flows, firewall rules, and what Mobile and Remote Access needs open."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from certplan.cli.emit import layout_for
from certplan.cli.options import At, Output, moment_of
from certplan.cli.output import write
from certplan.cli.plans import plan_or_exit

__all__ = ["ports"]


class PortsForm(StrEnum):
    TEXT = "text"
    CSV = "csv"
    JSON = "json"
    MARKDOWN = "markdown"


def ports(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan file.", show_default=False)],
    at: At = None,
    form: Annotated[PortsForm, typer.Option("--format", help="How to show the ports.")] = PortsForm.TEXT,
    output: Output = None,
) -> None:
    """Ports between the peers by release, built-in firewall rules, and what is open or blocked from outside."""
    from certplan.ports import plan_ports
    from certplan.report.pages import ports as shown

    now = moment_of(at)
    plan = plan_or_exit(plan_file)
    found = plan_ports(plan)
    match form:
        case PortsForm.TEXT:
            text = shown.ports_text(plan, found, width=layout_for(output).width, color=layout_for(output).color)
        case PortsForm.CSV:
            text = shown.ports_csv(found)
        case PortsForm.JSON:
            text = shown.ports_document(plan, found, now)
        case PortsForm.MARKDOWN:
            text = shown.ports_markdown(plan, found)
    write([text], output)
