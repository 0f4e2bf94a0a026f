"""The clustering page as each peer shows it, the split, and the coming changes."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from itertools import combinations, product
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from certplan.handshake.model import Cause, Handshake, Matrix, Route, Step, StepName
from certplan.handshake.page import split as split_of
from certplan.handshake.simulate import Simulation, coming_changes
from certplan.outcomes import Outcome, Verdict
from certplan.plan.model import Lan, Peer
from certplan.vendor.releases import Release
from tests.clusters import expressway_c, expressway_e
from tests.pki import AT, Authority


def peers(count: int) -> tuple[Peer, ...]:
    release = Release.parse("X14.3")
    return tuple(
        Peer(
            number=n,
            address=f"p{n}.example.com",
            stated_lan1=Lan(IPv4Address(f"10.0.0.{n}")),
            stated_release=release,
            dns="public",
        )
        for n in range(1, count + 1)
    )


def matrix(count: int, broken: set[tuple[int, int]]) -> Matrix:
    """A matrix in which just the pairs (verifier, presenter) in `broken` fail."""
    members = peers(count)
    handshakes = []
    for verifier, presenter in product(members, members):
        fails = (verifier.number, presenter.number) in broken
        step = (
            Step(StepName.TRUST, Outcome.FAIL, "no", Cause.CHAIN_REFUSED)
            if fails
            else Step(StepName.TRUST, Outcome.PASS, "yes")
        )
        handshakes.append(Handshake(verifier, presenter, None, Route.DNS, (step,)))
    return Matrix(AT, members, tuple(handshakes))


@given(
    st.integers(1, 6).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.tuples(st.integers(1, n), st.integers(1, n)))))
)
def test_the_split_is_made_of_the_largest_groups_that_still_connect_to_each_other(
    case: tuple[int, set[tuple[int, int]]],
) -> None:
    count, broken = case
    links = {frozenset(pair) for pair in broken if len(set(pair)) == 2}
    split = [frozenset(peer.number for peer in group) for group in split_of(matrix(count, broken)).groups]
    assert bool(split) is bool(links)
    if split:
        assert frozenset().union(*split) == frozenset(range(1, count + 1))
    for group in split:
        assert not any(frozenset(pair) in links for pair in combinations(group, 2))
        for outsider in set(range(1, count + 1)) - group:
            assert any(frozenset((outsider, member)) in links for member in group)
    assert len(set(split)) == len(split)


def test_one_side_refusing_breaks_the_link_for_both() -> None:
    """exe1 does not trust exe2, exe2 trusts exe1: mutual TLS needs both."""
    split = split_of(matrix(3, {(1, 2)})).groups
    assert [[peer.number for peer in group] for group in split] == [[1, 3], [2, 3]]


def test_each_peer_shows_itself_as_this_system_and_the_others_by_their_names(tmp_path: Path) -> None:
    judgement = expressway_c(2).judge(tmp_path)
    first, second = judgement.plan.peers
    assert [row.clustering for row in judgement.page(first)] == [
        "Clustering: This system",
        "Clustering: Active as exc2 (Resolved 'exc2.corp.example.com' as '10.30.0.12')",
    ]
    assert [row.clustering for row in judgement.page(second)][1] == "Clustering: This system"
    assert {row.certificate for row in judgement.page(first)} == {"Certificate: Valid"}


def test_a_failed_link_says_why_where_the_certificate_does_not(tmp_path: Path) -> None:
    draft = expressway_e(3)
    draft.plan["cluster"]["address_mapping"][2]["ip"] = "203.0.113.13"
    draft.reissue(2, sans=["expe.example.com", "exe9.example.com", "example.com"])
    judgement = draft.judge(tmp_path)
    first = judgement.plan.peers[0]
    by_first, by_second, by_third = (judgement.page(viewer) for viewer in judgement.plan.peers)
    assert by_second[0].clustering_reason == "exe1.example.com refuses the certificate of exe2.example.com"
    assert by_first[1].certificate_reason
    assert by_first[1].clustering_reason == ""
    stray = "203.0.113.13 is the static NAT address of exe3.example.com, not its LAN 1 address (10.20.0.13)"
    assert by_first[2].clustering_reason == stray
    assert by_third[0].clustering_reason == f"seen from exe1.example.com, {stray}"
    assert [row.clustering_reason for row in expressway_e(2).judge(tmp_path / "whole").page(first)] == ["", ""]


def test_a_fault_that_has_no_documented_words_stops_at_invalid_and_gives_our_reason(tmp_path: Path) -> None:
    draft = expressway_c(2)
    draft.reissue(2, not_after=datetime(2026, 5, 1, tzinfo=UTC))
    judgement = draft.judge(tmp_path)
    row = judgement.summary(judgement.plan.peers[1])
    assert row.certificate == "Certificate: Invalid"
    assert "expired 2026-05-01" in row.certificate_reason
    assert row.clustering == "Clustering: Failed"


def test_the_summary_of_a_peer_is_the_worst_that_any_peer_shows(tmp_path: Path) -> None:
    """Only exe3 lacks the issuing CA, so only exe3's page shows exe1 as invalid."""
    draft = expressway_e(3)
    draft.trust(3, draft.root)
    for number in (1, 2):
        draft.trust(number, draft.root, draft.issuing)
    draft.reissue(1, issuer=draft.root)
    draft.reissue(3, issuer=draft.root)
    judgement = draft.judge(tmp_path)
    first, second, third = judgement.plan.peers
    assert judgement.summary(first).certificate_outcome is Outcome.PASS
    assert judgement.verdict is Verdict.READY
    draft.trust(2, draft.root)
    judgement = draft.judge(tmp_path)
    assert judgement.summary(second).certificate == "Certificate: Invalid"
    assert [judgement.matrix.between(v, second).outcome for v in (first, second, third)] == [
        Outcome.PASS,
        Outcome.FAIL,
        Outcome.FAIL,
    ]


