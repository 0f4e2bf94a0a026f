import itertools
import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan.evidence.dns.live import ask
from certplan.evidence.dns.question import Question, with_values
from certplan.evidence.dns.zonefile import read_records, read_zone
from certplan.evidence.dns.zoneload import load_zone
from certplan.evidence.dns.zones import ZoneContents, ancestors, answer, merge
from certplan.evidence.model import DnsAnswer, DnsOutcome, RecordType, Srv
from certplan.places import Place
from certplan.value import replace
from tests.named import named

A, AAAA, CNAME, PTR, SRV = RecordType.A, RecordType.AAAA, RecordType.CNAME, RecordType.PTR, RecordType.SRV
ZONES = Path(__file__).parents[2] / "fixtures" / "zones"
EXAMPLE = load_zone(ZONES / "example.com.zone", "example.com.zone")
SOA = "@ SOA ns hm 1 2 3 4 5\n"


def zone(text: str) -> ZoneContents:
    return read_zone(SOA + text, "example.com.zone")


def records(*texts: str) -> ZoneContents:
    return read_records([(text, Place("plan.yaml", number)) for number, text in enumerate(texts, 1)])


def asked(name: str, contents: ZoneContents, type_: RecordType = A) -> DnsAnswer:
    return answer("public", Question(name, type_), contents)


class TestAnAnswer:
    def test_has_the_record_with_its_ttl_and_place(self) -> None:
        assert asked("exe1.example.com", EXAMPLE) == DnsAnswer(
            view="public",
            name="exe1.example.com",
            type=A,
            outcome=DnsOutcome.ANSWER,
            addresses=("203.0.113.11",),
            ttl=300,
            source="example.com.zone:15",
            where=Place("example.com.zone", 15),
        )

    def test_has_every_record_of_the_name_once_and_the_place_of_the_first(self) -> None:
        found = asked("expe.example.com", merge([EXAMPLE, EXAMPLE]))
        assert (found.addresses, found.source) == (("203.0.113.11", "203.0.113.12"), "example.com.zone:18")

    def test_has_services(self) -> None:
        assert asked("_collab-edge._tls.example.com", EXAMPLE, SRV).services == (
            Srv(10, 10, 8443, "exe1.example.com"),
            Srv(10, 10, 8443, "exe2.example.com"),
        )

    def test_has_pointers(self) -> None:
        contents = records("11.113.0.203.in-addr.arpa. PTR exe1.example.com.")
        assert asked("11.113.0.203.in-addr.arpa", contents, PTR).targets == ("exe1.example.com",)

    def test_has_the_alias_it_came_by(self) -> None:
        found = asked("edge.example.com", EXAMPLE)
        assert (found.addresses, found.aliases, found.ttl) == (("203.0.113.11",), ("exe1.example.com",), 300)

    def test_to_a_question_for_an_alias_is_the_alias(self) -> None:
        found = asked("edge.example.com", EXAMPLE, CNAME)
        assert (found.targets, found.aliases) == (("exe1.example.com",), ())

    def test_comes_from_inline_records_with_their_place_in_the_plan(self) -> None:
        found = asked("exe1.example.com", records("exe2.example.com A 10.0.0.2", "exe1.example.com A 10.0.0.1"))
        assert (found.addresses, found.source) == (("10.0.0.1",), "plan.yaml:2")

    @pytest.mark.parametrize("name", ["BÜCHER.example.com", "xn--bcher-kva.example.com."])
    def test_is_found_under_any_spelling_of_its_name(self, name: str) -> None:
        assert asked(name, EXAMPLE).addresses == ("203.0.113.20",)


