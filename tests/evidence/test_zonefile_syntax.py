"""The syntax of zone files and of single records, against dnspython."""

import re
import subprocess
import sys
from typing import Any

import dns.name
import dns.rdata
import dns.rdatatype
import dns.zone
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan.evidence.dns.zonedata import EXPECTED, plain_value, seconds_of
from certplan.evidence.dns.zonefile import read_records, read_zone
from certplan.evidence.model import Srv
from certplan.places import Place
from tests.evidence.zone_texts import facts, problems_of, values

PLAN = Place("plan.yaml", 7, 5)


class TestSyntax:
    @pytest.mark.parametrize(
        "line",
        [
            "exe1 A 203.0.113.11",
            "exe1 IN A 203.0.113.11",
            "exe1 3600 A 203.0.113.11",
            "exe1 3600 IN A 203.0.113.11",
            "exe1 IN 3600 A 203.0.113.11",
            "exe1 in 1h a 203.0.113.11",
            "exe1 [AGE:3712345] 3600 A 203.0.113.11",
            "exe1 (\n 3600 ; a comment )\n IN A\n\t203.0.113.11 )",
            "exe1.example.com. A 203.0.113.11; a comment",
            "exe1 TYPE1 203.0.113.11",
            "exe1 IN TYPE1 \\# 4 CB00710B",
            "\\101\\xe1 A 203.0.113.11",
            "\ufeffexe1 A 203.0.113.11\x1a",
            "exe1\tA\u00a0203.0.113.11",
        ],
    )
    def test_gives_the_same_record(self, line: str) -> None:
        contents = read_zone(f"{line}\n" if "\x1a" not in line else line, "example.com.zone")
        assert (facts(contents), problems_of(contents)) == ([("exe1.example.com", "A", "203.0.113.11")], [])

    def test_of_another_class_is_left_out(self) -> None:
        contents = read_zone('version.bind. CH TXT "9"\nexe1 A 10.0.0.1\n', "example.com.zone")
        assert (values(contents), problems_of(contents)) == (["10.0.0.1"], [])

    def test_of_other_known_types_only_shows_that_the_name_exists(self) -> None:
        text = 'a MX 10 b\nb TXT "x" "y;z"\nc CAA 0 issue "ca"\nd TYPE65280 \\# 0\ne ALIAS x.\nf HTTPS 1 . alpn=h2\n'
        contents = read_zone(text, "example.com.zone")
        assert [(record.owner[0], record.value) for record in contents.records] == [(c, None) for c in "abcdef"]
        assert problems_of(contents) == []

    @pytest.mark.parametrize(
        ("text", "seconds"),
        [("0", 0), ("3600", 3600), ("1h30m", 5400), ("1W2D3H4M5S", 788645), ("1h30", None), ("h", None), ("", None),
         ("4294967296", None), ("99999999999", None), ("-1", None), ("\u0661", None)],
    )  # fmt: skip
    def test_of_times_is_read_with_units(self, text: str, seconds: int | None) -> None:
        assert seconds_of(text) == seconds

    def test_of_ttl_prefers_the_record_then_the_directive_then_the_soa_then_the_last(self) -> None:
        soa = "@ SOA a b 1 2 3 4 55\n"
        ttl = "$TTL 44\n"
        records = "a 33 A 10.0.0.1\nb A 10.0.0.2\n"
        found = [
            [record.ttl for record in read_zone(text, "example.com.zone").records][-2:]
            for text in (ttl + soa + records, soa + records, records)
        ]
        assert found == [[33, 44], [33, 55], [33, 33]]


