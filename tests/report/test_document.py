"""Any document in a terminal: columns, wrapping, colors, links, and what comes from elsewhere."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan.formats import Format
from certplan.outcomes import Outcome, Severity
from certplan.report.answer import Answer, Rows, rendered
from certplan.report.document import (
    Banner,
    Document,
    Facts,
    FindingCard,
    Findings,
    Fold,
    MatrixCell,
    MatrixTable,
    Points,
    Prose,
    Section,
    Table,
    Tone,
    Verbatim,
    Words,
    cell,
)
from certplan.report.writers.columns import fitted, padded, width_of, wrapped
from certplan.report.writers.terminal import Layout, terminal
from certplan.text.names import show
from certplan.text.words import counted, days_from_now, joined, listed
from certplan.vendor import source

SOURCE = source("CG-14.0")
CARD = FindingCard(
    "finding-1",
    "NAM001",
    "names",
    "A title",
    Severity.ERROR,
    Outcome.FAIL,
    "inferred",
    "exe1.example.com",
    ("exe1.example.com",),
    "The certificate has no SAN exe1.example.com.",
    "Reissue it.",
    Words("plan.yaml:3:1"),
    ("certs/exe1.pem",),
    (SOURCE.key,),
    None,
)
STEPS = Table("", (), ())


def whole() -> Document:
    """A document with every kind of block."""
    cells = tuple(
        MatrixCell(one, two, Outcome.PASS if one != two else Outcome.FAIL, "", STEPS)
        for one in (1, 2)
        for two in (1, 2)
    )
    blocks = (
        Prose("A paragraph."),
        Points.of(["one", Words("two", Tone.BAD)], ordered=True),
        Facts.of([("Expires", "2027-01-18"), ("Order by", cell("2026-12-19", "now"))]),
        Table.of("Ports", ("Purpose", "Port"), [("IKE", "500"), ("TLS", "4372")], numbers=True),
        Verbatim("plan", ("certplan: 1", "  key: value")),
        MatrixTable("", ("1 exe1", "2 exe2"), cells),
        Findings((CARD,)),
        Fold("more", Words("More"), (Prose("Within."),)),
    )
    verdict = Banner("NOT READY: fix it.", Tone.BAD, (Words("It splits."),))
    return Document("A page", (Words("about it", Tone.QUIET),), (Section("all", "All of it", blocks, "2"),), verdict)


def test_every_kind_of_block_has_its_lines_and_the_verdict_is_last() -> None:
    assert terminal(whole()) == (
        "A page\nabout it\n\nAll of it (2)\n"
        "  A paragraph.\n  1. one\n  2. two\n"
        "  Expires   2027-01-18\n  Order by  2026-12-19\n            now\n\n"
        "  Ports\n  Purpose  Port\n  IKE       500\n  TLS      4372\n\n"
        "  certplan: 1\n    key: value\n\n"
        "  verifier \\ presented by  1     2\n"
        "  1 exe1                   FAIL  pass\n  2 exe2                   pass  FAIL\n\n"
        "  NAM001  exe1.example.com (inferred)\n"
        "          The certificate has no SAN exe1.example.com.\n          Fix: Reissue it.\n"
        "          At plan.yaml:3:1\n          Seen in certs/exe1.pem\n\n"
        "  More\n    Within.\n\n"
        "NOT READY: fix it.\nIt splits.\n"
    )


def test_sources_are_listed_only_where_they_are_asked_for() -> None:
    page = terminal(whole(), Layout(sources=True))
    assert "no SAN exe1.example.com. [1]" in page
    assert f"Sources\n  [1] {SOURCE.title}, X14.0\n      {SOURCE.address}\n" in page
    assert SOURCE.title not in terminal(whole())


def test_links_and_colors_wrap_the_same_text() -> None:
    colored = terminal(whole(), Layout(color=True, links=True))
    assert f"\x1b]8;;{SOURCE.address}\x1b\\\x1b[1;31mNAM001\x1b[0m\x1b]8;;\x1b\\" in colored
    assert re.sub("\x1b(\\[[0-9;]*m|\\]8;;[^\x1b]*\x1b\\\\)", "", colored) == terminal(whole())


def test_a_table_too_wide_for_the_page_becomes_a_block_for_each_row() -> None:
    name = "a-very-long-host-name-that-nobody-breaks.emea.corp.example.com"
    rows = [(Words(name, code=True), Words(name, code=True), "what it is for")] * 2
    document = Document("T", sections=(Section("s", "", (Table.of("", ("From", "To", "Why"), rows),)),))
    block = f"{name}\n  To   {name}\n  Why  what it is for\n"
    assert terminal(document, Layout(width=70)) == f"T\n\n{block}\n{block}"


def test_a_column_without_values_is_left_out() -> None:
    table = Table.of("", ("a", "b", "c"), [("1", "", "3"), ("4", "", "6")])
    assert terminal(Document("T", sections=(Section("s", "", (table,)),))) == "T\n\na  c\n1  3\n4  6\n"


@pytest.mark.parametrize("form", [Format.TEXT, Format.MARKDOWN, Format.HTML])
def test_nothing_from_elsewhere_controls_the_reader(form: Format) -> None:
    evil = "\x1b[31mred\x07 \u202eback <script>alert(1)</script>"
    blocks = (Prose(evil), Points.of([evil]), Facts.of([(evil, evil)]), Table.of(evil, (evil,), [(evil,)]))
    document = Document(evil, (Words(evil),), (Section("s", evil, blocks, evil),), Banner(evil, Tone.BAD))
    page = rendered(Answer(page=lambda: document), form)
    assert "\x1b" not in page
    assert "\x07" not in page
    assert "\u202e" not in page
    assert form is not Format.HTML or "<script>alert" not in page


def test_an_answer_has_the_forms_it_was_given() -> None:
    answer = Answer(
        page=whole,
        data=lambda: {"a": 1},
        rows=lambda: Rows(("a", "b"), [("=1", "x")]),
        others={Format.SVG: lambda: "<svg/>\n"},
    )
    assert set(answer.formats) == {
        *(Format.TEXT, Format.MARKDOWN, Format.HTML, Format.JSON, Format.CSV, Format.SVG),
    }
    assert rendered(answer, Format.CSV) == "a,b\n'=1,x\n"
    assert rendered(answer, Format.SVG) == "<svg/>\n"
    assert rendered(answer, Format.JSON).startswith("{")
    with pytest.raises(ValueError, match="no form 'sarif'"):
        rendered(answer, Format.SARIF)


TEXT = st.text(max_size=200).map(lambda text: show(" ".join(text.split()), 400))


class TestColumns:
    @given(TEXT, st.integers(4, 120))
    def test_lines_fit_and_nothing_is_lost(self, text: str, width: int) -> None:
        lines = wrapped(text, width)
        assert all(width_of(line) <= width for line in lines)
        assert "".join("".join(lines).split()) == "".join(text.split())

    @given(TEXT, st.integers(0, 300))
    def test_padding_reaches_the_width(self, text: str, width: int) -> None:
        assert width_of(padded(text, width)) == max(width, width_of(text))

    def test_wide_characters_take_two_columns_and_marks_none(self) -> None:
        assert width_of("\u8a3c\u660e") == 4
        assert width_of(unicodedata.normalize("NFD", "\u00e9")) == 1
        assert width_of("\x1b[31mred\x1b[0m") == 3
        assert wrapped("\u8a3c\u660e\u66f8 abc", 6) == ["\u8a3c\u660e\u66f8", "abc"]

    @given(st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=4), st.integers(30, 120))
    def test_a_table_takes_no_more_than_its_room(self, rows: list[list[str]], room: int) -> None:
        widths = fitted(("a", "b", "c"), [[[cell] for cell in row] for row in rows], (False, False, False), room)
        assert widths is None or sum(widths) <= room


class TestWords:
    def test_lists(self) -> None:
        assert listed("abc") == "a, b, c"
        assert listed("abcd", 2) == "a, b and 2 more"
        assert [joined("abc"[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
        assert joined("ab", "or") == "a or b"

    def test_numbers_and_days(self) -> None:
        assert [counted(n, "entry", "entries") for n in (0, 1, 2)] == ["0 entries", "1 entry", "2 entries"]
        assert [days_from_now(n) for n in (0, 1, 12, -3, 3650)] == [
            "today",
            "in 1 day",
            "in 12 days",
            "3 days ago",
            "in 10 years",
        ]
