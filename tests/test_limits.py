"""Limits and refusals to the very byte: what is at a bound is taken, what is one beyond it is not."""

import sys
from pathlib import Path

import pytest
import typer

from certplan import keys
from certplan.cli import passphrases
from certplan.evidence.model import Missing
from certplan.evidence.pki import material, pem
from certplan.evidence.pki.certificates import load_trust_list
from certplan.keys import NewFile, write_new

BLOCK = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(("count", "taken"), [(4, True), (5, True), (6, False)])
def test_pem_blocks(count: int, taken: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pem, "MAX_BLOCKS", 5)
    if taken:
        assert len(pem.scan(BLOCK * count)[0]) == count
    else:
        with pytest.raises(pem.TooManyBlocks):
            pem.scan(BLOCK * count)


@pytest.mark.parametrize(("size", "taken"), [(99, True), (100, True), (101, False)])
def test_bytes_of_a_file(size: int, taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(material, "MAX_BYTES", 100)
    file = tmp_path / "file"
    file.write_bytes(b"x" * size)
    if taken:
        assert len(material.read_material(file)) == size
    else:
        with pytest.raises(material.UnreadableFile, match="is larger than"):
            material.read_material(file)


class TestPassphrases:
    def asked(self, monkeypatch: pytest.MonkeyPatch, *answers: str) -> bytes:
        given = iter(answers)
        monkeypatch.setattr("getpass.getpass", lambda *_, **__: next(given))
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        return passphrases.passphrase(None, None, "Passphrase", new=True)

    def test_two_that_differ_are_refused(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(typer.Exit):
            self.asked(monkeypatch, "correct", "horse")
        said = capsys.readouterr().err
        assert "not the same" in said
        assert "correct" not in said
        assert "horse" not in said

    @pytest.mark.parametrize("length", [1, 1023])
    def test_one_that_fits_is_taken(self, length: int, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.asked(monkeypatch, "p" * length, "p" * length) == b"p" * length

    @pytest.mark.parametrize("length", [0, 1024])
    def test_one_that_does_not_fit_is_refused(self, length: int, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(typer.Exit):
            self.asked(monkeypatch, "p" * length, "p" * length)


def test_a_staged_file_is_never_one_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.key").write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        keys._write_one(tmp_path / "a.key", NewFile("a.key", b"ours", private=True))
    assert (tmp_path / "a.key").read_bytes() == b"theirs"


@pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be synced there")
def test_keys_and_their_folder_are_on_the_disk(tmp_path: Path, synced: list[bool]) -> None:
    write_new(tmp_path, [[NewFile("a.key", b"k", private=True), NewFile("a.csr", b"c")]])
    assert synced == [False, False, True]


def test_the_remedy_of_a_file_that_is_too_large_is_not_to_put_it_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "large.pem").write_bytes(BLOCK)
    monkeypatch.setattr(material, "MAX_BYTES", 10)
    for name, remedy in (("large.pem", "Name a file that holds nothing else."), ("none.pem", "Put the file there")):
        missing = load_trust_list([(tmp_path / name, name)], "trusted CA list")
        assert isinstance(missing, Missing)
        assert missing.remedy.startswith(remedy)
