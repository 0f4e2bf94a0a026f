"""What is asked of a certification authority for one store of one peer, before any key is made."""

from dataclasses import dataclass, field
from enum import StrEnum

from certplan.csr.words import CnStyle, Digest, KeyAlgorithm, NameStyle, Role, StoreChoice
from certplan.handshake.model import Store
from certplan.plan.model import CertificateSubject, Peer
from certplan.plan.nodes import PlanProblem

__all__ = ["Choices", "NameFor", "Order", "Request", "RequestedName"]


class NameFor(StrEnum):
    """What a name stands in a request for."""

    CN = "common name"
    PEER = "peer FQDN"
    ADDRESS = "Peer N address"
    CLUSTER = "cluster name"
    MRA = "Unified CM registrations domain"
    XMPP = "XMPP federation domain"
    CHAT = "IM and Presence chat node alias"
    PROFILE = "Unified CM phone security profile"
    JOIN = "join host of the CMS web proxy"
    OTHER_PEER = "another peer"
    EXTRA = "asked for"


@dataclass(frozen=True, slots=True)
class RequestedName:
    """One dNSName of a request: A-labels in lower case, without the dot of the root."""

    name: str
    why: NameFor
    """The first thing it stands there for."""


@dataclass(frozen=True, slots=True)
class Choices:
    """How the requests are to be made. The defaults are what the design recommends."""

    cn: CnStyle | None = None
    """None: the cluster's, or for a system on its own the peer's."""
    names: NameStyle = NameStyle.PEER
    sans: tuple[str, ...] = ()
    """Further names, as given."""
    role: Role = Role.BOTH
    store: StoreChoice | None = None
    """None: the client store for the role client, else the server store."""
    algorithm: KeyAlgorithm = KeyAlgorithm.RSA_4096
    digest: Digest = Digest.SHA256
    subject: CertificateSubject = field(default_factory=CertificateSubject)
    """What is None here is as the plan has it."""


@dataclass(frozen=True, slots=True)
class Request:
    """One certificate to be requested: for one store of one peer."""

    peer: Peer
    store: Store
    cn: str
    names: tuple[RequestedName, ...]
    """The SANs, the CN first."""
    role: Role
    choices: Choices
    stem: str
    """The name of its files without the ending: the peer's host name, with `-client` for the client store."""

    @property
    def sans(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.names)

    @property
    def usages(self) -> tuple[str, ...]:
        return self.role.usages


@dataclass(frozen=True, slots=True)
class Order:
    """The requests of one run, and everything that is wrong with them. With problems there are no requests."""

    requests: tuple[Request, ...]
    problems: tuple[PlanProblem, ...] = ()
    warnings: tuple[str, ...] = ()
    """What is allowed and not advised."""
    notes: tuple[str, ...] = ()
    """What was decided where the plan leaves it open, and names left out or respelled."""
