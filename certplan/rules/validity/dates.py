"""VAL: the dates of the peers' certificates."""

from collections.abc import Iterator
from datetime import timedelta

from certplan.evidence.model import Certificate
from certplan.handshake.model import Cause, Store
from certplan.handshake.trust import expiry
from certplan.intent.dates import days_left
from certplan.outcomes import Severity
from certplan.plan.model import Peer
from certplan.rules.model import About, Case, Found, Subject, Unchecked, rule
from certplan.rules.support.chains import best_path, enumerated, later, listed_cas, pool, unlisted
from certplan.rules.support.handshakes import by_presenter, unchecked
from certplan.text.names import show
from certplan.text.words import counted

__all__ = [
    "client_certificate_expiring",
    "expired",
    "expires_after_its_ca",
    "expires_today",
    "expiring",
    "not_yet_valid",
    "renewals_together",
]

WARNING_DAYS = 21
"""How long before the end the appliance raises an alarm. The guides print the figure for the client certificate."""
AHEAD, TOGETHER = timedelta(days=60), timedelta(days=7)


@rule(
    "VAL001",
    "certificate-expired",
    "A peer's certificate has expired",
    Severity.ERROR,
    sources=("CG-15.4-form", "AG-15.5-clustering", "AG-15.5-alarms"),
    answers=[Cause.EXPIRED],
    alarms=(40068, 40078),
    symptoms=("certificate has expired", "alert certificate expired", "alert 45", "Server certificate has expired"),
)
def expired(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each peer's certificate is still within its validity period at the time asked about.

    Why it matters:
    Enforce needs valid certificates: a peer whose certificate has expired is refused by all others. The appliance
    raises alarm 40068, `Server certificate validity`, or 40078 for the client certificate of X15.5.

    How to fix:
    Renew the certificate. In a cluster that already enforces: load a new CA on all peers first, set Permissive, replace
    the certificates, restart the peers one at a time, then enforce again.

    Example:
    Not after 2026-05-31, judged on 2026-06-01.
    """
    yield from unchecked(case, Cause.CERTIFICATE_MISSING, Cause.CLIENT_CERTIFICATE_MISSING)
    for peer, store, leaf in _refused(case, Cause.EXPIRED):
        yield Found(
            Subject.peer(peer),
            f"The {store} certificate of {show(peer.address)} expired on {leaf.not_after.date()}, so every peer refuses"
            " it.",
            f"Renew the {store} certificate of {show(peer.address)}.",
            case.where_certificate(peer, store),
            alarms=(40068,) if store is Store.SERVER else (40078,),
            about=About(store=store),
        )


def _refused(case: Case, cause: Cause) -> Iterator[tuple[Peer, Store, Certificate]]:
    """The certificates that handshakes fail for by their dates, each once."""
    refused = {(shared.peer.number, shared.step.store) for shared in by_presenter(case, cause)}
    for peer, store, file in case.certificates if refused else ():
        if (peer.number, store) in refused:
            yield peer, store, file.leaf


@rule(
    "VAL002",
    "certificate-not-yet-valid",
    "A peer's certificate is not yet valid",
    Severity.ERROR,
    sources=("CG-15.4-form", "RFC-5280"),
    answers=[Cause.NOT_YET_VALID],
    symptoms=("certificate is not yet valid", "clock wrong", "NTP"),
)
def not_yet_valid(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the validity period of each peer's certificate has begun at the time asked about.

    Why it matters:
    A certificate from the future is refused as an expired one is. More often than not the clock is wrong: peers need
    a working NTP server before they may join a cluster.

    How to fix:
    Check NTP and the time zone on every peer and on the CA; else wait for the day it begins, or have it reissued.

    Example:
    Not before 2026-06-02 08:00 UTC, judged on 2026-06-01.
    """
    yield from unchecked(case, Cause.CERTIFICATE_MISSING, Cause.CLIENT_CERTIFICATE_MISSING)
    for peer, store, leaf in _refused(case, Cause.NOT_YET_VALID):
        yield Found(
            Subject.peer(peer),
            f"The {store} certificate of {show(peer.address)} is not valid before {leaf.not_before:%Y-%m-%d %H:%M:%S}"
            " UTC; every peer refuses it until then.",
            "Check the clocks of the peers and of the CA, then enforce once the certificate has begun.",
            case.where_certificate(peer, store),
            about=About(store=store),
        )


@rule(
    "VAL003",
    "certificate-expires-today",
    "A peer's server certificate expires today",
    Severity.ERROR,
    sources=("AG-15.5-alarms", "AG-15.0-alarms"),
    alarms=(40068,),
    symptoms=("expires today",),
)
def expires_today(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a server certificate that is still valid ends on the very day asked about (days are counted in UTC).

    Why it matters:
    Before the day is over every peer that enforces will refuse it. The appliance counts it as expired already: alarm
    40068, `Server certificate validity`, which is critical.

    How to fix:
    Renew it now, or leave TLS verification mode on Permissive (or set it back) until that is done.

    Example:
    Not after 2026-06-01 18:00 UTC, judged on 2026-06-01 at 08:00 UTC.
    """
    yield from case.unread()
    for peer, store, file in case.certificates:
        leaf = file.leaf
        if store is Store.SERVER and case.at < expiry(leaf) and days_left(leaf.not_after, case.at) == 0:
            yield Found(
                Subject.certificate(peer, store),
                f"The server certificate of {show(peer.address)} expires today, at {leaf.not_after:%H:%M:%S} UTC.",
                f"Renew the server certificate of {show(peer.address)} before anything else.",
                file.where,
            )


@rule(
    "VAL004",
    "certificate-expiring",
    "A peer's server certificate expires within 21 days",
    Severity.WARNING,
    sources=("AG-15.5-alarms", "CERT-15.5-managing"),
    alarms=(40069,),
    symptoms=("certificate is about to expire", "Server certificate is expiring"),
)
def expiring(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a server certificate ends within the next 21 days.

    Why it matters:
    Renewing takes a CA, a change window and a restart. The appliance raises alarm 40069, `Server certificate validity`,
    with the number of days that are left. Enforcing on a certificate about to end means a second window in weeks.

    How to fix:
    Renew it before Enforce is set. In a cluster that already enforces: load a new CA on all peers first, set
    Permissive, replace the certificates, restart the peers one at a time, then enforce again.

    Example:
    Not after 2026-06-13, judged on 2026-06-01: 12 days are left.
    """
    yield from case.unread()
    for peer, store, file in case.certificates:
        left = days_left(file.leaf.not_after, case.at)
        if store is Store.SERVER and 0 < left <= WARNING_DAYS:
            yield Found(
                Subject.certificate(peer, store),
                f"The server certificate of {show(peer.address)} expires in {counted(left, 'day')},"
                f" on {file.leaf.not_after.date()}.",
                f"Renew the server certificate of {show(peer.address)} before that day.",
                file.where,
            )


@rule(
    "VAL005",
    "client-certificate-expiring",
    "A peer's client certificate expires within 21 days",
    Severity.WARNING,
    sources=("AG-15.5-alarms", "AG-15.5-security"),
    since="X15.5",
    alarms=(40078, 40079),
    symptoms=(
        "Client certificate is expiring within the configured warning period",
        "client certificate about to expire",
    ),
)
def client_certificate_expiring(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the certificate in a peer's client store ends within the next 21 days, today included.

    Why it matters:
    From X15.5 the client certificate is renewed apart from the server certificate and easily forgotten: nothing that
    a browser shows mentions it. The appliance raises alarm 40079, `Client certificate expiring`, 21 days ahead.

    How to fix:
    Renew it at `Maintenance > Security > Client certificate`.

    Example:
    The server certificate was renewed in May; the client store still has the copy the upgrade made, until 2026-06-13.
    """
    yield from case.unread()
    for peer, store, file in case.certificates:
        left = days_left(file.leaf.not_after, case.at)
        if store is Store.CLIENT and case.at < expiry(file.leaf) and left <= WARNING_DAYS:
            when = f"in {counted(left, 'day')}, on {file.leaf.not_after.date()}" if left else "today"
            yield Found(
                Subject.certificate(peer, store),
                f"The client certificate of {show(peer.address)} expires {when}.",
                f"Renew the client certificate of {show(peer.address)} before it does.",
                file.where,
                severity=None if left else Severity.ERROR,
                alarms=(40079,) if left else (40078,),
            )


@rule(
    "VAL008",
    "renewals-together",
    "Several peers' certificates expire within the same week",
    Severity.NOTICE,
    sources=("CERT-15.5-managing", "CERT-15.5-loading"),
    symptoms=("certificates expire together", "one change window for renewals"),
)
def renewals_together(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the next certificate to expire does so within 60 days, and those of other peers within a week of it.

    Why it matters:
    A cluster that enforces loses one peer when one certificate expires, and all of them when all do. The renewals
    belong into one change window, since each needs TLS verification mode on Permissive and a restart of its peer.

    How to fix:
    Order all of them now and plan one window: new CAs on all peers, Permissive, the certificates, restarts one at a
    time, Enforce.

    Example:
    exe1 until 2026-07-10, exe2 and exe3 until 2026-07-12; today is 2026-06-01.
    """
    yield from case.unread()
    ending = [
        (file.leaf.not_after, peer, store)
        for peer, store, file in case.certificates
        if case.at < expiry(file.leaf) <= later(case.at, AHEAD)
    ]
    if not ending:
        return
    first = min(not_after for not_after, _, _ in ending)
    together = [each for each in ending if each[0] - first <= TOGETHER]
    if len({peer.number for _, peer, _ in together}) > 1:
        ends = sorted(f"{not_after.date()} {show(peer.address)} ({store})" for not_after, peer, store in together)
        yield Found(
            Subject.cluster(case.plan),
            f"Certificates of several peers expire within a week of each other: {enumerated(ends)}.",
            "Order all of them now and renew them in one change window.",
            case.plan.where("peers"),
            evidence=tuple(ends),
        )


@rule(
    "VAL009",
    "outlives-its-ca",
    "A CA above a peer's certificate expires before it does",
    Severity.NOTICE,
    sources=("RFC-5280", "CG-15.4-form"),
    symptoms=("CA expires before the certificate",),
)
def expires_after_its_ca(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether every CA above a peer's certificate, as far as the trusted CA lists have them, lasts as long as the
    certificate does. Of several certificates of one CA the longest counts.

    Why it matters:
    When the CA ends, the certificate is refused with it. Whoever watches the certificate's own date is taken by
    surprise, and on all peers at once.

    How to fix:
    Append the CA's renewed certificate in time; where the CA has been given a new key, plan to reissue the peers'
    certificates by then.

    Example:
    The certificate runs to 2027-05-31, the issuing CA above it to 2026-12-31.
    """
    yield from case.unread()
    yield from unlisted(case)
    files = [each for each in case.certificates if case.at < expiry(each[2].leaf)]
    last = max((file.leaf.not_after for _, _, file in files), default=case.at)
    if not any(ca.not_after < last for ca in listed_cas(case)):
        return
    index = pool(case)
    for peer, store, file in files:
        leaf = file.leaf
        ending = min(best_path(index, leaf, case.at), key=lambda ca: ca.not_after, default=leaf)
        # What ends sooner is reported by rules of its own: the CA has expired, or expires within 21 days.
        if later(case.at, timedelta(days=WARNING_DAYS)) < expiry(ending) and ending.not_after < leaf.not_after:
            yield Found(
                Subject.certificate(peer, store),
                f"The {store} certificate of {show(peer.address)} runs to {leaf.not_after.date()}, but the CA"
                f" {show(ending.subject)} above it only to {ending.not_after.date()}.",
                f"Append the renewed {show(ending.subject)} to every trusted CA list before {ending.not_after.date()}.",
                file.where,
            )
