"""Logs of one or more peers, from files, folders and archives, read as streams in bounded memory.

A folder is read through; archives (tar.gz, tar, zip, recognized by their first bytes) are read member by member and
never extracted. What is no log is passed over and listed.
"""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from certplan.logs.events import Event, event_of
from certplan.logs.lines import LogReading, is_log, read_lines
from certplan.text.names import show
from certplan.value import Value

__all__ = ["MAX_EVENTS", "LogRead", "NotRead", "read_logs"]

MAX_EVENTS = 500_000
MAX_MEMBERS = 10_000
MAX_BYTES = 64 << 30
"""Bytes unpacked of one archive; beyond it the rest is not read."""
_PEEK = 64 << 10
_MAX_DEPTH = 2


class NotRead(Value):
    """A file or member that was not read, or not to its end."""

    file: str
    why: str
    problem: bool = True
    """False for what is merely no log."""


class LogRead(Value):
    """What logs hold, over all peers in order of time."""

    events: tuple[Event, ...]
    coverage: dict[str, tuple[datetime, datetime]]
    lines: int
    unread_lines: int
    files: tuple[str, ...]
    not_read: tuple[NotRead, ...]


class _Bounded(io.RawIOBase):
    """A stream that ends where a bound is reached."""

    def __init__(self, stream: BinaryIO, spent: list[int], progress: Callable[[int], None]) -> None:
        self._stream, self._spent, self._progress = stream, spent, progress

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self._stream.read(len(view)) if self._spent[0] < MAX_BYTES else b""
        view[: len(data)] = data
        self._spent[0] += len(data)
        self._progress(len(data))
        return len(data)


class _Collector:
    def __init__(self, progress: Callable[[int], None]) -> None:
        self.progress = progress
        self.events: list[Event] = []
        self.coverage: dict[str, tuple[datetime, datetime]] = {}
        self.lines = self.unread = 0
        self.files: list[str] = []
        self.not_read: list[NotRead] = []

    def log(self, stream: BinaryIO, file: str, spent: list[int]) -> None:
        buffered = io.BufferedReader(_Bounded(stream, spent, self.progress), 1 << 20)
        if not is_log(buffered.peek(_PEEK)[:_PEEK]):
            self.not_read.append(NotRead(file, "no log", problem=False))
            return
        reading = LogReading()
        self.files.append(file)
        # A buffered reader of a raw stream reads lines as any binary file does.
        for line in read_lines(cast("BinaryIO", buffered), reading):
            if len(self.events) >= MAX_EVENTS:
                why = f"more than {MAX_EVENTS:,} events; the rest is not read"
                self.not_read.append(NotRead(file, why))
                break
            if (event := event_of(line, file)) is not None:
                self.events.append(event)
        self.lines += reading.lines
        self.unread += reading.unread
        for host, (first, last) in (reading.hosts or {}).items():
            known = self.coverage.get(host, (first, last))
            self.coverage[host] = (min(known[0], first), max(known[1], last))

    def stream(self, stream: BinaryIO, file: str, depth: int, spent: list[int]) -> None:
        """A file or member by what it holds: an archive, packed text, or text."""
        head = stream.read(_PEEK)
        whole = cast("BinaryIO", io.BufferedReader(_Rejoined(head, stream), 1 << 16))
        if depth > _MAX_DEPTH:
            self.not_read.append(NotRead(file, "an archive in an archive in an archive is not read"))
        elif head.startswith(b"PK\x03\x04"):
            self.not_read.append(NotRead(file, "a zip in another archive is not read; unpack it first"))
        elif head.startswith(b"\x1f\x8b"):
            self.packed(whole, file, depth, spent)
        elif head[257:262] == b"ustar":
            self.tar(whole, file, depth, spent)
        else:
            self.log(whole, file, spent)

    def packed(self, stream: BinaryIO, file: str, depth: int, spent: list[int]) -> None:
        try:
            self.stream(cast("BinaryIO", gzip.GzipFile(fileobj=stream)), file, depth + 1, spent)
        except (OSError, EOFError, ValueError) as error:
            self.not_read.append(NotRead(file, f"the archive breaks off or is damaged ({show(str(error), 120)})"))

    def tar(self, stream: BinaryIO, file: str, depth: int, spent: list[int]) -> None:
        try:
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                for count, member in enumerate(archive):
                    if count >= MAX_MEMBERS:
                        self.not_read.append(NotRead(file, f"more than {MAX_MEMBERS:,} members; the rest is not read"))
                        return
                    held = archive.extractfile(member) if member.isfile() else None
                    if held is not None:
                        self.stream(cast("BinaryIO", held), f"{file}/{member.name}", depth + 1, spent)
        except (tarfile.TarError, OSError, EOFError, ValueError) as error:
            self.not_read.append(NotRead(file, f"the archive breaks off or is damaged ({show(str(error), 120)})"))

    def zip(self, path: Path, file: str) -> None:
        try:
            with zipfile.ZipFile(path) as archive:
                for member in archive.infolist()[:MAX_MEMBERS]:
                    if not member.is_dir():
                        with archive.open(member) as held:
                            self.stream(cast("BinaryIO", held), f"{file}/{member.filename}", 1, [0])
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
            self.not_read.append(NotRead(file, f"the archive cannot be read ({show(str(error), 120)})"))

    def path(self, path: Path) -> None:
        try:
            if path.is_dir():
                for each in sorted(path.rglob("*")):
                    if each.is_file():
                        self.path(each)
                return
            with path.open("rb") as stream:
                if stream.read(4) == b"PK\x03\x04":
                    self.zip(path, str(path))
                    return
                stream.seek(0)
                self.stream(stream, str(path), 0, [0])
        except OSError as error:
            self.not_read.append(NotRead(str(path), f"cannot be read: {error.strerror or error}"))


class _Rejoined(io.RawIOBase):
    """What was read of a stream, and then the rest of it."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        data, self._head = self._head[: len(view)], self._head[len(view) :]
        if not data:
            data = self._rest.read(len(view))
        view[: len(data)] = data
        return len(data)


def read_logs(sources: Sequence[Path], progress: Callable[[int], None] = lambda _: None) -> LogRead:
    """Read every log in files, folders and archives.

    Args:
        sources: in any order; events come out in order of time.
        progress: receives the number of bytes after each block that was read.
    """
    collector = _Collector(progress)
    for source in sources:
        collector.path(source)
    events = sorted(_distinct(collector.events), key=lambda event: event.utc)
    return LogRead(
        tuple(events),
        collector.coverage,
        collector.lines,
        collector.unread,
        tuple(collector.files),
        tuple(collector.not_read),
    )


def _distinct(events: Sequence[Event]) -> Iterator[Event]:
    """Each event once: archives of one peer overlap."""
    seen: set[tuple[object, ...]] = set()
    for event in events:
        same = (event.utc, event.peer, event.what, event.summary, event.other)
        if same not in seen:
            seen.add(same)
            yield event
