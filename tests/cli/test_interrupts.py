"""Ctrl-C while exports, ports, records and logs are read, and while the workbench runs."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from certplan.plan.reading import load_plan
from tests.cli.importing import AS_OF, archives, node
from tests.clusters import expressway_e
from tests.logs.lines import Log

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX signals")

ROOT = Path(__file__).parents[2]
STARTED = "import os; from certplan.cli import main; os.write(1, b'.'); main()"
SAID = "certplan: interrupted\n"
MOMENTS = [0.0, 0.05, 0.1, 0.2, 0.35]


def interrupted(moment: float, *arguments: str | Path) -> tuple[int, str]:
    """Run a command, press Ctrl-C that many seconds after its first line; its exit code and standard error."""
    program = subprocess.Popen(
        [sys.executable, "-c", STARTED, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    assert program.stdout is not None
    program.stdout.read(1)
    time.sleep(0.01 + moment)
    os.killpg(program.pid, signal.SIGINT)
    _, said = program.communicate(timeout=60)
    assert "Traceback" not in said
    if said.endswith(SAID):
        # Python ends a process by the signal itself where an extension module had it first.
        assert program.returncode in (130, -signal.SIGINT)
    return program.returncode, said


@pytest.mark.parametrize("moment", MOMENTS)
class TestInterrupts:
    def test_an_import_writes_its_folder_whole_or_not_at_all(self, moment: float, tmp_path: Path) -> None:
        files = archives(tmp_path / "exports", node(1), node(2))
        code, said = interrupted(moment, "import", *files, "-o", tmp_path / "out", "--at", AS_OF)
        assert code in (0, 1, 3) or said.endswith(SAID)
        assert sorted(path.name for path in tmp_path.iterdir()) in (["exports"], ["exports", "out"])
        if (tmp_path / "out").exists():
            assert len(load_plan(tmp_path / "out" / "plan.yaml").peers) == 3

    def test_a_record_is_written_whole_or_not_at_all(self, moment: float, tmp_path: Path) -> None:
        plan = expressway_e(2).write(tmp_path / "plan")
        code, said = interrupted(moment, "collect", plan, "-o", tmp_path / "record", "--no-dns")
        assert code == 0 or said.endswith(SAID)
        assert {path.name for path in tmp_path.iterdir()} <= {"plan", "record"}
        if (tmp_path / "record").exists():
            assert (tmp_path / "record" / "record.json").read_bytes().endswith(b"}\n")

    def test_a_log_is_given_up(self, moment: float, tmp_path: Path) -> None:
        path = tmp_path / "exe1.log"
        path.write_text("\n".join(Log("exe1").mode(1).lines * 100_000) + "\n", encoding="utf-8")
        code, said = interrupted(moment, "log", path)
        assert code in (0, 1) or said == SAID

    def test_the_workbench_ends(self, moment: float, tmp_path: Path) -> None:
        code, said = interrupted(moment, "serve", tmp_path, "--no-browser", "--port", "0")
        assert code in (130, -signal.SIGINT)
        assert said.endswith(SAID)
