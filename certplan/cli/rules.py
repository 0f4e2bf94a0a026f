"""`certplan explain` and `certplan rules`: the catalogue."""

from enum import StrEnum
from typing import Annotated

import typer

from certplan.cli.options import NoColor, Output
from certplan.cli.output import fail, page_width, wants_color, write

__all__ = ["explain", "rules"]


class CatalogueForm(StrEnum):
    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def explain(
    code: Annotated[str, typer.Argument(metavar="CODE", help="A rule's code or slug, or an alarm's number.")],
    no_color: NoColor = False,
) -> None:
    """Explain a rule: what it checks, why it matters, how to fix it, and the documents it rests on."""
    from certplan.report.pages.catalogue import explain_text

    text = explain_text(code, width=page_width(None), color=wants_color(no_color, None))
    if text is None:
        raise fail(f"there is no rule or alarm {code!r}; certplan rules lists the rules.")
    write([text], None)


def rules(
    form: Annotated[CatalogueForm, typer.Option("--format", help="How to show the list.")] = CatalogueForm.TEXT,
    output: Output = None,
    no_color: NoColor = False,
) -> None:
    """List every rule."""
    from certplan.report.pages.catalogue import catalogue_json, catalogue_markdown, catalogue_text

    match form:
        case CatalogueForm.JSON:
            text = catalogue_json()
        case CatalogueForm.MARKDOWN:
            text = catalogue_markdown()
        case CatalogueForm.TEXT:
            text = catalogue_text(width=page_width(output), color=wants_color(no_color, output))
    write([text], output)
