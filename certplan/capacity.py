"""Capacity of a cluster, by the platform of its peers and its release.

Sources: Administrator Guides X14.0 to X15.5 (capacity and sizing, clustering), Cluster Creation and Maintenance guide
X15.4. They disagree on how capacity grows with the number of peers; every reading is shown.
"""

from collections.abc import Iterable, Iterator, Sequence

from certplan.plan.model import Peer, Plan, Platform
from certplan.text.names import show_all
from certplan.text.words import listed
from certplan.value import Value
from certplan.vendor import Capacity, CapacityRow, ScalingRule, capacity
from certplan.vendor.releases import Release

__all__ = ["FIGURES", "CapacityReading", "ClusterCapacity", "plan_capacity"]

MOST_PEERS = 6
FIGURES = ("registrations", "calls_video", "calls_mra_video", "calls_audio", "rms", "mra_registrations", "turn_relays")
"""The fields of `CapacityRow` that are figures, in the order of the guides' tables."""

Figures = dict[str, int]


class CapacityReading(Value):
    """The cluster's figures by one rule of the vendor's texts."""

    rule: ScalingRule
    applies: bool
    """It is the rule of this release; otherwise what other texts of the vendor say."""
    factor: int
    """Times the capacity of one system."""
    figures: Figures


class ClusterCapacity(Value):
    """What one cluster can carry."""

    release: Release
    platforms: tuple[tuple[Platform, int], ...]
    """Each platform, with the number of its peers."""
    base: tuple[CapacityRow, ...]
    """The figures of one system, for each platform that the guides have figures of in this release."""
    readings: tuple[CapacityReading, ...]
    """The rule that applies first; empty where the figures of one system are not known for every peer."""
    printed: Figures | None
    """What the guides' own table for four peers prints, where it speaks of this cluster."""
    remarks: tuple[str, ...]
    """What is in doubt, missing in the plan, or to be minded."""
    notes: tuple[str, ...]
    """What holds for all figures of the guides."""
    sources: tuple[str, ...]


def plan_capacity(plan: Plan) -> ClusterCapacity:
    """Tell the capacity of a cluster."""
    known, release, count = capacity(), plan.cluster.release, len(plan.peers)
    platforms = _platforms(plan.peers)
    base = tuple(row for platform, _ in platforms if (row := _row(known.standalone, platform, release)) is not None)
    whole = bool(base) and len(base) == len(platforms) and sum(n for _, n in platforms) == count
    readings = tuple(_readings(known, base, release, count)) if whole and count <= MOST_PEERS else ()
    printed = _row(known.four_peers, platforms[0][0], release) if readings and count == 4 and len(base) == 1 else None
    used = [*base, *(reading.rule for reading in readings), *((printed,) if printed else ())]
    return ClusterCapacity(
        release,
        platforms,
        base,
        readings,
        None if printed is None else _figures(printed),
        tuple(_remarks(plan, known, platforms, base, readings, printed)),
        tuple(_notes(known, platforms, count)),
        tuple(dict.fromkeys(key for entry in used for key in entry.sources)),
    )


def _platforms(peers: Sequence[Peer]) -> tuple[tuple[Platform, int], ...]:
    stated = [peer.platform for peer in peers if peer.platform is not None]
    return tuple((platform, stated.count(platform)) for platform in Platform if platform in stated)


def _notes(known: Capacity, platforms: Sequence[tuple[Platform, int]], count: int) -> Iterator[str]:
    """What holds for all figures, and for those of the platforms stated; where one is not stated, it may be any."""
    stated = {platform.value for platform, _ in platforms}
    unknown = sum(number for _, number in platforms) < count
    return (note.text for note in known.notes if not note.platforms or unknown or stated & set(note.platforms))


def _row(rows: Sequence[CapacityRow], platform: Platform, release: Release) -> CapacityRow | None:
    return next((row for row in rows if row.platform == platform and _holds(row.since, row.before, release)), None)


