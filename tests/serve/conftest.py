"""What several modules of these tests use."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser import Browser


@pytest.fixture(scope="session")
def reaching() -> "Iterator[Browser]":
    """A Chromium that reaches this machine, and nothing else."""
    from tests.browser import chromium

    with chromium(loopback=True) as found:
        yield found
