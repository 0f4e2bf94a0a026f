"""A client certificate with its key, read from files."""

from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from certplan.evidence.tls.probe import Identity
from certplan.text.names import show

__all__ = ["IdentityError", "load_identity"]

_LARGEST = 1 << 20


class IdentityError(Exception):
    """A client certificate or its key cannot be used; the text says which file, and what to do."""


def load_identity(certificate: Path, key: Path) -> Identity:
    """Read a certificate (PEM, its issuers after it) and its private key (PEM, not encrypted).

    Raises:
        IdentityError: when a file cannot be read, or the key does not belong to the certificate.
    """
    try:
        chain = tuple(x509.load_pem_x509_certificates(_read(certificate)))
    except ValueError:
        raise IdentityError(f"{show(str(certificate))}: no certificate in PEM; give its own file.") from None
    try:
        private = load_pem_private_key(_read(key), None)
    except TypeError:
        raise IdentityError(f"{show(str(key))}: the key is encrypted; unlock it with certplan csr unlock.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise IdentityError(f"{show(str(key))}: no private key in PEM; give the certificate's key.") from None
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*form) != chain[0].public_key().public_bytes(*form):
        raise IdentityError(f"{show(str(key))} does not belong to {show(str(certificate))}; give its own key.")
    return Identity(chain, private)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_LARGEST)
    except OSError as error:
        raise IdentityError(f"{show(str(path))}: cannot be read: {error.strerror or error}.") from None
