"""Layouts of real clusters, by NICs, NAT, release and size, and the verdict each must get."""

from pathlib import Path

import pytest

from certplan.handshake.model import Cause, Matrix, StepName
from certplan.outcomes import Outcome, Verdict
from tests.clusters import Draft, expressway_c, expressway_e


def causes(matrix: Matrix) -> set[Cause | None]:
    return {step.cause for handshake in matrix.handshakes for step in handshake.not_passed}


def single_nic(release: str = "X14.3.4", *, nat: bool) -> Draft:
    """LAN 1 alone: with static NAT in front of a private address, or with a routable one."""
    draft = expressway_e(2, release=release)
    for number in (1, 2):
        peer = draft.peer(number)
        del peer["lan2"], peer["external_lan"]
        peer["lan1"] = (
            {"ip": f"10.20.0.1{number}/24", "static_nat": f"203.0.113.1{number}"}
            if nat
            else {"ip": f"203.0.113.1{number}/24"}
        )
    if not nat:
        del draft.plan["cluster"]["address_mapping"]
    return draft


def without_nat(draft: Draft) -> Draft:
    """Two NICs, LAN 2 with the public address itself."""
    for number in range(1, len(draft.plan["peers"]) + 1):
        draft.peer(number)["lan2"] = {"ip": f"203.0.113.1{number}/24"}
    return draft


def without_mapping(draft: Draft) -> Draft:
    del draft.plan["cluster"]["address_mapping"]
    return draft


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6])
def test_an_expressway_e_of_two_to_six_peers_is_ready(count: int, tmp_path: Path) -> None:
    judgement = expressway_e(count).judge(tmp_path)
    assert judgement.verdict is Verdict.READY
    assert len(judgement.matrix.handshakes) == count * count


@pytest.mark.parametrize("release", ["X12.6", "X14.3", "X15.4"])
def test_one_certificate_for_both_roles_is_ready_on_any_release_before_two_stores(release: str, tmp_path: Path) -> None:
    assert expressway_e(2, release=release).judge(tmp_path).verdict is Verdict.READY
    assert expressway_c(2, release=release).judge(tmp_path).verdict is Verdict.READY


def test_one_routable_nic_without_nat_and_mapping_is_ready(tmp_path: Path) -> None:
    """Public DNS resolves the FQDNs to where the peers are, which the vendor calls perfectly acceptable."""
    judgement = single_nic(nat=False).judge(tmp_path)
    assert judgement.verdict is Verdict.READY
    assert {handshake.route.value for handshake in judgement.matrix.handshakes} == {"dns"}


def test_one_nic_with_static_nat_is_ready_from_x14_0_2_with_a_mapping(tmp_path: Path) -> None:
    assert single_nic("X14.3", nat=True).judge(tmp_path).verdict is Verdict.READY
    assert single_nic("X14.0.2", nat=True).judge(tmp_path).verdict is Verdict.READY


def test_one_nic_with_static_nat_needs_the_mapping(tmp_path: Path) -> None:
    judgement = without_mapping(single_nic("X14.3", nat=True)).judge(tmp_path)
    assert judgement.verdict is Verdict.NOT_READY
    assert causes(judgement.matrix) == {Cause.MAPPING_NEEDED}


@pytest.mark.parametrize("release", ["X12.6", "X14.0"])
def test_one_nic_with_static_nat_is_not_ready_up_to_x14_0(release: str, tmp_path: Path) -> None:
    judgement = single_nic(release, nat=True).judge(tmp_path)
    assert judgement.verdict is Verdict.NOT_READY
    assert causes(judgement.matrix) == {Cause.NAT_ON_SINGLE_NIC}


def test_one_nic_with_static_nat_is_undecided_on_x14_0_1_of_which_no_text_was_found(tmp_path: Path) -> None:
    judgement = single_nic("X14.0.1", nat=True).judge(tmp_path)
    assert judgement.verdict is Verdict.UNDECIDED
    assert causes(judgement.matrix) == {Cause.NAT_ON_SINGLE_NIC}


def test_two_nics_without_nat_need_the_mapping_as_well(tmp_path: Path) -> None:
    assert without_nat(expressway_e(2)).judge(tmp_path).verdict is Verdict.READY
    judgement = without_mapping(without_nat(expressway_e(2))).judge(tmp_path)
    assert judgement.verdict is Verdict.NOT_READY
    assert causes(judgement.matrix) == {Cause.MAPPING_NEEDED}


def test_two_nics_with_static_nat_on_lan_1_are_not_ready(tmp_path: Path) -> None:
    draft = expressway_e(2)
    draft.peer(2)["lan1"]["static_nat"] = "203.0.113.12"
    draft.peer(2)["lan2"] = {"ip": "192.168.50.12/24"}
    judgement = draft.judge(tmp_path)
    assert judgement.verdict is Verdict.NOT_READY
    assert causes(judgement.matrix) == {Cause.NAT_ON_CLUSTERING_LAN}


