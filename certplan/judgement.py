"""Plan + evidence + time = judgement: the matrix, the verdict, the findings."""

from datetime import datetime
from enum import StrEnum
from functools import cached_property

from certplan.evidence.model import Evidence
from certplan.handshake.calibrate import calibrated
from certplan.handshake.model import Cause, Handshake, Matrix, StatusChange, Step, StepName
from certplan.handshake.page import ClusteringRow, Split, page, split, summary
from certplan.handshake.simulate import Simulation, coming_changes
from certplan.intent.links import links
from certplan.outcomes import Severity, Verdict
from certplan.plan.model import Peer, Plan, Zone, ZoneType
from certplan.rules import catalog, codes_for
from certplan.rules.alarms import PredictedAlarm, predicted_alarms
from certplan.rules.engine import run
from certplan.rules.model import Case, Finding, Group
from certplan.rules.unknowns import MissingEvidence, unknowns
from certplan.value import Value, replace
from certplan.zones.handshake import ZoneSimulation
from certplan.zones.servers import servers_of
from certplan.zones.view import ZoneView

__all__ = ["ClusterStatus", "Judgement", "MissingEvidence", "ZoneJudgement", "judge"]


class ClusterStatus(StrEnum):
    """How the cluster stands, a headline for each: the verdict, refined where one word of it would mislead."""

    READY = "ready"
    READY_WITH_ERRORS = "ready-with-errors"
    """Every link between the peers holds, and errors stand that break something else."""
    UNDECIDED = "undecided"
    NOT_READY = "not-ready"
    OWN_ROWS_ONLY = "own-rows-only"
    """Not ready, but only rows of peers about themselves fail: no link between two peers breaks."""


class ZoneJudgement(Value, dict=True):
    """Everything certplan has to say of one zone, and of the servers behind the Expressway-C with it."""

    view: ZoneView
    """Its two ends and every handshake between them."""
    status_changes: tuple[StatusChange, ...]
    findings: tuple[Finding, ...]
    alarms: tuple[PredictedAlarm, ...]

    @property
    def zone(self) -> Zone:
        return self.view.link.zone

    @property
    def verdict(self) -> Verdict:
        return self.view.verdict

    @property
    def ready_until(self) -> datetime | None:
        """The moment at which a `ready` zone ceases to be; None when it is not ready, or nothing ends it."""
        return _ready_until(self.verdict, self.status_changes)

    def codes(self, handshake: Handshake, step: Step) -> tuple[str, ...]:
        """The rules that explain a step of one of its handshakes."""
        of_verifier = step.name in (StepName.TRUST, StepName.REVOCATION)
        peer = handshake.verifier.address if of_verifier else handshake.presenter.address
        about = (found for found in self.findings if step.name in found.rule.stages and peer in found.subject.peers)
        return tuple(sorted({found.code for found in about}))


def _ready_until(verdict: Verdict, status_changes: tuple[StatusChange, ...]) -> datetime | None:
    if verdict is not Verdict.READY:
        return None
    return next((change.at for change in status_changes if change.verdict is not Verdict.READY), None)


class Judgement(Value, dict=True):
    """Everything certplan has to say of one plan at one time."""

    plan: Plan
    evidence: Evidence
    at: datetime
    matrix: Matrix
    """Every handshake under Enforce."""
    status_changes: tuple[StatusChange, ...]
    """The coming moments at which a handshake changes."""
    findings: tuple[Finding, ...]
    alarms: tuple[PredictedAlarm, ...]
    """What the appliance would raise, by number."""
    zones: tuple["ZoneJudgement", ...] = ()
    """Each zone of the plan, judged with the cluster at its far end."""
    target: "Judgement | None" = None
    """The judgement of the state that the plan's `target:` describes, where that is judged, too."""

    @property
    def verdict(self) -> Verdict:
        return self.matrix.verdict

    @property
    def ready_until(self) -> datetime | None:
        """The moment at which a `ready` cluster ceases to be; None when it is not ready, or nothing ends it."""
        return _ready_until(self.verdict, self.status_changes)

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """The cluster's findings, then those of each zone."""
        return (*self.findings, *(found for zone in self.zones for found in zone.findings))

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The cluster's own verdict, and those of its zones."""
        return (self.verdict, *(zone.verdict for zone in self.zones))

    @property
    def split(self) -> tuple[tuple[Peer, ...], ...]:
        """The largest groups of peers that would still connect to each other, at most 64; empty when all do."""
        return self.whole_split.groups

    @cached_property
    def whole_split(self) -> Split:
        """The same with the number of groups beyond those listed."""
        return split(self.matrix)

    @property
    def status(self) -> ClusterStatus:
        """The verdict with what a headline must not leave out."""
        match self.verdict:
            case Verdict.READY:
                return ClusterStatus.READY_WITH_ERRORS if self.other_errors else ClusterStatus.READY
            case Verdict.NOT_READY:
                return ClusterStatus.OWN_ROWS_ONLY if self.matrix.only_own_rows_fail else ClusterStatus.NOT_READY
            case _:
                return ClusterStatus.UNDECIDED

    @property
    def other_errors(self) -> tuple[Finding, ...]:
        """The errors that nobody has waived, where the links between the peers all hold."""
        if self.verdict is not Verdict.READY:
            return ()
        return tuple(found for found in self.findings if found.counts and found.severity is Severity.ERROR)

    @property
    def unknowns(self) -> tuple[MissingEvidence, ...]:
        """What is missing, each piece once: of which peer, which field of the plan, and the findings it leaves open."""
        return unknowns(self.findings)

    @cached_property
    def case(self) -> Case:
        """What the rules looked at."""
        return Case(self.plan, self.evidence, self.at, self.matrix)

    def page(self, viewer: Peer) -> tuple[ClusteringRow, ...]:
        """The clustering page as `viewer` would show it."""
        return page(self.matrix, viewer)

    def summary(self, peer: Peer) -> ClusteringRow:
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
    zones = _judge_zones(Case(plan, evidence, at, matrix))
    # The servers behind an Expressway-C are judged with its Unified Communications zone, or else with the cluster.
    servers = () if zones else servers_of(plan, evidence)
    case = Case(plan, evidence, at, matrix, servers=servers)
    findings = run(case, catalog(), [found for zone in zones for found in zone.findings])
    status_changes = coming_changes(simulation, matrix)
    return Judgement(plan, evidence, at, matrix, status_changes, findings, predicted_alarms(case, findings), zones)


def _judge_zones(cluster: Case) -> tuple[ZoneJudgement, ...]:
    every = links(cluster.plan, cluster.evidence)
    if not every:
        return ()
    unified = [link for link in every if link.zone.type is ZoneType.UC_TRAVERSAL]
    with_servers = (unified or every)[:1]
    rules = [rule for rule in catalog() if rule.group in (Group.ZON, Group.SRV)]
    judged = []
    for link in every:
        simulation = ZoneSimulation(link)
        matrix = simulation.matrix(cluster.at)
        view = ZoneView(link, matrix)
        servers = servers_of(cluster.plan, cluster.evidence) if link in with_servers else ()
        case = replace(cluster, zones=(view,), servers=servers)
        findings = run(case, rules, None)
        status_changes = coming_changes(simulation, matrix)
        judged.append(ZoneJudgement(view, status_changes, findings, predicted_alarms(case, findings)))
    return tuple(judged)
