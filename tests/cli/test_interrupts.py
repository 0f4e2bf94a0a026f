"""Ctrl-C while exports, ports, records and logs are read, and while the workbench runs."""

import os
import signal
import socket
from contextlib import closing
from pathlib import Path

import pytest

from certplan.plan.reading import load_plan
from tests.cli.importing import AS_OF, archives, node
from tests.cli.interrupting import interrupted
from tests.clusters import expressway_e
from tests.logs.lines import Log

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX signals")

SAID = "certplan: interrupted\n"
MOMENTS = [0.0, 0.05, 0.1, 0.2, 0.35]


def code_and_words(moment: float, *arguments: str | Path) -> tuple[int, str]:
    code, said = interrupted(moment, *arguments)
    if said.endswith(SAID):
        # Python ends a process by the signal itself where an extension module had it first.
        assert code in (130, -signal.SIGINT)
    return code, said


@pytest.mark.parametrize("moment", MOMENTS)
class TestInterrupts:
    def test_an_import_writes_its_folder_whole_or_not_at_all(self, moment: float, tmp_path: Path) -> None:
        files = archives(tmp_path / "exports", node(1), node(2))
        code, said = code_and_words(moment, "import", *files, "-o", tmp_path / "out", "--at", AS_OF)
        assert code in (0, 1, 3) or said.endswith(SAID)
        assert sorted(path.name for path in tmp_path.iterdir()) in (["exports"], ["exports", "out"])
        if (tmp_path / "out").exists():
            assert len(load_plan(tmp_path / "out" / "plan.yaml").peers) == 3

    def test_a_record_is_written_whole_or_not_at_all(self, moment: float, tmp_path: Path) -> None:
        plan = expressway_e(2).write(tmp_path / "plan")
        code, said = code_and_words(moment, "collect", plan, "-o", tmp_path / "record", "--no-dns")
        assert code == 0 or said.endswith(SAID)
        assert {path.name for path in tmp_path.iterdir()} <= {"plan", "record"}
        if (tmp_path / "record").exists():
            assert (tmp_path / "record" / "record.json").read_bytes().endswith(b"}\n")

    def test_a_log_is_given_up(self, moment: float, tmp_path: Path) -> None:
        path = tmp_path / "exe1.log"
        path.write_text("\n".join(Log("exe1").mode(1).lines * 100_000) + "\n", encoding="utf-8")
        code, said = code_and_words(moment, "log", path)
        assert code in (0, 1) or said == SAID

    def test_a_probe_is_given_up(self, moment: float) -> None:
        """Of a port that accepts and says nothing, at once: the time it may take is longer than the test waits."""
        with closing(socket.create_server(("127.0.0.1", 0))) as server:
            target = f"127.0.0.1:{server.getsockname()[1]}"
            code, said = code_and_words(moment, "probe", target, "--timeout", "120")
        assert code in (130, -signal.SIGINT)
        assert said == SAID

    def test_a_verification_is_given_up(self, moment: float, tmp_path: Path) -> None:
        plan = expressway_e(2).write(tmp_path)
        code, said = code_and_words(moment, "verify", plan, "--no-dns", "--at", AS_OF)
        assert code in (0, 1, 2, 3) or said == SAID

    def test_the_workbench_ends(self, moment: float, tmp_path: Path) -> None:
        code, said = code_and_words(moment, "serve", tmp_path, "--no-browser", "--port", "0")
        assert code in (130, -signal.SIGINT)
        assert said.endswith(SAID)
