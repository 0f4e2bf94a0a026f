"""TRU: goldens for chains, trusted CA lists, certificate files and CRLs.

What the perfect clusters have: root ── issuing ── exeN, with root and issuing in every trusted CA list.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from certplan.evidence.gather import gather
from certplan.evidence.model import Certificate, CertificateFile, Located, Missing, PeerEvidence, TrustList
from certplan.judgement import judge
from certplan.plan.reading import load_plan
from certplan.value import replace
from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import AT, CA_FROM, Authority, bundle, ec_key, self_signed
from tests.rules.golden import Golden, fires, goldens_of, near_miss

OTHER_ROOT = Authority.root("another root", key=ec_key("another root"))
RECENT, SOON = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 15, tzinfo=UTC)


def _with(draft: Draft, *more: Authority | bytes, numbers: tuple[int, ...] = ()) -> Draft:
    """Append CAs to the lists of these peers, or of all."""
    for number in numbers or range(1, len(draft.plan["peers"]) + 1):
        file = draft.peer(number)["trusted_cas"][0]
        draft.files[file] += bundle(*more)
    return draft


def _lists(draft: Draft, *authorities: Authority) -> Draft:
    """Make these the list of every peer."""
    for number in range(1, len(draft.plan["peers"]) + 1):
        draft.trust(number, *authorities)
    return draft


def _issued_by(draft: Draft, issuer: Authority, *numbers: int) -> Draft:
    for number in numbers or range(1, len(draft.plan["peers"]) + 1):
        draft.reissue(number, issuer=issuer)
    return draft


def _crls(draft: Draft, number: int, *contents: bytes) -> Draft:
    for peer in draft.plan["peers"]:
        peer.setdefault("crls", [])
    draft.peer(number)["crls"] = ["crls/all.pem"]
    draft.files["crls/all.pem"] = bundle(*contents)
    return draft


def _self_signed(draft: Draft, number: int) -> bytes:
    """Give the peer a certificate that it signed itself, its names all in order."""
    peer, cluster = draft.peer(number), draft.plan["cluster"]["name"]
    mra = draft.plan.get("services", {}).get("mra", {}).get("domains", [])
    leaf = self_signed(cluster, [cluster, peer["fqdn"], *mra], key=ec_key(f"{peer['fqdn']} self"))
    draft.files[peer["server_certificate"]] = leaf.pem
    draft.files[peer["private_key"]] = leaf.key_pem
    return leaf.pem


# --- TRU001 and TRU002: what is missing from a list ---


@fires("TRU001", "TRU001 fail exe1.example.com", "TRU001 fail exe2.example.com")
def a_peer_of_another_ca() -> Draft:
    """exe3 ── another root, which only exe3 has in its list"""
    draft = _issued_by(expressway_e(), OTHER_ROOT, 3)
    return _with(draft, OTHER_ROOT, numbers=(3,))


@near_miss("TRU001")
def two_cas_and_both_in_every_list() -> Draft:
    """exe3 ── another root, which all three have"""
    return _with(_issued_by(expressway_e(), OTHER_ROOT, 3), OTHER_ROOT)


@fires("TRU002", "TRU002 fail exe1.example.com", "TRU002 fail exe3.example.com")
def the_presenter_does_not_send_it_either() -> Draft:
    """exe3 ── below issuing ── issuing ── root: exe2 alone has `below issuing`, so exe3 cannot send it to exe1"""
    draft = expressway_e()
    below = draft.issuing.intermediate("below issuing", key=ec_key("below issuing"))
    return _with(_issued_by(draft, below, 3), below, numbers=(2,))


@near_miss("TRU002")
def the_presenter_sends_what_the_verifier_lacks() -> Draft:
    """exe2 ── another intermediate: exe2 alone has it and sends it, all have its root"""
    draft = expressway_e()
    own = draft.root.intermediate("of exe2 alone", key=ec_key("of exe2 alone"))
    draft.reissue(2, issuer=own)
    return _with(draft, own, numbers=(2,))


# --- TRU003 and TRU019: self-signed certificates ---


@fires("TRU003", "TRU003 fail exe2.example.com")
def a_certificate_from_the_day_of_installation() -> Draft:
    """exe2 ── itself, and in no list"""
    draft = expressway_e()
    _self_signed(draft, 2)
    return draft


@near_miss("TRU003", "TRU019 fail server certificate of exe2.example.com")
def a_self_signed_certificate_in_all_lists() -> Draft:
    """exe2 ── itself, and in every list: the peers trust it"""
    draft = expressway_e()
    return _with(draft, _self_signed(draft, 2))


@fires("TRU019", "TRU019 fail server certificate of exc1.corp.example.com")
def a_lab_cluster_of_self_signed_certificates() -> Draft:
    """exc1 ── itself, in both lists, no service in the plan"""
    draft = expressway_c()
    return _with(draft, _self_signed(draft, 1))


@near_miss("TRU019")
def self_signed_certificates_of_unified_cm_are_no_peers() -> Draft:
    """exc1 and exc2 trust the self-signed certificate of a Unified CM node"""
    tomcat = self_signed("cucm1.corp.example.com", ["cucm1.corp.example.com"], key=ec_key("tomcat"))
    return _with(expressway_c(), tomcat.pem)


# --- TRU004 and TRU013: two generations of a CA ---

OLD_ISSUING = Authority.root(key=ec_key("clusters root")).intermediate(key=ec_key("issuing of 2015"))


@fires("TRU004", "TRU004 fail exe2.example.com")
def only_the_old_generation_in_a_list() -> Draft:
    """exe2's list has the issuing CA of 2015; the certificates are signed by its successor of the same name"""
    draft = expressway_e()
    draft.trust(2, draft.root, OLD_ISSUING)
    return draft


