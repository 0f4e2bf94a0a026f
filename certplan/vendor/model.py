"""What the vendor's facts look like: frozen values, each with where and when it was read."""

from datetime import date
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from certplan.value import Value

__all__ = [
    "Alarm",
    "AlarmSeverity",
    "CaLifetimes",
    "Capacity",
    "CapacityNote",
    "CapacityRow",
    "EkuSunset",
    "LifetimeStep",
    "MachineSize",
    "ScalingRule",
    "Source",
    "SourceStatus",
    "SpecialPurposeBlock",
    "SpecialUseName",
]


class Source(Value):
    """A document, or one chapter of it, that a statement rests on."""

    key: str
    """Ours, such as `CG-15.4-fqdn`; never shown without the title."""
    title: str
    release: str
    """The software release or edition it is for, such as `X15.4`; empty where it has none."""
    address: str


class SpecialPurposeBlock(Value):
    """One block of IANA's special-purpose address registries."""

    network: IPv4Network | IPv6Network
    name: str
    rfc: str
    globally_reachable: bool | None
    """None where the registry says neither true nor false."""


class LifetimeStep(Value):
    """The longest validity of public certificates issued from a day on."""

    issued_from: date
    days: int
    reuse_days: int
    """How long one validation of a name may be relied on."""
    source: str


class SourceStatus(StrEnum):
    """How well a date is known."""

    CONFIRMED = "confirmed"
    """Read at the certification authority or program itself."""
    SECONDARY = "secondary"
    """Read through a reseller, an excerpt or a third party only."""
    UNKNOWN = "unknown"
    """No date found."""


class EkuSunset(Value):
    """When an authority leaves clientAuth out of public TLS server certificates."""

    authority: str
    issuers: tuple[str, ...]
    """Lower-case pieces of the issuer's organization; none for the root program, which holds for every public CA."""
    status: SourceStatus
    sources: tuple[str, ...]
    note: str
    default_from: date | None = None
    """First day on which clientAuth is left out unless asked for."""
    ends: date | None = None
    """First day on which it is issued to nobody."""
    outside: tuple[str, ...] = ()
    """Lower-case pieces of the issuer's name of its hierarchies outside the browsers' programs, which go on."""
    fixed_profile: bool = False
    """Expressway cannot ask the CA for another profile than its default one: its ACME service has no field for it."""

    @property
    def gone_from(self) -> date | None:
        """First day on which no order of an Expressway gets clientAuth; None where no day is known."""
        return self.default_from if self.fixed_profile and self.default_from is not None else self.ends

    def spares(self, issuer: str) -> bool:
        """Whether `issuer`, the whole name, is of a hierarchy that goes on issuing clientAuth."""
        return any(piece in issuer.lower() for piece in self.outside)


class SpecialUseName(Value):
    """A domain set aside, with everything below it."""

    name: str
    internal: bool
    """Whether it can exist only inside, so that no public CA may certify it. False for documentation names."""
    source: str
    note: str


class CapacityRow(Value):
    """The capacity of one system, or of a cluster of four peers. Video and audio calls are alternatives."""

    platform: str
    """As in the plan: `ce1200`, `ce1300`, `large-vm`, `medium-vm`, `small-vm`."""
    since: str
    registrations: int
    calls_video: int
    calls_audio: int
    rms: int
    """Rich media sessions."""
    mra_registrations: int
    turn_relays: int
    sources: tuple[str, ...]
    before: str = ""
    """The first release it no longer holds for; empty when it still does."""
    calls_mra_video: int | None = None
    """Where the guide gives video calls over MRA a figure of their own."""
    note: str = ""
    """Where the vendor's texts disagree."""


class ScalingRule(Value):
    """How capacity grows with the number of peers, in the releases from `since` until `before`."""

    name: str
    since: str
    """Empty: from the first release with clusters."""
    factors: tuple[int, ...]
    """Times the capacity of one system, for one to six peers."""
    rule: str
    sources: tuple[str, ...]
    conflicts: tuple[str, ...]
    """What other texts of the vendor say instead."""
    before: str = ""


class MachineSize(Value):
    """What a virtual machine of one size is given."""

    platform: str
    vcpus: int
    reserved_mhz: int
    memory_gb: int
    disk_gb: int
    nic_gbps: int
    clustering_gains_capacity: bool
    sources: tuple[str, ...]


class CapacityNote(Value):
    """What is to be minded with the figures."""

    text: str
    platforms: tuple[str, ...] = ()
    """Those it is about; none: all."""


class Capacity(Value):
    """Everything the vendor's guides say of capacity, by platform and release."""

    standalone: tuple[CapacityRow, ...]
    four_peers: tuple[CapacityRow, ...]
    scaling: tuple[ScalingRule, ...]
    machines: tuple[MachineSize, ...]
    notes: tuple[CapacityNote, ...]
    encrypted_sessions_limit: int
    """Encrypted signaling sessions of the standard image, from `encrypted_sessions_since` on."""
    encrypted_sessions_since: str


class AlarmSeverity(StrEnum):
    """As the Administrator Guide prints it."""

    CRITICAL = "Critical"
    ALERT = "Alert"
    ERROR = "Error"
    WARNING = "Warning"
    NOTICE = "Notice"
    NOT_PRINTED = "severity not printed"


class Alarm(Value):
    """An alarm of Expressway. Title and severity are as printed, meaning and remedy in our words."""

    id: int
    title: str
    severity: AlarmSeverity
    meaning: str
    remedy: str
    since: str
    """The first guide read that has it; `X14.0` means X14.0 or earlier."""
    sources: tuple[str, ...]


class CaLifetimes(Value):
    """How long the certificates of one CA last, by their date of issue."""

    authority: str
    issuers: tuple[str, ...]
    """Lower-case pieces of the issuer's organization."""
    acme: bool
    """The ACME service of Expressway orders from it, and renews at two thirds of the lifetime."""
    sources: tuple[str, ...]
    steps: tuple[tuple[date, int], ...]
    """First day of issue and days, in order of time."""
