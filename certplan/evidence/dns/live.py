"""Asking DNS servers, all questions of all views at once and under one deadline.

The sockets are our own, because a connected UDP socket takes datagrams from its server alone and learns at once that
a port is closed. The machine's own resolvers are never asked.
"""

import asyncio
import socket
from collections import defaultdict
from collections.abc import Mapping, Sequence
from ipaddress import ip_address

import dns.rcode

from certplan.evidence.dns.message import Reply, Unusable, query, read_reply
from certplan.evidence.dns.question import Question, with_values
from certplan.evidence.model import DnsAnswer, DnsOutcome, RecordType
from certplan.text.names import show
from certplan.text.words import clauses
from certplan.value import Value, replace

__all__ = ["NameServer", "ask"]

ROUNDS = 3
"""How often a server is asked the same while it keeps silent."""
FIRST_SILENCE = 0.4
"""Seconds after which the first try is taken for lost: a datagram that is costs no more than this."""
MAX_IN_FLIGHT = 64
"""Questions open at one server at a time."""
MAX_STRAYS = 100
"""Datagrams passed over while waiting for the right one."""

_STRAYS = "answers that belong to no question of ours"
_TOO_LONG = "the answer is too long for UDP, and TCP to the server"
_SPOKEN = {
    dns.rcode.NXDOMAIN: DnsOutcome.NXDOMAIN,
    dns.rcode.SERVFAIL: DnsOutcome.SERVFAIL,
    dns.rcode.REFUSED: DnsOutcome.REFUSED,
}


class NameServer(Value):
    """One DNS server. `text` is how the plan writes it."""

    text: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "NameServer":
        """Read `address`, `address:port` or `[address]:port`.

        Raises:
            ValueError: when the text is none of these.
        """
        host, port = text.strip(), "53"
        if host.startswith("["):
            host, bracket, after = host[1:].partition("]")
            if not bracket or (after and not after.startswith(":")):
                raise ValueError(f"{text!r} is not an address in brackets")
            port = after[1:] if after else port
        elif host.count(":") == 1:
            host, _, port = host.partition(":")
        if not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) <= 0xFFFF):
            raise ValueError(f"not a port: {port!r}")
        return cls(text, str(ip_address(host)), int(port))

    @property
    def family(self) -> socket.AddressFamily:
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET


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
    return asyncio.run(_ask_all(views, questions, timeout))


async def _ask_all(
    views: Mapping[str, Sequence[str]],
    questions: Mapping[str, Sequence[Question]],
    timeout: float,  # noqa: ASYNC109 - one deadline for many questions, stated in each answer
) -> dict[str, dict[tuple[str, RecordType], DnsAnswer]]:
    asker = _Asker(timeout)
    distinct = {(view, question.key): question for view, asked in questions.items() for question in asked}
    answers = await asyncio.gather(
        *(asker.ask(view, question, views.get(view, ())) for (view, _), question in distinct.items())
    )
    found: dict[str, dict[tuple[str, RecordType], DnsAnswer]] = {view: {} for view in questions}
    for (view, place), answer in zip(distinct, answers, strict=True):
        found[view][place] = answer
    return found


