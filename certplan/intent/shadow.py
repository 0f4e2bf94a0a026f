"""Copies of CAs under keys of our own: what OpenSSL says of a certificate that a real CA has yet to sign.

A certificate to come is signed by a CA whose key is not ours. So every CA that could stand above it is copied: the same
extensions, dates and order in the lists, under a name and a key that stand for its own, each copy signed with the key
that stands for the one which signed the original. A certificate under such a copy passes exactly where one of the real
CA would: name constraints, path length, roles, dates and the order of a list included. The keys never leave
this module.
"""

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from certplan.evidence.model import Certificate, Crl
from certplan.evidence.pki.dn import name_facts
from certplan.evidence.pki.signatures import signed_by
from certplan.evidence.pki.usages import tls_key_usage
from certplan.evidence.pki.x509facts import parse_certificate
from certplan.handshake.trust import TrustIndex, rfc4514_key
from certplan.value import Value, replace

__all__ = ["MARK", "Contents", "ShadowPki", "Unsignable"]

MARK = "certplan simulation"
"""What the name of every copy holds."""
_LONGEST_CN = 64
_ROLES = {
    "serverAuth": ExtendedKeyUsageOID.SERVER_AUTH,
    "clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "anyExtendedKeyUsage": ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
}


class Unsignable(Exception):  # noqa: N818 - it is no mistake of the program
    """A certificate that cannot be copied: its bytes or its extensions cannot be read."""


class Contents(Value):
    """What a certificate to come holds."""

    label: str
    """Whose it is; each label has a key of its own."""
    cn: str
    names: tuple[str, ...]
    roles: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    rsa: bool = False


class ShadowPki:
    """The copies of the CAs in `known`. The same CAs give the same copies for as long as the process runs."""

    def __init__(self, known: TrustIndex) -> None:
        self._known = known

    def issue(self, contents: Contents, issuer: Certificate) -> Certificate:
        """The certificate to come, signed by the copy of `issuer`.

        Raises:
            Unsignable: when the issuer cannot be copied.
        """
        return _issued(contents, self.copy(issuer), _key_of(issuer))

    def issue_unseen(self, contents: Contents) -> Certificate:
        """The certificate to come, signed by a CA that nobody has named yet."""
        return _issued(contents, self.chosen, _CHOSEN)

    @property
    def chosen(self) -> Certificate:
        """The self-signed CA that signs with `issue_unseen`."""
        return _root(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{MARK}: a CA of your choice")]), _CHOSEN)

    def copy(self, certificate: Certificate) -> Certificate:
        """The copy of a CA.

        Raises:
            Unsignable: when it cannot be read.
        """
        return _copied(certificate.der, _key_of(certificate), self._signer(certificate))

    def copy_leaf(self, certificate: Certificate) -> Certificate:
        """The copy of a peer's certificate: its own subject and public key, under the copy of its CA.

        Raises:
            Unsignable: when it cannot be read.
        """
        return _copied(certificate.der, None, self._signer(certificate))

    def unseen_issuer(self, certificate: Certificate) -> Certificate:
        """A self-signed CA that nobody has read, of the name of the issuer of `certificate`, which it signed."""
        return _root_above(certificate.der, self._signer(certificate))

    def self_signed(self, ca: Certificate) -> Certificate:
        """A self-signed CA that nobody has read, of the name and key of `ca`: its renewal, or the root it is."""
        return _root_like(ca.der, _key_of(ca))

    def copy_crl(self, crl: Crl) -> Crl:
        """The copy of a CRL, signed by the copy of its CA where that is known.

        Raises:
            Unsignable: when it cannot be read.
        """
        signer = next((ca for ca in self._known.named(crl.issuer_key) if ca.key is not None), None)
        return _copied_crl(crl.der, crl, _unseen_key(crl.issuer) if signer is None else _key_of(signer))

    def _signer(self, certificate: Certificate) -> str:
        """The key that stands for the one which signed a certificate."""
        if certificate.self_signed:
            return _key_of(certificate)
        for issuer in self._known.issuers(certificate):
            if signed_by(certificate, issuer):
                return _key_of(issuer)
        return _unseen_key(certificate.issuer)


_CHOSEN = "chosen"


def _key_of(certificate: Certificate) -> str:
    if certificate.key is None:
        raise Unsignable
    return certificate.key.sha256


def _unseen_key(name: str) -> str:
    return f"unseen {rfc4514_key(name)}"


@lru_cache(maxsize=4096)
def _key(_stands_for: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


_FIRST_DATE = datetime(1950, 1, 1, tzinfo=UTC)
"""RFC 5280 section 4.1.2.5: certificates through 2049 have two digits of the year, from 1950 on."""


@lru_cache(maxsize=64)
def _leaf_key(_label: str, *, as_rsa: bool) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    if as_rsa:
        return rsa.generate_private_key(65537, 2048).public_key()
    return ec.generate_private_key(ec.SECP256R1()).public_key()


def _shadow_name(name: x509.Name) -> x509.Name:
    return x509.Name([*name.rdns, x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.DN_QUALIFIER, MARK)])])


