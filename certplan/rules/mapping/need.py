"""MAP: cluster address mapping, from public FQDN to LAN 1 address."""

from collections.abc import Iterable, Iterator

from certplan.evidence.model import CertificateFile, Missing
from certplan.handshake.model import Cause, Store
from certplan.outcomes import Confidence, Severity
from certplan.places import Place
from certplan.plan.model import ClusterType, IPAddress, MappingEntry, Peer, Plan
from certplan.rules.model import About, Case, Found, Subject, Unchecked, rule
from certplan.rules.support.handshakes import Shared, by_presenter, sentence, unchecked
from certplan.text.names import explain_miss, is_ip, key, matching, show
from certplan.text.words import listed

__all__ = [
    "entries_at",
    "entries_called",
    "entry_ambiguous",
    "entry_missing",
    "entry_name_not_in_san",
    "entry_wrong_address",
    "mapping_needed",
    "name_looked_up",
    "needs_table",
    "rows",
    "table_of",
    "unnamed_ahead",
]


def table_of(plan: Plan) -> tuple[MappingEntry, ...]:
    """The cluster address mapping; empty when it is Off, too."""
    return plan.cluster.address_mapping or ()


def needs_table(plan: Plan) -> bool:
    """Whether the vendor calls for the mapping under Enforce: an Expressway-E with two NICs, static NAT or both."""
    translated = any(peer.dual_nic or peer.static_nat is not None for peer in plan.peers)
    return plan.cluster.type is ClusterType.EXPRESSWAY_E and translated


def name_looked_up(peer: Peer) -> str | None:
    """The name the other peers look up: `Peer N address`, or the FQDN that is to stand there once it is no IP."""
    return peer.fqdn if is_ip(peer.address) else peer.address


def entries_called(plan: Plan, name: str) -> list[MappingEntry]:
    return [entry for entry in table_of(plan) if key(entry.fqdn) == key(name)]


def entries_at(plan: Plan, ip: IPAddress) -> list[MappingEntry]:
    return [entry for entry in table_of(plan) if entry.ip == ip]


def rows(peers: Iterable[Peer]) -> str:
    """The rows that the peers ought to have, as one would type them."""
    return listed(f"{show(name_looked_up(peer) or 'the FQDN of ' + peer.address)} {peer.lan1.ip}" for peer in peers)


def _once_a_peer(case: Case, cause: Cause) -> Iterator[Shared]:
    """The first step that ended for `cause`, a peer: the way to it is judged before its certificate is."""
    firsts: dict[int, Shared] = {}
    for shared in by_presenter(case, cause):
        firsts.setdefault(shared.peer.number, shared)
    yield from firsts.values()


def entry_place(case: Case, fqdn: str) -> Place:
    """Where the entry for `fqdn` stands in the plan, or the table when it has none."""
    for number, entry in enumerate(table_of(case.plan)):
        if key(entry.fqdn) == key(fqdn):
            return case.plan.where("cluster", "address_mapping", number)
    return case.plan.where("cluster", "address_mapping")


def _ahead(case: Case) -> Iterator[tuple[Peer, str, tuple[IPAddress, ...]]]:
    """Peers still on an IP address while the table stands ready: the FQDN to come, and what the table has for it.

    No handshake looks them up yet, so that no step of one says what is wrong with their entries.
    """
    if not table_of(case.plan):
        return
    for peer in case.plan.peers:
        if is_ip(peer.address) and peer.fqdn is not None:
            found = entries_called(case.plan, peer.fqdn)
            yield peer, peer.fqdn, tuple(dict.fromkeys(entry.ip for entry in found))


