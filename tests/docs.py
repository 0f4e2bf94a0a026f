"""The parts of the documentation that are computed. `python -m tests.docs` writes them anew."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from certplan.formats import Format
from certplan.plan import model
from certplan.plan.declaring import section_of
from certplan.plan.fitting import SECTIONS
from certplan.report.answer import rendered
from certplan.report.pages.catalog import catalog_answer
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
    return rendered(catalog_answer(), Format.MARKDOWN).split("\n", 4)[-1]


def _plan_fields() -> str:
    """A table for every section of the plan file, from the declaration it is read by."""
    sections = SECTIONS | {
        "an address mapping entry": model.MappingEntry,
        "clustering of a peer": model.Clustering,
        "certificate_authority by store": model.Authorities,
        "certificate_subject": model.CertificateSubject,
    }
    parts = []
    for title, section in ((title, section_of(of)) for title, of in sections.items()):
        head = f"### {title[0].upper()}{title[1:]}\n\n{section.about}"
        parts.append(f"{head}\n\n| key | required | what it is |\n|---|---|---|")
        for key, field in section.fields.items():
            parts.append(f"| `{key}` | {'yes' if field.required else ''} | {field.says.words} |")
        parts.append("")
    return "\n".join(parts)


PARTS: dict[Path, dict[str, Callable[[], str]]] = {
    README: {"transcript": _transcript},
    ROOT / "docs" / "rules.md": {"rules": _rules},
    ROOT / "docs" / "plan-file.md": {"fields": _plan_fields},
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


RECORD_SCHEMA = ROOT / "docs" / "record.schema.json"


if __name__ == "__main__":
    from certplan.records.model import record_schema

    RECORD_SCHEMA.write_text(json.dumps(record_schema(), indent=1) + "\n", encoding="utf-8")
    for page in COMPUTED:
        page.write_text(refreshed(page), encoding="utf-8")
