"""Goldens for subjects and issuers with odd parts, the factory's certificate, and releases newer than the guides."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from certplan.outcomes import Confidence, Verdict
from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import Authority, bundle, ec_key, name
from tests.rules.golden import Golden, fires, goldens_of, near_miss

UUID = "a9b7b94e-30fe-4004-9655-8a97d9e1bfe6"


def _with_oid(*oids: str, authority: Authority | None = None) -> Draft:
    draft = expressway_e()
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, "expe.example.com")]
    parts += [x509.NameAttribute(x509.ObjectIdentifier(oid), "DE") for oid in oids]
    draft.reissue(2, subject=x509.Name(parts), issuer=authority)
    return draft


@fires("NAM030", "NAM030 fail server certificate of exe2.example.com")
def an_oid_of_a_ca_in_the_subject() -> Draft:
    """exe2: CN=expe.example.com, 1.3.6.1.4.1.6449.1.2.1.5.1=DE"""
    return _with_oid("1.3.6.1.4.1.6449.1.2.1.5.1")


@near_miss("NAM030")
def the_three_oids_of_ev_certificates() -> Draft:
    """exe2: CN=expe.example.com with the jurisdiction of an EV certificate, and a serial number of X.520"""
    return _with_oid(*(f"1.3.6.1.4.1.311.60.2.1.{n}" for n in (2, 1)), "1.3.6.1.4.1.311.60.2.1.3", "2.5.4.5")


@fires(
    "TRU024",
    "TRU024 fail server certificate of exe2.example.com",
    "TRU001 fail exe1.example.com",
    "TRU001 fail exe2.example.com",
    "TRU001 fail exe3.example.com",
)
def the_certificate_from_the_factory() -> Draft:
    """exe2's names are in order, and its issuer is the CA that the appliance made for itself"""
    draft = expressway_e()
    text = f"Temporary CA {UUID}"
    factory = Authority.root(key=ec_key("factory"), subject=name(text, O=text, OU=text))
    draft.reissue(2, issuer=factory)
    return draft


@near_miss("TRU024")
def a_company_ca_with_a_like_name() -> Draft:
    """exe2's issuer is called Contemporary CA"""
    draft = expressway_e()
    company = Authority.root("Contemporary CA", key=ec_key("contemporary"))
    draft.reissue(2, issuer=company)
    for number in (1, 2, 3):
        file = draft.peer(number)["trusted_cas"][0]
        draft.files[file] += bundle(company)
    return draft


def _beside_the_root(subject: x509.Name) -> Draft:
    draft = expressway_c()
    other = Authority.root(key=ec_key("beside the root"), subject=subject)
    for number in (1, 2):
        draft.files[draft.peer(number)["trusted_cas"][0]] += bundle(other)
    return draft


@fires("TRU025", "TRU025 fail exc1.corp.example.com", "TRU025 fail exc2.corp.example.com")
def a_root_of_the_same_cn_and_another_organization() -> Draft:
    """both lists have the root of the chain, and another of its CN with O=Example"""
    return _beside_the_root(name("certplan test root", O="Example"))


@near_miss("TRU025")
def a_root_of_another_cn() -> Draft:
    """both lists have another root of another CN"""
    return _beside_the_root(name("certplan test root 2", O="Example"))


def _of_release(release: str) -> Draft:
    draft = expressway_c(release=release)
    for number in (1, 2):
        draft.reissue(number, store="client")
    return draft


@fires("CLU029", "CLU029 fail excl.corp.example.com")
def a_release_after_the_guides() -> Draft:
    """X15.6"""
    return _of_release("X15.6")


@near_miss("CLU029")
def a_maintenance_release_of_the_last_guide() -> Draft:
    """X15.5.2 is of X15.5"""
    return _of_release("X15.5.2")


def test_nothing_is_documented_of_a_release_after_the_guides(tmp_path: Path) -> None:
    draft = _of_release("X15.6")
    draft.peer(1)["h323"] = False
    found = draft.judge(tmp_path).findings
    assert {finding.code for finding in found} >= {"CLU009", "CLU029"}
    assert Confidence.DOCUMENTED not in {finding.confidence for finding in found}


def test_the_real_certificate_from_the_factory_is_known_and_no_advice_is_to_trust_it(
    tmp_path: Path, shared: Path
) -> None:
    draft = expressway_e()
    sample = (shared / "samples/py-expressway-factory-certs.pem").read_bytes()
    draft.files[draft.peer(2)["server_certificate"]] = sample.split(b"-----END CERTIFICATE-----")[0] + (
        b"-----END CERTIFICATE-----\n"
    )
    judgement = draft.judge(tmp_path, datetime(2019, 6, 1, tzinfo=UTC))
    assert judgement.verdict is Verdict.NOT_READY
    assert [finding.subject.peers for finding in judgement.findings if finding.code == "TRU024"] == [
        ("exe2.example.com",)
    ]
    for finding in judgement.findings:
        assert "Append CN=Temporary CA" not in finding.fix


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.assert_holds()
