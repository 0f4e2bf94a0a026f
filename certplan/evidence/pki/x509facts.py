"""One X.509 certificate (RFC 5280) read into facts, whatever state it is in."""

import functools
import hashlib
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certplan.evidence.model import Certificate, KeyKind, PublicKey, San, SanKind
from certplan.evidence.pki.der import CertificateParts, NotDer, certificate_parts, element_text, elements
from certplan.evidence.pki.dn import NameFacts, name_facts
from certplan.value import Struct

__all__ = [
    "ExtensionFacts",
    "UnreadableCertificate",
    "extension_facts",
    "hex_serial",
    "key_verifies",
    "parse_certificate",
    "parse_in_quiet",
    "public_key_facts",
    "quiet",
    "read_ahead",
]

T = TypeVar("T")

_EKU_WORDS = {
    "1.3.6.1.5.5.7.3.1": "serverAuth",
    "1.3.6.1.5.5.7.3.2": "clientAuth",
    "2.5.29.37.0": "anyExtendedKeyUsage",
}
_KEY_USAGE_WORDS = {
    "digital_signature": "digitalSignature",
    "content_commitment": "nonRepudiation",
    "key_encipherment": "keyEncipherment",
    "data_encipherment": "dataEncipherment",
    "key_agreement": "keyAgreement",
    "key_cert_sign": "keyCertSign",
    "crl_sign": "cRLSign",
}
_KEY_AGREEMENT_WORDS = {"encipher_only": "encipherOnly", "decipher_only": "decipherOnly"}
_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_XMPP_ADDRESS = "1.3.6.1.5.5.7.8.5"
_BIT_STRING = 0x03
_NETSCAPE_TYPE = "2.16.840.1.113730.1.1"
_NETSCAPE_WORDS = ("client", "server", "email", "objectSigning", "reserved", "sslCA", "emailCA", "objectCA")
_SIGNATURE_KEYS = {
    "1.2.840.113549.1.1.": KeyKind.RSA,
    "1.2.840.10045.4.": KeyKind.ECDSA,
    "1.2.840.10040.4.": KeyKind.OTHER,
    "1.3.101.": KeyKind.OTHER,
}
"""The beginnings of the object identifiers of signature algorithms."""

_MOST_REMEMBERED = 8192
_known: dict[bytes, Certificate] = {}
"""Certificates already read, by their bytes: many lists hold the same. Touched with the lock held."""

_quiet_lock = threading.RLock()


class UnreadableCertificate(ValueError):  # noqa: N818 - reads as what is the case
    """The bytes are no certificate, or one whose serial number or dates cannot be read."""


@contextmanager
def quiet() -> Iterator[None]:
    """Keep cryptography's warnings of odd certificates to ourselves: a defect says what matters.

    The warning filters are the whole process's, hence the lock.
    """
    with _quiet_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def parse_certificate(der: bytes) -> Certificate:
    """Read one DER certificate. A part that cannot be read becomes a line in `defects`.

    Where the extensions cannot be read, `sans` is None, and so is every other fact that stands in them.

    Raises:
        UnreadableCertificate: when it cannot be loaded at all, or has no readable serial number or dates.
    """
    with quiet():
        return parse_in_quiet(der)


class _Attempts:
    """Reads the parts of one certificate, each decoded only when it is asked for; what cannot be read is a defect."""

    def __init__(self, defects: Iterable[str]) -> None:
        self.defects = list(defects)

    def __call__(self, read: Callable[[], T], otherwise: T, defect: str) -> T:
        try:
            return read()
        except Exception:  # noqa: BLE001 - hostile bytes: what the parser raises is not a closed list
            self.defects.append(defect)
            return otherwise


def parse_in_quiet(der: bytes) -> Certificate:
    """`parse_certificate` for many at a time: the caller holds `quiet()` round them all."""
    if (known := _known.get(der)) is not None:
        return known
    reading = _in_parts(der)
    while (certificate := next(reading)) is None:
        pass
    return _remembered(certificate)


