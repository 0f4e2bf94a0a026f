"""The zones that rest on a cluster's certificates: watched while those are replaced, in step with the far end.

Sources: Administrator Guide X15.5, Zones and Neighbors; Mobile and Remote Access guide X15.2; technote 221624 (a zone
that is up while its SSH tunnels are down).
"""

from collections.abc import Collection, Iterator, Sequence

from certplan.evidence.model import Missing
from certplan.handshake.model import Store
from certplan.intent.links import Link, links
from certplan.intent.zones import connects, zones_of
from certplan.outcomes import Confidence
from certplan.plan.model import Zone, ZoneType
from certplan.proposal.model import Change, describe
from certplan.proposal.zone_changes import FIELD_LABELS, SetZone
from certplan.runbook.book import Book
from certplan.runbook.model import Action, Rollback
from certplan.text.names import show

__all__ = ["ZONES_PAGE", "in_step", "set_zones", "zones_to_target", "zones_to_verify"]

ZONES_PAGE = "Configuration > Zones > Zones"


def zones_to_verify(book: Book, stores: Collection[tuple[int, Store]]) -> tuple[str, ...]:
    """What to verify of each zone that rests on certificates, given by peer number and store."""
    return tuple(_seen(link) for link in _resting_on(book, stores))


def _resting_on(book: Book, stores: Collection[tuple[int, Store]]) -> list[Link]:
    """The zones by their place in the plan, each once."""
    plan, evidence = book.plan, book.stage.evidence
    found: dict[int, Link] = {}
    for number, store in stores:
        if number <= len(plan.peers):
            for link in zones_of(plan, evidence, plan.peers[number - 1], store):
                found.setdefault(link.position, link)
    return [found[position] for position in sorted(found)]


def _seen(link: Link) -> str:
    far = "" if isinstance(link.far, Missing) else f" to {show(link.far.plan.cluster.name)}"
    text = f"Zone {show(link.zone.name)}{far}: {ZONES_PAGE} shows it Active on every peer of both clusters"
    if link.zone.type is ZoneType.UC_TRAVERSAL:
        text += ", and no peer of the Expressway-C shows alarm 35013 (Unified Communications SSH tunnel failure)"
    return f"{text}."


def in_step(book: Book, stores: Collection[tuple[int, Store]]) -> Iterator[str]:
    """In which order the two clusters of a zone replace their certificates.

    No vendor text gives an order of Expressway-C and Expressway-E for certificates; it follows from who verifies whom.
    """
    for link in _resting_on(book, stores):
        far = "the cluster at its far end" if isinstance(link.far, Missing) else show(link.far.plan.cluster.name)
        side = "Expressway-C" if connects(link) else "Expressway-E"
        yield (
            f"Zone {show(link.zone.name)}: load every CA of the new certificates on {far}, too, before the first"
            f" certificate here is replaced. Finish this cluster ({side}) and verify the zone before certificates of"
            f" {far} are replaced: never both at the same time."
        )


def set_zones(book: Book, changes: Sequence[Change]) -> None:
    """Settings of zones, once the certificates that they name are in place."""
    zones = book.plan.zones or ()
    for change in changes:
        effect = change.effect
        if not isinstance(effect, SetZone):
            continue
        link = links(book.plan, book.stage.evidence)[effect.position]
        book.add(
            Action.SET_ZONE,
            change.action,
            peers=(book.primary,),
            page=ZONES_PAGE,
            do=(change.detail,),
            values=tuple(_values(effect)),
            effects=(effect,),
            verify=(_seen(link),),
            rollback=Rollback(f"Put the former value of the zone {show(zones[effect.position].name)} back."),
            abort_if="the zone was Active before the step and is not afterward",
            confidence=Confidence.DOCUMENTED,
            codes=change.answers,
            sources=("AG-15.5-zones", "MRA-15.2"),
        )


def zones_to_target(book: Book, planned: Sequence[Zone] | None) -> None:
    """The settings of zones that the target states otherwise, zones that come, and zones that go."""
    today = book.plan.zones or ()
    if planned is None or tuple(planned) == today:
        return
    places = {zone.name: position for position, zone in enumerate(today)}
    effects = [
        SetZone(places[zone.name], field, value)
        for zone in planned
        if zone.name in places
        for field in FIELD_LABELS
        if (value := getattr(zone, field)) is not None and value != getattr(today[places[zone.name]], field)
    ]
    set_zones(book, [describe(book.intent, effect, ()) for effect in effects])
    kept = {zone.name for zone in planned}
    lines = [f"Create the zone {show(zone.name)} ({zone.type.value})." for zone in planned if zone.name not in places]
    lines += [f"Delete the zone {show(name)}." for name in places if name not in kept]
    if lines:
        book.add(
            Action.SET_ZONE,
            "Create and delete zones",
            peers=(book.primary,),
            page=ZONES_PAGE,
            do=lines,
            verify=(f"{ZONES_PAGE} shows the zones of the target and no others.",),
            rollback=Rollback("Put the former zones back."),
            sources=("AG-15.5-zones",),
        )


def _values(effect: SetZone) -> Iterator[tuple[str, str]]:
    match effect.value:
        case bool():
            yield FIELD_LABELS[effect.field], "On" if effect.value else "Off"
        case tuple():
            yield from ((f"Peer {number} address", address) for number, address in enumerate(effect.value, 1))
        case _:
            yield FIELD_LABELS[effect.field], str(effect.value)
