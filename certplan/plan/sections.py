"""The sections of a plan: each value, and with every field how it stands in the file.

Every value is frozen. What the plan file leaves out is `None` (unknown), never "off".

The few fields that every plan has may be given as `unknown`. They stand here twice: under `stated_...` as the value or
`Unknown`, which the type checker makes callers tell apart; and under their own names, for callers that cannot go on
without, which raise `NotStatedError` where the field is unknown.
"""

from typing import Annotated

from certplan.plan.declaring import Stated, Worded
from certplan.plan.fields import (
    CaChoice,
    Day,
    DnsServer,
    FileName,
    Flag,
    Ip,
    IpVersionChoice,
    Name,
    PeerNumber,
    PlanName,
    Port,
    Record,
    ReleaseText,
    SanFormatChoice,
    ServerKindChoice,
    TlsChoice,
    TypeChoice,
    Words,
    ZoneTypeChoice,
    authority_named,
)
from certplan.plan.kinds import (
    CertificateAuthority,
    ClusterType,
    TlsVerification,
    Unknown,
    known,
)
from certplan.value import Value
from certplan.vendor.releases import Release

__all__ = [
    "Authorities",
    "CertificateSubject",
    "Cluster",
    "DnsSource",
    "MappingEntry",
    "Mra",
    "Server",
    "Services",
    "Waiver",
    "XmppFederation",
    "Zone",
]


class MappingEntry(Value):
    """One row of `Cluster address mappings`."""

    fqdn: Annotated[
        Name,
        Stated("the FQDN side of the entry: a name of the peer's certificate", example="exe1.example.com"),
    ]
    ip: Annotated[
        Ip, Stated("the IP address side of the entry: the address the peers reach it on", example="10.20.0.11")
    ]


Table = Annotated[
    tuple[MappingEntry, ...],
    Worded(
        {"type": "string", "enum": ["off"]},
        words={"off": None},
        otherwise="is not a table of entries; expected a list of {fqdn, ip}",
    ),
]


class Cluster(Value):
    """What all peers have in common."""

    name: Annotated[Name, Stated("the `Cluster name`, an FQDN", target="the `Cluster name` to be", note="Cluster name")]
    stated_type: Annotated[TypeChoice | Unknown, Stated("expressway-e, expressway-c or unknown")]
    stated_release: Annotated[
        ReleaseText | Unknown,
        Stated("the software release, such as X14.3.4", target="the software release to be, such as X15.5"),
    ]
    stated_tls_verification: Annotated[
        TlsChoice | Unknown,
        Stated(
            "the `TLS verification mode` that runs today: permissive (the default), enforce or unknown",
            target="the `TLS verification mode` to be set: enforce (the default) or permissive",
            note="what runs today: permissive | enforce",
        ),
    ] = TlsVerification.PERMISSIVE
    ip_version: Annotated[
        IpVersionChoice | None,
        Stated(
            "the `Cluster IP version`",
            target="the `Cluster IP version` to be",
            example="ipv4",
            note="Cluster IP version: ipv4 | ipv6",
        ),
    ] = None
    primary: Annotated[
        PeerNumber | None,
        Stated(
            "the `Configuration primary`: the number of a peer, from 1",
            target="the `Configuration primary` to be: the number of a peer of the target, from 1",
            note="Configuration primary",
        ),
    ] = None
    stated_address_mapping: Annotated[
        Table | Unknown | None,
        Stated(
            "the `Cluster address mapping` table as configured today; off, or left out, when it is Off",
            target="the `Cluster address mapping` table to be; off to switch it Off",
            above="Cluster address mappings as configured today; leave them out when the switch is Off.",
        ),
    ] = None
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


class Mra(Value):
    """Mobile and Remote Access."""

    domains: Annotated[tuple[Name, ...], Stated("the list of the Unified CM registration domains", example="[$domain]")]
    san_format: Annotated[
        SanFormatChoice | None,
        Stated(
            "how those domains are written in the SAN: dns (bare) or collab-edge (collab-edge.<domain>)", example="dns"
        ),
    ] = None
    hardware_phones: Annotated[Flag | None, Stated("whether hardware phones register over MRA", example="true")] = None


class XmppFederation(Value):
    """XMPP federation."""

    domains: Annotated[tuple[Name, ...], Stated("the federated XMPP domains", example="[]")] = ()
    chat_node_aliases: Annotated[tuple[Name, ...], Stated("the IM and Presence chat node aliases", example="[]")] = ()


