"""Exports composed after the shapes of public samples: xConfiguration, status XML, logs, pages, archives.

files = peer_files(Appliance(...))          {"xconf_dump_exe1_2026-06-01.txt": b"...", "server_exe1...pem": b"..."}
data = tar_gz(files)                        one diagnostic log archive
"""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from certplan.sources.archive import Budget, unpack
from certplan.sources.content import read_item
from certplan.sources.model import FileReading, Item, Refusal

__all__ = ["Node", "ZoneLine", "members", "peer_files", "reading", "refusal", "status_xml", "tar_gz", "xconf", "zipped"]

STAMP = "2026-06-01_10_00_00"


@dataclass(frozen=True)
class ZoneLine:
    """A zone as one side has it."""

    number: int
    name: str
    type: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Node:
    """One appliance, as its exports show it."""

    host: str
    domain: str
    lan1: str
    mask1: str
    peers: Sequence[str]
    cluster_name: str
    primary: int
    release: str
    lan2: str | None = None
    mask2: str = "255.255.255.0"
    nat1: str | None = None
    nat2: str | None = None
    h323: bool = True
    ntp: Sequence[str] = ()
    dns: Sequence[str] = ()
    mra: Sequence[str] = ()
    option_keys: Sequence[str] = ()
    zones: Sequence[ZoneLine] = ()
    server: bytes = b""
    client: bytes = b""
    trusted: bytes = b""
    alarms: Sequence[str] = ()
    old_names: bool = False
    system_name: str = ""
    extra: Mapping[str, bytes] = field(default_factory=dict)


def xconf(node: Node) -> str:
    """`*c xConfiguration ...` in the order a dump has it; unset entries are printed without a value."""
    values: dict[str, str] = {
        "SystemUnit Name": node.system_name or node.host,
        "IP DNS Hostname": node.host,
        "IP DNS Domain Name": node.domain,
        "IPProtocol": "IPv4",
        "IP External Interface": "LAN2" if node.lan2 else "LAN1",
        "Ethernet 1 IP V4 Address": node.lan1,
        "Ethernet 1 IP V4 SubnetMask": node.mask1,
        "Ethernet 1 IP V4 StaticNAT Mode": "On" if node.nat1 else "Off",
        "Ethernet 1 IP V4 StaticNAT Address": node.nat1 or "",
        "Ethernet 2 IP V4 Address": node.lan2 or "192.168.0.100",
        "Ethernet 2 IP V4 SubnetMask": node.mask2,
        "Ethernet 2 IP V4 StaticNAT Mode": "On" if node.nat2 else "Off",
        "Ethernet 2 IP V4 StaticNAT Address": node.nat2 or "",
        "Alternates Cluster Name": node.cluster_name,
        f"Alternates Configuration{'Master' if node.old_names else 'Primary'}": str(node.primary),
        "H323 Mode": "On" if node.h323 else "Off",
        "CollaborationEdge Enabled": "On" if node.mra else "Off",
        "Zones DefaultZone Authentication Password": "{cipher}qeh8eq+fuVY1GHGgRLder/1lYDd76O/6KrHGA7g8bJs=",
    }
    for words, listed, count in (
        ("Alternates Peer {} Address", node.peers, 6),
        ("NTP Server {} Address", node.ntp, 5),
        ("DNS Server {} Address", node.dns, 5),
        ("Option {} Key", node.option_keys, 4),
    ):
        for number in range(1, count + 1):
            values[words.format(number)] = listed[number - 1] if number <= len(listed) else ""
    for number, domain in enumerate(node.mra, 1):
        values |= {f"SIP Domain {number} Name": domain, f"SIP Domain {number} Edge": "On"}
    for zone in node.zones:
        values[f"Zones Zone {zone.number} Name"] = zone.name
        values |= {f"Zones Zone {zone.number} {zone.type} {path}": value for path, value in zone.values.items()}
        values[f"Zones Zone {zone.number} Type"] = zone.type
    lines = [
        f'*c xConfiguration {path}: "{value}"' if value else f"*c xConfiguration {path}: "
        for path, value in values.items()
    ]
    return "\n".join(lines) + "\n"


def status_xml(node: Node) -> str:
    """Every element has an `item`, singletons too."""
    warnings = "".join(
        f'<Warning item="{n}"><ID item="1">0f96695e-d954-4f6f-85c1-2ef1eae6f764</ID>'
        f'<Reason item="1">{title} - What is wrong</Reason><State item="1">Unacknowledged</State></Warning>\n'
        for n, title in enumerate(node.alarms, 1)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Status xmlns="http://www.tandberg.no/XML/CUIL/1.0" product="TANDBERG VCS" version="{node.release}">
  <SystemUnit item="1">
    <Software item="1">
      <Version item="1">{node.release}</Version>
      <Configuration item="1">
        <DualNetworkInterfaces item="1">{bool(node.lan2)}</DualNetworkInterfaces>
      </Configuration>
    </Software>
  </SystemUnit>
  <Ethernet item="1">
    <IPv4 item="1"><Address item="1">{node.lan1}</Address><SubnetMask item="1">{node.mask1}</SubnetMask></IPv4>
  </Ethernet>
  <Ethernet item="2">
    <IPv4 item="1">
      <Address item="1">{node.lan2 or "192.168.0.100"}</Address><SubnetMask item="1">{node.mask2}</SubnetMask>
    </IPv4>
  </Ethernet>
  <Alternates item="1"/>
  <Warnings item="1">
{warnings}  </Warnings>
</Status>
"""


def peer_files(node: Node) -> dict[str, bytes]:
    """The members of one diagnostic log archive, by name."""
    files = {
        f"loggingsnapshot_{node.host}_{STAMP}.txt": (
            f'2026-06-01T10:00:00.123+00:00 {node.host} httpd[1]: web: Event="Diagnostic Logging" Detail="start" '
            'UTCTime="2026-06-01 10:00:00"\n'
        ).encode(),
        f"xconf_dump_{node.host}_{STAMP}.txt": xconf(node).encode(),
        f"xstat_dump_{node.host}_{STAMP}.xml": status_xml(node).encode(),
        f"eth0_diagnostic_logging_tcpdump00_{node.host}_{STAMP}.pcap": b"\xd4\xc3\xb2\xa1" + bytes(2000),
        **node.extra,
    }
    for prefix, data in (("server", node.server), ("client", node.client), ("ca", node.trusted)):
        if data:
            files[f"{prefix}_{node.host}_{STAMP}.pem"] = data
    return files


def tar_gz(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return gzip.compress(packed.getvalue(), mtime=0)


def zipped(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def members(data: bytes, name: str = "archive") -> list[Item | Refusal]:
    return list(unpack(io.BytesIO(data), name, "folder", Budget()))


def reading(data: bytes | str, name: str = "file") -> FileReading:
    found = read_item(Item(name, "folder", data.encode() if isinstance(data, str) else data))
    assert isinstance(found, FileReading), found
    return found


def refusal(data: bytes | str, name: str = "file") -> Refusal:
    found = read_item(Item(name, "folder", data.encode() if isinstance(data, str) else data))
    assert isinstance(found, Refusal), found
    return found