@near_miss("TRU004", "TRU013 fail exe2.example.com")
def both_generations_in_a_list() -> Draft:
    """exe2's list has both: OpenSSL tells them by their key identifiers, the appliance's other services may not"""
    return _with(expressway_e(), OLD_ISSUING, numbers=(2,))


@fires("TRU013", "TRU013 fail exc1.corp.example.com", "TRU013 fail exc2.corp.example.com")
def two_self_signed_certificates_of_one_node() -> Draft:
    """tomcat and CallManager of one Unified CM node: one CN, two keys, both in the lists"""
    nodes = [self_signed("cucm1.corp.example.com", key=ec_key(service)) for service in ("tomcat", "CallManager")]
    return _with(expressway_c(), *(node.pem for node in nodes))


@near_miss("TRU013")
def a_ca_renewed_with_its_key() -> Draft:
    """issuing until 2040 and issuing until 2045, one key: either will do"""
    draft = expressway_e()
    renewed = draft.root.intermediate(key=draft.issuing.key, not_after=datetime(2045, 1, 1, tzinfo=UTC))
    return _with(draft, renewed)


# --- TRU005 and TRU012: basicConstraints ---


def _not_a_ca(root: Authority) -> Authority:
    return root.intermediate("home-made", key=ec_key("home-made"), basic_constraints=False, key_usage=None)


@fires("TRU005", "TRU005 fail exe1.example.com", "TRU005 fail exe2.example.com", "TRU005 fail exe3.example.com")
def an_intermediate_without_basic_constraints() -> Draft:
    """root ── home-made, which does not say that it is a CA ── exe1"""
    draft = expressway_e()
    home_made = _not_a_ca(draft.root)
    return _with(_issued_by(draft, home_made, 1), home_made)


@near_miss("TRU005", "TRU012 fail exe1.example.com")
def one_that_nothing_hangs_on() -> Draft:
    """home-made stands in exe1's list and above no certificate"""
    draft = expressway_e()
    return _with(draft, _not_a_ca(draft.root), numbers=(1,))


@fires("TRU012", "TRU012 fail exe2.example.com")
def an_old_root_without_basic_constraints() -> Draft:
    """exe2's list has a root of version 1's days"""
    old = Authority.root("root of 1998", key=ec_key("1998"), basic_constraints=False, key_usage=None)
    return _with(expressway_e(), old, numbers=(2,))


@near_miss("TRU012", "TRU018 fail exe2.example.com")
def a_server_certificate_is_not_taken_for_a_ca() -> Draft:
    """exe2's list has some server's certificate, which has SANs and no basicConstraints"""
    leaf = OTHER_ROOT.issue("www.example.com", ["www.example.com"], key=ec_key("www"))
    return _with(expressway_e(), leaf.pem, numbers=(2,))


# --- TRU006, TRU014 and TRU015: dates of CAs ---


def _ending(draft: Draft, end: datetime) -> Authority:
    return draft.root.intermediate("ending", key=ec_key("ending"), not_after=end)


ALL_E = tuple(f"exe{number}.example.com" for number in (1, 2, 3))


