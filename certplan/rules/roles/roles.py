"""EKU: may the certificates be used for what the peers use them for?"""

from collections.abc import Iterator

from certplan.evidence.model import Certificate
from certplan.handshake.credentials import CLIENT_AUTH, SERVER_AUTH, allows
from certplan.handshake.model import Cause, Store
from certplan.intent.stated import peer_list
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import ClusterType
from certplan.rules.model import About, Case, Found, Subject, Unchecked, rule
from certplan.rules.support.chains import best_path, pool, unlisted
from certplan.rules.support.handshakes import by_presenter, sentence, unchecked
from certplan.text.names import show
from certplan.text.words import listed
from certplan.vendor.releases import CLIENT_ROLE_UNCHECKED_FROM, TWO_STORES_FROM

__all__ = [
    "ca_excludes_client_role",
    "ca_role_missing",
    "client_certificate_missing",
    "client_role_missing",
    "client_store_unknown",
    "server_only_on_c",
    "server_only_on_e",
    "server_role_missing",
]


@rule(
    "EKU001",
    "server-role-missing",
    "A peer's certificate may not be used as a server's",
    Severity.ERROR,
    sources=("CERT-15.5-csr", "TA-225693"),
    answers=[Cause.SERVER_ROLE_MISSING],
    symptoms=(
        "unsupported certificate purpose",
        "unsuitable certificate purpose",
        "serverAuth missing",
        "TLS Web Server Authentication",
    ),
)
def server_role_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each peer's server certificate allows serverAuth: by its extended key usage, or by having none, and by its
    key usage and its Netscape certificate type where it has one.

    Why it matters:
    A peer answers the others' TLS connections with this certificate; one that is not for servers is refused.
    anyExtendedKeyUsage does not count as serverAuth: OpenSSL, on which the appliance is built, requires the role
    itself.

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
            case.where_certificate(peer, shared.step.store),
            confidence=shared.step.confidence,
            about=shared.about,
        )


@rule(
    "EKU002",
    "client-role-missing",
    "A peer's certificate may not be used as a client's",
    Severity.ERROR,
    sources=("TA-225482",),
    answers=[Cause.CLIENT_ROLE_MISSING],
    symptoms=(
        "sslv3 alert certificate unknown",
        "alert 46",
        "no certificate returned",
        "peer did not return a certificate",
        "unsupported certificate purpose",
        "unsuitable certificate purpose",
        "clientAuth missing",
        "Client Auth EKU",
        "TLS Web Client Authentication",
        "alert 43",
    ),
)
def client_role_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Before X15.4: whether each peer's certificate allows clientAuth, by its extended key usage, its Netscape certificate
    type and its key usage. From X15.4 on clientAuth is not looked for on cluster links.

    Why it matters:
    Cluster links are mutual TLS. Public CAs are dropping clientAuth in 2026 and 2027, so a renewal that looks like
    the one before can break an enforced cluster. The upload page refuses such a certificate as well, and MRA
    registrations fail with it.

    How to fix:
    Upgrade the whole cluster to X15.4 or later, or have the certificate issued with serverAuth and clientAuth by a CA
    that still issues both (a private one does), or stay on Permissive until then.

    Example:
    X14.3.4, renewed at a public CA in May: the extended key usage is serverAuth alone.
    """
    yield from unchecked(case, Cause.CERTIFICATE_MISSING)
    for shared in by_presenter(case, Cause.CLIENT_ROLE_MISSING):
        peer, store = shared.peer, shared.step.store
        by_usage = shared.step.certificate is not None and not allows(shared.step.certificate, CLIENT_AUTH)
        refused = f" The upload page of {peer.release} refuses such a certificate too." if by_usage else ""
        yield Found(
            Subject.peer(peer),
            f"{sentence(shared.step)}{refused}",
            f"Upgrade the cluster to {CLIENT_ROLE_UNCHECKED_FROM} or later, or have the {store} certificate of"
            f" {show(peer.address)} issued with serverAuth and clientAuth by a CA that still issues both, or stay on"
            " Permissive.",
            case.where_certificate(peer, store),
            confidence=shared.step.confidence,
            about=shared.about,
        )


@rule(
    "EKU003",
    "ca-role-missing",
    "A CA above a peer's certificate is limited to another use",
    Severity.ERROR,
    sources=("CHROME-1.8", "TA-225482"),
    confidence=Confidence.INFERRED,
    answers=[Cause.CA_ROLE_MISSING],
    symptoms=("unsupported certificate purpose", "CA limited to serverAuth", "EKU nesting"),
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
    yield from unchecked(case, Cause.TRUST_LIST_MISSING, Cause.CERTIFICATE_MISSING, Cause.CLIENT_CERTIFICATE_MISSING)
    for shared in by_presenter(case, Cause.CA_ROLE_MISSING):
        peer = shared.peer
        yield Found(
            Subject.peer(peer),
            sentence(shared.step),
            f"Have the {shared.step.store} certificate of {show(peer.address)} issued below a CA without that limit.",
            case.where_certificate(peer, shared.step.store),
            about=shared.about,
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
    symptoms=("client certificate store", "no client certificate given"),
)
def client_certificate_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the plan gives the client certificate of every peer on X15.5 or later.

    Why it matters:
    From X15.5 a peer shows the certificate of its client store when it is the one that connects. The upgrade copies the
    server certificate into that store once; after that the two are renewed apart, so one says nothing of the other.

    How to fix:
    Save the certificate (`Maintenance > Security > Client certificate`) and name the file in the plan as
    `client_certificate`. Where the store still has the copy, name the server certificate's file.

    Example:
    exe2.example.com on X15.5 with `server_certificate` alone.
    """
    yield from unchecked(case, Cause.CLIENT_CERTIFICATE_MISSING)


