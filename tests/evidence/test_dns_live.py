import socket
import time
from collections.abc import Iterator
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan.evidence.dns.live import NameServer, ask
from certplan.evidence.dns.message import Unusable, query, read_reply
from certplan.evidence.dns.question import Question
from certplan.evidence.model import DnsAnswer, DnsOutcome, RecordType, Srv
from tests.named import answering, closed_port, named, silent, zone

A, AAAA, CNAME, PTR, SRV = RecordType.A, RecordType.AAAA, RecordType.CNAME, RecordType.PTR, RecordType.SRV
PATIENT = 20.0
"""Seconds that no test with a live server needs."""
SHORT = 0.3

PUBLIC = {
    "example.com": zone(
        "Exe1 A 203.0.113.11",
        "exe2 60 A 203.0.113.12",
        "both A 203.0.113.12",
        "both A 203.0.113.11",
        "exe1 AAAA 2001:DB8:0::11",
        "www CNAME Edge.example.com.",
        "edge CNAME exe1",
        "dangling CNAME nowhere",
        "outside CNAME www.example.net.",
        "textual TXT hello",
        "empty CNAME textual",
        "here.there A 203.0.113.13",
        "_collab-edge._tls SRV 10 10 8443 exe2",
        "_collab-edge._tls SRV 10 10 8443 exe1",
        "sub NS ns.elsewhere.example.net.",
        r"odd PTR \027[31m\.evil\ name.example.com.",
        *(f"many A 198.51.100.{n}" for n in range(1, 101)),
    ),
    "113.0.203.in-addr.arpa": zone("11 PTR exe1.example.com.", "12 PTR exe2.example.com.", "12 PTR b.example.com."),
    "broken.example": "this is no zone at all",
}


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with named(PUBLIC, tmp_path_factory.mktemp("public")) as server:
        yield server.address


def one(name: str, type_: RecordType, *servers: str, timeout: float = PATIENT) -> DnsAnswer:
    question = Question(name, type_)
    return ask({"public": servers}, {"public": [question]}, timeout=timeout)["public"][question.key]


