"""Run certplan with a terminal for its standard input, and answer what it asks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import Run

__all__ = ["at_a_terminal"]

ROOT = Path(__file__).parents[2]


def at_a_terminal(*arguments: str | Path, answers: str, cwd: Path) -> Run:
    """Run the program at a pseudo-terminal with these answers, a line each; then the input ends."""
    if sys.platform == "win32":
        pytest.skip("pseudo-terminals are a POSIX matter")
    import pty

    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "certplan", *map(str, arguments)],
        cwd=cwd,
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as running:
        os.close(slave)
        os.write(master, answers.encode() + b"\x04" * 20)
        out, err = running.communicate(timeout=120)
        os.close(master)
    assert "Traceback" not in err, err
    return Run(running.returncode, out, err)
