"""VAL: how long certificates are valid, and which end together."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta

from certplan.evidence.model import Certificate
from certplan.handshake.credentials import SERVER_AUTH
from certplan.handshake.model import Store
from certplan.handshake.trust import expiry
from certplan.outcomes import Severity
from certplan.plan.model import CertificateAuthority
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.rules.support.chains import enumerated, in_use, lists, unlisted
from certplan.rules.support.stated import unstated_in_cluster
from certplan.text.names import show
from certplan.text.words import counted
from certplan.vendor import lifetime_steps, public_lifetime

__all__ = ["YEAR_2050", "beyond_2050", "longer_than_public"]


YEAR_2050 = datetime(2050, 1, 1, tzinfo=UTC)


_PUBLIC: AbstractSet[CertificateAuthority | None] = frozenset({CertificateAuthority.PUBLIC, CertificateAuthority.ACME})


@rule(
    "VAL006",
    "longer-than-public-maximum",
    "A public certificate is valid for longer than public CAs may issue",
    Severity.WARNING,
    sources=("BR-2.2.6",),
    symptoms=("398 days", "200 days", "47 days", "validity too long"),
)
def longer_than_public(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    With `certificate_authority: public`: whether each server certificate is valid for at most what public CAs may give
    to certificates issued on its day: 398 days, from 2026-03-15 200, from 2027-03-15 100, from 2029-03-15 47. A second
    over a day counts as a whole day.

    Why it matters:
    Browsers and operating systems refuse a public certificate that is valid for longer. Most often it means that the
    certificate comes from a private CA after all, which phones and browsers outside do not trust.

    How to fix:
    Where the CA is a private one, write `certificate_authority: private`. Else have the certificate reissued.

    Example:
    Issued on 2026-04-01 for 398 days; from 2026-03-15 on 200 days are the most.
    """
    authorities = case.plan.authorities
    issued_by = {Store.SERVER: authorities.server, Store.CLIENT: authorities.client}
    if authorities.server is None:
        yield unstated_in_cluster(
            case, "certificate_authority", "certificate_authority", "Add certificate_authority: public, or private."
        )
    if set(issued_by.values()) & _PUBLIC:
        yield from case.unread()
    for peer, store, file in case.certificates:
        if issued_by[store] not in _PUBLIC:
            continue
        leaf = file.leaf
        most = public_lifetime(leaf.not_before)
        length = _length(leaf)
        if most is None or length <= most or leaf.self_issued or not _for_servers(leaf):
            continue
        step = next(step for step in reversed(lifetime_steps()) if step.issued_from <= leaf.not_before.date())
        yield Found(
            Subject.certificate(peer, store),
            f"The {store} certificate of {show(peer.address)}, issued on {leaf.not_before.date()} by"
            f" {show(leaf.issuer)}, is valid for {counted(length, 'day')}; public CAs may give at most"
            f" {counted(most, 'day')} from {step.issued_from} on.",
            f"Say certificate_authority: private if that CA is private, else have it reissued for"
            f" {counted(most, 'day')} at most.",
            file.where,
        )


def _length(certificate: Certificate) -> int:
    """The validity period in days, its last second included (RFC 5280 section 4.1.2.5), a part of a day as a whole."""
    return -((certificate.not_before - expiry(certificate)) // timedelta(days=1))


def _for_servers(certificate: Certificate) -> bool:
    return certificate.eku is None or SERVER_AUTH in certificate.eku


@rule(
    "VAL007",
    "beyond-2050",
    "A certificate ends in 2050 or later",
    Severity.WARNING,
    sources=("CERT-15.5-loading", "RFC-5280"),
    symptoms=("beyond 2050", "GeneralizedTime"),
)
def beyond_2050(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a peer's certificate, or a CA above one, ends on 2050-01-01 or later.

    Why it matters:
    The certificate guide warns of operational trouble with dates beyond 2050. From 2050 on, dates in certificates are
    written in another form, which old programs misread.

    How to fix:
    Have it reissued with an earlier end.

    Example:
    A home-made root for a hundred years, not after 2126.
    """
    yield from case.unread()
    yield from unlisted(case)
    for peer, store, file in case.certificates:
        if file.leaf.not_after >= YEAR_2050:
            yield Found(
                Subject.certificate(peer, store),
                f"The {store} certificate of {show(peer.address)} ends on {file.leaf.not_after.date()}; ends from 2050"
                " on can cause trouble.",
                f"Have the {store} certificate of {show(peer.address)} reissued with an end before 2050.",
                file.where,
            )
    late = {
        located.certificate.sha256: located
        for trust, _ in lists(case)
        for located in trust.certificates
        if located.certificate.not_after >= YEAR_2050
    }
    leaves = {file.leaf.sha256 for _, _, file in case.certificates}
    hanging = [late[sha256] for sha256 in in_use(case) if sha256 in late and sha256 not in leaves] if late else []
    if hanging:
        ends = sorted(f"{show(ca.certificate.subject)} on {ca.certificate.not_after.date()}" for ca in hanging)
        yield Found(
            Subject.cluster(case.plan),
            f"CAs above the peers' certificates end in 2050 or later, which can cause trouble: {enumerated(ends)}.",
            "Replace each by one with an end before 2050, at the latest when it is renewed.",
            min(ca.where for ca in hanging),
        )
