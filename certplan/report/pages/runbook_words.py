"""The words for what a step of a procedure means: impact, alarms, rows, how firmly it is documented."""

from collections.abc import Iterator

from certplan.handshake.page import NOT_VERIFIED
from certplan.outcomes import Confidence
from certplan.proposal.effect import Who
from certplan.runbook.model import Action, Disruption, ExpectedAlarm, Impact, Rollback, Runbook, RunbookStep
from certplan.stage import StatusRow
from certplan.text.words import clauses, listed

__all__ = [
    "HEAD_COLUMNS",
    "OWN_ROWS",
    "abort_words",
    "alarm_words",
    "head_rows",
    "impact_words",
    "inferred_words",
    "rollback_words",
    "row_lines",
    "seen_words",
]

OWN_ROWS = (
    "Expected status is a peer's row as the other peers show it. On its own page each peer's row shows"
    " Clustering: This system."
)
HEAD_COLUMNS = ("No.", "Step", "Who", "Where", "Wait", "Owner", "Duration")
"""The table of steps at the head; the last two are filled in by hand."""
_WHO = {Who.CERTIFICATES: "Certificates", Who.EXPRESSWAY: "Expressway", Who.DNS: "DNS", Who.NETWORK: "Network"}
_CALLS = {
    Disruption.NO_NEW: "no new calls on it; calls in progress go on, those over MRA end",
    Disruption.MOVED: "calls through it end; the other peers take new ones",
    Disruption.OUTAGE: "no calls while it is down",
    Disruption.DIVIDED: "calls between peers that cannot communicate fail",
}
_REGISTRATIONS = {
    Disruption.MOVED: "endpoints register with another peer",
    Disruption.OUTAGE: "endpoints cannot register while it is down",
}
_MRA = {
    Disruption.MOVED: "clients sign in again through another peer",
    Disruption.OUTAGE: "no sign-in while it is down",
}


def impact_words(impact: Impact) -> str:
    """`calls: ...; registrations: ...; MRA: ...`, or that there is none."""
    parts = [
        f"{service}: {words[disruption]}"
        for service, words, disruption in (
            ("calls", _CALLS, impact.calls),
            ("registrations", _REGISTRATIONS, impact.registrations),
            ("MRA", _MRA, impact.mra),
        )
        if disruption in words
    ]
    return clauses(parts) or "none on calls, registrations and MRA"


def alarm_words(alarm: ExpectedAlarm) -> str:
    """An alarm to expect: its number and title, where, and until when."""
    number = f"{alarm.number} " if alarm.number is not None else ""
    return f"alarm {number}{alarm.title} on {alarm.where}, until {alarm.until}"


def rollback_words(rollback: Rollback) -> str:
    return rollback.text + (" (inferred)" if rollback.confidence is Confidence.INFERRED else "")


def abort_words(step: RunbookStep) -> str:
    """The condition as a sentence, without `Abort if`."""
    return f"{step.abort_if}." if step.abort_if else ""


def inferred_words(step: RunbookStep) -> str:
    """Why a step is not documented, headed by what it is; empty where it is documented."""
    return f"{step.confidence}. {step.basis}" if step.confidence is not Confidence.DOCUMENTED else ""


def row_lines(row: StatusRow) -> tuple[str, str]:
    """Both lines of a row; what is not verified has no line of the appliance's, so it is said of which."""
    unknown = [line == NOT_VERIFIED for line in (row.certificate, row.clustering)]
    if all(unknown):
        return NOT_VERIFIED, ""
    certificate = f"certificate {NOT_VERIFIED}" if unknown[0] else row.certificate
    clustering = f"link {NOT_VERIFIED}" if unknown[1] else row.clustering
    return certificate, clustering


def seen_words(row: StatusRow) -> str:
    """Where a row is seen, when not every other peer shows the same, and what its own page shows otherwise."""
    parts = [f"as {row.seen_from} shows it"] if row.seen_from is not None else []
    if row.own_certificate != row.certificate:
        own = row.own_certificate
        parts.append(f"own page: {f'certificate {NOT_VERIFIED}' if own == NOT_VERIFIED else own}")
    return clauses(parts)


def head_rows(book: Runbook) -> Iterator[tuple[str, ...]]:
    """The table of steps: who, where, how long to wait, and two columns to fill in."""
    for number, step in enumerate(book.steps, 1):
        yield str(number), step.title, _WHO[step.who], listed(step.peers), _wait(step), "", ""


def _wait(step: RunbookStep) -> str:
    if step.settle_minutes is None:
        return ""
    what = {Action.RESTART: "restart, then ", Action.UPGRADE: "upgrade and restart, then "}.get(step.action, "")
    return f"{what}{step.settle_minutes} min to settle"
