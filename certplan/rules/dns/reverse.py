"""DNS: the way back, from the peers' addresses to their names."""

from collections.abc import Iterable, Iterator

from certplan.evidence.model import DnsAnswer, DnsOutcome
from certplan.intent.stated import PUBLIC_VIEW, names_of, public_address
from certplan.outcomes import Severity
from certplan.plan.model import ClusterType, IPAddress, Peer
from certplan.rules.model import Case, Clearing, Found, Subject, Unchecked, rule
from certplan.rules.support.dns_answers import (
    asked_by_peers,
    hosts_in_san,
    inside_views,
    not_answered,
    reverse_answer,
    without_inside_view,
    without_public_view,
)
from certplan.rules.support.once import once
from certplan.text.addresses import is_public_side
from certplan.text.names import key, matching, show, show_all
from certplan.text.words import clauses, joined
from certplan.value import Value

__all__ = [
    "Back",
    "inward_records",
    "outward_records",
    "reverse_record_missing",
    "reverse_record_not_a_san",
    "reverse_record_of_c",
]


class Back(Value):
    """What DNS says of one address of an Expressway-E."""

    ip: IPAddress
    what: str
    """Which address it is: `LAN 1` or `the public address`."""
    spoken: tuple[DnsAnswer, ...]
    """The answers of the views that may be expected to know."""
    unknown: DnsAnswer | None
    """One of those that said nothing, if any."""

    @property
    def missing(self) -> bool:
        """Some view has spoken, and none has a PTR record."""
        return bool(self.spoken) and not self.records

    @property
    def records(self) -> tuple[DnsAnswer, ...]:
        return tuple(answer for answer in self.spoken if answer.outcome is DnsOutcome.ANSWER)


def inward_records(case: Case, peer: Peer) -> Back:
    """LAN 1, in every view of the inside, and in the public one where that knows such addresses."""
    views = inside_views(case)
    if _public_knows(case, peer.lan1.ip):
        views = (*views, PUBLIC_VIEW)
    return _back(case, peer.lan1.ip, "LAN 1", views)


def outward_records(case: Case, peer: Peer) -> Back | None:
    """The public address, in the public view; None where it is LAN 1 or nothing that public DNS could know."""
    ip = public_address(peer)
    if ip == peer.lan1.ip or not _public_knows(case, ip):
        return None
    return _back(case, ip, "the public address", (PUBLIC_VIEW,))


def _back(case: Case, ip: IPAddress, what: str, views: tuple[str, ...]) -> Back:
    answers = [reverse_answer(case, view, ip) for view in views]
    spoken = tuple(answer for answer in answers if answer.outcome.answered)
    return Back(ip, what, spoken, next((answer for answer in answers if not answer.outcome.answered), None))


def _public_knows(case: Case, ip: IPAddress) -> bool:
    """Whether the public view's "no such record" means anything for `ip`.

    Public resolvers say it of every private address. A lab's public view that has a PTR record of a private address
    serves such addresses.
    """
    return is_public_side(ip, case.plan.internal_networks) or _private_in_public(case)


@once
def _private_in_public(case: Case) -> bool:
    """Whether the public view has a PTR record of a private address of the peers."""
    own = {ip for peer in case.plan.peers for ip in (peer.lan1.ip, public_address(peer))}
    return any(
        reverse_answer(case, PUBLIC_VIEW, each).outcome is DnsOutcome.ANSWER
        for each in own
        if not is_public_side(each, case.plan.internal_networks)
    )


def _unknown(case: Case, peer: Peer, inward: Back) -> Iterator[Unchecked]:
    """One "not verified" for a peer whose LAN 1 no view has spoken of."""
    if not inward.spoken:
        what = f"PTR record of {inward.ip} (LAN 1 of {show(peer.address)})"
        yield without_inside_view(case, Subject.peer(peer), inward.unknown, what)


