"""What the verdict rests on, and what a headline must not leave out: typed facts of the judgement."""

from datetime import timedelta
from itertools import combinations
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan.handshake.page import split
from certplan.judgement import ClusterStatus, Judgement
from certplan.outcomes import Outcome, Verdict
from tests.clusters import ISSUING, ROOT, Draft, expressway_c, expressway_e
from tests.handshake.test_page import matrix

LINK_ALARMS = {20004, 20006}


def bare(count: int, **first: Any) -> Draft:
    """A cluster of which nothing is known but its peers and their records."""
    peers: list[dict[str, Any]] = [
        {"address": f"exc{n}.example.com", "lan1": {"ip": f"10.30.{n // 200}.{n % 200 + 1}/16"}}
        for n in range(1, count + 1)
    ]
    peers[0] |= first
    records = [f"{peer['address']}. A {peer['lan1']['ip'].partition('/')[0]}" for peer in peers]
    return Draft(
        {
            "certplan": 1,
            "cluster": {"name": "excl.example.com", "type": "expressway-c", "release": "X14.3.4"},
            "peers": peers,
            "dns": {"internal": {"records": records}},
        }
    )


def codes(judgement: Judgement, severity: str = "error") -> set[str]:
    return {finding.code for finding in judgement.findings if finding.counts and finding.severity == severity}


@pytest.mark.parametrize(("address", "code"), [("10.30.0.2", "NAM003"), ("exc1", "NAM004")])
def test_an_address_that_is_no_fqdn_fails_whatever_evidence_is_missing(address: str, code: str, tmp_path: Path) -> None:
    judgement = bare(2, address=address).judge(tmp_path)
    assert judgement.verdict is Verdict.NOT_READY
    assert judgement.status is ClusterStatus.NOT_READY
    assert code in codes(judgement)
    first, second = judgement.plan.peers
    assert judgement.matrix.between(second, first).outcome is Outcome.FAIL
    assert judgement.matrix.between(first, second).outcome is Outcome.UNKNOWN
    assert "TRU001" in {finding.code for finding in judgement.findings if finding.outcome is Outcome.UNKNOWN}


def own_row_only(kind: str = "permissive") -> Draft:
    """exe1 has an issuing CA of its own, which exe2 has in its list and exe1 itself has not: it sends a leaf alone.

    Trust is judged by the verifier's list, so exe2 accepts exe1; exe1 does not accept itself.
    """
    draft = expressway_e(2)
    draft.plan["cluster"]["tls_verification"] = kind
    other = ROOT.intermediate("other issuing")
    draft.reissue(1, issuer=other)
    draft.trust(1, ROOT, ISSUING)
    draft.trust(2, ROOT, ISSUING, other)
    return draft


@pytest.mark.parametrize("mode", ["permissive", "enforce"])
def test_where_only_a_peers_own_row_fails_the_cluster_is_not_said_to_split(mode: str, tmp_path: Path) -> None:
    judgement = own_row_only(mode).judge(tmp_path)
    assert judgement.verdict is Verdict.NOT_READY
    assert judgement.status is ClusterStatus.OWN_ROWS_ONLY
    assert judgement.split == ()
    assert not LINK_ALARMS & {alarm.id for alarm in judgement.alarms}
    for finding in judgement.findings:
        assert "Set TLS verification mode to Permissive" not in finding.fix, finding.code
    warned = codes(judgement, "warning")
    assert ("CLU024" in warned) is (mode == "enforce")


def test_where_a_link_breaks_the_alarms_and_the_split_are_reported(tmp_path: Path) -> None:
    draft = own_row_only("enforce")
    draft.trust(2, ROOT, ISSUING)
    judgement = draft.judge(tmp_path)
    assert judgement.status is ClusterStatus.NOT_READY
    assert [len(group) for group in judgement.split] == [1, 1]
    assert {alarm.id for alarm in judgement.alarms} >= LINK_ALARMS
    assert "CLU024" in codes(judgement)


def test_ready_with_other_errors_is_a_standing_of_its_own(tmp_path: Path) -> None:
    draft = expressway_c(2)
    assert draft.judge(tmp_path).status is ClusterStatus.READY
    draft.peer(2)["h323"] = False
    judgement = draft.judge(tmp_path)
    assert judgement.verdict is Verdict.READY
    assert judgement.status is ClusterStatus.READY_WITH_ERRORS
    assert [finding.code for finding in judgement.other_errors] == ["CLU009"]
    draft.plan["waivers"] = [{"rule": "CLU009", "reason": "ticket", "until": "2099-01-01"}]
    assert draft.judge(tmp_path).status is ClusterStatus.READY


@st.composite
def broken_links(draw: st.DrawFn) -> tuple[int, set[tuple[int, int]]]:
    count = draw(st.integers(2, 9))
    return count, draw(st.sets(st.sampled_from(sorted(combinations(range(1, count + 1), 2))), min_size=1))


@given(broken_links())
def test_the_split_is_every_largest_group_that_still_holds(case: tuple[int, set[tuple[int, int]]]) -> None:
    count, broken = case
    found = split(matrix(count, broken))
    groups = {frozenset(peer.number for peer in group) for group in found.groups}
    whole = [
        set(group)
        for size in range(1, count + 1)
        for group in combinations(range(1, count + 1), size)
        if not any(pair in broken for pair in combinations(group, 2))
    ]
    largest = {frozenset(group) for group in whole if not any(group < other for other in whole)}
    assert len(groups) == len(found.groups) == min(64, len(largest))
    assert groups <= largest
    assert found.more == len(largest) - len(groups)


def test_64_groups_are_listed_and_the_rest_is_counted() -> None:
    # Sixteen peers in eight pairs that refuse each other: 2^8 groups of eight.
    found = split(matrix(16, {(n, n + 1) for n in range(1, 16, 2)}))
    assert len(found.groups) == 64
    assert found.more == 256 - 64
    assert {len(group) for group in found.groups} == {8}


def test_22_peers_of_which_the_first_has_a_wrong_record(tmp_path: Path) -> None:
    draft = bare(22)
    draft.records("internal")[0] = "exc1.example.com. A 10.99.0.1"
    judgement = draft.judge(tmp_path)
    assert judgement.verdict is Verdict.NOT_READY
    assert "CLU001" in codes(judgement)
    assert sorted(len(group) for group in judgement.split) == [1, 21]


def test_64_peers_are_judged_in_two_seconds(tmp_path: Path) -> None:
    draft = bare(64)
    for number in range(0, 64, 2):
        draft.records("internal")[number] = f"exc{number + 1}.example.com. A 10.99.0.{number + 1}"
    begun = process_time()
    judgement = draft.judge(tmp_path)
    assert len(judgement.split) == 33
    assert timedelta(seconds=process_time() - begun) < timedelta(seconds=2)
