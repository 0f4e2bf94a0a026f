import re
import subprocess
import sys
from pathlib import Path
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
from certplan.evidence.dns.zoneload import load_zone
from certplan.evidence.dns.zones import ZoneContents
from certplan.evidence.model import Srv
from certplan.places import Place

ZONES = Path(__file__).parents[2] / "fixtures" / "zones"
PLAN = Place("plan.yaml", 7, 5)


def told(contents: ZoneContents) -> list[str]:
    return [f"{problem.where}: {problem.what}" for problem in contents.problems]


def facts(contents: ZoneContents) -> list[tuple[str, str, str | Srv | None]]:
    return [(record.owner, record.type, record.value) for record in contents.records]


def values(contents: ZoneContents) -> list[str | Srv | None]:
    return [record.value for record in contents.records]


class TestAWindowsExport:
    contents = load_zone(ZONES / "internal.example.com.dns", "zones/internal.example.com.dns")

    def test_is_read_without_a_problem(self) -> None:
        assert told(self.contents) == []
        assert self.contents.apexes == ("internal.example.com",)
        assert self.contents.gaps == {}

    def test_gives_its_records_with_their_places(self) -> None:
        by_owner = {(record.owner, record.type): record for record in self.contents.records}
        exe2 = by_owner["exe2.internal.example.com", "A"]
        assert (exe2.value, exe2.ttl, str(exe2.where)) == ("10.20.0.12", 3600, "zones/internal.example.com.dns:48")
        assert by_owner["dc2.internal.example.com", "A"].value == "10.20.0.3"
        assert by_owner["_ldap._tcp.internal.example.com", "SRV"].value == Srv(0, 100, 389, "dc1.internal.example.com")

    def test_without_a_ttl_has_that_of_the_soa_and_not_the_last_one_stated(self) -> None:
        ttls = {record.owner: record.ttl for record in self.contents.records}
        assert ttls["dc1.internal.example.com"] == 1800

    def test_carries_an_owner_over_an_age(self) -> None:
        apex = [r.value for r in self.contents.records if (r.owner, r.type) == ("internal.example.com", "A")]
        assert apex == ["10.20.0.2", "10.20.0.3"]

    def test_in_utf_16_with_carriage_returns_is_the_same(self) -> None:
        text = (ZONES / "internal.example.com.dns").read_text(encoding="ascii").replace("\n", "\r\n")
        for encoding in ("utf-16", "utf-16-be"):
            mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
            again = read_zone(mark + text.encode(encoding), "zones/internal.example.com.dns")
            assert again == self.contents


class TestABindZone:
    contents = load_zone(ZONES / "example.com.zone", "example.com.zone")

    def test_is_read_without_a_problem(self) -> None:
        assert told(self.contents) == []
        assert self.contents.apexes == ("example.com",)

    @pytest.mark.parametrize(
        ("owner", "type_", "value", "ttl"),
        [
            ("example.com", "SOA", "ns1.example.com", 3600),
            ("mail.example.com", "A", "198.51.100.25", 300),
            ("exe1.example.com", "A", "203.0.113.11", 300),
            ("exe1.example.com", "AAAA", "2001:db8::11", 3600),
            ("EXE2.example.com", "A", "203.0.113.12", 3600),
            ("*.lab.example.com", "A", "203.0.113.99", 3600),
            ("example.com", "TXT", None, 3600),
            ("xn--bcher-kva.example.com", "A", "203.0.113.20", 3600),
            ("_collab-edge._tls.example.com", "SRV", Srv(10, 10, 8443, "exe2.example.com"), 1800),
        ],
    )
    def test_gives_each_record(self, owner: str, type_: str, value: str | Srv | None, ttl: int) -> None:
        assert (owner, type_, value, ttl) in [(r.owner, r.type, r.value, r.ttl) for r in self.contents.records]

    def test_in_latin_1_is_the_same(self) -> None:
        text = (ZONES / "example.com.zone").read_text(encoding="utf-8")
        assert read_zone(text.encode("latin-1"), "example.com.zone") == self.contents


