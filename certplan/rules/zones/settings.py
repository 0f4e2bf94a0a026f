"""ZON: how a zone is set up at its two ends."""

from collections.abc import Iterator

from certplan.evidence.model import Missing
from certplan.intent.links import ZoneEnd, peer_named
from certplan.outcomes import Severity
from certplan.plan.model import Plan, Unknown, Zone, ZoneType
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.rules.support.zone_steps import zone_place
from certplan.text.names import key, show, show_all
from certplan.text.words import joined, listed
from certplan.vendor.releases import CLIENT_ROLE_UNCHECKED_FROM
from certplan.zones.view import Obstacle, ZoneView

__all__ = [
    "far_end_unknown",
    "ports_differ",
    "releases_differ",
    "several_zones",
    "tls_verify_off",
    "unknown_peer_address",
    "verify_name_of_cluster",
    "wrong_types",
    "zone_to_own_peer",
]


@rule(
    "ZON010",
    "zone-far-end-unknown",
    "The cluster at the far end of a zone is not known",
    Severity.ERROR,
    sources=("AG-15.5-zones",),
    symptoms=("zone without the other cluster's plan", "far end unknown"),
)
def far_end_unknown(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the plan names the plan of the cluster at the far end of the zone, and whether it can be read.

    Why it matters:
    Without it nothing can be said of the zone: its verdict is undecided.

    How to fix:
    Write a plan for the other cluster (`certplan import` makes one of its exports) and name it as `far_end`.

    Example:
    far_end is ../expe/plan.yaml, and there is no such file.
    """
    for zone in case.zones:
        if isinstance(zone.link.far, Missing):
            yield Unchecked(Subject.zone(zone), zone.link.far)


@rule(
    "ZON011",
    "zone-wrong-ends",
    "A traversal zone does not connect an Expressway-C with an Expressway-E",
    Severity.ERROR,
    sources=("AG-15.5-zones",),
    symptoms=("traversal client and server swapped", "wrong zone type"),
)
def wrong_types(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether one end of a traversal zone is an Expressway-C and the other an Expressway-E.

    Why it matters:
    The Expressway-C is the client of a traversal zone and the Expressway-E its server; no other pair works.

    How to fix:
    Name the plan of the other kind of cluster as `far_end`, or correct the type of the zone.

    Example:
    far_end of a traversal zone leads back to the cluster's own plan.
    """
    for zone in case.zones:
        if Obstacle.TYPES in zone.obstacles and isinstance(zone.link.far, ZoneEnd):
            yield Found(
                Subject.zone(zone),
                f"Both ends of the traversal zone {show(zone.link.zone.name)} are {_type(zone.link.far.plan)}.",
                "Name the plan of the other kind of cluster as far_end.",
                zone_place(case, zone, "far_end"),
            )


def _type(plan: Plan) -> str:
    return "of unknown type" if isinstance(plan.cluster.stated_type, Unknown) else plan.cluster.type.value


@rule(
    "ZON012",
    "zone-ports-differ",
    "The two ends of a zone have different SIP ports",
    Severity.ERROR,
    sources=("AG-15.5-zones", "MRA-15.2"),
    symptoms=("connection refused", "Connect failed", "7001"),
)
def ports_differ(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the SIP port of the zone is the same in both plans.

    Why it matters:
    The connecting end reaches no listener, or that of another zone.

    How to fix:
    Enter the port of the Expressway-E's zone in the Expressway-C's.

    Example:
    7001 on the Expressway-E, 7003 on the Expressway-C.
    """
    for zone in case.zones:
        if Obstacle.PORT in zone.obstacles:
            ports = listed(
                str(port) for port in sorted({each.port for each in zone.link.zones if each.port is not None})
            )
            yield Found(
                Subject.zone(zone),
                f"The two ends of the zone {show(zone.link.zone.name)} have different SIP ports: {ports}.",
                "Set the same SIP port on both ends.",
                zone_place(case, zone, "port"),
            )
        elif all(each.port is None for each in zone.link.zones):
            yield Unchecked(Subject.zone(zone), _unstated(case, zone, "port"))


@rule(
    "ZON013",
    "zone-tls-verify-off",
    "TLS verify mode is off on a zone",
    Severity.ERROR,
    sources=("AG-15.5-zones", "AG-15.5-alarms"),
    symptoms=("Unified Communications configuration error",),
)
def tls_verify_off(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether TLS verify mode is On at both ends of the zone.

    Why it matters:
    A Unified Communications traversal zone does not work without it, and alarm 40040 is raised. Any other zone then
    takes whatever certificate is shown.

    How to fix:
    Set TLS verify mode On at both ends.

    Example:
    The zone of the Expressway-E has TLS verify mode Off.
    """
    for zone in case.zones:
        stated = [each.tls_verify for each in zone.link.zones if each.tls_verify is not None]
        if not stated:
            yield Unchecked(Subject.zone(zone), _unstated(case, zone, "tls_verify"))
        elif not all(stated):
            needed = zone.link.zone.type is ZoneType.UC_TRAVERSAL
            yield Found(
                Subject.zone(zone),
                f"TLS verify mode is Off on the zone {show(zone.link.zone.name)}"
                + (
                    ", and a Unified Communications traversal zone needs it."
                    if needed
                    else ": any certificate is taken."
                ),
                "Set TLS verify mode On at both ends of the zone.",
                zone_place(case, zone, "tls_verify"),
                severity=Severity.ERROR if needed else Severity.WARNING,
                alarms=(40040,) if needed else (),
            )


def _unstated(case: Case, zone: ZoneView, field: str) -> Missing:
    return Missing(
        f"{field} of the zone {zone.link.zone.name}",
        "the plan does not say",
        f"Add {field} to the zone in the plan.",
        zone_place(case, zone),
        field=f"zones.{field}",
    )


@rule(
    "ZON014",
    "zone-unknown-peer-address",
    "A peer address of a zone is not a peer of the cluster at its far end",
    Severity.ERROR,
    sources=("AG-15.5-zones",),
    symptoms=("zone peer address wrong", "stale zone peer address"),
)
def unknown_peer_address(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each `Peer N address` of the zone names a peer of the cluster at the far end.

    Why it matters:
    The connecting cluster tries an address that is not part of the other one, and raises alarms for it.

    How to fix:
    Remove the entry, or correct it.

    Example:
    The zone still has exe3.example.com, which was taken out of the cluster.
    """
    for zone in case.zones:
        direction = zone.link.direction
        for address in () if direction is None else direction.addresses or ():
            if direction is not None and peer_named(direction.answering, address) is None:
                yield Found(
                    Subject.zone(zone),
                    f"{show(address)}, a peer address of the zone {show(zone.link.zone.name)}, is no peer of the other "
                    "cluster.",
                    f"Remove {show(address)} from the zone, or enter the address of a peer of the other cluster.",
                    zone_place(case, zone, "peers"),
                )


@rule(
    "ZON015",
    "zone-verify-name-of-one-peer",
    "TLS verify subject name is not the FQDN of the Expressway-C cluster",
    Severity.WARNING,
    sources=("CG-15.4-requirements", "MRA-15.2", "AG-15.5-zones"),
    symptoms=("TLS verify subject name wrong", "identity was unacceptable"),
)
def verify_name_of_cluster(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether `TLS verify subject name` is the name of the Expressway-C cluster, where that cluster has several peers.

    Why it matters:
    The certificate of every peer has to include that name; the cluster's FQDN is the one that all of them have.

    How to fix:
    Enter the Expressway-C's cluster name as `TLS verify subject name`.

    Example:
    `TLS verify subject name` is exc1.example.com, the name of one peer of two.
    """
    for zone in case.zones:
        name, direction = zone.link.verify_subject_name, zone.link.direction
        if name is None or direction is None or len(direction.connecting.plan.peers) < 2:
            continue
        cluster = direction.connecting.plan.cluster.name
        if key(name) != key(cluster):
            yield Found(
                Subject.zone(zone),
                f"TLS verify subject name is {show(name)}, not {show(cluster)}, the name of the connecting cluster.",
                f"Enter {show(cluster)} as TLS verify subject name, once every certificate there includes it.",
                zone_place(case, zone, "verify_subject_name"),
            )


@rule(
    "ZON016",
    "zone-releases-differ",
    "The two ends of a zone run different releases, and one of them X15.4 or later",
    Severity.WARNING,
    sources=("TA-225482", "TA-225693"),
    symptoms=("Expressway-C and Expressway-E on different releases", "mixed releases across the traversal zone"),
)
def releases_differ(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether Expressway-C and Expressway-E run the same release where one of them runs X15.4 or later.

    Why it matters:
    These releases changed which usages a certificate needs, and the vendor asks for the same release on both.

    How to fix:
    Upgrade both clusters to the same release.

    Example:
    The Expressway-E runs X15.4 and the Expressway-C X14.3.4.
    """
    for zone in case.zones:
        if isinstance(zone.link.far, Missing):
            continue
        releases = [side.plan.cluster.stated_release for side in (zone.link.near, zone.link.far)]
        stated = [release for release in releases if not isinstance(release, Unknown)]
        if len(set(stated)) > 1 and max(stated) >= CLIENT_ROLE_UNCHECKED_FROM:
            yield Found(
                Subject.zone(zone),
                f"The ends of the zone {show(zone.link.zone.name)} run {joined(str(each) for each in stated)}.",
                "Upgrade both clusters to the same release.",
                zone_place(case, zone),
            )


@rule(
    "ZON017",
    "zone-several-uc",
    "Two clusters have several Unified Communications traversal zones between them",
    Severity.ERROR,
    sources=("MRA-15.2", "AG-15.5-unified-communications"),
    symptoms=("two Unified Communications traversal zones", "MRA uses the wrong zone"),
)
def several_zones(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether there is only one Unified Communications traversal zone between two clusters.

    Why it matters:
    Mobile and Remote Access takes one such zone for each pair of clusters.

    How to fix:
    Leave one, and make the others plain traversal zones or remove them.

    Example:
    UC traversal and UC traversal 2 both lead to the same Expressway-E.
    """
    for zone in case.zones:
        mine = zone.link.zone
        alike = [other for other in case.plan.zones or () if _same_uc(mine, other)]
        if mine.type is ZoneType.UC_TRAVERSAL and len(alike) > 1:
            alike_names = show_all(other.name for other in alike)
            yield Found(
                Subject.zone(zone),
                f"{len(alike)} Unified Communications traversal zones lead to {show(mine.far_end or '')}:"
                f" {alike_names}.",
                "Leave one Unified Communications traversal zone between the two clusters.",
                zone_place(case, zone),
            )


def _same_uc(mine: Zone, other: Zone) -> bool:
    return other.type is ZoneType.UC_TRAVERSAL and other.far_end is not None and other.far_end == mine.far_end


@rule(
    "ZON018",
    "zone-to-own-peer",
    "A zone leads to a peer of the cluster itself",
    Severity.ERROR,
    sources=("CG-15.4-requirements", "CG-15.4-form"),
    symptoms=("neighbor zone to a cluster peer", "zone loop"),
)
def zone_to_own_peer(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether no zone of the cluster has one of the cluster's own peers as its peer address.

    Why it matters:
    Peers of a cluster must not be connected by zones besides.

    How to fix:
    Remove the entry from the zone.

    Example:
    A neighbor zone from before the cluster was formed still leads to exc2.example.com.
    """
    for zone in case.zones:
        own = ZoneEnd(case.plan, case.evidence, None)
        for address in zone.link.zone.peers or ():
            peer = peer_named(own, address)
            if peer is not None:
                yield Found(
                    Subject.zone(zone, peer),
                    f"The zone {show(zone.link.zone.name)} leads to {show(address)}, a peer of this cluster.",
                    f"Remove {show(address)} from the zone.",
                    zone_place(case, zone, "peers"),
                )
