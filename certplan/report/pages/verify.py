"""What `certplan verify` says: whether the change did what the runbook said, on one page."""

from collections.abc import Sequence
from datetime import datetime

from certplan.logs.aftermath import ExpectedEffect
from certplan.outcomes import Outcome
from certplan.plan.model import Plan
from certplan.report.answer import Answer
from certplan.report.document import Banner, Document, Section, Table, Tone, Words, cell
from certplan.report.writers.json import head_json

__all__ = ["verify_answer"]

_WORDS = {Outcome.PASS: "as planned", Outcome.FAIL: "NOT as planned", Outcome.UNKNOWN: "not verified"}


def verify_answer(plan: Plan, found: Sequence[ExpectedEffect], at: datetime) -> Answer:
    """Each thing that was to be and whether it is; `plan` is the state that was aimed at."""
    return Answer(
        page=lambda: _page(plan, found),
        data=lambda: {
            **head_json(at),
            "plan": plan.file,
            "state": "target" if plan.is_target else "today",
            "checks": [
                {"what": each.what, "peer": each.peer or None, "outcome": each.outcome.value, "summary": each.said}
                for each in found
            ],
        },
    )


def _page(plan: Plan, found: Sequence[ExpectedEffect]) -> Document:
    rows = (
        (each.what, each.peer, cell(Words(_WORDS[each.outcome], Tone.of(each.outcome))), each.said) for each in found
    )
    wrong = sum(each.outcome is Outcome.FAIL for each in found)
    unknown = sum(each.outcome is Outcome.UNKNOWN for each in found)
    if wrong:
        headline, tone = f"{wrong} of {len(found)} checks are not as planned.", Tone.BAD
    elif unknown:
        headline, tone = f"Nothing is known to be wrong; {unknown} of {len(found)} checks were not verified.", Tone.OPEN
    else:
        headline, tone = "Everything is as planned.", Tone.GOOD
    table = Table.of("", ("Check", "Peer", "Outcome", "Seen"), rows)
    state = "the target" if plan.is_target else "today"
    return Document(
        title=f"After the change of {plan.cluster.name}",
        intro=(Words(f"{plan.file}, compared with {state}", Tone.QUIET),),
        sections=(Section("checks", "Checks", (table,), str(len(found))),),
        verdict=Banner(headline, tone, ()),
    )
