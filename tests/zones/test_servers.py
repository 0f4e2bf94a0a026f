"""The servers behind an Expressway-C: each rule fires, and its near miss does not."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from certplan.outcomes import Outcome, Severity, Verdict
from certplan.rules import catalog
from certplan.rules.model import Finding, Group
from tests.clusters import ISSUING, ROOT, Draft, expressway_c
from tests.pki import AT, Authority, Leaf, bundle, ec_key, self_signed
from tests.zones.pairs import pair

CUCM_ROOT = Authority.root(cn="voice root", key=ec_key("voice root"))


def cucm(name: str = "cucm1.example.com", **changes: Any) -> Leaf:
    wanted: dict[str, Any] = {"cn": name, "sans": [name], "key": ec_key(name)}
    return CUCM_ROOT.issue(**(wanted | changes))


def with_servers(draft: Draft, servers: Sequence[tuple[str, Leaf | None]], *, load: bool = True) -> Draft:
    draft.plan["servers"] = []
    for number, (address, leaf) in enumerate(servers):
        entry: dict[str, Any] = {"kind": "unified-cm", "address": address}
        if leaf is not None:
            entry["certificate"] = f"certs/server{number}.pem"
            draft.files[entry["certificate"]] = leaf.pem
        draft.plan["servers"].append(entry)
    if load:
        for number in range(1, len(draft.plan["peers"]) + 1):
            draft.trust(number, ROOT, ISSUING, CUCM_ROOT)
    return draft


def found(draft: Draft, folder: Path) -> list[Finding]:
    return [each for each in draft.judge(folder).findings if each.rule.group is Group.SRV]


def codes(draft: Draft, folder: Path) -> set[str]:
    return {each.code for each in found(draft, folder) if each.outcome is Outcome.FAIL}


def test_a_trusted_server_of_its_own_name_says_nothing(tmp_path: Path) -> None:
    assert found(with_servers(expressway_c(), [("cucm1.example.com", cucm())]), tmp_path) == []


def test_a_ca_that_one_peer_does_not_have(tmp_path: Path) -> None:
    draft = with_servers(expressway_c(), [("cucm1.example.com", cucm())])
    draft.trust(2, ROOT, ISSUING)
    (said,) = found(draft, tmp_path)
    assert (said.code, said.severity, said.subject.peers) == ("SRV001", Severity.ERROR, ("exc2.corp.example.com",))
    assert draft.judge(tmp_path).verdict is Verdict.READY


def test_before_x14_2_it_is_what_the_upgrade_would_break(tmp_path: Path) -> None:
    draft = with_servers(expressway_c(release="X14.0.2"), [("cucm1.example.com", cucm())], load=False)
    (said,) = found(draft, tmp_path)
    assert (said.code, said.severity) == ("SRV001", Severity.NOTICE)
    assert "upgrade" in said.message


def test_the_target_release_tells_what_the_upgrade_breaks(tmp_path: Path) -> None:
    from certplan.evidence.gather import gather
    from certplan.judgement import judge
    from certplan.plan.reading import load_plan

    draft = with_servers(expressway_c(release="X14.0.2"), [("cucm1.example.com", cucm())], load=False)
    draft.plan["target"] = {"release": "X14.3.4"}
    target = load_plan(draft.write(tmp_path)).target_state()
    assert target is not None
    judged = judge(target, gather(target, AT, live_dns=False), AT)
    assert [each.severity for each in judged.findings if each.code == "SRV001"] == [Severity.ERROR]


@pytest.mark.parametrize(
    ("address", "leaf", "expected"),
    [
        ("cucm1.example.com", cucm("cucm1-ms.example.com"), {"SRV002"}),
        ("CUCM1.Example.com", cucm(), set()),
        ("10.40.0.5", cucm(), {"SRV003"}),
        ("cucm1", cucm(), {"SRV003"}),
        (
            "cucm1.example.com",
            cucm(not_after=AT - timedelta(days=1), not_before=AT - timedelta(days=9)),
            {"SRV001", "SRV004"},
        ),
        ("cucm1.example.com", cucm(not_after=AT + timedelta(days=1)), set()),
    ],
)
def test_name_address_and_dates(tmp_path: Path, address: str, leaf: Leaf, expected: set[str]) -> None:
    assert codes(with_servers(expressway_c(), [(address, leaf)]), tmp_path) == expected


def test_two_self_signed_certificates_of_one_cn(tmp_path: Path) -> None:
    one, other = (
        self_signed(cn="cucm.example.com", sans=[f"cucm{n}.example.com"], key=ec_key(f"cucm {n}")) for n in (1, 2)
    )
    servers = [("cucm1.example.com", one), ("cucm2.example.com", other)]
    assert "SRV005" in codes(with_servers(expressway_c(), servers), tmp_path)
    different = self_signed(cn="cucm2.example.com", sans=["cucm2.example.com"], key=ec_key("cucm 2"))
    assert "SRV005" not in codes(with_servers(expressway_c(), [servers[0], ("cucm2.example.com", different)]), tmp_path)


@pytest.mark.parametrize(("trusted", "expected"), [((CUCM_ROOT,), {"SRV006"}), ((ROOT, ISSUING), set())])
def test_the_other_way_round(tmp_path: Path, trusted: Sequence[Authority], expected: set[str]) -> None:
    draft = with_servers(expressway_c(), [("cucm1.example.com", cucm())])
    draft.plan["servers"][0]["trusted_cas"] = ["trust/tomcat.pem"]
    draft.files["trust/tomcat.pem"] = bundle(*trusted)
    assert codes(draft, tmp_path) == expected


def test_every_rule_of_servers_has_a_case_here() -> None:
    assert {rule.code for rule in catalog() if rule.group is Group.SRV} == {f"SRV00{n}" for n in range(1, 7)}


def test_a_certificate_that_is_not_given_is_not_checked(tmp_path: Path) -> None:
    said = found(with_servers(expressway_c(), [("cucm1.example.com", None)]), tmp_path)
    assert {(each.code, each.outcome) for each in said} == {("SRV001", Outcome.UNKNOWN)}


def test_servers_are_judged_with_the_zone_where_there_is_one(tmp_path: Path) -> None:
    both = pair()
    with_servers(both.c, [("cucm1.example.com", cucm())], load=False)
    judged = both.judge(tmp_path)
    assert "SRV001" in {each.code for each in judged.zones[0].findings}
    assert not [each for each in judged.findings if each.rule.group is Group.SRV]
