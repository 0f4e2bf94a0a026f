"""How a judgement is shown."""

from certplan.judgement import Judgement

__all__ = ["render"]


def render(judgement: Judgement, form: str = "text", *, width: int = 100, color: bool = False) -> str:
    """Show a judgement.

    Args:
        judgement: what `certplan.judgement` returned.
        form: `text` for the page that `certplan check` prints, `json` for the object it puts under `plans`.
        width: columns of the text page.
        color: whether the text page has ANSI colours.

    Raises:
        ValueError: for any other form.
    """
    # Each form loads libraries of its own.
    if form == "json":
        from certplan.report.jsonview import dumps, judgement_json  # noqa: PLC0415

        return dumps(judgement_json(judgement))
    if form == "text":
        from certplan.report.terminal import judgement_text  # noqa: PLC0415

        return judgement_text(judgement, width=width, color=color)
    raise ValueError(f"unknown form {form!r}; expected text or json")
