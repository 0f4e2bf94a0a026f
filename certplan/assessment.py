"""A plan's states assessed: what its files and DNS show now, judged for today and for the target beside it."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from certplan.evidence.gather import DEFAULT_TIMEOUT, gather
from certplan.evidence.model import Evidence
from certplan.judgement import Judgement, judge
from certplan.plan.model import Plan, same_state
from certplan.value import replace

__all__ = ["Observe", "State", "assess"]


class Observe(Protocol):
    """Gathers what a plan points at, as `evidence.gather.gather` does."""

    def __call__(
        self, plan: Plan, now: datetime, *, live_dns: bool, timeout: float, earlier: tuple[Plan, Evidence] | None = None
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
    known: Judgement | None = None,
) -> Judgement:
    """Gather what the plan points at and judge it; with a target, today's judgement has the target's beside it.

    Args:
        plan: what the engineer states.
        now: the time of observation.
        at: the time to judge as of.
        state: judge this state alone; the target is today where the plan states none.
        live_dns: False asks no DNS server.
        timeout: seconds for all live DNS questions of both states together.
        observe: gathers what a state of the plan points at.
        known: an earlier judgement of the plan's today; where it rests on the same, nothing of it is judged anew.
    """
    target = plan.target_state()
    if state is State.TARGET and target is not None:
        return judge(target, observe(target, now, live_dns=live_dns, timeout=timeout), at)
    evidence = observe(plan, now, live_dns=live_dns, timeout=timeout)
    today = _again(known, plan, evidence, at) or judge(plan, evidence, at)
    if target is None or state is not None:
        return today
    coming = observe(target, now, live_dns=live_dns, timeout=timeout, earlier=(plan, evidence))
    return replace(today, target=judge(target, coming, at))


def _again(known: Judgement | None, plan: Plan, evidence: Evidence, at: datetime) -> Judgement | None:
    """An earlier judgement that holds for today of a plan, its words and their places included; else None."""
    if known is None or known.at != at or known.evidence != evidence or not same_state(known.plan, plan):
        return None
    if any(known.plan.places.get(path) != place for path, place in plan.places.items() if path[:1] != ("target",)):
        return None
    if [peer.page for peer in known.plan.peers] != [peer.page for peer in plan.peers]:
        return None
    return replace(known, plan=plan, target=None)
