"""What a form of showing judgements is made of."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from certplan.judgement import Judgement
from certplan.plan.problems import PlanProblem
from certplan.report.writers.terminal import Layout
from certplan.value import Value

__all__ = ["Form", "Layout"]


class Form(Value):
    """One way to show judgements.

    Each plan gives a piece of its own, and the document is made of the pieces as they come, so that a thousand plans
    take no more memory than one.
    """

    piece: Callable[[Judgement, Layout], str]
    """One plan's part of the document."""
    unread: Callable[[str, Sequence[PlanProblem]], str]
    """What stands in the place of a plan that could not be read: its file, and everything wrong with it."""
    document: Callable[[datetime, Iterable[str]], Iterator[str]]
    """The whole, from the time judged at and the pieces in order."""
