"""A plan on which certplan itself fails costs its own answer only: every form of the document stays whole."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

import certplan.assessment
import certplan.judgement
from certplan.cli.app import app
from certplan.evidence.model import Evidence
from certplan.judgement import Judgement
from certplan.plan.model import Plan
from tests.clusters import expressway_c
from tests.report.test_sarif import SCHEMA


@pytest.fixture
def three_plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three perfect clusters; judging the second one raises."""
    plans = []
    for name in ("first", "second", "third"):
        (tmp_path / name).mkdir()
        plans.append(str(expressway_c(2).write(tmp_path / name)))
    judge = certplan.judgement.judge

    def failing(plan: Plan, evidence: Evidence, at: Any) -> Judgement:
        if plan.file == plans[1]:
            raise LookupError("\x1b[31mno such thing")
        return judge(plan, evidence, at)

    monkeypatch.setattr(certplan.assessment, "judge", failing)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    return plans


def whole_json(text: str, plans: list[str]) -> None:
    document = json.loads(text)
    assert [plan["plan"] for plan in document["plans"]] == plans
    assert [plan["verdict"] for plan in document["plans"]] == ["ready", None, "ready"]


def whole_sarif(text: str, _: list[str]) -> None:
    log = json.loads(text)
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    assert len(log["runs"]) == 3


def whole_junit(text: str, plans: list[str]) -> None:
    suites = ET.fromstring(text)  # noqa: S314 - our own output
    names = [suite.get("name", "") for suite in suites]
    assert all(any(name.startswith(plan) for name in names) for plan in plans)
    assert len(suites.findall(".//testcase[@name='the plan can be read']")) == 1


def whole_csv(text: str, plans: list[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["plan"] for row in rows} == set(plans)


def whole_markdown(text: str, _: list[str]) -> None:
    assert text.count("READY") >= 2


@pytest.mark.parametrize(
    ("form", "check"),
    [
        ("json", whole_json),
        ("sarif", whole_sarif),
        ("junit", whole_junit),
        ("csv", whole_csv),
        ("markdown", whole_markdown),
    ],
)
def test_the_other_plans_are_judged_and_the_document_is_whole(
    form: str, check: Callable[[str, list[str]], None], three_plans: list[str]
) -> None:
    done = CliRunner().invoke(app, ["check", *three_plans, "--at", "2026-06-01T00:00:00Z", "--format", form])
    assert done.exit_code == 2, done.output
    check(done.stdout, three_plans)
    assert three_plans[1] in done.stderr
    assert "LookupError" in done.stderr
    assert "\x1b" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
