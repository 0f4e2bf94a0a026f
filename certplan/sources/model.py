"""What the readers of exports say: values, each with the place it was read at."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from certplan.evidence.model import Located
from certplan.places import Place
from certplan.value import Value, field

__all__ = [
    "ConfigurationChange",
    "Field",
    "FileKind",
    "FileReading",
    "ImportedZone",
    "Item",
    "PageRow",
    "RaisedAlarm",
    "Refusal",
    "Sourced",
    "Stated",
]

Stated = str | tuple[str, ...]
"""As a plan writes it: `10.20.0.11/24`, `true`, or a list of such texts."""


class FileKind(StrEnum):
    """What a file turned out to be."""

    CONFIGURATION = "xConfiguration"
    STATUS = "status XML"
    ANSWER = "REST answer"
    PAGE = "clustering page"
    LOG = "log"
    CERTIFICATES = "certificates"
    SENT_CHAIN = "openssl s_client transcript"


class Field(StrEnum):
    """What a plan takes from exports. The value is the plan's own name for it, where it has one."""

    CLUSTER_NAME = "cluster.name"
    TYPE = "cluster.type"
    RELEASE = "release"
    TLS_VERIFICATION = "tls_verification"
    IP_VERSION = "ip_version"
    PRIMARY = "primary"
    PEERS = "peers"
    ADDRESS_MAPPING = "address_mapping"
    """One text an entry: the FQDN, a blank, the IP address; empty where the mapping is Off."""
    SYSTEM_NAME = "system_name"
    HOST_NAME = "host_name"
    DOMAIN = "domain"
    LAN1 = "lan1.ip"
    LAN1_NAT = "lan1.static_nat"
    LAN2 = "lan2.ip"
    LAN2_NAT = "lan2.static_nat"
    EXTERNAL_LAN = "external_lan"
    DUAL_NIC = "dual network interfaces"
    SERIAL = "serial number"
    H323 = "h323"
    NTP = "ntp"
    OPTION_KEYS = "option_keys"
    DNS_SERVERS = "DNS servers"
    DNS_PER_DOMAIN = "DNS servers by domain"
    """One text a domain: the domain, a blank, the server's address."""
    MRA = "MRA"
    MRA_DOMAINS = "services.mra.domains"


class Sourced(Value):
    """A value, and where it was read."""

    value: Stated
    where: Place
    how: str = ""
    """What to know about it: `from a set command`, `by the alarm Cluster TLS permissive` ..."""
    places: tuple[Place, ...] = ()
    """Of a list: where each of its values was read, where that is known. It makes no difference between two."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sourced) and self._compared == other._compared

    def __hash__(self) -> int:
        return hash(self._compared)

    @property
    def _compared(self) -> tuple[Stated, Place, str]:
        return self.value, self.where, self.how


class ImportedZone(Value):
    """A zone as one side has it. What the export does not say is None."""

    number: int
    where: Place
    name: str
    type: str
    """`TraversalServer`, `TraversalClient`, `Neighbor`, as the appliance says it."""
    edge: bool | None = None
    """Whether it is a Unified Communications traversal zone."""
    port: str | None = None
    tls_verify: bool | None = None
    verify_subject_name: str | None = None
    peers: tuple[str, ...] = ()


class RaisedAlarm(Value):
    """An alarm that an export shows as raised. `id` is None where only the title is given."""

    id: str | None
    title: str
    where: Place
    acknowledged: bool = False


class ConfigurationChange(Value):
    """A change of the configuration that a log records. `field` is None where no plan has it."""

    item: str
    field: Field | None
    to: str
    where: Place
    at: datetime | None = None


class PageRow(Value):
    """What System > Clustering shows of one peer."""

    address: str | None
    number: int
    where: Place
    certificate: str | None = None
    """After `Certificate:`, as `Valid`."""
    clustering: str | None = None
    """After `Clustering:`, as `This system`."""


class Item(Value):
    """One file, or one member of an archive."""

    file: str
    """As shown: a member's name stands in brackets after its archive's."""
    bundle: str
    """The archive or the folder that it came in."""
    data: bytes
    archived: bool = False
    """Whether `bundle` is an archive."""
    cut: bool = False
    """Whether `data` is only the beginning of it."""


class Refusal(Value):
    """A file that was not taken, and why: a clause that follows its name."""

    file: str
    why: str


class FileReading(Value):
    """What one file says."""

    file: str
    bundle: str
    kind: FileKind
    facts: Mapping[Field, Sourced] = field(default_factory=dict)
    zones: tuple[ImportedZone, ...] = ()
    servers: tuple[Sourced, ...] = ()
    """Addresses of Unified CM nodes."""
    alarms: tuple[RaisedAlarm, ...] = ()
    changes: tuple[ConfigurationChange, ...] = ()
    stale: tuple[ConfigurationChange, ...] = ()
    """Changes made after this file was written, as far as it shows them itself."""
    certificates: tuple[Located, ...] = ()
    rows: tuple[PageRow, ...] = ()
    text: str = ""
    """Of a page: its text, as a plan keeps it."""
    notes: tuple[str, ...] = ()
