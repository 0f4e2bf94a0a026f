"""DNS: goldens for the names of peers, forward and back."""

import pytest

from tests.clusters import Draft, expressway_c, expressway_e
from tests.rules.dns_drafts import EDGE, replaced
from tests.rules.golden import Golden, fires, goldens_of, near_miss


def without_mapping(draft: Draft) -> Draft:
    del draft.plan["cluster"]["address_mapping"]
    return draft


def one_nic(draft: Draft) -> Draft:
    """Every peer with LAN 1 alone, on its public address, found by public DNS."""
    for number, peer in enumerate(draft.plan["peers"], start=1):
        del peer["lan2"], peer["external_lan"]
        peer["lan1"] = {"ip": f"203.0.113.1{number}/24"}
        replaced(draft, "internal", f"exe{number}.", f"exe{number}.example.com. A 203.0.113.1{number}")
    return without_mapping(draft)


# --- DNS001: the Caution ----------------------------------------------------------------------------------------------


@fires("DNS001", "DNS001 fail exe1.example.com")
def the_caution() -> Draft:
    """public: exe1 ── 10.20.0.11 (its LAN 1), where 203.0.113.11 belongs"""
    return replaced(expressway_e(), "public", "exe1.", "exe1.example.com. A 10.20.0.11")


@fires("DNS001", "DNS001 fail exe2.example.com")
def lan2_in_public() -> Draft:
    """public: exe2 ── 203.0.113.12 and 192.168.50.12 (LAN 2 behind the NAT)"""
    draft = expressway_e()
    draft.records("public").append("exe2.example.com. A 192.168.50.12")
    return draft


@fires("DNS001", "DNS001 fail expe.example.com")
def the_cluster_name_leads_inside() -> Draft:
    """public: expe.example.com ── 10.20.0.12, LAN 1 of exe2"""
    return replaced(expressway_e(), "public", "expe.example.com. A 203.0.113.12", "expe.example.com. A 10.20.0.12")


@fires("DNS001", "DNS001 fail edge9.example.com", f"DNS010 fail {EDGE}")
def a_service_leads_inside() -> Draft:
    """public: _collab-edge ── edge9 ── 10.20.9.9"""
    draft = expressway_e()
    draft.records("public").extend([f"{EDGE}. SRV 10 10 8443 edge9.example.com.", "edge9.example.com. A 10.20.9.9"])
    return draft


@near_miss("DNS001", "NIC015 fail expe.example.com")
def a_lab_with_private_addresses_outside() -> Draft:
    """static NAT 10.88.0.1N ── public: exeN 10.88.0.1N: private, and just what is declared"""
    draft = expressway_e()
    for number, peer in enumerate(draft.plan["peers"], start=1):
        peer["lan2"]["static_nat"] = f"10.88.0.1{number}"
    text = [record.replace("203.0.113.", "10.88.0.") for record in draft.records("public")]
    draft.plan["dns"]["public"]["records"] = [record.replace("113.0.203", "0.88.10") for record in text]
    return draft


@near_miss("DNS001", "NIC016 fail expe.example.com")
def one_routable_nic() -> Draft:
    """[exeN] LAN 1 203.0.113.1N ── public: the same: LAN 1 is the public address"""
    return one_nic(expressway_e())


# --- DNS002 to DNS005: what the peers ask -----------------------------------------------------------------------------


@fires("DNS002", "DNS002 fail exc2.corp.example.com")
def no_record() -> Draft:
    """internal: exc1 only"""
    return replaced(expressway_c(), "internal", "exc2.")


@near_miss("DNS002")
def no_record_and_a_mapping() -> Draft:
    """public: no exe2 for clients; the peers have the mapping"""
    draft = expressway_e()
    del draft.plan["services"]["mra"]
    return replaced(draft, "public", "exe2.")


@fires("DNS003", "DNS003 fail exc2.corp.example.com")
def an_old_address() -> Draft:
    """internal: exc2 ── 10.30.9.12, where it was before the move to 10.30.0.12"""
    return replaced(expressway_c(), "internal", "exc2.", "exc2.corp.example.com. A 10.30.9.12")


