"""Golden cases of the CLU rules."""

import json
from pathlib import Path

import pytest

from certplan.outcomes import Outcome, Verdict
from certplan.plan.reading import load_plan
from certplan.report.wording import verdict_details
from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import AT
from tests.rules.golden import Golden, fires, goldens_of, judged, near_miss, said
from tests.rules.layouts import on_ips, rsa_keys, unmapped

ONE, TWO, THREE = (f"exe{n}.example.com" for n in (1, 2, 3))
CLUSTER, INSIDE = "expe.example.com", "excl.corp.example.com"
SERVICE = "_collab-edge._tls.example.com"


def long_name(length: int) -> str:
    """A sound FQDN of so many characters, from 74 to 136."""
    return f"exe2.{'a' * 55}.{'b' * (length - 73)}.example.com"


@fires("CLU001", f"CLU001 fail {CLUSTER}")
def seven_peers() -> Draft:
    """exe1 ... exe7: the page has six fields"""
    return expressway_e(7)


@near_miss("CLU001", f"CLU002 fail {CLUSTER}")
def six_peers() -> Draft:
    """exe1 ... exe6"""
    return expressway_e(6)


@fires("CLU002", f"CLU002 fail {CLUSTER}")
def five_peers() -> Draft:
    """exe1 ... exe5"""
    return expressway_e(5)


@near_miss("CLU002")
def four_peers() -> Draft:
    """exe1 ... exe4"""
    return expressway_e(4)


@fires("CLU003", f"CLU003 fail {CLUSTER}")
def a_cluster_of_one() -> Draft:
    """exe1, and nobody to check it"""
    return expressway_e(1)


@near_miss("CLU003")
def a_cluster_of_two() -> Draft:
    """exe1 and exe2"""
    return expressway_e(2)


@fires("CLU004", f"CLU004 fail {CLUSTER}")
def an_upgrade_half_done() -> Draft:
    """exe1 X14.3.5, exe2 and exe3 X14.3.4"""
    draft = expressway_e()
    draft.peer(1)["release"] = "X14.3.5"
    return draft


@fires("CLU004", f"CLU004 fail {CLUSTER}")
def a_plan_that_contradicts_itself() -> Draft:
    """cluster X14.3.4, every peer X14.3.5"""
    draft = expressway_e()
    for peer in draft.plan["peers"]:
        peer["release"] = "X14.3.5"
    return draft


@near_miss("CLU004")
def one_release_written_two_ways() -> Draft:
    """cluster X14.3, exe1 x14.3.0"""
    draft = expressway_e(release="X14.3")
    draft.peer(1)["release"] = "x14.3.0"
    return draft


@fires("CLU005", f"CLU005 fail {CLUSTER}")
def a_large_vm_among_medium_ones() -> Draft:
    """exe1 Large VM, exe2 and exe3 Medium VM"""
    draft = expressway_e()
    draft.peer(1)["platform"] = "large-vm"
    return draft


@fires("CLU005", f"CLU005 fail {CLUSTER}")
def two_generations_of_appliance() -> Draft:
    """exe1 CE1300, exe2 and exe3 CE1200: nothing says whether that is equivalent"""
    draft = expressway_e()
    for peer in draft.plan["peers"]:
        peer["platform"] = "ce1200"
    draft.peer(1)["platform"] = "ce1300"
    return draft


@fires("CLU005", f"CLU005 unknown {CLUSTER}")
def platforms_not_stated() -> Draft:
    """no platform for any peer: one could-not-check"""
    draft = expressway_e()
    for peer in draft.plan["peers"]:
        del peer["platform"]
    return draft


@fires("CLU005", f"CLU005 unknown {TWO}")
def one_platform_not_stated() -> Draft:
    """no platform for exe2 alone"""
    draft = expressway_e()
    del draft.peer(2)["platform"]
    return draft


