"""The DNS rules on views that are asked live: what is asked, what an answer proves, what silence costs."""

from pathlib import Path
from time import monotonic

import pytest

from certplan.evidence.gather import gather
from certplan.evidence.model import DnsOutcome, RecordType
from certplan.judgement import Judgement, judge
from certplan.outcomes import Outcome
from certplan.plan.reading import load_plan
from tests.clusters import Draft, expressway_e
from tests.named import closed_port, named, silent, zone
from tests.pki import AT


def public_zone(*more: str) -> str:
    peers = [f"exe{n} A 203.0.113.1{n}" for n in (1, 2)]
    services = [f"_collab-edge._tls SRV 10 10 8443 exe{n}" for n in (1, 2)]
    return zone(*peers, *services, "expe A 203.0.113.11", "expe A 203.0.113.12", *more)


def asking(address: str) -> Draft:
    """Two peers whose public DNS is that server, and no other view."""
    draft = expressway_e(2)
    draft.plan["dns"] = {"public": {"servers": [address]}}
    return draft


def judged(draft: Draft, folder: Path, timeout: float = 5) -> Judgement:
    plan = load_plan(draft.write(folder))
    return judge(plan, gather(plan, AT, timeout=timeout), AT)


def message(judgement: Judgement, code: str) -> str:
    """What the rule said that failed."""
    (found,) = (f for f in judgement.findings if f.code == code and f.outcome is Outcome.FAIL)
    return found.message


def run(tmp_path: Path, zones: dict[str, str]) -> Judgement:
    with named(zones, tmp_path) as server:
        return judged(asking(server.address), tmp_path)


@pytest.mark.system("bind9")
def test_what_a_service_record_leads_to_is_looked_up_as_well(tmp_path: Path) -> None:
    more = ("_collab-edge._tls SRV 20 10 8443 emea1", "emea1 A 198.51.100.7", "_collab-edge._tls SRV 20 10 8443 emea2")
    judgement = run(tmp_path, {"example.com": public_zone(*more)})
    answers = judgement.evidence.views["public"].answers
    assert answers["emea1.example.com", RecordType.A].addresses == ("198.51.100.7",)
    assert answers["emea2.example.com", RecordType.A].outcome is DnsOutcome.NXDOMAIN
    said = message(judgement, "DNS010")
    assert "emea1.example.com leads to 198.51.100.7, no peer of this cluster" in said
    assert "emea2.example.com does not exist" in said


@pytest.mark.system("bind9")
def test_a_public_resolver_that_denies_a_private_address_proves_no_ptr_record_missing(tmp_path: Path) -> None:
    """Resolvers answer for the reverse zones of private addresses themselves: empty (RFC 6303)."""
    zones = {"example.com": public_zone(), "10.in-addr.arpa": zone(), "113.0.203.in-addr.arpa": zone("11 PTR exe1.")}
    judgement = run(tmp_path, zones)
    answer = judgement.evidence.views["public"].answers["11.0.20.10.in-addr.arpa", RecordType.PTR]
    assert answer.outcome is DnsOutcome.NXDOMAIN
    assert "10.20.0" not in " ".join(f.message for f in judgement.findings if f.outcome is Outcome.FAIL)
    # Of the public address it is the authority: exe2 has no record there, exe1 has one to a name that is no SAN.
    outcomes = {f.subject.name: f.outcome for f in judgement.findings if f.code == "DNS006"}
    assert outcomes == {"exe1.example.com": Outcome.UNKNOWN, "exe2.example.com": Outcome.FAIL}
    assert "203.0.113.12 (the public address)" in message(judgement, "DNS006")
    assert "203.0.113.11 (the public address) leads back to exe1" in message(judgement, "DNS007")


@pytest.mark.parametrize("dead", ["silent", "closed"])
def test_a_dead_server_is_told_once_a_view_and_costs_one_deadline(dead: str, tmp_path: Path) -> None:
    started = monotonic()
    if dead == "silent":
        with silent() as address:
            judgement = judged(asking(address), tmp_path, timeout=0.4)
    else:
        judgement = judged(asking(closed_port()), tmp_path, timeout=0.4)
    elapsed = monotonic() - started
    asked = sum(len(view.answers) for view in judgement.evidence.views.values())
    assert elapsed < asked * 0.4 / 2, "on a busy machine, too, far from a deadline for each question"
    (gap,) = (finding for finding in judgement.findings if finding.code == "DNS018")
    assert gap.outcome is Outcome.UNKNOWN
    assert gap.subject.name == "public"
    assert "exe1.example.com" in gap.message
    assert Outcome.FAIL not in {f.outcome for f in judgement.findings if f.code.startswith("DNS")}
