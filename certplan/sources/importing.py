"""Import as a whole: files in; for every cluster a plan's text, its certificates and what is to be said of it, out."""

import re
from collections.abc import Iterable, Sequence

from certplan.plan.model import Plan
from certplan.sources.appliances import group, hand_out
from certplan.sources.clusters import SourceCluster, form_clusters
from certplan.sources.content import read_items
from certplan.sources.merge import Given, Imported, PlanValue, merge
from certplan.sources.model import Field, FileKind, FileReading, Item, Refusal, Sourced
from certplan.sources.planfile import DroppedValue, usable_plan
from certplan.sources.zones import ZoneSide, zone_entries
from certplan.text.names import key
from certplan.value import Value, replace

__all__ = ["ClusterPlan", "Exports", "own_plan", "plans_of", "read_exports", "unanswered"]

_SLUG = re.compile(r"[^a-z0-9.-]")


class Exports(Value):
    """What was read: the clusters, what was not taken, and what belongs to none of them."""

    clusters: tuple[SourceCluster, ...]
    refused: tuple[Refusal, ...]
    left: tuple[FileReading, ...]


class ClusterPlan(Value):
    """One cluster's plan, ready to be written."""

    folder: str
    """Under the folder asked for; empty where there is one cluster."""
    imported: Imported
    text: str
    entries: tuple[PlanValue, ...]
    """The values that the plan's text has."""
    dropped: tuple[DroppedValue, ...]


def read_exports(items: Iterable[Item | Refusal]) -> Exports:
    """Read every file, and group what they say by appliance and by cluster."""
    readings, refused = read_items(items)
    appliances, left = group(readings)
    # An answer may list the peers without saying whose it is; so does a page without its own row.
    sources = [each for each in left if Field.PEERS in each.facts and each.kind in (FileKind.PAGE, FileKind.ANSWER)]
    clusters = form_clusters(appliances, sources)
    peers = [peer for cluster in clusters for peer in cluster.peers]
    used = {page.file for cluster in clusters for page in cluster.pages}
    return Exports(
        clusters,
        refused,
        (*(each for each in left if each.file not in used), *hand_out(readings, peers)),
    )


def unanswered(exports: Exports, given: Given) -> tuple[tuple[str, Field], ...]:
    """What neither the files nor the engineer say, by cluster: its name, and the field."""
    asked = (
        (Field.TYPE, given.type is not None),
        (Field.RELEASE, given.release is not None),
        (Field.TLS_VERIFICATION, given.tls_verification is not None),
        (Field.ADDRESS_MAPPING, given.mapping is not None),
    )
    return tuple(
        (_name(cluster), field)
        for cluster in exports.clusters
        for field, is_given in asked
        if not is_given and cluster.chosen(field) is None
    )


def _name(cluster: SourceCluster) -> str:
    sourced = cluster.chosen(Field.CLUSTER_NAME)
    return cluster.peers[0].label if sourced is None else str(sourced.value)


def plans_of(
    exports: Exports, given: Given, answers: dict[tuple[str, Field], Sourced], head: str
) -> tuple[ClusterPlan, ...]:
    """Make the plan of every cluster.

    Args:
        exports: what was read.
        given: what holds for every cluster that the files leave it open for.
        answers: what was answered for one cluster, by its name and the field.
        head: comment lines for the head of each plan.

    Raises:
        NoPlan: when what the files say of a cluster cannot be put into a plan.
    """
    sides: list[ZoneSide] = []
    alone = len(exports.clusters) == 1
    for cluster in exports.clusters:
        own = _given_for(cluster, given, answers, alone=alone)
        imported = merge(cluster, own)
        if (remark := _not_used(cluster, given)) is not None:
            imported = replace(imported, remarks=(*imported.remarks, remark))
        sides.append(
            ZoneSide(cluster, imported, "" if alone else _folder(imported.name, [side.folder for side in sides]))
        )
    plans: list[ClusterPlan] = []
    for side in sides:
        others = [other for other in sides if other is not side]
        entries = (*side.imported.entries, *zone_entries(side, others))
        file = f"{side.folder}/plan.yaml" if side.folder else "plan.yaml"
        text, kept, dropped = usable_plan(entries, head, file)
        plans.append(ClusterPlan(side.folder, replace(side.imported, entries=entries), text, kept, dropped))
    return tuple(plans)


def own_plan(stated: Plan, plans: Sequence[ClusterPlan]) -> ClusterPlan | None:
    """The imported cluster that a plan is of: by its name, or by a peer."""
    named = [plan for plan in plans if key(plan.imported.name) == key(stated.cluster.name)]
    peers = {key(name) for peer in stated.peers for name in (peer.address, peer.fqdn) if name is not None}
    shared = [plan for plan in plans if any(key(peer.address) in peers for peer in plan.imported.peers)]
    return next(iter((*named, *shared)), None)


def _given_for(
    cluster: SourceCluster, given: Given, answers: dict[tuple[str, Field], Sourced], *, alone: bool
) -> Given:
    """What the engineer says of this cluster: type and release where no file does, the table where it fits."""
    name = _name(cluster)

    def text(field: Field, stated: str | None) -> str | None:
        answer = answers.get((name, field))
        return str(answer.value) if answer is not None else stated

    mapping = given.mapping if given.mapping is None or alone or _fits(cluster, given.mapping) else None
    return replace(
        given,
        type=text(Field.TYPE, given.type if cluster.chosen(Field.TYPE) is None else None),
        release=text(Field.RELEASE, given.release if cluster.chosen(Field.RELEASE) is None else None),
        tls_verification=text(Field.TLS_VERIFICATION, given.tls_verification),
        mapping=answers.get((name, Field.ADDRESS_MAPPING), mapping),
    )


def _fits(cluster: SourceCluster, mapping: Sourced) -> bool:
    """Whether a table is this cluster's: it is Off, or an entry has a name or address of one of its peers."""
    names = {name for peer in cluster.peers for name in peer.names}
    return not mapping.value or any(key(word) in names for text in mapping.value for word in text.split(" "))


def _not_used(cluster: SourceCluster, given: Given) -> str | None:
    for field, stated, option in ((Field.TYPE, given.type, "--type"), (Field.RELEASE, given.release, "--release")):
        sourced = cluster.chosen(field)
        if stated is not None and sourced is not None and str(sourced.value).casefold() != stated.casefold():
            return f"{option} {stated} is not used for {_name(cluster)}: {sourced.where} says {sourced.value}"
    return None


def _folder(name: str, taken: Sequence[str]) -> str:
    slug = _SLUG.sub("-", name.lower())[:100].strip("-.") or "cluster"
    return slug if slug not in taken else f"{slug}-{len(taken) + 1}"
