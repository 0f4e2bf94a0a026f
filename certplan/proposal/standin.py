"""Stand-ins: certificates that do not exist yet, made in memory so that OpenSSL can be asked about them.

A certificate to be reissued will be signed by a CA whose key we do not have. Its stand-in bears the same names, roles
and dates and is signed by a throw-away root of its own; whoever would trust the real one is given that root. The keys
never leave this module's memory.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from certplan.evidence.model import Certificate
from certplan.evidence.pki.x509facts import parse_certificate

__all__ = ["MARK", "Bearing", "StandIn", "stand_in"]

MARK = "stand-in of "
"""How the subject of every throw-away root begins."""
_LONGEST_CN = 64
_ROLES = {
    "serverAuth": ExtendedKeyUsageOID.SERVER_AUTH,
    "clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "anyExtendedKeyUsage": ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
}
_USAGES = {
    "digitalSignature": "digital_signature",
    "keyEncipherment": "key_encipherment",
    "keyAgreement": "key_agreement",
}


@dataclass(frozen=True, slots=True)
class Bearing:
    """What a certificate would bear."""

    label: str
    """Whose it is; each label has a key of its own."""
    cn: str | None
    names: tuple[str, ...]
    roles: tuple[str, ...] | None
    """None: no extended key usage extension."""
    usages: tuple[str, ...] | None
    not_before: datetime
    not_after: datetime
    rsa: bool = False


@dataclass(frozen=True, slots=True)
class StandIn:
    leaf: Certificate
    root: Certificate


@lru_cache(maxsize=1024)
def stand_in(bearing: Bearing) -> StandIn:
    """Make the stand-in for `bearing`; the same bearing gives the same certificate for as long as the process runs."""
    signer = _key("root", rsa_wanted=False)
    issuer = _name(f"{MARK}{bearing.label}")
    key = _key(bearing.label, rsa_wanted=bearing.rsa).public_key()
    begin, end = bearing.not_before - timedelta(days=1), bearing.not_after + timedelta(days=1)
    root = (
        _builder(issuer, issuer, signer.public_key(), begin, end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(("keyCertSign",)), critical=True)
        .sign(signer, hashes.SHA256())
    )
    builder = _builder(_name(bearing.cn), issuer, key, bearing.not_before, bearing.not_after).add_extension(
        x509.BasicConstraints(ca=False, path_length=None), critical=True
    )
    if bearing.names:
        names = [_dns_name(name) for name in bearing.names]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if bearing.roles is not None:
        roles = [_ROLES.get(role) or ObjectIdentifier(role) for role in bearing.roles]
        builder = builder.add_extension(x509.ExtendedKeyUsage(roles), critical=False)
    if bearing.usages is not None:
        builder = builder.add_extension(_usage(bearing.usages), critical=True)
    leaf = builder.sign(signer, hashes.SHA256())
    return StandIn(_facts(leaf), _facts(root))


@lru_cache(maxsize=64)
def _key(_label: str, *, rsa_wanted: bool) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048) if rsa_wanted else ec.generate_private_key(ec.SECP256R1())


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    begin: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
    )


def _name(cn: str | None) -> x509.Name:
    return x509.Name([] if cn is None else [x509.NameAttribute(NameOID.COMMON_NAME, cn[:_LONGEST_CN])])


def _dns_name(name: str) -> x509.DNSName:
    return x509.DNSName(name.encode("ascii", "backslashreplace").decode("ascii"))


def _usage(usages: tuple[str, ...]) -> x509.KeyUsage:
    wanted = {python: name in usages for name, python in _USAGES.items()}
    return x509.KeyUsage(
        **wanted,
        key_cert_sign="keyCertSign" in usages,
        crl_sign=False,
        content_commitment="nonRepudiation" in usages,
        data_encipherment="dataEncipherment" in usages,
        encipher_only=False,
        decipher_only=False,
    )


def _facts(certificate: x509.Certificate) -> Certificate:
    return parse_certificate(certificate.public_bytes(Encoding.DER))
