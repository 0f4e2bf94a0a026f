"""Asking DNS servers, all questions of all views at once and under one deadline.

One loop over all sockets asks them: at the deadline hundreds of questions may be open, and to wake a task for each try
of each of them would take tens of milliseconds more. The machine's own resolvers are never asked.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import count
from selectors import DefaultSelector, SelectorKey
from time import monotonic, sleep
from typing import Self

import dns.rcode

from certplan.evidence.dns.exchange import NameServer, Steps, exchange
from certplan.evidence.dns.message import Reply, Unusable, query, read_reply
from certplan.evidence.dns.question import Question, with_values
from certplan.evidence.model import DnsAnswer, DnsOutcome, RecordType
from certplan.text.names import show
from certplan.text.words import clauses
from certplan.value import Struct, field, replace

__all__ = ["ask"]

ROUNDS = 3
"""How often a server is asked the same while it keeps silent."""
FIRST_SILENCE = 0.4
"""Seconds after which the first try is taken for lost: a datagram that is costs no more than this."""
MAX_IN_FLIGHT = 64
"""Questions open at one server at a time."""

_SPOKEN = {
    dns.rcode.NXDOMAIN: DnsOutcome.NXDOMAIN,
    dns.rcode.SERVFAIL: DnsOutcome.SERVFAIL,
    dns.rcode.REFUSED: DnsOutcome.REFUSED,
}


def ask(
    views: Mapping[str, Sequence[str]],
    questions: Mapping[str, Sequence[Question]],
    *,
    timeout: float,
) -> dict[str, dict[tuple[str, RecordType], DnsAnswer]]:
    """Ask the servers of each view its questions.

    Everything is asked at once, so that a dead server costs one `timeout` and no more. Within it a view's servers are
    tried in turn, three times each, while the earlier tries stay open and may still answer: the first tries 0.4 s
    apart at most, since a lost datagram is the likely reason of a short silence, the later ones evenly spaced. A
    server that refuses, fails or cannot be reached passes its question on at once. UDP is used, and TCP when an
    answer was cut short (RFC 7766). Only servers that resolve for their client are of use: a bare referral, or an
    alias followed no further, is an ERROR.

    A view without servers gives NOT_COVERED. It never raises for anything that servers or names can do.

    Args:
        views: the servers of each view, as the plan writes them.
        questions: what to ask of each view.
        timeout: seconds for all of it together.

    Returns:
        For each view of `questions` every answer, by the key of its question. In each, `source` is the server and
        `milliseconds` the time from asking to the answer used; `ttl` is the least of the chain.
    """
    with _Asker(timeout) as asker:
        opened = {
            view: {
                place: asker.open(view, question, views.get(view, ()))
                for place, question in {question.key: question for question in asked}.items()
            }
            for view, asked in questions.items()
        }
        asker.run()
        return {view: {place: asker.answer(each) for place, each in asked.items()} for view, asked in opened.items()}


class _Busy(Struct, eq=False):
    """What one server is busy with."""

    in_flight: int = 0
    waiting: "deque[_Try]" = field(default_factory=deque)


class _Try(Struct, eq=False):
    """One try of a question at one server."""

    question: "_Open"
    server: NameServer
    busy: _Busy
    noise: list[str] = field(default_factory=list)
    steps: Steps[DnsAnswer] | None = None
    """None before it has begun."""
    waits: tuple[int, int] | None = None
    """The file descriptor and the event that it waits for."""


class _Open(Struct, eq=False):
    """A question to a view's servers while it is asked."""

    blank: DnsAnswer
    wire: bytes
    servers: Sequence[str]
    turns: Iterator[tuple[str, float]]
    """The servers still to be tried, and after how many seconds of silence the next one's turn has come."""
    due: float = 0
    """When it is the next one's turn."""
    tries: list[_Try] = field(default_factory=list)
    """Those that have not ended."""
    failures: dict[str, DnsAnswer] = field(default_factory=dict)
    """By server."""
    answer: DnsAnswer | None = None


