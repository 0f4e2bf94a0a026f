"""Asking the same of many things, several at a time, where an asker that dies costs its own answer and nothing else."""

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from certplan.cli.progress import silence
from certplan.value import Struct

__all__ = ["answers"]

T = TypeVar("T")
R = TypeVar("R")
_FORKS = sys.platform == "linux"
"""Where forking is sound, a worker begins with all that is imported; elsewhere it imports everything again."""

_PATIENCE = 0.5
"""Seconds without an answer after which it is said that one is waited for."""


def answers(
    ask: Callable[[T], R],
    items: Sequence[T],
    lost: Callable[[T, str], R],
    waiting: Callable[[], None] = lambda: None,
) -> Iterator[R]:
    """The answer for each item, in order, from as many processes as there are cores.

    Args:
        ask: a function that can be pickled; what it needs is best imported before.
        items: what to ask of.
        lost: makes the answer for an item whose worker died, from the item and a sentence on how.
        waiting: is called now and then while no answer comes.
    """
    count = min(len(items), os.cpu_count() or 1)
    if count < 2:
        yield from map(ask, items)
        return
    gc.freeze()  # what is there already is shared with the workers, and collecting garbage would copy it
    pool = _WorkerPool(ask, items, lost, count, waiting)
    try:
        yield from pool.answers()
    finally:
        pool.end()


class _Worker(Struct):
    process: BaseProcess
    pipe: "Connection[Any, Any]"
    item: int
    """The index of what it was asked."""


class _WorkerPool(Generic[T, R]):
    def __init__(
        self,
        ask: Callable[[T], R],
        items: Sequence[T],
        lost: Callable[[T, str], R],
        count: int,
        waiting: Callable[[], None],
    ) -> None:
        self._ask, self._items, self._lost, self._idle = ask, items, lost, waiting
        self._waiting = iter(range(len(items)))
        self._workers: list[_Worker] = []
        self._count = count

    def answers(self) -> Iterator[R]:
        done: dict[int, R] = {}
        for _ in range(self._count):
            self._start()
        for index in range(len(self._items)):
            while index not in done:
                pipes = wait([worker.pipe for worker in self._workers], _PATIENCE)
                if not pipes:
                    self._idle()
                for worker in [each for each in self._workers if each.pipe in pipes]:
                    asked = worker.item
                    done[asked] = self._answer(worker)
            yield done.pop(index)

    def _answer(self, worker: _Worker) -> R:
        """What a worker has to say, or what is said for one that died; either way the next item is under way."""
        item = self._items[worker.item]
        try:
            answer: R = worker.pipe.recv()
        except (EOFError, OSError):
            self._workers.remove(worker)
            worker.process.join()
            self._start()
            return self._lost(item, _how_it_died(worker.process.exitcode))
        following = next(self._waiting, None)
        if following is None:
            self._workers.remove(worker)
            # To close the pipe would not do: workers that were forked later hold it open.
            worker.pipe.send(())
            worker.process.join()
            worker.pipe.close()
        else:
            worker.item = following
            self._send(worker)
        return answer

    def _start(self) -> None:
        following = next(self._waiting, None)
        if following is None:
            return
        # The types of the two contexts have no common ancestor with a `Process`.
        context: Any = get_context("fork" if _FORKS else "spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, self._ask), daemon=True)
        with _uninterrupted():
            process.start()
        # A worker that is forked later must not hold this end open, or the death of this one would go unseen.
        theirs.close()
        worker = _Worker(process, ours, following)
        self._workers.append(worker)
        self._send(worker)

    def _send(self, worker: _Worker) -> None:
        # One that is dead already is found when its answer is waited for.
        with suppress(OSError):
            worker.pipe.send((self._items[worker.item],))

    def end(self) -> None:
        """Leave no worker behind, whatever it is at."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.pipe.close()


def _work(pipe: "Connection[Any, Any]", ask: Callable[[Any], Any]) -> None:
    if sys.platform != "win32":
        # Ctrl-C goes to all processes of a terminal; the one that started this one ends it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    silence()
    with suppress(EOFError, OSError):
        while item := pipe.recv():
            pipe.send(ask(*item))


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Keep Ctrl-C from a process that is being made, until it can say what it wants of it."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _how_it_died(code: int | None) -> str:
    if code is not None and code == -getattr(signal, "SIGKILL", 9):
        return "the process that judged it was killed, perhaps for want of memory"
    how = f"signal {-code}" if code is not None and code < 0 else f"code {code}"
    return f"the process that judged it ended with {how}"
