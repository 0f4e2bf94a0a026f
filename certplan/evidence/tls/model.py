"""What was seen on a port."""

from enum import StrEnum

from certplan.evidence.model import Certificate
from certplan.value import Value

__all__ = ["Alert", "ClientCertificate", "Probe", "ProbeTarget", "Reached"]


class Reached(StrEnum):
    """How far a connection came."""

    TLS = "tls"
    """The handshake was completed."""
    ALERT = "alert"
    """The other end ended it with a TLS alert."""
    CLOSED = "closed"
    """The port is closed: the connection was refused or reset before it stood."""
    NO_ROUTE = "no-route"
    """No answer to the connection, or no way to the address."""
    SILENT = "silent"
    """The connection stood, and no TLS data came within the time."""
    PLAIN_TEXT = "plain-text"
    """The port answered with something that is not TLS."""
    CUT = "cut"
    """The connection was cut after ClientHello without an alert, as inspection does."""


class ProbeTarget(Value):
    """A port to connect to."""

    address: str
    """An IP address, or a name where no plan says which address it has."""
    port: int
    server_name: str | None = None
    """The name sent as SNI; None: none."""
    peer: str | None = None
    """The `Peer N address` it belongs to."""


class Alert(Value):
    """A TLS alert (RFC 8446 section 6; RFC 5246 section 7.2)."""

    number: int
    name: str
    meaning: str


class ClientCertificate(Value):
    """What became of a client certificate."""

    asked: bool
    cas: tuple[str, ...] = ()
    """The subjects of the CAs that the port asks for, as RFC 4514 text."""
    given: bool = False
    refusal: Alert | None = None
    """How the one that was given, or its absence, was refused."""


class Probe(Value):
    """One port, as it was seen from here."""

    target: ProbeTarget
    reached: Reached
    detail: str = ""
    """What the system or the TLS library said, where it did not complete."""
    protocol: str | None = None
    sent_chain: tuple[Certificate, ...] = ()
    """The certificates as they were sent, the port's own first."""
    client_certificate: ClientCertificate | None = None
    from_address: str | None = None
    milliseconds: float | None = None