class _Asker:
    """One run of asking: what is common to all its questions."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + timeout
        self._slots: defaultdict[tuple[str, int], asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(MAX_IN_FLIGHT)
        )

    async def ask(self, view: str, question: Question, servers: Sequence[str]) -> DnsAnswer:
        """Ask a view's servers, in turn while they keep silent, and give the first answer that tells something."""
        blank = DnsAnswer(view, question.name, question.type, DnsOutcome.ERROR)
        if not servers:
            return replace(blank, outcome=DnsOutcome.NOT_COVERED, why=f"view `{show(view)}` has no DNS servers")
        try:
            wire = query(question)
        except ValueError:
            return replace(blank, why=f"`{show(question.name)}` is not a name that can be asked for")
        failures: dict[str, DnsAnswer] = {}
        evenly = self._timeout / (len(servers) * ROUNDS)
        pauses = (min(FIRST_SILENCE, evenly), *[evenly] * (ROUNDS - 1))
        turns = ((text, pause) for pause in pauses for text in servers)
        running: set[asyncio.Task[DnsAnswer]] = set()
        try:
            while True:
                server, pause = next((turn for turn in turns if turn[0] not in failures), (None, None))
                if server is not None:
                    running.add(asyncio.create_task(self._try(replace(blank, source=server), wire)))
                elif not running:
                    return _failed(blank, servers, failures)
                done, running = await asyncio.wait(
                    running,
                    timeout=pause,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                for task in done:
                    answer = task.result()
                    if answer.outcome.answered:
                        return answer
                    failures.setdefault(answer.source or "", answer)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _try(self, blank: DnsAnswer, query: bytes) -> DnsAnswer:
        """One try at the server `blank.source`, until it answers or the deadline is there."""
        noise: list[str] = []
        try:
            server = NameServer.parse(blank.source or "")
        except ValueError as error:
            return replace(blank, why=f"not the address of a server: {show(str(error))}")
        try:
            async with asyncio.timeout_at(self._deadline), self._slots[server.host, server.port]:
                started = self._loop.time()
                received = await self._exchange(server, query, noise)
                now = self._in_time()
            reply = read_reply(received, query, blank.type)
            return replace(_read_answer(blank, reply), milliseconds=round((now - started) * 1000, 2))
        except TimeoutError:
            if noise:
                return replace(blank, why=noise[-1])
            return replace(blank, outcome=DnsOutcome.TIMEOUT, why=f"no answer within {self._timeout:g} s")
        except ConnectionError:
            return replace(blank, why="no DNS server listens there, or the connection was cut")
        except OSError as error:
            return replace(blank, why=f"cannot be reached: {error.strerror or error}")
        except Unusable as error:
            return replace(blank, why=str(error))

    def _in_time(self) -> float:
        """The time now. Reading answers is work too: once the deadline is over, those that have come are not read."""
        if (now := self._loop.time()) >= self._deadline:
            raise TimeoutError
        return now

    async def _exchange(self, server: NameServer, query: bytes, noise: list[str]) -> bytes:
        with socket.socket(server.family, socket.SOCK_DGRAM) as udp:
            udp.setblocking(False)
            udp.connect((server.host, server.port))
            await self._loop.sock_sendall(udp, query)
            for _ in range(MAX_STRAYS):
                received = await self._loop.sock_recv(udp, 65535)
                if received[:2] != query[:2]:
                    # Perhaps a late or forged datagram (RFC 5452 section 4): the right one may still come.
                    noise.append(_STRAYS)
                elif len(received) > 2 and received[2] & 0x02:  # the TC bit
                    noise.append(f"{_TOO_LONG} does not answer")
                    return await self._over_tcp(server, query)
                else:
                    return received
        raise Unusable(_STRAYS)

    async def _over_tcp(self, server: NameServer, query: bytes) -> bytes:
        try:
            with socket.socket(server.family, socket.SOCK_STREAM) as tcp:
                tcp.setblocking(False)
                await self._loop.sock_connect(tcp, (server.host, server.port))
                await self._loop.sock_sendall(tcp, len(query).to_bytes(2, "big") + query)
                size = int.from_bytes(await self._exactly(tcp, 2), "big")
                return await self._exactly(tcp, size)
        except OSError as error:
            raise Unusable(f"{_TOO_LONG} failed: {error.strerror or 'the connection was cut'}") from None

    async def _exactly(self, tcp: socket.socket, size: int) -> bytes:
        data = b""
        while len(data) < size:
            if not (more := await self._loop.sock_recv(tcp, size - len(data))):
                raise ConnectionResetError
            data += more
        return data


def _failed(blank: DnsAnswer, servers: Sequence[str], failures: Mapping[str, DnsAnswer]) -> DnsAnswer:
    """The failure that says most, with what every server did in words."""
    failed = [failures[server] for server in dict.fromkeys(servers) if server in failures]
    most = next((answer for answer in failed if answer.outcome is not DnsOutcome.TIMEOUT), failed[0])
    why = clauses(f"{show(answer.source or '')}: {answer.why}" for answer in failed)
    return replace(most, name=blank.name, why=why)


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
