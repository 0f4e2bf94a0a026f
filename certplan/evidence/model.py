"""What was observed: certificates, trust lists, keys' public halves, CRLs and DNS answers.

Gathering writes these values, judging reads them. What could not be had is a `Missing` in its place, with the
reason and the remedy, so that no evidence can never be taken for a good sign.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from certplan.places import Place
from certplan.plan.model import Plan
from certplan.value import Value, field

__all__ = [
    "Certificate",
    "CertificateFile",
    "Crl",
    "DnsAnswer",
    "DnsOutcome",
    "DnsView",
    "Evidence",
    "FarEnd",
    "KeyFile",
    "KeyKind",
    "Located",
    "Missing",
    "PeerEvidence",
    "Problem",
    "PublicKey",
    "RecordType",
    "San",
    "SanKind",
    "ServerEvidence",
    "Srv",
    "TrustList",
]


class Missing(Value, tag_field="is", tag="missing"):
    """Evidence that could not be had."""

    what: str
    """What is missing, such as `server certificate of exe2.example.com`."""
    why: str
    """Why, such as `the plan names none` or `certs/exe2.pem: no such file`."""
    remedy: str
    """How to give it, as a sentence in the imperative."""
    where: Place | None = None
    peer: str | None = None
    """The `Peer N address` of the peer it is missing for; None where it is missing for the cluster."""
    field: str | None = None
    """The plan's field that would give it, such as `trusted_cas` or `dns.public`; None where no field would."""


class Problem(Value):
    """Something wrong with a file that was read all the same: a broken block, a foreign line."""

    where: Place
    what: str


class SanKind(StrEnum):
    DNS = "dns"
    IP = "ip"
    URI = "uri"
    EMAIL = "email"
    XMPP_ADDRESS = "xmpp-address"
    """otherName id-on-xmppAddr (RFC 6120 section 13.7.1.4)."""
    OTHER = "other"


class San(Value):
    """One subject alternative name, its value exactly as the certificate has it."""

    kind: SanKind
    value: str


class KeyKind(StrEnum):
    RSA = "rsa"
    ECDSA = "ecdsa"
    OTHER = "other"


class PublicKey(Value, tag_field="is", tag="public key"):
    kind: KeyKind
    name: str
    """As people say it: `RSA 2048`, `ECDSA P-256`, `Ed25519`."""
    bits: int
    sha256: str
    """SHA-256 of the SubjectPublicKeyInfo, lower-case hex: equal for a certificate and its private key."""


class Certificate(Value):
    """The facts of one X.509 certificate (RFC 5280), read once. Times are aware and in UTC.

    A part that cannot be read is None (or empty) and has a line in `defects`.
    """

    der: bytes
    sha256: str
    """Fingerprint of the whole certificate, lower-case hex."""
    subject: str
    """RFC 4514 text."""
    subject_der: bytes
    subject_key: bytes
    """The subject in the form in which OpenSSL compares names: equal keys, equal names."""
    issuer: str
    issuer_der: bytes
    issuer_key: bytes
    """The issuer in that form."""
    common_names: tuple[str, ...]
    serial: str
    not_before: datetime
    not_after: datetime
    key: PublicKey | None
    signature_hash: str | None
    """`sha256`, `sha1` ...; None for signatures without one (Ed25519) or an unknown algorithm."""
    signature_key: KeyKind | None
    """The kind of key that its signature was made with; None where the algorithm is unknown."""
    sans: tuple[San, ...] | None
    """None when the extensions cannot be read; empty when there is no SAN extension."""
    eku: tuple[str, ...] | None
    """Extended key usages: `serverAuth`, `clientAuth`, `anyExtendedKeyUsage` or a dotted OID. None: no extension."""
    eku_critical: bool
    key_usage: tuple[str, ...] | None
    """RFC 5280 bit names such as `digitalSignature`, `keyCertSign`. None: no extension."""
    is_ca: bool | None
    """basicConstraints cA; None: no basicConstraints extension."""
    path_length: int | None
    subject_key_id: str | None
    authority_key_id: str | None
    authority_serial: str | None
    """The serial of the issuer's certificate, where the authority key identifier names it."""
    authority_issuer_key: bytes | None
    """The issuer of the issuer's certificate, where the authority key identifier names it, as `issuer_key` has it."""
    netscape_types: tuple[str, ...] | None
    """The Netscape certificate type: `client`, `server`, `sslCA` ... None: no extension."""
    self_issued: bool
    """Subject and issuer are the same name."""
    defects: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return hash(self.sha256)

    @property
    def self_signed(self) -> bool:
        """Self-issued, and its own key verifies its signature; checked when asked, for a list has many CAs."""
        from certplan.evidence.pki.signatures import signed_by  # noqa: PLC0415 - it needs this class

        return self.self_issued and signed_by(self, self)

    @property
    def dns_names(self) -> tuple[str, ...]:
        """The dNSName SANs as the certificate has them."""
        return tuple(san.value for san in self.sans or () if san.kind is SanKind.DNS)


