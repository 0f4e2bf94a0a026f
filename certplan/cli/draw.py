"""`certplan draw`: the cluster in its networks, who connects to whom, and what breaks, as a drawing."""

from typing import Annotated, Literal

import typer

from certplan.cli.check import StateChoice
from certplan.cli.emit import FORMAT, Format, emit
from certplan.cli.options import PLAN_HERE, At, NoDns, Output, PlanFile, Timeout, clock, moment_of
from certplan.cli.placed import Open, form_of, open_file, place_of
from certplan.cli.plans import plan_or_exit

__all__ = ["draw"]


def draw(
    plan_file: PlanFile = PLAN_HERE,
    at: At = None,
    form: Annotated[Literal[Format.SVG, Format.MERMAID] | None, FORMAT] = None,
    output: Output = None,
    title: Annotated[
        str | None, typer.Option("--title", help="Its title (default: the cluster's name).", show_default=False)
    ] = None,
    state: Annotated[
        StateChoice | None,
        typer.Option(
            "--state",
            help="Draw this state alone; without it, today and, below it, the target where the plan states one.",
            show_default=False,
        ),
    ] = None,
    opened: Open = False,
    no_dns: NoDns = False,
    timeout: Timeout = 5.0,
) -> None:
    """The cluster as a drawing: networks, firewalls, ports, NAT, names, links between peers, and why each link fails.

    On a terminal it is written to CLUSTER.svg; the ending of the file of -o chooses the form.

    Exit codes: 0 success; 2 usage or input error.
    """
    chosen = form_of(form, output, (Format.SVG, Format.MERMAID))
    moment = moment_of(at)
    plan = plan_or_exit(plan_file)
    from certplan.assessment import State, assess
    from certplan.cli.evidence import gather
    from certplan.report.answer import Answer
    from certplan.report.drawing import draw_scene, scene_mermaid, scene_svg, states_svg
    from certplan.report.wording import VERDICT_WORDS

    judgement = assess(
        plan,
        clock(),
        moment,
        state=None if state is None else State(state.value),
        live_dns=not no_dns,
        timeout=timeout,
        observe=gather,
    )
    scene = draw_scene(judgement, title=title)
    after = None if judgement.target is None else draw_scene(judgement.target, title=title)
    drawn = {
        Format.SVG: lambda: scene_svg(scene) if after is None else states_svg(scene, after),
        Format.MERMAID: lambda: scene_mermaid(scene),
    }
    place = place_of(output, chosen, plan.cluster.name, "", opened=opened)
    emit(Answer(others=drawn, verdict=VERDICT_WORDS[judgement.verdict]), chosen, place)
    if opened and place is not None:
        open_file(place)
