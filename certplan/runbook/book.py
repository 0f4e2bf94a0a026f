"""The writing of a procedure: each step is added with its effect, and the simulation says what it does to the links."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from certplan.evidence.model import Evidence
from certplan.handshake.model import Matrix
from certplan.handshake.simulate import simulate
from certplan.intent.cluster import Intent
from certplan.outcomes import Confidence, Outcome
from certplan.plan.model import Peer, Plan, TlsVerification
from certplan.proposal.address_changes import SetAddress
from certplan.proposal.effect import Effect, Who
from certplan.proposal.state import apply
from certplan.runbook.alarms import Waiting, active_alarms, expected, new_in, peer_list, together
from certplan.runbook.given import GivenPart, MappingOff, lay_over
from certplan.runbook.impact import impact_of
from certplan.runbook.model import Action, ExpectedAlarm, Impact, Rollback, RunbookStep
from certplan.runbook.texts import CLUSTERING, RESTART, SETTLE, never_force_config_update
from certplan.stage import Stage
from certplan.text.names import key
from certplan.text.words import joined
from certplan.value import replace

__all__ = ["MAPPING_BASIS", "NOTHING_TO_UNDO", "Book"]

MAPPING_BASIS = (
    "It rests on the mapping being used while the mode is Permissive. The guide says that the mapping is looked up"
    " before DNS, and does not say it of Permissive."
)
NOTHING_TO_UNDO = Rollback("A restart has nothing to undo.", Confidence.DOCUMENTED)


class Book:
    """A procedure under way: the state reached so far, and the steps that led there."""

    def __init__(self, plan: Plan, evidence: Evidence, at: datetime, unreachable: frozenset[int] = frozenset()) -> None:
        self.intent = Intent(plan, evidence, at)
        self.effects: list[Effect] = []
        self.given: list[GivenPart | MappingOff] = []
        """What the plan's target gives, so far."""
        everyone = frozenset(peer.number for peer in plan.peers)
        enforced = plan.cluster.tls_verification is TlsVerification.ENFORCE
        self.enforcing = everyone if enforced else frozenset[int]()
        self.unreachable = unreachable
        """The peers that are down and stay so; nothing is done on them."""
        self.out = unreachable
        self.upgraded = frozenset[int]()
        self.unmapped = frozenset[int]()
        self.mode = plan.cluster.tls_verification
        self._enforced_at_first = enforced
        self.waiting: dict[int, Waiting] = {}
        self.relisted = frozenset[int]()
        """The peers whose trusted CA list has changed since their last restart."""
        self.steps: list[RunbookStep] = []
        self._stage: Stage | None = None
        self.first_alarms = self.active_alarms

    @property
    def plan(self) -> Plan:
        return self.stage.plan

    @property
    def stage(self) -> Stage:
        if self._stage is None:
            applied = apply(self.intent, self.effects)
            plan, evidence = lay_over(applied.plan, applied.evidence, self.given)
            self._stage = Stage(
                plan,
                evidence,
                self.intent.at,
                self.enforcing,
                self.out,
                self.upgraded,
                self.unmapped,
            )
        return self._stage

    @property
    def active_alarms(self) -> tuple[ExpectedAlarm, ...]:
        """The alarms that are active by now and stay."""
        members = frozenset(peer.number for peer in self.stage.members)
        permissive = members if self.mode is TlsVerification.PERMISSIVE else members - self.enforcing
        return active_alarms(self.stage, permissive, self.waiting)

    @property
    def primary(self) -> Peer:
        """The primary; peer 1 where the plan does not say."""
        number = self.plan.cluster.primary or 1
        return self.plan.peers[number - 1]

    @property
    def primary_first(self) -> tuple[Peer, ...]:
        """The members, the primary first and the others in their order."""
        return tuple(sorted(self.stage.members, key=lambda peer: peer.number != self.primary.number))

    @property
    def rests_on_mapping(self) -> bool:
        """Whether the procedure has come to rest on a mapping being used in Permissive. What runs today is proof."""
        entries = {key(entry.fqdn) for entry in self.plan.cluster.address_mapping or ()}
        named = any(key(peer.address) in entries for peer in self.stage.members)
        new = self._enforced_at_first or any(isinstance(effect, SetAddress) for effect in self.effects)
        return named and new and self.mode is TlsVerification.PERMISSIVE

    def start(self, *, out: frozenset[int], enforcing: frozenset[int], unmapped: frozenset[int] = frozenset()) -> None:
        """State what holds before the first step: who is not in the cluster, who enforces, who has no mapping."""
        self.out, self.enforcing, self.unmapped, self._stage = out | self.unreachable, enforcing, unmapped, None
        if not self.steps:
            self.first_alarms = self.active_alarms

    def begin_with(self, plan: Plan, evidence: Evidence) -> None:
        """Go on with another list of peers: one has come or gone."""
        self.intent = Intent(plan, evidence, self.intent.at)
        self.effects, self.given, self.waiting = [], [], {}
        self._stage = None

    def after(self, effects: Sequence[Effect | GivenPart | MappingOff]) -> Matrix:
        """Every handshake, were these changes made as well. Nothing is written."""
        proposed = [each for each in effects if not isinstance(each, GivenPart | MappingOff)]
        given = [each for each in effects if isinstance(each, GivenPart | MappingOff)]
        applied = apply(self.intent, [*self.effects, *proposed])
        plan, evidence = lay_over(applied.plan, applied.evidence, [*self.given, *given])
        return simulate(plan, evidence, self.intent.at)

    def see(self, evidence: Evidence) -> None:
        """Take the DNS answers of another state for those of this one."""
        now = self.intent.evidence
        self.intent = Intent(self.intent.plan, replace(now, views=evidence.views), self.intent.at)
        self._stage = None

    def assume(self, effect: Effect) -> None:
        """Take a change as made without a step of its own: it concerns a peer that is not in the cluster yet."""
        self.effects.append(effect)
        self._stage = None

    def add(
        self,
        action: Action,
        title: str,
        *,
        who: Who = Who.EXPRESSWAY,
        peers: Iterable[Peer] = (),
        page: str = "",
        do: Sequence[str] = (),
        values: Sequence[tuple[str, str]] = (),
        dangers: Sequence[str] = (),
        effects: Sequence[Effect | GivenPart | MappingOff] = (),
        down: Iterable[Peer] = (),
        drained: Iterable[Peer] = (),
        enforcing: frozenset[int] | None = None,
        out: frozenset[int] | None = None,
        upgraded: frozenset[int] | None = None,
        unmapped: frozenset[int] | None = None,
        mode: TlsVerification | None = None,
        raises: Mapping[int, Waiting] | None = None,
        clears: Iterable[int] = (),
        warnings: Sequence[str] = (),
        impact: Impact | None = None,
        alarms: Sequence[ExpectedAlarm] = (),
        verify: Sequence[str] = (),
        rollback: Rollback,
        abort_if: str = "",
        confidence: Confidence = Confidence.DOCUMENTED,
        basis: str = "",
        codes: Sequence[str] = (),
        sources: Sequence[str] = (),
        rows: bool = True,
    ) -> None:
        """Add a step.

        Args:
            action: what kind of step it is.
            title: what is done, in a few words.
            who: who does it.
            peers: where, in order.
            page: where to click.
            do: what to do, a sentence each.
            values: the fields to set.
            dangers: what must not be done here.
            effects: the changes the step brings about.
            down: the peers that are out of the cluster while it lasts.
            drained: the peers whose maintenance mode is switched on.
            enforcing: the peers that enforce once it is done, where that changes.
            out: the peers that are not in the cluster once it is done, where that changes.
            upgraded: the peers that run the new release once it is done, where that changes.
            unmapped: the peers that have no mapping once it is done, where that changes.
            mode: the TLS verification mode once it is set, where that changes; peers take it at their restart.
            raises: alarms that are active from now on, until what they wait for.
            clears: alarms that this step clears.
            warnings: what else it isolates.
            impact: what it does to users, where that does not follow from the peers that are down.
            alarms: the alarms to expect while it lasts; those that are active anyway are added.
            verify: how to see that it is done.
            rollback: how to undo it.
            abort_if: the condition under which not to go on.
            confidence: how firmly the vendor's texts carry it.
            basis: why it is not documented.
            codes: the rules whose findings it clears.
            sources: keys of `certplan.vendor.source`.
            rows: whether the pages are worth reading once it is done.
        """
        where, before, absent, off_duty = tuple(peers), self.stage, tuple(down), tuple(drained)
        known = self.active_alarms
        self.effects += [each for each in effects if not isinstance(each, GivenPart | MappingOff)]
        self.given += [each for each in effects if isinstance(each, GivenPart | MappingOff)]
        self._set(enforcing=enforcing, out=out, upgraded=upgraded, unmapped=unmapped, mode=mode)
        self._wait(absent, raises or {}, clears)
        if effects or (enforcing, out, upgraded, unmapped) != (None, None, None, None):
            self._stage = None
        after, lasting = self.stage, self.active_alarms
        active = together(alarms, lasting) if rows else tuple(alarms)
        renamed = {old.address: new.address for old, new in zip(before.plan.peers, after.plan.peers, strict=True)}
        back = {new: old for old, new in renamed.items()}
        self.steps.append(
            RunbookStep(
                action=action,
                title=title,
                who=who,
                peers=tuple(peer.address for peer in where),
                page=page,
                do=tuple(do),
                values=tuple(values),
                dangers=tuple(dangers),
                warnings=(*_absences(before, absent), *_separations(before, after), *warnings),
                out=tuple(peer.address for peer in absent),
                apart=tuple((one.address, other.address) for one, other in after.apart),
                rows=after.rows() if rows else (),
                impact=impact or impact_of(before, after, down=absent, drained=off_duty),
                alarms=active,
                raised=new_in(active, known, renamed),
                cleared=new_in(known, lasting, back) if rows else (),
                verify=tuple(verify),
                rollback=rollback,
                abort_if=abort_if,
                confidence=confidence,
                basis=basis,
                codes=tuple(codes),
                sources=tuple(sources),
            )
        )

    def _set(
        self,
        *,
        enforcing: frozenset[int] | None,
        out: frozenset[int] | None,
        upgraded: frozenset[int] | None,
        unmapped: frozenset[int] | None,
        mode: TlsVerification | None,
    ) -> None:
        self.enforcing = self.enforcing if enforcing is None else enforcing
        self.out = self.out if out is None else out | self.unreachable
        self.upgraded = self.upgraded if upgraded is None else upgraded
        self.unmapped = self.unmapped if unmapped is None else unmapped
        self.mode = self.mode if mode is None else mode

    def _wait(self, restarted: Iterable[Peer], raises: Mapping[int, Waiting], clears: Iterable[int]) -> None:
        """A restart clears what waited for it; then the step's own alarms begin to wait."""
        gone, cleared = frozenset(peer.number for peer in restarted), set(clears)
        self.relisted -= gone
        self.waiting = {
            number: replace(held, peers=held.peers - gone) if held.by_restart else held
            for number, held in self.waiting.items()
            if number not in cleared
        }
        for number, held in raises.items():
            before = self.waiting.get(number)
            self.waiting[number] = held if before is None else replace(held, peers=held.peers | before.peers)

    def restart(
        self,
        peer: Peer,
        why: str = "",
        *,
        before: Sequence[str] = (),
        values: Sequence[tuple[str, str]] = (),
        effects: Sequence[Effect | GivenPart | MappingOff] = (),
        enforcing: frozenset[int] | None = None,
        out: frozenset[int] | None = None,
        unmapped: frozenset[int] | None = None,
        clears: Iterable[int] = (),
        alarms: Sequence[ExpectedAlarm] = (),
        verify: Sequence[str] = (),
        rollback: Rollback = NOTHING_TO_UNDO,
        sources: Sequence[str] = ("CG-15.4-requirements", "AG-15.5-clustering"),
    ) -> None:
        """Add the restart of one peer; `why` goes on with the title, `before` is done before it."""
        others = [other for other in self.stage.members if other.number != peer.number]
        usual = [expected(number, others, SETTLE) for number in (20004, 20006) if others]
        inferred = self.rests_on_mapping
        self.add(
            Action.RESTART,
            f"Restart {peer.address}{why}",
            peers=(peer,),
            page=RESTART,
            do=(
                *before,
                "Click Restart, then OK.",
                "Wait until its web interface answers and the cluster has settled.",
            ),
            values=values,
            dangers=(never_force_config_update(self.primary),),
            effects=effects,
            down=(peer,),
            enforcing=enforcing,
            out=out,
            unmapped=unmapped,
            clears=clears,
            alarms=(*usual, *alarms),
            verify=(
                f"{CLUSTERING} on every peer shows the rows given here, and the cluster database is Active.",
                "No alarm is active that is not expected here.",
                *verify,
            ),
            rollback=rollback,
            abort_if="it does not come back, or the rows are not as given here 10 minutes after it has",
            confidence=Confidence.INFERRED if inferred else Confidence.DOCUMENTED,
            basis=MAPPING_BASIS if inferred else "",
            sources=sources,
        )


