"""How answers are shown. Light to import, for every command lists its forms: what a form needs is loaded with it."""

from importlib import import_module
from typing import TYPE_CHECKING

from certplan.text.words import listed

if TYPE_CHECKING:
    from certplan.judgement import Judgement
    from certplan.report.form import Form

__all__ = ["FORMS", "find_form", "render"]

_FORMS = {
    "text": ("pages.check", "TEXT"),
    "json": ("writers.json", "FORM"),
    "sarif": ("writers.sarif", "FORM"),
    "junit": ("writers.junit", "FORM"),
    "csv": ("writers.csv", "FORM"),
    "markdown": ("pages.check", "MARKDOWN"),
    "github": ("writers.github", "FORM"),
}
FORMS = tuple(_FORMS)
"""The names of the forms a judgement can be shown in."""


def find_form(name: str) -> "Form":
    """The form of this name; each loads libraries of its own, so it is imported when it is asked for.

    Raises:
        ValueError: when there is none.
    """
    module, attribute = _FORMS.get(name, ("", ""))
    if not module:
        raise ValueError(f"unknown form {name!r}; expected one of {listed(FORMS)}")
    found: Form = getattr(import_module(f"{__name__}.{module}"), attribute)
    return found


def render(judgement: "Judgement", form: str = "text", *, width: int = 100, color: bool = False) -> str:
    """Show one judgement as `certplan check` does: the same document, to the same bytes.

    Args:
        judgement: what `certplan.judge` returned.
        form: one of `FORMS`: text, json, sarif (2.1.0), junit, csv, markdown or github.
        width: columns of the text page.
        color: whether the text page has ANSI colors.

    Raises:
        ValueError: for any other form.
    """
    from certplan.report.writers.terminal import Layout  # noqa: PLC0415

    chosen = find_form(form)
    return "".join(chosen.document(judgement.at, [chosen.piece(judgement, Layout(width, color))]))
