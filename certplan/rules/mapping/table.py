"""MAP: the cluster address mapping as a table: whether it is called for, and rows that serve no peer or mislead."""

from collections.abc import Iterator

from certplan.evidence.model import DnsAnswer
from certplan.handshake.model import Cause
from certplan.handshake.resolving import addresses_of, resolve
from certplan.intent.stated import PUBLIC_VIEW, peer_list
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import ClusterType, IPAddress, MappingEntry, Peer, Plan
from certplan.rules.mapping.need import entries_called, name_looked_up, needs_table, rows, table_of, unnamed_ahead
from certplan.rules.model import About, Case, Clearing, Found, Subject, SubjectKind, Unchecked, rule
from certplan.rules.support.handshakes import unchecked
from certplan.text.addresses import is_public_side
from certplan.text.names import explain_miss, is_ip, key, show
from certplan.text.words import listed
from certplan.value import Value

__all__ = [
    "asked_of",
    "entry_of_no_peer",
    "entry_unused",
    "mapping_address_public",
    "mapping_off",
    "numbered_rows",
    "public_rows",
    "resolves_to_lan1",
]


@rule(
    "MAP006",
    "mapping-off",
    "Two NICs or static NAT, and cluster address mapping is Off",
    Severity.WARNING,
    sources=("CG-15.4-fqdn", "CG-15.4-form"),
    only=ClusterType.EXPRESSWAY_E,
    symptoms=("mapping is off on a dual-NIC cluster",),
    clearing=Clearing.MAPPING_ON,
)
def mapping_off(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether an Expressway-E cluster with two NICs or static NAT that gets along without cluster address mapping today
    will still do so under Enforce: it is formed on IP addresses, or an inside DNS view does the work of the table
    (then it is a notice). MAP001 reports names that already lead to the wrong place.

    Why it matters:
    Enforce needs FQDNs, and public DNS leads those to the public addresses. Change the peer addresses to FQDNs first
    and the cluster splits while it is still Permissive; with the table first, nothing moves. An inside view that
    leads the names to LAN 1 is one more thing that has to answer whenever a peer restarts.

    How to fix:
    In this order: on the primary set `Cluster address mapping enabled` to On with one row for each peer, then change
    the peer addresses to FQDNs one at a time, then set Enforce.

    Example:
    `Peer 1 address` is 10.20.0.11 on a peer with LAN 2, and the table is Off.
    """
    if case.plan.cluster.address_mapping is not None or not needs_table(case.plan):
        return
    on_ips = [peer for peer in case.plan.peers if is_ip(peer.address)]
    inside = [] if on_ips else [peer for peer in case.plan.peers if _resolves_inside(case, peer)]
    add = f"Set cluster address mapping On with {rows(case.plan.peers)}"
    if on_ips:
        yield Found(
            Subject.cluster(case.plan),
            "The peers have two NICs or static NAT, cluster address mapping is Off, and Enforce needs FQDNs in place of"
            f" the peer addresses {peer_list(on_ips)}.",
            f"{add}, before any peer address becomes an FQDN.",
            case.plan.where("cluster"),
        )
        return
    yield from unchecked(case, Cause.DNS_SILENT)
    if inside:
        yield Found(
            Subject.cluster(case.plan),
            f"The peers have two NICs or static NAT, and cluster address mapping is Off: only an inside DNS view leads"
            f" {peer_list(inside)} to LAN 1.",
            f"{add}, so that the cluster does not depend on that view.",
            case.plan.where("cluster"),
            severity=Severity.NOTICE,
            confidence=Confidence.INFERRED,
        )


def _resolves_inside(case: Case, peer: Peer) -> bool:
    views = {other.dns for other in case.plan.peers} - {PUBLIC_VIEW}
    return any(resolves_to_lan1(case, view, peer) for view in views)


def resolves_to_lan1(case: Case, view: str, peer: Peer) -> bool:
    return addresses_of(asked_of(case, view, peer)) == (peer.lan1.ip,)


def asked_of(case: Case, view: str, peer: Peer) -> DnsAnswer:
    return resolve(case.evidence, case.plan, view, name_looked_up(peer) or peer.address)


class MappingRow(Value):
    """One entry at its place in the table, counted from 0."""

    number: int
    entry: MappingEntry

    @property
    def named(self) -> str:
        return f"{show(self.entry.fqdn)} {self.entry.ip}"

    @property
    def subject(self) -> Subject:
        return Subject(SubjectKind.ENTRY, self.entry.fqdn)


def numbered_rows(plan: Plan) -> list[MappingRow]:
    return [MappingRow(number, entry) for number, entry in enumerate(table_of(plan))]


@rule(
    "MAP007",
    "mapping-entry-of-no-peer",
    "A mapping entry belongs to no peer",
    Severity.WARNING,
    sources=("CG-15.4-fqdn", "AG-15.5-clustering"),
    symptoms=("stale mapping row", "mapping of a removed peer"),
    clearing=Clearing.STALE_ENTRIES,
)
def entry_of_no_peer(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each entry of the cluster address mapping has the name or the LAN 1 address of a peer of this cluster.

    Why it matters:
    The table has one entry for each peer. One that belongs to no peer is left over from a peer that was removed or
    readdressed, or it is a peer's own entry with both sides mistyped; either way it is trusted under Enforce: whoever
    has that address and a certificate with that name is taken for a peer.

    How to fix:
    Correct the entry, or delete it if the peer is gone. It replicates from the primary.

    Example:
    exe4.example.com 10.20.0.14, left from a peer that was removed last year.
    """
    names = [name for peer in case.plan.peers if (name := name_looked_up(peer)) is not None]
    known = {key(name) for name in names}
    own = {peer.lan1.ip for peer in case.plan.peers}
    for row in numbered_rows(case.plan):
        if key(row.entry.fqdn) in known or row.entry.ip in own:
            continue
        yield Found(
            row.subject,
            f"The mapping entry {row.named} belongs to no peer (names of peers: {explain_miss(row.entry.fqdn, names)})"
            f"{_owner(case.plan, row.entry.ip)}.",
            f"Delete the mapping of {row.named}, or correct it if it is meant for a peer.",
            case.plan.where("cluster", "address_mapping", row.number),
            about=About(entry=row.entry),
        )


def _owner(plan: Plan, ip: IPAddress) -> str:
    for peer in plan.peers:
        if ip in (peer.lan1.static_nat, peer.static_nat):
            return f", and {ip} is the static NAT address of {show(peer.address)}"
        if peer.lan2 is not None and ip == peer.lan2.ip:
            return f", and {ip} is LAN 2 of {show(peer.address)}"
    return f", and {ip} is not the LAN 1 of a peer"


@rule(
    "MAP008",
    "mapping-entry-unused",
    "A mapping entry is never looked up",
    Severity.WARNING,
    sources=("CG-15.4-fqdn",),
    confidence=Confidence.INFERRED,
    symptoms=("mapping row not used",),
    clearing=Clearing.STALE_ENTRIES,
)
def entry_unused(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the FQDN of each entry for a peer's LAN 1 address is that peer's `Peer N address`. A second
    entry beside the right one is a notice.

    Why it matters:
    Peers look up the names in their peer fields. An entry under another name of the same peer, even one that its
    certificate carries, is never found that way: the look-up goes on to DNS, and the table that was meant to make the
    cluster independent of DNS does not.

    How to fix:
    Change the FQDN of the entry to the peer address, or delete the entry if there is a right one beside it.

    Example:
    `Peer 2 address` is exe2.example.com; the entry for 10.20.0.12 is edge2.example.com, another SAN of that peer.
    """
    known = {key(name) for peer in case.plan.peers if (name := name_looked_up(peer)) is not None}
    explained = {
        handshake.presenter.number
        for handshake, _ in case.not_passed(Cause.MAPPING_ENTRY_MISSING, Cause.MAPPING_NAME_NOT_IN_SAN)
    }
    explained |= {peer.number for peer in case.plan.peers if is_ip(peer.address) and any(unnamed_ahead(case, peer))}
    seen: set[tuple[str, IPAddress]] = set()
    for row in numbered_rows(case.plan):
        pair = (key(row.entry.fqdn), row.entry.ip)
        place = case.plan.where("cluster", "address_mapping", row.number)
        if pair in seen:
            message = f"The mapping entry {row.named} is in the table twice."
            yield Found(
                row.subject,
                message,
                "Delete one of the two.",
                place,
                severity=Severity.NOTICE,
                about=About(entry=row.entry),
            )
            continue
        seen.add(pair)
        owner = next((peer for peer in case.plan.peers if peer.lan1.ip == row.entry.ip), None)
        looked_up = None if owner is None else name_looked_up(owner)
        if owner is None or looked_up is None or pair[0] in known:
            continue
        if entries_called(case.plan, looked_up):
            yield Found(
                row.subject,
                f"The mapping entry {row.named} is a second one for LAN 1 of {show(owner.address)}; peers look up"
                f" {show(looked_up)}.",
                f"Delete the mapping of {row.named}.",
                place,
                severity=Severity.NOTICE,
                about=About(entry=row.entry),
            )
        elif owner.number not in explained:
            yield Found(
                row.subject,
                f"The mapping entry for LAN 1 of {show(owner.address)} ({row.entry.ip}) is {show(row.entry.fqdn)};"
                f" peers look up {show(looked_up)}, so that it is never found and DNS decides.",
                f"Change the mapping entry for {row.entry.ip} to {show(looked_up)}.",
                place,
                about=About(entry=row.entry),
            )


@rule(
    "MAP009",
    "mapping-address-public",
    "The mapping leads to public addresses",
    Severity.WARNING,
    sources=("CG-15.4-fqdn",),
    symptoms=("public address in cluster address mapping",),
)
def mapping_address_public(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the IP side of each entry that leads to a peer's LAN 1 is a private address.

    Why it matters:
    The guide allows private addresses only: the table is there to keep the cluster's own traffic off the public side.
    On peers with one routable NIC it does nothing that public DNS does not.

    How to fix:
    Without static NAT and second NICs, set the mapping Off. Where LAN 1 really is an inside network with addresses of
    the public kind, name that network in the plan as one of `internal_networks`.

    Example:
    exe1.example.com 203.0.113.11, the address of its only NIC.
    """
    public = public_rows(case)
    if not public:
        return
    if needs_table(case.plan):
        remedy = "Cluster on private addresses, or name the network in the plan's internal_networks if it is inside."
    else:
        remedy = "Set cluster address mapping Off: peers with one NIC and no static NAT need none."
    yield Found(
        Subject.cluster(case.plan),
        f"The mapping leads to addresses of the public side ({listed(row.named for row in public)}); it is for"
        " private addresses only.",
        remedy,
        case.plan.where("cluster", "address_mapping", public[0].number),
    )


def public_rows(case: Case) -> list[MappingRow]:
    own = {peer.lan1.ip for peer in case.plan.peers}
    internal = case.plan.internal_networks
    return [row for row in numbered_rows(case.plan) if row.entry.ip in own and is_public_side(row.entry.ip, internal)]
