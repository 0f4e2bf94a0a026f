"""The catalog as a whole: complete, sourced, explained and proved."""

from importlib import import_module
from pathlib import Path

import pytest

from certplan.handshake.model import Cause
from certplan.rules import catalog, codes_for, find
from certplan.rules.model import Group, Rule
from certplan.vendor import source
from tests.rules.golden import Golden, goldens_of

MODULES = sorted(path.stem for path in Path(__file__).parent.glob("test_goldens_*.py"))
GOLDENS = [golden for module in MODULES for golden in goldens_of(vars(import_module(f"tests.rules.{module}")))]

# Rules that a cluster cannot provoke: they have tests of their own in test_engine.py.
OF_ITS_OWN = {"CPL001"}
# Groups that look at more than one cluster: tests/zones holds that each of their rules has its cases.
GROUPS_OF_THEIR_OWN = {Group.ZON, Group.SRV}
GOLDEN_RULES = [rule for rule in catalog() if rule.code not in OF_ITS_OWN and rule.group not in GROUPS_OF_THEIR_OWN]


def _id(rule: Rule) -> str:
    return rule.code


@pytest.mark.parametrize("rule", catalog(), ids=_id)
def test_a_rule_has_all_parts_of_its_docstring_and_known_sources(rule: Rule) -> None:
    text = rule.text
    assert all((text.what, text.why, text.fix, text.example))
    assert rule.sources or rule.code.startswith("CPL")
    for key in rule.sources:
        assert source(key).address.startswith("https://")


@pytest.mark.parametrize("rule", GOLDEN_RULES, ids=_id)
def test_a_rule_has_a_case_that_fires_it_and_a_near_miss(rule: Rule) -> None:
    kinds = {golden.fires for golden in GOLDENS if golden.code == rule.code}
    assert kinds == {True, False}


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden.id)
def test_a_golden_case_is_for_a_rule_that_exists(golden: Golden) -> None:
    assert find(golden.code) is not None


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_of_a_broken_handshake_has_exactly_one_rule(cause: Cause) -> None:
    assert len(codes_for(cause)) == 1


def test_codes_and_slugs_are_unique_and_found_in_any_case() -> None:
    rules = catalog()
    assert len({rule.code for rule in rules}) == len({rule.slug for rule in rules}) == len(rules)
    for rule in rules:
        assert find(rule.code.lower()) is rule
        assert find(rule.slug.upper()) is rule