@fires("TRU006", *(f"TRU006 fail {peer}" for peer in ALL_E))
def the_issuing_ca_has_lapsed() -> Draft:
    """root ── ending, until 2026-05-01 ── exe1"""
    draft = expressway_e()
    ending = _ending(draft, RECENT)
    return _with(_issued_by(draft, ending, 1), ending)


@near_miss("TRU006", *(f"TRU015 fail {peer}" for peer in ALL_E))
def its_renewed_certificate_stands_beside_it() -> Draft:
    """ending until 2026-05-01 and ending until 2040, one key"""
    draft = expressway_e()
    ending = _ending(draft, RECENT)
    renewed = draft.root.intermediate("ending", key=ending.key)
    return _with(_issued_by(draft, ending, 1), ending, renewed)


@fires("TRU014", "TRU014 fail expe.example.com")
def the_issuing_ca_ends_in_two_weeks() -> Draft:
    """root ── ending, until 2026-06-15 ── exe1; today is 2026-06-01"""
    draft = expressway_e()
    ending = _ending(draft, SOON)
    return _with(_issued_by(draft, ending, 1), ending)


@near_miss("TRU014")
def it_was_renewed_in_time() -> Draft:
    """ending until 2026-06-15 and ending until 2040, one key, in every list"""
    draft = expressway_e()
    ending = _ending(draft, SOON)
    return _with(_issued_by(draft, ending, 1), ending, draft.root.intermediate("ending", key=ending.key))


@near_miss("TRU014")
def a_ca_that_nothing_hangs_on_ends_in_two_weeks() -> Draft:
    """some system's CA, until 2026-06-15"""
    return _with(expressway_e(), Authority.root("aside", key=ec_key("aside"), not_after=SOON))


@near_miss("TRU014", *(f"TRU013 fail {peer}" for peer in ALL_E))
def the_old_generation_of_an_issuing_ca_ends() -> Draft:
    """issuing of 2015 ends on 2026-06-15; all certificates come from its successor, of another key"""
    draft = expressway_e()
    return _with(draft, draft.root.intermediate(key=ec_key("issuing of 2015"), not_after=SOON))


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
    return _with(expressway_e(), Authority.root("gone", key=ec_key("gone"), not_after=RECENT), numbers=(1,))


@near_miss("TRU015", "TRU021 fail exe2.example.com", "TRU021 fail exe3.example.com")
def a_root_that_is_about_to_go() -> Draft:
    """exe1's list has a root until 2026-06-15, exe2 and exe3 lack what the other two have"""
    draft = expressway_e()
    _with(draft, Authority.root("going", key=ec_key("going"), not_after=SOON), numbers=(1, 3))
    return _with(draft, OTHER_ROOT, numbers=(1, 2))


# --- TRU007: refused otherwise ---


def _constrained(draft: Draft, domain: str) -> Authority:
    permitted = x509.NameConstraints([x509.DNSName(domain)], None)
    return draft.root.intermediate("constrained", key=ec_key("constrained"), extra_extensions=[(permitted, True)])


@fires("TRU007", *(f"TRU007 fail {peer}" for peer in ALL_E))
def a_ca_for_another_domain() -> Draft:
    """root ── constrained to example.net ── exe1.example.com"""
    draft = expressway_e()
    constrained = _constrained(draft, "example.net")
    return _with(_issued_by(draft, constrained, 1), constrained)


@near_miss("TRU007")
def a_ca_for_this_domain() -> Draft:
    """root ── constrained to example.com ── exe1.example.com"""
    draft = expressway_e()
    constrained = _constrained(draft, "example.com")
    return _with(_issued_by(draft, constrained, 1), constrained)


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
    """exe3's list is given, with another root alone: what it lacks is known, and is told"""
    draft = expressway_e()
    draft.trust(3, OTHER_ROOT)
    return draft


# --- TRU009 to TRU011 and TRU022: CRLs ---


@fires("TRU009", "TRU009 fail exe2.example.com")
def a_revoked_certificate() -> Draft:
    """the CRL on exe1 names exe2's certificate"""
    draft = expressway_e()
    leaf = draft.reissue(2)
    return _crls(draft, 1, draft.issuing.crl([leaf]).pem, draft.root.crl().pem)


@near_miss("TRU009")
def a_number_of_another_ca() -> Draft:
    """the root's CRL on exe1 names the serial number of exe2's certificate, which the root did not issue"""
    draft = expressway_e()
    leaf = draft.reissue(2)
    return _crls(draft, 1, draft.issuing.crl().pem, draft.root.crl([leaf]).pem)


