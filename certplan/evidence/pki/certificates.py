"""Certificates from files: PEM with one or many blocks, DER and PKCS#7, whatever state they are in.

Broken and foreign blocks are `Problem`s with their line; what is not known completely is `Missing`.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from certplan.evidence.model import Certificate, CertificateFile, Located, Missing, Problem, TrustList
from certplan.evidence.pki.crls import load_crls
from certplan.evidence.pki.der import MaterialKind, NotDer, first_element, kind_of
from certplan.evidence.pki.keyfiles import load_key_file
from certplan.evidence.pki.material import UnreadableFile, blocks_of, missing_file, read_material
from certplan.evidence.pki.pem import PemBlock, Remark
from certplan.evidence.pki.x509facts import UnreadableCertificate, parse_certificate, parse_in_quiet, quiet, read_ahead
from certplan.places import Place
from certplan.text.words import joined
from certplan.value import Value

__all__ = [
    "UnreadableCertificate",
    "load_certificate_file",
    "load_crls",
    "load_key_file",
    "load_trust_list",
    "parse_certificate",
    "read_certificates",
]

_PRIVATE_KEY = "a private key is here: take it out of the file, and replace the key if others could read the file"
_NO_KEY = "Give the certificate here; a private key is named under `private_key`, and nowhere else."
_REMEDIES = {
    MaterialKind.PKCS12: "Convert it: openssl pkcs12 -in STORE -nokeys -out certificates.pem",
    MaterialKind.CSR: "Give the certificate that the CA issued for this request.",
    MaterialKind.PRIVATE_KEY: _NO_KEY,
    MaterialKind.ENCRYPTED_KEY: _NO_KEY,
}
_GIVE_PEM = "Give the certificate as PEM: from BEGIN CERTIFICATE to END CERTIFICATE."
_CACHED_FILES = 16
_TAKEN = (MaterialKind.CERTIFICATE, MaterialKind.PKCS7)


class _Contents(Value):
    """What a file's bytes hold, by line, without the file's name: equal bytes are read once."""

    certificates: tuple[tuple[int, Certificate], ...]
    problems: tuple[Remark, ...]
    foreign: tuple[MaterialKind, ...]
    """What is in it that is no certificate."""
    private_key_line: int | None
    broken: Remark | None
    """A block that should be a certificate and cannot be read, with no certificate before it."""


_contents_by_digest: dict[bytes, _Contents] = {}


def read_certificates(data: bytes, file: str) -> tuple[tuple[Located, ...], tuple[Problem, ...]]:
    """Find every certificate in a file's bytes.

    Args:
        data: PEM (text round the blocks, CRLF, a byte order mark, UTF-16 and indents are put up with), one DER
            certificate, or PKCS#7 as PEM or DER.
        file: the file as the user named it, for the places.

    Returns:
        The certificates in file order, each with the line of its BEGIN (1 for DER), and what is wrong with the file.
        A file without a certificate always has a problem.
    """
    contents = _contents(data)
    return _located(contents, file), _problems(contents, file)


def load_certificate_file(path: Path, file: str, what: str) -> CertificateFile | Missing:
    """Read a server or client certificate file: the leaf is its first certificate.

    Args:
        path: where it is.
        file: as the user named it.
        what: what it is to be, such as `server certificate of exe1.example.com`.

    Returns:
        Missing when there is no certificate in it, or when a block before the first certificate is broken, since it
        might have been the leaf.
    """
    try:
        contents = _contents(read_material(path))
    except UnreadableFile as error:
        return missing_file(what, file, error)
    located = _located(contents, file)
    if not located or contents.broken is not None:
        return _no_certificate(contents, file, what)
    leaf, *others = located
    return CertificateFile(file, leaf.certificate, leaf.where, tuple(others), _problems(contents, file))


def load_trust_list(paths: Sequence[tuple[Path, str]], what: str) -> TrustList | Missing:
    """Join the files of one peer's trusted CA list.

    Args:
        paths: each file's path, and its name as the user gave it.
        what: what it is, such as `trusted CA list of exe1.example.com`.

    Returns:
        Missing when a file cannot be read, holds no certificate, or holds a private key: then the list is not known
        completely, or the file is not what it is taken for. A certificate found again is among the duplicates.
    """
    if not paths:
        return Missing(what, "no file is named", "Name the file of the peer's trusted CA list under `trusted_cas`.")
    found: list[Located] = []
    problems: list[Problem] = []
    for path, file in paths:
        try:
            contents = _contents(read_material(path))
        except UnreadableFile as error:
            return missing_file(what, file, error)
        if contents.private_key_line is not None:
            return Missing(
                what,
                f"{file}: a private key is in it, and a trusted CA list holds only certificates",
                "Take the private key out of the file, and replace the key if others could read the file.",
                Place(file, contents.private_key_line),
            )
        if not contents.certificates:
            return _no_certificate(contents, file, what)
        found.extend(_located(contents, file))
        problems.extend(_problems(contents, file))
    if len({located.certificate.sha256 for located in found}) == len(found):
        return TrustList(tuple(found), tuple(problems))
    first: dict[str, Located] = {}
    duplicates = [each for each in found if first.setdefault(each.certificate.sha256, each) is not each]
    return TrustList(tuple(first.values()), tuple(problems), tuple(duplicates))


def _located(contents: _Contents, file: str) -> tuple[Located, ...]:
    return tuple(Located(certificate, Place(file, line)) for line, certificate in contents.certificates)


def _problems(contents: _Contents, file: str) -> tuple[Problem, ...]:
    return tuple(Problem(Place(file, problem.line), problem.what) for problem in contents.problems)


def _no_certificate(contents: _Contents, file: str, what: str) -> Missing:
    found = contents.broken or contents.problems[0]
    where = Place(file, found.line)
    if contents.broken is not None or not contents.foreign:
        return Missing(what, f"{where}: {found.what}", _GIVE_PEM, where)
    kinds = joined(dict.fromkeys(contents.foreign))
    remedy = next((_REMEDIES[kind] for kind in contents.foreign if kind in _REMEDIES), _GIVE_PEM)
    return Missing(what, f"{where}: no certificate in it, but {kinds}", remedy, where)


def _contents(data: bytes) -> _Contents:
    """Read a file's bytes, or remember them: the peers of a cluster often share one bundle."""
    digest = hashlib.sha256(data).digest()
    contents = _contents_by_digest.get(digest)
    if contents is None:
        with quiet():
            contents = _read(data)
        while len(_contents_by_digest) >= _CACHED_FILES:
            _contents_by_digest.pop(next(iter(_contents_by_digest), b""), None)
        _contents_by_digest[digest] = contents
    return contents


