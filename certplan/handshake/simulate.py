"""Every peer checks every peer, itself included, under Enforce, as the plan stands."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from certplan.evidence.model import CertificateFile, Evidence, Missing, PeerEvidence
from certplan.handshake import credentials
from certplan.handshake.chains import NEVER, TrustIndex
from certplan.handshake.identity import identify, no_fqdn
from certplan.handshake.model import (
    Cause,
    Handshake,
    Matrix,
    Presentation,
    Route,
    StatusChange,
    Step,
    StepName,
    Store,
    holding,
)
from certplan.handshake.resolving import Resolution, reach, resolution_of
from certplan.handshake.revocation import revocation
from certplan.handshake.trust import ChainVerifier
from certplan.outcomes import Confidence, Outcome, Verdict
from certplan.plan.model import NotStatedError, Peer, Plan, Unknown
from certplan.text.names import show
from certplan.vendor.releases import TWO_STORES_FROM

__all__ = ["Simulation", "coming_changes", "indexed", "not_stated", "simulate"]

_MOST_CHANGES = 64


class Simulation:
    """One plan with its evidence, made ready to be judged at any number of moments.

    What does not change with time (ways, names) is worked out once, and OpenSSL is asked once for each chain that
    differs, however many pairs share it.
    """

    def __init__(self, plan: Plan, evidence: Evidence) -> None:
        self._plan = plan
        self._evidence = evidence
        self._chain_verifier = ChainVerifier()
        self._lists: Sequence[TrustIndex | Missing] = indexed(evidence)
        self._resolutions: dict[tuple[int, int], tuple[Resolution, Step | None]] = {}
        self._steps: dict[tuple[object, ...], Step] = {}
        self._shown = [tuple(_shown(*each)) for each in zip(plan.peers, evidence.peers, strict=True)]
        self._kinds = _kinds(plan.peers)

    def matrix(self, at: datetime, before: Matrix | None = None) -> Matrix:
        """Judge every ordered pair at the time `at` (aware), keeping those of an earlier matrix that still hold."""
        peers = self._plan.peers
        kept = holding(() if before is None else before.handshakes, at)
        handshakes = tuple(
            kept.get((verifier.number, presenter.number)) or self._handshake(verifier, presenter, at)
            for verifier in peers
            for presenter in peers
        )
        return Matrix(at, peers, handshakes)

    def _handshake(self, verifier: Peer, presenter: Peer, at: datetime) -> Handshake:
        resolution, reached = self._resolution(verifier, presenter)
        steps = [resolution.step] if reached is None else [resolution.step, reached]
        for store, file in self._shown[presenter.number - 1]:
            if isinstance(file, Missing):
                refused = no_fqdn(presenter, store)
                steps += (
                    [_unseen(presenter, store, file)] if refused is None else [refused, _unseen(presenter, store, file)]
                )
            else:
                steps += self._judge(resolution, reached, Presentation(verifier, presenter, store, file.leaf), at)
        return Handshake(verifier, presenter, resolution.target, resolution.route, tuple(steps))

    def _resolution(self, verifier: Peer, presenter: Peer) -> tuple[Resolution, Step | None]:
        question = (self._kinds[verifier.number - 1], presenter.number)
        if question not in self._resolutions:
            self._resolutions[question] = self._resolve(verifier, presenter)
        return self._resolutions[question]

    def _resolve(self, verifier: Peer, presenter: Peer) -> tuple[Resolution, Step | None]:
        try:
            resolution = resolution_of(self._plan, self._evidence, verifier, presenter)
        except NotStatedError as error:
            return Resolution(_unstated(StepName.RESOLVE, error.unknown, self._plan.peers), Route.MAPPING), None
        try:
            return resolution, reach(self._plan, presenter, resolution)
        except NotStatedError as error:
            return resolution, _unstated(StepName.REACH, error.unknown, self._plan.peers)

    def _judge(self, resolution: Resolution, reached: Step | None, shown: Presentation, at: datetime) -> Iterator[Step]:
        verifier, number, store = shown.verifier, shown.presenter.number, shown.store
        kind = self._kinds[verifier.number - 1]
        yield self._once(
            lambda: identify(self._plan, self._evidence, resolution, reached, shown),
            (StepName.IDENTIFY, number, store, kind),
        )
        step, path = credentials.trust(self._plan, self._lists, self._chain_verifier, shown, at)
        yield step
        above = tuple([ca.sha256 for ca in path])
        yield self._once(lambda: credentials.role(shown, path), (StepName.ROLE, number, store, kind, above))
        yield self._once(lambda: credentials.dates(shown, at), (StepName.DATES, number, store, at))
        yield revocation(shown, path, self._evidence.peers[verifier.number - 1].crls, at)

    def _once(self, judge: Callable[[], Step], question: tuple[object, ...]) -> Step:
        """What `judge` says, asked once for all that `question` holds of the verifier and the time."""
        if question not in self._steps:
            try:
                self._steps[question] = judge()
            except NotStatedError as error:
                name, _, store, *_ = question
                self._steps[question] = _unstated(
                    StepName(str(name)), error.unknown, self._plan.peers, Store(str(store))
                )
        return self._steps[question]


def _shown(presenter: Peer, found: PeerEvidence) -> Iterator[tuple[Store, CertificateFile | Missing]]:
    """The certificates a peer shows on cluster links: from X15.5 one when it answers, another when it connects."""
    yield Store.SERVER, found.server
    release = presenter.stated_release
    if not isinstance(release, Unknown) and release >= TWO_STORES_FROM:
        yield Store.CLIENT, found.client


def _kinds(verifiers: Sequence[Peer]) -> Sequence[int]:
    """A number for each peer; those that ask the same DNS and run the same release have the same."""
    numbers: dict[tuple[object, ...], int] = {}
    alike = [(peer.dns, peer.domain_views, peer.stated_release) for peer in verifiers]
    return [numbers.setdefault(each, len(numbers)) for each in alike]


def indexed(evidence: Evidence) -> Sequence[TrustIndex | Missing]:
    """The trusted CA lists by subject; peers with the same CAs share one index, and so the questions put to it."""
    indexes: dict[tuple[str, ...], TrustIndex] = {}
    lists: list[TrustIndex | Missing] = []
    for found in evidence.peers:
        if isinstance(found.trust, Missing):
            lists.append(found.trust)
            continue
        certificates = [located.certificate for located in found.trust.certificates]
        alike = tuple(certificate.sha256 for certificate in certificates)
        if alike not in indexes:
            indexes[alike] = TrustIndex(certificates)
        lists.append(indexes[alike])
    return lists


def _unseen(presenter: Peer, store: Store, missing: Missing) -> Step:
    reason = f"the {store} certificate of {show(presenter.address)} is not known: {missing.why}"
    if store is Store.CLIENT:
        cause, confidence = Cause.CLIENT_CERTIFICATE_MISSING, Confidence.INFERRED
    else:
        cause, confidence = Cause.CERTIFICATE_MISSING, Confidence.DOCUMENTED
    return Step(
        StepName.IDENTIFY, Outcome.UNKNOWN, reason, cause, presenter.address, store, confidence, missing, peer=presenter
    )


def not_stated(unknown: Unknown, peers: Sequence[Peer]) -> Missing:
    """What was needed and the plan gives as unknown, with the peer and the field it is missing for."""
    # By what it holds, not by its number: a procedure numbers the peers anew.
    holders = (peer.address for peer in peers if any(getattr(peer, name) is unknown for name in peer.__struct_fields__))
    peer = None if unknown.peer is None else next(holders, None)
    why, remedy = "the plan says unknown", "Write what the appliance has."
    return Missing(unknown.what, why, remedy, unknown.place, peer, unknown.key)


def _unstated(name: StepName, unknown: Unknown, peers: Sequence[Peer], store: Store | None = None) -> Step:
    """A step that needs what the plan gives as unknown."""
    missing = not_stated(unknown, peers)
    reason = f"{unknown.what} is unknown in the plan"
    return Step(name, Outcome.UNKNOWN, reason, store=store, missing=missing)


def simulate(plan: Plan, evidence: Evidence, at: datetime) -> Matrix:
    """Judge every ordered pair of peers, and each peer with itself, at the aware time `at`."""
    return Simulation(plan, evidence).matrix(at)


class _Judged(Protocol):
    """Handshakes of one moment."""

    @property
    def handshakes(self) -> tuple[Handshake, ...]: ...
    @property
    def verdict(self) -> Verdict: ...


JudgedT = TypeVar("JudgedT", bound=_Judged)


class _Simulating(Protocol[JudgedT]):
    def matrix(self, at: datetime, before: JudgedT | None = None) -> JudgedT: ...


def coming_changes(simulation: _Simulating[JudgedT], now: JudgedT) -> tuple[StatusChange, ...]:
    """Every coming moment at which a certificate, CA or CRL changes a handshake, in order of time.

    Only moments that change the outcome of some pair are given; at most 64.
    """
    status_changes: list[StatusChange] = []
    matrix = now
    while len(status_changes) < _MOST_CHANGES:
        moment = min((h.holds_until for h in matrix.handshakes if h.holds_until is not None), default=None)
        if moment is None or moment >= NEVER:
            break
        after = simulation.matrix(moment, matrix)
        because = _changes(matrix, after)
        if because:
            status_changes.append(StatusChange(moment, after.verdict, because))
        matrix = after
    return tuple(status_changes)


def _changes(before: _Judged, after: _Judged) -> tuple[str, ...]:
    """What differs, a sentence for each step that changed, the steps that every pair shares said once."""
    found: dict[str, None] = {}
    for old, new in zip(before.handshakes, after.handshakes, strict=True):
        if old is new or old.outcome is new.outcome:
            continue
        changed = [
            (was, step) for was, step in zip(old.steps, new.steps, strict=False) if step.outcome is not was.outcome
        ]
        dated = [(was, step) for was, step in changed if step.name is StepName.DATES] or changed
        for was, step in dated:
            # A validity that ends is best described by the step that still passed: "is valid until".
            ends = step.name is StepName.DATES and was.outcome is Outcome.PASS
            found.setdefault(was.reason if ends else step.reason, None)
    return tuple(found)
