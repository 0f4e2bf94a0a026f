"""What logs say beside what the plan says: the finding that explains a refusal, and states that differ."""

from collections.abc import Iterator, Sequence

from certplan.handshake.model import Handshake, StepName
from certplan.judgement import Judgement
from certplan.logs.answers import LogAnswer
from certplan.logs.events import Event, What
from certplan.outcomes import Outcome
from certplan.plan.model import Lan, Peer, Plan, TlsVerification
from certplan.rules.model import Finding
from certplan.text.names import key
from certplan.value import Value
from certplan.vendor.refusals import RefusedPart

__all__ = ["LogDifference", "differences", "explaining"]

_STEPS = {
    RefusedPart.NAME: frozenset({StepName.IDENTIFY}),
    RefusedPart.CHAIN: frozenset({StepName.TRUST}),
    RefusedPart.ROLE: frozenset({StepName.ROLE}),
    RefusedPart.DATES: frozenset({StepName.DATES, StepName.TRUST}),
    RefusedPart.ANY: frozenset({StepName.TRUST, StepName.ROLE, StepName.IDENTIFY}),
}


class LogDifference(Value):
    """The plan states one thing and the logs show another."""

    what: str
    planned: str
    logged: str
    event: Event


def explaining(judgement: Judgement, answer: LogAnswer) -> tuple[Finding, ...]:
    """The findings that explain a refusal: of the same two ends and the same stage of the handshake."""
    event = answer.events[0]
    if event.what is not What.REFUSED or event.refusal is None or event.refusal.stage is None:
        return ()
    steps, ends = _STEPS[event.refusal.stage], {event.peer, event.other}
    codes: set[str] = set()
    for handshake in judgement.matrix.handshakes:
        if _between(handshake, ends, judgement.plan):
            codes |= {
                code
                for step in handshake.not_passed
                if step.name in steps and step.cause is not None
                for code in judgement.codes(step.cause)
            }
    for zone in judgement.zones:
        for handshake in zone.view.matrix.handshakes:
            if _between(handshake, ends, judgement.plan):
                troubled = [step for step in handshake.not_passed if step.name in steps]
                codes |= {code for step in troubled for code in zone.codes(handshake, step)}
    return tuple(found for found in judgement.all_findings if found.code in codes and found.outcome is Outcome.FAIL)


def _between(handshake: Handshake, ends: set[str], plan: Plan) -> bool:
    """Whether the peer whose log it is takes part, and the other end too where a peer is named."""
    mine = [peer for peer in (handshake.verifier, handshake.presenter) if _is(peer, ends)]
    far = [peer for peer in plan.peers if _is(peer, ends)]
    return bool(mine) and (len(mine) == 2 or len(far) < 2)


def _is(peer: Peer, ends: set[str]) -> bool:
    names = {key(peer.address), key(peer.address.partition(".")[0])}
    names |= {key(name) for name in (peer.host_name, peer.fqdn) if name}
    names |= {str(lan.ip) for lan in (peer.stated_lan1, peer.lan2) if isinstance(lan, Lan)}
    return any(key(end) in names for end in ends if end)


def differences(plan: Plan, events: Sequence[Event]) -> Iterator[LogDifference]:
    """Where the last change that a peer logged is not what the plan states as of today."""
    stated = plan.cluster.stated_tls_verification
    last: dict[str, Event] = {}
    for event in events:
        if event.what is What.MODE_APPLIED:
            last[event.peer] = event
    for peer, event in last.items():
        logged = TlsVerification.ENFORCE if event.value.startswith("enforc") else TlsVerification.PERMISSIVE
        if (
            isinstance(stated, TlsVerification)
            and stated is not logged
            and any(_is(each, {peer}) for each in plan.peers)
        ):
            yield LogDifference(f"tls_verification, as {peer} logged it", stated.value, logged.value, event)
