"""Keys and CSRs on disk: permissions, folders, never over anything, all or nothing."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from certplan import keys
from certplan.keys import NewFile, PrivateKeyError, prepare, write_new
from certplan.storage import locked, put_new
from tests.key_folders import everything, mode, posix

SECRET = b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"


PAIR = (NewFile("exe1.key", SECRET, private=True), NewFile("exe1.csr", b"request\n"))


OTHER = (NewFile("exe2.key", SECRET, private=True), NewFile("exe2.csr", b"request 2\n"))


class TestPermissions:
    @posix
    @pytest.mark.parametrize("umask", [0, 0o022, 0o077, 0o277, 0o777])
    def test_a_key_is_its_owners_alone_under_any_umask(self, tmp_path: Path, umask: int) -> None:
        before = os.umask(umask)
        try:
            write_new(tmp_path / "new", [PAIR])
        finally:
            os.umask(before)
        assert mode(tmp_path / "new" / "exe1.key") == 0o600
        assert mode(tmp_path / "new") == 0o700
        assert mode(tmp_path / "new" / "exe1.csr") & 0o600 == 0o600
        assert mode(tmp_path / "new" / "exe1.csr") & umask & 0o077 == 0

    @posix
    def test_a_file_system_without_permissions_gets_no_key(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "fchmod", lambda *_: None)
        monkeypatch.setattr(keys, "_OWNER_ONLY", 0o600)
        before = os.umask(0)
        real = os.open
        monkeypatch.setattr(os, "open", lambda path, flags, *_: real(path, flags, 0o666))
        try:
            with pytest.raises(PrivateKeyError, match="keeps no permissions"):
                write_new(tmp_path, [PAIR])
        finally:
            os.umask(before)
        assert everything(tmp_path) == []


class TestFolder:
    @posix
    def test_a_folder_open_to_everybody_is_refused(self, tmp_path: Path) -> None:
        folder = tmp_path / "open"
        folder.mkdir()
        folder.chmod(0o777)
        with pytest.raises(PrivateKeyError, match="everybody may write"):
            prepare(folder, [])
        with pytest.raises(PrivateKeyError, match="everybody may write"):
            write_new(folder, [PAIR])
        assert everything(folder) == []

    @posix
    def test_a_folder_like_tmp_is_taken(self, tmp_path: Path) -> None:
        folder = tmp_path / "sticky"
        folder.mkdir()
        folder.chmod(0o1777)
        write_new(folder, [PAIR])
        assert everything(folder) == ["exe1.csr", "exe1.key"]

    @posix
    def test_another_users_folder_is_warned_of(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = tmp_path / "theirs"
        folder.mkdir()
        if os.geteuid() == 0:
            os.chown(folder, 12345, 12345)
        else:
            monkeypatch.setattr(os, "geteuid", lambda: 12345)
        assert "belongs to another user" in prepare(folder, []).warnings[0]

    @posix
    def test_a_link_is_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "real")
        with pytest.raises(PrivateKeyError, match="symbolic link"):
            write_new(tmp_path / "link", [PAIR])
        assert everything(tmp_path / "real") == []

    def test_a_file_is_no_folder(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(PrivateKeyError, match="is not a directory"):
            write_new(tmp_path / "file", [PAIR])

    @posix
    def test_a_folder_one_may_not_write_to(self, tmp_path: Path) -> None:
        folder = Path("/proc/certplan")  # not even for root
        if os.geteuid() != 0:
            folder = tmp_path / "shut"
            folder.mkdir(mode=0o500)
        with pytest.raises(PrivateKeyError, match="cannot be written"):
            write_new(folder, [PAIR])

    def test_a_folder_made_for_nothing_is_taken_away(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "fsync", refuse_from(1))
        with pytest.raises(PrivateKeyError):
            write_new(tmp_path / "new", [PAIR])
        assert not (tmp_path / "new").exists()


class TestNeverOver:
    @pytest.mark.parametrize("taken", ["exe1.key", "exe1.csr", "exe2.csr"])
    def test_what_is_there_stays_and_nothing_comes_beside_it(self, tmp_path: Path, taken: str) -> None:
        (tmp_path / taken).write_bytes(b"precious")
        assert prepare(tmp_path, ["exe1.key", "exe1.csr", "exe2.csr"]).taken == (taken,)
        with pytest.raises(PrivateKeyError, match="already"):
            write_new(tmp_path, [PAIR, OTHER])
        assert everything(tmp_path) == [taken]
        assert (tmp_path / taken).read_bytes() == b"precious"

    @posix
    @pytest.mark.parametrize("dangling", [True, False])
    def test_a_link_at_a_files_name_is_neither_followed_nor_replaced(self, tmp_path: Path, *, dangling: bool) -> None:
        target, folder = tmp_path / "target", tmp_path / "new"
        folder.mkdir()
        if not dangling:
            target.write_bytes(b"precious")
        (folder / "exe1.key").symlink_to(target)
        assert prepare(folder, ["exe1.key"]).taken == ("exe1.key",)
        with pytest.raises(PrivateKeyError, match="already"):
            write_new(folder, [PAIR])
        assert target.exists() != dangling
        assert everything(folder) == ["exe1.key"]

    def test_where_there_are_no_hard_links(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def no_links(*_: Any, **__: Any) -> None:
            raise OSError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "link", no_links)
        write_new(tmp_path, [PAIR])
        assert everything(tmp_path) == ["exe1.csr", "exe1.key"]
        with pytest.raises(PrivateKeyError, match="already"):
            write_new(tmp_path, [PAIR])
        assert (tmp_path / "exe1.key").read_bytes() == SECRET

    @posix
    def test_two_runs_do_not_write_at_once(self, tmp_path: Path) -> None:
        with ExitStack() as stack:
            stack.enter_context(locked(tmp_path))
            with pytest.raises(PrivateKeyError, match="another certplan"):
                write_new(tmp_path, [PAIR])


def refuse_from(number: int, error: int = errno.ENOSPC) -> Callable[..., None]:
    """A stand-in for a call into the system that fails from its `number`-th use on."""
    count = 0

    def call(*_: Any, **__: Any) -> None:
        nonlocal count
        count += 1
        if count >= number:
            raise OSError(error, os.strerror(error))

    return call


class TestAllOrNothing:
    @pytest.mark.parametrize("call", ["open", "write", "fsync", "link"])
    @pytest.mark.parametrize("number", range(1, 7))
    def test_a_full_disk_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
    ) -> None:
        real, counter = getattr(os, call), refuse_from(number)

        def full(*arguments: Any, **options: Any) -> Any:
            if call != "open" or arguments[1] & os.O_CREAT:
                counter()
            return real(*arguments, **options)

        monkeypatch.setattr(os, call, full)
        folder = tmp_path / "new"
        try:
            write_new(folder, [PAIR, OTHER])
        except PrivateKeyError as trouble:
            assert "No space left" in str(trouble)  # noqa: PT017
            assert not folder.exists()
        else:
            assert everything(folder) == ["exe1.csr", "exe1.key", "exe2.csr", "exe2.key"]
            assert number > 4

    def test_an_interruption_leaves_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        real = put_new

        def interrupted(staged: Path, final: Path) -> None:
            if final.suffix == ".csr":
                raise KeyboardInterrupt
            real(staged, final)

        monkeypatch.setattr(keys, "put_new", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_new(tmp_path, [PAIR])
        assert everything(tmp_path) == []

    @posix
    def test_a_file_size_limit_of_the_system(self, tmp_path: Path) -> None:
        import resource

        code = (
            "import sys; from pathlib import Path; from certplan.keys import *\n"
            "try: write_new(Path(sys.argv[1]), [[NewFile('a.key', b'k' * 4000, True), NewFile('a.csr', b'c')]])\n"
            "except PrivateKeyError as trouble: print(trouble)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "new")],
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
            capture_output=True,
            text=True,
            check=True,
        )
        assert "File too large" in done.stdout
        assert not (tmp_path / "new").exists()
