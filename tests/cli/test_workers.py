"""Several plans at once: a worker that dies costs its own plan, in every form, and nobody waits for it."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from certplan.cli.workers import answers
from tests.clusters import expressway_e

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def judge(word: str) -> str:
    if word == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "stay":
        signal.pause()
    if word == "leave":
        os._exit(7)
    return word.upper()


def lost(word: str, how: str) -> str:
    return f"{word}: {how}"


@pytest.fixture(autouse=True)
def _cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 3)


def test_the_answers_come_in_order() -> None:
    words = [f"w{number}" for number in range(50)]
    assert list(answers(judge, words, lost)) == [word.upper() for word in words]


@pytest.mark.parametrize("words", [["die"] * 7, ["a", "die"], ["die", "a", "leave", "b", "c", "die"]])
def test_a_worker_that_dies_costs_its_own_answer(words: list[str]) -> None:
    lost_answers = {"die": "die: the process that judged it was killed, perhaps for want of memory"}
    lost_answers["leave"] = "leave: the process that judged it ended with code 7"
    assert list(answers(judge, words, lost)) == [lost_answers.get(word, word.upper()) for word in words]


def test_an_answer_may_be_larger_than_a_pipe() -> None:
    assert [len(text) for text in answers(judge, ["a" * 5_000_000, "b" * 3_000_000], lost)] == [5_000_000, 3_000_000]


def test_one_who_stops_asking_leaves_nobody_behind() -> None:
    workers: set[int] = set()
    with closing(cast("Generator[str]", answers(judge, ["a", "stay", "stay", "stay"], lost))) as running:
        assert next(running) == "A"
        workers |= {worker.pid or 0 for worker in multiprocessing.active_children()}
    assert len(workers) >= 2
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "csv", "markdown", "text"])
def test_the_document_stays_whole(form: str, tmp_path: Path) -> None:
    """Reading the second plan kills whoever reads it, as the kernel does when memory is out."""
    good, bad = (expressway_e(2).write(tmp_path / name) for name in ("good", "bad"))
    code = (
        "import os, sys, certplan.plan.reading as r\n"
        "load = r.load_plan\n"
        "r.load_plan = lambda path: os.kill(os.getpid(), 9) if 'bad' in str(path) else load(path)\n"
        "from certplan.cli import main; main()"
    )
    arguments = ["check", str(good), str(bad), str(good), "--no-dns", "--format", form]
    run = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stderr.startswith(f"{bad}: the process that judged it was killed")
    if form == "json":
        verdicts = [plan["verdict"] for plan in json.loads(run.stdout)["plans"]]
        assert verdicts[1] is None
        assert verdicts[0] == verdicts[2] is not None
