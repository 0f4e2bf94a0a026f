"""A review as GitHub's Markdown, for tickets and wikis, its drawings as Mermaid. Everything from outside is escaped."""

from collections.abc import Iterable, Iterator

from certplan import __version__
from certplan.outcomes import Outcome
from certplan.report.review.model import (
    Block,
    Cell,
    Facts,
    FindingCard,
    Findings,
    Fold,
    Matrix,
    Picture,
    Points,
    Prose,
    Review,
    Table,
    Tone,
    Verbatim,
    Words,
)
from certplan.report.wording import LONGEST
from certplan.text.escape import markdown, markdown_cell
from certplan.text.names import show

__all__ = ["review_markdown"]

_WORDS = {Outcome.PASS: "accepts", Outcome.FAIL: "**refuses**", Outcome.UNKNOWN: "could not check"}
_STRONG = frozenset({Tone.BAD, Tone.WARN})


def review_markdown(review: Review) -> str:
    """The whole document; it ends with a line feed."""
    return "\n".join(_document(review)) + "\n"


def _document(review: Review) -> Iterator[str]:
    yield f"# {markdown(review.title)}"
    yield ""
    yield f"{markdown(review.cluster)}. {markdown(review.judged)}."
    yield ""
    yield f"**{markdown(review.headline)}**"
    for line in review.details:
        yield from ("", markdown(line))
    for section in review.sections:
        note = f" ({markdown(section.note)})" if section.note else ""
        yield from ("", f"## {markdown(section.title)}{note}")
        for block in section.blocks:
            yield from _shown(block, 3)
    yield from ("", f"certplan {__version__}, judged as of {review.at:%Y-%m-%d %H:%M} UTC.")


def _shown(block: Block, level: int) -> Iterator[str]:
    yield ""
    match block:
        case Prose():
            yield _told(block.text, block.tone)
        case Points():
            yield from _points(block)
        case Facts():
            yield from (f"- {markdown(term)}: {_lines(cell)}" for term, cell in block.pairs)
        case Table():
            yield from _table(block)
        case Verbatim():
            yield from _verbatim(block.lines)
        case Picture():
            if block.mermaid:
                yield from ("```mermaid", block.mermaid.rstrip("\n"), "```")
        case Matrix():
            yield from _matrix(block)
        case Findings():
            yield from _findings(block.cards)
        case Fold():
            yield f"{'#' * min(level, 6)} {_words(block.title)}"
            for inner in block.blocks:
                yield from _shown(inner, level + 1)


def _told(text: str, tone: Tone) -> str:
    return f"**{markdown(text)}**" if tone in _STRONG and text.strip() else markdown(text)


def _words(words: Words) -> str:
    # Emphasis would not hold round a text that begins or ends with a blank.
    shown = _told(words.text.strip(), words.tone)
    return f"[{markdown(words.text)}](<{words.link}>)" if words.link.startswith("https://") else shown


def _lines(cell: Cell) -> str:
    return "; ".join(_words(words) for words in cell)


def _points(block: Points) -> Iterator[str]:
    for number, item in enumerate(block.items, 1):
        mark = f"{number}." if block.ordered else "- [ ]" if block.boxes else "-"
        yield f"{mark} {_words(item)}"


def _table(block: Table) -> Iterator[str]:
    yield from (f"{markdown(block.caption)}:", "")
    yield from _grid(map(markdown_cell, block.columns), (map(_lines, row) for row in block.rows))


def _matrix(block: Matrix) -> Iterator[str]:
    size = len(block.peers)
    rows = (
        (markdown_cell(peer), *(_WORDS[cell.outcome] for cell in block.cells[number * size : (number + 1) * size]))
        for number, peer in enumerate(block.peers)
    )
    yield from _grid(("verifies, presents:", *map(markdown_cell, block.peers)), rows)
    troubled = [cell for cell in block.cells if cell.outcome is not Outcome.PASS]
    for cell in troubled:
        yield from ("", f"- {markdown(cell.summary)}")


def _grid(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A table whose cells are Markdown already."""
    columns = tuple(header)
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _findings(cards: Iterable[FindingCard]) -> Iterator[str]:
    for card in cards:
        confidence = f" ({card.confidence})" if card.confidence else ""
        yield f"- **{card.severity.value} {card.code} {markdown(card.subject)}**{confidence}: {markdown(card.message)}"
        if card.waived is not None:
            yield f"  - Waived: {markdown(card.waived)}"
        yield f"  - To do: {markdown(card.fix)}"
        if card.where is not None:
            yield f"  - At {markdown(card.where.text)}"
        if card.evidence:
            yield f"  - Seen in {markdown(', '.join(card.evidence))}"
        if card.sources:
            yield f"  - Sources: {'; '.join(map(_words, card.sources))}"


def _verbatim(lines: Iterable[str]) -> Iterator[str]:
    shown = [show(line, max(LONGEST, 12 * len(line))) for line in lines]
    # A fence must be longer than any run of its own kind within (CommonMark, fenced code blocks).
    longest = max((len(run) for line in shown for run in _runs(line)), default=0)
    fence = "~" * max(3, longest + 1)
    yield from (f"{fence}yaml", *shown, fence)


def _runs(line: str) -> Iterator[str]:
    return (run for run in "".join(char if char == "~" else " " for char in line).split())
