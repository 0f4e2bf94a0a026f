"""NAM: severity, words and order of the findings about names."""

from itertools import permutations
from pathlib import Path

import pytest

from certplan.outcomes import Confidence, Severity
from certplan.rules.model import Finding
from tests.clusters import Draft, expressway_c, expressway_e
from tests.rules.names_drafts import EXE2, exe2_with, include_names
from tests.rules.test_goldens_name_forms import address_and_bare_host
from tests.rules.test_goldens_required_names import (
    cluster_name_missing_on_c,
    cluster_name_missing_on_e,
    mra_domain_missing,
)
from tests.rules.test_goldens_subjects import (
    cn_and_nothing_else,
    cn_of_neither,
    empty_subject,
    every_peer_in_every_certificate,
)

# --- weights, words and what must not matter --------------------------------------------------------------------------


def _said(draft: Draft, folder: Path, code: str) -> list[Finding]:
    return [finding for finding in draft.judge(folder).findings if finding.code == code]


def _one(draft: Draft, folder: Path, code: str) -> Finding:
    (finding,) = _said(draft, folder, code)
    return finding


def test_the_cluster_name_weighs_by_what_looks_for_it(tmp_path: Path) -> None:
    on_e = _one(cluster_name_missing_on_e.build(), tmp_path / "e", "NAM016")
    assert (on_e.severity, on_e.confidence) == (Severity.WARNING, Confidence.CONFLICTING)
    with_mra = _one(cluster_name_missing_on_c.build(), tmp_path / "c", "NAM016")
    assert (with_mra.severity, with_mra.confidence) == (Severity.ERROR, Confidence.DOCUMENTED)
    unknown = expressway_c()
    unknown.reissue(2, sans=["exc2.corp.example.com"])
    assert _one(unknown, tmp_path / "u", "NAM016").severity is Severity.WARNING


def test_on_x15_5_the_client_certificate_of_a_c_needs_the_cluster_name_and_that_of_an_e_does_not(
    tmp_path: Path,
) -> None:
    c = expressway_c(release="X15.5")
    c.plan["services"] = {"mra": {"domains": ["example.com"]}}
    for number in (1, 2):
        c.reissue(number, store="client", sans=[c.peer(number)["fqdn"]])
    found = _said(c, tmp_path / "c", "NAM016")
    assert {f.subject.name for f in found} == {f"client certificate of exc{n}.corp.example.com" for n in (1, 2)}
    assert {(f.severity, f.confidence) for f in found} == {(Severity.ERROR, Confidence.INFERRED)}
    e = expressway_e(release="X15.5")
    for number in (1, 2, 3):
        e.reissue(number, store="client", sans=[e.peer(number)["fqdn"]])
    assert not [f for f in e.judge(tmp_path / "e").findings if f.code.startswith("NAM")]


def test_a_client_certificate_is_not_judged_before_there_is_a_store_for_it(tmp_path: Path) -> None:
    draft = expressway_e(release="X15.4")
    draft.reissue(2, store="client", sans=["*.example.com"])
    assert not [f for f in draft.judge(tmp_path).findings if f.code.startswith("NAM")]


@pytest.mark.parametrize(
    ("phones", "severity"), [(True, Severity.ERROR), (False, Severity.WARNING), (None, Severity.WARNING)]
)
def test_a_missing_mra_domain_is_an_error_where_hardware_phones_need_it(
    tmp_path: Path, phones: bool | None, severity: Severity
) -> None:
    draft = mra_domain_missing.build()
    mra = draft.plan["services"]["mra"]
    mra.pop("hardware_phones")
    if phones is not None:
        mra["hardware_phones"] = phones
    assert _one(draft, tmp_path, "NAM019").severity is severity


def test_all_missing_names_of_a_peer_come_in_one_finding_with_the_nearest_miss_and_what_to_order(
    tmp_path: Path,
) -> None:
    draft = expressway_e()
    draft.plan["services"]["mra"] |= {
        "domains": ["example.com", "example.net", "example.org"],
        "san_format": "collab-edge",
    }
    for number in (1, 2, 3):
        draft.reissue(number, sans=["expe.example.com", f"exe{number}.example.com", "collab-edge.exmaple.net"])
    finding = next(f for f in _said(draft, tmp_path, "NAM019") if f.subject.name == EXE2)
    assert "`collab-edge.exmaple.net`, two letters swapped" in finding.message
    assert all(domain in finding.message for domain in ("example.com", "example.net", "example.org"))
    order = "collab-edge.example.com, collab-edge.example.net and collab-edge.example.org"
    assert finding.fix == f"Reissue the {EXE2} with the SANs {order}."


def test_a_certificate_without_sans_is_told_of_once_with_all_the_names_it_needs(tmp_path: Path) -> None:
    draft = cn_and_nothing_else.build()
    draft.plan["services"]["xmpp_federation"] = {
        "domains": ["im.example.com"],
        "chat_node_aliases": ["chat.example.com"],
    }
    include_names(draft, "im.example.com", "chat.example.com", but=2)
    findings = [f for f in draft.judge(tmp_path).findings if f.code.startswith("NAM")]
    assert {f.code for f in findings} == {"NAM001", "NAM015"}
    names = "exe2.example.com, expe.example.com, example.com, im.example.com and chat.example.com"
    assert next(f for f in findings if f.code == "NAM015").fix == f"Reissue the {EXE2} with the SANs {names}."


