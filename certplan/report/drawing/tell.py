"""A drawing in sentences, for those who do not see it."""

from collections.abc import Iterator, Sequence

from certplan.report.drawing.scene import Card, Dial, Landing, Lane, Lead, Scene

__all__ = ["sentences"]


def sentences(scene: Scene) -> Iterator[str]:
    """What the drawing shows, peer by peer."""
    where = "the DMZ" if scene.stand is Lane.DMZ else "the inside network"
    yield f"{scene.facts}. The peers stand in {where}. {scene.mapping}. {scene.headline}"
    for lead in scene.cluster_leads:
        yield f"{_views(lead)}: the cluster name {lead.name} {lead.remark or 'is there'}."
    for _, note in scene.notes:
        yield note
    for card in scene.cards:
        yield from _peer(card)


def _peer(card: Card) -> Iterator[str]:
    ports = [
        f"{port.spot.kind.value} {port.address}" + (f" with static NAT {port.nat}" if port.nat else "")
        for port in card.ports
    ]
    primary = ", the primary" if card.primary else ""
    yield f"Peer {card.number}{primary}, {card.address}: {', '.join(ports)}."
    for lead in card.leads:
        leads = f" leads to {_places(lead.landings, card.number)}" if lead.landings else ""
        remark = f" ({lead.remark})" if lead.remark and leads else f": {lead.remark}" if lead.remark else ""
        yield f"In {_views(lead)} {lead.name}{leads}{remark}."
    for dial in card.dials:
        yield _dial(dial)


def _dial(dial: Dial) -> str:
    target = _places(dial.landings, dial.number) if dial.landings else dial.lost
    why = f": {', '.join(dial.told(fault) for fault in dial.faults)}" if dial.faults else ""
    return f"{dial.who} {dial.name} {dial.by} to {target}, {dial.verdict}{why}."


def _views(lead: Lead) -> str:
    return f"{', '.join(lead.views)} DNS"


def _places(landings: Sequence[Landing], number: int) -> str:
    return " and ".join(f"{landing.address} ({landing.whose(number)})" for landing in landings)
