"""A perfect cluster is ready, nothing is said of it that nobody could act on, and six forms tell one verdict."""

import csv
import io
import json
import random
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certplan import render
from certplan.judgement import ClusterStatus, Judgement
from certplan.outcomes import Outcome, Severity, Verdict
from certplan.vendor.releases import ECDSA_FROM, TWO_STORES_FROM, Release
from tests.clusters import Draft, expressway_c, expressway_e
from tests.faults import FAULTS, with_faults
from tests.pki import LEAF_FROM, ec_key, rsa_key

RELEASES = (
    "X12.6",
    "X12.7.1",
    "X14.0.2",
    "X14.2.5",
    "X14.3.4",
    "X15.0.2",
    "X15.2",
    "X15.3",
    "X15.4",
    "X15.5",
    "X15.5.1",
)
ACTIONABLE = {"EKU008"}
"""A public CA that will issue no clientAuth at the next renewal: the engineer upgrades or changes the CA in time."""


@dataclass(frozen=True)
class Make:
    """What a perfect cluster is made of."""

    kind: str
    count: int
    release: str
    version: int
    rsa: bool
    public: bool

    def __str__(self) -> str:
        key = "rsa" if self.rsa else "ecdsa"
        authority = "public" if self.public else "private"
        return f"{self.kind[-1]}{self.count}-{self.release}-ipv{self.version}-{key}-{authority}"


def varied(number: int) -> list[Make]:
    """That many clusters of all kinds, always the same ones."""
    rng = random.Random(2026)  # noqa: S311 - the same clusters each time
    made: dict[Make, None] = {}
    while len(made) < number:
        release = rng.choice(RELEASES)
        rsa = Release.parse(release) < ECDSA_FROM or rng.random() < 0.5
        kind = rng.choice(["expressway-e", "expressway-c"])
        made[Make(kind, rng.randint(1, 6), release, rng.choice([4, 6]), rsa, rng.random() < 0.5)] = None
    return list(made)


def six(text: str) -> str:
    """An address of the perfect clusters as one of IPv6: 10.20.0.11 becomes 2001:db8:a14::b."""
    first, second, _, last = (int(part) for part in text.split("."))
    return f"2001:db8:{first:x}{second:02x}::{last:x}"


def perfect(make: Make) -> Draft:
    build = expressway_e if make.kind == "expressway-e" else expressway_c
    draft = build(make.count, release=make.release)
    plan = draft.plan
    plan["certificate_authority"] = "public" if make.public else "private"
    plan.setdefault("services", {})
    addresses = [peer["address"] for peer in plan["peers"]]
    pairs = [(one, other) for n, one in enumerate(addresses) for other in addresses[n + 1 :]]
    plan["round_trip_ms"] = {f"{one} {other}": 5 for one, other in pairs}
    for peer in plan["peers"]:
        peer["crls"] = []
    if make.version == 6:
        _to_ipv6(plan)
    for number in range(1, make.count + 1):
        stores = ["server", *(["client"] if Release.parse(make.release) >= TWO_STORES_FROM else [])]
        for store in stores:
            label = f"perfect {number} {store}"
            lifetime: dict[str, Any] = (
                {"not_before": LEAF_FROM, "not_after": LEAF_FROM.replace(month=12)} if make.public else {}
            )
            draft.reissue(
                number,
                store=store,
                key=rsa_key(number=2 * number + (store == "client")) if make.rsa else ec_key(label),
                **lifetime,
            )
    return draft


