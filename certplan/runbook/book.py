"""The writing of a procedure: each step is added with its effect, and the simulation says what it does to the links."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from certplan.evidence.model import Evidence
from certplan.outcomes import Outcome
from certplan.plan.model import Peer, Plan, TlsVerification
from certplan.proposal.apply import apply
from certplan.proposal.model import Effect
from certplan.proposal.wanted import Wanted
from certplan.runbook.alarms import expected, listed, standing, together
from certplan.runbook.model import Alarm, Step
from certplan.runbook.stage import Stage
from certplan.vendor.releases import CERTIFICATES_LOST_AT_RESET_FROM

__all__ = [
    "CLUSTERING",
    "RESTART",
    "SETTLE",
    "Book",
    "factory_reset",
    "general_dangers",
    "never_force_config_update",
    "without",
]

CLUSTERING = "System > Clustering"
RESTART = "Maintenance > Restart options"
SETTLE = "about 5 minutes after the peer is back"


class Book:
    """A procedure under way: the state reached so far, and the steps that led there."""

    def __init__(self, plan: Plan, evidence: Evidence, at: datetime) -> None:
        self.wanted = Wanted(plan, evidence, at)
        self.effects: list[Effect] = []
        everyone = frozenset(peer.number for peer in plan.peers)
        enforced = plan.cluster.tls_verification is TlsVerification.ENFORCE
        self.enforcing = everyone if enforced else frozenset[int]()
        self.out = frozenset[int]()
        self.upgraded = frozenset[int]()
        self.mode = plan.cluster.tls_verification
        self.waiting: dict[int, frozenset[int]] = {}
        """Alarms that only a restart clears, with the numbers of the peers that raise them."""
        self.relisted = frozenset[int]()
        """The peers whose trusted CA list has changed since their last restart."""
        self.steps: list[Step] = []
        self._stage: Stage | None = None

    @property
    def plan(self) -> Plan:
        return self.stage.plan

    @property
    def stage(self) -> Stage:
        if self._stage is None:
            applied = apply(self.wanted, self.effects)
            self._stage = Stage(applied.plan, applied.evidence, self.wanted.at, self.enforcing, self.out, self.upgraded)
        return self._stage

    @property
    def standing(self) -> tuple[Alarm, ...]:
        """The alarms that are there by now and stay."""
        members = frozenset(peer.number for peer in self.stage.members)
        permissive = members if self.mode is TlsVerification.PERMISSIVE else members - self.enforcing
        return standing(self.stage, permissive, self.waiting)

    @property
    def primary(self) -> Peer:
        """The primary; peer 1 where the plan does not say."""
        number = self.plan.cluster.primary or 1
        return self.plan.peers[number - 1]

    @property
    def primary_first(self) -> tuple[Peer, ...]:
        """The members, the primary first and the others in their order."""
        return tuple(sorted(self.stage.members, key=lambda peer: peer.number != self.primary.number))

    def start(self, *, out: frozenset[int], enforcing: frozenset[int]) -> None:
        """State what holds before the first step: who is not in the cluster, and who enforces."""
        self.out, self.enforcing, self._stage = out, enforcing, None

    def begin_with(self, plan: Plan, evidence: Evidence) -> None:
        """Go on with another list of peers: one has come or gone."""
        self.wanted = Wanted(plan, evidence, self.wanted.at)
        self.effects, self.waiting = [], {}
        self._stage = None

    def add(
        self,
        title: str,
        *,
        peers: Iterable[Peer] = (),
        page: str = "",
        do: Sequence[str] = (),
        values: Sequence[tuple[str, str]] = (),
        dangers: Sequence[str] = (),
        effects: Sequence[Effect] = (),
        down: Iterable[Peer] = (),
        enforcing: frozenset[int] | None = None,
        out: frozenset[int] | None = None,
        upgraded: frozenset[int] | None = None,
        mode: TlsVerification | None = None,
        raises: Mapping[int, Iterable[Peer]] | None = None,
        warnings: Sequence[str] = (),
        alarms: Sequence[Alarm] = (),
        verify: Sequence[str] = (),
        back: str = "",
        stop: str = "",
        sources: Sequence[str] = (),
        rows: bool = True,
    ) -> None:
        """Add a step.

        Args:
            title: what is done, in a few words.
            peers: where, in order.
            page: where to click.
            do: what to do, a sentence each.
            values: the fields to set.
            dangers: what must not be done here.
            effects: the changes the step brings about.
            down: the peers that are out of the cluster while it lasts.
            enforcing: the peers that enforce once it is done, where that changes.
            out: the peers that are not in the cluster once it is done, where that changes.
            upgraded: the peers that run the new release once it is done, where that changes.
            mode: the TLS verification mode once it is set, where that changes; peers take it at their restart.
            raises: alarms that stand from now on, each until the restart of the peers that raise it.
            warnings: what else it cuts off.
            alarms: the alarms that are normal while it lasts; those that stand anyhow are added.
            verify: how to see that it is done.
            back: how to undo it.
            stop: when not to go on.
            sources: keys of `certplan.vendor.source`.
            rows: whether the pages are worth looking at once it is done.
        """
        where, before = tuple(peers), self.stage
        absent = tuple(down)
        self.effects += effects
        self.enforcing = self.enforcing if enforcing is None else enforcing
        self.out = self.out if out is None else out
        self.upgraded = self.upgraded if upgraded is None else upgraded
        self.mode = self.mode if mode is None else mode
        self._wait(absent, raises or {})
        if effects or (enforcing, out, upgraded) != (None, None, None):
            self._stage = None
        after = self.stage
        told = [*_absences(before, absent), *_separations(before, after), *warnings]
        self.steps.append(
            Step(
                title=title,
                peers=tuple(peer.address for peer in where),
                page=page,
                do=tuple(do),
                values=tuple(values),
                dangers=tuple(dangers),
                warnings=tuple(told),
                out=tuple(peer.address for peer in absent),
                apart=tuple((one.address, other.address) for one, other in after.apart),
                rows=after.rows() if rows else (),
                alarms=together(alarms, self.standing) if rows else tuple(alarms),
                verify=tuple(verify),
                back=back,
                stop=stop,
                sources=tuple(sources),
            )
        )

    def _wait(self, restarted: Iterable[Peer], raises: Mapping[int, Iterable[Peer]]) -> None:
        """A restart clears what waited for it; then the step's own alarms begin to wait."""
        gone = frozenset(peer.number for peer in restarted)
        self.relisted -= gone
        self.waiting = {number: peers - gone for number, peers in self.waiting.items()}
        for number, peers in raises.items():
            self.waiting[number] = self.waiting.get(number, frozenset()) | {peer.number for peer in peers}

    def restart(
        self,
        peer: Peer,
        why: str = "",
        *,
        before: Sequence[str] = (),
        values: Sequence[tuple[str, str]] = (),
        effects: Sequence[Effect] = (),
        enforcing: frozenset[int] | None = None,
        out: frozenset[int] | None = None,
        alarms: Sequence[Alarm] = (),
        verify: Sequence[str] = (),
        back: str = "A restart has nothing to undo.",
        sources: Sequence[str] = ("CG-15.4-requirements", "AG-15.5-clustering"),
    ) -> None:
        """Add the restart of one peer; `why` goes on with the title, `before` is done before it."""
        others = [other for other in self.stage.members if other.number != peer.number]
        usual = [expected(number, listed(others), SETTLE) for number in (20004, 20006) if others]
        self.add(
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
            alarms=(*usual, *alarms),
            verify=(
                f"{CLUSTERING} on every peer shows the rows given here, and the cluster database is Active.",
                "Alarms other than those named here are gone.",
                *verify,
            ),
            back=back,
            stop="Stop when it does not come back, or the rows are not as given here 10 minutes after it has.",
            sources=sources,
        )


