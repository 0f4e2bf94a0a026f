"""CLU: words and severity of the findings about the cluster."""

from pathlib import Path

import pytest

from certplan.outcomes import Outcome, Verdict
from certplan.plan.reading import load_plan
from certplan.report.wording import verdict_details
from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import AT
from tests.rules.cluster_drafts import HOLDS, ONE, PAGE, TWO
from tests.rules.golden import judged, said
from tests.rules.test_goldens_cluster import a_capital_letter
from tests.rules.test_goldens_cluster_names import (
    an_underscore_in_the_host_name,
    one_address_in_two_fields,
    the_page_shows_a_link_failed,
)


def test_enforced_with_an_unknown_certificate_is_open() -> None:
    draft = expressway_e()
    draft.plan["cluster"]["tls_verification"] = "enforce"
    del draft.peer(2)["server_certificate"]
    heard = {line for line in said(judged(draft, AT)) if line.startswith(("CLU023", "CLU024"))}
    assert heard == {f"CLU024 unknown {TWO}"}


def weighed(draft: Draft, code: str) -> set[str]:
    return {finding.severity.value for finding in judged(draft, AT).findings if finding.code == code}


def test_letter_case_and_underscores_weigh_more_with_mra() -> None:
    for code, build in (("CLU012", a_capital_letter.build), ("CLU015", an_underscore_in_the_host_name.build)):
        draft = build()
        assert weighed(draft, code) == {"error"}
        del draft.plan["services"]["mra"]
        assert weighed(draft, code) == {"warning"}


@pytest.mark.parametrize(
    ("name", "weight"),
    [
        ("expe", {"warning"}),
        ("ex_pe.example.com", {"warning"}),
        ("10.20.0.1", {"error"}),
        ("-expe.example.com", {"error"}),
        (".".join(["a" * 60] * 3), {"error"}),
        ("expe.example.com.", set()),
    ],
)
def test_a_cluster_name_that_the_field_takes_is_a_warning_and_any_other_an_error(name: str, weight: set[str]) -> None:
    draft = expressway_e()
    draft.plan["cluster"]["name"] = name
    assert weighed(draft, "CLU017") == weight


@pytest.mark.parametrize(
    ("platforms", "weight"),
    [
        (("large-vm", "medium-vm"), {"error"}),
        (("small-vm", "ce1200"), {"error"}),
        (("ce1200", "ce1300"), {"warning"}),
        (("ce1200", "medium-vm"), {"warning"}),
        (("small-vm", "small-vm"), set()),
    ],
)
def test_a_mix_that_the_guide_forbids_weighs_more_than_one_it_leaves_open(
    platforms: tuple[str, str], weight: set[str]
) -> None:
    draft = expressway_e(2)
    draft.peer(1)["platform"], draft.peer(2)["platform"] = platforms
    assert weighed(draft, "CLU005") == weight


@pytest.mark.parametrize(
    ("host", "domain", "sound"),
    [
        ("e", "example.com", True),
        ("e" * 63, "example.com", True),
        ("e" * 64, "example.com", False),
        ("exe-1_a", "example.com", True),
        ("1exe", "example.com", False),
        ("exe-", "example.com", False),
        ("exe_", "example.com", False),
        ("exé", "example.com", False),
        ("exe1", "example..com", False),
        ("exe1", "local", True),
        ("exe1", ".".join(["a" * 60] * 3), False),
    ],
)
def test_host_names_and_domains_are_those_the_appliance_takes(host: str, domain: str, sound: bool) -> None:
    draft = expressway_c(1)
    draft.peer(1)["host_name"], draft.peer(1)["domain"] = host, domain
    assert bool(weighed(draft, "CLU014")) is not sound


def test_the_alarm_of_a_duplicate_is_raised_on_every_peer() -> None:
    (finding,) = (f for f in judged(one_address_in_two_fields.build(), AT).findings if f.code == "CLU019")
    assert finding.rule.alarms == (20003,)
    assert set(finding.subject.peers) == {ONE, TWO}


def test_the_split_is_written_as_the_verdict_writes_it(tmp_path: Path) -> None:
    draft = expressway_e()
    draft.plan["cluster"]["tls_verification"] = "enforce"
    draft.reissue(2, sans=["expe.example.com", "exe9.example.com", "example.com"])
    judgement = draft.judge(tmp_path)
    (broken,) = [finding for finding in judgement.findings if finding.code == "CLU024"]
    split = "exe1.example.com + exe3.example.com | exe2.example.com"
    assert broken.message.endswith(f"the cluster splits into {split}.")
    assert verdict_details(judgement).endswith(split)


def test_the_rule_of_capacity_is_a_sentence_of_its_own(tmp_path: Path) -> None:
    (sixth,) = [finding for finding in expressway_e(6).judge(tmp_path).findings if finding.code == "CLU002"]
    assert "5 times the capacity of one system. One peer counts as redundancy" in sixth.message
    assert "(" not in sixth.message
    assert not [finding for finding in expressway_e(4).judge(tmp_path / "4").findings if finding.code == "CLU002"]


def test_a_pair_that_the_page_contradicts_is_unknown_until_it_is_explained(tmp_path: Path) -> None:
    assert expressway_e().judge(tmp_path / "0").verdict is Verdict.READY
    assert the_page_shows_a_link_failed.build().judge(tmp_path / "1").verdict is Verdict.UNDECIDED
    draft = expressway_e()
    draft.reissue(2, sans=["expe.example.com", "exe9.example.com", "example.com"])
    assert draft.judge(tmp_path / "2").verdict is Verdict.NOT_READY
    draft.peer(1)["page"] = PAGE.format("Valid", HOLDS)
    judgement = draft.judge(tmp_path / "3")
    one, two = judgement.plan.peers[:2]
    assert judgement.matrix.between(one, two).outcome is Outcome.UNKNOWN
    assert judgement.page(one)[1].certificate == "not verified"


def test_a_page_of_today_says_nothing_of_the_target(tmp_path: Path) -> None:
    draft = expressway_e()
    draft.peer(1)["page"] = PAGE.format("Valid", HOLDS.replace("10.20.0.12", "203.0.113.12"))
    draft.plan["target"] = {"tls_verification": "enforce"}
    plan = load_plan(draft.write(tmp_path))
    assert plan.target is not None
    assert all(peer.page is None for peer in plan.target.peers)
