"""Which change of this cluster could make a zone work, and which of the cluster at its far end.

What only the far end can do is no change here: it is said with the name of that cluster.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property

from certplan.evidence.model import Certificate, CertificateFile, TrustList
from certplan.handshake.model import Cause, Handshake, Step, StepName, Store
from certplan.intent.cluster import Intent
from certplan.intent.links import Direction, ZoneEnd, peer_named
from certplan.intent.zones import connecting_store, may_verify
from certplan.plan.model import IPAddress, Peer, Zone
from certplan.proposal.certificate_changes import LoadCa, RenewCrl
from certplan.proposal.effect import Effect
from certplan.proposal.record_changes import RECORD_TYPES, SetAddresses
from certplan.proposal.remedies import client_role, load, reissue, valid_path
from certplan.proposal.state import Applied
from certplan.proposal.zone_changes import FIELD_LABELS, SetZone
from certplan.text.names import is_fqdn, key, matching, show, typo
from certplan.text.words import listed
from certplan.value import Value
from certplan.vendor.releases import Release
from certplan.zones.handshake import inside_address
from certplan.zones.view import Obstacle, ZoneView

__all__ = ["End", "ZoneStep", "not_passed", "obstacle_remedies", "zone_remedies"]

_CRLS = frozenset({Cause.CRL_EXPIRED, Cause.CRL_UNUSABLE})


class End(Value, dict=True):
    """One peer of a zone's handshake, on its own side of the zone."""

    side: ZoneEnd
    number: int
    """In its own plan, from 1."""
    near: bool

    @property
    def peer(self) -> Peer:
        return self.side.plan.peers[self.number - 1]

    def leaf(self, store: Store) -> Certificate | None:
        found = self.side.evidence.peers[self.number - 1]
        file = found.server if store is Store.SERVER else found.client
        return file.leaf if isinstance(file, CertificateFile) else None


