"""A server is asked each question once, whatever asks: today, the target, the far end of a zone."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from certplan.evidence.gather import gather
from certplan.evidence.model import DnsOutcome, FarEnd
from certplan.plan.model import Plan
from certplan.plan.reading import load_plan
from tests.named import answering
from tests.pki import AT
from tests.zones.pairs import pair

Asked = Counter[tuple[str, str]]


def nothing(_: bytes) -> list[bytes]:
    return []


def everything(question: bytes) -> list[bytes]:
    """An address for every name."""
    response = dns.message.make_response(dns.message.from_wire(question))
    response.flags |= dns.flags.RA
    asked = response.question[0]
    if asked.rdtype == dns.rdatatype.A:
        response.answer.append(dns.rrset.from_text(asked.name, 60, "IN", "A", "203.0.113.11"))
    return [response.to_wire()]


def denied(question: bytes) -> list[bytes]:
    response = dns.message.make_response(dns.message.from_wire(question))
    response.flags |= dns.flags.RA
    response.set_rcode(dns.rcode.NXDOMAIN)
    return [response.to_wire()]


@contextmanager
def counted(reply: Callable[[bytes], list[bytes]]) -> Iterator[tuple[str, Asked]]:
    """A server, and how often it was asked what."""
    asked: Asked = Counter()

    def heard(question: bytes) -> list[bytes]:
        (one,) = dns.message.from_wire(question).question
        asked[one.name.to_text().lower(), dns.rdatatype.to_text(one.rdtype)] += 1
        return reply(question)

    with answering(heard) as address:
        yield address, asked


def with_far_end(folder: Path, server: str, target: str | None = None) -> Plan:
    """An Expressway-C with a target and a zone, both ends with the same server; the target may name another."""
    both = pair()
    both.c.plan["dns"] = {"internal": {"servers": [server]}}
    both.e.plan["dns"] = {"public": {"servers": [server]}, "internal": {"servers": [server]}}
    both.c.plan["target"] = {"tls_verification": "enforce"}
    if target is not None:
        both.c.plan["target"]["dns"] = {"internal": {"servers": [target]}}
    both.e.write(folder / "expe")
    return load_plan(both.c.write(folder / "expc"))


@pytest.mark.parametrize(("reply", "most"), [(everything, 1), (denied, 1), (nothing, 3)])
def test_by_today_target_and_far_ends(reply: Callable[[bytes], list[bytes]], most: int, tmp_path: Path) -> None:
    with counted(reply) as (server, asked):
        plan = with_far_end(tmp_path, server)
        today = gather(plan, AT, timeout=0.4 if reply is nothing else 5)
        of_the_far_end = Counter(asked)
        target = plan.target_state()
        assert target is not None
        coming = gather(target, AT, timeout=0.4 if reply is nothing else 5, earlier=(plan, today))
    assert set(asked.values()) == {most}
    assert asked == of_the_far_end, "the target asks nothing that is known"
    far = [each for evidence in (today, coming) for each in evidence.far_ends.values()]
    assert len(far) == 2
    for evidence in (today, coming, *(each.evidence for each in far if isinstance(each, FarEnd))):
        answers = [(name, answer) for name, view in evidence.views.items() for answer in view.answers.values()]
        assert len(answers) > 5
        assert all(answer.view == name for name, answer in answers)
        assert {answer.source for _, answer in answers} == {server}
        if reply is nothing:
            assert {answer.outcome for _, answer in answers} == {DnsOutcome.TIMEOUT}


def test_other_servers_of_the_target_are_asked_themselves(tmp_path: Path) -> None:
    with counted(denied) as (server, _), counted(everything) as (other, asked):
        plan = with_far_end(tmp_path, server, other)
        today = gather(plan, AT)
        target = plan.target_state()
        assert target is not None
        coming = gather(target, AT, earlier=(plan, today))
    assert asked
    outcomes = {
        name: {answer.outcome for answer in view.answers.values()}
        for name, view in {"today": today.views["internal"], "target": coming.views["internal"]}.items()
    }
    assert outcomes["today"] == {DnsOutcome.NXDOMAIN}
    assert DnsOutcome.ANSWER in outcomes["target"]
    assert DnsOutcome.NXDOMAIN not in outcomes["target"]
