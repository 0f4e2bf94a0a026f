"""What a plan takes from xConfiguration: names, addresses, peers, DNS, NTP, MRA, zones; factory values left out."""

from collections.abc import Iterable
from ipaddress import IPv4Network

from certplan.places import Place
from certplan.sources.model import ConfigurationChange, Field, FileKind, FileReading, ImportedZone, Sourced
from certplan.sources.xconfiguration import Configuration
from certplan.text.addresses import parse_ip
from certplan.value import replace

__all__ = ["FACTORY_LAN2", "MAX_ZONES", "field_of_path", "read_settings", "with_mask"]

FACTORY_LAN2 = "192.168.0.100"
"""LAN 2 of an appliance as delivered; it does not show that dual network interfaces are in use."""
MAX_ZONES = 1000
_TEXTS = {
    Field.CLUSTER_NAME: "alternates cluster name",
    Field.PRIMARY: "alternates configurationprimary",
    Field.SYSTEM_NAME: "systemunit name",
    Field.HOST_NAME: "ip dns hostname",
    Field.DOMAIN: "ip dns domain name",
    Field.MRA: "collaborationedge enabled",
}
_LISTS = {
    Field.PEERS: ("alternates peer", "address"),
    Field.NTP: ("ntp server", "address"),
    Field.OPTION_KEYS: ("option", "key"),
    Field.DNS_SERVERS: ("dns server", "address"),
}
_AUTOMATIC = ("CEtcp-", "CEtls-", "CEOAuth-")
"""How Expressway-C names the neighbor zones that it makes itself for each Unified CM node (MRA guide)."""


def field_of_path(path: Iterable[str]) -> Field | None:
    """The plan's field that the setting of this path (lower-case words) decides, or None."""
    words = tuple(word for word in path if not word.isdigit())
    joined = " ".join(words)
    if joined == "clusterconfiguration tls_verify":
        return Field.TLS_VERIFICATION
    direct = next((field for field, text in _TEXTS.items() if text == joined), None)
    listed = next((field for field, parts in _LISTS.items() if " ".join(parts) == joined), None)
    return direct or listed or _BY_PATH.get(joined)


_BY_PATH = {
    "h323 mode": Field.H323,
    "ip external interface": Field.EXTERNAL_LAN,
    "sip domain name": Field.MRA_DOMAINS,
    "sip domain edge": Field.MRA_DOMAINS,
    "ethernet ip v4 address": Field.LAN1,
    "ethernet ip v4 staticnat mode": Field.LAN1_NAT,
    "ethernet ip v4 staticnat address": Field.LAN1_NAT,
}


def read_settings(configuration: Configuration, bundle: str) -> FileReading:
    """Everything that a plan takes from one configuration."""
    facts: dict[Field, Sourced] = {}

    def put(field: Field, sourced: Sourced | None) -> None:
        if sourced is not None:
            facts[field] = sourced

    for field, path in _TEXTS.items():
        put(field, configuration.sourced(path))
    for field, (before, after) in _LISTS.items():
        put(field, _listed(configuration, before, after))
    put(Field.H323, _mapped(configuration.sourced("h323 mode"), {"on": "true", "off": "false"}))
    external = configuration.sourced("ip external interface")
    put(Field.EXTERNAL_LAN, _mapped(external, {"lan1": "lan1", "lan2": "lan2"}))
    for number, own, nat in ((1, Field.LAN1, Field.LAN1_NAT), (2, Field.LAN2, Field.LAN2_NAT)):
        put(own, _lan(configuration, number))
        put(nat, _static_nat(configuration, number))
    put(Field.MRA_DOMAINS, _mra_domains(configuration))
    put(Field.DNS_PER_DOMAIN, _per_domain(configuration))
    zones, servers = _zones(configuration)
    put(Field.TYPE, _type(configuration, zones))
    stale = (
        ConfigurationChange(" ".join(setting.path), field_of_path(setting.path), setting.value or "", setting.where)
        for setting in configuration.overridden
    )
    return FileReading(
        configuration.file,
        bundle,
        FileKind.CONFIGURATION,
        facts,
        zones=zones,
        servers=servers,
        stale=tuple(stale),
    )


def with_mask(address: str, mask: str | None) -> str | None:
    """`10.20.0.11/24` from an address and its mask; without a mask, or with one that is none, the address alone."""
    ip = parse_ip(address)
    if ip is None or ip.is_unspecified or ip.is_loopback:
        return None
    if mask is None or ip.version == 6:
        return str(ip)
    try:
        return f"{ip}/{IPv4Network(f'0.0.0.0/{mask}').prefixlen}"
    except ValueError:
        return str(ip)


def _mapped(sourced: Sourced | None, values: dict[str, str]) -> Sourced | None:
    """The plan's word for the appliance's; None where the appliance's is not known."""
    if sourced is None or not isinstance(sourced.value, str):
        return None
    value = values.get(sourced.value.lower())
    return None if value is None else replace(sourced, value=value)


def _listed(configuration: Configuration, before: str, after: str) -> Sourced | None:
    """The values of an indexed setting in order; an empty list where only unset ones are printed."""
    table = configuration.table(before, after)
    if not table:
        return None
    found = [sourced for sourced in table.values() if sourced is not None]
    where = found[0].where if found else _place(configuration, before, after, min(table))
    commands = {sourced.how for sourced in found if sourced.how}
    places = tuple(sourced.where for sourced in found)
    return Sourced(tuple(str(sourced.value) for sourced in found), where, " ".join(commands), places)


