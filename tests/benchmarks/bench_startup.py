"""How long a user waits for the program itself: its help, and one check."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks.conftest import Figures
from tests.benchmarks.measure import in_turns, run
from tests.benchmarks.workload import as_of, clusters

BARE = '''
import typer

app = typer.Typer()


@app.command()
def check(plan: str, at: str = "now") -> None:
    """Check a plan."""


@app.command()
def demo(folder: str = "demo") -> None:
    """Show an example."""


app()
'''
LIBRARIES = "import cryptography.x509, OpenSSL.SSL, yaml, pydantic, typer"
ROUNDS = 9
CHECK, CATALOG = 1.7, 2.1
"""The catalog may take 1.2 times the help and 60 ms, on a core that takes 65 ms for the help."""


def _ratio(
    benchmark: BenchmarkFixture, env: dict[str, str], ours: Sequence[str | Path], theirs: Sequence[str | Path]
) -> float:
    def cpu(arguments: Sequence[str | Path]) -> float:
        spent = run((sys.executable, *arguments), env)
        assert spent.code == 0, arguments
        return spent.cpu

    cpu(ours)  # leaves the byte code behind
    cpu(theirs)
    mine, other = in_turns(benchmark, lambda: cpu(ours), lambda: cpu(theirs), ROUNDS)
    return mine / other


def test_help(benchmark: BenchmarkFixture, figures: Figures, installed: dict[str, str], workshop: Path) -> None:
    bare = workshop / "bare.py"
    bare.write_text(BARE, encoding="utf-8")
    ratio = _ratio(benchmark, installed, ("-m", "certplan", "--help"), (bare, "--help"))
    figures.at_most(0.7, "certplan --help / a bare Typer program of two commands", ratio)


def test_check_of_one_cluster(
    benchmark: BenchmarkFixture, figures: Figures, installed: dict[str, str], workshop: Path
) -> None:
    (plan,) = clusters(workshop, 1, "whole")
    ratio = _ratio(benchmark, installed, ("-m", "certplan", "check", plan, *as_of), ("-c", LIBRARIES))
    figures.at_most(CHECK, "certplan check of six peers / only importing the libraries", ratio)


@pytest.mark.parametrize("arguments", [("rules",), ("explain", "NAM001")], ids=" ".join)
def test_the_catalog(
    benchmark: BenchmarkFixture, figures: Figures, installed: dict[str, str], arguments: tuple[str, ...]
) -> None:
    """Typer itself loads pydantic as soon as a command has an argument: a bare program's command is the measure."""
    ratio = _ratio(benchmark, installed, ("-m", "certplan", *arguments), ("-m", "certplan", "--help"))
    figures.at_most(CATALOG, f"certplan {' '.join(arguments)} / certplan --help", ratio)
