"""TRU: does every peer trust the CAs of every other?"""

from collections.abc import Iterator, Sequence

from certplan.evidence.model import Missing, TrustList
from certplan.handshake.model import Cause, Store
from certplan.handshake.trust import name_key
from certplan.intent.cluster import is_factory_ca
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import Peer, Services
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.rules.support.handshakes import Shared, by_presenter, by_verifier, sentence, unchecked
from certplan.text.names import show

__all__ = [
    "ca_lapsed",
    "ca_may_not_sign",
    "chain_refused",
    "crl_lapsed",
    "crl_unusable",
    "intermediate_missing",
    "issuer_not_trusted",
    "other_ca_of_same_name",
    "revoked",
    "self_signed",
    "self_signed_trusted",
    "trust_list_missing",
]


_UNSEEN = (Cause.TRUST_LIST_MISSING, Cause.CERTIFICATE_MISSING, Cause.CLIENT_CERTIFICATE_MISSING)
"""Without these no chain can be judged."""


def _missing_ca(case: Case, shared: Shared, kind: str) -> Found:
    peer, issuer = shared.peer, show(shared.step.about)
    holders = _holders(case, shared.step.about)
    having = f" {', '.join(show(holder.address) for holder in holders)} {_has(holders)} it." if holders else ""
    return Found(
        Subject.peer(peer),
        f"The trusted CA list of {show(peer.address)} lacks the {kind} {issuer}, which stands above the certificate of"
        f" {shared.named_others}.{having}",
        f"Have a CA sign the certificate of {shared.named_others}; trust no temporary CA from the factory."
        if is_factory_ca(shared.step.about)
        else f"Append {issuer} to the trusted CA list of {show(peer.address)}.",
        case.where(peer, "trusted_cas"),
        about=shared.about,
    )


def _has(holders: Sequence[Peer]) -> str:
    return "has" if len(holders) == 1 else "have"


def _holders(case: Case, subject: str) -> tuple[Peer, ...]:
    """The peers in whose trusted CA lists a CA of that name stands."""
    return tuple(
        peer
        for peer, found in case.peers
        if isinstance(found.trust, TrustList)
        and any(name_key(ca.certificate.subject) == name_key(subject) for ca in found.trust.certificates)
    )


