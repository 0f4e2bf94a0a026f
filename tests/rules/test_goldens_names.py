"""NAM: goldens for the names in certificates."""

import warnings
from ipaddress import IPv4Address
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from certplan.outcomes import Confidence, Severity
from certplan.rules.model import Finding
from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import ec_key, name
from tests.rules.golden import Golden, fires, goldens_of, near_miss

MATERIAL = Path(__file__).parents[2] / "fixtures" / "material"
EXE1, EXE2 = "server certificate of exe1.example.com", "server certificate of exe2.example.com"
CLU21 = "CLU021 fail excl.corp.example.com"
EXC2 = "server certificate of exc2.corp.example.com"
NAMES_UNREAD = (
    *("DNS007", "NAM007", "NAM008", "NAM009", "NAM010", "NAM013"),
    *("NAM015", "NAM016", "NAM018", "NAM019", "NAM020", "NAM028"),
)
"""The rules that cannot be checked without the SANs of a certificate."""
NOT_IDENTIFIED = (
    *("NAM001", "NAM002", "NAM006", "EKU001", "EKU002", "EKU003", "VAL001", "VAL002"),
    *("TRU001", "TRU002", "TRU003", "TRU004", "TRU005", "TRU006", "TRU007", "TRU023"),
)
CERTIFICATE_UNREAD = (
    *("NAM011", "NAM012", "NAM014", "NAM030", "KEY002", "KEY003", "KEY005", "KEY006", "KEY007", "KEY010"),
    *("TRU014", "TRU017", "TRU019", "TRU020", "TRU024", "VAL003", "VAL004", "VAL007", "VAL008", "VAL009"),
)
PERFECT = ("expe.example.com", "exe2.example.com", "example.com")


def _exe2(*more: Any, **changes: Any) -> Draft:
    """exe2 with `more` SANs beside the perfect ones."""
    draft = expressway_e()
    draft.reissue(2, **({"sans": [*PERFECT, *more]} | changes))
    return draft


def _named(**services: Any) -> Draft:
    draft = expressway_e()
    draft.plan["services"] |= services
    return draft


def _federated(*domains: str) -> Draft:
    draft = _named(xmpp_federation={"domains": list(domains)})
    draft.records("public").extend(
        f"_xmpp-server._tcp.{domain}. SRV 10 10 5269 exe{number}.example.com."
        for domain in domains
        for number in (1, 2, 3)
    )
    return draft


def _c(**services: Any) -> Draft:
    draft = expressway_c()
    draft.plan["services"] = services
    return draft


def _bear(draft: Draft, *names: str, but: int = 0) -> Draft:
    """Every peer's certificate bears `names` as well, except that of peer `but`."""
    for number, peer in enumerate(draft.plan["peers"], 1):
        if number != but:
            mra = draft.plan["services"].get("mra", {}).get("domains", [])
            draft.reissue(number, sans=[draft.plan["cluster"]["name"], peer["fqdn"], *mra, *names])
    return draft


def _xmpp_address(text: str) -> x509.OtherName:
    encoded = text.encode()
    return x509.OtherName(ObjectIdentifier("1.3.6.1.5.5.7.8.5"), bytes([0x0C, len(encoded)]) + encoded)


def _long_cn(text: str) -> x509.Name:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text, _validate=False)])


# --- what handshakes turn on ------------------------------------------------------------------------------------------


@fires("NAM001", "NAM001 fail exe2.example.com")
def two_letters_swapped() -> Draft:
    """exe2 is dialled as exe2.example.com ── its certificate says exe2.exmaple.com"""
    return _exe2(sans=["expe.example.com", "exe2.exmaple.com", "example.com"])


@near_miss("NAM001")
def another_letter_case() -> Draft:
    """exe2.example.com ── EXE2.Example.COM: names are compared without regard to case"""
    return _exe2(sans=["expe.example.com", "EXE2.Example.COM", "example.com"])


@fires("NAM002", "NAM002 fail exc2.corp.example.com")
def address_in_the_cn_alone() -> Draft:
    """exc2: CN exc2.corp.example.com ── SAN excl.corp.example.com"""
    draft = expressway_c()
    draft.reissue(2, cn="exc2.corp.example.com", sans=["excl.corp.example.com"])
    return draft