@fires("DNS003", "DNS003 fail exe2.example.com", "DNS016 fail exe2.example.com", "NIC016 fail expe.example.com")
def one_nic_and_an_old_public_address() -> Draft:
    """[exe2] LAN 1 203.0.113.12 ── public: 203.0.113.99: said once, as what the peers dial"""
    draft = replaced(one_nic(expressway_e()), "public", "exe2.", "exe2.example.com. A 203.0.113.99")
    return replaced(draft, "internal", "exe2.", "exe2.example.com. A 203.0.113.99")


@near_miss("DNS003")
def an_alias_in_the_same_domain() -> Draft:
    """internal: exc2 ── CNAME host7 ── 10.30.0.12"""
    alias = ("exc2.corp.example.com. CNAME host7.corp.example.com.", "host7.corp.example.com. A 10.30.0.12")
    return replaced(expressway_c(), "internal", "exc2.", *alias)


@fires("DNS004", "DNS004 fail exc2.corp.example.com")
def two_records() -> Draft:
    """internal: exc2 ── 10.30.0.12 and 10.30.9.12"""
    draft = expressway_c()
    draft.records("internal").append("exc2.corp.example.com. A 10.30.9.12")
    return draft


@near_miss("DNS004")
def the_same_record_twice() -> Draft:
    """internal: exc2 ── 10.30.0.12, in two letter cases"""
    draft = expressway_c()
    draft.records("internal").append("EXC2.Corp.Example.Com. A 10.30.0.12")
    return draft


@fires(
    "DNS005",
    "DNS005 unknown exc1.corp.example.com",
    "DNS005 unknown exc2.corp.example.com",
    "DNS002 unknown exc1.corp.example.com",
    "DNS002 unknown exc2.corp.example.com",
    "DNS003 unknown exc1.corp.example.com",
    "DNS003 unknown exc2.corp.example.com",
    "DNS004 unknown exc1.corp.example.com",
    "DNS004 unknown exc2.corp.example.com",
    "DNS017 unknown exc1.corp.example.com",
    "DNS017 unknown exc2.corp.example.com",
)
def the_peers_view_says_nothing_of_them() -> Draft:
    """the peers ask `datacentre`, of which the plan has another zone's records only"""
    draft = expressway_c()
    draft.plan["dns"]["datacentre"] = {"records": ["ntp1.example.net. A 10.30.0.1"]}
    for peer in draft.plan["peers"]:
        peer["dns"] = "datacentre"
    return draft


@near_miss(
    "DNS005",
    "DNS001 unknown expe.example.com",
    "DNS006 unknown expe.example.com",
    "DNS007 unknown expe.example.com",
    "DNS008 unknown expe.example.com",
    "DNS009 unknown expe.example.com",
    "DNS010 unknown expe.example.com",
    "DNS011 unknown expe.example.com",
    "DNS012 unknown expe.example.com",
    "DNS013 unknown expe.example.com",
)
def no_public_view_but_a_mapping() -> Draft:
    """peers by mapping, public DNS not given: the links are judged, the outside is not"""
    draft = expressway_e()
    del draft.plan["dns"]["public"]
    return draft


# --- DNS006 and DNS007: the way back ----------------------------------------------------------------------------------


@fires("DNS006", "DNS006 fail exe2.example.com")
def no_way_back_from_lan1() -> Draft:
    """internal: 10.20.0.12 ── nothing, while 10.20.0.11 and 10.20.0.13 lead back"""
    return replaced(expressway_e(), "internal", "12.0.20.10.")


@fires("DNS006", "DNS006 fail exe3.example.com")
def no_way_back_from_the_public_address() -> Draft:
    """public: 203.0.113.13 ── nothing"""
    return replaced(expressway_e(), "public", "13.113.0.203.")


