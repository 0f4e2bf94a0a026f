"""The words of a runbook: plain standard terms, and none that the glossary rules out."""

import re
from ipaddress import ip_address
from pathlib import Path

import pytest

from certplan.evidence.gather import gather
from certplan.formats import Format
from certplan.plan.reading import load_plan
from certplan.report.answer import rendered
from certplan.report.pages.runbook import runbook_answer
from certplan.runbook.model import Procedure
from certplan.runbook.procedures import ProcedureRequest, runbook
from tests.clusters import expressway_e
from tests.pki import AT

RULED_OUT = re.compile(
    r"\b(laps(e|es|ed|ing)|astray|mend(s|ed)?|amiss|reckon|hangs? on|falls? apart|bears?|borne|"
    r"dial(s|led|ing)?(?! plan)|nobody|stranger|lacks?|left open|"
    r"needless|in the way of|outlives?|told|hears?|stop when|normal meanwhile)\b",
    re.IGNORECASE,
)
CODE_OF_OURS = re.compile(r"\b(CL|CE|FM|AD)-\d+")
EVERY_KIND = [
    ProcedureRequest(),
    ProcedureRequest(Procedure.FORM),
    ProcedureRequest(Procedure.REPLACE),
    ProcedureRequest(Procedure.ADD_PEER, "exe4.example.com", ip_address("10.20.0.14")),
    ProcedureRequest(Procedure.REMOVE_PEER, "1"),
    ProcedureRequest(Procedure.REPLACE_PEER, "2"),
    ProcedureRequest(Procedure.RENAME_PEER, "2", name="exe9.example.com"),
    ProcedureRequest(Procedure.REBUILD_PEER, "3"),
    ProcedureRequest(Procedure.CHANGE_PRIMARY, "2", unreachable=("1",)),
    ProcedureRequest(Procedure.RESTART),
    ProcedureRequest(Procedure.UPGRADE, "X15.5"),
    ProcedureRequest(Procedure.RECOVER),
    ProcedureRequest(Procedure.DISBAND),
    ProcedureRequest(Procedure.FORCE_REPLICATION, "2"),
    ProcedureRequest(unreachable=("1",)),
]


def test_every_kind_is_here() -> None:
    assert {request.kind for request in EVERY_KIND} == set(Procedure)


@pytest.mark.parametrize("request_", EVERY_KIND, ids=lambda request: f"{request.kind}{len(request.unreachable) or ''}")
def test_no_word_that_the_glossary_rules_out(request_: ProcedureRequest, tmp_path: Path) -> None:
    draft = expressway_e()
    draft.plan["cluster"]["tls_verification"] = "enforce"
    draft.peer(2)["address"] = draft.peer(2)["fqdn"]
    plan = load_plan(draft.write(tmp_path))
    book = runbook(plan, gather(plan, AT, live_dns=False), AT, request_)
    answer = runbook_answer(book, AT)
    assert set(answer.formats) == {Format.TEXT, Format.MARKDOWN, Format.HTML, Format.JSON, Format.CSV}
    for form in set(answer.formats) - {Format.HTML}:  # HTML has the same words, and the names of its style sheet
        # The key keeps the name that it was published with.
        page = rendered(answer, form).replace("in_the_way", "")
        assert not RULED_OUT.findall(page)
        assert not CODE_OF_OURS.findall(page)
