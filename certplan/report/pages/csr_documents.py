"""CSRs and certificates on a page: what is in them, what they differ in. They come from elsewhere: all is escaped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from certplan.csr.verify import Comparison, Difference, Document
from certplan.evidence.model import Certificate, Problem
from certplan.evidence.pki.requests import SigningRequest
from certplan.places import Place
from certplan.report.pages.csr import head
from certplan.report.writers.json import Json, dumps, moment
from certplan.text.escape import csv_text, markdown, markdown_table
from certplan.text.names import show
from certplan.text.words import counted

__all__ = [
    "Shown",
    "Verified",
    "shown_json",
    "shown_text",
    "verified_csv",
    "verified_json",
    "verified_markdown",
    "verified_text",
]

_MOST_NAMES = 200
_LONG = 400


@dataclass(frozen=True, slots=True)
class Verified:
    """One file and how it compares, for the peer and the store it was taken to be for."""

    file: str
    peer: str
    store: str
    comparison: Comparison
    against: tuple[str, ...]
    """What it was held against, in words."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One document out of a file."""

    document: Document
    where: Place


def verified_json(verified: Sequence[Verified], at: datetime) -> str:
    """Every comparison; one file's own fields stand at the top too."""
    files = [_verified(each) for each in verified]
    differences = [difference for each in files for difference in each["differences"]]
    matches = all(each["matches"] for each in files)
    return dumps({**head(at), "matches": matches, "differences": differences, "files": files}) + "\n"


def _verified(verified: Verified) -> Json:
    comparison = verified.comparison
    return {
        "file": verified.file,
        "peer": verified.peer,
        "store": verified.store,
        "kind": _kind(comparison.document),
        "compared_with": list(verified.against),
        "matches": comparison.matches,
        "differences": [_difference(each) for each in comparison.differences],
        "notes": list(comparison.notes),
    }


def _difference(difference: Difference) -> Json:
    return {
        "what": difference.what,
        "expected": difference.expected,
        "found": difference.found,
        "refused": difference.refused or None,
    }


def verified_text(verified: Sequence[Verified]) -> str:
    """The same for people, the verdict on each file in its first line."""
    return "".join(f"{line}\n" for each in verified for line in _verified_lines(each))


def _verified_lines(verified: Verified) -> Iterator[str]:
    comparison = verified.comparison
    yield f"{show(verified.file, _LONG)}: {_said(comparison)} ({show(_whose(verified), _LONG)})"
    for difference in comparison.differences:
        yield f"  {difference.what}"
        yield f"      expected  {show(difference.expected, _LONG)}"
        yield f"      found     {show(difference.found, _LONG)}"
        if difference.refused:
            yield f"      at upload {difference.refused}"
    yield from (f"  Note: {show(note, 2 * _LONG)}" for note in comparison.notes)


def _said(comparison: Comparison) -> str:
    count = len(comparison.differences)
    return "matches" if comparison.matches else f"differs in {counted(count, 'point')}"


def _whose(verified: Verified) -> str:
    """What the file was taken for and held against."""
    kind = _kind(verified.comparison.document)
    return f"{kind} for the {verified.store} store of {verified.peer}; compared with {', '.join(verified.against)}"


def verified_markdown(verified: Sequence[Verified]) -> str:
    """The same for a ticket to the CA: a heading for each file, a table of what differs."""
    return "\n".join(part for each in verified for part in _verified_section(each))


def _verified_section(verified: Verified) -> Iterator[str]:
    comparison = verified.comparison
    yield f"## {markdown(verified.file)}\n"
    yield f"**{_said(comparison).capitalize()}** ({markdown(_whose(verified))})\n"
    if comparison.differences:
        rows = ((each.what, each.expected, each.found, each.refused) for each in comparison.differences)
        yield markdown_table(("What", "Expected", "Found", "At upload"), rows)
    if comparison.notes:
        yield "".join(f"- {markdown(note)}\n" for note in comparison.notes)


def verified_csv(verified: Sequence[Verified]) -> str:
    """A line for each difference, and one for each file that matches."""
    header = ("file", "peer", "store", "kind", "matches", "what", "expected", "found", "refused")
    rows: list[tuple[str, ...]] = []
    for each in verified:
        found = each.comparison.differences
        fixed = (each.file, each.peer, each.store, _kind(each.comparison.document), "no" if found else "yes")
        rows += [(*fixed, one.what, one.expected, one.found, one.refused) for one in found]
        rows += [] if found else [(*fixed, "", "", "", "")]
    return csv_text(header, rows)


