"""The certificate and address-mapping planner for Cisco Expressway clusters.

from datetime import UTC, datetime
from certplan import gather, judge, load_plan, render

plan = load_plan("plan.yaml")
now = datetime.now(UTC)
judgement = judge(plan, gather(plan, now), now)
print(judgement.verdict, render(judgement))
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from certplan.evidence.gather import gather
    from certplan.evidence.model import Evidence
    from certplan.intent.mapping import suggest_mapping
    from certplan.judgement import Judgement, judge
    from certplan.outcomes import Confidence, Outcome, Severity, Verdict
    from certplan.plan.model import Plan
    from certplan.plan.reading import PlanError, load_plan
    from certplan.proposal.propose import propose
    from certplan.report import render
    from certplan.report.review import render_review
    from certplan.rules.model import Finding

__all__ = [
    "Confidence",
    "Evidence",
    "Finding",
    "Judgement",
    "Outcome",
    "Plan",
    "PlanError",
    "Severity",
    "Verdict",
    "__version__",
    "gather",
    "judge",
    "load_plan",
    "propose",
    "render",
    "render_review",
    "suggest_mapping",
]

__version__ = "0.1.0"

_HOMES = {
    "Confidence": "certplan.outcomes",
    "Evidence": "certplan.evidence.model",
    "Finding": "certplan.rules.model",
    "Judgement": "certplan.judgement",
    "Outcome": "certplan.outcomes",
    "Plan": "certplan.plan.model",
    "PlanError": "certplan.plan.reading",
    "Severity": "certplan.outcomes",
    "Verdict": "certplan.outcomes",
    "gather": "certplan.evidence.gather",
    "judge": "certplan.judgement",
    "load_plan": "certplan.plan.reading",
    "propose": "certplan.proposal.propose",
    "render": "certplan.report",
    "render_review": "certplan.report.review",
    "suggest_mapping": "certplan.intent.mapping",
}


def __getattr__(name: str) -> object:
    """Import on first use, so that `certplan --help` does not wait for cryptography (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)
