"""The kinds of value a plan is made of."""

from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TypeVar

from certplan.places import Place
from certplan.value import Value

__all__ = [
    "CertificateAuthority",
    "ClusterType",
    "ExternalLan",
    "IPAddress",
    "IPNetwork",
    "IpVersion",
    "NotStatedError",
    "PlanPath",
    "Platform",
    "SanFormat",
    "ServerKind",
    "TlsVerification",
    "Unknown",
    "ZoneType",
    "known",
]

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network
PlanPath = tuple[str | int, ...]
"""A way into the plan file, such as `("peers", 1, "lan1", "ip")`; list positions count from 0."""


T = TypeVar("T")


class Unknown(Value, eq=False):
    """A field that the plan gives as `unknown`: what it is called, and where it stands. All are equal."""

    what: str = ""
    """As messages name it, such as `address_mapping` or `peer 2 lan1`."""
    place: Place | None = None
    path: PlanPath = ()
    """The way to it in the plan, such as `("peers", 1, "lan1")`."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown)

    def __hash__(self) -> int:
        return hash(Unknown)

    @property
    def key(self) -> str:
        """The plan's field, such as `cluster.address_mapping`; of a peer's, its name in the peer, such as `lan1`."""
        steps = self.path[2:] if self.path[:1] == ("peers",) else self.path
        return ".".join(str(step) for step in steps) or self.what

    @property
    def peer(self) -> int | None:
        """The number of the peer whose field it is, from 1; None for the cluster's."""
        number = self.path[1] if self.path[:1] == ("peers",) and len(self.path) > 1 else None
        return number + 1 if isinstance(number, int) else None


class NotStatedError(Exception):
    """A field that is `unknown` in the plan was needed. The rule engine and the command line tell which, and where."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown)
        self.unknown = unknown

    def __str__(self) -> str:
        where = f"{self.unknown.place}: " if self.unknown.place is not None else ""
        return f"{where}{self.unknown.what} is unknown, and this needs it; write what the appliance has"


def known(value: T | Unknown) -> T:
    """The value.

    Raises:
        NotStatedError: when the plan says that it is unknown.
    """
    if isinstance(value, Unknown):
        raise NotStatedError(value)
    return value


class ClusterType(StrEnum):
    EXPRESSWAY_E = "expressway-e"
    EXPRESSWAY_C = "expressway-c"


class TlsVerification(StrEnum):
    """`TLS verification mode` as it runs today."""

    PERMISSIVE = "permissive"
    ENFORCE = "enforce"


class IpVersion(StrEnum):
    IPV4 = "ipv4"
    IPV6 = "ipv6"


class ExternalLan(StrEnum):
    """`External LAN interface`."""

    LAN1 = "lan1"
    LAN2 = "lan2"


class Platform(StrEnum):
    CE1200 = "ce1200"
    CE1300 = "ce1300"
    LARGE_VM = "large-vm"
    MEDIUM_VM = "medium-vm"
    SMALL_VM = "small-vm"


class SanFormat(StrEnum):
    """Format of Unified CM registrations domains in the SAN: bare, or with `collab-edge.` before it."""

    DNS = "dns"
    COLLAB_EDGE = "collab-edge"


class CertificateAuthority(StrEnum):
    """Where certificates come from."""

    PUBLIC = "public"
    PRIVATE = "private"
    ACME = "acme"
    """A public CA by the appliance's own ACME client (Let's Encrypt)."""


class ZoneType(StrEnum):
    UC_TRAVERSAL = "unified-communications-traversal"
    TRAVERSAL = "traversal"
    NEIGHBOR = "neighbor"


class ServerKind(StrEnum):
    """What an Expressway-C connects to for Mobile and Remote Access."""

    UNIFIED_CM = "unified-cm"
    IM_PRESENCE = "im-presence"
    UNITY = "unity"
