"""Faults to spoil a perfect cluster with, one named function each, and ways to say the same cluster otherwise.

    draft = with_faults("expressway-e", 3, [("swapped_mapping", 1), ("wrong_san", 2)])

Every fault takes a draft and the number of a peer, and changes the plan, a certificate or a record as a slip of the
hand would. Any may follow any other; one that finds nothing to change changes nothing.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tests.clusters import ISSUING, ROOT, Draft, expressway_c, expressway_e
from tests.pki import Authority, bundle, ec_key, key_pem, rsa_key, self_signed

__all__ = ["FAULTS", "OTHER_CA", "Fault", "rewritten", "with_faults", "with_names"]

Fault = Callable[[Draft, int], None]

FAULTS: dict[str, Fault] = {}
"""Every fault by its name, in the order in which they are made."""


def fault(change: Fault) -> Fault:
    """Take a function into `FAULTS`."""
    FAULTS[change.__name__] = change
    return change


OTHER_CA = Authority.root("stranger root", key=ec_key("faults stranger"))
"""A CA that no list has of itself."""
_EARLY, _LATE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)
_EXPIRED_CA = ROOT.intermediate("expired issuing", key=ec_key("faults lapsed"), not_after=_EARLY)
_EXPIRING_CA = ROOT.intermediate("expiring issuing", key=ec_key("faults lapsing"), not_after=_LATE)
_NO_CA = ROOT.intermediate("no CA", key=ec_key("faults no CA"), basic_constraints=False)
_SERVERS_ONLY = ROOT.intermediate("for servers only", key=ec_key("faults servers"), eku=("serverAuth",))
_SIGNERS = {
    authority.certificate.subject: authority
    for authority in (ROOT, ISSUING, OTHER_CA, _EXPIRED_CA, _EXPIRING_CA, _NO_CA, _SERVERS_ONLY)
}


@cache
def _perfect(kind: str, count: int) -> Draft:
    return expressway_e(count) if kind == "expressway-e" else expressway_c(count)


def with_faults(kind: str, count: int, faults: Iterable[tuple[str, int]]) -> Draft:
    """A cluster of `count` peers with these faults, each by name and the number of its peer (wrapped round).

    They are made in the order of `FAULTS`, certificates first, whatever order they come in.
    """
    draft = deepcopy_of(_perfect(kind, count))
    order = list(FAULTS)
    for name, number in sorted(faults, key=lambda fault: (order.index(fault[0]), fault[1])):
        FAULTS[name](draft, 1 + (number - 1) % count)
    return draft


def deepcopy_of(draft: Draft) -> Draft:
    """A draft that may be changed without changing the other."""
    return replace(draft, plan=deepcopy(draft.plan), files=dict(draft.files))


# --- certificates -----------------------------------------------------------------------------------------------------


def _names(draft: Draft, number: int) -> list[str]:
    return [draft.plan["cluster"]["name"], str(draft.peer(number).get("fqdn", "")), "example.com"]


@fault
def wrong_san(draft: Draft, number: int) -> None:
    draft.reissue(number, sans=[name.replace("ex", "xe", 1) for name in _names(draft, number)])


@fault
def name_only_in_cn(draft: Draft, number: int) -> None:
    cluster, own, _ = _names(draft, number)
    draft.reissue(number, cn=own, sans=[cluster])


@fault
def no_cn(draft: Draft, number: int) -> None:
    draft.reissue(number, cn=None)


@fault
def everybody_in_the_san(draft: Draft, number: int) -> None:
    peers = [str(peer.get("fqdn", "")) for peer in draft.plan["peers"]]
    draft.reissue(number, sans=[*_names(draft, number), *peers])


@fault
def odd_sans(draft: Draft, number: int) -> None:
    draft.reissue(number, sans=[*_names(draft, number), "*.example.com", "exe", "ex_e.example.com", "exe.corp.local."])


@fault
def expired_leaf(draft: Draft, number: int) -> None:
    draft.reissue(number, not_after=_EARLY)


@fault
def leaf_of_tomorrow(draft: Draft, number: int) -> None:
    draft.reissue(number, not_before=_LATE)


@fault
def leaf_lapsing_soon(draft: Draft, number: int) -> None:
    draft.reissue(number, not_after=datetime(2026, 6, 10, tzinfo=UTC))


@fault
def server_role_alone(draft: Draft, number: int) -> None:
    draft.reissue(number, eku=("serverAuth",))


@fault
def signed_by_itself(draft: Draft, number: int) -> None:
    own = self_signed(draft.plan["cluster"]["name"], _names(draft, number), key=ec_key(f"itself {number}"))
    draft.files[draft.peer(number).get("server_certificate", "certs/none.pem")] = own.pem


@fault
def signed_by_a_stranger(draft: Draft, number: int) -> None:
    draft.reissue(number, issuer=OTHER_CA)


def _by(issuer: Authority) -> Fault:
    """A leaf of this CA, which every peer has in its list."""

    def change(draft: Draft, number: int) -> None:
        draft.reissue(number, issuer=issuer)
        for peer in draft.plan["peers"]:
            for file in peer.get("trusted_cas", [])[:1]:
                draft.files[file] += issuer.pem if issuer.pem not in draft.files[file] else b""

    return change


FAULTS |= {
    "by_an_expired_ca": _by(_EXPIRED_CA),
    "by_a_lapsing_ca": _by(_EXPIRING_CA),
    "by_no_ca": _by(_NO_CA),
    "by_a_ca_for_servers": _by(_SERVERS_ONLY),
}


@fault
def long_lived(draft: Draft, number: int) -> None:
    draft.reissue(number, not_after=datetime(2052, 1, 1, tzinfo=UTC))


@fault
def one_key_for_two(draft: Draft, number: int) -> None:
    draft.reissue(number, key=ec_key("shared"))
    draft.reissue(1, key=ec_key("shared"))


@fault
def anothers_private_key(draft: Draft, number: int) -> None:
    draft.files[draft.peer(number).get("private_key", "keys/none.key")] = ISSUING.key_pem


@fault
def weak_key(draft: Draft, number: int) -> None:
    draft.reissue(number, key=rsa_key(1024))


@fault
def huge_key_of_old(draft: Draft, number: int) -> None:
    draft.reissue(number, key=rsa_key(2048, number), not_before=datetime(2023, 1, 1, tzinfo=UTC))


@fault
def locked_key(draft: Draft, number: int) -> None:
    if name := draft.peer(number).get("private_key"):
        draft.files[name] = key_pem(ec_key("locked"), password=b"secret")


@fault
def key_without_its_newline(draft: Draft, number: int) -> None:
    if name := draft.peer(number).get("private_key"):
        draft.files[name] = draft.files[name].rstrip(b"\n")


@fault
def chain_in_the_file(draft: Draft, number: int) -> None:
    if name := draft.peer(number).get("server_certificate"):
        draft.files[name] += ISSUING.pem


@fault
def odd_eku(draft: Draft, number: int) -> None:
    draft.reissue(number, eku=("clientAuth",), key_usage=("keyAgreement",))


@fault
def no_certificate(draft: Draft, number: int) -> None:
    draft.peer(number).pop("server_certificate", None)


@fault
def broken_certificate(draft: Draft, number: int) -> None:
    draft.files[draft.peer(number).get("server_certificate", "certs/none.pem")] = b"no certificate\n"


@fault
def client_certificate(draft: Draft, number: int) -> None:
    draft.reissue(number, store="client", eku=("clientAuth",))


# --- trust ------------------------------------------------------------------------------------------------------------


@fault
def missing_ca(draft: Draft, number: int) -> None:
    draft.trust(number, ROOT)


@fault
def only_a_stranger_trusted(draft: Draft, number: int) -> None:
    draft.trust(number, OTHER_CA)


@fault
def no_trust_list(draft: Draft, number: int) -> None:
    draft.peer(number).pop("trusted_cas", None)


@fault
def leaf_among_the_cas(draft: Draft, number: int) -> None:
    for file in draft.peer(number).get("trusted_cas", [])[:1]:
        draft.files[file] += draft.files.get(draft.peer(1).get("server_certificate", ""), b"")


@fault
def page_for_a_crl(draft: Draft, number: int) -> None:
    draft.peer(number)["crls"] = ["crls/page.crl"]
    draft.files["crls/page.crl"] = b"<html></html>\n"


@fault
def same_ca_twice(draft: Draft, number: int) -> None:
    twin = Authority.root(key=ec_key("faults twin of the root"))
    draft.trust(number, ROOT, ISSUING, twin)


@fault
def revoked(draft: Draft, number: int) -> None:
    leaf = draft.reissue(number)
    for peer in draft.plan["peers"]:
        peer["crls"] = ["crls/issuing.crl"]
    draft.files["crls/issuing.crl"] = bundle(ISSUING.crl([leaf], next_update=_LATE))


@fault
def expired_crl(draft: Draft, number: int) -> None:
    draft.peer(number)["crls"] = ["crls/old.crl"]
    draft.files["crls/old.crl"] = bundle(ISSUING.crl(next_update=datetime(2026, 5, 28, tzinfo=UTC)))


# --- the plan ---------------------------------------------------------------------------------------------------------


def _mapping(draft: Draft) -> list[dict[str, str]]:
    entries: list[dict[str, str]] = draft.plan["cluster"].get("address_mapping", [])
    return entries


@fault
def swapped_mapping(draft: Draft, number: int) -> None:
    entries = _mapping(draft)
    if len(entries) > 1:
        first, second = entries[number % len(entries)], entries[0]
        first["ip"], second["ip"] = second["ip"], first["ip"]


@fault
def mapping_to_nat(draft: Draft, number: int) -> None:
    for entry in _mapping(draft)[number - 1 : number]:
        entry["ip"] = f"203.0.113.1{number}"


@fault
def mapping_without_a_peer(draft: Draft, number: int) -> None:
    del _mapping(draft)[number - 1 : number]


@fault
def mapping_of_a_stranger(draft: Draft, number: int) -> None:
    if (entries := _mapping(draft)) and len(entries) < 10:
        entries.append({"fqdn": f"exe{number}.example.net", "ip": f"10.20.0.2{number}"})


@fault
def mapping_twice(draft: Draft, number: int) -> None:
    if entries := _mapping(draft):
        entries.append({"fqdn": entries[0]["fqdn"], "ip": f"10.20.0.3{number}"})


@fault
def mapping_empty(draft: Draft, number: int) -> None:
    if "address_mapping" in draft.plan["cluster"]:
        draft.plan["cluster"]["address_mapping"] = []


@fault
def mapping_by_another_name(draft: Draft, number: int) -> None:
    for entry in _mapping(draft)[number - 1 : number]:
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


# --- DNS --------------------------------------------------------------------------------------------------------------


def _without(draft: Draft, view: str, start: str) -> bool:
    """Take out the records of a view that begin so; whether there were any."""
    if view not in draft.plan.get("dns", {}):
        return False
    records = draft.records(view)
    kept = [record for record in records if not record.startswith(start)]
    records[:], before = kept, len(records)
    return len(kept) < before


def _name(draft: Draft, number: int) -> str:
    return f"{'exe' if draft.plan['cluster']['type'] == 'expressway-e' else 'exc'}{number}."


@fault
def no_public_record(draft: Draft, number: int) -> None:
    _without(draft, "public", _name(draft, number))


@fault
def no_internal_record(draft: Draft, number: int) -> None:
    _without(draft, "internal", _name(draft, number))


@fault
def private_in_public(draft: Draft, number: int) -> None:
    if _without(draft, "public", _name(draft, number)):
        draft.records("public").append(f"exe{number}.example.com. A 10.20.0.1{number}")


@fault
def stranger_in_public(draft: Draft, number: int) -> None:
    if "public" in draft.plan["dns"]:
        draft.records("public").append(f"exe{number}.example.com. A 198.51.100.{number}")


@fault
def two_inside(draft: Draft, number: int) -> None:
    host = str(draft.peer(number).get("fqdn", "exe1.example.com"))
    draft.records("internal").append(f"{host}. A 10.99.0.{number}")


@fault
def no_way_back(draft: Draft, number: int) -> None:
    _without(draft, "internal", f"1{number}.")


@fault
def no_public_way_back(draft: Draft, number: int) -> None:
    _without(draft, "public", f"1{number}.113.")


@fault
def another_way_back(draft: Draft, number: int) -> None:
    zone = "0.20.10" if draft.plan["cluster"]["type"] == "expressway-e" else "0.30.10"
    draft.records("internal").append(f"1{number}.{zone}.in-addr.arpa. PTR old{number}.example.com.")


@fault
def no_edge_target(draft: Draft, number: int) -> None:
    _without(draft, "public", f"_collab-edge._tls.example.com. SRV 10 10 8443 exe{number}")


@fault
def odd_edge_target(draft: Draft, number: int) -> None:
    if "public" in draft.plan["dns"]:
        draft.records("public").append(f"_collab-edge._tls.example.com. SRV 20 10 443 gone{number}.example.com.")


@fault
def edge_in_reserve(draft: Draft, number: int) -> None:
    if "public" in draft.plan["dns"]:
        start = f"_collab-edge._tls.example.com. SRV 10 10 8443 exe{number}"
        records = [
            record.replace("10 10 8443", "20 10 8443") if record.startswith(start) else record
            for record in draft.records("public")
        ]
        draft.records("public")[:] = records


@fault
def no_edge_record(draft: Draft, number: int) -> None:
    _without(draft, "public", "_collab-edge")


@fault
def alias_abroad(draft: Draft, number: int) -> None:
    if _without(draft, "public", _name(draft, number)):
        target = f"host{number}.example.net."
        draft.records("public").extend([f"exe{number}.example.com. CNAME {target}", f"{target} A 203.0.113.1{number}"])


@fault
def circle_of_aliases(draft: Draft, number: int) -> None:
    if _without(draft, "public", _name(draft, number)):
        one, other = f"exe{number}.example.com.", f"round{number}.example.com."
        draft.records("public").extend([f"{one} CNAME {other}", f"{other} CNAME {one}"])


@fault
def jabber_inside(draft: Draft, number: int) -> None:
    if "public" in draft.plan["dns"]:
        draft.records("public").append("_cisco-uds._tcp.example.com. SRV 10 10 8443 cucm1.example.com.")


@fault
def line_that_cannot_be_read(draft: Draft, number: int) -> None:
    draft.records("internal").append(f"host{number}.example.com. A 10.20.0")


@fault
def asks_inside(draft: Draft, number: int) -> None:
    draft.peer(number)["dns"] = "internal"


# --- the same cluster, said otherwise ---------------------------------------------------------------------------------


Arrange = Callable[[list[x509.GeneralName]], Sequence[x509.GeneralName]]


def rewritten(draft: Draft, arrange: Arrange) -> Draft:
    """The same draft with every certificate's SANs arranged anew; those that signed themselves stay as they are."""
    again = cache(lambda block: _reissued(block, arrange))
    files = {name: _BLOCK.sub(lambda found: again(found[0]), contents) for name, contents in draft.files.items()}
    return replace(deepcopy_of(draft), files=files)


