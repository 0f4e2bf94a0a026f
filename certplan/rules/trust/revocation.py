"""TRU: what the CRLs on the peers say of the peers' certificates."""

from collections.abc import Iterator

from certplan.evidence.model import Missing
from certplan.handshake.model import Cause
from certplan.outcomes import Confidence, Severity
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.rules.support.handshakes import UNSEEN, by_presenter, by_verifier, sentence, unchecked
from certplan.text.names import show

__all__ = ["crl_expired", "crl_unusable", "revoked"]


@rule(
    "TRU009",
    "certificate-revoked",
    "A certificate has been revoked",
    Severity.ERROR,
    sources=("AG-15.5-clustering", "CERT-15.5-crl"),
    answers=[Cause.REVOKED],
    symptoms=("certificate revoked", "alert 44"),
)
def revoked(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a CRL loaded on a peer names another peer's certificate, or a CA above it.

    Why it matters:
    The administrator guide lists Enforce with revoked certificates among the reasons why a primary is unreachable.

    How to fix:
    Have the certificate reissued with a new key and load it on its peer.

    Example:
    exe2's certificate was revoked when its key was thought lost, and never replaced.
    """
    yield from _undecided_by_crl(case)
    for shared in by_presenter(case, Cause.REVOKED):
        yield Found(
            Subject.peer(shared.peer),
            sentence(shared.step),
            f"Have {show(shared.step.subject)} reissued with a new key, and load it on {show(shared.peer.address)}.",
            case.where_certificate(shared.peer, shared.step.store),
            about=shared.about,
        )


def _undecided_by_crl(case: Case) -> Iterator[Unchecked]:
    """What leaves open whether a CRL speaks of a certificate; nothing where no peer has a CRL."""
    yield from unchecked(case, Cause.CRL_UNUSABLE)
    if any(found.crls for _, found in case.peers):
        yield from unchecked(case, *UNSEEN)


@rule(
    "TRU010",
    "crl-lapsed",
    "A CRL on a peer has expired",
    Severity.ERROR,
    sources=("CERT-15.5-crl",),
    confidence=Confidence.INFERRED,
    answers=[Cause.CRL_EXPIRED],
    alarms=(40002, 40006),
    symptoms=("CRL has expired", "CRL update failed", "Unable to download CRL update"),
)
def crl_expired(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each CRL loaded on a peer is still current.

    Why it matters:
    When a CA's CRL on the appliance expires, all certificates of that CA are treated as revoked. Whether cluster links
    look at CRLs is not documented; an expired one is a risk not worth taking into a change window.

    How to fix:
    Load the CA's current CRL on the peer, or set up its automatic update.

    Example:
    A CRL uploaded by hand in March with a next update in April.
    """
    yield from _undecided_by_crl(case)
    for shared in by_verifier(case, Cause.CRL_EXPIRED):
        yield Found(
            Subject.peer(shared.peer),
            sentence(shared.step),
            f"Load the current CRL of {show(shared.step.subject)} on {show(shared.peer.address)}.",
            case.where(shared.peer, "crls"),
            about=shared.about,
        )


@rule(
    "TRU011",
    "crl-unusable",
    "A CRL cannot be used",
    Severity.ERROR,
    sources=("CERT-15.5-crl",),
    answers=[Cause.CRL_UNUSABLE],
    symptoms=("CRL cannot be read", "unable to get certificate CRL", "CRL signature failure"),
)
def crl_unusable(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether every CRL the plan names can be read and has the signature of its CA.

    Why it matters:
    A CRL that cannot be read or trusted says nothing, so whether a certificate is revoked stays open.

    How to fix:
    Fetch the CRL again from the address in the CA's certificates, and name that file in the plan.

    Example:
    The file named under `crls` is the HTML error page of a download that failed.
    """
    yield from (
        Unchecked(Subject.peer(peer), found.crls) for peer, found in case.peers if isinstance(found.crls, Missing)
    )
    yield from unchecked(case, Cause.CRL_UNUSABLE)
