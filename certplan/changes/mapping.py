"""Cluster address mapping: is it needed, and which entry for each peer?

Sources: Cluster Creation and Maintenance guide X15.4, chapter on FQDNs (when mapping is needed, what its two sides are,
what the appliance's own suggestion is made of) and on forming a cluster (one NIC with static NAT); Basic
Configuration guide X14.0, Advanced Networking (LAN 1 clusters, static NAT belongs on LAN 2).
"""

from dataclasses import dataclass

from certplan.evidence.model import CertificateFile, Evidence
from certplan.handshake.ways import NAT_ON_ONE_NIC_ALLOWED_FROM, NAT_ON_ONE_NIC_FORBIDDEN_UP_TO
from certplan.names import is_fqdn, is_ip, key, matching, show
from certplan.plan.model import ClusterType, IPAddress, Peer, Plan

__all__ = ["MappingSuggestion", "SuggestedEntry", "suggest_mapping"]


@dataclass(frozen=True, slots=True)
class SuggestedEntry:
    """One row for `Cluster address mappings`."""

    peer: str
    """The peer's address as the plan has it."""
    fqdn: str
    ip: IPAddress
    note: str = ""
    """What has to be done for the row to serve; empty when nothing has."""


@dataclass(frozen=True, slots=True)
class MappingSuggestion:
    """Whether cluster address mapping is needed under Enforce, why, and with which entries."""

    needed: bool | None
    """None: the vendor's texts do not allow the layout, or do not settle it."""
    reason: str
    entries: tuple[SuggestedEntry, ...]
    """One for each peer when it is needed, in the order of the peers."""


def suggest_mapping(plan: Plan, evidence: Evidence) -> MappingSuggestion:
    """Suggest the cluster address mapping: each peer's public FQDN, as its certificate carries it, to its LAN 1."""
    needed, reason = _is_needed(plan)
    if needed is False:
        return MappingSuggestion(needed, reason, ())
    return MappingSuggestion(needed, reason, tuple(_entry(plan, evidence, peer) for peer in plan.peers))


def _is_needed(plan: Plan) -> tuple[bool | None, str]:
    if plan.cluster.type is ClusterType.EXPRESSWAY_C:
        return False, "Expressway-C peers find each other in internal DNS, so mapping is not normally needed."
    dual = [peer for peer in plan.peers if peer.dual_nic]
    behind_nat = [peer for peer in plan.peers if not peer.dual_nic and peer.lan1.static_nat is not None]
    forbidden = [peer for peer in behind_nat if peer.release <= NAT_ON_ONE_NIC_FORBIDDEN_UP_TO]
    unsettled = [peer for peer in behind_nat if peer.release < NAT_ON_ONE_NIC_ALLOWED_FROM]
    misplaced = [peer for peer in dual if peer.lan1.static_nat is not None]
    if forbidden:
        return None, (
            f"{_named(forbidden)}: one NIC with static NAT may not cluster on this release."
            " Upgrade to X14.0.2 or later, or add a second NIC; then mapping is needed."
        )
    if unsettled:
        return None, f"{_named(unsettled)}: whether one NIC with static NAT may cluster on X14.0.1 is in no text."
    if misplaced:
        return (
            True,
            f"{_named(misplaced)}: move static NAT from LAN 1 to LAN 2 first; peers then reach LAN 1 by mapping.",
        )
    if dual:
        nat = " and static NAT" if any(peer.static_nat is not None for peer in dual) else ""
        return True, f"With two NICs{nat} public DNS leads away from LAN 1, where the peers must meet under Enforce."
    if behind_nat:
        return True, "With static NAT public DNS leads to the NAT address, which peers must not use among themselves."
    return False, "One NIC without static NAT: the peers' FQDNs may resolve to their own addresses in DNS."


def _entry(plan: Plan, evidence: Evidence, peer: Peer) -> SuggestedEntry:
    found = evidence.peers[peer.number - 1].server
    intended = _intended(peer)
    if not isinstance(found, CertificateFile):
        fqdn = intended or peer.address
        return SuggestedEntry(peer.address, fqdn, peer.lan1.ip, "The name is the plan's: no certificate was read.")
    offered = found.leaf.dns_names
    for wanted in (peer.address, peer.fqdn):
        if wanted is not None and not is_ip(wanted) and matching(wanted, offered) is not None:
            return SuggestedEntry(peer.address, key(wanted), peer.lan1.ip, _readdress(peer, wanted))
    own = _own_names(plan, peer, offered)
    if len(own) == 1 and intended is None:
        return SuggestedEntry(peer.address, own[0], peer.lan1.ip, _readdress(peer, own[0]))
    fqdn = intended or (own[0] if own else peer.address)
    return SuggestedEntry(
        peer.address, fqdn, peer.lan1.ip, f"Reissue the certificate of {show(peer.address)} with the SAN {show(fqdn)}."
    )


def _readdress(peer: Peer, fqdn: str) -> str:
    if key(peer.address) == key(fqdn):
        return ""
    return f"Then change Peer {peer.number} address from {show(peer.address)} to {show(key(fqdn))}."


def _intended(peer: Peer) -> str | None:
    for name in (peer.fqdn, peer.address):
        if name is not None and is_fqdn(name):
            return key(name)
    return None


def _own_names(plan: Plan, peer: Peer, offered: tuple[str, ...]) -> list[str]:
    """Names of a certificate that can only be the peer's own: not the cluster's, a service's or another peer's."""
    mra = plan.services.mra.domains if plan.services.mra is not None else ()
    shared = {key(plan.cluster.name), *map(key, mra), *(f"collab-edge.{key(domain)}" for domain in mra)}
    for other in plan.peers:
        if other is not peer:
            shared |= {key(name) for name in (other.address, other.fqdn) if name is not None}
    return sorted({key(name) for name in offered if is_fqdn(name) and key(name) not in shared})


def _named(peers: list[Peer]) -> str:
    return ", ".join(show(peer.address) for peer in peers)
