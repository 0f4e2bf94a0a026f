"""The simulated connections of a zone: every peer of one cluster with every peer of the other, from both ends.

Over a traversal zone the Expressway-C connects and the Expressway-E answers. The C looks up the zone's `Peer N address`
in its own DNS, checks that address against the names in the E's server certificate, and the E looks for its `TLS verify
subject name` in the certificate that the C shows. (Administrator Guide X15.5, Zones and Neighbors; Mobile and Remote
Access guide X15.2.)
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property

from certplan.evidence.model import CertificateFile, DnsOutcome, Evidence, Missing
from certplan.handshake import credentials, revocation
from certplan.handshake.model import Cause, Handshake, Presentation, Route, Step, StepName, Store, holding, worst
from certplan.handshake.resolving import addresses_of, how_to_get_an_answer, resolve
from certplan.handshake.simulate import indexed
from certplan.handshake.trust import ChainVerifier
from certplan.intent.links import TRAVERSALS, Direction, Link, own_addresses, peer_named
from certplan.intent.zones import answering_roles, connecting_roles, connecting_store
from certplan.outcomes import Confidence, Outcome, Verdict
from certplan.plan.model import ExternalLan, IPAddress, NotStatedError, Peer, Unknown, ZoneType
from certplan.text.addresses import parse_ip
from certplan.text.names import is_fqdn, matching, show
from certplan.text.words import listed
from certplan.value import Value, replace

__all__ = ["ZoneMatrix", "ZoneSimulation", "inside_address"]


class ZoneMatrix(Value, dict=True):
    """Every handshake of a zone at one moment: first what the connecting side checks, then what the answering one does.

    Peers of the answering side are numbered after those of the connecting one, so that numbers are distinct.
    """

    at: datetime
    handshakes: tuple[Handshake, ...]
    decided: bool = True
    """False where the far end is not known."""

    @cached_property
    def verdict(self) -> Verdict:
        outcome = worst(handshake.outcome for handshake in self.handshakes)
        if outcome is Outcome.FAIL:
            return Verdict.NOT_READY
        return Verdict.READY if outcome is Outcome.PASS and self.decided else Verdict.UNDECIDED


class ZoneSimulation:
    """One zone, made ready to be judged at any number of moments."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._direction = link.direction
        self._chain_verifier = ChainVerifier()
        if self._direction is not None:
            self._connect(self._direction)

    def _connect(self, direction: Direction) -> None:
        near, far = direction.connecting, direction.answering
        shifted = tuple(replace(peer, number=len(near.plan.peers) + peer.number) for peer in far.plan.peers)
        self._connecting, self._answering = near.plan.peers, shifted
        # One plan of both clusters, in which what is known of trust between peers is asked as within one.
        self._plan = replace(near.plan, peers=(*near.plan.peers, *shifted))
        self._evidence = Evidence(
            peers=(*near.evidence.peers, *far.evidence.peers),
            views=near.evidence.views,
            gathered_at=near.evidence.gathered_at,
        )
        self._lists = indexed(self._evidence)

    def matrix(self, at: datetime, before: ZoneMatrix | None = None) -> ZoneMatrix:
        """Judge every pair at the time `at` (aware), keeping those of an earlier matrix that still hold."""
        if self._direction is None:
            return ZoneMatrix(at, (), decided=False)
        kept = holding(() if before is None else before.handshakes, at)
        ordered = [(one, other) for one in self._connecting for other in self._answering]
        pairs = [*ordered, *((other, one) for one, other in ordered)]
        return ZoneMatrix(
            at,
            tuple(kept.get((one.number, other.number)) or self._handshake(one, other, at) for one, other in pairs),
        )

    def _handshake(self, verifier: Peer, presenter: Peer, at: datetime) -> Handshake:
        if verifier.number <= len(self._connecting):
            return self._connects(verifier, presenter, at)
        return self._answers(verifier, presenter, at)

    def _connects(self, verifier: Peer, presenter: Peer, at: datetime) -> Handshake:
        """What a peer of the connecting side makes of a peer of the other."""
        address, unlisted = self._address_of(presenter)
        if address is None:
            return Handshake(verifier, presenter, None, Route.DNS, (unlisted,))
        resolved, target = self._resolve(verifier, address)
        steps = [resolved, *self._reach(presenter, target)]
        steps += self._judge(
            verifier,
            presenter,
            Store.SERVER,
            lambda shown: _includes(shown, address, "the zone's peer address"),
            _server_roles(verifier),
            at,
        )
        route = Route.LITERAL if parse_ip(address) is not None else Route.DNS
        return Handshake(verifier, presenter, target, route, tuple(steps))

    def _answers(self, verifier: Peer, presenter: Peer, at: datetime) -> Handshake:
        """What a peer of the answering side makes of a peer that connects to it."""
        release = presenter.stated_release
        if isinstance(release, Unknown):
            return Handshake(verifier, presenter, None, Route.DNS, (_unstated(StepName.IDENTIFY, release),))
        store = connecting_store(release)
        name = self._name_looked_for(presenter)
        steps = self._judge(
            verifier, presenter, store, lambda shown: self._verified(shown, name), connecting_roles(release), at
        )
        return Handshake(verifier, presenter, None, Route.DNS, tuple(steps))

    def _name_looked_for(self, presenter: Peer) -> str | None:
        """The name by which the answering side knows a peer that connects; None: not stated.

        A neighbor zone has no TLS verify subject name: each end knows the other by its own Peer N addresses.
        """
        if self._link.zone.type is not ZoneType.NEIGHBOR or self._direction is None:
            return self._link.verify_subject_name
        zone = self._direction.answering.zone
        for address in () if zone is None else zone.peers or ():
            meant = peer_named(self._direction.connecting, address)
            if meant is not None and meant.number == presenter.number:
                return address
        return None

    def _verified(self, shown: Presentation, name: str | None) -> Step:
        neighbor = self._link.zone.type is ZoneType.NEIGHBOR
        what = "the zone's peer address" if neighbor else "TLS verify subject name"
        field = "peers" if neighbor else "verify_subject_name"
        if name is None:
            missing = Missing(
                f"{what} for {show(shown.presenter.address)}" if neighbor else f"{what} of the zone",
                "the plans do not say",
                f"Write {field} in the zone of the plan of the end that is connected to.",
                self._link.near.plan.where("zones", self._link.position),
                field=field,
            )
            reason = f"the name that {show(shown.verifier.address)} looks for in {shown.owner} is not known"
            return Step(StepName.IDENTIFY, Outcome.UNKNOWN, reason, Cause.VERIFY_NAME_UNKNOWN, missing=missing)
        return _includes(shown, name, what)

    def _address_of(self, presenter: Peer) -> tuple[str | None, Step]:
        """The zone's address of a peer; where it has none, a step that says so."""
        direction = self._direction
        if direction is None or direction.addresses is None:
            missing = Missing(
                "Peer N addresses of the zone",
                "the plans do not say",
                "Write peers in the zone of the Expressway-C's plan.",
                self._link.near.plan.where("zones", self._link.position),
                field="peers",
            )
            reason = f"the address by which the zone leads to {show(presenter.address)} is not known"
            step = Step(StepName.RESOLVE, Outcome.UNKNOWN, reason, Cause.ZONE_PEERS_UNKNOWN, missing=missing)
            return None, step
        number = presenter.number - len(self._connecting)
        for address in direction.addresses:
            meant = peer_named(direction.answering, address)
            if meant is not None and meant.number == number:
                return address, _NOT_LISTED
        reason = f"the zone has no peer address for {show(presenter.address)}"
        return None, replace(_NOT_LISTED, reason=reason, address=presenter.address)

    def _judge(
        self,
        verifier: Peer,
        presenter: Peer,
        store: Store,
        identify: Callable[[Presentation], Step],
        roles: tuple[str, ...] | Unknown,
        at: datetime,
    ) -> Iterator[Step]:
        if not self._link.verifies:
            reason = "TLS verify mode is Off on the zone, so that any certificate is taken"
            yield Step(StepName.IDENTIFY, Outcome.NOT_APPLICABLE, reason, store=store)
            return
        found = self._evidence.peers[presenter.number - 1]
        file = found.server if store is Store.SERVER else found.client
        if isinstance(file, Missing):
            cause = Cause.CERTIFICATE_MISSING if store is Store.SERVER else Cause.CLIENT_CERTIFICATE_MISSING
            reason = f"the {store} certificate of {show(presenter.address)} is not known: {file.why}"
            yield Step(StepName.IDENTIFY, Outcome.UNKNOWN, reason, cause, presenter.address, store, missing=file)
            return
        assert isinstance(file, CertificateFile)  # noqa: S101 - what is not missing is read
        shown = Presentation(verifier, presenter, store, file.leaf, within_cluster=False)
        yield identify(shown)
        step, path = credentials.trust(self._plan, self._lists, self._chain_verifier, shown, at)
        yield step
        try:
            yield (
                _unstated(StepName.ROLE, roles) if isinstance(roles, Unknown) else credentials.role(shown, path, roles)
            )
        except NotStatedError as error:
            yield _unstated(StepName.ROLE, error.unknown)
        yield credentials.dates(shown, at)
        yield revocation.revocation(shown, path, self._evidence.peers[verifier.number - 1].crls, at)

    def _resolve(self, verifier: Peer, address: str) -> tuple[Step, IPAddress | None]:
        """Look the zone's address up as the connecting peer does; it must have exactly one address.

        With two records the connection stops at "Waiting for traversal server info" (118798).
        """
        literal = parse_ip(address)
        if literal is not None:
            return Step(StepName.RESOLVE, Outcome.PASS, f"the zone's peer address is {literal}"), literal
        view, name = verifier.view_for(address), show(address)
        answer = resolve(self._evidence, self._plan, view, address)
        found = addresses_of(answer)
        if answer.outcome is DnsOutcome.ANSWER and len(found) == 1:
            return Step(StepName.RESOLVE, Outcome.PASS, f"{name} is {found[0]} in the {show(view)} DNS view"), found[0]
        if answer.outcome is DnsOutcome.ANSWER and found:
            addresses = listed(str(ip) for ip in found)
            reason = f"{name} has {len(found)} addresses in the {show(view)} DNS view: {addresses}"
            return Step(StepName.RESOLVE, Outcome.FAIL, reason, Cause.SEVERAL_ADDRESSES, address, view=view), None
        if answer.outcome in (DnsOutcome.NXDOMAIN, DnsOutcome.NO_DATA, DnsOutcome.ANSWER):
            reason = f"{name} has no {answer.type} record in the {show(view)} DNS view"
            return Step(StepName.RESOLVE, Outcome.FAIL, reason, Cause.NAME_ABSENT, address, view=view), None
        why = answer.why or f"the view answered {answer.outcome.value}"
        missing = Missing(
            f"{answer.type} record of {name} in the {show(view)} DNS view",
            why,
            how_to_get_an_answer(answer),
            self._plan.where("dns", view),
            field=f"dns.{view}",
        )
        reason = f"{name} could not be looked up in the {show(view)} DNS view: {why}"
        step = Step(StepName.RESOLVE, Outcome.UNKNOWN, reason, Cause.DNS_SILENT, address, view=view, missing=missing)
        return step, None

    def _reach(self, presenter: Peer, target: IPAddress | None) -> Iterator[Step]:
        """Compare the address with those of the peer that is meant."""
        if target is None:
            return
        own = show(presenter.address)
        try:
            expected = (inside_address(presenter),) if self._link.zone.type in TRAVERSALS else own_addresses(presenter)
        except NotStatedError as error:
            yield _unstated(StepName.REACH, error.unknown)
            return
        if target in expected:
            yield Step(StepName.REACH, Outcome.PASS, f"{target} is an address of {own} that the zone may use")
            return
        owner = f"an address of {own}" if target in own_addresses(presenter) else f"no address of {own}"
        right = listed(str(ip) for ip in expected)
        reason = f"the zone leads to {target}, {owner}; the address to connect to is {right}"
        yield Step(StepName.REACH, Outcome.FAIL, reason, Cause.DNS_WRONG_ADDRESS, str(target))


