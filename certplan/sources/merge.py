"""From what the files of one cluster say to what its plan states: every value with its place, what is not said unknown.

Nothing is guessed. Where peers disagree, the plan states what most of them say, and each other one's own word.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from certplan.places import Place
from certplan.plan.build import default_view
from certplan.plan.model import ClusterType, PlanPath
from certplan.sources.appliances import Appliance
from certplan.sources.clusters import SourceCluster
from certplan.sources.differences import Disagreement, Stale, alike, disagreements, stale_values
from certplan.sources.model import Field, FileKind, RaisedAlarm, Sourced
from certplan.sources.settings import FACTORY_LAN2
from certplan.sources.stores import Stores, pem_of, stores_of
from certplan.value import Value, field

__all__ = ["STATED", "UNKNOWN", "Given", "Imported", "ImportedPeer", "PlanValue", "merge"]

UNKNOWN, OFF = "unknown", "off"
STATED = "stated at import"
_SLUG = re.compile(r"[^A-Za-z0-9-]")
_SHOWN = (
    *(Field.SYSTEM_NAME, Field.HOST_NAME, Field.DOMAIN, Field.LAN1, Field.LAN1_NAT, Field.LAN2, Field.LAN2_NAT),
    *(Field.EXTERNAL_LAN, Field.H323, Field.NTP, Field.OPTION_KEYS, Field.DNS_SERVERS, Field.RELEASE),
)


class PlanValue(Value):
    """One value of the plan, with where it is from. `how` says what else to know of it."""

    path: PlanPath
    value: object
    """A text, or a list or mapping of texts."""
    where: Place | None = None
    how: str = ""


class Given(Value):
    """What the engineer says himself, for what no export holds."""

    tls_verification: str | None = None
    mapping: Sourced | None = None
    type: str | None = None
    release: str | None = None
    dns: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Views: `{"public": {"servers": ("192.0.2.53",)}}`."""


class ImportedPeer(Value):
    address: str
    sources: tuple[str, ...]
    known: Mapping[str, Sourced]
    unknown: tuple[str, ...]
    alarms: tuple[RaisedAlarm, ...]
    stores: Stores


class Imported(Value):
    """What the plan of one cluster is to say, and what is to be said about it."""

    name: str
    entries: tuple[PlanValue, ...]
    files: Mapping[str, bytes]
    """Certificates by path relative to the plan."""
    peers: tuple[ImportedPeer, ...]
    disagreements: tuple[Disagreement, ...]
    stale: tuple[Stale, ...]
    remarks: tuple[str, ...]
    absent: tuple[PlanPath, ...] = ()
    """What the files say is not there: LAN 2 of a peer, a static NAT address."""

    def value(self, *path: str | int) -> object:
        """The value of one path, or None where the plan does not have it."""
        return next((entry.value for entry in self.entries if entry.path == path), None)


def merge(cluster: SourceCluster, given: Given) -> Imported:
    """Make the plan's values of one cluster."""
    entries: list[PlanValue] = list(_cluster_entries(cluster, given))
    files: dict[str, bytes] = {}
    peers: list[ImportedPeer] = []
    remarks: list[str] = []
    release = next((entry.value for entry in entries if entry.path == ("cluster", "release")), None)
    stems = _stems(cluster.peers)
    for index, (appliance, stem) in enumerate(zip(cluster.peers, stems, strict=True)):
        stores = stores_of(appliance)
        own = list(_peer_entries(index, appliance, release))
        own += _files(index, stem, stores, files)
        own += _own_word(index, appliance, cluster)
        entries += own
        peers.append(_imported_peer(appliance, own, stores))
        remarks += [f"{each.file}: {note}" for each in appliance.readings for note in each.notes]
        remarks += [note for each in appliance.certificates for note in each.notes]
        remarks += stores.remarks
        remarks += _unsorted(appliance, stores)
    entries += _service_entries(cluster)
    entries += _dns_entries(cluster, entries, given)
    name = str(next(entry.value for entry in entries if entry.path == ("cluster", "name")))
    return Imported(
        name,
        tuple(entries),
        files,
        tuple(peers),
        tuple(disagreements(cluster)),
        tuple(stale_values(cluster)),
        tuple(remarks),
        tuple(_absent(cluster)),
    )


def _absent(cluster: SourceCluster) -> Iterator[PlanPath]:
    for index, appliance in enumerate(cluster.peers):
        dual = appliance.sourced(Field.DUAL_NIC)
        if dual is not None and dual.value == "false":
            yield ("peers", index, "lan2")
            yield ("peers", index, "external_lan")
        for lan, nat in (("lan1", Field.LAN1_NAT), ("lan2", Field.LAN2_NAT)):
            sourced = appliance.sourced(nat)
            if sourced is not None and sourced.value == "":
                yield ("peers", index, lan, "static_nat")


def _entry(path: PlanPath, sourced: Sourced | None) -> PlanValue | None:
    return None if sourced is None else PlanValue(path, sourced.value, sourced.where, sourced.how)


