"""Golden cases of the CPL rules. CPL001 needs a broken rule, and is tested with the engine."""

import pytest

from tests.clusters import Draft, expressway_e
from tests.rules.golden import Golden, fires, goldens_of, near_miss


def waiving(rule: str, until: str, **more: str) -> Draft:
    draft = expressway_e()
    draft.plan["waivers"] = [{"rule": rule, "reason": "change CHG-1", "until": until, **more}]
    return draft


@fires("CPL002", "CPL002 fail CLU023")
def ended_the_day_before() -> Draft:
    """waiver of CLU023 until 2026-05-31 ── judged on 2026-06-01"""
    return waiving("CLU023", "2026-05-31")


@near_miss("CPL002")
def ends_today() -> Draft:
    """waiver of CLU023 until 2026-06-01 ── judged on 2026-06-01: its last day"""
    return waiving("CLU023", "2026-06-01")


@fires("CPL003", "CPL003 fail NAM001")
def nothing_to_waive() -> Draft:
    """waiver of NAM001 ── every peer has its name in its certificate"""
    return waiving("NAM001", "2027-01-31")


@fires("CPL003", "CPL003 fail CLU023")
def about_another_name() -> Draft:
    """waiver of CLU023 for the name expc.example.com ── the cluster is expe.example.com"""
    return waiving("CLU023", "2027-01-31", name="expc.*")


@near_miss("CPL003")
def something_to_waive() -> Draft:
    """waiver of CLU* for the name EXPE.* ── CLU023 on expe.example.com"""
    return waiving("CLU*", "2027-01-31", name="EXPE.*")


@near_miss("CPL003", "CPL002 fail NAM001")
def ended_and_nothing_to_waive() -> Draft:
    """waiver of NAM001 until 2026-05-31 ── that it has ended is enough to say"""
    return waiving("NAM001", "2026-05-31")


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.assert_holds()
