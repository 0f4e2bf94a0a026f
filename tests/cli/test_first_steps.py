"""What the command line offers everybody: the plan found, help that is whole, variables, completion."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from certplan.cli.app import COMMANDS
from tests.cli.program import certplan
from tests.clusters import expressway_e
from tests.pki import AT

AS_OF = ("--at", AT.date().isoformat(), "--no-dns")


def test_a_plan_is_found_here_in_a_folder_and_on_standard_input(tmp_path: Path) -> None:
    path = expressway_e().write(tmp_path)
    here = certplan("check", *AS_OF, cwd=tmp_path)
    assert here.code == 0, here.err
    assert certplan("check", tmp_path, *AS_OF).code == 0
    piped = certplan("check", "-", *AS_OF, cwd=tmp_path, stdin=path.read_text())
    assert (piped.code, piped.out.splitlines()[-1]) == (0, here.out.splitlines()[-1])
    for command in ("map", "ports", "capacity", "renew", "draw"):
        assert certplan(command, tmp_path).code == certplan(command, path).code == 0


def test_without_a_plan_it_says_how_to_get_one(tmp_path: Path) -> None:
    run = certplan("check", cwd=tmp_path)
    assert run.code == 2
    assert "plan.yaml: there is no such file" in run.err
    assert "certplan init" in run.err
    assert certplan("check", tmp_path).code == 2


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"csr"}))
def test_every_help_has_examples_and_exit_codes(command: str) -> None:
    text = certplan(command, "--help").out
    assert f"Examples:\n    certplan {command}" in text
    assert "Exit codes:" in text


def test_the_list_of_commands_is_not_cut() -> None:
    listed = certplan("--help").out.partition("Commands:")[2]
    assert "..." not in listed
    assert all(f"\n  {command} " in listed for command in COMMANDS)


def test_options_are_taken_from_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = expressway_e()
    draft.peer(2)["domain"] = "example.org"
    draft.write(tmp_path)
    monkeypatch.setenv("CERTPLAN_CHECK_FORM", "json")
    assert certplan("check", *AS_OF, cwd=tmp_path).json["plans"]


def _completed(words: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "certplan"],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "_CERTPLAN_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - (not words.endswith(" "))),
        },
    )
    return done.stdout


def test_codes_releases_and_peers_are_completed(tmp_path: Path) -> None:
    expressway_e().write(tmp_path)
    assert "NAM001" in _completed("certplan explain NAM", tmp_path)
    assert "X15.5" in _completed("certplan init --release X15", tmp_path)
    assert "exe2.example.com" in _completed("certplan csr new --peer exe", tmp_path)
    assert _completed("certplan csr new --peer exe", tmp_path.parent).strip() == ""
