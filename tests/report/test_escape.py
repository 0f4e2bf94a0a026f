"""Escaping: no formula gets into a spreadsheet, no markup into Markdown, and nothing is lost on the way."""

import csv
from io import StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from certplan.text.escape import csv_cell, csv_text, markdown, markdown_table, plain


class TestCsv:
    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
    def test_a_formula_is_defused_by_an_apostrophe(self, text: str) -> None:
        assert csv_cell(text).startswith("'")

    @pytest.mark.parametrize("text", ["exe1.example.com", "10.20.0.11", "36000-59999", "a=b", ""])
    def test_other_text_stays(self, text: str) -> None:
        assert csv_cell(text) == text

    @given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=2), max_size=5))
    def test_any_text_gives_the_same_table_back_without_a_formula(self, rows: list[list[str]]) -> None:
        text = csv_text(["one", "two"], rows)
        read = list(csv.reader(StringIO(text)))
        assert read == [["one", "two"], *([csv_cell(cell) for cell in row] for row in rows)]
        assert not any(cell[:1] in "=+-@\t\r" for row in read[1:] for cell in row if cell)


@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=2), max_size=5))
def test_a_markdown_table_has_one_line_a_row_and_its_own_bars_only(rows: list[list[str]]) -> None:
    lines = markdown_table(["one", "two"], rows).splitlines()
    assert len(lines) == 2 + len(rows)
    for line in lines:
        assert line.replace("\\\\", "").replace("\\|", "").count("|") == 3


def test_markup_and_html_are_shown_as_they_are() -> None:
    assert markdown_table(["x"], [["<b>*a* [b](c)|"]]).splitlines()[2] == r"| \<b\>\*a\* \[b\](c)\| |"


AWKWARD = st.lists(
    st.sampled_from([*"-+=.)#*_`~<>[]()!&|\\:$ 0123456789aX\n\t", "- ", "1. ", "---", "www.", "http://", "&amp;"]),
    max_size=12,
).map("".join)


@given(st.one_of(AWKWARD, st.text(max_size=30)))
@example("3. Set Enforce")
@example("---")
def test_any_text_comes_back_from_markdown_as_one_paragraph_of_its_own_words(text: str) -> None:
    blocks = MarkdownIt("commonmark", {"html": True}).enable("table").parse(f"before\n\n{markdown(text)}\n")
    tokens = [token for block in blocks[3:] for token in block.children or ()]
    assert {token.type for token in tokens} <= {"text", "text_special", "code_inline"}
    assert "".join(token.content for token in tokens) == plain(text).strip()
    assert [block.type for block in blocks[3:]] == (["paragraph_open", "inline", "paragraph_close"] if tokens else [])


@pytest.mark.parametrize(
    "text",
    [
        "@team",
        "ask @team/sub now",
        "GH-1",
        "#12",
        "!7",
        "owner/repo#3",
        "a@example.com",
        "https://example.com/x",
        "www.x.org",
    ],
)
def test_no_mention_and_no_link_is_made_of_a_name(text: str) -> None:
    """A forge looks for them in what is rendered, but not in code."""
    (inline,) = [block for block in MarkdownIt().parse(markdown(text)) if block.type == "inline"]
    outside = " ".join(token.content for token in inline.children or () if token.type != "code_inline")
    assert not any(sign in outside for sign in ("@", "#", "!", "GH-", "://", "www."))
    assert "".join(token.content for token in inline.children or ()) == text
