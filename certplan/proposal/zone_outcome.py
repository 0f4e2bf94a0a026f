"""What becomes of the zones of a plan with a set of changes, and who has to do what is left."""

from collections.abc import Iterable, Iterator, Mapping

from certplan.evidence.model import Missing
from certplan.handshake.model import Matrix, StepName
from certplan.intent.cluster import Intent
from certplan.outcomes import Verdict
from certplan.proposal.effect import Effect
from certplan.proposal.model import Advice, ZoneProposal
from certplan.proposal.state import Applied
from certplan.proposal.zone_remedies import ZoneStep, not_passed, obstacle_remedies, zone_remedies
from certplan.rules import catalog
from certplan.rules.engine import run
from certplan.rules.model import Case, Finding, Group
from certplan.text.names import show
from certplan.zones.view import Obstacle, ZoneView

__all__ = [
    "answers",
    "effects_for_zones",
    "service_findings",
    "total",
    "zone_blockers",
    "zone_failures",
    "zone_outcomes",
]

Answers = Mapping[tuple[int, StepName, str], tuple[str, ...]]
"""Rule codes by the zone's place in the plan, the stage of the handshake, and the peer of which they speak."""


def total(cluster: Verdict, zones: Iterable[Verdict]) -> Verdict:
    """The verdict of a cluster with its zones: the worst of them."""
    found = {cluster, *zones}
    return next(verdict for verdict in (Verdict.NOT_READY, Verdict.UNDECIDED, Verdict.READY) if verdict in found)


def answers(intent: Intent, matrix: Matrix, views: Iterable[ZoneView]) -> Answers:
    """Which rules speak of which stage of a zone today."""
    found: dict[tuple[int, StepName, str], tuple[str, ...]] = {}
    rules = [rule for rule in catalog() if rule.group is Group.ZON and rule.stages]
    for view in views:
        case = Case(intent.plan, intent.evidence, intent.at, matrix, zones=(view,))
        for finding in run(case, rules, None):
            for stage in finding.rule.stages:
                for peer in finding.subject.peers:
                    at = (view.link.position, stage, peer)
                    found[at] = tuple(sorted({*found.get(at, ()), finding.code}))
    return found


def service_findings(intent: Intent, applied: Applied, matrix: Matrix) -> Iterator[Finding]:
    """What the rules say of zones beyond their handshakes, once changes are made."""
    rules = [rule for rule in catalog() if rule.group is Group.ZON and not rule.stages]
    for view in applied.zones(intent):
        yield from run(Case(applied.plan, applied.evidence, intent.at, matrix, zones=(view,)), rules, None)


def _codes(known: Answers, failed: ZoneStep) -> tuple[str, ...]:
    position, stage = failed.view.link.position, failed.step.name
    of_verifier = stage in (StepName.TRUST, StepName.REVOCATION)
    end = failed.verifier if of_verifier else failed.presenter
    return known.get((position, stage, end.peer.address), ())


def effects_for_zones(
    intent: Intent, now: Applied, views: Iterable[ZoneView], known: Answers
) -> Iterator[tuple[Effect, tuple[str, ...]]]:
    """The changes of this cluster that may put its zones right, each with the rules it answers."""
    for view in views:
        yield from ((effect, ()) for effect in obstacle_remedies(view))
        for failed in not_passed(view):
            for effect in zone_remedies(intent, now, failed):
                yield effect, _codes(known, failed)


def zone_failures(views: Iterable[ZoneView]) -> Iterator[tuple[object, ...]]:
    """All that keeps zones from working, as values that can be compared between one set of changes and another."""
    for view in views:
        yield from (("zone", view.link.position, obstacle) for obstacle in view.obstacles)
        for handshake, step in view.not_passed:
            pair = handshake.verifier.number, handshake.presenter.number
            yield ("zone", view.link.position, *pair, step.name, step.store, step.outcome)


def zone_outcomes(before: Iterable[ZoneView], after: Iterable[ZoneView]) -> Iterator[ZoneProposal]:
    """Each zone with its verdicts."""
    for old, new in zip(before, after, strict=True):
        far = new.link.far
        name = None if isinstance(far, Missing) else far.plan.cluster.name
        yield ZoneProposal(new.link.zone.name, name, old.verdict, new.verdict)


def zone_blockers(views: Iterable[ZoneView], known: Answers) -> Iterator[Advice]:
    """What still keeps zones from working, each once, with the cluster that has to act where it is the other one."""
    found: dict[tuple[str, str, str | None], Advice] = {}
    for view in views:
        for advice in (*_unlinked(view), *(_advice(failed, known) for failed in not_passed(view))):
            found.setdefault((advice.subject, advice.fix, advice.cluster), advice)
    yield from found.values()


def _advice(failed: ZoneStep, known: Answers) -> Advice:
    near = failed.acts_near
    link, end = failed.view.link, failed.presenter
    far = None if isinstance(link.far, Missing) else link.far.plan.cluster.name
    subject = f"zone {show(link.zone.name)}, {show(end.peer.address)}"
    return Advice(_codes(known, failed), subject, failed.step.reason, failed.fix, None if near else far)


_WHY = {
    Obstacle.TYPES: ("a traversal zone connects an Expressway-C to an Expressway-E", "Correct the type of the zone."),
    Obstacle.PORT: ("the two ends state different ports", "Give the zone the same port on both sides."),
    Obstacle.VERIFY_OFF: ("TLS verify mode is Off", "Set TLS verify mode of the zone to On, on both sides."),
}


def _unlinked(view: ZoneView) -> Iterator[Advice]:
    subject, far = f"zone {show(view.link.zone.name)}", view.link.far
    if isinstance(far, Missing):
        yield Advice((), subject, f"{far.what}: {far.why}", far.remedy)
    for obstacle in view.obstacles:
        yield Advice((), subject, *_WHY[obstacle])
