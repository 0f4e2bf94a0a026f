"""Cluster address mapping: is it needed, and which entry for each peer?

Sources: Cluster Creation and Maintenance guide X15.4, chapters on FQDNs (when mapping is needed, what its two sides
are), on forming a cluster (one NIC with static NAT) and on requirements; Basic Configuration guide X14.0, Advanced
Networking (LAN 1 clusters, static NAT belongs on LAN 2).
"""

from collections.abc import Iterator, Sequence

from certplan.evidence.model import CertificateFile, Evidence
from certplan.handshake.resolving import addresses_of, resolve
from certplan.intent.naming import Naming, name_peers
from certplan.intent.stated import peer_list
from certplan.plan.model import ClusterType, IPAddress, Peer, Plan, TlsVerification
from certplan.text.addresses import is_private, is_public_side
from certplan.text.names import key, matching, show
from certplan.text.words import joined
from certplan.value import Value
from certplan.vendor.releases import (
    MAPPING_FROM,
    NAT_ON_ONE_NIC_ALLOWED_FROM,
    NAT_ON_ONE_NIC_FORBIDDEN_UP_TO,
    TWO_STORES_FROM,
)

__all__ = ["MappingSuggestion", "SuggestedEntry", "suggest_mapping"]


class SuggestedEntry(Value):
    """One row for `Cluster address mappings`."""

    peer: str
    """The peer's address as the plan has it."""
    fqdn: str | None
    """In lower case and A-labels. None: nothing tells the name, and `note` says what to give."""
    ip: IPAddress
    """The peer's LAN 1 address, and never another."""
    note: str = ""
    """What has to be done for the row to serve; empty when nothing has."""


class MappingSuggestion(Value):
    """Whether cluster address mapping is needed under Enforce, why, and with which entries."""

    needed: bool | None
    """None: the vendor's texts do not allow the layout, or do not settle it."""
    reason: str
    entries: tuple[SuggestedEntry, ...]
    """One for each peer unless it is not needed, in the order of the peers; no two have one name."""


def suggest_mapping(plan: Plan, evidence: Evidence, namings: tuple[Naming, ...] | None = None) -> MappingSuggestion:
    """Suggest the cluster address mapping: each peer's public FQDN, as its certificate carries it, to its LAN 1.

    The entry of a peer depends on what is known of the peers, not on their order. `namings` are what `name_peers`
    says, where it has been asked already.
    """
    namings = name_peers(plan, evidence) if namings is None else namings
    needed, reason = _is_needed(plan, evidence, namings)
    if needed is False:
        return MappingSuggestion(needed, reason, ())
    pairs = zip(plan.peers, namings, strict=True)
    entries = tuple(_entry(plan, evidence, peer, naming) for peer, naming in pairs)
    if _untried(plan, entries):
        reason += " No document of the vendor covers IPv6 in the mapping: try it in Permissive first."
    return MappingSuggestion(needed, reason, entries)


def _untried(plan: Plan, entries: Sequence[SuggestedEntry]) -> bool:
    """Whether a row leads to IPv6 that the cluster does not enforce with today."""
    enforced = plan.cluster.stated_tls_verification is TlsVerification.ENFORCE
    proven = {(key(row.fqdn), row.ip) for row in plan.cluster.known_entries if enforced}
    return any(entry.ip.version == 6 and (entry.fqdn, entry.ip) not in proven for entry in entries)


def _is_needed(plan: Plan, evidence: Evidence, namings: Sequence[Naming]) -> tuple[bool | None, str]:
    unresolved = _not_resolved(plan, evidence, namings)
    if plan.cluster.type is ClusterType.EXPRESSWAY_C:
        reason = "Expressway-C peers find each other in internal DNS."
        return False, reason + _dns_to_fix(unresolved)
    needed, reason = _by_layout(plan, unresolved)
    old = [peer for peer in plan.peers if peer.release < MAPPING_FROM]
    if needed and old:
        return None, (
            f"{peer_list(old)}: this release has no cluster address mapping, which came with {MAPPING_FROM}. Upgrade"
            " first; until then cluster on private IP addresses in Permissive."
        )
    return needed, reason


