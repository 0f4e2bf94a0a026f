"""TRU: goldens for the trusted CA lists and CRLs themselves."""

import pytest

from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import CA_FROM, Authority, bundle, ec_key, self_signed
from tests.rules.golden import Golden, fires, goldens_of, near_miss
from tests.rules.trust_drafts import OTHER_ROOT, RECENT, with_cas, with_crls

# --- TRU008 ---

LIST_RULES = (
    *(f"TRU{number:03}" for number in (*range(1, 9), *range(12, 17), 18, 20, 21, 23, 25)),
    *("EKU003", "KEY002", "KEY006", "VAL007", "VAL009"),
)


@fires("TRU008", *(f"{code} unknown exe3.example.com" for code in LIST_RULES))
def a_list_is_not_given() -> Draft:
    """exe3 without trusted_cas"""
    draft = expressway_e()
    del draft.peer(3)["trusted_cas"]
    return draft


@near_miss("TRU008", "TRU001 fail exe3.example.com", "TRU002 fail exe3.example.com")
def a_list_that_holds_little() -> Draft:
    """exe3's list is given, with another root alone: what it is missing is known, and is reported"""
    draft = expressway_e()
    draft.trust(3, OTHER_ROOT)
    return draft


# --- TRU009 to TRU011 and TRU022: CRLs ---


@fires("TRU009", "TRU009 fail exe2.example.com")
def a_revoked_certificate() -> Draft:
    """the CRL on exe1 names exe2's certificate"""
    draft = expressway_e()
    leaf = draft.reissue(2)
    return with_crls(draft, 1, draft.issuing.crl([leaf]).pem, draft.root.crl().pem)


@near_miss("TRU009")
def a_number_of_another_ca() -> Draft:
    """the root's CRL on exe1 names the serial number of exe2's certificate, which the root did not issue"""
    draft = expressway_e()
    leaf = draft.reissue(2)
    return with_crls(draft, 1, draft.issuing.crl().pem, draft.root.crl([leaf]).pem)


@fires("TRU010", "TRU010 fail exe1.example.com")
def a_lapsed_crl() -> Draft:
    """the CRL on exe1 should have been followed by another on 2026-05-01"""
    draft = expressway_e()
    expired = draft.issuing.crl(last_update=CA_FROM, next_update=RECENT)
    return with_crls(draft, 1, expired.pem, draft.root.crl().pem)


@near_miss("TRU010")
def a_lapsed_crl_of_a_ca_that_nothing_hangs_on() -> Draft:
    """the CRL of another root has expired"""
    draft = expressway_e()
    expired = OTHER_ROOT.crl(last_update=CA_FROM, next_update=RECENT)
    return with_crls(draft, 1, draft.issuing.crl().pem, draft.root.crl().pem, expired.pem)


@fires("TRU011", *(f"TRU0{number} unknown exe1.example.com" for number in ("09", "10", "11", "22")))
def a_page_instead_of_a_crl() -> Draft:
    """the file is the error page of a download that failed"""
    return with_crls(expressway_e(), 1, b"<html><title>503 Service Unavailable</title></html>\n")


@near_miss("TRU011")
def a_crl_as_der() -> Draft:
    """both CRLs on exe1, one of them as DER, in two files"""
    draft = expressway_e()
    draft.peer(1)["crls"] = ["crls/root.crl", "crls/issuing.pem"]
    draft.files |= {"crls/root.crl": draft.root.crl().der, "crls/issuing.pem": draft.issuing.crl().pem}
    return draft


@fires("TRU022", "TRU022 fail exe1.example.com")
def the_crl_of_the_root_is_not_there() -> Draft:
    """exe1 has the CRL of issuing; the root, which signed issuing, has none there"""
    draft = expressway_e()
    return with_crls(draft, 1, draft.issuing.crl().pem)


@near_miss("TRU022")
def a_crl_that_has_nothing_to_do_with_the_cluster() -> Draft:
    """exe1 has the CRL of another root"""
    return with_crls(expressway_e(), 1, OTHER_ROOT.crl().pem)


# --- TRU016: how many ---


