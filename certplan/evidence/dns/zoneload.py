"""The zone files of one view, from the disk: small ones whole, large ones as a stream of which little is kept."""

import codecs
from collections.abc import Iterable, Iterator, Sequence
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from certplan.evidence.dns.zoneentry import MAX_LINE, MAX_LINES_OF_ENTRY
from certplan.evidence.dns.zonefile import KEY_INSIDE, MAX_BYTES, ZoneReader, guessed_origin, read_zone
from certplan.evidence.dns.zones import MAX_ALIASES, AskedNames, ZoneContents, merge
from certplan.evidence.model import Problem
from certplan.evidence.pki.material import UnreadableFile, opened, read_material
from certplan.places import Place
from certplan.text.secrets import find_key

__all__ = ["MAX_STREAMED", "load_zone", "load_zones"]

MAX_STREAMED = 256 * 2**20
"""Bytes of a zone file; two million records have some 60 MiB."""
_HEAD = 64 * 1024
"""Characters in which the origin of a large file is looked for."""
_PIECE = 2**20


def load_zones(
    files: Sequence[tuple[Path, str]], names: Iterable[str], records: Sequence[ZoneContents] = ()
) -> ZoneContents:
    """Read the zone files of one view, and put them together with `records`, which speak first.

    A file of more than 16 MiB is read line by line, and only the records are kept that answer questions about `names`,
    and about what those lead to; plain records of other names are passed over, their mistakes too. As aliases may lead
    to what was passed over, it is read again until nothing new is asked for: most are read twice.

    Args:
        files: the paths, and what the user calls them.
        names: what the view will be asked for.
        records: the contents of other sources of the view.
    """
    large = {file for path, file in files if _is_large(path)}
    whole = {file: load_zone(path, file) for path, file in files if file not in large}
    if not large:
        return merge([*records, *(whole[file] for _, file in files)])
    asked = set(names)
    for _ in range(MAX_ALIASES + 1):
        asked_names = AskedNames(asked)
        parts = [whole[file] if file in whole else _streamed(path, file, asked_names) for path, file in files]
        contents = merge([*records, *parts])
        if not (more := asked_names.leads(contents.records)):
            break
        asked |= more
    return contents


def load_zone(path: Path, file: str) -> ZoneContents:
    """Read the zone file at `path`, called `file` by the user. A file that cannot be had is one `Problem`."""
    try:
        return read_zone(read_material(path), file)
    except UnreadableFile as error:
        return ZoneContents(problems=(Problem(Place(file), str(error)),))


def _is_large(path: Path) -> bool:
    try:
        with opened(path) as (_, size):
            return size > MAX_BYTES
    except UnreadableFile:
        return False


def _streamed(path: Path, file: str, asked: AskedNames) -> ZoneContents:
    asked.again()
    try:
        with opened(path) as (data, size):
            if size > MAX_STREAMED:
                why = f"is larger than {MAX_STREAMED // 2**20} MiB: name the zone's own server in its place"
                return ZoneContents(problems=(Problem(Place(file), why),))
            encoding = _encoding(data)
            data.seek(0)
            text = TextIOWrapper(data, encoding, errors="replace")
            reader = ZoneReader(file, guessed_origin(text.read(_HEAD), file), asked)
            text.seek(0)
            reader.read(_without_keys(_lines(text)))
            return reader.file_contents()
    except _KeyInside as error:
        return ZoneContents(problems=(Problem(Place(file, error.line), KEY_INSIDE),))
    except UnreadableFile as error:
        return ZoneContents(problems=(Problem(Place(file), str(error)),))


def _encoding(data: BinaryIO) -> str:
    """UTF-16 with its mark, else UTF-8 if all of it is, else Latin-1."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    piece = data.read(_PIECE)
    if piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        while piece:
            decoder.decode(piece)
            piece = data.read(_PIECE)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig"


def _lines(text: TextIOWrapper) -> Iterator[str]:
    """The lines without their ends; of one that is too long as much as shows it."""
    while line := text.readline(MAX_LINE + 2):
        if not line.endswith("\n"):
            while (rest := text.readline(MAX_LINE)) and not rest.endswith("\n"):
                pass
        yield line.rstrip("\n\x1a")


class _KeyInside(Exception):  # noqa: N818 - it never leaves this module
    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _without_keys(lines: Iterator[str]) -> Iterator[str]:
    """The same lines.

    Raises:
        _KeyInside: before the lines of a private key.
    """
    before, number = "", 1
    while batch := list(islice(lines, MAX_LINES_OF_ENTRY)):
        text = "\n".join([before, *batch])
        if (found := find_key(text)) is not None:
            raise _KeyInside(max(number + text.count("\n", 0, found) - 1, 1))
        before = batch[-1]
        number += len(batch)
        yield from batch