_NOT_LISTED = Step(StepName.RESOLVE, Outcome.FAIL, "", Cause.ZONE_ENTRY_MISSING)


def inside_address(peer: Peer) -> IPAddress:
    """The address at which an Expressway-C connects to an Expressway-E peer.

    With two NICs it is the inward one, without NAT; with one NIC and static NAT it is the public address, since the
    peer writes that one into its signaling, so that a firewall must reflect it. (Basic Configuration guide X14.0,
    Advanced Networking; Resolve Collaboration Edge Most Common Issues.)

    Raises:
        NotStatedError: when LAN 1 is unknown in the plan.
    """
    if peer.lan2 is not None:
        return peer.lan2.ip if peer.external_lan is ExternalLan.LAN1 else peer.lan1.ip
    return peer.lan1.static_nat or peer.lan1.ip


def _includes(shown: Presentation, name: str, what: str) -> Step:
    """Whether a certificate has a name among its SANs; that the CN alone would do is said by one text alone."""
    leaf, store = shown.leaf, shown.store
    confidence = Confidence.INFERRED if store is Store.CLIENT else Confidence.DOCUMENTED
    if parse_ip(name) is not None or not is_fqdn(name):
        reason = f"{what} {show(name)} is not an FQDN, and certificates are compared with FQDNs"
        return Step(StepName.IDENTIFY, Outcome.FAIL, reason, Cause.ADDRESS_NOT_FQDN, name, store)
    if leaf.sans is None:
        reason = f"the names in {shown.owner} cannot be read"
        return Step(StepName.IDENTIFY, Outcome.UNKNOWN, reason, Cause.CERTIFICATE_UNREADABLE, name, store)
    if matching(name, leaf.dns_names) is not None:
        return Step(StepName.IDENTIFY, Outcome.PASS, f"{shown.owner} includes {show(name)}", store=store)
    if matching(name, leaf.common_names) is not None:
        reason = f"{shown.owner} has {show(name)}, {what}, only as its CN; the vendor's texts disagree on that"
        return Step(
            StepName.IDENTIFY, Outcome.UNKNOWN, reason, Cause.NAME_ONLY_IN_CN, name, store, Confidence.CONFLICTING
        )
    reason = f"{shown.owner} does not include {show(name)}, {what}"
    return Step(StepName.IDENTIFY, Outcome.FAIL, reason, Cause.NAME_NOT_IN_SAN, name, store, confidence)


def _server_roles(verifier: Peer) -> tuple[str, ...] | Unknown:
    release = verifier.stated_release
    return release if isinstance(release, Unknown) else answering_roles(release)


def _unstated(name: StepName, unknown: Unknown) -> Step:
    missing = Missing(
        unknown.what, "the plan says unknown", "Write what the appliance has.", unknown.place, field=unknown.what
    )
    return Step(name, Outcome.UNKNOWN, f"{unknown.what} is unknown in the plan", missing=missing)