def _crowd(count: int) -> Draft:
    draft = expressway_c()
    every = b"".join(Authority.root(f"root {n}", key=ec_key("crowd")).pem for n in range(count))
    return with_cas(draft, every)


@fires("TRU016", "TRU016 fail exc1.corp.example.com", "TRU016 fail exc2.corp.example.com")
def a_thousand_and_one() -> Draft:
    """root, issuing and 999 others"""
    return _crowd(999)


@near_miss("TRU016")
def a_thousand_one_of_them_twice() -> Draft:
    """root, issuing and 998 others, and issuing once more"""
    draft = _crowd(998)
    return with_cas(draft, draft.issuing)


@near_miss("TRU016", *(f"KEY004 fail server certificate of exc{number}.corp.example.com" for number in (1, 2)))
def before_the_limit_was_written_down() -> Draft:
    """X14.2 with 1001 CAs (and ECDSA keys, which X14.2 does not take)"""
    draft = _crowd(999)
    draft.plan["cluster"]["release"] = "X14.2"
    return draft


# --- TRU017, TRU018 and TRU020: what is in the files ---


@fires("TRU017", "TRU017 fail server certificate of exe1.example.com")
def a_full_chain_as_server_certificate() -> Draft:
    """exe1.pem: exe1, issuing, root"""
    draft = expressway_e()
    draft.files[draft.peer(1)["server_certificate"]] += bundle(draft.issuing, draft.root)
    return draft


@near_miss("TRU017")
def text_round_the_certificate() -> Draft:
    """exe1.pem: the lines that openssl prints before a certificate, and exe1"""
    draft = expressway_e()
    file = draft.peer(1)["server_certificate"]
    draft.files[file] = b"subject=CN = expe.example.com\nissuer=CN = certplan test issuing\n" + draft.files[file]
    return draft


@fires("TRU018", "TRU018 fail exe2.example.com")
def its_own_certificate_in_the_list() -> Draft:
    """exe2's list: root, issuing, and exe2's server certificate"""
    draft = expressway_e()
    return with_cas(draft, draft.files[draft.peer(2)["server_certificate"]], numbers=(2,))


@near_miss("TRU018")
def a_self_signed_certificate_of_another_system() -> Draft:
    """both lists have the self-signed certificate of a neighbor: only there can it be trusted"""
    neighbor = self_signed("sip.example.net", ["sip.example.net"], key=ec_key("neighbor"))
    return with_cas(expressway_c(), neighbor.pem)


@fires("TRU020", "TRU020 fail trust/exe1.pem")
def a_block_that_is_cut_short() -> Draft:
    """exe1's list ends in the middle of a third certificate"""
    return with_cas(expressway_e(), OTHER_ROOT.pem[:200], numbers=(1,))


@fires("TRU020", "TRU020 fail certs/exe2-server.pem")
def a_private_key_in_the_certificate_file() -> Draft:
    """exe2-server.pem: exe2 and its private key"""
    draft = expressway_e()
    peer = draft.peer(2)
    draft.files[peer["server_certificate"]] += draft.files[peer["private_key"]]
    return draft


@near_miss("TRU020")
def comments_and_foreign_line_ends() -> Draft:
    """exe1's list with CRLF and the names of the CAs as comments"""
    draft = expressway_e()
    file = draft.peer(1)["trusted_cas"][0]
    draft.files[file] = b"# CAs of exe1\n" + draft.files[file]
    draft.files[file] = draft.files[file].replace(b"\n", b"\r\n")
    return draft


# --- TRU021: lists that differ ---


@fires("TRU021", "TRU021 fail exe3.example.com")
def a_peer_that_joined_later() -> Draft:
    """exe1, exe2: root, issuing, another root; exe3: root, issuing"""
    return with_cas(expressway_e(), OTHER_ROOT, numbers=(1, 2))


@near_miss("TRU021")
def a_ca_that_one_peer_alone_has() -> Draft:
    """exe1: root, issuing, another root; exe2, exe3: root, issuing ── nobody lacks what all others have"""
    return with_cas(expressway_e(), OTHER_ROOT, numbers=(1,))


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.assert_holds()
