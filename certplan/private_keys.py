"""One private key: made, written as PEM, and read back, without a byte of it in any message or exception."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat

from certplan.csr.build import PrivateKey
from certplan.csr.words import KeyAlgorithm
from certplan.evidence.model import Missing
from certplan.evidence.pki.keyfiles import load_key_file
from certplan.evidence.pki.material import UnreadableFile, blocks_of, read_material

__all__ = ["LONGEST_PASSPHRASE", "PrivateKeyError", "generate", "is_encrypted", "load_private_key", "private_pem"]

_CURVES: dict[int, ec.EllipticCurve] = {256: ec.SECP256R1(), 384: ec.SECP384R1(), 521: ec.SECP521R1()}
LONGEST_PASSPHRASE = 1023
"""Bytes; OpenSSL's own limit for PKCS#8."""


class PrivateKeyError(Exception):
    """Something about keys or their files that has to be reported: a sentence, safe to show, with what to do."""


def generate(algorithm: KeyAlgorithm) -> PrivateKey:
    """Make a private key. RSA has the exponent 65537."""
    if algorithm.is_rsa:
        return rsa.generate_private_key(65537, algorithm.bits)
    return ec.generate_private_key(_CURVES[algorithm.bits])


def private_pem(key: PrivateKey, passphrase: bytes | None = None) -> bytes:
    """A private key as PKCS#8 PEM (RFC 5958) with its final newline, encrypted when there is a passphrase."""
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        protection = serialization.BestAvailableEncryption(passphrase)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection)


def is_encrypted(path: Path, file: str) -> bool:
    """Whether a private key file, `file` as the user named it, needs a passphrase.

    Raises:
        PrivateKeyError: when it holds no private key, or several.
    """
    found = load_key_file(path, file, "private key")
    if isinstance(found, Missing):
        raise PrivateKeyError(f"{found.why}. {found.remedy}")
    if isinstance(found.key, Missing) and not found.encrypted:
        raise PrivateKeyError(f"{found.key.why}. {found.key.remedy}")
    return found.encrypted


def load_private_key(path: Path, file: str, passphrase: bytes | None = None) -> PrivateKey:
    """Read a private key whole, checked as one that is to be used: its halves belong together.

    Args:
        path: where it is.
        file: as the user named it.
        passphrase: for an encrypted key.

    Raises:
        PrivateKeyError: when there is no such key, the passphrase is wrong, or it is neither RSA nor ECDSA.
    """
    encrypted = is_encrypted(path, file)
    if encrypted and passphrase is None:
        raise PrivateKeyError(f"{file}: the private key is encrypted. Give its passphrase.")
    try:
        data = read_material(path)
    except UnreadableFile as error:
        raise PrivateKeyError(f"{file}: {error}.") from None
    blocks = [block for block in blocks_of(data)[0] if block.kind.is_private]
    if len(blocks) != 1:
        raise PrivateKeyError(f"{file}: {len(blocks)} private keys are in it. Give a file with one private key.")
    block = blocks[0]
    password = passphrase if encrypted else None
    try:
        if block.armored:
            label = block.label.encode()
            pem = b"-----BEGIN " + label + b"-----" + block.body + b"-----END " + label + b"-----\n"
            key = serialization.load_pem_private_key(pem, password)
        else:
            key = serialization.load_der_private_key(block.body, password)
    except Exception:  # noqa: BLE001 - hostile bytes, and the parser's own words are dropped lest they quote the key
        key = None
    if key is None:
        wrong = "the passphrase is wrong, or the key is damaged. Give the right one."
        raise PrivateKeyError(f"{file}: {wrong if encrypted else 'the private key is damaged. Give a sound one.'}")
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise PrivateKeyError(f"{file}: the private key is neither RSA nor ECDSA. Give one that is.")
    return key