@near_miss("CLU005")
def appliances_throughout() -> Draft:
    """exe1, exe2 and exe3 CE1200"""
    draft = expressway_e()
    for peer in draft.plan["peers"]:
        peer["platform"] = "ce1200"
    return draft


@fires("CLU006", f"CLU006 fail {INSIDE}")
def small_vms() -> Draft:
    """exc1 and exc2 Small VM"""
    draft = expressway_c()
    for peer in draft.plan["peers"]:
        peer["platform"] = "small-vm"
    return draft


@near_miss("CLU006", f"CLU003 fail {INSIDE}")
def one_small_vm() -> Draft:
    """exc1 Small VM, alone"""
    draft = expressway_c(1)
    draft.peer(1)["platform"] = "small-vm"
    return draft


@fires("CLU007", f"CLU007 fail {CLUSTER}")
def a_key_that_one_peer_lacks() -> Draft:
    """exe1 and exe2: 116341-NET; exe3: none"""
    draft = expressway_e()
    draft.peer(1)["option_keys"] = draft.peer(2)["option_keys"] = ["116341-NET"]
    return draft


@fires("CLU007", f"CLU007 unknown {THREE}")
def keys_of_one_peer_not_stated() -> Draft:
    """exe1 and exe2: none; exe3: not in the plan"""
    draft = expressway_e()
    del draft.peer(3)["option_keys"]
    return draft


@near_miss("CLU007")
def smart_licensing() -> Draft:
    """no peer has an option key, as under Smart Licensing"""
    draft = expressway_e()
    for peer in draft.plan["peers"]:
        peer["option_keys"] = []
    return draft


@fires("CLU008", f"CLU008 fail {TWO}")
def no_ntp_server() -> Draft:
    """exe2 ── no clock"""
    draft = expressway_e()
    draft.peer(2)["ntp"] = []
    return draft


@fires("CLU008", f"CLU008 unknown {CLUSTER}")
def ntp_not_stated() -> Draft:
    """no NTP servers for any peer in the plan"""
    draft = expressway_e()
    for peer in draft.plan["peers"]:
        del peer["ntp"]
    return draft


@near_miss("CLU008")
def another_ntp_server() -> Draft:
    """exe2 ── ntp2: a site of its own may have a clock of its own"""
    draft = expressway_e()
    draft.peer(2)["ntp"] = ["ntp2.example.com"]
    return draft


@fires("CLU009", f"CLU009 fail {TWO}")
def h323_off() -> Draft:
    """exe2 ── H.323 mode Off"""
    draft = expressway_e()
    draft.peer(2)["h323"] = False
    return draft


@near_miss("CLU009")
def h323_on_in_words() -> Draft:
    """exe2 ── H.323 mode: on"""
    draft = expressway_e()
    draft.peer(2)["h323"] = "on"
    return draft


@fires("CLU010", f"CLU010 fail {ONE} - {THREE}")
def an_ocean_between() -> Draft:
    """exe1 ── 80.5 ms ── exe3; the other pairs not measured"""
    draft = expressway_e()
    draft.plan["round_trip_ms"] = {f"{THREE} {ONE}": 80.5}
    return draft


@near_miss("CLU010")
def just_near_enough() -> Draft:
    """exe1 ── 80 ms ── exe2"""
    draft = expressway_e(2)
    draft.plan["round_trip_ms"] = {f"{ONE} {TWO}": 80}
    return draft


@fires("CLU026", f"CLU026 fail {CLUSTER}")
def a_round_trip_of_a_stranger() -> Draft:
    """exe1 ── 12 ms ── exe22, which is no peer"""
    draft = expressway_e(2)
    draft.plan["round_trip_ms"] = {f"{ONE} exe22.example.com": 12}
    return draft


@near_miss("CLU026")
def a_round_trip_in_capitals() -> Draft:
    """EXE1 ── 12 ms ── exe2"""
    draft = expressway_e(2)
    draft.plan["round_trip_ms"] = {f"{ONE.upper()} {TWO}": 12}
    return draft