class TestANameWithoutTheRecord:
    @pytest.mark.parametrize(
        ("name", "outcome"),
        [
            ("nobody.example.com", DnsOutcome.NXDOMAIN),
            ("a.b.c.example.com", DnsOutcome.NXDOMAIN),
            ("mail.example.com", DnsOutcome.NO_DATA),
            ("_tls.example.com", DnsOutcome.NO_DATA),
            ("example.com", DnsOutcome.NO_DATA),
            ("lab.example.com", DnsOutcome.NO_DATA),
        ],
    )
    def test_in_a_zone_does_not_exist_or_has_no_data(self, name: str, outcome: DnsOutcome) -> None:
        found = asked(name, EXAMPLE, AAAA)
        assert (found.outcome, found.why, found.source) == (outcome, None, "example.com.zone:3")

    @pytest.mark.parametrize("name", ["exe1.example.net", "com", "badexample.com", ""])
    def test_outside_of_the_zones_is_not_covered_and_says_what_is(self, name: str) -> None:
        found = asked(name, merge([EXAMPLE, records("exe1.lab.test A 10.0.0.1")]))
        assert found.outcome is DnsOutcome.NOT_COVERED
        assert found.why == "the zone files and records of the public view cover only `example.com`, `lab.test`"

    @pytest.mark.parametrize(
        ("name", "zone_of_it"),
        [
            ("11.0.20.10.in-addr.arpa", "0.20.10.in-addr.arpa"),
            (
                "1.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
                "0.0.0.0.0.2.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
            ),
            ("EXE1.lab.example.net", "lab.example.net"),
            ("example.net", "example.net"),
            ("_xmpp-server._tcp.chat.example.net", "chat.example.net"),
        ],
    )
    def test_outside_of_the_zones_names_the_missing_zone(self, name: str, zone_of_it: str) -> None:
        assert asked(name, EXAMPLE).missing_zone == zone_of_it

    def test_a_name_inside_lacks_no_zone_whatever_becomes_of_it(self) -> None:
        broken = zone("exe1 A 203.0.113.11\n$GENERATE 1-9 a$ A 10.0.0.$\n")
        delegated = zone("lab NS ns.lab\n")
        found = [asked("a.example.com", EXAMPLE), asked("a.example.com", broken), asked("a.lab.example.com", delegated)]
        assert [answer.missing_zone for answer in found] == [None, None, None]
        assert [answer.outcome for answer in found[1:]] == [DnsOutcome.NOT_COVERED] * 2

    def test_beside_an_inline_record_does_not_exist(self) -> None:
        contents = records("_collab-edge._tls.example.com. SRV 10 10 8443 exe1.example.com.")
        assert asked("exe1.example.com", contents).outcome is DnsOutcome.NXDOMAIN
        assert asked("_cisco-uds._tcp.example.com", contents, SRV).outcome is DnsOutcome.NXDOMAIN
        assert asked("_tls.example.com", contents, SRV).outcome is DnsOutcome.NO_DATA

    def test_in_no_zone_at_all_is_not_covered(self) -> None:
        found = asked("exe1.example.com", ZoneContents())
        assert (found.outcome, found.why) == (
            DnsOutcome.NOT_COVERED,
            "none of the zone files and records of the public view could be read",
        )


class TestWildcards:
    CONTENTS = zone("*.lab A 10.0.0.1\nexe1.lab MX 1 a\nx.deep.lab A 10.0.0.2\n*.www CNAME x.deep.lab\n")

    @pytest.mark.parametrize(
        ("name", "addresses"),
        [
            ("any.lab.example.com", ("10.0.0.1",)),
            ("a.b.lab.example.com", ("10.0.0.1",)),
            ("*.lab.example.com", ("10.0.0.1",)),
            ("shop.www.example.com", ("10.0.0.2",)),
        ],
    )
    def test_stand_for_names_that_do_not_exist(self, name: str, addresses: tuple[str, ...]) -> None:
        assert asked(name, self.CONTENTS).addresses == addresses

    @pytest.mark.parametrize(
        ("name", "outcome"),
        [
            ("exe1.lab.example.com", DnsOutcome.NO_DATA),
            ("lab.example.com", DnsOutcome.NO_DATA),
            ("deep.lab.example.com", DnsOutcome.NO_DATA),
            ("y.deep.lab.example.com", DnsOutcome.NXDOMAIN),
            ("y.exe1.lab.example.com", DnsOutcome.NXDOMAIN),
        ],
    )
    def test_stand_for_no_name_that_exists_nor_for_one_below_it(self, name: str, outcome: DnsOutcome) -> None:
        assert asked(name, self.CONTENTS).outcome is outcome


