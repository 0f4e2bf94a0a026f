"""Pairs whose steps the review shows once are those whose steps say the same, but for the verifier's name."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certplan.handshake.model import Handshake
from certplan.judgement import Judgement
from certplan.report.document import MatrixTable
from certplan.report.review.parts.clustering import matrix
from tests.faults import FAULTS, OTHER_CA, with_faults
from tests.review.reading import blocks, judged


def say_the_same(one: Handshake, other: Handshake) -> bool:
    """Whether the steps of both say the same, as they stand or with the verifiers' names left out."""
    named = [
        (step.name, step.outcome, step.reason, step.reason.replace(pair.verifier.address, "VERIFIER"))
        for pair in (one, other)
        for step in pair.steps
    ]
    half = len(one.steps)
    return len(one.steps) == len(other.steps) and all(
        mine[:2] == theirs[:2] and (mine[2] == theirs[2] or mine[3] == theirs[3])
        for mine, theirs in zip(named[:half], named[half:], strict=True)
    )


def assert_alike_say_the_same(judgement: Judgement) -> int:
    """Returns how many pairs share what is shown with another."""
    (block,) = (each for each in blocks(matrix(judgement)) if isinstance(each, MatrixTable))
    shared = 0
    for group in block.alike:
        # A peer that checks itself is named among the presenters, too.
        pairs = [judgement.matrix.handshakes[block.cells.index(cell)] for cell in group]
        others = [pair for pair in pairs if pair.verifier is not pair.presenter]
        assert all(say_the_same(others[0], each) for each in others), [cell.summary for cell in group]
        shared += max(0, len(others) - 1)
    return shared


@pytest.mark.parametrize("fault", FAULTS)
def test_with_each_fault(fault: str) -> None:
    assert_alike_say_the_same(judged(with_faults("expressway-e", 4, [(fault, 2)])))


def test_in_a_perfect_cluster_all_verifiers_share() -> None:
    assert assert_alike_say_the_same(judged(with_faults("expressway-e", 4, []))) == 4 * 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(list(FAULTS)), st.integers(1, 4)), min_size=2, max_size=5))
def test_with_several_faults(faults: list[tuple[str, int]]) -> None:
    assert_alike_say_the_same(judged(with_faults("expressway-c", 4, faults)))


def test_two_who_refuse_for_different_reasons_are_shown_apart() -> None:
    draft = with_faults("expressway-e", 4, [])
    draft.trust(2, draft.issuing)
    draft.trust(3, OTHER_CA)
    judgement = judged(draft)
    (block,) = (each for each in blocks(matrix(judgement)) if isinstance(each, MatrixTable))
    groups = [{cell.verifier for cell in group} for group in block.alike if group[0].presenter == 4]
    assert sorted(map(sorted, groups)) == [[1, 4], [2], [3]]
    assert_alike_say_the_same(judgement)
