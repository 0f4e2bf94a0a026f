"""The files that `certplan import` is given: opened here, in a fixed order, and read nowhere else."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from certplan.sources.archive import Budget, unpack
from certplan.sources.model import Item, Refusal

__all__ = ["items_of"]

_MAX_FILES = 10_000


def items_of(sources: Sequence[Path]) -> Iterator[Item | Refusal]:
    """Every file of every source: archives member by member, folders with all that is in them, by name.

    Links in folders are not followed. A source that is not there, or is no file and no folder, is a refusal.
    """
    budget = Budget()
    for file, bundle in _files(sources):
        try:
            if not stat.S_ISREG(file.stat().st_mode):
                yield Refusal(str(file), "is not a regular file; it is not read")
                continue
            with file.open("rb") as stream:
                yield from unpack(stream, str(file), bundle, budget)
        except FileNotFoundError:
            yield Refusal(str(file), "there is no such file or folder; check the name")
        except OSError as error:
            yield Refusal(str(file), f"cannot be read ({error.strerror or error})")


def _files(sources: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    count = 0
    for source in sources:
        if not source.is_dir():
            yield source, str(source.parent)
            continue
        for folder, below, names in os.walk(source):
            below.sort()
            for name in sorted(names):
                path = Path(folder, name)
                count += 1
                if count > _MAX_FILES:
                    return
                if not path.is_symlink():
                    yield path, folder