def _cluster_entries(cluster: SourceCluster, given: Given) -> Iterator[PlanValue]:
    name = cluster.chosen(Field.CLUSTER_NAME)
    if name is None:
        first = cluster.peers[0]
        stand_in = first.fqdn or first.address or first.label
        yield PlanValue(
            ("cluster", "name"), stand_in, None, "no file says the Cluster name: this is the first peer's name"
        )
    else:
        yield PlanValue(("cluster", "name"), name.value, name.where, name.how)
    for key, stated, what in (
        ("type", given.type, Field.TYPE),
        ("release", given.release, Field.RELEASE),
        ("tls_verification", given.tls_verification, Field.TLS_VERIFICATION),
    ):
        sourced = cluster.chosen(what)
        if stated is not None:
            yield PlanValue(("cluster", key), stated, None, STATED)
        else:
            yield _entry(("cluster", key), sourced) or PlanValue(("cluster", key), UNKNOWN, None, "no file says it")
    for key, what in (("ip_version", Field.IP_VERSION), ("primary", Field.PRIMARY)):
        if (sourced := cluster.chosen(what)) is not None:
            yield PlanValue(("cluster", key), sourced.value, sourced.where, sourced.how)
    yield from _mapping_entries(cluster, given)


def _mapping_entries(cluster: SourceCluster, given: Given) -> Iterator[PlanValue]:
    sourced = given.mapping or cluster.chosen(Field.ADDRESS_MAPPING)
    path = ("cluster", "address_mapping")
    if sourced is None:
        yield PlanValue(path, UNKNOWN, None, "no file says it")
        return
    rows = [text.split(" ") for text in sourced.value]
    yield PlanValue(path, [{"fqdn": fqdn, "ip": ip} for fqdn, ip in rows] or OFF, sourced.where, sourced.how)


def _peer_entries(index: int, appliance: Appliance, release: object) -> Iterator[PlanValue]:
    at: PlanPath = ("peers", index)
    yield _address((*at, "address"), appliance)
    for what in (Field.SYSTEM_NAME, Field.HOST_NAME, Field.DOMAIN):
        if (sourced := appliance.sourced(what)) is not None:
            yield PlanValue((*at, what.value), sourced.value, sourced.where, sourced.how)
    lan1 = appliance.sourced(Field.LAN1)
    if lan1 is None:
        yield PlanValue((*at, "lan1"), UNKNOWN, None, "no file says it")
    else:
        yield PlanValue((*at, "lan1", "ip"), lan1.value, lan1.where, lan1.how)
        yield from _nat((*at, "lan1", "static_nat"), appliance.sourced(Field.LAN1_NAT))
    second = _lan2(appliance)
    if second is not None:
        yield PlanValue((*at, "lan2", "ip"), second.value, second.where, second.how)
        yield from _nat((*at, "lan2", "static_nat"), appliance.sourced(Field.LAN2_NAT))
        if (external := appliance.sourced(Field.EXTERNAL_LAN)) is not None:
            yield PlanValue((*at, "external_lan"), external.value, external.where, external.how)
    own = appliance.sourced(Field.RELEASE)
    if own is not None and str(own.value).casefold() != str(release).casefold():
        yield PlanValue((*at, "release"), own.value, own.where, own.how)
    page = next((reading for reading in appliance.readings if reading.kind is FileKind.PAGE and reading.text), None)
    if page is not None:
        yield PlanValue((*at, "page"), page.text, Place(page.file))
    for what in (Field.H323, Field.NTP, Field.OPTION_KEYS):
        if (sourced := appliance.sourced(what)) is not None:
            value = sourced.value if isinstance(sourced.value, str) else list(sourced.value)
            yield PlanValue((*at, what.value), value, sourced.where, sourced.how)


def _address(path: PlanPath, appliance: Appliance) -> PlanValue:
    """`Peer N address`, by the line of the list that has it."""
    address = appliance.address or appliance.label
    listed = appliance.sourced(Field.PEERS)
    if listed is None:
        return PlanValue(path, address, None, "as it is named")
    lines = dict(zip(listed.value, listed.places, strict=False))
    return PlanValue(path, address, lines.get(address, listed.where))


def _nat(path: PlanPath, sourced: Sourced | None) -> Iterator[PlanValue]:
    if sourced is not None and sourced.value:
        yield PlanValue(path, sourced.value, sourced.where, sourced.how)


def _lan2(appliance: Appliance) -> Sourced | None:
    """LAN 2, where it is in use: by the status; else where its address is not the factory's."""
    sourced, dual = appliance.sourced(Field.LAN2), appliance.sourced(Field.DUAL_NIC)
    if sourced is None or (dual is not None and dual.value == "false"):
        return None
    if dual is None and str(sourced.value).partition("/")[0] == FACTORY_LAN2:
        return None
    if dual is None:
        return Sourced(
            sourced.value, sourced.where, "no file says whether dual network interfaces are on; not the factory address"
        )
    return sourced