@fires(
    "DNS006",
    *(f"{code} unknown exe{n}.example.com" for code in ("DNS006", "DNS007") for n in (1, 2, 3)),
)
def nobody_speaks_of_the_reverse_zone() -> Draft:
    """internal: names only; whether 10.20.0.1N lead back is not known: said once a peer"""
    draft = expressway_e()
    draft.plan["dns"]["internal"]["records"] = [r for r in draft.records("internal") if "PTR" not in r]
    return draft


@near_miss("DNS006")
def another_view_has_no_such_zone() -> Draft:
    """internal: the PTR records ── partner: knows corp.example.net alone"""
    draft = expressway_e()
    draft.plan["dns"]["partner"] = {"records": [f"exe{n}.example.com. A 10.20.0.1{n}" for n in (1, 2, 3)]}
    return draft


@fires("DNS007", "DNS007 fail exe2.example.com")
def the_way_back_leads_to_another_name() -> Draft:
    """internal: 10.20.0.12 ── exe2.corp.example.com, no SAN of exe2"""
    record = "12.0.20.10.in-addr.arpa. PTR exe2.corp.example.com."
    return replaced(expressway_e(), "internal", "12.0.20.10.", record)


@fires("DNS007", "DNS007 fail exe1.example.com")
def two_ways_back() -> Draft:
    """internal: 10.20.0.11 ── exe1 and expe, both SANs, and only one is allowed"""
    draft = expressway_e()
    draft.records("internal").append("11.0.20.10.in-addr.arpa. PTR expe.example.com.")
    return draft


@fires("DNS007", "DNS007 fail exe1.example.com")
def the_providers_own_name() -> Draft:
    """public: 203.0.113.11 ── host-11.provider.example"""
    record = "11.113.0.203.in-addr.arpa. PTR host-11.provider.example."
    return replaced(expressway_e(), "public", "11.113.", record)


@near_miss("DNS007", "NAM001 fail exe2.example.com")
def the_name_itself_is_no_san() -> Draft:
    """internal: 10.20.0.12 ── exe2, as it should; that exe2 is no SAN is said once, as what Enforce breaks on"""
    draft = expressway_e()
    draft.reissue(2, sans=["expe.example.com", "exe2.exmaple.com", "example.com"])
    return draft


@near_miss("DNS007")
def back_in_another_letter_case() -> Draft:
    """internal: 10.20.0.11 ── EXE1.Example.Com"""
    return replaced(expressway_e(), "internal", "11.0.20.", "11.0.20.10.in-addr.arpa. PTR EXE1.Example.Com.")


# --- DNS008: the public record ----------------------------------------------------------------------------------------


@fires("DNS008", "DNS008 fail exe2.example.com")
def a_stranger_in_public() -> Draft:
    """public: exe2 ── 203.0.113.99; static NAT 203.0.113.12"""
    return replaced(expressway_e(), "public", "exe2.", "exe2.example.com. A 203.0.113.99")


@fires("DNS008", "DNS008 fail exe2.example.com")
def two_addresses_in_public() -> Draft:
    """public: exe2 ── 203.0.113.12 and 203.0.113.11, static NAT of exe1"""
    draft = expressway_e()
    draft.records("public").append("exe2.example.com. A 203.0.113.11")
    return draft


@fires("DNS008", "DNS008 fail exe2.example.com")
def absent_in_public() -> Draft:
    """public: no exe2, and clients outside need it"""
    return replaced(expressway_e(), "public", "exe2.")


@fires("DNS008", "DNS008 fail exe2.example.com")
def nat_that_the_plan_does_not_know() -> Draft:
    """[exe2] LAN 2 192.168.50.12, no static NAT ── public: exe2 203.0.113.12"""
    draft = expressway_e()
    del draft.peer(2)["lan2"]["static_nat"]
    return draft


@near_miss("DNS008", "DNS001 fail exe2.example.com")
def the_caution_is_said_once() -> Draft:
    """public: exe2 ── 10.20.0.12: the Caution, and nothing beside it"""
    return replaced(expressway_e(), "public", "exe2.", "exe2.example.com. A 10.20.0.12")


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.assert_holds()
