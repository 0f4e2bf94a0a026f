"""Any document as a text page for a terminal, a ticket or a pipe.

The verdict comes last, where one looks after a long page. No library is loaded for it: the page of a check is made at
every start.
"""

from collections.abc import Iterable, Iterator, Sequence

from certplan.outcomes import Outcome, Severity
from certplan.report.cards import source_words
from certplan.report.document import (
    LONGEST,
    Banner,
    Block,
    Cell,
    Document,
    Facts,
    FindingCard,
    Findings,
    Fold,
    MatrixTable,
    Points,
    Prose,
    Section,
    Table,
    Tasks,
    Tone,
    Verbatim,
    Words,
)
from certplan.report.writers.columns import fitted, padded, width_of, wrapped
from certplan.text.names import show
from certplan.text.words import listed
from certplan.value import Value, replace

__all__ = ["Layout", "failure_text", "terminal"]

_SGR = {
    Tone.STRONG: "1",
    Tone.GOOD: "32",
    Tone.BAD: "1;31",
    Tone.WARN: "33",
    Tone.OPEN: "33",
    Tone.QUIET: "2",
}
_SEVERITY = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.WARN, Severity.NOTICE: Tone.STRONG}
_CELL = {Outcome.PASS: "pass", Outcome.FAIL: "FAIL", Outcome.UNKNOWN: "?", Outcome.NOT_APPLICABLE: "-"}
_STEP = 2
"""Columns that each level is set in."""
_GAP = 2
"""Blanks between the columns of a table."""
_WEB = "https://"


class Layout(Value):
    """What only a text page has."""

    width: int = 100
    """Columns. A value to be copied may run beyond them."""
    color: bool = False
    """Whether there are ANSI colors."""
    links: bool = False
    """Whether addresses of documents are hyperlinks (OSC 8) behind the text."""
    sources: bool = False
    """Whether the documents that findings rest on are listed."""


def terminal(document: Document, layout: Layout | None = None) -> str:
    """The page; it ends with a line feed.

    Args:
        document: any document.
        layout: width, colors, links and sources; without it 100 columns and none of the others.
    """
    page = _Page(layout or Layout())
    lines = [line.rstrip() for line in page.document(document)]
    return "\n".join(lines) + "\n"


def failure_text(problems: Iterable[str]) -> str:
    """What is written to standard error when an input cannot be read: a line for each problem."""
    return "".join(f"{show(problem, LONGEST)}\n" for problem in problems)


