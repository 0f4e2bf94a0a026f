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
from tests.benchmarks.workload import as_of, clusters, verify_chains
from tests.pki import AT

AT_A_TIME, ROUNDS = 4, 9
MOST, A_SECOND = 3, 110
PLAINLY_VERIFIED_A_SECOND = {"P-256": 200, "RSA": 400}
"""Clusters whose chains an idle core verifies; one that is shared, throttled or old is measured by what it does."""
SCRIPT = f"""
for n in $PEERS; do
  openssl verify -attime {AT:%s} -purpose sslserver -CAfile trust/exe$n.pem certs/exe$n-server.pem
  openssl verify -attime {AT:%s} -purpose sslclient -CAfile trust/exe$n.pem certs/exe$n-server.pem
  openssl x509 -in certs/exe$n-server.pem -noout -checkend 1814400
  openssl x509 -in certs/exe$n-server.pem -noout -checkhost exe$n.example.com
  test "$(openssl x509 -in certs/exe$n-server.pem -noout -pubkey)" = "$(openssl pkey -in keys/exe$n.key -pubout)"
done
"""


@pytest.mark.parametrize("kind", ["P-256", "RSA"])
def test_against_verifying_the_same_chains(
    benchmark: BenchmarkFixture, figures: Figures, workshop: Path, kind: str
) -> None:
    """No cluster is judged twice, so that nothing is remembered from one to the next."""
    label = f"judged {kind}"
    plans = [load_plan(path) for path in clusters(workshop, AT_A_TIME * (ROUNDS + 1), label, rsa=kind == "RSA")]
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
    figures.at_most(MOST, f"{kind}: gathering and judging / parsing and verifying the chains", ours / least)
    slowness = max(1, least / AT_A_TIME * PLAINLY_VERIFIED_A_SECOND[kind])
    figures.tell(f"{kind}: six-peer clusters gathered and judged a second", AT_A_TIME / ours, "1/s")
    figures.at_least(
        A_SECOND, "the same on a core that is not slower than it should be", AT_A_TIME / ours * slowness, "1/s"
    )


@pytest.mark.system("openssl")
@pytest.mark.parametrize(("peers", "bound"), [(6, 0.5), (2, 1.3)])
def test_against_a_shell_script(
    benchmark: BenchmarkFixture, figures: Figures, installed: dict[str, str], workshop: Path, peers: int, bound: float
) -> None:
    """The whole of `certplan check`."""
    script = shutil.which("sh")
    assert script is not None
    (plan,) = clusters(workshop, 1, f"scripted {peers}", peers=peers)
    env = installed | {"PEERS": " ".join(map(str, range(1, peers + 1)))}
    check = (sys.executable, "-m", "certplan", "check", plan, *as_of)
    assert run(check, installed).code == 0
    ours, theirs = in_turns(
        benchmark, lambda: run(check, installed).cpu, lambda: run((script, "-c", SCRIPT), env, plan.parent).cpu, 7
    )
    figures.at_most(bound, f"certplan check of {peers} peers / a shell script, a peer at a time", ours / theirs)
