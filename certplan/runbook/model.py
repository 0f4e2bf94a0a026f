"""A procedure that a person follows in a change window, step by step."""

from dataclasses import dataclass
from enum import StrEnum

from certplan.outcomes import Verdict
from certplan.proposal.model import Advice

__all__ = ["Alarm", "Kind", "Row", "Runbook", "Step"]


class Kind(StrEnum):
    ENFORCE = "enforce"
    """From the cluster's present state to Enforce."""
    FORM = "form"
    """From peers without a cluster to Enforce."""
    REPLACE = "replace-certificates"
    ADD_PEER = "add-peer"
    REMOVE_PEER = "remove-peer"
    CHANGE_PRIMARY = "change-primary"
    RESTART = "restart"
    UPGRADE = "upgrade"


@dataclass(frozen=True, slots=True)
class Row:
    """What `System > Clustering` shows of a peer when a step is done."""

    peer: str
    """Its address, as it stands by then."""
    seen_from: str | None
    """The peer that shows it; None when every other peer shows the same."""
    certificate: str
    clustering: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that is normal here."""

    number: int | None
    """None for a message that the vendor's list of alarms does not have."""
    title: str
    where: str
    """Which peers raise it."""
    until: str
    """When it ought to clear."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Texts are sentences; names in them come from the plan and are not yet escaped."""

    title: str
    peers: tuple[str, ...]
    """Where it is done, in this order; empty: not on a peer."""
    page: str
    """Where to click; empty when there is no page for it."""
    do: tuple[str, ...]
    values: tuple[tuple[str, str], ...]
    """The fields to set and what to: exactly these."""
    dangers: tuple[str, ...]
    warnings: tuple[str, ...]
    """Which peers the step cuts off, said before it is done."""
    out: tuple[str, ...]
    """The peers that are out of the cluster while the step lasts."""
    apart: tuple[tuple[str, str], ...]
    """The pairs of peers that do not hear each other once it is done."""
    rows: tuple[Row, ...]
    alarms: tuple[Alarm, ...]
    verify: tuple[str, ...]
    back: str
    stop: str
    sources: tuple[str, ...]
    """Keys of `certplan.vendor.source`."""


@dataclass(frozen=True, slots=True)
class Runbook:
    kind: Kind
    title: str
    before: Verdict
    """Whether the cluster is ready for Enforce today."""
    after: Verdict
    """Whether it is once every step is done."""
    notes: tuple[str, ...]
    dangers: tuple[str, ...]
    """What must never be done, at any step."""
    steps: tuple[Step, ...]
    in_the_way: tuple[Advice, ...] = ()
    """Why the procedure stops before Enforce, when it does."""
