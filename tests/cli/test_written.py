"""Every command that writes a file says which, and the verdict if it has one; with --quiet nothing."""

from pathlib import Path

import pytest

from tests.cli.program import certplan
from tests.clusters import expressway_c

COMMANDS = {
    "check": "READY",
    "review": "READY",
    "draw": "READY",
    "propose": "READY",
    "map": "",
    "runbook": "",
    "ports": "",
    "capacity": "",
    "renew": "",
}


@pytest.mark.parametrize(("command", "verdict"), COMMANDS.items())
def test_a_file_that_is_written_is_said(tmp_path: Path, command: str, verdict: str) -> None:
    plan = expressway_c(2).write(tmp_path)
    file = tmp_path / ("page.svg" if command == "draw" else "page.html" if command == "review" else "page.txt")
    options = ("--at", "2026-06-01")
    run = certplan(command, plan, *options, "-o", file)
    assert file.is_file()
    assert f"wrote {file}{f': {verdict}' if verdict else ''}" in " ".join(run.err.split())
    assert "wrote" not in certplan(command, plan, *options, "-o", file, "--quiet").err


def test_a_device_is_no_file(tmp_path: Path) -> None:
    assert "wrote" not in certplan("map", expressway_c(2).write(tmp_path), "-o", "/dev/null").err
