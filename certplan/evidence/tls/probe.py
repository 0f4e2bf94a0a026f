"""Connect to ports by TLS and record what they show: the chain as sent, the CAs asked for, how a client is refused.

One connection a port and purpose: one without a client certificate, and where the port asks for one and one is given, a
second with it. In TLS 1.3 the refusal of a client certificate comes after the handshake (RFC 8446 section 4.4.2.4), so
that a port that asks for one is read from before it is called good.
"""

import errno
import selectors
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Future, as_completed
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL

from certplan.evidence.pki.dn import name_facts
from certplan.evidence.pki.x509facts import parse_certificate
from certplan.evidence.tls.model import Alert, ClientCertificate, Probe, ProbeTarget, Reached
from certplan.text.words import clauses
from certplan.value import Value, replace
from certplan.vendor.alerts import alert_words

__all__ = ["Identity", "probe", "probe_all"]

MOST_AT_ONCE = 16
"""Ports asked at the same time: enough for a cluster, few enough not to look like an attack."""
_AFTER_HANDSHAKE = 1.5
"""Seconds to wait for an alert after a TLS 1.3 handshake where a client certificate is asked for."""
_CERTIFICATE_REQUEST = b"read server certificate request"
_NOT_TLS = (
    "wrong version number",
    "http request",
    "unknown protocol",
    "record layer failure",
    "packet length too long",
)
_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL)


class Identity(Value, dict=True):
    """A client certificate with its chain and key, to be offered where a port asks for one."""

    chain: tuple[x509.Certificate, ...]
    key: object


def probe_all(
    targets: Sequence[ProbeTarget],
    timeout: float,
    identity: Identity | None = None,
    done: Callable[[Probe], None] = lambda _: None,
) -> tuple[Probe, ...]:
    """Probe every target, several at a time.

    Args:
        targets: in any order; the answers come in the same one.
        timeout: seconds for each connection.
        identity: offered where a port asks for a client certificate.
        done: receives each answer as it comes, in the calling thread.
    """
    answers: dict[Future[Probe], ProbeTarget] = {Future(): target for target in targets}
    waiting: SimpleQueue[Future[Probe]] = SimpleQueue()
    for answer in answers:
        waiting.put(answer)

    def work() -> None:
        with suppress(Empty):
            while True:
                answer = waiting.get_nowait()
                try:
                    answer.set_result(probe(answers[answer], timeout, identity))
                except Exception as error:  # noqa: BLE001 - it is raised in the calling thread
                    answer.set_exception(error)

    for _ in range(min(MOST_AT_ONCE, len(targets))):
        # A program that is interrupted waits for the threads of a pool, and so for ports that say nothing.
        Thread(target=work, daemon=True).start()
    for answer in as_completed(answers):
        done(answer.result())
    return tuple(answer.result() for answer in answers)


def probe(target: ProbeTarget, timeout: float, identity: Identity | None = None) -> Probe:
    """Connect to one port within `timeout` seconds, and once more where it asks for a certificate and one is given."""
    bare = _Connection(target, timeout, None).run()
    asked = bare.client_certificate
    if identity is None or asked is None or not asked.asked:
        return bare
    offered = _Connection(target, timeout, identity).run()
    if offered.client_certificate is None:
        return replace(bare, client_certificate=replace(asked, given=True), detail=offered.detail or bare.detail)
    refusal = offered.client_certificate.refusal
    reached = Reached.ALERT if refusal is not None else offered.reached
    return replace(
        bare,
        reached=reached,
        detail=offered.detail,
        client_certificate=replace(asked, given=True, refusal=refusal),
    )


