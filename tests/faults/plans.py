"""Faults of the plan itself: the mapping, the peers, their interfaces and the services."""

from tests.clusters import Draft
from tests.faults.registry import Fault, Faults

__all__ = ["FAULTS"]

FAULTS = Faults()
fault = FAULTS.add


def mapping(draft: Draft) -> list[dict[str, str]]:
    entries: list[dict[str, str]] = draft.plan["cluster"].get("address_mapping", [])
    return entries


@fault
def swapped_mapping(draft: Draft, number: int) -> None:
    entries = mapping(draft)
    if len(entries) > 1:
        first, second = entries[number % len(entries)], entries[0]
        first["ip"], second["ip"] = second["ip"], first["ip"]


@fault
def mapping_to_nat(draft: Draft, number: int) -> None:
    for entry in mapping(draft)[number - 1 : number]:
        entry["ip"] = f"203.0.113.1{number}"


@fault
def mapping_without_a_peer(draft: Draft, number: int) -> None:
    del mapping(draft)[number - 1 : number]


@fault
def mapping_of_a_stranger(draft: Draft, number: int) -> None:
    if (entries := mapping(draft)) and len(entries) < 10:
        entries.append({"fqdn": f"exe{number}.example.net", "ip": f"10.20.0.2{number}"})


@fault
def mapping_twice(draft: Draft, number: int) -> None:
    if entries := mapping(draft):
        entries.append({"fqdn": entries[0]["fqdn"], "ip": f"10.20.0.3{number}"})


@fault
def mapping_empty(draft: Draft, number: int) -> None:
    if "address_mapping" in draft.plan["cluster"]:
        draft.plan["cluster"]["address_mapping"] = []


@fault
def mapping_by_another_name(draft: Draft, number: int) -> None:
    for entry in mapping(draft)[number - 1 : number]:
        entry["fqdn"] = f"exe{number}.corp.example.com"


@fault
def bare_cluster_name(draft: Draft, number: int) -> None:
    draft.plan["cluster"]["name"] = "expressways"


@fault
def dot_of_the_root(draft: Draft, number: int) -> None:
    draft.peer(number)["address"] += "."


@fault
def ip_version_6(draft: Draft, number: int) -> None:
    draft.plan["cluster"]["ip_version"] = "ipv6"


@fault
def lan1_of_version_6(draft: Draft, number: int) -> None:
    draft.peer(number)["lan1"]["ip"] = f"2001:db8::{number}/64"


@fault
def far_away(draft: Draft, number: int) -> None:
    if number != 1:
        pair = f"{draft.peer(number)['address']} {draft.peer(1)['address']}"
        draft.plan["round_trip_ms"] = {pair: 120}


@fault
def mapping_off(draft: Draft, number: int) -> None:
    draft.plan["cluster"].pop("address_mapping", None)


@fault
def formed_on_ip(draft: Draft, number: int) -> None:
    peer = draft.peer(number)
    peer["address"] = str(peer["lan1"]["ip"]).partition("/")[0]


@fault
def bare_host(draft: Draft, number: int) -> None:
    draft.peer(number)["address"] = f"bare{number}"


@fault
def another_fqdn(draft: Draft, number: int) -> None:
    draft.peer(number)["fqdn"] = f"edge{number}.example.com"


@fault
def one_nic(draft: Draft, number: int) -> None:
    for field in ("lan2", "external_lan"):
        draft.peer(number).pop(field, None)


@fault
def nat_on_lan1(draft: Draft, number: int) -> None:
    draft.peer(number)["lan1"]["static_nat"] = f"203.0.113.3{number}"


@fault
def factory_lan2(draft: Draft, number: int) -> None:
    draft.peer(number)["lan2"] = {"ip": "192.168.0.100/24"}


@fault
def one_address_twice(draft: Draft, number: int) -> None:
    draft.peer(number)["lan1"]["ip"] = draft.peer(1)["lan1"]["ip"]


@fault
def fields_dropped(draft: Draft, number: int) -> None:
    for field in ("fqdn", "system_name", "host_name", "domain", "platform", "h323", "ntp", "option_keys"):
        draft.peer(number).pop(field, None)


@fault
def fields_odd(draft: Draft, number: int) -> None:
    draft.peer(number).update(
        h323=False, ntp=[], platform="small-vm", option_keys=["116341E00-1-ABCDEF"], domain="Example.net"
    )


@fault
def same_hosts(draft: Draft, number: int) -> None:
    for field in ("system_name", "host_name"):
        draft.peer(number)[field] = "exe1"


@fault
def odd_host(draft: Draft, number: int) -> None:
    draft.peer(number).update(host_name=f"ex_e{number}-", domain="EXAMPLE.com")


@fault
def one_fqdn_for_two(draft: Draft, number: int) -> None:
    if fqdn := draft.peer(1).get("fqdn"):
        draft.peer(number)["fqdn"] = fqdn


@fault
def external_is_lan1(draft: Draft, number: int) -> None:
    if "lan2" in draft.peer(number):
        draft.peer(number)["external_lan"] = "lan1"


@fault
def lans_overlap(draft: Draft, number: int) -> None:
    draft.peer(number)["lan2"] = {"ip": f"10.20.0.20{number}/24"}


@fault
def odd_addresses(draft: Draft, number: int) -> None:
    draft.peer(number)["lan1"]["ip"] = f"10.20.0.{number - 1}/31"


@fault
def routable_nic(draft: Draft, number: int) -> None:
    one_nic(draft, number)
    draft.peer(number)["lan1"] = {"ip": f"203.0.113.1{number}/24"}


@fault
def primary_out_of_range(draft: Draft, number: int) -> None:
    draft.plan["cluster"]["primary"] = 6


@fault
def small_machines(draft: Draft, number: int) -> None:
    for peer in draft.plan["peers"]:
        peer["platform"] = "small-vm"


@fault
def more_services(draft: Draft, number: int) -> None:
    services = draft.plan.setdefault("services", {})
    services |= {
        "mra": {"domains": ["example.com", "corp.local", "phones.example.net"], "san_format": "collab-edge"},
        "phone_security_profiles": ["secure", "secure.example.com"],
        "cms_web_proxy": ["join.example.com"],
    }


@fault
def services_dropped(draft: Draft, number: int) -> None:
    draft.plan.pop("services", None)


@fault
def enforced_today(draft: Draft, number: int) -> None:
    draft.plan["cluster"]["tls_verification"] = "enforce"


@fault
def public_ca(draft: Draft, number: int) -> None:
    draft.plan["certificate_authority"] = "public"


def _of_release(release: str) -> Fault:
    def change(draft: Draft, number: int) -> None:
        draft.plan["cluster"]["release"] = release

    return change


FAULTS |= {f"release_{release}": _of_release(release) for release in ("X8.7", "X12.6", "X14.0", "X15.4", "X15.5")}


@fault
def another_release(draft: Draft, number: int) -> None:
    draft.peer(number)["release"] = "X14.0"


@fault
def federation(draft: Draft, number: int) -> None:
    services = draft.plan.setdefault("services", {})
    services["xmpp_federation"] = {"domains": ["example.com"], "chat_node_aliases": ["chat.example.com"]}