@near_miss("NAM002", "NAM001 fail exe2.example.com")
def address_in_the_cn_alone_with_mapping() -> Draft:
    """exe2, mapping On: the texts agree that the SANs are read, so it is a plain miss"""
    return _exe2(cn="exe2.example.com", sans=["expe.example.com", "example.com"])


@fires("NAM003", "NAM003 fail 10.30.0.12", "CLU021 fail excl.corp.example.com")
def formed_on_an_ip() -> Draft:
    """Peer 2 address 10.30.0.12 ── the certificate names exc2.corp.example.com"""
    draft = expressway_c()
    draft.peer(2)["address"] = "10.30.0.12"
    return draft


@near_miss("NAM003")
def nearly_an_ip() -> Draft:
    """Peer 2 address ip-10-30-0-12.corp.example.com: a name made of an address is a name"""
    draft = expressway_c()
    old, new = "exc2.corp.example.com", "ip-10-30-0-12.corp.example.com"
    draft.peer(2).update(address=new, fqdn=new, host_name="ip-10-30-0-12")
    draft.records("internal")[:] = [record.replace(old, new) for record in draft.records("internal")]
    draft.reissue(2)
    return draft


@fires("NAM004", "NAM004 fail exc2", "CLU016 fail exc2", *(f"DNS00{n} unknown exc2" for n in (2, 3, 4, 5)))
def bare_host_name() -> Draft:
    """Peer 2 address exc2"""
    draft = expressway_c()
    draft.peer(2)["address"] = "exc2"
    return draft


@near_miss("NAM004")
def the_dot_of_the_root() -> Draft:
    """Peer 2 address `exc2.corp.example.com.`: fully qualified all the more"""
    draft = expressway_c()
    draft.peer(2)["address"] = "exc2.corp.example.com."
    return draft


@fires(
    "NAM005",
    f"NAM005 fail {EXE1}",
    "KEY001 unknown exe1.example.com",
    *(f"{code} unknown {EXE1}" for code in NAMES_UNREAD),
)
def san_extension_that_breaks_off() -> Draft:
    """exe1: the SAN extension holds an IP address of three octets"""
    return _malformed()


@near_miss("NAM005")
def odd_but_readable_san() -> Draft:
    """exe2: a directory name and a mail address among the SANs"""
    return _exe2(x509.DirectoryName(name("exe2")), x509.RFC822Name("admin@example.com"))


@fires(
    "NAM006",
    *(f"{code} unknown exe2.example.com" for code in NOT_IDENTIFIED),
    *(f"{code} unknown {EXE2}" for code in (*NAMES_UNREAD, *CERTIFICATE_UNREAD, "NAM030", "TRU024")),
    "KEY001 unknown exe2.example.com",
)
def certificate_left_out() -> Draft:
    """exe2: no server_certificate in the plan"""
    return _without_certificate()


@near_miss("NAM006")
def certificate_as_der() -> Draft:
    """exe2: the file is DER, not PEM"""
    draft = expressway_e()
    leaf = draft.reissue(2)
    draft.files[draft.peer(2)["server_certificate"]] = leaf.der
    return draft


def _malformed() -> Draft:
    draft = expressway_e()
    peer = draft.peer(1)
    draft.files[peer["server_certificate"]] = (MATERIAL / "malformed-san-leaf.pem").read_bytes()
    del peer["private_key"]
    for number in (1, 2, 3):
        draft.files[draft.peer(number)["trusted_cas"][0]] += (MATERIAL / "weak-root.pem").read_bytes()
    return draft


def _without_certificate() -> Draft:
    draft = expressway_e()
    del draft.peer(2)["server_certificate"]
    del draft.peer(2)["private_key"]
    return draft


# --- the form of names ------------------------------------------------------------------------------------------------


@fires("NAM007", f"NAM007 fail {EXE2}")
def address_and_bare_host() -> Draft:
    """exe2: SANs exe2 and 10.20.0.12 besides"""
    return _exe2("exe2", IPv4Address("10.20.0.12"))


@fires("NAM007", f"NAM007 fail {EXE2}")
def address_spelled_as_a_name() -> Draft:
    """exe2: dNSName 10.20.0.12"""
    return _exe2("10.20.0.12")