class TestTheOrigin:
    RECORD = "exe1 A 203.0.113.11\n"

    @pytest.mark.parametrize(
        ("text", "file", "origin"),
        [
            (f"$ORIGIN example.net.\n{RECORD}", "example.com.zone", "example.net"),
            (f"example.net. IN SOA a b 1 2 3 4 5\n{RECORD}", "example.com.zone", "example.net"),
            (f"example.net. 3600 IN SOA a b ( 1 2 3 4 5 )\n{RECORD}", "example.com.zone", "example.net"),
            (f"; Database file (null) for example.net zone.\n{RECORD}", "example.com.zone", "example.net"),
            (RECORD, "zones/internal.example.com.dns", "internal.example.com"),
            (RECORD, "C:\\zones\\example.com.DNS", "example.com"),
            (RECORD, "example.com.zone", "example.com"),
            (RECORD, "example.com.db", "example.com"),
            (RECORD, "/etc/bind/db.example.com", "example.com"),
            (f"@ SOA a b 1 2 3 4 5\n{RECORD}", "db.example.com", "example.com"),
        ],
    )
    def test_is_taken_from_the_best_source_there_is(self, text: str, file: str, origin: str) -> None:
        contents = read_zone(text, file)
        assert told(contents) == []
        assert contents.records[-1].owner == f"exe1.{origin}"
        assert contents.apexes == (origin,)

    @pytest.mark.parametrize("origin", ["example.org", "example.org.", "Example.ORG"])
    def test_that_is_given_comes_before_any_guess(self, origin: str) -> None:
        contents = read_zone(self.RECORD, "example.com.zone", origin)
        assert contents.records[0].owner.lower() == "exe1.example.org"

    @pytest.mark.parametrize("file", ["internal.zone", "dump.txt", "example.com", "db.10.20.0", "records"])
    def test_that_nothing_tells_is_asked_for_once(self, file: str) -> None:
        contents = read_zone(f"; nothing\n{self.RECORD}exe2 A 203.0.113.12\nexe3.example.com. CNAME exe2\n", file)
        what = "`exe1` is a relative name, and the file does not say of which domain"
        advice = "add a line such as `$ORIGIN example.com.` at the top of the file"
        assert told(contents) == [f"{file}:2:1: {what}; {advice}"]
        assert facts(contents) == [("exe3.example.com", "CNAME", None)]
        assert contents.gaps == {"example.com": Place(file, 2, 1)}

    def test_that_nothing_tells_is_asked_for_by_an_at_sign_too(self) -> None:
        assert "`@` needs to know its domain" in told(read_zone("@ A 10.0.0.1\nexe1 A 10.0.0.2\n", "x"))[0]

    def test_changes_on_the_way_and_may_be_relative(self) -> None:
        head = "$ORIGIN example.com.\n@ SOA a b 1 2 3 4 5\n"
        text = "$ORIGIN sub\nexe1 CNAME exe2\n$origin .\nexe3.example.com CNAME @\n"
        assert facts(read_zone(head + text, "x"))[1:] == [
            ("exe1.sub.example.com", "CNAME", "exe2.sub.example.com"),
            ("exe3.example.com", "CNAME", "."),
        ]

    def test_that_cannot_be_read_leaves_out_what_follows(self) -> None:
        contents = read_zone("a A 10.0.0.1\n$ORIGIN a..b.\nexe1 A 10.0.0.2\n", "example.com.zone")
        assert facts(contents) == [("a.example.com", "A", "10.0.0.1")]
        assert told(contents)[0] == "example.com.zone:2:9: `a..b.` is not a domain name"