def _read(data: bytes) -> _Contents:
    blocks, remarks = blocks_of(data)
    certificates: list[tuple[int, Certificate]] = []
    problems = list(remarks)
    foreign: list[MaterialKind] = []
    private_key_line = None
    broken = None
    ders = [_der_of(block) for block in blocks]
    read_ahead(der for der in ders if der is not None)
    for block, der in zip(blocks, ders, strict=True):
        found = _read_block(block, der)
        if found.problem is not None:
            problems.append(Remark(block.line, found.problem))
        if found.kind.is_private and private_key_line is None:
            private_key_line = block.line
        if found.kind not in _TAKEN:
            foreign.append(found.kind)
        elif not found.certificates and not certificates and broken is None:
            broken = problems[-1]
        certificates.extend((block.line, certificate) for certificate in found.certificates)
    problems.sort(key=lambda problem: problem.line)
    return _Contents(tuple(certificates), tuple(problems), tuple(foreign), private_key_line, broken)


class _Found(Value):
    """What one block turned out to be. Without a certificate there is a problem."""

    kind: MaterialKind
    certificates: tuple[Certificate, ...] = ()
    problem: str | None = None


def _kind(block: PemBlock) -> MaterialKind:
    """What a block is read as; a file of unknown shape is tried as a certificate, and called an unreadable one."""
    kind = block.kind
    return MaterialKind.CERTIFICATE if kind is MaterialKind.UNKNOWN and not block.armored else kind


def _der_of(block: PemBlock) -> bytes | None:
    """The bytes of a certificate or a bundle of them; None where a block is neither, or cannot be decoded."""
    return block.decode() if block.flaw is None and _kind(block) in _TAKEN else None


def _read_block(block: PemBlock, der: bytes | None) -> _Found:
    kind = _kind(block)
    if kind.is_private:
        return _Found(kind, problem=_PRIVATE_KEY)
    if block.flaw is not None:
        return _Found(kind, problem=_named(block, block.flaw))
    if kind not in _TAKEN:
        return _Found(kind, problem=f"there is no certificate here, but {kind}{_label(block)}")
    if der is None:
        return _Found(kind, problem=_named(block, "it is not base64"))
    return _read_bundle(der, block) if kind is MaterialKind.PKCS7 else _read_certificate(der, block)


def _read_certificate(der: bytes, block: PemBlock) -> _Found:
    try:
        return _Found(MaterialKind.CERTIFICATE, (parse_in_quiet(der),))
    except UnreadableCertificate as error:
        reason = str(error)
    try:  # trust settings follow the certificate in a TRUSTED CERTIFICATE, and other bytes may follow in any
        whole = first_element(der)
        if len(whole) < len(der):
            certificate = parse_in_quiet(whole)
            excess = None if block.label.startswith("TRUSTED") else f"{len(der) - len(whole)} bytes follow it"
            return _Found(MaterialKind.CERTIFICATE, (certificate,), excess and _named(block, excess))
    except (NotDer, UnreadableCertificate):
        pass
    kind = kind_of(der)
    if kind.is_private:
        return _Found(kind, problem=_PRIVATE_KEY)
    if kind not in (MaterialKind.CERTIFICATE, MaterialKind.UNKNOWN):
        reason = f"it holds {kind}"
    return _Found(MaterialKind.CERTIFICATE, problem=_named(block, reason))


def _read_bundle(der: bytes, block: PemBlock) -> _Found:
    from cryptography.hazmat.primitives.serialization import pkcs7  # noqa: PLC0415 - rare, and loads much for e-mail

    try:
        bundle = [parse_in_quiet(each.public_bytes(Encoding.DER)) for each in pkcs7.load_der_pkcs7_certificates(der)]
    except Exception:  # noqa: BLE001 - hostile bytes: what the parser raises is not a closed list
        bundle = []
    if not bundle:
        return _Found(MaterialKind.PKCS7, problem=_named(block, "no certificate can be read out of it"))
    # A PKCS#7 holds a set (RFC 2315 section 9.1), whose order says nothing: what is not a CA goes first.
    return _Found(MaterialKind.PKCS7, tuple(sorted(bundle, key=lambda certificate: certificate.is_ca is True)))


def _named(block: PemBlock, what: str) -> str:
    return f"the {block.label} block: {what}" if block.armored else what


def _label(block: PemBlock) -> str:
    return f" ({block.label})" if block.kind is MaterialKind.UNKNOWN else ""
