"""Large zone files answer as small ones do, in memory that does not grow with them."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certplan.evidence.dns import zoneload
from certplan.evidence.dns.question import Question
from certplan.evidence.dns.zonefile import read_records
from certplan.evidence.dns.zoneload import load_zones
from certplan.evidence.dns.zones import ZoneContents, answer
from certplan.evidence.model import RecordType
from certplan.places import Place
from tests.test_secrets import FORMS

SOA = "$TTL 300\n@ 300 IN SOA ns hostmaster 1 2 3 4 5\n"
LABELS = ("exe1", "exe2", "sub", "*", "deep.exe1", "a.b.sub", "_collab-edge._tls", "other")
OWNERS = (*LABELS, "@", "exe1.example.com.", "EXE2.Example.com.", "exe1.example.net.", "", "a..b")
VALUES = {
    "A": ("203.0.113.11", "203.0.113.12", "nonsense"),
    "AAAA": ("2001:db8::1",),
    "CNAME": LABELS,
    "NS": ("ns.example.net.",),
    "DNAME": ("example.net.",),
    "SRV": tuple(f"10 10 8443 {label}" for label in ("exe1", "other", "deep.exe1")),
    "TXT": ('"text"', "( several\n lines )", '"not closed'),
    "BOGUS": ("1",),
}
LINES = st.sampled_from(tuple(VALUES)).flatmap(
    lambda type_: st.builds(
        "{} {}{} {}{}".format,
        st.sampled_from(OWNERS),
        st.sampled_from(("", "60 ", "IN ", "CH ")),
        st.just(type_),
        st.sampled_from(VALUES[type_]),
        st.sampled_from(("", " ; a comment", "\n\n")),
    )
)
DIRECTIVES = st.sampled_from(
    ("$ORIGIN sub.example.com.", "$ORIGIN example.com.", "$TTL 60", "; soa", "@ SOA a b 1 2 3 4 5")
)
QUESTIONS = [
    Question(name, type_)
    for name in (
        "exe1.example.com",
        "x.exe2.example.com",
        "deep.exe1.example.com",
        "sub.example.com",
        "exe1.example.net",
    )
    for type_ in (RecordType.A, RecordType.CNAME)
] + [Question("_collab-edge._tls.example.com", RecordType.SRV)]


def answers(contents: ZoneContents) -> list[tuple[object, ...]]:
    given = [answer("public", question, contents) for question in QUESTIONS]
    given += [
        answer("public", Question(service.target, RecordType.A), contents)
        for found in given
        for service in found.services
    ]
    return [
        (found.name, found.outcome, found.addresses, found.targets, found.services, found.aliases, found.source)
        for found in given
    ]


@settings(max_examples=300)
@given(
    st.sampled_from(("", SOA, SOA, SOA)),
    st.lists(st.one_of(LINES, LINES, LINES, DIRECTIVES), max_size=25),
    st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "latin-1")),
)
def test_a_stream_gives_the_answers_of_the_whole(head: str, lines: list[str], encoding: str) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        file = Path(folder) / "example.com.zone"
        mark = "\u00e4" if encoding == "latin-1" else ""
        file.write_bytes(f"{head}; {mark}\n{chr(10).join(lines)}\n".encode(encoding))
        names = [question.name for question in QUESTIONS]
        whole = load_zones([(file, file.name)], names)
        patch.setattr(zoneload, "MAX_BYTES", 0)
        assert answers(load_zones([(file, file.name)], names)) == answers(whole)


def large(folder: Path, count: int, line: Callable[[int], str] = "host{} 300 IN A 10.0.0.1".format) -> Path:
    file = folder / f"{count}.zone"
    with file.open("w") as text:
        text.write(f"$ORIGIN example.com.\n{SOA}alias CNAME exe1\n")
        text.writelines(f"{line(n)}\n" for n in range(count))
        text.write("exe1 A 203.0.113.11\n")
    return file


@pytest.mark.parametrize(
    "line",
    ["host{} 300 IN A 10.0.0.1".format, "host{} TXT a\n    TXT b".format, "host{} TXT ( a\n b )".format],
    ids=["records", "continued", "parentheses"],
)
def test_memory_does_not_grow_with_the_file(
    line: Callable[[int], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zoneload, "MAX_BYTES", 0)
    peaks = []
    for count in (4_000, 16_000):
        file = large(tmp_path, count, line)
        tracemalloc.start()
        contents = load_zones([(file, file.name)], ["alias.example.com"])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert answer("public", Question("alias.example.com", RecordType.A), contents).addresses == ("203.0.113.11",)
        assert len(contents.records) < 10
    assert peaks[1] < 1.3 * peaks[0]


def test_a_file_over_16_mib_is_read_to_its_end_and_only_what_is_asked_is_kept(tmp_path: Path) -> None:
    file = large(tmp_path, 300_000, lambda n: f"host{n}.of.a.rather.long.name.that.fills.the.file 300 IN A 10.0.0.1")
    assert file.stat().st_size > 16 * 2**20
    contents = load_zones([(file, "big.zone")], ["alias.example.com", "none.example.com"])
    assert contents.problems == ()
    assert len(contents.records) < 10
    found = [
        answer("p", Question(f"{name}.example.com", RecordType.A), contents) for name in ("alias", "none", "x.alias")
    ]
    assert [one.outcome.value for one in found] == ["answer", "nxdomain", "nxdomain"]
    assert found[0].source == "big.zone:300005"


def test_an_alias_in_a_small_source_leads_into_a_large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoneload, "MAX_BYTES", 0)
    file = large(tmp_path, 100)
    records = read_records([("www.example.net. CNAME alias.example.com.", Place("plan.yaml", 1))])
    contents = load_zones([(file, "big.zone")], ["www.example.net"], [records])
    found = answer("public", Question("www.example.net", RecordType.A), contents)
    assert (found.addresses, found.aliases) == (("203.0.113.11",), ("alias.example.com", "exe1.example.com"))


def test_beyond_the_bound_of_streams_a_file_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "big.zone"
    with file.open("wb") as sparse:
        sparse.truncate(zoneload.MAX_STREAMED + 1)
    (problem,) = load_zones([(file, "big.zone")], ["exe1.example.com"]).problems
    assert problem.what == "is larger than 256 MiB: name the zone's own server in its place"
    monkeypatch.setattr(zoneload, "MAX_STREAMED", file.stat().st_size)
    monkeypatch.setattr(zoneload, "_encoding", lambda _: "utf-8")
    monkeypatch.setattr(zoneload, "_lines", lambda _: iter(["a.example.com. A 10.0.0.1"]))
    assert load_zones([(file, "big.zone")], ["a.example.com"]).records


@pytest.mark.parametrize(("text", "key"), [form[1:] for form in FORMS if "armor" in form[0] or "base64" in form[0]])
def test_a_key_in_a_stream_is_refused_with_its_line(
    text: str, key: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zoneload, "MAX_BYTES", 0)
    file = tmp_path / "big.zone"
    file.write_text(f"{SOA}exe1 A 203.0.113.11\n" + "\n" * 997 + text)
    contents = load_zones([(file, "big.zone")], ["exe1.example.com"])
    (problem,) = contents.problems
    assert contents.records == ()
    assert problem.what == "a private key is here: the file is not read as a zone"
    assert 1 <= problem.where.line <= 1001 + text.count("\n")


def test_one_endless_line_is_a_problem_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoneload, "MAX_BYTES", 0)
    file = tmp_path / "big.zone"
    file.write_text(f"$ORIGIN example.com.\n{SOA}{'x' * 70_000}{'y' * 300_000}\nexe1 A 203.0.113.11\n")
    contents = load_zones([(file, "big.zone")], ["exe1.example.com"])
    assert [(problem.where.line, problem.what) for problem in contents.problems] == [
        (4, "a line of more than 65,536 characters")
    ]
    assert answer("p", Question("exe1.example.com", RecordType.A), contents).addresses == ("203.0.113.11",)