@rule(
    "DNS006",
    "reverse-record-missing",
    "An Expressway-E address has no PTR record",
    Severity.ERROR,
    sources=("AG-15.5-alarms", "CG-15.4-reference", "MRA-15.2"),
    only=ClusterType.EXPRESSWAY_E,
    since="X8.8",
    alarms=(25030,),
    symptoms=("Invalid Hostname", "reverse DNS", "PTR missing", "Reverse DNS Lookup failed"),
    clearing=Clearing.REVERSE,
)
def reverse_record_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether DNS leads from each Expressway-E peer's addresses back to a name: from LAN 1 in the internal DNS (any view
    but `public` that knows its reverse zone), and from the public address in public DNS, where that alone is missing
    it is a warning.

    Why it matters:
    Since X8.8 forward and reverse records are required for every Expressway-E. The other side looks up the PTR record
    of the address that calls and compares it with the certificate; without one alarm 25030 is raised and chat and
    presence over Mobile and Remote Access stop.

    How to fix:
    Make one PTR record for the address, to the peer's FQDN as its certificate has it, in the DNS that Expressway-C
    asks. For the public address the internet provider makes it.

    Example:
    12.0.20.10.in-addr.arpa does not exist in the internal view; LAN 1 of exe2.example.com is 10.20.0.12.
    """
    yield from without_public_view(case)
    for peer in case.plan.peers:
        inward, outward = inward_records(case, peer), outward_records(case, peer)
        absent = [back for back in (inward, outward) if back is not None and back.missing]
        if not absent:
            yield from _unknown(case, peer, inward)
            continue
        places = joined(f"{back.ip} ({back.what}) in {_views(back.spoken)}" for back in absent)
        name = show((names_of(peer) or ("the peer's FQDN",))[0])
        yield Found(
            Subject.peer(peer),
            f"There is no PTR record for {places}; exactly one is expected, to a SAN of the peer's certificate.",
            f"Make one PTR record from {' and from '.join(str(back.ip) for back in absent)} to {name}.",
            case.where(peer, "lan1") if absent[0] is inward else case.where(peer),
            evidence=_seen(answer for back in absent for answer in back.spoken),
            severity=None if absent[0] is inward else Severity.WARNING,
        )


@rule(
    "DNS007",
    "reverse-record-not-a-san",
    "The PTR record of an Expressway-E address is not one name of its certificate",
    Severity.ERROR,
    sources=("AG-15.5-alarms", "MRA-15.2", "TA-118798"),
    only=ClusterType.EXPRESSWAY_E,
    since="X8.8",
    alarms=(25031,),
    symptoms=("Invalid Hostname", "PTR name not in certificate", "Certificate verification failed"),
    clearing=Clearing.REVERSE,
)
def reverse_record_not_a_san(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each PTR record of an Expressway-E peer's LAN 1 (in the internal DNS) and public address (in public DNS,
    where it is a warning) is the only one, and names a SAN of that peer's server certificate.

    Why it matters:
    The name in the PTR record is what the other side looks for in the certificate. A name that is not there, or a
    second record that is sometimes the answer, raises alarm 25031 and stops chat and presence over Mobile and Remote
    Access.

    How to fix:
    Leave one PTR record for the address, to a name that is a SAN of the peer; or reissue the certificate with the
    name of the record.

    Example:
    10.20.0.12 leads back to exe2.corp.example.com; the certificate has exe2.example.com.
    """
    yield from without_public_view(case)
    for peer in case.plan.peers:
        inward, outward = inward_records(case, peer), outward_records(case, peer)
        backs = [back for back in (inward, outward) if back is not None and back.records]
        sans = hosts_in_san(case, peer)
        if isinstance(sans, Unchecked):
            yield from [sans] if backs else _unknown(case, peer, inward)
            continue
        # Whether the peer's own address is a SAN is the handshake's question, with a finding of its own.
        wrong = [(back, what) for back in backs if (what := _wrong(back, (*sans, key(peer.address))))]
        if not wrong:
            yield from _unknown(case, peer, inward)
            continue
        name = show((names_of(peer) or ("the peer's FQDN",))[0])
        yield Found(
            Subject.peer(peer),
            f"{clauses(f'{back.ip} ({back.what}) {what}' for back, what in wrong)}."
            " Exactly one PTR record is expected, to a SAN of the peer's server certificate.",
            f"Leave one PTR record from {' and from '.join(str(back.ip) for back, _ in wrong)} to {name}.",
            case.where(peer, "lan1") if wrong[0][0] is inward else case.where(peer),
            evidence=_seen(answer for back, _ in wrong for answer in back.records),
            severity=None if wrong[0][0] is inward else Severity.WARNING,
        )


