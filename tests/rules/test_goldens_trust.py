"""TRU: goldens for chains: CAs that are missing, several of one name, or unfit."""

from datetime import UTC, datetime

import pytest
from cryptography import x509

from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import Authority, ec_key, self_signed
from tests.rules.golden import Golden, fires, goldens_of, near_miss
from tests.rules.trust_drafts import (
    ALL_E,
    OLD_ISSUING,
    OTHER_ROOT,
    RECENT,
    SOON,
    issued_by,
    with_ca_ending,
    with_cas,
    with_self_signed,
)


def _lists(draft: Draft, *authorities: Authority) -> Draft:
    """Make these the list of every peer."""
    for number in range(1, len(draft.plan["peers"]) + 1):
        draft.trust(number, *authorities)
    return draft


# --- TRU001 and TRU002: what is missing from a list ---


@fires("TRU001", "TRU001 fail exe1.example.com", "TRU001 fail exe2.example.com")
def a_peer_of_another_ca() -> Draft:
    """exe3 ── another root, which only exe3 has in its list"""
    draft = issued_by(expressway_e(), OTHER_ROOT, 3)
    return with_cas(draft, OTHER_ROOT, numbers=(3,))


@near_miss("TRU001")
def two_cas_and_both_in_every_list() -> Draft:
    """exe3 ── another root, which all three have"""
    return with_cas(issued_by(expressway_e(), OTHER_ROOT, 3), OTHER_ROOT)


@fires("TRU002", "TRU002 fail exe1.example.com", "TRU002 fail exe3.example.com")
def the_presenter_does_not_send_it_either() -> Draft:
    """exe3 ── below issuing ── issuing ── root: exe2 alone has `below issuing`, so exe3 cannot send it to exe1"""
    draft = expressway_e()
    below = draft.issuing.intermediate("below issuing", key=ec_key("below issuing"))
    return with_cas(issued_by(draft, below, 3), below, numbers=(2,))


@near_miss("TRU002")
def the_presenter_sends_what_the_verifier_lacks() -> Draft:
    """exe2 ── another intermediate: exe2 alone has it and sends it, all have its root"""
    draft = expressway_e()
    own = draft.root.intermediate("of exe2 alone", key=ec_key("of exe2 alone"))
    draft.reissue(2, issuer=own)
    return with_cas(draft, own, numbers=(2,))


# --- TRU003 and TRU019: self-signed certificates ---


@fires("TRU003", "TRU003 fail exe2.example.com")
def a_certificate_from_the_day_of_installation() -> Draft:
    """exe2 ── itself, and in no list"""
    draft = expressway_e()
    with_self_signed(draft, 2)
    return draft


@near_miss("TRU003", "TRU019 fail server certificate of exe2.example.com")
def a_self_signed_certificate_in_all_lists() -> Draft:
    """exe2 ── itself, and in every list: the peers trust it"""
    draft = expressway_e()
    return with_cas(draft, with_self_signed(draft, 2))


@fires("TRU019", "TRU019 fail server certificate of exc1.corp.example.com")
def a_lab_cluster_of_self_signed_certificates() -> Draft:
    """exc1 ── itself, in both lists, no service in the plan"""
    draft = expressway_c()
    return with_cas(draft, with_self_signed(draft, 1))


@near_miss("TRU019")
def self_signed_certificates_of_unified_cm_are_no_peers() -> Draft:
    """exc1 and exc2 trust the self-signed certificate of a Unified CM node"""
    tomcat = self_signed("cucm1.corp.example.com", ["cucm1.corp.example.com"], key=ec_key("tomcat"))
    return with_cas(expressway_c(), tomcat.pem)


@fires("TRU004", "TRU004 fail exe2.example.com")
def only_the_old_generation_in_a_list() -> Draft:
    """exe2's list has the issuing CA of 2015; the certificates are signed by its successor of the same name"""
    draft = expressway_e()
    draft.trust(2, draft.root, OLD_ISSUING)
    return draft


