"""VAL: the dates of the peers' certificates."""

from collections.abc import Iterator

from certplan.handshake.model import Cause
from certplan.names import show
from certplan.outcomes import Severity
from certplan.rules.handshakes import by_presenter, unchecked
from certplan.rules.model import Case, Found, Subject, Unchecked, rule

__all__ = ["expired", "not_yet_valid"]


@rule(
    "VAL001",
    "certificate-expired",
    "A peer's certificate has expired",
    Severity.ERROR,
    sources=("CG-15.4-form", "AG-15.5-clustering", "AG-15.5-alarms"),
    answers=[Cause.LAPSED],
    alarms=(40068,),
)
def expired(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each peer's certificate is still within its validity period at the time asked about.

    Why it matters:
    Enforce needs valid certificates: a peer whose certificate has lapsed is refused by all others. The appliance
    raises alarm 40068, `Server certificate validity`.

    How to fix:
    Renew the certificate. In a cluster that already enforces: load a new CA on all peers first, set Permissive, replace
    the certificates, restart the peers one at a time, then enforce again.

    Example:
    Not after 2026-05-31, judged on 2026-06-01.
    """
    yield from unchecked(case, Cause.CERTIFICATE_MISSING)
    for shared in by_presenter(case, Cause.LAPSED):
        peer = shared.peer
        yield Found(
            Subject.peer(peer),
            f"The {shared.step.store} certificate of {show(peer.address)} is refused: {shared.step.reason}.",
            f"Renew the {shared.step.store} certificate of {show(peer.address)}.",
            case.where(peer, f"{shared.step.store}_certificate"),
        )


@rule(
    "VAL002",
    "certificate-not-yet-valid",
    "A peer's certificate is not yet valid",
    Severity.ERROR,
    sources=("CG-15.4-form", "RFC-5280"),
    answers=[Cause.NOT_YET_VALID],
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
    yield from unchecked(case, Cause.CERTIFICATE_MISSING)
    for shared in by_presenter(case, Cause.NOT_YET_VALID):
        peer = shared.peer
        yield Found(
            Subject.peer(peer),
            f"The {shared.step.store} certificate of {show(peer.address)} is refused: {shared.step.reason}.",
            "Check the clocks of the peers and of the CA, then enforce once the certificate has begun.",
            case.where(peer, f"{shared.step.store}_certificate"),
        )
