"""What a PDF shows of a page's tables, read with poppler's `pdftotext -bbox`."""

import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Literal, TypedDict

__all__ = ["Marks", "Paper", "Word", "paper_faults", "pdf_words"]

Paper = Literal["A4", "Letter"]

SIZES: dict[Paper, tuple[int, int]] = {"A4": (595, 842), "Letter": (612, 792)}
"""In points."""

ROUNDED = 2
"""Points by which Chromium's sizes in whole pixels differ from them."""

EDGE = 12
"""Points that a printer cannot print at the paper's edge: 4.2 mm."""

POINTS = 72 / 96
"""Points to a CSS pixel."""

SHRUNK = 0.97
"""Chromium makes the whole page smaller where something on it is too wide, down to where nobody can read it."""

RULER = "~RULER~"

MARK = re.compile(r"~(\d+)([<>])~")
"""What `marks` in page.js puts at both ends of a cell: it tells the pages of the cell, whatever its words."""


class Row(TypedDict):
    head: bool
    cells: list[int]


class Table(TypedDict):
    """A table that bears marks: its caption, and the numbers of its cells."""

    name: str
    rows: list[Row]


class Marks(TypedDict):
    """What was marked: the width in CSS pixels of a text on the page that serves as a ruler, and the tables."""

    ruler: float
    tables: list[Table]


@dataclass(frozen=True, slots=True)
class Word:
    """A word on paper: its page from 1, and where it lies, in points from the left edge of a page so wide and high."""

    text: str
    page: int
    left: float
    right: float
    paper: tuple[float, float]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[Word] = []
        self._page = 0
        self._paper = self._box = (0.0, 0.0)
        self._in_word = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        size = dict(attrs)
        self._in_word = tag == "word"
        if tag == "page":
            self._page += 1
            self._paper = float(size["width"] or 0), float(size["height"] or 0)
        elif tag == "word":
            self._box = float(size["xmin"] or 0), float(size["xmax"] or 0)

    def handle_data(self, data: str) -> None:
        if self._in_word:
            self.words.append(Word(data, self._page, *self._box, self._paper))

    def handle_endtag(self, tag: str) -> None:
        self._in_word = False


def pdf_words(pdf: bytes) -> list[Word]:
    """The words of a PDF, page by page."""
    text = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    reader = _Reader()
    reader.feed(text.decode())
    reader.close()
    return reader.words


def paper_faults(pdf: bytes, paper: Paper, marks: Marks) -> list[str]:
    """What is wrong with a printed page that bore marks."""
    words = pdf_words(pdf)
    pages: dict[tuple[int, str], set[int]] = defaultdict(set)
    for word in words:
        for number, end in MARK.findall(word.text):
            pages[int(number), end].add(word.page)
    return [
        *_page_faults(words, paper, marks["ruler"]),
        *(f"table {table['name']!r}: {fault}" for table in marks["tables"] for fault in _table_faults(table, pages)),
    ]


def _page_faults(words: Sequence[Word], paper: Paper, ruler: float) -> Iterator[str]:
    for wide, high in dict.fromkeys(word.paper for word in words):
        if max(abs(wide - SIZES[paper][0]), abs(high - SIZES[paper][1])) > ROUNDED:
            yield f"printed on {wide:.0f} x {high:.0f} points, which is not {paper}"
    scales = [(word.right - word.left) / (ruler * POINTS) for word in words if word.text == RULER]
    if not scales:
        yield "the first page is not printed"
    elif scales[0] < SHRUNK:
        yield f"shrunk to {scales[0]:.0%}, because something is wider than the paper"
    cut: dict[int, list[str]] = defaultdict(list)
    for word in words:
        if (word.left < EDGE or word.right > word.paper[0] - EDGE) and not MARK.search(word.text):
            cut[word.page].append(word.text)
    for page, texts in cut.items():
        yield f"page {page}: {texts[0]!r} and {len(texts) - 1} more words are at or beyond the paper's edge"


def _table_faults(table: Table, pages: dict[tuple[int, str], set[int]]) -> Iterator[str]:
    heads, body = set[int](), set[int]()
    for number, row in enumerate(table["rows"], 1):
        ends = [pages[cell, end] for cell in row["cells"] for end in "<>"]
        if not all(ends):
            yield f"row {number} is not printed whole"
        elif row["head"]:
            heads = set.intersection(*ends)
        else:
            here = set.union(*ends)
            body |= here
            if len(here) > 1:
                yield f"row {number} is torn between pages {sorted(here)}"
    if any(row["head"] for row in table["rows"]):
        yield from (f"continues on page {page} without its header row" for page in sorted(body - heads))
        yield from (f"its header row stands alone on page {page}" for page in sorted(heads - body))
