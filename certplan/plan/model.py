"""What the engineer states: one cluster, its peers, services, DNS views and files.

Every value is frozen. What the plan file leaves out is `None` (unknown), never "off".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path

from certplan.outcomes import Severity
from certplan.places import Place
from certplan.vendor.releases import Release

__all__ = [
    "CertificateAuthority",
    "CertificateSubject",
    "Cluster",
    "ClusterType",
    "DnsSource",
    "ExternalLan",
    "IPAddress",
    "IPNetwork",
    "IpVersion",
    "Lan",
    "MappingEntry",
    "Mra",
    "Peer",
    "Plan",
    "PlanPath",
    "Platform",
    "Release",
    "SanFormat",
    "Services",
    "TlsVerification",
    "Waiver",
    "XmppFederation",
]

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network
PlanPath = tuple[str | int, ...]
"""A way into the plan file, such as `("peers", 1, "lan1", "ip")`; list positions count from 0."""


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
    PUBLIC = "public"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Lan:
    """One LAN port. `network` is None when the plan gives no mask; `static_nat` None when NAT is off."""

    ip: IPAddress
    network: IPNetwork | None = None
    static_nat: IPAddress | None = None


@dataclass(frozen=True, slots=True)
class MappingEntry:
    """One row of `Cluster address mappings`."""

    fqdn: str
    ip: IPAddress


@dataclass(frozen=True, slots=True)
class Cluster:
    name: str
    type: ClusterType
    release: Release
    tls_verification: TlsVerification = TlsVerification.PERMISSIVE
    ip_version: IpVersion | None = None
    primary: int | None = None
    """`Configuration primary`: the number of a peer, from 1."""
    address_mapping: tuple[MappingEntry, ...] | None = None
    """None: `Cluster address mapping enabled` is Off."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One peer, as its own pages state it. File names are as written in the plan."""

    number: int
    """N of `Peer N address`, from 1."""
    address: str
    """`Peer N address` as typed today: an FQDN or an IP address."""
    lan1: Lan
    release: Release
    """The peer's own, or else the cluster's."""
    dns: str
    """The view this peer's DNS servers give."""
    fqdn: str | None = None
    """The name it is to be known by: stated, or the address when that is a name, or host_name.domain."""
    system_name: str | None = None
    host_name: str | None = None
    domain: str | None = None
    lan2: Lan | None = None
    external_lan: ExternalLan | None = None
    server_certificate: str | None = None
    client_certificate: str | None = None
    private_key: str | None = None
    trusted_cas: tuple[str, ...] | None = None
    crls: tuple[str, ...] | None = None
    platform: Platform | None = None
    h323: bool | None = None
    ntp: tuple[str, ...] | None = None
    option_keys: tuple[str, ...] | None = None

    @property
    def static_nat(self) -> IPAddress | None:
        """The static NAT address, on whichever LAN it stands."""
        if self.lan2 is not None and self.lan2.static_nat is not None:
            return self.lan2.static_nat
        return self.lan1.static_nat

    @property
    def dual_nic(self) -> bool:
        return self.lan2 is not None


@dataclass(frozen=True, slots=True)
class Mra:
    domains: tuple[str, ...]
    san_format: SanFormat | None = None
    hardware_phones: bool | None = None


@dataclass(frozen=True, slots=True)
class XmppFederation:
    domains: tuple[str, ...] = ()
    chat_node_aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Services:
    mra: Mra | None = None
    xmpp_federation: XmppFederation | None = None
    phone_security_profiles: tuple[str, ...] | None = None
    cms_web_proxy: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class CertificateSubject:
    """The subject's fields besides the CN, as the page Generate CSR asks for them. None: left out."""

    country: str | None = None
    """Two letters (ISO 3166-1)."""
    state: str | None = None
    locality: str | None = None
    organization: str | None = None
    organizational_unit: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class DnsSource:
    """One view and where its answers come from: live servers, zone files or records in the plan."""

    view: str
    servers: tuple[str, ...] = ()
    """`address`, `address:port` or `[address]:port`."""
    zone_files: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiver:
    """A finding the engineer accepts for a time. `rule`, `peer` and `name` are globs."""

    rule: str
    reason: str
    until: date
    """The last day it holds (UTC)."""
    peer: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One cluster as stated. `file` is the plan file as the user named it; other files are relative to `folder`."""

    file: str
    folder: Path
    cluster: Cluster
    peers: tuple[Peer, ...]
    services: Services = Services()
    certificate_authority: CertificateAuthority | None = None
    certificate_subject: CertificateSubject = CertificateSubject()
    dns: tuple[DnsSource, ...] = ()
    internal_networks: tuple[IPNetwork, ...] = ()
    round_trip_ms: Mapping[tuple[str, str], float] = field(default_factory=dict)
    severity: Mapping[str, Severity] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    text: str = field(default="", repr=False, compare=False)
    """The file's own words."""
    places: Mapping[PlanPath, Place] = field(default_factory=dict, repr=False, compare=False)

    def where(self, *path: str | int) -> Place:
        """The place of `path` in the plan file, or of the nearest thing round it that has one."""
        for length in range(len(path), -1, -1):
            if (place := self.places.get(path[:length])) is not None:
                return place
        return Place(self.file)

    def located(self, file: str) -> tuple[Path, str]:
        """The path of a file that the plan names, and how it is shown: as it opens from where `file` does."""
        path = self.folder / file
        return path, str(path)

    def named(self, shown: str) -> str:
        """The file that `located` shows like this, as the plan names it; any other as it is."""
        return next((file for file in self._files() if self.located(file)[1] == shown), shown)

    def _files(self) -> Iterator[str]:
        for peer in self.peers:
            yield from filter(None, (peer.server_certificate, peer.client_certificate, peer.private_key))
            yield from (*(peer.trusted_cas or ()), *(peer.crls or ()))
        for view in self.dns:
            yield from view.zone_files

    @property
    def ip_version(self) -> IpVersion:
        """`Cluster IP version`: as stated, or else that of the first peer's LAN 1."""
        if self.cluster.ip_version is not None:
            return self.cluster.ip_version
        return IpVersion.IPV6 if self.peers[0].lan1.ip.version == 6 else IpVersion.IPV4