def read_ahead(ders: Iterable[bytes]) -> None:
    """Read many certificates for `parse_in_quiet` to find; those that cannot be read are left to it.

    Each part is read of all of them before the next one is: the code that reads it then stays in the processor's
    caches, which nearly halves the time that the hundreds of CAs of a list take. The caller holds `quiet()`.
    """
    unknown = dict.fromkeys(der for der in ders if der not in _known)
    readings = [_in_parts(der) for der in islice(unknown, _MOST_REMEMBERED)]
    while readings:
        readings = [reading for reading in readings if _goes_on(reading)]


def _goes_on(reading: Iterator[Certificate | None]) -> bool:
    """Read the next part; whether there are more."""
    try:
        certificate = next(reading)
    except UnreadableCertificate:
        return False
    if certificate is not None:
        _remembered(certificate)
    return certificate is None


def _remembered(certificate: Certificate) -> Certificate:
    while len(_known) >= _MOST_REMEMBERED:
        del _known[next(iter(_known))]
    _known[certificate.der] = certificate
    return certificate


def _in_parts(der: bytes) -> Iterator[Certificate | None]:
    """Read one certificate: None after each part of it, the certificate in the end."""
    try:
        loaded = x509.load_der_x509_certificate(der)
        serial = hex_serial(loaded.serial_number)
        not_before, not_after = loaded.not_valid_before_utc, loaded.not_valid_after_utc
        parts = certificate_parts(der)
    except Exception as error:  # hostile bytes: what the parser raises is not a closed list
        raise UnreadableCertificate("it cannot be decoded as an X.509 certificate") from error
    yield None
    subject, issuer = name_facts(parts.subject), name_facts(parts.issuer)
    attempt = _Attempts(_unreadable_names(subject, issuer))
    yield None
    public_key = attempt(
        loaded.public_key, None, "the public key cannot be read: its algorithm is unknown or it is malformed"
    )
    yield None
    key = None
    if public_key is not None:
        key = attempt(lambda: public_key_facts(public_key), None, "the public key cannot be read")
    yield None
    signature_hash = attempt(lambda: _signature_hash(loaded), None, "the signature algorithm is unknown")
    signature_key = _signature_key(loaded.signature_algorithm_oid.dotted_string)
    yield None
    extensions = attempt(
        lambda: extension_facts(loaded),
        _NO_EXTENSIONS,
        "the extensions cannot be read, so its names (SAN) and usages are not known",
    )
    yield None
    yield Certificate(
        der=der,
        sha256=hashlib.sha256(der).hexdigest(),
        subject=subject.text,
        subject_der=parts.subject,
        subject_key=subject.key,
        issuer=issuer.text,
        issuer_der=parts.issuer,
        issuer_key=issuer.key,
        common_names=subject.common_names,
        serial=serial,
        not_before=not_before,
        not_after=not_after,
        key=key,
        signature_hash=signature_hash,
        signature_key=signature_key,
        sans=extensions.sans,
        eku=extensions.eku,
        eku_critical=extensions.eku_critical,
        key_usage=extensions.key_usage,
        is_ca=extensions.is_ca,
        path_length=extensions.path_length,
        subject_key_id=extensions.subject_key_id,
        authority_key_id=extensions.authority_key_id,
        authority_serial=extensions.authority_serial,
        authority_issuer_key=extensions.authority_issuer_key,
        netscape_types=extensions.netscape_types,
        self_issued=subject.key == issuer.key,
        defects=tuple(attempt.defects),
    )


def _unreadable_names(subject: NameFacts, issuer: NameFacts) -> Iterator[str]:
    if not subject.readable:
        yield "the subject cannot be read"
    if not issuer.readable and issuer != subject:
        yield "the issuer cannot be read"


