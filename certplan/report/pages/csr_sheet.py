"""The sheet for the page Generate CSR as text, Markdown and JSON, and as a configuration for `openssl req`."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from certplan.csr.model import Request
from certplan.csr.sheet import Page
from certplan.formats import Format
from certplan.report.answer import Answer
from certplan.report.document import Document, Facts, Points, Section, Tone, Words, cell
from certplan.report.writers.json import Json, head_json
from certplan.text.names import show

__all__ = ["openssl_config", "sheet_answer"]

_FIELDS = (
    ("C", "country"),
    ("ST", "state"),
    ("L", "locality"),
    ("O", "organization"),
    ("OU", "organizational_unit"),
)
_SPECIAL = str.maketrans({"\\": "\\\\", "$": "\\$", '"': '\\"', "#": "\\#"})


def sheet_answer(pages: Sequence[Page], requests: Sequence[Request], at: datetime) -> Answer:
    """What to type on each page, in every form.

    Args:
        pages: a page for each request.
        requests: what the pages are for; the form `openssl` takes the first.
        at: the time of the answer.
    """
    return Answer(
        page=lambda: _document(pages),
        data=lambda: {**head_json(at), "pages": [_page(page) for page in pages]},
        others={Format.OPENSSL: lambda: openssl_config(requests[0])},
    )


def _document(pages: Iterable[Page]) -> Document:
    return Document("CSR sheet", sections=tuple(_section(number, page) for number, page in enumerate(pages, 1)))


def _section(number: int, page: Page) -> Section:
    pairs = (
        (entry.field, cell(Words(entry.value or "-", code=True), Words(entry.note, Tone.QUIET) if entry.note else ""))
        for entry in page.entries
    )
    notes = (Points.of(f"Note: {remark}" for remark in page.remarks),) if page.remarks else ()
    return Section(f"page-{number}", f"{page.request.peer.address}: {page.where}", (Facts.of(pairs), *notes))


def _page(page: Page) -> Json:
    return {
        "peer": page.request.peer.address,
        "store": page.request.store.value,
        "page": page.where,
        "fields": [{"field": each.field, "value": each.value, "note": each.note} for each in page.entries],
        "cn": page.request.cn,
        "sans": list(page.names),
        "remarks": list(page.remarks),
    }


def openssl_config(request: Request) -> str:
    """A configuration with which `openssl req -new -config FILE` makes the same request.

    The section `v3_req` is the one of the appliance's own template (Certificate Creation and Use Deployment Guide
    X15.5, appendix on OpenSSL).
    """
    stem, algorithm, subject = request.stem, request.choices.algorithm, request.choices.subject
    kind = f"rsa:{algorithm.bits}" if algorithm.is_rsa else f"ec -pkeyopt ec_paramgen_curve:P-{algorithm.bits}"
    usage = "digitalSignature,keyEncipherment" if algorithm.is_rsa else "digitalSignature"
    stated = ((word, getattr(subject, field)) for word, field in _FIELDS)
    name = [
        f"{word} = {_quoted(value.upper() if word == 'C' else value)}" for word, value in stated if value is not None
    ]
    name.append(f"CN = {_quoted(request.cn)}")
    if subject.email is not None:
        name.append(f"emailAddress = {_quoted(subject.email)}")
    return "\n".join(
        (
            f"# {show(request.peer.address)}, {request.store.value} certificate. Keep the key to yourself (umask 077):",
            f"#   openssl req -new -config {stem}.cnf -newkey {kind} -nodes -keyout {stem}.key -out {stem}.csr",
            "[req]",
            f"default_md = {request.choices.digest.value}",
            "prompt = no",
            "utf8 = yes",
            "string_mask = utf8only",
            "distinguished_name = subject",
            "req_extensions = v3_req",
            "",
            "[subject]",
            *name,
            "",
            "[v3_req]",
            f"subjectAltName = {','.join(f'DNS:{san}' for san in request.sans)}",
            f"extendedKeyUsage = {','.join(request.usages)}",
            f"keyUsage = critical,{usage}",
            "",
        )
    )


def _quoted(value: str) -> str:
    """A value that OpenSSL takes as it stands: no variable, comment or escape comes of it."""
    return f'"{value.translate(_SPECIAL)}"'