class _Connection:
    """One connection, its bounds and what it showed."""

    def __init__(self, target: ProbeTarget, timeout: float, identity: Identity | None) -> None:
        self._target, self._identity = target, identity
        self._deadline = monotonic() + timeout
        self._asked = False
        self._alert: int | None = None
        self._seen = Probe(target, Reached.NO_ROUTE)

    def run(self) -> Probe:
        started = monotonic()
        try:
            address = (self._target.address, self._target.port)
            sock = socket.create_connection(address, timeout=max(0.05, self._deadline - started))
        except TimeoutError:
            return replace(self._seen, detail="no answer within the time")
        except OSError as error:
            no_way = error.errno in _NO_WAY or isinstance(error, socket.gaierror)
            reached = Reached.NO_ROUTE if no_way else Reached.CLOSED
            return replace(self._seen, reached=reached, detail=error.strerror or str(error))
        with sock:
            self._seen = replace(self._seen, from_address=str(sock.getsockname()[0]))
            seen = self._handshake(sock)
        return replace(seen, milliseconds=round((monotonic() - started) * 1000, 1))

    def _handshake(self, sock: socket.socket) -> Probe:
        sock.setblocking(False)
        connection = SSL.Connection(self._context(), sock)
        if self._target.server_name is not None:
            connection.set_tlsext_host_name(self._target.server_name.encode("ascii", "ignore"))
        connection.set_connect_state()
        try:
            self._drive(sock, connection.do_handshake)
        except SSL.Error as error:
            return self._ended(connection, error)
        except TimeoutError:
            return self._with_chain(connection, replace(self._seen, reached=Reached.SILENT, detail="no answer in time"))
        except OSError as error:
            return self._with_chain(connection, replace(self._seen, reached=Reached.CUT, detail=str(error)))
        seen = replace(self._seen, reached=Reached.TLS, protocol=connection.get_protocol_version_name())
        seen = self._with_chain(connection, seen)
        if self._asked:
            seen = self._after(sock, connection, seen)
        return seen

    def _context(self) -> SSL.Context:
        context = SSL.Context(SSL.TLS_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        # What is old or weak on an appliance is to be seen, not refused.
        context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")
        context.set_verify(SSL.VERIFY_NONE, lambda *_: True)
        context.set_info_callback(self._noted)
        if self._identity is not None:
            leaf, *above = self._identity.chain
            context.use_certificate(leaf)
            for ca in above:
                context.add_extra_chain_cert(ca)
            context.use_privatekey(self._identity.key)  # type: ignore[arg-type]
        return context

    def _noted(self, connection: SSL.Connection, where: int, value: int) -> None:
        """Kept by OpenSSL's own account of the handshake: a certificate request, an alert received."""
        if where & SSL.SSL_CB_READ and where & SSL.SSL_CB_ALERT:
            self._alert = value & 0xFF
        elif _CERTIFICATE_REQUEST in connection.get_state_string():
            self._asked = True

    def _drive(self, sock: socket.socket, step: Callable[[], object]) -> object:
        """Repeat a step until it is done, waiting for the socket.

        Raises:
            TimeoutError: when the time is over.
        """
        with selectors.DefaultSelector() as selector:
            selector.register(sock, selectors.EVENT_READ)
            while True:
                try:
                    return step()
                except SSL.WantReadError:
                    selector.modify(sock, selectors.EVENT_READ)
                except SSL.WantWriteError:
                    selector.modify(sock, selectors.EVENT_WRITE)
                left = self._deadline - monotonic()
                if left <= 0 or not selector.select(left):
                    raise TimeoutError

    def _ended(self, connection: SSL.Connection, error: SSL.Error) -> Probe:
        """A handshake that failed: by an alert, by a cut, or because the port does not speak TLS."""
        words = _words(error)
        seen = self._with_chain(connection, self._seen)
        if self._alert is not None:
            return self._refused(replace(seen, reached=Reached.ALERT, detail=words), self._alert)
        if any(each in words.lower() for each in _NOT_TLS):
            return replace(seen, reached=Reached.PLAIN_TEXT, detail="the answer is not TLS")
        if isinstance(error, SSL.SysCallError | SSL.ZeroReturnError) or "unexpected eof" in words.lower():
            return replace(seen, reached=Reached.CUT, detail="the connection was closed without an alert")
        return replace(seen, reached=Reached.ALERT, detail=words)

    def _refused(self, seen: Probe, number: int) -> Probe:
        name, meaning = alert_words(number)
        alert = Alert(number, name, meaning)
        known = seen.client_certificate or ClientCertificate(self._asked)
        return replace(seen, client_certificate=replace(known, given=self._identity is not None, refusal=alert))

    def _after(self, sock: socket.socket, connection: SSL.Connection, seen: Probe) -> Probe:
        """Read once after the handshake: an alert tells that the certificate, or its absence, was refused."""
        self._deadline = min(self._deadline, monotonic() + _AFTER_HANDSHAKE)
        try:
            self._drive(sock, lambda: connection.recv(1))
        except (TimeoutError, SSL.ZeroReturnError):
            return seen
        except (SSL.Error, OSError):
            if self._alert is not None:
                return self._refused(seen, self._alert)
        return seen

    def _with_chain(self, connection: SSL.Connection, seen: Probe) -> Probe:
        """The same with what was sent until then, also where the connection was refused."""
        chain = connection.get_peer_cert_chain(as_cryptography=True) or []
        asked_for = connection.get_client_ca_list() if self._asked else []
        return replace(
            seen,
            sent_chain=tuple(parse_certificate(each.public_bytes(Encoding.DER)) for each in chain),
            client_certificate=ClientCertificate(self._asked, tuple(name_facts(each.der()).text for each in asked_for)),
        )


def _words(error: SSL.Error) -> str:
    """What the library says: a list of (library, function, reason), or a number and a text."""
    said = error.args[0] if error.args else None
    return clauses(str(entry[-1]) for entry in said) if isinstance(said, list | tuple) and said else str(error)
