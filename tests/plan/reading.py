"""Two plan files, and what reading a text gives: a plan, or its problems."""

from pathlib import Path

import pytest

from certplan.plan.model import Plan
from certplan.plan.reading import PlanError, PlanProblem, read_plan

__all__ = ["LEAST", "SAMPLE", "plan_of", "problems_of", "sample_with", "the_problem"]

HERE = Path(__file__).parent
SAMPLE = (HERE / "sample.yaml").read_text(encoding="utf-8")
LEAST = (HERE / "least.yaml").read_text(encoding="utf-8")


def plan_of(text: str) -> Plan:
    return read_plan(text, "plan.yaml", Path("there"))


def problems_of(text: str) -> list[str]:
    with pytest.raises(PlanError) as caught:
        plan_of(text)
    problems: tuple[PlanProblem, ...] = caught.value.problems
    return [str(problem) for problem in problems]


def sample_with(old: str, new: str) -> str:
    assert SAMPLE.count(old) >= 1
    return SAMPLE.replace(old, new, 1)


def the_problem(old: str, new: str) -> str:
    problems = problems_of(sample_with(old, new))
    assert len(problems) == 1, problems
    return problems[0]
