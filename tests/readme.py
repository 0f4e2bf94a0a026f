"""The parts of the README that are computed. `python -m tests.readme` writes them anew."""

import re
from pathlib import Path

from certplan.report.pages.catalogue import catalogue_markdown
from tests.cli.program import certplan

__all__ = ["README", "refreshed"]

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
COMMAND = ("check", "fixtures/lab/expressway-e-without-mapping.yaml", "--at", "2027-01-01")


def transcript() -> str:
    shown = certplan(*COMMAND, cwd=ROOT).out
    return f"```console\n$ certplan {' '.join(COMMAND)}\n{shown}```\n"


def refreshed(text: str) -> str:
    """The README's text with its computed parts as they should be."""
    for name, part in (("transcript", transcript()), ("rules", catalogue_markdown())):
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = pattern.sub(lambda match, part=part: match.group(1) + part + match.group(2), text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    README.write_text(refreshed(README.read_text(encoding="utf-8")), encoding="utf-8")
