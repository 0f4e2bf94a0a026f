"""The seven questions of a log: composed time lines of two peers with each fault, near misses, and anything at all."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan.logs.answers import Answers, answers_of
from certplan.logs.events import event_of
from certplan.logs.lines import LONGEST_LINE, LogReading, read_lines
from certplan.logs.reading import LogRead, read_logs
from tests.cli.program import certplan
from tests.clusters import expressway_e
from tests.logs.lines import HOSTS, Log

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"


def read(folder: Path, *logs: Log) -> LogRead:
    for number, log in enumerate(logs):
        (folder / f"{number}.log").write_text(log.text, encoding="utf-8")
    return read_logs([folder])


def answered(folder: Path, *logs: Log) -> Answers:
    found = read(folder, *logs)
    return answers_of(found.events, found.coverage)


def states(answers: Answers, question: str) -> list[tuple[str, str]]:
    return [(each.peer, each.state.value) for each in getattr(answers, question)]


def two(do: Callable[[Log], object] = lambda _: None) -> tuple[Log, Log]:
    one, other = Log("exe1"), Log("exe2")
    for log in (one, other):
        log.sync(0)
        do(log)
    return one, other


class TestMode:
    def test_it_reached_every_peer(self, tmp_path: Path) -> None:
        one, other = two()
        one.mode(10, user="admin").quiet(100)
        other.mode(10.02).quiet(100)
        answers = answered(tmp_path, one, other)
        assert states(answers, "mode_changes") == [("exe1", "reached")]
        assert "admin set" in answers.mode_changes[0].summary
        assert not answers.wrong

    def test_it_did_not_reach_one(self, tmp_path: Path) -> None:
        one, other = two()
        one.mode(10, user="admin").quiet(100)
        other.quiet(100)
        answers = answered(tmp_path, one, other)
        assert states(answers, "mode_changes") == [("exe2", "missing")]
        assert answers.wrong

    def test_a_log_that_ends_before_says_nothing_of_it(self, tmp_path: Path) -> None:
        one, other = two()
        one.mode(10, user="admin").quiet(100)
        other.quiet(20)
        assert states(answered(tmp_path, one, other), "mode_changes") == [("exe1", "reached")]

    def test_there_and_back_are_two_changes(self, tmp_path: Path) -> None:
        one, other = two()
        for log in (one, other):
            log.mode(10).mode(300, "Permissive").quiet(600)
        assert states(answered(tmp_path, one, other), "mode_changes") == [("exe1", "reached"), ("exe1", "reached")]


class TestRestarts:
    def test_done_in_order(self, tmp_path: Path) -> None:
        one, other = two(lambda log: log.restart_owed(10))
        one.started(100).sync(130)
        other.started(300).sync(330)
        assert states(answered(tmp_path, one, other), "restarts") == [("exe1", "done"), ("exe2", "done")]

    def test_owed(self, tmp_path: Path) -> None:
        one, other = two(lambda log: log.restart_owed(10))
        one.started(100).sync(130)
        assert ("exe2", "owed") in states(answered(tmp_path, one, other), "restarts")

    def test_a_subordinate_before_the_primary(self, tmp_path: Path) -> None:
        one, other = two(lambda log: log.restart_owed(10))
        other.started(100).sync(130)
        one.started(300).sync(330)
        assert ("exe2", "out-of-order") in states(answered(tmp_path, one, other), "restarts")

    def test_the_next_before_the_former_replicates(self, tmp_path: Path) -> None:
        one, other = two(lambda log: log.restart_owed(10))
        one.started(100).sync(200)
        other.started(150).sync(250)
        assert ("exe2", "out-of-order") in states(answered(tmp_path, one, other), "restarts")


class TestReplication:
    def test_healthy(self, tmp_path: Path) -> None:
        one, other = two(lambda log: log.sync(120).sync(240))
        assert states(answered(tmp_path, one, other), "replication") == [("exe1", "healthy"), ("exe2", "healthy")]

    @pytest.mark.parametrize("word", ["Master", "Primary"])
    def test_two_primaries(self, tmp_path: Path, word: str) -> None:
        one = Log("exe1").sync(0, primary=0, word=word)
        other = Log("exe2").sync(1, primary=1, word=word)
        answers = answered(tmp_path, one, other)
        assert ("exe2", "two-primaries") in states(answers, "replication")
        assert answers.wrong

    def test_two_clusters_have_a_primary_each(self, tmp_path: Path) -> None:
        one = Log("exe1").sync(0)
        other = Log("exc1", ("exc2", "exc1")).sync(1)
        assert not answered(tmp_path, one, other).wrong

    def test_one_that_did_not_finish(self, tmp_path: Path) -> None:
        one, other = two()
        one.sync(120, done=False).sync(240)
        assert ("exe1", "incomplete") in states(answered(tmp_path, one, other), "replication")

    def test_one_cut_by_the_end_of_the_log_is_no_fault(self, tmp_path: Path) -> None:
        one, other = two()
        one.sync(120, done=False)
        assert not answered(tmp_path, one, other).wrong


class TestDisconnects:
    def test_a_restart(self, tmp_path: Path) -> None:
        one, other = two()
        one.lost(10, "exe2").sync(240)
        other.started(100).sync(130)
        assert states(answered(tmp_path, one, other), "disconnects") == [("exe1", "restart")]

    def test_a_refusal_repeats(self, tmp_path: Path) -> None:
        one, other = two()
        one.lost(10, "exe2").unreachable(70, "exe2").unreachable(130, "exe2")
        assert states(answered(tmp_path, one, other), "disconnects") == [("exe1", "refusal")]

    def test_the_log_does_not_tell(self, tmp_path: Path) -> None:
        one, other = two()
        one.lost(10, "exe2")
        assert states(answered(tmp_path, one, other), "disconnects") == [("exe1", "unknown")]


@pytest.mark.parametrize(
    ("detail", "meaning", "state"),
    [
        ("Peer's TLS certificate identity was unacceptable", "SAN", "refused"),
        ("self signed certificate in certificate chain", "root CA", "refused"),
        ("sslv3 alert certificate unknown", "refused this peer", "refused"),
        ("no certificate returned", "clientAuth", "refused"),
        ("No SSL error available, probably remote disconnect", "without a TLS alert", "unknown"),
        ("Idle countdown expired", "no TLS data", "unknown"),
        ("something no text explains", "", "refused"),
    ],
)
def test_what_a_refusal_means(tmp_path: Path, detail: str, meaning: str, state: str) -> None:
    one, other = two()
    one.refused(10, detail).refused(20, detail)
    (said,) = answered(tmp_path, one, other).refusals
    assert said.state.value == state
    assert meaning in said.summary
    assert "2 times" in said.summary


def test_alarms_come_and_go_in_order(tmp_path: Path) -> None:
    one, other = two()
    one.alarm(10, 20004, "Cluster communication failure").alarm(
        50, 20004, "Cluster communication failure", raised=False
    )
    assert states(answered(tmp_path, one, other), "alarms") == [("exe1", "raised"), ("exe1", "lowered")]


class TestSources:
    def archive(self, kind: str, log: Log) -> bytes:
        data, made = log.text.encode(), io.BytesIO()
        if kind == "zip":
            with zipfile.ZipFile(made, "w") as archive:
                archive.writestr("../diag/loggingsnapshot.txt", data)
            return made.getvalue()
        if kind == "gz":
            return gzip.compress(data)
        with tarfile.open(fileobj=made, mode="w:gz" if kind == "tar.gz" else "w") as tar:
            for name, content in (("diag/xconf_dump.txt", b"*c xConfiguration\n"), ("diag/loggingsnapshot.txt", data)):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
            link = tarfile.TarInfo("diag/link")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(link)
        return made.getvalue()

    @pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "gz"])
    def test_an_archive_is_read_member_by_member(self, tmp_path: Path, kind: str) -> None:
        (tmp_path / "snapshot").write_bytes(self.archive(kind, Log("exe1").sync(0)))
        found = read_logs([tmp_path / "snapshot"])
        assert list(found.coverage) == ["exe1"]
        assert [event.what.value for event in found.events][-1] == "synchronization completed"
        assert [each.name for each in tmp_path.iterdir()] == ["snapshot"]

    @pytest.mark.parametrize("kind", ["zip", "tar.gz", "gz"])
    @pytest.mark.parametrize("cut", [0.3, 0.9])
    def test_one_that_breaks_off_is_said(self, tmp_path: Path, kind: str, cut: float) -> None:
        whole = self.archive(kind, two(lambda log: [log.sync(120 * n) for n in range(1, 200)])[0])
        (tmp_path / "snapshot").write_bytes(whole[: int(len(whole) * cut)])
        assert any(each.problem for each in read_logs([tmp_path / "snapshot"]).not_read)

    def test_overlapping_archives_are_counted_once(self, tmp_path: Path) -> None:
        one, other = two()
        assert len(read(tmp_path, one, other, one).events) == len(
            read_logs([tmp_path / "0.log", tmp_path / "1.log"]).events
        )


def test_lines_that_are_none_are_counted(tmp_path: Path) -> None:
    text = Log("exe1").sync(0).text + "half a li\n\n\x00\xff\nand another\n" + "x" * (3 * LONGEST_LINE) + "\n"
    (tmp_path / "log").write_bytes(text.encode("latin-1"))
    found = read_logs([tmp_path / "log"])
    assert (found.lines, found.unread_lines) == (8, 4)


LINE = Log("exe1").sync(0).mode(1, user="admin").restart_owed(2).lost(3, "exe2").refused(4, "unknown ca").lines


@given(st.lists(st.tuples(st.sampled_from(LINE), st.integers(0, 400), st.binary(max_size=12)), max_size=12))
def test_no_line_ever_fails(with_faults: list[tuple[str, int, bytes]]) -> None:
    data = b"\n".join(line.encode()[:cut] + noise + line.encode()[cut:] for line, cut, noise in with_faults)
    reading = LogReading()
    events = [event for line in read_lines(io.BytesIO(data), reading) if (event := event_of(line, "log")) is not None]
    answers = answers_of(sorted(events, key=lambda event: event.utc), reading.hosts or {})
    assert all(answer.summary and answer.lines for answer in answers.all)


class TestCommand:
    def test_json_and_exit_code(self, tmp_path: Path) -> None:
        one, other = two()
        one.refused(10, "unknown ca")
        for log in (one, other):
            (tmp_path / f"{log.host}.txt").write_text(log.text)
        run = certplan("log", tmp_path / "exe1.txt", tmp_path / "exe2.txt", "--format", "json")
        assert run.code == 1
        said = json.loads(run.out)
        assert {each["peer"] for each in said["peers"]} == set(HOSTS)
        assert [each["kind"] for each in said["events"]][-1] == "refusal"
        assert said["answers"]["refusals"][0]["state"] == "refused"
        assert said["unread_lines"] == 0

    def test_nothing_wrong_is_0(self, tmp_path: Path) -> None:
        (tmp_path / "log").write_text(Log("exe1").sync(0).text)
        run = certplan("log", tmp_path / "log")
        assert run.code == 0
        assert "healthy" in run.out

    @pytest.mark.parametrize("content", [b"", b"no log at all\n", b"\x1f\x8b\x08broken", b"PK\x03\x04broken"])
    def test_no_log_is_2(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "log").write_bytes(content)
        assert certplan("log", tmp_path / "log").code == 2

    def test_a_file_that_is_not_there_is_2(self, tmp_path: Path) -> None:
        assert certplan("log", tmp_path / "none").code == 2

    def test_with_a_plan_the_finding_explains_the_refusal(self, tmp_path: Path) -> None:
        draft = expressway_e(2)
        draft.reissue(2, sans=["expe.example.com", "other.example.com", "example.com"])
        plan = draft.write(tmp_path / "plan")
        log = Log("exe1").sync(0).mode(5).refused(10, "Peer's TLS certificate identity was unacceptable").quiet(100)
        (tmp_path / "log").write_text(log.text)
        run = certplan("log", tmp_path / "log", "--plan", plan, "--at", "2026-06-01", "--format", "json")
        said = json.loads(run.out)
        assert "NAM001" in said["answers"]["refusals"][0]["codes"]
        assert [each["expected"] for each in said["differences"]] == ["permissive"]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public samples stand beside the checkout only")
class TestPublicSamples:
    def test_the_vendors_listing_is_answered(self) -> None:
        found = read_logs([SAMPLES / "ta-217230-logs.txt"])
        answers = answers_of(found.events, found.coverage)
        assert found.unread_lines == 0
        assert states(answers, "mode_changes") == [("expc01", "reached")]
        assert states(answers, "restarts") == [("expc02", "owed"), ("expc01", "owed")]
        assert sorted(states(answers, "replication")) == [("expc01", "healthy"), ("expc02", "healthy")]
        assert states(answers, "disconnects") == [("expc01", "unknown")]
        assert states(answers, "resolution") == [("expc01", "failed")]
        assert [each.events[0].value for each in answers.alarms] == ["20006", "20004", "20007", "20007"]

    def test_every_refusal_of_the_vendors_lines_has_a_meaning(self) -> None:
        found = read_logs([SAMPLES / "tac-tls-log-lines.txt"])
        refusals = answers_of(found.events, found.coverage).refusals
        assert len(refusals) >= 10
        assert all(each.events[0].refusal is not None for each in refusals)
