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
from certplan.report.writers.json import Json, head_json
from certplan.text.words import counted, listed, plural

__all__ = ["BY_SIMULATION", "VERDICTS", "WHO", "advice_facts", "grouped", "nothing_to_change", "proposal_answer"]

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
    return Answer(page=lambda: _page(at, proposal), data=lambda: _data(at, proposal))


def _page(at: datetime, proposal: Proposal) -> Document:
    plan = proposal.plan
    today = Words(f"Today: {VERDICTS[proposal.before]} for Enforce", Tone.of_verdict(proposal.before))
    sections = (
        Section("notes", "", tuple(Prose(note, Tone.WARN) for note in proposal.notes)),
        *_changes(proposal),
        *_advised("blockers", "Remaining blockers", proposal.in_the_way),
        *_advised("advice", "Left to you", proposal.advice),
    )
    headline = f"With these changes: {VERDICTS[proposal.after]}" if proposal.changes else VERDICTS[proposal.after]
    simulated = any(change.who is Who.CERTIFICATES for change in proposal.changes)
    details = cell(
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


def _changes(proposal: Proposal) -> Iterator[Section]:
    if not proposal.changes:
        yield Section("changes", "", (Prose(nothing_to_change(proposal)),))
    first = 1
    for who, changes in grouped(proposal.changes):
        yield Section(f"changes-{who.value}", WHO[who], (Tasks(tuple(map(_task, changes)), first),))
        first += len(changes)


def _task(change: Change) -> Task:
    whose = f", {change.peer}" if change.peer is not None else ""
    answers = Words(f"[{listed(change.answers)}]", Tone.QUIET) if change.answers else ""
    return Task(Words(f"{change.action}{whose}"), cell(change.detail, answers))


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
    # Findings have their full stop, reasons of a handshake have none.
    message = advice.message if advice.message.endswith(".") else f"{advice.message}."
    return cell(message, f"Fix: {advice.fix}", codes)


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
        "notes": list(proposal.notes),
        "changes": [_change(proposal, change) for change in proposal.changes],
        "in_the_way": [_advice(advice) for advice in proposal.in_the_way],
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
    return {"codes": list(advice.codes), "subject": advice.subject, "message": advice.message, "fix": advice.fix}


def _page(at: datetime, proposal: Proposal) -> Iterator[RenderableType]:
    plan = proposal.plan
    yield Text.assemble(
        (plain(plan.cluster.name), "bold"), f"  {plain(plan.file)}, judged as of {at:%Y-%m-%d %H:%M} UTC"
    )
    yield Text.assemble("Today: ", (VERDICTS[proposal.before], _STYLE[proposal.before]), " for Enforce")
    yield from (Text(plain(note), "bold yellow") for note in proposal.notes)
    yield ""
    number = 0
    for who, changes in grouped(proposal.changes):
        yield Text(WHO[who], "bold")
        for change in changes:
            number += 1
            yield _listed_change(number, change)
        yield ""
    if not proposal.changes:
        yield Text(nothing_to_change(proposal))
        yield ""
    yield from _advised("Remaining blockers", proposal.in_the_way)
    yield from _advised("Left to you", proposal.advice)
    yield Text.assemble(
        "With these changes: " if proposal.changes else "", (VERDICTS[proposal.after], _STYLE[proposal.after])
    )
    if _has_stand_ins(proposal):
        yield Text(BY_SIMULATION, "dim")
    if proposal.other_errors:
        yield Text(others_in_words(proposal))


def _has_stand_ins(proposal: Proposal) -> bool:
    return any(change.who is Who.CERTIFICATES for change in proposal.changes)


def others_in_words(proposal: Proposal) -> str:
    """The errors of today that Enforce does not depend on, and how to see them."""
    count = len(proposal.other_errors)
    codes = ", ".join(dict.fromkeys(code for advice in proposal.other_errors for code in advice.codes))
    what = "1 other error does" if count == 1 else f"{count} other errors do"
    return (
        f"{what} not depend on Enforce ({codes}): certplan check shows them, and certplan propose --all what clears"
        " them."
    )


def nothing_to_change(proposal: Proposal) -> str:
    """What is said in the place of changes where there are none."""
    if proposal.before is Verdict.READY:
        return "Nothing has to change."
    return "No change to the cluster is known that would bring it nearer: see the remaining blockers."


def _listed_change(number: int, change: Change) -> RenderableType:
    whose = f"  {plain(change.peer)}" if change.peer is not None else ""
    head = Text.assemble(f"  {number:>2}  ", (change.action, "bold"), whose)
    body = Text.assemble(plain(change.detail), (f"  [{', '.join(change.answers)}]" if change.answers else "", "dim"))
    return Group(head, Padding(body, (0, 0, 0, 6)))


def _advised(title: str, advices: Iterable[Advice]) -> Iterator[RenderableType]:
    listed = list(advices)
    if not listed:
        return
    yield Text(f"{title} ({len(listed)})", "bold")
    for advice in listed:
        codes = f"  [{', '.join(advice.codes)}]" if advice.codes else ""
        head = Text.assemble("  ", (plain(advice.subject), "bold"), (codes, "dim"))
        yield Group(head, Padding(Text(f"{plain(advice.message)}\nTo do: {plain(advice.fix)}"), (0, 0, 0, 6)))
    yield ""


def grouped(changes: Iterable[Change]) -> Iterator[tuple[Who, list[Change]]]:
    """The changes of a proposal, group by group as they come."""
    return ((who, list(group)) for who, group in groupby(changes, key=lambda change: change.who))


def _markdown(at: datetime, proposal: Proposal) -> Iterator[str]:
    plan = proposal.plan
    yield f"# Changes for {markdown(plan.cluster.name)}"
    yield ""
    yield f"{markdown(plan.file)}, judged as of {at:%Y-%m-%d %H:%M} UTC."
    yield f"Today: **{VERDICTS[proposal.before]}** for Enforce."
    yield from (f"\n> {markdown(note)}" for note in proposal.notes)
    for who, changes in grouped(proposal.changes):
        yield from ("", f"## {WHO[who]}", "")
        for change in changes:
            whose = f" ({markdown(change.peer)})" if change.peer is not None else ""
            answers = f" _{', '.join(change.answers)}_" if change.answers else ""
            yield f"- [ ] **{change.action}**{whose}: {markdown(change.detail)}{answers}"
    if not proposal.changes:
        yield from ("", nothing_to_change(proposal))
    for title, advices in (("Remaining blockers", proposal.in_the_way), ("Left to you", proposal.advice)):
        if advices:
            yield from ("", f"## {title}", "")
            for advice in advices:
                codes = f" _{', '.join(advice.codes)}_" if advice.codes else ""
                said = f"{ended(markdown(advice.message))} {markdown(advice.fix)}"
                yield f"- **{markdown(advice.subject)}**: {said}{codes}"
    yield from (
        "",
        f"With these changes: **{VERDICTS[proposal.after]}**."
        if proposal.changes
        else f"**{VERDICTS[proposal.after]}**.",
    )
    if _has_stand_ins(proposal):
        yield from ("", markdown(BY_SIMULATION))
    if proposal.other_errors:
        yield from ("", markdown(others_in_words(proposal)))
