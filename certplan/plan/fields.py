"""The kinds of scalar a plan has: how each is read from text, and how an editor is told of it in the JSON Schema."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated

from pydantic_core import PydanticCustomError, core_schema

from certplan.outcomes import Severity
from certplan.plan import scalars
from certplan.plan.model import (
    CertificateAuthority,
    ClusterType,
    ExternalLan,
    IPAddress,
    IPNetwork,
    IpVersion,
    Platform,
    SanFormat,
    TlsVerification,
)
from certplan.vendor.releases import Release

__all__ = [
    "CaChoice",
    "Day",
    "DnsServer",
    "FileName",
    "Flag",
    "Ip",
    "IpVersionChoice",
    "LanAddress",
    "LanChoice",
    "Milliseconds",
    "Name",
    "Network",
    "OptionKey",
    "PeerNumber",
    "PlanVersion",
    "PlatformChoice",
    "Record",
    "ReleaseText",
    "SanFormatChoice",
    "SeverityChoice",
    "TlsChoice",
    "TypeChoice",
    "Words",
]


@dataclass(frozen=True, eq=False)  # typing hashes what stands in Annotated, and a schema cannot be
class TextField:
    """How one kind of scalar is read, and how an editor is told of it."""

    read: Callable[[str], object]
    expected: str
    schema: Mapping[str, object]

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, core: object, handler: object) -> dict[str, object]:
        return dict(self.schema)

    def _validate(self, value: object) -> object:
        if not isinstance(value, str):
            raise PydanticCustomError("plan_kind", "{expected}", {"expected": self.expected})
        try:
            return self.read(value)
        except ValueError as error:
            raise PydanticCustomError("plan_value", "{why}", {"why": str(error)}) from None


def _enum(values: type[Enum], read: Callable[[str], object]) -> TextField:
    listed = [member.value for member in values]
    return TextField(read, f"{', '.join(listed[:-1])} or {listed[-1]}", {"type": "string", "enum": listed})


_TYPE_MEANT = {
    **dict.fromkeys(("expe", "expresswayedge", "edge", "e", "vcse"), ClusterType.EXPRESSWAY_E),
    **dict.fromkeys(("expc", "expresswaycore", "core", "c", "vcsc"), ClusterType.EXPRESSWAY_C),
}
_WORD: dict[str, object] = {"type": "string", "minLength": 1, "maxLength": scalars.MAX_NAME, "pattern": r"^\S+$"}
_PROSE: dict[str, object] = {"type": ["string", "number"], "minLength": 1, "maxLength": scalars.MAX_LINE}
_IP_PATTERN = "[0-9A-Fa-f:.]+"

Name = Annotated[str, TextField(scalars.name, "a name", _WORD)]
Words = Annotated[str, TextField(scalars.prose, "some text", _PROSE)]
OptionKey = Annotated[str, TextField(scalars.name, "an option key", {**_WORD, "type": ["string", "number"]})]
FileName = Annotated[str, TextField(scalars.file_name, "the name of a file", {"type": "string", "minLength": 1})]
Record = Annotated[str, TextField(scalars.line, "a DNS record", {"type": "string", "minLength": 1})]
Flag = Annotated[
    bool,
    TextField(
        scalars.boolean,
        "true or false",
        {
            "anyOf": [
                {"type": "boolean"},
                {"type": "string", "pattern": "^(?:[Tt]rue|[Ff]alse|[Yy]es|[Nn]o|[Oo]n|[Oo]ff)$"},
            ]
        },
    ),
]
ReleaseText = Annotated[
    Release,
    TextField(
        scalars.release,
        "a release such as X14.3.4",
        {"type": ["string", "number"], "pattern": r"^[Xx]?[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}$"},
    ),
]
Ip = Annotated[
    IPAddress,
    TextField(scalars.ip, "an IP address such as 10.20.0.11", {"type": "string", "pattern": f"^{_IP_PATTERN}$"}),
]
LanAddress = Annotated[
    tuple[IPAddress, IPNetwork | None],
    TextField(
        scalars.lan_address,
        "an IP address and mask such as 10.20.0.11/24",
        {"type": "string", "pattern": f"^{_IP_PATTERN}(?:/[0-9.]+)?$"},
    ),
]
Network = Annotated[
    IPNetwork,
    TextField(
        scalars.network,
        "an address block such as 10.0.0.0/8",
        {"type": "string", "pattern": f"^{_IP_PATTERN}(?:/[0-9.]+)?$"},
    ),
]
DnsServer = Annotated[
    str,
    TextField(
        scalars.dns_server,
        "the IP address of a DNS server such as 192.0.2.53",
        {"type": "string", "pattern": rf"^(?:{_IP_PATTERN}|\[{_IP_PATTERN}\](?::[0-9]+)?)$"},
    ),
]
PlanVersion = Annotated[
    int,
    TextField(
        scalars.plan_version, f"{scalars.PLAN_VERSION}", {"enum": [scalars.PLAN_VERSION, str(scalars.PLAN_VERSION)]}
    ),
]
PeerNumber = Annotated[
    int, TextField(scalars.peer_number, "the number of a peer, from 1 on", {"type": "integer", "minimum": 1})
]
Milliseconds = Annotated[
    float, TextField(scalars.milliseconds, "a number of milliseconds such as 12", {"type": "number", "minimum": 0})
]
Day = Annotated[date, TextField(scalars.day, "a date such as 2027-01-31", {"type": "string", "format": "date"})]
TypeChoice = Annotated[ClusterType, _enum(ClusterType, scalars.choice(ClusterType, meant=_TYPE_MEANT))]
# The appliance's own logs and pages say Enforcing for Enforce.
TlsChoice = Annotated[
    TlsVerification,
    _enum(TlsVerification, scalars.choice(TlsVerification, same={"enforcing": TlsVerification.ENFORCE})),
]
IpVersionChoice = Annotated[IpVersion, _enum(IpVersion, scalars.choice(IpVersion))]
LanChoice = Annotated[ExternalLan, _enum(ExternalLan, scalars.choice(ExternalLan))]
PlatformChoice = Annotated[Platform, _enum(Platform, scalars.choice(Platform))]
SanFormatChoice = Annotated[
    SanFormat, _enum(SanFormat, scalars.choice(SanFormat, same={"CollabEdgeDNS": SanFormat.COLLAB_EDGE}))
]
CaChoice = Annotated[CertificateAuthority, _enum(CertificateAuthority, scalars.choice(CertificateAuthority))]
SeverityChoice = Annotated[Severity, _enum(Severity, scalars.choice(Severity))]