@near_miss("TRU004", "TRU013 fail exe2.example.com")
def both_generations_in_a_list() -> Draft:
    """exe2's list has both: OpenSSL tells them by their key identifiers, the appliance's other services may not"""
    return with_cas(expressway_e(), OLD_ISSUING, numbers=(2,))


@fires("TRU013", "TRU013 fail exc1.corp.example.com", "TRU013 fail exc2.corp.example.com")
def two_self_signed_certificates_of_one_node() -> Draft:
    """tomcat and CallManager of one Unified CM node: one CN, two keys, both in the lists"""
    nodes = [self_signed("cucm1.corp.example.com", key=ec_key(service)) for service in ("tomcat", "CallManager")]
    return with_cas(expressway_c(), *(node.pem for node in nodes))


@near_miss("TRU013")
def a_ca_renewed_with_its_key() -> Draft:
    """issuing until 2040 and issuing until 2045, one key: either will do"""
    draft = expressway_e()
    renewed = draft.root.intermediate(key=draft.issuing.key, not_after=datetime(2045, 1, 1, tzinfo=UTC))
    return with_cas(draft, renewed)


# --- TRU005 and TRU012: basicConstraints ---


def _not_a_ca(root: Authority) -> Authority:
    return root.intermediate("home-made", key=ec_key("home-made"), basic_constraints=False, key_usage=None)


@fires("TRU005", "TRU005 fail exe1.example.com", "TRU005 fail exe2.example.com", "TRU005 fail exe3.example.com")
def an_intermediate_without_basic_constraints() -> Draft:
    """root ── home-made, which does not say that it is a CA ── exe1"""
    draft = expressway_e()
    home_made = _not_a_ca(draft.root)
    return with_cas(issued_by(draft, home_made, 1), home_made)


@near_miss("TRU005", "TRU012 fail exe1.example.com")
def one_that_nothing_hangs_on() -> Draft:
    """home-made stands in exe1's list and above no certificate"""
    draft = expressway_e()
    return with_cas(draft, _not_a_ca(draft.root), numbers=(1,))


@fires("TRU012", "TRU012 fail exe2.example.com")
def an_old_root_without_basic_constraints() -> Draft:
    """exe2's list has a root of version 1's days"""
    old = Authority.root("root of 1998", key=ec_key("1998"), basic_constraints=False, key_usage=None)
    return with_cas(expressway_e(), old, numbers=(2,))


@near_miss("TRU012", "TRU018 fail exe2.example.com")
def a_server_certificate_is_not_taken_for_a_ca() -> Draft:
    """exe2's list has some server's certificate, which has SANs and no basicConstraints"""
    leaf = OTHER_ROOT.issue("www.example.com", ["www.example.com"], key=ec_key("www"))
    return with_cas(expressway_e(), leaf.pem, numbers=(2,))


@fires("TRU006", *(f"TRU006 fail {peer}" for peer in ALL_E))
def the_issuing_ca_has_lapsed() -> Draft:
    """root ── ending, until 2026-05-01 ── exe1"""
    draft = expressway_e()
    ending = with_ca_ending(draft, RECENT)
    return with_cas(issued_by(draft, ending, 1), ending)


@near_miss("TRU006", *(f"TRU015 fail {peer}" for peer in ALL_E))
def its_renewed_certificate_stands_beside_it() -> Draft:
    """ending until 2026-05-01 and ending until 2040, one key"""
    draft = expressway_e()
    ending = with_ca_ending(draft, RECENT)
    renewed = draft.root.intermediate("ending", key=ending.key)
    return with_cas(issued_by(draft, ending, 1), ending, renewed)


@fires("TRU014", "TRU014 fail expe.example.com")
def the_issuing_ca_ends_in_two_weeks() -> Draft:
    """root ── ending, until 2026-06-15 ── exe1; today is 2026-06-01"""
    draft = expressway_e()
    ending = with_ca_ending(draft, SOON)
    return with_cas(issued_by(draft, ending, 1), ending)


@near_miss("TRU014")
def it_was_renewed_in_time() -> Draft:
    """ending until 2026-06-15 and ending until 2040, one key, in every list"""
    draft = expressway_e()
    ending = with_ca_ending(draft, SOON)
    return with_cas(issued_by(draft, ending, 1), ending, draft.root.intermediate("ending", key=ending.key))


