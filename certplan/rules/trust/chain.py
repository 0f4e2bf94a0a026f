"""TRU: does every peer trust the CAs of every other?"""

from collections.abc import Iterator, Sequence

from certplan.evidence.model import Certificate, Missing
from certplan.handshake.chains import TrustIndex, expiry, self_signed
from certplan.handshake.model import Cause
from certplan.intent.cluster import is_factory_ca
from certplan.outcomes import Severity
from certplan.plan.model import Peer
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.rules.support.chains import pool
from certplan.rules.support.handshakes import UNSEEN, Shared, by_verifier, unchecked
from certplan.text.names import show, show_all

__all__ = [
    "ca_expired",
    "ca_may_not_sign",
    "chain_refused",
    "intermediate_missing",
    "issuer_not_trusted",
    "trust_list_missing",
]


def _missing_ca(case: Case, shared: Shared, kind: str) -> Found:
    peer, ca = shared.peer, shared.step.ca
    issuer, holders = show(shared.step.subject), () if ca is None else ca.holders
    having = f" {show_all(holder.address for holder in holders)} {_has(holders)} it." if holders else ""
    return Found(
        Subject.peer(peer),
        f"The trusted CA list of {show(peer.address)} is missing the {kind} {issuer}, which the certificate of"
        f" {shared.named_others} needs in its chain.{having}",
        f"Have a CA sign the certificate of {shared.named_others}; trust no temporary CA from the factory."
        if is_factory_ca(shared.step.subject)
        else f"Append {issuer} to the trusted CA list of {show(peer.address)}.",
        case.where(peer, "trusted_cas"),
        about=shared.about,
    )


def _has(holders: Sequence[Peer]) -> str:
    return "has" if len(holders) == 1 else "have"


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
    Append the CA certificate at `Maintenance > Security > Trusted CA certificate` on the peer that is missing it.

    Example:
    exe3 was set up later and has only the old root in its list; exe1 and exe2 carry certificates of the new one.
    """
    yield from unchecked(case, *UNSEEN)
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
    has it the chain has a gap, and trusting the root alone does not help. And once a peer has found a CA of the chain
    in its own list, it looks for the next one in that list alone: what the other peer sends does not count any more.

    How to fix:
    Append the intermediate CA to the trusted CA list of every peer.

    Example:
    All peers have the root; only exe1 has the issuing CA, so only exe1's certificate is trusted everywhere.
    """
    yield from unchecked(case, *UNSEEN)
    for shared in by_verifier(case, Cause.INTERMEDIATE_MISSING):
        yield _missing_ca(case, shared, "intermediate CA")


