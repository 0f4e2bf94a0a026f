"""The frozen plan from a shape that fits, defaults filled in."""

from collections.abc import Mapping
from dataclasses import fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from certplan.places import Place
from certplan.plan import model
from certplan.plan.fields import OFF
from certplan.plan.model import (
    Authorities,
    CertificateSubject,
    Cluster,
    ClusterType,
    DnsSource,
    Lan,
    Peer,
    Plan,
    PlanPath,
    Services,
    Unknown,
)
from certplan.plan.scalars import rule_key
from certplan.plan.shape import ClusterShape, LanShape, PeerShape, PlanShape

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
    return _made(
        Plan,
        shape,
        file=file,
        folder=folder,
        cluster=cluster,
        peers=peers,
        services=Services() if shape.services is None else _typed(shape.services),
        authorities=Authorities() if shape.certificate_authority is None else _typed(shape.certificate_authority),
        certificate_subject=CertificateSubject()
        if shape.certificate_subject is None
        else _typed(shape.certificate_subject),
        dns=tuple(_made(DnsSource, source, view=view) for view, source in shape.dns.items()),
        round_trip_ms=_round_trips(shape.round_trip_ms, peers),
        severity={rule_key(key): severity for key, severity in shape.severity.items()},
        target=None,
        text=text,
        places=places,
    )


def _made(kind: type[T], shape: BaseModel, **held: object) -> T:
    """A value of `kind` with the shape's fields of the same names; `held` gives those that the plan holds otherwise."""
    stated = type(shape).model_fields
    every = (field.name for field in fields(kind))  # type: ignore[arg-type]
    named = (name for name in every if name in stated and name not in held)
    return kind(**{name: _typed(getattr(shape, name)) for name in named}, **held)


def _typed(value: Any) -> Any:
    """The plan's value for a shape's: a section becomes the class that has its name, `ZoneShape` a `Zone`."""
    if isinstance(value, LanShape):
        ip, network = value.ip
        return Lan(ip, network, value.static_nat)
    if isinstance(value, BaseModel):
        return _made(getattr(model, type(value).__name__.removesuffix("Shape")), value)
    return tuple(map(_typed, value)) if isinstance(value, tuple) else value


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
    def stated(key: str, value: object) -> object:
        return _placed(value, key, ("cluster", key), places)

    table: object = shape.address_mapping
    return _made(
        Cluster,
        shape,
        stated_type=stated("type", shape.type),
        stated_release=stated("release", shape.release),
        stated_tls_verification=stated("tls_verification", shape.tls_verification),
        stated_address_mapping=stated("address_mapping", None if table == OFF else _typed(table)),
    )


def _peer(number: int, shape: PeerShape, cluster: Cluster, places: Mapping[PlanPath, Place]) -> Peer:
    views: dict[str, str] = dict(shape.dns or {})
    return _made(
        Peer,
        shape,
        number=number,
        stated_lan1=_placed(_typed(shape.lan1), f"peer {number} lan1", ("peers", number - 1, "lan1"), places),
        stated_release=shape.release or cluster.stated_release,
        dns=views.pop("default", "") or default_view(cluster.stated_type),
        domain_views=tuple(views.items()),
        fqdn=known_name(shape.address, shape.fqdn, shape.host_name, shape.domain),
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
