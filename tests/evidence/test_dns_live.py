import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from certplan.evidence.dns.live import MAX_IN_FLIGHT, ask
from certplan.evidence.dns.question import Question
from certplan.evidence.model import DnsOutcome, RecordType, Srv
from tests.named import PATIENT, answering, closed_port, named, one, respond, silent, zone

A, AAAA, CNAME, PTR, SRV = RecordType.A, RecordType.AAAA, RecordType.CNAME, RecordType.PTR, RecordType.SRV
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

    def test_has_no_more_than_64_questions_open_at_a_time(self) -> None:
        questions = [Question(f"host{n}.example.com", A) for n in range(MAX_IN_FLIGHT + 36)]
        seen = 0
        with socket.socket(type=socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", 0))
            ask({"public": [f"127.0.0.1:{udp.getsockname()[1]}"]}, {"public": questions}, timeout=SHORT)
            udp.setblocking(False)
            with suppress(BlockingIOError):
                while udp.recv(65535):
                    seen += 1
        assert seen == MAX_IN_FLIGHT == 64

    def test_that_is_asked_no_more_leaves_the_rest_to_the_second(self) -> None:
        questions = [Question(f"host{n}.example.com", A) for n in range(MAX_IN_FLIGHT + 36)]
        with silent() as dead, answering(lambda wire: [respond(wire)]) as second:
            answers = ask({"public": [dead, second]}, {"public": questions}, timeout=3)["public"]
        assert {(answer.outcome, answer.source) for answer in answers.values()} == {(DnsOutcome.ANSWER, second)}

    def test_that_wakes_and_answers_every_try_is_believed_once(self) -> None:
        """Both tries can be read at the same moment: the second must not be taken for another answer."""
        with socket.socket(type=socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", 0))

            def wakes() -> None:
                tries = [udp.recvfrom(65535) for _ in range(2)]
                for wire, client in tries:
                    udp.sendto(respond(wire), client)

            server = threading.Thread(target=wakes)
            server.start()
            answer = one("exe1.example.com", A, f"127.0.0.1:{udp.getsockname()[1]}")
            server.join()
        assert answer.addresses == ("192.0.2.1",)

    def test_with_a_closed_port_is_told_apart_at_once(self) -> None:
        answer = one("exe1.example.com", A, closed_port())
        assert answer.outcome is DnsOutcome.ERROR
        assert "no DNS server listens there" in (answer.why or "")


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


def test_an_ipv6_server_is_asked() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
        try:
            udp.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6 loopback")
        answer = one("exe1.example.com", A, f"[::1]:{udp.getsockname()[1]}", timeout=SHORT)
    assert answer.outcome is DnsOutcome.TIMEOUT
