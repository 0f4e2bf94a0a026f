"""Did the change do what the runbook said? Logs and ports after it, against the state that the plan aims at."""

from collections.abc import Iterator, Sequence

from certplan.logs.answers import Answers, AnswerState, LogAnswer
from certplan.logs.events import What
from certplan.logs.reading import LogRead
from certplan.outcomes import Outcome
from certplan.plan.model import Plan, TlsVerification
from certplan.text.names import key
from certplan.value import Value

__all__ = ["ExpectedEffect", "PortState", "verified"]


class PortState(Value):
    """One port as a probe found it."""

    port: str
    peer: str
    outcome: Outcome
    said: str


class ExpectedEffect(Value):
    """One thing that was to be, and whether it is. Unknown: nothing that was given tells."""

    what: str
    peer: str
    outcome: Outcome
    said: str


def verified(
    plan: Plan, read: LogRead | None, answers: Answers | None, ports: Sequence[PortState]
) -> tuple[ExpectedEffect, ...]:
    """Check mode, restarts, replication, refusals and certificates served.

    Args:
        plan: the state that was aimed at: the target, or today where the plan has none.
        read: the logs; None where none were given.
        answers: to the logs' seven questions.
        ports: what probes found; empty where nothing was probed.
    """
    return tuple(_verified(plan, read, answers, ports))


def _verified(
    plan: Plan, read: LogRead | None, answers: Answers | None, ports: Sequence[PortState]
) -> Iterator[ExpectedEffect]:
    yield from _modes(plan, read)
    yield from _restarts(plan, read, answers)
    yield from _replication(plan, read, answers)
    if answers is not None:
        yield from _refusals(answers.refusals)
    else:
        yield ExpectedEffect("no certificate refused", "", Outcome.UNKNOWN, "no log was given")
    if not ports:
        yield ExpectedEffect("certificates served", "", Outcome.UNKNOWN, "nothing was probed")
    for port in ports:
        yield ExpectedEffect(f"certificate served on {port.port}", port.peer, port.outcome, port.said)


def _host(plan: Plan, number: int) -> str:
    peer = plan.peers[number]
    return key(peer.host_name or peer.address.partition(".")[0])


def _named(plan: Plan, number: int, read: LogRead) -> str | None:
    """The host of a peer as its log has it."""
    host = _host(plan, number)
    return next((known for known in read.coverage if key(known.partition(".")[0]) == host), None)


def _modes(plan: Plan, read: LogRead | None) -> Iterator[ExpectedEffect]:
    planned = plan.cluster.stated_tls_verification
    if not isinstance(planned, TlsVerification):
        yield ExpectedEffect("TLS verification mode", "", Outcome.UNKNOWN, "the plan says unknown")
        return
    for number, peer in enumerate(plan.peers):
        host = None if read is None else _named(plan, number, read)
        applied = (
            [event for event in read.events if event.what is What.MODE_APPLIED and event.peer == host] if read else []
        )
        if host is None:
            yield ExpectedEffect(
                "TLS verification mode", peer.address, Outcome.UNKNOWN, "no log of this peer was given"
            )
        elif not applied:
            yield ExpectedEffect(
                "TLS verification mode", peer.address, Outcome.UNKNOWN, "its log shows no change of mode"
            )
        else:
            last = applied[-1]
            mode = TlsVerification.ENFORCE if last.value.startswith("enforc") else TlsVerification.PERMISSIVE
            outcome = Outcome.PASS if mode is planned else Outcome.FAIL
            said = f"{mode.value} since {last.utc:%Y-%m-%d %H:%M:%S} UTC; {planned.value} was planned"
            yield ExpectedEffect("TLS verification mode", peer.address, outcome, said)


_RESTARTS = {AnswerState.DONE: Outcome.PASS, AnswerState.OWED: Outcome.FAIL, AnswerState.OUT_OF_ORDER: Outcome.FAIL}


def _restarts(plan: Plan, read: LogRead | None, answers: Answers | None) -> Iterator[ExpectedEffect]:
    yield from _by_peer("restarts", plan, read, () if answers is None else answers.restarts, _RESTARTS)


_REPLICATION = {
    AnswerState.HEALTHY: Outcome.PASS,
    AnswerState.INCOMPLETE: Outcome.FAIL,
    AnswerState.TWO_PRIMARIES: Outcome.FAIL,
}


def _replication(plan: Plan, read: LogRead | None, answers: Answers | None) -> Iterator[ExpectedEffect]:
    yield from _by_peer("replication", plan, read, () if answers is None else answers.replication, _REPLICATION)


def _by_peer(
    what: str, plan: Plan, read: LogRead | None, answers: Sequence[LogAnswer], outcomes: dict[AnswerState, Outcome]
) -> Iterator[ExpectedEffect]:
    for number, peer in enumerate(plan.peers):
        host = None if read is None else _named(plan, number, read)
        said = [answer for answer in answers if answer.peer == host]
        if host is None:
            yield ExpectedEffect(what, peer.address, Outcome.UNKNOWN, "no log of this peer was given")
        elif not said:
            yield ExpectedEffect(what, peer.address, Outcome.UNKNOWN, f"its log says nothing of {what}")
        else:
            # What went wrong last counts; an unfinished round that a later one made good does not.
            last = said[-1]
            yield ExpectedEffect(what, peer.address, outcomes.get(last.state, Outcome.UNKNOWN), last.summary)


def _refusals(refusals: Sequence[LogAnswer]) -> Iterator[ExpectedEffect]:
    refused = [answer for answer in refusals if answer.state is AnswerState.REFUSED]
    if not refused:
        yield ExpectedEffect("no certificate refused", "", Outcome.PASS, "the logs show no refused certificate")
    for answer in refused:
        yield ExpectedEffect("no certificate refused", answer.peer, Outcome.FAIL, answer.summary)
