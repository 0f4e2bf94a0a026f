"""Which ports of a plan's peers are worth asking."""

from collections.abc import Iterator, Sequence

from certplan.evidence.tls.model import ProbeTarget
from certplan.intent.links import TRAVERSALS
from certplan.plan.model import ClusterType, IPAddress, Lan, Peer, Plan, Unknown
from certplan.text.names import is_fqdn

__all__ = ["default_ports", "plan_targets"]

_ON_C = (443, 5061)
_ON_E = (443, 5061, 8443)
"""Web administration, SIP TLS and, on an Expressway-E, Mobile and Remote Access (Administrator Guide X15.5)."""


def default_ports(plan: Plan) -> tuple[int, ...]:
    """The ports that show the server certificate on a cluster of this type, and those of its traversal zones.

    The port between peers (4372) is left out: a firewall should drop it for all others.
    """
    kind = plan.cluster.stated_type
    if isinstance(kind, Unknown) or kind is ClusterType.EXPRESSWAY_C:
        return _ON_C
    zones = (zone.port for zone in plan.zones or () if zone.type in TRAVERSALS and zone.port is not None)
    return (*_ON_E, *dict.fromkeys(zones))


def plan_targets(plan: Plan, ports: Sequence[int] = (), *, outside: bool = False) -> tuple[ProbeTarget, ...]:
    """Each peer's ports at its LAN 1 address, or with `outside` at its public one; SNI is the peer's name.

    A peer whose address is unknown in the plan has no target.
    """
    return tuple(_targets(plan, tuple(ports) or default_ports(plan), outside=outside))


def _targets(plan: Plan, ports: Sequence[int], *, outside: bool) -> Iterator[ProbeTarget]:
    for peer in plan.peers:
        address = _address(peer, outside=outside)
        name = next((each for each in (peer.address, peer.fqdn) if each is not None and is_fqdn(each)), None)
        for port in ports if address is not None else ():
            yield ProbeTarget(str(address), port, name, peer.address)


def _address(peer: Peer, *, outside: bool) -> IPAddress | None:
    lan1 = peer.stated_lan1
    if not isinstance(lan1, Lan):
        return None
    if not outside:
        return lan1.ip
    return peer.static_nat or (peer.lan2.ip if peer.lan2 is not None else lan1.ip)
