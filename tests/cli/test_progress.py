"""Long work shows on a terminal that it goes on: one line after a second, gone at the end."""

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.clusters import expressway_e

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals of POSIX")

ROOT = Path(__file__).parents[2]
GONE = "\r\x1b[K"
SLOWLY = """
import time
import certplan.keys as keys
from certplan.cli import main

plain = keys.generate

def slow(algorithm):
    time.sleep({seconds})
    return plain(algorithm)

keys.generate = slow
main()
"""
"""Keys as they are made, on a machine that takes its time."""


def errors_at_a_terminal(*arguments: str | Path, program: tuple[str, ...] = ("-m", "certplan")) -> str:
    """What a run writes to standard error where that is a terminal."""
    import pty

    ours, theirs = pty.openpty()
    shown: list[bytes] = []

    def read() -> None:
        with suppress(OSError):
            while part := os.read(ours, 4096):
                shown.append(part)

    with subprocess.Popen(
        [sys.executable, *program, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as running:
        os.close(theirs)
        reader = threading.Thread(target=read)
        reader.start()
        running.wait(timeout=120)
        reader.join(timeout=30)
    os.close(ours)
    text = b"".join(shown).decode()
    assert "Traceback" not in text, text
    return text


def lines_of(text: str, what: str) -> list[str]:
    """The states of a line of progress, in order, each once."""
    return list(dict.fromkeys(re.findall(rf"{re.escape(GONE)}{what}: ([^\r\n]*)", text)))


@pytest.fixture
def silent_server() -> Iterator[str]:
    """The address of a DNS server that answers nothing."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as server:
        server.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{server.getsockname()[1]}"


def with_dns(folder: Path, server: str) -> Path:
    draft = expressway_e(2)
    draft.plan["dns"] = {"public": {"servers": [server]}}
    return draft.write(folder)


def test_live_dns(tmp_path: Path, silent_server: str) -> None:
    text = errors_at_a_terminal("check", with_dns(tmp_path, silent_server), "--timeout", "2.5")
    shown = lines_of(text, "Asking DNS servers")
    assert shown
    assert shown == [f"{second} s" for second in range(1, len(shown) + 1)]
    assert text.endswith(GONE)


def test_several_plans_none_of_which_is_done(tmp_path: Path, silent_server: str) -> None:
    """The processes that judge them show nothing themselves."""
    plans = [with_dns(tmp_path / name, silent_server) for name in ("one", "two")]
    text = errors_at_a_terminal("check", *plans, "--timeout", "2.5", "-o", tmp_path / "out.txt")
    several = os.cpu_count() != 1
    assert ("0 of 2 plans" in lines_of(text, "Checking")) is several
    assert bool(lines_of(text, "Asking DNS servers")) is not several


def test_keys(tmp_path: Path) -> None:
    """What is said of each pair stands on lines of its own."""
    program = ("-c", SLOWLY.format(seconds=1.4))
    plan = expressway_e(1).write(tmp_path)
    text = errors_at_a_terminal("csr", "new", plan, "-o", tmp_path / "out", "--algorithm", "ecdsa-256", program=program)
    assert lines_of(text, "Making keys and CSRs") in (["0 of 1"], ["0 of 1", "1 of 1"])
    assert f"{GONE}certplan: exe1: ECDSA P-256 key and CSR made (1 of 1)" in text


def test_probes() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        target = f"127.0.0.1:{server.getsockname()[1]}"
        text = errors_at_a_terminal("probe", target, "--timeout", "2")
    assert lines_of(text, "Probing") in (["0 of 1 ports"], ["0 of 1 ports", "1 of 1 ports"])
    assert text.endswith(GONE)


def test_nothing_is_shown_of_short_work(tmp_path: Path) -> None:
    assert GONE not in errors_at_a_terminal("check", expressway_e(2).write(tmp_path), "--at", "2026-06-01")


def test_quiet_shows_nothing(tmp_path: Path, silent_server: str) -> None:
    text = errors_at_a_terminal("check", with_dns(tmp_path, silent_server), "--timeout", "2", "--quiet")
    assert GONE not in text
