"""`certplan explain` and `certplan rules`: the catalogue."""

from enum import StrEnum
from typing import Annotated

import typer

from certplan.cli.emit import layout_for
from certplan.cli.options import Output
from certplan.cli.output import fail, write

__all__ = ["explain", "rules"]


class CatalogueForm(StrEnum):
    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def explain(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="CODE|WORDS...",
            help="A rule's code or slug, an alarm's number or title, or words of a status line or log.",
        ),
    ],
) -> None:
    """Explain a rule or an alarm, found by its code or by the words that an engineer sees."""
    from certplan.report.pages.catalogue import explain_text

    code = " ".join(words)
    text = explain_text(code, width=layout_for(None).width, color=layout_for(None).color)
    if text is None:
        from certplan.rules.search import search

        near = search(code).did_you_mean
        hint = f"did you mean {' or '.join(near)}?" if near else "certplan rules lists the rules."
        raise fail(f"there is no rule or alarm {code!r}; {hint}")
    write([text], None)


def rules(
    form: Annotated[CatalogueForm, typer.Option("--format", help="How to show the list.")] = CatalogueForm.TEXT,
    output: Output = None,
) -> None:
    """List every rule."""
    from certplan.report.pages.catalogue import catalogue_json, catalogue_markdown, catalogue_text

    match form:
        case CatalogueForm.JSON:
            text = catalogue_json()
        case CatalogueForm.MARKDOWN:
            text = catalogue_markdown()
        case CatalogueForm.TEXT:
            text = catalogue_text(width=layout_for(output).width, color=layout_for(output).color)
    write([text], output)
