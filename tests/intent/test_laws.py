"""One question, one answer: what map, propose, csr new, csr verify, renew and the rules say agrees, for any cluster."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certplan.csr.model import Choices
from certplan.csr.names import order_requests
from certplan.csr.verify import Against, compare
from certplan.evidence.pki.x509facts import parse_certificate
from certplan.handshake.model import Store
from certplan.intent.cluster import Intent
from certplan.judgement import judge
from certplan.outcomes import Verdict
from certplan.plan.model import Plan
from certplan.plan.reading import PlanError
from certplan.proposal.address_changes import SwitchMappingOn
from certplan.proposal.certificate_changes import Reissue
from certplan.proposal.propose import propose
from certplan.renewal import renewals
from certplan.text.names import key
from tests.pki import AT, Authority, ec_key
from tests.proposal.layouts import clusters, evidence_of, plan_of

CA = Authority.root("Laws Root", key=ec_key("laws root"))
Drawn = tuple[dict[str, Any], list[list[str] | None]]
often = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def drawn_clusters(draw: st.DrawFn) -> Drawn:
    """Any layout; public and private CAs, internal names, a cluster name that is a peer's, every release."""
    values, names = draw(clusters())
    peers = [peer["address"] for peer in values["peers"]]
    values["cluster"]["name"] = draw(
        st.sampled_from(["expe.example.com", "expe.example.com", "expe.corp.local", *peers])
    )
    values["cluster"]["release"] = draw(st.sampled_from(["X8.8", "X12.6", "X14.0", "X14.3.4", "X15.4", "X15.5"]))
    authority = draw(st.none() | st.sampled_from(["public", "private"]))
    if authority is not None:
        values["certificate_authority"] = authority
    values["services"] = draw(
        st.sampled_from(
            [
                {},
                {"mra": {"domains": ["example.com", "corp.local"]}},
                {"cms_web_proxy": ["join.example.com"], "phone_security_profiles": ["secure", "p.example.com"]},
            ]
        )
    )
    return values, names


def stated(values: dict[str, Any]) -> Plan | None:
    try:
        return plan_of(values)
    except PlanError:
        return None


@often
@given(drawn_clusters())
def test_the_entries_of_map_are_those_that_propose_switches_on(drawn: Drawn) -> None:
    plan = stated(drawn[0])
    if plan is None:
        return
    evidence = evidence_of(plan, drawn[1])
    entries = {(entry.fqdn, entry.ip) for entry in Intent(plan, evidence, AT).mapping.entries}
    for change in propose(plan, evidence, AT).changes:
        if isinstance(change.effect, SwitchMappingOn) and entries:
            assert {(entry.fqdn, entry.ip) for entry in change.effect.entries} == {pair for pair in entries if pair[0]}


@often
@given(drawn_clusters())
def test_what_propose_orders_is_what_csr_new_makes_and_csr_verify_accepts(drawn: Drawn) -> None:
    plan = stated(drawn[0])
    if plan is None:
        return
    intent = Intent(plan, evidence_of(plan, drawn[1]), AT)
    for change in propose(plan, intent.evidence, AT, replace_certificates=True).changes:
        order = change.effect
        if not isinstance(order, Reissue) or order.store is not Store.SERVER:
            continue
        (request,) = order_requests(intent, [plan.peers[order.peer - 1]], Choices()).requests
        assert (request.cn, request.sans, request.usages) == (order.cn, order.names, order.roles)
        leaf = CA.issue(
            cn=order.cn,
            sans=order.names,
            eku=order.roles,
            not_before=order.not_before,
            not_after=order.not_after,
            key=ec_key("laws leaf") if not order.rsa else "rsa",
        )
        found = compare(plan, [parse_certificate(leaf.der)], Against((request,)), AT)
        assert not [each for each in found.differences if each.what != "extended key usage"], found.differences


@often
@given(drawn_clusters())
def test_what_csr_new_refuses_is_never_ordered_nor_called_ready(drawn: Drawn) -> None:
    plan = stated(drawn[0])
    if plan is None:
        return
    intent = Intent(plan, evidence_of(plan, drawn[1]), AT)
    proposal = propose(plan, intent.evidence, AT)
    for peer in plan.peers:
        if order_requests(intent, [peer], Choices()).problems:
            assert not any(isinstance(c.effect, Reissue) and c.effect.peer == peer.number for c in proposal.changes)
    if proposal.after is Verdict.READY:
        ordered = [change.effect.peer for change in proposal.changes if isinstance(change.effect, Reissue)]
        assert not order_requests(intent, [plan.peers[number - 1] for number in ordered], Choices()).problems


@often
@given(drawn_clusters())
def test_map_s_needed_agrees_with_the_findings(drawn: Drawn) -> None:
    plan = stated(drawn[0])
    if plan is None:
        return
    judgement = judge(plan, evidence_of(plan, drawn[1]), AT)
    failed = {finding.code for finding in judgement.findings if finding.counts}
    needed = judgement.case.intent.mapping.needed
    if failed & {"MAP001", "MAP006"}:
        assert needed is not False
    if "MAP010" in failed:
        assert needed is False


@given(drawn_clusters())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_two_peers_have_one_name_and_a_certificate_renames_none(drawn: Drawn) -> None:
    plan = stated(drawn[0])
    if plan is None:
        return
    names = Intent(plan, evidence_of(plan, drawn[1]), AT).names
    known = [name for name in names if name is not None]
    assert len(known) == len(set(known))
    unseen = Intent.unseen(plan, AT).names
    for peer, name, alone in zip(plan.peers, names, unseen, strict=True):
        said = {key(each) for each in (peer.address, peer.fqdn, f"{peer.host_name}.{peer.domain}") if each}
        if alone is not None and name != alone and plan.cluster.known_entries == ():
            assert name is None or name in said | {key(f"{peer.address}.{peer.domain}")}


def test_check_and_renew_count_days_alike(tmp_path: Path) -> None:
    from datetime import timedelta

    from tests.clusters import expressway_e

    draft = expressway_e(1)
    draft.reissue(1, not_after=AT + timedelta(days=12, hours=3))
    for hours in (0, 5, 20, 23):
        at = AT + timedelta(hours=hours)
        judgement = draft.judge(tmp_path, at)
        (due,) = renewals(judgement.plan, judgement.evidence, at).due
        assert due.days_left == 12
        assert any(f"expires in {due.days_left} days" in finding.message for finding in judgement.findings)
