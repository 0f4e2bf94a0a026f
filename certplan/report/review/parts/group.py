"""What one group of rules has found, in short, at the head of the section on its subject."""

from collections import Counter
from collections.abc import Iterable, Iterator

from certplan.judgement import Judgement
from certplan.outcomes import Outcome, Severity
from certplan.report.cards import finding_ident
from certplan.report.document import Cell, Table, Tone, Words, cell
from certplan.report.wording import code_list
from certplan.rules.model import Finding, Group
from certplan.text.words import listed

__all__ = ["group_findings", "group_note", "weight"]

_WEIGHT = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.WARN}
_MOST_LISTED = 4


def weight(severity: Severity) -> Tone:
    """The tone of what is found with this severity."""
    return _WEIGHT.get(severity, Tone.PLAIN)


def group_note(judgement: Judgement, group: Group) -> tuple[str, Tone]:
    """How much the rules of a group have found, and what is not verified; and the tone of the worst of it."""
    found = _of(judgement, group)
    failed = Counter(finding.severity for _, finding in found if finding.counts)
    unknown = sum(_is_open(finding) for _, finding in found)
    parts = [
        f"{failed[severity]} {severity}{'' if failed[severity] == 1 else 's'}"
        for severity in Severity
        if failed[severity]
    ]
    parts += [f"{unknown} not verified"] if unknown else []
    if failed:
        return listed(parts), weight(min(failed, key=lambda severity: severity.rank))
    return listed(parts), Tone.OPEN if unknown else Tone.PLAIN


def group_findings(judgement: Judgement, group: Group) -> tuple[Table, ...]:
    """What the rules of a group have found, each leading to its finding, then what is not verified, and why."""
    found = _of(judgement, group)
    rows = [_found(number, finding) for number, finding in found if finding.outcome is Outcome.FAIL]
    rows += _open(finding for _, finding in found if _is_open(finding))
    caption = f"What the rules say of {group.about}"
    return (Table.of(caption, ("rule", "what was found"), rows),) if rows else ()


def _of(judgement: Judgement, group: Group) -> list[tuple[int, Finding]]:
    return [(n, finding) for n, finding in enumerate(judgement.findings) if finding.rule.group is group]


def _is_open(finding: Finding) -> bool:
    return finding.outcome is Outcome.UNKNOWN and finding.waived is None


def _found(number: int, finding: Finding) -> tuple[Cell, Cell]:
    if finding.counts:
        word = Words(finding.severity.value, weight(finding.severity))
    else:
        word = Words(f"{finding.severity}, waived", Tone.QUIET)
    return cell(Words(finding.code, link=finding_ident(number)), word), cell(finding.message)


def _open(findings: Iterable[Finding]) -> Iterator[tuple[Cell, Cell]]:
    """Identical reasons are shown once, with the things they keep from being checked."""
    causes: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for finding in findings:
        if finding.missing is not None:
            codes, things = causes.setdefault(finding.missing.why, ({}, {}))
            codes[finding.code] = None
            things[finding.missing.what] = None
    for why, (codes, things) in causes.items():
        more = len(things) - _MOST_LISTED
        what = listed(list(things)[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
        head = cell(Words(code_list(codes)), Words("not verified", Tone.OPEN))
        yield head, cell(Words(what), Words(why, Tone.QUIET))
