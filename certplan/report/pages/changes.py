"""What `certplan propose` says: the changes, grouped by who makes them, and the verdict with them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

from certplan.outcomes import Verdict
from certplan.plan.writing import difference, plan_values, target_values
from certplan.proposal.effect import Who
from certplan.proposal.model import Advice, Change, Proposal
from certplan.report.answer import Answer
from certplan.report.document import Banner, Cell, Document, Facts, Prose, Section, Task, Tasks, Tone, Words, cell
from certplan.report.wording import VERDICT_WORDS
from certplan.report.writers.json import Json, head_json
from certplan.text.words import counted, listed, plural

__all__ = [
    "BY_SIMULATION",
    "VERDICTS",
    "WHO",
    "advice_facts",
    "ended",
    "grouped",
    "nothing_to_change",
    "proposal_answer",
]

WHO = {
    Who.CERTIFICATES: "Certificates: request from the CA",
    Who.NETWORK: "Network: interfaces, NAT and firewall",
    Who.DNS: "DNS: records",
    Who.EXPRESSWAY: "Expressway: pages of the appliance",
}
VERDICTS = {Verdict.READY: "READY", Verdict.NOT_READY: "NOT READY", Verdict.UNDECIDED: "UNDECIDED"}
BY_SIMULATION = (
    "New certificates are simulated: with these names, roles and dates, under copies of the CAs in the peers' lists."
)


def proposal_answer(at: datetime, proposal: Proposal) -> Answer:
    """The changes in every form; `at` is the time judged as of."""
    return Answer(
        page=lambda: _page(at, proposal),
        data=lambda: _data(at, proposal),
        verdict=VERDICT_WORDS[proposal.after],
    )


def _page(at: datetime, proposal: Proposal) -> Document:
    plan = proposal.plan
    today = Words(f"Today: {VERDICTS[proposal.before]} for Enforce", Tone.of_verdict(proposal.before))
    sections = (
        Section("notes", "", tuple(Prose(note, Tone.WARN) for note in proposal.notes)),
        *_changes(proposal),
        *_advised("blockers", "Remaining blockers", (each for each in proposal.blockers if each.cluster is None)),
        *_elsewhere(proposal),
        *_advised("advice", "Left to you", proposal.advice),
    )
    headline = f"With these changes: {VERDICTS[proposal.after]}" if proposal.changes else VERDICTS[proposal.after]
    simulated = any(change.who is Who.CERTIFICATES for change in proposal.changes)
    details = cell(
        *_zone_verdicts(proposal),
        Words(BY_SIMULATION, Tone.QUIET) if simulated else "",
        _others(proposal) if proposal.other_errors else "",
    )
    return Document(
        title=f"Changes for {plan.cluster.name}",
        intro=(Words(f"{plan.file}, judged as of {at:%Y-%m-%d %H:%M} UTC", Tone.QUIET), today),
        sections=sections,
        verdict=Banner(headline, Tone.of_verdict(proposal.after), details),
    )


def _others(proposal: Proposal) -> str:
    """The errors of today that Enforce does not depend on, and how to see them."""
    count = len(proposal.other_errors)
    codes = listed(dict.fromkeys(code for advice in proposal.other_errors for code in advice.codes))
    return (
        f"{counted(count, 'other error')} {plural(count, 'does', 'do')} not depend on Enforce ({codes}): certplan check"
        " shows them, and certplan propose --all what clears them."
    )


def _zone_verdicts(proposal: Proposal) -> Iterator[Words]:
    """The cluster's own verdict and that of each zone, where there are zones."""
    if proposal.zones:
        yield Words(f"Cluster: {VERDICTS[proposal.cluster_after]}.", Tone.of_verdict(proposal.cluster_after))
    for zone in proposal.zones:
        far = "" if zone.far is None else f" to {zone.far}"
        yield Words(f"Zone {zone.name}{far}: {VERDICTS[zone.after]}.", Tone.of_verdict(zone.after))