@rule(
    "EKU005",
    "server-only-on-e",
    "An X15.4 Expressway-E takes a certificate for servers alone only by a switch",
    Severity.WARNING,
    sources=("TA-225482",),
    only=ClusterType.EXPRESSWAY_E,
    since="X15.4",
    until="X15.5",
    symptoms=("EnableServerEkuUpload", "certificate with serverAuth only refused at upload"),
)
def server_only_on_e(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    On X15.4: whether the server certificate of each Expressway-E has clientAuth beside serverAuth.

    Why it matters:
    X15.4 no longer looks for clientAuth on cluster links, so Enforce works without. But the upload page refuses such
    a certificate until a switch is set from the command line, and neighbor zones with TLS verification still want
    clientAuth. Expressway-C and Expressway-E have to run the same release for this to work.

    How to fix:
    Before the upload: xConfiguration XCP TLS Certificate CVS EnableServerEkuUpload: On. Or upgrade both clusters to
    X15.5, which has a store of its own for the client certificate.

    Example:
    X15.4.1, renewed at a public CA in 2027: the extended key usage is serverAuth alone.
    """
    yield from case.unread()
    found = [
        (peer, file) for peer, store, file in case.certificates if store is Store.SERVER and _server_only(file.leaf)
    ]
    if found:
        peers = [peer for peer, _ in found]
        yield Found(
            Subject.several(case.plan, peers, Store.SERVER),
            f"The server certificate of {peer_list(peers)} has serverAuth without clientAuth, which {peers[0].release}"
            " takes only once its switch is on; neighbor zones with TLS verification still want clientAuth.",
            f"On {peer_list(peers)}: xConfiguration XCP TLS Certificate CVS EnableServerEkuUpload: On.",
            found[0][1].where,
            evidence=tuple(str(file.where) for _, file in found[1:]),
        )


def _server_only(leaf: Certificate) -> bool:
    return leaf.eku is not None and SERVER_AUTH in leaf.eku and CLIENT_AUTH not in leaf.eku


@rule(
    "EKU006",
    "server-only-on-c",
    "An X15.4 Expressway-C takes no certificate for servers alone",
    Severity.ERROR,
    sources=("TA-225482",),
    only=ClusterType.EXPRESSWAY_C,
    since="X15.4",
    until="X15.5",
    symptoms=("certificate with serverAuth only refused at upload", "Expressway-C needs clientAuth"),
)
def server_only_on_c(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    On X15.4: whether the server certificate of each Expressway-C has clientAuth beside serverAuth.

    Why it matters:
    Cluster links do without clientAuth from X15.4 on, but the Expressway-C is the TLS client of the traversal zone and
    still needs both usages: its upload page refuses a certificate with serverAuth alone. The switch that X15.4 has for
    this is for the Expressway-E only.

    How to fix:
    Have the Expressway-C's certificate issued with both by a private CA, or upgrade to X15.5, where only the client
    certificate needs clientAuth.

    Example:
    exc1 on X15.4 with a public certificate of 2027.
    """
    yield from case.unread()
    for peer, store, file in case.certificates:
        if store is Store.SERVER and _server_only(file.leaf):
            yield Found(
                Subject.certificate(peer, store),
                f"The server certificate of {show(peer.address)} has serverAuth without clientAuth; an Expressway-C on"
                f" {peer.release} needs both and refuses the upload.",
                f"Reissue the server certificate of {show(peer.address)} with serverAuth and clientAuth, or upgrade to"
                " X15.5.",
                file.where,
                about=About(store=store),
            )


@rule(
    "EKU007",
    "ca-voids-client-role",
    "A CA takes clientAuth away from a certificate that has it",
    Severity.WARNING,
    sources=("TA-225482", "CHROME-1.8"),
    confidence=Confidence.INFERRED,
    since="X15.4",
    until="X15.5",
    symptoms=("intermediate without clientAuth", "neighbor zone refuses the certificate"),
)
def ca_excludes_client_role(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    On X15.4, whose cluster links no longer look for clientAuth: whether a CA above a server certificate with clientAuth
    is itself limited to other uses. On other releases the handshake between the peers shows it.

    Why it matters:
    OpenSSL, on which the appliance is built, applies the extended key usage of a CA to all that it signs. The cluster
    does not notice, but zones with TLS verification, where the peer is the client, do. Public intermediates disclosed
    since June 2026 are limited in this way.

    How to fix:
    Have the certificate issued below a CA without that limit.

    Example:
    The certificate has serverAuth and clientAuth, its issuing CA serverAuth alone.
    """
    yield from case.unread()
    yield from unlisted(case)
    index = pool(case)
    for peer, store, file in case.certificates:
        leaf = file.leaf
        if store is not Store.SERVER or not _allows_clients(leaf):
            continue
        limited = [ca for ca in best_path(index, leaf, case.at) if not _allows_clients(ca)]
        if limited:
            yield Found(
                Subject.certificate(peer, store),
                f"The server certificate of {show(peer.address)} allows clientAuth, but the CA"
                f" {show(limited[0].subject)} above it is limited to {show(listed(limited[0].eku or ()))}.",
                f"Have the server certificate of {show(peer.address)} issued below a CA without that limit.",
                file.where,
                about=About(store=store),
            )


def _allows_clients(certificate: Certificate) -> bool:
    return certificate.eku is None or CLIENT_AUTH in certificate.eku


@rule(
    "EKU009",
    "client-store-unknown",
    "The plan names a client certificate for a release without a client store",
    Severity.NOTICE,
    sources=("AG-15.5-security", "TA-225693"),
    until="X15.5",
    symptoms=("client certificate before X15.5",),
)
def client_store_unknown(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the plan gives a `client_certificate` for a peer before X15.5.

    Why it matters:
    Until X15.4 a peer has one certificate and shows it whether it answers or connects, so what the plan says of a
    second one has no bearing. It may be a sign that the release in the plan is not the one that runs.

    How to fix:
    Correct the release, or leave `client_certificate` out until the upgrade to X15.5.

    Example:
    `release: X14.3.4` and a `client_certificate` for exe1.
    """
    for peer in case.plan.peers:
        if peer.client_certificate is not None and peer.release < TWO_STORES_FROM:
            yield Found(
                Subject.peer(peer),
                f"The plan names a client certificate for {show(peer.address)}, but {peer.release} has no store for it:"
                " only the server certificate is used.",
                "Correct the release, or leave client_certificate out until the upgrade to X15.5.",
                case.where(peer, "client_certificate"),
            )
