"""The frozen plan from a shape that fits, defaults filled in."""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar

from certplan.places import Place
from certplan.plan.model import (
    Authorities,
    CertificateSubject,
    Cluster,
    Clustering,
    ClusterType,
    DnsSource,
    Lan,
    MappingEntry,
    Mra,
    Peer,
    Plan,
    PlanPath,
    Server,
    Services,
    Unknown,
    Waiver,
    XmppFederation,
    Zone,
)
from certplan.plan.scalars import rule_key
from certplan.plan.shape import (
    AuthoritiesShape,
    CertificateSubjectShape,
    ClusteringShape,
    ClusterShape,
    LanShape,
    PeerShape,
    PlanShape,
    ServerShape,
    ServicesShape,
    ZoneShape,
)

T = TypeVar("T")

__all__ = ["build_plan", "default_view", "known_name", "peer_called"]


def build_plan(shape: PlanShape, text: str, file: str, folder: Path, places: Mapping[PlanPath, Place]) -> Plan:
    """Make the plan.

    Args:
        shape: the plan's typed values, whose cross-references hold (`explain.cross_problems`).
        text: the file's own words.
        file: the plan file as the user named it.
        folder: the folder its other files are relative to.
        places: the place of every value in the file.
    """
    cluster = _cluster(shape.cluster, places)
    peers = tuple(_peer(number, peer, cluster, places) for number, peer in enumerate(shape.peers, 1))
    return Plan(
        file=file,
        folder=folder,
        cluster=cluster,
        peers=peers,
        services=Services() if shape.services is None else _services(shape.services),
        authorities=_authorities(shape.certificate_authority),
        certificate_subject=_subject(shape.certificate_subject),
        dns=tuple(
            DnsSource(view, source.servers, source.zone_files, source.records) for view, source in shape.dns.items()
        ),
        internal_networks=shape.internal_networks,
        round_trip_ms=_round_trips(shape.round_trip_ms, peers),
        severity={rule_key(key): severity for key, severity in shape.severity.items()},
        waivers=tuple(Waiver(w.rule, w.reason, w.until, w.peer, w.name) for w in shape.waivers),
        zones=None if shape.zones is None else tuple(map(_zone, shape.zones)),
        servers=None if shape.servers is None else tuple(map(_server, shape.servers)),
        text=text,
        places=places,
    )


def known_name(address: str, fqdn: str | None, host_name: str | None, domain: str | None) -> str | None:
    """The name a peer is to be known by: stated, or its address when that is a name, or host_name.domain."""
    if fqdn is not None:
        return fqdn
    try:
        ip_address(address)
    except ValueError:
        return address
    return f"{host_name}.{domain}" if host_name is not None and domain is not None else None


def peer_called(word: str, names: list[tuple[str | None, ...]]) -> int | None:
    """The position of the peer one of whose names is `word` (letter case and a final dot aside), or None."""
    wanted = word.rstrip(".").casefold()
    for position, own in enumerate(names):
        if any(name is not None and name.rstrip(".").casefold() == wanted for name in own):
            return position
    return None


def default_view(cluster_type: ClusterType | Unknown) -> str:
    """The view a peer's own DNS servers give unless the plan says otherwise."""
    return "public" if cluster_type is ClusterType.EXPRESSWAY_E else "internal"


def _placed(value: T | Unknown, what: str, path: PlanPath, places: Mapping[PlanPath, Place]) -> T | Unknown:
    """The value; where it is unknown, with what it is called and where it stands."""
    return Unknown(what, places.get(path), path) if isinstance(value, Unknown) else value


def _cluster(shape: ClusterShape, places: Mapping[PlanPath, Place]) -> Cluster:
    return Cluster(
        name=shape.name,
        stated_type=_placed(shape.type, "type", ("cluster", "type"), places),
        stated_release=_placed(shape.release, "release", ("cluster", "release"), places),
        stated_tls_verification=_placed(
            shape.tls_verification, "tls_verification", ("cluster", "tls_verification"), places
        ),
        ip_version=shape.ip_version,
        primary=shape.primary,
        stated_address_mapping=_placed(
            _table(shape.address_mapping), "address_mapping", ("cluster", "address_mapping"), places
        ),
    )


