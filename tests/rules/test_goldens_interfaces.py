"""Golden cases of the NIC rules."""

import pytest

from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import AT
from tests.rules.golden import Golden, fires, goldens_of, judged, near_miss
from tests.rules.layouts import inside_view, on_ips, routable, rsa_keys, single_nic, translated, unmapped

ONE, TWO, THREE = (f"exe{n}.example.com" for n in (1, 2, 3))


@fires("NIC001", f"NIC001 fail {TWO}")
def nat_on_the_inward_port() -> Draft:
    """203.0.113.12 ── static NAT ── LAN 1 10.20.0.12 [exe2] LAN 2, and the cluster is on LAN 1"""
    draft = expressway_e()
    draft.peer(2)["lan1"]["static_nat"] = draft.peer(2)["lan2"].pop("static_nat")
    return draft


@near_miss("NIC001", "NIC005 fail expe.example.com")
def nat_on_the_only_port() -> Draft:
    """203.0.113.1N ── static NAT ── LAN 1 10.20.0.1N [exeN]: one NIC, another rule's business"""
    return translated(expressway_e())


@fires("NIC002", *(f"NIC002 fail {name}" for name in (ONE, TWO)))
def one_nic_with_nat_on_x14_0() -> Draft:
    """X14.0 ── static NAT ── LAN 1 [exeN], no LAN 2"""
    return rsa_keys(translated(expressway_e(2, release="X14.0")))


@fires("NIC002", *(f"NIC002 unknown {name}" for name in (ONE, TWO)))
def one_nic_with_nat_between_the_texts() -> Draft:
    """X14.0.1, of which neither guide speaks ── static NAT ── LAN 1 [exeN]"""
    return rsa_keys(translated(expressway_e(2, release="X14.0.1")))


@near_miss("NIC002", "NIC005 fail expe.example.com")
def one_nic_with_nat_on_x14_0_2() -> Draft:
    """X14.0.2 ── static NAT ── LAN 1 [exeN]: from here on another rule speaks"""
    return rsa_keys(translated(expressway_e(2, release="X14.0.2")))


@fires("NIC003", "NIC003 fail 203.0.113.12", "NAM003 fail 203.0.113.12", "CLU021 fail expe.example.com")
def dialled_at_the_static_nat_address() -> Draft:
    """Peer 2 address 203.0.113.12 ── static NAT ── LAN 2 [exe2] LAN 1 10.20.0.12"""
    draft = expressway_e()
    draft.peer(2)["address"] = "203.0.113.12"
    return draft


@near_miss("NIC003", "NAM003 fail 10.20.0.12", "CLU021 fail expe.example.com")
def dialled_at_lan_1() -> Draft:
    """Peer 2 address 10.20.0.12 ── LAN 1 [exe2]"""
    return on_ips(expressway_e(), 2)


@fires("NIC004", *(f"NIC004 fail {name}" for name in (ONE, TWO, THREE)))
def ipv6_cluster_on_ipv4_ports() -> Draft:
    """Cluster IP version IPv6 ── LAN 1 10.20.0.1N"""
    draft = expressway_e()
    draft.plan["cluster"]["ip_version"] = "ipv6"
    return draft


@fires("NIC004", f"NIC004 fail {TWO}", f"MAP003 fail {TWO}")
def mapped_to_ipv6() -> Draft:
    """exe2.example.com ── mapping ── 2001:db8::12, and the cluster is IPv4"""
    draft = expressway_e()
    draft.plan["cluster"]["address_mapping"][1]["ip"] = "2001:db8::12"
    return draft


@near_miss("NIC004")
def ip_version_not_stated() -> Draft:
    """Cluster IP version not in the plan ── LAN 1 of every peer is IPv4"""
    draft = expressway_e()
    del draft.plan["cluster"]["ip_version"]
    return draft


@fires("NIC005", "NIC005 fail expe.example.com")
def one_nic_with_nat_today() -> Draft:
    """X15.4 ── 203.0.113.1N ── static NAT ── LAN 1 10.20.0.1N [exeN], mapped"""
    return translated(expressway_e(release="X15.4"))


