"""Files written whole: new ones under free names, old ones replaced with all that the file system keeps of them."""

import codecs
import errno
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp, mkstemp

__all__ = [
    "ChangedError",
    "Kept",
    "LockedError",
    "locked",
    "put_new",
    "replace_file",
    "rewrite_text",
    "sync_folder",
    "write_new_files",
]

DRAFT = ".certplan-draft-"
STAGING = ".certplan-files-"
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS})


class Kept(OSError):  # noqa: N818 - reads as what is the case
    """What a file has cannot be kept when it is replaced, so it is not. The text says what, behind the file's name."""


class LockedError(OSError):
    """Another process writes in the folder."""


def replace_file(
    file: Path, pieces: Iterable[bytes], *, exact: bool = False, ready: Callable[[], None] = lambda: None
) -> None:
    """Make `file` hold the pieces: whole and durable, or as it was. A file that is there keeps its mode.

    Args:
        file: a regular file or a free name, links already followed.
        pieces: its contents; they may be made while they are written.
        exact: also keep owner, group and extended attributes (and with them access control lists), or refuse.
        ready: called last before the file is replaced; what it raises keeps the file as it was.

    Raises:
        Kept: when `exact` is asked and cannot be had.
        OSError: when it cannot be written.
    """
    descriptor, name = mkstemp(prefix=DRAFT, dir=file.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.writelines(pieces)
            stream.flush()
            _take_over(file, stream.fileno(), draft, exact=exact)
            os.fsync(stream.fileno())
        ready()
        draft.replace(file)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    sync_folder(file.parent)


def _take_over(file: Path, descriptor: int, draft: Path, *, exact: bool) -> None:
    """Give a draft what `file` has; where there is no such file, what any new one gets."""
    try:
        status = file.stat()
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        draft.chmod(0o666 & ~umask)
        return
    if exact and status.st_nlink > 1:
        raise Kept("has several names (hard links), which would part")
    if sys.platform != "win32":
        own = os.fstat(descriptor)
        if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
            try:
                os.fchown(descriptor, status.st_uid, status.st_gid)
            except OSError:
                if exact:
                    raise Kept("belongs to another user or group, which cannot be kept") from None
    draft.chmod(stat.S_IMODE(status.st_mode))
    if sys.platform == "linux":
        _copy_attributes(file, descriptor, exact=exact)


def _copy_attributes(file: Path, descriptor: int, *, exact: bool) -> None:
    try:
        for name in os.listxattr(file):
            os.setxattr(descriptor, name, os.getxattr(file, name))
    except OSError as error:
        if exact and error.errno not in (errno.ENOTSUP, errno.EOPNOTSUPP):
            raise Kept("has extended attributes that cannot be kept") from None


def sync_folder(folder: Path) -> None:
    """Have the names themselves on the disk; Windows has no call for it."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def put_new(staged: Path, final: Path) -> None:
    """Give a staged file its name.

    Raises:
        FileExistsError: when the name is taken.
    """
    try:
        os.link(staged, final)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(final):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(final)) from None
        staged.rename(final)


@contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Keep other runs out of `folder`; the lock goes with the process. False where there are no locks.

    Raises:
        LockedError: when another process has it.
    """
    if sys.platform == "win32":
        yield False
        return
    import fcntl  # noqa: PLC0415 - only POSIX has it

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(errno.EBUSY, "another certplan is writing there", str(folder)) from None
        except OSError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)


def write_new_files(folder: Path, files: Mapping[str, bytes], *, folders: Iterable[str] = ()) -> None:
    """Write new files into `folder`: all of them, or none. The folder is made if need be, and so are folders within.

    A folder that is not there appears with all its files at once. In one that is there each file is linked to its name,
    in the order given, so the last one tells that all are there; other runs are kept out meanwhile, and what went wrong
    takes away again what was put there.

    Args:
        folder: where to.
        files: contents by name, `/` between folders; names are ours, never out of an archive.
        folders: folders to make within, though nothing may be in them yet.

    Raises:
        FileExistsError: when a name is taken; then nothing is written. `filename` is the file's path.
        LockedError: when another run is writing there.
        OSError: when a file cannot be written.
    """
    made = _make_parents(folder)
    staging: Path | None = None
    try:
        whole = not os.path.lexists(folder)
        staging = Path(mkdtemp(prefix=STAGING, dir=folder.parent if whole else folder))
        _stage(staging, files)
        for name in folders:
            (staging if whole else folder).joinpath(name).mkdir(exist_ok=True)
        if whole:
            umask = os.umask(0)
            os.umask(umask)
            staging.chmod(0o777 & ~umask)
            _appear(staging, folder)
        else:
            with locked(folder):
                _put_all(staging, folder, files)
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
            # A folder that holds something by now stays.
            for parent in reversed(made):
                with suppress(OSError):
                    parent.rmdir()


def _make_parents(folder: Path) -> list[Path]:
    made = [parent for parent in reversed(folder.absolute().parents) if not parent.exists()]
    for parent in made:
        parent.mkdir(exist_ok=True)
    return made


def _stage(staging: Path, files: Mapping[str, bytes]) -> None:
    folders = {staging}
    for name, contents in files.items():
        path = staging / name
        path.parent.mkdir(parents=True, exist_ok=True)
        folders.add(path.parent)
        with path.open("xb") as stream:
            stream.write(contents)
            stream.flush()
            os.fsync(stream.fileno())
    for each in folders:
        sync_folder(each)


def _appear(staging: Path, folder: Path) -> None:
    """Rename a whole folder into its place, where nothing may be by now but an empty folder."""
    try:
        staging.rename(folder)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder)) from None
    sync_folder(folder.parent)


def _put_all(staging: Path, folder: Path, files: Iterable[str]) -> None:
    if taken := next((folder / name for name in files if os.path.lexists(folder / name)), None):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(taken))
    put: list[Path] = []
    folders: list[Path] = []
    try:
        for name in files:
            final = folder / name
            for parent in reversed([each for each in final.parents if folder in each.parents]):
                if not parent.exists():
                    parent.mkdir()
                    folders.append(parent)
            put_new(staging / name, final)
            put.append(final)
        for each in {folder, *(path.parent for path in put)}:
            sync_folder(each)
    except BaseException:
        for path in reversed(put):
            with suppress(OSError):
                path.unlink()
        for each in reversed(folders):
            with suppress(OSError):
                each.rmdir()
        raise


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
