"""Plan files as bytes: encodings, sizes, what cannot be read."""

import codecs
from pathlib import Path

import pytest

from certplan.places import Place
from certplan.plan.reading import MAX_BYTES, PlanError, load_plan
from tests.plan.reading import LEAST, problems_of


def test_a_file_is_named_as_the_user_named_it_and_its_folder_is_its_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "plan.yaml").write_text(LEAST, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    plan = load_plan("sub/plan.yaml")
    assert (plan.file, plan.folder) == ("sub/plan.yaml", Path("sub"))
    assert load_plan(tmp_path / "sub" / "plan.yaml").folder == tmp_path / "sub"


@pytest.mark.parametrize(
    "data",
    [
        LEAST.encode(),
        codecs.BOM_UTF8 + LEAST.encode(),
        codecs.BOM_UTF16_LE + LEAST.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + LEAST.encode("utf-16-be"),
        LEAST.replace("\n", "\r\n").encode(),
    ],
    ids=["utf-8", "utf-8 bom", "utf-16-le", "utf-16-be", "crlf"],
)
def test_utf_8_and_utf_16_with_a_mark_are_read(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_bytes(data)
    plan = load_plan(file)
    assert plan.cluster.name == "expc.example.com"
    assert plan.where("certplan") == Place(str(file), 1, 11)


@pytest.mark.parametrize(
    ("data", "place", "says"),
    [
        (b"certplan: 1\n# Stra\xdfe\n", ":2:7: ", "the bytes df 65 0a here are no UTF-8 text"),
        (codecs.BOM_UTF16_LE + "a\nb".encode("utf-16-le") + b"\x00\xd8", ":2:2: ", "are no UTF-16-LE text"),
        (codecs.BOM_UTF32_LE + "a".encode("utf-32-le"), ":1:1: ", "UTF-32"),
        (LEAST.encode("utf-16-le"), ":1:2: ", "a NUL character is here"),
        (b"a: b\nc: \x07\n", ":2:4: ", "the control character U+0007"),
        (bytes(range(256)), ":1:1: ", "the bytes 80 81 82 83"),
        (b"", ":1:1: ", "the plan is empty"),
    ],
)
def test_other_bytes_are_refused_where_they_stand(data: bytes, place: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_bytes(data)
    with pytest.raises(PlanError) as caught:
        load_plan(file)
    problem = str(caught.value.problems[0])
    assert says in problem
    if data != bytes(range(256)):
        assert problem.startswith(f"{file}{place}")


def test_a_file_that_cannot_be_had_is_named(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"#" * (MAX_BYTES + 1))
    (tmp_path / "just").write_bytes(LEAST.encode() + b"#" * (MAX_BYTES - len(LEAST)))
    cases = {
        tmp_path / "none.yaml": "there is no such file",
        tmp_path: "this is a directory",
        tmp_path / "big": "holds over 1 MiB",
        tmp_path / "just" / "x": "cannot be read",
        Path("a\0b"): "cannot be read",
    }
    for path, says in cases.items():
        with pytest.raises(PlanError) as caught:
            load_plan(path)
        (problem,) = caught.value.problems
        assert (problem.place, says in problem.message) == (Place(str(path)), True)
    assert load_plan(tmp_path / "just").peers


def test_an_endless_file_is_not_read_to_its_end() -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("no /dev/zero here")
    with pytest.raises(PlanError, match="over 1 MiB"):
        load_plan("/dev/zero")


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    file = tmp_path / "plan.yaml"
    file.write_text(LEAST, encoding="utf-8")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PlanError, match="may not be read; expected one that you may read"):
        load_plan(file)
    with pytest.raises(PlanError, match="this is a directory"):
        load_plan(tmp_path)


def test_a_text_of_over_a_mebibyte_is_refused_however_it_came() -> None:
    assert problems_of("#" * (MAX_BYTES + 1))[0].startswith("plan.yaml: holds over 1 MiB")
