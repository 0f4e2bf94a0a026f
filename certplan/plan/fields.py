"""The kinds of scalar a plan has: how each is read from text, and how the JSON Schema describes it to an editor."""

from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Annotated

from certplan.outcomes import Severity
from certplan.plan import scalars
from certplan.plan.declaring import Scalar
from certplan.plan.kinds import (
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
    ZoneType,
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
    "Page",
    "PeerNumber",
    "PlanName",
    "PlanVersion",
    "PlatformChoice",
    "Port",
    "Record",
    "ReleaseText",
    "SanFormatChoice",
    "ServerKindChoice",
    "SeverityChoice",
    "TlsChoice",
    "TypeChoice",
    "Words",
    "ZoneTypeChoice",
    "authority_named",
]


def _enum(values: type[Enum], read: Callable[[str], object]) -> Scalar:
    listed = [member.value for member in values]
    return Scalar(read, f"{', '.join(listed[:-1])} or {listed[-1]}", {"type": "string", "enum": listed})


_TYPE_MEANT = {
    **dict.fromkeys(("expe", "expresswayedge", "edge", "e", "vcse"), ClusterType.EXPRESSWAY_E),
    **dict.fromkeys(("expc", "expresswaycore", "core", "c", "vcsc"), ClusterType.EXPRESSWAY_C),
}
_WORD: dict[str, object] = {"type": "string", "minLength": 1, "maxLength": scalars.MAX_NAME, "pattern": r"^\S+$"}
_PROSE: dict[str, object] = {"type": ["string", "number"], "minLength": 1, "maxLength": scalars.MAX_LINE}
_RELEASE_PATTERN = r"[Xx]?[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}"
_IP_PATTERN = "[0-9A-Fa-f:.]+"

Name = Annotated[str, Scalar(scalars.name, "a name", _WORD)]
Words = Annotated[str, Scalar(scalars.prose, "some text", _PROSE)]
OptionKey = Annotated[str, Scalar(scalars.name, "an option key", {**_WORD, "type": ["string", "number"]})]
_FILE: dict[str, object] = {"type": "string", "minLength": 1}
FileName = Annotated[str, Scalar(scalars.file_name, "the name of a file", _FILE, "file")]
PlanName = Annotated[str, Scalar(scalars.file_name, "the name of a file", _FILE)]
Record = Annotated[str, Scalar(scalars.line, "a DNS record", {"type": "string", "minLength": 1})]
Flag = Annotated[
    bool,
    Scalar(
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
    Scalar(
        scalars.release,
        "a release such as X14.3.4",
        {"type": ["string", "number"], "pattern": rf"^{_RELEASE_PATTERN}$"},
    ),
]
Ip = Annotated[
    IPAddress,
    Scalar(scalars.ip, "an IP address such as 10.20.0.11", {"type": "string", "pattern": f"^{_IP_PATTERN}$"}),
]
LanAddress = Annotated[
    tuple[IPAddress, IPNetwork | None],
    Scalar(
        scalars.lan_address,
        "an IP address and mask such as 10.20.0.11/24",
        {"type": "string", "pattern": f"^{_IP_PATTERN}(?:/[0-9.]+)?$"},
    ),
]
Network = Annotated[
    IPNetwork,
    Scalar(
        scalars.network,
        "an address block such as 10.0.0.0/8",
        {"type": "string", "pattern": f"^{_IP_PATTERN}(?:/[0-9.]+)?$"},
    ),
]
DnsServer = Annotated[
    str,
    Scalar(
        scalars.dns_server,
        "the IP address of a DNS server such as 192.0.2.53",
        {"type": "string", "pattern": rf"^(?:{_IP_PATTERN}|\[{_IP_PATTERN}\](?::[0-9]+)?)$"},
    ),
]
PlanVersion = Annotated[
    int,
    Scalar(
        scalars.plan_version, f"{scalars.PLAN_VERSION}", {"enum": [scalars.PLAN_VERSION, str(scalars.PLAN_VERSION)]}
    ),
]
PeerNumber = Annotated[
    int, Scalar(scalars.peer_number, "the number of a peer, from 1 on", {"type": "integer", "minimum": 1})
]
Port = Annotated[
    int, Scalar(scalars.port, "a port from 1 to 65535", {"type": "integer", "minimum": 1, "maximum": 65535})
]
Page = Annotated[str, Scalar(scalars.page, "the page's text", {"type": "string", "minLength": 1}, "lines")]
Milliseconds = Annotated[
    float, Scalar(scalars.milliseconds, "a number of milliseconds such as 12", {"type": "number", "minimum": 0})
]
Day = Annotated[date, Scalar(scalars.day, "a date such as 2027-01-31", {"type": "string", "format": "date"})]
TypeChoice = Annotated[ClusterType, _enum(ClusterType, scalars.choice(ClusterType, meant=_TYPE_MEANT))]
# The appliance's own logs and pages say Enforcing for Enforce.
TlsChoice = Annotated[
    TlsVerification,
    _enum(TlsVerification, scalars.choice(TlsVerification, same={"enforcing": TlsVerification.ENFORCE})),
]
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
