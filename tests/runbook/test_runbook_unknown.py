"""Procedures for clusters of which something is not known: written as far as they go, and told what is missing."""

from contextlib import suppress
from pathlib import Path

import pytest

from certplan.outcomes import Verdict
from certplan.plan.model import NotStatedError
from certplan.runbook.model import Procedure
from certplan.runbook.procedures import ProcedureRequest
from tests.clusters import expressway_c
from tests.runbook.books import NEWCOMER, TO_ENFORCE, written

REQUESTS = [
    TO_ENFORCE,
    NEWCOMER,
    *(
        ProcedureRequest(kind, "2")
        for kind in (Procedure.REMOVE_PEER, Procedure.REPLACE_PEER, Procedure.CHANGE_PRIMARY)
    ),
    ProcedureRequest(Procedure.RENAME_PEER, "2", name="exc9.example.com"),
    ProcedureRequest(Procedure.UPGRADE, "X15.5"),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.kind)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_interface_that_is_not_known_never_makes_a_cluster_ready(
    request_: ProcedureRequest, number: int, tmp_path: Path
) -> None:
    """Peers are numbered anew on the way, and what is unknown goes with its peer."""
    draft = expressway_c(3)
    draft.peer(number)["lan1"] = "unknown"
    with suppress(NotStatedError):
        after = written(draft, tmp_path, request_).after
        assert (after is not Verdict.READY) or _gone(request_, number)


def _gone(request: ProcedureRequest, number: int) -> bool:
    """Whether that peer leaves the cluster."""
    return request.kind is Procedure.REMOVE_PEER and number == 2
