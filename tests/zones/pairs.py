"""An Expressway-C and an Expressway-E joined by a traversal zone, perfect until a test changes it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from certplan.evidence.gather import gather
from certplan.judgement import Judgement, ZoneJudgement, judge
from certplan.plan.reading import load_plan
from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import AT, ec_key

__all__ = ["Pair", "pair"]


@dataclass
class Pair:
    """Both clusters' drafts; `zone_c` and `zone_e` are the zone as each plan states it."""

    c: Draft
    e: Draft

    @property
    def zone_c(self) -> dict[str, Any]:
        zone: dict[str, Any] = self.c.plan["zones"][0]
        return zone

    @property
    def zone_e(self) -> dict[str, Any]:
        zone: dict[str, Any] = self.e.plan["zones"][0]
        return zone

    def judge(self, folder: Path, at: datetime = AT, *, side: str = "c") -> Judgement:
        """Write both, then judge one of them as `certplan check` does."""
        paths = {name: draft.write(folder / f"exp{name}") for name, draft in (("c", self.c), ("e", self.e))}
        plan = load_plan(paths[side])
        return judge(plan, gather(plan, at, live_dns=False), at)

    def zone(self, folder: Path, at: datetime = AT, *, side: str = "c") -> ZoneJudgement:
        (zone,) = self.judge(folder, at, side=side).zones
        return zone


def pair(c_count: int = 2, e_count: int = 2, *, release: str = "X14.3.4", dual_nic: bool = True) -> Pair:
    """Two perfect clusters and a perfect zone between them."""
    both = Pair(expressway_c(c_count, release=release), expressway_e(e_count, release=release))
    if release.startswith("X15.5"):
        for draft, count in ((both.c, c_count), (both.e, e_count)):
            for number in range(1, count + 1):
                draft.reissue(number, store="client", key=ec_key(f"client {draft.peer(number)['fqdn']}"))
    hosts = [f"exe{n}.example.com" for n in range(1, e_count + 1)]
    for n, host in enumerate(hosts, 1):
        address = f"10.20.0.1{n}" if dual_nic else f"203.0.113.1{n}"
        both.c.records("internal").append(f"{host}. A {address}")
    if not dual_nic:
        for n in range(1, e_count + 1):
            peer = both.e.peer(n)
            del peer["lan2"], peer["external_lan"]
            peer["lan1"]["static_nat"] = f"203.0.113.1{n}"
    common = {"name": "UC traversal", "type": "unified-communications-traversal", "port": 7001, "tls_verify": True}
    both.c.plan["zones"] = [{**common, "far_end": "../expe/plan.yaml", "peers": hosts}]
    both.e.plan["zones"] = [
        {**common, "far_end": "../expc/plan.yaml", "verify_subject_name": both.c.plan["cluster"]["name"]}
    ]
    return both
