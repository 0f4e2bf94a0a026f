"""CAs, certificates and CRLs for the tests."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address
from typing import TypedDict, Unpack

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID, ObjectIdentifier

from tests.pki.keys import KeyChoice, PrivateKey, chosen_key, key_pem

__all__ = [
    "AT",
    "CA_FROM",
    "CA_UNTIL",
    "CRL_FROM",
    "CRL_UNTIL",
    "LEAF_FROM",
    "LEAF_UNTIL",
    "Authority",
    "Leaf",
    "RevocationList",
    "bundle",
    "name",
    "self_signed",
]

AT = datetime(2026, 6, 1, tzinfo=UTC)
"""The moment the tests judge at: every default is valid then."""
CA_FROM, CA_UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
LEAF_FROM, LEAF_UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
CRL_FROM, CRL_UNTIL = datetime(2026, 5, 25, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)

Digest = hashes.SHA224 | hashes.SHA256 | hashes.SHA384 | hashes.SHA512
SanChoice = str | IPv4Address | IPv6Address | x509.GeneralName
"""A str is a dNSName as it stands, an address an iPAddress."""
Extension = tuple[x509.ExtensionType, bool]
"""An extension and whether it is critical."""

_EKU = {
    "serverAuth": "1.3.6.1.5.5.7.3.1",
    "clientAuth": "1.3.6.1.5.5.7.3.2",
    "codeSigning": "1.3.6.1.5.5.7.3.3",
    "anyExtendedKeyUsage": "2.5.29.37.0",
}
_KEY_USAGE = {
    "digitalSignature": "digital_signature",
    "nonRepudiation": "content_commitment",
    "keyEncipherment": "key_encipherment",
    "dataEncipherment": "data_encipherment",
    "keyAgreement": "key_agreement",
    "keyCertSign": "key_cert_sign",
    "cRLSign": "crl_sign",
    "encipherOnly": "encipher_only",
    "decipherOnly": "decipher_only",
}


def name(cn: str | None, **others: str) -> x509.Name:
    """A subject of `others` (`O="Example", C="DE"`, in order) and then the CN, if there is one."""
    attributes = [x509.NameAttribute(_ATTRIBUTES[short], text) for short, text in others.items()]
    if cn is not None:
        attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, cn))
    return x509.Name(attributes)


_ATTRIBUTES = {
    "C": NameOID.COUNTRY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "L": NameOID.LOCALITY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
}


@dataclass(frozen=True)
class _Issued:
    """A certificate and its private key, and how they are written."""

    certificate: x509.Certificate
    key: PrivateKey = field(repr=False)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def key_pem(self) -> bytes:
        """PKCS#8, not encrypted, with a final newline; the function `key_pem` gives the other forms."""
        return key_pem(self.key)


@dataclass(frozen=True)
class Leaf(_Issued):
    """An end certificate with its private key. `issuer` is None when it signed itself."""

    issuer: "Authority | None" = field(default=None, repr=False)


@dataclass(frozen=True)
class RevocationList:
    crl: x509.CertificateRevocationList

    @property
    def pem(self) -> bytes:
        return self.crl.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.crl.public_bytes(Encoding.DER)


class CaOptions(TypedDict, total=False):
    """What may be replaced in a CA's certificate; `_authority` has the defaults."""

    key: KeyChoice
    subject: x509.Name | None
    not_before: datetime
    not_after: datetime
    eku: Sequence[str] | None
    key_usage: Sequence[str] | None
    path_length: int | None
    basic_constraints: bool
    ski: bool
    digest: Digest | None
    serial: int | None
    extra_extensions: Iterable[Extension]