class ZoneStep(Value, dict=True):
    """A step of a zone's handshake that did not pass, with its two ends and who may put it right."""

    view: ZoneView
    direction: Direction
    handshake: Handshake
    step: Step

    def _end(self, number: int) -> End:
        first = len(self.direction.connecting.plan.peers)
        side, own = (
            (self.direction.connecting, number) if number <= first else (self.direction.answering, number - first)
        )
        return End(side, own, side is self.view.link.near)

    @cached_property
    def verifier(self) -> End:
        return self._end(self.handshake.verifier.number)

    @cached_property
    def presenter(self) -> End:
        return self._end(self.handshake.presenter.number)

    @property
    def connecting_verifies(self) -> bool:
        return self.verifier.side is self.direction.connecting

    @property
    def near_connects(self) -> bool:
        return self.direction.connecting is self.view.link.near

    @property
    def store(self) -> Store:
        return self.step.store or Store.SERVER

    @cached_property
    def common_name(self) -> str | None:
        """The connecting cluster's own name, if it can stand in the place of the name that is looked for.

        It can where every certificate has it, and where no certificate can have the other: one that is no FQDN, or a
        typing error for this one.
        """
        plan, evidence = self.direction.connecting.plan, self.direction.connecting.evidence
        name = plan.cluster.name if len(plan.peers) > 1 else plan.peers[0].fqdn
        if name is None or not is_fqdn(name):
            return None
        stated = self.view.link.verify_subject_name
        if stated is not None and (not is_fqdn(stated) or typo(key(name), stated) is not None):
            return name
        for peer, found in zip(plan.peers, evidence.peers, strict=True):
            if not isinstance(peer.stated_release, Release):
                return None
            file = found.client if connecting_store(peer.stated_release) is Store.CLIENT else found.server
            if not isinstance(file, CertificateFile) or matching(name, file.leaf.dns_names) is None:
                return None
        return name

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """One Peer N address for each peer of the answering side: the one stated where its certificate has it."""
        answering, stated = self.direction.answering, self.direction.addresses or ()
        chosen: dict[int, str] = {}
        for address in stated:
            meant = peer_named(answering, address)
            if meant is not None and meant.number not in chosen:
                chosen[meant.number] = _carried(answering, meant, address) or address
        for peer in answering.plan.peers:
            own = peer.fqdn or peer.address
            if peer.number not in chosen and ((name := _carried(answering, peer, own)) or is_fqdn(own)):
                chosen[peer.number] = name or own
        return tuple(chosen.values())

    @cached_property
    def acts_near(self) -> bool:
        """Whether it is this cluster that has to do something."""
        connecting = self.near_connects
        match self.step.name:
            case StepName.RESOLVE | StepName.REACH:
                return connecting
            case StepName.IDENTIFY if self.step.cause is Cause.ADDRESS_NOT_FQDN:
                return self.verifier.near
            case StepName.IDENTIFY if self.step.cause is Cause.VERIFY_NAME_UNKNOWN:
                return self.verifier.near
            case StepName.IDENTIFY if self.step.cause in (Cause.NAME_NOT_IN_SAN, Cause.NAME_ONLY_IN_CN):
                return self.verifier.near if self._by_setting else self.presenter.near
            case StepName.TRUST:
                return self.verifier.near
            case StepName.REVOCATION:
                return self.verifier.near if self.step.cause in _CRLS else self.presenter.near
        return self.presenter.near

    @cached_property
    def _by_setting(self) -> bool:
        """Whether a name the certificates already have can be set in the zone in the place of the one looked for."""
        if self.connecting_verifies:
            return _carried(self.direction.answering, self.presenter.peer, self.step.address) is not None
        return self.common_name is not None

    @property
    def fix(self) -> str:
        """What the side that acts has to do."""
        step, peer_number, who = self.step, show(self.presenter.peer.address), show(self.verifier.peer.address)
        if step.missing is not None:
            return step.missing.remedy
        if step.name is StepName.IDENTIFY:
            if self._by_setting or step.cause is Cause.ADDRESS_NOT_FQDN:
                value = self.common_name or "" if not self.connecting_verifies else listed(self.addresses)
                field = "peers" if self.connecting_verifies else "verify_subject_name"
                return f"Set {FIELD_LABELS[field]} of the zone to {value}."
            return f"Reissue the {self.store} certificate of {peer_number} with the SAN {show(step.address)}."
        if step.name is StepName.TRUST:
            return f"Load the CAs that {who} needs to verify the {self.store} certificate of {peer_number}."
        if step.cause is Cause.ZONE_ENTRY_MISSING:
            return f"Set {FIELD_LABELS['peers']} of the zone to {listed(self.addresses)}."
        if step.name in (StepName.RESOLVE, StepName.REACH):
            return f"Give the zone's name of {peer_number} the one record {inside_address(self.presenter.peer)}."
        if step.cause in _CRLS:
            return f"Load the CRL that {show(step.subject)} publishes today on {who}."
        return f"Reissue the {self.store} certificate of {peer_number}."


def _carried(side: ZoneEnd, peer: Peer, first: str) -> str | None:
    """A name of a peer that its server certificate has, `first` before the others."""
    file = side.evidence.peers[peer.number - 1].server
    names = (first, peer.fqdn, peer.address, f"{peer.host_name}.{peer.domain}")
    if not isinstance(file, CertificateFile):
        return None
    fit = (name for name in names if name is not None and is_fqdn(name))
    return next((name for name in fit if matching(name, file.leaf.dns_names) is not None), None)


def not_passed(view: ZoneView) -> Iterator[ZoneStep]:
    """Every step of a zone that failed or could not be judged."""
    direction = view.link.direction
    if direction is not None:
        for handshake, step in view.not_passed:
            yield ZoneStep(view, direction, handshake, step)


def zone_remedies(intent: Intent, now: Applied, failed: ZoneStep) -> Iterator[Effect]:
    """The changes of this cluster that may put right what fails in a zone."""
    step = failed.step
    match step.name:
        case StepName.RESOLVE | StepName.REACH:
            yield from _lookup(now, failed)
        case StepName.IDENTIFY:
            yield from _identify(intent, now, failed)
        case StepName.TRUST:
            yield from _trust(intent, now, failed)
        case StepName.REVOCATION if step.cause in _CRLS:
            if failed.verifier.near:
                yield RenewCrl(failed.verifier.number, step.subject)
        case StepName.ROLE if step.cause is Cause.CLIENT_ROLE_MISSING and failed.presenter.near:
            yield from client_role(intent, now, failed.presenter.peer, failed.store)
        case _ if failed.presenter.near and step.missing is None:
            yield from reissue(intent, now, failed.presenter.peer, failed.store)


