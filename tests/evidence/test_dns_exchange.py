"""What servers send, sound and hostile, as one exchange with one of them takes it."""

import socket

import dns.flags
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan.evidence.dns.exchange import NameServer
from certplan.evidence.dns.message import Unusable, query, read_reply
from certplan.evidence.dns.question import Question
from certplan.evidence.model import DnsOutcome, RecordType, Srv
from tests.named import answering, framed, one, respond

A, SRV = RecordType.A, RecordType.SRV
SHORT = 0.3


class TestHostileAnswers:
    def test_with_another_id_are_passed_over(self) -> None:
        with answering(lambda wire: [b"\0\0" + wire[2:], bytes([wire[0] ^ 1]) + wire[1:], respond(wire)]) as server:
            assert one("exe1.example.com", A, server).addresses == ("192.0.2.1",)

    def test_with_nothing_but_another_id_are_an_error_in_the_end(self) -> None:
        with answering(lambda wire: [bytes([wire[0] ^ 1]) + respond(wire)[1:]]) as server:
            answer = one("exe1.example.com", A, server, timeout=SHORT)
        assert answer.outcome is DnsOutcome.ERROR
        assert "no question of ours" in (answer.why or "")

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            (lambda wire: respond(wire)[:-1], "malformed"),
            (lambda wire: respond(wire)[:7], "malformed"),
            (lambda wire: respond(wire) + b"junk", "malformed"),
            (lambda wire: respond(wire).replace(b"\4exe1", b"\4exe2"), "another question"),
            (lambda wire: wire, "another question"),
            (lambda wire: wire[:2] + b"\xa8" + wire[3:], "another question"),
            (lambda wire: respond(wire, rcode=4), "NOTIMP"),
            (lambda wire: respond(wire, rcode=3), "contradicts itself"),
            (lambda wire: respond(wire, "exe1.example.com. 1 IN CNAME exe1.example.com."), "contradicts itself"),
        ],
    )
    def test_are_an_error_with_its_reason(self, change, why: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        with answering(lambda wire: [change(wire)]) as server:
            answer = one("exe1.example.com", A, server)
        assert (answer.outcome, answer.addresses) == (DnsOutcome.ERROR, ())
        assert why in (answer.why or "")

    @pytest.mark.parametrize(("count", "why"), [(1000, ""), (1001, "more than 1,000 records")])
    def test_with_a_multitude_of_records_are_an_error(self, count: int, why: str) -> None:
        def flood(wire: bytes) -> bytes:
            records = (f"exe1.example.com. 1 IN A 10.0.{n >> 8}.{n & 255}" for n in range(count))
            return framed(respond(wire, *records))

        with answering(lambda wire: [respond(wire, flags=dns.flags.TC)], flood) as server:
            answer = one("exe1.example.com", A, server)
        assert answer.outcome is (DnsOutcome.ERROR if why else DnsOutcome.ANSWER)
        assert why in (answer.why or "")
        assert len(answer.addresses) == (0 if why else count)

    def test_in_a_flood_of_another_id_are_an_error_at_once(self) -> None:
        with answering(lambda wire: [bytes([wire[0] ^ 1]) + wire[1:]] * 150) as server:
            answer = one("exe1.example.com", A, server)
        assert answer.outcome is DnsOutcome.ERROR
        assert "no question of ours" in (answer.why or "")

    def test_that_tcp_never_brings_are_an_error_that_says_so(self) -> None:
        with (
            answering(lambda wire: [respond(wire, flags=dns.flags.TC)]) as server,
            socket.create_server(("127.0.0.1", int(server.partition(":")[2]))),
        ):
            answer = one("exe1.example.com", A, server, timeout=SHORT)
        assert answer.outcome is DnsOutcome.ERROR
        assert "too long for UDP, and TCP to the server does not answer" in (answer.why or "")

    @pytest.mark.parametrize("part", [0, 1, 2, 20])
    def test_cut_off_over_tcp_are_an_error(self, part: int) -> None:
        cut = lambda wire: framed(respond(wire))[:part]  # noqa: E731
        with answering(lambda wire: [respond(wire, flags=dns.flags.TC)], cut) as server:
            answer = one("exe1.example.com", A, server)
        assert answer.outcome is DnsOutcome.ERROR
        assert "TCP to the server failed" in (answer.why or "")

    def test_too_long_for_udp_without_tcp_are_an_error(self) -> None:
        with answering(lambda wire: [respond(wire, flags=dns.flags.TC)]) as server:
            answer = one("exe1.example.com", A, server)
        assert answer.outcome is DnsOutcome.ERROR
        assert "too long for UDP" in (answer.why or "")

    def test_about_other_names_do_not_count(self) -> None:
        with answering(lambda wire: [respond(wire, "exe2.example.com. 1 IN A 192.0.2.9")]) as server:
            answer = one("exe1.example.com", A, server)
        assert (answer.outcome, answer.addresses) == (DnsOutcome.NO_DATA, ())

    @given(st.data())
    def test_of_any_bytes_are_an_answer_or_unusable(self, data: st.DataObject) -> None:
        question = Question("exe1.example.com", data.draw(st.sampled_from(RecordType)))
        asked = query(question)
        sound = respond(asked, "exe1.example.com. 1 IN CNAME a.example.", "a.example. 1 IN A 192.0.2.1")
        wire = bytearray(data.draw(st.one_of(st.just(sound), st.binary(max_size=80).map(lambda tail: asked + tail))))
        for place in data.draw(st.lists(st.integers(2, len(wire) - 1), max_size=6)):
            wire[place] = data.draw(st.integers(0, 255))
        try:
            reply = read_reply(bytes(wire), asked, question.type)
        except Unusable:
            return
        assert all(isinstance(value, Srv) == (question.type is SRV) for value in reply.values)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("192.0.2.53", "192.0.2.53", 53),
        ("192.0.2.53:5353", "192.0.2.53", 5353),
        ("2001:DB8::53", "2001:db8::53", 53),
        ("[2001:db8::53]:5353", "2001:db8::53", 5353),
        ("[2001:db8::53]", "2001:db8::53", 53),
    ],
)
def test_server_addresses_are_read_as_the_plan_writes_them(text: str, host: str, port: int) -> None:
    assert NameServer.parse(text) == NameServer(text, host, port)
