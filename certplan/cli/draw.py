"""`certplan draw`: the cluster in its networks, who connects to whom, and what breaks, as a drawing."""

from typing import Annotated, Literal

import typer

from certplan.cli.emit import FORMAT, Format, emit
from certplan.cli.options import PLAN_HERE, At, NoDns, Output, PlanFile, Timeout, clock, moment_of
from certplan.cli.plans import plan_or_exit

__all__ = ["draw"]


def draw(
    plan_file: PlanFile = PLAN_HERE,
    at: At = None,
    form: Annotated[Literal[Format.SVG, Format.MERMAID], FORMAT] = Format.SVG,
    output: Output = None,
    title: Annotated[
        str | None, typer.Option("--title", help="Its title (default: the cluster's name).", show_default=False)
    ] = None,
    no_dns: NoDns = False,
    timeout: Timeout = 5.0,
) -> None:
    """The cluster as a drawing: lanes, ports, NAT, names, who connects to whom, and why each link fails.

    Exit codes: 0 success; 2 usage or input error.
    """
    from certplan.cli.evidence import gather
    from certplan.judgement import judge
    from certplan.report.answer import Answer
    from certplan.report.drawing import draw_scene, scene_mermaid, scene_svg

    moment = moment_of(at)
    plan = plan_or_exit(plan_file)
    judgement = judge(plan, gather(plan, clock(), live_dns=not no_dns, timeout=timeout), moment)
    scene = draw_scene(judgement, title=title)
    drawn = {Format.SVG: lambda: scene_svg(scene), Format.MERMAID: lambda: scene_mermaid(scene)}
    emit(Answer(others=drawn), form, output)
