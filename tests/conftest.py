"""What every test has: system programs are looked for once, and never missed silently in CI."""

import os
import shutil
import signal
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.browser import Browser

PROGRAMS = {
    "bind9": "named",
    "chromium": "chromium",
    "nginx-light": "nginx",
    "openssl": "openssl",
    "poppler-utils": "pdftotext",
}

# Every command that a test runs is a process of its own: its byte code is kept for the next one.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(__file__).parents[1] / ".pytest_cache" / "bytecode"))

# A shell's background job ignores Ctrl-C, and so would all that it starts: the tests that press it would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("certplan", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("fast", parent=settings.get_profile("certplan"), max_examples=20)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "certplan"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("system"):
        package = marker.args[0]
        if shutil.which(PROGRAMS[package]) is None:
            reason = f"needs {PROGRAMS[package]} from the system package {package}"
            if os.environ.get("CI"):
                pytest.fail(f"{reason}, which CI has to install", pytrace=False)
            pytest.skip(reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of samples and cases that stands beside the checkout; where there is none, the test is skipped."""
    root = Path(__file__).parents[1]
    found = next((folder for folder in (root / "../shared", root / "../../shared") if folder.is_dir()), None)
    if found is None:
        pytest.skip("needs the folder of samples and cases beside the checkout")
    return found.resolve()


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """One Chromium for the run: it takes a second to start."""
    from tests.browser import chromium

    with chromium() as running:
        yield running


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What is written through to the disk, in order; True for a folder."""
    found: list[bool] = []
    real = os.fsync

    def noted(descriptor: int) -> None:
        found.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    return found