def test_a_cluster_formed_on_ip_addresses_works_today_and_is_not_ready(tmp_path: Path) -> None:
    draft = without_mapping(expressway_e(2))
    for number in (1, 2):
        draft.peer(number)["address"] = f"10.20.0.1{number}"
    judgement = draft.judge(tmp_path)
    assert judgement.verdict is Verdict.NOT_READY
    assert causes(judgement.matrix) == {Cause.ADDRESS_IS_IP}
    mismatch = "Certificate: Invalid (Common Name in certificate does not match)"
    assert {judgement.summary(peer).certificate for peer in judgement.plan.peers} == {mismatch}


def test_from_x15_5_the_client_certificate_has_to_be_known(tmp_path: Path) -> None:
    draft = expressway_e(2, release="X15.5")
    assert draft.judge(tmp_path).verdict is Verdict.UNDECIDED
    for number in (1, 2):
        draft.reissue(number, store="client", eku=["clientAuth"])
    assert draft.judge(tmp_path).verdict is Verdict.READY


@pytest.mark.parametrize(
    ("release", "eku", "verdict"),
    [
        ("X12.6", ["serverAuth"], Verdict.NOT_READY),
        ("X14.3", ["serverAuth"], Verdict.NOT_READY),
        ("X15.3.2", ["serverAuth"], Verdict.NOT_READY),
        ("X15.4", ["serverAuth"], Verdict.READY),
        ("X15.4", ["clientAuth"], Verdict.NOT_READY),
        ("X14.3", None, Verdict.READY),
        ("X14.3", ["anyExtendedKeyUsage"], Verdict.NOT_READY),
    ],
)
def test_the_roles_a_certificate_needs_depend_on_the_release(
    release: str, eku: list[str] | None, verdict: Verdict, tmp_path: Path
) -> None:
    draft = expressway_e(2, release=release)
    draft.reissue(2, eku=eku)
    assert draft.judge(tmp_path).verdict is verdict


@pytest.mark.parametrize(
    ("server", "client", "cause"),
    [
        (["serverAuth"], ["clientAuth"], None),
        (["serverAuth"], None, None),
        (["serverAuth"], ["serverAuth"], None),
        (["clientAuth"], ["clientAuth"], Cause.SERVER_ROLE_MISSING),
    ],
)
def test_each_store_of_x15_5_has_its_own_role(
    server: list[str], client: list[str] | None, cause: Cause | None, tmp_path: Path
) -> None:
    draft = expressway_e(2, release="X15.5")
    for number in (1, 2):
        draft.reissue(number, eku=server)
        draft.reissue(number, store="client", eku=client)
    judgement = draft.judge(tmp_path)
    assert causes(judgement.matrix) == ({cause} if cause else set())


def test_a_ca_limited_to_servers_makes_a_client_below_it_fail(tmp_path: Path) -> None:
    draft = expressway_e(2)
    limited = draft.root.intermediate("servers only", eku=["serverAuth"])
    draft.reissue(2, issuer=limited)
    for number in (1, 2):
        draft.trust(number, draft.root, draft.issuing, limited)
    assert causes(draft.judge(tmp_path).matrix) == {Cause.CA_ROLE_MISSING}


def test_a_peer_address_only_in_the_cn_is_never_a_pass(tmp_path: Path) -> None:
    draft = expressway_c(2)
    draft.reissue(2, cn="exc2.corp.example.com", sans=["excl.corp.example.com"])
    judgement = draft.judge(tmp_path)
    assert judgement.verdict is Verdict.UNDECIDED
    assert causes(judgement.matrix) == {Cause.NAME_ONLY_IN_CN}


def test_with_a_mapping_the_san_decides_and_a_cn_alone_fails(tmp_path: Path) -> None:
    draft = expressway_e(2)
    draft.reissue(2, cn="exe2.example.com", sans=["expe.example.com"])
    judgement = draft.judge(tmp_path)
    assert causes(judgement.matrix) == {Cause.NAME_NOT_IN_SAN}


@pytest.mark.parametrize(
    ("ip", "cause"),
    [
        ("203.0.113.12", Cause.MAPPING_WRONG_ADDRESS),
        ("192.168.50.12", Cause.MAPPING_WRONG_ADDRESS),
        ("10.20.0.11", Cause.MAPPING_WRONG_ADDRESS),
        ("10.99.0.1", Cause.MAPPING_WRONG_ADDRESS),
    ],
)
def test_a_mapping_to_anything_but_lan_1_fails(ip: str, cause: Cause, tmp_path: Path) -> None:
    draft = expressway_e(3)
    draft.plan["cluster"]["address_mapping"][1]["ip"] = ip
    judgement = draft.judge(tmp_path)
    assert causes(judgement.matrix) == {cause}
    assert [[peer.number for peer in group] for group in judgement.split] == [[1, 3], [2]]


