"""What size costs: a thousand plans in one call, and trusted CA lists of a thousand CAs."""

import os
import sys
from pathlib import Path
from statistics import median

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from certplan.evidence.gather import gather
from certplan.evidence.pki import certificates, dn, x509facts
from certplan.handshake import trust
from certplan.judgement import judge
from certplan.plan.reading import load_plan
from certplan.report import render
from tests.benchmarks.conftest import Figures
from tests.benchmarks.measure import cpu_of, in_turns, rounds_of, run
from tests.benchmarks.workload import as_of, clusters, judge_plan, verify_chains
from tests.clusters import expressway_e
from tests.pki import AT, Authority, ec_key, rsa_key

Command = tuple[str | Path, ...]
PLANS, CAS, ROOTS = 1000, 1000, 144
ROOTS_A_SECOND = 60
"""The roots are read anew for each cluster."""
SEVERAL = """
import sys
from certplan.cli import _prepare
_prepare()
from certplan.cli.app import app
for plan in sys.argv[1:]:
    app(["check", *{options}, plan], prog_name="certplan", standalone_mode=False)
"""
"""The same plans one after another in one process."""


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


@pytest.mark.parametrize(("count", "rounds"), [(2, 5), (10, 3), (100, 2)])
def test_several_plans_against_one_after_another(
    benchmark: BenchmarkFixture, figures: Figures, installed: dict[str, str], workshop: Path, count: int, rounds: int
) -> None:
    plans = list(clusters(workshop, count, f"several {count}"))
    together: Command = (sys.executable, "-m", "certplan", "check", *as_of, *plans)
    alone: Command = (sys.executable, "-c", SEVERAL.format(options=as_of), *plans)
    assert run(together, installed).code == 0
    ours, theirs = in_turns(benchmark, lambda: run(together, installed).cpu, lambda: run(alone, installed).cpu, rounds)
    figures.at_most(1.15, f"{count} plans in one call / one after another in one process", ours / theirs)


def test_the_roots_of_a_browser(benchmark: BenchmarkFixture, figures: Figures, workshop: Path) -> None:
    """Every list has 144 roots, RSA 4096 and 2048 and P-256; none is remembered from the cluster before."""
    roots = [
        Authority.root(f"root {n}", key=ec_key(f"root {n}") if n % 3 == 0 else rsa_key(2048 * (n % 3), n % 5))
        for n in range(ROOTS)
    ]
    draft = expressway_e(6)
    for number in range(1, 7):
        draft.trust(number, draft.root, *roots, draft.issuing)
    path = draft.write(workshop / "roots")
    (small,) = clusters(workshop, 1, "no roots")

    def judged() -> float:
        certificates._contents_by_digest.clear()
        x509facts._known.clear()
        dn.name_facts.cache_clear()
        x509facts.key_verifies.cache_clear()
        trust._question.cache_clear()
        trust._store.cache_clear()
        trust._openssl.cache_clear()
        return cpu_of(lambda: judge_plan(path))

    judge_plan(path)
    ours, least = in_turns(benchmark, judged, lambda: cpu_of(lambda: verify_chains(small.parent)), 9)
    slowness = max(1, least * 200)
    figures.at_least(ROOTS_A_SECOND, "clusters a second with 144 roots in every list", slowness / ours, "1/s")
    figures.tell("the same on this very core, as fast as it is", 1 / ours, "1/s")


def test_the_page(benchmark: BenchmarkFixture, figures: Figures, workshop: Path) -> None:
    (path,) = clusters(workshop, 1, "page")
    plan = load_plan(path)
    judgement = judge(plan, gather(plan, AT, live_dns=False), AT)
    render(judgement)
    spent = median(rounds_of(benchmark, lambda: cpu_of(lambda: render(judgement)), 30))
    figures.at_most(1, "the terminal page of six peers", spent * 1000, "ms", clearly=2)


def test_sixty_four_peers(benchmark: BenchmarkFixture, figures: Figures, workshop: Path) -> None:
    (path,) = clusters(workshop, 1, "large", peers=64)
    judge_plan(path)
    spent = min(rounds_of(benchmark, lambda: cpu_of(lambda: judge_plan(path)), 2))
    figures.at_most(2, "64 peers judged", spent, "s", clearly=1.5)
