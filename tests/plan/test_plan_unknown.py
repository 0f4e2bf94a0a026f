"""Fields given as `unknown`: read as such, never taken for a value, and what rests on them is not verified."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from certplan.cli.app import app
from certplan.outcomes import Outcome, Verdict
from certplan.plan.model import NotStatedError, Plan, Unknown
from certplan.plan.reading import load_plan
from tests.clusters import Draft, expressway_c, expressway_e

Part = Callable[[Plan], object]
FIELDS: dict[str, tuple[tuple[str | int, ...], Part]] = {
    "type": (("cluster", "type"), lambda plan: plan.cluster.type),
    "release": (("cluster", "release"), lambda plan: plan.cluster.release),
    "address_mapping": (("cluster", "address_mapping"), lambda plan: plan.cluster.address_mapping),
    "tls_verification": (("cluster", "tls_verification"), lambda plan: plan.cluster.tls_verification),
    "peer 2 lan1": (("peers", 1, "lan1"), lambda plan: plan.peers[1].lan1),
}
STATED: dict[str, Part] = {
    "type": lambda plan: plan.cluster.stated_type,
    "release": lambda plan: plan.peers[1].stated_release,
    "address_mapping": lambda plan: plan.cluster.stated_address_mapping,
    "tls_verification": lambda plan: plan.cluster.stated_tls_verification,
    "peer 2 lan1": lambda plan: plan.peers[1].stated_lan1,
}


def with_unknown(draft: Draft, what: str) -> Draft:
    path, _ = FIELDS[what]
    holder = draft.plan
    for step in path[:-1]:
        holder = holder[step]  # type: ignore[index]
    holder[path[-1]] = "unknown"  # type: ignore[index]
    return draft


@pytest.mark.parametrize("what", FIELDS)
def test_an_unknown_field_is_a_value_of_its_own_with_its_place(what: str, tmp_path: Path) -> None:
    plan = load_plan(with_unknown(expressway_e(), what).write(tmp_path))
    path, part = FIELDS[what]
    stated = STATED[what](plan)
    assert isinstance(stated, Unknown)
    assert (stated.what, stated.place) == (what, plan.where(*path))
    with pytest.raises(NotStatedError, match="is unknown, and this needs it; write what the appliance has"):
        part(plan)


@pytest.mark.parametrize("what", FIELDS)
@pytest.mark.parametrize("make", [expressway_e, expressway_c])
def test_what_rests_on_an_unknown_field_is_could_not_check_and_never_a_failure(
    what: str, make: Callable[[], Draft], tmp_path: Path
) -> None:
    judgement = with_unknown(make(), what).judge(tmp_path)
    failed = [finding for finding in judgement.findings if finding.outcome is Outcome.FAIL]
    assert [finding.message for finding in failed if finding.severity.value in ("error", "warning")] == []
    assert not any(finding.rule.slug == "rule-failed" for finding in judgement.findings)
    unknown = [finding for finding in judgement.findings if finding.missing and finding.missing.what == what]
    assert unknown
    assert all(finding.where == judgement.plan.where(*FIELDS[what][0]) for finding in unknown)
    if what == "tls_verification":
        # The verdict is about Enforce, whatever runs today.
        assert judgement.verdict is Verdict.READY
    elif what in ("release", "peer 2 lan1") or (what == "address_mapping" and make is expressway_e):
        assert judgement.verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("what", FIELDS)
def test_another_fault_still_decides(what: str, tmp_path: Path) -> None:
    draft = with_unknown(expressway_e(), what)
    draft.trust(1)
    assert draft.judge(tmp_path).verdict in (Verdict.NOT_READY, Verdict.UNDECIDED)
    draft.reissue(2, sans=["other.example.com"])
    assert draft.judge(tmp_path).verdict is Verdict.NOT_READY


COMMANDS = ("check", "map", "propose", "runbook", "review", "ports", "capacity", "draw", "renew")


@pytest.mark.parametrize("what", FIELDS)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_answers_or_names_the_field_and_its_place(what: str, command: str, tmp_path: Path) -> None:
    file = with_unknown(expressway_e(), what).write(tmp_path)
    more = ["-o", str(tmp_path / "out.html")] if command == "review" else []
    result = CliRunner().invoke(app, [command, str(file), *more])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        assert isinstance(result.exception, NotStatedError)
        assert str(result.exception).startswith(f"{file}:")
        assert f": {what} is unknown" in str(result.exception)
        assert command != "check"
