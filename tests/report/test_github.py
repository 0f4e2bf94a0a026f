"""Annotations of a GitHub workflow run: one line each, with its place, and nothing that begins another command."""

from pathlib import Path

from certplan.places import Place
from certplan.plan.reading import PlanProblem
from certplan.report import find_form, render
from tests.clusters import expressway_e
from tests.hostile import hostile_judgement


def test_each_finding_has_its_level_and_its_place(tmp_path: Path) -> None:
    draft = expressway_e()
    draft.peer(3)["private_key"] = draft.peer(1)["private_key"]
    judgement = draft.judge(tmp_path)
    *lines, verdict = render(judgement, "github").splitlines()
    found = [finding for finding in judgement.findings if finding.counts]
    assert len(lines) == len(found)
    for line, finding in zip(lines, found, strict=True):
        assert line.startswith(f"::{finding.severity.value} ")
        assert f"title={finding.code} " in line
        assert finding.where is None or f"line={finding.where.line}" in line or not finding.where.line
    assert verdict.startswith(f"::notice file={judgement.plan.file}")
    assert "READY" in verdict


def test_a_plan_not_read_is_an_error_at_its_line() -> None:
    said = find_form("github").unread("a,b.yaml", [PlanProblem(Place("a,b.yaml", 2, 3), "100% wrong\n::error::x")])
    assert said == "::error file=a%2Cb.yaml,line=2,col=3,title=a%2Cb.yaml::100%25 wrong ::error::x\n"


def test_nothing_from_a_certificate_begins_a_command(tmp_path: Path) -> None:
    text = render(hostile_judgement(tmp_path), "github")
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in text.splitlines())
    assert text.replace("\n", "").isprintable()
