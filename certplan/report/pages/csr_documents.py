"""CSRs and certificates on a page: what is in them, what they differ in. They come from elsewhere: all is escaped."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from certplan.csr.verify import Comparison, Difference
from certplan.csr.verify import Document as Document_
from certplan.evidence.model import Certificate, Problem
from certplan.evidence.pki.requests import SigningRequest
from certplan.places import Place
from certplan.report.answer import Answer, Rows
from certplan.report.document import (
    Banner,
    Block,
    Cell,
    Document,
    Facts,
    Points,
    Prose,
    Section,
    Table,
    Tone,
    Words,
    cell,
)
from certplan.report.writers.json import Json, head_json, moment
from certplan.text.words import counted, joined, listed
from certplan.value import Value

__all__ = ["ComparedFile", "ShownDocument", "shown_answer", "verified_answer"]

_MOST_NAMES = 200


class ComparedFile(Value):
    """One file and how it compares, for the peer and the store it was taken to be for."""

    file: str
    peer: str
    store: str
    comparison: Comparison
    against: tuple[str, ...]
    """What it was held against, in words."""


class ShownDocument(Value):
    """One document out of a file."""

    document: Document_
    where: Place


def verified_answer(verified: Sequence[ComparedFile], at: datetime) -> Answer:
    """Every comparison in every form; `at` is the time judged as of."""
    return Answer(
        page=lambda: _verified_page(verified),
        data=lambda: _verified_data(verified, at),
        rows=lambda: _verified_rows(verified),
    )


def _verified_data(verified: Sequence[ComparedFile], at: datetime) -> Json:
    """Every comparison; one file's own fields stand at the top too."""
    files = [_verified(each) for each in verified]
    differences = [difference for each in files for difference in each["differences"]]
    matches = all(each["matches"] for each in files)
    return {**head_json(at), "matches": matches, "differences": differences, "files": files}


def _verified(verified: ComparedFile) -> Json:
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


def _verified_page(verified: Sequence[ComparedFile]) -> Document:
    differing = sum(not each.comparison.matches for each in verified)
    headline = f"Files that differ: {differing} of {len(verified)}" if differing else "Every file matches"
    return Document(
        title="Comparison with the plan",
        sections=tuple(_verified_section(number, each) for number, each in enumerate(verified, 1)),
        verdict=Banner(f"{headline}.", Tone.BAD if differing else Tone.GOOD),
    )


def _verified_section(number: int, verified: ComparedFile) -> Section:
    comparison = verified.comparison
    blocks: list[Block] = [Prose(f"{_compared_as(verified)}.", Tone.QUIET)]
    if comparison.differences:
        rows = ((each.what, each.expected, each.found, each.refused) for each in comparison.differences)
        blocks.append(Table.of("", ("What", "Expected", "Found", "At upload"), rows))
    if comparison.notes:
        blocks.append(Points.of(Words(f"Note: {note}") for note in comparison.notes))
    tone = Tone.GOOD if comparison.matches else Tone.BAD
    return Section(f"file-{number}", verified.file, tuple(blocks), _said(comparison), tone)


def _said(comparison: Comparison) -> str:
    count = len(comparison.differences)
    return "matches" if comparison.matches else f"differs in {counted(count, 'point')}"


def _compared_as(verified: ComparedFile) -> str:
    """What the file was taken for and held against."""
    kind = _kind(verified.comparison.document)
    return f"{kind} for the {verified.store} store of {verified.peer}; compared with {joined(verified.against)}"


def _verified_rows(verified: Sequence[ComparedFile]) -> Rows:
    """A line for each difference, and one for each file that matches."""
    header = ("file", "peer", "store", "kind", "matches", "what", "expected", "found", "refused")
    rows: list[tuple[str, ...]] = []
    for each in verified:
        found = each.comparison.differences
        fixed = (each.file, each.peer, each.store, _kind(each.comparison.document), "no" if found else "yes")
        rows += [(*fixed, one.what, one.expected, one.found, one.refused) for one in found]
        rows += [] if found else [(*fixed, "", "", "", "")]
    return Rows(header, rows)


def shown_answer(file: str, shown: Sequence[ShownDocument], problems: Sequence[Problem], at: datetime) -> Answer:
    """Every document of a file, and what is wrong with the file; `at` is the time of the answer."""
    return Answer(
        page=lambda: _shown_page(file, shown, problems),
        data=lambda: {
            **head_json(at),
            "documents": [_facts(each) for each in shown],
            "problems": [{"where": str(each.where), "what": each.what} for each in problems],
        },
    )


def _shown_page(file: str, shown: Sequence[ShownDocument], problems: Sequence[Problem]) -> Document:
    sections = [
        Section(f"document-{number}", f"{_kind(each.document)}, {each.where}", tuple(_blocks(each.document)))
        for number, each in enumerate(shown, 1)
    ]
    wrong = Facts.of((str(each.where), each.what) for each in problems)
    sections.append(Section("problems", "Problems in the file", (wrong,) if problems else ()))
    return Document(file, sections=tuple(sections))


def _blocks(document: Document_) -> Iterator[Block]:
    yield Facts(tuple(_fields(document)))
    if document.defects:
        yield Points.of(Words(defect, Tone.BAD) for defect in document.defects)


def _facts(shown: ShownDocument) -> Json:
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


def _fields(document: Document_) -> Iterator[tuple[str, Cell]]:
    yield "Subject", cell(document.subject or "empty")
    yield "CN", cell(*document.common_names, code=True) or cell("none")
    if isinstance(document, Certificate):
        yield "Issuer", cell("itself (self-signed)" if document.self_signed else document.issuer or "empty")
        yield "Valid from", cell(f"{document.not_before:%Y-%m-%d %H:%M:%S} UTC")
        yield "Valid to", cell(f"{document.not_after:%Y-%m-%d %H:%M:%S} UTC")
        yield "Serial", cell(document.serial, code=True)
    yield "SAN", _names(document)
    key = document.key
    yield "Key", cell(f"{key.name}, SHA-256 {key.sha256}", code=True) if key is not None else cell("cannot be read")
    yield "Signed with", cell((document.signature_hash or "unknown").upper())
    if isinstance(document, SigningRequest):
        yield "Signature", cell("verifies") if document.signature_valid else cell("DOES NOT VERIFY", tone=Tone.BAD)
    yield "Extended key usage", cell(_usages(document.eku))
    yield "Key usage", cell(_usages(document.key_usage))
    if document.is_ca is not None:
        yield "CA", cell("yes" if document.is_ca else "no")
    if isinstance(document, Certificate):
        yield "SHA-256", cell(document.sha256, code=True)


def _names(document: Document_) -> Cell:
    if not document.sans:
        return cell("none" if document.sans is not None else "cannot be read")
    more = len(document.sans) - _MOST_NAMES
    shown = (Words(f"{san.kind.value}:{san.value}", code=True) for san in document.sans[:_MOST_NAMES])
    return cell(*shown, f"and {more} more" if more > 0 else "")


def _usages(usages: Sequence[str] | None) -> str:
    return "absent" if usages is None else listed(usages) or "empty"


def _kind(document: Document_) -> str:
    return "CSR" if isinstance(document, SigningRequest) else "certificate"
