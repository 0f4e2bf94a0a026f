"""`certplan explain` and `certplan rules`: the catalog."""

from typing import Annotated, Literal

import typer

from certplan.cli.completion import codes
from certplan.cli.emit import FORMAT, Format, emit
from certplan.cli.options import Output
from certplan.cli.output import fail
from certplan.text.words import joined

__all__ = ["explain", "rules"]


def explain(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="CODE|WORDS...",
            help="A rule's code or slug, an alarm's number or title, or words of a status line or log.",
            autocompletion=codes,
        ),
    ],
    form: Annotated[Literal[Format.TEXT, Format.JSON, Format.MARKDOWN, Format.HTML], FORMAT] = Format.TEXT,
    output: Output = None,
) -> None:
    """Explain a rule or an alarm, found by its code or by the words that an engineer sees.

    Exit codes: 0 success; 2 usage or input error.
    """
    from certplan.report.pages.catalog import explained

    code = " ".join(words)
    answer = explained(code)
    if answer is None:
        from certplan.rules.search import search

        near = search(code).did_you_mean
        hint = f"did you mean {joined(near, 'or')}?" if near else "certplan rules lists the rules."
        raise fail(f"no rule or alarm is called {code!r}; {hint}")
    emit(answer, form, output)


def rules(
    form: Annotated[Literal[Format.TEXT, Format.JSON, Format.MARKDOWN, Format.HTML], FORMAT] = Format.TEXT,
    output: Output = None,
) -> None:
    """List every rule.

    Exit codes: 0 success; 2 usage or input error.
    """
    from certplan.report.pages.catalog import catalog_answer

    emit(catalog_answer(), form, output)