@fires("TRU010", "TRU010 fail exe1.example.com")
def a_lapsed_crl() -> Draft:
    """the CRL on exe1 should have been followed by another on 2026-05-01"""
    draft = expressway_e()
    expired = draft.issuing.crl(last_update=CA_FROM, next_update=RECENT)
    return _crls(draft, 1, expired.pem, draft.root.crl().pem)


@near_miss("TRU010")
def a_lapsed_crl_of_a_ca_that_nothing_hangs_on() -> Draft:
    """the CRL of another root has expired"""
    draft = expressway_e()
    expired = OTHER_ROOT.crl(last_update=CA_FROM, next_update=RECENT)
    return _crls(draft, 1, draft.issuing.crl().pem, draft.root.crl().pem, expired.pem)


@fires("TRU011", *(f"TRU0{number} unknown exe1.example.com" for number in ("09", "10", "11", "22")))
def a_page_instead_of_a_crl() -> Draft:
    """the file is the error page of a download that failed"""
    return _crls(expressway_e(), 1, b"<html><title>503 Service Unavailable</title></html>\n")


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
    return _crls(draft, 1, draft.issuing.crl().pem)


@near_miss("TRU022")
def a_crl_that_has_nothing_to_do_with_the_cluster() -> Draft:
    """exe1 has the CRL of another root"""
    return _crls(expressway_e(), 1, OTHER_ROOT.crl().pem)


# --- TRU016: how many ---


def _crowd(count: int) -> Draft:
    draft = expressway_c()
    every = b"".join(Authority.root(f"root {n}", key=ec_key("crowd")).pem for n in range(count))
    return _with(draft, every)


@fires("TRU016", "TRU016 fail exc1.corp.example.com", "TRU016 fail exc2.corp.example.com")
def a_thousand_and_one() -> Draft:
    """root, issuing and 999 others"""
    return _crowd(999)


@near_miss("TRU016")
def a_thousand_one_of_them_twice() -> Draft:
    """root, issuing and 998 others, and issuing once more"""
    draft = _crowd(998)
    return _with(draft, draft.issuing)


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
    return _with(draft, draft.files[draft.peer(2)["server_certificate"]], numbers=(2,))


@near_miss("TRU018")
def a_self_signed_certificate_of_another_system() -> Draft:
    """both lists have the self-signed certificate of a neighbor: only there can it be trusted"""
    neighbor = self_signed("sip.example.net", ["sip.example.net"], key=ec_key("neighbor"))
    return _with(expressway_c(), neighbor.pem)


@fires("TRU020", "TRU020 fail trust/exe1.pem")
def a_block_that_is_cut_short() -> Draft:
    """exe1's list ends in the middle of a third certificate"""
    return _with(expressway_e(), OTHER_ROOT.pem[:200], numbers=(1,))


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
    return _with(expressway_e(), OTHER_ROOT, numbers=(1, 2))


@near_miss("TRU021")
def a_ca_that_one_peer_alone_has() -> Draft:
    """exe1: root, issuing, another root; exe2, exe3: root, issuing ── nobody lacks what all others have"""
    return _with(expressway_e(), OTHER_ROOT, numbers=(1,))


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.check()


def _message(draft: Draft, folder: Path, code: str) -> str:
    return next(finding.message for finding in draft.judge(folder).findings if finding.code == code)


def test_mra_makes_a_trusted_self_signed_certificate_an_error(tmp_path: Path) -> None:
    def severities(draft: Draft, folder: str) -> set[str]:
        _with(draft, _self_signed(draft, 1))
        judgement = draft.judge(tmp_path / folder)
        return {finding.severity.value for finding in judgement.findings if finding.code == "TRU019"}

    assert severities(expressway_e(), "with") == {"error"}
    without = expressway_e()
    del without.plan["services"]
    assert severities(without, "without") == {"warning"}
    idle = expressway_e()
    idle.plan["services"] = {"xmpp_federation": {"domains": [], "chat_node_aliases": []}}
    assert severities(idle, "idle") == {"warning"}


def test_peers_that_share_one_file_are_told_each_and_the_file_once(tmp_path: Path) -> None:
    draft = expressway_e()
    gone = Authority.root("gone", key=ec_key("gone"), not_after=RECENT)
    for number in (1, 2, 3):
        draft.peer(number)["trusted_cas"] = ["trust/all.pem"]
    draft.files["trust/all.pem"] = bundle(draft.root, draft.issuing, gone) + OTHER_ROOT.pem[:200]
    findings = draft.judge(tmp_path).findings
    assert [f.subject.name for f in findings if f.code == "TRU015"] == list(ALL_E)
    (broken,) = [f for f in findings if f.code == "TRU020"]
    assert broken.subject.peers == ALL_E
    assert broken.subject.name == "trust/all.pem"
    assert broken.evidence[0].startswith(f"{tmp_path / 'trust' / 'all.pem'}:")