@fires("CLU011", f"CLU011 fail {INSIDE}", "CLU016 fail exc2.corp.example.com")
def another_domain() -> Draft:
    """exc1 in corp.example.com, exc2 in emea.example.com"""
    draft = expressway_c()
    draft.peer(2)["domain"] = "emea.example.com"
    return draft


@fires("CLU011", f"CLU011 unknown {CLUSTER}")
def domains_not_stated() -> Draft:
    """no domain for any peer in the plan"""
    draft = expressway_e()
    for peer in draft.plan["peers"]:
        del peer["domain"]
    return draft


@near_miss("CLU011")
def a_trailing_dot() -> Draft:
    """exc1 in corp.example.com, exc2 in CORP.example.com."""
    draft = expressway_c()
    draft.peer(2)["domain"] = "CORP.example.com."
    return draft


@fires("CLU012", f"CLU012 fail {CLUSTER}")
def a_capital_letter() -> Draft:
    """exe1 in example.com, exe2 in Example.com: Jabber minds"""
    draft = expressway_e()
    draft.peer(2)["domain"] = "Example.com"
    return draft


@near_miss("CLU012")
def capital_letters_everywhere() -> Draft:
    """exe1, exe2 and exe3 in Example.com"""
    draft = expressway_e()
    for peer in draft.plan["peers"]:
        peer["domain"] = "Example.com"
    return draft


@fires("CLU013", "CLU013 fail exe1")
def a_clone_with_its_system_name() -> Draft:
    """System name exe1 on exe1 and exe2"""
    draft = expressway_e()
    draft.peer(2)["system_name"] = "exe1"
    return draft


@fires("CLU013", "CLU013 fail exe1", f"CLU016 fail {TWO}", f"DNS010 fail {SERVICE}")
def a_clone_with_its_host_name() -> Draft:
    """System host name exe1 on exe1 and exe2"""
    draft = expressway_e()
    draft.peer(2)["host_name"] = "exe1"
    return draft


@fires("CLU013", f"CLU013 unknown {CLUSTER}")
def system_names_not_stated() -> Draft:
    """no System name for any peer in the plan"""
    draft = expressway_e()
    for peer in draft.plan["peers"]:
        del peer["system_name"]
    return draft


@near_miss("CLU013")
def a_system_name_like_anothers_host_name() -> Draft:
    """System name exe2 on the host exe1, and the other way round: they are different things"""
    draft = expressway_e()
    draft.peer(1)["system_name"], draft.peer(2)["system_name"] = "exe2", "exe1"
    return draft


@fires("CLU014", f"CLU014 fail {TWO}", f"CLU016 fail {TWO}", f"DNS010 fail {SERVICE}")
def the_fqdn_as_host_name() -> Draft:
    """System host name exe2.example.com, Domain name example.com"""
    draft = expressway_e()
    draft.peer(2)["host_name"] = "exe2.example.com"
    return draft


@near_miss("CLU014")
def host_names_in_capitals() -> Draft:
    """System host name EXE2"""
    draft = expressway_e()
    draft.peer(2)["host_name"] = "EXE2"
    return draft


@fires("CLU015", f"CLU015 fail {TWO}", f"DNS010 fail {SERVICE}")
def an_underscore_in_the_host_name() -> Draft:
    """System host name exe_2"""
    draft = expressway_e()
    draft.peer(2)["host_name"] = "exe_2"
    return draft


@near_miss("CLU015")
def an_underscore_in_the_system_name() -> Draft:
    """System name exe_2: a label, no host name"""
    draft = expressway_e()
    draft.peer(2)["system_name"] = "exe_2"
    return draft


@fires("CLU016", "CLU016 fail exc2.corp.example.com")
def known_by_an_alias() -> Draft:
    """Peer 2 address exc2.corp.example.com, System host name node2"""
    draft = expressway_c()
    draft.peer(2)["host_name"] = "node2"
    return draft


