"""What a procedure does to the trusted CA lists: missing CAs are loaded first, unused ones are removed last.

Source: Certificate Creation and Use guide X15.5 (loading certificates in a cluster).
"""

from collections.abc import Iterable, Iterator, Sequence

from certplan.evidence.model import Certificate, TrustList
from certplan.handshake.model import Store
from certplan.plan.model import Peer
from certplan.proposal.certificate_changes import Reissue, RemoveCa
from certplan.proposal.effect import Effect
from certplan.proposal.model import describe
from certplan.runbook.alarms import peer_list
from certplan.runbook.book import Book
from certplan.runbook.model import Action, Rollback
from certplan.text.names import show
from certplan.vendor.releases import TWO_STORES_FROM

__all__ = ["load_cas", "remove_cas", "remove_unused_cas"]

_PAGE = "Maintenance > Security > Trusted CA certificate"


def load_cas(book: Book, effects: Sequence[Effect]) -> None:
    """Append the missing CAs, before any certificate needs them."""
    if not effects:
        return
    described = [describe(book.intent, effect, ()) for effect in effects]
    peers = [peer for peer in book.primary_first if any(change.peer == peer.address for change in described)]
    book.add(
        Action.LOAD_CAS,
        "Add missing CA certificates to the trusted CA lists",
        peers=peers,
        page=_PAGE,
        do=[*(change.detail for change in described), "A list takes effect at its peer's restart, which comes later."],
        effects=effects,
        dangers=("Append, do not reset to the default list: the lists are each peer's own and do not replicate.",),
        verify=("Each list shows the CA with the right expiry date.",),
        rollback=Rollback("Remove what was appended."),
        abort_if="the page refuses a file: it holds something other than CA certificates",
        sources=("CERT-15.5-loading", "CG-15.4-reference"),
    )
    book.relisted |= {peer.number for peer in peers}


def remove_cas(book: Book, removals: Sequence[RemoveCa]) -> None:
    """Remove these CAs, which the target's lists do not have."""
    if removals:
        _remove(book, removals, "The target's trusted CA lists do not have them.")


def remove_unused_cas(book: Book, reissues: Iterable[Reissue]) -> None:
    """Remove, by name, the CAs of former certificates that no certificate of a peer needs any more."""
    removals = list(_superfluous(book, list(reissues)))
    if not removals:
        return
    _remove(
        book,
        removals,
        "No certificate of a peer needs them by now; what else does, such as the far end of a zone, the plan"
        " does not say: leave a CA that anything else still needs.",
    )


def _remove(book: Book, removals: Sequence[RemoveCa], why: str) -> None:
    peers = [peer for peer in book.primary_first if any(removal.peer == peer.number for removal in removals)]
    book.add(
        Action.REMOVE_CAS,
        "Remove CAs that no certificate uses any more",
        peers=peers,
        page=_PAGE,
        do=(
            *_removal_lines(book, removals),
            why,
        ),
        effects=removals,
        verify=("certplan check with the new lists is READY.",),
        rollback=Rollback("Append them again from your files."),
        abort_if="you do not know what a CA is for: it does no harm where it is",
        sources=("CERT-15.5-loading",),
    )


def _removal_lines(book: Book, removals: Sequence[RemoveCa]) -> Iterator[str]:
    for ca in dict.fromkeys(removal.certificate for removal in removals):
        owners = peer_list(book.plan.peers[each.peer - 1] for each in removals if each.certificate == ca)
        yield f"Remove {show(ca.subject, 200)} with the SHA-256 fingerprint {ca.sha256} from the list of {owners}."


def _superfluous(book: Book, reissues: Sequence[Reissue]) -> Iterator[RemoveCa]:
    """The CAs that could be above a former certificate and above none in use, on each list that has them.

    None at all where a certificate in use, or the CA of a new one, is not known: nothing tells which CAs it needs.
    """
    intent, pool = book.intent, book.intent.pool
    issuers = {(effect.peer, effect.store): effect.issuer for effect in reissues}
    kept: set[str] = set()
    for peer in book.plan.peers:
        for store in _stores(peer):
            replaced = (peer.number, store) in issuers
            below = issuers[peer.number, store] if replaced else intent.leaf(peer, store)
            if below is None:
                return
            kept.update(ca.sha256 for ca in pool.above(below))
            if replaced:
                kept.add(below.sha256)
    former = [intent.leaf(intent.plan.peers[effect.peer - 1], effect.store) for effect in reissues]
    gone: dict[str, Certificate] = {
        ca.sha256: ca
        for leaf in former
        if leaf is not None
        for ca in pool.above(leaf)
        if ca.sha256 not in kept and ca.sha256 != leaf.sha256
    }
    for peer, found in zip(book.plan.peers, book.stage.evidence.peers, strict=True):
        if isinstance(found.trust, TrustList):
            held = {located.certificate.sha256 for located in found.trust.certificates}
            yield from (RemoveCa(peer.number, ca) for fingerprint, ca in gone.items() if fingerprint in held)


def _stores(peer: Peer) -> tuple[Store, ...]:
    return (Store.SERVER, Store.CLIENT) if peer.release >= TWO_STORES_FROM else (Store.SERVER,)