@near_miss("NAM007")
def bare_host_before_the_upload_looked() -> Draft:
    """X14.0.1: the upload does not look yet"""
    draft = expressway_e(release="X14.0.1")
    for number in (1, 2, 3):
        draft.reissue(
            number, key="rsa", sans=[f"exe{number}", "expe.example.com", f"exe{number}.example.com", "example.com"]
        )
    return draft


@fires("NAM008", f"NAM008 fail {EXE2}")
def wildcard_besides() -> Draft:
    """exe2: SAN *.example.com besides"""
    return _exe2("*.example.com")


@near_miss("NAM008")
def long_but_no_wildcard() -> Draft:
    """exe2: SAN wildcard.example.com"""
    return _exe2("wildcard.example.com")


@fires("NAM010", f"NAM010 fail {EXE2}")
def underscore_dot_and_hyphen() -> Draft:
    """exe2: SANs exe_2.example.com, exe2.example.org. and -exe2.example.com besides"""
    return _exe2("exe_2.example.com", "exe2.example.org.", "-exe2.example.com")


@near_miss("NAM010")
def a_label_and_digits() -> Draft:
    """exe2: SANs xn--mnchen-3ya.example.com and 2.example.com are legal"""
    return _exe2("xn--mnchen-3ya.example.com", "2.example.com")


@fires("NAM027", "NAM027 fail expe.example.com")
def local_name_and_public_ca() -> Draft:
    """exe2: SAN exe2.corp.local besides, certificates from a public CA"""
    draft = _exe2("exe2.corp.local")
    draft.plan["certificate_authority"] = "public"
    return draft


@fires("NAM027", "NAM027 unknown expe.example.com", "VAL006 unknown expe.example.com")
def local_name_and_unknown_ca() -> Draft:
    """exe2: SAN exe2.corp.local besides, and the plan does not say where certificates come from"""
    draft = _exe2("exe2.corp.local")
    del draft.plan["certificate_authority"]
    return draft


@near_miss("NAM027")
def local_name_and_private_ca() -> Draft:
    """exe2: SAN exe2.corp.local besides, certificates from a private CA"""
    return _exe2("exe2.corp.local")


@near_miss("NAM027", "VAL006 unknown expe.example.com")
def nothing_internal_and_unknown_ca() -> Draft:
    """no internal name anywhere: where the certificates come from does not matter"""
    draft = expressway_e()
    del draft.plan["certificate_authority"]
    return draft


@fires("NAM028", f"NAM028 fail {EXE2}")
def other_name_xmpp() -> Draft:
    """exe2: otherName id-on-xmppAddr im.example.com besides"""
    return _exe2(_xmpp_address("im.example.com"))


