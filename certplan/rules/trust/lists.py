"""TRU: what stands in the trusted CA lists, whether or not a handshake depends on it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from certplan.evidence.model import Certificate, Located, TrustList
from certplan.handshake.chains import expiry
from certplan.handshake.model import Cause
from certplan.outcomes import Severity
from certplan.rules.model import Case, Found, Subject, SubjectKind, Unchecked, rule
from certplan.rules.support.chains import (
    enumerated,
    in_use,
    is_end_certificate,
    later,
    listing,
    lists,
    places,
    renewed,
    unlisted,
)
from certplan.text.names import show, show_all

__all__ = [
    "ca_expiring",
    "ca_without_basic_constraints",
    "expired_cas",
    "leaf_in_trust_list",
    "lists_differ",
    "too_many_cas",
    "two_cas_of_one_subject",
]

MOST_CAS = 1000
WARNING_TIME = timedelta(days=21)
"""How long before the end of a certificate the appliance raises an alarm."""


@rule(
    "TRU012",
    "ca-without-basic-constraints",
    "A trusted CA has no basicConstraints",
    Severity.WARNING,
    sources=("CERT-15.5-loading", "RFC-5280"),
    symptoms=("CA without basicConstraints", "invalid CA certificate"),
)
def ca_without_basic_constraints(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether every CA in each peer's trusted CA list carries the basicConstraints extension, also those that are above no
    peer's certificate.

    Why it matters:
    The certificate guide asks for the extension in every CA certificate. Without it a program may refuse all that the
    CA has signed, and which of the appliance's services do is not written down.

    How to fix:
    Replace the CA in the list by one with basicConstraints CA:TRUE, or remove it when nothing uses it any more.

    Example:
    A root from 1998, an X.509 version 1 certificate, came along in a bundle.
    """
    yield from unlisted(case)
    named = {(handshake.verifier, step.certificate) for handshake, step in case.not_passed(Cause.NOT_A_CA)}
    for trust, peers in lists(case):
        without = [each for each in trust.certificates if _without_constraints(each.certificate)]
        for peer in peers:
            found = [each for each in without if (peer, each.certificate) not in named]
            if found:
                yield Found(
                    Subject.peer(peer),
                    f"The trusted CA list of {show(peer.address)} has {_cas(found)} without basicConstraints:"
                    f" {listing(found)}.",
                    "Replace each by one with basicConstraints CA:TRUE, or remove it when nothing uses it.",
                    found[0].where,
                    evidence=places(found),
                )


def _without_constraints(certificate: Certificate) -> bool:
    # Where the extensions cannot be read at all, nothing is known of this one.
    return certificate.is_ca is None and certificate.sans is not None and not is_end_certificate(certificate)


def _cas(found: Sequence[object]) -> str:
    return "1 CA" if len(found) == 1 else f"{len(found)} CAs"


