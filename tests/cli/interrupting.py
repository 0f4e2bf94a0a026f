"""A run of the program that Ctrl-C is pressed in."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
STARTED = "import os; from certplan.cli import main; os.write(1, b'.'); main()"
"""From the program's first line on: what Python itself does before is not ours."""


def interrupted(moment: float, *arguments: str | Path) -> tuple[int, str]:
    """Run a command, press Ctrl-C that many seconds after its first line; its exit code and standard error."""
    program = subprocess.Popen(
        [sys.executable, "-c", STARTED, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    assert program.stdout is not None
    program.stdout.read(1)
    time.sleep(0.02 + moment)
    os.killpg(program.pid, signal.SIGINT)
    _, said = program.communicate(timeout=60)
    assert "Traceback" not in said
    return program.returncode, said
