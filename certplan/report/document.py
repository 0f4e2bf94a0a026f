"""One model of a page for every command, whatever form it is shown in.

A command's page is a `Document`: a title, the lines under it, sections of blocks, and where there is one a verdict.
It is made once (in `report/pages/`, from a judgement, a proposal, a port plan ...), and each writer in
`report/writers/` shows any document in its form: `terminal`, `markdown`, `html`. What programs read (JSON, CSV and
the like) is not made from a document but from the same value; `report.answer.Answer` holds both.

    Document(
        title="Ports of exe.example.com",
        intro=(Words("Expressway-E X15.2, 2 peers"),),
        sections=(
            Section("flows", "From every peer to every other", (Table.of("", ("Purpose", "Protocol"), rows),)),
            Section("remarks", "Remarks", (Points.of(remarks),)),
        ),
    )

Texts are as they came, on one line each: the writers escape them, wrap them and shorten what is too long. What is said
by a tone is always said in words too. An `ident` is unique in its document: letters, digits and hyphens.
"""

from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from certplan.outcomes import Outcome, Severity, Verdict
from certplan.value import Value

__all__ = [
    "LONGEST",
    "Banner",
    "Block",
    "Cell",
    "Document",
    "Facts",
    "FindingCard",
    "Findings",
    "Fold",
    "MatrixCell",
    "MatrixTable",
    "Picture",
    "Points",
    "Prose",
    "Section",
    "Table",
    "Task",
    "Tasks",
    "Tone",
    "Verbatim",
    "Words",
    "cell",
]

LONGEST = 4000
"""Characters of any text from outside that a page shows; values to be copied (`Words.code`) are shown whole."""


class Tone(StrEnum):
    """How a text is meant, for color and weight only."""

    PLAIN = "plain"
    STRONG = "strong"
    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    OPEN = "open"
    """Not verified."""
    QUIET = "quiet"

    @classmethod
    def of(cls, outcome: Outcome) -> "Tone":
        """The tone of an outcome: pass is good, fail is bad, unknown is open, what does not apply is quiet."""
        return {Outcome.PASS: cls.GOOD, Outcome.FAIL: cls.BAD, Outcome.UNKNOWN: cls.OPEN}.get(outcome, cls.QUIET)

    @classmethod
    def of_severity(cls, severity: Severity) -> "Tone":
        """The tone of a finding: an error is bad, a warning warns, a notice is plain."""
        return {Severity.ERROR: cls.BAD, Severity.WARNING: cls.WARN}.get(severity, cls.PLAIN)

    @classmethod
    def of_verdict(cls, verdict: Verdict) -> "Tone":
        """The tone of a verdict: ready is good, not ready is bad, undecided is open."""
        return {Verdict.READY: cls.GOOD, Verdict.NOT_READY: cls.BAD}.get(verdict, cls.OPEN)


class Words(Value):
    """A text of one line, with its meaning and where it leads."""

    text: str
    tone: Tone = Tone.PLAIN
    link: str = ""
    """An `ident` of the same document, such as `finding-3`, or the `https://` address of a document; empty: none."""
    code: bool = False
    """A name, address, fingerprint, path or command: in a fixed pitch, and in a terminal never broken across lines."""


Cell = tuple[Words, ...]
"""One cell of a table: its lines."""


def cell(*lines: str | Words, tone: Tone = Tone.PLAIN, code: bool = False) -> Cell:
    """A cell of these lines; `tone` and `code` go with those that are bare texts. Empty texts make no line."""
    return tuple(
        line if isinstance(line, Words) else Words(line, tone, code=code)
        for line in lines
        if isinstance(line, Words) or line
    )


class Prose(Value):
    """A paragraph."""

    text: str
    tone: Tone = Tone.PLAIN


class Points(Value):
    """A list. `boxes` are to be ticked on paper; `ordered` items are numbered."""

    items: tuple[Words, ...]
    ordered: bool = False
    boxes: bool = False

    @classmethod
    def of(cls, items: Iterable[str | Words], *, ordered: bool = False, boxes: bool = False) -> "Points":
        """A list of these texts."""
        return cls(cell(*items), ordered, boxes)


class Task(Value):
    """One thing to do."""

    title: Words
    lines: Cell = ()
    """The exact values, and why."""


class Tasks(Value):
    """Things to do, numbered; on paper each has a box to tick."""

    tasks: tuple[Task, ...]
    first: int = 1
    """The number of the first."""


class Facts(Value):
    """Terms, each with what there is to say of it. In a terminal the values stand in one column."""

    pairs: tuple[tuple[str, Cell], ...]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str | Words | Cell]]) -> "Facts":
        """Facts of these terms and values; a pair whose value is empty is left out."""
        made = ((term, value if isinstance(value, tuple) else cell(value)) for term, value in pairs)
        return cls(tuple((term, value) for term, value in made if value))


