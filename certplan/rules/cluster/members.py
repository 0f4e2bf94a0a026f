"""CLU: how large the cluster is, and what its peers must have in common."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import combinations
from typing import TypeVar

from certplan.evidence.model import Missing
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import Peer, Platform
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.rules.support.stated import listed, unstated, unstated_in_cluster
from certplan.text.names import key, show
from certplan.vendor import ScalingRule, capacity
from certplan.vendor.releases import Release

__all__ = [
    "fifth_peer",
    "grouped",
    "h323_off",
    "ntp_missing",
    "one_peer",
    "option_keys_unlike",
    "platforms_unlike",
    "releases_unlike",
    "round_trip_too_long",
    "small_vms",
    "too_many_peers",
]

MOST_PEERS = 6
LONGEST_ROUND_TRIP_MS = 80

K = TypeVar("K", bound=Hashable)


def grouped(pairs: Iterable[tuple[K, Peer]]) -> Mapping[K, list[Peer]]:
    """Peers by something they may share, in plan order."""
    groups: dict[K, list[Peer]] = defaultdict(list)
    for shared, peer in pairs:
        groups[shared].append(peer)
    return groups


@rule(
    "CLU001",
    "too-many-peers",
    "A cluster has more than six peers",
    Severity.ERROR,
    sources=("CG-15.4-form", "AG-15.5-clustering"),
    symptoms=("six peers", "seventh peer"),
)
def too_many_peers(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the cluster has at most six peers, the primary included.

    Why it matters:
    The clustering page has six peer fields.

    How to fix:
    Remove peers until six are left, or form a second cluster.

    Example:
    Seven entries under `peers`.
    """
    count = len(case.plan.peers)
    if count > MOST_PEERS:
        yield Found(
            Subject.cluster(case.plan),
            f"The cluster has {count} peers; at most {MOST_PEERS} are supported.",
            f"Remove {count - MOST_PEERS} of the peers.",
            case.plan.where("peers"),
        )