class TestSingleRecords:
    @pytest.mark.parametrize(
        ("text", "owner", "value", "zone"),
        [
            ("exe1.example.com. A 203.0.113.11", "exe1.example.com", "203.0.113.11", "example.com"),
            ("exe1.example.com A 203.0.113.11", "exe1.example.com", "203.0.113.11", "example.com"),
            ("  exe1.example.com. 60 IN A 203.0.113.11\n", "exe1.example.com", "203.0.113.11", "example.com"),
            ("EXE1.example.com AAAA 2001:DB8::1", "EXE1.example.com", "2001:db8::1", "example.com"),
            ("www.example.com CNAME exe1.example.com", "www.example.com", "exe1.example.com", "example.com"),
            ("11.113.0.203.in-addr.arpa. PTR exe1.example.com.", "11.113.0.203.in-addr.arpa", "exe1.example.com",
             "113.0.203.in-addr.arpa"),
            ("_collab-edge._tls.example.com. SRV 10 10 8443 exe1.example.com.", "_collab-edge._tls.example.com",
             Srv(10, 10, 8443, "exe1.example.com"), "example.com"),
            ("*.example.com A 10.0.0.1", "*.example.com", "10.0.0.1", "example.com"),
            ("example.com A 10.0.0.1", "example.com", "10.0.0.1", "example.com"),
            ("exe1 A 10.0.0.1", "exe1", "10.0.0.1", "exe1"),
            ("exe1.lab.example.com SOA a.b c.d 1 2 3 4 5", "exe1.lab.example.com", "a.b", "exe1.lab.example.com"),
            ("bücher.example.com A 10.0.0.1", "xn--bcher-kva.example.com", "10.0.0.1", "example.com"),
        ],
    )  # fmt: skip
    def test_are_absolute_and_speak_for_their_domain(self, text: str, owner: str, value: str | Srv, zone: str) -> None:
        contents = read_records([(text, PLAN)])
        assert (contents.records[0].owner, contents.records[0].value) == (owner, value)
        assert contents.records[0].where == PLAN
        assert (contents.apexes, problems_of(contents)) == ((zone,), [])

    @pytest.mark.parametrize("text", ["", "; nothing", "$ORIGIN example.com.", "@ A 10.0.0.1", "a..b A 10.0.0.1", "()"])
    def test_that_are_none_are_told_at_their_place_and_leave_a_gap(self, text: str) -> None:
        contents = read_records([("exe1.example.com A 10.0.0.1", Place("p", 1)), (text, PLAN)])
        assert [problem.where for problem in contents.problems] == [PLAN]
        assert contents.gaps == {"example.com": PLAN}

    def test_beside_a_soa_are_all_kept(self) -> None:
        texts = ["example.com SOA a. b. 1 2 3 4 5", "exe1.example.net A 10.0.0.1"]
        contents = read_records([(text, PLAN) for text in texts])
        assert contents.apexes == ("example.com", "example.net")
        assert len(contents.records) == 2

    def test_do_not_speak_for_the_root_or_for_a_whole_top_level_domain(self) -> None:
        texts = [". NS a.", "_tcp SRV 0 0 1 a", "com NS a", "example.com NS b"]
        assert read_records([(text, PLAN) for text in texts]).apexes == ("com",)


