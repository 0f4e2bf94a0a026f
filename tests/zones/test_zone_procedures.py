"""Zones in the runbook and in the renewal calendar: watched while their certificates are replaced."""

from pathlib import Path

import pytest

from certplan.evidence.gather import gather
from certplan.handshake.model import Store
from certplan.plan.reading import load_plan
from certplan.renewal import renewals
from certplan.runbook.model import Action, Procedure, Runbook
from certplan.runbook.procedures import ObservedTarget, ProcedureRequest, runbook
from tests.pki import AT
from tests.zones.pairs import Pair, pair
from tests.zones.test_zone_proposals import other_verify_name

ZONE = "Zone UC traversal to {}: Configuration > Zones > Zones shows it Active"


def procedure(both: Pair, folder: Path, side: str, kind: Procedure = Procedure.ENFORCE) -> Runbook:
    paths = {name: draft.write(folder / f"exp{name}") for name, draft in (("c", both.c), ("e", both.e))}
    plan = load_plan(paths[side])
    return runbook(plan, gather(plan, AT, live_dns=False), AT, ProcedureRequest(kind))


@pytest.mark.parametrize(("side", "far"), [("c", "expe.example.com"), ("e", "excl.corp.example.com")])
def test_each_restart_with_a_new_certificate_names_the_zone(tmp_path: Path, side: str, far: str) -> None:
    book = procedure(pair(), tmp_path, side, Procedure.REPLACE)
    restarts = [step for step in book.steps if step.action is Action.RESTART and "certificate" in step.title]
    assert len(restarts) == 2
    assert all(any(line.startswith(ZONE.format(far)) for line in step.verify) for step in restarts)
    assert all(any("35013" in line for line in step.verify) for step in restarts)
    (upload,) = [step for step in book.steps if step.action is Action.LOAD_CERTIFICATES]
    assert any(f"load every CA of the new certificates on {far}" in line for line in upload.do)


def test_without_zones_nothing_is_said_of_them(tmp_path: Path) -> None:
    both = pair()
    del both.c.plan["zones"]
    book = procedure(both, tmp_path, "c", Procedure.REPLACE)
    assert not any("Zone " in line for step in book.steps for line in (*step.verify, *step.do))


def test_a_server_certificate_on_x15_5_does_not_carry_the_connection_of_an_expressway_c(tmp_path: Path) -> None:
    both = pair(release="X15.5")
    both.e.write(tmp_path / "expe")
    plan = load_plan(both.c.write(tmp_path / "expc"))
    found = renewals(plan, gather(plan, AT, live_dns=False), AT)
    assert {(due.store, due.zones) for due in found.due} == {(Store.SERVER, ()), (Store.CLIENT, ("UC traversal",))}
    plan = load_plan(tmp_path / "expe" / "plan.yaml")
    both.c.write(tmp_path / "expc")
    found = renewals(plan, gather(plan, AT, live_dns=False), AT)
    assert {(due.store, due.zones) for due in found.due} == {(Store.SERVER, ("UC traversal",)), (Store.CLIENT, ())}


def test_a_setting_of_the_zone_is_a_step_of_its_own(tmp_path: Path) -> None:
    both = pair()
    other_verify_name(both)
    book = procedure(both, tmp_path, "e")
    (step,) = [step for step in book.steps if step.action is Action.SET_ZONE]
    assert step.values == (("TLS verify subject name", "excl.corp.example.com"),)
    assert step.codes == ("ZON004",)


def to_target(both: Pair, folder: Path, zones: list[dict[str, object]]) -> Runbook:
    both.e.plan["target"] = {"zones": zones}
    both.c.write(folder / "expc")
    plan = load_plan(both.e.write(folder / "expe"))
    target = plan.target_state()
    assert target is not None
    evidence = gather(plan, AT, live_dns=False)
    return runbook(plan, evidence, AT, ProcedureRequest(), ObservedTarget(target, gather(target, AT, live_dns=False)))


def test_a_setting_of_the_zone_in_the_target_is_a_step_on_the_way_to_it(tmp_path: Path) -> None:
    both = pair()
    right = dict(both.zone_e)
    other_verify_name(both)
    (step,) = [s for s in to_target(both, tmp_path, [right]).steps if s.action is Action.SET_ZONE]
    assert step.values == (("TLS verify subject name", "excl.corp.example.com"),)


def test_zones_that_come_and_go_with_the_target_are_named(tmp_path: Path) -> None:
    both = pair()
    coming: list[dict[str, object]] = [{**both.zone_e, "name": "UC new"}]
    (step,) = [s for s in to_target(both, tmp_path, coming).steps if s.action is Action.SET_ZONE]
    assert step.do == (
        "Create the zone UC new (unified-communications-traversal).",
        "Delete the zone UC traversal.",
    )


def test_zones_as_they_are_need_no_step(tmp_path: Path) -> None:
    both = pair()
    assert not [s for s in to_target(both, tmp_path, [dict(both.zone_e)]).steps if s.action is Action.SET_ZONE]


def test_a_zone_that_the_other_side_must_put_right_does_not_keep_a_cluster_from_enforce(tmp_path: Path) -> None:
    both = pair()
    other_verify_name(both)
    book = procedure(both, tmp_path, "c")
    assert any(step.action is Action.SET_MODE for step in book.steps)
    assert not book.blockers
