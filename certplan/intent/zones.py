"""What certificates must hold because zones rest on them: names, roles, and in which store.

The side that answers looks for its `TLS verify subject name` in the certificate of each peer that connects; the side
that connects looks for each `Peer N address` of its zone in the certificate of the peer it leads to. Sources:
Administrator Guide X15.5, Zones and Neighbors; Mobile and Remote Access guide X15.2 (domains on Expressway-E); Prepare
Expressway for Client Auth EKU Sunset (225482); Navigate Client EKU Sunset with Expressway x15.5 (225693).
"""

from collections.abc import Iterator

from certplan.evidence.model import Evidence
from certplan.handshake.credentials import CLIENT_AUTH, SERVER_AUTH
from certplan.handshake.model import Store
from certplan.intent.links import TRAVERSALS, Direction, Link, ZoneEnd, links, peer_named
from certplan.intent.names import NameFor, RequiredName, domain_name
from certplan.plan.model import ClusterType, Peer, Plan, ZoneType
from certplan.text.names import defects, is_fqdn, key, show, typo
from certplan.vendor import is_internal_name
from certplan.vendor.releases import CLIENT_ROLE_UNCHECKED_FROM, TWO_STORES_FROM, Release

__all__ = [
    "answering_roles",
    "connecting_roles",
    "connecting_store",
    "connects",
    "may_verify",
    "zone_names",
    "zone_notes",
    "zone_roles",
    "zones_of",
]


def connecting_store(release: Release) -> Store:
    """The store whose certificate a peer of that release shows when it connects."""
    return Store.CLIENT if release >= TWO_STORES_FROM else Store.SERVER


def answering_roles(verifier: Release) -> tuple[str, ...]:
    """The usages that a connecting peer of that release asks of the certificate that answers.

    Until X15.3 an Expressway-C checks both usages of the Expressway-E's certificate; from X15.4 serverAuth is enough
    (225482).
    """
    return (SERVER_AUTH,) if verifier >= CLIENT_ROLE_UNCHECKED_FROM else (SERVER_AUTH, CLIENT_AUTH)


def connecting_roles(presenter: Release) -> tuple[str, ...]:
    """The usages that are asked of the certificate with which a peer of that release connects.

    Both, and of the client store, which is there from X15.5 on, clientAuth alone (225693).
    """
    return (CLIENT_AUTH,) if connecting_store(presenter) is Store.CLIENT else (SERVER_AUTH, CLIENT_AUTH)


def zones_of(plan: Plan, evidence: Evidence, peer: Peer, store: Store) -> Iterator[Link]:
    """The zones that rest on the certificate in a store of a peer."""
    for link in links(plan, evidence):
        presents = Store.SERVER
        if connects(link):
            presents = connecting_store(peer.release)
        elif link.direction is None and link.zone.type not in TRAVERSALS:
            continue
        if store is presents:
            yield link


def connects(link: Link) -> bool:
    """Whether the peers of this plan are those that connect over the zone: an Expressway-C over a traversal zone."""
    if link.direction is not None:
        return link.direction.connecting.plan is link.near.plan
    return link.zone.type not in TRAVERSALS or link.near.plan.cluster.stated_type is ClusterType.EXPRESSWAY_C


def zone_roles(plan: Plan, evidence: Evidence, peer: Peer, store: Store) -> tuple[str, ...]:
    """The usages that zones ask of the certificate in a store of a peer; none where no zone rests on it."""
    needed: dict[str, None] = {}
    for link in zones_of(plan, evidence, peer, store):
        if connects(link):
            needed.update(dict.fromkeys(connecting_roles(peer.release)))
        elif link.direction is not None:
            for verifier in link.direction.connecting.plan.peers:
                if isinstance(verifier.stated_release, Release):
                    needed.update(dict.fromkeys(answering_roles(verifier.stated_release)))
    return tuple(needed)


def zone_notes(plan: Plan, evidence: Evidence, peer: Peer, store: Store, *, public: bool) -> Iterator[str]:
    """The names that zones look for and that are not ordered, each with what has to change; arguments as below."""
    for name in _looked_for(plan, evidence, peer, store):
        if not may_verify(name.name, public=public) or _typo(plan, name):
            yield (
                f"The {name.why} {show(name.name)} cannot be in the {store} certificate of {show(peer.address)}, or is"
                " a probable typo: change it in the zone."
            )


def zone_names(plan: Plan, evidence: Evidence, peer: Peer, store: Store, *, public: bool) -> tuple[RequiredName, ...]:
    """The names that the certificate in a store of a peer must carry for its zones, as far as they can be had.

    A name that no certificate may have, or that is a typing error for the cluster's own, is not among them: there the
    zone is what has to change.

    Args:
        plan: the cluster.
        evidence: what was observed, the clusters at the far ends with it.
        peer: whose certificate it is.
        store: which one; the one shown to a verifying Expressway-E is the client store from X15.5 on.
        public: a public CA issues it.
    """
    found = _looked_for(plan, evidence, peer, store)
    return tuple(name for name in found if may_verify(name.name, public=public) and not _typo(plan, name))


def _looked_for(plan: Plan, evidence: Evidence, peer: Peer, store: Store) -> Iterator[RequiredName]:
    for link in zones_of(plan, evidence, peer, store):
        yield from _verified(link) if connects(link) else _answered(link, peer)


def may_verify(name: str, *, public: bool) -> bool:
    """Whether a certificate can have a name by which a zone verifies it."""
    return is_fqdn(name) and not defects(name) and not (public and is_internal_name(key(name)))


def _typo(plan: Plan, name: RequiredName) -> bool:
    return name.why is NameFor.ZONE_VERIFY and typo(key(plan.cluster.name), name.name) is not None


def _verified(link: Link) -> Iterator[RequiredName]:
    name = link.verify_subject_name or link.zone.verify_subject_name
    if name is not None:
        place = link.near.plan.where("zones", link.position, "verify_subject_name")
        yield RequiredName(name, NameFor.ZONE_VERIFY, place)


def _answered(link: Link, peer: Peer) -> Iterator[RequiredName]:
    """The zone's addresses that lead to the peer, and what clients outside look for on behalf of the far cluster."""
    direction = link.direction
    if direction is None:
        return
    where = link.near.plan.where("zones", link.position)
    for address in direction.addresses or ():
        meant = peer_named(direction.answering, address)
        if meant is not None and meant.number == peer.number:
            yield RequiredName(address, NameFor.ZONE_PEER, where)
    if link.zone.type is ZoneType.UC_TRAVERSAL:
        yield from _of_services(link, direction)


def _of_services(link: Link, direction: Direction) -> Iterator[RequiredName]:
    """The MRA domains and the join hosts of the Expressway-C, which are served by the Expressway-E's certificate."""
    far: ZoneEnd = direction.connecting
    own, where = link.near.plan.services, link.near.plan.where("zones", link.position)
    mra = far.plan.services.mra
    for domain in () if mra is None else mra.domains:
        yield domain_name(domain, None if own.mra is None else own.mra.san_format, where)
    yield from (RequiredName(host, NameFor.JOIN, where) for host in far.plan.services.cms_web_proxy or ())
