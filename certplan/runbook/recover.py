"""A cluster whose peers refuse each other under Enforce, and a peer whose configuration does not follow the primary.

Sources: Cluster Creation and Maintenance guide X15.4 (troubleshooting); Administrator Guide X15.5, Clustering.
The vendor's texts do not treat a cluster that split under Enforce: those steps are inferred.
"""

from collections.abc import Iterator

from certplan.handshake.page import split
from certplan.outcomes import Confidence, Outcome
from certplan.plan.model import Peer
from certplan.runbook.alarms import expected, peer_list
from certplan.runbook.book import Book
from certplan.runbook.mode import into_permissive
from certplan.runbook.model import Action, Rollback
from certplan.runbook.prepare import baseline, record
from certplan.runbook.texts import BACKUP, CLUSTERING, MAINTENANCE_MODE, NOTHING_CHANGED, never_force_config_update

__all__ = ["force_replication", "recover"]


def recover(book: Book) -> None:
    """What still replicates, Permissive where it is to be set by hand, and the restarts in their order."""
    book.add(
        Action.CHECK,
        "Find out what still replicates",
        peers=book.primary_first,
        page=CLUSTERING,
        do=(
            *_communicating(book),
            "Compare this with the rows on every peer's page and with the database status at its foot.",
            "Restart nothing yet, and correct no certificate yet: first the peers must communicate again.",
        ),
        verify=("For every peer it is known with which others it communicates.",),
        rollback=Rollback(NOTHING_CHANGED, Confidence.DOCUMENTED),
        abort_if="the pages show other peers isolated than given here: find out why before the mode is set",
        confidence=Confidence.INFERRED,
        basis="The vendor's texts do not treat a cluster that split under Enforce.",
        sources=("CG-15.4-troubleshooting", "AG-15.5-clustering"),
    )
    into_permissive(book)
    book.add(
        Action.CHECK,
        "Check that every peer communicates again",
        peers=book.primary_first,
        page=CLUSTERING,
        do=(
            "Refresh every page: Clustering shows Active in every row of another peer. Certificate may show Invalid.",
            "Wait 10 minutes, then look for a zone or rule of the primary on every other peer.",
            "Where a peer still does not follow the primary: certplan runbook --force-replication PEER.",
        ),
        verify=("The cluster database is Active on every peer, and no replication alarm is active.",),
        rollback=Rollback(NOTHING_CHANGED, Confidence.DOCUMENTED),
        abort_if="a peer stays isolated: remove it and let it join again, last",
        confidence=Confidence.INFERRED,
        basis="The vendor's texts do not treat a cluster that split under Enforce.",
        sources=("CG-15.4-troubleshooting", "CG-15.4-change"),
    )


def _communicating(book: Book) -> Iterator[str]:
    stage = book.stage
    found = split(stage.matrix).groups
    if not found:
        yield "By what was read, every peer can communicate with every other under Enforce: the cause is not in it."
    for group in found:
        alone = len(group) == 1
        yield (
            f"{group[0].address} communicates with no other peer."
            if alone
            else f"{peer_list(group)} communicate with each other."
        )
    unsure = [peer for peer in stage.members if stage.isolated_from(peer, Outcome.UNKNOWN)]
    if unsure:
        yield f"Some links of {peer_list(unsure)} are not verified: read their pages first."


def force_replication(book: Book, peer: Peer) -> None:
    """The configuration of one subordinate is deleted and fetched from the primary again."""
    primary = book.primary
    baseline(book)
    book.add(
        Action.CHECK,
        f"Check that {primary.address} is the healthy primary",
        peers=(primary,),
        page=CLUSTERING,
        do=(
            "Configuration primary is its own number, and its configuration is the one to keep.",
            "NTP, DNS, certificates and firewalls are in order on both peers: they are the usual causes.",
            f"{MAINTENANCE_MODE} of {peer.address}: switch it on.",
        ),
        drained=(peer,),
        verify=("The primary has no replication alarm of its own.",),
        rollback=Rollback(f"Switch maintenance mode of {peer.address} off.", Confidence.INFERRED),
        abort_if="the primary's configuration is not the right one: make another peer the primary first",
        sources=("CG-15.4-troubleshooting",),
    )
    book.add(
        Action.REPLICATE,
        f"Force the replication of {peer.address}",
        peers=(peer,),
        page="SSH as admin",
        do=(f"On {peer.address}, a subordinate, run: xCommand ForceConfigUpdate", "Wait 10 minutes."),
        dangers=(never_force_config_update(primary),),
        drained=(peer,),
        alarms=tuple(expected(number, (peer,), "about 10 minutes later") for number in (20009, 20011, 20014, 20017)),
        verify=("No replication alarm is active, and the primary's configuration is on the peer.",),
        rollback=Rollback(f"The peer's own settings come back from its backup only after it has left: {BACKUP}."),
        abort_if=f"the prompt is not that of {peer.address}",
        sources=("CG-15.4-troubleshooting", "AG-15.5-clustering"),
    )
    book.add(
        Action.CHECK,
        f"Put {peer.address} into service again",
        peers=(peer,),
        page=MAINTENANCE_MODE,
        do=(
            (
                "Where the alarm persists: confirm that the primary is marked so, upgrade it again with the same"
                " package, and wait 10 to 20 minutes after its reboot."
            ),
            "Switch maintenance mode off.",
        ),
        verify=("The cluster database is Active, and every row is as given here.",),
        rollback=Rollback("Switch maintenance mode on again."),
        abort_if="the alarm persists after that: remove the peer, factory reset it, and let it join again",
        sources=("CG-15.4-troubleshooting",),
    )
    record(book)
