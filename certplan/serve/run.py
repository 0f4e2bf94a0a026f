"""The server: a socket on loopback, uvicorn on it, and one line on standard output when it is ready."""

import asyncio
import socket
from collections.abc import Callable
from ipaddress import ip_address

import uvicorn
from starlette.types import ASGIApp

__all__ = ["HOST", "NotLoopbackError", "listen", "run", "server_of"]

HOST = "127.0.0.1"
_GRACE = 1
"""Seconds that a request under way is given when the server is to end."""
_LONGEST_HEAD = 32 * 1024


class NotLoopbackError(ValueError):
    """An address that other machines could reach; the workbench is for this one alone."""


def listen(port: int, host: str = HOST) -> socket.socket:
    """A listening socket.

    Args:
        port: 0 for any that is free.
        host: an address of this machine's loopback.

    Raises:
        NotLoopbackError: for any other address.
        OSError: when the port is taken.
    """
    try:
        address = ip_address(host)
    except ValueError:
        raise NotLoopbackError(f"{host} is not an IP address; the workbench listens on {HOST}") from None
    if not address.is_loopback:
        raise NotLoopbackError(f"{host} can be reached from elsewhere; the workbench listens on {HOST} alone")
    return socket.create_server((host, port), family=socket.AF_INET6 if address.version == 6 else socket.AF_INET)


class _Server(uvicorn.Server):
    """uvicorn, which tells when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._ready()


def server_of(app: ASGIApp, ready: Callable[[], None] = lambda: None) -> uvicorn.Server:
    """The server of an application, which has not begun; `ready` is called once requests are answered."""
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        timeout_graceful_shutdown=_GRACE,
    )
    return _Server(config, ready)


def run(app: ASGIApp, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until interrupted; the interrupt is passed on once what was under way is done.

    Args:
        app: the application.
        listening: the socket; it is closed at the end.
        ready: called once, when requests are answered.
    """
    with listening:
        asyncio.run(server_of(app, ready).serve(sockets=[listening]))