class TestNamesThatLeadElsewhere:
    @pytest.mark.parametrize("name", ["branch.example.com", "exe1.branch.example.com", "a.b.branch.example.com"])
    def test_by_delegation_are_not_covered(self, name: str) -> None:
        found = asked(name, EXAMPLE)
        assert (found.outcome, found.why) == (
            DnsOutcome.NOT_COVERED,
            "`branch.example.com` is delegated to other servers (example.com.zone:22)",
        )

    def test_by_delegation_are_covered_where_the_record_is_there_all_the_same(self) -> None:
        assert asked("ns1.branch.example.com", EXAMPLE).addresses == ("198.51.100.54",)

    def test_by_delegation_are_covered_by_a_file_of_the_zone_below(self) -> None:
        below = read_zone("$ORIGIN branch.example.com.\n@ SOA a b 1 2 3 4 5\n@ NS ns1\nexe1 A 10.0.0.1\n", "b.zone")
        both = merge([EXAMPLE, below])
        assert asked("exe1.branch.example.com", both).addresses == ("10.0.0.1",)
        assert asked("exe2.branch.example.com", both).outcome is DnsOutcome.NXDOMAIN

    def test_by_dname_are_not_covered(self) -> None:
        contents = zone("old DNAME new.example.net.\n")
        found = asked("exe1.old.example.com", contents)
        assert found.outcome is DnsOutcome.NOT_COVERED
        assert "DNAME" in (found.why or "")
        assert asked("old.example.com", contents).outcome is DnsOutcome.NO_DATA

    def test_by_an_alias_to_another_zone_are_not_covered(self) -> None:
        found = asked("www.example.com", zone("www CNAME exe1.example.net.\n"))
        assert (found.outcome, found.aliases) == (DnsOutcome.NOT_COVERED, ("exe1.example.net",))
        assert (found.why or "").startswith("its CNAME record leads to `exe1.example.net`, and the zone files")
        assert found.missing_zone == "example.net"

    def test_by_an_alias_to_nothing_keep_the_alias(self) -> None:
        contents = zone("a CNAME b\nb CNAME c\nt CNAME txt\ntxt TXT x\n")
        assert asked("a.example.com", contents).aliases == ("b.example.com", "c.example.com")
        assert asked("a.example.com", contents).outcome is DnsOutcome.NXDOMAIN
        assert asked("t.example.com", contents).outcome is DnsOutcome.NO_DATA


