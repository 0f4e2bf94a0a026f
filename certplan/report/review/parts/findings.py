"""What the rules found, the alarms that come of it, and what is not verified."""

from collections import Counter
from collections.abc import Iterable, Iterator

from certplan.evidence.model import CertificateFile, Evidence, Missing, Problem, TrustList
from certplan.judgement import Judgement
from certplan.outcomes import Outcome, Severity
from certplan.report.blocking import blocking
from certplan.report.cards import finding_card, source_words
from certplan.report.document import (
    Block,
    Cell,
    Findings,
    Points,
    Prose,
    Section,
    Table,
    Tone,
    Words,
    cell,
)
from certplan.report.review.links import nearest_links, plan_line
from certplan.report.wording import Gap, code_list, gaps
from certplan.rules.alarms import LINK_ALARMS, PredictedAlarm
from certplan.rules.model import Finding
from certplan.text.names import show
from certplan.text.words import counted, listed
from certplan.vendor import alarm

__all__ = ["alarms", "blockers", "findings", "unchecked"]

_MOST_THINGS = 12
_MOST_PROBLEMS = 100
_TONE = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.WARN}


def blockers(judgement: Judgement) -> Section:
    """The errors that block Enforce."""
    found = list(blocking(judgement))
    if not found:
        return Section("blocking", "Blocks Enforce", (Prose("No finding blocks Enforce."),), "none")
    return Section("blocking", "Blocks Enforce", (_cards(judgement, found),), str(len(found)), Tone.BAD)


def _cards(judgement: Judgement, found: Iterable[tuple[int, Finding]]) -> Findings:
    return Findings(tuple(finding_card(each, number, plan_line(judgement, each.where)) for number, each in found))


def findings(judgement: Judgement) -> Section:
    """Everything else that was found wrong, worst first, what is waived last."""
    first = {number for number, _ in blocking(judgement)}
    found = [(n, each) for n, each in enumerate(judgement.findings) if each.outcome is Outcome.FAIL and n not in first]
    found.sort(key=lambda pair: (pair[1].waived is not None, pair[1].severity.rank))
    counts = Counter(finding.severity for _, finding in found if finding.counts)
    waived = sum(finding.waived is not None for _, finding in found)
    parts = [counted(counts[each], each.value) for each in Severity if counts[each]]
    parts += [f"{waived} waived"] if waived else []
    blocks: list[Block] = [_cards(judgement, found)] if found else []
    if not counts:
        blocks.insert(0, Prose(_nothing(judgement, "Nothing else" if first else "Nothing")))
    tone = next((_TONE[severity] for severity in (Severity.ERROR, Severity.WARNING) if counts[severity]), Tone.PLAIN)
    return Section("findings", "Other findings" if first else "Findings", tuple(blocks), listed(parts) or "none", tone)


def _nothing(judgement: Judgement, nothing: str) -> str:
    if any(finding.outcome is Outcome.UNKNOWN for finding in judgement.findings):
        return f"{nothing} was found wrong in what was checked; what is not verified is listed apart."
    return f"{nothing} was found wrong."


def alarms(judgement: Judgement) -> Section:
    """The alarms that the appliance raises for what was found, and for the links that Enforce would break."""
    predicted = judgement.alarms
    blocks: list[Block] = []
    if predicted:
        rows = (_alarm(judgement, each) for each in predicted)
        blocks.append(Table.of("Alarms, by number", ("Alarm", "Raised by", "What to do", "Because of"), rows))
    else:
        blocks.append(Prose("None of the alarms about clusters, names and certificates comes of what was found."))
    open_ = _open_alarms(judgement)
    if open_:
        names = listed(f"{number} {_title(number)}".rstrip() for number in open_)
        blocks.append(Prose(f"Not verified whether these alarms are raised: {names}.", Tone.OPEN))
    parts = [f"{len(predicted)} expected"] if predicted else []
    parts += [f"{len(open_)} not verified"] if open_ else []
    tone = Tone.WARN if predicted else Tone.OPEN if open_ else Tone.PLAIN
    return Section("alarms", "Alarms to expect", tuple(blocks), listed(parts) or "none", tone)


