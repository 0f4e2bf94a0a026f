"""The table of figures beside their bounds, at the end of a run."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.benchmarks.measure import environment

CLEARLY = 1.2
"""A bound is broken when it is exceeded by this factor: what is less may be the machine's mood."""

_FIGURES = pytest.StashKey[list[str]]()


@dataclass
class Figures:
    """What was measured, and whether it holds."""

    lines: list[str] = field(default_factory=list)

    def tell(self, what: str, value: float, unit: str = "x") -> None:
        """Note a figure that has no bound."""
        self._line(what, value, unit, "")

    def at_most(self, bound: float, what: str, value: float, unit: str = "x", clearly: float = CLEARLY) -> None:
        """Note a figure, and fail when it is clearly above its bound."""
        self._line(what, value, unit, f"<= {bound:g} {unit}")
        assert value <= bound * clearly, f"{what}: {value:.2f} {unit}, and the bound is {bound:g} {unit}"

    def at_least(self, bound: float, what: str, value: float, unit: str, clearly: float = CLEARLY) -> None:
        """Note a figure, and fail when it is clearly below its bound."""
        self._line(what, value, unit, f">= {bound:g} {unit}")
        assert value >= bound / clearly, f"{what}: {value:.2f} {unit}, and the bound is {bound:g} {unit}"

    def _line(self, what: str, value: float, unit: str, bound: str) -> None:
        self.lines.append(f"{what:<76} {value:>8.2f} {unit:<4} {bound}".rstrip())


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Iterator[Figures]:
    noted = Figures()
    yield noted
    request.config.stash.setdefault(_FIGURES, []).extend(noted.lines)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment to run programs in."""
    return environment(tmp_path_factory.mktemp("bytecode"))


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all that a run writes."""
    return tmp_path_factory.mktemp("benchmarks")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = config.stash.get(_FIGURES, [])
    if lines:
        terminalreporter.section("figures and their bounds")
        for line in lines:
            terminalreporter.write_line(line)