def _elsewhere(proposal: Proposal) -> Iterator[Section]:
    """What the clusters at the far ends of zones have to do."""
    clusters = dict.fromkeys(each.cluster for each in proposal.blockers if each.cluster is not None)
    for number, cluster in enumerate(clusters, 1):
        advices = (each for each in proposal.blockers if each.cluster == cluster)
        yield from _advised(f"far-end-{number}", f"On the other side of the zone: {cluster}", advices)


def _changes(proposal: Proposal) -> Iterator[Section]:
    if not proposal.changes:
        yield Section("changes", "", (Prose(nothing_to_change(proposal)),))
    first = 1
    for who, changes in grouped(proposal.changes):
        yield Section(f"changes-{who.value}", WHO[who], (Tasks(tuple(map(_task, changes)), first),))
        first += len(changes)


def _task(change: Change) -> Task:
    owner = f", {change.peer}" if change.peer is not None else ""
    answers = Words(f"[{listed(change.answers)}]", Tone.QUIET) if change.answers else ""
    return Task(Words(f"{change.action}{owner}"), cell(change.detail, answers))


def nothing_to_change(proposal: Proposal) -> str:
    """What is said in the place of changes where there are none."""
    if proposal.before is Verdict.READY:
        return "Nothing has to change."
    return "No change to the cluster is known that would remove a blocker: see the remaining blockers."


def _advised(ident: str, title: str, advices: Iterable[Advice]) -> Iterator[Section]:
    facts = advice_facts(advices)
    if facts.pairs:
        yield Section(ident, title, (facts,), str(len(facts.pairs)))


def advice_facts(advices: Iterable[Advice]) -> Facts:
    """What no change here clears: about what, what is wrong, what to do, and the rules that say so."""
    return Facts(tuple((advice.subject, _advice_lines(advice)) for advice in advices))


def _advice_lines(advice: Advice) -> Cell:
    codes = Words(f"[{listed(advice.codes)}]", Tone.QUIET) if advice.codes else ""
    return cell(ended(advice.message), f"Fix: {advice.fix}", codes)


def ended(text: str) -> str:
    """A sentence with its full stop: findings have theirs, reasons of a handshake have none."""
    return text if text.endswith(".") else f"{text}."


def grouped(changes: Iterable[Change]) -> Iterator[tuple[Who, list[Change]]]:
    """The changes of a proposal, group by group as they come."""
    return ((who, list(group)) for who, group in groupby(changes, key=lambda change: change.who))


def _data(at: datetime, proposal: Proposal) -> Json:
    """The whole document; `plan` is the plan as stated, with the changes under `target`."""
    today = proposal.intent.plan
    return {
        **head_json(at),
        "before": proposal.before.value,
        "after": proposal.after.value,
        "zones": [
            {"name": zone.name, "far_end": zone.far, "before": zone.before.value, "after": zone.after.value}
            for zone in proposal.zones
        ],
        "notes": list(proposal.notes),
        "changes": [_change(proposal, change) for change in proposal.changes],
        "in_the_way": [_advice(advice) for advice in proposal.blockers],
        "advice": [_advice(advice) for advice in proposal.advice],
        "other_errors": [_advice(advice) for advice in proposal.other_errors],
        "plan": plan_values(today) | {"target": target_values(today, difference(today, proposal.plan))},
    }


def _change(proposal: Proposal, change: Change) -> Json:
    return {
        "who": change.who.value,
        "peer": change.peer,
        "action": change.action,
        "detail": change.detail,
        "answers": list(change.answers),
        "kind": change.effect.kind,
        **change.effect.fields(proposal.intent),
    }


def _advice(advice: Advice) -> Json:
    return {
        "codes": list(advice.codes),
        "subject": advice.subject,
        "message": advice.message,
        "fix": advice.fix,
        "cluster": advice.cluster,
    }
