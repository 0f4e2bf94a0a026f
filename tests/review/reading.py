"""Reading what a review is made of: blocks flattened into text, and judgements that every section has to bear."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from certplan.evidence.gather import gather
from certplan.evidence.model import Evidence, Missing, PeerEvidence
from certplan.judgement import Judgement, judge
from certplan.plan.reading import load_plan
from certplan.report.cards import source_words
from certplan.report.document import (
    Block,
    Cell,
    Facts,
    Findings,
    Fold,
    MatrixTable,
    Points,
    Prose,
    Section,
    Table,
    Verbatim,
    Words,
)
from certplan.value import replace
from tests.clusters import Draft, expressway_c, expressway_e
from tests.faults import FAULTS, with_faults
from tests.hostile import hostile_judgement
from tests.pki import AT

__all__ = ["ODD", "blocks", "column", "judged", "odd", "row", "table", "text", "texts", "words"]


def blocks(section: Section | Fold) -> Iterator[Block]:
    """Every block, those within folds too."""
    for block in section.blocks:
        yield block
        if isinstance(block, Fold):
            yield from blocks(block)


def words(section: Section | Fold) -> Iterator[Words]:
    """Every text that has a tone or leads somewhere."""
    for block in blocks(section):
        yield from _words(block)


def _words(block: Block) -> Iterator[Words]:
    match block:
        case Points():
            yield from block.items
        case Facts():
            yield from (line for _, lines in block.pairs for line in lines)
        case Table():
            yield from (line for row in block.rows for lines in row for line in lines)
        case MatrixTable():
            yield from (line for each in block.cells for line in _words(each.steps))
        case Findings():
            for card in block.cards:
                yield from (*map(source_words, card.sources), *([card.where] if card.where is not None else []))
        case Fold():
            yield block.title
        case _:
            return


def texts(section: Section | Fold) -> Iterator[str]:
    """Every text of a section, captions and headings included."""
    for block in blocks(section):
        match block:
            case Prose():
                yield block.text
            case Facts():
                yield from (term for term, _ in block.pairs)
            case Table():
                yield from (block.caption, *block.columns)
            case Verbatim():
                yield from block.lines
            case MatrixTable():
                yield from (block.caption, *block.peers, *(each.summary for each in block.cells))
            case Findings():
                for card in block.cards:
                    yield from (card.code, card.title, card.subject, card.message, card.fix, card.waived or "")
        yield from (line.text for line in _words(block))


def text(section: Section | Fold) -> str:
    """All of it, a text a line, with the note."""
    note = section.note if isinstance(section, Section) else ""
    return "\n".join((note, *texts(section)))


def table(section: Section | Fold, caption: str) -> Table:
    """The first table whose caption begins so."""
    return next(each for each in blocks(section) if isinstance(each, Table) and each.caption.startswith(caption))


def row(found: Table, head: str) -> tuple[str, ...]:
    """The cells of the first row whose head holds `head`, the lines of each joined by ` | `."""
    return next(shown for shown in map(_joined, found.rows) if head in shown[0])


def column(found: Table, title: str) -> list[str]:
    """The cells of one column."""
    place = found.columns.index(title)
    return [_joined(each)[place] for each in found.rows]


def _joined(cells: Iterable[Cell]) -> tuple[str, ...]:
    return tuple(" | ".join(line.text for line in lines) for lines in cells)


def judged(draft: Draft) -> Judgement:
    """The judgement of a draft, whose files are gone by then."""
    with TemporaryDirectory() as folder:
        return draft.judge(Path(folder))


def _of_fault(name: str) -> Judgement:
    return judged(with_faults("expressway-e", 3, [(name, 2)]))


def _nothing_known() -> Judgement:
    """Every file and every view is missing."""
    with TemporaryDirectory() as folder:
        plan = load_plan(expressway_e().write(Path(folder)))
        known = gather(plan, AT, live_dns=False)
    lost = Missing("everything", "the files are lost", "Find them.")
    peers = tuple(PeerEvidence(lost, lost, lost, lost, lost) for _ in known.peers)
    return judge(plan, Evidence(peers, {}, AT), AT)


def _hostile() -> Judgement:
    with TemporaryDirectory() as folder:
        return hostile_judgement(Path(folder))


def _alone() -> Judgement:
    return judged(expressway_e(1))


def _without_text() -> Judgement:
    found = judged(expressway_e())
    return replace(found, plan=replace(found.plan, text="", places={}))


_OTHERS: dict[str, Callable[[], Judgement]] = {
    "nothing known": _nothing_known,
    "hostile": _hostile,
    "one peer": _alone,
    "no text": _without_text,
    "perfect E": lambda: judged(expressway_e()),
    "perfect C": lambda: judged(expressway_c()),
    "everything at once": lambda: judged(with_faults("expressway-c", 2, [(name, 2) for name in FAULTS])),
    "two stores": lambda: judged(expressway_e(release="X15.5")),
}
ODD = (*_OTHERS, *FAULTS)
"""The names of the judgements that every section has to bear."""


@cache
def odd(name: str) -> Judgement:
    """The judgement of that name, made once."""
    return _OTHERS[name]() if name in _OTHERS else _of_fault(name)