class Services(Value):
    """The services the certificates have to carry names for."""

    mra: Annotated[Mra | None, Stated("Mobile and Remote Access")] = None
    xmpp_federation: Annotated[XmppFederation | None, Stated("XMPP federation")] = None
    phone_security_profiles: Annotated[
        tuple[Name, ...] | None,
        Stated("the names of Unified CM phone security profiles (Expressway-C)", example="[]", note="Expressway-C"),
    ] = None
    cms_web_proxy: Annotated[
        tuple[Name, ...] | None,
        Stated("the join host names of the CMS web proxy", example="[]", note="join host names"),
    ] = None


class CertificateSubject(Value):
    """The subject's fields of certificate requests, besides the CN.

    As the page Generate CSR asks for them. None: left out.
    """

    country: Annotated[Words | None, Stated("the country, two letters", example="US")] = None
    """Two letters (ISO 3166-1)."""
    state: Annotated[Words | None, Stated("the state or province", example="California")] = None
    locality: Annotated[Words | None, Stated("the locality (town)", example="San Jose")] = None
    organization: Annotated[Words | None, Stated("the organization (company)", example="Example Inc")] = None
    organizational_unit: Annotated[Words | None, Stated("the organizational unit; a public CA allows none")] = None
    email: Annotated[Words | None, Stated("the e-mail address")] = None


class DnsSource(Value):
    """Where one view's answers come from: live servers, zone files or records given here."""

    view: str
    servers: Annotated[
        tuple[DnsServer, ...], Stated('DNS servers to ask: 192.0.2.53, 192.0.2.53:5353 or "[2001:db8::53]:5353"')
    ] = ()
    """`address`, `address:port` or `[address]:port`."""
    zone_files: Annotated[tuple[FileName, ...], Stated("zone files to read")] = ()
    records: Annotated[tuple[Record, ...], Stated('records, such as "exe1.example.com. A 203.0.113.11"')] = ()


class Authorities(Value):
    """Where the certificates of each store come from.

    None: unknown.
    """

    server: Annotated[CaChoice | None, Stated("of the server store: public, private or acme")] = None
    client: Annotated[CaChoice | None, Stated("of the client store: public, private or acme")] = None

    @classmethod
    def named(cls, word: str) -> "Authorities":
        """One word for both stores."""
        authority = authority_named(word)
        return cls(server=authority, client=authority)


AuthoritiesOrWord = Annotated[
    Authorities,
    Worded({"type": "string", "enum": [authority.value for authority in CertificateAuthority]}, Authorities.named),
]


class Zone(Value):
    """A connection to another cluster, which the certificates serve, too."""

    name: Annotated[Words, Stated("the zone's name")]
    type: Annotated[ZoneTypeChoice, Stated("unified-communications-traversal, traversal or neighbor")]
    far_end: Annotated[PlanName | None, Stated("the other cluster's plan file")] = None
    """As written in this plan."""
    port: Annotated[Port | None, Stated("the zone's port, such as 7001")] = None
    tls_verify: Annotated[Flag | None, Stated("whether `TLS verify mode` is On")] = None
    verify_subject_name: Annotated[Name | None, Stated("the `TLS verify subject name` (Expressway-E)")] = None
    peers: Annotated[
        tuple[Name, ...] | None,
        Stated("the list of the zone's `Peer N address` fields, in order (Expressway-C)"),
    ] = None


class Server(Value):
    """A server behind an Expressway-C that Mobile and Remote Access connects to.

    File names are as written in the plan.
    """

    kind: Annotated[ServerKindChoice, Stated("unified-cm, im-presence or unity")]
    address: Annotated[Name, Stated("the server's address as the Expressway-C has it")]
    certificate: Annotated[FileName | None, Stated("the file of the server's certificate")] = None
    trusted_cas: Annotated[tuple[FileName, ...] | None, Stated("the files of the CAs that the server trusts")] = None


class Waiver(Value):
    """A finding that is accepted for a time.

    `rule`, `peer` and `name` are globs.
    """

    rule: Annotated[
        Name,
        Stated(
            "the rule's code or slug, as certplan rules lists them; * and ? stand for any text",
            example="reverse-record-missing",
        ),
    ]
    reason: Annotated[Words, Stated("why the finding is accepted", example='"PTR ordered, ticket CHG-1"')]
    until: Annotated[Day, Stated("the last day the waiver holds (UTC), such as 2027-01-31", example="2027-01-31")]
    peer: Annotated[
        Name | None, Stated("only findings about this peer; * and ? stand for any text", example="$first")
    ] = None
    name: Annotated[Name | None, Stated("only findings about this name; * and ? stand for any text")] = None
