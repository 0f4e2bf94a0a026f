"""Where the files of one cluster differ: peers that disagree, and values changed after their file was written."""

from collections.abc import Iterator, Mapping

from certplan.places import Place
from certplan.sources.clusters import SourceCluster
from certplan.sources.model import Field, FileKind, Stated
from certplan.text.words import listed
from certplan.value import Value

__all__ = ["Disagreement", "Stale", "alike", "disagreements", "stale_values"]

_COMPARED = (
    *(Field.CLUSTER_NAME, Field.PRIMARY, Field.PEERS, Field.TLS_VERIFICATION, Field.ADDRESS_MAPPING, Field.IP_VERSION),
    *(Field.RELEASE, Field.DOMAIN, Field.H323, Field.TYPE, Field.MRA_DOMAINS),
)
_SAME_WHATEVER_CASE = frozenset(_COMPARED) - {Field.DOMAIN, Field.PEERS}


class Disagreement(Value):
    """A thing that peers, or two files of one peer, say differently."""

    what: str
    values: Mapping[str, Stated]


class Stale(Value):
    """A value that was changed after its file was written."""

    peer: str
    what: str
    then: str
    now: str
    where: Place


def alike(what: Field, one: Stated, other: Stated) -> bool:
    if what not in _SAME_WHATEVER_CASE:
        return one == other
    return str(one).casefold() == str(other).casefold()


def disagreements(cluster: SourceCluster) -> Iterator[Disagreement]:
    for what in _COMPARED:
        words = cluster.words(what)
        if len(words) > 1 and any(not alike(what, words[0][1].value, sourced.value) for _, sourced in words[1:]):
            yield Disagreement(what.value, {who: sourced.value for who, sourced in words})
    for peer in cluster.peers:
        for conflict in peer.conflicts():
            values = {str(each.where): each.value for each in conflict.sourced}
            yield Disagreement(f"{conflict.field.value} of {peer.label}", values)


def stale_values(cluster: SourceCluster) -> Iterator[Stale]:
    """Changes that came after a dump: in the log of its archive (a dump is made when logging starts), or by command."""
    for peer in cluster.peers:
        logs = [each for each in peer.readings if each.kind is FileKind.LOG]
        for reading in peer.readings:
            if reading.kind is not FileKind.CONFIGURATION:
                continue
            later = [change for log in logs if log.bundle == reading.bundle for change in log.changes]
            for change in {each.item: each for each in (*later, *reading.stale)}.values():
                sourced = None if change.field is None else reading.facts.get(change.field)
                if sourced is None or _shows(sourced.value, change.to):
                    continue
                shown = sourced.value if isinstance(sourced.value, str) else listed(sourced.value)
                yield Stale(peer.label, change.item, shown, change.to, change.where)


def _shows(value: Stated, now: str) -> bool:
    values = (value.partition("/")[0],) if isinstance(value, str) else value
    return now.casefold() in {each.casefold() for each in values} or (
        value in ("true", "false") and (now.lower() == "on") == (value == "true")
    )
