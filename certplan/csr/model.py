"""What is asked of a certification authority for one store of one peer, before any key is made."""

from certplan.csr.words import CnStyle, Digest, KeyAlgorithm, NameStyle, Role, StoreChoice
from certplan.handshake.model import Store
from certplan.intent.names import NameChoices, RequestedName
from certplan.plan.model import CertificateSubject, Peer
from certplan.plan.problems import PlanProblem
from certplan.value import Value, field

__all__ = ["Choices", "Order", "Request"]


class Choices(Value):
    """How the requests are to be made. The defaults are what the design recommends."""

    cn: CnStyle | None = None
    """None: the cluster's, or for a system on its own the peer's."""
    names: NameStyle = NameStyle.PEER
    sans: tuple[str, ...] = ()
    """Further names, as given."""
    only_required: bool = False
    """Leave out what only today's certificate has."""
    role: Role | None = None
    """None: what the store, the release and the CA call for."""
    store: StoreChoice | None = None
    """None: the client store for the role client, else the server store."""
    algorithm: KeyAlgorithm = KeyAlgorithm.RSA_4096
    digest: Digest = Digest.SHA256
    subject: CertificateSubject = field(default_factory=CertificateSubject)
    """What is None here is as the plan has it."""

    @property
    def about_names(self) -> NameChoices:
        """What of it is about the names."""
        peer_cn = None if self.cn is None else self.cn is CnStyle.PEER
        return NameChoices(peer_cn, self.names is NameStyle.ALL, self.sans, self.only_required)


class Request(Value):
    """One certificate to be requested: for one store of one peer."""

    peer: Peer
    store: Store
    cn: str
    names: tuple[RequestedName, ...]
    """The SANs, the CN first."""
    usages: tuple[str, ...]
    """Extended key usages."""
    choices: Choices
    stem: str
    """The name of its files without the ending: the peer's host name, with `-client` for the client store."""

    @property
    def sans(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.names)


class Order(Value):
    """The requests of one run, and everything that is wrong with them. With problems there are no requests."""

    requests: tuple[Request, ...]
    problems: tuple[PlanProblem, ...] = ()
    warnings: tuple[str, ...] = ()
    """What is allowed and not advised."""
    notes: tuple[str, ...] = ()
    """What was decided where the plan leaves it open, and names left out or respelled."""