class TestFaultyRecords:
    @pytest.mark.parametrize("text", ["a CNAME a\n", "a CNAME b\nb CNAME A\n", "*.a CNAME b.a\na CNAME x.a\n"])
    def test_that_lead_in_a_circle_are_an_error(self, text: str) -> None:
        found = asked("a.example.com", zone(text))
        assert (found.outcome, found.why) == (
            DnsOutcome.ERROR,
            "the CNAME records of `a.example.com` lead in a circle",
        )

    def test_that_lead_on_and_on_are_an_error(self) -> None:
        chain = "".join(f"a{n} CNAME a{n + 1}\n" for n in range(20)) + "a20 A 10.0.0.1\n"
        found = asked("a0.example.com", zone(chain))
        assert (found.outcome, found.why) == (DnsOutcome.ERROR, "more than 16 CNAME records follow one another")
        assert asked("a4.example.com", zone(chain)).addresses == ("10.0.0.1",)

    @pytest.mark.parametrize("text", ["a CNAME b\na A 10.0.0.1\n", "a CNAME b\na CNAME c\n"])
    def test_that_no_server_would_load_are_an_error(self, text: str) -> None:
        found = asked("a.example.com", zone(text))
        assert found.outcome is DnsOutcome.ERROR
        assert "CNAME record beside other data" in (found.why or "")

    @pytest.mark.parametrize("line", ["exe1 A 10.0.0.999", "exe1 AA 10.0.0.1", "exe1 CNAME a..b", "exe1 ALIAS b.test."])
    def test_that_could_be_the_one_asked_for_are_an_error_at_their_place(self, line: str) -> None:
        found = asked("exe1.example.com", zone(f"{line}\nexe2 A 10.0.0.2\n"))
        assert found.outcome is DnsOutcome.ERROR
        assert (found.why or "").startswith("a record of `exe1.example.com` cannot be read (example.com.zone:2")

    def test_of_another_type_do_not_hide_the_one_asked_for(self) -> None:
        assert asked("exe1.example.com", zone("exe1 AAAA wrong\nexe1 A 10.0.0.1\n")).addresses == ("10.0.0.1",)

    def test_whose_names_are_unknown_leave_absent_names_open(self) -> None:
        contents = merge([zone("$INCLUDE more.zone\nexe1 A 10.0.0.1\n"), records("exe1.lab.test A 10.0.0.1")])
        assert asked("exe1.example.com", contents).outcome is DnsOutcome.ANSWER
        for name, type_ in (("exe2.example.com", A), ("exe1.example.com", AAAA)):
            found = asked(name, contents, type_)
            assert found.outcome is DnsOutcome.NOT_COVERED
            assert "`example.com` was not read whole (example.com.zone:2:1)" in (found.why or "")
        assert asked("exe2.lab.test", contents).outcome is DnsOutcome.NXDOMAIN


HOSTS = st.sampled_from(["a", "b", "a.b", "*", "*.b", "c.a.b", "_tls", "d"])
LINES = st.one_of(
    st.tuples(HOSTS, st.sampled_from(["A 10.0.0.1", "A 10.0.0.2", "AAAA fd00::1", "TXT x", "NS ns.test."])),
    st.tuples(HOSTS, HOSTS.map(lambda host: f"CNAME {host}")),
)
NAMES = st.one_of(HOSTS, st.sampled_from(["e", "e.b", "e.a.b", "x.e", "@"])).map(
    lambda host: "example.com" if host == "@" else f"{host}.example.com"
)


def text(lines: Iterable[tuple[str, str]]) -> str:
    return "".join(f"{host} {rest}\n" for host, rest in lines)


def unplaced(found: DnsAnswer) -> DnsAnswer:
    return replace(found, source=None, where=None, why=None)


