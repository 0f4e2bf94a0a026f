"""`certplan ports`: peer-to-peer flows, firewall rules, and what Mobile and Remote Access needs open."""

from typing import Annotated, Literal

from certplan.cli.emit import FORMAT, Format, emit
from certplan.cli.options import PLAN_HERE, At, Output, PlanFile, moment_of
from certplan.cli.plans import plan_or_exit

__all__ = ["ports"]


def ports(
    plan_file: PlanFile = PLAN_HERE,
    at: At = None,
    form: Annotated[
        Literal[Format.TEXT, Format.CSV, Format.JSON, Format.MARKDOWN, Format.HTML, Format.SVG, Format.MERMAID],
        FORMAT,
    ] = Format.TEXT,
    output: Output = None,
) -> None:
    """Ports between the peers by release, built-in firewall rules, and what is open or blocked, firewall by firewall.

    With the plan of the cluster at the far end of a zone, Mobile and Remote Access as a whole: from outside to the
    Expressway-E, from the Expressway-C to it, and from the Expressway-C to the servers.

    Exit codes: 0 success; 2 usage or input error.
    """
    from certplan.plan.reading import far_plans
    from certplan.ports import plan_ports
    from certplan.report.pages.ports import ports_answer

    now = moment_of(at)
    plan = plan_or_exit(plan_file)
    far_ends = far_plans(plan)
    emit(ports_answer(plan, plan_ports(plan, far_ends), now, far_ends), form, output)
