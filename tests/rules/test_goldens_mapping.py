"""Golden cases of the MAP rules."""

from ipaddress import ip_address
from typing import Any

import pytest

from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import AT
from tests.rules.golden import Golden, fires, goldens_of, judged, near_miss, said
from tests.rules.layouts import inside_view, on_ips, routable, rsa_keys, unmapped

ONE, TWO, THREE = (f"exe{n}.example.com" for n in (1, 2, 3))
CLUSTER = "expe.example.com"
SILENT_DNS = ("MAP001", "MAP006", "DNS002", "DNS003", "DNS004", "DNS005")
ALL_ON_IPS = tuple(f"NAM003 fail 10.20.0.1{n}" for n in (1, 2, 3))


def entries(draft: Draft) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = draft.plan["cluster"]["address_mapping"]
    return found


@fires("MAP001", *(f"MAP001 fail {name}" for name in (ONE, TWO, THREE)))
def public_dns_and_no_table() -> Draft:
    """exeN ── public DNS ── 203.0.113.1N, static NAT; the cluster is on 10.20.0.1N; mapping Off"""
    return unmapped(expressway_e())


@fires("MAP001", *(f"{code} unknown {name}" for code in SILENT_DNS for name in (ONE, TWO, THREE)))
def a_silent_server_and_no_table() -> Draft:
    """exeN ── their own DNS server, which is not asked (--no-dns); mapping Off"""
    draft = unmapped(expressway_e())
    draft.plan["dns"]["own"] = {"servers": ["192.0.2.53"]}
    for peer in draft.plan["peers"]:
        peer["dns"] = "own"
    return draft


@near_miss("MAP001", f"MAP006 fail {CLUSTER}")
def inside_dns_and_no_table() -> Draft:
    """exeN ── internal DNS ── 10.20.0.1N; mapping Off"""
    return inside_view(unmapped(expressway_e()))


@fires("MAP002", f"MAP002 fail {THREE}")
def two_entries_for_three_peers() -> Draft:
    """mapping: exe1, exe2 ── and exe3 is looked up in public DNS"""
    draft = expressway_e()
    entries(draft).pop()
    return draft


@fires("MAP002", f"MAP002 fail {CLUSTER}")
def an_empty_table() -> Draft:
    """mapping On, no rows"""
    draft = expressway_e()
    entries(draft).clear()
    return draft


@fires("MAP002", "MAP002 fail 10.20.0.13", *ALL_ON_IPS)
def a_table_made_ahead_with_a_gap() -> Draft:
    """Peer 3 address 10.20.0.13, to be exe3 ── mapping: exe1, exe2"""
    draft = on_ips(expressway_e())
    entries(draft).pop()
    return draft


@near_miss("MAP002", *ALL_ON_IPS)
def a_table_made_ahead() -> Draft:
    """Peer N address 10.20.0.1N, to be exeN ── mapping: exe1, exe2, exe3"""
    return on_ips(expressway_e())


@fires("MAP003", f"MAP003 fail {TWO}")
def mapped_to_static_nat() -> Draft:
    """exe2 ── mapping ── 203.0.113.12, static NAT of LAN 2 [exe2] LAN 1 10.20.0.12"""
    draft = expressway_e()
    entries(draft)[1]["ip"] = "203.0.113.12"
    return draft


@fires("MAP003", "MAP003 fail 10.20.0.12", *ALL_ON_IPS)
def mapped_ahead_to_lan_2() -> Draft:
    """Peer 2 address 10.20.0.12, to be exe2 ── mapping ── 192.168.50.12"""
    draft = on_ips(expressway_e())
    entries(draft)[1]["ip"] = "192.168.50.12"
    return draft


@near_miss("MAP003")
def entries_in_another_order() -> Draft:
    """mapping: exe3, exe1, exe2, in capitals"""
    draft = expressway_e()
    entries(draft).sort(key=lambda entry: (int(entry["fqdn"][3]) % 3, entry["fqdn"]))
    for entry in entries(draft):
        entry["fqdn"] = entry["fqdn"].upper()
    return draft


