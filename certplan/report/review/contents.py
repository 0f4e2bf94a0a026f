"""Which parts a review has, and in which order."""

from certplan.judgement import Judgement
from certplan.report.drawing import draw_scene, scene_mermaid, scene_svg
from certplan.report.review.model import Picture, Review, Section
from certplan.report.review.parts.addressing import address_mapping
from certplan.report.review.parts.certificates import certificates
from certplan.report.review.parts.clustering import clustering, matrix
from certplan.report.review.parts.dns import dns
from certplan.report.review.parts.findings import alarms, findings, unchecked
from certplan.report.review.parts.interfaces import interfaces
from certplan.report.review.parts.network import capacity, ports
from certplan.report.review.parts.procedure import changes, runbook
from certplan.report.review.parts.record import plan_text, record
from certplan.report.review.parts.timeline import timeline
from certplan.report.review.parts.trust import trust
from certplan.report.wording import (
    cluster_facts,
    headline,
    judged_at,
    other_breakage,
    verdict_details,
)

__all__ = ["write_review"]

_PARTS = (
    clustering,
    matrix,
    certificates,
    timeline,
    trust,
    address_mapping,
    dns,
    interfaces,
    ports,
    capacity,
    alarms,
    findings,
    changes,
    runbook,
    unchecked,
    record,
    plan_text,
)


def write_review(judgement: Judgement, title: str | None = None) -> Review:
    """Everything known of the cluster, as a review.

    Args:
        judgement: what `certplan.judge` returned.
        title: the heading; without it the cluster's name.
    """
    return Review(
        title=title or judgement.plan.cluster.name,
        cluster=cluster_facts(judgement),
        judged=judged_at(judgement),
        at=judgement.at,
        verdict=judgement.verdict,
        headline=headline(judgement),
        details=tuple(line for line in (verdict_details(judgement), other_breakage(judgement)) if line),
        sections=(_drawing(judgement), *(part(judgement) for part in _PARTS)),
    )


def _drawing(judgement: Judgement) -> Section:
    scene = draw_scene(judgement)
    picture = Picture(scene_svg(scene, style=False, heading=False), scene_mermaid(scene))
    return Section("drawing", "The cluster in its networks", (picture,))
