"""What the engineer states: one cluster, its peers, services, DNS views and files.

Every value is frozen. What the plan file leaves out is `None` (unknown), never "off".

The few fields that every plan has may be given as `unknown`. They stand here twice: under `stated_...` as the value or
`Unknown`, which the type checker makes callers tell apart; and under their own names, for callers that cannot go on
without, which raise `NotStatedError` where the field is unknown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from certplan.outcomes import Severity
from certplan.places import Place
from certplan.plan.kinds import (
    CertificateAuthority,
    ClusterType,
    ExternalLan,
    IPAddress,
    IPNetwork,
    IpVersion,
    NotStatedError,
    PlanPath,
    Platform,
    SanFormat,
    ServerKind,
    TlsVerification,
    Unknown,
    ZoneType,
    known,
)
from certplan.vendor.releases import Release

__all__ = [
    "Authorities",
    "CertificateAuthority",
    "CertificateSubject",
    "Cluster",
    "ClusterType",
    "Clustering",
    "DnsSource",
    "ExternalLan",
    "IPAddress",
    "IPNetwork",
    "IpVersion",
    "Lan",
    "MappingEntry",
    "Mra",
    "NotStatedError",
    "Peer",
    "Plan",
    "PlanPath",
    "Platform",
    "Release",
    "SanFormat",
    "Server",
    "ServerKind",
    "Services",
    "TlsVerification",
    "Unknown",
    "Waiver",
    "XmppFederation",
    "Zone",
    "ZoneType",
    "known",
]


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
    stated_type: ClusterType | Unknown
    stated_release: Release | Unknown
    stated_tls_verification: TlsVerification | Unknown = TlsVerification.PERMISSIVE
    ip_version: IpVersion | None = None
    primary: int | None = None
    """`Configuration primary`: the number of a peer, from 1."""
    stated_address_mapping: tuple[MappingEntry, ...] | Unknown | None = None
    """None: `Cluster address mapping enabled` is Off."""

    @property
    def type(self) -> ClusterType:
        return known(self.stated_type)

    @property
    def release(self) -> Release:
        return known(self.stated_release)

    @property
    def tls_verification(self) -> TlsVerification:
        return known(self.stated_tls_verification)

    @property
    def address_mapping(self) -> tuple[MappingEntry, ...] | None:
        return known(self.stated_address_mapping)

    @property
    def known_entries(self) -> tuple[MappingEntry, ...]:
        """The entries that the table is known to have; none when it is Off or unknown."""
        table = self.stated_address_mapping
        return table if isinstance(table, tuple) else ()


@dataclass(frozen=True, slots=True)
class Clustering:
    """What one peer's own System > Clustering page says where it differs from the cluster's. None: as the cluster's."""

    name: str | None = None
    primary: int | None = None
    peers: tuple[str, ...] | None = None
    """Its Peer N addresses in order."""
    tls_verification: TlsVerification | None = None


@dataclass(frozen=True, slots=True)
class Peer:
    """One peer, as its own pages state it. File names are as written in the plan."""

    number: int
    """N of `Peer N address`, from 1."""
    address: str
    """`Peer N address` as typed today: an FQDN or an IP address."""
    stated_lan1: Lan | Unknown
    stated_release: Release | Unknown
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
    domain_views: tuple[tuple[str, str], ...] = ()
    """Domains that this peer looks up in another view than `dns`: (domain, view)."""
    page: str | None = None
    """The text of System > Clustering as this peer shows it."""
    clustering: Clustering | None = None

    def __hash__(self) -> int:
        return hash((self.number, self.address))

    @property
    def lan1(self) -> Lan:
        return known(self.stated_lan1)

    @property
    def release(self) -> Release:
        return known(self.stated_release)

    def view_for(self, name: str) -> str:
        """The view in which this peer looks `name` up: that of the longest domain it lies in, or else `dns`."""
        asked = f".{name.rstrip('.').casefold()}"
        fitting = [pair for pair in self.domain_views if asked.endswith(f".{pair[0].rstrip('.').casefold()}")]
        return max(fitting, key=lambda pair: len(pair[0].rstrip(".")))[1] if fitting else self.dns

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
class Authorities:
    """Where the certificates of each store come from. None: unknown."""

    server: CertificateAuthority | None = None
    client: CertificateAuthority | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """A connection to another cluster, whose certificates it rests on, too."""

    name: str
    type: ZoneType
    far_end: str | None = None
    """The other cluster's plan file, as written in this plan."""
    port: int | None = None
    tls_verify: bool | None = None
    verify_subject_name: str | None = None
    """`TLS verify subject name`, on the Expressway-E."""
    peers: tuple[str, ...] | None = None
    """The zone's `Peer N address`, in order, on the Expressway-C."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server behind an Expressway-C. File names are as written in the plan."""

    kind: ServerKind
    address: str
    certificate: str | None = None
    trusted_cas: tuple[str, ...] | None = None


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
    authorities: Authorities = Authorities()
    certificate_subject: CertificateSubject = CertificateSubject()
    dns: tuple[DnsSource, ...] = ()
    internal_networks: tuple[IPNetwork, ...] = ()
    round_trip_ms: Mapping[tuple[str, str], float] = field(default_factory=dict)
    severity: Mapping[str, Severity] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    zones: tuple[Zone, ...] | None = None
    servers: tuple[Server, ...] | None = None
    target: "Plan | None" = None
    """The whole plan as it is to be, where this one states a target; its places point into `target:`."""
    is_target: bool = False
    """Whether this is the plan of a target: what is to be, and not what runs."""
    coming: frozenset[str] = frozenset()
    """Of a target: the files that only it names, which need not be there yet."""
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
        return next((file for file in self.files() if self.located(file)[1] == shown), shown)

    def files(self) -> Iterator[str]:
        """Every file that the plan names as evidence, as it names it."""
        for peer in self.peers:
            yield from filter(None, (peer.server_certificate, peer.client_certificate, peer.private_key))
            yield from (*(peer.trusted_cas or ()), *(peer.crls or ()))
        for view in self.dns:
            yield from view.zone_files
        for server in self.servers or ():
            yield from (*filter(None, (server.certificate,)), *(server.trusted_cas or ()))

    def target_state(self) -> "Plan | None":
        """The plan of what is to run, as a plan of its own, or None where this one states no target.

        It has this plan's values with the target's over them, the peers as they are to be (those of today in their
        order, then new ones), and no target of its own. What the target does not say of a peer stays as it is today.
        """
        return self.target

    @property
    def certificate_authority(self) -> CertificateAuthority | None:
        """Whether server certificates come from a public CA or a private one, however they are asked for."""
        server = self.authorities.server
        return CertificateAuthority.PUBLIC if server is CertificateAuthority.ACME else server

    @property
    def ip_version(self) -> IpVersion:
        """`Cluster IP version`: as stated, or else that of the first LAN 1 that is known."""
        if self.cluster.ip_version is not None:
            return self.cluster.ip_version
        first = next((peer.stated_lan1 for peer in self.peers if isinstance(peer.stated_lan1, Lan)), None)
        return IpVersion.IPV6 if first is not None and first.ip.version == 6 else IpVersion.IPV4