@fires("MAP004", f"MAP002 fail {TWO}", f"MAP004 fail {TWO}")
def the_suggestion_taken() -> Draft:
    """10.20.0.12 ── mapping ── exe2.corp.example.com; Peer 2 address and SAN exe2.example.com"""
    draft = expressway_e()
    entries(draft)[1]["fqdn"] = "exe2.corp.example.com"
    return draft


@fires("MAP004", "MAP004 fail 10.20.0.12", *ALL_ON_IPS)
def mapped_ahead_under_a_name_no_certificate_has() -> Draft:
    """Peer 2 address 10.20.0.12, to be exe2.example.com ── mapping: exe2.corp.example.com"""
    draft = on_ips(expressway_e())
    entries(draft)[1]["fqdn"] = "exe2.corp.example.com"
    return draft


@near_miss("MAP004", f"MAP002 fail {TWO}")
def mapped_under_another_san() -> Draft:
    """10.20.0.12 ── mapping ── edge2.example.com, a SAN of exe2; public DNS has exe2"""
    draft = expressway_e()
    draft.reissue(2, sans=["expe.example.com", TWO, "edge2.example.com", "example.com"])
    entries(draft)[1]["fqdn"] = "edge2.example.com"
    return draft


@fires("MAP005", f"MAP005 fail {TWO}")
def one_name_two_addresses() -> Draft:
    """exe2 ── mapping ── 10.20.0.12 and 10.20.9.12"""
    draft = expressway_e()
    entries(draft).append({"fqdn": TWO, "ip": "10.20.9.12"})
    return draft


@fires("MAP005", "MAP005 fail 10.20.0.12", *ALL_ON_IPS)
def one_name_two_addresses_ahead() -> Draft:
    """Peer 2 address 10.20.0.12, to be exe2 ── mapping ── 10.20.0.12 and 10.20.9.12"""
    draft = on_ips(expressway_e())
    entries(draft).append({"fqdn": TWO, "ip": "10.20.9.12"})
    return draft


@near_miss("MAP005", f"MAP008 fail {TWO}")
def the_same_row_twice() -> Draft:
    """exe2 10.20.0.12, exe2 10.20.0.12"""
    draft = expressway_e()
    entries(draft).append({"fqdn": TWO, "ip": "10.20.0.12"})
    return draft


@fires("MAP006", f"MAP006 fail {CLUSTER}", *ALL_ON_IPS)
def formed_on_ip_addresses() -> Draft:
    """Peer N address 10.20.0.1N, LAN 2 with static NAT, mapping Off, Permissive: the usual beginning"""
    return on_ips(unmapped(expressway_e()))


@near_miss("MAP006", f"NIC016 fail {CLUSTER}", *(f"NAM003 fail 203.0.113.1{n}" for n in (1, 2, 3)))
def formed_on_routable_ip_addresses() -> Draft:
    """Peer N address 203.0.113.1N, one NIC, no static NAT: DNS will do"""
    return on_ips(routable())


@fires("MAP007", "MAP007 fail exe4.example.com")
def left_over_from_a_removed_peer() -> Draft:
    """mapping: exe1, exe2, exe3, and exe4 10.20.0.14"""
    draft = expressway_e()
    entries(draft).append({"fqdn": "exe4.example.com", "ip": "10.20.0.14"})
    return draft


@fires("MAP007", "MAP007 fail edge2.example.com")
def another_name_and_the_outer_address() -> Draft:
    """mapping: exe2 10.20.0.12, and edge2 203.0.113.12, its static NAT address"""
    draft = expressway_e()
    entries(draft).append({"fqdn": "edge2.example.com", "ip": "203.0.113.12"})
    return draft


@near_miss("MAP007", "MAP008 fail edge2.example.com")
def a_second_name_for_one_peer() -> Draft:
    """mapping: exe2 10.20.0.12, and edge2 10.20.0.12"""
    draft = expressway_e()
    entries(draft).append({"fqdn": "edge2.example.com", "ip": "10.20.0.12"})
    return draft


