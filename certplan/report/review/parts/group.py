"""What one group of rules has found, in short, at the head of the section on its subject."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from certplan.data import source
from certplan.judgement import Judgement
from certplan.names import key
from certplan.outcomes import Outcome, Severity
from certplan.report.review.links import PLAN, finding_ident
from certplan.report.review.model import Cell, Fold, Points, Table, Tone, Words, cell
from certplan.report.wording import listed
from certplan.rules.model import Finding, Group

__all__ = ["documents", "group_findings", "group_note", "links_to", "plan_place", "told", "weight"]

_WEIGHT = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.WARN}
_MOST_LISTED = 4


def weight(severity: Severity) -> Tone:
    """The tone of what is found with this severity."""
    return _WEIGHT.get(severity, Tone.PLAIN)


def group_note(judgement: Judgement, group: Group) -> tuple[str, Tone]:
    """How much the rules of a group have found, and could not check; and the tone of the worst of it."""
    found = _of(judgement, group)
    failed = Counter(finding.severity for _, finding in found if finding.counts)
    unknown = sum(_is_open(finding) for _, finding in found)
    parts = [
        f"{failed[severity]} {severity}{'' if failed[severity] == 1 else 's'}"
        for severity in Severity
        if failed[severity]
    ]
    parts += [f"{unknown} could not be checked"] if unknown else []
    if failed:
        return ", ".join(parts), weight(min(failed, key=lambda severity: severity.rank))
    return ", ".join(parts), Tone.OPEN if unknown else Tone.PLAIN


def group_findings(judgement: Judgement, group: Group) -> tuple[Table, ...]:
    """What the rules of a group have found, each leading to its finding, then what they could not check, and why."""
    found = _of(judgement, group)
    rows = [_found(number, finding) for number, finding in found if finding.outcome is Outcome.FAIL]
    rows += _open(finding for _, finding in found if _is_open(finding))
    caption = f"What the rules say of {group.about}"
    return (Table.of(caption, ("rule", "what was found"), rows),) if rows else ()


def documents(keys: Iterable[str]) -> Fold:
    """The documents that a section rests on, folded away. `keys` are those of `certplan.data.source`."""
    known = [source(key) for key in dict.fromkeys(keys)]
    items = tuple(
        Words(f"{each.title}, {each.release}" if each.release else each.title, Tone.QUIET, each.address)
        for each in known
    )
    return Fold("", Words("Sources"), (Points(items),), open=False)


def told(
    judgement: Judgement, text: str, tone: Tone, codes: Iterable[str] = (), *peers: str, name: str = ""
) -> tuple[Words, ...]:
    """A remark, and the findings that say the same.

    Of each rule in `codes` that is the finding about `name`, or else one about any of `peers` (addresses), or else one
    about the cluster as a whole.
    """
    return Words(text, tone), *links_to(judgement, codes, *peers, name=name)


def links_to(judgement: Judgement, codes: Iterable[str], *peers: str, name: str = "") -> tuple[Words, ...]:
    """The links of `told` alone."""
    return tuple(link for code in codes if (link := _link(judgement, code, peers, name)) is not None)


def _link(judgement: Judgement, code: str, peers: tuple[str, ...], name: str) -> Words | None:
    found = [
        (number, finding.subject)
        for number, finding in enumerate(judgement.findings)
        if finding.code == code and finding.outcome is Outcome.FAIL
    ]
    named = (number for number, about in found if name and key(about.name) == key(name))
    theirs = (number for number, about in found if set(peers) & set(about.peers))
    whole = (number for number, about in found if peers and not about.peers)
    return next((Words(code, link=finding_ident(number)) for number in chain(named, theirs, whole)), None)


def plan_place(judgement: Judgement, place: str) -> Words:
    """A place in a narrow cell: the plan's own lines by their number, leading there, and others whole."""
    within = place.removeprefix(f"{judgement.plan.file}:")
    line = within.partition(":")[0]
    if within != place and line.isdecimal():
        return Words(f"line {line} of the plan", Tone.QUIET, f"{PLAN}-{line}")
    return Words(place, Tone.QUIET, code=True)


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
    """Alike reasons are told once, with the things they keep from being checked."""
    wanted: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for finding in findings:
        if finding.missing is not None:
            codes, things = wanted.setdefault(finding.missing.why, ({}, {}))
            codes[finding.code] = None
            things[finding.missing.what] = None
    for why, (codes, things) in wanted.items():
        more = len(things) - _MOST_LISTED
        what = ", ".join(list(things)[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
        head = cell(Words(listed(codes)), Words("could not check", Tone.OPEN))
        yield head, cell(Words(what), Words(why, Tone.QUIET))