@pytest.mark.system("bind9")
class TestAServer:
    def test_gives_the_address_with_its_ttl_server_and_time(self, public: str) -> None:
        answer = one("exe2.example.com", A, public)
        assert (answer.outcome, answer.addresses, answer.ttl) == (DnsOutcome.ANSWER, ("203.0.113.12",), 60)
        assert (answer.source, answer.view, answer.name, answer.why) == (public, "public", "exe2.example.com", None)
        assert answer.milliseconds is not None
        assert 0 < answer.milliseconds < PATIENT * 1000

    def test_gives_several_addresses_sorted(self, public: str) -> None:
        assert one("both.example.com", A, public).addresses == ("203.0.113.11", "203.0.113.12")

    def test_gives_ipv6_addresses_in_their_short_form(self, public: str) -> None:
        assert one("exe1.example.com", AAAA, public).addresses == ("2001:db8::11",)

    def test_is_asked_in_any_letter_case_and_with_or_without_the_last_dot(self, public: str) -> None:
        answer = one("EXE1.example.COM.", A, public)
        assert (answer.addresses, answer.name) == (("203.0.113.11",), "EXE1.example.COM.")

    def test_gives_the_chain_of_aliases_as_spelled(self, public: str) -> None:
        answer = one("www.example.com", A, public)
        assert (answer.outcome, answer.addresses) == (DnsOutcome.ANSWER, ("203.0.113.11",))
        assert answer.aliases == ("Edge.example.com", "exe1.example.com")

    def test_gives_the_alias_itself_when_asked_for_it(self, public: str) -> None:
        answer = one("www.example.com", CNAME, public)
        assert (answer.targets, answer.aliases) == (("Edge.example.com",), ())

    def test_keeps_the_alias_of_a_target_that_does_not_exist(self, public: str) -> None:
        answer = one("dangling.example.com", A, public)
        assert (answer.outcome, answer.aliases) == (DnsOutcome.NXDOMAIN, ("nowhere.example.com",))

    def test_keeps_the_alias_of_a_target_without_address(self, public: str) -> None:
        answer = one("empty.example.com", A, public)
        assert (answer.outcome, answer.aliases) == (DnsOutcome.NO_DATA, ("textual.example.com",))

    def test_gives_pointers_sorted(self, public: str) -> None:
        assert one("12.113.0.203.in-addr.arpa", PTR, public).targets == ("b.example.com", "exe2.example.com")

    def test_gives_services_sorted(self, public: str) -> None:
        assert one("_collab-edge._tls.example.com", SRV, public).services == (
            Srv(10, 10, 8443, "exe1.example.com"),
            Srv(10, 10, 8443, "exe2.example.com"),
        )

    @pytest.mark.parametrize(
        ("name", "outcome"),
        [
            ("nobody.example.com", DnsOutcome.NXDOMAIN),
            ("textual.example.com", DnsOutcome.NO_DATA),
            ("there.example.com", DnsOutcome.NO_DATA),
            ("www.example.net", DnsOutcome.REFUSED),
            ("exe1.broken.example", DnsOutcome.SERVFAIL),
        ],
    )
    def test_says_how_a_question_ended(self, public: str, name: str, outcome: DnsOutcome) -> None:
        answer = one(name, A, public)
        assert answer.outcome is outcome
        assert answer.addresses == ()
        assert (answer.why is None) is outcome.answered

    def test_names_itself_and_its_word_when_it_refuses(self, public: str) -> None:
        assert one("www.example.net", A, public).why == f"{public}: it answered REFUSED"

    def test_that_only_refers_to_others_has_not_spoken(self, public: str) -> None:
        answer = one("exe1.sub.example.com", A, public)
        assert answer.outcome is DnsOutcome.ERROR
        assert "only refers to other servers" in (answer.why or "")

    def test_that_follows_an_alias_no_further_has_not_spoken(self, public: str) -> None:
        answer = one("outside.example.com", A, public)
        assert (answer.outcome, answer.aliases) == (DnsOutcome.ERROR, ("www.example.net",))
        assert "`www.example.net`" in (answer.why or "")

    def test_is_asked_over_tcp_when_the_answer_is_too_long(self, public: str) -> None:
        answer = one("many.example.com", A, public)
        assert (answer.outcome, len(answer.addresses)) == (DnsOutcome.ANSWER, 100)

    def test_sends_odd_names_that_come_out_escaped(self, public: str) -> None:
        assert one("odd.example.com", PTR, public).targets == (r"\027[31m\.evil\032name.example.com",)

    def test_answers_hundreds_of_questions_at_once(self, public: str) -> None:
        questions = [Question(f"host{n}.example.com", A) for n in range(500)]
        answers = ask({"public": [public]}, {"public": questions}, timeout=PATIENT)["public"]
        assert len(answers) == 500
        assert {answer.outcome for answer in answers.values()} == {DnsOutcome.NXDOMAIN}

    def test_is_asked_once_for_names_that_differ_in_case_alone(self, public: str) -> None:
        answers = ask(
            {"public": [public]},
            {"public": [Question("exe1.example.com", A), Question("EXE1.example.com.", A)]},
            timeout=PATIENT,
        )["public"]
        assert list(answers) == [("exe1.example.com", A)]


@pytest.mark.system("bind9")
class TestSeveralServers:
    def test_of_two_views_give_their_own_answers(self, public: str, tmp_path: Path) -> None:
        question = Question("exe1.example.com", A)
        with named({"example.com": zone("exe1 A 10.20.0.11")}, tmp_path) as internal:
            answers = ask(
                {"public": [public], "internal": [internal.address]},
                {"public": [question], "internal": [question]},
                timeout=PATIENT,
            )
        assert answers["public"][question.key].addresses == ("203.0.113.11",)
        assert answers["internal"][question.key].addresses == ("10.20.0.11",)

    @pytest.mark.parametrize("name", ["exe1.example.com"])
    def test_the_second_answers_when_the_first_is_silent(self, public: str, name: str) -> None:
        with silent() as dead:
            answer = one(name, A, dead, public, timeout=3)
        assert (answer.outcome, answer.source) == (DnsOutcome.ANSWER, public)

    def test_the_second_answers_at_once_when_the_first_is_closed(self, public: str) -> None:
        answer = one("exe1.example.com", A, closed_port(), public)
        assert (answer.outcome, answer.source) == (DnsOutcome.ANSWER, public)

    @pytest.mark.parametrize("name", ["exe1.example.org", "exe1.broken.example"])
    def test_the_second_answers_when_the_first_refuses_or_fails(self, public: str, tmp_path: Path, name: str) -> None:
        zones = {"example.org": zone("exe1 A 192.0.2.1"), "broken.example": zone("exe1 A 192.0.2.1")}
        with named(zones, tmp_path) as second:
            answer = one(name, A, public, second.address)
        assert (answer.addresses, answer.source) == (("192.0.2.1",), second.address)

    def test_the_first_that_says_there_is_nothing_is_believed(self, public: str) -> None:
        with silent() as dead:
            assert one("nobody.example.com", A, public, dead).outcome is DnsOutcome.NXDOMAIN

    def test_that_all_fail_each_say_how(self, public: str) -> None:
        with silent() as dead:
            answer = one("www.example.net", A, dead, public, timeout=SHORT)
        assert answer.outcome is DnsOutcome.REFUSED
        assert answer.why == f"{dead}: no answer within 0.3 s; {public}: it answered REFUSED"


