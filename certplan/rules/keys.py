"""KEY: private keys and the public keys in the certificates."""

from collections.abc import Iterator

from certplan.evidence.model import CertificateFile, Missing
from certplan.names import show
from certplan.outcomes import Severity
from certplan.rules.model import Case, Found, Subject, Unchecked, rule

__all__ = ["key_does_not_belong"]


@rule(
    "KEY001",
    "key-does-not-belong",
    "A private key does not belong to the peer's certificate",
    Severity.ERROR,
    sources=("CERT-15.5-csr", "CERT-15.5-loading", "TA-218034"),
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
        if peer.private_key is None:
            continue
        if isinstance(found.key, Missing):
            yield Unchecked(Subject.peer(peer), found.key)
        elif isinstance(found.key.key, Missing):
            yield Unchecked(Subject.peer(peer), found.key.key)
        elif isinstance(found.server, Missing):
            yield Unchecked(Subject.peer(peer), found.server)
        elif not _belongs(found.server, found.key.key.sha256):
            yield Found(
                Subject.peer(peer),
                f"The private key {show(found.key.file)} does not belong to the server certificate of"
                f" {show(peer.address)}.",
                "Name the key that belongs to it, or have the certificate issued again for a CSR of this peer.",
                case.where(peer, "private_key"),
                evidence=(str(found.server.where),),
            )


def _belongs(file: CertificateFile, public_key: str) -> bool:
    return file.leaf.key is not None and file.leaf.key.sha256 == public_key
