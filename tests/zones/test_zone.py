"""A zone judged from both of its ends: perfect pairs say nothing, every fault fires its rule, a near miss does not."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from certplan.handshake.model import StepName
from certplan.outcomes import Outcome, Severity, Verdict
from certplan.report import render
from certplan.rules import catalog
from certplan.rules.model import Group
from tests.clusters import ISSUING
from tests.pki import AT, Authority, ec_key
from tests.zones.pairs import Pair, pair

RELEASES = ("X12.6", "X14.0.2", "X14.2", "X14.3.4", "X15.0", "X15.3", "X15.4", "X15.5")
OTHER = Authority.root(key=ec_key("another root"))


def codes(both: Pair, folder: Path, **how: str) -> set[str]:
    return {found.code for found in both.zone(folder, **how).findings if found.outcome is Outcome.FAIL}  # type: ignore[arg-type]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("side", ["c", "e"])
def test_a_perfect_pair_says_nothing(tmp_path: Path, release: str, side: str) -> None:
    zone = pair(release=release).zone(tmp_path, side=side)
    assert [(found.code, found.message) for found in zone.findings] == []
    assert zone.verdict is Verdict.READY
    assert len(zone.view.matrix.handshakes) == 8


@pytest.mark.parametrize(("c_count", "e_count"), [(1, 1), (3, 2), (1, 6), (6, 1)])
def test_every_peer_is_judged_with_every_other_from_both_ends(tmp_path: Path, c_count: int, e_count: int) -> None:
    zone = pair(c_count, e_count).zone(tmp_path)
    assert len(zone.view.matrix.handshakes) == 2 * c_count * e_count
    assert zone.verdict is Verdict.READY


def test_one_nic_with_nat_is_reached_at_its_public_address(tmp_path: Path) -> None:
    assert pair(dual_nic=False).zone(tmp_path).verdict is Verdict.READY


def change_verify_name(both: Pair) -> None:
    both.zone_e["verify_subject_name"] = "wrong.corp.example.com"


def name_one_peer(both: Pair) -> None:
    for number in (1, 2):
        both.c.reissue(number, sans=["excl.corp.example.com", f"exc{number}.corp.example.com", "exc1.corp.example.com"])
    both.zone_e["verify_subject_name"] = "exc1.corp.example.com"


def use_an_ip(both: Pair) -> None:
    both.zone_c["peers"][0] = "10.20.0.11"


def two_records(both: Pair) -> None:
    both.c.records("internal").append("exe1.example.com. A 192.168.50.11")


def no_record(both: Pair) -> None:
    both.c.plan["dns"]["internal"]["records"] = [
        *(each for each in both.c.records("internal") if not each.startswith("exe1.")),
        "www.example.com. A 10.20.0.99",
    ]


def public_record(both: Pair) -> None:
    both.c.plan["dns"]["internal"]["records"] = [
        each.replace("10.20.0.11", "203.0.113.11") for each in both.c.records("internal")
    ]


def forget_a_peer(both: Pair) -> None:
    both.zone_c["peers"].pop()


def keep_a_former_peer(both: Pair) -> None:
    both.zone_c["peers"].append("exe9.example.com")


def other_name_in_certificate(both: Pair) -> None:
    both.e.reissue(1, sans=["expe.example.com", "other.example.com", "example.com"])


def untrusted_by_c(both: Pair) -> None:
    both.c.trust(1, OTHER)


def untrusted_by_e(both: Pair) -> None:
    both.e.trust(2, OTHER)


def client_role_missing(both: Pair) -> None:
    both.c.reissue(1, eku=["serverAuth"])


def expired(both: Pair) -> None:
    both.e.reissue(2, not_before=AT - timedelta(days=60), not_after=AT - timedelta(days=1))


def other_port(both: Pair) -> None:
    both.zone_e["port"] = 7003


def verify_off(both: Pair) -> None:
    both.zone_e["tls_verify"] = False


def other_release(both: Pair) -> None:
    both.e.plan["cluster"]["release"] = "X15.4"


def second_zone(both: Pair) -> None:
    both.c.plan["zones"].append({**both.zone_c, "name": "another", "port": 7003})


def own_peer(both: Pair) -> None:
    both.zone_c["peers"].append("exc2.corp.example.com")


def foreign_mra_domain(both: Pair) -> None:
    both.c.plan["services"] = {"mra": {"domains": ["example.org"]}}


def other_alias(both: Pair) -> None:
    for draft, alias in ((both.c, "chat1.example.com"), (both.e, "chat2.example.com")):
        draft.plan.setdefault("services", {})["xmpp_federation"] = {"domains": [], "chat_node_aliases": [alias]}


def cms_host(both: Pair) -> None:
    both.c.plan.setdefault("services", {})["cms_web_proxy"] = ["join.example.com"]


def other_clock(both: Pair) -> None:
    for number in (1, 2):
        both.e.peer(number)["ntp"] = ["ntp9.example.com"]


def underscore(both: Pair) -> None:
    both.e.peer(1)["host_name"] = "exe_1"


FAULTS: dict[str, list[Callable[[Pair], None]]] = {
    "ZON001": [two_records, no_record, forget_a_peer],
    "ZON002": [public_record],
    "ZON003": [use_an_ip, other_name_in_certificate],
    "ZON004": [change_verify_name],
    "ZON005": [untrusted_by_c, untrusted_by_e],
    "ZON006": [client_role_missing],
    "ZON007": [expired],
    "ZON012": [other_port],
    "ZON013": [verify_off],
    "ZON014": [keep_a_former_peer],
    "ZON015": [name_one_peer],
    "ZON016": [other_release],
    "ZON018": [own_peer],
    "ZON020": [foreign_mra_domain],
    "ZON021": [other_alias],
    "ZON022": [cms_host],
    "ZON023": [other_clock],
    "ZON024": [underscore],
}


@pytest.mark.parametrize(("code", "fault"), [(code, fault) for code, faults in FAULTS.items() for fault in faults])
def test_a_fault_fires_its_rule(tmp_path: Path, code: str, fault: Callable[[Pair], None]) -> None:
    both = pair()
    fault(both)
    zone = both.zone(tmp_path)
    found = [each for each in zone.findings if each.code == code]
    assert found, [each.code for each in zone.findings]
    if found[0].severity is Severity.ERROR and found[0].rule.stages:
        assert zone.verdict is Verdict.NOT_READY
        stage = next(iter(found[0].rule.stages))
        assert any(step.name is stage and step.outcome is Outcome.FAIL for _, step in zone.view.not_passed)


def test_every_rule_of_zones_has_a_case_here() -> None:
    of_zones = {rule.code for rule in catalog() if rule.group is Group.ZON}
    assert of_zones == {*FAULTS, "ZON008", "ZON010", "ZON011", "ZON017"}


def test_a_revoked_certificate_is_refused_over_the_zone(tmp_path: Path) -> None:
    both = pair()
    leaf = both.e.reissue(1)
    both.c.peer(1)["crls"] = ["crls/issuing.pem"]
    both.c.files["crls/issuing.pem"] = ISSUING.crl(revoked=[leaf]).pem
    zone = both.zone(tmp_path)
    assert "ZON008" in {found.code for found in zone.findings}
    assert zone.verdict is Verdict.NOT_READY
    both.c.files["crls/issuing.pem"] = ISSUING.crl(revoked=[]).pem
    assert both.zone(tmp_path).verdict is Verdict.READY


def test_several_zones_between_the_same_clusters(tmp_path: Path) -> None:
    both = pair()
    second_zone(both)
    judged = both.judge(tmp_path).zones
    assert [[each.code for each in zone.findings if each.code == "ZON017"] for zone in judged] == [["ZON017"]] * 2


def near_name_by_case(both: Pair) -> None:
    both.zone_e["verify_subject_name"] = "EXCL.Corp.Example.com"


def near_one_other_name_too(both: Pair) -> None:
    both.e.reissue(1, sans=["expe.example.com", "exe1.example.com", "other.example.com", "example.com"])


def near_domain_behind_collab_edge(both: Pair) -> None:
    both.c.plan["services"] = {"mra": {"domains": ["example.com"]}}
    for n in (1, 2):
        both.e.reissue(n, sans=["expe.example.com", f"exe{n}.example.com", "collab-edge.example.com"])


def near_clock_in_common(both: Pair) -> None:
    both.e.peer(1)["ntp"] = ["ntp9.example.com", "NTP1.example.com"]


def near_same_aliases(both: Pair) -> None:
    for draft in (both.c, both.e):
        federation = {"domains": [], "chat_node_aliases": ["chat1.example.com"]}
        draft.plan.setdefault("services", {})["xmpp_federation"] = federation


def near_older_releases_apart(both: Pair) -> None:
    both.e.plan["cluster"]["release"] = "X14.2"


def near_neighbor_without_verification(both: Pair) -> None:
    both.zone_c["peers"] = ["EXE1.example.com", "exe2.example.com."[:-1]]


@pytest.mark.parametrize(
    "change",
    [
        near_name_by_case,
        near_one_other_name_too,
        near_domain_behind_collab_edge,
        near_clock_in_common,
        near_same_aliases,
        near_older_releases_apart,
        near_neighbor_without_verification,
    ],
)
def test_a_near_miss_fires_nothing(tmp_path: Path, change: Callable[[Pair], None]) -> None:
    both = pair()
    change(both)
    assert codes(both, tmp_path) == set()


class TestRoles:
    def test_on_x15_4_an_expressway_e_may_have_server_auth_alone(self, tmp_path: Path) -> None:
        both = pair(release="X15.4")
        for number in (1, 2):
            both.e.reissue(number, eku=["serverAuth"])
        assert both.zone(tmp_path).verdict is Verdict.READY

    def test_until_x15_3_it_may_not(self, tmp_path: Path) -> None:
        both = pair(release="X15.3")
        both.e.reissue(1, eku=["serverAuth"])
        assert "ZON006" in codes(both, tmp_path)

    def test_on_x15_5_the_client_certificate_of_the_expressway_c_is_looked_at(self, tmp_path: Path) -> None:
        both = pair(release="X15.5")
        both.c.reissue(1, store="client", eku=["serverAuth"])
        zone = both.zone(tmp_path)
        (found,) = [each for each in zone.findings if each.code == "ZON006"]
        assert found.store is not None
        assert found.store.value == "client"
        assert zone.verdict is Verdict.NOT_READY

    def test_on_x15_5_the_verify_name_is_looked_for_in_the_client_certificate(self, tmp_path: Path) -> None:
        both = pair(release="X15.5")
        both.c.reissue(2, store="client", sans=["exc2.corp.example.com"])
        assert "ZON004" in codes(both, tmp_path)


class TestFarEnd:
    def test_not_given_is_undecided_and_costs_the_cluster_nothing(self, tmp_path: Path) -> None:
        both = pair()
        del both.zone_c["far_end"]
        judged = both.judge(tmp_path)
        (zone,) = judged.zones
        assert (judged.verdict, zone.verdict) == (Verdict.READY, Verdict.UNDECIDED)
        assert [(each.code, each.outcome) for each in zone.findings if each.code == "ZON010"] == [
            ("ZON010", Outcome.UNKNOWN)
        ]

    @pytest.mark.parametrize("text", [None, "certplan: 1\n", "\x00\x01", "- a\n- b\n"])
    def test_unreadable_is_undecided(self, tmp_path: Path, text: str | None) -> None:
        both = pair()
        both.zone_c["far_end"] = "other.yaml"
        (tmp_path / "expc").mkdir()
        if text is not None:
            (tmp_path / "expc" / "other.yaml").write_text(text)
        judged = both.judge(tmp_path)
        assert (judged.verdict, judged.zones[0].verdict) == (Verdict.READY, Verdict.UNDECIDED)

    def test_of_the_same_type_is_not_ready(self, tmp_path: Path) -> None:
        both = pair()
        both.zone_c["far_end"] = "plan.yaml"
        zone = both.zone(tmp_path)
        assert zone.verdict is Verdict.NOT_READY
        assert "ZON011" in {each.code for each in zone.findings}

    def test_a_folder_stands_for_its_plan(self, tmp_path: Path) -> None:
        both = pair()
        both.zone_c["far_end"] = "../expe"
        assert both.zone(tmp_path).verdict is Verdict.READY

    def test_one_entry_can_speak_for_both_ends(self, tmp_path: Path) -> None:
        both = pair()
        both.zone_c["verify_subject_name"] = both.zone_e["verify_subject_name"]
        del both.e.plan["zones"]
        assert both.zone(tmp_path).verdict is Verdict.READY

    @pytest.mark.parametrize(
        ("field", "stage"), [("peers", StepName.RESOLVE), ("verify_subject_name", StepName.IDENTIFY)]
    )
    def test_what_neither_end_says_is_undecided(self, tmp_path: Path, field: str, stage: StepName) -> None:
        both = pair()
        both.zone_c.pop(field, None)
        both.zone_e.pop(field, None)
        zone = both.zone(tmp_path)
        assert zone.verdict is Verdict.UNDECIDED
        assert {step.name for _, step in zone.view.not_passed} == {stage}


def test_the_horizon_of_a_zone_is_its_own(tmp_path: Path) -> None:
    both = pair()
    ends = AT + timedelta(days=40)
    both.e.reissue(1, not_before=AT - timedelta(days=1), not_after=ends)
    judged = both.judge(tmp_path)
    assert judged.ready_until is not None
    assert judged.zones[0].ready_until == ends + timedelta(seconds=1)
    assert judged.ready_until > ends + timedelta(days=1)


@pytest.mark.parametrize("form", ["text", "markdown", "json", "csv", "sarif", "junit"])
def test_every_form_tells_of_the_zone(tmp_path: Path, form: str) -> None:
    both = pair()
    change_verify_name(both)
    assert "ZON004" in render(both.judge(tmp_path), form)


class TestOtherZones:
    def plain(self, kind: str, *, verify: bool = True) -> Pair:
        both = pair()
        for zone in (both.zone_c, both.zone_e):
            zone["type"], zone["tls_verify"] = kind, verify
        return both

    def test_a_plain_traversal_zone_that_does_not_verify_takes_any_certificate(self, tmp_path: Path) -> None:
        both = self.plain("traversal", verify=False)
        both.c.trust(1, OTHER)
        zone = both.zone(tmp_path)
        assert zone.verdict is Verdict.READY
        assert [(each.code, each.severity) for each in zone.findings] == [("ZON013", Severity.WARNING)]

    def test_one_that_verifies_does_not(self, tmp_path: Path) -> None:
        both = self.plain("traversal")
        both.c.trust(1, OTHER)
        assert both.zone(tmp_path).verdict is Verdict.NOT_READY

    def test_a_neighbor_zone_knows_the_other_end_by_its_peer_addresses(self, tmp_path: Path) -> None:
        both = self.plain("neighbor")
        del both.zone_e["verify_subject_name"]
        both.zone_e["peers"] = [both.c.peer(number)["address"] for number in (1, 2)]
        assert both.zone(tmp_path).verdict is Verdict.READY
        both.c.reissue(2, sans=["excl.corp.example.com"])
        assert both.zone(tmp_path).verdict is Verdict.NOT_READY