def shown_json(shown: Sequence[Shown], problems: Sequence[Problem], at: datetime) -> str:
    """Every document of a file, and what is wrong with the file."""
    return (
        dumps(
            {
                **head(at),
                "documents": [_facts(each) for each in shown],
                "problems": [{"where": str(each.where), "what": each.what} for each in problems],
            }
        )
        + "\n"
    )


def _facts(shown: Shown) -> Json:
    document = shown.document
    facts: Json = {
        "kind": _kind(document),
        "where": str(shown.where),
        "subject": document.subject,
        "common_names": list(document.common_names),
        "sans": None if document.sans is None else [f"{san.kind}:{san.value}" for san in document.sans],
        "key": None if document.key is None else document.key.name,
        "key_sha256": None if document.key is None else document.key.sha256,
        "signature_hash": document.signature_hash,
        "extended_key_usage": None if document.eku is None else list(document.eku),
        "key_usage": None if document.key_usage is None else list(document.key_usage),
        "is_ca": document.is_ca,
        "defects": list(document.defects),
    }
    if isinstance(document, SigningRequest):
        return {**facts, "signature_valid": document.signature_valid}
    return {
        **facts,
        "issuer": document.issuer,
        "serial": document.serial,
        "not_before": moment(document.not_before),
        "not_after": moment(document.not_after),
        "fingerprint": document.sha256,
        "self_signed": document.self_signed,
    }


def shown_text(shown: Sequence[Shown], problems: Sequence[Problem]) -> str:
    """The same for people."""
    blocks = ["".join(f"{line}\n" for line in _lines(each)) for each in shown]
    remarks = "".join(f"{show(str(each.where), _LONG)}: {show(each.what, _LONG)}\n" for each in problems)
    return "\n".join([*blocks, *([remarks] if remarks else [])])


def _lines(shown: Shown) -> Iterator[str]:
    document = shown.document
    yield f"{_kind(document)}, {show(str(shown.where), _LONG)}"
    yield from (f"  {label:20}{value}" for label, value in _rows(document))
    yield from (f"  defect: {show(defect, _LONG)}" for defect in document.defects)


def _rows(document: Document) -> Iterator[tuple[str, str]]:
    yield "Subject", show(document.subject, _LONG) or "empty"
    yield "CN", ", ".join(show(cn) for cn in document.common_names) or "none"
    if isinstance(document, Certificate):
        yield "Issuer", "itself (self-signed)" if document.self_signed else show(document.issuer, _LONG) or "empty"
        yield "Valid from", f"{document.not_before:%Y-%m-%d %H:%M:%S} UTC"
        yield "Valid to", f"{document.not_after:%Y-%m-%d %H:%M:%S} UTC"
        yield "Serial", show(document.serial)
    yield from _name_rows(document)
    key = document.key
    yield "Key", f"{key.name}, SHA-256 {key.sha256}" if key is not None else "cannot be read"
    yield "Signed with", (document.signature_hash or "unknown").upper()
    if isinstance(document, SigningRequest):
        yield "Signature", "verifies" if document.signature_valid else "DOES NOT VERIFY"
    yield "Extended key usage", _listed(document.eku)
    yield "Key usage", _listed(document.key_usage)
    if document.is_ca is not None:
        yield "CA", "yes" if document.is_ca else "no"
    if isinstance(document, Certificate):
        yield "SHA-256", document.sha256


def _name_rows(document: Document) -> Iterator[tuple[str, str]]:
    if not document.sans:
        yield "SAN", "none" if document.sans is not None else "cannot be read"
        return
    for position, san in enumerate(document.sans[:_MOST_NAMES]):
        yield "" if position else "SAN", f"{san.kind.value}:{show(san.value, _LONG)}"
    if len(document.sans) > _MOST_NAMES:
        yield "", f"and {len(document.sans) - _MOST_NAMES} more"


def _listed(usages: Sequence[str] | None) -> str:
    return "not there" if usages is None else ", ".join(show(usage) for usage in usages) or "empty"


def _kind(document: Document) -> str:
    return "CSR" if isinstance(document, SigningRequest) else "certificate"