def hex_serial(number: int) -> str:
    """A serial number as every value of `certplan.evidence.model` has it."""
    return f"{number:x}"


def public_key_facts(key: PublicKeyTypes) -> PublicKey:
    """Name and measure a public key.

    Raises:
        ValueError, UnsupportedAlgorithm: when the key cannot be written as a SubjectPublicKeyInfo.
    """
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = hashlib.sha256(spki).hexdigest()
    if isinstance(key, rsa.RSAPublicKey):
        return PublicKey(KeyKind.RSA, f"RSA {key.key_size}", key.key_size, digest)
    if isinstance(key, ec.EllipticCurvePublicKey):
        curve = key.curve.name
        return PublicKey(KeyKind.ECDSA, f"ECDSA {_CURVES.get(curve, curve)}", key.key_size, digest)
    if isinstance(key, dsa.DSAPublicKey):
        return PublicKey(KeyKind.OTHER, f"DSA {key.key_size}", key.key_size, digest)
    if isinstance(key, ed25519.Ed25519PublicKey):
        return PublicKey(KeyKind.OTHER, "Ed25519", 256, digest)
    if isinstance(key, ed448.Ed448PublicKey):
        return PublicKey(KeyKind.OTHER, "Ed448", 456, digest)
    return PublicKey(KeyKind.OTHER, type(key).__name__.removesuffix("PublicKey"), 0, digest)


def _signature_hash(loaded: x509.Certificate) -> str | None:
    algorithm = loaded.signature_hash_algorithm
    return None if algorithm is None else algorithm.name


@functools.lru_cache(maxsize=4096)
def key_verifies(der: bytes, issuer_der: bytes) -> bool:
    """`signatures.signed_by` of two certificates' bytes."""
    try:
        with quiet():
            loaded, issuer = (x509.load_der_x509_certificate(each) for each in (der, issuer_der))
            return _verifies(loaded, certificate_parts(der), issuer.public_key())
    except Exception:  # noqa: BLE001 - hostile bytes: what the parser raises is not a closed list
        return False


@functools.lru_cache(maxsize=64)
def _signature_key(oid: str) -> KeyKind | None:
    return next((kind for beginning, kind in _SIGNATURE_KEYS.items() if oid.startswith(beginning)), None)


def _verifies(loaded: x509.Certificate, parts: CertificateParts, key: PublicKeyTypes) -> bool:
    """Whether `key` verifies the certificate's signature. Any error on the way is a no."""
    try:
        digest = loaded.signature_hash_algorithm
        parameters = loaded.signature_algorithm_parameters
        signature, signed = loaded.signature, parts.to_be_signed
        if isinstance(key, rsa.RSAPublicKey) and isinstance(parameters, padding.PKCS1v15 | padding.PSS) and digest:
            key.verify(signature, signed, parameters, digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(parameters, ec.ECDSA):
            key.verify(signature, signed, parameters)
        elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey) and digest is None:
            key.verify(signature, signed)
        elif isinstance(key, dsa.DSAPublicKey) and digest:
            key.verify(signature, signed, digest)
        else:
            return False
    except Exception:  # noqa: BLE001 - a signature that cannot be checked does not verify
        return False
    return True


class ExtensionFacts(Struct):
    """What the extensions say; the defaults are what it means when one is absent."""

    sans: tuple[San, ...] | None = ()
    eku: tuple[str, ...] | None = None
    eku_critical: bool = False
    key_usage: tuple[str, ...] | None = None
    is_ca: bool | None = None
    path_length: int | None = None
    subject_key_id: str | None = None
    authority_key_id: str | None = None
    authority_serial: str | None = None
    authority_issuer_key: bytes | None = None
    netscape_types: tuple[str, ...] | None = None


_NO_EXTENSIONS = ExtensionFacts(sans=None)


