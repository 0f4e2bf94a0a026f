"""Golden cases of the DNS rules."""

from pathlib import Path

import pytest

from tests.clusters import Draft, expressway_c, expressway_e
from tests.rules.golden import Golden, fires, goldens_of, near_miss

EDGE = "_collab-edge._tls.example.com"
XMPP = "_xmpp-server._tcp.example.com"


def replaced(draft: Draft, view: str, old: str, *new: str) -> Draft:
    """Put `new` in the place of the one record of `view` that begins with `old`."""
    records = draft.records(view)
    place = next(number for number, record in enumerate(records) if record.startswith(old))
    records[place : place + 1] = new
    return draft


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


def one_nic_with_nat(draft: Draft) -> Draft:
    """Every peer with LAN 1 alone, behind static NAT; internal DNS leads Expressway-C to the public address."""
    for number, peer in enumerate(draft.plan["peers"], start=1):
        peer["lan1"]["static_nat"] = peer["lan2"]["static_nat"]
        del peer["lan2"], peer["external_lan"]
        replaced(draft, "internal", f"exe{number}.", f"exe{number}.example.com. A 203.0.113.1{number}")
    return draft


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


# --- DNS009 to DNS014: services ---------------------------------------------------------------------------------------


def without_edge(draft: Draft) -> Draft:
    draft.plan["dns"]["public"]["records"] = [r for r in draft.records("public") if not r.startswith(EDGE)]
    return draft


@fires("DNS009", f"DNS009 fail {EDGE}")
def no_edge_record() -> Draft:
    """public: no _collab-edge"""
    return without_edge(expressway_e())


@near_miss("DNS009")
def no_edge_record_and_no_mra() -> Draft:
    """public: no _collab-edge, and no Mobile and Remote Access that would need it"""
    draft = without_edge(expressway_e())
    del draft.plan["services"]["mra"]
    return draft


@near_miss("DNS009")
def a_domain_of_the_inside_beside_it() -> Draft:
    """MRA domains example.com and corp.internal: nobody outside could look for the second"""
    draft = expressway_e()
    draft.plan["services"]["mra"]["domains"].append("corp.internal")
    for number in (1, 2, 3):
        draft.reissue(number, sans=["expe.example.com", f"exe{number}.example.com", "example.com", "corp.internal"])
    return draft


@fires("DNS010", f"DNS010 fail {EDGE}")
def the_usual_https_port() -> Draft:
    """public: _collab-edge 10 10 443 exe1"""
    record = f"{EDGE}. SRV 10 10 443 exe1.example.com."
    return replaced(expressway_e(), "public", f"{EDGE}. SRV 10 10 8443 exe1", record)


@fires("DNS010", f"DNS010 fail {EDGE}", f"DNS011 fail {EDGE}")
def a_forgotten_dot() -> Draft:
    """zone file: SRV ... exe1.example.com without its dot ── exe1.example.com.example.com"""
    record = f"{EDGE}. SRV 10 10 8443 exe1.example.com.example.com."
    return replaced(expressway_e(), "public", f"{EDGE}. SRV 10 10 8443 exe1", record)


@fires("DNS010", f"DNS010 fail {EDGE}")
def another_public_name() -> Draft:
    """public: _collab-edge ── edge1 ── 203.0.113.11, neither host name and domain of exe1 nor a SAN of it"""
    draft = expressway_e()
    draft.records("public").append("edge1.example.com. A 203.0.113.11")
    record = f"{EDGE}. SRV 10 10 8443 edge1.example.com."
    return replaced(draft, "public", f"{EDGE}. SRV 10 10 8443 exe1", record)


@fires("DNS010", f"DNS010 fail {EDGE}")
def another_cluster_serves_the_domain_too() -> Draft:
    """public: _collab-edge ── exe1, exe2, exe3, and emea1 of another cluster: a notice"""
    draft = expressway_e()
    draft.records("public").extend([f"{EDGE}. SRV 20 10 8443 emea1.example.com.", "emea1.example.com. A 198.51.100.7"])
    return draft


@near_miss("DNS010")
def targets_in_capitals() -> Draft:
    """public: _collab-edge ── EXE1.EXAMPLE.COM"""
    record = f"{EDGE}. SRV 10 10 8443 EXE1.EXAMPLE.COM."
    return replaced(expressway_e(), "public", f"{EDGE}. SRV 10 10 8443 exe1", record)


@fires("DNS011", f"DNS011 fail {EDGE}")
def a_peer_left_out() -> Draft:
    """public: _collab-edge ── exe1, exe2"""
    return replaced(expressway_e(), "public", f"{EDGE}. SRV 10 10 8443 exe3")


@near_miss("DNS011", f"DNS009 fail {EDGE}")
def no_record_at_all() -> Draft:
    """public: no _collab-edge: said as that, not peer by peer"""
    return without_edge(expressway_e())