class Table(Value):
    """A table. Its first column heads the rows; each row has a cell for every column.

    A terminal too narrow for it shows a block of facts for each row instead.
    """

    caption: str
    """Empty where the heading above says it all."""
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: bool = False
    """Whether every column but the first has numbers, which are set flush right."""

    def __post_init__(self) -> None:
        odd = [len(row) for row in self.rows if len(row) != len(self.columns)]
        if odd:
            raise ValueError(f"{self.caption}: {len(self.columns)} columns, but a row of {odd[0]}")

    @classmethod
    def of(
        cls,
        caption: str,
        columns: Iterable[str],
        rows: Iterable[Iterable[str | Words | Cell]],
        *,
        numbers: bool = False,
    ) -> "Table":
        """A table of these rows; a cell may be a bare text, a `Words` or its lines."""
        made = (tuple(each if isinstance(each, tuple) else cell(each) for each in row) for row in rows)
        return cls(caption, tuple(columns), tuple(made), numbers)


class Verbatim(Value):
    """Lines to be shown as they are, numbered from 1; line N has the ident `{ident}-N`."""

    ident: str
    lines: tuple[str, ...]
    language: str = "yaml"
    """What a Markdown fence calls it."""


class Picture(Value):
    """A drawing in both its forms. Each has its own title and description; both are already escaped."""

    svg: str
    mermaid: str = ""
    """Empty: nothing but the tables beside it says the same in Markdown. A terminal shows no picture."""


class MatrixCell(Value):
    """What one verifier makes of one presenter."""

    verifier: int
    presenter: int
    outcome: Outcome
    summary: str
    """One sentence: `exe1.example.com checks exe2.example.com at 10.20.0.12: accepted`."""
    steps: Table
    likeness: Hashable = ()
    """Equal for those of one presenter whose steps differ in nothing but the verifier's name."""

    @property
    def ident(self) -> str:
        return f"handshake-{self.verifier}-{self.presenter}"


class MatrixTable(Value):
    """Every ordered pair, row by row: all presenters for the first verifier, then for the second."""

    caption: str
    peers: tuple[str, ...]
    """A label for each: its number, a blank and its name."""
    cells: tuple[MatrixCell, ...]

    @property
    def alike(self) -> tuple[tuple[MatrixCell, ...], ...]:
        """The cells of each presenter in groups, each of those whose steps say the same; in the order of the first."""
        groups: dict[tuple[int, Outcome, Hashable], list[MatrixCell]] = {}
        for each in self.cells:
            groups.setdefault((each.presenter, each.outcome, each.likeness), []).append(each)
        return tuple(tuple(group) for group in groups.values())

    @property
    def idents(self) -> Mapping[tuple[int, int], str]:
        """Under which ident the steps of each pair are shown."""
        return {(each.verifier, each.presenter): group[0].ident for group in self.alike for each in group}


class FindingCard(Value):
    """One finding, whole."""

    ident: str
    code: str
    group: str
    """The group in words: `names`."""
    title: str
    severity: Severity
    outcome: Outcome
    confidence: str
    """Empty where the vendor's documents say it plainly."""
    subject: str
    peers: tuple[str, ...]
    message: str
    fix: str
    where: Words | None
    evidence: tuple[str, ...]
    sources: tuple[str, ...]
    """Keys of `certplan.vendor.source`: what stands behind them is read where a page shows it."""
    waived: str | None


class Findings(Value):
    """Findings, worst first. On an HTML page they can be filtered by severity, peer and group."""

    cards: tuple[FindingCard, ...]


class Fold(Value):
    """Blocks under a heading of their own, that a reader can fold away."""

    ident: str
    title: Words
    blocks: "tuple[Block, ...]"
    open: bool = True
    printed: bool = True
    """Whether paper shows the blocks of a fold that is closed."""


Block = Prose | Points | Tasks | Facts | Table | Verbatim | Picture | MatrixTable | Findings | Fold


class Section(Value):
    """A part of the document with a heading."""

    ident: str
    title: str
    """Empty: no heading."""
    blocks: tuple[Block, ...]
    note: str = ""
    """A count or verdict beside the title, such as `3 errors`."""
    tone: Tone = Tone.PLAIN
    """The tone of the note."""


class Banner(Value):
    """The verdict: one sentence, and what follows from it. On top of a page; at the end of a terminal's."""

    headline: str
    tone: Tone
    details: tuple[Words, ...] = ()
    changes: tuple[Words, ...] = ()
    """What makes it ready, in order; each is shown with its number."""


class Document(Value):
    """The page of a command."""

    title: str
    intro: tuple[Words, ...] = ()
    """The lines under the title: what it is about, and what it was judged from."""
    sections: tuple[Section, ...] = ()
    """One without blocks is not shown."""
    verdict: Banner | None = None
    at: datetime | None = None
    """The time judged as of, for the last line of a page that is kept; None: no such line."""
    kind: str = ""
    """What sort of document it is, over the title of an HTML page: `Cluster design review`."""
    sheet: bool = False
    """Whether it is meant for one sheet of A4 in landscape."""

    @property
    def shown(self) -> tuple[Section, ...]:
        """The sections that have blocks."""
        return tuple(section for section in self.sections if section.blocks)