def test_ordinary_records_need_nothing_of_dnspython() -> None:
    program = (
        "import sys; from certplan.evidence.dns.zonefile import read_records; from certplan.places import Place\n"
        "texts = ['exe1.example.com. 60 IN A 10.0.0.1', '_a._tls.example.com SRV 1 1 8443 exe1.example.com']\n"
        "assert not read_records([(text, Place('p')) for text in texts]).problems\n"
        "sys.exit('dns' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


LABEL = st.from_regex(r"[a-zA-Z0-9_](?:[a-zA-Z0-9_-]{0,8}[a-zA-Z0-9])?", fullmatch=True)


ODD_LABEL = st.one_of(LABEL, st.binary(min_size=1, max_size=6))


ORIGIN = dns.name.from_text("example.com.")


@st.composite
def zones(draw: st.DrawFn) -> dns.zone.Zone:
    """A zone as dnspython holds it, names with any bytes among them."""
    zone = dns.zone.Zone(ORIGIN)
    soa = dns.rdata.from_text("IN", "SOA", "ns hostmaster 1 2 3 4 5", ORIGIN)
    zone.find_rdataset("@", "SOA", create=True).add(soa, 60)
    name = st.lists(ODD_LABEL, min_size=1, max_size=3).map(
        lambda labels: dns.name.Name([label.encode() if isinstance(label, str) else label for label in labels])
    )
    address = st.tuples(*[st.integers(0, 255)] * 4).map(lambda octets: ".".join(map(str, octets)))
    for owner, ip, target, ttl in draw(st.lists(st.tuples(name, address, name, st.integers(0, 2**31 - 1)), max_size=6)):
        kind = draw(st.sampled_from(["A", "SRV", "PTR"]))
        if kind == "A":
            rdata = dns.rdata.from_text("IN", "A", ip)
        elif kind == "PTR":
            rdata = dns.rdata.from_text("IN", "PTR", target.to_text(), ORIGIN)
        else:
            port = draw(st.integers(0, 65535))
            rdata = dns.rdata.from_text("IN", "SRV", f"1 2 {port} {target.to_text()}", ORIGIN)
        zone.find_rdataset(owner, kind, create=True).add(rdata, ttl)
    return zone


def held(zone: dns.zone.Zone) -> set[tuple[str, str, str | Srv, int]]:
    """What a zone of dnspython holds, as `ZoneRecord` would have it."""

    def text(name: dns.name.Name) -> str:
        return name.derelativize(ORIGIN).to_text(omit_final_dot=True)

    found = set()
    rdata: Any
    for owner, ttl, rdata in zone.iterate_rdatas():
        kind = dns.rdatatype.to_text(rdata.rdtype)
        value: str | Srv
        if kind == "A":
            value = rdata.address
        elif kind == "SOA":
            value = text(rdata.mname)
        elif kind == "PTR":
            value = text(rdata.target)
        else:
            value = Srv(rdata.priority, rdata.weight, rdata.port, text(rdata.target))
        found.add((text(owner), kind, value, ttl))
    return found


FRAGMENT = st.sampled_from(
    ["exe1", "exe2.example.com.", "@", "*", "A", "AAAA", "CNAME", "SRV", "SOA", "NS", "MX", "IN", "CH", "3600", "1h30m",
     "203.0.113.11", "2001:db8::1", "10", "8443", "(", ")", '"', "\\", "\\#", "\\032", ";", "$ORIGIN", "$TTL",
     "$INCLUDE",
     " ", "\t", "\n", "\r\n", "\r", "[AGE:1]", "\x1a", "\0", "\u2028", "\x85", "é", "。", ".", "..", "x" * 64]
)  # fmt: skip


ZONE_TEXT = st.one_of(st.text(), st.lists(FRAGMENT).map("".join), st.lists(FRAGMENT).map(" ".join))


@given(
    st.one_of(ZONE_TEXT, st.binary(), ZONE_TEXT.map(lambda text: text.encode("utf-16"))),
    st.sampled_from(["x", "a.b.db"]),
)
def test_anything_is_read_and_every_problem_lies_in_the_file(text: str | bytes, file: str) -> None:
    contents = read_zone(text, file)
    decoded = (
        text
        if isinstance(text, str)
        else text.decode("utf-16" if text[:2] in {b"\xff\xfe", b"\xfe\xff"} else "latin-1", "replace")
    )
    lines = len(re.split("\r\n|\r|\n", decoded))
    for place in [problem.where for problem in contents.problems] + [record.where for record in contents.records]:
        assert place.file == file
        assert 0 <= place.line <= lines
    assert all(problem.what.isprintable() for problem in contents.problems)


@given(st.lists(ZONE_TEXT, max_size=3))
def test_any_single_records_are_read_and_every_problem_is_at_its_record(texts: list[str]) -> None:
    contents = read_records([(text, Place("plan.yaml", number)) for number, text in enumerate(texts, 1)])
    told_at = {problem.where.line for problem in contents.problems} | {record.where.line for record in contents.records}
    assert told_at <= set(range(1, len(texts) + 1))


@given(zones())
def test_what_dnspython_writes_is_read_back_the_same(zone: dns.zone.Zone) -> None:
    for relativize in (True, False):
        text = zone.to_text(relativize=relativize, want_origin=relativize)
        assert isinstance(text, str)
        contents = read_zone(text, "x", None if relativize else "example.com")
        assert problems_of(contents) == []
        assert {(r.owner, r.type, r.value, r.ttl) for r in contents.records} == held(zone)
        assert contents.apexes == ("example.com",)


@given(
    st.sampled_from(sorted(EXPECTED)),
    st.lists(st.one_of(FRAGMENT, LABEL, st.integers(0, 70000).map(str), st.ip_addresses().map(str)), max_size=7),
)
def test_plain_reading_never_differs_from_dnspython(type_: str, words: list[str]) -> None:
    words = [word for word in words if not re.search(r'[\s;()"]|[^\x21-\x7e]', word)]
    value = plain_value(type_, words, "example.com")
    if value is None:
        return
    rdata = dns.rdata.from_text("IN", type_, " ".join(words), ORIGIN, relativize=False)
    assert value == plain_value(type_, rdata.to_text().split(), "")