@near_miss("NIC005")
def two_nics_with_nat() -> Draft:
    """X15.4 ── static NAT ── LAN 2 [exeN] LAN 1"""
    return expressway_e(release="X15.4")


@fires("NIC006", f"NIC006 fail {TWO}")
def a_mask_that_takes_in_lan_2() -> Draft:
    """LAN 1 10.20.0.12/16 [exe2] LAN 2 10.20.50.12/24"""
    draft = expressway_e()
    draft.peer(2)["lan1"]["ip"] = "10.20.0.12/16"
    draft.peer(2)["lan2"]["ip"] = "10.20.50.12/24"
    return draft


@fires("NIC006", f"NIC006 fail {TWO}", "NIC006 unknown expe.example.com")
def one_mask_says_enough() -> Draft:
    """LAN 1 10.20.0.12, no mask [exe2] LAN 2 10.20.0.112/24; LAN 1 10.20.0.13, no mask [exe3] LAN 2 192.168.50.13/24"""
    draft = expressway_e()
    draft.peer(2)["lan1"]["ip"] = "10.20.0.12"
    draft.peer(2)["lan2"]["ip"] = "10.20.0.112/24"
    draft.peer(3)["lan1"]["ip"] = "10.20.0.13"
    return draft


@near_miss("NIC006")
def neighboring_subnets() -> Draft:
    """LAN 1 10.20.0.12/24 [exe2] LAN 2 10.20.1.12/24"""
    draft = expressway_e()
    draft.peer(2)["lan2"]["ip"] = "10.20.1.12/24"
    return draft


@fires("NIC007", "NIC007 fail exc2.corp.example.com")
def a_second_nic_on_an_expressway_c() -> Draft:
    """LAN 1 10.30.0.12 [exc2] LAN 2 192.168.50.12"""
    draft = expressway_c()
    draft.peer(2)["lan2"] = {"ip": "192.168.50.12/24"}
    return draft


@near_miss("NIC007", "NIC009 fail exc2.corp.example.com")
def an_expressway_c_with_the_factory_port() -> Draft:
    """LAN 1 10.30.0.12 [exc2] LAN 2 192.168.0.100/24, never set"""
    draft = expressway_c()
    draft.peer(2)["lan2"] = {"ip": "192.168.0.100/24"}
    return draft


@fires("NIC008", f"NIC008 fail {TWO}")
def outward_and_inward_swapped() -> Draft:
    """External LAN interface LAN1 [exe2] LAN 2 with static NAT"""
    draft = expressway_e()
    draft.peer(2)["external_lan"] = "lan1"
    return draft


@fires("NIC008", f"NIC008 unknown {TWO}")
def outward_port_not_stated() -> Draft:
    """External LAN interface of exe2 not in the plan"""
    draft = expressway_e()
    del draft.peer(2)["external_lan"]
    return draft


@near_miss("NIC008", "NIC005 fail expe.example.com")
def one_nic_looks_outward_with_lan_1() -> Draft:
    """External LAN interface LAN1 [exeN], no LAN 2"""
    draft = translated(expressway_e())
    for peer in draft.plan["peers"]:
        peer["external_lan"] = "lan1"
    return draft


@fires("NIC009", f"NIC009 fail {TWO}", f"DNS008 fail {TWO}")
def lan_2_as_it_left_the_factory() -> Draft:
    """LAN 1 10.20.0.12 [exe2] LAN 2 192.168.0.100/24"""
    draft = expressway_e()
    draft.peer(2)["lan2"] = {"ip": "192.168.0.100/24"}
    return draft


@near_miss("NIC009")
def lan_2_in_use_in_the_factory_subnet() -> Draft:
    """203.0.113.12 ── static NAT ── LAN 2 192.168.0.100/24 [exe2]: someone did set it"""
    draft = expressway_e()
    draft.peer(2)["lan2"]["ip"] = "192.168.0.100/24"
    return draft


