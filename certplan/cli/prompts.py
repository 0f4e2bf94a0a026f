"""Questions at a terminal. They go to standard error: standard output is for the answer of the command alone."""

import sys
from collections.abc import Callable
from typing import TypeVar

from certplan.cli.output import say as shown_safely

__all__ = ["ask", "can_ask", "say"]

T = TypeVar("T")


def can_ask() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def say(text: str) -> None:
    """A line for the one who is asked."""
    shown_safely(text)


def ask(question: str, read: Callable[[str], T], default: str = "") -> T:
    """Ask until the answer can be read; an empty answer, and the end of the input, are the default.

    Args:
        question: without its mark.
        read: makes the value of the answer, and raises ValueError with a clause that follows the quoted answer.
        default: what an empty answer stands for; it can be read.
    """
    shown = f" [{default}]" if default else ""
    while True:
        print(f"{question}{shown}: ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        text = line.strip() or default
        try:
            return read(text)
        except ValueError as error:
            if not line:
                return read(default)
            say(f"{text!r} {error}; try again.")
