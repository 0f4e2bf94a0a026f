"""Capacity: base figures, the rule that applies, and what the vendor's texts say otherwise."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan.capacity import ClusterCapacity, plan_capacity
from tests.proposal.layouts import cluster, peer, plan_of


def capacity_of(platforms: list[str | None], release: str = "X15.4") -> ClusterCapacity:
    peers: list[dict[str, Any]] = [peer(n, platform=platform) for n, platform in enumerate(platforms, 1)]
    return plan_capacity(plan_of(cluster(peers, release=release)))


class TestRules:
    @pytest.mark.parametrize(
        ("release", "count", "factors"),
        [
            ("X12.6", 4, []),  # no figures before X14.0
            ("X14.1", 1, [1]),
            ("X14.1", 3, [3]),
            ("X14.1", 6, [4]),
            ("X14.2", 2, [1, 2]),
            ("X14.3", 4, [3, 4]),
            ("X15.5", 5, [4]),
            ("X15.5", 6, [5, 4]),
        ],
    )
    def test_the_rule_of_the_release_first_then_other_texts(self, release: str, count: int, factors: list[int]) -> None:
        found = capacity_of(["medium-vm"] * count, release)
        assert [reading.factor for reading in found.readings] == factors
        assert [reading.applies for reading in found.readings] == [n == 0 for n in range(len(factors))]

    def test_figures_are_those_of_one_system_times_the_factor(self) -> None:
        first, other = capacity_of(["medium-vm"] * 4, "X14.3").readings
        assert (first.figures["calls_video"], other.figures["calls_video"]) == (450, 600)
        assert "calls_mra_video" not in first.figures

    def test_the_contradictions_are_shown_from_x14_2(self) -> None:
        remarks = " ".join(capacity_of(["large-vm"] * 4, "X14.2").remarks)
        assert "The X14.2 guide itself words it otherwise" in remarks
        assert "Size the cluster for no more than 3 times one system." in remarks

    @pytest.mark.parametrize(("count", "said"), [(2, True), (4, False), (6, False)])
    def test_that_two_have_the_capacity_of_one_is_said_of_two(self, count: int, said: bool) -> None:
        assert any("two peers have" in remark for remark in capacity_of(["medium-vm"] * count, "X15.5").remarks) is said

    @pytest.mark.parametrize(
        ("platform", "about"),
        [
            ("small-vm", set()),
            ("medium-vm", set()),
            ("large-vm", {"Large VM"}),
            ("ce1300", {"CE1300"}),
            (None, {"Large VM", "CE1300"}),
        ],
    )
    def test_a_note_on_other_platforms_is_left_out(self, platform: str | None, about: set[str]) -> None:
        notes = " ".join(capacity_of([platform, platform]).notes)
        assert {words for words in ("Large VM", "CE1300") if words in notes} == about
        assert "guidelines, not guarantees" in notes

    def test_small_vms_gain_nothing(self) -> None:
        found = capacity_of(["small-vm"] * 3)
        assert [(reading.factor, reading.figures["registrations"]) for reading in found.readings] == [(1, 2000)]
        assert any("only redundancy" in remark for remark in found.remarks)

    def test_the_printed_table_for_four_stands_beside_where_there_is_one(self) -> None:
        found = capacity_of(["ce1200"] * 4, "X14.0")
        assert found.printed is not None
        assert (found.printed["mra_registrations"], found.readings[0].figures["mra_registrations"]) == (20000, 28000)
        assert any("size for the lower ones" in remark for remark in found.remarks)
        assert capacity_of(["ce1200"] * 4, "X14.3").printed is None
        assert capacity_of(["ce1200"] * 3, "X14.0").printed is None


class TestWhatIsNotKnown:
    def test_no_platform_says_what_to_state(self) -> None:
        found = capacity_of([None, None])
        assert (found.base, found.readings) == ((), ())
        assert any("platform of every peer" in remark and "medium-vm" in remark for remark in found.remarks)
        assert any("1 times" in remark for remark in found.remarks)

    def test_one_peer_without_a_platform_leaves_the_cluster_open(self) -> None:
        found = capacity_of(["medium-vm", None])
        assert [row.platform for row in found.base] == ["medium-vm"]
        assert found.readings == ()
        assert any("exe2.example.com" in remark for remark in found.remarks)

    def test_figures_of_another_release_are_not_lent(self) -> None:
        found = capacity_of(["ce1300"] * 2, "X14.3")
        assert (found.base, found.readings) == ((), ())
        assert any("X15.2" in remark for remark in found.remarks)

    def test_unlike_peers_count_as_the_least_and_that_is_said_to_be_inferred(self) -> None:
        found = capacity_of(["medium-vm", "ce1200", "ce1200"], "X15.4")
        assert found.readings[0].figures == {
            "registrations": 5000,
            "calls_video": 300,
            "calls_audio": 600,
            "rms": 300,
            "mra_registrations": 5000,
            "turn_relays": 3600,
        }
        assert any("inferred" in remark for remark in found.remarks)

    def test_more_than_six_peers_have_no_figures(self) -> None:
        found = capacity_of(["medium-vm"] * 7)
        assert found.readings == ()
        assert any("at most 6" in remark for remark in found.remarks)


RELEASES = st.sampled_from(["X8.5", "X12.6", "X14.0", "X14.1", "X14.2", "X14.2.7", "X14.3", "X15.0", "X15.5", "X16.0"])
PLATFORMS = st.sampled_from([None, "ce1200", "ce1300", "large-vm", "medium-vm", "small-vm"])


@given(st.lists(PLATFORMS, min_size=1, max_size=7), RELEASES)
def test_any_cluster_has_an_answer_and_it_does_not_hang_on_the_order(platforms: list[str | None], release: str) -> None:
    found, turned = capacity_of(platforms, release), capacity_of(platforms[::-1], release)
    assert (found.platforms, found.base, found.readings) == (turned.platforms, turned.base, turned.readings)
    assert found.readings or found.remarks
    assert bool(found.readings) <= (None not in platforms)
    for reading in found.readings:
        assert reading.factor <= max(1, len(platforms))
