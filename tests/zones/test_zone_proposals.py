"""What `propose` orders for two clusters makes both of them and the zone between them work, once it is carried out."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certplan.evidence.gather import gather
from certplan.handshake.model import Store
from certplan.intent.cluster import Intent
from certplan.outcomes import Outcome, Severity, Verdict
from certplan.plan.reading import load_plan
from certplan.proposal.certificate_changes import LoadCa, Reissue
from certplan.proposal.model import Proposal
from certplan.proposal.propose import propose
from certplan.proposal.zone_changes import SetZone
from certplan.report.pages.changes import proposal_answer
from certplan.report.writers.terminal import terminal
from tests.cli.program import certplan
from tests.clusters import Draft
from tests.pki import AT, Authority, ec_key
from tests.proposal.proposing import done
from tests.zones.pairs import Pair, pair

OTHER = Authority.root("Other Root", key=ec_key("zone other root"))
OTHER_ISSUING = OTHER.intermediate("Other Issuing", key=ec_key("zone other issuing"))
RELEASES = ("X14.3.4", "X15.4", "X15.5")


def stores(draft: Draft) -> Sequence[str]:
    return ("server", "client") if draft.plan["cluster"]["release"] == "X15.5" else ("server",)


def other_verify_name(both: Pair) -> None:
    both.zone_e["verify_subject_name"] = "wrong.corp.example.com"


def typo_in_verify_name(both: Pair) -> None:
    both.zone_e["verify_subject_name"] = "exlc.corp.example.com"


def c_without_cluster_name(both: Pair) -> None:
    for store in stores(both.c):
        both.c.reissue(1, sans=["exc1.corp.example.com"], store=store)


def ip_in_zone(both: Pair) -> None:
    both.zone_c["peers"][0] = "10.20.0.11"


def peer_left_out(both: Pair) -> None:
    both.zone_c["peers"].pop()


def e_by_another_ca(both: Pair) -> None:
    for number in (1, 2):
        for store in stores(both.e):
            both.e.reissue(number, issuer=OTHER_ISSUING, store=store)
        both.e.trust(number, OTHER, OTHER_ISSUING, both.e.root, both.e.issuing)


def c_by_another_ca(both: Pair) -> None:
    for number in (1, 2):
        for store in stores(both.c):
            both.c.reissue(number, issuer=OTHER_ISSUING, store=store)
        both.c.trust(number, OTHER, OTHER_ISSUING, both.c.root, both.c.issuing)


def e_names_another_host(both: Pair) -> None:
    both.e.reissue(2, sans=["expe.example.com", "other.example.com", "example.com"])


def e_expired(both: Pair) -> None:
    both.e.reissue(1, not_before=AT - timedelta(days=90), not_after=AT - timedelta(days=2))


def c_server_auth_alone(both: Pair) -> None:
    for store in stores(both.c):
        both.c.reissue(2, eku=["serverAuth"], store=store)


def wrong_record(both: Pair) -> None:
    both.c.plan["dns"]["internal"]["records"] = [
        each.replace("10.20.0.11", "203.0.113.11") for each in both.c.records("internal")
    ]


def two_records(both: Pair) -> None:
    both.c.records("internal").append("exe1.example.com. A 192.168.50.11")


def other_port(both: Pair) -> None:
    both.zone_e["port"] = 7003


def verify_off(both: Pair) -> None:
    both.zone_e["tls_verify"] = False


def c_domain_unserved(both: Pair) -> None:
    both.c.plan["services"] = {"mra": {"domains": ["example.org"]}}


FAULTS: list[Callable[[Pair], None]] = [
    other_verify_name,
    typo_in_verify_name,
    c_without_cluster_name,
    ip_in_zone,
    peer_left_out,
    e_by_another_ca,
    c_by_another_ca,
    e_names_another_host,
    e_expired,
    c_server_auth_alone,
    wrong_record,
    two_records,
    other_port,
    verify_off,
]


_ROUNDS = 2
"""A certificate that waits for a setting of the other side is ordered once that is made."""


def proposals(both: Pair, folder: Path) -> dict[str, Proposal]:
    """What is proposed for either cluster, from the same state of both."""
    paths = {name: draft.write(folder / f"exp{name}") for name, draft in (("c", both.c), ("e", both.e))}
    plans = {name: load_plan(path) for name, path in paths.items()}
    return {name: propose(plan, gather(plan, AT, live_dns=False), AT) for name, plan in plans.items()}


def carried_out(both: Pair, found: dict[str, Proposal]) -> Pair:
    more = (OTHER, OTHER_ISSUING)
    return Pair(done(both.c, found["c"], *more), done(both.e, found["e"], *more))


def assert_ready(both: Pair, folder: Path, found: dict[str, Proposal]) -> None:
    said = [(change.action, change.detail) for proposal in found.values() for change in proposal.changes]
    for side in ("c", "e"):
        judged = both.judge(folder, side=side)
        (zone,) = judged.zones
        reasons = [(h.verifier.address, h.presenter.address, step.reason) for h, step in zone.view.not_passed]
        assert (judged.verdict, zone.verdict) == (Verdict.READY, Verdict.READY), (side, reasons, said)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(RELEASES), st.lists(st.sampled_from(FAULTS), min_size=1, max_size=4, unique=True))
def test_both_proposals_carried_out_make_both_clusters_and_the_zone_ready(
    release: str, faults: Sequence[Callable[[Pair], None]]
) -> None:
    both = pair(release=release)
    for fault in faults:
        fault(both)
    for _ in range(_ROUNDS):
        with TemporaryDirectory() as folder:
            found = proposals(both, Path(folder))
        if all(proposal.after is Verdict.READY and not proposal.changes for proposal in found.values()):
            break
        assert any(proposal.changes for proposal in found.values()), [p.blockers for p in found.values()]
        both = carried_out(both, found)
    with TemporaryDirectory() as folder:
        assert_ready(both, Path(folder), found)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_each_fault_is_answered_by_one_side_and_said_on_the_other(
    tmp_path: Path, fault: Callable[[Pair], None]
) -> None:
    both = pair()
    fault(both)
    found = proposals(both, tmp_path)
    for side, other in (("c", "expe.example.com"), ("e", "excl.corp.example.com")):
        proposal = found[side]
        assert proposal.before is not Verdict.READY
        assert bool(proposal.blockers) is (proposal.after is not Verdict.READY)
        if not proposal.changes:
            assert {advice.cluster for advice in proposal.blockers} <= {other, None}
    assert any(
        proposal.changes and proposal.zones[0].before is Verdict.NOT_READY and proposal.after is Verdict.READY
        for proposal in found.values()
    ) or all(proposal.changes or proposal.blockers for proposal in found.values())
    assert_ready(carried_out(both, found), tmp_path / "done", found)


def test_a_perfect_pair_needs_nothing(tmp_path: Path) -> None:
    for proposal in proposals(pair(), tmp_path).values():
        assert (proposal.changes, proposal.blockers, proposal.after) == ((), (), Verdict.READY)
        assert proposal.cluster_after is Verdict.READY


def test_a_ca_of_the_far_end_is_loaded_from_its_list(tmp_path: Path) -> None:
    both = pair()
    e_by_another_ca(both)
    found = proposals(both, tmp_path)
    loaded = {(e.peer, e.certificate.subject) for c in found["c"].changes if isinstance(e := c.effect, LoadCa)}
    assert loaded == {(n, name) for n in (1, 2) for name in ("CN=Other Root", "CN=Other Issuing")}
    assert found["c"].after is Verdict.READY
    assert {code for change in found["c"].changes for code in change.answers} == {"ZON005"}


def test_what_the_other_side_must_do_is_said_with_its_cluster(tmp_path: Path) -> None:
    both = pair()
    other_verify_name(both)
    found = proposals(both, tmp_path)
    assert found["c"].changes == ()
    assert found["c"].cluster_after is Verdict.READY
    assert found["c"].after is Verdict.NOT_READY
    assert {advice.cluster for advice in found["c"].blockers} == {"expe.example.com"}
    assert all("excl.corp.example.com" in advice.fix for advice in found["c"].blockers)
    (change,) = found["e"].changes
    assert change.effect == SetZone(0, "verify_subject_name", "excl.corp.example.com")
    answer = proposal_answer(AT, found["c"])
    assert answer.page is not None
    assert answer.data is not None
    assert "On the other side of the zone: expe.example.com" in terminal(answer.page())
    assert '"cluster": "expe.example.com"' in json.dumps(answer.data())


def test_names_that_a_zone_asks_for_are_required_in_the_store_that_is_shown(tmp_path: Path) -> None:
    both = pair(release="X15.5")
    both.zone_e["verify_subject_name"] = "zone.corp.example.com"
    plan = load_plan(both.c.write(tmp_path / "expc"))
    both.e.write(tmp_path / "expe")
    intent = Intent(plan, gather(plan, AT, live_dns=False), AT)
    (peer, _) = plan.peers
    assert "zone.corp.example.com" in {name.name for name in intent.required(peer, Store.CLIENT)}
    assert "zone.corp.example.com" not in {name.name for name in intent.required(peer, Store.SERVER)}
    both.c.plan["cluster"]["release"] = "X15.4"
    plan = load_plan(both.c.write(tmp_path / "expc"))
    intent = Intent(plan, gather(plan, AT, live_dns=False), AT)
    assert "zone.corp.example.com" in {name.name for name in intent.required(plan.peers[0], Store.SERVER)}


def test_the_domains_that_the_expressway_c_serves_are_ordered_for_the_expressway_e(tmp_path: Path) -> None:
    both = pair()
    c_domain_unserved(both)
    e_names_another_host(both)
    found = proposals(both, tmp_path)
    (order,) = [change.effect for change in found["e"].changes if isinstance(change.effect, Reissue)]
    assert {"example.org", "exe2.example.com"} <= set(order.names)
    zone = carried_out(both, found).zone(tmp_path / "done", side="e")
    missing = [f.subject.peers for f in zone.findings if f.code == "ZON020" and f.outcome is Outcome.FAIL]
    assert missing == [("exe1.example.com",)]


def test_an_expressway_e_keeps_client_auth_while_an_older_expressway_c_asks_for_it(tmp_path: Path) -> None:
    both = pair(release="X15.4")
    for draft in (both.c, both.e):
        draft.plan["certificate_authority"] = "public"
    both.c.plan["cluster"]["release"] = "X15.3"
    both.c.write(tmp_path / "expc")
    plan = load_plan(both.e.write(tmp_path / "expe"))
    intent = Intent(plan, gather(plan, AT, live_dns=False), AT)
    assert intent._roles(plan.peers[0], Store.SERVER) == ("serverAuth", "clientAuth")
    both.c.plan["cluster"]["release"] = "X15.4"
    both.c.write(tmp_path / "expc")
    intent = Intent(plan, gather(plan, AT, live_dns=False), AT)
    assert intent._roles(plan.peers[0], Store.SERVER) == ("serverAuth",)


def test_written_into_the_plan_the_target_has_the_zone_ready(tmp_path: Path) -> None:
    both = pair()
    other_verify_name(both)
    both.c.write(tmp_path / "expc")
    path = both.e.write(tmp_path / "expe")
    assert certplan("propose", path, "--write", "--no-dns", "--at", AT.isoformat()).code == 0
    run = certplan("check", path, "--no-dns", "--at", AT.isoformat(), "--format", "json")
    (judged,) = run.json["plans"]
    assert [zone["verdict"] for zone in judged["zones"]] == ["not-ready"]
    assert [zone["verdict"] for zone in judged["target"]["zones"]] == ["ready"]
    assert run.code == 1


def test_all_orders_the_domains_of_the_expressway_c_for_every_expressway_e_peer(tmp_path: Path) -> None:
    both = pair()
    c_domain_unserved(both)
    both.c.write(tmp_path / "expc")
    plan = load_plan(both.e.write(tmp_path / "expe"))
    evidence = gather(plan, AT, live_dns=False)
    assert {code for advice in propose(plan, evidence, AT).other_errors for code in advice.codes} == {"ZON020"}
    proposal = propose(plan, evidence, AT, severity=Severity.ERROR)
    orders = [change.effect for change in proposal.changes if isinstance(change.effect, Reissue)]
    assert [order.peer for order in orders] == [1, 2]
    assert all("example.org" in order.names for order in orders)
    assert {code for change in proposal.changes for code in change.answers} == {"ZON020"}
    made = Pair(both.c, done(both.e, proposal)).zone(tmp_path / "done", side="e")
    assert not made.findings


def test_requests_carry_the_names_of_the_zone_and_verify_asks_for_them(tmp_path: Path) -> None:
    both = pair()
    both.zone_e["verify_subject_name"] = "zone.corp.example.com"
    both.e.write(tmp_path / "expe")
    path = both.c.write(tmp_path / "expc")
    out = tmp_path / "requests"
    assert certplan("csr", "new", path, "-o", out).code == 0
    shown = certplan("csr", "show", out / "exc1.csr")
    assert "zone.corp.example.com" in shown.out
    today = path.parent / both.c.peer(1)["server_certificate"]
    options = ("--plan", path, "--peer", "exc1.corp.example.com", "--format", "json")
    assert certplan("csr", "verify", out / "exc1.csr", *options).json["matches"]
    differing = certplan("csr", "verify", today, *options)
    assert differing.code == 1
    assert "zone.corp.example.com" in str(differing.json["differences"])


def test_a_name_that_no_certificate_may_have_is_said_when_requests_are_made(tmp_path: Path) -> None:
    both = pair()
    typo_in_verify_name(both)
    both.e.write(tmp_path / "expe")
    run = certplan("csr", "new", both.c.write(tmp_path / "expc"), "-o", tmp_path / "requests")
    assert run.code == 0
    assert "exlc.corp.example.com" in run.err
    assert "change it in the zone" in run.err
