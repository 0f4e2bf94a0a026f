"""Which appliances form a cluster, in the order of `Peer 1 address`, `Peer 2 address` ..."""

from collections import Counter
from collections.abc import Sequence

from certplan.sources.appliances import Appliance
from certplan.sources.model import Field, FileReading, Sourced
from certplan.text.names import key
from certplan.value import Struct, field

__all__ = ["SourceCluster", "form_clusters"]

MAX_PEERS = 64


class SourceCluster(Struct):
    """The peers in order, an empty appliance for one that no file is of, and pages that are of no peer."""

    peers: list[Appliance]
    pages: list[FileReading] = field(default_factory=list)

    def words(self, what: Field) -> list[tuple[str, Sourced]]:
        """Each peer's word on a field, by the peer's label; then the pages' words."""
        found = [(peer.label, sourced) for peer in self.peers if (sourced := peer.sourced(what)) is not None]
        return found + [(page.file, page.facts[what]) for page in self.pages if what in page.facts]

    def chosen(self, what: Field) -> Sourced | None:
        """The word of most of them; of equally many, of the first, a configuration's before a log's."""
        words = [sourced for _, sourced in self.words(what)]
        if not words:
            return None
        counts = Counter(_comparable(sourced.value) for sourced in words)
        most = max(counts.values())
        best = [sourced for sourced in words if counts[_comparable(sourced.value)] == most]
        return min(best, key=lambda sourced: bool(sourced.how))


def _comparable(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    return value.casefold() if isinstance(value, str) else tuple(part.casefold() for part in value)


def form_clusters(appliances: Sequence[Appliance], pages: Sequence[FileReading]) -> tuple[SourceCluster, ...]:
    """Join appliances that share a cluster name or a peer, and put each cluster's peers in the order of its list."""
    groups: list[SourceCluster] = []
    sources: list[Appliance | FileReading] = [*appliances, *pages]
    for source in sources:
        joined = [group for group in groups if _tied(_marks_of(source), group)]
        merged = SourceCluster([], [])
        for group in joined:
            groups.remove(group)
            merged.peers += group.peers
            merged.pages += group.pages
        if isinstance(source, Appliance):
            merged.peers.append(source)
        else:
            merged.pages.append(source)
        groups.append(merged)
    clusters = [_ordered(group) for group in groups]
    return tuple(cluster for cluster in clusters if cluster.peers)


def _marks_of(source: Appliance | FileReading) -> tuple[frozenset[str], frozenset[str]]:
    """What it calls the cluster and its peers, and what it is called itself."""
    if isinstance(source, Appliance):
        named, peers, own = source.sourced(Field.CLUSTER_NAME), source.sourced(Field.PEERS), source.names
    else:
        named, peers, own = source.facts.get(Field.CLUSTER_NAME), source.facts.get(Field.PEERS), frozenset[str]()
    marks = {f"cluster {key(str(named.value))}"} if named is not None else set[str]()
    marks.update(f"peer {key(address)}" for address in (peers.value if peers is not None else ()))
    return frozenset(marks), frozenset(f"peer {name}" for name in own)


def _tied(marks: tuple[frozenset[str], frozenset[str]], group: SourceCluster) -> bool:
    sourced, own = marks
    others: list[Appliance | FileReading] = [*group.peers, *group.pages]
    for other in others:
        other_sourced, other_own = _marks_of(other)
        if sourced & other_sourced or sourced & other_own or own & other_sourced:
            return True
    return False


def _ordered(group: SourceCluster) -> SourceCluster:
    """The peers as the list of most of them has them; an appliance that the list leaves out comes after."""
    lists = SourceCluster(group.peers, group.pages).chosen(Field.PEERS)
    addresses = list(dict.fromkeys(lists.value)) if lists is not None else []
    waiting = list(group.peers)
    peers: list[Appliance] = []
    for address in addresses[:MAX_PEERS]:
        match = next((each for each in waiting if key(address) in each.names), None)
        if match is None:
            match = Appliance()
        else:
            waiting.remove(match)
        match.address = address
        peers.append(match)
    for each in waiting:
        each.address = each.fqdn or each.lan1
        if each.address is not None:
            peers.append(each)
    return SourceCluster(peers[:MAX_PEERS], group.pages)
