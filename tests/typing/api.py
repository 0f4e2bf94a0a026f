"""The public types as a user's type checker sees them. Checked by mypy, run by nobody."""

from datetime import UTC, datetime
from pathlib import Path

from certplan import (
    Confidence,
    Evidence,
    Finding,
    Judgement,
    Plan,
    PlanError,
    Severity,
    Verdict,
    gather,
    judge,
    load_plan,
    propose,
    render,
    render_review,
    suggest_mapping,
)


def check(path: Path) -> Verdict:
    now = datetime.now(UTC)
    try:
        plan: Plan = load_plan(path)
    except PlanError as error:
        lines: list[int] = [problem.place.line for problem in error.problems]
        raise SystemExit(len(lines)) from error
    evidence: Evidence = gather(plan, now, live_dns=False, timeout=1.0)
    judgement: Judgement = judge(plan, evidence, now)
    findings: tuple[Finding, ...] = judgement.findings
    severities: list[tuple[Severity, Confidence]] = [(finding.severity, finding.confidence) for finding in findings]
    until: datetime | None = judgement.ready_until
    needed: bool | None = suggest_mapping(plan, evidence).needed
    after: Verdict = propose(plan, evidence, now).after
    text: str = render(judgement, "json") + str((until, severities, needed, after))
    text += render_review(judgement, "markdown", title="A review")
    return judgement.verdict if text else Verdict.UNDECIDED
