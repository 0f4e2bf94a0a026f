"""Findings as CSV: a line a finding, for spreadsheets. A plan that could not be read has a line a problem."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from certplan.judgement import Judgement
from certplan.places import Place
from certplan.plan.reading import PlanProblem
from certplan.report.form import Form, Layout
from certplan.rules.model import Finding
from certplan.text.escape import csv_rows
from certplan.vendor import source

__all__ = ["FORM", "HEADER"]

HEADER = (
    "plan",
    "cluster",
    "verdict",
    "code",
    "slug",
    "severity",
    "outcome",
    "waived",
    "subject_kind",
    "subject",
    "peers",
    "message",
    "fix",
    "confidence",
    "file",
    "line",
    "column",
    "sources",
    "state",
)


def _piece(judgement: Judgement, layout: Layout) -> str:
    plan = judgement.plan
    owner = (plan.file, plan.cluster.name, judgement.verdict.value)
    state = "target" if plan.is_target else "today"
    # A plan without a finding has a row too: it shows the verdict.
    nothing = [(*owner, *[""] * (len(HEADER) - len(owner) - 1), state)]
    rows = csv_rows([(*owner, *_row(finding), state) for finding in judgement.all_findings] or nothing)
    return rows if judgement.target is None else rows + _piece(judgement.target, layout)


def _unread(plan: str, problems: Sequence[PlanProblem]) -> str:
    said = {"plan": plan, "severity": "error", "outcome": "unread", "subject_kind": "plan", "subject": plan}
    rows = [
        {
            **said,
            "message": problem.message,
            **dict(zip(("file", "line", "column"), _place(problem.place), strict=True)),
        }
        for problem in problems
    ]
    return csv_rows([row.get(column, "") for column in HEADER] for row in rows)


def _document(_: datetime, pieces: Iterable[str]) -> Iterator[str]:
    yield csv_rows([HEADER])
    yield from pieces


FORM = Form(_piece, _unread, _document)


def _row(finding: Finding) -> tuple[str, ...]:
    return (
        finding.code,
        finding.rule.slug,
        finding.severity.value,
        finding.outcome.value,
        finding.waived or "",
        finding.subject.kind.value,
        finding.subject.name,
        " ".join(finding.subject.peers),
        finding.message,
        finding.fix,
        finding.confidence.value,
        *_place(finding.where),
        " ".join(source(key).address for key in finding.rule.sources),
    )


def _place(place: Place | None) -> tuple[str, str, str]:
    if place is None:
        return "", "", ""
    return place.file, str(place.line or ""), str(place.column or "")
