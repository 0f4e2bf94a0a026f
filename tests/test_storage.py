"""Files written whole: new ones all or none, old ones with all that is theirs."""

import os
import stat
import sys
from pathlib import Path

import pytest

from certplan import storage
from certplan.cli.files import ChangedError, rewrite_text
from certplan.storage import Kept, LockedError, locked, put_new, replace_file, write_new_files

FILES = {"certs/a.pem": b"a", "plan.yaml": b"plan"}
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has them")
root = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a file away")


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("there", [False, True])
def test_new_files_are_all_there(there: bool, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "new"
    if there:
        folder.mkdir(parents=True)
        (folder / "mine").write_bytes(b"mine")
    write_new_files(folder, FILES, folders=("zones",))
    assert everything(folder) == FILES | ({"mine": b"mine"} if there else {})
    assert (folder / "zones").is_dir()
    assert names(tmp_path / "deep") == sorted(["new", *(f"new/{name}" for name in names(folder))])


@pytest.mark.parametrize("taken", ["certs/a.pem", "plan.yaml"])
def test_a_taken_name_leaves_all_as_it_was(taken: str, tmp_path: Path) -> None:
    (tmp_path / taken).parent.mkdir(exist_ok=True)
    (tmp_path / taken).write_bytes(b"mine")
    before = names(tmp_path)
    with pytest.raises(FileExistsError) as error:
        write_new_files(tmp_path, FILES)
    assert error.value.filename == str(tmp_path / taken)
    assert names(tmp_path) == before
    assert (tmp_path / taken).read_bytes() == b"mine"


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("step", ["_put_all", "put_new", "_stage", "_appear", "sync_folder"])
def test_a_failure_at_any_step_leaves_nothing(
    there: bool, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new"
    if there:
        folder.mkdir()
    real, calls = getattr(storage, step), []

    def failing(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == (2 if step == "put_new" else 1):
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(storage, step, failing)
    try:
        write_new_files(folder, FILES)
    except KeyboardInterrupt:
        assert names(tmp_path) == (["new"] if there else [])
    else:
        assert everything(folder) == FILES


def test_another_run_is_kept_out(tmp_path: Path) -> None:
    with locked(tmp_path) as held:
        assert held is (sys.platform != "win32")
        if held:
            with pytest.raises(LockedError):
                write_new_files(tmp_path, FILES)
            assert names(tmp_path) == []


def test_a_name_is_given_once(tmp_path: Path) -> None:
    staged, final = tmp_path / "staged", tmp_path / "final"
    staged.write_bytes(b"new")
    put_new(staged, final)
    with pytest.raises(FileExistsError):
        put_new(staged, final)


def test_the_file_and_its_folder_are_on_the_disk(tmp_path: Path, synced: list[bool]) -> None:
    replace_file(tmp_path / "file", [b"new"])
    assert synced == [False, True]


def test_a_file_that_cannot_be_replaced_is_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")

    def refused() -> None:
        raise PermissionError

    with pytest.raises(PermissionError):
        replace_file(file, [b"new"], ready=refused)
    assert everything(tmp_path) == {"file": b"old"}


def test_hard_links_are_kept_or_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    os.link(file, tmp_path / "other")
    with pytest.raises(Kept, match="several names"):
        replace_file(file, [b"new"], exact=True)
    assert everything(tmp_path) == {"file": b"old", "other": b"old"}


@linux
@root
def test_owner_group_mode_and_attributes_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    os.chown(file, 12345, 54321)
    file.chmod(0o640)
    try:
        os.setxattr(file, "user.note", b"mine")
    except OSError:
        pytest.skip("a file system without extended attributes")
    replace_file(file, [b"new"], exact=True)
    status = file.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (12345, 54321, 0o640)
    assert os.getxattr(file, "user.note") == b"mine"


def test_a_text_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text("theirs")
    with pytest.raises(ChangedError):
        rewrite_text(file, str.upper, "ours")

    def edited(text: str) -> str:
        file.write_text("theirs too")
        return text.upper()

    with pytest.raises(ChangedError):
        rewrite_text(file, edited, "theirs")
    assert everything(tmp_path) == {"plan.yaml": b"theirs too"}
    assert rewrite_text(file, str.upper, "theirs too")
    assert file.read_text() == "THEIRS TOO"


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_new_file_and_a_new_folder_have_what_the_umask_leaves(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        replace_file(tmp_path / "file", [b"new"])
        write_new_files(tmp_path / "folder", FILES)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o666 & ~umask
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o777 & ~umask
    assert stat.S_IMODE((tmp_path / "folder" / "plan.yaml").stat().st_mode) == 0o666 & ~umask
