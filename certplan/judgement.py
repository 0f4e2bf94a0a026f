"""Plan + evidence + time = judgement: the matrix, the verdict, the findings."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from certplan.evidence.model import Evidence
from certplan.handshake.calibrate import calibrated
from certplan.handshake.model import Cause, Matrix, Turn
from certplan.handshake.page import Row, Split, page, split, summary
from certplan.handshake.simulate import Simulation, horizon
from certplan.outcomes import Severity, Verdict
from certplan.plan.model import Peer, Plan
from certplan.rules import catalogue, codes_for
from certplan.rules.alarms import PredictedAlarm, predicted_alarms
from certplan.rules.engine import run
from certplan.rules.model import Case, Finding
from certplan.rules.unknowns import Unknown, unknowns

__all__ = ["Judgement", "Standing", "Unknown", "judge"]


class Standing(StrEnum):
    """How the cluster stands, a headline for each: the verdict, told apart where one word of it would mislead."""

    READY = "ready"
    READY_WITH_ERRORS = "ready-with-errors"
    """Every link between the peers holds, and errors stand that break something else."""
    UNDECIDED = "undecided"
    NOT_READY = "not-ready"
    OWN_ROWS_ONLY = "own-rows-only"
    """Not ready, but only rows of peers about themselves fail: no link between two peers breaks."""


@dataclass(frozen=True)
class Judgement:
    """Everything certplan has to say of one plan at one time."""

    plan: Plan
    evidence: Evidence
    at: datetime
    matrix: Matrix
    """Every handshake under Enforce."""
    turns: tuple[Turn, ...]
    """The coming moments at which a handshake changes."""
    findings: tuple[Finding, ...]
    alarms: tuple[PredictedAlarm, ...]
    """What the appliance would raise, by number."""
    target: "Judgement | None" = None
    """The judgement of the state that the plan's `target:` describes, where that is judged, too."""

    @property
    def verdict(self) -> Verdict:
        return self.matrix.verdict

    @property
    def ready_until(self) -> datetime | None:
        """The moment at which a `ready` cluster ceases to be; None when it is not ready, or nothing ends it."""
        if self.verdict is not Verdict.READY:
            return None
        return next((turn.at for turn in self.turns if turn.verdict is not Verdict.READY), None)

    @property
    def split(self) -> tuple[tuple[Peer, ...], ...]:
        """The largest groups of peers that would still connect to each other, at most 64; empty when all do."""
        return self.whole_split.groups

    @cached_property
    def whole_split(self) -> Split:
        """The same with the number of groups beyond those listed."""
        return split(self.matrix)

    @property
    def standing(self) -> Standing:
        """The verdict with what a headline must not leave out."""
        match self.verdict:
            case Verdict.READY:
                return Standing.READY_WITH_ERRORS if self.other_errors else Standing.READY
            case Verdict.NOT_READY:
                return Standing.OWN_ROWS_ONLY if self.matrix.only_own_rows_fail else Standing.NOT_READY
            case _:
                return Standing.UNDECIDED

    @property
    def other_errors(self) -> tuple[Finding, ...]:
        """The errors that nobody has waived, where the links between the peers all hold."""
        if self.verdict is not Verdict.READY:
            return ()
        return tuple(found for found in self.findings if found.counts and found.severity is Severity.ERROR)

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """What is missing, each piece once: of which peer, which field of the plan, and the findings it leaves open."""
        return unknowns(self.findings)

    @property
    def case(self) -> Case:
        """What the rules looked at."""
        return Case(self.plan, self.evidence, self.at, self.matrix)

    def page(self, viewer: Peer) -> tuple[Row, ...]:
        """The clustering page as `viewer` would show it."""
        return page(self.matrix, viewer)

    def summary(self, peer: Peer) -> Row:
        """One row for `peer`, with the worst that any peer would show of it."""
        return summary(self.matrix, peer, self.plan.cluster.primary)

    def codes(self, cause: Cause) -> tuple[str, ...]:
        """The rules that explain a cause."""
        return codes_for(cause)


def judge(plan: Plan, evidence: Evidence, at: datetime) -> Judgement:
    """Judge the plan by the evidence as of the time `at`.

    Args:
        plan: what the engineer states.
        evidence: what was observed.
        at: an aware time; the same plan, evidence and time always give the same judgement.

    Raises:
        ValueError: when `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("the time to judge at needs a time zone")
    simulation = Simulation(plan, evidence)
    matrix = calibrated(plan, simulation.matrix(at))
    case = Case(plan, evidence, at, matrix)
    findings = run(case, catalogue())
    turns = horizon(simulation, matrix)
    return Judgement(plan, evidence, at, matrix, turns, findings, predicted_alarms(case, findings))