@rule(
    "TRU001",
    "issuer-not-trusted",
    "A peer does not trust the CA of another peer's certificate",
    Severity.ERROR,
    sources=("CG-15.4-form", "AG-15.5-security", "TA-213872"),
    answers=[Cause.ISSUER_NOT_TRUSTED],
    symptoms=(
        "sslv3 alert certificate unknown",
        "alert 46",
        "unknown CA",
        "certificate verify failed",
        "tlsv1 alert unknown ca",
        "alert 48",
        "unable to get local issuer certificate",
        "unable to verify the first certificate",
    ),
)
def issuer_not_trusted(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each peer's trusted CA list leads from every peer's certificate, its own included, to a root CA in it.

    Why it matters:
    Under Enforce the CA that signed a peer's certificate must be trusted by all other peers. The trusted CA list does
    not replicate: it has to be loaded on each peer by itself, and one peer left out breaks its links.

    How to fix:
    Append the CA certificate at `Maintenance > Security > Trusted CA certificate` on the peer that lacks it.

    Example:
    exe3 was set up later and has only the old root in its list; exe1 and exe2 carry certificates of the new one.
    """
    yield from unchecked(case, *_UNSEEN)
    for shared in by_verifier(case, Cause.ISSUER_NOT_TRUSTED):
        yield _missing_ca(case, shared, "CA")


@rule(
    "TRU002",
    "intermediate-missing",
    "An intermediate CA is missing between a certificate and its root",
    Severity.ERROR,
    sources=("AG-15.5-security", "TA-212475", "CG-15.4-reference"),
    answers=[Cause.INTERMEDIATE_MISSING],
    symptoms=(
        "unable to get local issuer certificate",
        "unable to verify the first certificate",
        "incomplete chain",
        "missing intermediate",
    ),
)
def intermediate_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each peer can build the chain from every peer's certificate to the root, out of its own trusted CA list and
    the intermediates the other peer sends.

    Why it matters:
    An Expressway sends an intermediate CA only when that intermediate is in its own trusted CA list. When neither side
    has it the chain has a gap, and trusting the root alone does not help.

    How to fix:
    Append the intermediate CA to the trusted CA list of every peer.

    Example:
    All peers have the root; only exe1 has the issuing CA, so only exe1's certificate is trusted everywhere.
    """
    yield from unchecked(case, *_UNSEEN)
    for shared in by_verifier(case, Cause.INTERMEDIATE_MISSING):
        yield _missing_ca(case, shared, "intermediate CA")


@rule(
    "TRU003",
    "self-signed-certificate",
    "A peer's certificate is self-signed and not trusted",
    Severity.ERROR,
    sources=("CG-15.4-form", "CERT-15.5-requirements", "TA-213872"),
    answers=[Cause.SELF_SIGNED],
    symptoms=("self signed certificate", "self-signed certificate", "temporary certificate"),
)
def self_signed(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a peer's certificate is signed by a CA rather than by itself.

    Why it matters:
    No peer trusts a certificate nobody vouches for, so Enforce cuts the peer off. The temporary certificate from the
    factory is of this kind, and Unified Communications features do not work with it either.

    How to fix:
    Generate a CSR on that peer, have a CA sign it, load the CA's chain on every peer and the certificate on that one.

    Example:
    exe2 still carries the certificate made when it was installed.
    """
    yield from unchecked(case, *_UNSEEN)
    for shared in by_presenter(case, Cause.SELF_SIGNED):
        peer = shared.peer
        yield Found(
            Subject.peer(peer),
            f"The {shared.step.store} certificate of {show(peer.address)} is self-signed ({show(shared.step.about)})"
            f" and not trusted by {shared.named_others}.",
            f"Have a CA that all peers trust sign a certificate for {show(peer.address)}, and load it there.",
            case.where_certificate(peer, shared.step.store),
            about=shared.about,
        )


@rule(
    "TRU004",
    "other-ca-of-same-name",
    "A trusted CA has the right name and another key",
    Severity.ERROR,
    sources=("CERT-15.5-loading", "TA-213872", "RFC-5280"),
    answers=[Cause.SAME_NAME_OTHER_KEY],
    symptoms=(
        "certificate signature failure",
        "certificate verify failed",
        "re-keyed CA",
        "authority and subject key identifier mismatch",
    ),
)
def other_ca_of_same_name(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the CA found under the issuer's name in a trusted CA list is the very one that signed the certificate.

    Why it matters:
    A CA that was renewed with a new key keeps its name. A list that holds only the old one, or both, can pick the
    wrong one: the appliance looks a CA up by its subject.

    How to fix:
    Append the CA certificate whose key signed the peer's certificate, and remove the one that is no longer used.

    Example:
    The company root was made anew in 2025 under the same name; exe2's list still has the one from 2015.
    """
    yield from unchecked(case, *_UNSEEN)
    for shared in by_verifier(case, Cause.SAME_NAME_OTHER_KEY):
        peer, issuer = shared.peer, show(shared.step.about)
        yield Found(
            Subject.peer(peer),
            f"The trusted CA list of {show(peer.address)} has a CA named {issuer}, but not the one whose key signed"
            f" the certificate of {shared.named_others}.",
            f"Append the {issuer} that signed it to the trusted CA list of {show(peer.address)}"
            " and remove the one that did not.",
            case.where(peer, "trusted_cas"),
            about=shared.about,
        )


@rule(
    "TRU005",
    "ca-may-not-sign",
    "A CA in the chain may not sign certificates",
    Severity.ERROR,
    sources=("CERT-15.5-loading", "RFC-5280"),
    answers=[Cause.NOT_A_CA],
    symptoms=("invalid CA certificate", "path length constraint exceeded", "BasicConstraints"),
)
def ca_may_not_sign(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether every CA between a certificate and its root says that it is one: basicConstraints, key usage, path length.

    Why it matters:
    CA certificates must carry the BasicConstraints extension; without it the chain is refused.

    How to fix:
    Have the CA reissued with basicConstraints CA:TRUE and key usage keyCertSign, and load the new one on every peer.

    Example:
    A home-made root from a script that left out the v3_ca section.
    """
    yield from unchecked(case, *_UNSEEN)
    for shared in by_verifier(case, Cause.NOT_A_CA):
        yield Found(
            Subject.peer(shared.peer),
            f"{shared.step.reason}.",
            f"Replace {show(shared.step.about)} by a certificate with basicConstraints CA:TRUE on every peer.",
            case.where(shared.peer, "trusted_cas"),
            about=shared.about,
        )


@rule(
    "TRU006",
    "ca-not-valid",
    "A CA in the chain has lapsed or is not yet valid",
    Severity.ERROR,
    sources=("CG-15.4-form", "AG-15.5-clustering", "RFC-5280"),
    answers=[Cause.CA_LAPSED, Cause.CA_NOT_YET_VALID],
    symptoms=("certificate has expired", "expired intermediate", "expired root"),
)
def ca_lapsed(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether every CA between a certificate and its root is within its validity period at the time asked about.

    Why it matters:
    A lapsed intermediate or root takes every certificate below it along, however long those are still valid.

    How to fix:
    Append the CA's renewed certificate to the trusted CA list of every peer.

    Example:
    The issuing CA ended on 2026-05-31; the peers' certificates run to 2027.
    """
    yield from unchecked(case, *_UNSEEN)
    for shared in by_verifier(case, Cause.CA_LAPSED, Cause.CA_NOT_YET_VALID):
        yield Found(
            Subject.peer(shared.peer),
            f"{shared.step.reason}.",
            f"Append the renewed {show(shared.step.about)} to the trusted CA list of {show(shared.peer.address)}.",
            case.where(shared.peer, "trusted_cas"),
            about=shared.about,
        )


@rule(
    "TRU007",
    "chain-refused",
    "A chain is refused for another reason",
    Severity.ERROR,
    sources=("CG-15.4-form", "RFC-5280"),
    answers=[Cause.CHAIN_REFUSED],
    symptoms=("certificate verify failed", "permitted subtree violation", "unhandled critical extension"),
)
def chain_refused(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether OpenSSL, on which the appliance is built, accepts the chain of every peer before every trusted CA list.

    Why it matters:
    A chain can break in ways that have no rule of their own, such as an unknown critical extension or a name
    constraint. OpenSSL's own words are given.

    How to fix:
    Show the CA the certificate and the reason named, and have it reissued.

    Example:
    A CA is limited by name constraints to another domain (permitted subtree violation).
    """
    yield from unchecked(case, *_UNSEEN)
    for shared in by_verifier(case, Cause.CHAIN_REFUSED):
        yield Found(
            Subject.peer(shared.peer),
            f"{shared.step.reason}.",
            f"Have {show(shared.step.about)} reissued without what OpenSSL objects to.",
            case.where(shared.peer, "trusted_cas"),
            about=shared.about,
        )


@rule(
    "TRU008",
    "trust-list-missing",
    "A peer's trusted CA list is not known",
    Severity.ERROR,
    sources=("AG-15.5-security", "CG-15.4-reference"),
    answers=[Cause.TRUST_LIST_MISSING],
    symptoms=("no trusted CA list given", "CA list unknown"),
)
def trust_list_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the plan gives a readable trusted CA list for every peer.

    Why it matters:
    The trusted CA list is each peer's own and does not replicate, so one peer's list says nothing of another's.
    Without it neither what the peer trusts nor which intermediates it sends can be told.

    How to fix:
    Save the list (`Maintenance > Security > Trusted CA certificate > Show all (PEM file)`) and name the file in the
    plan as `trusted_cas`.

    Example:
    exe3.example.com has no `trusted_cas` in the plan.
    """
    for peer, found in case.peers:
        if isinstance(found.trust, Missing):
            yield Unchecked(Subject.peer(peer), found.trust)


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
            f"Have {show(shared.step.about)} reissued with a new key, and load it on {show(shared.peer.address)}.",
            case.where_certificate(shared.peer, shared.step.store),
            about=shared.about,
        )


def _undecided_by_crl(case: Case) -> Iterator[Unchecked]:
    """What leaves open whether a CRL speaks of a certificate; nothing where no peer has a CRL."""
    yield from unchecked(case, Cause.CRL_UNUSABLE)
    if any(found.crls for _, found in case.peers):
        yield from unchecked(case, *_UNSEEN)


@rule(
    "TRU010",
    "crl-lapsed",
    "A CRL on a peer has lapsed",
    Severity.ERROR,
    sources=("CERT-15.5-crl",),
    confidence=Confidence.INFERRED,
    answers=[Cause.CRL_LAPSED],
    alarms=(40002, 40006),
    symptoms=("CRL has expired", "CRL update failed", "Unable to download CRL update"),
)
def crl_lapsed(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each CRL loaded on a peer is still current.

    Why it matters:
    When a CA's CRL on the appliance expires, all certificates of that CA are treated as revoked. Whether cluster links
    look at CRLs is not documented; a lapsed one is a risk not worth taking into a change window.

    How to fix:
    Load the CA's current CRL on the peer, or set up its automatic update.

    Example:
    A CRL uploaded by hand in March with a next update in April.
    """
    yield from _undecided_by_crl(case)
    for shared in by_verifier(case, Cause.CRL_LAPSED):
        yield Found(
            Subject.peer(shared.peer),
            sentence(shared.step),
            f"Load the current CRL of {show(shared.step.about)} on {show(shared.peer.address)}.",
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
    Whether every CRL the plan names can be read and bears the signature of the CA it speaks for.

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


@rule(
    "TRU019",
    "self-signed-certificate-trusted",
    "A peer's self-signed certificate is trusted by being in the lists",
    Severity.WARNING,
    sources=("CERT-15.5-requirements", "TA-213872"),
    symptoms=("self-signed certificate in trusted CA list",),
)
def self_signed_trusted(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a server certificate is self-signed although the other peers trust it, because it stands in their trusted
    CA lists.

    Why it matters:
    It passes between the peers, but Unified Communications services do not work with a self-signed server certificate;
    with MRA or XMPP federation in the plan this is an error. Every renewal has to be loaded on all peers by hand.

    How to fix:
    Generate a CSR on that peer, have a CA sign it, load the CA's chain on every peer and the certificate on that one.

    Example:
    A lab cluster whose three self-signed certificates were appended to all three lists, and that is now to serve MRA.
    """
    yield from case.unread()
    told = {shared.peer for shared in by_presenter(case, Cause.SELF_SIGNED) if shared.step.store is Store.SERVER}
    used = _unified_communications(case.plan.services)
    for peer, store, file in case.certificates:
        if store is Store.SERVER and file.leaf.self_signed and peer not in told:
            so = (
                f": {' and '.join(used)} will not work with it" if used else ", and Unified Communications needs a CA's"
            )
            yield Found(
                Subject.certificate(peer, store),
                f"The server certificate of {show(peer.address)} is self-signed ({show(file.leaf.subject)}){so}.",
                f"Have a CA that all peers trust sign a certificate for {show(peer.address)}, and load it there.",
                file.where,
                severity=Severity.ERROR if used else None,
            )


def _unified_communications(services: Services) -> list[str]:
    federation = services.xmpp_federation
    in_use = {
        "MRA": services.mra is not None and services.mra.domains,
        "XMPP federation": federation is not None and (federation.domains or federation.chat_node_aliases),
    }
    return [service for service, used in in_use.items() if used]
