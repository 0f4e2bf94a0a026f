"""Restarts and upgrades: the primary first, then one peer at a time.

Sources: Cluster Creation and Maintenance guide X15.4, requirements; Release Note X14.0.1; Administrator Guide X15.5,
Clustering and Peers; upgrade note 217743.
"""

from certplan.plan.model import ClusterType
from certplan.proposal.model import SetRelease
from certplan.runbook.alarms import expected, listed
from certplan.runbook.book import Book, never_force_config_update
from certplan.runbook.enforce import prepare
from certplan.vendor.releases import INTERMEDIATE_UPGRADE, TWO_STORES_FROM, Release

__all__ = ["restart", "upgrade"]


def restart(book: Book) -> None:
    """Every peer, the primary first. A peer that starts before it may take over, with a state hard to mend."""
    prepare(book)
    for number in [peer.number for peer in book.primary_first]:
        peer = book.plan.peers[number - 1]
        why = ", the primary, before any other" if peer.number == book.primary.number else ""
        book.restart(peer, why)


def upgrade(book: Book, release: Release) -> None:
    """The primary, then the others one by one, all in one window."""
    prepare(book)
    plan, order = book.plan, [peer.number for peer in book.primary_first]
    oldest = min(peer.release for peer in plan.peers)
    do = [
        "As root run verify-syskey on every peer: it must print nothing.",
        f"Fetch the image of {release} and its release key, if it needs one.",
    ]
    if plan.cluster.type is ClusterType.EXPRESSWAY_E:
        do.append("The Expressway-E cluster is upgraded before the Expressway-C cluster.")
    else:
        do.append("The Expressway-E cluster has been upgraded already.")
    if oldest < INTERMEDIATE_UPGRADE < release:
        do.append(f"From {oldest} go to {INTERMEDIATE_UPGRADE} first, with this whole procedure, and then on.")
    book.add(
        "Before the upgrade",
        peers=book.primary_first,
        do=do,
        dangers=_dangers(oldest, release),
        verify=("No alarm about the cluster stands that is not named here.",),
        stop="Stop when verify-syskey prints anything, or any alarm about the system key stands.",
        sources=("TA-217743", "RN-14.0.1"),
    )
    for place, number in enumerate(order):
        _one(book, release, order, place, number)
    book.add(
        "After the last peer",
        peers=book.primary_first,
        do=("Wait 10 minutes for the cluster to settle.", "Switch maintenance mode off everywhere; back up again."),
        effects=(SetRelease(release),),
        verify=(
            "Every row is as given here, the cluster database is Active, and certplan check says the same as before.",
        ),
        back="Switch every peer back to the former release, the primary first.",
        stop="Stop when a cluster alarm stands after 20 minutes; upgrade the primary again with the same image.",
        sources=("RN-14.0.1", "CG-15.4-troubleshooting"),
    )


def _dangers(oldest: Release, release: Release) -> tuple[str, ...]:
    told = ["Change no configuration while releases differ: nothing replicates, and it would be lost."]
    if oldest < TWO_STORES_FROM <= release:
        told.append(
            f"From {TWO_STORES_FROM} each peer has a client certificate as well. The upgrade copies the server"
            " certificate into it once; where that lacks clientAuth, load another before Enforce."
        )
    return tuple(told)


def _one(book: Book, release: Release, order: list[int], place: int, number: int) -> None:
    peer, last = book.plan.peers[number - 1], place == len(order) - 1
    done = frozenset(order[: place + 1])
    book.add(
        f"Upgrade {peer.address}",
        peers=(peer,),
        page="Maintenance > Upgrade",
        do=(
            "Switch maintenance mode on and wait until its calls have ended.",
            f"Upload the image of {release}, continue, and let it restart.",
        ),
        dangers=(never_force_config_update(book.primary),),
        down=(peer,),
        upgraded=frozenset() if last else done,
        alarms=(
            expected(20004, listed(book.stage.members), "about 10 minutes after the last peer"),
            expected(20006, listed(book.stage.members), "about 10 minutes after the last peer"),
            expected(20008, listed(book.stage.members), "about 10 minutes after the last peer"),
        ),
        verify=(f"Status > Overview shows {release}.",),
        back="Maintenance > Upgrade: switch to the former release, which also brings its configuration back.",
        stop="Stop when it does not come back: the others go on with the former release.",
        sources=("RN-14.0.1", "AG-15.5-clustering", "TA-217743"),
    )