@fires("NIC010", "NIC010 fail 203.0.113.11", f"DNS007 fail {TWO}", f"DNS008 fail {TWO}")
def one_static_nat_address_for_two() -> Draft:
    """203.0.113.11 ── static NAT of exe1 and of exe2"""
    draft = expressway_e()
    draft.peer(2)["lan2"]["static_nat"] = "203.0.113.11"
    return draft


@fires("NIC010", "NIC010 fail 192.168.50.11")
def one_lan_2_address_for_two() -> Draft:
    """192.168.50.11 [exe1] and 192.168.50.11 [exe2], behind different static NAT addresses"""
    draft = expressway_e()
    draft.peer(2)["lan2"]["ip"] = "192.168.50.11/24"
    return draft


@near_miss("NIC010", *(f"{code} fail {name}" for code in ("NIC009", "DNS008") for name in (ONE, TWO, THREE)))
def factory_ports_are_no_duplicates() -> Draft:
    """LAN 2 192.168.0.100/24 on all three: none of them in use"""
    draft = expressway_e()
    for peer in draft.plan["peers"]:
        peer["lan2"] = {"ip": "192.168.0.100/24"}
    return draft


@fires("NIC011", f"NIC011 fail {TWO}")
def the_networks_own_address() -> Draft:
    """LAN 2 192.168.50.0/24 [exe2]"""
    draft = expressway_e()
    draft.peer(2)["lan2"]["ip"] = "192.168.50.0/24"
    return draft


@fires("NIC011", f"NIC011 fail {TWO}", f"DNS008 fail {TWO}")
def a_link_local_address() -> Draft:
    """LAN 2 fe80::12 [exe2]"""
    draft = expressway_e()
    draft.peer(2)["lan2"] = {"ip": "fe80::12/64"}
    return draft


@near_miss("NIC011")
def an_address_that_ends_in_zero() -> Draft:
    """LAN 2 192.168.51.0/23 [exe2]: in the middle of its subnet"""
    draft = expressway_e()
    draft.peer(2)["lan2"]["ip"] = "192.168.51.0/23"
    return draft


@fires("NIC012", f"NIC012 fail {TWO}")
def a_mask_without_neighbors() -> Draft:
    """LAN 1 10.20.0.12/32 [exe2]"""
    draft = expressway_e()
    draft.peer(2)["lan1"]["ip"] = "10.20.0.12/32"
    return draft


@fires("NIC012", *(f"{code} fail {name}" for code in ("NIC012", "DNS008") for name in (TWO, THREE)))
def ipv6_that_configured_itself() -> Draft:
    """LAN 2 2001:db8:50::211:22ff:fe33:4455/64 [exe2]; LAN 2 2001:db8:50::13/56 [exe3]"""
    draft = expressway_e()
    draft.peer(2)["lan2"] = {"ip": "2001:db8:50:0:211:22ff:fe33:4455/64"}
    draft.peer(3)["lan2"] = {"ip": "2001:db8:50::13/56"}
    return draft


@near_miss("NIC012")
def a_small_subnet() -> Draft:
    """LAN 1 10.20.0.12/29 [exe2]"""
    draft = expressway_e()
    draft.peer(2)["lan1"]["ip"] = "10.20.0.12/29"
    return draft


@fires("NIC013", f"NIC013 fail {TWO}", f"DNS008 fail {TWO}")
def nat_for_ipv6() -> Draft:
    """2001:db8:113::12 ── static NAT ── LAN 2 2001:db8:50::12 [exe2]"""
    draft = expressway_e()
    draft.peer(2)["lan2"] = {"ip": "2001:db8:50::12/64", "static_nat": "2001:db8:113::12"}
    return draft


@near_miss("NIC013", f"DNS008 fail {TWO}")
def ipv6_without_nat() -> Draft:
    """LAN 2 2001:db8:50::12 [exe2]"""
    draft = expressway_e()
    draft.peer(2)["lan2"] = {"ip": "2001:db8:50::12/64"}
    return draft


