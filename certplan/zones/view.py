"""What is judged of a zone besides its handshakes: how it is set up at both ends."""

from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property

from certplan.handshake.model import Handshake, Step
from certplan.intent.links import TRAVERSALS, Link, ZoneEnd
from certplan.outcomes import Outcome, Verdict
from certplan.plan.model import Unknown, ZoneType
from certplan.value import Value
from certplan.zones.handshake import ZoneMatrix

__all__ = ["Obstacle", "ZoneView", "obstacles"]


class Obstacle(StrEnum):
    """A setting that keeps a zone from working, whatever the certificates say."""

    TYPES = "types"
    """A traversal zone does not lie between an Expressway-C and an Expressway-E."""
    PORT = "port"
    """The two ends state different SIP ports."""
    VERIFY_OFF = "verify-off"
    """TLS verify mode is off on a Unified Communications traversal zone."""


def obstacles(link: Link) -> Iterator[Obstacle]:
    """The settings of both ends that keep the zone from working (Administrator Guide X15.5, Zones and Neighbors)."""
    if isinstance(link.far, ZoneEnd) and link.zone.type in TRAVERSALS and link.direction is None:
        types = [side.plan.cluster.stated_type for side in (link.near, link.far)]
        if not any(isinstance(kind, Unknown) for kind in types):
            yield Obstacle.TYPES
    if len({zone.port for zone in link.zones if zone.port is not None}) > 1:
        yield Obstacle.PORT
    if link.zone.type is ZoneType.UC_TRAVERSAL and any(zone.tls_verify is False for zone in link.zones):
        yield Obstacle.VERIFY_OFF


class ZoneView(Value, dict=True):
    """A zone at one moment: what the rules of zones look at."""

    link: Link
    matrix: ZoneMatrix

    @cached_property
    def obstacles(self) -> tuple[Obstacle, ...]:
        return tuple(obstacles(self.link))

    @property
    def verdict(self) -> Verdict:
        """Whether the zone works between every two peers; undecided where the far end is not known."""
        return Verdict.NOT_READY if self.obstacles else self.matrix.verdict

    @property
    def not_passed(self) -> Iterator[tuple[Handshake, Step]]:
        """The steps that failed or could not be judged, in the order of the matrix."""
        for handshake in self.matrix.handshakes:
            for step in handshake.steps:
                if step.outcome in (Outcome.FAIL, Outcome.UNKNOWN):
                    yield handshake, step