def _wrong(back: Back, sans: tuple[str, ...]) -> str:
    """What is wrong with the PTR records of one address, view by view; empty when nothing is."""
    faults: list[str] = []
    for answer in back.records:
        names = list({key(name): name for name in answer.targets}.values())
        if len(names) > 1:
            faults.append(f"has {len(names)} PTR records in the {show(answer.view)} view: {_listed(names)}")
        unmatched = [name for name in names if matching(name, sans) is None]
        if unmatched:
            faults.append(f"leads back to {_listed(unmatched)} in the {show(answer.view)} view, no SAN of the peer")
    return ", and ".join(faults)


@rule(
    "DNS017",
    "reverse-record-of-c",
    "DNS does not lead from an Expressway-C address back to its name",
    Severity.WARNING,
    sources=("CG-15.4-requirements",),
    only=ClusterType.EXPRESSWAY_C,
    symptoms=("PTR of Expressway-C", "reverse DNS"),
    clearing=Clearing.REVERSE,
)
def reverse_record_of_c(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the DNS servers of the peers lead from the LAN 1 address of every Expressway-C peer back to its FQDN. A
    record to another name is a notice only.

    Why it matters:
    DNS servers are set peer by peer and do not replicate; those of every peer must resolve all peer addresses, forward
    and reverse.

    How to fix:
    Make the PTR record in the zone those servers serve.

    Example:
    12.0.30.10.in-addr.arpa does not exist; exc2.corp.example.com is 10.30.0.12.
    """
    for peer in case.plan.peers:
        ip, names = peer.lan1.ip, names_of(peer)
        answers = [reverse_answer(case, view, ip) for view in asked_by_peers(case)]
        absent = [answer for answer in answers if answer.outcome in (DnsOutcome.NXDOMAIN, DnsOutcome.NO_DATA)]
        wrong = [
            answer
            for answer in answers
            if names and answer.targets and not any(matching(name, answer.targets) for name in names)
        ]
        expected = show((names or ("the peer's FQDN",))[0])
        if absent:
            message = f"There is no PTR record for {ip}, LAN 1 of {show(peer.address)}, in {_views(absent)}."
        elif wrong:
            other = _listed(dict.fromkeys(name for answer in wrong for name in answer.targets))
            message = (
                f"{ip}, LAN 1 of {show(peer.address)}, leads back to {other} in {_views(wrong)}, not to {expected}."
            )
        else:
            silent = next((answer for answer in answers if not answer.outcome.answered), None)
            if silent is not None:
                what = f"PTR record of {ip} (LAN 1 of {show(peer.address)})"
                yield not_answered(case, Subject.peer(peer), silent, what)
            continue
        yield Found(
            Subject.peer(peer),
            message,
            f"Make the PTR record of {ip} lead to {expected}.",
            case.where(peer, "lan1"),
            evidence=_seen(absent or wrong),
            severity=None if absent else Severity.NOTICE,
        )


def _views(answers: Iterable[DnsAnswer]) -> str:
    names = [show(answer.view) for answer in answers]
    return f"the {joined(names)} DNS view{'s' if len(names) > 1 else ''}"


def _listed(names: Iterable[str]) -> str:
    return show_all(names)


def _seen(answers: Iterable[DnsAnswer]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(answer.source for answer in answers if answer.source))
