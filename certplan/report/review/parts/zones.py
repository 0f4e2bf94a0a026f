"""The zones of the cluster, the clusters at their far ends, and the firewalls between them."""

from certplan.intent.links import ZoneEnd
from certplan.judgement import Judgement
from certplan.outcomes import Verdict
from certplan.plan.model import NotStatedError
from certplan.ports import plan_ports
from certplan.report.document import Block, Fold, Picture, Section, Tone, Words
from certplan.report.drawing.flows import flows_mermaid, flows_svg
from certplan.report.pages.zones import zone_blocks
from certplan.report.wording import VERDICT_WORDS

__all__ = ["zones"]

_SEVEREST = (Verdict.NOT_READY, Verdict.UNDECIDED, Verdict.READY)


def zones(judgement: Judgement) -> Section:
    """Both clusters in a drawing, then each zone: its verdict, who verifies whom, its findings."""
    shown = tuple(zone_blocks(judgement))
    if not shown:
        return Section("zones", "Zones", ())
    folds = tuple(
        Fold(f"zone-{position}", Words(f"Zone {zone.zone.name}: {VERDICT_WORDS[zone.verdict]}"), blocks)
        for position, (zone, blocks) in enumerate(shown, 1)
    )
    worst = min((zone.verdict for zone, _ in shown), key=_SEVEREST.index)
    return Section("zones", "Zones", (*_context(judgement), *folds), VERDICT_WORDS[worst], Tone.of_verdict(worst))


def _context(judgement: Judgement) -> tuple[Block, ...]:
    """The cluster, those at the far ends, and what the firewalls between them let pass."""
    ends = (zone.view.link.far for zone in judgement.zones)
    far_ends = tuple(far.plan for far in ends if isinstance(far, ZoneEnd))
    plan = judgement.plan
    try:
        found = plan_ports(plan, far_ends)
        svg = flows_svg(plan, far_ends, found, ident="zones", style=False)
        return (Picture(svg, flows_mermaid(plan, far_ends, found)),)
    except NotStatedError:
        # Without the addresses of every peer there is no such drawing; what is missing is said elsewhere.
        return ()