def test_the_horizon_agrees_with_judging_at_each_of_its_moments_and_between(tmp_path: Path) -> None:
    draft = expressway_e(3)
    short = draft.root.intermediate("short", not_after=datetime(2026, 8, 1, tzinfo=UTC))
    draft.reissue(1, not_after=datetime(2026, 7, 1, tzinfo=UTC))
    draft.reissue(2, not_before=datetime(2026, 6, 15, tzinfo=UTC))
    draft.reissue(3, issuer=short)
    for number in (1, 2, 3):
        draft.trust(number, draft.root, draft.issuing, short)
    judgement = draft.judge(tmp_path)
    simulation = Simulation(judgement.plan, judgement.evidence)
    changes = coming_changes(simulation, simulation.matrix(AT))
    assert [change.at.date().isoformat() for change in changes] == [
        "2026-06-15",
        "2026-07-01",
        "2026-08-01",
        "2027-01-01",
    ]
    assert [change.verdict for change in changes][:2] == [Verdict.READY, Verdict.NOT_READY]
    # The step that passes now describes what begins, the one that passed what ends, and each once for all pairs.
    assert [change.because for change in changes] == [
        ("the server certificate of exe2.example.com is valid until 2027-01-01",),
        ("the server certificate of exe1.example.com is valid until 2026-07-01",),
        tuple(
            f"exe{n}.example.com does not trust the server certificate of exe3.example.com: "
            "the CA CN=short expired 2026-08-01"
            for n in (1, 2, 3)
        ),
        ("the server certificate of exe2.example.com is valid until 2027-01-01",),
    ]
    moments = [AT, *(change.at for change in changes)]
    for begin, verdict in zip(moments, [judgement.verdict, *(change.verdict for change in changes)], strict=True):
        for moment in (begin, begin + timedelta(seconds=1), begin + timedelta(days=9)):
            assert Simulation(judgement.plan, judgement.evidence).matrix(moment).verdict is verdict


def test_a_certificate_without_an_end_changes_nothing(tmp_path: Path) -> None:
    """99991231235959Z is how a certificate says that it has no well-defined end (RFC 5280 section 4.1.2.5)."""
    forever = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    root = Authority.root("forever", not_after=forever)
    draft = expressway_e(2)
    for number in (1, 2):
        draft.reissue(number, issuer=root, not_after=forever)
        draft.trust(number, root)
    judgement = draft.judge(tmp_path)
    assert judgement.verdict is Verdict.READY
    assert judgement.status_changes == ()
    assert judgement.ready_until is None


def test_a_name_that_dns_leads_elsewhere_is_not_the_presenters(tmp_path: Path) -> None:
    """The way there has failed, and so has the proof that the certificate's name leads to who presents it."""
    draft = expressway_c(2)
    records = draft.records("internal")
    records[:] = [record.replace("A 10.30.0.12", "A 10.30.0.99") for record in records]
    matrix = draft.judge(tmp_path).matrix
    proved = {
        handshake.presenter.number: {step.outcome for step in handshake.steps if step.name is StepName.IDENTIFY}
        for handshake in matrix.handshakes
        if handshake.verifier is not handshake.presenter
    }
    assert proved == {1: {Outcome.PASS}, 2: {Outcome.FAIL}}
