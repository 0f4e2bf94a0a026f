"""Private keys and CSRs on disk: made together, written together or not at all, and never over anything.

New files are written whole into a folder of their own inside the target folder, and from there linked to their names,
the key of a pair before its CSR: a link fails where the name is taken, so nothing is ever overwritten, and nobody sees
half a file. Should the process be killed between the two links, the next run finds that folder and completes the pair.
No message and no exception of this module has a byte of a key in it.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from certplan.csr.build import PrivateKey, build_request
from certplan.csr.model import Request
from certplan.evidence.model import Missing
from certplan.evidence.pki.keyfiles import load_key_file
from certplan.evidence.pki.requests import load_request_file
from certplan.private_keys import (
    LONGEST_PASSPHRASE,
    PrivateKeyError,
    generate,
    is_encrypted,
    load_private_key,
    private_pem,
)
from certplan.storage import LockedError, locked, put_new, sync_folder
from certplan.value import Value

__all__ = [
    "LONGEST_PASSPHRASE",
    "KeyAndCsr",
    "NewFile",
    "PrivateKeyError",
    "generate",
    "is_encrypted",
    "load_private_key",
    "make_pairs",
    "prepare",
    "private_pem",
    "write_new",
]

KEY, CSR = ".key", ".csr"
_STAGING = ".certplan-new-"
_OWNER_ONLY = 0o600


class NewFile(Value):
    """A file to be written: its name in the target folder, its bytes, and whether it is its owner's alone."""

    name: str
    data: bytes
    private: bool = False


class KeyAndCsr(Value):
    """A CSR and, where it was made for it, the private key. `key_pem` is None for a key that the user has."""

    request: Request
    csr_pem: bytes
    key_pem: bytes | None

    @property
    def files(self) -> tuple[NewFile, ...]:
        """The key first."""
        stem = self.request.stem
        key = () if self.key_pem is None else (NewFile(stem + KEY, self.key_pem, private=True),)
        return (*key, NewFile(stem + CSR, self.csr_pem))


def make_pairs(
    requests: Sequence[Request],
    *,
    passphrase: bytes | None = None,
    existing: PrivateKey | None = None,
    made: Callable[[Request], None] = lambda _: None,
) -> tuple[KeyAndCsr, ...]:
    """Make a key and a CSR for each request, as many at a time as there are cores.

    Threads will do: cryptography makes and uses keys without holding Python's lock.

    Args:
        requests: what is requested.
        passphrase: protects the keys at rest; None leaves them plain, as the appliance wants them.
        existing: a key to sign with instead of new ones; it is not written again.
        made: called for each pair, in the calling thread, in the order they are finished.
    """

    def make(request: Request) -> KeyAndCsr:
        key = generate(request.choices.algorithm) if existing is None else existing
        pem = private_pem(key, passphrase) if existing is None else None
        return KeyAndCsr(request, build_request(request, key), pem)

    pool = ThreadPoolExecutor(max(1, min(len(requests), os.cpu_count() or 1)))
    try:
        futures = {pool.submit(make, request): request for request in requests}
        for future in as_completed(futures):
            future.result()
            made(futures[future])
        return tuple(future.result() for future in futures)
    finally:
        pool.shutdown(cancel_futures=True)


class Readiness(Value):
    """What was found in a folder before anything is written into it."""

    taken: tuple[str, ...] = ()
    """Names wanted that are there already."""
    recovered: tuple[str, ...] = ()
    """CSRs of an interrupted run that were put beside their keys."""
    warnings: tuple[str, ...] = ()


def prepare(folder: Path, names: Iterable[str]) -> Readiness:
    """See whether files of these names can be written into `folder`, and clear up after a run that was killed.

    A folder that is not there is fine.

    Raises:
        PrivateKeyError: when the folder is no place for keys: no folder, a link, or open for everybody to write.
    """
    if not os.path.lexists(folder):
        return Readiness()
    warnings = _check_folder(folder)
    with _as_key_errors(folder), locked(folder) as alone:
        recovered = _recover(folder) if alone else ()
        taken = tuple(name for name in names if os.path.lexists(folder / name))
    return Readiness(taken, recovered, warnings)


def write_new(folder: Path, sets: Iterable[Sequence[NewFile]]) -> None:
    """Write new files into `folder`, which is made for its owner alone if need be: all of them, or none.

    In each set the files appear in order, the key before its CSR. Private files have mode 0600 whatever the umask.

    Raises:
        PrivateKeyError: when a name is taken or a file cannot be written; then none of them is there.
    """
    made = not os.path.lexists(folder)
    written = False
    with _as_key_errors(folder):
        if made:
            _make_folder(folder)
        try:
            _check_folder(folder)
            with locked(folder):
                _write(folder, [file for each in sets for file in each])
            written = True
        finally:
            if made and not written:
                with suppress(OSError):
                    folder.rmdir()


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True)
    folder.chmod(0o700)  # the umask may have taken even this from its owner