@dataclass(frozen=True)
class Authority(_Issued):
    """A CA: its certificate and key, and the CA that signed it (None for a root).

        Authority.root("R")                       R
          .intermediate("A")                      └─ A
          .intermediate("B", path_length=0)          └─ B (pathlen 0)
          .issue(cn="exe1.example.com")                 └─ exe1.example.com

    Two generations of one CA: `Authority.root("R", key=ec_key("old"))` and `Authority.root("R", key=ec_key("new"))`.
    One CA under two roots: `other_root.intermediate(subject=ca.certificate.subject, key=ca.key)`.
    """

    parent: "Authority | None" = field(default=None, repr=False)

    @classmethod
    def root(cls, cn: str | None = "certplan test root", **options: Unpack[CaOptions]) -> "Authority":
        """A self-signed CA. `basic_constraints=False` leaves the extension out; there is no AKI."""
        return _authority(cn, None, **options)

    def intermediate(
        self,
        cn: str | None = "certplan test issuing",
        *,
        aki: bool | bytes = True,
        signed_by: PrivateKey | None = None,
        **options: Unpack[CaOptions],
    ) -> "Authority":
        """A CA signed by this one; `aki` may be another key identifier, `signed_by` a key that is not this CA's."""
        return _authority(cn, self, self.authority_key_id(aki), signed_by, **options)

    def issue(
        self,
        cn: str | None = "exe1.example.com",
        sans: Sequence[SanChoice] = (),
        *,
        eku: Sequence[str] | None = ("serverAuth", "clientAuth"),
        eku_critical: bool = False,
        key_usage: Sequence[str] | None = ("digitalSignature",),
        not_before: datetime = LEAF_FROM,
        not_after: datetime = LEAF_UNTIL,
        key: KeyChoice = "ec",
        subject: x509.Name | None = None,
        aki: bool | bytes = True,
        ski: bool = True,
        basic_constraints: x509.BasicConstraints | None = None,
        critical_san: bool = False,
        digest: Digest | None = None,
        serial: int | None = None,
        signed_by: PrivateKey | None = None,
        extra_extensions: Iterable[Extension] = (),
    ) -> Leaf:
        """An end certificate. `cn=None` without `subject` gives an empty subject, `sans=()` no SAN extension."""
        own = chosen_key(key)
        certificate = _build(
            own,
            self,
            subject if subject is not None else name(cn),
            (not_before, not_after),
            extensions=[
                *_extensions(own, basic_constraints, eku, key_usage, ski=ski, eku_critical=eku_critical),
                *_subject_alternative_name(sans, critical_san),
                *self.authority_key_id(aki),
                *extra_extensions,
            ],
            digest=digest,
            serial=serial,
            signed_by=signed_by,
        )
        return Leaf(certificate, own, self)

    def crl(
        self,
        revoked: Iterable["Leaf | Authority | int"] = (),
        *,
        last_update: datetime = CRL_FROM,
        next_update: datetime = CRL_UNTIL,
        revoked_at: datetime = CRL_FROM,
        signed_by: PrivateKey | None = None,
    ) -> RevocationList:
        """A CRL of this CA naming certificates, or bare serial numbers."""
        builder = x509.CertificateRevocationListBuilder(self.certificate.subject, last_update, next_update)
        for entry in revoked:
            serial = entry if isinstance(entry, int) else entry.certificate.serial_number
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder(serial, revoked_at).build(),
            )
        signer = signed_by or self.key
        return RevocationList(builder.sign(signer, _digest(signer, None)))

    @property
    def chain(self) -> tuple["Authority", ...]:
        """This CA, the one that signed it, and so on to the root."""
        return (self, *(self.parent.chain if self.parent else ()))

    def authority_key_id(self, aki: bool | bytes) -> list[Extension]:
        if aki is False:
            return []
        identifier = aki if isinstance(aki, bytes) else _key_id(self.certificate)
        return [(x509.AuthorityKeyIdentifier(identifier, None, None), False)]


def self_signed(
    cn: str | None = "exe1.example.com",
    sans: Sequence[SanChoice] = (),
    *,
    eku: Sequence[str] | None = ("serverAuth", "clientAuth"),
    key_usage: Sequence[str] | None = ("digitalSignature",),
    not_before: datetime = LEAF_FROM,
    not_after: datetime = LEAF_UNTIL,
    key: KeyChoice = "ec",
    subject: x509.Name | None = None,
    extra_extensions: Iterable[Extension] = (),
) -> Leaf:
    """An end certificate that signed itself, as a new appliance has."""
    own = chosen_key(key)
    certificate = _build(
        own,
        None,
        subject if subject is not None else name(cn),
        (not_before, not_after),
        extensions=[
            *_extensions(own, None, eku, key_usage),
            *_subject_alternative_name(sans, critical=False),
            *extra_extensions,
        ],
    )
    return Leaf(certificate, own)


