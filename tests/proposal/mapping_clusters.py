"""The clusters that the mapping advice is tested with."""

from typing import Any

from certplan.intent.mapping import MappingSuggestion, suggest_mapping
from tests.proposal.layouts import CLUSTER, evidence_of, peer, plan_of

Names = list[list[str] | None]


OWN: Names = [[CLUSTER, "exe1.example.com"], [CLUSTER, "exe2.example.com"]]


def suggested(values: dict[str, Any], names: Names | None = None) -> MappingSuggestion:
    plan = plan_of(values)
    return suggest_mapping(plan, evidence_of(plan, OWN[: len(plan.peers)] if names is None else names))


def two(**changes: Any) -> list[dict[str, Any]]:
    return [peer(1, **changes), peer(2, **changes)]
