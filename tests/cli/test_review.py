"""`certplan review` as a person runs it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import certplan
from tests.clusters import expressway_e
from tests.faults import with_faults
from tests.review.test_page import sound

AS_OF = ("--at", "2026-06-01", "--no-dns")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return expressway_e(2).write(tmp_path)


def test_it_writes_one_file_that_is_a_sound_page(plan: Path, tmp_path: Path) -> None:
    run = certplan("review", plan, *AS_OF, "-o", tmp_path / "review.html")
    assert (run.code, run.out) == (0, "")
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


def test_a_folder_that_is_not_there_is_reported(plan: Path, tmp_path: Path) -> None:
    run = certplan("review", plan, *AS_OF, "-o", tmp_path / "none" / "review.html")
    assert run.code == 2
    assert "cannot be written" in run.err


def test_the_ending_of_the_file_chooses_the_form(plan: Path, tmp_path: Path) -> None:
    for name, begins in (("a.html", "<!doctype html>"), ("a.md", "# expe.example.com"), ("a.txt", "expe.example.com")):
        run = certplan("review", plan, *AS_OF, "-o", tmp_path / name)
        assert run.code == 0
        assert (tmp_path / name).read_text("utf-8").startswith(begins)
    run = certplan("review", plan, *AS_OF, "-o", tmp_path / "a.svg")
    assert run.code == 2
    assert ".svg is not a form of this document" in run.err
    assert not (tmp_path / "a.svg").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize(
    ("command", "file"), [("review", "expe.example.com-review.html"), ("draw", "expe.example.com.svg")]
)
def test_on_a_terminal_it_writes_a_file_of_the_clusters_name_and_says_so(
    command: str, file: str, plan: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    code, err = on_a_terminal(folder, command, plan, *AS_OF)
    assert (code, err) == (0, f"certplan: wrote {file}: READY\n")
    assert [each.name for each in folder.iterdir()] == [file]


def on_a_terminal(folder: Path, *arguments: str | Path) -> tuple[int, str]:
    """Run it with standard output on a terminal of its own: the exit code, and what went to standard error."""
    import pty

    ours, its = pty.openpty()
    try:
        root = Path(__file__).parents[2]
        done = subprocess.run(
            [sys.executable, "-m", "certplan", *map(str, arguments)],
            cwd=folder,
            stdout=its,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
    finally:
        os.close(its)
        os.close(ours)
    return done.returncode, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="the opening program here is a shell script")
def test_open_opens_the_file_that_was_written(plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opener, seen = tmp_path / "opener", tmp_path / "seen"
    opener.write_text(f'#!/bin/sh\nprintf %s "$1" > "{seen}"\n', encoding="utf-8")
    opener.chmod(0o700)
    monkeypatch.setenv("BROWSER", f"{opener} %s")
    run = certplan("review", plan, *AS_OF, "-o", tmp_path / "r.html", "--open")
    assert run.code == 0
    assert seen.read_text("utf-8") == (tmp_path / "r.html").resolve().as_uri()


def test_the_summary_is_a_page_of_its_own(plan: Path) -> None:
    page = sound(certplan("review", plan, *AS_OF, "--summary").out)
    assert "Changes" in page.texts("h2")
    run = certplan("review", plan, *AS_OF, "--summary", "--full")
    assert run.code == 2
    assert "--summary is one sheet" in run.err


def test_against_an_older_plan_it_says_what_changed(plan: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    with_faults("expressway-e", 2, [("wrong_san", 2)]).write(old)
    run = certplan("review", plan, *AS_OF, "--format", "markdown", "--against", old)
    assert run.code == 0
    (line,) = (line for line in run.out.splitlines() if "exe1.example.com verifies exe2.example.com" in line)
    assert line.index("rejected") < line.index("accepted")


def test_against_a_record_it_says_what_changed(plan: Path, tmp_path: Path) -> None:
    assert certplan("collect", plan, "-o", tmp_path / "record", "--no-dns").code == 0
    run = certplan("review", plan, *AS_OF, "--format", "markdown", "--against", tmp_path / "record")
    assert run.code == 0
    assert "Nothing differs." in run.out


def test_an_older_plan_that_cannot_be_read_is_reported(plan: Path, tmp_path: Path) -> None:
    run = certplan("review", plan, *AS_OF, "--against", tmp_path / "none.yaml")
    assert run.code == 2
    assert "none.yaml" in run.err
