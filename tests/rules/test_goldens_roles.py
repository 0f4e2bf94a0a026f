"""EKU: goldens for what certificates may be used for, by release, store and type."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

from certplan.outcomes import Outcome, Verdict
from certplan.rules.model import Finding
from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import AT, Authority, ec_key, name
from tests.rules.golden import Golden, fires, goldens_of, near_miss

SERVER_ONLY, CLIENT_ONLY, BOTH = ("serverAuth",), ("clientAuth",), ("serverAuth", "clientAuth")


def _usage(draft: Draft, number: int, *eku: str, store: str = "server", **changes: Any) -> Draft:
    draft.reissue(number, eku=eku, store=store, **changes)
    return draft


def _two_stores(draft: Draft) -> Draft:
    """X15.5: server certificates for servers alone, client certificates for both."""
    for number in range(1, len(draft.plan["peers"]) + 1):
        draft.reissue(number, eku=SERVER_ONLY)
        draft.reissue(number, store="client")
    return draft


def _limited(draft: Draft, *eku: str) -> Draft:
    """All certificates from a CA with an extended key usage of its own."""
    limited = draft.root.intermediate("limited", key=ec_key("limited"), eku=eku)
    for number in range(1, len(draft.plan["peers"]) + 1):
        draft.reissue(number, issuer=limited)
        draft.trust(number, draft.root, limited)
    return draft


def _of(organization: str, cn: str, until: datetime, draft: Draft | None = None, *, stated: str | None = None) -> Draft:
    """exe1 has a certificate of that CA until then, and the plan leaves open, or says, what kind of CA it is."""
    draft = draft or expressway_e()
    root = Authority.root(subject=name(cn, O=organization), key=ec_key(cn))
    draft.reissue(1, issuer=root, not_after=until)
    for number in range(1, len(draft.plan["peers"]) + 1):
        draft.trust(number, draft.root, draft.issuing, root)
    if stated is None:
        del draft.plan["certificate_authority"]
    else:
        draft.plan["certificate_authority"] = stated
    return draft


# --- EKU001 to EKU004: what the handshake shows ---


@fires("EKU001", "EKU001 fail exe2.example.com")
def a_template_for_clients() -> Draft:
    """exe2: clientAuth alone"""
    return _usage(expressway_e(), 2, *CLIENT_ONLY)


@fires("EKU001", "EKU001 fail exe2.example.com")
def any_usage_stands_for_none() -> Draft:
    """X15.4, exe2: anyExtendedKeyUsage alone"""
    return _usage(expressway_e(release="X15.4"), 2, "anyExtendedKeyUsage")


@near_miss("EKU001")
def no_extended_key_usage_allows_all() -> Draft:
    """exe2: no extended key usage at all"""
    draft = expressway_e()
    draft.reissue(2, eku=None)
    return draft


@fires("EKU002", "EKU002 fail exe2.example.com")
def renewed_at_a_public_ca() -> Draft:
    """X14.3, exe2: serverAuth alone"""
    return _usage(expressway_e(), 2, *SERVER_ONLY)


@fires("EKU002", "EKU002 fail exe2.example.com")
def a_netscape_type_for_servers_alone() -> Draft:
    """X14.3.4, exe2: serverAuth and clientAuth, and the Netscape certificate type server"""
    draft = expressway_e()
    for_servers = x509.UnrecognizedExtension(ObjectIdentifier("2.16.840.1.113730.1.1"), bytes.fromhex("03020640"))
    draft.reissue(2, extra_extensions=[(for_servers, False)])
    return draft


@near_miss("EKU002", "EKU005 fail expe.example.com")
def cluster_links_of_x15_4_do_without() -> Draft:
    """X15.4, exe2: serverAuth alone"""
    return _usage(expressway_e(release="X15.4"), 2, *SERVER_ONLY)


@near_miss("EKU002")
def the_client_store_has_it() -> Draft:
    """X15.5: serverAuth in the server stores, both in the client stores"""
    return _two_stores(expressway_c(release="X15.5"))


@fires("EKU003", "EKU003 fail exe1.example.com", "EKU003 fail exe2.example.com", "EKU003 fail exe3.example.com")
def an_issuing_ca_for_servers_alone() -> Draft:
    """X14.3: root ── limited to serverAuth ── exeN with both"""
    return _limited(expressway_e(), *SERVER_ONLY)


@near_miss("EKU003")
def an_issuing_ca_for_both() -> Draft:
    """X14.3: root ── limited to both ── exeN with both"""
    return _limited(expressway_e(), *BOTH)


CLIENT_UNSEEN = ("EKU003", "EKU004", *(f"TRU00{n}" for n in range(1, 8)), "TRU023", "VAL001", "VAL002")


@fires("EKU004", *(f"{code} unknown exc{number}.corp.example.com" for number in (1, 2) for code in CLIENT_UNSEEN))
def client_certificates_not_given() -> Draft:
    """X15.5 with server certificates alone"""
    return expressway_c(release="X15.5")


@near_miss("EKU004")
def the_copy_made_by_the_upgrade() -> Draft:
    """X15.5: the client store still holds the copy, and the plan names the same file"""
    draft = expressway_c(release="X15.5")
    for number in (1, 2):
        draft.peer(number)["client_certificate"] = draft.peer(number)["server_certificate"]
    return draft


# --- EKU010 and EKU011: what a client store without clientAuth breaks beyond the cluster ---


@fires("EKU010", "EKU010 fail client certificate of exc1.corp.example.com")
def a_client_store_with_a_copy_of_the_server_certificate() -> Draft:
    """X15.5, exc1's client store: serverAuth alone, by way of the check box"""
    return _usage(_two_stores(expressway_c(release="X15.5")), 1, *SERVER_ONLY, store="client")


