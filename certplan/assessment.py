"""A plan's states assessed: what its files and DNS show now, judged for today and for the target beside it."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from certplan.evidence.gather import DEFAULT_TIMEOUT, gather
from certplan.judgement import Judgement, judge
from certplan.plan.model import Plan

__all__ = ["State", "assess"]


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
) -> Judgement:
    """Gather what the plan points at and judge it; with a target, today's judgement has the target's beside it.

    Args:
        plan: what the engineer states.
        now: the time of observation.
        at: the time to judge as of.
        state: judge this state alone; the target is today where the plan states none.
        live_dns: False leaves DNS servers unasked.
        timeout: seconds for all live DNS questions of both states together.
    """
    target = plan.target_state()
    if state is State.TARGET and target is not None:
        return judge(target, gather(target, now, live_dns=live_dns, timeout=timeout), at)
    evidence = gather(plan, now, live_dns=live_dns, timeout=timeout)
    today = judge(plan, evidence, at)
    if target is None or state is not None:
        return today
    # What a view's servers said of one state they say of the other, where the plan gives the view alike.
    alike = {source.view for source in set(plan.dns) & set(target.dns)}
    heard = replace(evidence, views={view: found for view, found in evidence.views.items() if view in alike})
    coming = gather(target, now, live_dns=live_dns, timeout=timeout, heard=heard)
    return replace(today, target=judge(target, coming, at))
