"""The seven questions that logs of a cluster answer, over all peers by UTC.

Who set the TLS mode and did it reach every peer; which restarts are owed, and was their order right; is replication
healthy; which peer dropped when, by intent or by refusal; which name failed to resolve; which certificate was refused
by whom; which alarms came and went.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, pairwise

from certplan.logs.events import Event, EventKind, What
from certplan.text.names import show, show_all
from certplan.value import Value

__all__ = ["AnswerState", "Answers", "Coverage", "LogAnswer", "answers_of"]

REACH = timedelta(seconds=60)
"""A change that a peer has not logged within this time did not reach it."""
_CYCLE = timedelta(seconds=60)
"""A synchronization takes seconds; one without an end after this time did not finish."""
_TOGETHER = timedelta(seconds=120)
_MOST_LINES = 20

Coverage = Mapping[str, tuple[datetime, datetime]]
"""Of each host whose log was read the first and the last time."""


class AnswerState(StrEnum):
    REACHED = "reached"
    MISSING = "missing"
    DONE = "done"
    OUT_OF_ORDER = "out-of-order"
    OWED = "owed"
    HEALTHY = "healthy"
    INCOMPLETE = "incomplete"
    TWO_PRIMARIES = "two-primaries"
    RESTART = "restart"
    REFUSAL = "refusal"
    UNKNOWN = "unknown"
    FAILED = "failed"
    REFUSED = "refused"
    RAISED = "raised"
    LOWERED = "lowered"

    @property
    def wrong(self) -> bool:
        """Whether it makes the exit code 1."""
        return self in (AnswerState.MISSING, AnswerState.INCOMPLETE, AnswerState.TWO_PRIMARIES, AnswerState.REFUSED)


class LogAnswer(Value):
    """One thing that logs say, with the events it rests on."""

    utc: datetime
    peer: str
    state: AnswerState
    summary: str
    events: tuple[Event, ...]

    @property
    def lines(self) -> tuple[tuple[str, int], ...]:
        """The lines it rests on, as file and number; the first twenty."""
        return tuple((event.file, event.line) for event in self.events[:_MOST_LINES])


class Answers(Value):
    mode_changes: tuple[LogAnswer, ...]
    restarts: tuple[LogAnswer, ...]
    replication: tuple[LogAnswer, ...]
    disconnects: tuple[LogAnswer, ...]
    resolution: tuple[LogAnswer, ...]
    refusals: tuple[LogAnswer, ...]
    alarms: tuple[LogAnswer, ...]

    @property
    def all(self) -> Iterator[LogAnswer]:
        for answers in (
            self.mode_changes,
            self.restarts,
            self.replication,
            self.disconnects,
            self.resolution,
            self.refusals,
            self.alarms,
        ):
            yield from answers

    @property
    def wrong(self) -> bool:
        """Whether a mode did not reach a peer, replication is broken, or a certificate was refused."""
        return any(answer.state.wrong for answer in self.all)


def answers_of(events: Sequence[Event], coverage: Coverage) -> Answers:
    """Answer the seven questions.

    Args:
        events: of all logs, in order of time.
        coverage: the hosts whose logs were read, and from when to when.
    """
    groups = _clusters(events)
    return Answers(
        mode_changes=tuple(_mode_changes(events, coverage, groups)),
        restarts=tuple(_restarts(events, groups)),
        replication=tuple(sorted((*_cycles(events, coverage), *_primaries(events)), key=lambda answer: answer.utc)),
        disconnects=tuple(_disconnects(events)),
        resolution=tuple(_gathered(events, What.NAME_FAILED, AnswerState.FAILED)),
        refusals=tuple(_refusals(events)),
        alarms=tuple(_alarms(events)),
    )


def _clusters(events: Iterable[Event]) -> Mapping[str, frozenset[str]]:
    """Of each host the hosts of its cluster, as far as replication lines tell."""
    return {event.peer: frozenset(event.group) for event in events if event.group}


def _members(peer: str, groups: Mapping[str, frozenset[str]], coverage: Coverage) -> list[str]:
    """The peers of the same cluster whose logs were read: all of them where no line tells the cluster."""
    mine = groups.get(peer)
    if mine is None:
        return [host for host in coverage if host not in groups] or [peer]
    return [host for host in coverage if host in mine or groups.get(host) == mine]


def _mode_changes(
    events: Sequence[Event], coverage: Coverage, groups: Mapping[str, frozenset[str]]
) -> Iterator[LogAnswer]:
    changes = [event for event in events if event.what in (What.MODE_SET, What.MODE_APPLIED)]
    while changes:
        first = changes[0]
        together = [
            each
            for each in changes
            if each.value == first.value
            and each.utc - first.utc <= REACH
            and (groups.get(each.peer) == groups.get(first.peer))
        ]
        changes = [each for each in changes if each not in together]
        yield from _mode_change(together, _members(first.peer, groups, coverage), coverage)


def _mode_change(together: Sequence[Event], members: Sequence[str], coverage: Coverage) -> Iterator[LogAnswer]:
    first = together[0]
    set_by = next((event for event in together if event.what is What.MODE_SET), first)
    applied = {event.peer: event for event in together if event.what is What.MODE_APPLIED}
    missing = [host for host in members if host not in applied and _covers(coverage.get(host), first.utc)]
    if not missing:
        reached = show_all(applied)
        span = max(event.utc for event in together) - first.utc
        summary = f"{set_by.summary}; reached {reached or 'no other peer'} within {span.total_seconds():.3f} s"
        state = AnswerState.REACHED if applied else AnswerState.UNKNOWN
        yield LogAnswer(set_by.utc, set_by.peer, state, summary, tuple(together))
    for host in missing:
        summary = f"{set_by.summary}; {show(host)} did not log the change within {REACH.total_seconds():.0f} s"
        yield LogAnswer(set_by.utc, host, AnswerState.MISSING, summary, tuple(together))


def _covers(span: tuple[datetime, datetime] | None, begun: datetime) -> bool:
    """Whether a log reaches from before a change until after the time in which it should have arrived."""
    return span is not None and span[0] <= begun and span[1] >= begun + REACH


def _restarts(events: Sequence[Event], groups: Mapping[str, frozenset[str]]) -> Iterator[LogAnswer]:
    """What became of each demand for a restart, and whether the primary was the first and the others one by one."""
    owed = [event for event in events if event.what is What.RESTART_OWED]
    for demand in owed:
        later = [event for event in events if event.peer == demand.peer and event.utc > demand.utc]
        start = next((event for event in later if event.what in (What.STARTED, What.RESTART_CLEARED)), None)
        repeated = any(each.peer == demand.peer and each.utc > demand.utc for each in owed)
        if start is None:
            if not repeated:
                summary = f"{show(demand.peer)} has to be restarted, and no start follows in its log"
                yield LogAnswer(demand.utc, demand.peer, AnswerState.OWED, summary, (demand,))
            continue
        before = _started_too_early(events, demand, start, groups)
        if before is None:
            yield LogAnswer(
                start.utc, demand.peer, AnswerState.DONE, f"{show(demand.peer)} was restarted", (demand, start)
            )
        else:
            yield LogAnswer(start.utc, demand.peer, AnswerState.OUT_OF_ORDER, before, (demand, start))


def _started_too_early(
    events: Sequence[Event], demand: Event, start: Event, groups: Mapping[str, frozenset[str]]
) -> str | None:
    """Why a start came out of order; None where it did not."""
    cluster = groups.get(start.peer, frozenset())
    starts = [event for event in events if event.what in (What.STARTED, What.RESTART_CLEARED)]
    starts = [event for event in starts if event.utc > demand.utc and (not cluster or event.peer in cluster)]
    primary = _primary_before(events, demand)
    others = [event for event in starts if event.peer != start.peer and event.utc < start.utc]
    if primary is not None and start.peer != primary and not any(event.peer == primary for event in others):
        return f"{show(start.peer)} was restarted before the primary {show(primary)}"
    if others:
        former = others[-1]
        synced = any(
            event.what is What.SYNC_DONE and event.peer == former.peer and former.utc < event.utc < start.utc
            for event in events
        )
        replicates = any(event.what is What.SYNC_DONE and event.peer == former.peer for event in events)
        if replicates and not synced:
            return f"{show(start.peer)} was restarted before the replication of {show(former.peer)} was complete"
    return None


def _primary_before(events: Sequence[Event], moment: Event) -> str | None:
    roles = [event for event in events if event.what is What.SYNC_ROLE and event.utc <= moment.utc]
    named = [event for event in roles if event.primary is not None and event.primary < len(event.group)]
    return named[-1].group[named[-1].primary or 0] if named else None


def _cycles(events: Sequence[Event], coverage: Coverage) -> Iterator[LogAnswer]:
    """Of each peer the cycles that did not finish, and how many did."""
    for peer in dict.fromkeys(event.peer for event in events if event.kind is EventKind.REPLICATION):
        cycle = [event for event in events if event.peer == peer and event.what in (What.SYNC_STARTED, What.SYNC_DONE)]
        done = [event for event in cycle if event.what is What.SYNC_DONE]
        if done:
            count = "once" if len(done) == 1 else f"{len(done)} times"
            summary = f"synchronization of {show(peer)} completed {count}, last at {done[-1].utc:%H:%M:%S}"
            yield LogAnswer(done[-1].utc, peer, AnswerState.HEALTHY, summary, (done[-1],))
        ends = [*cycle, None]
        for begun, following in pairwise(ends):
            if begun is None or begun.what is not What.SYNC_STARTED:
                continue
            until = following.utc if following is not None else coverage.get(peer, (begun.utc, begun.utc))[1]
            finished = following is not None and following.what is What.SYNC_DONE
            if not finished and until - begun.utc >= _CYCLE:
                summary = f"a synchronization of {show(peer)} did not finish"
                yield LogAnswer(begun.utc, peer, AnswerState.INCOMPLETE, summary, (begun,))


def _primaries(events: Sequence[Event]) -> Iterator[LogAnswer]:
    """Peers of one cluster that call different peers the primary at the same time."""
    latest: dict[str, Event] = {}
    said: set[frozenset[str]] = set()
    for event in events:
        if event.what is not What.SYNC_ROLE:
            continue
        latest[event.peer] = event
        for other in list(latest.values()):
            alike = other.peer != event.peer and set(other.group) == set(event.group)
            recent = event.utc - other.utc <= 2 * _TOGETHER
            pair = frozenset((event.peer, other.peer))
            if alike and recent and _named(event) != _named(other) and pair not in said:
                said.add(pair)
                summary = (
                    f"{show(other.peer)} calls {show(_named(other))} the primary, "
                    f"{show(event.peer)} calls {show(_named(event))} the primary"
                )
                yield LogAnswer(event.utc, event.peer, AnswerState.TWO_PRIMARIES, summary, (other, event))


def _named(event: Event) -> str:
    number = event.primary or 0
    return event.group[number] if number < len(event.group) else f"number {number + 1}"


def _disconnects(events: Sequence[Event]) -> Iterator[LogAnswer]:
    lost = [event for event in events if event.what in (What.PEER_DOWN, What.CONNECT_FAILED)]
    for (peer, other), alike in groupby(sorted(lost, key=_ends), key=_ends):
        for burst in _bursts(list(alike)):
            first = burst[0]
            if first.what is not What.PEER_DOWN:
                continue
            state, why = _why_lost(events, burst)
            summary = f"{show(peer)} lost {show(other)}: {why}"
            yield LogAnswer(first.utc, peer, state, summary, tuple(burst))


def _ends(event: Event) -> tuple[str, str]:
    return event.peer, event.other


def _bursts(events: Sequence[Event]) -> Iterator[list[Event]]:
    """Events of the same two ends, split where they are silent for more than ten minutes."""
    burst: list[Event] = []
    for event in events:
        if burst and event.utc - burst[-1].utc > 5 * _TOGETHER:
            yield burst
            burst = []
        burst.append(event)
    if burst:
        yield burst


def _why_lost(events: Sequence[Event], burst: Sequence[Event]) -> tuple[AnswerState, str]:
    """An intended restart is followed by a start there or a completed synchronization; a refusal repeats instead."""
    first, last = burst[0], burst[-1]
    host = first.other.partition(".")[0]
    after = [event for event in events if event.utc > first.utc]
    restarted = any(event.what is What.STARTED and event.peer.partition(".")[0] == host for event in after)
    synced = any(event.what is What.SYNC_DONE and event.peer == first.peer for event in after)
    repeats = last.utc - first.utc >= REACH
    refused = any(event.what is What.REFUSED and host and host in event.other for event in after)
    if refused or (repeats and not synced):
        return AnswerState.REFUSAL, "it is refused, for it repeats and no synchronization follows"
    if restarted or synced:
        return AnswerState.RESTART, "a restart, for it was connected again afterwards"
    return AnswerState.UNKNOWN, "the log does not say whether it came back"


def _gathered(events: Sequence[Event], what: What, state: AnswerState) -> Iterator[LogAnswer]:
    found = [event for event in events if event.what is what]
    for peer, alike in groupby(sorted(found, key=lambda event: event.peer), key=lambda event: event.peer):
        each = list(alike)
        times = "" if len(each) == 1 else f" ({len(each)} times)"
        yield LogAnswer(each[0].utc, peer, state, f"{show(peer)}: {each[0].summary}{times}", tuple(each))


def _refusals(events: Sequence[Event]) -> Iterator[LogAnswer]:
    groups: dict[tuple[str, str, str], list[Event]] = {}
    for event in events:
        if event.what is What.REFUSED:
            groups.setdefault(
                (event.peer, event.other, event.refusal.words if event.refusal else event.value), []
            ).append(event)
    for alike in groups.values():
        first = alike[0]
        times = "" if len(alike) == 1 else f" ({len(alike)} times)"
        meaning = f": {first.refusal.meaning}" if first.refusal is not None else ""
        refused = first.refusal is None or first.refusal.certificate
        state = AnswerState.REFUSED if refused else AnswerState.UNKNOWN
        yield LogAnswer(first.utc, first.peer, state, f"{first.summary}{times}{meaning}", tuple(alike))


def _alarms(events: Sequence[Event]) -> Iterator[LogAnswer]:
    for event in events:
        if event.kind is EventKind.ALARM or event.what in (What.RESTART_OWED, What.RESTART_CLEARED):
            raised = event.what in (What.ALARM_RAISED, What.RESTART_OWED)
            yield LogAnswer(
                event.utc, event.peer, AnswerState.RAISED if raised else AnswerState.LOWERED, event.summary, (event,)
            )