_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", re.DOTALL)


def _reissued(pem: bytes, arrange: Arrange) -> bytes:
    old = x509.load_pem_x509_certificate(pem)
    signer = _SIGNERS.get(old.issuer)
    named = [extension for extension in old.extensions if isinstance(extension.value, x509.SubjectAlternativeName)]
    if signer is None or not named:
        return pem
    builder = x509.CertificateBuilder(
        old.issuer,
        old.subject,
        old.public_key(),
        old.serial_number,
        old.not_valid_before_utc,
        old.not_valid_after_utc,
    )
    for extension in old.extensions:
        value = extension.value
        if isinstance(value, x509.SubjectAlternativeName):
            value = x509.SubjectAlternativeName(arrange(list(value)))
        builder = builder.add_extension(value, extension.critical)
    deterministic = True if isinstance(signer.key, ec.EllipticCurvePrivateKey) else None
    again = builder.sign(signer.key, hashes.SHA256(), ecdsa_deterministic=deterministic)
    return again.public_bytes(Encoding.PEM)


def with_names(draft: Draft, spell: Callable[[str], str]) -> Draft:
    """The same draft with every name of its plan (peers, mapping, services, records) spelled by `spell`."""
    again = deepcopy_of(draft)
    plan = again.plan
    plan["cluster"]["name"] = spell(plan["cluster"]["name"])
    for entry in _mapping(again):
        entry["fqdn"] = spell(entry["fqdn"])
    for peer in plan["peers"]:
        for field in ("address", "fqdn", "system_name", "host_name", "domain"):
            if field in peer:
                peer[field] = spell(peer[field])
    for service in plan.get("services", {}).values():
        if isinstance(service, dict):
            _respell(service, spell)
    for view in plan.get("dns", {}).values():
        view["records"] = [_respelled_record(record, spell) for record in view["records"]]
    return again


def _respell(service: dict[str, Any], spell: Callable[[str], str]) -> None:
    for field, value in service.items():
        if isinstance(value, list):
            service[field] = [spell(name) for name in value]


def _respelled_record(record: str, spell: Callable[[str], str]) -> str:
    owner, kind, value = record.split(" ", 2)
    return f"{spell(owner)} {kind} {value if kind == 'A' else spell(value)}"