@near_miss("CLU016")
def the_same_name_in_capitals() -> Draft:
    """Peer 2 address exc2.corp.example.com, System host name EXC2"""
    draft = expressway_c()
    draft.peer(2)["host_name"] = "EXC2"
    return draft


@fires("CLU017", "CLU017 fail expe", "CLU023 fail expe", "CLU010 unknown expe")
def a_bare_cluster_name() -> Draft:
    """Cluster name expe"""
    draft = expressway_e()
    draft.plan["cluster"]["name"] = "expe"
    return draft


@near_miss("CLU017", "CLU023 fail EXPE.example.com", "CLU010 unknown EXPE.example.com")
def a_cluster_name_in_capitals() -> Draft:
    """Cluster name EXPE.example.com"""
    draft = expressway_e()
    draft.plan["cluster"]["name"] = "EXPE.example.com"
    return draft


@fires("CLU018", f"CLU018 fail {CLUSTER}")
def the_primary_was_removed() -> Draft:
    """Configuration primary 4 of three peers"""
    draft = expressway_e()
    draft.plan["cluster"]["primary"] = 4
    return draft


@fires("CLU018", f"CLU018 unknown {CLUSTER}")
def primary_not_stated() -> Draft:
    """Configuration primary not in the plan"""
    draft = expressway_e()
    del draft.plan["cluster"]["primary"]
    return draft


@near_miss("CLU018")
def the_last_peer_is_primary() -> Draft:
    """Configuration primary 3 of three peers"""
    draft = expressway_e()
    draft.plan["cluster"]["primary"] = 3
    return draft


@fires(
    "CLU019",
    f"CLU019 fail {TWO}",
    # What follows from it: exe3 is looked for under the name of exe2.
    *(f"{code} fail {TWO}" for code in ("CLU016", "DNS008", "DNS016", "MAP003", "NAM001")),
    f"DNS010 fail {SERVICE}",
    f"MAP008 fail {THREE}",
)
def one_address_in_two_fields() -> Draft:
    """Peer 2 address exe2, Peer 3 address exe2"""
    draft = expressway_e()
    draft.peer(3)["address"] = TWO
    return draft


@near_miss("CLU019", f"CLU021 fail {CLUSTER}", "NAM003 fail 10.20.0.12")
def an_address_and_the_name_for_it() -> Draft:
    """Peer 1 address exe1, Peer 2 address 10.20.0.12"""
    return on_ips(expressway_e(), 2)


@fires(
    "CLU020",
    f"CLU020 fail {ONE}",
    f"MAP006 fail {CLUSTER}",
    *(f"NAM003 fail 10.20.0.1{n}" for n in (1, 2, 3)),
    # What follows from it: peer 2 is looked for under the name of exe1.
    "CLU016 fail 10.20.0.12",
    f"MAP011 fail {CLUSTER}",
    "NAM017 fail server certificate of 10.20.0.12",
    *(f"{code} fail {ONE}" for code in ("DNS008", "DNS016")),
    f"DNS010 fail {SERVICE}",
)
def one_fqdn_for_two() -> Draft:
    """Peer 1 address 10.20.0.11 and Peer 2 address 10.20.0.12, both to be exe1.example.com"""
    draft = on_ips(unmapped(expressway_e()))
    draft.peer(2)["fqdn"] = ONE
    return draft


@near_miss("CLU020", *(f"NAM003 fail 10.20.0.1{n}" for n in (1, 2, 3)))
def fqdns_of_their_own() -> Draft:
    """Peer N address 10.20.0.1N, to be exeN"""
    return on_ips(expressway_e())


@fires("CLU021", f"CLU021 fail {CLUSTER}", "NAM003 fail 10.20.0.12", "NAM003 fail 10.20.0.13")
def halfway_to_fqdns() -> Draft:
    """Peer 1 address exe1, Peer 2 address 10.20.0.12, Peer 3 address 10.20.0.13"""
    return on_ips(expressway_e(), 2, 3)