@fires("EKU010", *(f"EKU010 fail client certificate of exc{number}.corp.example.com" for number in (1, 2)))
def a_client_certificate_below_a_ca_for_servers() -> Draft:
    """X15.5: root ── limited to serverAuth ── client certificates with clientAuth"""
    draft = _two_stores(expressway_c(release="X15.5"))
    limited = draft.root.intermediate("limited", key=ec_key("limited"), eku=SERVER_ONLY)
    for number in (1, 2):
        draft.reissue(number, issuer=limited, store="client")
        draft.trust(number, draft.root, draft.issuing, limited)
    return draft


@near_miss("EKU010")
def the_client_store_of_c_has_it() -> Draft:
    """X15.5: serverAuth in the server stores, both in the client stores"""
    return _two_stores(expressway_c(release="X15.5"))


@fires("EKU011", "EKU011 fail client certificate of exe1.example.com")
def a_client_certificate_of_its_own_for_servers_alone() -> Draft:
    """X15.5, exe1's client store: another certificate, with serverAuth alone"""
    return _usage(_two_stores(expressway_e(release="X15.5")), 1, *SERVER_ONLY, store="client")


@near_miss("EKU011")
def the_client_store_of_e_has_it() -> Draft:
    """X15.5: serverAuth in the server stores, both in the client stores"""
    return _two_stores(expressway_e(release="X15.5"))


# --- EKU005 to EKU007: X15.4 ---


@fires("EKU005", "EKU005 fail expe.example.com")
def two_of_three_for_servers_alone() -> Draft:
    """Expressway-E X15.4, exe1 and exe3: serverAuth alone"""
    return _usage(_usage(expressway_e(release="X15.4"), 1, *SERVER_ONLY), 3, *SERVER_ONLY)


@near_miss("EKU005")
def x15_5_needs_no_switch() -> Draft:
    """Expressway-E X15.5: serverAuth alone in the server stores"""
    return _two_stores(expressway_e(release="X15.5"))


@fires("EKU006", "EKU006 fail server certificate of exc1.corp.example.com")
def an_expressway_c_for_servers_alone() -> Draft:
    """Expressway-C X15.4, exc1: serverAuth alone"""
    return _usage(expressway_c(release="X15.4.1"), 1, *SERVER_ONLY)


@near_miss("EKU006")
def an_expressway_c_without_any_usage() -> Draft:
    """Expressway-C X15.4, exc1: no extended key usage, which allows both"""
    draft = expressway_c(release="X15.4")
    draft.reissue(1, eku=None)
    return draft


@near_miss("EKU006", "EKU002 fail exc1.corp.example.com")
def before_x15_4_the_handshake_tells() -> Draft:
    """Expressway-C X15.3.2, exc1: serverAuth alone"""
    return _usage(expressway_c(release="X15.3.2"), 1, *SERVER_ONLY)


@fires("EKU007", *(f"EKU007 fail server certificate of exe{number}.example.com" for number in (1, 2, 3)))
def the_cluster_does_not_notice() -> Draft:
    """X15.4: root ── limited to serverAuth ── exeN with both"""
    return _limited(expressway_e(release="X15.4"), *SERVER_ONLY)


@near_miss("EKU007", "EKU005 fail expe.example.com")
def nothing_is_taken_away() -> Draft:
    """X15.4: root ── limited to serverAuth ── exeN with serverAuth alone"""
    draft = _limited(expressway_e(release="X15.4"), *SERVER_ONLY)
    limited = draft.root.intermediate("limited", key=ec_key("limited"), eku=SERVER_ONLY)
    for number in (1, 2, 3):
        draft.reissue(number, issuer=limited, eku=SERVER_ONLY)
    return draft


