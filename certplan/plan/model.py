"""What the engineer states: one cluster, its peers, services, DNS views and files; and what is to be.

The values of the sections are in `sections`; all are to be had from here.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, ClassVar

from certplan.outcomes import Severity
from certplan.places import Place
from certplan.plan.declaring import PlanField, Stated, declared, section_of, without_unknown
from certplan.plan.fields import Milliseconds, Name, Network, PlanVersion, SeverityChoice
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
from certplan.plan.peers import Clustering, Lan, Peer
from certplan.plan.scalars import PLAN_VERSION
from certplan.plan.sections import (
    Authorities,
    AuthoritiesOrWord,
    CertificateSubject,
    Cluster,
    DnsSource,
    MappingEntry,
    Mra,
    Server,
    Services,
    Waiver,
    XmppFederation,
    Zone,
)
from certplan.value import Value, field, replace
from certplan.vendor.releases import Release

__all__ = [
    "MAX_PEERS",
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
    "Target",
    "TlsVerification",
    "Unknown",
    "Waiver",
    "XmppFederation",
    "Zone",
    "ZoneType",
    "known",
    "same_state",
]


class TargetPeer:
    """What is to differ on a peer, by its address today; or a peer to be added, whole."""

    @staticmethod
    def stated_fields() -> Iterator[PlanField]:
        """Every field of a peer."""
        return (each.in_target() for each in section_of(Peer).fields.values())


class Target(Value):
    """What is to be, where it differs from today. Without a word on tls_verification it is Enforce."""

    peers: Annotated[
        dict[str, TargetPeer], Stated("the section of peers that are to differ, by today's `Peer N address`")
    ] = field(default_factory=dict)
    removed_peers: Annotated[tuple[Name, ...], Stated("the list of today's peers that are to leave the cluster")] = ()

    @classmethod
    def of_cluster(cls) -> dict[str, PlanField]:
        """The fields of the cluster that a target may state; first the one that a target is for."""
        fields = [each for each in section_of(Cluster).fields.values() if each.says.target]
        fields.sort(key=lambda each: each.key != "tls_verification")
        return {each.key: without_unknown(each) for each in fields}

    @classmethod
    def of_plan(cls) -> dict[str, PlanField]:
        """The sections that a target may state: each whole, but for those by name, of which each name is."""
        return {each.key: each.in_target() for each in section_of(Plan).fields.values() if each.says.target}

    @classmethod
    def stated_fields(cls) -> Iterator[PlanField]:
        """All of them, in the order of the file."""
        yield from cls.of_cluster().values()
        yield from declared(cls)
        yield from cls.of_plan().values()


MAX_PEERS = 64


class Plan(Value, eq=False):  # noqa: PLW1641 - its mappings have no hash
    """One Cisco Expressway cluster as its engineer states it. What is left out is unknown, not off.

    `file` is the plan file as the user named it; other files are relative to `folder`.
    """

    certplan: ClassVar[
        Annotated[
            PlanVersion,
            Stated(f"the version of this file's format: {PLAN_VERSION}", note="version of this file's format"),
        ]
    ] = PLAN_VERSION
    file: str
    folder: Path
    cluster: Annotated[Cluster, Stated("the section on what all peers have in common")]
    peers: Annotated[
        tuple[Peer, ...],
        Stated(
            "the list of peers, in the order of Peer 1 address, Peer 2 address ...",
            most=MAX_PEERS,
            note="in the order of Peer 1 address, Peer 2 ...",
        ),
    ]
    services: Annotated[
        Services,
        Stated(
            "the services the certificates have to carry names for",
            target="the services the certificates are to carry names for",
            above="The services the certificates carry names for. A service that is left out is unknown; one with empty"
            " lists is off.",
        ),
    ] = field(default_factory=Services)
    authorities: Annotated[
        AuthoritiesOrWord,
        Stated(
            "where the certificates come from: public, private or acme (a public CA by the appliance's own ACME"
            " client), or by store: {server: public, client: private}",
            key="certificate_authority",
            target="where the certificates are to come from",
            above="Where the certificates come from: public | private",
            example="private",
        ),
    ] = field(default_factory=Authorities)
    certificate_subject: Annotated[
        CertificateSubject,
        Stated(
            "the section on the subject's fields of certificate requests",
            target="the section on the subject's fields of certificate requests",
            above="What certificate requests say besides the names:",
        ),
    ] = field(default_factory=CertificateSubject)
    dns: Annotated[
        tuple[DnsSource, ...],
        Stated(
            "DNS as seen from each side: public (the internet's), internal (the company's), or any other name",
            form=dict[str, DnsSource],
            target="the DNS views that are to differ, each whole",
            above="DNS as seen from each side: servers to ask, zone files, or records written here.",
            example="""