@near_miss("CLU021", *(f"NAM003 fail 10.20.0.1{n}" for n in (1, 2, 3)))
def all_on_ip_addresses() -> Draft:
    """Peer N address 10.20.0.1N"""
    return on_ips(expressway_e())


@fires("CLU022", *(f"{code} fail {long_name(129)}" for code in ("CLU022", "CLU016")), f"DNS010 fail {SERVICE}")
def an_fqdn_of_129_characters() -> Draft:
    """Peer 2 address exe2.aaa...example.com, 129 characters"""
    return _long(129)


@near_miss("CLU022", f"CLU016 fail {long_name(128)}", f"DNS010 fail {SERVICE}")
def an_fqdn_of_128_characters() -> Draft:
    """Peer 2 address exe2.aaa...example.com, 128 characters"""
    return _long(128)


def _long(length: int) -> Draft:
    draft = expressway_e()
    draft.plan = json.loads(json.dumps(draft.plan).replace(TWO, long_name(length)))
    draft.reissue(2)
    return draft


@fires("CLU023", "CLU023 fail EXPE.example.com", "CLU010 unknown EXPE.example.com")
def permissive() -> Draft:
    """TLS verification mode Permissive, as in every new cluster; the name tells it from the perfect one"""
    draft = expressway_e()
    draft.plan["cluster"]["name"] = "EXPE.example.com"
    return draft


@near_miss("CLU023")
def enforced_and_sound() -> Draft:
    """TLS verification mode Enforce"""
    draft = expressway_e()
    draft.plan["cluster"]["tls_verification"] = "enforce"
    return draft


@fires("CLU024", f"CLU024 fail {CLUSTER}", f"NAM001 fail {TWO}")
def enforced_with_a_wrong_certificate() -> Draft:
    """TLS verification mode Enforce; the certificate of exe2 was renewed without its FQDN"""
    draft = expressway_e()
    draft.plan["cluster"]["tls_verification"] = "enforce"
    draft.reissue(2, sans=["expe.example.com", "example.com"])
    return draft


@near_miss("CLU024", f"NAM001 fail {TWO}")
def permissive_with_a_wrong_certificate() -> Draft:
    """TLS verification mode Permissive; the certificate of exe2 was renewed without its FQDN"""
    draft = expressway_e()
    draft.reissue(2, sans=["expe.example.com", "example.com"])
    return draft


@fires("CLU025", f"CLU025 fail {INSIDE}")
def before_tls() -> Draft:
    """X8.7.3: IPsec between peers"""
    return rsa_keys(expressway_c(release="X8.7.3"))


@near_miss("CLU025")
def the_first_release_with_tls() -> Draft:
    """X8.8"""
    return rsa_keys(expressway_c(release="X8.8"))


PAGE = """Peer 1 address exe1.example.com
Certificate: Valid
Clustering: This system
Peer 2 address exe2.example.com
Certificate: {}
Clustering: {}
"""
HOLDS = "Active as exe2 (Resolved 'exe2.example.com' as '10.20.0.12')"


@fires("CLU027", "CLU027 fail exe1.example.com and exe2.example.com")
def the_page_refuses_what_the_files_give() -> Draft:
    """the page of exe1: exe2 is invalid ── simulated: every check passes"""
    draft = expressway_e()
    draft.peer(1)["page"] = PAGE.format("Invalid (Common Name in certificate does not match)", HOLDS)
    return draft


@fires("CLU027", "CLU027 fail exe1.example.com and exe2.example.com")
def the_page_resolves_to_another_address() -> Draft:
    """the page of exe1: resolved as 203.0.113.12 ── the mapping says 10.20.0.12"""
    draft = expressway_e()
    draft.peer(1)["page"] = PAGE.format("Valid", HOLDS.replace("10.20.0.12", "203.0.113.12"))
    return draft


