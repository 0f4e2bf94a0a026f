"""How a procedure begins and ends: errors to fix first, a baseline of every peer, and the record of what came of it.

Sources: Cluster Creation and Maintenance guide X15.4 (requirements, forming a cluster); Administrator Guide X15.5
(diagnostic logging: an archive that spans a restart holds the log alone, and each peer's archive is its own).
"""

from collections.abc import Iterator, Sequence

from certplan.outcomes import Confidence, Outcome, Severity
from certplan.plan.model import Peer
from certplan.proposal.effect import Effect
from certplan.proposal.state import apply
from certplan.rules import catalog, codes_for
from certplan.rules.engine import run
from certplan.rules.model import Case, Finding
from certplan.runbook.alarms import peer_list
from certplan.runbook.book import Book
from certplan.runbook.model import Action, Rollback
from certplan.runbook.texts import BACKUP, CLUSTERING, DIAGNOSTICS, NOTHING_CHANGED
from certplan.stage import Stage
from certplan.text.words import listed

__all__ = ["baseline", "errors_left", "fix_errors", "outside_errors", "prepare", "record"]


def prepare(book: Book, effects: Sequence[Effect] = ()) -> None:
    """Errors that the procedure does not clear come first; then the baseline.

    Args:
        book: the procedure, before its first step.
        effects: the changes that the procedure makes.
    """
    fix_errors(book, outside_errors(book, effects))
    baseline(book)


def outside_errors(book: Book, effects: Sequence[Effect]) -> tuple[Finding, ...]:
    """The errors of today that these changes do not clear and that Enforce does not depend on."""
    changed = apply(book.intent, [*book.effects, *effects])
    return errors_left(book, Stage(changed.plan, changed.evidence, book.intent.at))


def errors_left(book: Book, after: Stage) -> tuple[Finding, ...]:
    """The errors of today that Enforce does not depend on and that are there in another state as well."""
    today = book.stage
    left = {(finding.code, finding.subject.name) for finding in _errors(after)}
    members = {peer.address for peer in today.members}
    return tuple(
        finding
        for finding in _errors(today)
        if (finding.code, finding.subject.name) in left
        and (not finding.subject.peers or members & set(finding.subject.peers))
    )


def _errors(stage: Stage) -> Iterator[Finding]:
    by_handshake = {code for cause in stage.matrix.not_passed for code in codes_for(cause)}
    case = Case(stage.plan, stage.evidence, stage.at, stage.matrix)
    for finding in run(case, catalog()):
        failed = finding.outcome is Outcome.FAIL and finding.severity is Severity.ERROR and finding.waived is None
        if failed and finding.code not in by_handshake:
            yield finding


def fix_errors(book: Book, found: Sequence[Finding]) -> None:
    """The first step, where there are such errors: releases, NTP, H.323 and whatever else the rules find."""
    if not found:
        return
    concerned = {address for finding in found for address in finding.subject.peers}
    everywhere = any(not finding.subject.peers for finding in found)
    book.add(
        Action.FIX,
        "Fix the errors that Enforce does not depend on",
        peers=[peer for peer in book.primary_first if everywhere or peer.address in concerned],
        do=[f"{finding.subject.name}: {_sentence(finding.message)} {_sentence(finding.fix)}" for finding in found],
        verify=("certplan check, with these corrected in the plan, no longer reports them.",),
        rollback=Rollback("Put the former values back."),
        abort_if="one of them cannot be fixed: decide first whether the window can go ahead with it",
        codes=tuple(dict.fromkeys(finding.code for finding in found)),
        sources=("CG-15.4-requirements", "CG-15.4-form"),
    )


def _sentence(text: str) -> str:
    flat = " ".join(text.split())
    return flat if not flat or flat[-1] in ".!?" else f"{flat}."


def baseline(book: Book) -> None:
    """Archives and backups of every peer, and logging that begins with the window."""
    apart = listed(f"{one.address} and {other.address}" for one, other in book.stage.apart)
    do = [
        (
            f"{DIAGNOSTICS}: start logging, stop it, and download the archive of every peer: each holds its own"
            " peer only. These are the baseline."
        ),
        "Start logging again, for the window.",
        f"{BACKUP}: back up every peer, and keep the backup and its password away from the machines.",
        "Keep the server certificates, private keys and CA files at hand as files.",
        f"{CLUSTERING} of every peer: compare every row with those given here.",
        "Change nothing else in the cluster until the procedure is over.",
    ]
    if apart:
        do.insert(5, f"The rows between {apart} show Failed today: that is known and no reason to abort.")
    others = f" between other peers than {apart}" if apart else ""
    book.add(
        Action.PREPARE,
        "Take the baseline: archives, backups and fresh logging",
        peers=book.primary_first,
        page=f"{DIAGNOSTICS}, then {BACKUP}",
        do=do,
        verify=(
            "An archive and a backup of every peer open on another machine.",
            *_to_see(book.stage.members),
            "No alarms other than those listed as active today.",
        ),
        rollback=Rollback(f"{NOTHING_CHANGED} Stop the logging.", Confidence.DOCUMENTED),
        abort_if=f"a row shows Failed{others}, or an alarm about the cluster is active that is not listed as active"
        " today",
        sources=("AG-15.5-diagnostics", "CG-15.4-form", "CG-15.4-requirements", "AG-15.5-alarms"),
    )


def _to_see(members: Sequence[Peer]) -> Iterator[str]:
    """What has to be in order and the plan does not tell. What it tells is either so, or an error to fix first."""
    timed = [peer for peer in members if peer.ntp is None or peer.ntp]
    if timed:
        yield f"NTP is Synchronized on {'every peer' if len(timed) == len(members) else peer_list(timed)}."
    unstated = [peer for peer in members if peer.h323 is None]
    if unstated:
        yield f"H.323 mode is On on {'every peer' if len(unstated) == len(members) else peer_list(unstated)}."


def record(book: Book, *, keep: str = "", verify: Sequence[str] = ()) -> None:
    """The last step: what the log of the window says, new archives, new backups.

    Args:
        book: the procedure.
        keep: what is to be stated in the plan; empty: nothing.
        verify: what else to check.
    """
    restarted = any(step.out for step in book.steps)
    window = "it spans a restart, so it holds the log alone" if restarted else "it holds the log of the window"
    book.add(
        Action.FINISH,
        "Take new archives and backups",
        peers=book.primary_first,
        page=f"{DIAGNOSTICS}, then {BACKUP}",
        do=(
            f"Stop the logging and download the archive of every peer: {window}.",
            "Start logging once more, stop it, and download a new archive of every peer: it shows the state reached.",
            "Back up every peer again.",
            *((keep,) if keep else ()),
        ),
        verify=(
            "The new archives show the values of this procedure; compare them with the baseline.",
            "No alarm about the cluster is active that is not expected here.",
            *verify,
        ),
        rollback=Rollback(NOTHING_CHANGED, Confidence.DOCUMENTED),
        abort_if="an alarm about the cluster is active 10 minutes after the last restart",
        sources=("AG-15.5-diagnostics", "CG-15.4-form"),
    )
