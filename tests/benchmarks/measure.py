"""How the benchmarks measure: processor time, medians of several rounds, the two sides of a ratio taken in turns.

Processor time, because a busy machine stretches the clock's; in turns, because a processor that slows down for a
while then slows both sides; medians, because a single lucky or unlucky round must not decide.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

from pytest_benchmark.fixture import BenchmarkFixture

__all__ = ["Spent", "cpu_of", "environment", "in_turns", "rounds_of", "run"]

T = TypeVar("T")

TREE = Path(__file__).parents[2]


@dataclass(frozen=True)
class Spent:
    """What a process and those it started and waited for have used."""

    code: int
    cpu: float
    """Seconds of user and system time, all together."""
    megabytes: float
    """The most that any one of them held in memory."""


def environment(cache: Path) -> dict[str, str]:
    """The environment of an installed program: its byte code is kept, as pip leaves it, and nothing is colored."""
    left_out = ("PYTHONDONTWRITEBYTECODE", "NO_COLOR", "FORCE_COLOR")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, "PYTHONPYCACHEPREFIX": str(cache), "PYTHONPATH": str(TREE)}


def run(command: Sequence[str | Path], env: Mapping[str, str], cwd: Path | None = None) -> Spent:
    """Run a program to its end, its output thrown away."""
    with subprocess.Popen(
        [str(part) for part in command],
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    kilobytes = usage.ru_maxrss / 1024 if sys.platform == "darwin" else usage.ru_maxrss
    return Spent(process.returncode, usage.ru_utime + usage.ru_stime, kilobytes / 1024)


def cpu_of(work: Callable[[], object]) -> float:
    """The seconds of this process's own time that `work` takes."""
    started = time.process_time()
    work()
    return time.process_time() - started


def rounds_of(benchmark: BenchmarkFixture, work: Callable[[], T], rounds: int = 1) -> list[T]:
    """What `work` returns each time."""
    results: list[T] = []
    benchmark.pedantic(lambda: results.append(work()), rounds=rounds, iterations=1)  # type: ignore[no-untyped-call]
    return results


def in_turns(
    benchmark: BenchmarkFixture, ours: Callable[[], float], theirs: Callable[[], float], rounds: int
) -> tuple[float, float]:
    """The medians of what `ours` and `theirs` return, each called once a round."""
    both = rounds_of(benchmark, lambda: (theirs(), ours()), rounds)
    return median(mine for _, mine in both), median(other for other, _ in both)