@given(st.lists(LINES, max_size=12), NAMES, st.sampled_from([A, AAAA, CNAME]), st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(
    lines: list[tuple[str, str]], name: str, type_: RecordType, shuffler: random.Random
) -> None:
    other = list(lines)
    shuffler.shuffle(other)
    assert unplaced(asked(name, zone(text(lines)), type_)) == unplaced(asked(name, zone(text(other)), type_))


@given(st.lists(LINES, max_size=12), NAMES, st.sampled_from([A, AAAA, CNAME]))
def test_letter_case_does_not_matter(lines: list[tuple[str, str]], name: str, type_: RecordType) -> None:
    lower, upper = asked(name, zone(text(lines)), type_), asked(name.upper(), zone(text(lines).upper()), type_)
    assert (lower.outcome, lower.addresses, lower.ttl) == (upper.outcome, upper.addresses, upper.ttl)
    assert [alias.lower() for alias in lower.aliases] == [alias.lower() for alias in upper.aliases]
    assert {target.lower() for target in lower.targets} == {target.lower() for target in upper.targets}


@given(st.lists(LINES, max_size=12), NAMES)
def test_a_zone_given_as_records_with_a_soa_answers_the_same(lines: list[tuple[str, str]], name: str) -> None:
    whole = ["example.com SOA ns.test hm.test 1 2 3 4 5"]
    for host, rest in lines:
        kind, _, data = rest.partition(" ")
        whole.append(
            f"{host}.example.com {kind} {data}.example.com" if kind == "CNAME" else f"{host}.example.com {rest}"
        )
    inline, file = asked(name, records(*whole)), asked(name, zone(text(lines)))
    assert (inline.outcome, inline.addresses, inline.aliases) == (file.outcome, file.addresses, file.aliases)


@given(st.text(), st.lists(st.text(), max_size=3))
def test_any_name_has_an_answer(name: str, texts: list[str]) -> None:
    for contents in (EXAMPLE, records(*texts, f"{name}.example.com A 10.0.0.1")):
        found = asked(name, contents)
        assert found.outcome.answered or found.why


@given(st.text(alphabet="a.\\é"))
def test_ancestors_end_at_the_root_and_each_is_the_end_of_the_one_before(name: str) -> None:
    line = ancestors(name)
    assert (line[0], line[-1]) == (name, "")
    assert all(above != below and below.endswith(above) for below, above in itertools.pairwise(line))


def test_ancestors_do_not_part_a_label_at_an_escaped_dot() -> None:
    assert ancestors(r"a\.b.c\\.d") == (r"a\.b.c\\.d", r"c\\.d", "d", "")


def test_values_are_sorted_once_each_whatever_holds_them() -> None:
    blank = DnsAnswer("public", "x", SRV, DnsOutcome.ANSWER)
    services = [Srv(2, 1, 1, "b"), Srv(1, 1, 1, "c"), Srv(2, 1, 1, "b")]
    assert with_values(blank, iter(services)).services == (Srv(1, 1, 1, "c"), Srv(2, 1, 1, "b"))
    assert with_values(replace(blank, type=PTR), iter(["b", "a", "b"])).targets == ("a", "b")


@pytest.mark.system("bind9")
def test_a_zone_file_answers_as_bind_does_with_the_same_file(tmp_path: Path) -> None:
    file = (ZONES / "example.com.zone").read_text(encoding="utf-8").replace("bücher", "xn--bcher-kva")
    windows = (ZONES / "internal.example.com.dns").read_text(encoding="ascii")
    hosts = [
        "",
        "exe1",
        "EXE2",
        "expe",
        "edge",
        "mail",
        "any.lab",
        "a.b.lab",
        "lab",
        "nobody",
        "a.b",
        "_tls",
        "_x._tls",
    ]
    hosts += ["_collab-edge._tls", "bücher", "dc1", "exc1", "_ldap._tcp", "_tcp", "_cisco-uds._tcp", "printer", "MAIL"]
    questions = [
        Question(f"{host}.{domain}".removeprefix("."), type_)
        for host in hosts
        for domain in ("example.com", "internal.example.com")
        for type_ in RecordType
    ]
    # BIND knows neither ages nor WINS, and takes the last TTL stated where Windows takes the SOA's.
    plain = "$TTL 1800\n" + "".join(
        line.replace("[AGE:3712345]", "").replace("[AGE:3712340]", "").replace("[Aging:3712340]", "")
        .replace("[AGE:3712001]", "")
        for line in windows.splitlines(keepends=True)
        if "WINS\t" not in line
    )  # fmt: skip
    contents = merge([EXAMPLE, read_zone(windows, "internal.example.com.dns")])
    with named({"example.com": file, "internal.example.com": plain}, tmp_path) as server:
        earlier = ask({"public": [server.address]}, {"public": questions}, timeout=20)["public"]
    for question in questions:
        before, read = earlier[question.key], answer("public", question, contents)
        assert read.outcome is before.outcome, question
        assert (read.addresses, read.targets, read.services) == (before.addresses, before.targets, before.services), (
            question
        )
        assert read.aliases == before.aliases, question
        if before.outcome is DnsOutcome.ANSWER:
            assert read.ttl == before.ttl, question
