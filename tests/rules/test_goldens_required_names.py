"""NAM: goldens for the names that a certificate must carry."""

from typing import Any

import pytest

from tests.clusters import Draft, expressway_c, expressway_e
from tests.rules.golden import Golden, fires, goldens_of, near_miss
from tests.rules.names_drafts import EXE1, EXE2, PERFECT, exe2_with, include_names, xmpp_address

CLU21 = "CLU021 fail excl.corp.example.com"


EXC2 = "server certificate of exc2.corp.example.com"


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


# --- the names that are asked for -------------------------------------------------------------------------------------


@fires("NAM016", f"NAM016 fail {EXE2}")
def cluster_name_missing_on_e() -> Draft:
    """exe2: SANs exe2.example.com and example.com"""
    return exe2_with(sans=["exe2.example.com", "example.com"])


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
    draft = exe2_with(sans=["expe.example.com", "example.com"])
    draft.peer(2)["fqdn"] = "EXE2.Example.com"
    return draft


@fires("NAM019", f"NAM019 fail {EXE2}")
def mra_domain_missing() -> Draft:
    """exe2: SANs expe and exe2.example.com"""
    return exe2_with(sans=["expe.example.com", "exe2.example.com"])


@near_miss("NAM019", f"NAM020 fail {EXE2}")
def mra_domain_as_collab_edge() -> Draft:
    """exe2: SAN collab-edge.example.com instead of example.com"""
    return exe2_with(sans=["expe.example.com", "exe2.example.com", "collab-edge.example.com"])


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
    return exe2_with("collab-edge.example.com")


@fires("NAM021", f"NAM021 fail {EXE2}")
def xmpp_domain_missing() -> Draft:
    """im.example.com and im.sales.example.com are federated; exe2 has neither"""
    domains = ["im.example.com", "im.sales.example.com"]
    return include_names(_federated(*domains), *domains, but=2)


@near_miss("NAM021", f"NAM028 fail {EXE2}")
def xmpp_domain_as_xmpp_address() -> Draft:
    """im.example.com is federated; exe2 has it as an otherName"""
    draft = include_names(_federated("im.example.com"), "im.example.com", but=2)
    draft.reissue(2, sans=[*PERFECT, xmpp_address("im.example.com")])
    return draft


@fires("NAM022", f"NAM022 fail {EXC2}")
def chat_alias_missing() -> Draft:
    """alias chatroom1.example.com, in exc1's certificate only"""
    draft = _c(xmpp_federation={"chat_node_aliases": ["chatroom1.example.com"]})
    return include_names(draft, "chatroom1.example.com", but=2)


@near_miss("NAM022")
def chat_alias_on_both() -> Draft:
    """alias chatroom1.example.com, once in capitals"""
    draft = _c(xmpp_federation={"chat_node_aliases": ["ChatRoom1.example.com"]})
    return include_names(draft, "chatroom1.example.com")


@fires("NAM023", f"NAM023 fail {EXC2}")
def phone_profile_missing() -> Draft:
    """profile secure-8845.example.com, in exc1's certificate only"""
    return include_names(_c(phone_security_profiles=["secure-8845.example.com"]), "secure-8845.example.com", but=2)


@near_miss("NAM023")
def phone_profile_of_an_e() -> Draft:
    """Expressway-E: profiles are asked for on the C only"""
    return _named(phone_security_profiles=["secure-8845.example.com"])


@fires("NAM024", "NAM024 fail excl.corp.example.com")
def phone_profile_bare() -> Draft:
    """profiles secure-8845 and secure-8865.example.com"""
    names = ["secure-8845", "secure-8865.example.com"]
    return include_names(_c(phone_security_profiles=names), "secure-8865.example.com")


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
    return include_names(_named(cms_web_proxy=["join.example.com"]), "join.example.com", but=2)


@near_miss("NAM025")
def join_host_present() -> Draft:
    """join host join.example.com, in every certificate"""
    return include_names(_named(cms_web_proxy=["join.example.com"]), "join.example.com")


@fires("NAM026", "NAM026 fail Example.com")
def join_host_is_the_domain() -> Draft:
    """join host Example.com, MRA domain example.com"""
    return _named(cms_web_proxy=["Example.com"])


@near_miss("NAM026")
def join_host_under_the_domain() -> Draft:
    """join host join.example.com, MRA domain example.com"""
    return include_names(_named(cms_web_proxy=["join.example.com"]), "join.example.com")


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.assert_holds()
