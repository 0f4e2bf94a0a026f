"""A procedure that a person follows in a change window, step by step."""

from enum import StrEnum

from certplan.outcomes import Confidence, Verdict
from certplan.proposal.effect import Who
from certplan.proposal.model import Advice
from certplan.stage import StatusRow
from certplan.value import Value, field

__all__ = ["Action", "Disruption", "ExpectedAlarm", "Impact", "Procedure", "Rollback", "Runbook", "RunbookStep"]


class Procedure(StrEnum):
    ENFORCE = "enforce"
    """From the cluster's present state to its target, or to Enforce."""
    FORM = "form"
    """From peers without a cluster to Enforce."""
    REPLACE = "replace-certificates"
    ADD_PEER = "add-peer"
    REMOVE_PEER = "remove-peer"
    REPLACE_PEER = "replace-peer"
    """Another machine in the place of a peer."""
    RENAME_PEER = "rename-peer"
    REBUILD_PEER = "rebuild-peer"
    """A peer is restored from its own backup."""
    CHANGE_PRIMARY = "change-primary"
    RESTART = "restart"
    UPGRADE = "upgrade"
    RECOVER = "recover"
    """A cluster whose peers refuse each other under Enforce."""
    DISBAND = "disband"
    FORCE_REPLICATION = "force-replication"


class Action(StrEnum):
    """What a step does."""

    FIX = "fix"
    """Clear errors that Enforce does not depend on."""
    PREPARE = "prepare"
    ELSEWHERE = "elsewhere"
    """Something that is not done on a page of the cluster: DNS, NAT, neighbors."""
    LOAD_CAS = "load-cas"
    REMOVE_CAS = "remove-cas"
    LOAD_CERTIFICATES = "load-certificates"
    RENEW_CERTIFICATE = "renew-certificate"
    """ACME renews and deploys a certificate."""
    SET_MODE = "set-mode"
    SET_MAPPING = "set-mapping"
    SET_ADDRESS = "set-address"
    """The peer list is edited."""
    SET_PRIMARY = "set-primary"
    SET_ZONE = "set-zone"
    RESTART = "restart"
    UPGRADE = "upgrade"
    SHUT_DOWN = "shut-down"
    REPLICATE = "replicate"
    EXPORT_SAML = "export-saml"
    CHECK = "check"
    FINISH = "finish"


class Disruption(StrEnum):
    """What a step does to the users of one service."""

    NONE = "none"
    NO_NEW = "no-new"
    """What is up goes on; new ones are taken by the other peers."""
    MOVED = "moved"
    """What runs through the peer ends; the other peers take over."""
    OUTAGE = "outage"
    """No other peer can take over."""
    DIVIDED = "divided"
    """Each peer serves its own; between peers that cannot communicate nothing goes through."""


class Impact(Value):
    calls: Disruption = Disruption.NONE
    registrations: Disruption = Disruption.NONE
    mra: Disruption = Disruption.NONE


class ExpectedAlarm(Value):
    """An alarm that is to be expected."""

    number: int | None
    """None for a message that the vendor's list of alarms does not have."""
    title: str
    where: str
    """Which peers raise it, in words."""
    until: str
    """When it should clear."""
    peers: tuple[str, ...] = ()
    """The addresses of the peers that raise it; empty where any may."""


_SETTLE_MINUTES = {Action.RESTART: 5, Action.UPGRADE: 10, Action.REPLICATE: 10}
"""Release Note X14.0.1; Cluster Creation and Maintenance guide X15.4, forming a cluster and troubleshooting."""


class Rollback(Value):
    """How a step is undone."""

    text: str
    confidence: Confidence = Confidence.INFERRED
    """Inferred: no vendor text gives this way back."""


class RunbookStep(Value):
    """One step. Texts are sentences; names in them come from the plan and are not yet escaped."""

    action: Action
    title: str
    who: Who
    peers: tuple[str, ...]
    """Where it is done, in this order; empty: not on a peer."""
    page: str
    """Where to click; empty when there is no page for it."""
    do: tuple[str, ...]
    values: tuple[tuple[str, str], ...]
    """The fields to set and what to: exactly these."""
    dangers: tuple[str, ...]
    warnings: tuple[str, ...]
    """Which peers the step isolates, said before it is done."""
    out: tuple[str, ...]
    """The peers that are out of the cluster while the step lasts."""
    apart: tuple[tuple[str, str], ...]
    """The pairs of peers that cannot communicate once it is done."""
    rows: tuple[StatusRow, ...]
    impact: Impact
    alarms: tuple[ExpectedAlarm, ...]
    """Every alarm that may be active: those of the step, and those that last beyond it."""
    raised: tuple[ExpectedAlarm, ...]
    """Those of `alarms` that were not active before the step."""
    cleared: tuple[ExpectedAlarm, ...]
    """Alarms that were active before the step and are gone after it."""
    verify: tuple[str, ...]
    rollback: Rollback
    abort_if: str
    """A condition, such as `a peer is not Active`; empty: none."""
    confidence: Confidence
    basis: str
    """Why the step is not documented; empty where it is."""
    codes: tuple[str, ...]
    """The rules whose findings the step clears, where it is there for findings."""
    sources: tuple[str, ...]
    """Keys of `certplan.vendor.source`."""

    @property
    def settle_minutes(self) -> int | None:
        """How long the cluster takes to settle afterward, a peer; None where there is nothing to wait for."""
        return _SETTLE_MINUTES.get(self.action)


class Runbook(Value):
    kind: Procedure
    title: str
    before: Verdict
    """Whether the cluster is ready for Enforce today."""
    after: Verdict
    """Whether it is once every step is done."""
    notes: tuple[str, ...]
    dangers: tuple[str, ...]
    """What must never be done, at any step."""
    steps: tuple[RunbookStep, ...]
    blockers: tuple[Advice, ...] = ()
    """Why the procedure stops before Enforce, when it does."""
    active_alarms: tuple[ExpectedAlarm, ...] = field(default=())
    """The alarms that are active before the first step, as far as that is known."""
