"""`certplan review`: everything known of a cluster on one page, for design reviews, tickets and meetings."""

from enum import StrEnum
from typing import Annotated

import typer

from certplan.cli.options import PLAN_HERE, At, NoDns, Output, PlanFile, Timeout, clock, moment_of
from certplan.cli.output import write
from certplan.cli.plans import plan_or_exit

__all__ = ["review"]


class ReviewForm(StrEnum):
    HTML = "html"
    MARKDOWN = "markdown"


def review(
    plan_file: PlanFile = PLAN_HERE,
    at: At = None,
    form: Annotated[ReviewForm, typer.Option("--format", help="How to write the review.")] = ReviewForm.HTML,
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

    Exit codes: 0 written; 2 cannot be run.
    """
    moment = moment_of(at)
    plan = plan_or_exit(plan_file)
    from certplan.evidence.gather import gather
    from certplan.judgement import judge
    from certplan.report.review import render_review

    judgement = judge(plan, gather(plan, clock(), live_dns=not no_dns, timeout=timeout), moment)
    write([render_review(judgement, form.value, title=title)], output)
