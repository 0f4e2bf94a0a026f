"""What rules share that look at trusted CA lists: whose they are, and the CAs above the cluster's certificates."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from certplan.evidence.model import Certificate, Located, Missing, TrustList
from certplan.handshake.chains import TrustIndex, expiry, may_have_issued
from certplan.plan.model import Peer
from certplan.rules.model import Case, Subject, Unchecked
from certplan.rules.support.once import once
from certplan.text.names import show
from certplan.text.words import clauses

__all__ = [
    "best_path",
    "enumerated",
    "in_use",
    "is_end_certificate",
    "issuers",
    "later",
    "listed_cas",
    "listing",
    "lists",
    "places",
    "pool",
    "renewed",
    "unlisted",
]

_LONGEST_CHAIN = 20
_MOST_NAMED = 8
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@once
def lists(case: Case) -> Sequence[tuple[TrustList, tuple[Peer, ...]]]:
    """Every trusted CA list that was read, with the peers that have it: those that name the same files share one."""
    owners: dict[int, tuple[TrustList, list[Peer]]] = {}
    for peer, found in case.peers:
        if isinstance(found.trust, TrustList):
            owners.setdefault(id(found.trust), (found.trust, []))[1].append(peer)
    return [(trust, tuple(peers)) for trust, peers in owners.values()]


def unlisted(case: Case) -> Iterator[Unchecked]:
    """One "not verified" for each peer whose trusted CA list was not read."""
    for peer, found in case.peers:
        if isinstance(found.trust, Missing):
            yield Unchecked(Subject.peer(peer), found.trust)


@once
def pool(case: Case) -> TrustIndex:
    """All trusted CA lists as one: what the cluster as a whole knows of its CAs.

    An index costs a walk over every list, so a rule asks for it only once it has something to look for.
    """
    return TrustIndex(listed_cas(case))


@once
def listed_cas(case: Case) -> Sequence[Certificate]:
    """Every certificate of any trusted CA list, once however many peers have it."""
    known: dict[str, Certificate] = {}
    for trust, _ in lists(case):
        for located in trust.certificates:
            known.setdefault(located.certificate.sha256, located.certificate)
    return tuple(known.values())


@once
def in_use(case: Case) -> Mapping[str, Certificate]:
    """The peers' certificates and every CA of any list that may stand above one of them, by fingerprint."""
    index = pool(case)
    found: dict[str, Certificate] = {}
    pending = [file.leaf for _, _, file in case.certificates]
    while pending:
        certificate = pending.pop()
        if certificate.sha256 not in found:
            found[certificate.sha256] = certificate
            pending += issuers(index, certificate)
    return found


def issuers(index: TrustIndex, certificate: Certificate) -> list[Certificate]:
    """The CAs of `index` that may have signed a certificate, by name and key identifiers."""
    return [ca for ca in index.issuers(certificate) if may_have_issued(ca, certificate)]


def best_path(index: TrustIndex, leaf: Certificate, at: datetime) -> tuple[Certificate, ...]:
    """The CAs above `leaf`, as far as `index` has them, nearest first; of several generations the one that lasts.

    Keys are compared by their identifiers only, so this tells what stands above, never whether it is trusted.
    """
    path = [leaf]
    while len(path) < _LONGEST_CHAIN and not path[-1].self_issued:
        above = [ca for ca in issuers(index, path[-1]) if ca not in path]
        if not above:
            break
        path.append(max(above, key=lambda ca: (ca.not_before <= at, ca.not_after, ca.sha256)))
    return tuple(path[1:])


def renewed(trust: TrustList, ca: Certificate, at: datetime) -> bool:
    """Whether another certificate of the same CA (its name, its key), good at `at`, stands beside it in a list."""
    return ca.key is not None and any(
        other.subject_key == ca.subject_key and other.key == ca.key and other.not_before <= at < expiry(other)
        for other in (located.certificate for located in trust.certificates)
    )


def later(at: datetime, by: timedelta) -> datetime:
    """`by` after `at`, or the last moment there is: certificates without an end, and odd clocks, reach that far."""
    return at + by if by <= _END_OF_TIME - at else _END_OF_TIME


def is_end_certificate(certificate: Certificate) -> bool:
    """Whether it says that it is no CA, or says nothing of it and names what a server or client has."""
    if certificate.is_ca is not None:
        return not certificate.is_ca
    return bool(certificate.sans or certificate.eku)


def listing(found: Sequence[Located]) -> str:
    """The subjects in order of name, the first eight of them spelled out."""
    return enumerated(sorted({show(located.certificate.subject) for located in found}))


def enumerated(words: Sequence[str]) -> str:
    """The words one after another, eight at most."""
    rest = len(words) - _MOST_NAMED
    return clauses(words) if rest <= 0 else f"{clauses(words[:_MOST_NAMED])}; and {rest} more"


def places(found: Iterable[Located]) -> tuple[str, ...]:
    """Where each of them stands, as evidence."""
    return tuple(f"{located.where}: {show(located.certificate.subject)}" for located in found)