# --- EKU008: the sunset ---

DIGICERT = ("DigiCert Inc", "DigiCert Global G2 TLS RSA SHA256 2020 CA1")
APRIL, JANUARY = datetime(2027, 4, 10, tzinfo=UTC), datetime(2027, 1, 10, tzinfo=UTC)
EXE1 = "EKU008 fail expe.example.com"


@fires("EKU008", EXE1, "VAL006 unknown expe.example.com")
def to_be_renewed_when_it_is_too_late() -> Draft:
    """DigiCert, until 2027-04-10; DigiCert ends on 2027-03-01"""
    return _of(*DIGICERT, APRIL)


@fires("EKU008", EXE1, "VAL006 unknown expe.example.com")
def to_be_renewed_while_it_must_be_asked_for() -> Draft:
    """DigiCert, until 2027-01-10; from 2025-10-01 clientAuth is left out unless asked for"""
    return _of(*DIGICERT, JANUARY)


@fires("EKU008", EXE1, "VAL006 unknown expe.example.com")
def a_public_ca_without_a_date_of_its_own() -> Draft:
    """GlobalSign, until 2027-04-10; the root program ends it for all on 2027-03-15"""
    return _of("GlobalSign nv-sa", "GlobalSign RSA OV SSL CA 2018", APRIL)


@fires("EKU008", EXE1)
def a_public_ca_that_nobody_knows() -> Draft:
    """certificate_authority: public, a CA of no known name, until 2027-03-20"""
    draft = _of("Example Trust", "Example Public CA", APRIL, stated="public")
    root = Authority.root(subject=name("Example Public CA", O="Example Trust"), key=ec_key("Example Public CA"))
    begin, end = datetime(2026, 2, 20, tzinfo=UTC), datetime(2027, 3, 20, tzinfo=UTC)
    draft.reissue(1, issuer=root, not_before=begin, not_after=end)
    return draft


@fires("EKU008", "EKU008 fail excl.corp.example.com", "VAL006 unknown excl.corp.example.com")
def the_client_store_of_x15_5() -> Draft:
    """X15.5: exc1's client certificate is DigiCert's, until 2027-04-10"""
    draft = _two_stores(expressway_c(release="X15.5"))
    root = Authority.root(subject=name(DIGICERT[1], O=DIGICERT[0]), key=ec_key("digicert"))
    draft.reissue(1, issuer=root, store="client", not_after=APRIL)
    for number in (1, 2):
        draft.trust(number, draft.root, draft.issuing, root)
    del draft.plan["certificate_authority"]
    return draft


@near_miss("EKU008", "VAL006 unknown expe.example.com")
def to_be_renewed_in_time() -> Draft:
    """GlobalSign, until 2027-01-10"""
    return _of("GlobalSign nv-sa", "GlobalSign RSA OV SSL CA 2018", JANUARY)


@near_miss("EKU008", "VAL006 unknown expe.example.com")
def a_hierarchy_that_goes_on() -> Draft:
    """IdenTrust Public Sector, which is outside the browsers' programs, until 2027-04-10"""
    return _of("IdenTrust", "IdenTrust Public Sector Server CA 1", APRIL)


@near_miss("EKU008")
def the_plan_says_that_it_is_private() -> Draft:
    """a private hierarchy run by DigiCert, until 2027-04-10"""
    return _of(*DIGICERT, APRIL, stated="private")


@near_miss("EKU008", "VAL006 unknown expe.example.com")
def an_expressway_e_of_x15_4() -> Draft:
    """X15.4 Expressway-E does not need clientAuth any more"""
    return _of(*DIGICERT, APRIL, expressway_e(release="X15.4"))


@near_miss("EKU008", "VAL006 unknown expe.example.com")
def the_server_store_of_x15_5() -> Draft:
    """X15.5: exe1's server certificate is DigiCert's, its client certificate of a private CA"""
    return _of(*DIGICERT, APRIL, _two_stores(expressway_e(release="X15.5")))


@fires("EKU008", EXE1)
def three_certificates_of_one_ca() -> Draft:
    """all three peers have certificates of one public CA until 2027-03-20: said once"""
    draft = expressway_e()
    draft.plan["certificate_authority"] = "public"
    root = Authority.root(subject=name("Example Public CA", O="Example Trust"), key=ec_key("Example Public CA"))
    begin, end = datetime(2026, 2, 20, tzinfo=UTC), datetime(2027, 3, 20, tzinfo=UTC)
    for number in (1, 2, 3):
        draft.reissue(number, issuer=root, not_before=begin, not_after=end)
        draft.trust(number, draft.root, draft.issuing, root)
    return draft


