"""What stands beside the cluster: the cluster at the far end of each zone, and the servers behind an Expressway-C."""

from collections.abc import Iterator

from certplan.intent.links import ZoneEnd
from certplan.judgement import Judgement, ZoneJudgement
from certplan.outcomes import Outcome, Verdict
from certplan.plan.model import ClusterType, ZoneType
from certplan.report.drawing.scene import Context, Lane
from certplan.text.names import show
from certplan.text.words import listed

__all__ = ["context"]

_LONGEST = 120
_MOST_NAMES = 6
_KINDS = {ClusterType.EXPRESSWAY_E: "Expressway-E", ClusterType.EXPRESSWAY_C: "Expressway-C"}
_TYPES = {
    ZoneType.UC_TRAVERSAL: "Unified Communications traversal zone",
    ZoneType.TRAVERSAL: "traversal zone",
    ZoneType.NEIGHBOR: "neighbor zone",
}
_WORDS = {
    Verdict.READY: (Outcome.PASS, "verified"),
    Verdict.NOT_READY: (Outcome.FAIL, "fails"),
    Verdict.UNDECIDED: (Outcome.UNKNOWN, "not verified"),
}


def context(judgement: Judgement) -> tuple[Context, ...]:
    """The far end of each zone with what is judged of the zone, and the servers of the plan."""
    return (*(_zone(judgement, zone) for zone in judgement.zones), *_servers(judgement))


def _zone(judgement: Judgement, zone: ZoneJudgement) -> Context:
    far, stated = zone.view.link.far, zone.zone
    outcome, said = _WORDS[zone.verdict]
    port = f", TCP {stated.port}" if stated.port is not None else ""
    about = f"{_TYPES[stated.type]}{port}"
    on_the_edge = judgement.plan.cluster.type is ClusterType.EXPRESSWAY_E
    if not isinstance(far, ZoneEnd):
        lane = Lane.DMZ if stated.type is not ZoneType.NEIGHBOR and not on_the_edge else Lane.INSIDE
        return Context(lane, show(stated.name, _LONGEST), (about, "far end not given"), outcome, said)
    plan = far.plan
    lane = Lane.DMZ if plan.cluster.type is ClusterType.EXPRESSWAY_E else Lane.INSIDE
    names = listed((show(peer.address, _LONGEST) for peer in plan.peers), _MOST_NAMES)
    title = f"{_KINDS[plan.cluster.type]} {show(plan.cluster.name, _LONGEST)}"
    return Context(lane, title, (names, f"{show(stated.name, _LONGEST)}: {about}"), outcome, said)


def _servers(judgement: Judgement) -> Iterator[Context]:
    servers = judgement.plan.servers or ()
    if servers:
        names = listed((show(server.address, _LONGEST) for server in servers), _MOST_NAMES)
        yield Context(Lane.INSIDE, "Servers behind the Expressway-C", (names,), None)
