"""`certplan review`: everything known of a cluster on one page, for design reviews, tickets and meetings."""

from typing import Annotated, Literal

import typer

from certplan.cli.emit import FORMAT, Format, emit
from certplan.cli.options import PLAN_HERE, At, NoDns, Output, PlanFile, Timeout, clock, moment_of
from certplan.cli.plans import plan_or_exit

__all__ = ["review"]


def review(
    plan_file: PlanFile = PLAN_HERE,
    at: At = None,
    form: Annotated[Literal[Format.HTML, Format.MARKDOWN, Format.TEXT], FORMAT] = Format.HTML,
    title: Annotated[
        str | None,
        typer.Option("--title", metavar="TEXT", help="The heading (default: the cluster's name).", show_default=False),
    ] = None,
    output: Output = None,
    no_dns: NoDns = False,
    timeout: Timeout = 5.0,
) -> None:
    """The design review on one page: verdict, drawing, certificates, mapping, DNS, findings, runbook, record.

    The HTML file needs nothing else: mail it, print it, open it without a network.

    Exit codes: 0 success; 2 usage or input error.
    """
    moment = moment_of(at)
    plan = plan_or_exit(plan_file)
    from certplan.cli.evidence import gather
    from certplan.judgement import judge
    from certplan.report.answer import Answer
    from certplan.report.review.contents import write_review

    judgement = judge(plan, gather(plan, clock(), live_dns=not no_dns, timeout=timeout), moment)
    emit(Answer(page=lambda: write_review(judgement, title)), form, output)