def bundle(*items: Leaf | Authority | RevocationList | bytes) -> bytes:
    """One PEM file of everything given, in order."""
    return b"".join(item if isinstance(item, bytes) else item.pem for item in items)


def _digest(key: PrivateKey, wanted: Digest | None) -> Digest | None:
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else wanted or hashes.SHA256()


def _key_id(certificate: x509.Certificate) -> bytes:
    """The issuer's own SKI, or what it would be (RFC 5280 section 4.2.1.2) where it has none."""
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest


def _subject_alternative_name(sans: Sequence[SanChoice], critical: bool) -> list[Extension]:
    return [(x509.SubjectAlternativeName([_general_name(san) for san in sans]), critical)] if sans else []


def _general_name(san: SanChoice) -> x509.GeneralName:
    if isinstance(san, str):
        return x509.DNSName(san)
    if isinstance(san, IPv4Address | IPv6Address):
        return x509.IPAddress(san)
    return san


def _extensions(
    key: PrivateKey,
    constraints: x509.BasicConstraints | None,
    eku: Sequence[str] | None,
    key_usage: Sequence[str] | None,
    *,
    ski: bool = True,
    eku_critical: bool = False,
    extra: Iterable[Extension] = (),
) -> list[Extension]:
    found: list[Extension] = []
    if constraints is not None:
        found.append((constraints, True))
    if key_usage is not None:
        bits = {attribute: word in key_usage for word, attribute in _KEY_USAGE.items()}
        found.append((x509.KeyUsage(**bits), True))
    if eku is not None:
        usages = [ObjectIdentifier(_EKU.get(usage, usage)) for usage in eku]
        found.append((x509.ExtendedKeyUsage(usages), eku_critical))
    if ski:
        found.append((x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False))
    return [*found, *extra]


def _authority(
    cn: str | None,
    parent: Authority | None,
    identifiers: Sequence[Extension] = (),
    signed_by: PrivateKey | None = None,
    *,
    key: KeyChoice = "ec",
    subject: x509.Name | None = None,
    not_before: datetime = CA_FROM,
    not_after: datetime = CA_UNTIL,
    eku: Sequence[str] | None = None,
    key_usage: Sequence[str] | None = ("keyCertSign", "cRLSign"),
    path_length: int | None = None,
    basic_constraints: bool = True,
    ski: bool = True,
    digest: Digest | None = None,
    serial: int | None = None,
    extra_extensions: Iterable[Extension] = (),
) -> Authority:
    own = chosen_key(key)
    constraints = x509.BasicConstraints(ca=True, path_length=path_length) if basic_constraints else None
    extensions = _extensions(own, constraints, eku, key_usage, ski=ski, extra=extra_extensions)
    certificate = _build(
        own,
        parent,
        subject if subject is not None else name(cn),
        (not_before, not_after),
        extensions=[*extensions, *identifiers],
        digest=digest,
        serial=serial,
        signed_by=signed_by,
    )
    return Authority(certificate, own, parent)


def _build(
    key: PrivateKey,
    issuer: Authority | None,
    subject: x509.Name,
    validity: tuple[datetime, datetime],
    *,
    extensions: Iterable[Extension],
    digest: Digest | None = None,
    serial: int | None = None,
    signed_by: PrivateKey | None = None,
) -> x509.Certificate:
    issuer_name = issuer.certificate.subject if issuer else subject
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if serial is None:
        # Follows from the contents, so that the same call gives the same certificate.
        seed = [issuer_name.public_bytes(), subject.public_bytes(), spki, str(validity).encode()]
        serial = int.from_bytes(hashlib.sha256(b"".join(seed)).digest()[:16]) >> 1
    builder = x509.CertificateBuilder(issuer_name, subject, key.public_key(), serial, *validity)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    signer = signed_by or (issuer.key if issuer else key)
    deterministic = True if isinstance(signer, ec.EllipticCurvePrivateKey) else None
    return builder.sign(signer, _digest(signer, digest), ecdsa_deterministic=deterministic)
