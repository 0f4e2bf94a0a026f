"""What is to be drawn of a judgement, without a coordinate: peers, their ports, connections, and what DNS says."""

from enum import StrEnum

from certplan.handshake.model import Route
from certplan.outcomes import Outcome, Verdict
from certplan.report.drawing.words import peers_in_words
from certplan.value import Value

__all__ = [
    "AddressTarget",
    "Card",
    "Connection",
    "Context",
    "DnsRecord",
    "Fault",
    "Interface",
    "InterfaceKind",
    "LanPort",
    "Lane",
    "NameState",
    "PeerPair",
    "Scene",
]


class Lane(StrEnum):
    """Where something stands, from the outside in."""

    INTERNET = "internet"
    DMZ = "dmz"
    INSIDE = "inside"


class InterfaceKind(StrEnum):
    """What an address belongs to."""

    LAN1 = "LAN 1"
    LAN2 = "LAN 2"
    NAT = "static NAT"


class Interface(Value, order=True):
    """An address that is drawn: a port of a peer, or the static NAT address of one."""

    number: int
    """The peer's."""
    kind: InterfaceKind
    lan: InterfaceKind = InterfaceKind.LAN1
    """The port itself, or the port that the static NAT address stands for."""


class LanPort(Value):
    """One LAN port. `address` has the mask where the plan gives it."""

    interface: Interface
    address: str
    external: bool
    """It is the `External LAN interface`."""
    nat: str | None
    """Its static NAT address."""

    @property
    def nat_interface(self) -> Interface:
        return Interface(self.interface.number, InterfaceKind.NAT, self.interface.kind)


class AddressTarget(Value):
    """An address that a name or a connection leads to. `interface` is None for one that is not in the plan."""

    address: str
    interface: Interface | None
    right: bool = True
    """False for an address that a name in DNS should not lead to."""

    def owner(self, number: int | None) -> str:
        """Whose address it is, in a few words; `number` is the peer spoken of."""
        if self.interface is None:
            return "unknown address"
        kind = self.interface.kind.value
        return kind if self.interface.number == number else f"{kind} of peer {self.interface.number}"


class NameState(StrEnum):
    """How a name in DNS fares, for the reader of the drawing."""

    RIGHT = "right"
    WRONG = "wrong"
    """To an address other than the one it should lead to."""
    CAUTION = "caution"
    """A public name that leads inside."""
    ABSENT = "absent"
    """The view says that there is no such record."""
    UNCHECKED = "unchecked"


class DnsRecord(Value):
    """What DNS says of a name. `number` is None for the cluster name."""

    number: int | None
    lane: Lane
    views: tuple[str, ...]
    name: str
    targets: tuple[AddressTarget, ...]
    state: NameState
    remark: str
    """What is wrong or open, in a few words; empty when it is right."""


class Fault(Value):
    words: str
    outcome: Outcome
    """FAIL or UNKNOWN."""


class Connection(Value):
    """Every verifier that connects to a presenter in the same way, to the same end."""

    number: int
    """The presenter's."""
    verifiers: tuple[int, ...]
    """Other peers; none when the presenter alone judges itself so."""
    name: str
    """The `Peer N address` as typed."""
    route: Route
    view: str
    """The verifiers' own DNS view, where that is what they go by."""
    targets: tuple[AddressTarget, ...]
    outcome: Outcome
    faults: tuple[Fault, ...]

    @property
    def who(self) -> str:
        """`Peers 2 to 6 connect to`."""
        if not self.verifiers:
            return f"Peer {self.number} checks itself"
        return f"{peers_in_words(self.verifiers)} {'connects to' if len(self.verifiers) == 1 else 'connect to'}"

    @property
    def by(self) -> str:
        """By what the name became an address."""
        match self.route:
            case Route.MAPPING:
                return "by mapping"
            case Route.DNS:
                return f"by {self.view} DNS"
            case Route.LITERAL:
                return "as typed"

    @property
    def verdict(self) -> str:
        return {Outcome.FAIL: "rejected", Outcome.UNKNOWN: "not verified"}.get(self.outcome, "accepted")

    def wording(self, fault: Fault) -> str:
        """One of the faults, as it stands under the verdict."""
        unknown_besides = fault.outcome is Outcome.UNKNOWN and self.outcome is not Outcome.UNKNOWN
        return f"not verified: {fault.words}" if unknown_besides else fault.words

    @property
    def lost(self) -> str:
        """What stands in the place of the address when there is none."""
        return "address not known" if self.outcome is Outcome.UNKNOWN else "no address"


class Card(Value):
    """One peer."""

    number: int
    address: str
    """`Peer N address` as typed."""
    names: tuple[str, ...]
    """What is not as on the other peers: a system or host name of another spelling, a release, a DNS view."""
    primary: bool
    lan1: LanPort
    lan2: LanPort | None
    connections: tuple[Connection, ...]
    records: tuple[DnsRecord, ...]

    @property
    def ports(self) -> tuple[LanPort, ...]:
        """From the outside in."""
        return (self.lan1,) if self.lan2 is None else (self.lan2, self.lan1)


class PeerPair(Value):
    """The link between two peers: how each connects to the other, and what comes of it."""

    connections: tuple[Connection, Connection]


class Context(Value):
    """Something beside the cluster that its plan speaks of: the cluster at the far end of a zone, or servers."""

    lane: Lane
    title: str
    lines: tuple[str, ...]
    outcome: Outcome | None
    """Whether the zone works; None: nothing is judged of it."""
    said: str = ""
    """The outcome in words."""


class Scene(Value):
    """Everything that a drawing shows. Its texts are safe to show and not yet escaped for any markup."""

    title: str
    facts: str
    mapping: str
    headline: str
    verdict: Verdict
    stand: Lane
    """Where the peers stand: in the DMZ, or inside (Expressway-C)."""
    cards: tuple[Card, ...]
    cluster_records: tuple[DnsRecord, ...]
    notes: tuple[tuple[Lane, str], ...]
    """What is not known of a lane."""
    networks: tuple[str, ...] = ()
    """The networks of the ports, where the peers share them: `LAN 1 10.20.0.0/24`."""
    pairs: tuple[PeerPair, ...] = ()
    """The link of every two peers, where they are few; else the cards have the links in groups."""
    context: tuple[Context, ...] = ()

    def connections_to(self, card: Card) -> tuple[Connection, ...]:
        """Everyone who connects to a peer, whichever way the links are drawn."""
        paired = (
            connection for pair in self.pairs for connection in pair.connections if connection.number == card.number
        )
        return (*paired, *card.connections)
