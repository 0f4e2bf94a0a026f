"""DNS: what each view says of the peers' names and addresses."""

from collections.abc import Iterator

from certplan.addresses import is_private, is_public_side
from certplan.evidence.model import RecordType
from certplan.handshake.model import Cause
from certplan.handshake.ways import addresses_of
from certplan.names import key, show
from certplan.outcomes import Severity
from certplan.plan.model import IPAddress, Peer
from certplan.rules.handshakes import by_presenter, sentence, unchecked
from certplan.rules.model import Case, Found, Subject, Unchecked, rule

__all__ = ["dns_silent", "name_absent", "private_address_in_public", "several_addresses", "wrong_address"]

PUBLIC_VIEW = "public"


@rule(
    "DNS001",
    "private-address-in-public-dns",
    "Public DNS leads to an inside address",
    Severity.ERROR,
    sources=("CG-15.4-fqdn", "TA-217230"),
)
def private_address_in_public(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a record of the public view leads a peer's FQDN to its own LAN 1 address behind another public one, or to a
    private address while the plan declares a public one.

    Why it matters:
    This is the vendor's Caution: never map public FQDNs to private addresses in public DNS. It may make the cluster
    form, and it breaks every client and partner outside. Cluster address mapping does the same without harm.

    How to fix:
    Restore the public record to the peer's public address, and use cluster address mapping inside the cluster.

    Example:
    exe1.example.com A 10.20.0.11 in public DNS, where the peer's static NAT address is 203.0.113.11.
    """
    view = case.evidence.views.get(PUBLIC_VIEW)
    if view is None:
        return
    for peer in case.plan.peers:
        for name in dict.fromkeys(key(name) for name in (peer.address, peer.fqdn) if name is not None):
            for record_type in (RecordType.A, RecordType.AAAA):
                answer = view.answers.get((name, record_type))
                if answer is None:
                    continue
                for ip in addresses_of(answer):
                    if _is_the_caution(case, peer, ip):
                        yield _caution(case, peer, name, ip, answer.source)


def public_address(case: Case, peer: Peer) -> IPAddress:
    """The address the peer declares to the outside: static NAT, or else the outward LAN."""
    return peer.static_nat or (peer.lan2.ip if peer.lan2 is not None else peer.lan1.ip)


def _is_the_caution(case: Case, peer: Peer, ip: IPAddress) -> bool:
    declared, internal = public_address(case, peer), case.plan.internal_networks
    if ip == declared:
        return False
    if ip == peer.lan1.ip:
        return True
    return is_private(ip, internal) and is_public_side(declared, internal)


def _caution(case: Case, peer: Peer, name: str, ip: IPAddress, source: str | None) -> Found:
    declared = public_address(case, peer)
    whose = f"LAN 1 of {show(peer.address)}" if ip == peer.lan1.ip else "a private address"
    return Found(
        Subject.name_of(name, peer),
        f"Public DNS has {show(name)} at {ip}, {whose}; the peer's public address is {declared}.",
        f"Set the public record of {show(name)} to {declared}, and use cluster address mapping for {ip}.",
        case.plan.where("dns", PUBLIC_VIEW),
        evidence=(source,) if source else (),
    )


@rule(
    "DNS002",
    "peer-name-absent",
    "A peer's name does not exist in the DNS that other peers ask",
    Severity.ERROR,
    sources=("CG-15.4-requirements", "CG-15.4-fqdn"),
    answers=[Cause.NAME_ABSENT],
)
def name_absent(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each `Peer N address` that is not in the cluster address mapping has an address record in the view that
    the other peers' DNS servers give.

    Why it matters:
    A peer that cannot be looked up cannot be dialled. The DNS servers of every peer must resolve all peer addresses.

    How to fix:
    Add the record, correct the name, or add the peer to the cluster address mapping, which needs no DNS.

    Example:
    `Peer 2 address` is exe2.example.com; the zone has only exe1 and exe3.
    """
    yield from unchecked(case, Cause.DNS_SILENT)
    for shared in by_presenter(case, Cause.NAME_ABSENT):
        peer = shared.peer
        yield Found(
            Subject.name_of(peer.address, peer),
            sentence(shared.step),
            f"Add an address record for {show(peer.address)}, or a cluster address mapping to {peer.lan1.ip}.",
            case.where(peer, "address"),
        )


@rule(
    "DNS003",
    "peer-name-wrong-address",
    "A peer's name leads to an address that is not its own",
    Severity.ERROR,
    sources=("CG-15.4-requirements", "CG-15.4-reference"),
    answers=[Cause.DNS_WRONG_ADDRESS],
)
def wrong_address(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the DNS view of the other peers leads each peer's name to that peer's LAN 1 address, where no cluster
    address mapping is called for.

    Why it matters:
    Peers dial what DNS gives, and under Enforce a name of the certificate has to resolve to the address that presents
    it. An old record leads to a machine that is no longer there, or to the wrong peer.

    How to fix:
    Correct the record in the view the peers ask.

    Example:
    exe2.example.com still has the address it had before the move.
    """
    yield from unchecked(case, Cause.DNS_SILENT)
    for shared in by_presenter(case, Cause.DNS_WRONG_ADDRESS):
        peer = shared.peer
        yield Found(
            Subject.name_of(peer.address, peer),
            f"DNS leads {show(peer.address)} astray: {shared.step.reason}.",
            f"Set the record of {show(peer.address)} to {peer.lan1.ip} in the view its peers ask.",
            case.where(peer, "address"),
        )


@rule(
    "DNS004",
    "peer-name-several-addresses",
    "A peer's name has several addresses, not all its own",
    Severity.ERROR,
    sources=("AG-15.5-security", "CG-15.4-requirements"),
    answers=[Cause.SEVERAL_ADDRESSES],
)
def several_addresses(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each peer's name leads to one address, its LAN 1, in the view that the other peers ask.

    Why it matters:
    With two records one connection lands here, the next there: links come and go without anything having changed.

    How to fix:
    Delete the record that is not the peer's LAN 1 address.

    Example:
    Two records for exe2.example.com, one of them left over from a change of NIC.
    """
    yield from unchecked(case, Cause.DNS_SILENT)
    for shared in by_presenter(case, Cause.SEVERAL_ADDRESSES):
        peer = shared.peer
        yield Found(
            Subject.name_of(peer.address, peer),
            sentence(shared.step),
            f"Leave only {peer.lan1.ip} for {show(peer.address)} in the view its peers ask.",
            case.where(peer, "address"),
        )


@rule(
    "DNS005",
    "peer-name-unanswered",
    "A peer's name could not be looked up",
    Severity.ERROR,
    sources=("CG-15.4-requirements",),
    answers=[Cause.DNS_SILENT],
)
def dns_silent(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether every DNS view that a peer asks has answered for every peer's name.

    Why it matters:
    A timeout, SERVFAIL or REFUSED says nothing about the record. Where the way to a peer hangs on it, the verdict
    stays undecided.

    How to fix:
    Run the check where the servers can be reached, name other servers, or give the view's zone files or records.

    Example:
    192.0.2.53 did not answer within 5 seconds.
    """
    yield from unchecked(case, Cause.DNS_SILENT)
