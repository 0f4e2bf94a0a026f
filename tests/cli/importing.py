"""What the tests of the command import share."""

from dataclasses import replace
from pathlib import Path

from tests.clusters import ISSUING, ROOT
from tests.pki import AT, bundle, ec_key
from tests.sources.exports import Node, ZoneLine, peer_files, tar_gz

AS_OF = AT.date().isoformat()


NAMES = {"exe": "expe.example.com", "exc": "expc.example.com"}


def node(number: int, stem: str = "exe", **changes: object) -> Node:
    """Peer `number` of three of a perfect cluster."""
    host = f"{stem}{number}"
    name = NAMES[stem]
    leaf = ISSUING.issue(cn=name, sans=[name, f"{host}.example.com", "example.com"], key=ec_key(f"{host} import"))
    found = Node(
        host=host,
        domain="example.com",
        lan1=f"10.20.{0 if stem == 'exe' else 1}.1{number}",
        mask1="255.255.255.0",
        peers=tuple(f"{stem}{n}.example.com" for n in (1, 2, 3)),
        cluster_name=name,
        primary=1,
        release="X14.3.4",
        ntp=("ntp1.example.com",),
        server=leaf.pem,
        trusted=bundle(ISSUING, ROOT),
        zones=(zone(stem),),
        mra=("example.com",) if stem == "exc" else (),
        **({"lan2": f"192.168.50.1{number}", "nat2": f"203.0.113.1{number}"} if stem == "exe" else {}),  # type: ignore[arg-type]
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def zone(stem: str) -> ZoneLine:
    shared = {"Collaboration Edge": "On", "SIP Port": "7001", "SIP TLS Verify Mode": "On"}
    if stem == "exe":
        return ZoneLine(2, "UC", "TraversalServer", {**shared, "SIP TLS Verify Subject Name": "expc.example.com"})
    peers = {f"Peer {n} Address": f"exe{n}.example.com" for n in (1, 2, 3)}
    return ZoneLine(4, "UC to edge", "TraversalClient", {**shared, **peers})


def archives(folder: Path, *nodes: Node) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for each in nodes:
        path = folder / f"{each.host}.tar.gz"
        path.write_bytes(tar_gz(peer_files(each)))
        found.append(path)
    return found


def mapping(folder: Path, stem: str = "exe") -> Path:
    path = folder / "mapping.txt"
    third = 0 if stem == "exe" else 1
    path.write_text("".join(f"{stem}{n}.example.com\t10.20.{third}.1{n}\n" for n in (1, 2, 3)))
    return path
