"""KEY: keys and signatures that are too weak, in the peers' certificates and in the CAs above them."""

from collections.abc import Callable, Iterator

from certplan.evidence.model import Certificate, KeyKind, Missing
from certplan.handshake.chains import TrustIndex, self_signed
from certplan.handshake.credentials import WEAK_HASHES
from certplan.handshake.model import Cause, Store
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import Peer
from certplan.rules.model import About, Case, Found, Subject, Unchecked, rule
from certplan.rules.support.certificate_names import MOST_LISTED
from certplan.rules.support.chains import best_path, issuers, listed_cas, pool, unlisted
from certplan.text.names import show
from certplan.text.words import clauses, joined
from certplan.vendor.releases import SHA2_ALONE_FROM

__all__ = ["key_unreadable", "rsa_too_short", "weak_signature"]

_SHORTEST_RSA = 2048


@rule(
    "KEY002",
    "rsa-too-short",
    "An RSA key has fewer than 2048 bits",
    Severity.WARNING,
    sources=("CERT-15.5-csr", "AG-15.5-security"),
    confidence=Confidence.INFERRED,
    symptoms=("RSA key too small", "ee key too small", "1024-bit key"),
)
def rsa_too_short(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the key of every peer's certificate, and of every CA above it, has 2048 bits or more where it is an RSA key.

    Why it matters:
    The appliance offers 2048 and 4096 bits for its requests. Shorter keys are weak: OpenSSL refuses them at security
    level 2, in a CA as in the certificate itself, and the clients and systems that refuse them grow in number.

    How to fix:
    Make a new CSR with a key of 2048 or 4096 bits and have the certificate reissued, by a CA with such a key.

    Example:
    RSA 1024 in a certificate that was renewed for ten years with the same key.
    """
    yield from case.unread()
    yield from unlisted(case)
    index = _index(case, _is_short)
    for peer, store, file in case.certificates:
        leaf = file.leaf
        if leaf.key is None:
            yield _unknown(peer, store, leaf, f"public key of the {store} certificate of {show(peer.address)}", case)
        short = [f"has the key {show(leaf.key.name)}"] if leaf.key is not None and _is_short(leaf) else []
        short += [
            f"comes from the CA {show(ca.subject)}, whose key is {show(ca.key.name)}"
            for ca in best_path(index, leaf, case.at)
            if ca.key is not None and _is_short(ca)
        ]
        if short:
            yield Found(
                Subject.certificate(peer, store),
                f"The {store} certificate of {show(peer.address)} {joined(short, most=MOST_LISTED)}; expected RSA 2048"
                " or 4096.",
                f"Reissue the {store} certificate of {show(peer.address)} for an RSA key of 2048 or 4096 bits, by a CA"
                " with such a key.",
                file.where,
                about=About(store=store),
            )


def _index(case: Case, weak: Callable[[Certificate], bool]) -> TrustIndex:
    """All trusted CA lists as one; nothing where no CA in them is weak, which is cheaper to tell."""
    return pool(case) if any(map(weak, listed_cas(case))) else _NONE


_NONE = TrustIndex(())


def _is_short(certificate: Certificate) -> bool:
    key = certificate.key
    return key is not None and key.kind is KeyKind.RSA and key.bits < _SHORTEST_RSA


@rule(
    "KEY006",
    "weak-signature",
    "A certificate or a CA above it is signed with SHA-1 or MD5",
    Severity.WARNING,
    sources=("TN-SHA1", "CERT-15.5-csr", "CERT-15.5-about"),
    answers=[Cause.WEAK_SIGNATURE],
    symptoms=("SHA-1 certificate", "ca md too weak", "weak signature algorithm"),
)
def weak_signature(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether every peer's certificate and the intermediate CAs above it are signed with SHA-256 or better. A root's
    signature of itself does not matter, nor does an old edition of a CA where a list has a better one.

    Why it matters:
    From X15.2 on a server certificate signed with SHA-1 cannot be uploaded, and clustering needs SHA-2: an error there.
    Before, the appliance has offered no SHA-1 since X8.10, and today's clients refuse certificates signed so.

    How to fix:
    Have the certificate reissued with SHA-256; where it is a CA, by a CA whose own certificate has it.

    Example:
    A certificate of a private CA that was set up in 2010 and signs with SHA-1 still.
    """
    yield from case.unread()
    yield from unlisted(case)
    index = _index(case, _is_weak)
    refused = any(peer.release >= SHA2_ALONE_FROM for peer in case.plan.peers)
    for peer, store, file in case.certificates:
        leaf = file.leaf
        if leaf.signature_hash is None and leaf.defects:
            what = f"signature algorithm of the {store} certificate of {show(peer.address)}"
            yield _unknown(peer, store, leaf, what, case)
        weak = [f"is signed with {_hash(leaf)}"] if _is_weak(leaf) else []
        weak += [
            f"comes from the CA {show(ca.subject)}, which is signed with {_hash(ca)}" for ca in _weak_above(leaf, index)
        ]
        if weak:
            needs = f", and clustering on {max(each.release for each in case.plan.peers)} needs it" if refused else ""
            yield Found(
                Subject.certificate(peer, store),
                f"The {store} certificate of {show(peer.address)} {joined(sorted(weak), most=MOST_LISTED)};"
                f" expected SHA-256 or better{needs}.",
                f"Reissue the {store} certificate of {show(peer.address)} with SHA-256 all the way up.",
                file.where,
                severity=Severity.ERROR if refused else None,
                confidence=None if _is_weak(leaf) and refused else Confidence.INFERRED,
                about=About(store=store),
            )


def _unknown(peer: Peer, store: Store, leaf: Certificate, what: str, case: Case) -> Unchecked:
    why = f"it cannot be read: {show(clauses(leaf.defects), 200)}"
    missing = Missing(what, why, "Have the certificate reissued.", case.where_certificate(peer, store))
    return Unchecked(Subject.certificate(peer, store), missing)


def _is_weak(certificate: Certificate) -> bool:
    return certificate.signature_hash in WEAK_HASHES


def _hash(certificate: Certificate) -> str:
    return "MD5" if certificate.signature_hash == "md5" else "SHA-1"


def _weak_above(leaf: Certificate, index: TrustIndex) -> list[Certificate]:
    """The weakly signed CAs above a certificate, but for those of which there is an edition signed better."""
    weak: dict[str, Certificate] = {}
    seen = {leaf.sha256}
    pending = [leaf]
    while pending:
        found = issuers(index, pending.pop())
        sound = [ca for ca in found if self_signed(ca) or not _is_weak(ca)]
        weak |= {ca.sha256: ca for ca in found if not sound}
        above = [ca for ca in sound or found if not ca.self_issued and ca.sha256 not in seen]
        seen |= {ca.sha256 for ca in above}
        pending += above
    return list(weak.values())


@rule(
    "KEY010",
    "public-key-unreadable",
    "The public key of a certificate cannot be read",
    Severity.ERROR,
    sources=("RFC-5280",),
    confidence=Confidence.INFERRED,
    answers=[Cause.KEY_UNREADABLE],
    symptoms=("unable to get certs public key", "unable to decode issuer public key"),
)
def key_unreadable(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether OpenSSL, on which the appliance is built, can read the public key of every peer's certificate and of the CAs
    above it.

    Why it matters:
    A certificate whose key cannot be read is refused by every peer, though its names and dates look right.

    How to fix:
    Make a new CSR and have the certificate issued for the new key; where it is a CA, have the CA reissued.

    Example:
    An ECDSA key that is not a point of its curve: the certificate was damaged, or made by a faulty program.
    """
    yield from case.unread()
    reported = set()
    for _, step in case.not_passed(Cause.KEY_UNREADABLE):
        certificate, peer = step.certificate, step.peer
        if certificate is None or peer is None or (certificate.sha256, peer.number) in reported:
            continue
        reported.add((certificate.sha256, peer.number))
        of_leaf = step.ca is None
        owner = f"the {step.store} certificate of {show(peer.address)}" if of_leaf else show(certificate.subject)
        yield Found(
            Subject.peer(peer),
            f"OpenSSL cannot read the public key of {owner}, so every peer refuses the certificate.",
            f"Have {owner} reissued for a new key.",
            case.where_certificate(peer, step.store) if of_leaf else case.where(peer, "trusted_cas"),
            about=About(store=step.store),
        )