class Located(Value):
    """A certificate and the place of its block."""

    certificate: Certificate
    where: Place


class CertificateFile(Value, tag_field="is", tag="certificate"):
    """A server or client certificate file: the leaf first, and whatever else it holds."""

    file: str
    leaf: Certificate
    where: Place
    others: tuple[Located, ...] = ()
    problems: tuple[Problem, ...] = ()


class TrustList(Value, tag_field="is", tag="trusted CA list"):
    """One peer's trusted CA list, in file order, each certificate once."""

    certificates: tuple[Located, ...]
    problems: tuple[Problem, ...] = ()
    duplicates: tuple[Located, ...] = ()


class KeyFile(Value, tag_field="is", tag="key"):
    """The public half of a private key file, and how the file is written. Never the private half."""

    file: str
    key: PublicKey | Missing
    """Missing when it cannot be opened, as when it is encrypted."""
    encrypted: bool
    final_newline: bool


class Crl(Value):
    """A certificate revocation list (RFC 5280 section 5). Times are aware and in UTC."""

    der: bytes
    issuer: str
    issuer_der: bytes
    issuer_key: bytes
    """The issuer in the form in which OpenSSL compares names."""
    last_update: datetime
    next_update: datetime | None
    revoked: Mapping[str, datetime]
    """Serial (as `Certificate.serial`) to the time of revocation."""
    where: Place
    authority_key_id: str | None = None
    partial: str | None = None
    """Why it does not speak for all certificates of its CA, in words; None: it does."""


class PeerEvidence(Value):
    """What was found for one peer. `client` is Missing where the plan names no client certificate."""

    server: CertificateFile | Missing
    client: CertificateFile | Missing
    trust: TrustList | Missing
    key: KeyFile | Missing
    crls: tuple[Crl, ...] | Missing


class ServerEvidence(Value):
    """What was found for one server behind an Expressway-C."""

    certificate: CertificateFile | Missing
    trust: TrustList | Missing


class RecordType(StrEnum):
    A = "A"
    AAAA = "AAAA"
    CNAME = "CNAME"
    PTR = "PTR"
    SRV = "SRV"


class DnsOutcome(StrEnum):
    """How one DNS question ended."""

    ANSWER = "answer"
    NXDOMAIN = "nxdomain"
    """The name does not exist."""
    NO_DATA = "no-data"
    """The name exists, without a record of this type."""
    SERVFAIL = "servfail"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    ERROR = "error"
    """Any other failure: no way to the server, a malformed answer, another rcode."""
    NOT_COVERED = "not-covered"
    """The view's zone files or records say nothing of the zone of this name, or the question was not asked."""

    @property
    def answered(self) -> bool:
        """Whether the view has spoken: it has the record, or it says there is none."""
        return self in (DnsOutcome.ANSWER, DnsOutcome.NXDOMAIN, DnsOutcome.NO_DATA)


class Srv(Value, order=True):
    priority: int
    weight: int
    port: int
    target: str


class DnsAnswer(Value):
    """The answer of one view to one question. Names are without a trailing dot, as the server spelled them."""

    view: str
    name: str
    type: RecordType
    outcome: DnsOutcome
    addresses: tuple[str, ...] = ()
    """For A and AAAA, sorted."""
    targets: tuple[str, ...] = ()
    """For PTR and CNAME, sorted."""
    services: tuple[Srv, ...] = ()
    """For SRV, sorted."""
    aliases: tuple[str, ...] = ()
    """The CNAME chain walked from `name`, in order, without `name` itself."""
    ttl: int | None = None
    source: str | None = None
    """The server, or the place of the record, that answered."""
    milliseconds: float | None = None
    why: str | None = None
    """What went wrong, in words, when the view has not spoken."""
    missing_zone: str | None = None
    """The zone that the view's zone files and records would need to answer; None where that is not what is missing."""
    where: Place | None = None
    """The place of the record that answered; None where a server did."""


class DnsView(Value):
    """One view: every answer gathered, by `(name key, type)`; the name key is `names.key` of the name."""

    name: str
    answers: Mapping[tuple[str, RecordType], DnsAnswer]
    problems: tuple[Problem, ...] = ()


class Evidence(Value):
    """All that was observed for one plan, `peers` in the order of the plan's peers."""

    peers: tuple[PeerEvidence, ...]
    views: Mapping[str, DnsView]
    gathered_at: datetime
    servers: tuple[ServerEvidence, ...] = ()
    """In the order of the plan's servers."""
    far_ends: Mapping[str, "FarEnd | Missing"] = field(default_factory=dict)
    """The clusters at the far ends of the plan's zones, by `far_end` as the plan names it."""


class FarEnd(Value):
    """The cluster at the far end of a zone: its plan in the same state, and what was observed for it."""

    plan: Plan
    evidence: Evidence
    returning: frozenset[int] = frozenset()
    """Which of its own zones, from 0, name this plan as their far end."""
