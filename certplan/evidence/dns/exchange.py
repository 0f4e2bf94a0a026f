"""One question put to one DNS server: over UDP, and over TCP when the answer was cut short (RFC 7766).

The sockets are our own, because a connected UDP socket takes datagrams from its server alone and learns at once that
a port is closed. An exchange never waits itself: it gives what it waits for, so that one loop serves hundreds of them.
"""

import os
import socket
from collections.abc import Generator
from ipaddress import ip_address
from selectors import EVENT_READ, EVENT_WRITE
from typing import TypeVar

from certplan.evidence.dns.message import Unusable
from certplan.value import Value

__all__ = ["NameServer", "Steps", "exchange"]

T = TypeVar("T")
Steps = Generator[tuple[socket.socket, int], None, T]
"""Work that gives the socket and the event (`selectors.EVENT_READ`, `EVENT_WRITE`) without which it cannot go on."""

MAX_STRAYS = 100
"""Datagrams passed over while waiting for the right one."""

_STRAYS = "answers that belong to no question of ours"
_TOO_LONG = "the answer is too long for UDP, and TCP to the server"


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


def exchange(server: NameServer, query: bytes, noise: list[str]) -> Steps[bytes]:
    """Ask a server and return its answer as it came; `noise` gets whatever else arrives meanwhile.

    Raises:
        ConnectionError: when no DNS server listens there.
        OSError: when it cannot be reached.
        Unusable: when what comes is never the answer.
    """
    with socket.socket(server.family, socket.SOCK_DGRAM) as udp:
        udp.setblocking(False)
        udp.connect((server.host, server.port))
        yield from _send(udp, query)
        for _ in range(MAX_STRAYS):
            received = yield from _receive(udp, 65535)
            if received[:2] != query[:2]:
                # Perhaps a late or forged datagram (RFC 5452 section 4): the right one may still come.
                noise.append(_STRAYS)
            elif len(received) > 2 and received[2] & 0x02:  # the TC bit
                noise.append(f"{_TOO_LONG} does not answer")
                return (yield from _over_tcp(server, query))
            else:
                return received
    raise Unusable(_STRAYS)


def _over_tcp(server: NameServer, query: bytes) -> Steps[bytes]:
    try:
        with socket.socket(server.family, socket.SOCK_STREAM) as tcp:
            tcp.setblocking(False)
            yield from _connect(tcp, server)
            yield from _send(tcp, len(query).to_bytes(2, "big") + query)
            size = int.from_bytes((yield from _exactly(tcp, 2)), "big")
            return (yield from _exactly(tcp, size))
    except OSError as error:
        raise Unusable(f"{_TOO_LONG} failed: {error.strerror or 'the connection was cut'}") from None


def _connect(tcp: socket.socket, server: NameServer) -> Steps[None]:
    try:
        tcp.connect((server.host, server.port))
    except BlockingIOError:
        yield tcp, EVENT_WRITE
        if error := tcp.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(error, os.strerror(error)) from None


def _send(sock: socket.socket, data: bytes) -> Steps[None]:
    while data:
        try:
            data = data[sock.send(data) :]
        except BlockingIOError:
            yield sock, EVENT_WRITE


def _receive(sock: socket.socket, most: int) -> Steps[bytes]:
    while True:
        yield sock, EVENT_READ
        try:
            return sock.recv(most)
        except BlockingIOError:
            continue  # a datagram with a wrong checksum wakes us, too, and is gone when it is to be read


def _exactly(tcp: socket.socket, size: int) -> Steps[bytes]:
    data = b""
    while len(data) < size:
        if not (more := (yield from _receive(tcp, size - len(data)))):
            raise ConnectionResetError
        data += more
    return data