@fires("CLU027", "CLU027 fail exe1.example.com and exe2.example.com")
def the_page_shows_a_link_failed() -> Draft:
    """the page of exe1: exe2 Failed ── simulated: the link holds"""
    draft = expressway_e()
    draft.peer(1)["page"] = PAGE.format("Valid", "Failed")
    return draft


@near_miss("CLU027")
def the_page_shows_what_is_simulated() -> Draft:
    """the page of exe1: exe2 valid, active as exe2 by 10.20.0.12"""
    draft = expressway_e()
    draft.peer(1)["page"] = PAGE.format("Valid", HOLDS)
    return draft


@near_miss("CLU027")
def the_page_of_another_peer_is_not_pasted() -> Draft:
    """a page with the row of exe1 alone says nothing of exe2"""
    draft = expressway_e()
    draft.peer(1)["page"] = "Peer 1 address exe1.example.com\nCertificate: Valid\nClustering: This system\n"
    return draft


@fires("CLU028", f"CLU028 fail {THREE}")
def another_primary_on_one_peer() -> Draft:
    """exe1, exe2: primary 1 ── exe3: primary 2"""
    draft = expressway_e()
    draft.peer(3)["clustering"] = {"primary": 2}
    return draft


@fires("CLU028", f"CLU028 fail {THREE}")
def another_order_of_peers_on_one_peer() -> Draft:
    """exe1, exe2: exe1 exe2 exe3 ── exe3: exe3 exe1 exe2"""
    draft = expressway_e()
    draft.peer(3)["clustering"] = {"peers": [THREE, ONE, TWO]}
    return draft


@near_miss("CLU028")
def the_same_on_every_page() -> Draft:
    """exe3 says of itself what the cluster has, letter case aside"""
    draft = expressway_e()
    draft.peer(3)["clustering"] = {"name": CLUSTER.upper(), "primary": 1, "peers": [ONE, TWO, THREE]}
    return draft


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.check()


def test_enforced_with_an_unknown_certificate_is_open() -> None:
    draft = expressway_e()
    draft.plan["cluster"]["tls_verification"] = "enforce"
    del draft.peer(2)["server_certificate"]
    heard = {line for line in said(judged(draft, AT)) if line.startswith(("CLU023", "CLU024"))}
    assert heard == {f"CLU024 unknown {TWO}"}


def weighed(draft: Draft, code: str) -> set[str]:
    return {finding.severity.value for finding in judged(draft, AT).findings if finding.code == code}


def test_letter_case_and_underscores_weigh_more_with_mra() -> None:
    for code, build in (("CLU012", a_capital_letter.build), ("CLU015", an_underscore_in_the_host_name.build)):
        draft = build()
        assert weighed(draft, code) == {"error"}
        del draft.plan["services"]["mra"]
        assert weighed(draft, code) == {"warning"}


@pytest.mark.parametrize(
    ("name", "weight"),
    [
        ("expe", {"warning"}),
        ("ex_pe.example.com", {"warning"}),
        ("10.20.0.1", {"error"}),
        ("-expe.example.com", {"error"}),
        (".".join(["a" * 60] * 3), {"error"}),
        ("expe.example.com.", set()),
    ],
)
def test_a_cluster_name_that_the_field_takes_is_a_warning_and_any_other_an_error(name: str, weight: set[str]) -> None:
    draft = expressway_e()
    draft.plan["cluster"]["name"] = name
    assert weighed(draft, "CLU017") == weight


@pytest.mark.parametrize(
    ("platforms", "weight"),
    [
        (("large-vm", "medium-vm"), {"error"}),
        (("small-vm", "ce1200"), {"error"}),
        (("ce1200", "ce1300"), {"warning"}),
        (("ce1200", "medium-vm"), {"warning"}),
        (("small-vm", "small-vm"), set()),
    ],
)
def test_a_mix_that_the_guide_forbids_weighs_more_than_one_it_leaves_open(
    platforms: tuple[str, str], weight: set[str]
) -> None:
    draft = expressway_e(2)
    draft.peer(1)["platform"], draft.peer(2)["platform"] = platforms
    assert weighed(draft, "CLU005") == weight