@rule(
    "CLU002",
    "fifth-peer",
    "What a fifth and sixth peer add depends on the text one reads",
    Severity.NOTICE,
    sources=("AG-15.5-capacity", "AG-15.5-clustering", "CG-15.4-basics", "AG-14.2-capacity"),
    confidence=Confidence.CONFLICTING,
    symptoms=("capacity of five peers", "capacity of six peers"),
)
def fifth_peer(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the cluster has a fifth or sixth peer.

    Why it matters:
    Until X14.1 capacity grows with the first four peers, and two more add resilience only. From X14.2 the capacity
    chapter counts one peer as redundancy, which gives five peers four times and six peers five times the capacity of
    one system; the clustering chapters still say that nothing is gained beyond four. Both cannot be right.

    How to fix:
    Size the cluster by the lower figure, and ask the vendor where the difference matters.

    Example:
    Five peers on X14.3: four times the capacity by either text; six peers: four or five times.
    """
    count = len(case.plan.peers)
    if 4 < count <= MOST_PEERS:
        scaling = _scaling(case.plan.cluster.release)
        yield Found(
            Subject.cluster(case.plan),
            f"By the rule for {case.plan.cluster.release}, {count} peers have {scaling.factors[count - 1]} times the"
            f" capacity of one system. {scaling.rule} Other chapters of the guides say otherwise.",
            f"Size the cluster for no more than {min(scaling.factors[count - 1], 4)} times the capacity of one system.",
            case.plan.where("peers"),
        )


def _scaling(release: Release) -> ScalingRule:
    rules = capacity().scaling
    return next((rule for rule in reversed(rules) if rule.since and release >= Release.parse(rule.since)), rules[0])


@rule(
    "CLU003",
    "one-peer",
    "A cluster of one peer",
    Severity.NOTICE,
    sources=("CG-15.4-form",),
    symptoms=("single-node cluster",),
)
def one_peer(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the cluster has more than one peer.

    Why it matters:
    A cluster starts with one peer, which is restarted before the next is added. Until then Enforce has nobody to
    check: that this peer passes says nothing of those to come.

    How to fix:
    Stay in Permissive while peers are added, put them into the plan, and check again before Enforce.

    Example:
    One entry under `peers`.
    """
    if len(case.plan.peers) == 1:
        yield Found(
            Subject.cluster(case.plan),
            "The cluster has one peer, and Enforce has nobody else to check.",
            "Add the other peers to the plan and check again before setting Enforce.",
            case.plan.where("peers"),
        )


@rule(
    "CLU004",
    "releases-unlike",
    "Peers run different releases",
    Severity.ERROR,
    sources=("CG-15.4-requirements", "RN-14.0.1"),
    symptoms=("different software versions", "cluster partitioned during upgrade", "Cluster replication error"),
)
def releases_unlike(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether all peers run one release, and the one stated for the cluster.

    Why it matters:
    All peers must run the same version. While they differ, as during an upgrade, the cluster is partitioned and
    nothing replicates, so that neither a mapping nor the TLS verification mode reaches every peer. What Enforce checks
    also depends on the release.

    How to fix:
    Finish the upgrade, the primary first and then the others one by one, before anything else is changed.

    Example:
    exe1 on X15.4, exe2 still on X14.3.4.
    """
    by_release = grouped((peer.release, peer) for peer in case.plan.peers)
    where = case.plan.where("cluster", "release")
    if len(by_release) > 1:
        runs = "; ".join(f"{release} on {listed(peers)}" for release, peers in sorted(by_release.items()))
        yield Found(
            Subject.cluster(case.plan),
            f"The peers run different releases: {runs}.",
            "Bring every peer to one release, the primary first, before changing anything else.",
            where,
        )
    elif case.plan.cluster.release not in by_release:
        yield Found(
            Subject.cluster(case.plan),
            f"The plan says {case.plan.cluster.release} for the cluster, and {case.plan.peers[0].release} for every"
            " peer.",
            "Correct the cluster's release in the plan: the rules go by it.",
            where,
            severity=Severity.WARNING,
        )


_APPLIANCES = frozenset({Platform.CE1200, Platform.CE1300})


@rule(
    "CLU005",
    "platforms-unlike",
    "Peers are platforms of different capability",
    Severity.ERROR,
    sources=("CG-15.4-requirements",),
    symptoms=("different VM sizes", "appliance and VM in one cluster"),
)
def platforms_unlike(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether all peers are of one platform. VMs of different sizes are an error, and so is a Small VM beside an
    appliance; other mixes with appliances, of which the guide says too little, are a warning.

    Why it matters:
    Platforms must be of equivalent capability: a call or registration moves to any peer, and the cluster counts every
    peer as equal. The guide's example allows standard appliances with Medium VMs and forbids them with Large VMs; a
    CE1200 takes part in a cluster of older appliances once its `Type` is set to match. Of the CE1300 nothing was found.

    How to fix:
    Use one platform throughout, or ask the vendor about the mix.

    Example:
    Two Medium VMs and one Large VM.
    """
    if len(case.plan.peers) > 1:
        yield from unstated(case, "platform", "platform")
    by_platform = grouped((peer.platform, peer) for peer in case.plan.peers if peer.platform is not None)
    if len(by_platform) < 2:
        return
    sizes = by_platform.keys() - _APPLIANCES
    forbidden = len(sizes) > 1 or Platform.SMALL_VM in sizes
    mix = "; ".join(f"{platform} ({listed(peers)})" for platform, peers in sorted(by_platform.items()))
    why = "peers must be of equivalent capability" if forbidden else "whether these are equivalent is not documented"
    yield Found(
        Subject.cluster(case.plan),
        f"The peers are of different platforms: {mix}; {why}.",
        "Use one platform for all peers." if forbidden else "Ask the vendor whether this mix is supported.",
        case.plan.where("peers"),
        severity=None if forbidden else Severity.WARNING,
        confidence=None if forbidden else Confidence.INFERRED,
    )


@rule(
    "CLU006",
    "small-vms",
    "A cluster of Small VMs has the capacity of one",
    Severity.NOTICE,
    sources=("AG-15.5-capacity", "TA-217230"),
    symptoms=("Small VM cluster",),
)
def small_vms(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a cluster of two peers or more is made of Small VMs.

    Why it matters:
    Small VMs gain redundancy from clustering, but no capacity.

    How to fix:
    Use Medium VMs or larger where the cluster is to carry more than one system.

    Example:
    Three Small VMs: 2000 registrations, as with one.
    """
    if len(case.plan.peers) > 1 and {peer.platform for peer in case.plan.peers} == {Platform.SMALL_VM}:
        yield Found(
            Subject.cluster(case.plan),
            f"The cluster is made of {len(case.plan.peers)} Small VMs: it has redundancy, and the capacity of one.",
            "Size the cluster as a single Small VM, or use Medium VMs.",
            case.plan.where("peers"),
        )


@rule(
    "CLU007",
    "option-keys-unlike",
    "Peers have different option keys",
    Severity.WARNING,
    sources=("CG-15.4-requirements", "AG-15.5-clustering"),
    symptoms=("option keys differ",),
)
def option_keys_unlike(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether all peers have the same set of option keys. The rule does not hold under Smart Licensing: write
    `option_keys: []` for each peer there.

    Why it matters:
    The configuration of the primary is copied to every peer. A feature that only some peers have a key for works or
    fails by the peer one happens to meet. Only licence counts may differ.

    How to fix:
    Install the missing keys, or remove those that only some peers have.

    Example:
    exe1 and exe2 have the Advanced Networking key, exe3 does not.
    """
    stated = [peer for peer in case.plan.peers if peer.option_keys is not None]
    if len(case.plan.peers) > 1:
        yield from unstated(case, "option_keys", "option keys")
    if not stated:
        return
    found = {peer.number: {text.lower(): text for text in peer.option_keys or ()} for peer in stated}
    common = set.intersection(*(set(keys) for keys in found.values()))
    extra = [
        (peer, [text for low, text in sorted(found[peer.number].items()) if low not in common])
        for peer in stated
        if found[peer.number].keys() - common
    ]
    if extra:
        only = "; ".join(f"{show(peer.address)} has {', '.join(show(text) for text in texts)}" for peer, texts in extra)
        yield Found(
            Subject.cluster(case.plan),
            f"The peers' option keys differ: {only}, and not every other peer does. Only licence counts may differ.",
            "Make the option keys the same on every peer, or write option_keys: [] under Smart Licensing.",
            case.where(extra[0][0], "option_keys"),
        )


@rule(
    "CLU008",
    "ntp-missing",
    "A peer has no NTP server",
    Severity.ERROR,
    sources=("CG-15.4-form", "AG-15.5-clustering"),
    symptoms=("time not synchronized", "NTP"),
)
def ntp_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each peer has at least one NTP server.

    Why it matters:
    A peer whose clock is not synchronised may not join, replication fails without NTP, and a wrong clock makes sound
    certificates look lapsed or not yet valid under Enforce.

    How to fix:
    Set an NTP server (`System > Time`) on that peer and wait until its `State` is `Synchronized`.

    Example:
    `ntp: []`
    """
    yield from unstated(case, "ntp", "NTP servers")
    for peer in case.plan.peers:
        if peer.ntp == ():
            yield Found(
                Subject.peer(peer),
                f"{show(peer.address)} has no NTP server; a cluster peer needs a synchronised clock.",
                f"Set an NTP server on {show(peer.address)} and wait for State to be Synchronized.",
                case.where(peer, "ntp"),
            )


@rule(
    "CLU009",
    "h323-off",
    "H.323 mode is off on a peer",
    Severity.ERROR,
    sources=("CG-15.4-requirements", "AG-15.5-alarms"),
    alarms=(20018,),
    symptoms=("H.323 mode is disabled", "Invalid clustering configuration"),
)
def h323_off(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether `H.323 mode` is On on every peer.

    Why it matters:
    Peers use H.323 signalling among themselves, even when every endpoint is SIP. The appliance raises alarm 20018
    (`Invalid clustering configuration`).

    How to fix:
    Set `H.323 mode` to On at `Configuration > Protocols > H.323`.

    Example:
    `h323: false` on a peer that was hardened by a template.
    """
    yield from unstated(case, "h323", "H.323 mode")
    for peer in case.plan.peers:
        if peer.h323 is False:
            yield Found(
                Subject.peer(peer),
                f"H.323 mode is Off on {show(peer.address)}, and peers speak H.323 among themselves.",
                f"Set H.323 mode to On on {show(peer.address)}.",
                case.where(peer, "h323"),
            )


@rule(
    "CLU010",
    "round-trip-too-long",
    "Two peers are too far apart",
    Severity.ERROR,
    sources=("CG-15.4-requirements",),
    symptoms=("latency between peers", "80 ms", "round trip"),
)
def round_trip_too_long(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the round-trip time between any two peers is 80 ms at most, by the times in the plan.

    Why it matters:
    Beyond that the cluster's database cannot keep step and peers fall out of it.

    How to fix:
    Move the peers nearer to each other, or form two clusters.

    Example:
    `"exe1.example.com exe2.example.com": 120`, from one continent to another.
    """
    times = case.plan.round_trip_ms
    if not times:
        if len(case.plan.peers) > 1:
            yield unstated_in_cluster(
                case, "round_trip_ms", "round-trip times between the peers", "Measure them and add round_trip_ms."
            )
        return
    pairs = {(one.address, other.address): (one, other) for one, other in combinations(case.plan.peers, 2)}
    for ends, milliseconds in times.items():
        if milliseconds <= LONGEST_ROUND_TRIP_MS or ends not in pairs:
            continue
        one, other = sorted(pairs[ends], key=lambda peer: key(peer.address))
        yield Found(
            Subject.pair(one, other),
            f"The round trip between {show(one.address)} and {show(other.address)} takes {milliseconds:g} ms; at most"
            f" {LONGEST_ROUND_TRIP_MS} ms is supported.",
            "Move the two peers nearer to each other, or into separate clusters.",
            case.plan.where("round_trip_ms"),
        )
    untold = sorted(" and ".join(show(end) for end in sorted(ends, key=key)) for ends in pairs if ends not in times)
    if untold:
        more = f" and of {len(untold) - 1} more pairs of peers" if len(untold) > 1 else ""
        missing = Missing(
            f"the round-trip time between {untold[0]}{more}",
            "the plan gives it for other pairs only",
            "Measure it and add it to round_trip_ms in the plan.",
            case.plan.where("round_trip_ms"),
            field="round_trip_ms",
        )
        yield Unchecked(Subject.cluster(case.plan), missing)