class _Asker:
    """One run of asking: what is common to all its questions."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._deadline = monotonic() + timeout
        self._selector = DefaultSelector()
        self._open: set[_Open] = set()
        self._turns: list[tuple[float, int, _Open]] = []
        """A heap. An entry counts only while its time is the one at which its question is due."""
        self._numbers = count()
        self._servers: defaultdict[tuple[str, int], _Busy] = defaultdict(_Busy)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for question in self._open:
            for attempt in question.tries:
                if attempt.steps is not None:
                    attempt.steps.close()
        self._selector.close()

    def open(self, view: str, question: Question, servers: Sequence[str]) -> _Open:
        """Take up a question to a view's servers."""
        blank = DnsAnswer(view, question.name, question.type, DnsOutcome.ERROR)
        evenly = self._timeout / (max(len(servers), 1) * ROUNDS)
        pauses = (min(FIRST_SILENCE, evenly), *[evenly] * (ROUNDS - 1))
        opened = _Open(blank, b"", servers, ((text, pause) for pause in pauses for text in servers))
        if not servers:
            why = f"view `{show(view)}` has no DNS servers"
            opened.answer = replace(blank, outcome=DnsOutcome.NOT_COVERED, why=why)
            return opened
        try:
            opened.wire = query(question)
        except ValueError:
            opened.answer = replace(blank, why=f"`{show(question.name)}` is not a name that can be asked for")
            return opened
        self._open.add(opened)
        self._set_due(opened, monotonic())
        return opened

    def run(self) -> None:
        """Ask until all is answered or the deadline is there."""
        while self._open and (now := monotonic()) < self._deadline:
            self._take_turns(now)
            for busy in self._servers.values():
                self._begin(busy)
            until = min(self._turns[0][0], self._deadline) if self._turns else self._deadline
            for ready, _ in self._ready(max(until - monotonic(), 0)):
                # Reading answers is work too: once the deadline is over, those that have come are not read.
                if monotonic() >= self._deadline:
                    break
                self._go_on(ready.data)

    def _ready(self, wait: float) -> Sequence[tuple[SelectorKey, int]]:
        if self._selector.get_map():
            return self._selector.select(wait)
        sleep(wait)  # Windows cannot wait for no socket at all
        return ()

    def answer(self, question: _Open) -> DnsAnswer:
        """The answer, or how every server has failed to give one by now."""
        if question.answer is not None:
            return question.answer
        for attempt in question.tries:
            if attempt.noise:
                failure = replace(question.blank, source=attempt.server.text, why=attempt.noise[-1])
                question.failures.setdefault(attempt.server.text, failure)
        late = replace(question.blank, outcome=DnsOutcome.TIMEOUT, why=f"no answer within {self._timeout:g} s")
        for server in question.servers:
            if server not in question.failures:
                question.failures[server] = replace(late, source=server)
        return _failed(question)

    def _set_due(self, question: _Open, when: float) -> None:
        question.due = when
        heappush(self._turns, (when, next(self._numbers), question))

    def _take_turns(self, now: float) -> None:
        """Turn to the next server where those before it keep silent or have failed."""
        while self._turns and self._turns[0][0] <= now:
            due, _, question = heappop(self._turns)
            if question.due != due or question.answer is not None:
                continue
            turn = next((turn for turn in question.turns if turn[0] not in question.failures), None)
            if turn is not None:
                text, pause = turn
                self._set_due(question, now + pause)
                self._try(question, text)
            elif not question.tries:
                self._settle(question, _failed(question))

    def _try(self, question: _Open, text: str) -> None:
        """Have a question wait until the server has time for it."""
        try:
            server = NameServer.parse(text)
        except ValueError as error:
            why = f"not the address of a server: {show(str(error))}"
            self._fail(question, replace(question.blank, source=text, why=why))
            return
        attempt = _Try(question, server, self._servers[server.host, server.port])
        attempt.busy.waiting.append(attempt)
        question.tries.append(attempt)

    def _begin(self, busy: _Busy) -> None:
        """Begin as many of the tries that wait for a server as it is asked at a time."""
        while busy.waiting and busy.in_flight < MAX_IN_FLIGHT:
            attempt = busy.waiting.popleft()
            if attempt.question.answer is None:
                busy.in_flight += 1
                attempt.steps = _steps(attempt)
                self._go_on(attempt)

    def _go_on(self, attempt: _Try) -> None:
        """Take a try to where it waits again, or to its end."""
        question = attempt.question
        if attempt.steps is None or question.answer is not None:
            return
        try:
            sock, event = next(attempt.steps)
        except StopIteration as ended:
            answer: DnsAnswer = ended.value
            question.tries.remove(attempt)
            self._let_go(attempt)
            if answer.outcome.answered:
                self._settle(question, answer)
            else:
                self._fail(question, answer)
        else:
            self._wait(attempt, (sock.fileno(), event))

    def _wait(self, attempt: _Try, what: tuple[int, int] | None) -> None:
        if what == attempt.waits:
            return
        if attempt.waits is not None:
            self._selector.unregister(attempt.waits[0])
        if what is not None:
            self._selector.register(*what, attempt)
        attempt.waits = what

    def _let_go(self, attempt: _Try) -> None:
        """Free what a try holds: its place at the server and its sockets."""
        if attempt.steps is not None:
            self._wait(attempt, None)
            attempt.steps.close()
            attempt.busy.in_flight -= 1

    def _settle(self, question: _Open, answer: DnsAnswer) -> None:
        question.answer = answer
        self._open.discard(question)
        for attempt in question.tries:
            self._let_go(attempt)

    def _fail(self, question: _Open, failure: DnsAnswer) -> None:
        """One server has failed: it is the next one's turn at once."""
        question.failures.setdefault(failure.source or "", failure)
        self._set_due(question, monotonic())


