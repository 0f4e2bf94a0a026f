"""Rows about certificates that are alike in everything shown, as one row."""

from collections.abc import Iterator, Sequence

from certplan.report.document import Cell, Tone, Words, cell
from certplan.report.review.parts.shown import ShownCertificate, named
from certplan.text.words import counted

__all__ = ["merged"]

_FEWEST = 4


def merged(rows: Sequence[tuple[ShownCertificate, tuple[Cell, ...]]]) -> Iterator[tuple[Cell, ...]]:
    """A row for each certificate; of several that differ in their first cell alone, one for all, in place of the first.

    Args:
        rows: the certificates, each with its row, whose first cell says whose it is.
    """
    alike: dict[tuple[str, tuple[Cell, ...]], list[ShownCertificate]] = {}
    for each, row in rows:
        alike.setdefault((each.store, row[1:]), []).append(each)
    for each, row in rows:
        same = alike[each.store, row[1:]]
        if len(same) < _FEWEST:
            yield row
        elif same[0] is each:
            count = counted(len(same), f"{each.store} certificate")
            yield (cell(count, Words(f"of {named(one.peer for one in same)}", Tone.QUIET)), *row[1:])
