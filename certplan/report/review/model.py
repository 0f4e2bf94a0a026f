"""What a design review is made of, whatever form it is shown in.

Texts are as they came: whoever shows a review escapes them. What is said by a tone is always said in words too.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from certplan.outcomes import Outcome, Severity, Verdict

__all__ = [
    "Block",
    "Cell",
    "Facts",
    "FindingCard",
    "Findings",
    "Fold",
    "Matrix",
    "MatrixCell",
    "Picture",
    "Points",
    "Prose",
    "Review",
    "Section",
    "Table",
    "Tone",
    "Verbatim",
    "Words",
    "cell",
]


class Tone(StrEnum):
    """How a text is meant, for colour and weight only."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    OPEN = "open"
    """Could not be checked."""
    QUIET = "quiet"

    @classmethod
    def of(cls, outcome: Outcome) -> "Tone":
        return {Outcome.PASS: cls.GOOD, Outcome.FAIL: cls.BAD, Outcome.UNKNOWN: cls.OPEN}.get(outcome, cls.QUIET)


@dataclass(frozen=True, slots=True)
class Words:
    """A text of one line, with its meaning and where it leads."""

    text: str
    tone: Tone = Tone.PLAIN
    link: str = ""
    """An `ident` of the same review, such as `finding-3`, or the address of a document; empty: it leads nowhere."""
    code: bool = False
    """A name, address, fingerprint or command: shown in a fixed pitch."""


Cell = tuple[Words, ...]
"""One cell of a table: its lines."""


def cell(*lines: str | Words, tone: Tone = Tone.PLAIN, code: bool = False) -> Cell:
    """A cell of these lines; `tone` and `code` go with those that are bare texts. Empty texts make no line."""
    return tuple(
        line if isinstance(line, Words) else Words(line, tone, code=code)
        for line in lines
        if isinstance(line, Words) or line
    )


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Points:
    """A list. `boxes` are to be ticked on paper; `ordered` items are numbered."""

    items: tuple[Words, ...]
    ordered: bool = False
    boxes: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Terms, each with what there is to say of it."""

    pairs: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Its first column heads the rows; each row has a cell for every column."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        odd = [len(row) for row in self.rows if len(row) != len(self.columns)]
        if odd:
            raise ValueError(f"{self.caption}: {len(self.columns)} columns, but a row of {odd[0]}")

    @classmethod
    def of(cls, caption: str, columns: Iterable[str], rows: Iterable[Iterable[Cell]]) -> "Table":
        return cls(caption, tuple(columns), tuple(tuple(row) for row in rows))


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Lines to be shown as they are, numbered from 1; line N bears the ident `{ident}-N`."""

    ident: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing in both its forms. Each has its own title and description; both are already escaped."""

    svg: str = field(repr=False)
    mermaid: str = field(default="", repr=False)
    """Empty: nothing but the tables beside it tells the same in Markdown."""


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """What one verifier makes of one presenter."""

    verifier: int
    presenter: int
    outcome: Outcome
    summary: str
    """One sentence: `exe1.example.com checks exe2.example.com at 10.20.0.12: accepted`."""
    steps: Table

    @property
    def ident(self) -> str:
        return f"handshake-{self.verifier}-{self.presenter}"


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every ordered pair, row by row: all presenters for the first verifier, then for the second."""

    caption: str
    peers: tuple[str, ...]
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class FindingCard:
    """One finding, whole."""

    ident: str
    code: str
    group: str
    """The group in words: `names`."""
    title: str
    severity: Severity
    outcome: Outcome
    confidence: str
    subject: str
    peers: tuple[str, ...]
    message: str
    fix: str
    where: Words | None
    evidence: tuple[str, ...]
    sources: tuple[Words, ...]
    waived: str | None


@dataclass(frozen=True, slots=True)
class Findings:
    """Findings, worst first, to be filtered by severity, peer and group."""

    cards: tuple[FindingCard, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Blocks under a heading of their own, that a reader can fold away."""

    ident: str
    title: Words
    blocks: "tuple[Block, ...]"
    open: bool = True


Block = Prose | Points | Facts | Table | Verbatim | Picture | Matrix | Findings | Fold


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the review with a heading."""

    ident: str
    title: str
    blocks: tuple[Block, ...]
    note: str = ""
    """A count or verdict beside the title in the table of contents, such as `3 errors`."""
    tone: Tone = Tone.PLAIN
    """The tone of the note."""


@dataclass(frozen=True, slots=True)
class Review:
    title: str
    cluster: str
    """Type, release, number of peers, today's mode."""
    judged: str
    """The plan file and the time."""
    at: datetime
    verdict: Verdict
    headline: str
    details: tuple[str, ...]
    """What follows the headline: until when, the split, what else is broken."""
    sections: tuple[Section, ...]
