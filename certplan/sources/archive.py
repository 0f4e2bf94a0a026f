"""Archives of any make, taken apart member by member in memory; nothing is ever written to a path they name.

    stream ─ gzip? ─┬─ tar: member by member, forward only ─┬─ a member: an Item
                    ├─ zip: its directory first             ├─ an archive in it: once more, at most twice
                    └─ anything else: one member            └─ a link, a device, ../: refused by its name

Whatever an archive claims of itself, what it gives is bounded: members, bytes unpacked, bytes kept.
"""

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from certplan.sources.model import Item, Refusal
from certplan.value import Struct

__all__ = ["MAX_KEPT", "MAX_MEMBER", "Budget", "unpack"]

MAX_MEMBERS = 10_000
MAX_MEMBER = 64 * 1024 * 1024
"""Bytes kept of one member; of a longer log, its beginning."""
MAX_KEPT = 512 * 1024 * 1024
MAX_UNPACKED = 3 * 1024 * 1024 * 1024
"""Bytes unpacked in all, captures that are passed over included: 20 of 20 MB for each of three interfaces fit."""
MAX_RATIO = 1100
"""Deflate packs at most 1032 to 1; beyond it a size is a lie."""
MAX_DEPTH = 3
_CHUNK = 1 << 20
_HEADER = 4 * 1024 * 1024
_PASSED_OVER = (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x0a\x0d\x0d\x0a")
"""Packet captures (pcap, pcapng) by their first bytes."""
_OTHERS = ((b"BZh", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"7z\xbc\xaf\x27\x1c", "7-Zip"), (b"Rar!", "RAR"))
_EOCD = b"PK\x05\x06"
_DAMAGED = (
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    struct.error,
    zlib.error,
    tarfile.TarError,
    zipfile.BadZipFile,
)


class _Bomb(Exception):  # noqa: N818
    """A bound is reached; the text says which, in words that follow a name."""


class Budget(Struct):
    """What is left of the bounds for one import."""

    members: int = MAX_MEMBERS
    kept: int = MAX_KEPT
    unpacked: int = MAX_UNPACKED

    def member(self) -> None:
        self.members -= 1
        if self.members < 0:
            raise _Bomb(f"has over {MAX_MEMBERS:,} members; the rest is not read")

    def spend(self, count: int) -> None:
        self.unpacked -= count
        if self.unpacked < 0:
            raise _Bomb(f"unpacks to over {MAX_UNPACKED >> 30} GiB; the rest is not read")

    def keep(self, count: int) -> None:
        self.kept -= count
        if self.kept < 0:
            raise _Bomb(f"holds over {MAX_KEPT >> 20} MiB to read; the rest is not read")


class _Forward(io.RawIOBase):
    """A stream that is only read forward, counted against the budget, and asked for no more than fits in memory."""

    def __init__(self, stream: BinaryIO, budget: Budget) -> None:
        self._stream, self._budget, self._at = stream, budget, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > _HEADER:
            raise _Bomb("has a header that claims an impossible size; it is not read")
        data = self._stream.read(size)
        self._at += len(data)
        self._budget.spend(len(data))
        return data

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET or offset < self._at:
            raise tarfile.StreamError("the archive points backward")
        while self._at < offset:
            if not self.read(min(_CHUNK, offset - self._at)):
                break
        return self._at


def unpack(stream: BinaryIO, file: str, bundle: str, budget: Budget) -> Iterator[Item | Refusal]:
    """Give every member of an archive, or the file itself where it is none.

    Args:
        stream: seekable, at its beginning.
        file: its name as shown.
        bundle: what it came in, for a file that is no archive.
        budget: the bounds, shared by all files of one import.

    Yields:
        Items in the archive's order, and refusals by name. It never raises for what the bytes are.
    """
    yield from _opened(stream, file, bundle, budget, 0)


def _opened(stream: BinaryIO, file: str, bundle: str, budget: Budget, depth: int) -> Iterator[Item | Refusal]:
    try:
        head = stream.read(512)
        stream.seek(0)
        other = next((name for magic, name in _OTHERS if head.startswith(magic)), None)
        if other is not None:
            yield Refusal(file, f"is a {other} archive; expected tar.gz, tar or zip: unpack it and name the folder")
        elif depth >= MAX_DEPTH:
            yield Refusal(file, "is an archive too deep in other archives; unpack it and name it by itself")
        elif head.startswith(b"\x1f\x8b"):
            yield from _gzip(stream, file, bundle, budget, depth)
        elif head.startswith((b"PK\x03\x04", _EOCD)):
            yield from _zip(stream, file, budget, depth)
        elif head[257:262] == b"ustar":
            yield from _tar(_Forward(stream, budget), file, budget, depth)
        else:
            yield from _single(stream, file, bundle, budget)
    except _Bomb as error:
        yield Refusal(file, str(error))
    except _DAMAGED as error:
        yield Refusal(file, f"is cut short or damaged ({_reason(error)}); what comes after that is not read")
    except (RuntimeError, NotImplementedError) as error:
        yield Refusal(file, f"cannot be unpacked ({_reason(error)})")


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__


def _gzip(stream: BinaryIO, file: str, bundle: str, budget: Budget, depth: int) -> Iterator[Item | Refusal]:
    with gzip.GzipFile(fileobj=stream) as unpacked:
        peeked = io.BufferedReader(unpacked, 64 * 1024)
        head = peeked.peek(512)
        forward = _Forward(peeked, budget)
        if head[257:262] == b"ustar":
            yield from _tar(forward, file, budget, depth)
        else:
            yield from _single(forward, file, bundle, budget)  # type: ignore[arg-type]


def _tar(forward: _Forward, file: str, budget: Budget, depth: int) -> Iterator[Item | Refusal]:
    with tarfile.TarFile(fileobj=forward, mode="r") as archive:
        while (member := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined] # it would keep every header it has seen
            budget.member()
            if member.isdir():
                continue
            name = f"{file}[{member.name[:200]}]"
            if (why := _unfit(member.name, regular=member.isreg())) is not None:
                yield Refusal(name, why)
                continue
            contents = archive.extractfile(member)
            if contents is not None:
                yield from _member(contents, name, file, budget, depth)  # type: ignore[arg-type]


def _unfit(name: str, *, regular: bool) -> str | None:
    if not regular:
        return "is a link or a device, no file; it is not read"
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0][1:2]:
        return "has a name that leads outside the archive; it is not read"
    return None