@rule(
    "TRU005",
    "ca-may-not-sign",
    "A CA in the chain may not sign certificates",
    Severity.ERROR,
    sources=("CERT-15.5-loading", "RFC-5280"),
    answers=[Cause.NOT_A_CA, Cause.MAY_NOT_SIGN, Cause.PATH_TOO_LONG],
    symptoms=("invalid CA certificate", "path length constraint exceeded", "BasicConstraints"),
)
def ca_may_not_sign(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether every CA between a certificate and its root says that it is one: basicConstraints, key usage, path length.

    Why it matters:
    CA certificates must carry the BasicConstraints extension; without it the chain is refused. A key usage without
    keyCertSign forbids to sign certificates, and a path length limits how many CAs may follow.

    How to fix:
    Have the CA reissued with basicConstraints CA:TRUE and key usage keyCertSign, and load the new one on every peer.
    Where the path is too long, have the certificate issued by a CA nearer to the root.

    Example:
    A home-made root from a script that left out the v3_ca section.
    """
    yield from unchecked(case, *UNSEEN)
    for shared in by_verifier(case, Cause.NOT_A_CA, Cause.MAY_NOT_SIGN, Cause.PATH_TOO_LONG):
        subject = show(shared.step.subject)
        match shared.step.cause:
            case Cause.MAY_NOT_SIGN:
                fix = f"Have {subject} reissued with key usage keyCertSign, and load the new certificate on every peer."
            case Cause.PATH_TOO_LONG:
                fix = (
                    f"Have the certificate of {shared.named_others} issued by a CA nearer to {subject}, or {subject}"
                    " reissued with a greater path length."
                )
            case _:
                fix = f"Replace {subject} by a certificate with basicConstraints CA:TRUE on every peer."
        yield Found(
            Subject.peer(shared.peer),
            f"{shared.step.reason}.",
            fix,
            case.where(shared.peer, "trusted_cas"),
            about=shared.about,
        )


@rule(
    "TRU006",
    "ca-not-valid",
    "A CA in the chain has expired or is not yet valid",
    Severity.ERROR,
    sources=("CG-15.4-form", "AG-15.5-clustering", "RFC-5280"),
    answers=[Cause.CA_EXPIRED, Cause.CA_NOT_YET_VALID],
    symptoms=("certificate has expired", "expired intermediate", "expired root"),
)
def ca_expired(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether every CA between a certificate and its root is within its validity period at the time asked about.

    Why it matters:
    An expired intermediate or root makes every certificate below it invalid, however long those are still valid.

    How to fix:
    Append the CA's current certificate to the trusted CA list of every peer, where the CA has one with the same key.
    Where an expired root signed a CA that is a root of its own by now, load that root and remove the expired one.

    Example:
    The issuing CA ended on 2026-05-31; the peers' certificates run to 2027.
    """
    yield from unchecked(case, *UNSEEN)
    for shared in by_verifier(case, Cause.CA_EXPIRED, Cause.CA_NOT_YET_VALID):
        yield Found(
            Subject.peer(shared.peer),
            f"{shared.step.reason}.",
            _instead(case, shared) if shared.step.cause is Cause.CA_EXPIRED else _until_it_begins(shared),
            case.where(shared.peer, "trusted_cas"),
            about=shared.about,
        )


def _until_it_begins(shared: Shared) -> str:
    return f"Check the clocks; keep an earlier certificate of {show(shared.step.subject)} in the lists until then."


def _instead(case: Case, shared: Shared) -> str:
    """What to load in place of an expired CA: what a list has, or what the CA may have; never one that is made up."""
    expired, owner = shared.step.certificate, show(shared.peer.address)
    if expired is None:
        return f"Replace {show(shared.step.subject)} in the trusted CA list of {owner}."
    below = next((c for c in shared.step.path if c.issuer_key == expired.subject_key and c is not expired), None)
    for ca in (expired, below) if below is not None and below is not shared.step.path[0] else (expired,):
        better = _valid_certificate_of(case, ca)
        if better is not None:
            return (
                f"Append the {show(better.subject)} that is valid until {better.not_after.date()} (SHA-256"
                f" {better.sha256[:16]}) to the trusted CA list of {owner}, and remove {show(expired.subject)}. No"
                " certificate has to be reissued."
            )
    if below is not None and below is not shared.step.path[0]:
        return (
            f"Remove {show(expired.subject)} from the trusted CA list of {owner}. Where {show(below.subject)} exists as"
            " a self-signed root too, append that one: it has the same key, and no certificate has to be reissued. Else"
            " append the root that the CA publishes in its place."
        )
    return (
        f"Append the current certificate of {show(expired.subject)} to the trusted CA list of {owner}, where the CA has"
        f" one with the same key; else have the certificate of {shared.named_others} issued by a CA that is valid."
    )


def _valid_certificate_of(case: Case, ca: Certificate) -> Certificate | None:
    """A valid certificate of the same CA (its name, its key) in any list; a self-signed one for one that is not."""
    index: TrustIndex = pool(case)
    return next(
        (
            valid
            for valid in index.named(ca.subject_key)
            if valid.sha256 != ca.sha256
            and valid.key == ca.key is not None
            and valid.not_before <= case.at < expiry(valid)
            and (self_signed(valid) or not self_signed(ca))
        ),
        None,
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
    yield from unchecked(case, *UNSEEN)
    for shared in by_verifier(case, Cause.CHAIN_REFUSED):
        yield Found(
            Subject.peer(shared.peer),
            f"{shared.step.reason}.",
            f"Have {show(shared.step.subject)} reissued without what OpenSSL objects to.",
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
    Without it neither what the peer trusts nor which intermediates it sends is known.

    How to fix:
    Save the list (`Maintenance > Security > Trusted CA certificate > Show all (PEM file)`) and name the file in the
    plan as `trusted_cas`.

    Example:
    exe3.example.com has no `trusted_cas` in the plan.
    """
    for peer, found in case.peers:
        if isinstance(found.trust, Missing):
            yield Unchecked(Subject.peer(peer), found.trust)
