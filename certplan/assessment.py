"""A plan's states assessed: what its files and DNS show now, judged for today and for the target beside it."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from certplan.evidence.gather import DEFAULT_TIMEOUT, gather
from certplan.evidence.model import Evidence
from certplan.judgement import Judgement, judge
from certplan.plan.model import Plan

__all__ = ["Observe", "State", "assess"]


class Observe(Protocol):
    """Gathers what a plan points at, as `evidence.gather.gather` does."""

    def __call__(
        self, plan: Plan, now: datetime, *, live_dns: bool, timeout: float, earlier: Evidence | None = None
    ) -> Evidence: ...


class State(StrEnum):
    """Which of a plan's states to judge."""

    TODAY = "today"
    TARGET = "target"


def assess(
    plan: Plan,
    now: datetime,
    at: datetime,
    *,
    state: State | None = None,
    live_dns: bool = True,
    timeout: float = DEFAULT_TIMEOUT,
    observe: Observe = gather,
) -> Judgement:
    """Gather what the plan points at and judge it; with a target, today's judgement has the target's beside it.

    Args:
        plan: what the engineer states.
        now: the time of observation.
        at: the time to judge as of.
        state: judge this state alone; the target is today where the plan states none.
        live_dns: False leaves DNS servers unasked.
        timeout: seconds for all live DNS questions of both states together.
        observe: gathers what a state of the plan points at.
    """
    target = plan.target_state()
    if state is State.TARGET and target is not None:
        return judge(target, observe(target, now, live_dns=live_dns, timeout=timeout), at)
    evidence = observe(plan, now, live_dns=live_dns, timeout=timeout)
    today = judge(plan, evidence, at)
    if target is None or state is not None:
        return today
    # What a view's servers said of one state they say of the other, where the plan gives the view alike.
    alike = {source.view for source in set(plan.dns) & set(target.dns)}
    earlier = replace(evidence, views={view: found for view, found in evidence.views.items() if view in alike})
    coming = observe(target, now, live_dns=live_dns, timeout=timeout, earlier=earlier)
    return replace(today, target=judge(target, coming, at))
