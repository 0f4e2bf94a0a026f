"""What there is to do: typed changes, each with the effect it has on the plan and on what is seen of it."""

from certplan.intent.cluster import Intent
from certplan.outcomes import Verdict
from certplan.plan.model import Plan
from certplan.proposal.effect import Effect, Who
from certplan.value import Value, field

__all__ = ["Advice", "Change", "Proposal", "ZoneProposal", "describe"]


class Change(Value):
    """Something to do."""

    who: Who
    peer: str | None
    """The peer's address as the plan has it; None when it concerns the cluster."""
    action: str
    """What, in a few words: `Reissue the server certificate`."""
    detail: str
    """The exact values, in sentences."""
    answers: tuple[str, ...]
    """The codes of the rules it answers."""
    effect: Effect


def describe(intent: Intent, effect: Effect, answers: tuple[str, ...]) -> Change:
    """Put an effect into words, with the exact values for this cluster.

    Args:
        intent: what the cluster should have, worked out from the state before any change.
        effect: the effect.
        answers: the codes of the rules it answers.
    """
    number, words = effect.peer_number(intent), effect.words(intent)
    peer = None if number is None else intent.plan.peers[number - 1].address
    return Change(effect.who, peer, words.action, words.detail, answers, effect)


class Advice(Value):
    """A finding for which no change is known that could be proved here."""

    codes: tuple[str, ...]
    subject: str
    message: str
    fix: str
    cluster: str | None = None
    """The cluster at the far end of a zone, where it is that one which has to act."""


class ZoneProposal(Value):
    """What becomes of one zone with the changes."""

    name: str
    far: str | None
    """The name of the cluster at its far end; None where that is not known."""
    before: Verdict
    after: Verdict


class Proposal(Value):
    """The least changes found, the plan they lead to, and the verdict that plan was given."""

    intent: Intent
    """What the cluster should have: the changes follow from it."""
    before: Verdict
    """The worst of the cluster and its zones, as they are today."""
    after: Verdict
    """The same with the changes."""
    changes: tuple[Change, ...]
    plan: Plan
    """The plan with the changes made."""
    cluster_blockers: tuple[Advice, ...]
    """What still keeps the cluster from `ready`: evidence to give, or decisions to take."""
    advice: tuple[Advice, ...] = field(default=())
    """Findings at the chosen severity that no change here clears."""
    notes: tuple[str, ...] = field(default=())
    """What to do meanwhile, until the changes are made."""
    other_errors: tuple[Advice, ...] = field(default=())
    """Errors of today that Enforce does not depend on, and that no change here is made for."""
    zones: tuple[ZoneProposal, ...] = field(default=())
    zone_blockers: tuple[Advice, ...] = field(default=())
    """What still keeps a zone from working, here or at its far end."""
    cluster_after: Verdict = Verdict.UNDECIDED
    """The verdict of the cluster alone with the changes."""

    @property
    def blockers(self) -> tuple[Advice, ...]:
        """What still keeps the cluster and its zones from `ready`."""
        return (*self.cluster_blockers, *self.zone_blockers)
