"""What there is to do: typed changes, each with the effect it has on the plan and on what is seen of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from certplan.evidence.model import Certificate, RecordType, Srv
from certplan.handshake.model import Store
from certplan.outcomes import Verdict
from certplan.plan.model import ExternalLan, IPAddress, IpVersion, MappingEntry, Plan
from certplan.vendor.releases import Release

__all__ = [
    "RECORD_TYPES",
    "Advice",
    "Change",
    "DropEntry",
    "Effect",
    "LoadCa",
    "LoadNewCa",
    "MoveNat",
    "Proposal",
    "Reissue",
    "RemoveCa",
    "RenewCrl",
    "SetAddress",
    "SetAddresses",
    "SetEntry",
    "SetExternalLan",
    "SetIpVersion",
    "SetLan1",
    "SetRelease",
    "SetReverse",
    "SetServices",
    "SwitchMappingOn",
    "Who",
]


class Who(StrEnum):
    """Who carries a change out, in the order the changes are best begun."""

    CERTIFICATES = "certificates"
    """Whoever orders certificates from a CA."""
    NETWORK = "network"
    """Firewall, NAT and interfaces."""
    DNS = "dns"
    EXPRESSWAY = "expressway"
    """Pages of the appliance."""


@dataclass(frozen=True, slots=True)
class Reissue:
    """A new certificate for a peer: the names and roles it would bear, and the CA that would sign it."""

    peer: int
    store: Store
    cn: str
    names: tuple[str, ...]
    roles: tuple[str, ...]
    issuer: Certificate | None
    """None: a CA that no list read has; it has to be loaded with `LoadNewCa`."""
    not_before: datetime
    not_after: datetime
    rsa: bool = False
    """The release does not take ECDSA keys."""


@dataclass(frozen=True, slots=True)
class LoadCa:
    """Add CAs that another peer's list has to a peer's trusted CA list."""

    peer: int
    certificates: tuple[Certificate, ...]


@dataclass(frozen=True, slots=True)
class LoadNewCa:
    """Add the chain of a CA, which no list read has, to a peer's trusted CA list."""

    peer: int
    name: str
    """The CA's subject; empty for the CA that issues what has to be reissued."""


@dataclass(frozen=True, slots=True)
class RemoveCa:
    """Take a CA off a peer's trusted CA list."""

    peer: int
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class RenewCrl:
    """Load the CRL that a CA publishes today in the place of the one a peer has."""

    peer: int
    issuer: str


@dataclass(frozen=True, slots=True)
class SetAddress:
    """Change `Peer N address`, on every peer."""

    peer: int
    to: str


@dataclass(frozen=True, slots=True)
class SwitchMappingOn:
    """Set `Cluster address mapping enabled` to On, with these entries."""

    entries: tuple[MappingEntry, ...]


@dataclass(frozen=True, slots=True)
class SetEntry:
    """Make this the only entry of the cluster address mapping for its FQDN."""

    fqdn: str
    ip: IPAddress


@dataclass(frozen=True, slots=True)
class DropEntry:
    """Delete an entry of the cluster address mapping."""

    fqdn: str
    ip: IPAddress


@dataclass(frozen=True, slots=True)
class SetAddresses:
    """Give a name these addresses, and no other, in one DNS view."""

    view: str
    name: str
    addresses: tuple[IPAddress, ...]


@dataclass(frozen=True, slots=True)
class SetReverse:
    """Give an address one PTR record in one DNS view."""

    view: str
    ip: IPAddress
    name: str


@dataclass(frozen=True, slots=True)
class SetServices:
    """Give a service name these SRV records, and no other, in one DNS view."""

    view: str
    name: str
    services: tuple[Srv, ...]


@dataclass(frozen=True, slots=True)
class MoveNat:
    """Take static NAT off LAN 1 of a peer with two NICs; LAN 2 carries it."""

    peer: int


@dataclass(frozen=True, slots=True)
class SetLan1:
    """Give a peer that shares its LAN 1 address with another one of its own."""

    peer: int
    ip: IPAddress


@dataclass(frozen=True, slots=True)
class SetExternalLan:
    peer: int
    lan: ExternalLan


@dataclass(frozen=True, slots=True)
class SetRelease:
    """Upgrade every peer that runs an earlier release."""

    release: Release


@dataclass(frozen=True, slots=True)
class SetIpVersion:
    version: IpVersion


Effect = (
    Reissue
    | LoadCa
    | LoadNewCa
    | RemoveCa
    | RenewCrl
    | SetAddress
    | SwitchMappingOn
    | SetEntry
    | DropEntry
    | SetAddresses
    | SetReverse
    | SetServices
    | MoveNat
    | SetLan1
    | SetExternalLan
    | SetRelease
    | SetIpVersion
)

RECORD_TYPES = {4: RecordType.A, 6: RecordType.AAAA}
"""The record type that holds an address of each IP version."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something to do."""

    who: Who
    peer: str | None
    """The peer's address as the plan has it; None when it concerns the cluster."""
    action: str
    """What, in a few words: `Reissue the server certificate`."""
    detail: str
    """The exact values, in sentences."""
    answers: tuple[str, ...]
    """The codes of the rules it answers."""
    effect: Effect


@dataclass(frozen=True, slots=True)
class Advice:
    """A finding for which no change is known that could be proved here."""

    codes: tuple[str, ...]
    subject: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """The least changes found, the plan they lead to, and the verdict that plan was given."""

    before: Verdict
    after: Verdict
    changes: tuple[Change, ...]
    plan: Plan
    """The plan with the changes made."""
    in_the_way: tuple[Advice, ...]
    """What still keeps the verdict from `ready`: evidence to give, or decisions to take."""
    advice: tuple[Advice, ...] = field(default=())
    """Findings at the chosen severity that no change here clears."""
    notes: tuple[str, ...] = field(default=())
    """What to do meanwhile, until the changes are made."""
