"""KEY: private keys and the public keys in the certificates."""

from collections.abc import Iterator

from certplan.evidence.model import CertificateFile, KeyFile, KeyKind, Missing, PublicKey
from certplan.handshake.model import Store
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import Peer
from certplan.rules.model import Case, Found, Subject, SubjectKind, Unchecked, rule
from certplan.rules.support.certificate_names import show_some
from certplan.text.names import show
from certplan.text.words import clauses
from certplan.vendor.releases import ECDSA_FROM

__all__ = [
    "ecdsa_too_early",
    "key_does_not_belong",
    "key_encrypted",
    "key_of_several_peers",
    "key_without_final_newline",
    "rsa_too_long",
    "unsupported_algorithm",
]

_TOO_LONG_RSA = 8192
_CURVES = frozenset({"ECDSA P-256", "ECDSA P-384", "ECDSA P-521"})


@rule(
    "KEY001",
    "key-does-not-belong",
    "A private key does not belong to the peer's certificate",
    Severity.ERROR,
    sources=("CERT-15.5-csr", "CERT-15.5-loading", "TA-218034"),
    symptoms=("private key does not match certificate", "key values mismatch", "Failed to update key file"),
)
def key_does_not_belong(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the private key the plan names for a peer is the one its server certificate was made for. Only the public
    halves are compared.

    Why it matters:
    The appliance refuses such a pair, and the window is lost. It happens when the CSR was discarded, or made on
    another peer.

    How to fix:
    Find the key that belongs to the certificate, or have a certificate issued for a new CSR from this peer.

    Example:
    exe2's certificate was signed from the CSR of exe1.
    """
    for peer, found in case.peers:
        if isinstance(found.key, Missing):
            yield Unchecked(Subject.peer(peer), found.key)
        elif isinstance(found.key.key, Missing):
            yield Unchecked(Subject.peer(peer), found.key.key)
        elif isinstance(found.server, Missing):
            yield Unchecked(Subject.peer(peer), found.server)
        elif found.server.leaf.key is None:
            yield _unread_key(peer, Store.SERVER, found.server)
        elif found.server.leaf.key.sha256 != found.key.key.sha256:
            yield Found(
                Subject.peer(peer),
                f"The private key {show(found.key.file, 400)} does not belong to the server certificate of"
                f" {show(peer.address)}.",
                "Name the key that belongs to it, or have the certificate issued again for a CSR of this peer.",
                case.where(peer, "private_key"),
                evidence=(str(found.server.where),),
            )


@rule(
    "KEY003",
    "rsa-too-long",
    "An RSA key has 8192 bits or more",
    Severity.WARNING,
    sources=("CERT-15.5-csr", "CERT-15.5-loading"),
    symptoms=("8192-bit key", "TLS zone not active"),
)
def rsa_too_long(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the key of every peer's certificate, where it is an RSA key, has fewer than 8192 bits.

    Why it matters:
    With a key that long SIP TLS zones may not become active, the traversal zone between Expressway-C and Expressway-E
    among them.

    How to fix:
    Make a new CSR with a key of 4096 bits and have the certificate reissued.

    Example:
    RSA 8192, made with OpenSSL to be on the safe side.
    """
    yield from _unread_keys(case)
    for peer, store, file, key in _keys(case):
        if key.kind is KeyKind.RSA and key.bits >= _TOO_LONG_RSA:
            found = f"is {show(key.name)}, with which SIP TLS zones may not become active"
            yield _about_key(peer, store, file, found, "an RSA key of 4096 bits")


@rule(
    "KEY004",
    "ecdsa-too-early",
    "An ECDSA key before X14.3",
    Severity.ERROR,
    sources=("CERT-15.5-csr", "AG-15.5-security"),
    until="X14.3",
    symptoms=("ECDSA not supported", "elliptic curve certificate refused"),
)
def ecdsa_too_early(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Before X14.3: whether the key of every peer's certificate is an RSA key and not an ECDSA key. The CAs above it may
    have either.

    Why it matters:
    Expressway supports ECDSA certificates from X14.3 on; earlier releases take RSA only.

    How to fix:
    Have the certificate issued for an RSA key, or upgrade to X14.3 or later first.

    Example:
    ECDSA P-256 on X14.2.5.
    """
    yield from _unread_keys(case)
    for peer, store, file, key in _keys(case):
        if key.kind is KeyKind.ECDSA and peer.release < ECDSA_FROM:
            found = f"is {show(key.name)}; {peer.release} supports RSA only"
            yield _about_key(peer, store, file, found, "an RSA key of 2048 or 4096 bits")


@rule(
    "KEY005",
    "unsupported-algorithm",
    "A key of an algorithm or curve that Expressway does not support",
    Severity.ERROR,
    sources=("CERT-15.5-csr", "AG-15.5-security"),
    confidence=Confidence.INFERRED,
    symptoms=("unsupported key type", "Ed25519", "DSA key"),
)
def unsupported_algorithm(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the key of every peer's certificate is an RSA key or an ECDSA key on one of the curves P-256, P-384 and
    P-521.

    Why it matters:
    These are all that the appliance offers and the guides call supported; they call DSA untested and are silent on
    the rest. Phones and other clients mostly know no others either.

    How to fix:
    Have the certificate issued for an RSA key of 2048 or 4096 bits, which the vendor recommends most.

    Example:
    Ed25519, or ECDSA on the curve secp256k1.
    """
    yield from _unread_keys(case)
    for peer, store, file, key in _keys(case):
        curve_unknown = key.kind is KeyKind.ECDSA and key.name not in _CURVES and peer.release >= ECDSA_FROM
        if key.kind is KeyKind.OTHER or curve_unknown:
            found = f"is {show(key.name)}; Expressway supports RSA and, from X14.3, ECDSA P-256, P-384 and P-521"
            yield _about_key(peer, store, file, found, "an RSA key of 2048 or 4096 bits")


@rule(
    "KEY007",
    "key-of-several-peers",
    "Several peers have the same key",
    Severity.WARNING,
    sources=("CG-15.4-requirements", "TA-213872", "TA-218034"),
    confidence=Confidence.CONFLICTING,
    symptoms=("same private key on all peers", "shared key"),
)
def key_of_several_peers(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each peer's certificates have a key that no other peer's have. A peer's own server and client certificate
    may share one.

    Why it matters:
    One certificate for all peers is supported and discouraged in the same breath: whoever gets the key of one peer has
    them all, and the key has to be copied by hand from the peer that made it. A CSR belongs to one peer only.

    How to fix:
    Make a CSR on each peer and have each certificate issued for the peer's own key.

    Example:
    One certificate with the FQDNs of all three peers, loaded with its key on each of them.
    """
    yield from case.unread()
    holders: dict[str, set[str]] = {}
    for peer, _, _, key in _keys(case):
        holders.setdefault(key.sha256, set()).add(peer.address)
    groups = sorted({tuple(sorted(peers)) for peers in holders.values() if len(peers) > 1})
    if groups:
        plan = case.plan
        concerned = sorted({address for group in groups for address in group})
        yield Found(
            Subject(SubjectKind.CLUSTER, plan.cluster.name, tuple(concerned)),
            f"The certificates of {'; and those of '.join(show_some(group) for group in groups)} have the same key,"
            " so whoever gets it from one peer has it for all.",
            "Make a CSR on each of these peers, and have each certificate issued for the peer's own key.",
            plan.where("peers"),
        )


@rule(
    "KEY008",
    "key-encrypted",
    "A private key file is protected by a password",
    Severity.ERROR,
    sources=("CERT-15.5-loading", "CERT-15.5-csr"),
    symptoms=("private key is encrypted", "bad decrypt", "passphrase"),
)
def key_encrypted(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the private key files that the plan names are free of a password.

    Why it matters:
    The appliance takes unencrypted keys only, so the upload is refused.

    How to fix:
    Write a plain copy for the upload, `openssl pkey -in exe1.key -out exe1-plain.key`, and delete it afterwards.

    Example:
    A file that begins -----BEGIN ENCRYPTED PRIVATE KEY-----.
    """
    for peer, file in _key_files(case):
        if isinstance(file, Missing):
            yield Unchecked(Subject.peer(peer), file)
        elif file.encrypted:
            yield Found(
                Subject.peer(peer),
                f"The private key {show(file.file, 400)} of {show(peer.address)} is protected by a password;"
                " the appliance takes none.",
                "Write a plain copy of the key for the upload, and delete it afterwards.",
                case.where(peer, "private_key"),
            )


@rule(
    "KEY009",
    "key-without-final-newline",
    "A private key file does not end in a newline",
    Severity.WARNING,
    sources=("CERT-15.5-loading",),
    symptoms=("key file without newline", "MRA broken after key upload"),
)
def key_without_final_newline(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the private key files that the plan names end in a newline.

    Why it matters:
    The appliance takes such a file, and MRA breaks afterwards: an error where the plan has MRA.

    How to fix:
    Add a newline behind the last line, `echo >> exe1.key`, before the upload.

    Example:
    A key pasted into an editor that ends files at the last dash.
    """
    severity = None if case.plan.services.mra is None else Severity.ERROR
    for peer, file in _key_files(case):
        if isinstance(file, Missing):
            yield Unchecked(Subject.peer(peer), file)
        elif not file.final_newline:
            yield Found(
                Subject.peer(peer),
                f"The private key {show(file.file, 400)} of {show(peer.address)} does not end in a newline,"
                " which breaks MRA once it is uploaded.",
                "Add a newline at the end of the file before the upload.",
                case.where(peer, "private_key"),
                severity=severity,
            )


def _keys(case: Case) -> Iterator[tuple[Peer, Store, CertificateFile, PublicKey]]:
    """Every certificate in use with its public key, where that could be read."""
    for peer, store, file in case.certificates:
        if file.leaf.key is not None:
            yield peer, store, file, file.leaf.key


def _unread_keys(case: Case) -> Iterator[Unchecked]:
    yield from case.unread()
    for peer, store, file in case.certificates:
        if file.leaf.key is None:
            yield _unread_key(peer, store, file)


def _unread_key(peer: Peer, store: Store, file: CertificateFile) -> Unchecked:
    missing = Missing(
        what=f"public key of the {store} certificate of {show(peer.address)}",
        why=f"it cannot be read: {show(clauses(file.leaf.defects), 200)}",
        remedy="Have the certificate reissued.",
        where=file.where,
    )
    return Unchecked(Subject.certificate(peer, store), missing)


def _about_key(peer: Peer, store: Store, file: CertificateFile, found: str, better: str) -> Found:
    return Found(
        Subject.certificate(peer, store),
        f"The key of the {store} certificate of {show(peer.address)} {found}.",
        f"Reissue the {store} certificate of {show(peer.address)} for {better}.",
        file.where,
    )


def _key_files(case: Case) -> Iterator[tuple[Peer, KeyFile | Missing]]:
    """The private key files that the plan names."""
    return ((peer, found.key) for peer, found in case.peers if peer.private_key is not None)
