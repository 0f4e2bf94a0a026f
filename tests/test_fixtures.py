"""No fixture lies about unused: each file is named by a test, or by a plan that a test names."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ABOUT = {"README.md", "make.sh"}
FIXTURES = sorted(path for path in (ROOT / "fixtures").rglob("*") if path.is_file() and path.name not in ABOUT)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_fixture_is_used(path: Path) -> None:
    users = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "fixtures").rglob("*.yaml")]
    assert any(path.name in user.read_text(encoding="utf-8") for user in users if user != path)


def test_the_folders_say_where_their_files_come_from() -> None:
    for folder in {path.relative_to(ROOT / "fixtures").parts[0] for path in FIXTURES}:
        assert (ROOT / "fixtures" / folder / "README.md").exists(), folder
