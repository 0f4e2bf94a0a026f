"""One line of progress on a terminal while long work goes on: after one second, gone at the end."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from certplan.cli.emit import is_quiet

__all__ = ["bytes_read", "progress"]

_AFTER, _EVERY = 1.0, 0.2


@contextmanager
def progress(what: str) -> Iterator[Callable[[str], None]]:
    """Say `what` and how far it is on standard error, where that is a terminal; the state is told by calling it.

    An empty state takes the line away, for something else that is to be written there.
    """
    started = shown = monotonic()
    wanted, visible = sys.stderr.isatty() and not is_quiet(), False

    def tell(state: str) -> None:
        nonlocal shown, visible
        now = monotonic()
        if not state:
            erase()
        elif wanted and now - started >= _AFTER and now - shown >= _EVERY:
            sys.stderr.write(f"\r\x1b[K{what}: {state}")
            sys.stderr.flush()
            shown, visible = now, True

    def erase() -> None:
        nonlocal visible
        if visible:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            visible = False

    try:
        yield tell
    finally:
        erase()


@contextmanager
def bytes_read(what: str) -> Iterator[Callable[[int], None]]:
    """The same for bytes: called with the number of each block."""
    total = 0
    with progress(what) as tell:

        def add(count: int) -> None:
            nonlocal total
            total += count
            tell(f"{total / 1e6:,.0f} MB")

        yield add