def _steps(attempt: _Try) -> Steps[DnsAnswer]:
    """One try, until the server has answered; the deadline is another's to keep."""
    blank = replace(attempt.question.blank, source=attempt.server.text)
    query = attempt.question.wire
    started = monotonic()
    try:
        received = yield from exchange(attempt.server, query, attempt.noise)
        milliseconds = round((monotonic() - started) * 1000, 2)
        return replace(_read_answer(blank, read_reply(received, query, blank.type)), milliseconds=milliseconds)
    except ConnectionError:
        return replace(blank, why="no DNS server listens there, or the connection was cut")
    except OSError as error:
        return replace(blank, why=f"cannot be reached: {error.strerror or error}")
    except Unusable as error:
        return replace(blank, why=str(error))


def _failed(question: _Open) -> DnsAnswer:
    """The failure that says most, with what every server did in words."""
    failed = [question.failures[server] for server in dict.fromkeys(question.servers)]
    most = next((answer for answer in failed if answer.outcome is not DnsOutcome.TIMEOUT), failed[0])
    why = clauses(f"{show(answer.source or '')}: {answer.why}" for answer in failed)
    return replace(most, why=why)


def _read_answer(blank: DnsAnswer, reply: Reply) -> DnsAnswer:
    """What a reply says, as the answer to the question of `blank`."""
    rcode = dns.rcode.Rcode.make(reply.rcode)
    if rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        why = f"it answered {dns.rcode.to_text(rcode)}"
        return replace(blank, outcome=_SPOKEN.get(rcode, DnsOutcome.ERROR), why=why)
    found = replace(blank, aliases=reply.aliases, ttl=reply.ttl)
    if reply.values:
        return with_values(replace(found, outcome=DnsOutcome.ANSWER), reply.values)
    if rcode == dns.rcode.NXDOMAIN:
        return replace(found, outcome=DnsOutcome.NXDOMAIN)
    if not reply.denies and not reply.recursive and (found.aliases or reply.refers):
        why = "it does not resolve for its clients: it only refers to other servers"
        return replace(found, why=f"{why} for `{show(found.aliases[-1])}`" if found.aliases else why)
    return replace(found, outcome=DnsOutcome.NO_DATA)