def extension_facts(loaded: x509.Certificate | x509.CertificateSigningRequest) -> ExtensionFacts:
    """Read the extensions of a certificate, or those a CSR asks for.

    Raises:
        ValueError: when they cannot be decoded, and whatever else the parser raises for hostile bytes.
    """
    found = ExtensionFacts()
    for extension in loaded.extensions:
        # Told apart by exact type: these are abstract base classes, whose isinstance() is slow.
        value, kind = extension.value, type(extension.value)
        if kind is x509.SubjectAlternativeName:
            found.sans = tuple(_san(name) for name in value)
        elif kind is x509.ExtendedKeyUsage:
            found.eku = tuple(_EKU_WORDS.get(usage.dotted_string, usage.dotted_string) for usage in value)
            found.eku_critical = extension.critical
        elif kind is x509.KeyUsage:
            words = _KEY_USAGE_WORDS | _KEY_AGREEMENT_WORDS if value.key_agreement else _KEY_USAGE_WORDS
            found.key_usage = tuple(word for attribute, word in words.items() if getattr(value, attribute))
        elif kind is x509.BasicConstraints:
            found.is_ca, found.path_length = value.ca, value.path_length
        elif kind is x509.SubjectKeyIdentifier:
            found.subject_key_id = value.digest.hex()
        elif kind is x509.AuthorityKeyIdentifier:
            _authority(value, found)
        elif kind is x509.UnrecognizedExtension and value.oid.dotted_string == _NETSCAPE_TYPE:
            found.netscape_types = _netscape_types(value.value)
    return found


def _authority(value: x509.AuthorityKeyIdentifier, found: ExtensionFacts) -> None:
    """Which certificate is the issuer's: by its key, or by its own issuer (the first directory name) and serial."""
    if value.key_identifier is not None:
        found.authority_key_id = value.key_identifier.hex()
    if value.authority_cert_serial_number is not None:
        found.authority_serial = hex_serial(value.authority_cert_serial_number)
    names = (name for name in value.authority_cert_issuer or () if isinstance(name, x509.DirectoryName))
    first = next(names, None)
    if first is not None:
        found.authority_issuer_key = name_facts(first.value.public_bytes()).key


def _netscape_types(encoded: bytes) -> tuple[str, ...]:
    """The bits of a Netscape certificate type (a BIT STRING), in words.

    Raises:
        ValueError: when it is anything else.
    """
    ((tag, contents),) = elements(encoded)
    if tag != _BIT_STRING or not 1 <= len(contents) <= 2:
        raise ValueError("not a Netscape certificate type")
    bits = contents[1] if len(contents) > 1 else 0
    return tuple(word for place, word in enumerate(_NETSCAPE_WORDS) if bits & (0x80 >> place))


_PLAIN_SANS: dict[type[x509.GeneralName], SanKind] = {
    x509.DNSName: SanKind.DNS,
    x509.IPAddress: SanKind.IP,
    x509.UniformResourceIdentifier: SanKind.URI,
    x509.RFC822Name: SanKind.EMAIL,
}


def _san(name: x509.GeneralName) -> San:
    if (kind := _PLAIN_SANS.get(type(name))) is not None:
        return San(kind, str(name.value))
    if isinstance(name, x509.OtherName):
        return _other_name(name.type_id.dotted_string, name.value)
    if isinstance(name, x509.DirectoryName):
        return San(SanKind.OTHER, name.value.rfc4514_string())
    if isinstance(name, x509.RegisteredID):
        return San(SanKind.OTHER, name.value.dotted_string)
    return San(SanKind.OTHER, type(name).__name__)


def _other_name(oid: str, encoded: bytes) -> San:
    """An otherName is any type at all; only text is shown as text."""
    try:
        text = element_text(encoded)
    except NotDer:
        return San(SanKind.OTHER, f"{oid}:{encoded.hex()}")
    return San(SanKind.XMPP_ADDRESS, text) if oid == _XMPP_ADDRESS else San(SanKind.OTHER, f"{oid}:{text}")
