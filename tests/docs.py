"""The parts of the documentation that are computed. `python -m tests.docs` writes them anew."""

import re
from collections.abc import Callable
from pathlib import Path

from certplan.formats import Format
from certplan.report.answer import rendered
from certplan.report.pages.catalogue import catalogue_answer
from tests.cli.program import certplan

__all__ = ["COMPUTED", "README", "ROOT", "refreshed"]

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
COMMAND = ("check", "fixtures/lab/expressway-e-without-mapping.yaml", "--at", "2027-01-01")


def _transcript() -> str:
    shown = certplan(*COMMAND, cwd=ROOT).out
    return f"```console\n$ certplan {' '.join(COMMAND)}\n{shown}```\n"


def _rules() -> str:
    """The tables of `certplan rules`, without its title."""
    return rendered(catalogue_answer(), Format.MARKDOWN).split("\n", 4)[-1]


PARTS: dict[Path, dict[str, Callable[[], str]]] = {
    README: {"transcript": _transcript},
    ROOT / "docs" / "rules.md": {"rules": _rules},
}
COMPUTED = tuple(PARTS)
"""The pages that have computed parts."""


def refreshed(page: Path) -> str:
    """The text of a page with its computed parts as they should be."""
    text = page.read_text(encoding="utf-8")
    for name, part in PARTS[page].items():
        made = part()
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = pattern.sub(lambda match, made=made: match.group(1) + made + match.group(2), text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    for page in COMPUTED:
        page.write_text(refreshed(page), encoding="utf-8")
