"""The hostile cluster through every command that tells of a cluster, in every form it has."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from certplan.cli.app import app
from tests.hostile import FORMULA, LINK, LONG, MARKUP, SCRIPT, hostile_cluster
from tests.report.test_hostile import harmless, read_csv, read_json, read_markdown, read_text
from tests.review.test_page import sound

AS_OF = ("--at", "2026-06-01")
FENCES = {"mermaid", "yaml"}


def read_fenced(document: str) -> str:
    """Markdown whose fences are ours alone, and hold no tag that a renderer of theirs could take for one."""
    for fence in document.split("\n```")[1::2]:
        kind, _, body = fence.partition("\n")
        assert kind in FENCES
        assert "<script" not in body
    return read_markdown(document)


def read_svg(document: str) -> str:
    harmless(document)
    root = ET.fromstring(document)  # noqa: S314 - it is ours
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert not names & {"script", "foreignObject", "image", "a", "use"}
    return "".join(root.itertext())


def read_mermaid(document: str) -> str:
    harmless(document)
    assert "<script" not in document
    assert "click " not in document
    return re.sub(r"#(\d+);", lambda code: chr(int(code[1])), document)


def read_yaml(document: str) -> str:
    harmless(document)
    yaml.safe_load(document)
    return document


def read_calendar(document: str) -> str:
    harmless(document.replace("\r\n", "\n"))
    return document


def read_html(document: str) -> str:
    return sound(document).shown


READERS: dict[str, Callable[[str], str]] = {
    "text": read_text,
    "commands": read_text,
    "openssl": read_text,
    "json": read_json,
    "csv": read_csv,
    "markdown": read_markdown,
    "yaml": read_yaml,
    "icalendar": read_calendar,
    "svg": read_svg,
    "mermaid": read_mermaid,
    "html": read_html,
}
FORMS = {
    ("map",): ("text", "commands", "yaml", "json", "csv", "markdown"),
    ("propose", *AS_OF): ("text", "json", "markdown"),
    ("propose", *AS_OF, "--all", "--severity", "notice"): ("text", "json", "markdown"),
    ("runbook", *AS_OF): ("text", "json", "markdown"),
    ("runbook", *AS_OF, "--replace-certificates"): ("text", "json", "markdown"),
    ("ports",): ("text", "csv", "json", "markdown"),
    ("capacity",): ("text", "json", "markdown"),
    ("renew", *AS_OF): ("text", "json", "csv", "markdown", "icalendar"),
    ("draw", *AS_OF): ("svg", "mermaid"),
    ("review", *AS_OF): ("html", "markdown"),
    ("csr", "sheet"): ("text", "markdown", "json", "openssl"),
}
NAMELESS = {(("map",), "commands"), (("capacity",), "json")}
"""What has no place for a name, or takes none that would not fit a command."""
CASES = [(command, form) for command, forms in FORMS.items() for form in forms]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    hostile_cluster().write(folder)
    return folder


@pytest.mark.parametrize(("command", "form"), CASES, ids=[f"{'-'.join(c)}-{f}" for c, f in CASES])
def test_it_comes_out_as_harmless_text(command: tuple[str, ...], form: str, folder: Path) -> None:
    with chdir(folder):
        run = CliRunner().invoke(app, [*command, "plan.yaml", "--format", form])
    assert isinstance(run.exception, SystemExit | None), run.exception
    harmless(run.stderr)
    if command[0] == "csr":
        # No text asks to type such names.
        assert (run.exit_code, run.stdout) == (2, "")
        assert SCRIPT in run.stderr
        return
    assert run.exit_code == 0
    assert form == "json" or LONG[:5000] not in run.stdout
    read = read_fenced if (command[0], form) == ("review", "markdown") else READERS[form]
    shown = read(run.stdout)
    assert any(text in shown for text in (SCRIPT, LINK, MARKUP, FORMULA)) is ((command, form) not in NAMELESS)
