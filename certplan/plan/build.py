"""The frozen plan from a shape that fits, defaults filled in."""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

from certplan.places import Place
from certplan.plan.model import (
    CertificateSubject,
    Cluster,
    ClusterType,
    DnsSource,
    Lan,
    MappingEntry,
    Mra,
    Peer,
    Plan,
    PlanPath,
    Services,
    Waiver,
    XmppFederation,
)
from certplan.plan.scalars import rule_key
from certplan.plan.shape import CertificateSubjectShape, ClusterShape, LanShape, PeerShape, PlanShape, ServicesShape

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
    peers = tuple(_peer(number, peer, shape.cluster) for number, peer in enumerate(shape.peers, 1))
    return Plan(
        file=file,
        folder=folder,
        cluster=_cluster(shape.cluster),
        peers=peers,
        services=Services() if shape.services is None else _services(shape.services),
        certificate_authority=shape.certificate_authority,
        certificate_subject=_subject(shape.certificate_subject),
        dns=tuple(
            DnsSource(view, source.servers, source.zone_files, source.records) for view, source in shape.dns.items()
        ),
        internal_networks=shape.internal_networks,
        round_trip_ms=_round_trips(shape.round_trip_ms, peers),
        severity={rule_key(key): severity for key, severity in shape.severity.items()},
        waivers=tuple(Waiver(w.rule, w.reason, w.until, w.peer, w.name) for w in shape.waivers),
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


def default_view(cluster_type: ClusterType) -> str:
    """The view a peer's own DNS servers give unless the plan says otherwise."""
    return "public" if cluster_type is ClusterType.EXPRESSWAY_E else "internal"


def _cluster(shape: ClusterShape) -> Cluster:
    mapping = shape.address_mapping
    return Cluster(
        name=shape.name,
        type=shape.type,
        release=shape.release,
        tls_verification=shape.tls_verification,
        ip_version=shape.ip_version,
        primary=shape.primary,
        address_mapping=None if mapping is None else tuple(MappingEntry(entry.fqdn, entry.ip) for entry in mapping),
    )


def _peer(number: int, shape: PeerShape, cluster: ClusterShape) -> Peer:
    return Peer(
        number=number,
        address=shape.address,
        lan1=_lan(shape.lan1),
        release=shape.release or cluster.release,
        dns=shape.dns or default_view(cluster.type),
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