@fires("NIC014", *(f"NIC014 fail {name}" for name in (ONE, TWO, THREE)))
def one_nic_on_a_private_address() -> Draft:
    """203.0.113.1N in public DNS ── ? ── LAN 1 10.20.0.1N [exeN], no static NAT"""
    return single_nic(expressway_e())


@fires("NIC014", "NIC014 fail expe.example.com")
def one_nic_in_a_laboratory() -> Draft:
    """10.20.0.1N in the public view ── LAN 1 10.20.0.1N [exeN]"""
    draft = unmapped(single_nic(expressway_e()))
    draft.plan["dns"]["public"]["records"] = [
        record.replace("203.0.113.1", "10.20.0.1").replace(".113.0.203.", ".0.20.10.")
        for record in draft.records("public")
    ]
    return draft


@near_miss("NIC014", "NIC016 fail expe.example.com")
def one_nic_on_a_public_address() -> Draft:
    """203.0.113.1N in public DNS ── LAN 1 203.0.113.1N [exeN]"""
    return routable()


@fires("NIC015", f"NIC015 fail {TWO}")
def a_private_static_nat_address() -> Draft:
    """192.168.1.12 ── static NAT ── LAN 2 [exe2]; exe1 and exe3 have public ones"""
    draft = expressway_e()
    draft.peer(2)["lan2"]["static_nat"] = "192.168.1.12"
    return draft


@fires("NIC015", "NIC015 fail expe.example.com")
def a_laboratorys_outside() -> Draft:
    """10.88.0.1N ── static NAT ── LAN 2 [exeN], and 10.88.0.1N in the public view"""
    draft = expressway_e()
    for number in (1, 2, 3):
        draft.peer(number)["lan2"]["static_nat"] = f"10.88.0.1{number}"
    draft.plan["dns"]["public"]["records"] = [
        record.replace("203.0.113.1", "10.88.0.1").replace(".113.0.203.", ".0.88.10.")
        for record in draft.records("public")
    ]
    return draft


@near_miss("NIC015")
def documentation_addresses_stand_for_public_ones() -> Draft:
    """198.51.100.12 ── static NAT ── LAN 2 [exe2]"""
    draft = expressway_e()
    draft.peer(2)["lan2"]["static_nat"] = "198.51.100.12"
    draft.plan["dns"]["public"]["records"] = [
        record.replace("203.0.113.12", "198.51.100.12").replace("12.113.0.203.", "12.100.51.198.")
        for record in draft.records("public")
    ]
    return draft


@fires("NIC016", "NIC016 fail expe.example.com")
def the_cluster_on_public_addresses() -> Draft:
    """internet ── LAN 1 203.0.113.1N [exeN] ── the cluster, on the same port"""
    return routable()


@near_miss("NIC016", "NIC014 fail expe.example.com")
def public_space_used_inside() -> Draft:
    """LAN 1 203.0.113.1N [exeN], and the plan's internal_networks has 203.0.113.0/24"""
    draft = inside_view(routable())
    draft.plan["internal_networks"] = ["203.0.113.0/24"]
    return draft


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.assert_holds()


@pytest.mark.parametrize(
    ("golden", "weight"),
    [
        (one_static_nat_address_for_two, {"error"}),
        (one_lan_2_address_for_two, {"warning"}),
        (one_nic_on_a_private_address, {"warning"}),
        (one_nic_in_a_laboratory, {"notice"}),
        (a_private_static_nat_address, {"warning"}),
        (a_laboratorys_outside, {"notice"}),
    ],
    ids=lambda value: value.build.__name__ if isinstance(value, Golden) else "",
)
def test_a_laboratory_and_a_possible_layout_weigh_less(golden: Golden, weight: set[str]) -> None:
    findings = judged(golden.build(), AT).findings
    assert {finding.severity.value for finding in findings if finding.code == golden.code} == weight
