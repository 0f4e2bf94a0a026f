"""CLU: goldens for members, releases, settings and system names."""

import pytest

from tests.clusters import Draft, expressway_c, expressway_e
from tests.rules.cluster_drafts import CLUSTER, INSIDE, ONE, SERVICE, THREE, TWO
from tests.rules.golden import Golden, fires, goldens_of, near_miss


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
    """no platform for any peer: one finding is not verified"""
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


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.assert_holds()
