"""Certificate signing requests (PKCS#10, RFC 2986) from files, whatever state they are in."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cryptography import x509

from certplan.evidence.model import Missing, PublicKey, San, SanKind
from certplan.evidence.pki.der import MaterialKind
from certplan.evidence.pki.dn import name_facts
from certplan.evidence.pki.material import UnreadableFile, blocks_of, missing_file, read_material
from certplan.evidence.pki.x509facts import ExtensionFacts, extension_facts, public_key_facts, quiet
from certplan.places import Place
from certplan.value import Value

__all__ = ["RequestFile", "SigningRequest", "kinds_in", "load_request_file", "parse_request"]

T = TypeVar("T")
_GIVE_CSR = "Give the request as PEM: from BEGIN CERTIFICATE REQUEST to END CERTIFICATE REQUEST."


class SigningRequest(Value):
    """The facts of one CSR. A part that cannot be read is None (or empty) and has a line in `defects`."""

    der: bytes
    subject: str
    """RFC 4514 text."""
    common_names: tuple[str, ...]
    key: PublicKey | None
    signature_hash: str | None
    signature_valid: bool
    """Its own key verifies its signature: whoever made it had the private key."""
    sans: tuple[San, ...] | None
    """None when the extensions cannot be read."""
    eku: tuple[str, ...] | None
    key_usage: tuple[str, ...] | None
    is_ca: bool | None
    defects: tuple[str, ...] = ()

    @property
    def dns_names(self) -> tuple[str, ...]:
        """The dNSName SANs as the request has them."""
        return tuple(san.value for san in self.sans or () if san.kind is SanKind.DNS)


class RequestFile(Value):
    """A file with one CSR."""

    file: str
    request: SigningRequest
    where: Place


def parse_request(der: bytes) -> SigningRequest:
    """Read one DER CSR.

    Raises:
        ValueError: when it cannot be loaded at all.
    """
    with quiet():
        try:
            loaded = x509.load_der_x509_csr(der)
            subject_der = loaded.subject.public_bytes()
        except Exception as error:
            raise ValueError("it cannot be decoded as a certificate signing request") from error
        return _facts(der, loaded, subject_der)


def _facts(der: bytes, loaded: x509.CertificateSigningRequest, subject_der: bytes) -> SigningRequest:
    defects: list[str] = []

    def attempt(read: Callable[[], T], otherwise: T, defect: str) -> T:
        try:
            return read()
        except Exception:  # noqa: BLE001 - hostile bytes: what the parser raises is not a closed list
            defects.append(defect)
            return otherwise

    subject = name_facts(subject_der)
    if not subject.readable:
        defects.append("the subject cannot be read")
    key = attempt(lambda: public_key_facts(loaded.public_key()), None, "the public key cannot be read")
    extensions = attempt(
        lambda: extension_facts(loaded),
        ExtensionFacts(sans=None),
        "the extensions cannot be read, so its names (SAN) and usages are not known",
    )
    return SigningRequest(
        der=der,
        subject=subject.text,
        common_names=subject.common_names,
        key=key,
        signature_hash=attempt(lambda: _digest(loaded), None, "the signature algorithm is unknown"),
        signature_valid=attempt(lambda: loaded.is_signature_valid, False, "the signature cannot be checked"),
        sans=extensions.sans,
        eku=extensions.eku,
        key_usage=extensions.key_usage,
        is_ca=extensions.is_ca,
        defects=tuple(defects),
    )


def _digest(loaded: x509.CertificateSigningRequest) -> str | None:
    algorithm = loaded.signature_hash_algorithm
    return None if algorithm is None else algorithm.name


def kinds_in(path: Path) -> frozenset[MaterialKind]:
    """What a file holds, recognized by labels and shape; nothing is decoded, least of all a key.

    Raises:
        UnreadableFile: when it cannot be had.
    """
    return frozenset(block.kind for block in blocks_of(read_material(path))[0])


def load_request_file(path: Path, file: str, what: str) -> RequestFile | Missing:
    """Read a CSR file.

    Args:
        path: where it is.
        file: as the user named it.
        what: what it is to be, such as `CSR of exe1.example.com`.

    Returns:
        Missing when the file cannot be read, or holds anything but one CSR that can be decoded.
    """
    try:
        blocks, remarks = blocks_of(read_material(path))
    except UnreadableFile as error:
        return missing_file(what, file, error)
    requests = [block for block in blocks if block.kind is MaterialKind.CSR]
    if not requests:
        return _no_request(file, what, blocks[0].line if blocks else 0, blocks[0].kind if blocks else remarks[0].what)
    block, where = requests[0], Place(file, requests[0].line)
    if len(requests) > 1:
        return Missing(what, f"{file}: {len(requests)} requests are in it", "Give a file with one request.", where)
    der = block.decode() if block.flaw is None else None
    if der is None:
        return Missing(what, f"{where}: {block.flaw or 'the request is not base64'}", _GIVE_CSR, where)
    try:
        return RequestFile(file, parse_request(der), where)
    except ValueError as error:
        return Missing(what, f"{where}: {error}", _GIVE_CSR, where)


def _no_request(file: str, what: str, line: int, found: str) -> Missing:
    where = Place(file, line)
    said = f"no CSR in it, but {found}" if line else found
    return Missing(what, f"{where}: {said}", _GIVE_CSR, where)
