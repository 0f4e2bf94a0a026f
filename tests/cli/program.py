"""Run certplan as a user does: a process of its own, its output apart from its errors."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Run", "certplan"]


@dataclass(frozen=True)
class Run:
    """How one run ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def certplan(*arguments: str | Path, cwd: Path | None = None, stdin: str = "", hash_seed: int | None = None) -> Run:
    """Run the program; a traceback is never right, so it fails the test at once.

    `hash_seed` makes Python order its sets in one certain way, so that two runs may differ where they can.
    """
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    if hash_seed is not None:
        environment["PYTHONHASHSEED"] = str(hash_seed)
    done = subprocess.run(
        [sys.executable, "-m", "certplan", *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert "failed unexpectedly" not in done.stderr, done.stderr
    return Run(done.returncode, done.stdout, done.stderr)