@fires("MAP008", "MAP008 fail edge2.example.com")
def another_san_with_inside_dns_to_help() -> Draft:
    """10.20.0.12 ── mapping ── edge2, a SAN of exe2; internal DNS has exe2 at 10.20.0.12"""
    draft = inside_view(expressway_e())
    draft.reissue(2, sans=["expe.example.com", TWO, "edge2.example.com", "example.com"])
    entries(draft)[1]["fqdn"] = "edge2.example.com"
    return draft


@near_miss("MAP008")
def a_trailing_dot() -> Draft:
    """10.20.0.12 ── mapping ── exe2.example.com. with the dot of the root"""
    draft = expressway_e()
    entries(draft)[1]["fqdn"] = "exe2.example.com."
    return draft


@fires("MAP009", f"MAP009 fail {CLUSTER}", f"NIC016 fail {CLUSTER}")
def mapped_to_the_public_side() -> Draft:
    """exeN ── mapping ── 203.0.113.1N, LAN 1 of the only NIC"""
    draft = routable()
    draft.plan["cluster"]["address_mapping"] = [
        {"fqdn": f"exe{n}.example.com", "ip": f"203.0.113.1{n}"} for n in (1, 2, 3)
    ]
    return draft


@near_miss("MAP009")
def mapped_to_an_inside_network_of_public_space() -> Draft:
    """exeN ── mapping ── 198.51.100.1N, LAN 1 of two; the plan's internal_networks has 198.51.100.0/24"""
    draft = expressway_e()
    for number in (1, 2, 3):
        draft.peer(number)["lan1"]["ip"] = f"198.51.100.1{number}/24"
        entries(draft)[number - 1]["ip"] = f"198.51.100.1{number}"
    draft.plan["dns"]["internal"]["records"] = [
        record.replace("10.20.0.1", "198.51.100.1").replace(".0.20.10.", ".100.51.198.")
        for record in draft.records("internal")
    ]
    draft.plan["internal_networks"] = ["198.51.100.0/24"]
    return draft


@fires("MAP010", "MAP010 fail excl.corp.example.com")
def a_table_on_an_expressway_c() -> Draft:
    """excN ── mapping ── 10.30.0.1N, which internal DNS has, too"""
    draft = expressway_c()
    draft.plan["cluster"]["address_mapping"] = [
        {"fqdn": f"exc{n}.corp.example.com", "ip": f"10.30.0.1{n}"} for n in (1, 2)
    ]
    return draft


@fires("MAP010", "MAP010 unknown excl.corp.example.com", *(f"DNS017 unknown exc{n}.corp.example.com" for n in (1, 2)))
def a_table_and_a_silent_server() -> Draft:
    """excN ── mapping ── 10.30.0.1N; the DNS server is not asked (--no-dns)"""
    draft = a_table_on_an_expressway_c.build()
    draft.plan["dns"]["internal"] = {"servers": ["192.0.2.53"]}
    return draft


@near_miss("MAP010")
def a_table_in_place_of_dns() -> Draft:
    """excN ── mapping ── 10.30.0.1N; internal DNS lacks exc2"""
    draft = expressway_c()
    draft.plan["cluster"]["address_mapping"] = [
        {"fqdn": f"exc{n}.corp.example.com", "ip": f"10.30.0.1{n}"} for n in (1, 2)
    ]
    draft.plan["dns"]["internal"]["records"].remove("exc2.corp.example.com. A 10.30.0.12")
    return draft


@fires(
    "MAP011",
    f"MAP011 fail {CLUSTER}",
    f"MAP006 fail {CLUSTER}",
    "DNS010 fail _collab-edge._tls.example.com",
    *(f"{code} fail 10.20.0.1{n}" for code in ("NAM003", "CLU016") for n in (1, 2, 3)),
)
def the_button_would_be_wrong() -> Draft:
    """System host name exeN, Domain name corp.example.com; the peers are to be exeN.example.com; no table yet"""
    draft = on_ips(unmapped(expressway_e()))
    for peer in draft.plan["peers"]:
        peer["domain"] = "corp.example.com"
    return draft


