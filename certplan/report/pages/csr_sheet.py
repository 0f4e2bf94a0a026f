"""The sheet for the page Generate CSR as text, Markdown and JSON, and as a configuration for `openssl req`."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from certplan.csr.model import Request
from certplan.csr.sheet import Entry, Page
from certplan.report.pages.csr import head
from certplan.report.writers.json import Json, dumps
from certplan.text.escape import markdown, markdown_table
from certplan.text.names import show

__all__ = ["openssl_config", "sheet_json", "sheet_markdown", "sheet_text"]

_LONGEST = 100_000
"""Values are to be copied, so they are never shortened."""
_FIELDS = (
    ("C", "country"),
    ("ST", "state"),
    ("L", "locality"),
    ("O", "organization"),
    ("OU", "organizational_unit"),
)
_SPECIAL = str.maketrans({"\\": "\\\\", "$": "\\$", '"': '\\"', "#": "\\#"})


def sheet_text(pages: Iterable[Page]) -> str:
    """For people at a terminal: a block for each peer, a line for each field."""
    return "\n".join("".join(f"{line}\n" for line in _lines(page)) for page in pages)


def _lines(page: Page) -> Iterator[str]:
    yield f"{show(page.request.peer.address)}: {page.where}"
    width = max(len(entry.field) for entry in page.entries)
    for entry in page.entries:
        yield f"  {entry.field:{width}}  {_value(entry)}" + (f"  ({show(entry.note, _LONGEST)})" if entry.note else "")
    yield from (f"  Note: {show(remark, _LONGEST)}" for remark in page.remarks)


def _value(entry: Entry) -> str:
    return show(entry.value, _LONGEST) or "-"


def sheet_markdown(pages: Iterable[Page]) -> str:
    """A heading and a table for each peer."""
    return "\n".join(_section(page) for page in pages)


def _section(page: Page) -> str:
    rows = [(entry.field, _value(entry), entry.note) for entry in page.entries]
    remarks = "".join(f"\n{markdown(remark)}\n" for remark in page.remarks)
    table = markdown_table(("Field", "Value", "Note"), rows)
    return f"## {markdown(page.request.peer.address)}\n\n{markdown(page.where)}\n\n{table}{remarks}"


def sheet_json(pages: Sequence[Page], at: datetime) -> str:
    """Every page with its fields in order."""
    return dumps({**head(at), "pages": [_page(page) for page in pages]}) + "\n"


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
