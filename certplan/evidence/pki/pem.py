"""PEM text (RFC 7468) as people hand it round: several blocks, other text between them, and damage.

Nothing here says what a block ought to be; it finds the blocks, their lines and what is wrong with each.
"""

import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

from certplan.evidence.pki.der import MaterialKind, kind_of
from certplan.value import Value

__all__ = ["MAX_BLOCKS", "PemBlock", "Remark", "TooManyBlocks", "scan", "text_of"]

MAX_BLOCKS = 20_000
"""More blocks than any trusted CA list has; a file beyond it is not read."""

_KINDS = {
    "CERTIFICATE": MaterialKind.CERTIFICATE,
    "X509 CERTIFICATE": MaterialKind.CERTIFICATE,
    "TRUSTED CERTIFICATE": MaterialKind.CERTIFICATE,
    "PKCS7": MaterialKind.PKCS7,
    "PKCS #7 SIGNED DATA": MaterialKind.PKCS7,
    "CMS": MaterialKind.PKCS7,
    "PKCS12": MaterialKind.PKCS12,
    "CERTIFICATE REQUEST": MaterialKind.CSR,
    "NEW CERTIFICATE REQUEST": MaterialKind.CSR,
    "X509 CRL": MaterialKind.CRL,
    "PUBLIC KEY": MaterialKind.PUBLIC_KEY,
    "RSA PUBLIC KEY": MaterialKind.PUBLIC_KEY,
    "EC PARAMETERS": MaterialKind.PARAMETERS,
    "DH PARAMETERS": MaterialKind.PARAMETERS,
}
_MARKER = re.compile(rb"-----(BEGIN|END) ([ -,.-~]{0,64})-----")
_BLANK = b" \t\v\f\xef\xbb\xbf"
"""What may stand before a marker: blanks, and the byte order mark that joining files leaves in the middle."""
_BLANK_IN_BASE64 = b" \t\v\f\n"


class TooManyBlocks(ValueError):  # noqa: N818 - reads as what is the case
    """A file with more than `MAX_BLOCKS` blocks."""


class PemBlock(Value):
    """One block and the line of its BEGIN, or of its END where the BEGIN is lost.

    Where `flaw` says what is wrong with it, `body` is empty.
    """

    label: str
    line: int
    body: bytes = b""
    flaw: str | None = None
    armored: bool = True
    """False for a DER file, which is one block whose body is the file."""

    @property
    def kind(self) -> MaterialKind:
        """What the label says it is, or for a DER file its shape."""
        if not self.armored:
            return kind_of(self.body)
        if self.label.endswith("PRIVATE KEY"):
            # PKCS#8 says it in the label, the older forms in a header (RFC 1421).
            encrypted = self.label.startswith("ENCRYPTED") or b"4,ENCRYPTED" in self.body
            return MaterialKind.ENCRYPTED_KEY if encrypted else MaterialKind.PRIVATE_KEY
        return _KINDS.get(self.label, MaterialKind.UNKNOWN)

    def decode(self) -> bytes | None:
        """The DER within, headers left out; None when it is not base64."""
        if not self.armored:
            return self.body
        text = self.body
        if b":" in text:
            text = text.partition(b"\n\n")[2]
        try:
            return binascii.a2b_base64(text.translate(None, _BLANK_IN_BASE64), strict_mode=True) or None
        except binascii.Error:
            return None


class Remark(Value):
    """Something wrong with the text that did not keep a block from being read."""

    line: int
    what: str


def text_of(data: bytes) -> tuple[bytes, bool]:
    """The text with LF line ends, one byte a character, and whether it was UTF-16."""
    encoding = None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\0" in data[:2]:  # without a byte order mark: half of an ASCII character is a NUL
        encoding = "utf-16-be" if data.startswith(b"\0") else "utf-16-le"
    if encoding is not None:
        data = data.decode(encoding, errors="replace").encode("ascii", errors="replace")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data, encoding is not None


def scan(text: bytes) -> tuple[tuple[PemBlock, ...], tuple[Remark, ...]]:
    """Find every block of a text from `text_of`, in order, and what is wrong round them.

    A BEGIN without its END, one in the middle of a line, and an END without its BEGIN are blocks with a `flaw`.

    Raises:
        TooManyBlocks: beyond `MAX_BLOCKS`.
    """
    blocks: list[PemBlock] = []
    remarks: list[Remark] = []
    opened: _Marker | None = None
    refused = ""
    for marker in _markers(text):
        if len(blocks) + len(remarks) >= MAX_BLOCKS:
            raise TooManyBlocks(f"more than {MAX_BLOCKS} PEM blocks")
        if marker.begins:
            if opened is not None:
                blocks.append(_unfinished(opened))
            if marker.shares_line:
                remarks.append(Remark(marker.line, "an END and a BEGIN are on one line: put a line end between them"))
            if marker.indented_by_text:
                blocks.append(PemBlock(marker.label, marker.line, flaw="its BEGIN is not at the start of a line"))
                opened, refused = None, marker.label
            else:
                opened = marker
        elif opened is None:
            if marker.label == refused:
                refused = ""
            else:
                blocks.append(PemBlock(marker.label, marker.line, flaw="it has no BEGIN line"))
        elif marker.label != opened.label:
            flaw = f"it ends with END {marker.label} in line {marker.line}"
            blocks.append(PemBlock(opened.label, opened.line, flaw=flaw))
            opened = None
        else:
            if marker.indented_by_text or marker.shares_line:
                remarks.append(Remark(marker.line, "an END is not on a line of its own"))
            blocks.append(PemBlock(opened.label, opened.line, text[opened.end : marker.start]))
            opened = None
    if opened is not None:
        blocks.append(_unfinished(opened))
    return tuple(blocks), tuple(remarks)


class _Marker(NamedTuple):
    begins: bool
    label: str
    line: int
    start: int
    end: int
    shares_line: bool
    """The marker before it stands on the same line, with nothing between."""
    indented_by_text: bool
    """Something other than blanks and the marker before it stands before it on its line."""


def _markers(text: bytes) -> Iterator[_Marker]:
    line, after = 1, 0
    for match in _MARKER.finditer(text):
        start = match.start()
        line += text.count(b"\n", after, start)
        line_start = text.rfind(b"\n", after, start) + 1  # looked for from the last marker on: a long line costs once
        before = text[line_start or after : start].strip(_BLANK)
        shares_line = not line_start and after > 0 and not before
        yield _Marker(match[1] == b"BEGIN", match[2].decode(), line, start, match.end(), shares_line, bool(before))
        after = match.end()


def _unfinished(opened: _Marker) -> PemBlock:
    return PemBlock(opened.label, opened.line, flaw="it has no END line: the file is cut short or damaged")