@pytest.mark.parametrize(
    ("host", "domain", "sound"),
    [
        ("e", "example.com", True),
        ("e" * 63, "example.com", True),
        ("e" * 64, "example.com", False),
        ("exe-1_a", "example.com", True),
        ("1exe", "example.com", False),
        ("exe-", "example.com", False),
        ("exe_", "example.com", False),
        ("exé", "example.com", False),
        ("exe1", "example..com", False),
        ("exe1", "local", True),
        ("exe1", ".".join(["a" * 60] * 3), False),
    ],
)
def test_host_names_and_domains_are_those_the_appliance_takes(host: str, domain: str, sound: bool) -> None:
    draft = expressway_c(1)
    draft.peer(1)["host_name"], draft.peer(1)["domain"] = host, domain
    assert bool(weighed(draft, "CLU014")) is not sound


def test_the_alarm_of_a_duplicate_is_raised_on_every_peer() -> None:
    (finding,) = (f for f in judged(one_address_in_two_fields.build(), AT).findings if f.code == "CLU019")
    assert finding.rule.alarms == (20003,)
    assert set(finding.subject.peers) == {ONE, TWO}


def test_the_split_is_written_as_the_verdict_writes_it(tmp_path: Path) -> None:
    draft = expressway_e()
    draft.plan["cluster"]["tls_verification"] = "enforce"
    draft.reissue(2, sans=["expe.example.com", "exe9.example.com", "example.com"])
    judgement = draft.judge(tmp_path)
    (broken,) = [finding for finding in judgement.findings if finding.code == "CLU024"]
    split = "exe1.example.com + exe3.example.com | exe2.example.com"
    assert broken.message.endswith(f"the cluster splits into {split}.")
    assert verdict_details(judgement).endswith(split)


def test_the_rule_of_capacity_is_a_sentence_of_its_own(tmp_path: Path) -> None:
    (sixth,) = [finding for finding in expressway_e(6).judge(tmp_path).findings if finding.code == "CLU002"]
    assert "5 times the capacity of one system. One peer counts as redundancy" in sixth.message
    assert "(" not in sixth.message
    assert not [finding for finding in expressway_e(4).judge(tmp_path / "4").findings if finding.code == "CLU002"]


def test_a_pair_that_the_page_contradicts_is_unknown_until_it_is_explained(tmp_path: Path) -> None:
    assert expressway_e().judge(tmp_path / "0").verdict is Verdict.READY
    assert the_page_shows_a_link_failed.build().judge(tmp_path / "1").verdict is Verdict.UNDECIDED
    draft = expressway_e()
    draft.reissue(2, sans=["expe.example.com", "exe9.example.com", "example.com"])
    assert draft.judge(tmp_path / "2").verdict is Verdict.NOT_READY
    draft.peer(1)["page"] = PAGE.format("Valid", HOLDS)
    judgement = draft.judge(tmp_path / "3")
    one, two = judgement.plan.peers[:2]
    assert judgement.matrix.between(one, two).outcome is Outcome.UNKNOWN
    assert judgement.page(one)[1].certificate == "could not check"


def test_a_page_of_today_says_nothing_of_the_target(tmp_path: Path) -> None:
    draft = expressway_e()
    draft.peer(1)["page"] = PAGE.format("Valid", HOLDS.replace("10.20.0.12", "203.0.113.12"))
    draft.plan["target"] = {"tls_verification": "enforce"}
    plan = load_plan(draft.write(tmp_path))
    assert plan.target is not None
    assert all(peer.page is None for peer in plan.target.peers)