def test_a_mapping_of_two_for_one_name_is_no_mapping(tmp_path: Path) -> None:
    draft = expressway_e(2)
    draft.plan["cluster"]["address_mapping"].append({"fqdn": "EXE2.example.com", "ip": "10.20.0.99"})
    assert causes(draft.judge(tmp_path).matrix) == {Cause.MAPPING_AMBIGUOUS}


def test_a_peer_left_out_of_the_mapping_fails_even_where_dns_leads_right(tmp_path: Path) -> None:
    draft = expressway_e(2)
    del draft.plan["cluster"]["address_mapping"][1]
    draft.plan["dns"]["public"]["records"] = ["exe2.example.com. A 10.20.0.12"]
    assert causes(draft.judge(tmp_path).matrix) == {Cause.MAPPING_ENTRY_MISSING}


def test_the_mapping_is_asked_before_dns(tmp_path: Path) -> None:
    """A hit in the table suppresses the DNS query, so no DNS at all is needed."""
    draft = expressway_e(2)
    del draft.plan["dns"]
    assert draft.judge(tmp_path).verdict is Verdict.READY


def test_a_mapping_entry_whose_name_the_certificate_lacks_fails(tmp_path: Path) -> None:
    """Peer 2 is reached by DNS under a name of its certificate; the entry for its address has another name."""
    draft = expressway_e(2)
    draft.plan["cluster"]["address_mapping"][1]["fqdn"] = "exe2.corp.example.com"
    draft.plan["dns"]["public"]["records"] = ["exe2.example.com. A 10.20.0.12"]
    assert causes(draft.judge(tmp_path).matrix) == {Cause.MAPPING_NAME_NOT_IN_SAN}


def test_several_addresses_of_which_one_is_a_stranger_fail(tmp_path: Path) -> None:
    draft = expressway_c(2)
    draft.records("internal").append("exc2.corp.example.com. A 10.30.0.99")
    judgement = draft.judge(tmp_path)
    assert Cause.SEVERAL_ADDRESSES in causes(judgement.matrix)
    assert judgement.verdict is Verdict.NOT_READY


def test_a_look_up_that_fails_has_what_it_is_about_and_one_that_passes_has_nothing(tmp_path: Path) -> None:
    draft = expressway_c(2)
    draft.records("internal").append("exc2.corp.example.com. A 10.30.0.99")
    matrix = draft.judge(tmp_path).matrix
    for handshake in matrix.handshakes:
        (step,) = (step for step in handshake.steps if step.name is StepName.RESOLVE)
        failed = step.outcome is Outcome.FAIL
        assert failed is (handshake.presenter.number == 2)
        assert (step.peer, step.fqdn, step.view) == (
            (handshake.presenter, handshake.presenter.address, "internal") if failed else (None, "", "")
        )


def test_a_name_absent_from_the_zone_fails_and_a_view_that_says_nothing_leaves_it_undecided(tmp_path: Path) -> None:
    absent = expressway_c(2)
    absent.records("internal").remove("exc2.corp.example.com. A 10.30.0.12")
    assert causes(absent.judge(tmp_path).matrix) == {Cause.NAME_ABSENT}
    silent = expressway_c(2)
    del silent.plan["dns"]
    judgement = silent.judge(tmp_path)
    assert causes(judgement.matrix) == {Cause.DNS_SILENT}
    assert judgement.verdict is Verdict.UNDECIDED


def test_another_ip_version_than_the_clusters_fails(tmp_path: Path) -> None:
    draft = expressway_e(2)
    draft.plan["cluster"]["address_mapping"][1]["ip"] = "2001:db8::12"
    assert Cause.WRONG_IP_VERSION in causes(draft.judge(tmp_path).matrix)


def test_an_ipv6_cluster_is_ready_on_its_aaaa_records(tmp_path: Path) -> None:
    draft = expressway_c(2)
    draft.plan["cluster"]["ip_version"] = "ipv6"
    draft.plan["dns"]["internal"]["records"] = [
        f"exc{number}.corp.example.com. AAAA 2001:db8::{number}" for number in (1, 2)
    ]
    for number in (1, 2):
        draft.peer(number)["lan1"] = {"ip": f"2001:db8::{number}/64"}
    assert draft.judge(tmp_path).verdict is Verdict.READY


def test_no_evidence_at_all_is_undecided_in_every_pair(tmp_path: Path) -> None:
    draft = expressway_e(3)
    for number in (1, 2, 3):
        for field in ("server_certificate", "trusted_cas", "private_key"):
            del draft.peer(number)[field]
    judgement = draft.judge(tmp_path)
    assert judgement.verdict is Verdict.UNDECIDED
    assert {handshake.outcome for handshake in judgement.matrix.handshakes} == {Outcome.UNKNOWN}


def test_steps_come_in_the_order_of_a_handshake(tmp_path: Path) -> None:
    order = list(StepName)
    for handshake in expressway_e(2).judge(tmp_path).matrix.handshakes:
        assert [step.name for step in handshake.steps] == order
