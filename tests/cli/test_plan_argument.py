"""Where commands find the plan: named, in a folder, in this folder, on standard input."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from certplan.cli.app import app
from tests.clusters import expressway_e
from tests.pki import AT

NOW = ("--at", AT.isoformat())


@pytest.mark.parametrize("command", ["check", "map", "propose", "runbook", "ports", "capacity", "draw", "renew"])
def test_a_plan_is_named_or_its_folder_is_or_it_is_here(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = expressway_e().write(tmp_path)
    monkeypatch.chdir(tmp_path)
    runs = [CliRunner().invoke(app, [command, *words, *NOW]) for words in ([], ["."], ["plan.yaml"])]
    assert [run.exit_code for run in runs] == [0, 0, 0]
    assert len({run.stdout for run in runs}) == 1
    monkeypatch.chdir(os.sep)
    assert CliRunner().invoke(app, [command, str(tmp_path), *NOW]).exit_code == 0
    assert file.exists()


def test_standard_input_is_read_with_its_files_in_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = expressway_e().write(tmp_path)
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke(app, ["check", "-", *NOW, "--format", "csv"], input=file.read_bytes())
    assert (run.exit_code, run.stderr) == (0, "")
    two = CliRunner().invoke(app, ["check", "-", "plan.yaml", *NOW], input=file.read_bytes())
    assert two.exit_code == 0
    wrong = CliRunner().invoke(app, ["check", "-"], input=b"certplan: 2\n")
    assert wrong.exit_code == 2
    assert "-:1:11: certplan" in wrong.stderr


def test_what_is_on_standard_input_cannot_be_edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = expressway_e()
    del draft.plan["cluster"]["address_mapping"]
    file = draft.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke(app, ["map", "-", "--write", *NOW], input=file.read_bytes())
    assert run.exit_code == 2
    assert "standard input cannot be written to" in run.stderr


def test_no_plan_here_is_said_with_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke(app, ["check"])
    assert run.exit_code == 2
    assert "plan.yaml: there is no such file" in run.stderr
