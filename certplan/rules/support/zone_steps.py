"""From the handshakes of a zone to findings: what many pairs share is said once."""

from collections.abc import Callable, Iterator

from certplan.handshake.model import Handshake, Step, StepName
from certplan.outcomes import Outcome
from certplan.places import Place
from certplan.plan.model import Peer
from certplan.rules.model import About, Case, Found, Subject, Unchecked
from certplan.rules.support.handshakes import sentence
from certplan.text.names import show
from certplan.zones.view import ZoneView

__all__ = ["connecting_checks", "presenter_findings", "verifier_findings", "zone_place"]

Fix = Callable[[Handshake, Step], str]


def zone_place(case: Case, zone: ZoneView, *path: str | int) -> Place:
    """The place of a zone, or of a field of it, in the plan file."""
    return case.plan.where("zones", zone.link.position, *path)


def connecting_checks(zone: ZoneView, handshake: Handshake) -> bool:
    """Whether it is the connecting side that verifies in this handshake."""
    direction = zone.link.direction
    return direction is not None and handshake.verifier.number <= len(direction.connecting.plan.peers)


def presenter_findings(
    case: Case, stage: StepName, fix: Fix, *, connecting: bool | None = None
) -> Iterator[Found | Unchecked]:
    """A finding for each peer that presents and each way in which this stage fails for it.

    `connecting` keeps to what the connecting side verifies (True) or the answering one (False).
    """
    yield from _findings(case, stage, fix, connecting, lambda handshake: (handshake.presenter, handshake.verifier))


def verifier_findings(
    case: Case, stage: StepName, fix: Fix, *, connecting: bool | None = None
) -> Iterator[Found | Unchecked]:
    """The same for each peer that verifies: its trusted CA list, CRL or DNS is at fault."""
    yield from _findings(case, stage, fix, connecting, lambda handshake: (handshake.verifier, handshake.presenter))


def _findings(
    case: Case,
    stage: StepName,
    fix: Fix,
    connecting: bool | None,
    ends: Callable[[Handshake], tuple[Peer, Peer]],
) -> Iterator[Found | Unchecked]:
    for zone in case.zones:
        groups: dict[tuple[object, ...], tuple[Handshake, Step, dict[str, None]]] = {}
        for handshake, step in zone.not_passed:
            if step.name is not stage or (
                connecting is not None and connecting_checks(zone, handshake) is not connecting
            ):
                continue
            peer, other = ends(handshake)
            _, _, others = groups.setdefault(
                (peer.number, step.cause, step.address, step.subject, step.role), (handshake, step, {})
            )
            others[other.address] = None
        for handshake, step, others in groups.values():
            peer, _ = ends(handshake)
            yield _finding(case, zone, handshake, step, Subject.zone(zone, peer), tuple(others), fix)


def _finding(
    case: Case, zone: ZoneView, handshake: Handshake, step: Step, subject: Subject, others: tuple[str, ...], fix: Fix
) -> Found | Unchecked:
    if step.outcome is Outcome.UNKNOWN and step.missing is not None:
        return Unchecked(subject, step.missing)
    more = f" The same with {len(others) - 1} more of the peers." if len(others) > 1 else ""
    return Found(
        subject,
        f"Zone {show(zone.link.zone.name)}: {sentence(step)}{more}",
        fix(handshake, step),
        zone_place(case, zone),
        confidence=step.confidence,
        about=About(
            store=step.store, presenters=(handshake.presenter.address,), names=(step.address,) if step.address else ()
        ),
    )
