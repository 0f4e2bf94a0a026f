"""The kinds of scalar a plan has: how each is read from text, and how an editor is told of it in the JSON Schema."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
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
    ServerKind,
    TlsVerification,
    Unknown,
    ZoneType,
)
from certplan.vendor.releases import Release

__all__ = [
    "OFF",
    "UNKNOWN",
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
    "Page",
    "PeerNumber",
    "PlanVersion",
    "PlatformChoice",
    "Port",
    "Record",
    "ReleaseOrUnknown",
    "ReleaseText",
    "SanFormatChoice",
    "ServerKindChoice",
    "SeverityChoice",
    "TlsChoice",
    "TlsOrUnknown",
    "TypeChoice",
    "Words",
    "ZoneTypeChoice",
    "authority_named",
    "either",
]

UNKNOWN = Unknown()
OFF = "off"


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


@dataclass(frozen=True, eq=False)
class either:  # noqa: N801 - stands in annotations as `Annotated[Section, either(...)]`
    """A section or list in whose place a word may stand; `read` makes of the word what then counts."""

    read: Callable[[str], object]
    schema: Mapping[str, object]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._validate, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, object]:
        return {"anyOf": [dict(self.schema), handler(schema)]}

    def _validate(self, value: object, section: core_schema.ValidatorFunctionWrapHandler) -> object:
        if not isinstance(value, str):
            return section(value)
        try:
            found = self.read(value)
        except ValueError as error:
            raise PydanticCustomError("plan_value", "{why}", {"why": str(error)}) from None
        return section(found) if isinstance(found, dict) else found


def _enum(values: type[Enum], read: Callable[[str], object], *more: str) -> TextField:
    listed = [*(member.value for member in values), *more]
    return TextField(read, f"{', '.join(listed[:-1])} or {listed[-1]}", {"type": "string", "enum": listed})


def _or_unknown(read: Callable[[str], object]) -> Callable[[str], object]:
    return lambda text: UNKNOWN if text.casefold() == "unknown" else read(text)


_TYPE_MEANT = {
    **dict.fromkeys(("expe", "expresswayedge", "edge", "e", "vcse"), ClusterType.EXPRESSWAY_E),
    **dict.fromkeys(("expc", "expresswaycore", "core", "c", "vcsc"), ClusterType.EXPRESSWAY_C),
}
_WORD: dict[str, object] = {"type": "string", "minLength": 1, "maxLength": scalars.MAX_NAME, "pattern": r"^\S+$"}
_PROSE: dict[str, object] = {"type": ["string", "number"], "minLength": 1, "maxLength": scalars.MAX_LINE}
_RELEASE_PATTERN = r"[Xx]?[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}"
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
        {"type": ["string", "number"], "pattern": rf"^{_RELEASE_PATTERN}$"},
    ),
]
ReleaseOrUnknown = Annotated[
    Release | Unknown,
    TextField(
        _or_unknown(scalars.release),
        "a release such as X14.3.4",
        {
            "type": ["string", "number"],
            "pattern": rf"^(?:{_RELEASE_PATTERN}|[Uu]nknown)$",
        },
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
Port = Annotated[
    int, TextField(scalars.port, "a port from 1 to 65535", {"type": "integer", "minimum": 1, "maximum": 65535})
]
Page = Annotated[str, TextField(scalars.page, "the page's text", {"type": "string", "minLength": 1})]
Milliseconds = Annotated[
    float, TextField(scalars.milliseconds, "a number of milliseconds such as 12", {"type": "number", "minimum": 0})
]
Day = Annotated[date, TextField(scalars.day, "a date such as 2027-01-31", {"type": "string", "format": "date"})]
TypeChoice = Annotated[
    ClusterType | Unknown,
    _enum(ClusterType, _or_unknown(scalars.choice(ClusterType, meant=_TYPE_MEANT)), "unknown"),
]
# The appliance's own logs and pages say Enforcing for Enforce.
_TLS = scalars.choice(TlsVerification, same={"enforcing": TlsVerification.ENFORCE})
TlsChoice = Annotated[TlsVerification, _enum(TlsVerification, _TLS)]
TlsOrUnknown = Annotated[TlsVerification | Unknown, _enum(TlsVerification, _or_unknown(_TLS), "unknown")]
ZoneTypeChoice = Annotated[ZoneType, _enum(ZoneType, scalars.choice(ZoneType))]
ServerKindChoice = Annotated[ServerKind, _enum(ServerKind, scalars.choice(ServerKind))]
IpVersionChoice = Annotated[IpVersion, _enum(IpVersion, scalars.choice(IpVersion))]
LanChoice = Annotated[ExternalLan, _enum(ExternalLan, scalars.choice(ExternalLan))]
PlatformChoice = Annotated[Platform, _enum(Platform, scalars.choice(Platform))]
SanFormatChoice = Annotated[
    SanFormat, _enum(SanFormat, scalars.choice(SanFormat, same={"CollabEdgeDNS": SanFormat.COLLAB_EDGE}))
]
authority_named = scalars.choice(CertificateAuthority, meant={"letsencrypt": CertificateAuthority.ACME})
CaChoice = Annotated[CertificateAuthority, _enum(CertificateAuthority, authority_named)]
SeverityChoice = Annotated[Severity, _enum(Severity, scalars.choice(Severity))]
