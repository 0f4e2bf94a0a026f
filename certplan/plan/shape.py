"""The plan file's shape: which keys stand where, and what kind of value each has.

pydantic stays in this module, in `fields` and in the JSON Schema made from them. What goes in are the plain values of
`nodes`, where a scalar is text; what comes out are typed values for `build`, or `Fault`s for `explain`.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from certplan.plan import scalars
from certplan.plan.fields import (
    OFF,
    UNKNOWN,
    CaChoice,
    Day,
    DnsServer,
    FileName,
    Flag,
    Ip,
    IpVersionChoice,
    LanAddress,
    LanChoice,
    Milliseconds,
    Name,
    Network,
    OptionKey,
    Page,
    PeerNumber,
    PlanVersion,
    PlatformChoice,
    Port,
    Record,
    ReleaseOrUnknown,
    ReleaseText,
    SanFormatChoice,
    ServerKindChoice,
    SeverityChoice,
    TlsChoice,
    TlsOrUnknown,
    TypeChoice,
    Words,
    ZoneTypeChoice,
    authority_named,
    either,
)
from certplan.plan.model import CertificateAuthority, TlsVerification
from certplan.plan.nodes import Blank

__all__ = ["MAX_PEERS", "SECTIONS", "PlanShape", "TargetShape"]

MAX_PEERS = 64


class _Shape(BaseModel):
    # Only the whole plan is ever validated, so the validators of its parts need not be built on their own.
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)


class MappingEntryShape(_Shape):
    """One row of `Cluster address mappings`."""

    fqdn: Name = Field(description="the FQDN side of the entry: a name of the peer's certificate")
    ip: Ip = Field(description="the IP address side of the entry: the address the peers reach it on")


def _table_word(text: str) -> object:
    match text.casefold():
        case "unknown":
            return UNKNOWN
        case "off":
            return OFF
    raise ValueError("is not a table of entries; expected a list of {fqdn, ip}, off or unknown")


def _lan_word(text: str) -> object:
    return UNKNOWN if text.casefold() == "unknown" else {"ip": text}


def _target_table_word(text: str) -> object:
    if text.casefold() != "off":
        raise ValueError("is not a table of entries; expected a list of {fqdn, ip}, or off")
    return OFF


TargetTable = Annotated[tuple[MappingEntryShape, ...], either(_target_table_word, {"type": "string", "enum": ["off"]})]
TableOrWord = Annotated[
    tuple[MappingEntryShape, ...], either(_table_word, {"type": "string", "enum": ["off", "unknown"]})
]


class ClusterShape(_Shape):
    """What all peers have in common."""

    name: Name = Field(description="the `Cluster name`, an FQDN")
    type: TypeChoice = Field(description="expressway-e, expressway-c or unknown")
    release: ReleaseOrUnknown = Field(description="the software release, such as X14.3.4")
    tls_verification: TlsOrUnknown = Field(
        TlsVerification.PERMISSIVE,
        description="the `TLS verification mode` that runs today: permissive (the default), enforce or unknown",
    )
    ip_version: IpVersionChoice | None = Field(None, description="the `Cluster IP version`")
    primary: PeerNumber | None = Field(None, description="the `Configuration primary`: the number of a peer, from 1")
    address_mapping: TableOrWord | None = Field(
        None,
        description="the `Cluster address mapping` table as configured today; off, or left out, when it is Off",
    )


class LanShape(_Shape):
    """One LAN port."""

    ip: LanAddress = Field(description="the port's IP address with its mask, such as 10.20.0.11/24")
    static_nat: Ip | None = Field(None, description="the static NAT address; leave it out when static NAT is off")


LanOrWord = Annotated[
    LanShape,
    either(_lan_word, {"type": "string", "pattern": "^(?:[0-9A-Fa-f:.]+(?:/[0-9.]+)?|[Uu]nknown)$"}),
]
LanOrAddress = Annotated[LanShape, either(lambda text: {"ip": text}, {"type": "string"})]
ViewsOrWord = Annotated[dict[str, Name], either(lambda text: {"default": text}, {"type": "string", "minLength": 1})]


class ClusteringShape(_Shape):
    """What one peer's own System > Clustering page says."""

    name: Name | None = Field(None, description="the `Cluster name`")
    primary: PeerNumber | None = Field(None, description="the `Configuration primary`: the number of a peer, from 1")
    peers: tuple[Name, ...] | None = Field(None, description="the list of its `Peer N address` fields, in order")
    tls_verification: TlsChoice | None = Field(None, description="the `TLS verification mode`: permissive or enforce")


