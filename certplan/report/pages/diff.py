"""What `certplan diff` says: what changed between two records, and in the verdict."""

from collections.abc import Sequence
from datetime import datetime

from certplan.judgement import Judgement
from certplan.records.differences import RecordChange
from certplan.report.answer import Answer, Rows
from certplan.report.document import Document, Section, Table, Tone, Words
from certplan.report.wording import VERDICT_WORDS
from certplan.report.writers.json import Json, head_json, moment
from certplan.rules.model import Finding

__all__ = ["diff_answer"]


def diff_answer(before: Judgement, after: Judgement, changes: Sequence[RecordChange], at: datetime) -> Answer:
    """The differences of two records, each judged as of its time, in every form."""
    return Answer(
        page=lambda: _page(before, after, changes),
        data=lambda: _data(before, after, changes, at),
        rows=lambda: Rows(
            ("what", "subject", "before", "after"),
            [(each.what, each.subject, each.before, each.after) for each in changes],
        ),
    )


def _verdicts(before: Judgement, after: Judgement) -> Words:
    one, other = (VERDICT_WORDS[each.verdict] for each in (before, after))
    if one == other:
        return Words(f"The verdict is {other}, as before.", Tone.of_verdict(after.verdict))
    return Words(f"The verdict was {one} and is {other}.", Tone.of_verdict(after.verdict))


def _page(before: Judgement, after: Judgement, changes: Sequence[RecordChange]) -> Document:
    table = Table.of(
        "", ("What", "Of", "Before", "After"), ((each.what, each.subject, each.before, each.after) for each in changes)
    )
    new, gone = _without(after, before), _without(before, after)
    sections = [Section("changes", "Changed", (table,) if changes else (), str(len(changes)))]
    for ident, title, found in (("new", "New findings", new), ("gone", "Findings that are gone", gone)):
        if found:
            rows = ((each.code, each.subject.name, each.message) for each in found)
            sections.append(Section(ident, title, (Table.of("", ("Code", "Of", "Finding"), rows),), str(len(found))))
    span = f"{before.at:%Y-%m-%d %H:%M} to {after.at:%Y-%m-%d %H:%M} UTC"
    return Document(f"{after.plan.cluster.name}, {span}", (_verdicts(before, after),), tuple(sections))


def _without(one: Judgement, other: Judgement) -> list[Finding]:
    """The findings of one judgement that the other does not have."""
    known = {(found.code, found.subject.name) for found in other.all_findings}
    return [found for found in one.all_findings if found.counts and (found.code, found.subject.name) not in known]


def _data(before: Judgement, after: Judgement, changes: Sequence[RecordChange], at: datetime) -> Json:
    return {
        **head_json(at),
        "before": {"at": moment(before.at), "verdict": before.verdict.value},
        "after": {"at": moment(after.at), "verdict": after.verdict.value},
        "changes": [
            {"what": each.what, "subject": each.subject, "before": each.before, "after": each.after} for each in changes
        ],
    }
