"""Another primary, with the former one up or out of reach.

Source: Cluster Creation and Maintenance guide X15.4, changing a cluster.
"""

from certplan.plan.model import Peer
from certplan.proposal.effect import Who
from certplan.runbook.alarms import expected
from certplan.runbook.book import Book
from certplan.runbook.model import Action, Rollback
from certplan.runbook.texts import CLUSTERING, factory_reset
from certplan.value import replace

__all__ = ["change_primary", "hand_over"]


def hand_over(book: Book) -> None:
    """Make the first peer that can be reached the primary, where the primary cannot be."""
    if book.primary.number in book.unreachable:
        change_primary(book, book.stage.members[0])


def change_primary(book: Book, peer: Peer) -> None:
    """Another peer becomes primary, the former one is updated first where it is up."""
    former, plan = book.primary, book.plan
    reachable = former.number not in book.out
    members = book.stage.members
    others = [other for other in members if other.number not in (peer.number, former.number)]
    where = (*((former,) if reachable else ()), *others)
    settings = (("Configuration primary", str(peer.number)),)
    mismatch = tuple(
        expected(number, members, "about 2 minutes after the last peer is set") for number in (20012, 20017)
    )
    book.add(
        Action.SET_PRIMARY,
        f"Make {peer.address} the primary, on its own page",
        peers=(peer,),
        page=CLUSTERING,
        do=(f"Set the field to the number of the row marked This system ({peer.number}) and save.",),
        values=settings,
        dangers=(factory_reset(plan),),
        alarms=mismatch,
        verify=(f"Its page shows Configuration primary {peer.number}.",),
        rollback=Rollback(f"Set Configuration primary {former.number} again and save."),
        abort_if=f"row {peer.number} is not marked This system",
        sources=("CG-15.4-change",),
    )
    book.begin_with(replace(plan, cluster=replace(plan.cluster, primary=peer.number)), book.stage.evidence)
    if where:
        first = f", {former.address} first" if reachable and others else ""
        back = f", {former.address} first" if reachable else ""
        book.add(
            Action.SET_PRIMARY,
            f"Update the other peers{first}",
            peers=where,
            page=CLUSTERING,
            do=("On each peer set the field and save.",),
            values=settings,
            dangers=(factory_reset(plan),),
            alarms=mismatch,
            verify=("Refresh every page: the same primary everywhere, every row as given here, database Active.",),
            rollback=Rollback(f"Set {former.number} on every peer{back}."),
            abort_if="the alarms are active for more than 10 minutes",
            sources=("CG-15.4-change", "TA-217230"),
        )
    if not reachable:
        book.add(
            Action.ELSEWHERE,
            f"Keep {former.address} off the network",
            who=Who.NETWORK,
            do=(
                (
                    f"{former.address} still takes itself for the primary. Keep it off the network until it has"
                    " been factory reset, alone."
                ),
            ),
            dangers=("Two primaries overwrite each other.",),
            verify=(f"{former.address} does not answer on any address.",),
            rollback=Rollback("It cannot return as it is: it joins again, last, as a new peer."),
            abort_if=f"{former.address} answers again: change nothing more before it is disconnected",
            sources=("CG-15.4-change",),
        )