class _PeerFields(_Shape):
    fqdn: Name | None = Field(
        None, description="the name it is to be known by (default: address when that is a name, else host_name.domain)"
    )
    system_name: Words | None = Field(None, description="the `System name`")
    host_name: Name | None = Field(None, description="the `System host name`")
    domain: Name | None = Field(None, description="the DNS `Domain name`")
    lan2: LanOrAddress | None = Field(None, description="LAN 2, when dual network interfaces are in use")
    external_lan: LanChoice | None = Field(None, description="the `External LAN interface`: lan1 or lan2")
    server_certificate: FileName | None = Field(None, description="the file of the server certificate: PEM or DER")
    client_certificate: FileName | None = Field(
        None, description="the file of the client certificate, from X15.5 on, where it is another than the server's"
    )
    private_key: FileName | None = Field(
        None, description="the file of the private key; only its public half is compared"
    )
    trusted_cas: tuple[FileName, ...] | None = Field(None, description="the files of this peer's trusted CA list")
    crls: tuple[FileName, ...] | None = Field(None, description="the files of this peer's certificate revocation lists")
    dns: ViewsOrWord | None = Field(
        None,
        description="the DNS view this peer's own servers give (default: public on an E, internal on a C), or a view by"
        " domain: {default: public, corp.example.com: internal}",
    )
    release: ReleaseText | None = Field(None, description="this peer's release, only where it differs")
    platform: PlatformChoice | None = Field(None, description="the appliance or VM size")
    h323: Flag | None = Field(None, description="whether `H.323 mode` is On")
    ntp: tuple[Name, ...] | None = Field(None, description="the NTP servers")
    option_keys: tuple[OptionKey, ...] | None = Field(None, description="the option keys installed")
    page: Page | None = Field(None, description="the text of System > Clustering as this peer shows it")
    clustering: ClusteringShape | None = Field(
        None, description="what this peer's own System > Clustering page says, where it differs from the cluster's"
    )


class PeerShape(_PeerFields):
    """One peer, as its own pages state it."""

    address: Name = Field(description="the `Peer N address` as typed today: an FQDN or an IP address")
    lan1: LanOrWord = Field(description="LAN 1, such as 10.20.0.11/24 or {ip: 10.20.0.11/24}, or unknown")


class TargetPeerShape(_PeerFields):
    """What is to differ on a peer, by its address today; or a peer to be added, whole."""

    address: Name | None = Field(None, description="the `Peer N address` that it is to have")
    lan1: LanOrWord | None = Field(None, description="LAN 1, such as 10.20.0.11/24; a peer to be added needs it")


class MraShape(_Shape):
    """Mobile and Remote Access."""

    domains: tuple[Name, ...] = Field(description="the list of the Unified CM registration domains")
    san_format: SanFormatChoice | None = Field(
        None, description="how those domains stand in the SAN: dns (bare) or collab-edge (collab-edge.<domain>)"
    )
    hardware_phones: Flag | None = Field(None, description="whether hardware phones register over MRA")


class XmppFederationShape(_Shape):
    """XMPP federation."""

    domains: tuple[Name, ...] = Field((), description="the federated XMPP domains")
    chat_node_aliases: tuple[Name, ...] = Field((), description="the IM and Presence chat node aliases")


class ServicesShape(_Shape):
    """The services the certificates have to carry names for."""

    mra: MraShape | None = Field(None, description="Mobile and Remote Access")
    xmpp_federation: XmppFederationShape | None = Field(None, description="XMPP federation")
    phone_security_profiles: tuple[Name, ...] | None = Field(
        None, description="the names of Unified CM phone security profiles (Expressway-C)"
    )
    cms_web_proxy: tuple[Name, ...] | None = Field(None, description="the join host names of the CMS web proxy")