def _stems(peers: Sequence[Appliance]) -> list[str]:
    """File names for the peers, each once: the host name, in letters, digits and hyphens."""
    stems: list[str] = []
    for number, peer in enumerate(peers, 1):
        host = peer.text(Field.HOST_NAME) or (peer.address or "").partition(".")[0]
        stem = _SLUG.sub("-", host)[:63].strip("-").lower()
        numeric = not stem or stem.isdigit() or stem in stems
        stems.append(f"peer{number}" if numeric else stem)
    return stems


def _files(index: int, stem: str, stores: Stores, files: dict[str, bytes]) -> Iterator[PlanValue]:
    at: PlanPath = ("peers", index)
    for key, material, file in (
        ("server_certificate", stores.server, f"certs/{stem}.pem"),
        ("client_certificate", stores.client, f"certs/{stem}-client.pem"),
        ("trusted_cas", stores.trusted, f"trust/{stem}.pem"),
    ):
        if material is None:
            continue
        files[file] = pem_of(material)
        value: object = [file] if key == "trusted_cas" else file
        how = "" if len(material.files) == 1 else f"and {len(material.files) - 1} more files"
        yield PlanValue((*at, key), value, Place(material.files[0]), how)
    if stores.sent is not None:
        files[f"certs/{stem}-sent.pem"] = pem_of(stores.sent)


def _own_word(index: int, appliance: Appliance, cluster: SourceCluster) -> Iterator[PlanValue]:
    """What this peer's page says otherwise than the cluster's, under `clustering`."""
    for key, what in (
        ("name", Field.CLUSTER_NAME),
        ("primary", Field.PRIMARY),
        ("peers", Field.PEERS),
        ("tls_verification", Field.TLS_VERIFICATION),
    ):
        own, chosen = appliance.sourced(what), cluster.chosen(what)
        if own is not None and chosen is not None and not alike(what, own.value, chosen.value):
            value = own.value if isinstance(own.value, str) else list(own.value)
            yield PlanValue(("peers", index, "clustering", key), value, own.where, own.how)


def _service_entries(cluster: SourceCluster) -> Iterator[PlanValue]:
    domains = cluster.chosen(Field.MRA_DOMAINS)
    if domains is not None:
        yield PlanValue(("services", "mra", "domains"), list(domains.value), domains.where, domains.how)


def _dns_entries(cluster: SourceCluster, entries: Sequence[PlanValue], given: Given) -> Iterator[PlanValue]:
    """The views that the engineer gives; for the view of the peers' own DNS servers, those servers."""
    for view, source in given.dns.items():
        for key, values in source.items():
            yield PlanValue(("dns", view, key), list(values), None, STATED)
    kind = next((entry.value for entry in entries if entry.path == ("cluster", "type")), UNKNOWN)
    own = cluster.chosen(Field.DNS_SERVERS)
    if kind == UNKNOWN or own is None or not own.value:
        return
    view = default_view(ClusterType(str(kind)))
    if view not in given.dns:
        yield PlanValue(("dns", view, "servers"), list(own.value), own.where, "the peers' own DNS servers")


def _imported_peer(appliance: Appliance, own: Sequence[PlanValue], stores: Stores) -> ImportedPeer:
    known = {what.value: sourced for what in _SHOWN if (sourced := appliance.sourced(what)) is not None}
    stated = {".".join(str(part) for part in entry.path[2:]): entry for entry in own}
    for key in ("server_certificate", "client_certificate", "trusted_cas"):
        if (entry := stated.get(key)) is not None and entry.where is not None:
            known[key] = Sourced(entry.value if isinstance(entry.value, str) else tuple(entry.value), entry.where)  # type: ignore[arg-type]
    for key in [key for key in known if key.startswith("lan2") or key == "external_lan"]:
        if key not in stated:
            del known[key]
    needed = ("host_name", "domain", "lan1.ip", "release", "h323", "ntp", "server_certificate", "trusted_cas")
    files = (*(each.file for each in appliance.readings), *(each.file for each in appliance.certificates))
    return ImportedPeer(
        appliance.address or appliance.label,
        tuple(dict.fromkeys(files)),
        {key: sourced for key, sourced in known.items() if sourced.value != ""},
        tuple(key for key in needed if key not in known),
        _alarms(appliance),
        stores,
    )


def _alarms(appliance: Appliance) -> tuple[RaisedAlarm, ...]:
    found = {alarm.title.casefold(): alarm for reading in appliance.readings for alarm in reading.alarms}
    return tuple(found.values())


def _unsorted(appliance: Appliance, stores: Stores) -> Iterator[str]:
    for reading in stores.unsorted:
        yield (
            f"{reading.file}: a certificate of {appliance.label}, and nothing says whether it is the server or the "
            "client certificate; name it in the plan, under server_certificate or client_certificate"
        )
