"""Laws of every procedure, over random clusters with any mixture of faults."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from certplan.outcomes import Confidence, Verdict
from certplan.plan.reading import PlanError
from certplan.runbook.model import Action, Kind, Runbook
from certplan.runbook.procedures import Request, UnfitRequestError
from tests.faults import FAULTS, with_faults
from tests.runbook.books import NEWCOMER, assert_announced, enforced, titles, written

EVERY_PROCEDURE = [
    Request(),
    Request(unreachable=("1",)),
    Request(Kind.FORM),
    Request(Kind.REPLACE),
    NEWCOMER,
    Request(Kind.REMOVE_PEER, "1"),
    Request(Kind.REMOVE_PEER, "2"),
    Request(Kind.REPLACE_PEER, "2"),
    Request(Kind.REPLACE_PEER, "2", unreachable=("2",)),
    Request(Kind.RENAME_PEER, "2", name="exe9.example.com"),
    Request(Kind.REBUILD_PEER, "1"),
    Request(Kind.CHANGE_PRIMARY, "2"),
    Request(Kind.CHANGE_PRIMARY, "2", unreachable=("1",)),
    Request(Kind.RESTART),
    Request(Kind.UPGRADE, "X16.0"),
    Request(Kind.RECOVER),
    Request(Kind.RECOVER, unreachable=("1",)),
    Request(Kind.DISBAND),
    Request(Kind.DISBAND, unreachable=("1",)),
    Request(Kind.FORCE_REPLICATION, "2"),
]


class TestAnyMixtureOfFaults:
    @pytest.mark.parametrize(
        "procedure", EVERY_PROCEDURE, ids=lambda each: f"{each.kind}-{each.subject}-{len(each.unreachable)}"
    )
    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        kind=st.sampled_from(["expressway-e", "expressway-c"]),
        count=st.integers(2, 5),
        faults=st.lists(st.tuples(st.sampled_from(sorted(FAULTS)), st.integers(1, 5)), max_size=6),
        enforce=st.booleans(),
    )
    def test_no_step_isolates_unannounced_and_enforce_comes_only_when_ready(
        self, procedure: Request, kind: str, count: int, faults: list[tuple[str, int]], enforce: bool
    ) -> None:
        draft = with_faults(kind, count, faults)
        enforce = enforce or procedure.kind is Kind.RECOVER
        with TemporaryDirectory() as folder:
            try:
                book = written(enforced(draft) if enforce else draft, Path(folder), procedure)
            except (PlanError, UnfitRequestError):
                assume(False)
        assert_announced(book)
        if any("into Enforce" in title for title in titles(book)):
            assert book.after is Verdict.READY
            assert not book.steps[-1].apart
        if procedure.kind in (Kind.ENFORCE, Kind.FORM, Kind.REPLACE):
            assert bool(book.blockers) is (book.after is not Verdict.READY)
        for step in book.steps:
            assert step.sources
            assert step.do
            assert step.verify
            assert step.rollback.text
            assert step.abort_if
            assert bool(step.basis) is (step.confidence is not Confidence.DOCUMENTED)
            assert not any(peer in step.peers for peer in down(book, procedure))
        assert book.steps == () or book.steps[-1].action is Action.FINISH


def down(book: Runbook, procedure: Request) -> list[str]:
    """The addresses of the peers that are out of reach all along."""
    names = {"1": ("exe1.", "exc1."), "2": ("exe2.", "exc2.")}
    if procedure.kind in (Kind.REPLACE_PEER, Kind.RENAME_PEER, Kind.REBUILD_PEER):
        return []
    wanted = [name for word in procedure.unreachable for name in names[word]]
    return [peer for step in book.steps for peer in step.peers if peer.startswith(tuple(wanted))] if wanted else []
