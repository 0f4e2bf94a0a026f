"""Which files are never overwritten: those this run has read, and those that hold what cannot be had again."""

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

__all__ = ["watch_reading", "why_guarded"]

_MOST_READ = 1 << 20
_READ: dict[str, None] = {}
"""The paths opened for reading since `watch_reading`, in order."""
_WRITING = os.O_WRONLY | os.O_RDWR
_RECORD = re.compile(
    r"\s*+(?:[^\s;]+\s+)?(?:[0-9]+[smhdw]?\s+|(?:IN|CH|HS)\s+|\[AGE:[0-9]+\]\s+){0,3}"
    r"(?:A|AAAA|CNAME|NS|PTR|SRV|SOA|MX|TXT)\s+\S",
    re.IGNORECASE,
)
_DIRECTIVE = re.compile(r"\$(?:ORIGIN|TTL|INCLUDE|GENERATE)\s", re.IGNORECASE)
_LINES_LOOKED_AT = 20


def watch_reading() -> None:
    """Note from now on every file that this process opens for reading, whoever opens it."""
    sys.addaudithook(_note)


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        flags = arguments[2]
        if isinstance(flags, int) and not flags & _WRITING:
            _READ[os.fsdecode(arguments[0])] = None


def why_guarded(file: Path, read: Iterable[Path] = ()) -> str | None:
    """Why a regular file is not to be overwritten, in words that follow its name; None when it may be.

    Args:
        file: the file, links followed.
        read: what other processes have read for this run.
    """
    status = file.stat()
    # Looking at the file counts as reading it, so the list is taken first.
    for path in [*_READ, *map(str, read)]:
        try:
            if os.path.samestat(Path(path).stat(), status):
                return "was read by this run"
        except OSError:
            continue
    return _what_it_holds(file)


def _what_it_holds(file: Path) -> str | None:
    already = str(file) in _READ
    try:
        with file.open("rb") as stream:
            data = stream.read(_MOST_READ)
    finally:
        if not already:
            _READ.pop(str(file), None)
    return _key_or_certificate(data) or _plan(data) or _zone(data)


def _key_or_certificate(data: bytes) -> str | None:
    from certplan.evidence.pki.der import MaterialKind
    from certplan.evidence.pki.material import blocks_of
    from certplan.text.secrets import find_key

    if find_key(data.decode("latin-1")) is not None:
        return "holds a private key"
    kinds = [block.kind for block in blocks_of(data)[0]]
    return next((f"holds {kind.value}" for kind in kinds if kind is not MaterialKind.UNKNOWN), None)


def _plan(data: bytes) -> str | None:
    """A plan, or what is left of one: something with the key `certplan: 1`, or with both `cluster` and `peers`."""
    from certplan.plan.nodes import read_tree

    if b"peers" not in data and b"certplan" not in data:
        return None
    value = read_tree(data.decode("utf-8-sig", "replace"), "").value
    if isinstance(value, dict) and (value.get("certplan") == "1" or {"cluster", "peers"} <= value.keys()):
        return "holds a plan"
    return None


def _zone(data: bytes) -> str | None:
    text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig", "replace")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(";")]
    shown = lines[:_LINES_LOOKED_AT]
    if any(_DIRECTIVE.match(line) for line in shown) or any(re.search(r"\sSOA\s", line) for line in shown):
        return "holds a zone"
    return "holds a zone" if shown and all(_RECORD.match(line) for line in shown) else None
