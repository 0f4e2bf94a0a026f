"""`certplan review`: everything known of a cluster on one page, for design reviews, tickets and meetings."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certplan.cli.emit import FORMAT, Format, emit
from certplan.cli.options import PLAN_HERE, At, NoDns, Output, PlanFile, Timeout, clock, in_folder, moment_of
from certplan.cli.output import fail
from certplan.cli.placed import Open, form_of, open_file, place_of
from certplan.cli.plans import plan_or_exit, problems_exit

if TYPE_CHECKING:
    from certplan.judgement import Judgement

__all__ = ["review"]

_FORMS = (Format.HTML, Format.MARKDOWN, Format.TEXT)


def review(
    plan_file: PlanFile = PLAN_HERE,
    at: At = None,
    form: Annotated[Literal[Format.HTML, Format.MARKDOWN, Format.TEXT] | None, FORMAT] = None,
    title: Annotated[
        str | None,
        typer.Option("--title", metavar="TEXT", help="The heading (default: the cluster's name).", show_default=False),
    ] = None,
    summary: Annotated[
        bool, typer.Option("--summary", help="One sheet of A4: verdict, drawing, changes, who and when.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Print the evidence, too, where it is folded away.")] = False,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against", metavar="OLD", help="Show what changed since this plan or record.", show_default=False
        ),
    ] = None,
    output: Output = None,
    opened: Open = False,
    no_dns: NoDns = False,
    timeout: Timeout = 5.0,
) -> None:
    """The design review on one page: verdict and changes, drawing, what blocks Enforce, runbook, findings, evidence.

    The HTML file needs nothing else: mail it, print it, open it without a network. On a terminal it is written to
    CLUSTER-review.html; the ending of the file of -o chooses the form.

    Exit codes: 0 success; 2 usage or input error.
    """
    if summary and (full or against is not None):
        raise fail("--summary is one sheet; leave out --full and --against.")
    moment = moment_of(at)
    chosen = form_of(form, output, _FORMS)
    judgement = _assessed(plan_file, moment, no_dns=no_dns, timeout=timeout)
    older = None if against is None else _older(against, moment, no_dns=no_dns, timeout=timeout)
    from certplan.report.answer import Answer
    from certplan.report.review import write_review, write_summary
    from certplan.report.wording import VERDICT_WORDS

    place = place_of(output, chosen, judgement.plan.cluster.name, "-review", opened=opened)
    answer = Answer(
        page=lambda: (
            write_summary(judgement, title) if summary else write_review(judgement, title, full=full, against=older)
        ),
        verdict=VERDICT_WORDS[judgement.verdict],
    )
    emit(answer, chosen, place)
    if opened and place is not None:
        open_file(place)


def _assessed(plan_file: Path, moment: datetime, *, no_dns: bool, timeout: float) -> "Judgement":
    """A plan judged, today and the target beside it."""
    plan = plan_or_exit(plan_file)
    from certplan.assessment import assess
    from certplan.cli.evidence import gather

    return assess(plan, clock(), moment, live_dns=not no_dns, timeout=timeout, observe=gather)


def _older(path: Path, moment: datetime, *, no_dns: bool, timeout: float) -> "Judgement":
    """An older plan or record, judged as of the same time; a plan by its own files, whatever `--evidence` says."""
    from certplan.assessment import State, assess
    from certplan.cli.evidence import load_record
    from certplan.judgement import judge
    from certplan.plan.reading import PlanError, load_plan

    if path.suffix == ".json" or (path / "record.json").is_file():
        record = load_record(path)
        return judge(record.plan.plan(), record.today.evidence(), moment)
    try:
        plan = load_plan(in_folder(path))
    except PlanError as error:
        raise problems_exit(error.problems) from None
    return assess(plan, clock(), moment, state=State.TODAY, live_dns=not no_dns, timeout=timeout)
