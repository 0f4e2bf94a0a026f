"""What can be taken away: the plan, the review, the runbook, the CSR sheet, the drawing, the findings."""

from collections.abc import Callable

from certplan.formats import Format
from certplan.intent.cluster import Intent
from certplan.judgement import Judgement
from certplan.plan.model import NotStatedError
from certplan.report import render
from certplan.report.answer import rendered
from certplan.report.drawing import draw_scene, scene_svg, states_svg
from certplan.report.pages.runbook import runbook_answer
from certplan.report.review import render_review
from certplan.runbook.model import Procedure
from certplan.runbook.procedures import ObservedTarget, ProcedureRequest, UnfitRequestError, runbook
from certplan.value import Value

__all__ = ["DOWNLOADS", "Download", "NotToBeHad"]


class NotToBeHad(Exception):  # noqa: N818 - reads as what is the case
    """The plan does not say enough for this document; the text says what it is missing."""


class Download(Value):
    """A document by the name of its file."""

    name: str
    kind: str
    """Its media type."""
    make: Callable[[Judgement], str] | None
    """None: the plan's text itself, which can be had even where it cannot be judged."""


def _runbook(judgement: Judgement) -> str:
    """From today to the target; without one, to what `propose` suggests."""
    target = judgement.target
    goal = None if target is None else ObservedTarget(target.plan, target.evidence)
    try:
        book = runbook(judgement.plan, judgement.evidence, judgement.at, ProcedureRequest(Procedure.ENFORCE), goal)
    except (UnfitRequestError, NotStatedError) as error:
        raise NotToBeHad(str(error)) from None
    return rendered(runbook_answer(book, judgement.at), Format.HTML)


def _sheet(judgement: Judgement) -> str:
    """What to type on Generate CSR of each peer, as the target has it."""
    from certplan.csr.model import Choices  # noqa: PLC0415 - only this document needs it
    from certplan.csr.names import order_requests  # noqa: PLC0415
    from certplan.csr.sheet import sheet  # noqa: PLC0415
    from certplan.report.pages.csr_sheet import sheet_answer  # noqa: PLC0415

    plan, at = judgement.plan, judgement.at
    order = order_requests(Intent(plan, judgement.evidence, at), plan.peers, Choices())
    if order.problems:
        raise NotToBeHad(" ".join(str(problem) for problem in order.problems))
    pages = [sheet(plan, request) for request in order.requests]
    return rendered(sheet_answer(pages, order.requests, at), Format.HTML)


def _drawing(judgement: Judgement) -> str:
    """Before and after, where the plan has a target."""
    scene, target = draw_scene(judgement), judgement.target
    return scene_svg(scene) if target is None else states_svg(scene, draw_scene(target))


def _findings(judgement: Judgement) -> str:
    return render(judgement, Format.JSON)


DOWNLOADS = (
    Download("plan.yaml", "application/yaml; charset=utf-8", None),
    Download("review.html", "text/html; charset=utf-8", render_review),
    Download("runbook.html", "text/html; charset=utf-8", _runbook),
    Download("csr-sheet.html", "text/html; charset=utf-8", _sheet),
    Download("drawing.svg", "image/svg+xml", _drawing),
    Download("findings.json", "application/json", _findings),
)
"""Every document, in the order of the links."""
