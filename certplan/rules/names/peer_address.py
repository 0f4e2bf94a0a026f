"""NAM: the names a certificate carries, and the names peers and clients look for in it."""

from collections.abc import Iterator

from certplan.handshake.model import Cause, StepName
from certplan.outcomes import Confidence, Severity
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.rules.support.handshakes import Shared, by_presenter, sentence, unchecked
from certplan.text.names import is_fqdn, is_ip, show
from certplan.text.words import clauses

__all__ = [
    "certificate_names_unreadable",
    "peer_address_is_ip",
    "peer_address_not_fqdn",
    "peer_address_not_in_san",
    "peer_address_only_in_cn",
    "server_certificate_missing",
]


@rule(
    "NAM001",
    "peer-address-not-in-san",
    "A peer's address is not among the SANs of its certificate",
    Severity.ERROR,
    sources=("CG-15.4-fqdn", "CG-15.4-form"),
    answers=[Cause.NAME_NOT_IN_SAN],
    symptoms=(
        "Certificate: Invalid (Common Name in certificate does not match)",
        "Common Name in certificate does not match",
        "hostname mismatch",
        "certificate name mismatch",
    ),
)
def peer_address_not_in_san(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the FQDN typed as `Peer N address` is one of the subject alternative names of that peer's certificate.

    Why it matters:
    Under Enforce every peer looks for that name in the certificate it is shown. A peer whose certificate is without it
    shows `Certificate: Invalid (Common Name in certificate does not match)` and is cut off from the cluster.

    How to fix:
    Reissue the certificate with the peer's FQDN among its SANs, or change `Peer N address` to a name it has.

    Example:
    `Peer 2 address` is exe2.example.com; the certificate has exe2.exmaple.com.
    """
    yield from unchecked(case, Cause.CERTIFICATE_MISSING)
    for shared in by_presenter(case, Cause.NAME_NOT_IN_SAN):
        yield _without_san(case, shared, shared.step.confidence)


def _without_san(case: Case, shared: Shared, confidence: Confidence | None = None) -> Found:
    """A certificate that is missing its peer's address among its SANs."""
    peer, store = shared.peer, shared.step.store
    return Found(
        Subject.peer(peer),
        sentence(shared.step),
        f"Reissue the {store} certificate of {show(peer.address)} with the SAN {show(peer.address)}.",
        case.where_certificate(peer, store),
        confidence=confidence,
        about=shared.about,
    )


@rule(
    "NAM002",
    "peer-address-only-in-cn",
    "A peer's address is in the CN of its certificate, but not among the SANs",
    Severity.WARNING,
    sources=("CG-15.4-form", "CG-15.4-fqdn"),
    confidence=Confidence.CONFLICTING,
    answers=[Cause.NAME_ONLY_IN_CN],
    symptoms=("only in CN", "subject alternative name missing", "CN match without SAN"),
)
def peer_address_only_in_cn(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the FQDN typed as `Peer N address` is in the certificate only as its common name.

    Why it matters:
    The text on forming a cluster accepts a match in the CN or a SAN; the texts on enforcing TLS verification ask for
    the SAN. Which one the appliance follows is not documented, so a match in the CN alone may not survive Enforce.

    How to fix:
    Reissue the certificate with the CN repeated among its SANs.

    Example:
    CN exe2.example.com, SANs expe.example.com and example.com.
    """
    yield from unchecked(case, Cause.CERTIFICATE_MISSING)
    for shared in by_presenter(case, Cause.NAME_ONLY_IN_CN):
        yield _without_san(case, shared)


@rule(
    "NAM003",
    "peer-address-is-ip",
    "A peer address is an IP address",
    Severity.ERROR,
    sources=("CG-15.4-form", "CG-15.4-fqdn", "CG-15.4-reference"),
    answers=[Cause.ADDRESS_IS_IP],
    symptoms=(
        "cluster formed on IP addresses",
        "peer IP address instead of FQDN",
        "Certificate: Invalid (Common Name in certificate does not match)",
    ),
)
def peer_address_is_ip(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each `Peer N address` is an FQDN.

    Why it matters:
    A cluster formed on IP addresses works in Permissive, and its `Certificate: Invalid` lines are then harmless.
    Enforce compares FQDNs with the certificates, which carry no IP addresses, so such a peer is refused.

    How to fix:
    Change the peer addresses to FQDNs before Enforce, one at a time: the same field on every peer, then restart the
    peer it names. On an Expressway-E with two NICs or static NAT, set the cluster address mapping first.

    Example:
    `Peer 1 address` is 10.20.0.11, the certificate names exe1.example.com.
    """
    # The plan alone says it: no handshake does where the certificate is not known.
    for peer in case.plan.peers:
        if is_ip(peer.address):
            name = show(peer.fqdn) if peer.fqdn else "its FQDN"
            yield Found(
                Subject.peer(peer),
                f"Peer {peer.number} address is an IP address ({peer.address}), and Enforce compares FQDNs.",
                f"Change Peer {peer.number} address to {name} on every peer and restart that peer,"
                " before setting Enforce.",
                case.where(peer, "address"),
            )


@rule(
    "NAM004",
    "peer-address-not-fqdn",
    "A peer address is not a fully qualified domain name",
    Severity.ERROR,
    sources=("AG-15.5-clustering", "CERT-15.5-loading"),
    answers=[Cause.ADDRESS_NOT_FQDN],
    symptoms=("short host name as peer address", "Peer N address without domain", "Invalid peer address"),
)
def peer_address_not_fqdn(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each `Peer N address` that is a name is a fully qualified one: two levels or more of letters, digits and
    hyphens, no wildcard, no underscore.

    Why it matters:
    A certificate cannot carry any other name: the appliance refuses a SAN that is a bare host name
    (`Subject alternative name must be a valid FQDN`), so Enforce has nothing to compare.

    How to fix:
    Change the peer address to the peer's FQDN, its system host name and domain name together.

    Example:
    `Peer 2 address` is exe2, where exe2.example.com is meant.
    """
    for peer in case.plan.peers:
        if not is_ip(peer.address) and not is_fqdn(peer.address):
            better = f", {show(peer.fqdn)}" if peer.fqdn and is_fqdn(peer.fqdn) else ""
            yield Found(
                Subject.peer(peer),
                f"Peer {peer.number} address {show(peer.address)} is not a fully qualified domain name.",
                f"Change Peer {peer.number} address to the peer's FQDN{better}.",
                case.where(peer, "address"),
            )


@rule(
    "NAM005",
    "certificate-names-unreadable",
    "The names in a certificate cannot be read",
    Severity.ERROR,
    sources=("RFC-5280",),
    answers=[Cause.CERTIFICATE_UNREADABLE],
    symptoms=("certificate cannot be parsed", "unreadable SAN extension"),
)
def certificate_names_unreadable(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the extensions of each certificate, the SANs and the extended key usage among them, can be read.

    Why it matters:
    A certificate with a malformed extension cannot be judged, and other programs may refuse it outright.

    How to fix:
    Have the certificate reissued; show the CA the defect that is named.

    Example:
    The subject alternative name extension breaks off in the middle of a name.
    """
    for peer, store, file in case.certificates:
        if file.leaf.sans is None:
            yield Found(
                Subject.certificate(peer, store),
                f"The {store} certificate of {show(peer.address)} cannot be read whole:"
                f" {show(clauses(file.leaf.defects), 200)}.",
                f"Have the {store} certificate of {show(peer.address)} reissued.",
                file.where,
            )
    for shared in by_presenter(case, Cause.CERTIFICATE_UNREADABLE):
        if shared.step.name is StepName.ROLE and shared.step.subject:
            yield Found(
                Subject.peer(shared.peer),
                sentence(shared.step),
                f"Have the CA {show(shared.step.subject)} reissued, and load the new certificate on every peer.",
                case.where_certificate(shared.peer, shared.step.store),
                about=shared.about,
            )


@rule(
    "NAM006",
    "server-certificate-missing",
    "A peer's server certificate is not known",
    Severity.ERROR,
    sources=("CG-15.4-requirements",),
    answers=[Cause.CERTIFICATE_MISSING],
    symptoms=("no server certificate given", "server certificate file not found"),
)
def server_certificate_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the plan gives a readable server certificate for every peer.

    Why it matters:
    Each peer needs a certificate of its own, in Permissive as well as in Enforce. Without the file nothing can be
    said of its names, its CA or its dates, and the verdict stays undecided.

    How to fix:
    Save the certificate (`Maintenance > Security > Server certificate > Show (PEM file)`) and name the file in the
    plan as `server_certificate`.

    Example:
    exe2.example.com has no `server_certificate` in the plan.
    """
    yield from unchecked(case, Cause.CERTIFICATE_MISSING)
