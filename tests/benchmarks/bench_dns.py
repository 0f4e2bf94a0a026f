"""A dead DNS server costs one deadline, however many names there are; a lost datagram costs half a second."""

import time
from itertools import count
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
from pytest_benchmark.fixture import BenchmarkFixture

from certplan.evidence.dns.live import ask
from certplan.evidence.dns.question import Question
from certplan.evidence.gather import gather
from certplan.evidence.model import DnsOutcome, RecordType
from certplan.plan.reading import load_plan
from tests.benchmarks.conftest import Figures
from tests.benchmarks.measure import rounds_of
from tests.clusters import expressway_e
from tests.named import answering, silent
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
            """Beside the reading of the plan's files."""
            started = time.monotonic()
            gather(plan, AT, live_dns=False)
            read = time.monotonic() - started
            started = time.monotonic()
            views = gather(plan, AT, timeout=DEADLINE).views
            taken = time.monotonic() - started - read
            answers = [answer for view in views.values() for answer in view.answers.values()]
            assert len(answers) > 150
            assert {answer.outcome for answer in answers} == {DnsOutcome.TIMEOUT}
            return taken

        deadlines = min(rounds_of(benchmark, asked, 3)) / DEADLINE
    figures.at_most(1, "deadlines that two views of dead DNS servers cost", deadlines, clearly=1.5)


def test_a_lost_datagram_costs_half_a_second(benchmark: BenchmarkFixture, figures: Figures) -> None:
    def asked() -> float:
        numbers = count()

        def second_time(question: bytes) -> list[bytes]:
            if next(numbers) == 0:
                return []
            response = dns.message.make_response(dns.message.from_wire(question))
            response.flags |= dns.flags.RA
            response.set_rcode(dns.rcode.NXDOMAIN)
            return [response.to_wire()]

        question = Question("exe1.example.com", RecordType.A)
        with answering(second_time) as lossy:
            started = time.monotonic()
            answer = ask({"public": [lossy]}, {"public": [question]}, timeout=5)["public"][question.key]
            taken = time.monotonic() - started
        assert answer.outcome is DnsOutcome.NXDOMAIN
        return taken

    figures.at_most(0.5, "what one lost datagram costs", min(rounds_of(benchmark, asked, 3)), "s", clearly=1.5)
