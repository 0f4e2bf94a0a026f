"""The design review: everything known of a cluster on one page."""

from certplan.judgement import Judgement
from certplan.report.review.contents import write_review, write_summary
from certplan.text.words import listed

__all__ = ["REVIEW_FORMS", "render_review", "write_review", "write_summary"]

REVIEW_FORMS = ("html", "markdown")
"""The names of the forms a review can be had in."""


def render_review(
    judgement: Judgement,
    form: str = "html",
    *,
    title: str | None = None,
    full: bool = False,
    summary: bool = False,
    against: Judgement | None = None,
) -> str:
    """The design review of one judgement, as `certplan review` writes it: the same document, to the same bytes.

    Args:
        judgement: what `certplan.judge` returned.
        form: `html`, one file that needs nothing else, or `markdown`.
        title: the heading; without it the cluster's name.
        full: whether paper shows the evidence that is folded away, too.
        summary: one sheet of A4 in landscape instead.
        against: an older judgement; what changed since is shown.

    Raises:
        ValueError: for any other form.
    """
    review = write_summary(judgement, title) if summary else write_review(judgement, title, full=full, against=against)
    if form == "html":
        # Only a page needs the template engine.
        from certplan.report.writers.html import html  # noqa: PLC0415

        return html(review)
    if form == "markdown":
        from certplan.report.writers.markdown import markdown  # noqa: PLC0415

        return markdown(review)
    raise ValueError(f"unknown form {form!r}; expected one of {listed(REVIEW_FORMS)}")