@rule(
    "MAP001",
    "mapping-needed",
    "Cluster address mapping is needed and Off",
    Severity.ERROR,
    sources=("CG-15.4-fqdn", "CG-15.4-form", "TA-217230"),
    answers=[Cause.MAPPING_NEEDED],
    symptoms=("Cluster address mapping", "peers resolve to the public address", "Clustering: Failed"),
)
def mapping_needed(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether, without cluster address mapping, the peers' FQDNs lead an Expressway-E with two NICs or static NAT to the
    other peers' LAN 1 addresses.

    Why it matters:
    Public DNS gives the public address of each peer, and the peers must reach each other on LAN 1. Cluster address
    mapping is what makes both true at once. The other way, private addresses in public DNS, breaks every client
    outside: never do that.

    How to fix:
    On the primary, set `Cluster address mapping enabled` to On and enter one row for each peer: its public FQDN as in
    its certificate, and its LAN 1 address.

    Example:
    exe1.example.com is 203.0.113.11 in public DNS; the peers cluster on 10.20.0.11.
    """
    if case.plan.cluster.address_mapping is None and needs_table(case.plan):
        yield from unchecked(case, Cause.DNS_SILENT)
    for shared in _once_a_peer(case, Cause.MAPPING_NEEDED):
        peer = shared.peer
        yield Found(
            Subject.peer(peer),
            f"Without cluster address mapping the other peers connect to {show(peer.address)} at the wrong address:"
            f" {shared.step.reason}.",
            f"Set cluster address mapping On and add {show(peer.address)} with the IP {peer.lan1.ip}.",
            case.plan.where("cluster"),
            about=shared.about,
        )


@rule(
    "MAP002",
    "mapping-entry-missing",
    "A peer has no entry in the cluster address mapping",
    Severity.ERROR,
    sources=("CG-15.4-fqdn",),
    answers=[Cause.MAPPING_ENTRY_MISSING],
    symptoms=("mapping row missing", "Cluster address mapping incomplete"),
)
def entry_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether, with cluster address mapping On, every peer has an entry that leads to its LAN 1 address. For a peer whose
    address is still an IP, the FQDN it is to be known by is looked for.

    Why it matters:
    Where mapping is used every peer needs an entry. A peer without one is looked up in DNS, and its certificate is
    compared with entries that are not its own.

    How to fix:
    Add the row on the primary: the peer's public FQDN and its LAN 1 address.

    Example:
    Three peers, two entries.
    """
    place = case.plan.where("cluster", "address_mapping")
    if case.plan.cluster.address_mapping == ():
        remedy = f"Add {rows(case.plan.peers)}" if needs_table(case.plan) else "Set cluster address mapping Off"
        message = "Cluster address mapping is On without an entry; every peer needs one."
        yield Found(Subject.cluster(case.plan), message, f"{remedy}.", place)
        return
    if table_of(case.plan):
        yield from unchecked(case, Cause.DNS_SILENT)
    reasons = {shared.peer: f": {shared.step.reason}" for shared in _once_a_peer(case, Cause.MAPPING_ENTRY_MISSING)}
    # A handshake that cannot look the peer up, or has no certificate of it, never comes as far as the table.
    for peer in case.plan.peers:
        if peer in reasons or _without_entry(case.plan, peer):
            yield _absent(case, peer, peer.address, reasons.get(peer, f" ({peer.lan1.ip})"))
    for peer, name, ips in _ahead(case):
        if not ips and not entries_at(case.plan, peer.lan1.ip):
            yield _absent(case, peer, name, f", the FQDN that is to be in Peer {peer.number} address")


def _without_entry(plan: Plan, peer: Peer) -> bool:
    """Whether a table that is in use has neither the name of the peer nor its LAN 1 address."""
    if not table_of(plan) or is_ip(peer.address):
        return False
    return not entries_called(plan, peer.address) and not entries_at(plan, peer.lan1.ip)


def _absent(case: Case, peer: Peer, name: str, why: str) -> Found:
    here = [entry for entry in entries_at(case.plan, peer.lan1.ip) if key(entry.fqdn) != key(name)]
    if here:
        remedy = f"Change the FQDN of the mapping to {peer.lan1.ip} from {show(here[0].fqdn)} to {show(name)}."
    else:
        remedy = f"Add a mapping of {show(name)} to {peer.lan1.ip}."
    message = f"Cluster address mapping is On and has no entry for {show(name)}{why}."
    return Found(Subject.peer(peer), message, remedy, case.plan.where("cluster", "address_mapping"))


@rule(
    "MAP003",
    "mapping-entry-wrong-address",
    "A mapping entry does not lead to the peer's LAN 1 address",
    Severity.ERROR,
    sources=("CG-15.4-fqdn", "BC-14.0"),
    answers=[Cause.MAPPING_WRONG_ADDRESS],
    symptoms=("wrong IP in cluster address mapping", "mapping to the static NAT address"),
)
def entry_wrong_address(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the IP side of each peer's mapping entry is the LAN 1 address of that peer.

    Why it matters:
    The IP side is both where peers connect to and what they compare with the address that presents the certificate. The
    static NAT address, LAN 2 or another peer's address in its place breaks the link.

    How to fix:
    Correct the entry on the primary; it replicates to the others.

    Example:
    exe2.example.com mapped to 203.0.113.12, its static NAT address.
    """
    reasons = {shared.peer.number: shared.step.reason for shared in _once_a_peer(case, Cause.MAPPING_WRONG_ADDRESS)}
    for peer in case.plan.peers:
        name = name_looked_up(peer)
        ips = {entry.ip for entry in entries_called(case.plan, name)} if name is not None else set()
        if name is not None and len(ips) == 1 and peer.lan1.ip not in ips:
            reason = f"it leads to {ips.pop()}, and LAN 1 of Peer {peer.number} is {peer.lan1.ip}"
            yield Found(
                Subject.peer(peer),
                f"The mapping entry for {show(name)} points to the wrong address: {reasons.get(peer.number, reason)}.",
                f"Change the mapping of {show(name)} to {peer.lan1.ip}.",
                entry_place(case, name),
                about=About(names=(name,), entry=entries_called(case.plan, name)[0]),
            )


@rule(
    "MAP004",
    "mapping-name-not-in-san",
    "The FQDN of a mapping entry is not among the peer's SANs",
    Severity.ERROR,
    sources=("CG-15.4-fqdn",),
    answers=[Cause.MAPPING_NAME_NOT_IN_SAN],
    symptoms=("mapping FQDN not in certificate", "Certificate: Invalid (Common Name in certificate does not match)"),
)
def entry_name_not_in_san(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the FQDN side of the entry for a peer's LAN 1 address is a SAN of that peer's certificate.

    Why it matters:
    With mapping a peer is trusted only if one of its SANs equals the FQDN of an entry, and the IP of that same entry is
    the address it comes from. The appliance's own suggestion reads neither certificates nor DNS, so it may name a
    host and domain that the certificate does not have.

    How to fix:
    Change the entry to the FQDN that the certificate carries and the peer fields use.

    Example:
    The suggestion made exe1.corp.example.com of host name and domain; the certificate has exe1.example.com.
    """
    for shared in _once_a_peer(case, Cause.MAPPING_NAME_NOT_IN_SAN):
        peer = shared.peer
        yield Found(
            Subject.peer(peer),
            sentence(shared.step),
            f"Change the mapping entry for {peer.lan1.ip} to {show(peer.address)}.",
            entry_place(case, shared.step.address),
            about=shared.about,
        )
    yield from _unread(case)
    for peer, name, _ in _ahead(case):
        for entry, store, miss in unnamed_ahead(case, peer):
            own = key(entry.fqdn) == key(name)
            reissue = f"Reissue the {store} certificate of {show(peer.address)} with the SAN {show(name)}."
            yield Found(
                Subject.peer(peer),
                f"The mapping entry for {peer.lan1.ip} is {show(entry.fqdn)}, no SAN of the {store} certificate of"
                f" {show(peer.address)}: {miss}.",
                reissue if own else f"Change the mapping entry for {peer.lan1.ip} to {show(name)}.",
                entry_place(case, entry.fqdn),
                about=About(store=store, names=(name,), entry=entry),
            )


def _unread(case: Case) -> Iterator[Unchecked]:
    """The certificates wanted to tell whether an entry is a SAN: those of peers whose entry has another name than they
    are reached by, or who are reached by none yet. For all others NAM001 asks.
    """
    for peer in case.plan.peers:
        names = {key(entry.fqdn) for entry in entries_at(case.plan, peer.lan1.ip)}
        if names and (is_ip(peer.address) or key(peer.address) not in names):
            for store, file in case.stores(peer):
                if isinstance(file, Missing):
                    yield Unchecked(Subject.certificate(peer, store), file)


def unnamed_ahead(case: Case, peer: Peer) -> Iterator[tuple[MappingEntry, Store, str]]:
    """The entry for the address of a peer still on an IP, where a certificate has no such SAN; the store, the miss."""
    here = entries_at(case.plan, peer.lan1.ip)
    name = name_looked_up(peer)
    if not here or name is None:
        return
    entry = next((entry for entry in here if key(entry.fqdn) == key(name)), here[0])
    for store, file in case.stores(peer):
        if isinstance(file, CertificateFile) and file.leaf.sans is not None:
            names = file.leaf.dns_names
            if not any(matching(entry.fqdn, names) for entry in here):
                yield entry, store, explain_miss(entry.fqdn, names)


@rule(
    "MAP005",
    "mapping-ambiguous",
    "Cluster address mapping gives one FQDN several addresses",
    Severity.ERROR,
    sources=("CG-15.4-fqdn",),
    confidence=Confidence.INFERRED,
    answers=[Cause.MAPPING_AMBIGUOUS],
    symptoms=("duplicate mapping", "one FQDN mapped twice"),
)
def entry_ambiguous(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether any peer's FQDN is in the cluster address mapping with more than one IP.

    Why it matters:
    A mapping is one pair for each peer. Which of two the appliance would use is not documented.

    How to fix:
    Delete the entry that is not the peer's LAN 1 address.

    Example:
    exe2.example.com to 10.20.0.12, and again to 10.20.1.12 from before it moved.
    """
    for shared in _once_a_peer(case, Cause.MAPPING_AMBIGUOUS):
        peer = shared.peer
        yield Found(
            Subject.peer(peer),
            sentence(shared.step),
            f"Keep only the mapping of {show(peer.address)} to {peer.lan1.ip}.",
            entry_place(case, peer.address),
            about=shared.about,
        )
    for peer, name, ips in _ahead(case):
        if len(ips) > 1:
            yield Found(
                Subject.peer(peer),
                f"Cluster address mapping gives {show(name)} {len(ips)} addresses: {listed(map(str, ips))}.",
                f"Keep only the mapping of {show(name)} to {peer.lan1.ip}.",
                entry_place(case, name),
                about=About(names=(name,)),
            )