@rule(
    "TRU013",
    "two-cas-of-one-subject",
    "Two CAs of one name and different keys are in a trusted CA list",
    Severity.WARNING,
    sources=("CERT-15.5-loading", "TA-213872", "TA-225476"),
    symptoms=("two CAs with the same name", "renewed CA", "first matching CA is used"),
)
def two_cas_of_one_subject(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether any two certificates in one trusted CA list have the same subject and different keys. The same CA renewed
    with its old key is not a problem and is not reported.

    Why it matters:
    The appliance looks a CA up by its subject and takes the first it finds, so only one of the two works: whatever the
    other has signed is refused. Appending a CA never replaces an older one of the same name.

    How to fix:
    Remove the one that is not in use any more. Where both are, as with the self-signed certificates of Unified CM's
    tomcat and CallManager services, have them signed by a CA or let one certificate serve both.

    Example:
    The company root of 2015 and its successor of 2025 have one name; both are in exc1's list.
    """
    yield from unlisted(case)
    reported = {
        (step.peer, step.ca.subject_key)
        for _, step in case.not_passed(Cause.SAME_NAME_OTHER_KEY)
        if step.ca is not None
    }
    for trust, peers in lists(case):
        namesakes = _namesakes(trust)
        for peer in peers:
            found = [
                each
                for group in namesakes
                if (peer, group[0].certificate.subject_key) not in reported
                for each in group
            ]
            if found:
                yield Found(
                    Subject.peer(peer),
                    f"The trusted CA list of {show(peer.address)} has CAs of one name with different keys, of which"
                    f" only the first in the list works: {enumerated(_in_order(found))}.",
                    "Remove the one that is no longer used (the evidence says where each is in the list).",
                    found[0].where,
                    evidence=tuple(
                        f"{each.where}: until {each.certificate.not_after.date()}, SHA-256 {each.certificate.sha256}"
                        for each in found
                    ),
                )


def _in_order(found: Sequence[Located]) -> list[str]:
    """The CAs as the list has them, the dates telling those of one name apart."""
    return [f"{show(each.certificate.subject)} until {each.certificate.not_after.date()}" for each in found]


def _namesakes(trust: TrustList) -> list[list[Located]]:
    """The certificates that share their subject with one of another key, group by group."""
    if len({located.certificate.subject_key for located in trust.certificates}) == len(trust.certificates):
        return []
    groups: dict[bytes, list[Located]] = {}
    for located in trust.certificates:
        groups.setdefault(located.certificate.subject_key, []).append(located)
    return [group for group in groups.values() if len({_key_of(each.certificate) for each in group}) > 1]


def _key_of(certificate: Certificate) -> str:
    return certificate.sha256 if certificate.key is None else certificate.key.sha256


@rule(
    "TRU014",
    "ca-lapsing",
    "A CA above a peer's certificate expires within 21 days",
    Severity.WARNING,
    sources=("AG-15.5-security", "CG-15.4-form"),
    symptoms=("CA expires soon", "root certificate expiring"),
)
def ca_expiring(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a CA above the peers' certificates ends within 21 days in any trusted CA list, with no renewed
    certificate of the same CA beside it.

    Why it matters:
    When it ends, everything below it is refused, on the same day and on all peers, however long the peers' own
    certificates still run. From X14.0.2 the appliance raises an alarm for a CA 21 days before.

    How to fix:
    Fetch the CA's renewed certificate and append it to the trusted CA list of each peer named. Where the CA was
    renewed with a new key, the peers' certificates have to be reissued as well.

    Example:
    The issuing CA ends on 2026-06-15, the peers' certificates in 2027; today is 2026-06-01.
    """
    yield from case.unread()
    yield from unlisted(case)
    expiring: dict[str, tuple[Located, list[str]]] = {}
    now = case.at.replace(microsecond=0)
    soon = later(now, WARNING_TIME)
    for trust, peers in lists(case):
        for located in trust.certificates:
            ca = located.certificate
            if now <= ca.not_after < soon and not renewed(trust, ca, expiry(ca)):
                expiring.setdefault(ca.sha256, (located, []))[1].extend(peer.address for peer in peers)
    used = in_use(case) if expiring else {}
    found = sorted(
        (each for each in expiring.values() if each[0].certificate.sha256 in used),
        key=lambda each: (each[0].certificate.not_after, each[0].certificate.sha256),
    )
    if found:
        holders = sorted({address for _, have in found for address in have})
        ending = [f"{show(ca.certificate.subject)} on {ca.certificate.not_after.date()}" for ca, _ in found]
        yield Found(
            Subject(SubjectKind.CLUSTER, case.plan.cluster.name, tuple(holders)),
            f"{'A CA' if len(found) == 1 else 'CAs'} above the peers' certificates will expire: {enumerated(ending)}."
            " No renewed one is beside it.",
            f"Append the renewed CA to the trusted CA list of {show_all(holders)}.",
            found[0][0].where,
            evidence=places([ca for ca, _ in found]),
        )


@rule(
    "TRU015",
    "lapsed-cas",
    "Expired CAs in a trusted CA list that no certificate uses",
    Severity.NOTICE,
    sources=("AG-15.5-security", "CERT-15.5-loading"),
    symptoms=("expired CA in trusted CA list",),
)
def expired_cas(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a trusted CA list holds CAs that have expired, and that no peer's certificate uses or that have a renewed
    one beside them.

    Why it matters:
    They do no harm to the cluster, but from X14.0.2 the appliance raises alarms for them, among which the one that
    matters is easily missed; and the old certificate of a renewed CA may be the one that is found first.

    How to fix:
    Remove them from the list, once it is sure that no other system's certificate still comes from them.

    Example:
    The root that was replaced in 2024 was never taken off the list.
    """
    yield from unlisted(case)
    # Certificates count whole seconds, and the last of them as valid.
    now = case.at.replace(microsecond=0)
    stale = {
        id(trust): found
        for trust, _ in lists(case)
        if (found := [each for each in trust.certificates if each.certificate.not_after < now])
    }
    used = in_use(case) if stale else {}
    for trust, peers in lists(case):
        found = [
            each
            for each in stale.get(id(trust), ())
            if each.certificate.sha256 not in used or renewed(trust, each.certificate, case.at)
        ]
        for peer in peers if found else ():
            yield Found(
                Subject.peer(peer),
                f"The trusted CA list of {show(peer.address)} has {_cas(found)} that expired and that no peer's"
                f" certificate uses: {listing(found)}.",
                "Remove them, once it is sure that no other system's certificate comes from them.",
                found[0].where,
                evidence=places(found),
            )


@rule(
    "TRU016",
    "too-many-cas",
    "A trusted CA list holds more than 1000 CAs",
    Severity.WARNING,
    sources=("CERT-15.5-loading",),
    since="X14.3",
    symptoms=("too many CA certificates", "1000 CA certificates"),
)
def too_many_cas(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each peer's trusted CA list holds at most 1000 CAs, each counted once.

    Why it matters:
    The guides from X14.3 on give 1000 as the most the list can hold. Which CAs are left out beyond that is not
    written down.

    How to fix:
    Keep the CAs of the systems this one talks to, and leave the rest of the bundle out.

    Example:
    A whole operating system's bundle was appended seven times, each time a newer one.
    """
    yield from unlisted(case)
    for trust, peers in lists(case):
        count = len(trust.certificates)
        for peer in peers if count > MOST_CAS else ():
            yield Found(
                Subject.peer(peer),
                f"The trusted CA list of {show(peer.address)} has {count} CAs; at most {MOST_CAS} are supported.",
                "Keep the CAs that the systems it talks to need, and remove the others.",
                case.where(peer, "trusted_cas"),
            )


@rule(
    "TRU018",
    "leaf-in-trust-list",
    "A trusted CA list holds a certificate that is not a CA",
    Severity.NOTICE,
    sources=("CERT-15.5-loading", "RFC-5280"),
    symptoms=("server certificate in trusted CA list",),
)
def leaf_in_trust_list(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether everything in a trusted CA list is a CA, or at least signed by itself: such certificates of other systems
    have to be there to be trusted.

    Why it matters:
    A certificate that a CA signed is trusted through that CA and never by standing in this list. It is often the sign
    of a mistake: the server certificate was loaded where its CA was meant.

    How to fix:
    Remove it, and see to it that the CA that signed it is in the list.

    Example:
    exe2's own server certificate was appended to the list instead of its issuing CA.
    """
    yield from unlisted(case)
    for trust, peers in lists(case):
        found = [
            each
            for each in trust.certificates
            if not each.certificate.self_issued and is_end_certificate(each.certificate)
        ]
        for peer in peers if found else ():
            yield Found(
                Subject.peer(peer),
                f"The trusted CA list of {show(peer.address)} has {len(found)} certificate{'s' * (len(found) > 1)}"
                f" that can vouch for nothing, being no CA: {listing(found)}.",
                "Remove what is not a CA, and see that the CA that signed it is in the list.",
                found[0].where,
                evidence=places(found),
            )


@rule(
    "TRU021",
    "trust-lists-differ",
    "A peer's trusted CA list is missing a CA that all other peers trust",
    Severity.NOTICE,
    sources=("CG-15.4-reference", "AG-15.5-security"),
    symptoms=(
        "502 Bad Gateway from traffic_server",
        "CA of Unified CM unknown",
        "trusted CA list not replicated",
        "CA missing on one peer",
    ),
)
def lists_differ(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a peer's trusted CA list is missing a valid CA that all other peers have, of those that no peer's
    certificate uses.

    Why it matters:
    The cluster does not need such a CA, but something else does: Unified CM, the Expressway at the other end of the
    traversal zone, a neighbor. The list does not replicate, so a CA loaded on all peers but one makes that service
    fail on one peer only.

    How to fix:
    Append the CAs to the list of the peer that is missing them, or remove them from the others.

    Example:
    The CA of the Unified CM cluster was loaded on exc1 and exc2, before exc3 joined.
    """
    yield from unlisted(case)
    known = [(trust, peer) for trust, peers in lists(case) for peer in peers]
    if len({id(trust) for trust, _ in known}) < 2:
        return
    held = {peer.number: {each.certificate.sha256: each for each in trust.certificates} for trust, peer in known}
    if all(have.keys() == held[known[0][1].number].keys() for have in held.values()):
        return
    used = {certificate.issuer_key for certificate in in_use(case).values()}
    for trust, peer in known:
        own = held[peer.number]
        others = [have for number, have in held.items() if number != peer.number]
        absent = [
            each
            for sha256, each in others[0].items()
            if sha256 not in own
            and all(sha256 in have for have in others[1:])
            and case.at < expiry(each.certificate)
            and each.certificate.is_ca is not False
            and each.certificate.subject_key not in used
            and not renewed(trust, each.certificate, case.at)
        ]
        if absent:
            owner = "the other peer has" if len(others) == 1 else "all other peers have"
            yield Found(
                Subject.peer(peer),
                f"The trusted CA list of {show(peer.address)} is missing {_cas(absent)} that {owner}:"
                f" {listing(absent)}.",
                f"Append what {show(peer.address)} needs of them to its list; the list does not replicate.",
                case.where(peer, "trusted_cas"),
                evidence=places(absent),
            )
