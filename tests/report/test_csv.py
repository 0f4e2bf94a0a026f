"""CSV of findings: one line each, the same columns for every plan, and no line lost for a plan not read."""

import csv
from io import StringIO
from pathlib import Path

import pytest

from certplan.places import Place
from certplan.plan.reading import PlanProblem
from certplan.report import find_form, render
from certplan.report.form import Layout
from certplan.report.writers.csv import HEADER
from certplan.text.escape import csv_cell
from tests.clusters import Draft, expressway_e
from tests.pki import AT


def rows_of(text: str) -> list[dict[str, str]]:
    reader = csv.DictReader(StringIO(text), strict=True)
    rows = list(reader)
    assert tuple(reader.fieldnames or ()) == HEADER
    assert not any(None in row or None in row.values() for row in rows)
    return rows


def faulty() -> Draft:
    draft = expressway_e()
    draft.reissue(2, sans=["expe.example.com", "exe2.exmaple.com", "example.com"])
    draft.peer(3)["private_key"] = draft.peer(1)["private_key"]
    del draft.peer(3)["trusted_cas"]
    draft.plan["waivers"] = [{"rule": "KEY001", "reason": "=new key", "until": "2026-07-01"}]
    return draft


def test_each_finding_is_one_line(tmp_path: Path) -> None:
    judgement = faulty().judge(tmp_path)
    rows = rows_of(render(judgement, "csv"))
    assert [(row["code"], row["outcome"], row["severity"]) for row in rows] == [
        (finding.code, finding.outcome.value, finding.severity.value) for finding in judgement.findings
    ]
    assert {row["verdict"] for row in rows} == {"not-ready"}
    assert {"fail", "unknown"} == {row["outcome"] for row in rows}
    found = next(row for row in rows if row["code"] == "NAM001")
    assert found["subject"] == found["peers"] == "exe2.example.com"
    assert found["sources"].startswith("https://")


def test_a_waiver_is_told_and_defused(tmp_path: Path) -> None:
    rows = rows_of(render(faulty().judge(tmp_path), "csv"))
    assert {row["waived"] for row in rows if row["code"] == "KEY001"} == {"'=new key (until 2026-07-01)"}
    assert {row["waived"] for row in rows if row["code"] != "KEY001"} == {""}


def test_several_plans_are_one_table_with_a_plan_column(tmp_path: Path) -> None:
    form = find_form("csv")
    judgement = faulty().judge(tmp_path)
    problems = [PlanProblem(Place("bad.yaml", 2, 1), "unknown key"), PlanProblem(Place("bad.yaml"), "no peers")]
    pieces = [form.unread("bad.yaml", problems), form.piece(judgement, Layout())]
    rows = rows_of("".join(form.document(AT, pieces)))
    assert [row["plan"] for row in rows] == ["bad.yaml"] * 2 + [judgement.plan.file] * len(judgement.findings)
    assert [(row["outcome"], row["message"], row["line"]) for row in rows[:2]] == [
        ("unread", "unknown key", "2"),
        ("unread", "no peers", ""),
    ]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("exe1;=1+1", "exe1;'=1+1"),
        ("a; @SUM(A1);b;-1", "a; '@SUM(A1);b;'-1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("a;b", "a;b"),
    ],
)
def test_a_formula_behind_a_semicolon_or_in_wide_letters_is_defused_too(text: str, cell: str) -> None:
    """Where the list separator is a semicolon, a spreadsheet starts a new cell there."""
    assert csv_cell(text) == cell