def _holds(since: str, before: str, release: Release) -> bool:
    begun = not since or release >= Release.parse(since)
    return begun and (not before or release < Release.parse(before))


def _figures(row: CapacityRow) -> Figures:
    return {name: value for name in FIGURES if (value := getattr(row, name)) is not None}


def _readings(known: Capacity, base: Sequence[CapacityRow], release: Release, count: int) -> Iterator[CapacityReading]:
    """By the rule of the release, and by older ones that texts of the same release still print."""
    least, gains = _least(base), _gains(known, (row.platform for row in base))
    applying = next(rule for rule in known.scaling if _holds(rule.since, rule.before, release))
    factors: set[int] = set()
    older = (rule for rule in known.scaling if rule.before and release >= Release.parse(rule.before))
    for rule in (applying, *older):
        factor = rule.factors[count - 1] if gains else 1
        if factor not in factors:
            factors.add(factor)
            yield CapacityReading(
                rule, rule is applying, factor, {name: factor * value for name, value in least.items()}
            )


def _gains(known: Capacity, platforms: Iterable[str]) -> bool:
    """Whether clustering gives systems of these platforms more capacity."""
    gaining = {machine.platform: machine.clustering_gains_capacity for machine in known.machines}
    return all(gaining.get(platform, True) for platform in platforms)


def _least(base: Sequence[CapacityRow]) -> Figures:
    """Of unlike peers, each figure of the least, as if all were so: no text adds up unlike peers."""
    names = [name for name in FIGURES if any(getattr(row, name) is not None for row in base)]
    return {name: min(_figure(row, name) for row in base) for name in names}


def _figure(row: CapacityRow, name: str) -> int:
    value = getattr(row, name)
    # Where MRA video calls have no figure of their own they count as video calls.
    return int(row.calls_video if value is None else value)


def _remarks(
    plan: Plan,
    known: Capacity,
    platforms: Sequence[tuple[Platform, int]],
    base: Sequence[CapacityRow],
    readings: Sequence[CapacityReading],
    printed: CapacityRow | None,
) -> Iterator[str]:
    release, count = plan.cluster.release, len(plan.peers)
    silent = [peer for peer in plan.peers if peer.platform is None]
    if silent:
        owners = "every peer" if len(silent) == count else show_all(peer.address for peer in silent)
        choices = listed(Platform)
        yield f"The platform of {owners} is not in the plan: state platform ({choices}) for the cluster's figures."
        rule = next(rule for rule in known.scaling if _holds(rule.since, rule.before, release))
        if count <= MOST_PEERS:
            times = rule.factors[count - 1]
            yield f"By the rule of {release} ({rule.name}) the cluster has {times} times one system's: {rule.rule}"
    for platform, _ in platforms:
        if all(row.platform != platform for row in base):
            since = next((row.since for row in known.standalone if row.platform == platform), "")
            yield f"The guides read have no figures for {platform} on {release}; the first that have are for {since}."
    if count > MOST_PEERS:
        yield f"The plan has {count} peers; at most {MOST_PEERS} are supported, so the cluster has no figures."
    if len(platforms) > 1:
        yield (
            "Peers have to be of equivalent capability, and no text gives the capacity of unlike ones: each figure is"
            " that of the least, as if all were so. That is inferred."
        )
    if count > 1 and not _gains(known, (platform for platform, _ in platforms)):
        yield "Small VMs gain no capacity from clustering, only redundancy."
    elif readings and count > 1:
        yield from readings[0].rule.conflicts
        if count == 2 and readings[0].factor == 1:
            yield "Read to the letter, two peers have the capacity of one."
        if len(readings) > 1:
            yield f"Size the cluster for no more than {min(reading.factor for reading in readings)} times one system."
    if printed is not None and readings and _figures(printed) != readings[0].figures:
        yield "The guides' table for four peers prints other figures than the rule gives: size for the lower ones."
    yield from (row.note for row in (*base, *((printed,) if printed else ())) if row.note)
