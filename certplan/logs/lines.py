"""One line of a diagnostic log as time, host and fields.

A line is `<time> <host> [<process>:] key="value" ...`; most carry `UTCTime="..."`. Lines are cut, hold bad bytes and
run into each other; what does not fit is counted, never guessed at. (What is Expressway Cluster and How it Works;
Administrator Guide, Event log.)
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import BinaryIO

from certplan.value import Struct, Value

__all__ = ["LONGEST_LINE", "LogLine", "LogReading", "is_log", "read_lines"]

LONGEST_LINE = 64 << 10
"""Bytes of a line that are looked at; the rest of a longer one is passed over."""
_BLOCK = 1 << 20
_HEAD = re.compile(
    rb"\s{0,4}(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:?\d\d)?)\s+([A-Za-z0-9_.-]{1,255})\s"
)
_HOST = re.compile(rb"[A-Za-z0-9_.-]{1,255}")
_PAIR = re.compile(r'([A-Za-z][\w-]{0,40})=\s?"([^"]{0,4000})"')
_UTC = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:[,.](\d{1,6}))?")
# What every line that answers a question has somewhere; the others are only counted.
_TELLING = (
    b'Event="',
    b"eplication",
    b"lusterdb",
    b"TLS Verify change",
    b"Connection Closed",
    b"traffic_server",
    b"cvsservice",
    b"portforwarding",
    b"Invalid Hostname",
)


class LogLine(Value):
    """A line that may answer a question. `fields` are its key="value" pairs, the first of each name."""

    utc: datetime
    host: str
    number: int
    text: str
    fields: Mapping[str, str]
    nodes: tuple[str, ...]
    """Every `Node="clusterdb@..."`, the local one first."""

    def get(self, name: str) -> str:
        return self.fields.get(name, "").strip()


class LogReading(Struct):
    """What was passed while a log was read: filled by `read_lines`."""

    lines: int = 0
    unread: int = 0
    """Lines that are no log line, or break off."""
    hosts: dict[str, tuple[datetime, datetime]] | None = None
    """Of each host the first and the last time."""


def is_log(head: bytes) -> bool:
    """Whether one of the first lines of a file is a line of a log."""
    return any(_HEAD.match(line) for line in head.splitlines()[:50])


def read_lines(stream: BinaryIO, reading: LogReading) -> Iterator[LogLine]:
    """The telling lines of a log, one at a time, in bounded memory; `reading` is kept up to date on the way.

    A block of whole lines at a time is searched for the words that tell; only lines that have one are taken apart.
    """
    hosts: dict[bytes, tuple[bytes, bytes]] = {}
    for block in _blocks(stream):
        telling = _lines_with(block, _TELLING)
        begin, mark, at, host = 0, b"\0", 0, None
        for raw in block.split(b"\n"):
            end = begin + len(raw)
            if raw or end < len(block):
                reading.lines += 1
                # Most lines are of the same host as the one before, with the same form of time.
                if not (raw.startswith(mark, at) and raw[10:11] == b"T"):
                    host = _host(raw)
                    mark = b"\0" if host is None else b" " + host + b" "
                    at = max(raw.find(mark), 0)
                if host is None:
                    reading.unread += bool(raw.strip())
                else:
                    stamp = raw[:40]
                    hosts[host] = (hosts[host][0] if host in hosts else stamp, stamp)
                    if begin in telling:
                        line = _line(raw[:LONGEST_LINE], reading.lines)
                        if line is None:
                            reading.unread += 1
                        else:
                            yield line
            begin = end + 1
    reading.hosts = {
        host.decode("ascii"): (one, other)
        for host, (first, last) in hosts.items()
        if (one := _stamp(first)) is not None and (other := _stamp(last)) is not None
    }


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Blocks that end with a line; the rest of a line that is longer than a block is passed over."""
    rest = b""
    while data := stream.read(_BLOCK):
        cut = data.rfind(b"\n") + 1
        if cut:
            yield rest + data[:cut]
            rest = data[cut:]
        elif len(rest) < LONGEST_LINE:
            rest += data[:LONGEST_LINE]
    if rest:
        yield rest


def _lines_with(block: bytes, words: Iterable[bytes]) -> set[int]:
    """Where the lines begin that have one of the words."""
    found: set[int] = set()
    for word in words:
        at = block.find(word)
        while at >= 0:
            found.add(block.rfind(b"\n", 0, at) + 1)
            following = block.find(b"\n", at)
            at = block.find(word, following) if following >= 0 else -1
    return found


def _host(raw: bytes) -> bytes | None:
    """The host of a log line; None for any other line."""
    if raw[:1] in (b" ", b"\t"):
        raw = raw[:512].lstrip()
    if raw[4:5] != b"-" or raw[10:11] != b"T":
        return None
    parts = raw[:512].split(None, 2)
    return parts[1] if len(parts) == 3 and _HOST.fullmatch(parts[1]) else None


def _stamp(head: bytes) -> datetime | None:
    return _moment(head.split(None, 1)[0].decode("ascii", "replace")) if head.strip() else None


def _line(raw: bytes, number: int) -> LogLine | None:
    head = _HEAD.match(raw)
    if head is None:
        return None
    text = raw.decode("utf-8", "replace").strip()
    pairs = _PAIR.findall(text)
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value)
    # Some lines give UTCTime to the second alone; their head then says it more closely.
    stated = fields.get("UTCTime", "")
    utc = _utc(stated) if "," in stated or "." in stated else None
    utc = utc or _moment(head[1].decode("ascii")) or _utc(stated)
    if utc is None:
        return None
    nodes = tuple(value.removeprefix("clusterdb@") for name, value in pairs if name == "Node")
    return LogLine(utc, head[2].decode("ascii"), number, text, fields, nodes)


def _utc(text: str) -> datetime | None:
    match = _UTC.match(text.strip())
    if match is None:
        return None
    day, clock, fraction = match.groups()
    try:
        return datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0').ljust(6, '0')}+00:00")
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    """The time at the head of a line; one without an offset is taken for UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
