"""What differs between two judgements: today and the target, or an older plan and this one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from certplan.judgement import Judgement
from certplan.outcomes import Outcome
from certplan.plan.model import Plan
from certplan.plan.writing import plan_values
from certplan.report.document import Block, Cell, Facts, Prose, Section, Table, Tone, Words, cell
from certplan.report.wording import VERDICT_WORDS
from certplan.rules.model import Finding
from certplan.text.names import key
from certplan.text.words import counted, listed

__all__ = ["differences", "plan_differences"]

_NAMES = ("address", "fqdn", "name", "code")
"""The fields by which the entries of a list are distinguished, wherever they stand in it."""
_ACCEPTANCE = {Outcome.PASS: "accepted", Outcome.FAIL: "rejected", Outcome.UNKNOWN: "not verified"}
_MOST_FINDINGS = 60
_LEFT_OUT = frozenset({"target", "certplan"})


def differences(old: Judgement, new: Judgement, ident: str, title: str, names: tuple[str, str]) -> Section:
    """The verdicts of both, the fields of the plan that differ, the links that change, and the findings.

    Args:
        old: the one compared with.
        new: the one that the review is about, or its target.
        ident: of the section.
        title: its heading.
        names: what each of the two is called, such as `Today` and `Target`.
    """
    fields = list(plan_differences(old.plan, new.plan))
    blocks: list[Block] = [Facts(tuple(zip(names, map(_verdict, (old, new)), strict=True)))]
    if fields:
        rows = ((Words(what), Words(was, code=True), Words(now, code=True)) for what, was, now in fields)
        blocks.append(Table.of("What differs in the plan", ("Field", *names), rows))
    links = list(_links(old, new))
    if links:
        blocks.append(Table.of("Links that change", ("Verifier and presenter", *names), links))
    gone, come = _findings(old, new), _findings(new, old)
    blocks += [*_listed(f"Findings of {names[0]} alone", gone), *_listed(f"Findings of {names[1]} alone", come)]
    if not fields and not links and not gone and not come:
        blocks.append(Prose("Nothing differs."))
    parts = [counted(len(fields), "field")] if fields else []
    parts += [counted(len(links), "link")] if links else []
    return Section(ident, title, tuple(blocks), listed(parts) or "no change")


def _verdict(judgement: Judgement) -> Cell:
    return cell(Words(VERDICT_WORDS[judgement.verdict], Tone.of_verdict(judgement.verdict)))


def plan_differences(old: Plan, new: Plan) -> Iterator[tuple[str, str, str]]:
    """The fields of two plans that differ: the field, its old value and its new one; `not stated` for one without."""
    was, now = (dict(_flat((), _stated(plan))) for plan in (old, new))
    for path in dict.fromkeys((*was, *now)):
        before, after = was.get(path, "not stated"), now.get(path, "not stated")
        if before != after:
            yield " > ".join(path), before, after


def _stated(plan: Plan) -> Mapping[str, Any]:
    return {name: value for name, value in plan_values(plan).items() if name not in _LEFT_OUT}


def _flat(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every value with the names that lead to it. Entries of a list go by their name, others by their place."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat((*path, str(name)), inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if not any(isinstance(each, Mapping) for each in value):
            yield path, listed(map(str, value)) or "none"
            return
        for place, each in enumerate(value, 1):
            yield from _flat((*path, _called(each, place)), each)
    else:
        yield path, str(value)


def _called(entry: Any, place: int) -> str:
    known = (entry.get(name) for name in _NAMES) if isinstance(entry, Mapping) else ()
    return next((str(each) for each in known if each), str(place))


def _links(old: Judgement, new: Judgement) -> Iterator[tuple[Words, Words, Words]]:
    was, now = _outcomes(old), _outcomes(new)
    for pair in dict.fromkeys((*was, *now)):
        before, after = was.get(pair), now.get(pair)
        if before is not after:
            yield Words(f"{pair[0]} verifies {pair[1]}"), _accepted(before), _accepted(after)


def _outcomes(judgement: Judgement) -> Mapping[tuple[str, str], Outcome]:
    return {(each.verifier.address, each.presenter.address): each.outcome for each in judgement.matrix.handshakes}


def _accepted(outcome: Outcome | None) -> Words:
    return Words("no such peer", Tone.QUIET) if outcome is None else Words(_ACCEPTANCE[outcome], Tone.of(outcome))


def _findings(judgement: Judgement, other: Judgement) -> list[Finding]:
    known = {_about(finding) for finding in other.all_findings if finding.counts}
    return [finding for finding in judgement.all_findings if finding.counts and _about(finding) not in known]


def _about(finding: Finding) -> tuple[str, str, frozenset[str]]:
    return finding.code, key(finding.subject.name), frozenset(finding.subject.peers)


def _listed(caption: str, found: Sequence[Finding]) -> Iterable[Block]:
    if not found:
        return
    rows = (
        (cell(each.code, Words(each.severity.value, Tone.of_severity(each.severity))), each.subject.name, each.message)
        for each in found[:_MOST_FINDINGS]
    )
    yield Table.of(caption, ("Rule", "About", "What"), rows)
    if (more := len(found) - _MOST_FINDINGS) > 0:
        yield Prose(f"And {counted(more, 'more finding')}.")
