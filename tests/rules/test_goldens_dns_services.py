"""DNS: goldens for service records, aliases and views that say too little."""

import pytest

from tests.clusters import Draft, expressway_c, expressway_e
from tests.rules.dns_drafts import EDGE, replaced
from tests.rules.golden import Golden, fires, goldens_of, near_miss

XMPP = "_xmpp-server._tcp.example.com"


def one_nic_with_nat(draft: Draft) -> Draft:
    """Every peer with LAN 1 alone, behind static NAT; internal DNS leads Expressway-C to the public address."""
    for number, peer in enumerate(draft.plan["peers"], start=1):
        peer["lan1"]["static_nat"] = peer["lan2"]["static_nat"]
        del peer["lan2"], peer["external_lan"]
        replaced(draft, "internal", f"exe{number}.", f"exe{number}.example.com. A 203.0.113.1{number}")
    return draft


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
    golden.assert_holds()
