"""`certplan review` as a person runs it."""

from pathlib import Path

import pytest

from tests.cli.program import certplan
from tests.clusters import expressway_e
from tests.review.test_page import sound

AS_OF = ("--at", "2026-06-01", "--no-dns")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return expressway_e(2).write(tmp_path)


def test_it_writes_one_file_that_is_a_sound_page(plan: Path, tmp_path: Path) -> None:
    run = certplan("review", plan, *AS_OF, "-o", tmp_path / "review.html")
    assert (run.code, run.out, run.err) == (0, "", "")
    page = sound((tmp_path / "review.html").read_text("utf-8"))
    assert page.texts("h1") == ["expe.example.com"]


def test_the_title_is_the_users(plan: Path) -> None:
    run = certplan("review", plan, *AS_OF, "--title", "Design review 7 <draft>")
    page = sound(run.out)
    assert page.texts("h1") == page.texts("title")[:1] == ["Design review 7 <draft>"]


def test_markdown_begins_with_the_title_and_has_a_mermaid_drawing(plan: Path) -> None:
    run = certplan("review", plan, *AS_OF, "--format", "markdown", "--title", "CHG-1")
    assert run.code == 0
    assert run.out.startswith("# CHG-1\n")
    assert "\n```mermaid\nflowchart" in run.out


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_it_is_the_same_to_the_byte_in_every_process(form: str, plan: Path) -> None:
    runs = [certplan("review", plan, *AS_OF, "--format", form, hash_seed=seed).out for seed in (1, 2)]
    assert runs[0] == runs[1] != ""


def test_a_plan_that_cannot_be_read_leaves_no_file(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("cluster: 3\n", encoding="utf-8")
    run = certplan("review", plan, "-o", tmp_path / "review.html")
    assert run.code == 2
    assert "plan.yaml:1" in run.err
    assert [file.name for file in tmp_path.iterdir()] == ["plan.yaml"]


def test_a_folder_that_is_not_there_is_told(plan: Path, tmp_path: Path) -> None:
    run = certplan("review", plan, *AS_OF, "-o", tmp_path / "none" / "review.html")
    assert run.code == 2
    assert "cannot be written" in run.err
