"""Which two clusters a zone connects, and what each of them says of it."""

from collections.abc import Iterator
from functools import cached_property

from certplan.evidence.model import Evidence, FarEnd, Missing
from certplan.plan.model import ClusterType, IPAddress, Lan, Peer, Plan, Zone, ZoneType
from certplan.text.addresses import parse_ip
from certplan.text.names import key
from certplan.value import Value, replace

__all__ = ["TRAVERSALS", "Direction", "Link", "ZoneEnd", "links", "own_addresses", "peer_named"]

TRAVERSALS = frozenset({ZoneType.UC_TRAVERSAL, ZoneType.TRAVERSAL})


class ZoneEnd(Value, dict=True):
    """One end of a zone."""

    plan: Plan
    evidence: Evidence
    zone: Zone | None
    """The zone as this end's plan states it; None where it states none that leads to the other end."""


class Direction(Value, dict=True):
    """One side connects to the other."""

    connecting: ZoneEnd
    answering: ZoneEnd
    addresses: tuple[str, ...] | None
    """`Peer N address` of the zone on the connecting side; None: not stated."""


class Link(Value, dict=True):
    """A zone of `near`, with the cluster at its far end where that is known."""

    zone: Zone
    position: int
    """Its place among the zones of its plan, from 0."""
    near: ZoneEnd
    far: ZoneEnd | Missing

    @cached_property
    def direction(self) -> Direction | None:
        """Who connects to whom: the Expressway-C over a traversal zone, this plan's cluster over a neighbor zone.

        None where the far end is not known, or a traversal zone does not lie between an Expressway-C and an
        Expressway-E.
        """
        if isinstance(self.far, Missing):
            return None
        connecting, answering = self.near, self.far
        if self.zone.type in TRAVERSALS:
            ends = (self.near, self.far)
            by_type = {side.plan.cluster.stated_type: side for side in ends}
            if set(by_type) != set(ClusterType):
                return None
            connecting, answering = by_type[ClusterType.EXPRESSWAY_C], by_type[ClusterType.EXPRESSWAY_E]
        own = None if connecting.zone is None else connecting.zone.peers
        return Direction(connecting, answering, self.zone.peers if own is None else own)

    @cached_property
    def verify_subject_name(self) -> str | None:
        """`TLS verify subject name`: the name by which the answering side knows the connecting one."""
        stated = [] if self.direction is None else [self.direction.answering.zone, self.zone]
        return next(
            (zone.verify_subject_name for zone in stated if zone is not None and zone.verify_subject_name), None
        )

    @property
    def verifies(self) -> bool:
        """Whether certificates are looked at: always over Unified Communications zones, which do not work without."""
        return self.zone.type is ZoneType.UC_TRAVERSAL or all(zone.tls_verify is not False for zone in self.zones)

    @property
    def zones(self) -> Iterator[Zone]:
        """The zone as each end states it, as far as it does."""
        yield self.zone
        if isinstance(self.far, ZoneEnd) and self.far.zone is not None:
            yield self.far.zone


def links(plan: Plan, evidence: Evidence) -> tuple[Link, ...]:
    """Every zone of the plan with what lies at its far end."""
    return tuple(_link(plan, evidence, zone, position) for position, zone in enumerate(plan.zones or ()))


def _link(plan: Plan, evidence: Evidence, zone: Zone, position: int) -> Link:
    near = ZoneEnd(plan, evidence, zone)
    if zone.far_end is None:
        why, remedy = "the plan does not name it", "Name the other cluster's plan as far_end of the zone."
        missing = Missing("the cluster at the far end", why, remedy, plan.where("zones", position), field="far_end")
        return Link(zone, position, near, missing)
    found = evidence.far_ends.get(zone.far_end)
    if found is None:
        why, remedy = "it was not read", "Gather the evidence again with the file in its place."
        missing = Missing(f"the plan {zone.far_end}", why, remedy, plan.where("zones", position, "far_end"))
        return Link(zone, position, near, missing)
    if isinstance(found, Missing):
        return Link(zone, position, near, replace(found, where=plan.where("zones", position, "far_end")))
    return Link(zone, position, near, ZoneEnd(found.plan, found.evidence, _counterpart(zone, found)))


def _counterpart(zone: Zone, found: FarEnd) -> Zone | None:
    """The far plan's word on the same zone: one that leads back here, or else the only one that leads nowhere."""
    theirs = [(number, other) for number, other in enumerate(found.plan.zones or ()) if other.type is zone.type]
    back = [other for number, other in theirs if number in found.returning]
    named = [other for other in back if other.name == zone.name]
    chosen = named or back or [other for _, other in theirs if other.far_end is None]
    return chosen[0] if len(chosen) == 1 else None


def peer_named(side: ZoneEnd, address: str) -> Peer | None:
    """The peer of a side that an address of the other's zone means: by its address, its FQDN or one of its IPs."""
    ip = parse_ip(address)
    for peer in side.plan.peers:
        names = (peer.address, peer.fqdn, f"{peer.host_name}.{peer.domain}" if peer.host_name and peer.domain else None)
        if any(name is not None and key(name) == key(address) for name in names):
            return peer
        if ip is not None and ip in own_addresses(peer):
            return peer
    return None


def own_addresses(peer: Peer) -> tuple[IPAddress, ...]:
    """Every address of a peer that the plan states, static NAT included."""
    ports = [port for port in (peer.stated_lan1, peer.lan2) if isinstance(port, Lan)]
    return tuple(ip for port in ports for ip in (port.ip, port.static_nat) if ip is not None)
