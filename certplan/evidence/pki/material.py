"""Files of certificates, keys and CRLs: the one place that opens them, and how they are taken apart."""

import binascii
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from certplan.evidence.model import Missing
from certplan.evidence.pki.der import NotDer, first_element
from certplan.evidence.pki.pem import MAX_BLOCKS, PemBlock, Remark, TooManyBlocks, scan, text_of
from certplan.held import held
from certplan.places import Place
from certplan.value import replace

__all__ = ["MAX_BYTES", "UnreadableFile", "blocks_of", "missing_file", "opened", "read_material"]

MAX_BYTES = 16 * 1024 * 1024
"""A trusted CA list of 1000 certificates is about 2 MB."""
_TOO_LARGE = f"is larger than {MAX_BYTES // 1024 // 1024} MiB"


_REMEDY = "Put the file there, or correct its name in the plan (it is relative to the plan file)."


class UnreadableFile(OSError):  # noqa: N818 - reads as what is the case
    """A file that cannot be had. The text says why, in words that follow the file's name."""

    def __init__(self, why: str, remedy: str = _REMEDY) -> None:
        super().__init__(why)
        self.remedy = remedy


def read_material(path: Path) -> bytes:
    """Read a file whole.

    Raises:
        UnreadableFile: when it is not there, not a regular file, not allowed, or larger than `MAX_BYTES`.
    """
    if (kept := held(path)) is not None:
        return kept
    with _in_words():
        size = _size(path)
        data = b"" if size > MAX_BYTES else _head(path, size)
    if size > MAX_BYTES or len(data) > MAX_BYTES:
        raise UnreadableFile(_TOO_LARGE, "Name a file that holds nothing else.")
    return data


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """A file of any size, to be read piece by piece, and its size in bytes.

    Raises:
        UnreadableFile: when it is not there, not a regular file, or not allowed; also for what goes wrong later.
    """
    with _in_words():
        if (kept := held(path)) is not None:
            yield BytesIO(kept), len(kept)
            return
        size = _size(path)
        with path.open("rb") as file:
            yield file, size


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except UnreadableFile:
        raise
    except FileNotFoundError:
        raise UnreadableFile("no such file") from None
    except PermissionError:
        raise UnreadableFile("reading it is not allowed") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else None
        raise UnreadableFile(f"cannot be read: {reason or 'not a usable file name'}") from None


def _size(path: Path) -> int:
    """The size of a regular file; a pipe or a device could wait for ever, or never end."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableFile("is a folder")
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFile("is not a regular file")
    return status.st_size


def _head(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        # As much memory as is asked for is set aside first, so a file is not asked for the most there may be.
        start = file.read(size + 1)
        return start if len(start) <= size else start + file.read(MAX_BYTES + 1 - len(start))


def missing_file(what: str, file: str, error: UnreadableFile) -> Missing:
    """The evidence `what` that a file, named `file` by the user, ought to have given."""
    return Missing(what, f"{file}: {error}", error.remedy, Place(file))


def blocks_of(data: bytes) -> tuple[tuple[PemBlock, ...], tuple[Remark, ...]]:
    """Take a file's bytes apart, whatever they are: PEM with any text round it, or DER.

    Returns:
        The blocks in file order, and remarks on the text. Where nothing was recognized there are no blocks, and one
        remark says what the file looks like instead.
    """
    if not data.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        return (), (Remark(0, "the file is empty"),)
    try:
        if _is_der(data):
            return _der_blocks(data)
        text, was_utf16 = text_of(data)
        blocks, remarks = scan(text)
    except TooManyBlocks as error:
        return (), (Remark(0, f"there are {error} in it: it is not read"),)
    if not blocks:
        return (), (Remark(0, _unrecognized(text)),)
    if was_utf16:
        remarks = (Remark(1, "the text is UTF-16: save it as plain ASCII or UTF-8, as other programs need"), *remarks)
    return blocks, remarks


def _is_der(data: bytes) -> bool:
    """A SEQUENCE with a long length, which no text begins with, or a short one that fills the file."""
    return data[:1] == b"\x30" and len(data) > 1 and (data[1] >= 0x80 or data[1] + 2 == len(data))


def _der_blocks(data: bytes) -> tuple[tuple[PemBlock, ...], tuple[Remark, ...]]:
    """One DER structure is the rule; more of them, or PEM after it, come from joining files."""
    blocks: list[PemBlock] = []
    rest = data
    while _is_der(rest) and len(blocks) < MAX_BLOCKS:
        try:
            whole = first_element(rest)
        except NotDer:
            blocks.append(PemBlock("", 1, flaw="it begins as DER, but is cut short or damaged", armored=False))
            rest = b""
        else:
            blocks.append(PemBlock("", 1, whole, armored=False))
            rest = rest[len(whole) :].lstrip(b" \t\r\n")
    if not rest and len(blocks) == 1:
        return tuple(blocks), ()
    lines_before = text_of(data[: len(data) - len(rest)])[0].count(b"\n")
    after, remarks = scan(text_of(rest)[0])
    joined = "more follows the first DER structure, and other programs read only that"
    return (
        (*blocks, *(replace(block, line=block.line + lines_before) for block in after)),
        (Remark(1, joined), *(replace(remark, line=remark.line + lines_before) for remark in remarks)),
    )


def _unrecognized(text: bytes) -> str:
    try:
        decoded = binascii.a2b_base64(text.translate(None, b" \t\n"), strict_mode=True)
    except binascii.Error:
        decoded = b""
    if decoded.startswith(b"\x30"):
        return "it is base64 without its BEGIN and END lines"
    return "it is neither PEM (it has no BEGIN line) nor DER"