def _place(configuration: Configuration, before: str, after: str, index: int) -> Place:
    return configuration.settings[(*before.split(), str(index), *after.split())].where


def _lan(configuration: Configuration, number: int) -> Sourced | None:
    protocol = configuration.sourced("ipprotocol")
    six = protocol is not None and str(protocol.value).lower() == "ipv6"
    path = f"ethernet {number} ip {'v6' if six else 'v4'}"
    address = configuration.sourced(f"{path} address")
    if address is None:
        return None
    mask = configuration.sourced(f"{path} subnetmask")
    value = with_mask(str(address.value), None if mask is None else str(mask.value))
    return None if value is None else replace(address, value=value)


def _static_nat(configuration: Configuration, number: int) -> Sourced | None:
    """The static NAT address where static NAT is On; an empty text where it is Off."""
    mode = configuration.sourced(f"ethernet {number} ip v4 staticnat mode")
    if mode is None:
        return None
    if str(mode.value).lower() != "on":
        return replace(mode, value="")
    address = configuration.sourced(f"ethernet {number} ip v4 staticnat address")
    return address if address is not None and parse_ip(str(address.value)) is not None else None


def _mra_domains(configuration: Configuration) -> Sourced | None:
    """The domains with `SIP Domain n Edge` On. Where MRA is off, there are none."""
    enabled = configuration.sourced("collaborationedge enabled")
    if enabled is not None and str(enabled.value).lower() == "off":
        return replace(enabled, value=())
    names = configuration.table("sip domain", "name")
    edge = configuration.table("sip domain", "edge")
    found = [
        (sourced.value, sourced.where)
        for number, sourced in names.items()
        if sourced is not None and (mark := edge.get(number)) is not None and str(mark.value).lower() == "on"
    ]
    if not found:
        return None
    return Sourced(tuple(str(value) for value, _ in found), found[0][1])


def _per_domain(configuration: Configuration) -> Sourced | None:
    servers = configuration.table("dns perdomainserver", "address")
    found: list[str] = []
    where = None
    for number, server in servers.items():
        if server is None:
            continue
        for word in ("domain1", "domain2"):
            if (domain := configuration.sourced(f"dns perdomainserver {number} {word}")) is not None:
                found.append(f"{domain.value} {server.value}")
                where = where or server.where
    return None if where is None else Sourced(tuple(found), where)


def _type(configuration: Configuration, zones: tuple[ImportedZone, ...]) -> Sourced | None:
    """The type, where something decides it that only one type has.

    An Expressway-E alone has traversal server zones, and `XCP TLS Certificate CVS EnableServerEkuUpload`; an
    Expressway-C alone is the client of a Unified Communications traversal zone (Administrator Guide, Zones and
    neighbors; TAC 225482).
    """
    found: list[Sourced] = []
    for zone in zones:
        if zone.type.lower() == "traversalserver":
            found.append(Sourced("expressway-e", zone.where, "it has a traversal server zone"))
        elif zone.type.lower() == "traversalclient" and zone.edge:
            why = "it is the client of a Unified Communications traversal zone"
            found.append(Sourced("expressway-c", zone.where, why))
    upload = configuration.sourced("xcp tls certificate cvs enableserverekuupload")
    if upload is not None:
        found.append(Sourced("expressway-e", upload.where, "it has EnableServerEkuUpload"))
    return found[0] if len({sourced.value for sourced in found}) == 1 else None


def _zones(configuration: Configuration) -> tuple[tuple[ImportedZone, ...], tuple[Sourced, ...]]:
    """The traversal and neighbor zones, and the Unified CM nodes that automatic zones lead to."""
    zones: list[ImportedZone] = []
    servers: list[Sourced] = []
    numbers = {number for word in ("name", "type") for number in configuration.table("zones zone", word)}
    for number in sorted(numbers)[:MAX_ZONES]:
        zone = _zone(configuration, number)
        if zone is None:
            continue
        if zone.name.startswith(_AUTOMATIC):
            servers.extend(Sourced(peer, zone.where) for peer in zone.peers)
        else:
            zones.append(zone)
    return tuple(zones), tuple({str(sourced.value).lower(): sourced for sourced in servers}.values())


def _zone(configuration: Configuration, number: int) -> ImportedZone | None:
    path = f"zones zone {number}"
    kind = configuration.sourced(f"{path} type")
    if kind is None or str(kind.value).lower() not in ("traversalserver", "traversalclient", "neighbor"):
        return None
    branch = f"{path} {str(kind.value).lower()}"

    def value(rest: str) -> str | None:
        sourced = configuration.sourced(f"{branch} {rest}")
        return None if sourced is None else str(sourced.value)

    def switch(rest: str) -> bool | None:
        return _SWITCH.get((value(rest) or "").lower())

    name = configuration.sourced(f"{path} name")
    peers = configuration.table(f"{branch} peer", "address")
    return ImportedZone(
        number=number,
        where=kind.where,
        name=f"Zone {number}" if name is None else str(name.value),
        type=str(kind.value),
        edge=switch("collaboration edge"),
        port=value("sip port"),
        tls_verify=switch("sip tls verify mode"),
        verify_subject_name=value("sip tls verify subject name"),
        peers=tuple(str(sourced.value) for sourced in peers.values() if sourced is not None),
    )


_SWITCH: dict[str, bool] = {"on": True, "off": False}
