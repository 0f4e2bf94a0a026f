"""From failed and undecided handshake steps to findings: what many pairs share is said once."""

from collections.abc import Iterator
from dataclasses import dataclass

from certplan.handshake.model import Cause, Step
from certplan.names import show
from certplan.plan.model import Peer
from certplan.rules.model import Case, Subject, Unchecked

__all__ = ["Shared", "by_presenter", "by_verifier", "sentence", "unchecked"]


@dataclass(frozen=True, slots=True)
class Shared:
    """One step that ended alike in several handshakes of one peer."""

    peer: Peer
    others: tuple[Peer, ...]
    """Those at the other end, in plan order."""
    step: Step

    @property
    def named_others(self) -> str:
        return ", ".join(show(peer.address) for peer in self.others)


def by_presenter(case: Case, *causes: Cause) -> Iterator[Shared]:
    """Steps grouped by the peer that presents: its name, certificate or address is at fault."""
    yield from _grouped(case, causes, presenter=True)


def by_verifier(case: Case, *causes: Cause) -> Iterator[Shared]:
    """Steps grouped by the peer that verifies: its trusted CA list, CRL or DNS is at fault."""
    yield from _grouped(case, causes, presenter=False)


def _grouped(case: Case, causes: tuple[Cause, ...], *, presenter: bool) -> Iterator[Shared]:
    groups: dict[tuple[int, Cause | None, str], tuple[Peer, dict[Peer, None], Step]] = {}
    for handshake, step in case.troubles(*causes):
        ends = (handshake.presenter, handshake.verifier)
        peer, other = ends if presenter else ends[::-1]
        _, others, _ = groups.setdefault((peer.number, step.cause, step.about), (peer, {}, step))
        others[other] = None
    for peer, others, step in groups.values():
        yield Shared(peer, tuple(others), step)


def sentence(step: Step) -> str:
    """The step's reason as a sentence of its own."""
    return f"{step.reason[:1].upper()}{step.reason[1:]}."


def unchecked(case: Case, *causes: Cause) -> Iterator[Unchecked]:
    """A could-not-check for each piece of missing evidence that left a handshake undecided."""
    seen = set()
    for handshake, step in case.troubles(*causes):
        if step.missing is not None and step.missing not in seen:
            seen.add(step.missing)
            owner = handshake.verifier if step.about == handshake.verifier.address else handshake.presenter
            yield Unchecked(Subject.peer(owner), step.missing)
