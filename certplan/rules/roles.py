"""EKU: may the certificates be used for what the peers use them for?"""

from collections.abc import Iterator

from certplan.handshake.model import Cause
from certplan.names import show
from certplan.outcomes import Confidence, Severity
from certplan.rules.handshakes import by_presenter, sentence, unchecked
from certplan.rules.model import Case, Found, Subject, Unchecked, rule

__all__ = ["ca_role_missing", "client_certificate_missing", "client_role_missing", "server_role_missing"]


@rule(
    "EKU001",
    "server-role-missing",
    "A peer's certificate may not be used as a server's",
    Severity.ERROR,
    sources=("CERT-15.5-csr", "TA-225693"),
    answers=[Cause.SERVER_ROLE_MISSING],
)
def server_role_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each peer's server certificate allows serverAuth: by its extended key usage, or by having none, and by its
    key usage where it has one.

    Why it matters:
    A peer answers the others' TLS connections with this certificate; one that is not for servers is refused.

    How to fix:
    Reissue it with the extended key usage serverAuth (and clientAuth, where the release asks for it).

    Example:
    A certificate ordered from a template for clients, with clientAuth alone.
    """
    yield from unchecked(case, Cause.CERTIFICATE_MISSING)
    for shared in by_presenter(case, Cause.SERVER_ROLE_MISSING):
        peer = shared.peer
        yield Found(
            Subject.peer(peer),
            sentence(shared.step),
            f"Reissue the {shared.step.store} certificate of {show(peer.address)} with serverAuth.",
            case.where(peer, f"{shared.step.store}_certificate"),
            confidence=shared.step.confidence,
        )


@rule(
    "EKU002",
    "client-role-missing",
    "A peer's certificate may not be used as a client's",
    Severity.ERROR,
    sources=("TA-225482", "TA-225693"),
    answers=[Cause.CLIENT_ROLE_MISSING],
)
def client_role_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the certificate a peer shows when it dials allows clientAuth: until X15.3 its only certificate, from X15.5
    that of the client store. X15.4 does not look for clientAuth on cluster links.

    Why it matters:
    Cluster links are mutual TLS. Public CAs are giving up clientAuth in 2026 and 2027, so a renewal that looks like
    the one before can take an enforced cluster apart.

    How to fix:
    Order the certificate with serverAuth and clientAuth from a CA that still issues both (a private one does), or
    upgrade the whole cluster to X15.4 or later, or stay on Permissive.

    Example:
    X14.3.4, renewed at a public CA in May: the extended key usage is serverAuth alone.
    """
    yield from unchecked(case, Cause.CERTIFICATE_MISSING)
    for shared in by_presenter(case, Cause.CLIENT_ROLE_MISSING):
        peer = shared.peer
        yield Found(
            Subject.peer(peer),
            sentence(shared.step),
            f"Reissue the {shared.step.store} certificate of {show(peer.address)} with clientAuth"
            f"{', or upgrade the cluster to X15.4 or later' if shared.step.store == 'server' else ''}.",
            case.where(peer, f"{shared.step.store}_certificate"),
            confidence=shared.step.confidence,
        )


@rule(
    "EKU003",
    "ca-role-missing",
    "A CA above a peer's certificate is limited to another use",
    Severity.ERROR,
    sources=("CHROME-1.8", "TA-225482"),
    confidence=Confidence.INFERRED,
    answers=[Cause.CA_ROLE_MISSING],
)
def ca_role_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether every CA in the chain that carries an extended key usage allows the role the certificate is used in.

    Why it matters:
    OpenSSL, on which the appliance is built, applies the extended key usage of a CA to all that it signs: a
    certificate with clientAuth below an intermediate limited to serverAuth is refused as a client. New public
    intermediates are limited in this way.

    How to fix:
    Have the certificate issued below a CA without that limit.

    Example:
    The leaf has serverAuth and clientAuth, its issuing CA serverAuth alone.
    """
    yield from unchecked(case, Cause.CERTIFICATE_MISSING)
    for shared in by_presenter(case, Cause.CA_ROLE_MISSING):
        peer = shared.peer
        yield Found(
            Subject.peer(peer),
            sentence(shared.step),
            f"Have the {shared.step.store} certificate of {show(peer.address)} issued below a CA without that limit.",
            case.where(peer, f"{shared.step.store}_certificate"),
        )


@rule(
    "EKU004",
    "client-certificate-missing",
    "A peer's client certificate is not known",
    Severity.ERROR,
    sources=("AG-15.5-security", "TA-225693"),
    confidence=Confidence.INFERRED,
    since="X15.5",
    answers=[Cause.CLIENT_CERTIFICATE_MISSING],
)
def client_certificate_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the plan gives the client certificate of every peer on X15.5 or later.

    Why it matters:
    From X15.5 a peer shows the certificate of its client store when it is the one that dials. The upgrade copies the
    server certificate into that store once; after that the two are renewed apart, so one says nothing of the other.

    How to fix:
    Save the certificate (`Maintenance > Security > Client certificate`) and name the file in the plan as
    `client_certificate`. Where the store still has the copy, name the server certificate's file.

    Example:
    exe2.example.com on X15.5 with `server_certificate` alone.
    """
    yield from unchecked(case, Cause.CLIENT_CERTIFICATE_MISSING)
