"""The README says what is true today."""

import re
from pathlib import Path

import pytest

from certplan.cli.app import COMMANDS
from certplan.plan.reading import read_plan
from tests.docs import COMPUTED, README, ROOT, refreshed

TEXT = README.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", COMPUTED, ids=lambda page: page.name)
def test_its_computed_parts_are_what_the_program_prints(page: Path) -> None:
    assert refreshed(page) == page.read_text(encoding="utf-8"), "stale: run python -m tests.docs"


def test_every_link_between_the_pages_leads_somewhere() -> None:
    pages = [README, *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = {
        (page, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    }
    assert not [f"{page.name}: {target}" for page, target in sorted(links) if not (page.parent / target).exists()]


def test_every_command_has_a_page() -> None:
    documented = {page.stem for page in (ROOT / "docs" / "commands").glob("*.md")} | {"rules", "schema"}
    assert set(COMMANDS) <= documented


def test_its_plan_reads() -> None:
    (plan,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    read = read_plan(plan, "README.md", ROOT)
    assert [peer.address for peer in read.peers] == ["exe1.example.com", "exe2.example.com"]


def test_its_library_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    lab = (ROOT / "fixtures" / "lab" / "expressway-c.yaml").as_posix()
    exec(code.replace("plan.yaml", lab).replace("datetime.now(UTC)", "datetime(2027, 1, 1, tzinfo=UTC)"), {})  # noqa: S102
    assert capsys.readouterr().out.startswith("ready 2036-")


def test_it_names_every_command() -> None:
    assert set(COMMANDS) <= set(re.findall(r"`certplan (\w+)", TEXT))
