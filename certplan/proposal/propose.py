"""The least set of changes that makes a cluster ready for Enforce, proved by judging the changed copy again."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from certplan.evidence.model import Evidence
from certplan.handshake.model import Cause, Handshake, Matrix, Step, StepName, Store
from certplan.intent.cluster import Intent, stores_of
from certplan.outcomes import Severity, Verdict
from certplan.plan.model import Plan, TlsVerification
from certplan.proposal.certificate_changes import LoadCa, LoadNewCa, Reissue, RemoveCa
from certplan.proposal.effect import Effect
from certplan.proposal.model import Advice, Change, Proposal, describe
from certplan.proposal.other_findings import OtherFindings
from certplan.proposal.remedies import remedies, shares_lan1, wants_certificate
from certplan.proposal.state import Applied, apply
from certplan.proposal.zone_outcome import (
    Answers,
    answers,
    effects_for_zones,
    service_findings,
    total,
    zone_blockers,
    zone_failures,
    zone_outcomes,
)
from certplan.rules import catalog, codes_for, find
from certplan.rules.engine import run
from certplan.rules.model import Case
from certplan.stage import Stage
from certplan.text.names import show, show_all
from certplan.value import replace

__all__ = ["blockers", "propose"]

_MOST_ROUNDS = 12
_MOST_SINGLY = 64
_WAITS_FOR_A_NAME = frozenset({Cause.ADDRESS_IS_IP, Cause.ADDRESS_NOT_FQDN})
Effects = dict[Effect, dict[str, None]]
"""The changes found, each with the codes of the rules it answers."""


def propose(
    plan: Plan,
    evidence: Evidence,
    at: datetime,
    *,
    severity: Severity | None = None,
    replace_certificates: bool = False,
) -> Proposal:
    """Find the least set of changes that makes the verdict `ready`.

    Everything that fails in a handshake is given its changes, round by round, until no more are known; then each change
    without which the outcome is no worse is dropped. What is left is applied to a copy and judged.

    Args:
        plan: what the engineer states.
        evidence: what was observed.
        at: the aware time to judge at; new certificates are taken to begin then.
        severity: clear findings of this severity and above as well, where a change is known.
        replace_certificates: reissue every server certificate that was read, whether that is needed or not.

    Returns:
        The changes in the order they are best begun, and the verdict with them.

    Raises:
        ValueError: when `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("the time to judge at needs a time zone")
    intent = Intent(plan, evidence, at)
    today = Applied(plan, evidence)
    before, zones_before = today.judged(intent), today.zones(intent)
    known = answers(intent, before, zones_before)
    others = None if severity is None else OtherFindings(intent, severity)
    fixed: list[Effect] = [
        Reissue.of(decided)
        for peer in (plan.peers if replace_certificates else ())
        if intent.leaf(peer) and not (decided := intent.certificate(peer, Store.SERVER)).problems
    ]
    found = _completed(intent, {effect: {} for effect in fixed}, others, known)
    kept = _least(list(found), fixed, lambda effects: _open_errors(intent, effects, others))
    kept += _expired_with(kept, found, at)
    if plan.zones:
        kept += _below(kept, found)
    applied = apply(intent, kept)
    after, zones_after = applied.judged(intent), applied.zones(intent)
    changes = [describe(intent, effect, tuple(sorted(found[effect]))) for effect in kept]
    return Proposal(
        intent=intent,
        before=total(before.verdict, (view.verdict for view in zones_before)),
        after=total(after.verdict, (view.verdict for view in zones_after)),
        changes=tuple(sorted(changes, key=_order)),
        plan=applied.plan,
        cluster_blockers=(*_refused(intent, applied, after), *blockers(applied.plan, after)),
        advice=() if others is None else others.advice(applied),
        notes=tuple(_meanwhile(plan, evidence, at, before)),
        other_errors=() if others is not None else tuple(_others(intent, before)),
        zones=tuple(zone_outcomes(zones_before, zones_after)),
        zone_blockers=tuple(zone_blockers(zones_after, known)),
        cluster_after=after.verdict,
    )


def _expired_with(kept: Sequence[Effect], found: Iterable[Effect], at: datetime) -> list[Effect]:
    """Expired CAs that go with what is done to the same list: with the cross-signed CA below them, or their renewal."""
    renewed = {(e.peer, e.ca.name) for e in kept if isinstance(e, LoadNewCa)}
    below = {(e.peer, e.certificate.issuer) for e in kept if isinstance(e, RemoveCa)}
    return [
        effect
        for effect in found
        if isinstance(effect, RemoveCa)
        and effect not in kept
        and effect.certificate.not_after < at
        and (effect.peer, effect.certificate.subject) in renewed | below
    ]


def _below(kept: Sequence[Effect], found: Iterable[Effect]) -> list[Effect]:
    """Intermediate CAs below a root that is loaded: over a zone the SSH tunnels need each of them (221624)."""
    loaded = {(e.peer, e.certificate.subject) for e in kept if isinstance(e, LoadCa)}
    more = [effect for effect in found if isinstance(effect, LoadCa) and effect not in kept]
    chosen: list[Effect] = []
    for _ in more:
        for effect in more:
            if effect not in chosen and (effect.peer, effect.certificate.issuer) in loaded:
                chosen.append(effect)
                loaded.add((effect.peer, effect.certificate.subject))
    return chosen


def _others(intent: Intent, today: Matrix) -> Iterator[Advice]:
    """Errors that no handshake depends on: Enforce does not wait for them, and other things do."""
    case = Case(intent.plan, intent.evidence, intent.at, today)
    of_zones = service_findings(intent, Applied(intent.plan, intent.evidence), today)
    for finding in (*run(case, catalog()), *of_zones):
        if finding.counts and finding.severity is Severity.ERROR and not finding.rule.answers:
            yield Advice((finding.code,), finding.subject.name, finding.message, finding.fix)


def _refused(intent: Intent, applied: Applied, after: Matrix) -> Iterator[Advice]:
    """Certificates that are needed and that no CA may issue with these names: what `csr new` refuses."""
    needed = {
        (handshake.presenter.number, step.store)
        for handshake in after.handshakes
        for step in handshake.not_passed
        if step.store is not None and wants_certificate(step)
    }
    for peer in applied.plan.peers:
        for store in stores_of(peer):
            for problem in intent.certificate(intent.plan.peers[peer.number - 1], store).problems:
                if (peer.number, store) in needed:
                    message = f"No {store} certificate can be issued with these names: {problem.message}."
                    yield Advice((), peer.address, message, f"Correct the plan at {problem.place}.")


def _meanwhile(plan: Plan, evidence: Evidence, at: datetime, today: Matrix) -> Iterator[str]:
    """A cluster that enforces and is not ready is broken now, and not only once the mode is set."""
    if plan.cluster.stated_tls_verification is not TlsVerification.ENFORCE or today.verdict is not Verdict.NOT_READY:
        return
    stage = Stage(plan, evidence, at, enforcing=frozenset(peer.number for peer in plan.peers))
    primary = min(plan.peers, key=lambda peer: peer.number != (plan.cluster.primary or 1))
    cut = show_all(peer.address for peer in stage.isolated_from(primary))
    elsewhere = f" and on the page of each isolated peer ({cut})" if cut else ""
    yield (
        "TLS verification mode is Enforce already, and peers refuse each other. Meanwhile set it to Permissive on the"
        f" primary ({show(primary.address)}){elsewhere}, restart the primary first, then the others one by one, and set"
        " Enforce again when the verdict is ready: certplan runbook has the steps."
    )


def _order(change: Change) -> tuple[int, int, int]:
    """Who, what, whose: CAs before certificates that need them, the mapping before the addresses that need it."""
    return list(type(change.who)).index(change.who), change.effect.order, getattr(change.effect, "peer", 0)


def blockers(plan: Plan, matrix: Matrix) -> tuple[Advice, ...]:
    """What keeps a matrix from `ready`: evidence that is missing, and failures without a known change; each once."""
    found: dict[tuple[str, str], tuple[Advice, set[str]]] = {}
    for handshake in matrix.handshakes:
        for step in handshake.not_passed:
            if step.cause is None:
                continue
            subject, message, fix = _blocker(plan, handshake, step)
            _, codes = found.setdefault((subject, fix), (Advice((), subject, message, fix), set()))
            codes.update(codes_for(step.cause))
    return tuple(replace(advice, codes=tuple(sorted(codes))) for advice, codes in found.values())


def _blocker(plan: Plan, handshake: Handshake, step: Step) -> tuple[str, str, str]:
    if step.missing is not None:
        return step.missing.what, step.missing.why, step.missing.remedy
    if step.name in (StepName.RESOLVE, StepName.REACH, StepName.IDENTIFY) and shares_lan1(plan, handshake.presenter):
        fix = f"Give every peer a LAN 1 address of its own: two have {handshake.presenter.lan1.ip} in the plan."
        return handshake.presenter.address, step.reason, fix
    if step.cause is not None and step.cause in _WAITS_FOR_A_NAME:
        fix = "State the peer's fqdn in the plan: nothing determines which name it should have."
        return handshake.presenter.address, step.reason, fix
    (code, *_) = codes_for(step.cause) if step.cause is not None else ("",)
    rule = find(code)
    fix = "" if rule is None else rule.text.fix.replace("\n", " ")
    return handshake.presenter.address, step.reason, fix


def _completed(intent: Intent, found: Effects, others: OtherFindings | None, known: Answers) -> Effects:
    """Add the changes for all that fails, and for what else is to be cleared, until there are no new ones."""
    for _ in range(_MOST_ROUNDS):
        applied = apply(intent, _in_order(found))
        count = len(found)
        for handshake in applied.judged(intent).handshakes:
            for step in handshake.not_passed:
                codes = codes_for(step.cause) if step.cause is not None else ()
                for effect in remedies(intent, applied, handshake, step):
                    found.setdefault(effect, {}).update(dict.fromkeys(codes))
        for effect, codes in effects_for_zones(intent, applied, applied.zones(intent), known):
            found.setdefault(effect, {}).update(dict.fromkeys(codes))
        if others is not None:
            for effect, code in others.remedies(applied):
                found.setdefault(effect, {})[code] = None
        if len(found) == count:
            break
    return found


def _in_order(effects: Iterable[Effect]) -> list[Effect]:
    """Tables are switched on before single entries of theirs are changed; else as they were found."""
    return sorted(effects, key=lambda effect: not effect.first)


OpenErrors = frozenset[tuple[object, ...]]


def _open_errors(intent: Intent, effects: Sequence[Effect], others: OtherFindings | None) -> OpenErrors:
    """Every error there is once these changes are made."""
    applied = apply(intent, effects)
    # What rests on an unproven CA is unknown whatever else is done: what the CA would give counts beside it.
    matrices = (applied.judged(intent), *((applied.simulated(intent),) if applied.unproven else ()))
    not_passed = {
        (number, handshake.verifier.number, handshake.presenter.number, step.name, step.store, step.outcome)
        for number, matrix in enumerate(matrices)
        for handshake in matrix.handshakes
        for step in handshake.not_passed
    }
    zones = set(zone_failures(applied.zones(intent)))
    return frozenset(not_passed | zones | (set() if others is None else others.open_errors(applied)))


def _least(
    effects: list[Effect], fixed: Sequence[Effect], open_errors: Callable[[Sequence[Effect]], OpenErrors]
) -> list[Effect]:
    """Leave out, costliest first, again and again, every change that is not fixed and whose absence adds no error."""
    kept = _in_order(effects)
    most = open_errors(kept)
    dropped = True
    while dropped:
        dropped = False
        for group in _groups(effect for effect in kept if effect not in fixed):
            rest = [other for other in kept if other not in group]
            left = open_errors(rest)
            if left <= most:
                kept, most, dropped = rest, left, True
    return kept


def _groups(effects: Iterable[Effect]) -> list[set[Effect]]:
    """What is left out together, costliest first: single changes, and those of one kind and peer where they are many.

    Whether a change is needed takes a judgement of the whole cluster: for each of a thousand names it would take hours.
    """
    alike: defaultdict[tuple[type[Effect], object], list[Effect]] = defaultdict(list)
    for effect in (free := list(effects)):
        alike[type(effect), getattr(effect, "peer", None)].append(effect)
    groups = []
    for effect in free:
        same = alike[type(effect), getattr(effect, "peer", None)]
        if len(same) <= _MOST_SINGLY:
            groups.append({effect})
        elif effect is same[0]:
            groups.append(set(same))
    return sorted(groups, key=lambda group: -next(iter(group)).cost)
