"""What the tests of runbooks share: a book written for a draft, and what no step of any book may do."""

from ipaddress import ip_address
from pathlib import Path

from certplan.evidence.gather import gather
from certplan.evidence.model import Evidence
from certplan.plan.model import Plan
from certplan.plan.reading import load_plan
from certplan.runbook.model import Procedure, Runbook
from certplan.runbook.procedures import ProcedureRequest, runbook
from tests.clusters import Draft
from tests.pki import AT

__all__ = ["NEWCOMER", "TO_ENFORCE", "assert_announced", "enforced", "on_ip", "seen", "titles", "written"]

TO_ENFORCE = ProcedureRequest()
NEWCOMER = ProcedureRequest(Procedure.ADD_PEER, "exe4.example.com", ip_address("10.20.0.14"))


def seen(draft: Draft, folder: Path) -> tuple[Plan, Evidence]:
    plan = load_plan(draft.write(folder))
    return plan, gather(plan, AT, live_dns=False)


def written(draft: Draft, folder: Path, request: ProcedureRequest = TO_ENFORCE) -> Runbook:
    return runbook(*seen(draft, folder), AT, request)


def enforced(draft: Draft) -> Draft:
    draft.plan["cluster"]["tls_verification"] = "enforce"
    return draft


def on_ip(draft: Draft) -> Draft:
    """The same cluster as it is first formed."""
    draft.plan["cluster"].pop("address_mapping", None)
    for peer in draft.plan["peers"]:
        peer["address"] = peer["lan1"]["ip"].split("/")[0]
    return draft


def titles(book: Runbook) -> list[str]:
    return [step.title for step in book.steps]


def assert_announced(book: Runbook) -> None:
    """No step isolates a peer unannounced, and none clears every peer address."""
    for step in book.steps:
        for peer in step.out:
            assert any(peer in warning for warning in step.warnings), step.title
        for one, other in step.apart:
            assert any(one in warning and other in warning for warning in step.warnings), step.title
        fields = [value for field, value in step.values if field.startswith("Peer ") and field.endswith("address")]
        assert not fields or any(value != "(empty)" for value in fields), step.title