class CertificateSubjectShape(_Shape):
    """The subject's fields of certificate requests, besides the CN."""

    country: Words | None = Field(None, description="the country, two letters")
    state: Words | None = Field(None, description="the state or province")
    locality: Words | None = Field(None, description="the locality (town)")
    organization: Words | None = Field(None, description="the organization (company)")
    organizational_unit: Words | None = Field(None, description="the organizational unit; a public CA allows none")
    email: Words | None = Field(None, description="the e-mail address")


class AuthoritiesShape(_Shape):
    """Where the certificates of each store come from."""

    server: CaChoice | None = Field(None, description="of the server store: public, private or acme")
    client: CaChoice | None = Field(None, description="of the client store: public, private or acme")


def _authority_word(text: str) -> object:
    authority = authority_named(text)
    return AuthoritiesShape(server=authority, client=authority)


AuthoritiesOrWord = Annotated[
    AuthoritiesShape,
    either(_authority_word, {"type": "string", "enum": [authority.value for authority in CertificateAuthority]}),
]


class DnsShape(_Shape):
    """Where one view's answers come from: live servers, zone files or records given here."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    servers: tuple[DnsServer, ...] = Field(
        (), description='DNS servers to ask: 192.0.2.53, 192.0.2.53:5353 or "[2001:db8::53]:5353"'
    )
    zone_files: tuple[FileName, ...] = Field((), description="zone files to read")
    records: tuple[Record, ...] = Field((), description='records, such as "exe1.example.com. A 203.0.113.11"')


class WaiverShape(_Shape):
    """A finding that is accepted for a time."""

    # The rest of a reason with a comma in it, written inside braces, is a key without a value to an editor.
    model_config = ConfigDict(json_schema_extra={"additionalProperties": {"type": "null"}})

    rule: Name = Field(description="the rule's code or slug, such as DNS006; * and ? stand for any text")
    reason: Words = Field(description="why the finding is accepted")
    until: Day = Field(description="the last day the waiver holds (UTC), such as 2027-01-31")
    peer: Name | None = Field(None, description="only findings about this peer; * and ? stand for any text")
    name: Name | None = Field(None, description="only findings about this name; * and ? stand for any text")

    @model_validator(mode="before")
    @classmethod
    def _reason_with_commas(cls, value: object) -> object:
        """Inside braces YAML ends a value at a comma; what follows a reason and is no field belongs to the reason."""
        if not isinstance(value, dict):
            return value
        joined: dict[str, Any] = {}
        last = ""
        for key, item in value.items():
            continues = item is Blank.BARE and last == "reason" and isinstance(joined["reason"], str)
            if continues and scalars.nearest(key.partition(" ")[0], cls.model_fields, cutoff=0.75) is None:
                joined["reason"] += f", {key}"
            else:
                joined[key] = item
                last = key
        return joined


class ZoneShape(_Shape):
    """A connection to another cluster, which the certificates serve, too."""

    name: Words = Field(description="the zone's name")
    type: ZoneTypeChoice = Field(description="unified-communications-traversal, traversal or neighbor")
    far_end: FileName | None = Field(None, description="the other cluster's plan file")
    port: Port | None = Field(None, description="the zone's port, such as 7001")
    tls_verify: Flag | None = Field(None, description="whether `TLS verify mode` is On")
    verify_subject_name: Name | None = Field(None, description="the `TLS verify subject name` (Expressway-E)")
    peers: tuple[Name, ...] | None = Field(
        None, description="the list of the zone's `Peer N address` fields, in order (Expressway-C)"
    )


class ServerShape(_Shape):
    """A server behind an Expressway-C that Mobile and Remote Access connects to."""

    kind: ServerKindChoice = Field(description="unified-cm, im-presence or unity")
    address: Name = Field(description="the server's address as the Expressway-C has it")
    certificate: FileName | None = Field(None, description="the file of the server's certificate")
    trusted_cas: tuple[FileName, ...] | None = Field(None, description="the files of the CAs that the server trusts")


class TargetShape(_Shape):
    """What is to be, where it differs from today. Without a word on tls_verification it is Enforce."""

    tls_verification: TlsChoice | None = Field(
        None, description="the `TLS verification mode` to be set: enforce (the default) or permissive"
    )
    name: Name | None = Field(None, description="the `Cluster name` to be")
    release: ReleaseText | None = Field(None, description="the software release to be, such as X15.5")
    ip_version: IpVersionChoice | None = Field(None, description="the `Cluster IP version` to be")
    primary: PeerNumber | None = Field(
        None, description="the `Configuration primary` to be: the number of a peer of the target, from 1"
    )
    address_mapping: TargetTable | None = Field(
        None, description="the `Cluster address mapping` table to be; off to switch it Off"
    )
    peers: dict[str, TargetPeerShape] = Field(
        default_factory=dict, description="the section of peers that are to differ, by today's `Peer N address`"
    )
    removed_peers: tuple[Name, ...] = Field((), description="the list of today's peers that are to leave the cluster")
    services: ServicesShape | None = Field(None, description="the services the certificates are to carry names for")
    certificate_authority: AuthoritiesOrWord | None = Field(None, description="where the certificates are to come from")
    certificate_subject: CertificateSubjectShape | None = Field(
        None, description="the section on the subject's fields of certificate requests"
    )
    dns: dict[str, DnsShape] = Field(default_factory=dict, description="the DNS views that are to differ, each whole")
    zones: tuple[ZoneShape, ...] | None = Field(None, description="the list of zones to be, whole")
    servers: tuple[ServerShape, ...] | None = Field(None, description="the list of servers to be, whole")


class PlanShape(_Shape):
    """One Cisco Expressway cluster as its engineer states it. What is left out is unknown, not off."""

    certplan: PlanVersion = Field(description=f"the version of this file's format: {scalars.PLAN_VERSION}")
    cluster: ClusterShape = Field(description="the section on what all peers have in common")
    peers: tuple[PeerShape, ...] = Field(
        min_length=1,
        max_length=MAX_PEERS,
        description="the list of peers, in the order of Peer 1 address, Peer 2 address ...",
    )
    services: ServicesShape | None = Field(None, description="the services the certificates have to carry names for")
    certificate_authority: AuthoritiesOrWord | None = Field(
        None,
        description="where the certificates come from: public, private or acme (a public CA by the appliance's own ACME"
        " client), or by store: {server: public, client: private}",
    )
    certificate_subject: CertificateSubjectShape | None = Field(
        None, description="the section on the subject's fields of certificate requests"
    )
    dns: dict[str, DnsShape] = Field(
        default_factory=dict,
        description="DNS as seen from each side: public (the internet's), internal (the company's), or any other name",
    )
    internal_networks: tuple[Network, ...] = Field(
        (), description="address blocks used inside, beyond the IANA special-purpose registries"
    )
    round_trip_ms: dict[str, Milliseconds] = Field(
        default_factory=dict,
        description='round-trip times between two peers in ms, such as "exe1.example.com exe2.example.com": 12',
        json_schema_extra={"propertyNames": {"pattern": r"^\s*\S+\s+\S+\s*$"}},
    )
    severity: dict[str, SeverityChoice] = Field(
        default_factory=dict,
        description="severities other than the rules' own, such as NAM009: ignore",
        json_schema_extra={"propertyNames": {"pattern": "^(?:[A-Za-z]{3}[0-9]{3}|[a-z][a-z0-9]*(?:-[a-z0-9]+)*)$"}},
    )
    waivers: tuple[WaiverShape, ...] = Field((), description="findings that are accepted for a time")
    zones: tuple[ZoneShape, ...] | None = Field(None, description="the list of zones to other clusters")
    servers: tuple[ServerShape, ...] | None = Field(
        None, description="the list of servers that an Expressway-C connects to for Mobile and Remote Access"
    )
    target: TargetShape | None = Field(None, description="what is to be, where it differs from today")


SECTIONS: dict[str, type[_Shape]] = {
    "the top of the file": PlanShape,
    "cluster": ClusterShape,
    "a peer": PeerShape,
    "lan1 and lan2": LanShape,
    "services": ServicesShape,
    "services.mra": MraShape,
    "services.xmpp_federation": XmppFederationShape,
    "a view of dns": DnsShape,
    "a waiver": WaiverShape,
    "a zone": ZoneShape,
    "a server": ServerShape,
    "target": TargetShape,
}
"""The sections there are, as a user would name them."""