def _write(folder: Path, files: Sequence[NewFile]) -> None:
    staging = Path(mkdtemp(prefix=_STAGING, dir=folder))
    linked: list[Path] = []
    try:
        staging.chmod(0o700)
        for file in files:
            _write_one(staging / file.name, file)
        for file in files:
            put_new(staging / file.name, folder / file.name)
            linked.append(folder / file.name)
        sync_folder(folder)
    except BaseException:
        for path in reversed(linked):
            with suppress(OSError):
                path.unlink()
        raise
    finally:
        _remove(staging)


def _write_one(path: Path, file: NewFile) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, _OWNER_ONLY if file.private else 0o644)
    try:
        if sys.platform != "win32":
            granted = stat.S_IMODE(os.fstat(descriptor).st_mode)
            os.fchmod(descriptor, _OWNER_ONLY if file.private else granted | _OWNER_ONLY)
            if file.private and stat.S_IMODE(os.fstat(descriptor).st_mode) != _OWNER_ONLY:
                raise PrivateKeyError(
                    f"{path.parent.parent}: its file system keeps no permissions, so others could read the key."
                    " Name a folder on another one."
                )
        rest = memoryview(file.data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(staging: Path) -> None:
    with suppress(OSError):
        for path in staging.iterdir():
            path.unlink()
        staging.rmdir()


def _recover(folder: Path) -> tuple[str, ...]:
    """Complete what a killed run has begun to show, and clear away what it has not; the completed CSRs come back.

    A key is never taken away here: it may be in use since, its CSR having been moved elsewhere.
    """
    recovered: list[str] = []
    for staging in sorted(folder.glob(f"{_STAGING}*")):
        if not _is_own_folder(staging):
            continue
        for csr in sorted(staging.glob(f"*{CSR}")):
            key, final = csr.with_suffix(KEY).name, folder / csr.name
            begun = (folder / key).is_file() and not (folder / key).is_symlink()
            own = not (staging / key).exists() or (begun and (staging / key).samefile(folder / key))
            if begun and own and not os.path.lexists(final) and _belong_together(folder / key, csr):
                put_new(csr, final)
                recovered.append(final.name)
        sync_folder(folder)
        _remove(staging)
    return tuple(recovered)


def _is_own_folder(staging: Path) -> bool:
    """Whether a staging folder is this user's and nobody else can write in it: others may have put anything there."""
    status = staging.lstat()
    if not stat.S_ISDIR(status.st_mode):
        return False
    return sys.platform == "win32" or (status.st_uid == os.geteuid() and not status.st_mode & 0o022)


def _belong_together(key: Path, csr: Path) -> bool:
    """Whether a key is this user's, and its public half that of a CSR.

    An encrypted key does not show its public half: that it is this user's, out of the same run, must do.
    """
    if sys.platform != "win32" and {key.stat().st_uid, csr.stat().st_uid} != {os.geteuid()}:
        return False
    known, requested = load_key_file(key, key.name, "private key"), load_request_file(csr, csr.name, "CSR")
    if isinstance(known, Missing) or isinstance(requested, Missing):
        return False
    if known.encrypted:
        return True
    return not isinstance(known.key, Missing) and known.key == requested.request.key


def _check_folder(folder: Path) -> tuple[str, ...]:
    """Raise where others could swap keys in `folder`; warn where its owner could."""
    try:
        status = folder.lstat()
    except OSError as error:
        raise PrivateKeyError(f"{folder}: cannot be used: {error.strerror}. Name another folder.") from None
    if stat.S_ISLNK(status.st_mode):
        raise PrivateKeyError(f"{folder} is a symbolic link. Name the folder that it leads to.")
    if not stat.S_ISDIR(status.st_mode):
        raise PrivateKeyError(f"{folder} is not a directory. Name a directory.")
    if sys.platform == "win32":
        return ()
    if status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
        raise PrivateKeyError(
            f"{folder}: everybody may write there, and so could put other keys in the place of these."
            f" Name another folder, or: chmod o-w {folder}"
        )
    if status.st_uid not in (0, os.geteuid()):
        return (f"{folder} belongs to another user, who can take keys away there and put others in their place.",)
    return ()


@contextmanager
def _as_key_errors(folder: Path) -> Iterator[None]:
    """Turn errors of the file system into `PrivateKeyError`."""
    try:
        yield
    except FileExistsError as error:
        name = Path(error.filename2 or error.filename or folder).name
        raise PrivateKeyError(
            f"{folder / name} is there already and is not overwritten. Nothing was written."
        ) from None
    except LockedError:
        raise PrivateKeyError(f"{folder}: another certplan is writing there. Wait for it to end.") from None
    except OSError as error:
        reason = error.strerror or "unknown error"
        raise PrivateKeyError(
            f"{folder}: cannot be written: {reason}. Nothing was written. Name a folder you may write to, with room."
        ) from None