def test_a_lapsing_ca_is_told_with_its_day_and_the_lists_it_stands_in(tmp_path: Path) -> None:
    draft = expressway_e()
    ending = _ending(draft, SOON)
    _with(_issued_by(draft, ending, 1), ending, numbers=(1, 3))
    (finding,) = [f for f in draft.judge(tmp_path).findings if f.code == "TRU014"]
    assert "CN=ending on 2026-06-15" in finding.message
    assert finding.fix.endswith("exe1.example.com, exe3.example.com.")


def test_a_hostile_subject_is_shown_escaped(tmp_path: Path) -> None:
    bell = Authority.root("bell\a\u202etxt", key=ec_key("bell"), not_after=RECENT)
    message = _message(_with(expressway_e(), bell, numbers=(1,)), tmp_path, "TRU015")
    assert message.isprintable()
    assert "\u202e" not in message


def test_many_cas_are_counted_and_not_all_spelled_out(tmp_path: Path) -> None:
    gone = [Authority.root(f"gone {n}", key=ec_key("gone"), not_after=RECENT) for n in range(40)]
    message = _message(_with(expressway_e(), *gone, numbers=(2,)), tmp_path, "TRU015")
    assert "40 CAs" in message
    assert message.count("CN=gone") == 8
    assert "and 32 more" in message


def test_the_order_of_a_list_changes_nothing_that_is_said(tmp_path: Path) -> None:
    extra = [
        OTHER_ROOT,
        Authority.root("gone", key=ec_key("gone"), not_after=RECENT),
        Authority.root("root of 1998", key=ec_key("1998"), basic_constraints=False, key_usage=None),
    ]

    def told(order: list[Authority], folder: str) -> set[tuple[str, str, str]]:
        draft = expressway_e()
        draft.trust(1, *order)
        return {(f.code, f.subject.name, f.message) for f in draft.judge(tmp_path / folder).findings}

    draft = expressway_e()
    everything = [draft.root, draft.issuing, *extra]
    assert told(everything, "one") == told(everything[::-1], "other")


UNREADABLE: dict[str, Any] = {
    "sans": None,
    "key": None,
    "signature_hash": None,
    "eku": None,
    "key_usage": None,
    "is_ca": None,
    "subject_key_id": None,
    "authority_key_id": None,
    "issuer": "",
}


def _with_fault(found: PeerEvidence, **parts: Any) -> PeerEvidence:
    """The evidence of a peer with these parts of all its certificates, and of its CAs, as given."""

    def spoil(certificate: Certificate) -> Certificate:
        return replace(certificate, **parts)

    def file(read: CertificateFile | Missing) -> CertificateFile | Missing:
        return read if isinstance(read, Missing) else replace(read, leaf=spoil(read.leaf))

    assert isinstance(found.trust, TrustList)
    cas = tuple(Located(spoil(each.certificate), each.where) for each in found.trust.certificates)
    trust = replace(found.trust, certificates=cas)
    return replace(found, server=file(found.server), client=file(found.client), trust=trust)


@pytest.mark.parametrize("part", [*UNREADABLE, "all"])
@pytest.mark.parametrize("release", ["X14.3.4", "X15.4", "X15.5"])
def test_no_rule_breaks_on_what_cannot_be_read(part: str, release: str, tmp_path: Path) -> None:
    parts = UNREADABLE if part == "all" else {part: UNREADABLE[part]}
    draft = _crls(expressway_c(release=release), 1, expressway_c().issuing.crl().pem)
    draft.plan["certificate_authority"] = "public"
    draft.reissue(1, store="client", not_after=SOON)
    _with(draft, OTHER_ROOT, OLD_ISSUING, Authority.root("gone", key=ec_key("gone"), not_after=RECENT), numbers=(1,))
    plan = load_plan(draft.write(tmp_path))
    evidence = gather(plan, AT, live_dns=False)
    with_faults = replace(evidence, peers=tuple(_with_fault(found, **parts) for found in evidence.peers))
    for at in (AT, datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)):
        assert [f.message for f in judge(plan, with_faults, at).findings if f.code == "CPL001"] == []