def _table(rows: object) -> tuple[MappingEntry, ...] | Unknown | None:
    if isinstance(rows, Unknown):
        return rows
    return tuple(MappingEntry(row.fqdn, row.ip) for row in rows) if isinstance(rows, tuple) else None


def _peer(number: int, shape: PeerShape, cluster: Cluster, places: Mapping[PlanPath, Place]) -> Peer:
    lan1 = shape.lan1 if isinstance(shape.lan1, Unknown) else _lan(shape.lan1)
    views: dict[str, str] = dict(shape.dns or {})
    return Peer(
        number=number,
        address=shape.address,
        stated_lan1=_placed(lan1, f"peer {number} lan1", ("peers", number - 1, "lan1"), places),
        stated_release=shape.release or cluster.stated_release,
        dns=views.pop("default", "") or default_view(cluster.stated_type),
        domain_views=tuple(views.items()),
        page=shape.page,
        clustering=None if shape.clustering is None else _clustering(shape.clustering),
        fqdn=known_name(shape.address, shape.fqdn, shape.host_name, shape.domain),
        system_name=shape.system_name,
        host_name=shape.host_name,
        domain=shape.domain,
        lan2=None if shape.lan2 is None else _lan(shape.lan2),
        external_lan=shape.external_lan,
        server_certificate=shape.server_certificate,
        client_certificate=shape.client_certificate,
        private_key=shape.private_key,
        trusted_cas=shape.trusted_cas,
        crls=shape.crls,
        platform=shape.platform,
        h323=shape.h323,
        ntp=shape.ntp,
        option_keys=shape.option_keys,
    )


def _lan(shape: LanShape) -> Lan:
    ip, network = shape.ip
    return Lan(ip, network, shape.static_nat)


def _clustering(shape: ClusteringShape) -> Clustering:
    return Clustering(shape.name, shape.primary, shape.peers, shape.tls_verification)


def _authorities(shape: AuthoritiesShape | None) -> Authorities:
    return Authorities() if shape is None else Authorities(shape.server, shape.client)


def _zone(shape: ZoneShape) -> Zone:
    return Zone(
        shape.name, shape.type, shape.far_end, shape.port, shape.tls_verify, shape.verify_subject_name, shape.peers
    )


def _server(shape: ServerShape) -> Server:
    return Server(shape.kind, shape.address, shape.certificate, shape.trusted_cas)


def _subject(shape: CertificateSubjectShape | None) -> CertificateSubject:
    if shape is None:
        return CertificateSubject()
    return CertificateSubject(
        country=shape.country,
        state=shape.state,
        locality=shape.locality,
        organization=shape.organization,
        organizational_unit=shape.organizational_unit,
        email=shape.email,
    )


def _services(shape: ServicesShape) -> Services:
    mra, xmpp = shape.mra, shape.xmpp_federation
    return Services(
        mra=None if mra is None else Mra(mra.domains, mra.san_format, mra.hardware_phones),
        xmpp_federation=None if xmpp is None else XmppFederation(xmpp.domains, xmpp.chat_node_aliases),
        phone_security_profiles=shape.phone_security_profiles,
        cms_web_proxy=shape.cms_web_proxy,
    )


def _round_trips(stated: Mapping[str, float], peers: tuple[Peer, ...]) -> dict[tuple[str, str], float]:
    """By the two peers' addresses in the order of the peers, whatever names and order the plan uses.

    A name that is no peer's stays as it is written: a rule reports it.
    """
    names: list[tuple[str | None, ...]] = [(peer.address, peer.fqdn) for peer in peers]
    times: dict[tuple[str, str], float] = {}
    for pair, milliseconds in stated.items():
        ends = [(peer_called(word, names), word) for word in pair.split()]
        ends.sort(key=lambda end: len(peers) if end[0] is None else end[0])
        first, second = (word if position is None else peers[position].address for position, word in ends)
        times[first, second] = milliseconds
    return times