class TestTheZonesOfAFile:
    def test_are_its_soa_owners_and_what_lies_outside_is_left_out(self) -> None:
        text = "@ SOA a b 1 2 3 4 5\nexe1 A 10.0.0.1\nexe2.example.net. A 10.0.0.2\nexe3.example.net. A 10.0.0.3\n"
        contents = read_zone(text, "example.com.zone")
        assert (contents.apexes, values(contents)) == (("example.com",), ["a.example.com", "10.0.0.1"])
        what = "`exe2.example.net` and 1 more records are outside of the file's zone: DNS servers ignore that"
        assert told(contents) == [f"example.com.zone:3: {what}"]
        assert contents.gaps == {}

    def test_are_without_soa_the_origins_and_else_the_domains_of_the_records(self) -> None:
        text = "$ORIGIN example.com.\nexe1 A 10.0.0.1\n$ORIGIN sub.example.com.\nexe2 A 10.0.0.2\n"
        assert read_zone(text + "exe3.lab.test. A 10.0.0.3\n", "x").apexes == ("example.com", "lab.test")

    def test_with_a_soa_at_the_end_as_after_a_transfer_are_one(self) -> None:
        soa = "example.com. 60 IN SOA a. b. 1 2 3 4 5\n"
        contents = read_zone(
            f"; <<>> DiG <<>> axfr\n{soa}exe1.example.com. 60 IN A 10.0.0.1\n{soa};; Query time: 0\n", "x"
        )
        assert (contents.apexes, told(contents)) == (("example.com",), [])


class TestABadLine:
    HEAD = "$ORIGIN example.com.\n@ SOA ns hm 1 2 3 4 5\n"
    TAIL = "last A 203.0.113.99\n"

    @pytest.mark.parametrize(
        ("line", "column", "what"),
        [
            (
                "exe1 A 203.0.113.999",
                8,
                "the A record of `exe1.example.com` has `203.0.113.999`; expected one IPv4 address",
            ),
            (
                "exe1 A 203.0.113.1 1",
                8,
                "the A record of `exe1.example.com` has `203.0.113.1 1`; expected one IPv4 address",
            ),
            ("exe1 A", 0, "the A record of `exe1.example.com` has ``; expected one IPv4 address"),
            ('exe1 A "10.0.0.1"', 8, "the A record of `exe1.example.com` has `10.0.0.1`; expected one IPv4 address"),
            ("exe1 AAAA 10.0.0.1", 11, "expected one IPv6 address"),
            ("exe1 AAAA fe80::1%eth0", 11, "expected one IPv6 address"),
            ("exe1 CNAME a..b", 12, "has `a..b`; expected one name"),
            ("_x._tls SRV 10 10 70000 exe1", 13, "expected priority, weight, port and target"),
            ("_x._tls SRV 10 10 exe1", 13, "expected priority, weight, port and target"),
            ("exe1 203.0.113.1", 6, "`203.0.113.1` is not a TTL, class or record type"),
            ("exe1 IN AA 203.0.113.1", 9, "`AA` is not a TTL, class or record type"),
            ("exe1 1h30 A 203.0.113.1", 6, "`1h30` is not a TTL, class or record type"),
            (
                "  exe1 A 203.0.113.1",
                3,
                "a line that begins with a blank carries on with the name before it, `example.com`",
            ),
            ("exe1", 0, "a line without a record type"),
            ('exe1 TXT "no end', 10, "a quotation mark that is not closed"),
            ("exe1 A 203.0.113.1 )", 20, "a closing parenthesis without an opening one"),
            ("exe1 A ( 203.0.113.1", 8, "a parenthesis that is not closed"),
            ("a..b A 203.0.113.1", 1, "`a..b` is not a domain name"),
            ("x" * 64 + " A 203.0.113.1", 1, "is not a domain name"),
            (".".join(["y" * 60] * 5) + ". A 203.0.113.1", 1, "is not a domain name"),
            ("$INCLUDE /etc/passwd", 1, "`$INCLUDE` is not followed: no other file is read"),
            ("$GENERATE 1-9 h$ A 10.0.0.$", 1, "`$GENERATE` is not followed: no records are generated"),
            ("$TTL soon", 1, "`$TTL` needs a number of seconds"),
            ('$ORIGIN "example', 9, "a quotation mark that is not closed"),
            ("$NONSENSE 1", 1, "`$NONSENSE` with 1 values is not a directive of a zone file"),
            ("x" * 70_000, 0, "a line of more than 65,536 characters"),
            ("exe1 " + "(" * 17 + ")" * 17 + " A 10.0.0.1", 22, "parentheses nested too deeply"),
            ("\x1b[31m A 10.0.0.1 x", 9, r"\027[31m.example.com` has `10.0.0.1 x`"),
            ("exe1 A \u202e1", 8, r"has `\u202e1`"),
        ],
    )
    def test_is_told_with_its_place_and_reading_goes_on(self, line: str, column: int, what: str) -> None:
        contents = read_zone(f"{self.HEAD}{line}\n{self.TAIL}", "x.zone")
        assert contents.problems[0].where == Place("x.zone", 3, column)
        assert what in contents.problems[0].what
        assert len(contents.problems) == 1
        assert contents.records[-1].value == "203.0.113.99"

    @pytest.mark.parametrize("line", ["a..b A 10.0.0.1", "$INCLUDE more", "$GENERATE 1-9 a A 10.0.0.1", "x" * 70_000])
    def test_whose_names_are_unknown_leaves_a_gap_in_the_zone(self, line: str) -> None:
        contents = read_zone(f"{self.HEAD}{line}\n   A 10.0.0.2\n{self.TAIL}", "x.zone")
        assert contents.gaps["example.com"].line == 3
        assert len(contents.problems) == 1

    @pytest.mark.parametrize("line", ["exe1 A 10.0.0.999", "exe1 WRONG 1", "exe1"])
    def test_whose_owner_is_known_leaves_none(self, line: str) -> None:
        contents = read_zone(f"{self.HEAD}{line}\n{self.TAIL}", "x.zone")
        assert contents.gaps == {}
        assert ("exe1.example.com", None) in [(record.owner, record.value) for record in contents.records]

    def test_at_the_very_beginning_may_lack_an_owner(self) -> None:
        assert told(read_zone("  A 10.0.0.1\n", "example.com.zone")) == [
            "example.com.zone:1: a line that begins with a blank, without a name before it to carry on with"
        ]