@near_miss(
    "MAP011",
    "DNS010 fail _collab-edge._tls.example.com",
    *(f"CLU016 fail {name}" for name in (ONE, TWO, THREE)),
)
def the_table_is_right_already() -> Draft:
    """System host name exeN, Domain name corp.example.com; mapping: exeN.example.com"""
    draft = expressway_e()
    for peer in draft.plan["peers"]:
        peer["domain"] = "corp.example.com"
    return draft


def ipv6_inside(draft: Draft) -> Draft:
    """The cluster on IPv6: LAN 1 fd00:20::1N, mapped, and inside DNS to match."""
    draft.plan["cluster"]["ip_version"] = "ipv6"
    for number in (1, 2, 3):
        draft.peer(number)["lan1"]["ip"] = f"fd00:20::1{number}/64"
        entries(draft)[number - 1]["ip"] = f"fd00:20::1{number}"
    draft.plan["dns"]["internal"]["records"] = [
        record
        for number in (1, 2, 3)
        for record in (
            f"exe{number}.example.com. AAAA fd00:20::1{number}",
            f"{ip_address(f'fd00:20::1{number}').reverse_pointer}. PTR exe{number}.example.com.",
        )
    ]
    return draft


@fires("MAP012", f"MAP012 fail {CLUSTER}")
def mapped_to_ipv6() -> Draft:
    """exeN ── mapping ── fd00:20::1N, LAN 1; Cluster IP version IPv6"""
    return ipv6_inside(expressway_e())


@near_miss("MAP012", f"DNS008 fail {TWO}")
def ipv6_on_the_outer_port() -> Draft:
    """exeN ── mapping ── 10.20.0.1N, LAN 1; LAN 2 of exe2 is IPv6"""
    draft = expressway_e()
    draft.peer(2)["lan2"] = {"ip": "2001:db8:50::12/64"}
    return draft


@near_miss("MAP012")
def mapped_to_ipv6_and_enforced() -> Draft:
    """exeN ── mapping ── fd00:20::1N, LAN 1; TLS verification mode is Enforce, so it has been tried"""
    draft = ipv6_inside(expressway_e())
    draft.plan["cluster"]["tls_verification"] = "enforce"
    return draft


@fires("MAP013", f"MAP013 fail {CLUSTER}")
def a_table_before_there_were_tables() -> Draft:
    """X8.9.1 ── mapping: exe1, exe2, exe3"""
    return rsa_keys(expressway_e(release="X8.9.1"))


@near_miss("MAP013")
def the_first_release_with_tables() -> Draft:
    """X8.9.2 ── mapping: exe1, exe2, exe3"""
    return rsa_keys(expressway_e(release="X8.9.2"))


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.assert_holds()


@pytest.mark.parametrize("fqdn", ["exe2.corp.example.com", TWO])
def test_without_a_certificate_map004_is_open_only_where_the_entry_has_another_name(fqdn: str) -> None:
    draft = expressway_e()
    entries(draft)[1]["fqdn"] = fqdn
    del draft.peer(2)["server_certificate"]
    heard = {line for line in said(judged(draft, AT)) if line.startswith("MAP004")}
    assert heard == (set() if fqdn == TWO else {f"MAP004 unknown server certificate of {TWO}"})


@pytest.mark.parametrize(
    ("golden", "code", "weight"),
    [
        (formed_on_ip_addresses, "MAP006", {"warning"}),
        (inside_dns_and_no_table, "MAP006", {"notice"}),
        (another_san_with_inside_dns_to_help, "MAP008", {"warning"}),
        (a_second_name_for_one_peer, "MAP008", {"notice"}),
        (the_same_row_twice, "MAP008", {"notice"}),
    ],
    ids=lambda value: value.build.__name__ if isinstance(value, Golden) else "",
)
def test_what_works_today_weighs_less(golden: Golden, code: str, weight: set[str]) -> None:
    findings = judged(golden.build(), AT).findings
    assert {finding.severity.value for finding in findings if finding.code == code} == weight
