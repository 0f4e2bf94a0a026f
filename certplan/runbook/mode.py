"""The two turns of the TLS verification mode: to Permissive while certificates change, and to Enforce at the end.

Sources: Certificate Creation and Use guide X15.5 (loading certificates in a cluster); Cluster Creation and Maintenance
guide X15.4 (enforcing).
"""

from collections.abc import Iterable, Sequence

from certplan.outcomes import Outcome
from certplan.plan.model import Peer, TlsVerification
from certplan.runbook.alarms import listed
from certplan.runbook.book import CLUSTERING, Book, factory_reset

__all__ = ["set_enforce", "set_permissive"]

_FIELD = "TLS verification mode"
_RESTART_REQUIRED = (20007, 20020)


def set_permissive(book: Book) -> None:
    """Permissive on the primary, and on the page of each peer that does not hear it: nothing replicates to that one."""
    primary = book.primary
    cut, open_ = book.stage.unheard(primary), book.stage.unheard(primary, Outcome.UNKNOWN)
    others = [peer for peer in book.stage.members if peer not in (primary, *cut, *open_)]
    verify = [f"{CLUSTERING} of {listed([primary, *others])} shows Permissive within a minute."]
    if cut:
        verify.append(f"{CLUSTERING} of {listed(cut)} shows Permissive once it is saved there.")
    stop = f"Stop when {_any_of(others)} still shows Enforce: it does not replicate." if others else ""
    book.add(
        "Set Permissive on the primary" + (", and on the peers that are cut off" if cut else ""),
        peers=(primary, *cut),
        page=CLUSTERING,
        do=(
            "Set the field and save.",
            *_by_hand(cut, open_),
            "Do not restart yet: each peer's restart, in the next steps, makes it active there.",
        ),
        values=((_FIELD, "Permissive"),),
        dangers=(factory_reset(book.plan),),
        mode=TlsVerification.PERMISSIVE,
        raises=dict.fromkeys(_RESTART_REQUIRED, book.stage.members),
        verify=verify,
        back=(
            f"Set Enforce again{' in the same places' if cut else ''} and save; as long as nothing was restarted,"
            " nothing has changed."
        ),
        stop=stop or "Stop when a page does not take the value.",
        sources=("CERT-15.5-loading", "CG-15.4-form", "AG-15.5-clustering", "AG-15.5-alarms"),
    )


def _any_of(peers: Sequence[Peer]) -> str:
    return peers[0].address if len(peers) == 1 else f"any of {listed(peers)}"


def _by_hand(cut: Sequence[Peer], open_: Sequence[Peer]) -> Iterable[str]:
    """What to do where the primary's change does not arrive. Each peer's page has the field, and all must agree."""
    if cut:
        one = len(cut) == 1
        yield (
            f"{listed(cut)} {'does' if one else 'do'} not hear the primary, so the change does not reach"
            f" {'it' if one else 'them'}: set the same field on {'its' if one else 'their'} own page and save. The"
            " guides do not treat a peer that is cut off; the field must read the same on every peer."
        )
    if open_:
        yield (
            f"Whether {listed(open_)} {'hears' if len(open_) == 1 else 'hear'} the primary could not be checked: set"
            " the same field there too where it still shows Enforce after a minute."
        )


def set_enforce(book: Book) -> None:
    """Enforce on the primary, then every peer's restart, the primary first."""
    back = "Set Permissive on the primary, save, and restart the primary first, then the others one by one."
    waiting = [peer for peer in book.stage.members if peer.number not in book.enforcing]
    book.add(
        "Set Enforce on the primary",
        peers=(book.primary,),
        page=CLUSTERING,
        do=("Set the field and save.", "Restart nothing before every peer shows the new mode."),
        values=((_FIELD, "Enforce"),),
        dangers=(factory_reset(book.plan),),
        mode=TlsVerification.ENFORCE,
        raises=dict.fromkeys(_RESTART_REQUIRED, waiting),
        verify=(f"{CLUSTERING} of every peer shows Enforce within a minute.",),
        back="Set Permissive again and save; as long as nothing was restarted, nothing has changed.",
        stop="Stop when a peer still shows Permissive: it does not replicate.",
        sources=("CG-15.4-fqdn", "AG-15.5-alarms"),
    )
    for number in [peer.number for peer in book.primary_first]:
        book.restart(
            book.plan.peers[number - 1],
            " into Enforce",
            enforcing=book.enforcing | {number},
            back=back,
            sources=("CG-15.4-fqdn",),
        )
