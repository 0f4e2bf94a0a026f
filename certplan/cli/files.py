"""Changing a text file in its place: whole or not at all, its encoding, permissions and links as they were."""

import codecs
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

__all__ = ["rewrite_text"]

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def rewrite_text(path: Path, edit: Callable[[str], str]) -> bool:
    """Replace the text of `path` (UTF-8, or UTF-16 with a byte order mark) by what `edit` makes of it.

    Returns:
        Whether anything changed; if not, the file is not touched.

    Raises:
        OSError: when it cannot be read or replaced; then it is as it was.
    """
    # A link is to go on pointing at the file.
    file = path.resolve()
    data = file.read_bytes()
    mark, encoding = next(((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", "utf-8"))
    edited = mark + edit(data[len(mark) :].decode(encoding)).encode(encoding)
    if edited == data:
        return False
    mode = file.stat().st_mode & 0o7777
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as draft:
        try:
            draft.write(edited)
            draft.close()
            Path(draft.name).chmod(mode)
            Path(draft.name).replace(file)
        except BaseException:
            with suppress(OSError):
                Path(draft.name).unlink()
            raise
    return True
