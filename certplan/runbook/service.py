"""Restarts and upgrades: the primary first, then one peer at a time.

Sources: Cluster Creation and Maintenance guide X15.4, requirements; Release Note X14.0.1; Administrator Guide X15.5,
Clustering and Peers; upgrade note 217743; traffic server certificate verification note 218018.
"""

from collections.abc import Iterator, Sequence

from certplan.evidence.model import CertificateFile, Evidence
from certplan.outcomes import Confidence
from certplan.plan.model import ClusterType, Plan
from certplan.proposal.address_changes import SetRelease
from certplan.runbook.alarms import expected, peer_list
from certplan.runbook.book import Book
from certplan.runbook.model import Action, Rollback
from certplan.runbook.prepare import prepare, record
from certplan.runbook.texts import BACKUP, MAINTENANCE_MODE, NOTHING_CHANGED, never_force_config_update
from certplan.text.names import is_ip, show, show_all
from certplan.value import replace
from certplan.vendor.releases import INTERMEDIATE_UPGRADE, TWO_STORES_FROM, UNIFIED_CM_VERIFIED_FROM, Release

__all__ = ["restart", "upgrade", "upgrade_peers"]

_BACK_TO_FORMER = "switch to the former release, which also brings its configuration back"


def restart(book: Book) -> None:
    """Every peer, the primary first. A peer that starts before it may take over, a state hard to recover from."""
    prepare(book)
    for number in [peer.number for peer in book.primary_first]:
        peer = book.plan.peers[number - 1]
        book.restart(peer, ", the primary, before any other" if peer.number == book.primary.number else "")
    record(book)


def upgrade(book: Book, release: Release) -> None:
    """The primary, then the others one by one, all in one window."""
    prepare(book, (SetRelease(release),))
    upgrade_peers(book, release)
    record(book, keep=f"State release: {release} in the plan.")


def upgrade_peers(book: Book, release: Release) -> None:
    """The steps between the baseline and the record."""
    plan, order = book.plan, [peer.number for peer in book.primary_first]
    oldest = min(peer.release for peer in plan.peers)
    _before(book, oldest, release)
    if plan.cluster.type is ClusterType.EXPRESSWAY_C and oldest < UNIFIED_CM_VERIFIED_FROM <= release:
        _unified_cm(book)
    for place, number in enumerate(order):
        _one(book, release, order, place, number)
    _copy_certificates(book, oldest, release)
    book.add(
        Action.CHECK,
        "After the last peer",
        peers=book.primary_first,
        do=("Wait 10 minutes for the cluster to settle.",),
        effects=(SetRelease(release),),
        verify=(
            "Every row is as given here, the cluster database is Active, and certplan check says what it says here.",
        ),
        rollback=Rollback(f"On every peer, the primary first, {_BACK_TO_FORMER}.", Confidence.DOCUMENTED),
        abort_if="a cluster alarm is active after 20 minutes: upgrade the primary again with the same image",
        sources=("RN-14.0.1", "CG-15.4-troubleshooting"),
    )


def _before(book: Book, oldest: Release, release: Release) -> None:
    on_e = book.plan.cluster.type is ClusterType.EXPRESSWAY_E
    do = [
        "As root run verify-syskey on every peer: it must print nothing.",
        f"Fetch the image of {release} and its release key, if it needs one.",
        "The Expressway-E cluster is upgraded before the Expressway-C cluster"
        + (", to the same release." if on_e else ": it runs the new release already."),
    ]
    if oldest < INTERMEDIATE_UPGRADE < release:
        do.append(f"From {oldest} go to {INTERMEDIATE_UPGRADE} first, with this whole procedure, and then on.")
    if book.unreachable:
        down = peer_list(peer for peer in book.plan.peers if peer.number in book.unreachable)
        do.append(f"{down} stays down, on the former release: it must not come back before it is factory reset.")
    book.add(
        Action.PREPARE,
        "Before the upgrade",
        peers=book.primary_first,
        page="Maintenance > Upgrade",
        do=do,
        dangers=_dangers(oldest, release),
        verify=("No alarm about the cluster is active that is not listed as active today; 40049 does not block it.",),
        rollback=Rollback(NOTHING_CHANGED, Confidence.DOCUMENTED),
        abort_if="verify-syskey prints anything, or any alarm about the system key is active",
        sources=("TA-217743", "RN-14.0.1"),
    )


