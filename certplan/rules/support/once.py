"""What several rules ask of one case, worked out once."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from certplan.rules.model import Case

__all__ = ["once"]

T = TypeVar("T")


def once(function: Callable[[Case], T]) -> Callable[[Case], T]:
    """Have a case keep what `function` says of it. What raises is asked again."""

    @wraps(function)
    def remembered(case: Case) -> T:
        if function not in case.kept:
            case.kept[function] = function(case)
        answer: T = case.kept[function]
        return answer

    return remembered
