"""New certificates: loaded on the peers concerned, then a restart each; or renewed by ACME.

Source: Certificate Creation and Use guide X15.5 (loading certificates in a cluster; using ACME on Expressway-E).
"""

from collections.abc import Iterable, Sequence

from certplan.evidence.model import CertificateFile
from certplan.handshake.model import Store
from certplan.outcomes import Confidence
from certplan.plan.model import CertificateAuthority, ClusterType, Peer
from certplan.proposal.certificate_changes import Reissue
from certplan.proposal.model import describe
from certplan.runbook.alarms import Waiting
from certplan.runbook.book import NOTHING_TO_UNDO, Book
from certplan.runbook.given import GivenPart
from certplan.runbook.model import Action, Rollback
from certplan.runbook.saml import metadata_changed
from certplan.runbook.texts import CLUSTERING
from certplan.runbook.zones import in_step, zones_to_verify
from certplan.text.names import show
from certplan.text.words import joined
from certplan.vendor import eku_sunset

__all__ = ["STORE_PAGE", "by_acme", "load_certificates", "renew_by_acme"]

STORE_PAGE = {
    Store.SERVER: "Maintenance > Security > Server certificate",
    Store.CLIENT: "Maintenance > Security > Client certificate",
}
_ACME_CA = "Let's Encrypt"
"""The only CA of Expressway's ACME service, as `certplan.vendor` names it."""
_NEW_SERVER_CERTIFICATE = 15028


def by_acme(book: Book, effect: Reissue | GivenPart) -> bool:
    """Whether ACME renews this certificate: an Expressway-E's server certificate from Let's Encrypt."""
    if book.plan.cluster.type is not ClusterType.EXPRESSWAY_E or effect.store is not Store.SERVER:
        return False
    issuer = _issuer(effect)
    if issuer is None:
        return book.plan.authorities.server is CertificateAuthority.ACME
    sunset = eku_sunset(issuer)
    return sunset is not None and sunset.authority == _ACME_CA


def _issuer(effect: Reissue | GivenPart) -> str | None:
    """The subject of the CA, where it is known."""
    if isinstance(effect, Reissue):
        return None if effect.issuer is None else effect.issuer.subject
    return effect.certificate.leaf.issuer if isinstance(effect.certificate, CertificateFile) else None


def _which(book: Book, effect: Reissue | GivenPart) -> str:
    """The certificate to load: its order, or the file that the target names."""
    if isinstance(effect, Reissue):
        return describe(book.intent, effect, ()).detail
    found, file = effect.certificate, show(effect.file or "")
    if not isinstance(found, CertificateFile):
        return f"{file}, which could not be judged: {found.why}."
    return f"{file}: expires {found.leaf.not_after:%Y-%m-%d}, SHA-256 fingerprint {found.leaf.sha256}."


def renew_by_acme(book: Book, reissues: Sequence[Reissue | GivenPart]) -> None:
    """Each peer renews and deploys its own certificate; the mode stays as it is, and nothing restarts.

    The guide's procedure for replacing certificates in a cluster, with its detour by Permissive, is declared not to
    apply to certificates from Let's Encrypt; deploying one does not touch running processes.
    """
    for effect in sorted(reissues, key=lambda effect: effect.peer != book.primary.number):
        peer = book.plan.peers[effect.peer - 1]
        book.add(
            Action.RENEW_CERTIFICATE,
            f"Renew the certificate of {peer.address} by ACME",
            peers=(peer,),
            page=STORE_PAGE[Store.SERVER],
            do=(
                (
                    "TCP port 80 of every peer is reachable from the internet while the CA checks the names,"
                    " and that public DNS has an A record for every SAN."
                ),
                "In the ACME certificate service have the CSR signed, then deploy the certificate.",
                _which(book, effect),
            ),
            effects=(effect,),
            verify=(
                "The page shows the new expiry date and every name of the order.",
                f"{CLUSTERING} on every peer shows the rows given here.",
                *zones_to_verify(book, {(effect.peer, effect.store)}),
            ),
            rollback=Rollback("Load the former certificate and key from your files."),
            abort_if="the signing fails: the old certificate stays, so correct DNS or port 80 and sign again",
            sources=("CERT-15.5-acme", "CERT-15.5-loading"),
        )


def load_certificates(book: Book, reissues: Sequence[Reissue | GivenPart], *, switching: bool) -> None:
    """Certificates are loaded on every peer concerned, then each is restarted, one at a time.

    While the mode changes to Permissive every peer is restarted, whether its certificate is new or not.
    """
    if not reissues and not switching:
        return
    concerned = {effect.peer for effect in reissues}
    numbers = [peer.number for peer in book.primary_first if switching or peer.number in concerned]
    if reissues:
        _upload(book, [peer for peer in book.primary_first if peer.number in concerned], reissues)
    for number in numbers:
        new = number in concerned
        book.restart(
            book.plan.peers[number - 1],
            " with its new certificate" if new else " into Permissive",
            effects=[effect for effect in reissues if effect.peer == number],
            enforcing=book.enforcing - {number} if switching else None,
            verify=zones_to_verify(book, {(effect.peer, effect.store) for effect in reissues if effect.peer == number}),
            rollback=Rollback("Load the former certificate and key from your files, and restart again.")
            if new
            else NOTHING_TO_UNDO,
            sources=("CERT-15.5-loading", "CG-15.4-requirements"),
        )


def _upload(book: Book, peers: Iterable[Peer], reissues: Sequence[Reissue | GivenPart]) -> None:
    where = tuple(peers)
    pages = dict.fromkeys(STORE_PAGE[effect.store] for effect in reissues)
    orders = [(book.plan.peers[effect.peer - 1].address, effect) for effect in reissues]
    served = frozenset(effect.peer for effect in reissues if effect.store is Store.SERVER)
    do = [
        *in_step(book, {(effect.peer, effect.store) for effect in reissues}),
        "On each peer load its own certificate, the leaf alone, with its own private key.",
        "Do not restart yet.",
        *(f"{address}, {effect.store} certificate: {_which(book, effect)}" for address, effect in orders),
    ]
    if any(effect.store is Store.CLIENT for effect in reissues):
        do.insert(1, "Leave Copy server certificate file as client certificate off: each store gets its own file.")
    book.add(
        Action.LOAD_CERTIFICATES,
        "Load the new certificates",
        peers=where,
        page=joined(pages),
        do=do,
        raises=metadata_changed(book) | ({_NEW_SERVER_CERTIFICATE: Waiting(served)} if served else {}),
        verify=("Each page shows the new expiry date, and the names as ordered.",),
        rollback=Rollback("Load the former certificate and key from your files.", Confidence.INFERRED),
        abort_if="the page refuses a certificate; certplan csr verify shows how it differs from the order",
        sources=("CERT-15.5-loading", "AG-15.5-security"),
    )
