"""Saved REST answers: DNS, NTP, peers. Certificates come as PEM and are read as such.

Source: Expressway REST API Summary Guide (X14.2) for DNS and NTP; public clients for the peers.
"""

import json
from collections.abc import Iterator

from certplan.places import Place
from certplan.sources.model import Field, FileKind, FileReading, Sourced

__all__ = ["read_answer"]

_MAX_LIST = 1000
_KEYS = {
    "SystemHostName": Field.HOST_NAME,
    "DomainName": Field.DOMAIN,
}


def read_answer(text: str, file: str, bundle: str) -> FileReading | None:
    """Read a saved answer; None when it is no JSON, or has none of the keys that are known."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    facts: dict[Field, Sourced] = {}
    peers: list[str] = []
    dns: list[tuple[int, str]] = []
    ntp: list[tuple[int, str]] = []
    for record in _records(document):
        for key, field in _KEYS.items():
            if isinstance(value := record.get(key), str) and value:
                facts[field] = Sourced(value, _place(text, file, key))
        if isinstance(value := record.get("PeerAddress"), str) and value:
            peers.append(value)
        servers = record.get("DefaultDNSServers")
        for server in _records(servers):
            _numbered(server, "address", dns)
        if "Address" in record and "index" in record and "PeerAddress" not in record:
            _numbered(record, "Address", ntp)
    for field, key, values in (
        (Field.PEERS, "PeerAddress", peers),
        (Field.DNS_SERVERS, "DefaultDNSServers", [value for _, value in sorted(dns)]),
        (Field.NTP, "Address", [value for _, value in sorted(ntp)]),
    ):
        if values:
            facts[field] = Sourced(tuple(values), _place(text, file, key))
    return FileReading(file, bundle, FileKind.ANSWER, facts) if facts else None


def _records(document: object) -> Iterator[dict[str, object]]:
    if isinstance(document, dict):
        yield document
    elif isinstance(document, list):
        yield from (record for record in document[:_MAX_LIST] if isinstance(record, dict))


def _numbered(record: dict[str, object], key: str, found: list[tuple[int, str]]) -> None:
    index, value = record.get("index"), record.get(key)
    if isinstance(value, str) and value:
        found.append((index if isinstance(index, int) else len(found), value))


def _place(text: str, file: str, key: str) -> Place:
    return Place(file, text.count("\n", 0, max(0, text.find(f'"{key}"'))) + 1)
