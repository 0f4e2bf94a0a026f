"""Which ports peers, clients and firewalls use, by release."""

from enum import StrEnum
from functools import cache

from certplan.value import Value
from certplan.vendor.files import toml, tuples

__all__ = ["ClosedPort", "Flow", "FlowGroup", "Ports", "ports"]


class FlowGroup(StrEnum):
    CLUSTERING = "clustering"
    """From every peer to every other: what keeps the cluster together."""
    PEER_TRAFFIC = "peer-traffic"
    """From every peer to every other: signaling and media, in a table of its own."""
    MRA_OUTSIDE = "mra-outside"
    """From the internet to each peer of an Expressway-E."""
    MRA_INSIDE = "mra-inside"
    """From Expressway-C to each peer of an Expressway-E."""
    MRA_SERVERS = "mra-servers"
    """From each Expressway-C peer to Unified CM, IM and Presence and Unity Connection."""
    TURN = "turn"
    """To and from the TURN server of an Expressway-E."""
    ACME = "acme"
    """Between each Expressway-E peer and the CA, where ACME renews its certificate."""
    XMPP_FEDERATION = "xmpp-federation"
    """From the servers of federated domains to each peer of an Expressway-E."""


class Flow(Value):
    """Traffic that has to get through, in the releases from `since` until `before`."""

    group: FlowGroup
    purpose: str
    protocol: str
    """As the guide prints it: `TCP`, `UDP`, `TLS`, `IPsec AH`."""
    transport: str
    """What a firewall rule names: `TCP`, `UDP` or `IP 51`."""
    source_ports: str
    """`500`, `30000-35999`, or `any`."""
    destination_ports: str
    sources: tuple[str, ...]
    since: str = ""
    """Empty: from the first release with clusters."""
    before: str = ""
    only: str = ""
    """The cluster type it is for, as in the plan; empty for both."""
    platforms: tuple[str, ...] = ()
    """Platforms of the peers it leads to, as in the plan; an empty text stands for none stated. Empty: every peer."""
    server: str = ""
    """The kind of server behind an Expressway-C that it leads to, as in the plan."""
    outbound: bool = False
    """Of `FlowGroup.ACME`: it goes out from the peer."""
    doubt: str = ""
    """What is not certain about it, in a sentence."""


class ClosedPort(Value):
    """A TCP port of clustering that nobody else may reach."""

    port: int
    why: str
    local_only: bool
    """It is for the peer itself, so that not even the other peers need it."""
    sources: tuple[str, ...]
    since: str = ""


class Ports(Value):
    """Everything the vendor's guides say of ports that concerns a cluster."""

    flows: tuple[Flow, ...]
    closed: tuple[ClosedPort, ...]
    last_guide: str
    """The release of the last port guide found."""
    later_releases: str
    """What is to be said of later ones."""
    peer_traffic: str
    """What is in doubt about all of `FlowGroup.PEER_TRAFFIC`."""
    built_in: str
    """The order of the built-in firewall rules, on which the vendor's wording misleads."""
    built_in_sources: tuple[str, ...]


@cache
def ports() -> Ports:
    """What the vendor's guides say of ports."""
    read = toml("ports.toml")
    return Ports(
        flows=tuple(Flow(**tuples(flow) | {"group": FlowGroup(flow["group"])}) for flow in read["flow"]),
        closed=tuple(ClosedPort(**tuples(entry)) for entry in read["closed"]),
        last_guide=read["last_guide"],
        later_releases=read["later_releases"],
        peer_traffic=read["peer_traffic"],
        built_in=read["built_in"]["order"],
        built_in_sources=tuple(read["built_in"]["sources"]),
    )
