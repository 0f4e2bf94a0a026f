"""Judging six-peer clusters, certificates from files, against the least work and against a script of openssl calls."""

import shutil
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from certplan.evidence.gather import gather
from certplan.judgement import judge
from certplan.plan.model import Plan
from certplan.plan.reading import load_plan
from tests.benchmarks.conftest import Figures
from tests.benchmarks.measure import cpu_of, in_turns, run
from tests.benchmarks.workload import as_of, clusters, judge_plan, verify_chains
from tests.pki import AT

AT_A_TIME, ROUNDS = 4, 15
PLAINLY_VERIFIED_A_SECOND = 200
"""Clusters whose chains an idle core verifies; one that is shared, throttled or old is measured by what it does."""
SCRIPT = f"""
for n in 1 2 3 4 5 6; do
  openssl verify -attime {AT:%s} -purpose sslserver -CAfile trust/exe$n.pem certs/exe$n-server.pem
  openssl verify -attime {AT:%s} -purpose sslclient -CAfile trust/exe$n.pem certs/exe$n-server.pem
  openssl x509 -in certs/exe$n-server.pem -noout -checkend 1814400
  openssl x509 -in certs/exe$n-server.pem -noout -checkhost exe$n.example.com
  test "$(openssl x509 -in certs/exe$n-server.pem -noout -pubkey)" = "$(openssl pkey -in keys/exe$n.key -pubout)"
done
"""


def test_against_verifying_the_same_chains(benchmark: BenchmarkFixture, figures: Figures, workshop: Path) -> None:
    """No cluster is judged twice, so that nothing is remembered from one to the next."""
    plans = [load_plan(path) for path in clusters(workshop, AT_A_TIME * (ROUNDS + 1), "judged")]
    batches = [plans[start : start + AT_A_TIME] for start in range(0, len(plans), AT_A_TIME)]

    def judged(batch: list[Plan]) -> None:
        for plan in batch:
            judge(plan, gather(plan, AT, live_dns=False), AT)

    def verified(batch: list[Plan]) -> None:
        for plan in batch:
            verify_chains(plan.folder)

    judged(batches.pop())  # loads the rules and their data
    ours, least = in_turns(
        benchmark, lambda: cpu_of(lambda: judged(batches.pop())), lambda: cpu_of(lambda: verified(batches[-1])), ROUNDS
    )
    figures.at_most(4, "gathering and judging / parsing and verifying the same chains", ours / least)
    slowness = max(1, least / AT_A_TIME * PLAINLY_VERIFIED_A_SECOND)
    figures.tell("six-peer clusters gathered and judged a second", AT_A_TIME / ours, "1/s")
    figures.at_least(
        100, "the same on a core that is not slower than it should be", AT_A_TIME / ours * slowness, "1/s", clearly=2
    )


@pytest.mark.system("openssl")
def test_against_a_shell_script(
    benchmark: BenchmarkFixture, figures: Figures, installed: dict[str, str], workshop: Path
) -> None:
    script = shutil.which("sh")
    assert script is not None
    plans = list(clusters(workshop, 13, "scripted"))
    folder = plans[0].parent
    judge_plan(plans.pop())

    def by_script() -> float:
        return run((script, "-c", SCRIPT), installed, cwd=folder).cpu

    ours, theirs = in_turns(benchmark, lambda: cpu_of(lambda: judge_plan(plans.pop())), by_script, 12)
    figures.at_most(1, "reading, gathering and judging / a shell script, a peer at a time", ours / theirs)
    whole = min(
        run((sys.executable, "-m", "certplan", "check", folder / "plan.yaml", *as_of), installed).cpu for _ in range(5)
    )
    figures.tell("certplan check, the whole process / the same script", whole / theirs)
