"""Certificates that cryptography will not make, made of sound ones: SHA-1, X.509 version 1, a key off its curve."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from certplan.evidence.pki.der import elements

__all__ = ["resigned"]

_ECDSA_SHA1 = bytes.fromhex("300906072a8648ce3d0401")
_SEQUENCE, _BIT_STRING, _VERSION, _EXTENSIONS = 0x30, 0x03, 0xA0, 0xA3


def resigned(
    certificate: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    *,
    sha1: bool = False,
    v1: bool = False,
    off_curve: bool = False,
) -> x509.Certificate:
    """The certificate signed again by `key`.

    Args:
        certificate: what to change.
        key: the issuer's.
        sha1: sign with ECDSA and SHA-1.
        v1: make it X.509 version 1, without version and extensions.
        off_curve: give it an EC key that is no point of its curve.
    """
    ((_, body),) = elements(certificate.tbs_certificate_bytes)
    ((_, whole),) = elements(certificate.public_bytes(Encoding.DER))
    parts = [_element(tag, contents) for tag, contents in elements(body) if not (v1 and tag in (_VERSION, _EXTENSIONS))]
    algorithm = _ECDSA_SHA1 if sha1 else _element(*elements(whole)[1])
    place = 1 if v1 else 2
    parts[place] = algorithm
    if off_curve:
        parts[place + 4] = parts[place + 4][:-1] + bytes((parts[place + 4][-1] ^ 1,))
    signed = _element(_SEQUENCE, b"".join(parts))
    signature = key.sign(signed, ec.ECDSA(hashes.SHA1() if sha1 else hashes.SHA256()))  # noqa: S303 - what is tested
    return x509.load_der_x509_certificate(
        _element(_SEQUENCE, signed + algorithm + _element(_BIT_STRING, b"\0" + signature))
    )


def _element(tag: int, contents: bytes) -> bytes:
    length = len(contents)
    if length < 0x80:
        return bytes((tag, length)) + contents
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + contents