public: {servers: [192.0.2.53]}  # with a port: 192.0.2.53:5353 or "[2001:db8::53]:5353"
internal: {zone_files: [zones/internal.zone]}
lab: {records: ["exe1.example.com. A 203.0.113.11"]}""",
        ),
    ] = ()
    internal_networks: Annotated[
        tuple[Network, ...],
        Stated(
            "address blocks used inside, beyond the IANA special-purpose registries",
            above="Addresses used inside, beyond the private ones everybody knows:",
            example="[10.0.0.0/8]",
        ),
    ] = ()
    round_trip_ms: Annotated[
        Mapping[tuple[str, str], float],
        Stated(
            'round-trip times between two peers in ms, such as "exe1.example.com exe2.example.com": 12',
            form=dict[str, Milliseconds],
            keys=r"^\s*\S+\s+\S+\s*$",
            example="$round_trip",
            note="between two peers, in milliseconds",
        ),
    ] = field(default_factory=dict)
    severity: Annotated[
        Mapping[str, Severity],
        Stated(
            "severities other than the rules' own, by code or slug as certplan rules lists them",
            form=dict[str, SeverityChoice],
            keys="^(?:[A-Za-z]{3}[0-9]{3}|[a-z][a-z0-9]*(?:-[a-z0-9]+)*)$",
            above="Other severities than the rules' own: error | warning | notice | ignore",
            example="{cn-not-cluster-name: ignore}",
        ),
    ] = field(default_factory=dict)
    waivers: Annotated[
        tuple[Waiver, ...],
        Stated("findings that are accepted for a time", above="Findings accepted for a time:"),
    ] = ()
    zones: Annotated[
        tuple[Zone, ...] | None,
        Stated("the list of zones to other clusters", target="the list of zones to be, whole"),
    ] = None
    servers: Annotated[
        tuple[Server, ...] | None,
        Stated(
            "the list of servers that an Expressway-C connects to for Mobile and Remote Access",
            target="the list of servers to be, whole",
        ),
    ] = None
    target: Annotated["Plan | None", Stated("what is to be, where it differs from today", form=Target)] = None
    """The whole plan as it is to be, where this one states a target; its places point into `target:`."""
    is_target: bool = False
    """Whether this is the plan of a target: what is to be, and not what runs."""
    coming: frozenset[str] = frozenset()
    """Of a target: the files that only it names, which need not be there yet."""
    text: str = ""
    """The file's own words. Neither they nor the places are part of what two plans are compared by."""
    places: Mapping[PlanPath, Place] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plan) and self._stated() == other._stated()

    def _stated(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__struct_fields__ if name not in ("text", "places"))

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


def same_state(one: Plan, other: Plan) -> bool:
    """Whether two plans state the same, as today or as a target."""
    return _bare(one) == _bare(other)


def _bare(plan: Plan) -> Plan:
    # A pasted page shows a moment of today, and no state that is aimed at.
    peers = tuple(replace(peer, page=None) for peer in plan.peers)
    return replace(plan, peers=peers, target=None, is_target=False, coming=frozenset())
