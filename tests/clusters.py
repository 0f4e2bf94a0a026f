"""Clusters for the tests: two perfect ones, made of real certificates, to be given one fault at a time.

draft = expressway_e()                       # three peers, dual NIC, static NAT, mapping, X14.3, private CA, MRA
draft.peer(2)["address"] = "exe2.exmaple.com"
draft.reissue(3, sans=["exe3.example.com"])
judgement = draft.judge(tmp_path)

internet 203.0.113.1N ── static NAT ── LAN 2 192.168.50.1N [exeN] LAN 1 10.20.0.1N ── the cluster
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from certplan.evidence.gather import gather
from certplan.judgement import Judgement, judge
from certplan.plan.reading import load_plan
from tests.pki import AT, Authority, Leaf, bundle, ec_key

__all__ = ["ISSUING", "ROOT", "Draft", "expressway_c", "expressway_e"]

ROOT = Authority.root(key=ec_key("clusters root"))
ISSUING = ROOT.intermediate(key=ec_key("clusters issuing"))


@dataclass
class Draft:
    """A cluster under construction: the plan as plain values, and the bytes of the files it names."""

    plan: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)
    issuing: Authority = ISSUING
    root: Authority = ROOT

    def peer(self, number: int) -> dict[str, Any]:
        """Peer `number` (from 1) as the plan has it."""
        peer: dict[str, Any] = self.plan["peers"][number - 1]
        return peer

    def records(self, view: str) -> list[str]:
        records: list[str] = self.plan["dns"][view]["records"]
        return records

    def reissue(self, number: int, *, issuer: Authority | None = None, store: str = "server", **changes: Any) -> Leaf:
        """Give peer `number` a new certificate: as the perfect one but for `changes` (arguments of `issue`)."""
        peer = self.peer(number)
        name = self.plan["cluster"]["name"]
        mra = self.plan.get("services", {}).get("mra", {}).get("domains", [])
        wanted = {"cn": name, "sans": [name, peer["fqdn"], *mra], "key": ec_key(f"{peer['fqdn']} {store}")} | changes
        leaf = (issuer or self.issuing).issue(**wanted)
        peer[f"{store}_certificate"] = f"certs/{peer['host_name']}-{store}.pem"
        self.files[peer[f"{store}_certificate"]] = leaf.pem
        if store == "server":
            peer["private_key"] = f"keys/{peer['host_name']}.key"
            self.files[peer["private_key"]] = leaf.key_pem
        return leaf

    def trust(self, number: int, *authorities: Authority) -> None:
        """Make these the trusted CA list of peer `number`, in this order."""
        peer = self.peer(number)
        peer["trusted_cas"] = [f"trust/{peer['host_name']}.pem"]
        self.files[peer["trusted_cas"][0]] = bundle(*authorities)

    def write(self, folder: Path) -> Path:
        """Put the plan and its files into `folder`; the plan's path comes back."""
        for name, contents in self.files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(contents)
        path = folder / "plan.yaml"
        # JSON is YAML, and it says exactly what it says.
        path.write_text(json.dumps(self.plan, indent=1, ensure_ascii=False), encoding="utf-8")
        return path

    def judge(self, folder: Path, at: datetime = AT) -> Judgement:
        """Write it, read it back, gather and judge, as `certplan check` does."""
        plan = load_plan(self.write(folder))
        return judge(plan, gather(plan, at, live_dns=False), at)


_SETTINGS = {"platform": "medium-vm", "h323": True, "ntp": ["ntp1.example.com"], "option_keys": [], "crls": []}
"""What every peer has alike."""


def expressway_e(count: int = 3, *, release: str = "X14.3.4") -> Draft:
    """A perfect Expressway-E cluster: it gives no error and no warning."""
    peers = [
        {
            "address": f"exe{n}.example.com",
            "fqdn": f"exe{n}.example.com",
            "system_name": f"exe{n}",
            "host_name": f"exe{n}",
            "domain": "example.com",
            "lan1": {"ip": f"10.20.0.1{n}/24"},
            "lan2": {"ip": f"192.168.50.1{n}/24", "static_nat": f"203.0.113.1{n}"},
            "external_lan": "lan2",
            **_SETTINGS,
        }
        for n in range(1, count + 1)
    ]
    public = [f"exe{n}.example.com. A 203.0.113.1{n}" for n in range(1, count + 1)]
    public += [f"expe.example.com. A 203.0.113.1{n}" for n in range(1, count + 1)]
    public += [f"_collab-edge._tls.example.com. SRV 10 10 8443 exe{n}.example.com." for n in range(1, count + 1)]
    public += [f"1{n}.113.0.203.in-addr.arpa. PTR exe{n}.example.com." for n in range(1, count + 1)]
    internal = [f"exe{n}.example.com. A 10.20.0.1{n}" for n in range(1, count + 1)]
    internal += [f"1{n}.0.20.10.in-addr.arpa. PTR exe{n}.example.com." for n in range(1, count + 1)]
    plan = {
        "certplan": 1,
        "cluster": {
            "name": "expe.example.com",
            "type": "expressway-e",
            "release": release,
            "tls_verification": "permissive",
            "ip_version": "ipv4",
            "primary": 1,
            "address_mapping": [{"fqdn": f"exe{n}.example.com", "ip": f"10.20.0.1{n}"} for n in range(1, count + 1)],
        },
        "peers": peers,
        "services": {"mra": {"domains": ["example.com"], "san_format": "dns", "hardware_phones": True}},
        "certificate_authority": "private",
        "dns": {"public": {"records": public}, "internal": {"records": internal}},
    }
    return _finished(Draft(plan), range(1, count + 1))


def expressway_c(count: int = 2, *, release: str = "X14.3.4") -> Draft:
    """A perfect Expressway-C cluster: one NIC, names in internal DNS, no mapping."""
    peers = [
        {
            "address": f"exc{n}.corp.example.com",
            "fqdn": f"exc{n}.corp.example.com",
            "system_name": f"exc{n}",
            "host_name": f"exc{n}",
            "domain": "corp.example.com",
            "lan1": {"ip": f"10.30.0.1{n}/24"},
            **_SETTINGS,
        }
        for n in range(1, count + 1)
    ]
    internal = [f"exc{n}.corp.example.com. A 10.30.0.1{n}" for n in range(1, count + 1)]
    internal += [f"excl.corp.example.com. A 10.30.0.1{n}" for n in range(1, count + 1)]
    internal += [f"1{n}.0.30.10.in-addr.arpa. PTR exc{n}.corp.example.com." for n in range(1, count + 1)]
    plan = {
        "certplan": 1,
        "cluster": {
            "name": "excl.corp.example.com",
            "type": "expressway-c",
            "release": release,
            "tls_verification": "permissive",
            "ip_version": "ipv4",
            "primary": 1,
        },
        "peers": peers,
        "certificate_authority": "private",
        "dns": {"internal": {"records": internal}},
    }
    return _finished(Draft(plan), range(1, count + 1))


def _finished(draft: Draft, numbers: Sequence[int]) -> Draft:
    for number in numbers:
        draft.reissue(number)
        draft.trust(number, draft.root, draft.issuing)
    return draft
