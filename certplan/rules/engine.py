"""Run the rules over a case, and apply the plan's own severities and waivers."""

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache

from certplan.evidence.model import Missing
from certplan.handshake.simulate import not_stated
from certplan.outcomes import Confidence, Outcome, Severity
from certplan.plan.model import ClusterType, NotStatedError, Plan, Unknown, Waiver
from certplan.rules.certplan import housekeeping
from certplan.rules.model import Case, Finding, Found, Rule, Subject, SubjectKind, Unchecked
from certplan.text.names import key, show
from certplan.value import replace
from certplan.vendor.releases import Release, is_after_guides

__all__ = ["matches", "run"]


def run(case: Case, rules: Sequence[Rule], elsewhere: Sequence[Finding] | None = ()) -> tuple[Finding, ...]:
    """Check every rule that applies.

    `elsewhere` are findings of the same plan from other runs: a waiver of one of them is in use. With None nothing is
    said of waivers that expired or match nothing: another run of the plan says it.

    Findings come in order of severity, then of code and subject; a rule that raises becomes a finding of its own and
    the others run on.
    """
    applying, left_open = _applying(rules, case)
    findings = [*left_open, *(finding for rule in applying for finding in _check(rule, case))]
    if _is_after_guides(case.plan):
        findings = [_inferred(finding) for finding in findings]
    findings = [weighed for finding in findings if (weighed := _weigh(case.plan, finding)) is not None]
    used = {waiver for waiver in case.plan.waivers for finding in elsewhere or () if matches(waiver, finding)}
    findings = [_waive(case, finding, used) for finding in findings]
    if elsewhere is not None:
        of_waivers = (_weigh(case.plan, finding) for finding in _waiver_findings(case, used))
        findings += [finding for finding in of_waivers if finding is not None]
    return tuple(sorted(_distinct(findings), key=_order))


def _is_after_guides(plan: Plan) -> bool:
    """Whether some peer runs a release of which no guide was read: nothing is documented there."""
    releases = (peer.stated_release for peer in plan.peers)
    return any(not isinstance(release, Unknown) and is_after_guides(release) for release in releases)


def _inferred(finding: Finding) -> Finding:
    documented = finding.confidence is Confidence.DOCUMENTED
    return replace(finding, confidence=Confidence.INFERRED) if documented else finding


def _applying(rules: Sequence[Rule], case: Case) -> tuple[Sequence[Rule], Sequence[Finding]]:
    """The rules that have a bearing on the case, and a finding for each of which the plan leaves that open."""
    plan = case.plan
    type_, releases = plan.cluster.stated_type, (plan.cluster.stated_release, *(p.stated_release for p in plan.peers))
    stated = frozenset(release for release in releases if not isinstance(release, Unknown))
    if not isinstance(type_, Unknown) and not any(isinstance(release, Unknown) for release in releases):
        return [rule for rule in _of_releases(tuple(rules), type_, stated) if rule.begun(case.at)], ()
    applying, left_open = [], []
    for rule in rules:
        try:
            if rule.applies(plan, case.at):
                applying.append(rule)
        except NotStatedError as error:
            left_open.append(_not_stated(rule, case, error))
    return applying, left_open


@lru_cache(maxsize=64)
def _of_releases(rules: tuple[Rule, ...], type_: ClusterType, releases: frozenset[Release]) -> tuple[Rule, ...]:
    """Worked out once for all clusters of one type on the same releases."""
    return tuple(rule for rule in rules if type_ in rule.types and rule.suits(releases))


def _check(rule: Rule, case: Case) -> Sequence[Finding]:
    said: list[Found | Unchecked] = []
    try:
        said.extend(rule.check(case))
    except NotStatedError as error:
        return [*(_finding(rule, each) for each in said), _not_stated(rule, case, error)]
    except Exception as error:  # noqa: BLE001 - one broken rule must not cost the engineer the other answers
        return [_broken(rule, error)]
    return [_finding(rule, each) for each in said]


def _not_stated(rule: Rule, case: Case, error: NotStatedError) -> Finding:
    """A "not verified" for a rule that hangs on what the plan gives as unknown."""
    missing = not_stated(error.unknown, case.plan.peers)
    return _finding(rule, Unchecked(Subject.cluster(case.plan), missing))


def _finding(rule: Rule, said: Found | Unchecked) -> Finding:
    if isinstance(said, Unchecked):
        missing = said.missing
        message = f"Not verified: {missing.what} is missing, because {missing.why}."
        return Finding(
            rule,
            Outcome.UNKNOWN,
            rule.severity,
            rule.confidence,
            said.subject,
            message,
            missing.remedy,
            missing.where,
            missing=missing,
            about=said.about,
        )
    return Finding(
        rule,
        Outcome.FAIL,
        said.severity or rule.severity,
        said.confidence or rule.confidence,
        said.subject,
        said.message,
        said.fix,
        said.where,
        said.evidence,
        alarms=rule.alarms if said.alarms is None else said.alarms,
        about=said.about,
    )


def _broken(rule: Rule, error: Exception) -> Finding:
    missing = Missing(
        what=f"the answer of rule {rule.code}",
        why=f"the rule itself failed ({type(error).__name__}: {show(str(error), 200)})",
        remedy="Report this to the makers of certplan with the plan that shows it; every other rule was run.",
    )
    subject = Subject(SubjectKind.RULE, rule.code)
    return _finding(housekeeping.rule_failed, Unchecked(subject, missing))


def _weigh(plan: Plan, finding: Finding) -> Finding | None:
    chosen = plan.severity.get(finding.code, plan.severity.get(finding.rule.slug))
    if chosen is None:
        return finding
    return None if chosen is Severity.IGNORE else replace(finding, severity=chosen)


def _waive(case: Case, finding: Finding, used: set[Waiver]) -> Finding:
    for waiver in case.plan.waivers:
        if matches(waiver, finding):
            used.add(waiver)
            if case.at.date() <= waiver.until and finding.waived is None:
                finding = replace(finding, waived=f"{waiver.reason} (until {waiver.until.isoformat()})")
    return finding


def matches(waiver: Waiver, finding: Finding) -> bool:
    """Whether a waiver is for this finding, whatever its last day."""
    if not (_glob(waiver.rule, finding.code) or _glob(waiver.rule, finding.rule.slug)):
        return False
    if waiver.peer is not None and not any(_glob(waiver.peer, key(peer)) for peer in finding.subject.peers):
        return False
    return waiver.name is None or _glob(waiver.name, key(finding.subject.name))


def _glob(pattern: str, text: str) -> bool:
    return fnmatchcase(text.lower(), pattern.lower())


def _waiver_findings(case: Case, used: set[Waiver]) -> Iterator[Finding]:
    for number, waiver in enumerate(case.plan.waivers):
        where = case.plan.where("waivers", number)
        if case.at.date() > waiver.until:
            yield _finding(housekeeping.waiver_expired, housekeeping.expired(waiver, where))
        elif waiver not in used:
            yield _finding(housekeeping.waiver_unused, housekeeping.unused(waiver, where))


def _distinct(findings: Iterable[Finding]) -> Iterable[Finding]:
    return dict.fromkeys(findings)


def _order(finding: Finding) -> tuple[int, int, str, str, str]:
    return (
        finding.severity.rank,
        finding.outcome is Outcome.UNKNOWN,
        finding.code,
        finding.subject.name,
        finding.message,
    )
