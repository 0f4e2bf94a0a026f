"""Files that are held in memory and read in the place of those on the disk: what is not saved yet can be judged."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

__all__ = ["held", "holding", "name_of"]

_NONE: Mapping[Path, bytes] = {}
_FILES: ContextVar[Mapping[Path, bytes]] = ContextVar("certplan_held_files", default=_NONE)


def name_of(path: Path) -> Path:
    """The name that a file is held under: absolute, without `..`; links are not followed."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.resolve would follow links, Path.absolute keeps `..`


@contextmanager
def holding(files: Mapping[Path, bytes]) -> Iterator[None]:
    """Within the block these files are read from memory. Keys are as `name_of` makes them."""
    token = _FILES.set(files)
    try:
        yield
    finally:
        _FILES.reset(token)


def held(path: Path) -> bytes | None:
    """The contents of a file that is held in memory; None for any other."""
    files = _FILES.get()
    return files.get(name_of(path)) if files else None
