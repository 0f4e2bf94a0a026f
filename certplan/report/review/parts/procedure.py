"""What to change, and the change window step by step."""

from collections.abc import Iterable, Sequence
from itertools import count

from certplan.judgement import Judgement
from certplan.outcomes import Verdict
from certplan.proposal.effect import Who
from certplan.proposal.model import Advice, Change, Proposal
from certplan.report.cards import source_words
from certplan.report.document import Block, Cell, Facts, Fold, Points, Prose, Section, Table, Tone, Words, cell
from certplan.report.pages.changes import BY_SIMULATION, VERDICTS, WHO, grouped, nothing_to_change
from certplan.report.pages.runbook_steps import active_today, danger_points, step_folds, step_table
from certplan.report.review.links import nearest_links
from certplan.report.review.verdict import Proposals
from certplan.runbook.model import Runbook, RunbookStep
from certplan.runbook.procedures import ObservedTarget, UnfitRequestError
from certplan.runbook.procedures import runbook as write_runbook
from certplan.text.words import counted, listed

__all__ = ["changes", "runbook"]

_VERDICT = {Verdict.READY: Tone.GOOD, Verdict.NOT_READY: Tone.BAD, Verdict.UNDECIDED: Tone.OPEN}
_FURTHER = "Enforce does not depend on these: they clear errors and warnings that would remain."


def changes(judgement: Judgement, proposals: Proposals | None = None) -> Section:
    """The least changes that make the cluster ready, those that clear the other errors and warnings, and the rest."""
    proposals = proposals or Proposals.of(judgement)
    least, wider = proposals.least, proposals.wider
    needed = {change.effect for change in least.changes}
    further = [change for change in wider.changes if change.effect not in needed]
    number = count(1)
    states = (("Today", _verdict(least.before)), ("With these changes", _verdict(least.after)))
    blocks: list[Block] = [] if least.before is Verdict.READY and not least.changes else [Facts(states)]
    blocks += (Prose(note, Tone.WARN) for note in least.notes)
    if not least.changes:
        blocks.append(Prose(nothing_to_change(least)))
    blocks += (_table(judgement, WHO[who], each, number) for who, each in grouped(least.changes))
    if any(change.who is Who.CERTIFICATES for change in least.changes):
        blocks.append(Prose(BY_SIMULATION, Tone.QUIET))
    if least.blockers:
        blocks.append(_advised(judgement, "Remaining blockers", least.blockers))
    if further:
        tables = (_table(judgement, f"Further: {WHO[who]}", each, number) for who, each in grouped(further))
        blocks.append(Fold("changes-further", Words("Further changes"), (Prose(_FURTHER), *tables)))
    if wider.advice:
        blocks.append(_advised(judgement, "Left to you: no change is known that could be proved here", wider.advice))
    return Section("changes", "Changes that make it ready", tuple(blocks), *_note(least, further))


def _verdict(verdict: Verdict) -> Cell:
    return cell(Words(f"{VERDICTS[verdict]} for Enforce", _VERDICT[verdict]))


def _note(least: Proposal, further: Sequence[Change]) -> tuple[str, Tone]:
    parts = [f"{len(least.changes)} needed"] if least.changes else []
    parts += [f"{len(further)} further"] if further else []
    parts += [f"{len(least.blockers)} remaining"] if least.blockers else []
    tone = Tone.WARN if least.changes else Tone.PLAIN
    return listed(parts) or "none", _VERDICT[least.after] if least.blockers else tone


def _table(judgement: Judgement, caption: str, changes: Iterable[Change], number: Iterable[int]) -> Table:
    rows = (
        (
            cell(str(place)),
            cell(change.action, Words(change.peer, code=True) if change.peer is not None else ""),
            cell(change.detail),
            nearest_links(judgement, change.answers, *_peers(change)),
        )
        for change, place in zip(changes, number, strict=False)
    )
    return Table.of(caption, ("No.", "What", "Exact values", "Answers"), rows)


def _peers(change: Change) -> tuple[str, ...]:
    return () if change.peer is None else (change.peer,)


def _advised(judgement: Judgement, caption: str, advices: Iterable[Advice]) -> Table:
    rows = (
        (cell(each.subject), cell(each.message), cell(each.fix), nearest_links(judgement, each.codes, each.subject))
        for each in advices
    )
    return Table.of(caption, ("About", "What", "Fix", "Rules"), rows)


def runbook(judgement: Judgement, proposals: Proposals | None = None) -> Section:
    """The procedure from today's state to the target, or else to Enforce, a fold for each step."""
    try:
        goal = judgement.target
        target = None if goal is None else ObservedTarget(goal.plan, goal.evidence)
        found = None if proposals is None else proposals.least
        book = write_runbook(judgement.plan, judgement.evidence, judgement.at, target=target, proposal=found)
    except UnfitRequestError as error:
        blocks: tuple[Block, ...] = (Prose(f"{error}.", Tone.BAD),)
        return Section("runbook", "Runbook", blocks, "could not be written", Tone.BAD)
    blocks = (
        Prose(book.title),
        Facts((("Today", _verdict(book.before)), ("After the last step", _verdict(book.after)))),
        *map(Prose, book.notes),
        *_head(book),
        *step_folds(book),
        *_blockers(judgement, book),
        *_sources(book.steps),
    )
    return Section("runbook", "Runbook", blocks, counted(len(book.steps), "step"))


def _head(book: Runbook) -> list[Block]:
    """The table of steps, the alarms of today, what must never be done; nothing where there is nothing to do."""
    if not book.steps:
        return []
    dangers = Fold("runbook-dangers", Words("At every step", Tone.BAD), (danger_points(book),))
    return [step_table(book), Prose("Alarms active today:"), *active_today(book), dangers]


def _blockers(judgement: Judgement, book: Runbook) -> list[Block]:
    return [_advised(judgement, "Remaining blockers", book.blockers)] if book.blockers else []


def _sources(steps: Sequence[RunbookStep]) -> list[Block]:
    keys = dict.fromkeys(key for step in steps for key in step.sources)
    if not keys:
        return []
    return [Fold("runbook-sources", Words("Sources"), (Points(tuple(map(source_words, keys))),), open=False)]
