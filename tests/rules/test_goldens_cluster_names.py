"""CLU: goldens for host, cluster and peer names, and for what the appliance shows."""

import json

import pytest

from tests.clusters import Draft, expressway_c, expressway_e
from tests.rules.cluster_drafts import CLUSTER, HOLDS, INSIDE, ONE, PAGE, SERVICE, THREE, TWO
from tests.rules.golden import Golden, fires, goldens_of, near_miss
from tests.rules.layouts import on_ips, rsa_keys, unmapped


def long_name(length: int) -> str:
    """A sound FQDN of so many characters, from 74 to 136."""
    return f"exe2.{'a' * 55}.{'b' * (length - 73)}.example.com"


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
    golden.assert_holds()