def _by_layout(plan: Plan, unresolved: Sequence[Peer]) -> tuple[bool | None, str]:
    """What the NICs and static NAT of an Expressway-E cluster ask for. `unresolved`: peers not led to LAN 1 by DNS."""
    dual = [peer for peer in plan.peers if peer.dual_nic]
    behind_nat = [peer for peer in plan.peers if not peer.dual_nic and peer.lan1.static_nat is not None]
    forbidden = [peer for peer in behind_nat if peer.release <= NAT_ON_ONE_NIC_FORBIDDEN_UP_TO]
    unsettled = [peer for peer in behind_nat if peer.release < NAT_ON_ONE_NIC_ALLOWED_FROM]
    misplaced = [peer for peer in dual if peer.lan1.static_nat is not None]
    if forbidden:
        return None, (
            f"{peer_list(forbidden)}: one NIC with static NAT may not cluster on this release."
            " Upgrade to X14.0.2 or later, or add a second NIC; then mapping is needed."
        )
    if unsettled:
        return None, f"{peer_list(unsettled)}: whether one NIC with static NAT may cluster on X14.0.1 is in no text."
    if misplaced:
        return (
            True,
            f"{peer_list(misplaced)}: move static NAT from LAN 1 to LAN 2 first; peers then reach LAN 1 by mapping.",
        )
    if dual:
        nat = " and static NAT" if any(peer.static_nat is not None for peer in plan.peers) else ""
        return True, f"With two NICs{nat} public DNS leads away from LAN 1, where the peers must meet under Enforce."
    if behind_nat:
        return True, "With static NAT public DNS leads to the NAT address, which peers must not use among themselves."
    inside = [peer for peer in plan.peers if is_private(peer.lan1.ip, plan.internal_networks)]
    if not inside:
        reason = (
            "One NIC without static NAT: the peers' FQDNs may resolve to their own addresses in public DNS. The"
            " guide calls that acceptable even under Enforce; its chapter on requirements would rather have a mapping."
        )
        return False, reason + _dns_to_fix(unresolved)
    if unresolved:
        return None, (
            f"{peer_list(inside)}: no document covers one NIC with a private address and no static NAT. Private"
            " addresses must not be in public DNS, so unless an inside view leads the peers' FQDNs to LAN 1, mapping is"
            " the only way."
        )
    return False, "One NIC without static NAT, and the DNS that the peers ask leads every FQDN to LAN 1."


def _not_resolved(plan: Plan, evidence: Evidence, namings: Sequence[Naming]) -> list[Peer]:
    """Peers whose name some view that peers ask does not lead to LAN 1, as far as is known."""
    views = {peer.dns for peer in plan.peers}
    return [
        peer
        for peer, naming in zip(plan.peers, namings, strict=True)
        if naming.fqdn is None
        or any(addresses_of(resolve(evidence, plan, view, naming.fqdn)) != (peer.lan1.ip,) for view in views)
    ]


def _dns_to_fix(unresolved: Sequence[Peer]) -> str:
    if not unresolved:
        return ""
    return (
        f" But DNS as far as it was read does not lead {peer_list(unresolved)} to LAN 1 alone: fix or add the records"
        " in the view that the peers ask. Where DNS cannot be relied on, a mapping of every FQDN to LAN 1 does the"
        " same."
    )


def _entry(plan: Plan, evidence: Evidence, peer: Peer, naming: Naming) -> SuggestedEntry:
    notes = [*_layout_notes(plan, peer), *_name_notes(evidence, peer, naming)]
    return SuggestedEntry(peer.address, naming.fqdn, peer.lan1.ip, " ".join(notes))


def _layout_notes(plan: Plan, peer: Peer) -> Iterator[str]:
    ip, nat = peer.lan1.ip, peer.lan1.static_nat
    if nat is not None and peer.dual_nic:
        yield f"Move static NAT ({nat}) from LAN 1 to LAN 2."
    elif nat is not None and peer.release < NAT_ON_ONE_NIC_ALLOWED_FROM:
        yield f"Upgrade from {peer.release} to X14.0.2 or later, or add a second NIC with static NAT on LAN 2."
    if is_public_side(ip, plan.internal_networks):
        yield f"The mapping is for private addresses: if {ip} is inside, add its network to internal_networks."


def _name_notes(evidence: Evidence, peer: Peer, naming: Naming) -> Iterator[str]:
    fqdn, own = naming.fqdn, show(peer.address)
    if fqdn is None:
        yield naming.why
        return
    if naming.why:
        yield naming.why
    found = evidence.peers[peer.number - 1]
    stores = {"server": found.server}
    if peer.release >= TWO_STORES_FROM:
        stores["client"] = found.client
    absent = [
        store
        for store, file in stores.items()
        if isinstance(file, CertificateFile) and matching(fqdn, file.leaf.dns_names) is None
    ]
    if absent:
        plural = "s" if len(absent) > 1 else ""
        yield f"Reissue the {joined(absent)} certificate{plural} of {own} with the SAN {show(fqdn)}."
    if key(peer.address) != fqdn:
        yield f"Then change Peer {peer.number} address from {own} to {show(fqdn)}."