def _to_ipv6(plan: dict[str, Any]) -> None:
    """The same cluster on IPv6, without NAT: LAN 2 is what the outside sees, and peers ask internal DNS."""
    plan["cluster"]["ip_version"] = "ipv6"
    plan["cluster"].pop("address_mapping", None)
    public, internal = [], []
    for peer in plan["peers"]:
        inner = six(peer["lan1"]["ip"].partition("/")[0])
        outer = inner
        peer["lan1"] = {"ip": f"{inner}/64"}
        if "lan2" in peer:
            outer = six(peer["lan2"]["ip"].partition("/")[0])
            peer["lan2"] = {"ip": f"{outer}/64"}
        peer["dns"] = "internal"
        internal += [f"{peer['fqdn']}. AAAA {inner}", f"{_reverse(inner)}. PTR {peer['fqdn']}."]
        internal += [f"{plan['cluster']['name']}. AAAA {inner}"] if plan["cluster"]["type"] == "expressway-c" else []
        public += [f"{peer['fqdn']}. AAAA {outer}", f"{plan['cluster']['name']}. AAAA {outer}"]
        public += [f"{_reverse(outer)}. PTR {peer['fqdn']}."]
        public += [f"_collab-edge._tls.example.com. SRV 10 10 8443 {peer['fqdn']}."]
    plan["dns"]["internal"]["records"] = internal
    if "public" in plan["dns"]:
        plan["dns"]["public"]["records"] = public


def _reverse(address: str) -> str:
    return ip_address(address).reverse_pointer


def judged(make: Make) -> Judgement:
    with tempfile.TemporaryDirectory() as folder:
        return perfect(make).judge(Path(folder))


@pytest.mark.parametrize("make", varied(100), ids=str)
def test_a_perfect_cluster_is_ready_and_nothing_calls_for_what_nobody_can_do(make: Make) -> None:
    judgement = judged(make)
    assert judgement.verdict is Verdict.READY
    assert judgement.status is ClusterStatus.READY
    loud = [
        f"{finding.code} {finding.severity}: {finding.message}"
        for finding in judgement.findings
        if finding.counts and finding.severity.rank <= Severity.WARNING.rank and finding.code not in ACTIONABLE
    ]
    assert loud == []
    open_ = [
        f"{finding.code}: {finding.message}" for finding in judgement.findings if finding.outcome is Outcome.UNKNOWN
    ]
    assert open_ == []


def verdicts(judgement: Judgement) -> dict[str, str]:
    """The verdict as each of the six forms tells it."""
    sarif = json.loads(render(judgement, "sarif"))["runs"][0]
    suites = ET.fromstring(render(judgement, "junit"))  # noqa: S314 - our own output
    junit_verdicts = {entry.get("value", "") for entry in suites.iter("property") if entry.get("name") == "verdict"}
    rows = list(csv.DictReader(io.StringIO(render(judgement, "csv"))))
    return {
        "json": json.loads(render(judgement, "json"))["plans"][0]["verdict"],
        "sarif": sarif["properties"]["verdict"],
        "junit": " ".join(junit_verdicts),
        "csv": " ".join({row["verdict"] for row in rows}),
        "text": headlined(render(judgement, "text")),
        "markdown": headlined(render(judgement, "markdown").replace("*", "").replace("#", "")),
    }


def headlined(page: str) -> str:
    """The verdict of the last line that is a headline."""
    words = {"NOT READY": "not-ready", "READY": "ready", "UNDECIDED": "undecided"}
    lines = [line.strip() for line in page.splitlines()]
    return next(value for line in reversed(lines) for word, value in words.items() if line.startswith(word))


faults = st.lists(st.tuples(st.sampled_from(sorted(FAULTS)), st.integers(1, 4)), max_size=4)


@settings(max_examples=30)
@given(st.builds(with_faults, st.sampled_from(["expressway-e", "expressway-c"]), st.integers(1, 3), faults))
def test_the_six_forms_tell_one_verdict(draft: Draft) -> None:
    with tempfile.TemporaryDirectory() as folder:
        judgement = draft.judge(Path(folder))
    assert set(verdicts(judgement).values()) == {judgement.verdict.value}


def test_a_plan_without_any_finding_has_its_verdict_in_every_form(tmp_path: Path) -> None:
    draft = perfect(Make("expressway-c", 2, "X14.3.4", 4, rsa=False, public=False))
    draft.plan["cluster"]["tls_verification"] = "enforce"
    judgement = draft.judge(tmp_path)
    assert judgement.findings == ()
    assert set(verdicts(judgement).values()) == {"ready"}
