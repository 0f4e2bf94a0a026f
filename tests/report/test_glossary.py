"""Words that the glossary rules out occur in no output and no document: one plain term for one thing, everywhere."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from certplan.cli.app import app
from certplan.handshake.model import Cause
from certplan.rules import catalog
from tests.snapshots import EVERY, ROOT

RULED_OUT = re.compile(
    r"\b(laps(?:e|es|ed|ing)|astray|mend(?:s|ed|ing)?|amiss|reckon(?:s|ed)?|hangs? on|falls? apart|bears?|borne"
    r"|dial(?:s|led|ling|ing)?(?! plan)|nobody|stranger|lacks?|left open|needless|spelled alike|in the way of"
    r"|outlives?|told|hears?|judged as stand-?ins?|stop when|normal meanwhile"
    r"|could not (?:be )?check(?:ed)?)\b|\bunlike(?=[.\n])",
    re.IGNORECASE,
)
PUBLISHED = re.compile(
    "|".join(
        map(
            re.escape,
            sorted([rule.slug for rule in catalog()] + [f'"{each.value}"' for each in Cause], key=len)[::-1],
        )
    )
    + '|"(needless|in_the_way)"'
)
"""Slugs, causes and keys keep the names they were published with."""
AT = ("--at", "2027-01-01")
FORMS = {
    "check": ("text", "json", "markdown", "sarif", "junit", "csv", "github"),
    "map": ("text", "json", "markdown", "csv", "yaml", "commands"),
    "propose": ("text", "json", "markdown"),
    "runbook": ("text", "json", "markdown"),
    "ports": ("text", "json", "markdown", "csv"),
    "capacity": ("text", "json", "markdown"),
    "renew": ("text", "json", "markdown", "csv", "icalendar"),
    "review": ("html", "markdown"),
    "draw": ("svg", "mermaid"),
}
RICHEST = ("clusters/expressway-e-four-peers.yaml", "clusters/expressway-e-ipv6.yaml")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
CODE = re.compile(r"`[^`\n]+`")
"""Names of keys, options and files, as they were published."""
CASES = [(command, form, plan) for command, forms in FORMS.items() for form in forms for plan in RICHEST]
CASES += [("check", "text", plan) for plan in EVERY if plan not in RICHEST]


def ruled_out(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines of what a command says that have a word which is ruled out."""
    monkeypatch.chdir(ROOT)
    run = CliRunner().invoke(app, arguments)
    assert run.exit_code != 2, run.stderr
    text = PUBLISHED.sub("", run.stdout + run.stderr)
    return [line for line in text.splitlines() if RULED_OUT.search(line)]


@pytest.mark.parametrize(("command", "form", "plan"), CASES)
def test_no_output_has_a_word_that_is_ruled_out(
    command: str, form: str, plan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = [] if command == "runbook" else list(AT)
    assert ruled_out([command, f"fixtures/{plan}", "--format", form, *options], monkeypatch) == []


@pytest.mark.parametrize("arguments", [["rules", "--format", "json"], ["csr", "sheet", f"fixtures/{RICHEST[0]}"]])
def test_nor_has_the_catalog_or_the_csr_sheet(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert ruled_out(arguments, monkeypatch) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_nor_has_a_document(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines
    assert [line for line in lines if RULED_OUT.search(CODE.sub("", line))] == []


def test_the_documents_are_found() -> None:
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "plan-file.md", "check.md", "rules.md"} <= {
        path.name for path in DOCUMENTS
    }


@pytest.mark.parametrize(
    "word",
    [
        "lapses",
        "leads astray",
        "bears",
        "dialled",
        "lacks",
        "fall apart",
        "told",
        "mended",
        "in the way of",
        "could not be checked",
    ],
)
def test_the_words_are_found_and_a_dial_plan_is_none_of_them(word: str) -> None:
    assert RULED_OUT.search(f"It {word} here.")
    assert not RULED_OUT.search("Check the dial plan of the zone, and tell the slack from the lapsus.")
