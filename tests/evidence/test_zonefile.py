"""Zone files as servers and people write them: origins, zones, bad lines, bounds."""

from pathlib import Path

import pytest

from certplan.evidence.dns.zonefile import read_zone
from certplan.evidence.dns.zoneload import load_zone
from certplan.evidence.model import Srv
from certplan.places import Place
from tests.evidence.zone_texts import facts, problems_of, values

ZONES = Path(__file__).parents[2] / "fixtures" / "zones"


class TestAWindowsExport:
    contents = load_zone(ZONES / "internal.example.com.dns", "zones/internal.example.com.dns")

    def test_is_read_without_a_problem(self) -> None:
        assert problems_of(self.contents) == []
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
        assert problems_of(self.contents) == []
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
        assert problems_of(contents) == []
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
        assert problems_of(contents) == [f"{file}:2:1: {what}; {advice}"]
        assert facts(contents) == [("exe3.example.com", "CNAME", None)]
        assert contents.gaps == {"example.com": Place(file, 2, 1)}

    def test_that_nothing_tells_is_asked_for_by_an_at_sign_too(self) -> None:
        assert "`@` needs to know its domain" in problems_of(read_zone("@ A 10.0.0.1\nexe1 A 10.0.0.2\n", "x"))[0]

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
        assert problems_of(contents)[0] == "example.com.zone:2:9: `a..b.` is not a domain name"


class TestTheZonesOfAFile:
    def test_are_its_soa_owners_and_what_lies_outside_is_left_out(self) -> None:
        text = "@ SOA a b 1 2 3 4 5\nexe1 A 10.0.0.1\nexe2.example.net. A 10.0.0.2\nexe3.example.net. A 10.0.0.3\n"
        contents = read_zone(text, "example.com.zone")
        assert (contents.apexes, values(contents)) == (("example.com",), ["a.example.com", "10.0.0.1"])
        what = "`exe2.example.net` and 1 more records are outside of the file's zone: DNS servers ignore that"
        assert problems_of(contents) == [f"example.com.zone:3: {what}"]
        assert contents.gaps == {}

    def test_are_without_soa_the_origins_and_else_the_domains_of_the_records(self) -> None:
        text = "$ORIGIN example.com.\nexe1 A 10.0.0.1\n$ORIGIN sub.example.com.\nexe2 A 10.0.0.2\n"
        assert read_zone(text + "exe3.lab.test. A 10.0.0.3\n", "x").apexes == ("example.com", "lab.test")

    def test_with_a_soa_at_the_end_as_after_a_transfer_are_one(self) -> None:
        soa = "example.com. 60 IN SOA a. b. 1 2 3 4 5\n"
        contents = read_zone(
            f"; <<>> DiG <<>> axfr\n{soa}exe1.example.com. 60 IN A 10.0.0.1\n{soa};; Query time: 0\n", "x"
        )
        assert (contents.apexes, problems_of(contents)) == (("example.com",), [])


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
        assert problems_of(read_zone("  A 10.0.0.1\n", "example.com.zone")) == [
            "example.com.zone:1: a line that begins with a blank, without a name before it to carry on with"
        ]


class TestBounds:
    def test_of_problems_end_the_reading(self) -> None:
        contents = read_zone("a A x\n" * 10_000 + "b A 10.0.0.1\n", "example.com.zone")
        assert len(contents.problems) == 501
        assert problems_of(contents)[-1] == "example.com.zone:501: 500 problems so far; the rest was not read"
        assert contents.gaps == {"example.com": Place("example.com.zone", 501)}

    def test_of_open_parentheses_end_the_reading(self) -> None:
        contents = read_zone("a A (\n" * 10_000, "example.com.zone")
        assert (
            problems_of(contents)[-1]
            == "example.com.zone:21: 20 parentheses that are not closed so far; the rest was not read"
        )

    def test_of_size_end_the_reading(self) -> None:
        contents = read_zone(b"a A 10.0.0.1\n" + b" " * (16 * 2**20), "example.com.zone")
        assert problems_of(contents)[0] == "example.com.zone: the file is larger than 16 MiB; the rest was not read"
        assert "example.com" in contents.gaps

    def test_a_file_that_is_not_there_is_a_problem(self, tmp_path: Path) -> None:
        assert problems_of(load_zone(tmp_path / "none.zone", "none.zone")) == ["none.zone: no such file"]
        assert problems_of(load_zone(tmp_path, "zones")) == ["zones: is a folder"]
