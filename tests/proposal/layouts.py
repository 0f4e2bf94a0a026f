"""Clusters of every layout for the tests of the mapping: plans from plain values, certificates by their names alone."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from certplan.evidence.gather import _views, gather
from certplan.evidence.model import Certificate, CertificateFile, Evidence, Missing, San, SanKind
from certplan.evidence.pki.x509facts import parse_certificate
from certplan.places import Place
from certplan.plan.model import Plan
from certplan.plan.reading import read_plan
from certplan.value import replace
from tests.pki import AT, Authority, ec_key

ROOT = Authority.root(key=ec_key("layouts root"))
CLUSTER = "expe.example.com"
POOL = [*(f"exe{n}.example.com" for n in range(1, 5)), "edge.example.com", "example.com", "join.example.com", CLUSTER]


@cache
def leaf() -> Certificate:
    return parse_certificate(ROOT.issue(cn=CLUSTER, sans=["any.example.com"], key=ec_key("layouts leaf")).der)


def certificate(names: Sequence[str]) -> CertificateFile:
    sans = tuple(San(SanKind.DNS, name) for name in names)
    return CertificateFile("leaf.pem", replace(leaf(), sans=sans), Place("leaf.pem", 1))


def plan_of(values: dict[str, Any]) -> Plan:
    return read_plan(json.dumps(values), "plan.yaml", Path())


def evidence_of(plan: Plan, names: Sequence[Sequence[str] | None]) -> Evidence:
    """What is seen: a server certificate with these DNS names for each peer, or none, and the plan's own records."""
    gathered = gather(plan, AT, live_dns=False)
    none = Missing("server certificate", "the plan names none", "Name it.")
    peers = tuple(
        replace(found, server=none if sans is None else certificate(sans))
        for found, sans in zip(gathered.peers, names, strict=True)
    )
    return replace(gathered, peers=peers, views=_views(plan, peers, {}, live_dns=False, timeout=1))


def peer(n: int, **changes: Any) -> dict[str, Any]:
    """Peer `n` with two NICs and static NAT; a change to None leaves the key out."""
    whole = {
        "address": f"exe{n}.example.com",
        "lan1": {"ip": f"10.20.0.1{n}/24"},
        "lan2": {"ip": f"192.168.50.1{n}/24", "static_nat": f"203.0.113.1{n}"},
    } | changes
    return {key: value for key, value in whole.items() if value is not None}


def cluster(peers: Sequence[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    stated = {"name": CLUSTER, "type": "expressway-e", "release": "X14.3.4"}
    more = {key: value for key, value in changes.items() if key in ("services", "dns", "internal_networks")}
    stated |= {key: value for key, value in changes.items() if key not in more}
    return {"certplan": 1, "cluster": stated, "peers": list(peers), **more}


def public(*records: str) -> dict[str, Any]:
    return {"public": {"records": list(records)}}


@st.composite
def drawn_peers(draw: st.DrawFn, n: int, tidy: bool) -> tuple[dict[str, Any], list[str] | None]:
    lan1, own = f"10.20.0.1{n}", f"exe{n}.example.com"
    if tidy:
        host = {"host_name": draw(st.none() | st.just("edge")), "domain": "corp.example.com"}
        return peer(n, **host), [own, *draw(st.lists(st.sampled_from(POOL), max_size=4))]
    changes: dict[str, Any] = {
        "address": draw(st.sampled_from([f"exe{n}.example.com", lan1, lan1, f"exe{n}", *POOL])),
        "fqdn": draw(st.none() | st.sampled_from([f"exe{n}.example.com", *POOL])),
        "host_name": draw(st.none() | st.sampled_from([f"exe{n}", "edge", "exe_1"])),
        "domain": draw(st.none() | st.sampled_from(["example.com", "corp.example.com"])),
        "release": draw(st.none() | st.sampled_from(["X8.8", "X14.0", "X14.0.1", "X14.0.2", "X15.5"])),
    }
    nics = draw(st.sampled_from(["both", "both", "nat on lan1", "one", "one with nat"]))
    if nics != "both":
        nat = {"static_nat": f"203.0.113.1{n}"} if "nat" in nics else {}
        changes["lan1"] = {"ip": f"{lan1}/24", **nat}
        changes["lan2"] = {"ip": f"192.168.50.1{n}/24"} if nics == "nat on lan1" else None
    names = draw(st.none() | st.lists(st.sampled_from([f"exe{n}.example.com", *POOL]), max_size=4))
    return peer(n, **changes), names


@st.composite
def clusters(draw: st.DrawFn) -> tuple[dict[str, Any], list[list[str] | None]]:
    """A cluster with any mixture of layouts and faults, and the names of each peer's certificate."""
    count = draw(st.integers(1, 4))
    tidy = draw(st.booleans())
    drawn = [draw(drawn_peers(n, tidy)) for n in range(1, count + 1)]
    rows = st.fixed_dictionaries(
        {
            "fqdn": st.sampled_from(POOL),
            "ip": st.sampled_from([*(f"10.20.0.1{n}" for n in range(1, 5)), "203.0.113.11", "10.9.9.9"]),
        }
    )
    changes: dict[str, Any] = {"type": draw(st.sampled_from(["expressway-e"] * 4 + ["expressway-c"]))}
    if draw(st.booleans()):
        changes["address_mapping"] = draw(st.lists(rows, max_size=5))
    if draw(st.booleans()):
        changes["dns"] = public(*(f"exe{n}.example.com. A 203.0.113.1{n}" for n in range(1, count + 1)))
    return cluster([values for values, _ in drawn], **changes), [names for _, names in drawn]