@fires("DNS012", f"DNS012 fail {EDGE}")
def one_peer_in_reserve() -> Draft:
    """public: exe1 and exe2 at priority 10, exe3 at 20"""
    record = f"{EDGE}. SRV 20 10 8443 exe3.example.com."
    return replaced(expressway_e(), "public", f"{EDGE}. SRV 10 10 8443 exe3", record)


@near_miss("DNS012")
def another_pair_of_numbers() -> Draft:
    """public: every peer at 0 5"""
    draft = expressway_e()
    records = [record.replace("SRV 10 10", "SRV 0 5") for record in draft.records("public")]
    draft.plan["dns"]["public"]["records"] = records
    return draft


@fires("DNS013", "DNS013 fail _cisco-uds._tcp.example.com")
def jabber_believes_it_is_inside() -> Draft:
    """public: _cisco-uds._tcp ── cucm1.example.com"""
    draft = expressway_e()
    draft.records("public").append("_cisco-uds._tcp.example.com. SRV 10 10 8443 cucm1.example.com.")
    return draft


@near_miss("DNS013")
def inside_where_it_belongs() -> Draft:
    """internal: _cisco-uds._tcp and _cuplogin._tcp"""
    draft = expressway_e()
    for service in ("_cisco-uds", "_cuplogin"):
        draft.records("internal").append(f"{service}._tcp.example.com. SRV 10 10 8443 cucm1.example.com.")
    return draft


def federated(port: int) -> Draft:
    draft = expressway_e()
    draft.plan["services"]["xmpp_federation"] = {"domains": ["example.com"]}
    draft.records("public").extend(f"{XMPP}. SRV 0 0 {port} exe{n}.example.com." for n in (1, 2, 3))
    return draft


@fires("DNS014", f"DNS014 fail {XMPP}")
def the_clients_xmpp_port() -> Draft:
    """public: _xmpp-server._tcp ── port 5222"""
    return federated(5222)


@fires("DNS014", f"DNS014 fail {XMPP}")
def federation_without_a_record() -> Draft:
    """public: no _xmpp-server._tcp for a federated domain"""
    draft = federated(5269)
    draft.plan["dns"]["public"]["records"] = [r for r in draft.records("public") if not r.startswith(XMPP)]
    return draft


@near_miss("DNS014")
def federation_with_its_record() -> Draft:
    """public: _xmpp-server._tcp ── port 5269, every peer"""
    return federated(5269)


# --- DNS015 and DNS016: aliases, and the inside -----------------------------------------------------------------------


@fires("DNS015", "DNS015 fail exe1.example.com")
def an_alias_abroad() -> Draft:
    """public: exe1.example.com ── CNAME exe1.dyn.example.net ── 203.0.113.11"""
    alias = ("exe1.example.com. CNAME exe1.dyn.example.net.", "exe1.dyn.example.net. A 203.0.113.11")
    return replaced(expressway_e(), "public", "exe1.", *alias)


@near_miss("DNS015")
def an_alias_at_home() -> Draft:
    """public: exe1.example.com ── CNAME edge1.example.com ── 203.0.113.11"""
    alias = ("exe1.example.com. CNAME edge1.example.com.", "edge1.example.com. A 203.0.113.11")
    return replaced(expressway_e(), "public", "exe1.", *alias)


@fires("DNS016", "DNS016 fail exe1.example.com")
def two_addresses_inside() -> Draft:
    """internal: exe1 ── 10.20.0.11 and 10.20.9.11, left over from a change of NIC"""
    draft = expressway_e()
    draft.records("internal").append("exe1.example.com. A 10.20.9.11")
    return draft


@fires("DNS016", "DNS016 fail exe1.example.com")
def the_public_address_inside() -> Draft:
    """internal: exe1 ── 203.0.113.11, as if there were no split DNS"""
    return replaced(expressway_e(), "internal", "exe1.", "exe1.example.com. A 203.0.113.11")


@fires("DNS016", "DNS016 fail exe1.example.com")
def absent_inside() -> Draft:
    """internal: no exe1, where Expressway-C looks for it"""
    return replaced(expressway_e(), "internal", "exe1.")


@near_miss("DNS016", "NIC005 fail expe.example.com")
def one_nic_behind_nat() -> Draft:
    """[exeN] one NIC, static NAT ── internal: the public address, which Expressway-C must use then"""
    return one_nic_with_nat(expressway_e())


# --- DNS017: the way back to an Expressway-C --------------------------------------------------------------------------


@fires("DNS017", "DNS017 fail exc2.corp.example.com")
def no_way_back_to_c() -> Draft:
    """internal: 10.30.0.12 ── nothing"""
    return replaced(expressway_c(), "internal", "12.0.30.10.")


