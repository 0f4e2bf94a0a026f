"""Changes of a zone as this cluster's own pages have it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from certplan.intent.cluster import Intent
from certplan.proposal.effect import ChangeWords, Effect, Who
from certplan.text.names import show
from certplan.text.words import listed

if TYPE_CHECKING:
    from certplan.proposal.state import WorkingState

__all__ = ["FIELD_LABELS", "SetZone"]

FIELD_LABELS = {
    "peers": "Peer N address",
    "verify_subject_name": "TLS verify subject name",
    "port": "Port",
    "tls_verify": "TLS verify mode",
}
"""The page's own label of each field of a zone that may change."""


class SetZone(Effect):
    """Give one field of a zone another value."""

    who: ClassVar[Who] = Who.EXPRESSWAY
    kind: ClassVar[str] = "zone"
    cost: ClassVar[int] = 16
    order: ClassVar[int] = 95

    position: int
    """The zone's place in the plan, from 0."""
    field: str
    value: tuple[str, ...] | str | int | bool

    def make(self, state: "WorkingState") -> None:
        state.change_zone(self.position, **{self.field: self.value})

    def words(self, intent: Intent) -> ChangeWords:
        zone = (intent.plan.zones or ())[self.position]
        today = getattr(zone, self.field)
        was = "" if today is None else f"; today {_shown(today)}"
        where = f"Configuration > Zones > Zones, zone {show(zone.name)}"
        detail = f"{where}: {FIELD_LABELS[self.field]} {_shown(self.value)}{was}."
        return ChangeWords(f"Change {FIELD_LABELS[self.field]} of the zone {show(zone.name)}", detail)

    def fields(self, intent: Intent) -> Mapping[str, Any]:
        zone = (intent.plan.zones or ())[self.position]
        today = getattr(zone, self.field)
        return {"zone": zone.name, "field": self.field, "from": _json(today), "to": _json(self.value)}


def _json(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "On" if value else "Off"
    if isinstance(value, tuple):
        return listed(f"{number}: {show(each)}" for number, each in enumerate(value, 1)) or "empty"
    return show(str(value))