@lru_cache(maxsize=4096)
def _copied(der: bytes, own_key: str | None, signer: str) -> Certificate:
    try:
        real = x509.load_der_x509_certificate(der)
        subject = real.subject if own_key is None else _shadow_name(real.subject)
        public = real.public_key() if own_key is None else _key(own_key).public_key()
        dates = _date(real.not_valid_before_utc), _date(real.not_valid_after_utc)
        builder = x509.CertificateBuilder(_shadow_name(real.issuer), subject, public, real.serial_number, *dates)
        for extension in real.extensions:
            builder = builder.add_extension(_unlinked(extension.value), extension.critical)
        return _signed(builder, signer)
    except Exception as error:  # hostile bytes: what the parser raises is not a closed list
        raise Unsignable from error


def _date(moment: datetime) -> datetime:
    """A date that can be written: the library panics on one before `_FIRST_DATE`, which is as much in the past."""
    return max(moment, _FIRST_DATE)


def _unlinked(value: x509.ExtensionType) -> x509.ExtensionType:
    """An authority key identifier by the key alone: name and serial number are the original's."""
    if isinstance(value, x509.AuthorityKeyIdentifier) and value.authority_cert_issuer is not None:
        return x509.AuthorityKeyIdentifier(value.key_identifier, None, None)
    return value


@lru_cache(maxsize=1024)
def _root(name: x509.Name, key: str) -> Certificate:
    begin, end = datetime(2000, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, _key(key).public_key(), 1, begin, end)
    return _signed(builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True), key)


@lru_cache(maxsize=1024)
def _root_above(der: bytes, key: str) -> Certificate:
    return _root(_shadow_name(x509.load_der_x509_certificate(der).issuer), key)


@lru_cache(maxsize=1024)
def _root_like(der: bytes, key: str) -> Certificate:
    return _root(_shadow_name(x509.load_der_x509_certificate(der).subject), key)


@lru_cache(maxsize=1024)
def _issued(contents: Contents, issuer: Certificate, signer: str) -> Certificate:
    above = x509.load_der_x509_certificate(issuer.der)
    key = _leaf_key(contents.label, as_rsa=contents.rsa)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, contents.cn[:_LONGEST_CN])])
    serial = int.from_bytes(sha256(repr(contents).encode()).digest()[:16])
    builder = x509.CertificateBuilder(
        above.subject, subject, key, serial, contents.not_before, contents.not_after
    ).add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    names = [x509.DNSName(name.encode("ascii", "backslashreplace").decode("ascii")) for name in contents.names]
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    usages = [_ROLES.get(role) or ObjectIdentifier(role) for role in contents.roles]
    builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    builder = builder.add_extension(tls_key_usage(encipher=contents.rsa), critical=True)
    if issuer.subject_key_id is not None:
        identifier = bytes.fromhex(issuer.subject_key_id.replace(":", ""))
        builder = builder.add_extension(x509.AuthorityKeyIdentifier(identifier, None, None), critical=False)
    return _signed(builder, signer)


@lru_cache(maxsize=256)
def _copied_crl_der(der: bytes, signer: str) -> bytes:
    real = x509.load_der_x509_crl(der)
    next_update = None if real.next_update_utc is None else _date(real.next_update_utc)
    builder = x509.CertificateRevocationListBuilder(
        _shadow_name(real.issuer), _date(real.last_update_utc), next_update, revoked_certificates=list(real)
    )
    for extension in real.extensions:
        builder = builder.add_extension(_unlinked(extension.value), extension.critical)
    return builder.sign(_key(signer), hashes.SHA256()).public_bytes(Encoding.DER)


def _copied_crl(der: bytes, crl: Crl, signer: str) -> Crl:
    try:
        copied = _copied_crl_der(der, signer)
        name = _shadow_name(x509.load_der_x509_crl(der).issuer)
        issuer = name.public_bytes()
        facts = name_facts(issuer)
        return replace(crl, der=copied, issuer_der=issuer, issuer=facts.text, issuer_key=facts.key)
    except Exception as error:  # hostile bytes: what the parser raises is not a closed list
        raise Unsignable from error


def _signed(builder: x509.CertificateBuilder, key: str) -> Certificate:
    return parse_certificate(builder.sign(_key(key), hashes.SHA256()).public_bytes(Encoding.DER))
