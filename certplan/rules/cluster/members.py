"""CLU: how large the cluster is, and what its peers must have in common."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

from certplan.intent.stated import peer_list
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import Peer, Platform
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.rules.support.stated import unstated
from certplan.text.words import clauses
from certplan.vendor import ScalingRule, capacity
from certplan.vendor.releases import Release

__all__ = [
    "fifth_peer",
    "grouped",
    "one_peer",
    "platforms_unlike",
    "releases_unlike",
    "small_vms",
    "too_many_peers",
]

MOST_PEERS = 6

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
    A cluster starts with one peer, which is restarted before the next is added. Until then Enforce has no other peer to
    check: that this peer passes says nothing of those to come.

    How to fix:
    Stay in Permissive while peers are added, put them into the plan, and check again before Enforce.

    Example:
    One entry under `peers`.
    """
    if len(case.plan.peers) == 1:
        yield Found(
            Subject.cluster(case.plan),
            "The cluster has one peer, and Enforce has no other peer to check.",
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
        runs = clauses(f"{release} on {peer_list(peers)}" for release, peers in sorted(by_release.items()))
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
    "Mixed platforms: peers of different capability",
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
    mix = clauses(f"{platform} ({peer_list(peers)})" for platform, peers in sorted(by_platform.items()))
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