# --- EKU009: a store that is not there ---


@fires("EKU009", "EKU009 fail exe1.example.com")
def a_client_certificate_for_x14_3() -> Draft:
    """X14.3 and a client certificate for exe1"""
    draft = expressway_e()
    draft.reissue(1, store="client")
    return draft


@near_miss("EKU009")
def a_client_certificate_for_x15_5() -> Draft:
    """X15.5 and client certificates for all"""
    return _two_stores(expressway_e(release="X15.5"))


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.assert_holds()


def _the(code: str, draft: Draft, folder: Path, at: datetime = AT) -> Finding:
    (finding,) = [finding for finding in draft.judge(folder, at).findings if finding.code == code]
    return finding


def test_a_client_store_without_client_role_counts_against_what_it_breaks_and_not_against_enforce(
    tmp_path: Path,
) -> None:
    on_c = _usage(_two_stores(expressway_c(release="X15.5")), 1, *SERVER_ONLY, store="client")
    on_e = _usage(_two_stores(expressway_e(release="X15.5")), 1, *SERVER_ONLY, store="client")
    c, e = _the("EKU010", on_c, tmp_path / "c"), _the("EKU011", on_e, tmp_path / "e")
    assert "SSH tunnel" in c.message
    assert "SSH tunnel" not in e.message
    assert (c.severity.value, e.severity.value) == ("error", "warning")
    assert "Copy server certificate file as client certificate" in c.fix
    assert on_c.judge(tmp_path / "c").verdict is on_e.judge(tmp_path / "e").verdict is Verdict.READY


def test_the_layouts_that_the_vendor_recommends_for_x15_5_raise_nothing_to_act_on(tmp_path: Path) -> None:
    """C: server certificate public, client certificate private; E: one public certificate in both stores (225693)."""
    on_c = _two_stores(expressway_c(release="X15.5"))
    on_e = expressway_e(release="X15.5")
    for number in (1, 2, 3):
        on_e.reissue(number, eku=SERVER_ONLY)
        on_e.peer(number)["client_certificate"] = on_e.peer(number)["server_certificate"]
    for name_of, draft in (("c", on_c), ("e", on_e)):
        judgement = draft.judge(tmp_path / name_of)
        assert judgement.verdict is Verdict.READY
        worse = [f for f in judgement.findings if f.code.startswith(("EKU", "TRU", "KEY")) and f.severity.rank < 2]
        assert [f.message for f in worse if f.outcome is Outcome.FAIL] == []


def test_before_x15_4_the_refused_upload_is_told_in_the_same_finding(tmp_path: Path) -> None:
    message = _the("EKU002", _usage(expressway_e(), 2, *SERVER_ONLY), tmp_path).message
    assert "upload page of X14.3.4 refuses" in message


def test_the_sunset_names_the_ca_its_day_and_how_well_that_is_known(tmp_path: Path) -> None:
    confirmed = _the("EKU008", _of(*DIGICERT, APRIL), tmp_path / "digicert")
    assert (confirmed.severity.value, confirmed.confidence.value) == ("warning", "documented")
    assert "renewed by 2027-04-10" in confirmed.message
    assert "DigiCert issues none with it from 2027-03-01 on" in confirmed.message
    heard = _the("EKU008", _of("Sectigo Limited", "Sectigo RSA OV", APRIL), tmp_path / "sectigo")
    assert heard.confidence.value == "inferred"
    assert "second hand" in heard.message
    asked = _the("EKU008", _of(*DIGICERT, JANUARY), tmp_path / "asked")
    assert asked.severity.value == "notice"
    assert "2025-10-01" in asked.message
    common = _the("EKU008", _of("GlobalSign nv-sa", "GlobalSign OV", APRIL), tmp_path / "program")
    assert common.message.endswith("no public CA issues one with it from 2027-03-15 on (Chrome Root Program).")
    assert "certificate of exe1.example.com, issued by CN=GlobalSign OV" in common.message


def test_once_the_day_has_come_every_renewal_is_too_late(tmp_path: Path) -> None:
    draft = _of("GoDaddy.com, Inc.", "Go Daddy Secure CA", datetime(2026, 6, 20, tzinfo=UTC))
    at = datetime(2026, 6, 16, tzinfo=UTC)
    assert _the("EKU008", draft, tmp_path, at).severity.value == "warning"


def test_the_sunset_is_said_once_for_all_certificates_of_a_ca(tmp_path: Path) -> None:
    found = [each for each in three_certificates_of_one_ca.build().judge(tmp_path).findings if each.code == "EKU008"]
    assert [each.subject.peers for each in found] == [tuple(f"exe{n}.example.com" for n in (1, 2, 3))]
    assert found[0].about.ca is not None