def _zip(stream: BinaryIO, file: str, budget: Budget, depth: int) -> Iterator[Item | Refusal]:
    if _directory_size(stream) > _HEADER:
        yield Refusal(file, f"has a directory of over {_HEADER >> 20} MiB, more than {MAX_MEMBERS:,} members need")
        return
    with zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            budget.member()
            # The library's own question fails on a member without a name.
            if member.filename.endswith("/"):
                continue
            name = f"{file}[{member.filename[:200]}]"
            kind = member.external_attr >> 28
            if (why := _unfit(member.filename, regular=kind in (0, 8))) is not None:
                yield Refusal(name, why)
            elif member.file_size > (member.compress_size + 64) * MAX_RATIO:
                yield Refusal(name, "claims an impossible size; it is not read")
            else:
                try:
                    with archive.open(member) as contents:
                        forward = _Forward(contents, budget)  # type: ignore[arg-type]
                        yield from _member(forward, name, file, budget, depth)  # type: ignore[arg-type]
                except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
                    yield Refusal(name, f"cannot be unpacked ({_reason(error)})")


def _directory_size(stream: BinaryIO) -> int:
    """Bytes of a zip's central directory by its end record, which all members are read from at once."""
    stream.seek(0, io.SEEK_END)
    end = stream.tell()
    stream.seek(max(0, end - 65_557))
    tail = stream.read()
    at = tail.rfind(_EOCD)
    stream.seek(0)
    if at < 0 or len(tail) < at + 16:
        raise zipfile.BadZipFile("its directory is missing")
    return int(struct.unpack_from("<I", tail, at + 12)[0])


def _member(contents: BinaryIO, name: str, archive: str, budget: Budget, depth: int) -> Iterator[Item | Refusal]:
    head = contents.read(512)
    if head.startswith(_PASSED_OVER):
        return
    data, cut = _rest(contents, head, budget)
    if not cut and head.startswith((b"\x1f\x8b", b"PK\x03\x04", *(magic for magic, _ in _OTHERS))):
        yield from _opened(io.BytesIO(data), name, archive, budget, depth + 1)
        return
    if not cut and head[257:262] == b"ustar":
        yield from _opened(io.BytesIO(data), name, archive, budget, depth + 1)
        return
    yield Item(name, archive, data, archived=True, cut=cut)


def _single(stream: BinaryIO, file: str, bundle: str, budget: Budget) -> Iterator[Item]:
    budget.member()
    head = stream.read(512)
    if not head.startswith(_PASSED_OVER):
        data, cut = _rest(stream, head, budget)
        yield Item(file, bundle, data, cut=cut)


def _rest(stream: BinaryIO, head: bytes, budget: Budget) -> tuple[bytes, bool]:
    """All of a member that has begun with `head`, up to `MAX_MEMBER`, and whether there is more."""
    pieces, size = [head], len(head)
    while size <= MAX_MEMBER and (piece := stream.read(_CHUNK)):
        pieces.append(piece)
        size += len(piece)
        budget.keep(len(piece))
    data = b"".join(pieces)
    return data[:MAX_MEMBER], len(data) > MAX_MEMBER
