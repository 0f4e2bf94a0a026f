"""A plan written back as the file it could have been read from."""

import os
from collections.abc import Mapping
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from certplan.plan.build import default_view
from certplan.plan.editing import value_at
from certplan.plan.model import Authorities, Cluster, DnsSource, Lan, Peer, Plan, Release, Services, Unknown
from certplan.plan.yamltext import Values
from certplan.text.names import is_fqdn

__all__ = ["difference", "moved", "plan_values", "plan_yaml", "target_values"]

_SCHEMA = 1


def plan_yaml(plan: Plan, note: str = "") -> str:
    """The plan as YAML, `note` as comment lines above it. Comments and layout of the file it came from are not kept."""
    head = "".join(f"# {line}\n" for line in note.splitlines())
    return head + yaml.safe_dump(plan_values(plan), sort_keys=False, allow_unicode=True, width=110)


def plan_values(plan: Plan) -> dict[str, Any]:
    """The plan as plain values in the shape of the plan file; what is unknown is left out."""
    values: dict[str, Any] = {
        "certplan": _SCHEMA,
        "cluster": _cluster(plan.cluster),
        "peers": [_peer(plan.cluster, peer) for peer in plan.peers],
    }
    optional = {
        "services": _services(plan.services),
        "certificate_authority": _authorities(plan.authorities),
        "certificate_subject": _stated(asdict(plan.certificate_subject)),
        "dns": {source.view: _source(source) for source in plan.dns},
        "internal_networks": [str(network) for network in plan.internal_networks],
        "round_trip_ms": {" ".join(pair): milliseconds for pair, milliseconds in plan.round_trip_ms.items()},
        "severity": {code: severity.value for code, severity in plan.severity.items()},
        "waivers": [
            _stated({"rule": w.rule, "peer": w.peer, "name": w.name, "reason": w.reason, "until": w.until.isoformat()})
            for w in plan.waivers
        ],
    }
    return values | {field: value for field, value in optional.items() if value}


def difference(today: Plan, wanted: Plan) -> dict[str, Any]:
    """What `wanted` states otherwise than `today`, in the shape of `target:`; the peers are those of today, in order.

    `unknown` of today that is wanted unknown is no difference; nor is `tls_verification`, which a target sets anyway.
    """
    old, new = plan_values(today), plan_values(wanted)
    changes: dict[str, Any] = {
        key: new["cluster"].get(key, "off") if key == "address_mapping" else new["cluster"][key]
        for key in ("name", "release", "ip_version", "primary", "address_mapping")
        if old["cluster"].get(key) != new["cluster"].get(key)
    }
    peers = {
        was["address"]: {key: value for key, value in to_be.items() if key != "release" and was.get(key) != value}
        for was, to_be in zip(old["peers"], new["peers"], strict=True)
    }
    views = {view: source for view, source in new.get("dns", {}).items() if old.get("dns", {}).get(view) != source}
    changes |= (
        {"peers": {address: fields for address, fields in peers.items() if fields}} if any(peers.values()) else {}
    )
    return changes | ({"dns": views} if views else {})


def target_values(plan: Plan, changes: Mapping[str, Values]) -> dict[str, Any]:
    """The target that the plan states with `changes` put in, as plain values; without one, what makes it Enforce."""
    target = {"tls_verification": "enforce", **_section(value_at(plan.text, ("target",)) if plan.text else None)}
    for key, value in changes.items():
        deep = key in ("peers", "dns")
        target[key] = {**_section(target.get(key)), **_section(value)} if deep else value
    return target


