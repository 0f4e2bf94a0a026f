"""The two changes of the TLS verification mode: to Permissive while certificates change, and to Enforce at the end.

Sources: Certificate Creation and Use guide X15.5 (loading certificates in a cluster); Cluster Creation and Maintenance
guide X15.4 (enforcing).
"""

from collections.abc import Iterable, Sequence

from certplan.outcomes import Confidence, Outcome
from certplan.plan.model import Peer, TlsVerification
from certplan.runbook.alarms import Waiting, peer_list
from certplan.runbook.book import Book
from certplan.runbook.model import Action, Rollback
from certplan.runbook.texts import CLUSTERING, factory_reset

__all__ = ["into_permissive", "set_enforce", "set_permissive"]

_FIELD = "TLS verification mode"
_RESTART_REQUIRED = (20007, 20020)


def _restarts_awaited(peers: Iterable[Peer]) -> dict[int, Waiting]:
    return dict.fromkeys(_RESTART_REQUIRED, Waiting(frozenset(peer.number for peer in peers)))


def set_permissive(book: Book) -> None:
    """Permissive on the primary, and on the page of each peer isolated from it: nothing replicates to that one."""
    primary = book.primary
    cut, unsure = book.stage.isolated_from(primary), book.stage.isolated_from(primary, Outcome.UNKNOWN)
    others = [peer for peer in book.stage.members if peer not in (primary, *cut, *unsure)]
    verify = [f"{CLUSTERING} of {peer_list([primary, *others])} shows Permissive within a minute."]
    if cut:
        verify.append(f"{CLUSTERING} of {peer_list(cut)} shows Permissive once it is saved there.")
    book.add(
        Action.SET_MODE,
        "Set Permissive on the primary" + (", and on the isolated peers" if cut else ""),
        peers=(primary, *cut),
        page=CLUSTERING,
        do=(
            "Set the field and save.",
            *_by_hand(cut, unsure),
            "Do not restart yet: each peer's restart, in the next steps, makes it active there.",
        ),
        values=((_FIELD, "Permissive"),),
        dangers=(factory_reset(book.plan),),
        mode=TlsVerification.PERMISSIVE,
        raises=_restarts_awaited(book.stage.members),
        verify=verify,
        rollback=Rollback(
            f"Set Enforce again{' in the same places' if cut else ''} and save; as long as nothing was restarted,"
            " nothing has changed."
        ),
        abort_if=f"{_any_of(others)} still shows Enforce: it does not replicate"
        if others
        else "a page does not take the value",
        confidence=Confidence.INFERRED if cut else Confidence.DOCUMENTED,
        basis="The guides do not say how to set the mode on a peer that is isolated from the primary." if cut else "",
        sources=("CERT-15.5-loading", "CG-15.4-form", "AG-15.5-clustering", "AG-15.5-alarms"),
    )


def into_permissive(book: Book) -> None:
    """Permissive, and every peer's restart into it, the primary first."""
    set_permissive(book)
    for number in [peer.number for peer in book.primary_first]:
        book.restart(
            book.plan.peers[number - 1],
            " into Permissive",
            enforcing=book.enforcing - {number},
            sources=("CERT-15.5-loading", "CG-15.4-requirements"),
        )


def _any_of(peers: Sequence[Peer]) -> str:
    return peers[0].address if len(peers) == 1 else f"any of {peer_list(peers)}"


def _by_hand(cut: Sequence[Peer], unsure: Sequence[Peer]) -> Iterable[str]:
    """What to do where the primary's change does not arrive. Each peer's page has the field, and all must agree."""
    if cut:
        one = len(cut) == 1
        yield (
            f"{peer_list(cut)} {'is' if one else 'are'} isolated from the primary, so the change does not reach"
            f" {'it' if one else 'them'}: set the same field on {'its' if one else 'their'} own page and save. The"
            " field must read the same on every peer."
        )
    if unsure:
        yield (
            f"Whether {peer_list(unsure)} can communicate with the primary is not verified: set the same field"
            " there too where it still shows Enforce after a minute."
        )


def set_enforce(book: Book) -> None:
    """Enforce on the primary, then every peer's restart, the primary first."""
    rollback = Rollback(
        "Set Permissive on the primary, save, and restart the primary first, then the others one by one."
    )
    waiting = [peer for peer in book.stage.members if peer.number not in book.enforcing]
    book.add(
        Action.SET_MODE,
        "Set Enforce on the primary",
        peers=(book.primary,),
        page=CLUSTERING,
        do=("Set the field and save.", "Restart nothing before every peer shows the new mode."),
        values=((_FIELD, "Enforce"),),
        dangers=(factory_reset(book.plan),),
        mode=TlsVerification.ENFORCE,
        raises=_restarts_awaited(waiting),
        verify=(f"{CLUSTERING} of every peer shows Enforce within a minute.",),
        rollback=Rollback("Set Permissive again and save; as long as nothing was restarted, nothing has changed."),
        abort_if="a peer still shows Permissive: it does not replicate",
        sources=("CG-15.4-fqdn", "AG-15.5-alarms"),
    )
    for number in [peer.number for peer in book.primary_first]:
        book.restart(
            book.plan.peers[number - 1],
            " into Enforce",
            enforcing=book.enforcing | {number},
            rollback=rollback,
            sources=("CG-15.4-fqdn",),
        )
