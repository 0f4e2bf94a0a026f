"""Zones and the servers behind an Expressway-C, from exports; a C and an E that were read together are linked.

Expressway-C: zone, Peer N address ──> an address of the Expressway-E, same SIP port <── zone: Expressway-E
"""

from collections.abc import Mapping, Sequence

from certplan.sources.clusters import SourceCluster
from certplan.sources.merge import Imported, PlanValue
from certplan.sources.model import ImportedZone, Sourced
from certplan.text.names import key
from certplan.value import Value

__all__ = ["ZoneSide", "zone_entries"]


class ZoneSide(Value):
    """One cluster, what was merged of it, and the folder its plan goes to, relative to the others' parent."""

    cluster: SourceCluster
    imported: Imported
    folder: str

    @property
    def zones(self) -> tuple[ImportedZone, ...]:
        """Zones are replicated in a cluster: the first peer that says any says them all."""
        found = (reading.zones for peer in self.cluster.peers for reading in peer.readings if reading.zones)
        return next(found, ())

    @property
    def servers(self) -> tuple[Sourced, ...]:
        found = (sourced for peer in self.cluster.peers for reading in peer.readings for sourced in reading.servers)
        return tuple({key(str(sourced.value)): sourced for sourced in reversed(list(found))}.values())[::-1]

    @property
    def names(self) -> frozenset[str]:
        own = {name for peer in self.cluster.peers for name in peer.names}
        return frozenset(own | {key(self.imported.name)})


def zone_entries(side: ZoneSide, others: Sequence[ZoneSide]) -> tuple[PlanValue, ...]:
    """What the plan of one cluster says of its zones and servers, and of MRA where the far end alone says it."""
    entries: list[PlanValue] = []
    linked: list[ZoneSide] = []
    for number, zone in enumerate(side.zones):
        far = next((other for other in others if _linked(side, zone, other)), None)
        if far is not None:
            linked.append(far)
        entries += _entries(("zones", number), zone, far)
    for number, server in enumerate(side.servers):
        entries.append(PlanValue(("servers", number, "kind"), "unified-cm", server.where))
        entries.append(PlanValue(("servers", number, "address"), server.value, server.where))
    if side.imported.value("services", "mra", "domains") is None:
        entries += _far_domains(linked)
    return tuple(entries)


def _entries(at: tuple[str | int, ...], zone: ImportedZone, far: ZoneSide | None) -> list[PlanValue]:
    values: Mapping[str, object] = {
        "name": zone.name,
        "type": _type(zone),
        "far_end": None if far is None else f"../{far.folder}/plan.yaml",
        "port": zone.port,
        "tls_verify": None if zone.tls_verify is None else str(zone.tls_verify).lower(),
        "verify_subject_name": zone.verify_subject_name,
        "peers": list(zone.peers) or None,
    }
    return [
        PlanValue(
            (*at, word), value, zone.where if word != "far_end" else None, "imported together" * (word == "far_end")
        )
        for word, value in values.items()
        if value is not None
    ]


def _type(zone: ImportedZone) -> str:
    if zone.type.lower() == "neighbor":
        return "neighbor"
    return "unified-communications-traversal" if zone.edge else "traversal"


def _linked(side: ZoneSide, zone: ImportedZone, other: ZoneSide) -> bool:
    """Whether a zone of `side` and one of `other` are the two ends of one connection."""
    return any(_ends(zone, other, far) or _ends(far, side, zone) for far in other.zones)


def _ends(client: ImportedZone, other: ZoneSide, server: ImportedZone) -> bool:
    """Whether `client` leads to the cluster `other`, whose zone `server` listens on the port it connects to."""
    return (
        client.type.lower() == "traversalclient"
        and server.type.lower() == "traversalserver"
        and client.port == server.port
        and any(key(peer) in other.names for peer in client.peers)
    )


def _far_domains(linked: Sequence[ZoneSide]) -> list[PlanValue]:
    for far in linked:
        path = ("services", "mra", "domains")
        entry = next((each for each in far.imported.entries if each.path == path), None)
        if entry is not None and entry.value:
            return [PlanValue(path, entry.value, entry.where, "of the Expressway-C at the far end")]
    return []
