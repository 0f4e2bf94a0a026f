"""Where output goes: data to standard output or a file, everything else to standard error.

Every command ends in `write`, the one function that puts a document anywhere, and says everything else by `fail`
and `emit.note`, which make foreign text safe to show.
"""

import errno
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

import typer

__all__ = ["CANNOT_RUN", "fail", "say", "say_line", "write", "write_whole"]

_LONGEST_LINE = 4000
CANNOT_RUN = 2
_STREAM_FOLDERS = ("/dev/", "/proc/")


def fail(message: str, details: Iterable[str] = ()) -> typer.Exit:
    """Tell on standard error why the command cannot be run; raise what comes back.

    Args:
        message: one line, foreign text in it as it is.
        details: further lines, such as one for each thing that is wrong.
    """
    for line in (f"certplan: {message}", *details):
        say_line(line)
    return typer.Exit(CANNOT_RUN)


def say_line(text: str) -> None:
    """One line on standard error, whatever names in it hold: a line break would let a file's name say the next one."""
    say(text.replace("\n", r"\u000a"))


def say(text: str) -> None:
    """A line on standard error, or several, made safe to show."""
    from certplan.text.names import show
    from certplan.text.secrets import hide_keys

    for line in hide_keys(text).split("\n"):
        sys.stderr.write(f"{show(line, _LONGEST_LINE)}\n")
    sys.stderr.flush()


def write(pieces: Iterable[str], file: Path | None, *, read: Iterable[Path] = ()) -> None:
    """Write a document to standard output (`file` is None), or to a file.

    A regular file is replaced whole, keeping its mode, or left as it was; a link is followed. Never replaced is a file
    that this run has read, or that holds a plan, a certificate, a CSR, a CRL, a key or a zone. What is no regular file,
    such as a pipe or `/dev/null`, is written to.

    Args:
        pieces: the document; the pieces may be made while they are written.
        file: what `-o` says.
        read: files that other processes have read for this run.

    Raises:
        typer.Exit: with 2, when it cannot be written.
    """
    if file is None:
        _write_to_stream(pieces, sys.stdout, "standard output")
        return
    try:
        _write_to_file(pieces, file, read)
    except OSError as error:
        reason = error.strerror or str(error)
        raise fail(f"{file}: cannot be written: {reason}. Name a file in a folder you may write to.") from error


def write_whole(pieces: Iterable[bytes], file: Path) -> None:
    """Write a file of the program's own that is whole or not there at all; a link is followed.

    Raises:
        OSError: when it cannot be written; then it is as it was.
    """
    from certplan.storage import replace_file

    replace_file(file.resolve(), pieces)


def _write_to_file(pieces: Iterable[str], file: Path, read: Iterable[Path]) -> None:
    from certplan.cli.guarded import why_guarded
    from certplan.storage import replace_file

    status = _status(file)
    if status is not None and stat.S_ISDIR(status.st_mode):
        raise fail(f"{file} is a directory; name a file in it.")
    for stream, name in ((sys.stdout, "standard output"), (sys.stderr, "standard error")):
        if status is not None and _is_stream(stream, status):
            _write_to_stream(pieces, stream, name)
            return
    if status is not None and (not stat.S_ISREG(status.st_mode) or str(file.absolute()).startswith(_STREAM_FOLDERS)):
        # Appending never truncates what a descriptor of /dev/fd stands for.
        with file.open("ab", buffering=0) as device:
            for piece in _encoded(pieces):
                device.write(piece)
        return

    def guard() -> None:
        if status is not None and (why := why_guarded(target, read)) is not None:
            raise fail(f"{file} {why}, and is not overwritten; name another file.")

    target = file.resolve()
    guard()
    # What is read while the pieces are made counts too.
    replace_file(target, _encoded(pieces), ready=guard)


def _status(file: Path) -> os.stat_result | None:
    try:
        return file.stat()
    except FileNotFoundError:
        return None
    except ValueError:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL)) from None


def _is_stream(stream: TextIO, status: os.stat_result) -> bool:
    """Whether a file is what a standard stream leads to already, as `/dev/stdout` is."""
    try:
        return os.path.samestat(os.fstat(stream.fileno()), status)
    except (OSError, ValueError):
        return False


def _encoded(pieces: Iterable[str]) -> Iterator[bytes]:
    for piece in pieces:
        text = piece if os.linesep == "\n" else piece.replace("\n", os.linesep)
        yield text.encode("utf-8", "backslashreplace")


def _write_to_stream(pieces: Iterable[str], stream: TextIO, name: str) -> None:
    try:
        stream.writelines(pieces)
        stream.flush()
    except BrokenPipeError:
        # The reader went away, as `| head` does, and needs no telling.
        raise typer.Exit(CANNOT_RUN) from None
    except OSError as error:
        raise fail(f"{name}: cannot be written: {error.strerror or 'it is closed'}.") from error
