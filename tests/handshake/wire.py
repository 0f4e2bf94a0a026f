"""Real mutual TLS between peers, in memory: who accepts whom, with what each side really sends."""

import functools
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from OpenSSL import SSL, crypto

from tests.pki import Authority, Leaf

__all__ = ["Endpoint", "accepts", "meet"]


@dataclass(frozen=True)
class Endpoint:
    """A peer as TLS sees it: its certificate and its trusted CA list, in order."""

    leaf: Leaf
    trusted: Sequence[Authority]


def accepts(verifier: Endpoint, presenter: Endpoint, at: datetime, level: int = 0) -> bool:
    """Whether `verifier` accepts `presenter` both as the server it connects to and as a client that connects."""
    as_server = meet(verifier, presenter, at, level)[0]
    as_client = meet(presenter, verifier, at, level)[1]
    return as_server == as_client == 0


def meet(client: Endpoint, server: Endpoint, at: datetime, level: int = 0) -> tuple[int, int]:
    """Connect two peers.

    Returns:
        The first error (an OpenSSL code, 0 for none) that the client found in the server's chain, and that the server
        found in the client's. Both go on after an error, so that each is heard.
    """
    heard: dict[str, int] = {"client": 0, "server": 0}

    def context(side: str, own: Endpoint) -> SSL.Context:
        made = SSL.Context(SSL.TLS_METHOD)
        made.set_cipher_list(f"DEFAULT:@SECLEVEL={level}".encode())
        made.use_certificate(_x509(own.leaf.der))
        made.use_privatekey(_key(own.leaf))
        store = made.get_cert_store()
        assert store is not None
        for ca in own.trusted:
            store.add_cert(_x509(ca.der))
        store.set_time(at.astimezone(UTC).replace(tzinfo=None))

        def noted(_: SSL.Connection, __: crypto.X509, code: int, ___: int, ____: int) -> bool:
            heard[side] = heard[side] or code
            return True

        made.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, noted)
        return made

    one, other = SSL.Connection(context("client", client)), SSL.Connection(context("server", server))
    one.set_connect_state()
    other.set_accept_state()
    for _ in range(6):
        for here, there in ((one, other), (other, one)):
            with suppress(SSL.WantReadError):
                here.do_handshake()
            with suppress(SSL.WantReadError):
                there.bio_write(here.bio_read(1 << 16))
    assert one.get_peer_certificate() is not None
    assert other.get_peer_certificate() is not None
    return heard["client"], heard["server"]


@functools.lru_cache(maxsize=4096)
def _x509(der: bytes) -> crypto.X509:
    return crypto.load_certificate(crypto.FILETYPE_ASN1, der)


@functools.lru_cache(maxsize=1024)
def _key(leaf: Leaf) -> crypto.PKey:
    return crypto.PKey.from_cryptography_key(leaf.key)
