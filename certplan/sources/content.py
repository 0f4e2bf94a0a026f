"""What a file is, by its content: never by its name alone."""

import re
from collections.abc import Iterable

from certplan.evidence.model import Located
from certplan.evidence.pki.certificates import read_certificates
from certplan.evidence.pki.material import blocks_of
from certplan.sources.answers import read_answer
from certplan.sources.logs import looks_like_log, read_log
from certplan.sources.model import FileKind, FileReading, Item, Refusal
from certplan.sources.page import looks_like_page, read_page
from certplan.sources.settings import read_settings
from certplan.sources.status import UnreadableXml, read_status, root_of
from certplan.sources.texts import plain_text
from certplan.sources.xconfiguration import MAX_SETTINGS, read_configuration
from certplan.value import replace

__all__ = ["MAX_FILES", "PRIVATE", "holds_key", "read_item", "read_items"]

MAX_FILES = 2000
"""Files that say something; six peers give about fifty."""

_KEY = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----")
_SENT = re.compile(r"^(?:CONNECTED\(|Certificate chain$|SSL handshake has read )", re.MULTILINE)
PRIVATE = (
    "holds a private key: it is not read and nothing of it is copied; take the key out, and replace it where others "
    "could read the file"
)
"""Why a file with a private key is not taken; follows its name."""
_MAX_MATERIAL = 16 * 1024 * 1024
_PLAN = re.compile(r"^certplan:\s*[0-9]", re.MULTILINE)


def read_items(items: Iterable[Item | Refusal]) -> tuple[tuple[FileReading, ...], tuple[Refusal, ...]]:
    """Read every file; what is not taken is among the refusals, with the reason."""
    readings: list[FileReading] = []
    refused: list[Refusal] = []
    for item in items:
        if len(readings) >= MAX_FILES and isinstance(item, Item):
            found: FileReading | Refusal = Refusal(item.file, f"is one too many: {MAX_FILES:,} files were read")
        else:
            found = item if isinstance(item, Refusal) else read_item(item)
        if isinstance(found, Refusal):
            refused.append(found)
        else:
            readings.append(found)
    return tuple(readings), tuple(refused)


def read_item(item: Item) -> FileReading | Refusal:
    """Read one file by what it holds."""
    data = item.data
    if not data.strip():
        return Refusal(item.file, "is empty")
    if holds_key(data):
        return Refusal(item.file, PRIVATE)
    if _is_xml(data):
        return _xml(item)
    if b"-----BEGIN " in data or data[:1] == b"\x30":
        return _material(item)
    if b"\0" in data[:1024] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Refusal(item.file, "is a binary file of no kind that is read here")
    return _text(item, plain_text(data))


def holds_key(data: bytes) -> bool:
    """Whether a private key is in a file: PEM in any encoding, or DER."""
    if b"\0" in data[:4]:
        data = data.replace(b"\0", b"")
    if _KEY.search(data) is not None:
        return True
    if data[:1] != b"\x30" or len(data) > _MAX_MATERIAL:
        return False
    return any(block.kind.is_private for block in blocks_of(data)[0])


def _is_xml(data: bytes) -> bool:
    head = data[:256].lstrip(b"\xef\xbb\xbf \t\r\n")
    return (
        head.startswith((b"<?xml", b"<!--", b"<Status", b"<Configuration", b"<!DOCTYPE", b"<")) or head[2:4] == b"<\0"
    )


def _xml(item: Item) -> FileReading | Refusal:
    try:
        root = root_of(item.data)
        if root == "status":
            return read_status(item.data, item.file, item.bundle)
        if root is None:
            read_status(item.data, item.file, item.bundle)  # which says what is wrong with it
    except UnreadableXml as error:
        return Refusal(item.file, str(error))
    if root == "configuration":
        return Refusal(item.file, "is xConfiguration as XML, which is not read; its text (xconf_dump*.txt) is")
    return Refusal(item.file, "is XML of no kind that is read here; expected status XML")


def _material(item: Item) -> FileReading | Refusal:
    """Certificates; in a transcript of `openssl s_client -showcerts`, as they were sent."""
    if len(item.data) > _MAX_MATERIAL:
        return Refusal(item.file, f"is larger than {_MAX_MATERIAL >> 20} MiB, which no trusted CA list is")
    located, problems = read_certificates(item.data, item.file)
    if not located:
        why = problems[0].what if problems else "no certificate is in it"
        return Refusal(item.file, f"holds no certificate that can be read: {why}")
    notes = tuple(f"{problem.where}: {problem.what}" for problem in problems)
    sent = _SENT.search(plain_text(item.data)) is not None
    kind = FileKind.SENT_CHAIN if sent else FileKind.CERTIFICATES
    if sent:
        # -showcerts prints the first certificate a second time, under "Server certificate".
        first: dict[str, Located] = {}
        for place in located:
            first.setdefault(place.certificate.sha256, place)
        located = tuple(first.values())
        notes = ()
    return FileReading(item.file, item.bundle, kind, certificates=located, notes=notes)


def _text(item: Item, text: str) -> FileReading | Refusal:
    cut = (f"only its first {len(item.data) >> 20} MiB were read",) if item.cut else ()
    if looks_like_log(text):
        return replace(read_log(text, item.file, item.bundle), notes=cut)
    configuration = read_configuration(text, item.file)
    if configuration is not None:
        if configuration.cut:
            cut = (*cut, f"only its first {MAX_SETTINGS:,} settings were read")
        return replace(read_settings(configuration, item.bundle), notes=cut)
    if looks_like_page(text):
        return read_page(text, item.file, item.bundle)
    if text.lstrip()[:1] in ("{", "[") and (answer := read_answer(text, item.file, item.bundle)) is not None:
        return answer
    if _PLAN.search(text[:4000]) is not None:
        return Refusal(item.file, "is a plan, no export; update it with --update")
    if "*s " in text[:20_000]:
        return Refusal(item.file, "is a status as text, which is not read; its XML (xstat_dump*.xml, /status.xml) is")
    return Refusal(item.file, "is nothing that is read here: no xConfiguration, status, log, page or certificate")