def _lookup(now: Applied, failed: ZoneStep) -> Iterator[Effect]:
    if not failed.near_connects:
        return
    if failed.step.cause in (Cause.ZONE_ENTRY_MISSING, Cause.ZONE_PEERS_UNKNOWN):
        yield SetZone(failed.view.link.position, "peers", failed.addresses)
        return
    address = next(
        (
            each
            for each in failed.direction.addresses or ()
            if (meant := peer_named(failed.direction.answering, each)) is not None
            and meant.number == failed.presenter.number
        ),
        None,
    )
    if address is not None and is_fqdn(address):
        view, target = failed.verifier.peer.view_for(address), inside_address(failed.presenter.peer)
        if _answered(now, view, address, target):
            yield SetAddresses(view, key(address), (target,))


def _answered(now: Applied, view: str, name: str, target: IPAddress) -> bool:
    """Whether the view answered for a name: where its servers are silent no record is known to be missing."""
    if view not in now.evidence.views:
        return False
    answer = now.evidence.views[view].answers.get((key(name), RECORD_TYPES[target.version]))
    return answer is None or answer.outcome.answered


def _identify(intent: Intent, now: Applied, failed: ZoneStep) -> Iterator[Effect]:
    position, cause = failed.view.link.position, failed.step.cause
    if cause is Cause.VERIFY_NAME_UNKNOWN or failed.step.missing is not None:
        return
    if failed.acts_near and failed.verifier.near:
        if failed.connecting_verifies:
            yield SetZone(position, "peers", failed.addresses)
        elif failed.common_name is not None:
            yield SetZone(position, "verify_subject_name", failed.common_name)
    elif failed.acts_near:
        name = failed.step.address
        if may_verify(name, public=intent.public(failed.presenter.peer, failed.store)):
            yield from reissue(intent, now, failed.presenter.peer, failed.store)


def _trust(intent: Intent, now: Applied, failed: ZoneStep) -> Iterator[Effect]:
    presenter, verifier = failed.presenter, failed.verifier
    leaf = presenter.leaf(failed.store)
    if leaf is None:
        return
    issuer = now.issuers.get((presenter.number, failed.store)) if presenter.near else None
    below = issuer if isinstance(issuer, Certificate) else leaf
    path = valid_path(intent, below, at_once=True) if below is not leaf else valid_path(intent, leaf)[1:]
    if verifier.near and path:
        rivals = [*intent.pool.with_name(path[0].subject), *intent.pool.above(below)]
        yield from load(now, verifier.peer, path, rivals)
    if presenter.near and path:
        yield from _complete(now, presenter, path)
    if presenter.near and not path and issuer is None:
        yield from reissue(intent, now, presenter.peer, failed.store)


def _complete(now: Applied, presenter: End, path: Sequence[Certificate]) -> Iterator[Effect]:
    """What a peer's own list needs, so that it sends every intermediate CA of its certificate."""
    trust = now.evidence.peers[presenter.number - 1].trust
    if isinstance(trust, TrustList):
        held = {located.certificate.sha256 for located in trust.certificates}
        yield from (LoadCa(presenter.number, ca) for ca in path if ca.sha256 not in held)


def obstacle_remedies(view: ZoneView) -> Iterator[Effect]:
    """The changes of this cluster's own zone that clear a setting in the way of it."""
    link, zones = view.link, list(view.link.zones)
    own: Zone = link.zone
    far = zones[1] if len(zones) > 1 else None
    if Obstacle.VERIFY_OFF in view.obstacles and own.tls_verify is False:
        yield SetZone(link.position, "tls_verify", value=True)
    connects = link.direction is not None and link.direction.connecting is link.near
    if Obstacle.PORT in view.obstacles and connects and far is not None and far.port is not None:
        yield SetZone(link.position, "port", far.port)