def _section(value: Values | None) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def moved(plan: Plan, folder: Path) -> Plan:
    """The plan with its file names made relative to another folder.

    Raises:
        ValueError: when the folders are on different drives.
    """

    def place(file: str) -> str:
        return Path(os.path.relpath(plan.folder / file, folder)).as_posix()

    def each(files: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if files is None else tuple(map(place, files))

    peers = tuple(
        replace(
            peer,
            server_certificate=peer.server_certificate and place(peer.server_certificate),
            client_certificate=peer.client_certificate and place(peer.client_certificate),
            private_key=peer.private_key and place(peer.private_key),
            trusted_cas=each(peer.trusted_cas),
            crls=each(peer.crls),
        )
        for peer in plan.peers
    )
    sources = tuple(replace(source, zone_files=tuple(map(place, source.zone_files))) for source in plan.dns)
    return replace(plan, peers=peers, dns=sources, folder=folder)


def _stated(values: Mapping[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in values.items() if value is not None}


def _cluster(cluster: Cluster) -> dict[str, Any]:
    mapping = cluster.stated_address_mapping
    return _stated(
        {
            "name": cluster.name,
            "type": _word(cluster.stated_type),
            "release": _word(cluster.stated_release),
            "tls_verification": _word(cluster.stated_tls_verification),
            "ip_version": None if cluster.ip_version is None else cluster.ip_version.value,
            "primary": cluster.primary,
            "address_mapping": [{"fqdn": entry.fqdn, "ip": str(entry.ip)} for entry in mapping]
            if isinstance(mapping, tuple)
            else mapping and "unknown",
        }
    )


def _peer(cluster: Cluster, peer: Peer) -> dict[str, Any]:
    return _stated(
        {
            "address": peer.address,
            "fqdn": peer.fqdn if peer.fqdn is not None and is_fqdn(peer.fqdn) else None,
            "system_name": peer.system_name,
            "host_name": peer.host_name,
            "domain": peer.domain,
            "lan1": "unknown" if isinstance(peer.stated_lan1, Unknown) else _lan(peer.stated_lan1),
            "lan2": None if peer.lan2 is None else _lan(peer.lan2),
            "external_lan": None if peer.external_lan is None else peer.external_lan.value,
            "server_certificate": peer.server_certificate,
            "client_certificate": peer.client_certificate,
            "private_key": peer.private_key,
            "trusted_cas": None if peer.trusted_cas is None else list(peer.trusted_cas),
            "crls": None if peer.crls is None else list(peer.crls),
            "dns": _views(cluster, peer),
            "release": None if peer.stated_release == cluster.stated_release else _word(peer.stated_release),
            "platform": None if peer.platform is None else peer.platform.value,
            "h323": peer.h323,
            "ntp": None if peer.ntp is None else list(peer.ntp),
            "option_keys": None if peer.option_keys is None else list(peer.option_keys),
        }
    )


def _word(value: StrEnum | Release | Unknown) -> str:
    return "unknown" if isinstance(value, Unknown) else str(value)


def _authorities(stated: Authorities) -> str | dict[str, str] | None:
    if stated.server is not None and stated.server is stated.client:
        return stated.server.value
    stores = {"server": stated.server, "client": stated.client}
    return {store: authority.value for store, authority in stores.items() if authority is not None}


def _views(cluster: Cluster, peer: Peer) -> str | dict[str, str] | None:
    if peer.domain_views:
        return {"default": peer.dns, **dict(peer.domain_views)}
    return None if peer.dns == default_view(cluster.stated_type) else peer.dns


def _lan(lan: Lan) -> dict[str, Any]:
    ip = str(lan.ip) if lan.network is None else f"{lan.ip}/{lan.network.prefixlen}"
    return _stated({"ip": ip, "static_nat": None if lan.static_nat is None else str(lan.static_nat)})


def _services(services: Services) -> dict[str, Any]:
    mra, xmpp = services.mra, services.xmpp_federation
    return _stated(
        {
            "mra": None
            if mra is None
            else _stated(
                {
                    "domains": list(mra.domains),
                    "san_format": None if mra.san_format is None else mra.san_format.value,
                    "hardware_phones": mra.hardware_phones,
                }
            ),
            "xmpp_federation": None
            if xmpp is None
            else {"domains": list(xmpp.domains), "chat_node_aliases": list(xmpp.chat_node_aliases)},
            "phone_security_profiles": None
            if services.phone_security_profiles is None
            else list(services.phone_security_profiles),
            "cms_web_proxy": None if services.cms_web_proxy is None else list(services.cms_web_proxy),
        }
    )


def _source(source: DnsSource) -> dict[str, Any]:
    parts = {"servers": source.servers, "zone_files": source.zone_files, "records": source.records}
    return {field: list(values) for field, values in parts.items() if values}
