"""The README says what is true today."""

import re

import pytest

from certplan.plan.reading import read_plan
from tests.readme import README, ROOT, refreshed

TEXT = README.read_text(encoding="utf-8")


def test_its_transcript_and_rule_table_are_what_the_program_prints() -> None:
    assert refreshed(TEXT) == TEXT, "stale: run python -m tests.readme"


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
    from certplan.cli.app import app

    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert commands <= set(re.findall(r"`certplan (\w+)", TEXT))
