"""Laws of every procedure, over random clusters with any mixture of faults."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from certplan.outcomes import Confidence, Verdict
from certplan.plan.reading import PlanError
from certplan.runbook.model import Action, Procedure, Runbook
from certplan.runbook.procedures import ProcedureRequest, UnfitRequestError
from tests.faults import FAULTS, with_faults
from tests.runbook.books import NEWCOMER, assert_announced, enforced, titles, written

EVERY_PROCEDURE = [
    ProcedureRequest(),
    ProcedureRequest(unreachable=("1",)),
    ProcedureRequest(Procedure.FORM),
    ProcedureRequest(Procedure.REPLACE),
    NEWCOMER,
    ProcedureRequest(Procedure.REMOVE_PEER, "1"),
    ProcedureRequest(Procedure.REMOVE_PEER, "2"),
    ProcedureRequest(Procedure.REPLACE_PEER, "2"),
    ProcedureRequest(Procedure.REPLACE_PEER, "2", unreachable=("2",)),
    ProcedureRequest(Procedure.RENAME_PEER, "2", name="exe9.example.com"),
    ProcedureRequest(Procedure.REBUILD_PEER, "1"),
    ProcedureRequest(Procedure.CHANGE_PRIMARY, "2"),
    ProcedureRequest(Procedure.CHANGE_PRIMARY, "2", unreachable=("1",)),
    ProcedureRequest(Procedure.RESTART),
    ProcedureRequest(Procedure.UPGRADE, "X16.0"),
    ProcedureRequest(Procedure.RECOVER),
    ProcedureRequest(Procedure.RECOVER, unreachable=("1",)),
    ProcedureRequest(Procedure.DISBAND),
    ProcedureRequest(Procedure.DISBAND, unreachable=("1",)),
    ProcedureRequest(Procedure.FORCE_REPLICATION, "2"),
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
        self, procedure: ProcedureRequest, kind: str, count: int, faults: list[tuple[str, int]], enforce: bool
    ) -> None:
        draft = with_faults(kind, count, faults)
        enforce = enforce or procedure.kind is Procedure.RECOVER
        with TemporaryDirectory() as folder:
            try:
                book = written(enforced(draft) if enforce else draft, Path(folder), procedure)
            except (PlanError, UnfitRequestError):
                assume(False)
        assert_announced(book)
        if any("into Enforce" in title for title in titles(book)):
            assert book.after is Verdict.READY
            assert not book.steps[-1].apart
        if procedure.kind in (Procedure.ENFORCE, Procedure.FORM, Procedure.REPLACE):
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


def down(book: Runbook, procedure: ProcedureRequest) -> list[str]:
    """The addresses of the peers that are out of reach all along."""
    names = {"1": ("exe1.", "exc1."), "2": ("exe2.", "exc2.")}
    if procedure.kind in (Procedure.REPLACE_PEER, Procedure.RENAME_PEER, Procedure.REBUILD_PEER):
        return []
    wanted = [name for word in procedure.unreachable for name in names[word]]
    return [peer for step in book.steps for peer in step.peers if peer.startswith(tuple(wanted))] if wanted else []