@near_miss("TRU014")
def a_ca_that_nothing_hangs_on_ends_in_two_weeks() -> Draft:
    """some system's CA, until 2026-06-15"""
    return with_cas(expressway_e(), Authority.root("aside", key=ec_key("aside"), not_after=SOON))


@near_miss("TRU014", *(f"TRU013 fail {peer}" for peer in ALL_E))
def the_old_generation_of_an_issuing_ca_ends() -> Draft:
    """issuing of 2015 ends on 2026-06-15; all certificates come from its successor, of another key"""
    draft = expressway_e()
    return with_cas(draft, draft.root.intermediate(key=ec_key("issuing of 2015"), not_after=SOON))


@fires("TRU014", "TRU014 fail expe.example.com", "TRU021 fail exe3.example.com")
def one_list_has_only_the_old_certificate() -> Draft:
    """exe1, exe2: issuing until 2026-06-15 and issuing until 2040; exe3: only the first ── and a CA aside is missing"""
    draft = expressway_e()
    aside = Authority.root("aside", key=ec_key("aside"))
    old = draft.root.intermediate(key=draft.issuing.key, not_after=SOON)
    _lists(draft, draft.root, draft.issuing, old, aside)
    draft.trust(3, draft.root, old)
    return draft


@fires("TRU015", "TRU015 fail exe1.example.com")
def a_root_long_gone_is_still_there() -> Draft:
    """exe1's list has a root that ended on 2026-05-01"""
    return with_cas(expressway_e(), Authority.root("gone", key=ec_key("gone"), not_after=RECENT), numbers=(1,))


@near_miss("TRU015", "TRU021 fail exe2.example.com", "TRU021 fail exe3.example.com")
def a_root_that_is_about_to_go() -> Draft:
    """exe1's list has a root until 2026-06-15, exe2 and exe3 lack what the other two have"""
    draft = expressway_e()
    with_cas(draft, Authority.root("going", key=ec_key("going"), not_after=SOON), numbers=(1, 3))
    return with_cas(draft, OTHER_ROOT, numbers=(1, 2))


# --- TRU007: refused otherwise ---


def _constrained(draft: Draft, domain: str) -> Authority:
    permitted = x509.NameConstraints([x509.DNSName(domain)], None)
    return draft.root.intermediate("constrained", key=ec_key("constrained"), extra_extensions=[(permitted, True)])


@fires("TRU007", *(f"TRU007 fail {peer}" for peer in ALL_E))
def a_ca_for_another_domain() -> Draft:
    """root ── constrained to example.net ── exe1.example.com"""
    draft = expressway_e()
    constrained = _constrained(draft, "example.net")
    return with_cas(issued_by(draft, constrained, 1), constrained)


@near_miss("TRU007")
def a_ca_for_this_domain() -> Draft:
    """root ── constrained to example.com ── exe1.example.com"""
    draft = expressway_e()
    constrained = _constrained(draft, "example.com")
    return with_cas(issued_by(draft, constrained, 1), constrained)


# --- TRU023: an order that decides ---

_CROSSED = OTHER_ROOT.intermediate("certplan test root", key=ec_key("clusters root"))
"""The clusters' root, signed by another root that no list has."""


@fires("TRU023", "TRU023 unknown exe1.example.com")
def a_root_beside_its_cross_signed_twin() -> Draft:
    """exe1: issuing, root signed by a root that is not there, root ── the first of the two is taken"""
    draft = expressway_e()
    draft.trust(1, draft.issuing, _CROSSED, draft.root)
    return draft


@near_miss("TRU023")
def a_root_beside_its_renewal() -> Draft:
    """exe1: root, and the same root with the same key until 2045: either leads to a good end"""
    draft = expressway_e()
    renewed = Authority.root(key=ec_key("clusters root"), not_after=datetime(2045, 1, 1, tzinfo=UTC))
    draft.trust(1, draft.root, draft.issuing, renewed)
    return draft


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.assert_holds()
