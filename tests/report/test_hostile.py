"""The same hostile cluster through every form of `check`: each stays valid and shows harmless, visible text."""

import csv
import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from markdown_it import MarkdownIt

from certplan.judgement import Judgement
from certplan.plan.reading import PlanError, read_plan
from certplan.report import FORMS, find_form, render
from certplan.vendor import sources
from tests.cli.program import certplan
from tests.clusters import expressway_e
from tests.hostile import FILE, FORMULA, LINK, LONG, MARKUP, REFUSED, SCRIPT, hostile_cluster, hostile_judgement
from tests.pki import AT

SCHEMA = json.loads((Path(__file__).parents[2] / "fixtures/sarif/sarif-2.1.0-rtm.5.json").read_text("utf-8"))
VISIBLE = (
    SCRIPT,
    LINK,
    MARKUP,
    FORMULA,
    r"\u001b[31mred\u001b]0;title\u0007",
    r"abc\u202egpj.exe",
    r"a\u0000b",
    "AAA…AAA",
)
"""The attacks as a reader is to see them."""
URI = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})*")
LIVE = re.compile(r"(^|;\s*)[=+@\t\r-]")
"""What a spreadsheet runs, where cells end at commas and where they end at semicolons."""


@pytest.fixture(scope="module")
def judgement(tmp_path_factory: pytest.TempPathFactory) -> Judgement:
    return hostile_judgement(tmp_path_factory.mktemp("hostile"))


def harmless(text: str) -> None:
    """No character in it acts on a terminal or hides: no control, format, surrogate or odd blank one."""
    odd = {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}}
    assert odd <= {"\n"}


def short(text: str) -> str:
    """The same text, once it is proved that ten thousand characters do not drown what is read."""
    assert LONG[:5000] not in text
    return text


def strings(value: Any) -> Iterator[str]:
    """Every key and text of a JSON document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, within in value.items():
            yield name
            yield from strings(within)
    elif isinstance(value, list):
        for within in value:
            yield from strings(within)


# --- each form as its readers read it: the text they show, after proving it sound -------------------------------------


def read_text(page: str) -> str:
    harmless(page)
    # Lines are broken to the width of the page.
    return re.sub(r"\n *", "", page)


def read_json(document: str) -> str:
    json.loads(document)
    harmless(document)
    assert document.isascii()
    # JSON keeps what it was given, for programs; it is what it escapes that a terminal shows.
    return document.replace("\\\\u", "\\u")


def read_sarif(document: str) -> str:
    log = json.loads(document)
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    texts = list(strings(log))
    for text in texts:
        harmless(text)
    for run in log["runs"]:
        notices = [notice for call in run["invocations"] for notice in call.get("toolExecutionNotifications", ())]
        for entry in [*run.get("results", ()), *notices]:
            message = entry["message"]["text"]
            assert "](" not in message
            assert not re.search(r"(?<!\{)(\{\{)*\{(?!\{)", message)
            for location in entry["locations"]:
                uri = location["physicalLocation"]["artifactLocation"]["uri"]
                assert URI.fullmatch(uri)
                assert uri.startswith("file:///") or ":" not in uri.split("/")[0]
    return "\n".join(texts).replace("] (", "](")


def read_junit(document: str) -> str:
    harmless(document)
    texts = []
    for element in ET.fromstring(document).iter():  # noqa: S314 - it is ours
        texts += [*element.attrib.values(), element.text or ""]
    for text in texts:
        harmless(text)
    return "\n".join(texts)


def read_csv(document: str) -> str:
    harmless(document)
    rows = list(csv.reader(StringIO(document), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if LIVE.search(cell)]
    return "\n".join(cells)


def read_markdown(document: str) -> str:
    """As CommonMark with tables has it, HTML allowed: no tag, and no link but to the documents cited, comes of it."""
    harmless(document)
    known = {document.address for document in sources()}
    shown: list[str] = []
    for block in MarkdownIt("commonmark", {"html": True}).enable("table").parse(document):
        assert block.type != "html_block"
        for token in block.children or ():
            assert token.type not in {"html_inline", "image", "code_inline"}
            if token.type == "link_open":
                assert token.attrs["href"] in known
            shown.append(token.content)
        shown.append("\n")
    return "".join(shown)


def read_github(document: str) -> str:
    """As a workflow's runner has it: every line is a command of ours, and no other begins within it."""
    assert all(re.match("::(error|warning|notice) ", line) for line in document.splitlines())
    return document.replace("%25", "%").replace("%3A", ":").replace("%2C", ",")


