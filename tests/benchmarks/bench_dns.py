"""A dead DNS server costs one deadline, however many names there are."""

import time
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from certplan.evidence.gather import gather
from certplan.evidence.model import DnsOutcome
from certplan.plan.reading import load_plan
from tests.benchmarks.conftest import Figures
from tests.benchmarks.measure import rounds_of
from tests.clusters import expressway_e
from tests.named import silent
from tests.pki import AT

DEADLINE = 0.5


def test_dead_servers_cost_one_deadline(benchmark: BenchmarkFixture, figures: Figures, workshop: Path) -> None:
    draft = expressway_e(6)
    names = [f"service{n}.example.com" for n in range(60)]
    for number in range(1, 7):
        draft.reissue(number, sans=["expe.example.com", f"exe{number}.example.com", "example.com", *names])
    with silent() as outside, silent() as inside:
        draft.plan["dns"] = {"public": {"servers": [outside]}, "internal": {"servers": [inside]}}
        plan = load_plan(draft.write(workshop / "dead"))

        def asked() -> float:
            started = time.monotonic()
            views = gather(plan, AT, timeout=DEADLINE).views
            taken = time.monotonic() - started
            answers = [answer for view in views.values() for answer in view.answers.values()]
            assert len(answers) > 150
            assert {answer.outcome for answer in answers} == {DnsOutcome.TIMEOUT}
            return taken

        deadlines = min(rounds_of(benchmark, asked, 3)) / DEADLINE
    figures.at_most(1, "deadlines that two views of dead DNS servers cost", deadlines, clearly=1.5)
