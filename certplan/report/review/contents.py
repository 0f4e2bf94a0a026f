"""Which parts a review has, and in which order."""

from certplan.judgement import Judgement
from certplan.report.document import Document, Picture, Section, Tone, Words
from certplan.report.drawing import draw_scene, scene_mermaid, scene_svg
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
from certplan.report.review.parts.zones import zones
from certplan.report.wording import cluster_facts, judged_at, verdict

__all__ = ["drawing_section", "write_review"]

_PARTS = (
    clustering,
    matrix,
    certificates,
    timeline,
    trust,
    address_mapping,
    dns,
    interfaces,
    zones,
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


def write_review(judgement: Judgement, title: str | None = None) -> Document:
    """Everything known of the cluster, as a document.

    Args:
        judgement: what `certplan.judge` returned.
        title: the heading; without it the cluster's name.
    """
    return Document(
        title=title or judgement.plan.cluster.name,
        intro=(Words(cluster_facts(judgement)), Words(judged_at(judgement), Tone.QUIET)),
        sections=(drawing_section(judgement), *(part(judgement) for part in _PARTS)),
        verdict=verdict(judgement),
        at=judgement.at,
        kind="Cluster design review",
    )


def drawing_section(judgement: Judgement) -> Section:
    """The cluster in its networks."""
    scene = draw_scene(judgement)
    picture = Picture(scene_svg(scene, style=False, heading=False), scene_mermaid(scene))
    return Section("drawing", "Network diagram", (picture,))
