"""What several modules of these tests use."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.serve.running import Running, running
from tests.serve.unmapped import unmapped

if TYPE_CHECKING:
    from tests.browser import Browser


@pytest.fixture(scope="session")
def reaching() -> "Iterator[Browser]":
    """A Chromium that reaches this machine, and nothing else."""
    from tests.browser import chromium

    with chromium(loopback=True) as found:
        yield found


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return unmapped(tmp_path / "work")


@pytest.fixture
def workbench(plan: Path) -> Iterator[Running]:
    with running(plan.parent) as found:
        yield found
