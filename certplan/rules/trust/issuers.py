"""TRU: issuers that are not what they seem: the factory's own CA, and CAs that share a CN."""

from collections.abc import Iterator

from certplan.evidence.model import Located, TrustList
from certplan.intent.cluster import is_factory_ca
from certplan.outcomes import Confidence, Severity
from certplan.rules.model import About, Case, Found, Subject, Unchecked, rule
from certplan.rules.support.chains import in_use, listing, lists, places, unlisted
from certplan.text.names import show

__all__ = ["factory_certificate", "two_cas_of_one_cn"]


@rule(
    "TRU024",
    "factory-certificate",
    "A peer still has the temporary certificate from the factory",
    Severity.ERROR,
    sources=("CERT-15.5-loading", "RN-14.0.1"),
    symptoms=("Temporary CA", "Temporary Certificate", "default certificate", "temporary CA on the trusted CA list"),
)
def factory_certificate(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the certificate of each peer comes from a CA that the appliance made for itself (`Temporary CA` and a number
    of its own).

    Why it matters:
    It has no SAN and no name of the peer, every appliance makes a CA of its own, and anyone with another appliance can
    have one like it. Enforce refuses it, and Unified Communications features do not work with it. Loading the temporary
    CA on other peers does not help: the certificate is to be replaced.

    How to fix:
    Generate a CSR on the peer, have a CA sign it, load that CA's chain on every peer, then load the certificate. Remove
    the temporary CA from the trusted CA lists afterwards.

    Example:
    exe2 was deployed last week; its certificate is from Temporary CA a9b7b94e-30fe-4004-9655-8a97d9e1bfe6.
    """
    yield from case.unread()
    for peer, store, file in case.certificates:
        if is_factory_ca(file.leaf.issuer):
            owner = f"{store} certificate of {show(peer.address)}"
            yield Found(
                Subject.certificate(peer, store),
                f"The {owner} is the temporary one from the factory, issued by {show(file.leaf.issuer)}.",
                f"Have a CA sign a certificate for {show(peer.address)} and load it there; trust no temporary CA.",
                file.where,
                about=About(store=store, ca=file.leaf.issuer),
            )


@rule(
    "TRU025",
    "two-cas-of-one-cn",
    "Two CAs of one CN and different other names are in a trusted CA list",
    Severity.WARNING,
    sources=("CERT-15.5-loading", "TA-213872"),
    confidence=Confidence.CONFLICTING,
    symptoms=("two CAs with the same CN", "first matching CA is used"),
)
def two_cas_of_one_cn(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a trusted CA list has two CAs with the same CN and otherwise different subjects, at least one of which is
    above the certificate of a peer.

    Why it matters:
    The vendor's texts disagree on what the appliance compares: some say that of two certificates of one CN only the
    first works, others mention the whole subject. OpenSSL compares the whole subject.

    How to fix:
    Remove the one that is not in use; where both are, test in Permissive that each of them is accepted.

    Example:
    CN=Corp Root CA, O=Corp beside CN=Corp Root CA, O=Corp, OU=2025.
    """
    yield from unlisted(case)
    grouped = [(trust, peers, _namesakes(trust)) for trust, peers in lists(case)]
    used = in_use(case) if any(groups for _, _, groups in grouped) else {}
    for _, peers, groups in grouped:
        for found in groups:
            if not any(each.certificate.sha256 in used for each in found):
                continue
            for peer in peers:
                yield Found(
                    Subject.peer(peer),
                    f"The trusted CA list of {show(peer.address)} has {len(found)} CAs of one CN with different other"
                    f" names: {listing(found)}.",
                    "Remove the one that is not in use, or test in Permissive that each is accepted.",
                    found[0].where,
                    evidence=places(found),
                    about=About(ca=found[0].certificate.subject),
                )


def _namesakes(trust: TrustList) -> list[list[Located]]:
    """The CAs that share their last CN, in any letter case, with one of another subject; group by group."""
    named = [
        (names[-1].casefold(), located) for located in trust.certificates if (names := located.certificate.common_names)
    ]
    if len({name for name, _ in named}) == len(named):
        return []
    groups: dict[str, list[Located]] = {}
    for name, located in named:
        groups.setdefault(name, []).append(located)
    return [group for _, group in sorted(groups.items()) if len({each.certificate.subject_key for each in group}) > 1]
