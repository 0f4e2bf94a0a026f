"""DNS: what each view says of the peers' names and addresses."""

from collections.abc import Iterator, Sequence

from certplan.evidence.dns.question import SERVED_OUTSIDE
from certplan.evidence.model import DnsAnswer, RecordType
from certplan.handshake.model import Cause
from certplan.handshake.resolving import addresses_of
from certplan.intent.stated import PUBLIC_VIEW, names_of, public_address
from certplan.outcomes import Severity
from certplan.plan.model import IPAddress, Peer
from certplan.rules.model import About, Case, Clearing, Found, Subject, Unchecked, rule
from certplan.rules.support.dns_answers import address_in_words, is_the_caution, not_answered, without_public_view
from certplan.rules.support.handshakes import by_presenter, sentence, unchecked
from certplan.text.names import key, show
from certplan.text.words import listed

__all__ = [
    "dns_silent",
    "forbidden_in_public",
    "name_absent",
    "private_address_in_public",
    "several_addresses",
    "wrong_address",
]


@rule(
    "DNS001",
    "private-address-in-public-dns",
    "Public DNS leads to an inside address",
    Severity.ERROR,
    sources=("CG-15.4-fqdn", "TA-217230"),
    symptoms=("private address in public DNS", "internal address leaked", "split DNS"),
    clearing=Clearing.PUBLIC_ADDRESSES,
)
def private_address_in_public(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a record of the public view leads a peer's FQDN to its own LAN 1 address behind another public one, or to a
    private address while the plan declares a public one. So too for the cluster name, the FQDNs of the cluster address
    mapping and the targets of service records.

    Why it matters:
    This is the vendor's Caution: never map public FQDNs to private addresses in public DNS. It may make the cluster
    form, and it breaks every client and partner outside. Cluster address mapping does the same without harm.

    How to fix:
    Restore the public record to the peer's public address, and use cluster address mapping inside the cluster.

    Example:
    exe1.example.com A 10.20.0.11 in public DNS, where the peer's static NAT address is 203.0.113.11.
    """
    yield from without_public_view(case)
    if PUBLIC_VIEW not in case.evidence.views:
        return
    for name, peer in _names_in_public(case).values():
        subject = Subject.name_of(name, peer) if peer is not None else Subject.name_of(name)
        answers = [
            answer
            for record_type in (RecordType.A, RecordType.AAAA)
            if (answer := case.evidence.views[PUBLIC_VIEW].answers.get((key(name), record_type))) is not None
        ]
        forbidden = [ip for answer in answers for ip in addresses_of(answer) if forbidden_in_public(case, peer, ip)]
        if forbidden:
            yield _caution(case, name, peer, forbidden, [answer for answer in answers if answer.addresses])
            continue
        for answer in answers:
            if peer is not None and not answer.outcome.answered:
                yield not_answered(case, subject, answer, f"{answer.type} record of {show(name)}")


def _names_in_public(case: Case) -> dict[str, tuple[str, Peer | None]]:
    """The names of the plan that clients outside may use, by their keys: first the peers' own."""
    named: dict[str, tuple[str, Peer | None]] = {}
    for peer in case.plan.peers:
        for name in names_of(peer):
            named.setdefault(key(name), (name, peer))
    others = [case.plan.cluster.name, *(entry.fqdn for entry in case.plan.cluster.address_mapping or ())]
    others += [
        service.target
        for answer in case.evidence.views[PUBLIC_VIEW].answers.values()
        if key(answer.name).startswith(SERVED_OUTSIDE)
        for service in answer.services
    ]
    for name in others:
        named.setdefault(key(name), (name, None))
    return named


def forbidden_in_public(case: Case, peer: Peer | None, ip: IPAddress) -> bool:
    """Of a name that is no peer's own (the cluster's, a service record's target) every peer is asked."""
    if peer is not None:
        return is_the_caution(case, peer, ip)
    peers = case.plan.peers
    if any(ip == public_address(each) for each in peers):
        return False
    return any(ip == each.lan1.ip for each in peers) or all(is_the_caution(case, each, ip) for each in peers)


def _caution(
    case: Case, name: str, peer: Peer | None, forbidden: Sequence[IPAddress], answers: Sequence[DnsAnswer]
) -> Found:
    found = listed(f"{ip}{address_in_words(case, ip, peer) or ', a private address'}" for ip in forbidden)
    if peer is not None:
        declared = public_address(peer)
        expected = f"its public address is {declared}"
        fix = f"Set the public record of {show(name)} to {declared}, and use cluster address mapping for the inside."
        subject = Subject.name_of(name, peer)
    else:
        expected = "the peers have public addresses"
        fix = f"Take the inside address of {show(name)} out of public DNS."
        subject = Subject.name_of(name)
    return Found(
        subject,
        f"Public DNS has {show(name)} at {found}; {expected}.",
        fix,
        case.plan.where("dns", PUBLIC_VIEW),
        evidence=tuple(dict.fromkeys(answer.source for answer in answers if answer.source)),
        about=About(view=PUBLIC_VIEW),
    )


@rule(
    "DNS002",
    "peer-name-absent",
    "A peer's name does not exist in the DNS that other peers ask",
    Severity.ERROR,
    sources=("CG-15.4-requirements", "CG-15.4-fqdn"),
    answers=[Cause.NAME_ABSENT],
    symptoms=("NXDOMAIN", "Unresolved", "could not resolve", "DNS lookup failed"),
)
def name_absent(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each `Peer N address` that is not in the cluster address mapping has an address record in the view that
    the other peers' DNS servers give.

    Why it matters:
    No connection can be opened to a peer that cannot be looked up. The DNS servers of every peer must resolve all peer
    addresses.

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
            about=shared.about,
        )


@rule(
    "DNS003",
    "peer-name-wrong-address",
    "A peer's name leads to an address that is not its own",
    Severity.ERROR,
    sources=("CG-15.4-requirements", "CG-15.4-reference"),
    answers=[Cause.DNS_WRONG_ADDRESS],
    symptoms=("resolves to the wrong address", "peers resolve to the public address", "Clustering: Failed"),
)
def wrong_address(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the DNS view of the other peers leads each peer's name to that peer's LAN 1 address, where no cluster
    address mapping is called for.

    Why it matters:
    Peers connect to what DNS gives, and under Enforce a name of the certificate has to resolve to the address that
    presents it. An old record leads to a machine that is no longer there, or to the wrong peer.

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
            f"DNS gives the wrong address for {show(peer.address)}: {shared.step.reason}.",
            f"Set the record of {show(peer.address)} to {peer.lan1.ip} in the view its peers ask.",
            case.where(peer, "address"),
            about=shared.about,
        )


@rule(
    "DNS004",
    "peer-name-several-addresses",
    "A peer's name has several addresses, not all its own",
    Severity.ERROR,
    sources=("AG-15.5-security", "CG-15.4-requirements"),
    answers=[Cause.SEVERAL_ADDRESSES],
    symptoms=("several A records", "round robin DNS", "resolves to two addresses"),
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
            about=shared.about,
        )


@rule(
    "DNS005",
    "peer-name-unanswered",
    "A peer's name could not be looked up",
    Severity.ERROR,
    sources=("CG-15.4-requirements",),
    answers=[Cause.DNS_SILENT],
    symptoms=("DNS timeout", "SERVFAIL", "could not resolve"),
)
def dns_silent(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether every DNS view that a peer asks has answered for every peer's name.

    Why it matters:
    A timeout, SERVFAIL or REFUSED says nothing about the record. Where the way to a peer depends on it, the verdict
    stays undecided.

    How to fix:
    Run the check where the servers can be reached, name other servers, or give the view's zone files or records.

    Example:
    192.0.2.53 did not answer within 5 seconds.
    """
    yield from unchecked(case, Cause.DNS_SILENT)