@near_miss("NAM028")
def other_name_of_another_kind() -> Draft:
    """exe2: otherName userPrincipalName besides"""
    return _exe2(x509.OtherName(ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x01a"))


@fires("NAM029", f"NAM029 fail {EXE1}")
def a_thousand_characters_on_x8_9() -> Draft:
    """X8.9.2: SANs of 1000 characters"""
    return _long_sans(1000)


@near_miss("NAM029")
def just_short_enough_on_x8_9() -> Draft:
    """X8.9.2: SANs of 999 characters"""
    return _long_sans(999)


@near_miss("NAM029")
def a_thousand_characters_later() -> Draft:
    """X14.3: SANs of 1500 characters"""
    return _long_sans(1500, release="X14.3.4")


def _long_sans(length: int, release: str = "X8.9.2") -> Draft:
    draft = expressway_e(release=release)
    for number in (1, 2, 3):
        draft.reissue(number, key="rsa")
    sans = ["expe.example.com", "exe1.example.com", "example.com"]
    while (left := length - len(",".join(sans))) > 60:
        sans.append(f"{len(sans):020}.example.com")
    sans.append("a" * (left - 1 - len(".example.com")) + ".example.com")
    assert len(",".join(sans)) == length
    draft.reissue(1, key="rsa", sans=sans)
    return draft


# --- whose certificate it is ------------------------------------------------------------------------------------------


@fires("NAM009", "NAM009 fail expe.example.com")
def cn_of_neither() -> Draft:
    """exe2: CN edge.example.com, a SAN of its own, neither the cluster's name nor the peer's"""
    return _exe2("edge.example.com", cn="edge.example.com")


@near_miss("NAM009")
def cn_of_the_peer() -> Draft:
    """exe1, exe2, exe3: each has its own FQDN as CN, as the guides of X8 have it"""
    draft = expressway_e()
    for number in (1, 2, 3):
        draft.reissue(number, cn=f"exe{number}.example.com")
    return draft


@near_miss("NAM009")
def cn_of_the_cluster_in_capitals() -> Draft:
    """exe2: CN EXPE.EXAMPLE.COM"""
    return _exe2(cn="EXPE.EXAMPLE.COM")


@fires("NAM011", f"NAM011 fail {EXE2}")
def empty_subject() -> Draft:
    """exe2: no subject, names in the SANs only"""
    return _exe2(cn=None)


@near_miss("NAM011")
def cn_behind_an_organization() -> Draft:
    """exe2: O=Example,CN=expe.example.com"""
    return _exe2(subject=name("expe.example.com", O="Example"))


@fires("NAM012", f"NAM012 fail {EXE2}")
def two_cns() -> Draft:
    """exe2: CN=exe2.example.com,CN=expe.example.com"""
    cns = [x509.NameAttribute(NameOID.COMMON_NAME, cn) for cn in ("exe2.example.com", "expe.example.com")]
    return _exe2(subject=x509.Name(cns))


@near_miss("NAM012")
def one_cn_and_two_units() -> Draft:
    """exe2: OU=Voice,CN=expe.example.com"""
    return _exe2(subject=name("expe.example.com", OU="Voice"))


@fires("NAM013", f"NAM013 fail {EXE2}")
def cn_of_no_use() -> Draft:
    """exe2: CN edge.example.com ── SANs expe, exe2.example.com and example.com"""
    return _exe2(cn="edge.example.com")


@near_miss("NAM013", "NAM009 fail expe.example.com")
def cn_repeated() -> Draft:
    """exe2: CN edge.example.com, repeated among the SANs"""
    return _exe2("edge.example.com", cn="edge.example.com")


@fires("NAM014", f"NAM014 fail {EXE2}", f"NAM013 fail {EXE2}")
def cn_of_65_characters() -> Draft:
    """exe2: a CN of 65 characters"""
    return _exe2(subject=_long_cn("a" * 53 + ".example.com"))


@fires(
    "NAM014",
    "NAM014 fail " + "e" * 53 + ".example.com",
    "CLU023 fail " + "e" * 53 + ".example.com",
    "CLU010 unknown " + "e" * 53 + ".example.com",
    *(f"NAM016 fail {EXE1.replace('1', str(n))}" for n in (1, 2, 3)),
)
def cluster_name_of_65_characters() -> Draft:
    """the cluster name has 65 characters; the certificates were issued for the old one"""
    draft = expressway_e()
    draft.plan["cluster"]["name"] = "e" * 53 + ".example.com"
    return draft


@near_miss("NAM014", f"NAM013 fail {EXE2}")
def cn_of_64_characters() -> Draft:
    """exe2: a CN of 64 characters"""
    return _exe2(cn="a" * 52 + ".example.com")


@fires("NAM015", f"NAM015 fail {EXE2}", "NAM001 fail exe2.example.com")
def cn_and_nothing_else() -> Draft:
    """exe2: CN expe.example.com, no SANs"""
    return _exe2(sans=[])


@near_miss(
    "NAM015",
    "NAM001 fail exe2.example.com",
    f"NAM016 fail {EXE2}",
    f"NAM019 fail {EXE2}",
)
def a_mail_address_and_nothing_else() -> Draft:
    """exe2: one SAN, an rfc822Name: it has SANs, and none that helps"""
    return _exe2(sans=[x509.RFC822Name("admin@example.com")])


@fires("NAM018", "NAM018 fail expe.example.com")
def every_peer_in_every_certificate() -> Draft:
    """exe1, exe2, exe3: each certificate has the SANs of all three peers"""
    return _bear(expressway_e(), "exe1.example.com", "exe2.example.com", "exe3.example.com")


@near_miss("NAM018", "KEY007 fail expe.example.com")
def one_certificate_on_every_peer() -> Draft:
    """exe1, exe2, exe3: one certificate on all of them has to name all three; the shared key says it"""
    draft = expressway_e()
    names = ["expe.example.com", "example.com", *(f"exe{n}.example.com" for n in (1, 2, 3))]
    for number in (1, 2, 3):
        draft.reissue(number, sans=names, key=ec_key("shared"))
    return draft


# --- the names that are asked for -------------------------------------------------------------------------------------


@fires("NAM016", f"NAM016 fail {EXE2}")
def cluster_name_missing_on_e() -> Draft:
    """exe2: SANs exe2.example.com and example.com"""
    return _exe2(sans=["exe2.example.com", "example.com"])


@fires("NAM016", f"NAM016 fail {EXC2}")
def cluster_name_missing_on_c() -> Draft:
    """exc2, with MRA: SAN exc2.corp.example.com"""
    draft = _c(mra={"domains": ["example.com"]})
    draft.reissue(2, sans=["exc2.corp.example.com"])
    return draft


@near_miss("NAM016", "CLU003 fail excl.corp.example.com")
def a_cluster_of_one() -> Draft:
    """one Expressway-C on its own: there is no cluster to name"""
    draft = expressway_c(1)
    draft.reissue(1, cn="exc1.corp.example.com", sans=["exc1.corp.example.com"])
    return draft


@fires("NAM017", "NAM003 fail 10.30.0.12", "NAM017 fail server certificate of 10.30.0.12", CLU21)
def name_to_come_not_in_the_certificate() -> Draft:
    """Peer 2 address 10.30.0.12, to be exc2.corp.example.com ── certificate of exc-two.corp.example.com"""
    draft = expressway_c()
    draft.peer(2)["address"] = "10.30.0.12"
    draft.reissue(2, sans=["excl.corp.example.com", "exc-two.corp.example.com"])
    return draft


@fires(
    "NAM017",
    "NAM003 fail 10.30.0.12",
    *(f"{code} unknown 10.30.0.12" for code in ("NAM017", "CLU011", "CLU013")),
    CLU21,
)
def name_to_come_not_stated() -> Draft:
    """Peer 2 address 10.30.0.12 and no fqdn, host_name or domain"""
    draft = expressway_c()
    peer = draft.peer(2)
    peer["address"] = "10.30.0.12"
    for field in ("fqdn", "host_name", "domain"):
        del peer[field]
    return draft


@near_miss("NAM017", "NAM001 fail exe2.example.com")
def one_name_in_two_letter_cases() -> Draft:
    """Peer 2 address exe2.example.com, fqdn EXE2.Example.com ── SANs expe and example.com: the address says it"""
    draft = _exe2(sans=["expe.example.com", "example.com"])
    draft.peer(2)["fqdn"] = "EXE2.Example.com"
    return draft


@fires("NAM019", f"NAM019 fail {EXE2}")
def mra_domain_missing() -> Draft:
    """exe2: SANs expe and exe2.example.com"""
    return _exe2(sans=["expe.example.com", "exe2.example.com"])


@near_miss("NAM019", f"NAM020 fail {EXE2}")
def mra_domain_as_collab_edge() -> Draft:
    """exe2: SAN collab-edge.example.com instead of example.com"""
    return _exe2(sans=["expe.example.com", "exe2.example.com", "collab-edge.example.com"])


@near_miss("NAM019")
def mra_on_the_inside() -> Draft:
    """Expressway-C: its certificate need not have the MRA domains"""
    return _c(mra={"domains": ["example.com"], "hardware_phones": True})


@fires("NAM020", *(f"NAM020 fail {EXE1.replace('1', str(n))}" for n in (1, 2, 3)))
def bare_where_collab_edge_was_chosen() -> Draft:
    """san_format collab-edge ── SAN example.com"""
    draft = expressway_e()
    draft.plan["services"]["mra"]["san_format"] = "collab-edge"
    return draft


@near_miss("NAM020")
def both_formats() -> Draft:
    """san_format dns ── SANs example.com and collab-edge.example.com"""
    return _exe2("collab-edge.example.com")


@fires("NAM021", f"NAM021 fail {EXE2}")
def xmpp_domain_missing() -> Draft:
    """im.example.com and im.sales.example.com are federated; exe2 has neither"""
    domains = ["im.example.com", "im.sales.example.com"]
    return _bear(_federated(*domains), *domains, but=2)


@near_miss("NAM021", f"NAM028 fail {EXE2}")
def xmpp_domain_as_xmpp_address() -> Draft:
    """im.example.com is federated; exe2 has it as an otherName"""
    draft = _bear(_federated("im.example.com"), "im.example.com", but=2)
    draft.reissue(2, sans=[*PERFECT, _xmpp_address("im.example.com")])
    return draft


@fires("NAM022", f"NAM022 fail {EXC2}")
def chat_alias_missing() -> Draft:
    """alias chatroom1.example.com, in exc1's certificate only"""
    draft = _c(xmpp_federation={"chat_node_aliases": ["chatroom1.example.com"]})
    return _bear(draft, "chatroom1.example.com", but=2)


@near_miss("NAM022")
def chat_alias_on_both() -> Draft:
    """alias chatroom1.example.com, once in capitals"""
    draft = _c(xmpp_federation={"chat_node_aliases": ["ChatRoom1.example.com"]})
    return _bear(draft, "chatroom1.example.com")


@fires("NAM023", f"NAM023 fail {EXC2}")
def phone_profile_missing() -> Draft:
    """profile secure-8845.example.com, in exc1's certificate only"""
    return _bear(_c(phone_security_profiles=["secure-8845.example.com"]), "secure-8845.example.com", but=2)


@near_miss("NAM023")
def phone_profile_of_an_e() -> Draft:
    """Expressway-E: profiles are asked for on the C only"""
    return _named(phone_security_profiles=["secure-8845.example.com"])


@fires("NAM024", "NAM024 fail excl.corp.example.com")
def phone_profile_bare() -> Draft:
    """profiles secure-8845 and secure-8865.example.com"""
    names = ["secure-8845", "secure-8865.example.com"]
    return _bear(_c(phone_security_profiles=names), "secure-8865.example.com")


@near_miss("NAM024")
def phone_profile_bare_long_ago() -> Draft:
    """X12.5: a bare profile name is allowed, and the certificates have it"""
    draft = expressway_c(release="X12.5")
    draft.plan["services"] = {"phone_security_profiles": ["secure-8845"]}
    for number in (1, 2):
        draft.reissue(number, key="rsa", sans=["excl.corp.example.com", f"exc{number}.corp.example.com", "secure-8845"])
    return draft


@fires("NAM025", f"NAM025 fail {EXE2}")
def join_host_missing() -> Draft:
    """join host join.example.com, in exe1's and exe3's certificate only"""
    return _bear(_named(cms_web_proxy=["join.example.com"]), "join.example.com", but=2)


@near_miss("NAM025")
def join_host_present() -> Draft:
    """join host join.example.com, in every certificate"""
    return _bear(_named(cms_web_proxy=["join.example.com"]), "join.example.com")


@fires("NAM026", "NAM026 fail Example.com")
def join_host_is_the_domain() -> Draft:
    """join host Example.com, MRA domain example.com"""
    return _named(cms_web_proxy=["Example.com"])


@near_miss("NAM026")
def join_host_under_the_domain() -> Draft:
    """join host join.example.com, MRA domain example.com"""
    return _bear(_named(cms_web_proxy=["join.example.com"]), "join.example.com")


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.check()


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
    _bear(draft, "im.example.com", "chat.example.com", but=2)
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
    both = _one(_exe2("exe2", cn="exe2"), tmp_path / "cn", "NAM007").message
    assert "`Common name must be a valid FQDN` and `Subject alternative name must be a valid FQDN`" in both


def test_hostile_names_are_shown_escaped_and_in_bounds(tmp_path: Path) -> None:
    sans = [f"a{n}_\x1b[31m.example.com" for n in range(500)]
    draft = _exe2(*sans)
    finding = _one(draft, tmp_path, "NAM010")
    assert "\x1b" not in finding.message
    assert "\\u001b" in finding.message
    assert "and 488 more" in finding.message


def test_the_order_and_letter_case_of_sans_change_no_finding(tmp_path: Path) -> None:
    sans = ["expe.exmaple.com", "exe2.exmaple.com", "exe_2.example.com", "*.example.com", "exe1.example.com"]
    heard = set()
    for number, order in enumerate(permutations(sans)):
        if number % 10 == 0:
            draft = _exe2(sans=list(order))
            findings = draft.judge(tmp_path / str(number)).findings
            heard.add(
                tuple(str(f.message) + f.fix for f in findings if f.code.startswith("NAM") and f.code != "NAM001")
            )
    assert len(heard) == 1
    upper = _exe2(sans=[san.upper() for san in sans])
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