@fires("DNS017", "DNS017 fail exc2.corp.example.com")
def back_to_an_old_name_of_c() -> Draft:
    """internal: 10.30.0.12 ── vcs2.corp.example.com: a notice"""
    record = "12.0.30.10.in-addr.arpa. PTR vcs2.corp.example.com."
    return replaced(expressway_c(), "internal", "12.0.30.10.", record)


@near_miss("DNS017")
def two_names_of_c() -> Draft:
    """internal: 10.30.0.12 ── exc2 and an old name: one of them is its own"""
    draft = expressway_c()
    draft.records("internal").append("12.0.30.10.in-addr.arpa. PTR vcs2.corp.example.com.")
    return draft


# --- DNS018 and DNS019: views that say too little ---------------------------------------------------------------------


@fires(
    "DNS018",
    "DNS018 unknown public",
    "DNS001 unknown exe1.example.com",
    "DNS008 unknown exe1.example.com",
)
def a_circle_of_aliases() -> Draft:
    """public: exe1 ── CNAME edge1 ── CNAME exe1: no answer at all"""
    circle = ("exe1.example.com. CNAME edge1.example.com.", "edge1.example.com. CNAME exe1.example.com.")
    return replaced(expressway_e(), "public", "exe1.", *circle)


@near_miss("DNS018")
def a_circle_of_other_names() -> Draft:
    """public: www ── CNAME web ── CNAME www: none of the peers'"""
    draft = expressway_e()
    circle = ("www.example.com. CNAME web.example.com.", "web.example.com. CNAME www.example.com.")
    draft.records("public").extend(circle)
    return draft


@fires("DNS019", "DNS019 fail zones/public.zone")
def a_line_that_cannot_be_read() -> Draft:
    """zones/public.zone, line 3: A 203.0.113, one number short, of a name nobody asks for"""
    draft = expressway_e()
    draft.files["zones/public.zone"] = b"$ORIGIN other.example.\n@ SOA ns root 1 2 3 4 5\nwww A 203.0.113\n"
    draft.plan["dns"]["public"]["zone_files"] = ["zones/public.zone"]
    return draft


@near_miss("DNS019")
def a_windows_export() -> Draft:
    """zones/other.example.dns: [AGE:n] before the TTL, as Windows writes it"""
    draft = expressway_e()
    draft.files["zones/other.example.dns"] = (
        b";\n;  Database file other.example.dns for other.example zone.\n;\n"
        b"@ IN SOA dc1.other.example. root.other.example. ( 1 2 3 4 5 )\nwww [AGE:3712345] 600 A 203.0.113.80\n"
    )
    draft.plan["dns"]["public"]["zone_files"] = ["zones/other.example.dns"]
    return draft


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.check()


def _without_reverse_zone(view: str) -> Draft:
    """The peers' LAN 1 addresses are of no zone that the view has; with `public`, there is no other view."""
    draft = expressway_e()
    internal = draft.plan["dns"].pop("internal")["records"]
    if view != "public":
        draft.plan["dns"][view] = {"records": [record for record in internal if "PTR" not in record]}
    else:
        # A lab, whose public view has PTR records of private addresses.
        for number in (1, 2, 3):
            draft.peer(number)["lan2"]["static_nat"] = f"10.88.246.1{number}"
            replaced(draft, view, f"1{number}.113.", f"1{number}.246.88.10.in-addr.arpa. PTR exe{number}.example.com.")
            replaced(draft, view, f"exe{number}.", f"exe{number}.example.com. A 10.88.246.1{number}")
    return draft


def test_a_view_without_the_reverse_zone_is_to_be_given_it(tmp_path: Path) -> None:
    inside = "Add the zone 0.20.10.in-addr.arpa to the internal view in the plan's dns section."
    lab = "such as `internal`, with the zone 0.20.10.in-addr.arpa, to the plan's dns section."
    for view, wanted in (("internal", inside), ("public", f"Add a view of the DNS that Expressway-C asks, {lab}")):
        open_ = [
            finding
            for finding in _without_reverse_zone(view).judge(tmp_path / view).findings
            if finding.code == "DNS006"
        ]
        assert {finding.fix for finding in open_} == {wanted}
        assert len({finding.missing.why for finding in open_ if finding.missing is not None}) == 1
        assert len(open_) == 3


def test_without_any_view_of_the_inside_one_is_asked_for_and_no_zone(tmp_path: Path) -> None:
    draft = expressway_e()
    del draft.plan["dns"]["internal"]
    fixes = {finding.fix for finding in draft.judge(tmp_path).findings if finding.code == "DNS006"}
    assert fixes == {"Add a view of the DNS that Expressway-C asks, such as `internal`, to the plan's dns section."}
