"""`certplan serve` as a program: what it refuses, and how it ends."""

import socket
from pathlib import Path

from tests.cli.program import certplan


def test_a_taken_port_is_reported(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = certplan("serve", tmp_path, "--no-browser", "--port", str(taken.getsockname()[1]))
    assert run.code == 2
    assert "cannot be listened on" in run.err


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text("")
    run = certplan("serve", tmp_path / "plan.yaml", "--no-browser")
    assert run.code == 2
    assert "is a file" in run.err


def test_it_listens_nowhere_else(tmp_path: Path) -> None:
    assert certplan("serve", tmp_path, "--no-browser", "--host", "0.0.0.0").code == 2
