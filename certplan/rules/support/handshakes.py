"""From failed and undecided handshake steps to findings: what many pairs share is said once."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from certplan.handshake.model import Cause, Handshake, Step, StepName
from certplan.plan.model import Peer
from certplan.rules.model import About, Case, Subject, Unchecked
from certplan.text.names import show_all
from certplan.value import Value

__all__ = ["UNSEEN", "Shared", "by_owner", "by_presenter", "by_verifier", "sentence", "unchecked"]

UNSEEN = (Cause.TRUST_LIST_MISSING, Cause.CERTIFICATE_MISSING, Cause.CLIENT_CERTIFICATE_MISSING)
"""Without these no chain can be judged."""


class Shared(Value):
    """One step that ended alike in several handshakes of one peer."""

    peer: Peer
    others: tuple[Peer, ...]
    """Those at the other end, in plan order."""
    step: Step
    presenters: tuple[str, ...] = ()
    """Those whose certificates were judged, by address."""

    @property
    def about(self) -> About:
        """What the step names, as values."""
        step = self.step
        return About(
            store=step.store,
            presenters=self.presenters,
            ca=step.subject if step.subject and step.name in _OF_CAS else None,
            names=(step.address,) if step.address else (),
        )

    @property
    def named_others(self) -> str:
        return show_all(peer.address for peer in self.others)


def by_presenter(case: Case, *causes: Cause) -> Iterator[Shared]:
    """Steps grouped by the peer that presents: its name, certificate or address is at fault."""
    yield from _grouped(case, causes, lambda handshake, _: (handshake.presenter, handshake.verifier))


def by_verifier(case: Case, *causes: Cause) -> Iterator[Shared]:
    """Steps grouped by the peer that verifies: its trusted CA list, CRL or DNS is at fault."""
    yield from _grouped(case, causes, lambda handshake, _: (handshake.verifier, handshake.presenter))


def by_owner(case: Case, *causes: Cause) -> Iterator[Shared]:
    """Steps grouped by the peer whose trusted CA list is at fault, whichever end it is; the others present."""
    yield from _grouped(case, causes, lambda handshake, step: (step.peer or handshake.verifier, handshake.presenter))


Ends = Callable[[Handshake, Step], tuple[Peer, Peer]]
"""The peer that a step is about, and the one at the other end."""


def _grouped(case: Case, causes: tuple[Cause, ...], ends_of: Ends) -> Iterator[Shared]:
    groups: dict[tuple[object, ...], tuple[Peer, Step, dict[Peer, None], dict[str, None]]] = {}
    for cause in causes:
        for handshake, steps in groupby(case.not_passed(cause), key=itemgetter(0)):
            for step in _most_specific(tuple(step for _, step in steps)):
                peer, other = ends_of(handshake, step)
                address = "" if step.name in _WAYS else step.address
                shared = (peer.number, cause, address, step.subject, step.role, step.store)
                _, _, others, presenters = groups.setdefault(shared, (peer, step, {}, {}))
                others[other] = None
                presenters[handshake.presenter.address] = None
    for peer, step, others, presenters in groups.values():
        yield Shared(peer, tuple(others), step, tuple(presenters))


_OF_CAS = frozenset({StepName.TRUST, StepName.REVOCATION})
_WAYS = frozenset({StepName.RESOLVE, StepName.REACH})
_BEST_TOLD_BY = (StepName.DATES, *(name for name in StepName if name is not StepName.DATES))


def _most_specific(steps: Sequence[Step]) -> Iterator[Step]:
    """Of the steps of one handshake that ended for the same cause, those that tell it best.

    A wrong address makes the identity fail as well, and an expired certificate is refused by the chain too.
    """
    teller = next(name for name in _BEST_TOLD_BY if any(step.name is name for step in steps))
    return (step for step in steps if step.name is teller)


def sentence(step: Step) -> str:
    """The step's reason as a sentence of its own."""
    return f"{step.reason[:1].upper()}{step.reason[1:]}."


def unchecked(case: Case, *causes: Cause) -> Iterator[Unchecked]:
    """A "not verified" for each piece of missing evidence that left a handshake undecided."""
    seen = set()
    for handshake, step in case.not_passed(*causes):
        owner = step.peer or handshake.presenter
        if step.missing is not None and (owner.number, step.missing) not in seen:
            seen.add((owner.number, step.missing))
            yield Unchecked(Subject.peer(owner), step.missing)
