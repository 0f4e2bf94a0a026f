"""Any document as GitHub's Markdown, for tickets and wikis, its drawings as Mermaid. Everything is escaped."""

from collections.abc import Iterable, Iterator

from certplan import __version__
from certplan.outcomes import Outcome
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
    Picture,
    Points,
    Prose,
    Table,
    Tasks,
    Tone,
    Verbatim,
    Words,
)
from certplan.text.escape import markdown as escaped
from certplan.text.escape import markdown_cell
from certplan.text.names import show
from certplan.text.words import listed

__all__ = ["markdown"]

_WORDS = {
    Outcome.PASS: "accepts",
    Outcome.FAIL: "**rejects**",
    Outcome.UNKNOWN: "unknown",
    Outcome.NOT_APPLICABLE: "not applicable",
}
_STRONG = frozenset({Tone.BAD, Tone.WARN, Tone.STRONG})


def markdown(document: Document) -> str:
    """The whole document; it ends with a line feed."""
    return "\n".join(_document(document)) + "\n"


def _document(document: Document) -> Iterator[str]:
    yield f"# {escaped(document.title)}"
    if document.intro:
        yield ""
        yield " ".join(_ended(_words(line)) for line in document.intro)
    if document.verdict is not None:
        yield from _verdict(document.verdict)
    for section in document.shown:
        note = f" ({escaped(section.note)})" if section.note else ""
        if section.title:
            yield from ("", f"## {escaped(section.title)}{note}")
        for block in section.blocks:
            yield from _shown(block, 3)
    if document.at is not None:
        yield from ("", f"certplan {__version__}, judged as of {document.at:%Y-%m-%d %H:%M} UTC.")


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


def _verdict(banner: Banner) -> Iterator[str]:
    yield from ("", f"**{escaped(banner.headline)}**")
    for line in banner.details:
        yield from ("", _words(line))
    if banner.changes:
        yield ""
    for number, line in enumerate(banner.changes, 1):
        yield f"{number}. {_words(line)}"


def _shown(block: Block, level: int) -> Iterator[str]:
    yield ""
    match block:
        case Prose():
            yield _said(block.text, block.tone)
        case Points():
            yield from _points(block)
        case Tasks():
            for number, task in enumerate(block.tasks, block.first):
                yield f"- [ ] **{number}. {escaped(task.title.text)}**"
                yield from (f"  - {_words(line)}" for line in task.lines)
        case Facts():
            yield from (f"- {escaped(term)}: {_lines(cell)}" for term, cell in block.pairs)
        case Table():
            yield from _table(block)
        case Verbatim():
            yield from _verbatim(block)
        case Picture():
            if block.mermaid:
                yield from ("```mermaid", block.mermaid.rstrip("\n"), "```")
        case MatrixTable():
            yield from _matrix(block)
        case Findings():
            yield from _findings(block.cards)
        case Fold():
            yield f"{'#' * min(level, 6)} {_words(block.title)}"
            for inner in block.blocks:
                yield from _shown(inner, level + 1)


def _said(text: str, tone: Tone) -> str:
    return f"**{escaped(text)}**" if tone in _STRONG and text.strip() else escaped(text)


def _words(words: Words) -> str:
    # Emphasis would not hold round a text that begins or ends with a blank.
    shown = _said(words.text.strip(), words.tone)
    return f"[{escaped(words.text)}](<{words.link}>)" if words.link.startswith("https://") else shown


def _lines(cell: Cell) -> str:
    return "; ".join(_words(words) for words in cell)


def _points(block: Points) -> Iterator[str]:
    for number, item in enumerate(block.items, 1):
        mark = f"{number}." if block.ordered else "- [ ]" if block.boxes else "-"
        yield f"{mark} {_words(item)}"


def _table(block: Table) -> Iterator[str]:
    if block.caption:
        yield from (f"{escaped(block.caption)}:", "")
    yield from _grid(map(markdown_cell, block.columns), (map(_lines, row) for row in block.rows))


def _matrix(block: MatrixTable) -> Iterator[str]:
    size = len(block.peers)
    rows = (
        (markdown_cell(peer), *(_WORDS[cell.outcome] for cell in block.cells[number * size : (number + 1) * size]))
        for number, peer in enumerate(block.peers)
    )
    yield from _grid(("verifier \\ presented by", *map(markdown_cell, block.peers)), rows)
    not_passed = [cell for cell in block.cells if cell.outcome is not Outcome.PASS]
    for cell in not_passed:
        yield from ("", f"- {escaped(cell.summary)}")


def _grid(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A table whose cells are Markdown already."""
    columns = tuple(header)
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _findings(cards: Iterable[FindingCard]) -> Iterator[str]:
    for card in cards:
        confidence = f" ({card.confidence})" if card.confidence else ""
        yield f"- **{card.severity.value} {card.code} {escaped(card.subject)}**{confidence}: {escaped(card.message)}"
        if card.waived is not None:
            yield f"  - Waived: {escaped(card.waived)}"
        yield f"  - Fix: {escaped(card.fix)}"
        if card.where is not None:
            yield f"  - At {escaped(card.where.text)}"
        if card.evidence:
            yield f"  - Seen in {escaped(listed(card.evidence))}"
        if card.sources:
            yield f"  - Sources: {'; '.join(_words(source_words(key)) for key in card.sources)}"


def _verbatim(block: Verbatim) -> Iterator[str]:
    shown = [show(line, max(LONGEST, 12 * len(line))) for line in block.lines]
    # A fence must be longer than any run of its own kind within (CommonMark, fenced code blocks).
    longest = max((len(run) for line in shown for run in _runs(line)), default=0)
    fence = "~" * max(3, longest + 1)
    yield from (f"{fence}{block.language}", *shown, fence)


def _runs(line: str) -> Iterator[str]:
    return (run for run in "".join(char if char == "~" else " " for char in line).split())
