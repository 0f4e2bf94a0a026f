"""TRU: CAs of one name in a trusted CA list, on which a chain is broken or depends."""

from collections.abc import Iterator

from certplan.evidence.model import Certificate
from certplan.evidence.pki.signatures import signed_by
from certplan.handshake.model import Cause, Removal
from certplan.outcomes import Confidence, Severity
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.rules.support.chains import in_use
from certplan.rules.support.handshakes import UNSEEN, Shared, by_owner, unchecked
from certplan.text.names import show
from certplan.text.words import clauses

__all__ = ["order_decides", "other_ca_of_same_name"]


@rule(
    "TRU004",
    "other-ca-of-same-name",
    "A trusted CA has the right name and another key",
    Severity.ERROR,
    sources=("CERT-15.5-loading", "TA-213872", "TA-218018", "RFC-5280"),
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
    wrong one: the appliance looks a CA up by its subject, takes the first and does not look at key identifiers.

    How to fix:
    Keep the CA whose key signed the peer's certificate and remove the other, where nothing is issued by that one any
    more. Where both are in use, have all certificates issued by one of them.

    Example:
    The company root was created again in 2025 under the same name; exe2's list still has the one from 2015.
    """
    yield from unchecked(case, *UNSEEN)
    for shared in by_owner(case, Cause.SAME_NAME_OTHER_KEY):
        yield _other_key(case, shared)


def _other_key(case: Case, shared: Shared) -> Found:
    peer, step, issuer = shared.peer, shared.step, show(shared.step.subject)
    right = () if step.ca is None else step.ca.certificates
    listed = step.ca is not None and peer in step.ca.holders
    needed = [removal for removal in step.removals if _still_needed(case, removal)]
    owner = show(peer.address)
    if listed:
        found = f"has several CAs named {issuer}, and the first is not the one whose key signed"
    else:
        found = f"has a CA named {issuer}, but not the one whose key signed"
    return Found(
        Subject.peer(peer),
        f"The trusted CA list of {owner} {found} the certificate of {shared.named_others}, or a CA above it.",
        _fix(owner, issuer, shared, listed=listed, needed=bool(needed), known=bool(right)),
        case.where(peer, "trusted_cas"),
        evidence=tuple(_described(removal.certificate) for removal in step.removals),
        about=shared.about,
    )


def _fix(owner: str, issuer: str, shared: Shared, *, listed: bool, needed: bool, known: bool) -> str:
    """What to do about a CA of another key: never append what is in the list, nor remove what is still needed."""
    child = shared.step.certificate
    of_peers = f"the certificate of {shared.named_others}"
    below = child is not None and child.is_ca is not True
    if needed:
        what = of_peers if below or child is None else f"the CA {show(child.subject)}"
        return (
            f"Have {what} issued again by the {issuer} that signed the others, and keep that one alone in the trusted"
            " CA lists: of two CAs of one name only the first works."
        )
    others = clauses(_until(removal.certificate) for removal in shared.step.removals)
    if listed:
        return f"Remove the {issuer} that did not sign it ({others}) from the trusted CA list of {owner}."
    source = "" if known else " (no list that was read has it)"
    return (
        f"Append the {issuer} that signed it{source} to the trusted CA list of {owner}, and remove the one that did not"
        f" ({others})."
    )


def _until(ca: Certificate) -> str:
    return f"valid until {ca.not_after.date()}, SHA-256 {ca.sha256[:16]}"


def _described(ca: Certificate) -> str:
    return f"did not sign: {show(ca.subject)}, until {ca.not_after.date()}, SHA-256 {ca.sha256}"


def _still_needed(case: Case, removal: Removal) -> bool:
    """Whether a certificate in use was signed by the key of a CA that is to leave a list."""
    ca = removal.certificate
    return any(
        child.issuer_key == ca.subject_key and child.sha256 != ca.sha256 and signed_by(child, ca)
        for child in in_use(case).values()
    )


@rule(
    "TRU023",
    "order-of-list-decides",
    "The order of a trusted CA list decides whether a certificate is trusted",
    Severity.ERROR,
    sources=("CERT-15.5-loading", "TA-213872"),
    confidence=Confidence.INFERRED,
    answers=[Cause.ORDER_DECIDES],
    symptoms=("order of the trusted CA list", "cross-signed CA", "DST Root CA X3", "certificate has expired"),
)
def order_decides(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each peer's certificate is trusted in whatever order the lists hold several certificates of one CA: a root
    beside its cross-signed twin, an expired one beside the current one.

    Why it matters:
    OpenSSL takes the first certificate of a CA that is valid and fits, and neither goes back nor tries another when
    the chain above it fails. A list that is loaded again in another order then breaks the cluster.

    How to fix:
    Remove the certificate that leads to an expired or missing root; the CA's other certificate has the same key.

    Example:
    ISRG Root X1 both self-signed and signed by DST Root CA X3, which expired on 2021-09-30.
    """
    yield from unchecked(case, *UNSEEN)
    yield from unchecked(case, Cause.ORDER_DECIDES)