class TestADeadServer:
    def test_is_a_timeout_that_names_it(self) -> None:
        with silent() as dead:
            answer = one("exe1.example.com", A, dead, timeout=SHORT)
        assert (answer.outcome, answer.source) == (DnsOutcome.TIMEOUT, dead)
        assert answer.why == f"{dead}: no answer within 0.3 s"

    def test_costs_one_deadline_for_all_questions_of_all_views(self) -> None:
        timeout = 0.5
        questions = [Question(f"host{n}.example.com", A) for n in range(60)]
        with silent() as dead, silent() as other:
            started = time.monotonic()
            answers = ask(
                {"public": [dead, other], "internal": [other]},
                {"public": questions, "internal": questions},
                timeout=timeout,
            )
            elapsed = time.monotonic() - started
        assert elapsed < len(questions) * timeout / 2, "on a busy machine, too, far from a deadline for each question"
        outcomes = [answer.outcome for view in answers.values() for answer in view.values()]
        assert outcomes == [DnsOutcome.TIMEOUT] * 120

    def test_is_asked_again_before_it_is_given_up(self) -> None:
        seen: list[bytes] = []

        def third_time(question: bytes) -> list[bytes]:
            seen.append(question)
            return [respond(question)] if len(seen) == 3 else []

        with answering(third_time) as server:
            answer = one("exe1.example.com", A, server, timeout=3)
        assert (answer.addresses, len(seen)) == (("192.0.2.1",), 3)

    def test_with_a_closed_port_is_told_apart_at_once(self) -> None:
        answer = one("exe1.example.com", A, closed_port())
        assert answer.outcome is DnsOutcome.ERROR
        assert "no DNS server listens there" in (answer.why or "")


def respond(wire: bytes, *records: str, flags: int = dns.flags.RA, rcode: int = 0) -> bytes:
    """The answer a plain resolver gives, with these records or one address."""
    query = dns.message.from_wire(wire)
    response = dns.message.make_response(query)
    response.flags |= flags
    response.set_rcode(dns.rcode.Rcode(rcode))
    for record in records or (f"{query.question[0].name} 60 IN A 192.0.2.1",):
        owner, ttl, class_, type_, data = record.split(" ", 4)
        response.answer.append(dns.rrset.from_text(owner, int(ttl), class_, type_, data))
    return response.to_wire(max_size=65535)


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


class TestQuestionsThatCannotBeAsked:
    @pytest.mark.parametrize("name", ["a..example.com", "x" * 64 + ".example.com", "y." * 130 + "example.com", "a\\"])
    def test_are_an_error_that_shows_the_name(self, name: str) -> None:
        answer = one(name, A, closed_port())
        assert answer.outcome is DnsOutcome.ERROR
        assert "not a name" in (answer.why or "")

    @pytest.mark.parametrize(
        "server", ["dns.example.com", "127.0.0.1:dns", "127.0.0.1:0", "[::1", "[::1]53", "", "1.2.3.4:65536"]
    )
    def test_of_a_server_without_address_are_an_error(self, server: str) -> None:
        answer = one("exe1.example.com", A, server)
        assert answer.outcome is DnsOutcome.ERROR
        assert "not the address of a server" in (answer.why or "")

    def test_of_a_view_without_servers_are_not_covered(self) -> None:
        question = Question("exe1.example.com", A)
        empty: dict[str, list[str]] = {"lab": []}
        for views in ({}, empty):
            answer = ask(views, {"lab": [question]}, timeout=1)["lab"][question.key]
            assert (answer.outcome, answer.why) == (DnsOutcome.NOT_COVERED, "view `lab` has no DNS servers")

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
    def test_server_addresses_are_read_as_the_plan_writes_them(self, text: str, host: str, port: int) -> None:
        assert NameServer.parse(text) == NameServer(text, host, port)


def test_an_ipv6_server_is_asked() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
        try:
            udp.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6 loopback")
        answer = one("exe1.example.com", A, f"[::1]:{udp.getsockname()[1]}", timeout=SHORT)
    assert answer.outcome is DnsOutcome.TIMEOUT


def framed(wire: bytes) -> bytes:
    return len(wire).to_bytes(2, "big") + wire
