"""One line of progress on a terminal while long work goes on: after one second, gone at the end."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import monotonic

from certplan.cli.emit import is_quiet

__all__ = ["Aside", "bytes_read", "progress", "seconds", "silence", "ticking"]

_AFTER, _EVERY = 1.0, 0.2
_SILENCED = False

Aside = Callable[[], AbstractContextManager[object]]
"""Makes room on standard error: the line is gone within the block."""


def silence() -> None:
    """Show nothing from now on: the process that started this one does."""
    global _SILENCED  # noqa: PLW0603 - it is the process that is silent
    _SILENCED = True


def _enabled() -> bool:
    return sys.stderr.isatty() and not is_quiet() and not _SILENCED


@contextmanager
def progress(what: str) -> Iterator[Callable[[str], None]]:
    """Say `what` and how far it is on standard error, where that is a terminal; calling the result updates the state.

    An empty state takes the line away, for something else that is to be written there.
    """
    started = shown = monotonic()
    enabled, visible = _enabled(), False

    def tell(state: str) -> None:
        nonlocal shown, visible
        now = monotonic()
        if not state:
            erase()
        elif enabled and now - started >= _AFTER and now - shown >= _EVERY:
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
def ticking(what: str, state: Callable[[], str]) -> Iterator[Aside]:
    """The same for work that does not come back in between: `state` is asked by a thread.

    What is written to standard error meanwhile is written aside. Nothing may be forked within the block.
    """
    if not _enabled():
        yield nullcontext
        return
    from threading import Event, Lock, Thread

    lock, ended = Lock(), Event()
    with progress(what) as tell:

        def tick() -> None:
            while not ended.wait(_EVERY):
                with lock:
                    tell(state())

        @contextmanager
        def aside() -> Iterator[None]:
            with lock:
                tell("")
                yield

        thread = Thread(target=tick, daemon=True)
        thread.start()
        try:
            yield aside
        finally:
            ended.set()
            thread.join()


def seconds() -> Callable[[], str]:
    """How long it has taken, for work of which nothing else is known."""
    started = monotonic()
    return lambda: f"{monotonic() - started:.0f} s"


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