def _alarm(judgement: Judgement, predicted: PredictedAlarm) -> tuple[Cell, Cell, Cell, Cell]:
    known = alarm(predicted.id)
    everyone = len(predicted.peers) == len(judgement.plan.peers) > 1
    raised = cell("all peers") if everyone else cell(*map(show, predicted.peers), code=True)
    codes = nearest_links(judgement, predicted.codes, *predicted.peers)
    if predicted.id in LINK_ALARMS:
        codes += (Words("broken links", link="matrix"),)
    if known is None:
        return cell(f"{predicted.id}"), raised, (), codes
    advice = cell(known.meaning, known.remedy, *(source_words(key) for key in known.sources[:1]))
    return cell(f"{known.id} {known.title}", Words(known.severity.value, Tone.QUIET)), raised, advice, codes


def _title(number: int) -> str:
    known = alarm(number)
    return "" if known is None else known.title


def _open_alarms(judgement: Judgement) -> list[int]:
    """The alarms that hang on what is not verified, and are not expected anyhow."""
    numbers = {n for finding in judgement.findings if finding.outcome is Outcome.UNKNOWN for n in finding.rule.alarms}
    pairs = (pair for pair in judgement.matrix.handshakes if pair.verifier is not pair.presenter)
    if any(pair.outcome is Outcome.UNKNOWN for pair in pairs):
        numbers |= set(LINK_ALARMS)
    return sorted(numbers - {predicted.id for predicted in judgement.alarms})


def unchecked(judgement: Judgement) -> Section:
    """The evidence that is missing, why, how to give it, and what stays open without it."""
    missing = (*gaps(judgement), *_ignored(judgement))
    waived = [each for each in judgement.findings if each.outcome is Outcome.UNKNOWN and each.waived is not None]
    problems = tuple(dict.fromkeys(_problems(judgement.evidence)))
    blocks: list[Block] = []
    if missing:
        columns = ("What", "Why", "How to give it", "Rules not evaluated")
        blocks.append(Table.of("Missing evidence", columns, map(_gap, missing)))
    if waived:
        blocks.append(Prose("Waived, and so not asked for:"))
        blocks.append(Points(tuple(map(_waived, waived))))
    if problems:
        blocks += _partly_read(judgement, problems)
    if not blocks:
        blocks.append(Prose("Every rule had the evidence it needs, and every file was read whole."))
    parts = [f"{len(missing)} missing"] if missing else []
    parts += [counted(len(waived), "waiver")] if waived else []
    parts += [counted(len(problems), "problem") + " in files"] if problems else []
    tone = Tone.OPEN if missing else Tone.WARN if problems else Tone.PLAIN
    return Section("unchecked", "Not verified", tuple(blocks), listed(parts) or "nothing", tone)


def _gap(gap: Gap) -> tuple[Cell, Cell, Cell, Cell]:
    more = len(gap.what) - _MOST_THINGS
    shown = [Words(what, Tone.OPEN) for what in gap.what[:_MOST_THINGS]]
    rest = Words(f"and {more} more", Tone.OPEN) if more > 0 else ""
    return cell(*shown, rest), cell(gap.why), cell(gap.remedy), cell(code_list(gap.codes))


def _ignored(judgement: Judgement) -> Iterator[Gap]:
    """What left a handshake undecided, where the plan ignores every rule that would have said so."""
    reported = {each.missing for each in judgement.findings if each.missing is not None}
    left: dict[Missing, dict[str, None]] = {}
    for cause, not_passed in judgement.matrix.not_passed.items():
        for _, step in not_passed:
            if step.missing is not None and step.missing not in reported:
                left.setdefault(step.missing, {}).update(dict.fromkeys(judgement.codes(cause)))
    for missing, codes in left.items():
        yield Gap((missing.what,), missing.why, missing.remedy, tuple(codes))


def _waived(finding: Finding) -> Words:
    what = finding.missing.what if finding.missing is not None else finding.subject.name
    return Words(f"{finding.code} for want of {what}: {finding.waived}", Tone.QUIET)


def _problems(evidence: Evidence) -> Iterator[Problem]:
    for found in evidence.peers:
        for file in (found.server, found.client, found.trust):
            if isinstance(file, CertificateFile | TrustList):
                yield from file.problems
    for view in evidence.views.values():
        yield from view.problems


def _partly_read(judgement: Judgement, problems: tuple[Problem, ...]) -> Iterator[Block]:
    rows = (
        (cell(plan_line(judgement, problem.where) or ""), cell(problem.what, tone=Tone.WARN))
        for problem in problems[:_MOST_PROBLEMS]
    )
    yield Table.of("Read in part: places that were passed over", ("Where", "What is wrong there"), rows)
    if len(problems) > _MOST_PROBLEMS:
        yield Prose(f"And {len(problems) - _MOST_PROBLEMS} more.")
