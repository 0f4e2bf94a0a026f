"""A real DNS server for the tests: BIND's `named` on a port of its own, and servers that misbehave.

    with named({"example.com": zone("exe1 A 203.0.113.11")}, tmp_path) as server:
        server.address                                       "127.0.0.1:PORT", as a plan writes it

One process is one view. It serves its zones and nothing else: other names are REFUSED, a zone that cannot be loaded
(its text without a SOA record, say) is SERVFAIL. Tests that use it bear `@pytest.mark.system("bind9")`.
"""

import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from certplan.evidence.dns.live import ask
from certplan.evidence.dns.question import Question
from certplan.evidence.model import DnsAnswer, RecordType

__all__ = ["PATIENT", "NameServer", "answering", "closed_port", "framed", "named", "one", "respond", "silent", "zone"]

PATIENT = 20.0
"""Seconds that no test with a live server needs."""
STARTS = 5
"""Another process may take the port between finding and using it."""


@dataclass(frozen=True, slots=True)
class NameServer:
    """A running server. `address` is what a plan gives under `servers`."""

    address: str
    folder: Path


def zone(*records: str, ttl: int = 300) -> str:
    """The text of a whole zone with these records, relative to its apex."""
    head = (f"$TTL {ttl}", "@ SOA ns hostmaster 1 3600 600 86400 60", "@ NS ns", "ns A 127.0.0.1")
    return "\n".join((*head, *records, ""))


@contextmanager
def named(zones: Mapping[str, str], folder: Path) -> Iterator[NameServer]:
    """Run `named` with these zones (apex to file text) until the block ends. It has answered for itself when it begins.

    Args:
        zones: the text of each zone by its apex. Zones of other views go to another process.
        folder: where a new folder for configuration, zones and process files is made, such as `tmp_path`.
    """
    home = Path(tempfile.mkdtemp(prefix="named-", dir=folder))
    for number, text in enumerate(zones.values()):
        (home / f"{number}.zone").write_text(text, encoding="utf-8")
    for _ in range(STARTS):
        port = _free_port()
        (home / "named.conf").write_text(_configuration(home, port, zones), encoding="utf-8")
        with _running(home) as log:
            if _has_started(log):
                drain = threading.Thread(target=log.read, daemon=True)
                drain.start()
                yield NameServer(f"127.0.0.1:{port}", home)
                return
    raise AssertionError(f"named does not start from {home / 'named.conf'}")


def _configuration(home: Path, port: int, zones: Mapping[str, str]) -> str:
    declared = "\n".join(
        f'zone "{apex}" {{ type primary; file "{home / f"{number}.zone"}"; check-names ignore; }};'
        for number, apex in enumerate(zones)
    )
    return f"""
options {{
    directory "{home}";
    pid-file none;
    session-keyfile "{home / "session.key"}";
    managed-keys-directory "{home}";
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    recursion no;
    dnssec-validation no;
    empty-zones-enable no;
    notify no;
    minimal-responses no-auth-recursive;
}};
controls {{ }};
{declared}
"""


@contextmanager
def _running(home: Path) -> Iterator[IO[str]]:
    program = shutil.which("named") or "/usr/sbin/named"
    command = [program, "-g", "-n", "1", "-c", str(home / "named.conf")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace") as process:
        assert process.stderr is not None
        try:
            yield process.stderr
        finally:
            process.kill()


def _has_started(log: IO[str]) -> bool:
    for line in log:
        if "address in use" in line or "could not listen" in line:
            return False
        if line.rstrip().endswith(" running"):
            return True
    return False


def _free_port() -> int:
    """A port that neither UDP nor TCP has in use."""
    while True:
        with socket.socket(type=socket.SOCK_STREAM) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port: int = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


@contextmanager
def silent() -> Iterator[str]:
    """The address of a server that takes every question and never answers."""
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{udp.getsockname()[1]}"


def closed_port() -> str:
    """An address at which nobody listens."""
    return f"127.0.0.1:{_free_port()}"


@contextmanager
def answering(
    reply: Callable[[bytes], list[bytes]], tcp_reply: Callable[[bytes], bytes] | None = None
) -> Iterator[str]:
    """The address of a server that sends, for each UDP question, the datagrams `reply` makes of it.

    With `tcp_reply` it listens on TCP too, and sends each connection the bytes made of its question (without its
    length), length and all, and closes it.
    """
    with ExitStack() as stack:
        udp = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        tcp = stack.enter_context(socket.socket(type=socket.SOCK_STREAM))
        port = _free_port()
        udp.bind(("127.0.0.1", port))
        threads = [threading.Thread(target=_serve_udp, args=(udp, reply))]
        if tcp_reply is not None:
            tcp.bind(("127.0.0.1", port))
            tcp.listen()
            threads.append(threading.Thread(target=_serve_tcp, args=(tcp, tcp_reply)))
        for thread in threads:
            thread.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            with socket.socket(type=socket.SOCK_DGRAM) as end:
                end.sendto(b"", ("127.0.0.1", port))
            if tcp_reply is not None:
                socket.create_connection(("127.0.0.1", port)).close()
            for thread in threads:
                thread.join()


def _serve_udp(udp: socket.socket, reply: Callable[[bytes], list[bytes]]) -> None:
    while True:
        question, client = udp.recvfrom(65535)
        if not question:
            return
        for datagram in reply(question):
            udp.sendto(datagram, client)


def _serve_tcp(tcp: socket.socket, reply: Callable[[bytes], bytes]) -> None:
    while True:
        connection, _ = tcp.accept()
        with connection:
            question = connection.recv(65535)
            if not question:
                return
            connection.sendall(reply(question[2:]))


def one(name: str, type_: RecordType, *servers: str, timeout: float = PATIENT) -> DnsAnswer:
    """What one view with these servers says to one question."""
    question = Question(name, type_)
    return ask({"public": servers}, {"public": [question]}, timeout=timeout)["public"][question.key]


def respond(wire: bytes, *records: str, flags: int = dns.flags.RA, rcode: int = 0) -> bytes:
    """The answer a plain resolver gives, with these records or one address."""
    query = dns.message.from_wire(wire)
    response = dns.message.make_response(query)
    response.flags |= flags
    response.set_rcode(dns.rcode.Rcode(rcode))
    for record in records or (f"{query.question[0].name} 60 IN A 192.0.2.1",):
        owner, ttl, class_, type_, data = record.split(" ", 4)
        response.answer.append(dns.rrset.from_text(owner, int(ttl), class_, type_, data))
    return response.to_wire(max_size=65535)


def framed(wire: bytes) -> bytes:
    return len(wire).to_bytes(2, "big") + wire
