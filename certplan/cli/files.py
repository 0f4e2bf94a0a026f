"""Changing a text file in its place: whole or not at all, and with all that the file system keeps of it."""

import codecs
from collections.abc import Callable
from pathlib import Path

__all__ = ["ChangedError", "rewrite_text"]

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class ChangedError(OSError):
    """A file is not any more what it was when it was read."""


def rewrite_text(path: Path, edit: Callable[[str], str], seen: str | None = None) -> bool:
    """Replace the text of `path` (UTF-8, or UTF-16 with a byte order mark) by what `edit` makes of it.

    Args:
        path: the file; a link goes on pointing at it.
        edit: makes the new text of the old, both without the mark.
        seen: the text that the edit was thought out for.

    Returns:
        Whether anything changed; if not, the file is not touched.

    Raises:
        ChangedError: when the file has another text than `seen`, or has changed while it was edited.
        Kept: when owner, group, names, or attributes of the file could not be kept.
        OSError: when it cannot be read or replaced; then it is as it was.
    """
    from certplan.storage import replace_file

    file = path.resolve()
    data = file.read_bytes()
    mark, encoding = next(((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", "utf-8"))
    text = data[len(mark) :].decode(encoding)
    if seen is not None and text.removeprefix("\ufeff") != seen.removeprefix("\ufeff"):
        raise ChangedError
    edited = mark + edit(text).encode(encoding)
    if edited == data:
        return False

    def unchanged() -> None:
        if file.read_bytes() != data:
            raise ChangedError

    replace_file(file, [edited], exact=True, ready=unchanged)
    return True
