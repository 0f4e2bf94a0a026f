"""What size costs: a thousand plans in one call, and trusted CA lists of a thousand CAs."""

import os
import sys
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from certplan.evidence.gather import gather
from certplan.judgement import judge
from certplan.plan.reading import load_plan
from certplan.report import render
from tests.benchmarks.conftest import Figures
from tests.benchmarks.measure import cpu_of, in_turns, rounds_of, run
from tests.benchmarks.workload import as_of, clusters, judge_plan, verify_chains
from tests.pki import AT

PLANS, CAS = 1000, 1000


def test_a_thousand_plans_in_one_call(
    benchmark: BenchmarkFixture, figures: Figures, installed: dict[str, str], workshop: Path
) -> None:
    plans = list(clusters(workshop, PLANS, "many"))
    command = (sys.executable, "-m", "certplan", "check", *as_of)

    def shown(path: Path) -> None:
        plan = load_plan(path)
        render(judge(plan, gather(plan, AT, live_dns=False), AT))

    shown(plans[0])
    start = min(run((*command, plans[0]), installed).cpu for _ in range(3))
    before = [cpu_of(lambda: shown(path)) for path in plans[:50]]  # noqa: B023 - called at once
    (spent,) = rounds_of(benchmark, lambda: run((*command, *plans), installed))
    after = [cpu_of(lambda: shown(path)) for path in plans[-50:]]  # noqa: B023
    assert spent.code == 0
    one = (sum(before) + sum(after)) / 100
    processes = 1 + min(os.cpu_count() or 1, PLANS)
    figures.at_most(
        1,
        "1000 plans in one call / 1000 x one in process, and the processes' start",
        spent.cpu / (PLANS * one + processes * start),
        clearly=1.3,
    )
    figures.at_most(400, "the largest process of that call", spent.megabytes, "MB", clearly=1)
    figures.tell(f"all {processes} processes of that call together, at most", processes * spent.megabytes, "MB")


def test_a_thousand_cas_a_peer(
    benchmark: BenchmarkFixture, figures: Figures, installed: dict[str, str], workshop: Path
) -> None:
    """No two peers have the CAs in the same order, so that no two files are alike."""
    rounds = 4
    few = list(clusters(workshop, rounds + 2, "few"))
    many = list(clusters(workshop, rounds + 1, "many-cas", cas=CAS))
    judge_plan(few.pop())
    # Every round has its own CAs: what one round has read is no help in the next.
    heavy, light = in_turns(
        benchmark, lambda: cpu_of(lambda: judge_plan(many.pop())), lambda: cpu_of(lambda: judge_plan(few.pop())), rounds
    )
    least = min(cpu_of(lambda: verify_chains(many[0].parent)) for _ in range(3))
    figures.tell("1000 CAs a peer / 2 CAs a peer, in process", heavy / light)
    figures.at_most(4, "1000 CAs a peer / parsing and verifying the same chains", heavy / least)

    def whole(path: Path) -> float:
        return min(run((sys.executable, "-m", "certplan", "check", path, *as_of), installed).cpu for _ in range(3))

    figures.at_most(3, "1000 CAs a peer / 2 CAs a peer, the whole certplan check", whole(many[0]) / whole(few[0]))