class TestBounds:
    def test_of_problems_end_the_reading(self) -> None:
        contents = read_zone("a A x\n" * 10_000 + "b A 10.0.0.1\n", "example.com.zone")
        assert len(contents.problems) == 501
        assert told(contents)[-1] == "example.com.zone:501: 500 problems so far; the rest was not read"
        assert contents.gaps == {"example.com": Place("example.com.zone", 501)}

    def test_of_open_parentheses_end_the_reading(self) -> None:
        contents = read_zone("a A (\n" * 10_000, "example.com.zone")
        assert (
            told(contents)[-1]
            == "example.com.zone:21: 20 parentheses that are not closed so far; the rest was not read"
        )

    def test_of_size_end_the_reading(self) -> None:
        contents = read_zone(b"a A 10.0.0.1\n" + b" " * (16 * 2**20), "example.com.zone")
        assert told(contents)[0] == "example.com.zone: the file is larger than 16 MiB; the rest was not read"
        assert "example.com" in contents.gaps

    def test_a_file_that_is_not_there_is_a_problem(self, tmp_path: Path) -> None:
        assert told(load_zone(tmp_path / "none.zone", "none.zone")) == ["none.zone: no such file"]
        assert told(load_zone(tmp_path, "zones")) == ["zones: is a folder"]


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
        assert (facts(contents), told(contents)) == ([("exe1.example.com", "A", "203.0.113.11")], [])

    def test_of_another_class_is_left_out(self) -> None:
        contents = read_zone('version.bind. CH TXT "9"\nexe1 A 10.0.0.1\n', "example.com.zone")
        assert (values(contents), told(contents)) == (["10.0.0.1"], [])

    def test_of_other_known_types_only_shows_that_the_name_exists(self) -> None:
        text = 'a MX 10 b\nb TXT "x" "y;z"\nc CAA 0 issue "ca"\nd TYPE65280 \\# 0\ne ALIAS x.\nf HTTPS 1 . alpn=h2\n'
        contents = read_zone(text, "example.com.zone")
        assert [(record.owner[0], record.value) for record in contents.records] == [(c, None) for c in "abcdef"]
        assert told(contents) == []

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
        assert (contents.apexes, told(contents)) == ((zone,), [])

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
        assert told(contents) == []
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
