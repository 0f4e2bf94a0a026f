"""What is wrong with a plan file."""

from dataclasses import dataclass

from certplan.places import Place

__all__ = ["PlanProblem"]


@dataclass(frozen=True, slots=True, order=True)
class PlanProblem:
    """Something wrong with the plan file: where, and what was found, what was expected and what to do."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"