class _Page:
    """The lines of one document."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._documents: dict[Words, int] = {}

    def document(self, document: Document) -> Iterator[str]:
        yield from self._flow(Words(document.title, Tone.STRONG), 0)
        for line in document.intro:
            yield from self._flow(line, 0)
        for section in document.shown:
            lines = list(self._section(section))
            if lines:
                yield ""
                yield from lines
        if self._documents:
            yield ""
            yield from self._cited()
        if document.verdict is not None:
            yield ""
            yield from self._verdict(document.verdict)

    def _verdict(self, banner: Banner) -> Iterator[str]:
        tone = Tone.GOOD if banner.tone is Tone.GOOD else banner.tone
        yield from self._flow(Words(banner.headline, tone), 0, bold=True)
        for line in banner.details:
            yield from self._flow(line, 0)
        for number, line in enumerate(banner.changes, 1):
            yield from self._flow(replace(line, text=f"{number}. {line.text}"), _STEP)

    def _section(self, section: Section) -> Iterator[str]:
        if section.title:
            note = f" ({self._shown(section.note)})" if section.note else ""
            title = self._styled(self._shown(section.title), Tone.STRONG)
            yield title + (self._styled(note, section.tone) if note else "")
        yield from self._blocks(section.blocks, _STEP if section.title else 0)

    def _blocks(self, blocks: Sequence[Block], indent: int) -> Iterator[str]:
        before: Block | None = None
        for block in blocks:
            lines = list(self._block(block, indent))
            if not lines:
                continue
            if before is not None and (_apart(before) or _apart(block)):
                yield ""
            yield from lines
            before = block

    def _block(self, block: Block, indent: int) -> Iterator[str]:
        match block:
            case Prose():
                yield from self._flow(Words(block.text, block.tone), indent)
            case Points():
                yield from self._points(block, indent)
            case Tasks():
                yield from self._tasks(block, indent)
            case Facts():
                yield from self._facts(block.pairs, indent)
            case Table():
                yield from self._table(block, indent)
            case Verbatim():
                yield from (" " * indent + show(line, max(LONGEST, 12 * len(line))) for line in block.lines)
            case MatrixTable():
                yield from self._matrix(block, indent)
            case Findings():
                yield from self._findings(block.cards, indent)
            case Fold():
                yield from self._flow(block.title, indent, bold=True)
                yield from self._blocks(block.blocks, indent + _STEP)
            case _:
                return

    # Lines

    def _flow(self, words: Words, indent: int, lead: str = "", *, bold: bool = False) -> Iterator[str]:
        """A text wrapped, its further lines below its own first one; `lead` stands before that, already styled."""
        text = self._shown(words.text, whole=words.code)
        hang = indent + (width_of(lead) if lead else 0)
        lines = [text] if words.code else wrapped(text, max(self._layout.width - hang, _STEP * 8))
        for number, line in enumerate(lines or [""]):
            yield (" " * hang if number else f"{' ' * indent}{lead}") + self._linked(line, words, bold=bold)

    def _linked(self, line: str, words: Words, *, bold: bool = False) -> str:
        styled = self._styled(line, words.tone, bold=bold)
        if self._layout.links and words.link.startswith(_WEB):
            return f"\x1b]8;;{words.link}\x1b\\{styled}\x1b]8;;\x1b\\"
        return styled

    def _styled(self, text: str, tone: Tone, *, bold: bool = False) -> str:
        sgr = _SGR.get(tone, "")
        if bold and not sgr.startswith("1"):
            sgr = f"1;{sgr}" if sgr else "1"
        return f"\x1b[{sgr}m{text}\x1b[0m" if sgr and text and self._layout.color else text

    def _shown(self, text: str, *, whole: bool = False) -> str:
        return show(text, max(LONGEST, 12 * len(text)) if whole else LONGEST)

    # Blocks

    def _points(self, block: Points, indent: int) -> Iterator[str]:
        wide = len(str(len(block.items)))
        for number, item in enumerate(block.items, 1):
            mark = f"{number:>{wide}}. " if block.ordered else "[ ] " if block.boxes else "- "
            yield from self._flow(item, indent, mark)

    def _tasks(self, block: Tasks, indent: int) -> Iterator[str]:
        wide = len(str(block.first + len(block.tasks) - 1))
        for number, task in enumerate(block.tasks, block.first):
            lead = f"{number:>{wide}}  "
            yield from self._flow(task.title, indent, lead, bold=True)
            for line in task.lines:
                yield from self._flow(line, indent + len(lead))

    def _facts(self, pairs: Sequence[tuple[str, Cell]], indent: int) -> Iterator[str]:
        terms = [self._shown(term) for term, _ in pairs]
        column = max((size for term in terms if (size := width_of(term)) <= self._layout.width * 2 // 5), default=0)
        for term, (_, lines) in zip(terms, pairs, strict=True):
            if width_of(term) > column:
                yield from self._flow(Words(term, Tone.STRONG), indent)
                term = ""  # noqa: PLW2901 - its lines follow below it
            for number, line in enumerate(lines):
                lead = padded("" if number else term, column + _GAP)
                yield from self._flow(line, indent, lead)

    def _table(self, block: Table, indent: int) -> Iterator[str]:
        if block.caption:
            yield from self._flow(Words(block.caption, Tone.STRONG), indent)
        if not block.rows:
            return
        kept = [n for n in range(len(block.columns)) if any(row[n] for row in block.rows)]
        header = [self._shown(block.columns[n]) for n in kept]
        rows = [[[self._shown(line.text, whole=line.code) for line in row[n]] for n in kept] for row in block.rows]
        fixed = [any(line.code for row in block.rows for line in row[n]) for n in kept]
        room = self._layout.width - indent - _GAP * (len(kept) - 1)
        widths = fitted(header, rows, fixed, room)
        if widths is None:
            yield from self._records(block, kept, indent)
            return
        yield self._row([[Words(cell, Tone.QUIET)] for cell in header], widths, indent, block.numbers)[0]
        for row in block.rows:
            yield from self._row([list(row[n]) for n in kept], widths, indent, block.numbers)

    def _row(self, cells: Sequence[Sequence[Words]], widths: Sequence[int], indent: int, numbers: bool) -> list[str]:
        """The lines of one row, each cell wrapped to its column."""
        columns: list[list[tuple[str, Words]]] = []
        for lines, width in zip(cells, widths, strict=True):
            shown = [(self._shown(words.text, whole=words.code), words) for words in lines]
            columns.append(
                [(part, words) for text, words in shown for part in ([text] if words.code else wrapped(text, width))]
            )
        height = max((len(column) for column in columns), default=0)
        made = []
        for level in range(height):
            line = ""
            for number, (column, width) in enumerate(zip(columns, widths, strict=True)):
                text, words = column[level] if level < len(column) else ("", Words(""))
                blank = " " * max(width - width_of(text), 0)
                styled = self._linked(text, words) if text else ""
                line += blank + styled if numbers and number else styled + blank
                line += " " * _GAP
            made.append(" " * indent + line.rstrip())
        return made

    def _records(self, block: Table, kept: Sequence[int], indent: int) -> Iterator[str]:
        """A table too wide for the page: a block of facts for each row, under what heads it."""
        for number, row in enumerate(block.rows):
            if number:
                yield ""
            head = row[kept[0]] if kept[0] == 0 else ()
            for line in head:
                yield from self._flow(line, indent, bold=True)
            rest = [(block.columns[n], row[n]) for n in kept if n and row[n]]
            yield from self._facts(rest, indent + _STEP)

    def _matrix(self, block: MatrixTable, indent: int) -> Iterator[str]:
        corner = "verifier \\ presented by"
        labels = [self._shown(label) for label in block.peers]
        numbers = [each.presenter for each in block.cells[: len(labels)]]
        wide = max(map(width_of, (corner, *labels)))
        header = "  ".join((padded(corner, wide), *(f"{number:<4}" for number in numbers)))
        yield " " * indent + self._styled(header.rstrip(), Tone.QUIET)
        for place, label in enumerate(labels):
            line = block.cells[place * len(labels) : (place + 1) * len(labels)]
            marks = [padded(self._styled(_CELL[each.outcome], Tone.of(each.outcome)), 4) for each in line]
            yield f"{' ' * indent}{padded(label, wide)}  {'  '.join(marks)}"

    # Findings

    def _findings(self, cards: Sequence[FindingCard], indent: int) -> Iterator[str]:
        for number, card in enumerate(cards):
            if number:
                yield ""
            yield from self._finding(card, indent)

    def _finding(self, card: FindingCard, indent: int) -> Iterator[str]:
        inner = indent + len(card.code) + _GAP
        tone = Tone.QUIET if card.waived is not None else _SEVERITY[card.severity]
        link = source_words(card.sources[0]).link if card.sources and self._layout.links else ""
        lead = f"{self._linked(card.code, Words(card.code, tone, link))}  "
        about = f" ({card.confidence})" if card.confidence else ""
        yield from self._flow(Words(f"{card.subject}{about}", Tone.STRONG), indent, lead)
        cited = ""
        if self._layout.sources:
            documents = map(source_words, card.sources)
            cited = "".join(f" [{self._documents.setdefault(each, len(self._documents) + 1)}]" for each in documents)
        yield from self._flow(Words(f"{card.message}{cited}"), inner)
        if card.waived is not None:
            yield from self._flow(Words(f"Waived: {card.waived}"), inner)
        yield from self._flow(Words(card.fix), inner, self._styled("Fix: ", Tone.STRONG))
        if card.where is not None:
            yield from self._flow(Words(f"At {card.where.text}", Tone.QUIET), inner)
        if card.evidence:
            yield from self._flow(Words(f"Seen in {listed(card.evidence)}", Tone.QUIET), inner)

    def _cited(self) -> Iterator[str]:
        yield self._styled("Sources", Tone.STRONG)
        for words, number in self._documents.items():
            yield from self._flow(Words(words.text, Tone.QUIET), _STEP, f"[{number}] ")
            yield from self._flow(Words(words.link, Tone.QUIET, code=True), _STEP, " " * len(f"[{number}] "))


def _apart(block: Block) -> bool:
    """Whether a block has a blank line before and after it."""
    return isinstance(block, Table | MatrixTable | Fold | Findings | Verbatim)
