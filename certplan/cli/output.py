"""Where output goes: data to standard output or a file, everything else to standard error."""

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

import typer

__all__ = ["fail", "write", "write_whole"]

CANNOT_RUN = 2


def fail(message: str) -> typer.Exit:
    """Tell on standard error why the command cannot be run; raise what comes back."""
    print(f"certplan: {message}", file=sys.stderr)
    return typer.Exit(CANNOT_RUN)


def write(pieces: Iterable[str], file: Path | None) -> None:
    """Write to standard output, or to `file`, which is whole or not there at all, even after Ctrl-C."""
    if file is None:
        for piece in pieces:
            sys.stdout.write(piece)
        sys.stdout.flush()
        return
    try:
        write_whole((piece.encode() for piece in pieces), file)
    except OSError as error:
        raise fail(f"{file}: cannot be written: {error.strerror}. Name a file in a folder you may write to.") from error


def write_whole(pieces: Iterable[bytes], file: Path) -> None:
    """Write a file that is whole or not there at all, with the permissions that any new file gets.

    Raises:
        OSError: when it cannot be written; then nothing of it is left.
    """
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as draft:
        try:
            draft.writelines(pieces)
            draft.close()
            # The draft was made for its owner only; the report gets the permissions any new file would.
            umask = os.umask(0)
            os.umask(umask)
            Path(draft.name).chmod(0o666 & ~umask)
            Path(draft.name).replace(file)
        except BaseException:
            with suppress(OSError):
                Path(draft.name).unlink()
            raise
