"""System > Clustering pasted as text: the mode, the mapping, and what the page shows of each peer.

A browser copies labels and values on one line or on two, with blanks or tabs between; both are read.
Source: Expressway Cluster Creation and Maintenance Guide (X15.4) for the labels; TAC 217230 for the status lines.
"""

import re
from collections.abc import Iterator

from certplan.places import Place
from certplan.sources.logs import tls_mode
from certplan.sources.mapping import mapping_entries
from certplan.sources.model import Field, FileKind, FileReading, PageRow, Sourced
from certplan.sources.texts import lines_of

__all__ = ["looks_like_page", "read_page"]

_PEER = re.compile(r"\bpeer\s*([1-9][0-9]?)(?:\s+address)?\b\s*:?\s*", re.IGNORECASE)
_CERTIFICATE = re.compile(r"certificate:\s*(valid\b|invalid\b(?:\s*\([^)\n]{1,300}\))?|[A-Za-z ]{1,40})", re.IGNORECASE)
_CLUSTERING = re.compile(
    r"clustering:\s*(this system|active as [^\s(]{1,255}(?:\s*\([^)\n]{1,400}\))?|[A-Za-z][A-Za-z ]{0,60})",
    re.IGNORECASE,
)
_LABELS = {
    Field.CLUSTER_NAME: re.compile(r"^\s*cluster name\b\s*:?\s*(\S*)", re.IGNORECASE),
    Field.PRIMARY: re.compile(r"^\s*configuration primary\b\s*:?\s*([0-9]?)", re.IGNORECASE),
    Field.IP_VERSION: re.compile(r"^\s*cluster ip version\b\s*:?\s*(\S*)", re.IGNORECASE),
    Field.TLS_VERIFICATION: re.compile(r"^\s*tls verification mode\b\s*:?\s*(\S*)", re.IGNORECASE),
}
_SWITCH = re.compile(r"^\s*cluster address mapping enabled\b\s*:?\s*(\S*)", re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.:-]{0,253}[A-Za-z0-9_])?")
_MAX_PEERS, _MAX_LINES = 64, 500


def looks_like_page(text: str) -> bool:
    """Whether a text has the page's status lines or its labels."""
    if "*c xconfiguration" in text.lower():
        return False
    if any(_CLUSTERING.search(line) or _CERTIFICATE.search(line) for _, line in lines_of(text) if _PEER.search(line)):
        return True
    labels = (*_LABELS.values(), _SWITCH)
    count = sum(any(label.match(line) for _, line in lines_of(text)) for label in labels)
    return count >= 2 or (count == 1 and any(_PEER.match(line) for _, line in lines_of(text)))


def read_page(text: str, file: str, bundle: str) -> FileReading:
    """Read the page. What a browser left out of the copy is not in it, and stays unknown."""
    lines = lines_of(text)
    facts: dict[Field, Sourced] = {}
    for field, value, where in _labeled(lines, file):
        facts.setdefault(field, Sourced(value, where))
    mapping = _mapping(text, lines, file)
    if mapping is not None:
        facts[Field.ADDRESS_MAPPING] = mapping
    rows = tuple(_rows(lines, file))
    addresses = [row.address for row in rows]
    if rows and [row.number for row in rows] == list(range(1, len(rows) + 1)) and all(addresses):
        facts[Field.PEERS] = Sourced(tuple(address for address in addresses if address), rows[0].where)
    kept = "\n".join(" ".join(line.split()) for _, line in lines[:_MAX_LINES])
    return FileReading(file, bundle, FileKind.PAGE, facts, rows=rows, text=kept)


def _labeled(lines: list[tuple[int, str]], file: str) -> Iterator[tuple[Field, str, Place]]:
    for position, (number, line) in enumerate(lines):
        for field, label in _LABELS.items():
            if (match := label.match(line)) is None:
                continue
            word = match[1] or _next_word(lines, position)
            value = _value(field, word)
            if value is not None:
                yield field, value, Place(file, number)


def _value(field: Field, word: str) -> str | None:
    if field is Field.TLS_VERIFICATION:
        return tls_mode(word)
    if field is Field.IP_VERSION:
        return word.lower() if word.lower() in ("ipv4", "ipv6") else None
    if field is Field.PRIMARY:
        return word if word.isdigit() else None
    return word if _HOST.fullmatch(word) and "." in word else None


def _next_word(lines: list[tuple[int, str]], position: int) -> str:
    following = lines[position + 1][1] if position + 1 < len(lines) else ""
    return following.split()[0] if following.split() else ""


def _mapping(text: str, lines: list[tuple[int, str]], file: str) -> Sourced | None:
    for position, (number, line) in enumerate(lines):
        if (match := _SWITCH.match(line)) is None:
            continue
        word = (match[1] or _next_word(lines, position)).lower()
        if word == "off":
            return Sourced((), Place(file, number), "Cluster address mapping enabled: Off")
        entries = mapping_entries(text, file)
        if word == "on" and entries:
            return Sourced(tuple(entry for entry, _ in entries), entries[0][1])
    return None


def _rows(lines: list[tuple[int, str]], file: str) -> Iterator[PageRow]:
    """A row begins at `Peer N address`, and its status lines follow until the next."""
    starts = [(position, match) for position, (_, line) in enumerate(lines) if (match := _PEER.search(line))]
    for index, (position, match) in enumerate(starts[:_MAX_PEERS]):
        end = starts[index + 1][0] if index + 1 < len(starts) else len(lines)
        number, line = lines[position]
        block = [line[match.end() :], *(text for _, text in lines[position + 1 : end])]
        status = "\n".join(block)
        certificate, clustering = _CERTIFICATE.search(status), _CLUSTERING.search(status)
        address = next((word for word in (_first_word(text) for text in block[:2]) if word), None)
        if address is None and certificate is None and clustering is None:
            continue
        yield PageRow(
            address,
            int(match[1]),
            Place(file, number),
            None if certificate is None else certificate[1].strip(),
            None if clustering is None else clustering[1].strip(),
        )


def _first_word(text: str) -> str | None:
    """The address a row's line begins with, or None where a label or nothing stands there."""
    word = text.split(maxsplit=1)[0] if text.split() else ""
    return word if _HOST.fullmatch(word) and ("." in word or ":" in word) else None