def _absences(before: Stage, absent: Sequence[Peer]) -> Iterable[str]:
    numbers = {peer.number for peer in absent}
    left = [peer for peer in before.members if peer.number not in numbers]
    for peer in absent:
        yield f"{peer.address} is out of the cluster while it restarts{_meanwhile(before, left)}."


def _meanwhile(stage: Stage, left: Sequence[Peer]) -> str:
    """How those who are left get on: who of them hears nobody is no part of a cluster that goes on."""

    def hears(peer: Peer) -> bool:
        return any(stage.link(peer, other) is not Outcome.FAIL for other in left if other is not peer)

    alone = [peer for peer in left if not hears(peer)]
    going = [peer for peer in left if hears(peer)]
    parts = [f"{listed(going)} go on"] if going else []
    if alone:
        parts.append(f"{listed(alone)} {'is alone' if len(alone) == 1 else 'are each alone'}")
    return f"; {' and '.join(parts)} meanwhile" if parts else ""


def _separations(before: Stage, after: Stage) -> Iterable[str]:
    """What the end of a step separates that was not separate before; then what it leaves separate."""
    known = {(one.number, other.number) for one, other in before.apart}
    for one, other in after.apart:
        again = "still " if (one.number, other.number) in known else ""
        yield f"After this step {one.address} and {other.address} {again}do not hear each other."


def never_force_config_update(primary: Peer) -> str:
    return (
        f"Never run xCommand ForceConfigUpdate on the primary (Peer {primary.number}): it deletes the configuration of"
        " the peer it is run on. On a subordinate it is the last resort, after a backup, with the primary healthy."
    )


def factory_reset(plan: Plan) -> str:
    """What clearing every peer address does, by release."""
    oldest = min(peer.release for peer in plan.peers)
    if oldest >= CERTIFICATES_LOST_AT_RESET_FROM:
        certificates = "; the server certificate, its private key and the trusted CA list are deleted too"
    else:
        certificates = "; certificates stay on releases before X12.6 and are deleted from X12.6 on"
    lan2 = "; LAN 2 is lost" if any(peer.dual_nic for peer in plan.peers) else ""
    return (
        "Never save the page with every Peer N address empty: the next restart is then a factory reset. Only LAN 1"
        f" addressing, logins, SSH keys and option keys survive{lan2}{certificates}. If it happened, put the addresses"
        " back in the same order and save before anything restarts."
    )


def general_dangers(plan: Plan, primary: Peer) -> tuple[str, ...]:
    return factory_reset(plan), never_force_config_update(primary)


def without(plan: Plan, peer: Peer) -> Plan:
    """The plan without a peer; those behind it move up."""
    rest = [other for other in plan.peers if other.number != peer.number]
    moved = tuple(replace(other, number=number) for number, other in enumerate(rest, 1))
    primary = plan.cluster.primary
    if primary is not None and primary > peer.number:
        primary -= 1
    return replace(plan, cluster=replace(plan.cluster, primary=primary), peers=moved)
