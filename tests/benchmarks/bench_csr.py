"""Six RSA-4096 pairs, made, signed and written, against the making of their keys alone."""

import time
from pathlib import Path
from threading import Lock

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from certplan import keys
from certplan.csr.build import PrivateKey
from certplan.csr.model import Choices
from certplan.csr.names import order_requests
from certplan.csr.words import KeyAlgorithm
from certplan.intent.cluster import Intent
from certplan.plan.reading import load_plan
from tests.benchmarks.conftest import Figures
from tests.benchmarks.measure import rounds_of
from tests.clusters import expressway_e
from tests.pki import AT

ROUNDS = 3


def test_six_pairs_against_their_keys_alone(
    benchmark: BenchmarkFixture, figures: Figures, workshop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finding primes is luck, so that no two runs can be compared: each run is held against its own keys.

    The clock says what the user waits for; the keys are made in as many threads either way, on the same cores.
    """
    folder = workshop / "csr"
    folder.mkdir()
    plan = load_plan(expressway_e(6).write(folder))
    generate, lock = keys.generate, Lock()
    spent: list[float] = []
    ended: list[float] = []

    def noted(algorithm: KeyAlgorithm) -> PrivateKey:
        started = time.thread_time()
        key = generate(algorithm)
        with lock:
            spent.append(time.thread_time() - started)
            ended.append(time.perf_counter())
        return key

    monkeypatch.setattr(keys, "generate", noted)
    numbers = iter(range(ROUNDS))

    def made() -> tuple[float, float, float, float]:
        """Seconds of the clock and of the processor: for everything, and for the keys alone."""
        spent.clear()
        ended.clear()
        clock, processor = time.perf_counter(), time.process_time()
        order = order_requests(Intent.unseen(plan, AT), plan.peers, Choices())
        pairs = keys.make_pairs(order.requests)
        keys.write_new(folder / f"out{next(numbers)}", [pair.files for pair in pairs])
        whole, cpu = time.perf_counter() - clock, time.process_time() - processor
        assert len(spent) == 6
        return whole, max(ended) - clock, cpu, sum(spent)

    totals = [sum(column) for column in zip(*rounds_of(benchmark, made, ROUNDS), strict=True)]
    figures.at_most(
        1.3, "six RSA-4096 pairs on disk / their keys alone, by the clock", totals[0] / totals[1], clearly=1
    )
    figures.at_most(1.3, "the same in processor time", totals[2] / totals[3], clearly=1)
    figures.tell("six RSA-4096 pairs", totals[0] / ROUNDS, "s")
