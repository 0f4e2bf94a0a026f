"""What is wrong with a plan file."""

from certplan.places import Place
from certplan.value import Value

__all__ = ["PlanProblem"]


class PlanProblem(Value, order=True):
    """Something wrong with the plan file: where, and what was found, what was expected and what to do."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"