def _absences(before: Stage, absent: Sequence[Peer]) -> Iterable[str]:
    numbers = {peer.number for peer in absent}
    left = [peer for peer in before.members if peer.number not in numbers]
    for peer in absent:
        yield f"{peer.address} is out of the cluster while it restarts{_meanwhile(before, left)}."


def _meanwhile(stage: Stage, left: Sequence[Peer]) -> str:
    """How those who are left get on: a peer without any link is no part of a cluster that goes on."""

    def linked(peer: Peer) -> bool:
        return any(stage.link(peer, other) is not Outcome.FAIL for other in left if other is not peer)

    alone = [peer for peer in left if not linked(peer)]
    going = [peer for peer in left if linked(peer)]
    parts = [f"{peer_list(going)} go on"] if going else []
    if alone:
        parts.append(f"{peer_list(alone)} {'is alone' if len(alone) == 1 else 'are each alone'}")
    return f"; {joined(parts)} meanwhile" if parts else ""


def _separations(before: Stage, after: Stage) -> Iterable[str]:
    """What the end of a step separates that was not separate before; then what it leaves separate."""
    known = {(one.number, other.number) for one, other in before.apart}
    for one, other in after.apart:
        again = "still " if (one.number, other.number) in known else ""
        yield f"After this step {one.address} and {other.address} {again}cannot communicate."
