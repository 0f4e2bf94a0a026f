"""What is said of mutants is of lines and tests that are there."""

from pathlib import Path

import pytest

from tests.mutants import NO_DIFFERENCE, TESTS

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(("module", "line"), NO_DIFFERENCE, ids=str)
def test_a_line_whose_mutants_make_no_difference_stands_in_its_module(module: str, line: str) -> None:
    lines = (ROOT / "certplan" / f"{module}.py").read_text(encoding="utf-8").splitlines()
    assert line in map(str.strip, lines)


@pytest.mark.parametrize("module", TESTS)
def test_the_tests_of_a_module_exist(module: str) -> None:
    assert (ROOT / "certplan" / f"{module}.py").is_file()
    for name in TESTS[module].split():
        assert (ROOT / "tests" / f"{name}.py").is_file()
