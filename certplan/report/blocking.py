"""Which findings block Enforce: those of the rules that explain why a handshake fails."""

from collections.abc import Iterator

from certplan.handshake.model import Cause
from certplan.judgement import Judgement
from certplan.outcomes import Outcome, Severity
from certplan.rules.model import Finding

__all__ = ["blocking", "failing_causes"]


def failing_causes(judgement: Judgement) -> frozenset[Cause]:
    """Why handshakes of the cluster fail."""
    return frozenset(
        cause
        for cause, steps in judgement.matrix.not_passed.items()
        if any(step.outcome is Outcome.FAIL for _, step in steps)
    )


def blocking(judgement: Judgement) -> Iterator[tuple[int, Finding]]:
    """The errors that block Enforce, each with its place in `judgement.findings`; what is waived is not among them."""
    causes = failing_causes(judgement)
    for number, finding in enumerate(judgement.findings):
        if finding.counts and finding.severity is Severity.ERROR and finding.rule.answers & causes:
            yield number, finding
