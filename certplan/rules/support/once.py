"""What several rules ask of one case, worked out once."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from certplan.rules.model import Case

__all__ = ["once"]

T = TypeVar("T")


def once(tell: Callable[[Case], T]) -> Callable[[Case], T]:
    """Have a case keep what `tell` says of it. What raises is asked again."""

    @wraps(tell)
    def told(case: Case) -> T:
        if tell not in case.kept:
            case.kept[tell] = tell(case)
        answer: T = case.kept[tell]
        return answer

    return told
