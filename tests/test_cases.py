"""Small clusters that are easily judged wrongly, each with the answer that is right."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from certplan.evidence.gather import gather
from certplan.handshake.model import Cause, StepName
from certplan.judgement import Judgement, judge
from certplan.outcomes import Outcome, Verdict
from certplan.plan.reading import load_plan
from certplan.rules.model import Finding

CASES = Path(__file__).parents[1] / "fixtures/cases"
READY, NOT_READY, UNDECIDED = Verdict.READY, Verdict.NOT_READY, Verdict.UNDECIDED


def judged(plan: str, day: str = "2026-12-01") -> Judgement:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    stated = load_plan(CASES / plan)
    return judge(stated, gather(stated, at, live_dns=False), at)


def outcome(judgement: Judgement, verifier: int, presenter: int) -> Outcome:
    peers = judgement.plan.peers
    return judgement.matrix.between(peers[verifier - 1], peers[presenter - 1]).outcome


def found(judgement: Judgement, code: str) -> list[Finding]:
    return [
        finding for finding in judgement.findings if finding.code == code and "because the plan" not in finding.message
    ]


def texts(judgement: Judgement) -> str:
    """All that the rules on trust, roles and keys say and advise."""
    about = [f for f in judgement.findings if f.code[:3] in ("TRU", "EKU", "KEY")]
    return "\n".join(f"{f.message} {f.fix}" for f in about)


@pytest.mark.parametrize(
    ("plan", "day", "verdict"),
    [
        ("cross-signed/plan.yaml", "2026-12-01", UNDECIDED),
        ("dst-root-x3-2021/plan.yaml", "2021-09-15", READY),
        ("dst-root-x3-2021/plan.yaml", "2021-10-01", NOT_READY),
        ("dst-root-x3-2021/plan-after.yaml", "2021-10-01", UNDECIDED),
        ("dst-root-x3-2021/plan-x1-first.yaml", "2021-10-01", UNDECIDED),
        ("dst-root-x3-2021/plan-clean.yaml", "2021-10-01", READY),
        ("eku-cluster-broken-after-renewal/plan.yaml", "2026-02-21", NOT_READY),
        ("eku-cluster-broken-after-renewal/plan-x154.yaml", "2026-02-21", READY),
        ("factory-certificates/plan.yaml", "2024-06-01", NOT_READY),
        ("missing-tier/plan.yaml", "2026-12-01", NOT_READY),
        ("namesake-without-key-ids/plan.yaml", "2026-12-01", NOT_READY),
        ("netscape-cert-type/plan.yaml", "2026-12-01", NOT_READY),
        ("own-intermediate-not-sent/plan.yaml", "2024-06-01", NOT_READY),
        ("reissue-under-missing-tier/before/plan.yaml", "2026-12-01", NOT_READY),
        ("reissue-under-missing-tier/after/plan.yaml", "2026-12-01", NOT_READY),
        ("rekeyed-ca-same-name-first-match/plan.yaml", "2024-06-01", NOT_READY),
        ("rekeyed-ca-same-name-first-match/plan-swapped.yaml", "2024-06-01", READY),
        ("rekeyed-ca-same-name-first-match/plan-no-aki.yaml", "2024-06-01", NOT_READY),
        ("rekeyed-issuing-ca/plan.yaml", "2026-12-01", NOT_READY),
        ("sha1-crl/plan-sha1.yaml", "2026-12-01", NOT_READY),
        ("sha1-crl/plan-sha256.yaml", "2026-12-01", NOT_READY),
        ("undecodable-key/plan.yaml", "2026-12-01", NOT_READY),
        ("x155-e-server-only-client-store/plan.yaml", "2026-07-01", READY),
    ],
)
def test_the_verdict_is_right(plan: str, day: str, verdict: Verdict) -> None:
    assert judged(plan, day).verdict is verdict


def test_a_chain_through_the_presenters_own_root_is_no_pass_where_another_order_would_be_one() -> None:
    judgement = judged("cross-signed/plan.yaml")
    assert outcome(judgement, 1, 2) is Outcome.UNKNOWN
    (finding,) = found(judgement, "TRU023")
    assert finding.subject.peers == ("exe1.example.com",)
    assert finding.fix == "Append CN=R2 to the trusted CA list of exe1.example.com."


def test_an_expired_root_with_a_good_alternative_is_removed_and_nothing_is_reissued() -> None:
    assert judged("dst-root-x3-2021/plan.yaml", "2021-09-15").ready_until == datetime(
        2021, 9, 30, 14, 1, 16, tzinfo=UTC
    )
    expired = judged("dst-root-x3-2021/plan.yaml", "2021-10-01")
    for finding in found(expired, "TRU006"):
        assert finding.fix.startswith("Remove CN=DST Root CA X3")
        assert "ISRG Root X1" in finding.fix
        assert "no certificate has to be reissued" in finding.fix
    assert len(found(expired, "TRU006")) == 2
    for plan in ("plan-after", "plan-x1-first"):
        both = judged(f"dst-root-x3-2021/{plan}.yaml", "2021-10-01")
        assert [finding.subject.name for finding in found(both, "TRU023")] == ["exe1.example.com", "exe2.example.com"]
        for finding in found(both, "TRU023"):
            assert finding.fix.startswith("Remove the CN=ISRG Root X1")
            assert "DST Root CA X3" in finding.fix
        assert "renewed" not in texts(both) + texts(expired)


def test_a_role_lost_at_renewal_has_three_ways_out_and_the_next_renewal_is_warned_of() -> None:
    judgement = judged("eku-cluster-broken-after-renewal/plan.yaml", "2026-02-21")
    (lost,) = found(judgement, "EKU002")
    assert lost.subject.peers == ("exe2.example.com",)
    assert all(way in lost.fix for way in ("X15.4 or later", "serverAuth and clientAuth", "Permissive"))
    (coming,) = found(judgement, "EKU008")
    assert (coming.severity.value, coming.subject.peers) == ("warning", ("exe1.example.com",))
    assert "Ask for" not in coming.fix


def test_no_factory_ca_is_to_be_loaded() -> None:
    judgement = judged("factory-certificates/plan.yaml", "2024-06-01")
    assert "Append CN=Temporary" not in texts(judgement)
    assert len(found(judgement, "TRU024")) == 2


@pytest.mark.parametrize(
    ("plan", "name"),
    [
        ("missing-tier/plan.yaml", "CN=I"),
        ("reissue-under-missing-tier/before/plan.yaml", "CN=Policy CA"),
        ("reissue-under-missing-tier/after/plan.yaml", "CN=Policy CA"),
    ],
)
def test_a_missing_middle_tier_is_named_with_who_has_it(plan: str, name: str) -> None:
    judgement = judged(plan)
    (finding,) = found(judgement, "TRU002")
    assert finding.subject.peers == ("exe1.example.com",)
    assert finding.about.ca == name
    assert "exe2.example.com has it" in finding.message
    assert not found(judgement, "TRU001")


@pytest.mark.parametrize("plan", ["namesake-without-key-ids/plan", "rekeyed-ca-same-name-first-match/plan-no-aki"])
def test_a_ca_that_is_in_the_list_is_never_to_be_appended(plan: str) -> None:
    day = "2026-12-01" if plan.startswith("namesake") else "2024-06-01"
    judgement = judged(f"{plan}.yaml", day)
    assert found(judgement, "TRU004")
    assert all(finding.fix.startswith("Remove the ") for finding in found(judgement, "TRU004"))
    assert "Append" not in texts(judgement)


def test_of_two_cas_of_one_name_the_first_counts_whatever_the_key_identifiers_say() -> None:
    lower = judged("rekeyed-ca-same-name-first-match/plan.yaml", "2024-06-01")
    assert {finding.subject.name for finding in found(lower, "TRU004")} == {"exc1.example.com", "exc2.example.com"}
    assert all("valid until 2029-01-01" in finding.fix for finding in found(lower, "TRU004"))
    swapped = judged("rekeyed-ca-same-name-first-match/plan-swapped.yaml", "2024-06-01")
    assert [finding.severity.value for finding in found(swapped, "TRU013")] == ["warning", "warning"]
    assert "only the first in the list works" in found(swapped, "TRU013")[0].message


def test_a_netscape_type_for_servers_forbids_the_client_role_on_both_peers() -> None:
    judgement = judged("netscape-cert-type/plan.yaml")
    assert [finding.subject.name for finding in found(judgement, "EKU002")] == ["exe1.lab.example", "exe2.lab.example"]
    assert "Netscape certificate type" in found(judgement, "EKU002")[0].message


def test_a_peer_that_does_not_send_its_own_intermediate_splits_nothing() -> None:
    judgement = judged("own-intermediate-not-sent/plan.yaml", "2024-06-01")
    assert outcome(judgement, 1, 2) is outcome(judgement, 2, 1) is Outcome.PASS
    assert [finding.subject.name for finding in found(judgement, "TRU002")] == ["exe2.example.com"]
    assert judgement.split == ()
    assert not {20004, 20006} & {alarm.id for alarm in judgement.alarms}


def test_a_rekeyed_issuing_ca_is_at_fault_and_the_root_is_left_alone() -> None:
    judgement = judged("rekeyed-issuing-ca/plan.yaml")
    assert {finding.about.ca for finding in found(judgement, "TRU004")} == {"CN=Lab Issuing,O=Lab"}
    assert "Lab Root" not in texts(judgement)
    assert "Append" not in texts(judgement)
    steps = [step for h in judgement.matrix.handshakes for step in h.steps if step.name is StepName.TRUST]
    assert {step.openssl[:2] for step in steps if step.openssl is not None} == {(7, 0)}


@pytest.mark.parametrize("digest", ["sha1", "sha256"])
def test_a_crl_counts_whatever_digest_it_is_signed_with(digest: str) -> None:
    judgement = judged(f"sha1-crl/plan-{digest}.yaml")
    assert [finding.subject.name for finding in found(judgement, "TRU009")] == ["exe1.lab.example"]
    revocation = [s.outcome for h in judgement.matrix.handshakes for s in h.steps if s.name is StepName.REVOCATION]
    assert sorted(revocation) == [Outcome.FAIL, Outcome.FAIL, Outcome.PASS, Outcome.PASS]


def test_of_two_generations_of_a_ca_each_has_its_own_crl() -> None:
    judgement = judged("two-crl-generations/plan.yaml")
    steps = [step for h in judgement.matrix.handshakes for step in h.steps if step.name is StepName.REVOCATION]
    assert {step.outcome for step in steps} == {Outcome.PASS}


def test_a_key_that_openssl_cannot_read_is_a_finding() -> None:
    judgement = judged("undecodable-key/plan.yaml")
    assert [finding.subject.name for finding in found(judgement, "KEY010")] == ["exe1.corpus.example"]
    assert Cause.KEY_UNREADABLE in judgement.matrix.not_passed
    assert not found(judgement, "CPL001")


def test_one_public_certificate_in_both_stores_of_an_expressway_e_is_ready_without_a_warning() -> None:
    judgement = judged("x155-e-server-only-client-store/plan.yaml", "2026-07-01")
    assert [finding.severity.value for finding in found(judgement, "EKU011")] == ["notice", "notice"]
    assert not {20004, 20006} & {alarm.id for alarm in judgement.alarms}