READ: dict[str, Callable[[str], str]] = {
    "text": read_text,
    "json": read_json,
    "sarif": read_sarif,
    "junit": read_junit,
    "csv": read_csv,
    "markdown": read_markdown,
    "github": read_github,
}


def test_every_form_is_tested() -> None:
    assert set(READ) == set(FORMS)


@pytest.mark.parametrize("form", FORMS)
def test_the_hostile_cluster_gives_a_sound_document_that_shows_what_was_tried(form: str, judgement: Judgement) -> None:
    document = render(judgement, form)
    # JSON is for programs, which get names as they are.
    shown = READ[form](document if form == "json" else short(document))
    tried = VISIBLE[:-1] if form == "json" else VISIBLE
    assert [text for text in tried if text not in shown] == []


def test_colors_are_the_only_controls_of_the_text_page(judgement: Judgement) -> None:
    page = render(judgement, "text", color=True)
    read_text(re.sub(r"\x1b\[[0-9;]*m", "", page))
    assert "\x1b[31mred" not in page


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", [*REFUSED, SCRIPT, LINK, MARKUP, FORMULA], ids=lambda text: ascii(text)[1:15])
def test_a_plan_refused_for_a_hostile_name_leaves_the_document_sound(form: str, text: str, tmp_path: Path) -> None:
    draft = expressway_e(2)
    draft.plan["cluster"]["release"] = text
    draft.plan[text] = text
    with pytest.raises(PlanError) as refused:
        read_plan(json.dumps(draft.plan), FILE, tmp_path)
    chosen = find_form(form)
    document = "".join(chosen.document(AT, [chosen.unread(FILE, refused.value.problems)]))
    shown = READ[form](document)
    assert form == "text" or r"\u202egpj.exe" in shown


@pytest.mark.parametrize("form", FORMS)
def test_two_runs_give_the_same_bytes(form: str, tmp_path: Path) -> None:
    plan = hostile_cluster().write(tmp_path)
    one, other = (certplan("check", plan, plan, "--at", "2026-06-01", "--format", form) for _ in range(2))
    assert one.out == other.out
    assert one.code == 1


@pytest.mark.skipif(os.name != "posix", reason="no such file names are possible")
@pytest.mark.parametrize("form", FORMS)
def test_the_program_takes_hostile_file_names(form: str, tmp_path: Path) -> None:
    plan = hostile_cluster().write(tmp_path)
    named = tmp_path / "=cmd|\n\x1b[31m\u202e [x](javascript:alert(1))<b>{0}.yaml"
    plan.rename(named)
    run = certplan("check", named.name, "no\x1bne.yaml", "--at", "2026-06-01", "--format", form, cwd=tmp_path)
    assert run.code == 2
    harmless(run.err)
    shown = READ[form](run.out)
    assert r"\u001b[31m\u202e [x](javascript:alert(1))<b>{0}.yaml" in shown.replace("{{0}}", "{0}")
    if form == "sarif":
        (wanted, other) = (run_["automationDetails"]["id"] for run_ in json.loads(run.out)["runs"])
        assert unquote(wanted) == f"certplan/{named.name}/"
        assert unquote(other) == "certplan/no\x1bne.yaml/"


@pytest.mark.skipif(sys.platform != "linux", reason="file names of any bytes")
@pytest.mark.parametrize("form", FORMS)
def test_a_file_name_that_is_no_utf8_is_shown_escaped(form: str, tmp_path: Path) -> None:
    named = tmp_path / os.fsdecode(b"plan\xff.yaml")
    expressway_e(2).write(tmp_path).rename(named)
    run = certplan("check", named, "--at", "2026-06-01", "--format", form)
    assert run.code == 0
    shown = READ[form](run.out)
    assert form == "csv" or r"plan\udcff.yaml" in shown
