"""What certplan says of the fixture clusters is what it said when somebody last read it."""

from dataclasses import replace

import pytest

from tests.cli.program import certplan
from tests.snapshots import EVERY, FOLDER, MOST_LINES, ROOT, SNAPSHOTS, ZONES, Snapshot, difference, kept, orphans

BY_NAME = {snapshot.name: snapshot for snapshot in SNAPSHOTS}
EVERYWHERE = ({"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "COLUMNS": "61"}, {"PYTHONHASHSEED": "2", "TZ": "UTC"})


@pytest.mark.parametrize("name", BY_NAME)
def test_it_says_what_the_snapshot_has(name: str) -> None:
    report = difference(BY_NAME[name], BY_NAME[name].made())
    assert not report, report


@pytest.mark.parametrize("name", BY_NAME)
def test_a_snapshot_names_nothing_of_this_machine(name: str) -> None:
    assert str(ROOT) not in BY_NAME[name].file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "expressway-e-four-peers/check.txt",
        "expressway-e-four-peers/check.json",
        "expressway-e-four-peers/check.sarif",
        "expressway-e-four-peers/propose-all.txt",
        "expressway-e-one-nic/check.md",
        "expressway-e-ipv6/runbook-replace.txt",
    ],
)
def test_two_processes_write_the_same_bytes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the order of their sets, their time zone and the width of their terminal."""
    written = []
    for environment in EVERYWHERE:
        for variable, value in environment.items():
            monkeypatch.setenv(variable, value)
        written.append(kept(name, certplan(*BY_NAME[name].arguments, cwd=ROOT).out.encode()))
    assert written == [BY_NAME[name].file.read_bytes()] * 2


def test_every_file_has_its_snapshot_and_every_fixture_cluster_is_told_of() -> None:
    assert [path.name for path in orphans()] == []
    assert len(BY_NAME) == len(SNAPSHOTS)
    plans = {path.relative_to(ROOT / "fixtures").as_posix() for path in (ROOT / "fixtures").glob("*/*.yaml")}
    assert plans == {*EVERY, *ZONES}


def test_together_they_are_few_enough_to_be_read() -> None:
    lines = sum(len(path.read_bytes().splitlines()) for path in FOLDER.rglob("*") if path.is_file())
    assert lines < MOST_LINES


def test_a_difference_shows_the_lines_and_how_to_update() -> None:
    snapshot = BY_NAME["expressway-c/map.txt"]
    report = difference(snapshot, snapshot.file.read_bytes().replace(b"Not needed.", b"Needed."))
    assert "-Not needed. Expressway-C peers" in report
    assert "+Needed. Expressway-C peers" in report
    assert "python -m tests.snapshots" in report
    missing = replace(snapshot, name="expressway-c/none.txt")
    assert "+one\n" in difference(missing, b"one\n")


def test_a_command_that_cannot_be_run_is_no_snapshot() -> None:
    with pytest.raises(RuntimeError, match="no such file"):
        Snapshot("none/check.txt", ("check", "fixtures/none.yaml")).made()