def _dangers(oldest: Release, release: Release) -> tuple[str, ...]:
    dangers = ["Change no configuration while releases differ: nothing replicates, and it would be lost."]
    if oldest < TWO_STORES_FROM <= release:
        dangers.append(
            f"From {TWO_STORES_FROM} each peer has a client certificate as well. The upgrade copies the server"
            " certificate into it once; it is judged so here. From then on each is renewed by itself."
        )
    return tuple(dangers)


def _unified_cm(book: Book) -> None:
    """From this release Expressway verifies the servers behind it on every HTTPS connection."""
    book.add(
        Action.ELSEWHERE,
        "Check the certificates of Unified CM, IM and Presence and Unity Connection",
        do=(
            (
                "Each of their tomcat certificates has the FQDN the server is known by (System > Server on Unified"
                " CM) in its SAN."
            ),
            (
                "The CAs that issued them, or the self-signed certificates themselves, are in the trusted CA list of"
                " every peer, those of the ECDSA certificates (tomcat-ECDSA) too."
            ),
            "The servers are known to this cluster by FQDN, not by IP address.",
            *_servers(book.plan),
        ),
        verify=("openssl s_client to port 8443 of each server verifies with the trusted CA list of a peer.",),
        rollback=Rollback(NOTHING_CHANGED, Confidence.DOCUMENTED),
        abort_if=f"a server cannot be verified: from {UNIFIED_CM_VERIFIED_FROM} on, MRA sign-in through it fails",
        sources=("TA-218018", "TA-225476"),
    )


def _servers(plan: Plan) -> Iterator[str]:
    """Each server that the plan states: the name to look for, and the files to compare."""
    for server in plan.servers or ():
        name = show(server.address)
        if is_ip(server.address):
            yield f"{server.kind} {name}: an IP address; no certificate can be verified for it, so state its FQDN."
            continue
        files = f" ({show(server.certificate)})" if server.certificate is not None else ""
        cas = show_all(server.trusted_cas or ())
        yield f"{server.kind} {name}: {name} is a SAN of its certificate{files}{f'; CAs: {cas}' if cas else ''}."


def _one(book: Book, release: Release, order: Sequence[int], place: int, number: int) -> None:
    peer, last = book.plan.peers[number - 1], place == len(order) - 1
    until = "about 10 minutes after the last peer"
    book.add(
        Action.UPGRADE,
        f"Upgrade {peer.address}",
        peers=(peer,),
        page=f"{MAINTENANCE_MODE}, then Maintenance > Upgrade",
        do=(
            f"{BACKUP}: back it up.",
            f"{MAINTENANCE_MODE}: switch it on and wait until its calls have ended.",
            f"Upload the image of {release}, continue, and let it restart.",
            f"{MAINTENANCE_MODE}: switch it off.",
        ),
        dangers=(never_force_config_update(book.primary),),
        down=(peer,),
        upgraded=frozenset() if last else frozenset(order[: place + 1]),
        alarms=tuple(expected(each, book.stage.members, until) for each in (20004, 20006, 20008)),
        verify=(f"Status > Overview shows {release}.", "No alarm is active that is not expected here."),
        rollback=Rollback(f"Maintenance > Upgrade: {_BACK_TO_FORMER}.", Confidence.DOCUMENTED),
        abort_if="it does not come back: the others go on with the former release",
        sources=("RN-14.0.1", "AG-15.5-clustering", "TA-217743"),
    )


def _copy_certificates(book: Book, oldest: Release, release: Release) -> None:
    """The upgrade to the first release with two stores fills the client's with the server's certificate."""
    if oldest < TWO_STORES_FROM <= release:
        book.begin_with(*_copied(book.plan, book.stage.evidence))


def _copied(plan: Plan, evidence: Evidence) -> tuple[Plan, Evidence]:
    found = tuple(
        replace(one, client=one.server)
        if peer.release < TWO_STORES_FROM and isinstance(one.server, CertificateFile)
        else one
        for peer, one in zip(plan.peers, evidence.peers, strict=True)
    )
    return plan, replace(evidence, peers=found)