def test_a_missing_cn_is_an_error_only_where_a_service_needs_one(tmp_path: Path) -> None:
    assert _one(empty_subject.build(), tmp_path / "mra", "NAM011").severity is Severity.ERROR
    draft = expressway_c()
    draft.reissue(2, cn=None)
    finding = _one(draft, tmp_path / "none", "NAM011")
    assert finding.severity is Severity.WARNING
    assert finding.rule.alarms == (40052,)


def test_the_texts_of_a_refused_upload_are_the_appliances_own(tmp_path: Path) -> None:
    san = _one(address_and_bare_host.build(), tmp_path / "san", "NAM007").message
    assert "`Subject alternative name must be a valid FQDN`" in san
    assert "Common name" not in san
    both = _one(exe2_with("exe2", cn="exe2"), tmp_path / "cn", "NAM007").message
    assert "`Common name must be a valid FQDN` and `Subject alternative name must be a valid FQDN`" in both


def test_hostile_names_are_shown_escaped_and_in_bounds(tmp_path: Path) -> None:
    sans = [f"a{n}_\x1b[31m.example.com" for n in range(500)]
    draft = exe2_with(*sans)
    finding = _one(draft, tmp_path, "NAM010")
    assert "\x1b" not in finding.message
    assert "\\u001b" in finding.message
    assert "and 488 more" in finding.message


def test_the_order_and_letter_case_of_sans_change_no_finding(tmp_path: Path) -> None:
    sans = ["expe.exmaple.com", "exe2.exmaple.com", "exe_2.example.com", "*.example.com", "exe1.example.com"]
    heard = set()
    for number, order in enumerate(permutations(sans)):
        if number % 10 == 0:
            draft = exe2_with(sans=list(order))
            findings = draft.judge(tmp_path / str(number)).findings
            heard.add(
                tuple(str(f.message) + f.fix for f in findings if f.code.startswith("NAM") and f.code != "NAM001")
            )
    assert len(heard) == 1
    upper = exe2_with(sans=[san.upper() for san in sans])
    lines = {(f.code, f.subject.name) for f in upper.judge(tmp_path / "upper").findings if f.code.startswith("NAM")}
    lower = {(f.code, f.subject.name) for f in draft.judge(tmp_path / "lower").findings if f.code.startswith("NAM")}
    assert lines == lower


def test_the_order_of_the_peers_changes_no_finding(tmp_path: Path) -> None:
    draft = every_peer_in_every_certificate.build()
    draft.reissue(3, sans=["exe1.example.com", "exe3"])
    there = [(f.code, f.subject, f.message) for f in draft.judge(tmp_path / "a").findings if f.code.startswith("NAM")]
    draft.plan["peers"].reverse()
    back = [(f.code, f.subject, f.message) for f in draft.judge(tmp_path / "b").findings if f.code.startswith("NAM")]
    assert sorted(there, key=str) == sorted(back, key=str)


def test_internal_names_of_the_plan_count_before_any_certificate_has_them(tmp_path: Path) -> None:
    draft = expressway_c()
    draft.plan["certificate_authority"] = "public"
    draft.plan["services"] = {"phone_security_profiles": ["secure.corp.internal"]}
    message = _one(draft, tmp_path, "NAM027").message
    assert "secure.corp.internal" in message
    draft.plan["certificate_authority"] = "private"
    assert not _said(draft, tmp_path, "NAM027")


def test_the_sample_of_the_plan_file_switches_the_notice_on_the_cn_off(tmp_path: Path) -> None:
    draft = cn_of_neither.build()
    assert _one(draft, tmp_path, "NAM009").severity is Severity.NOTICE
    draft.plan["severity"] = {"NAM009": "ignore"}
    assert not _said(draft, tmp_path, "NAM009")


def test_an_internal_mra_domain_is_asked_for_only_where_there_is_no_public_one(tmp_path: Path) -> None:
    draft = expressway_e()
    mra = draft.plan["services"]["mra"]
    mra["domains"] = ["example.com", "corp.local"]
    assert not _said(draft, tmp_path / "both", "NAM019")
    mra["domains"] = ["corp.local"]
    assert len(_said(draft, tmp_path / "alone", "NAM019")) == 3


def test_a_peer_on_an_ip_goes_by_the_name_that_the_mapping_table_and_its_certificate_share(tmp_path: Path) -> None:
    draft = expressway_e()
    draft.peer(2).update(address="10.20.0.12", host_name="exe-two")
    del draft.peer(2)["fqdn"]
    assert not _said(draft, tmp_path / "mapped", "NAM017")
    del draft.plan["cluster"]["address_mapping"][1]
    assert "exe-two.example.com" in _one(draft, tmp_path / "unmapped", "NAM017").message


@pytest.mark.parametrize(("address", "code"), [("10.30.0.12", "NAM003"), ("exc2", "NAM004")])
def test_an_address_that_is_no_fqdn_is_told_of_without_any_certificate(tmp_path: Path, address: str, code: str) -> None:
    draft = expressway_c()
    draft.peer(2)["address"] = address
    del draft.peer(2)["server_certificate"]
    finding = _one(draft, tmp_path, code)
    assert (finding.subject.name, finding.severity) == (address, Severity.ERROR)
    assert "exc2.corp.example.com" in finding.fix
