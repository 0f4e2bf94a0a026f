"""Which of an appliance's certificate files is which: the server's, the client's, the trusted CA list, what it sent."""

import re
import ssl
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from certplan.evidence.model import Located
from certplan.sources.appliances import Appliance
from certplan.sources.model import FileKind, FileReading
from certplan.value import Value

__all__ = ["Material", "Stores", "pem_of", "stores_of"]

_SERVER_NAME = re.compile(r"(?:^|[^a-z])server(?:[^a-z]|$)")
_CLIENT_NAME = re.compile(r"(?:^|[^a-z])client(?:[^a-z]|$)")


class Material(Value):
    """Certificates of one store, and the files they are from."""

    certificates: tuple[Located, ...]
    files: tuple[str, ...]


class Stores(Value):
    """What is known of one appliance's stores; None where no file holds it."""

    server: Material | None = None
    client: Material | None = None
    trusted: Material | None = None
    sent: Material | None = None
    unsorted: tuple[FileReading, ...] = ()
    """Certificates of which nothing says whether they are the server's or the client's."""
    remarks: tuple[str, ...] = ()


def stores_of(appliance: Appliance) -> Stores:
    """Sort an appliance's certificate files by what they hold; names such as `server_...` decide only what is left."""
    leaves = _distinct(each for each in appliance.certificates if each.kind is FileKind.CERTIFICATES and _is_leaf(each))
    lists = [each for each in appliance.certificates if each.kind is FileKind.CERTIFICATES and not _is_leaf(each)]
    sent = next((each for each in appliance.certificates if each.kind is FileKind.SENT_CHAIN), None)
    server, client, unsorted = _sorted(leaves)
    remarks: list[str] = []
    trusted = _joined(lists) if lists else None
    if sent is not None:
        remarks += _sent_remarks(sent, server, trusted)
    own = _material(server)
    if own is None and sent is not None and not unsorted:
        own = Material(sent.certificates[:1], (sent.file,))
    return Stores(own, _material(client), trusted, _material(sent), unsorted, tuple(remarks))


def pem_of(material: Material) -> bytes:
    """The certificates as PEM, byte for byte the same from PEM and from DER."""
    return "".join(ssl.DER_cert_to_PEM_cert(each.certificate.der) for each in material.certificates).encode()


def _is_leaf(reading: FileReading) -> bool:
    first = reading.certificates[0].certificate
    if first.is_ca:
        return False
    # Trusted CA lists hold self-signed server certificates too, as Unified CM's.
    return len(reading.certificates) == 1 or not first.self_issued


def _distinct(readings: Iterable[FileReading]) -> list[FileReading]:
    """Each leaf once, the file with the most certificates for it first."""
    best: dict[str, FileReading] = {}
    for reading in readings:
        known = best.get(sha256 := reading.certificates[0].certificate.sha256)
        if known is None or _usual(reading) > _usual(known):
            best[sha256] = reading
    return list(best.values())


def _usual(reading: FileReading) -> bool:
    return _SERVER_NAME.search(_name(reading)) is not None


def _name(reading: FileReading) -> str:
    return PurePath(reading.file.replace("[", "/").rstrip("]")).name.lower()


def _sorted(leaves: Sequence[FileReading]) -> tuple[FileReading | None, FileReading | None, tuple[FileReading, ...]]:
    """The server's, the client's, and what cannot be distinguished."""
    if len(leaves) < 2:
        alone = leaves[0] if leaves else None
        return (None, alone, ()) if alone is not None and _serves(alone) is False else (alone, None, ())
    servers = [each for each in leaves if _SERVER_NAME.search(_name(each))]
    clients = [each for each in leaves if _CLIENT_NAME.search(_name(each))]
    if not servers and not clients:
        servers = [each for each in leaves if _serves(each) is not False and _is_client(each) is False]
        clients = [each for each in leaves if _serves(each) is False]
    if len(servers) == 1 and not clients:
        clients = [each for each in leaves if each is not servers[0]]
    if len(clients) == 1 and not servers:
        servers = [each for each in leaves if each is not clients[0]]
    if len(servers) == 1 and len(clients) <= 1:
        client = clients[0] if clients else None
        return servers[0], client, tuple(each for each in leaves if each not in (servers[0], client))
    return None, None, tuple(leaves)


def _serves(reading: FileReading) -> bool | None:
    return _has_role(reading, "serverAuth")


def _is_client(reading: FileReading) -> bool | None:
    return _has_role(reading, "clientAuth")


def _has_role(reading: FileReading, role: str) -> bool | None:
    eku = reading.certificates[0].certificate.eku
    return None if eku is None else role in eku or "anyExtendedKeyUsage" in eku


def _material(reading: FileReading | None) -> Material | None:
    return None if reading is None else Material(reading.certificates, (reading.file,))


def _joined(readings: Sequence[FileReading]) -> Material:
    """The lists one after the other. A list is kept as it is, with what it holds twice."""
    seen: set[tuple[str, ...]] = set()
    certificates: list[Located] = []
    files: list[str] = []
    for reading in readings:
        prints = tuple(each.certificate.sha256 for each in reading.certificates)
        if prints in seen:
            continue
        seen.add(prints)
        certificates.extend(reading.certificates)
        files.append(reading.file)
    return Material(tuple(certificates), tuple(files))


def _sent_remarks(sent: FileReading, server: FileReading | None, trusted: Material | None) -> list[str]:
    leaf = sent.certificates[0].certificate
    found: list[str] = []
    if server is not None and server.certificates[0].certificate.sha256 != leaf.sha256:
        found.append(f"{sent.file}: the certificate that was sent ({leaf.subject}) is another than in {server.file}")
    if trusted is None:
        return found
    known = {each.certificate.sha256 for each in trusted.certificates}
    return found + [
        f"{each.where}: {each.certificate.subject} was sent, and is not in the trusted CA list; an appliance sends "
        "only what is in its list, so the list is of another time"
        for each in sent.certificates[1:]
        if each.certificate.sha256 not in known
    ]
