"""What the plan itself says of a peer's names and addresses."""

from collections.abc import Iterable
from functools import lru_cache

from certplan.handshake.model import Store
from certplan.plan.model import CertificateAuthority, ClusterType, IPAddress, Peer, Plan
from certplan.text.names import is_fqdn, is_ip, key, show_all

__all__ = ["PUBLIC_VIEW", "authority_of", "names_of", "on_expressway_e", "own_name", "peer_list", "public_address"]

PUBLIC_VIEW = "public"
"""The DNS view of the internet."""


def on_expressway_e(plan: Plan) -> bool:
    return plan.cluster.type is ClusterType.EXPRESSWAY_E


def authority_of(plan: Plan, store: Store) -> CertificateAuthority | None:
    """Whether the certificates of a store come from a public CA or a private one, however they are asked for.

    None where the plan does not say.
    """
    stated = plan.authorities.server if store is Store.SERVER else plan.authorities.client
    return CertificateAuthority.PUBLIC if stated is CertificateAuthority.ACME else stated


def public_address(peer: Peer) -> IPAddress:
    """The address the peer declares to the outside: static NAT, or else the outward LAN."""
    return peer.static_nat or (peer.lan2.ip if peer.lan2 is not None else peer.lan1.ip)


def names_of(peer: Peer) -> tuple[str, ...]:
    """The FQDNs a peer is known by, the one it is to be known by first, each once."""
    return _fqdns(peer.address, peer.fqdn)


@lru_cache(maxsize=1024)
def _fqdns(address: str, fqdn: str | None) -> tuple[str, ...]:
    named = {key(name): name for name in (address, fqdn) if name and not is_ip(name) and is_fqdn(name)}
    first = key(fqdn) if fqdn else ""
    return tuple(sorted(named.values(), key=lambda name: key(name) != first))


def own_name(peer: Peer) -> str | None:
    """`System host name` and `Domain name` together, where both are stated."""
    return f"{peer.host_name}.{peer.domain}" if peer.host_name and peer.domain else None


def peer_list(peers: Iterable[Peer]) -> str:
    """The peers' addresses as a list in words, safe to show."""
    return show_all(peer.address for peer in peers)
