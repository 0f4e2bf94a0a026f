"""Where a document goes that is looked at rather than read in a terminal, and in which form."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from certplan.cli.emit import Format, note
from certplan.cli.output import fail
from certplan.text.words import listed

__all__ = ["Open", "form_of", "open_file", "place_of"]

Open = Annotated[bool, typer.Option("--open", help="Open the file with the program that the system has for it.")]

_ENDINGS: Mapping[str, Format] = {
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".txt": Format.TEXT,
    ".svg": Format.SVG,
    ".mmd": Format.MERMAID,
    ".mermaid": Format.MERMAID,
}
_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 80


def form_of(form: Format | None, output: Path | None, offered: tuple[Format, ...]) -> Format:
    """The form that `--format` names, or else the ending of the file; the first of those offered without either.

    Raises:
        typer.Exit: with 2, when the ending stands for a form that is not offered.
    """
    if form is not None:
        return form
    ending = "" if output is None else output.suffix.lower()
    known = _ENDINGS.get(ending)
    if known is not None and known not in offered:
        endings = listed(each for each, stands in _ENDINGS.items() if stands in offered)
        raise fail(f"{output}: {ending} is not a form of this document; expected {endings}, or --format.")
    return known or offered[0]


def place_of(output: Path | None, form: Format, name: str, what: str, *, opened: bool) -> Path | None:
    """The file that is written: that of `-o`, or one of the cluster's name in this folder where no stream is read.

    Args:
        output: what `-o` says; None: nothing.
        form: the form of the document.
        name: the cluster's name.
        what: what follows the name: `-review`, or nothing.
        opened: whether the file is to be opened.
    """
    if output is not None or not (opened or sys.stdout.isatty()) or (form is Format.TEXT and not opened):
        return output
    ending = next(each for each, stands in _ENDINGS.items() if stands is form)
    stem = _ODD.sub("-", name)[:_LONGEST].strip(".-") or "cluster"
    return Path(f"{stem}{what}{ending}")


def open_file(file: Path) -> None:
    """Open a file with the program that the system has for it, which goes on after this one has ended."""
    import webbrowser

    if not webbrowser.open(file.resolve().as_uri()):
        note(f"{file}: no program was found to open it with")
