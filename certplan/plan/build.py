"""The plan from what its file states, with what is stated elsewhere in it filled in."""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from certplan.places import Place
from certplan.plan.model import Cluster, ClusterType, DnsSource, Peer, Plan, PlanPath, Unknown
from certplan.plan.scalars import rule_key

__all__ = ["build_plan", "default_view", "known_name", "peer_called"]


def build_plan(stated: Mapping[str, Any], text: str, file: str, folder: Path, places: Mapping[PlanPath, Place]) -> Plan:
    """Make the plan.

    Args:
        stated: what the file states, by attribute, as `fitting.fit` gives it; its cross-references hold
            (`explain.cross_problems`).
        text: the file's own words.
        file: the plan file as the user named it.
        folder: the folder its other files are relative to.
        places: the place of every value in the file.
    """
    cluster: Cluster = stated["cluster"]
    peers = tuple(_peer(number, peer, cluster) for number, peer in enumerate(stated["peers"], 1))
    otherwise = {
        "file": file,
        "folder": folder,
        "peers": peers,
        "dns": tuple(DnsSource(view, **source) for view, source in stated.get("dns", {}).items()),
        "round_trip_ms": _round_trips(stated.get("round_trip_ms", {}), peers),
        "severity": {rule_key(key): severity for key, severity in stated.get("severity", {}).items()},
        "target": None,
        "text": text,
        "places": places,
    }
    held = {key: value for key, value in stated.items() if key != "certplan"}
    return Plan(**held | otherwise)


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
    sought = word.rstrip(".").casefold()
    for position, own in enumerate(names):
        if any(name is not None and name.rstrip(".").casefold() == sought for name in own):
            return position
    return None


def default_view(cluster_type: ClusterType | Unknown) -> str:
    """The view a peer's own DNS servers give unless the plan says otherwise."""
    return "public" if cluster_type is ClusterType.EXPRESSWAY_E else "internal"


def _peer(number: int, stated: Mapping[str, Any], cluster: Cluster) -> Peer:
    views: dict[str, str] = dict(stated.get("dns", {}))
    otherwise = {
        "number": number,
        "stated_release": stated.get("stated_release", cluster.stated_release),
        "dns": views.pop("default", "") or default_view(cluster.stated_type),
        "domain_views": tuple(views.items()),
        "fqdn": known_name(stated["address"], *(stated.get(key) for key in ("fqdn", "host_name", "domain"))),
    }
    return Peer(**{**stated, **otherwise})


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
