"""Findings as JUnit XML, for the test pages of build servers.

A suite for each peer and one for the cluster; a case for each handshake that the peer judges, and for each rule and
subject. What failed is a `failure`, what is not verified an `error`, what is waived is `skipped`; each rule that
applies and found nothing is one passed case of the cluster's suite. The handshakes are there so that a cluster that is
not ready, or not known to be, never gives a page without a failure or an error, whatever is waived.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from certplan.handshake.model import Handshake
from certplan.judgement import Judgement
from certplan.outcomes import Outcome, Severity
from certplan.plan.model import Peer
from certplan.plan.reading import PlanProblem
from certplan.report.form import Form, Layout
from certplan.rules import catalog
from certplan.rules.model import Finding, Rule, Subject
from certplan.text.escape import plain
from certplan.text.words import listed
from certplan.value import Value
from certplan.vendor import source

__all__ = ["FORM"]

_ELEMENT = {Outcome.FAIL: "failure", Outcome.UNKNOWN: "error", Outcome.NOT_APPLICABLE: "skipped"}


class _Case(Value):
    """One test case; a waived one has the outcome `not-applicable`."""

    name: str
    outcome: Outcome
    kind: str = ""
    message: str = ""
    details: tuple[str, ...] = ()


def _piece(judgement: Judgement, _: Layout) -> str:
    plan = judgement.plan
    findings: dict[str | None, list[Finding]] = {}
    for finding in judgement.all_findings:
        findings.setdefault(next(iter(finding.subject.peers), None), []).append(finding)
    suites = [
        (f"{plan.file}: {peer.address}", [*_handshakes(judgement, peer), *_found(findings.get(peer.address, ()))])
        for peer in plan.peers
    ]
    addresses = {peer.address for peer in plan.peers}
    others = [finding for peer, found in findings.items() if peer not in addresses for finding in found]
    suites.append((f"{plan.file}: cluster {plan.cluster.name}", [*_found(others), *_passed(judgement)]))
    verdict = {"verdict": judgement.verdict.value, "standing": judgement.status.value}
    return "".join(_suite(name, cases, judgement.at, verdict) for name, cases in suites)


def _unread(plan: str, problems: Sequence[PlanProblem]) -> str:
    details = tuple(str(problem) for problem in problems)
    case = _Case("the plan can be read", Outcome.UNKNOWN, "plan", problems[0].message, details)
    return _suite(plan, [case], None)


def _document(_: datetime, pieces: Iterable[str]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="certplan">\n'
    yield from pieces
    yield "</testsuites>\n"


FORM = Form(_piece, _unread, _document)


def _handshakes(judgement: Judgement, verifier: Peer) -> Iterator[_Case]:
    for presenter in judgement.plan.peers:
        handshake = judgement.matrix.between(verifier, presenter)
        reasons = tuple(f"{step.name}: {step.reason}" for step in handshake.not_passed)
        name = f"handshake: {verifier.address} verifies {presenter.address}"
        yield _Case(
            name, handshake.outcome, "handshake", next(iter(reasons), ""), (*reasons, *_codes(judgement, handshake))
        )


def _codes(judgement: Judgement, handshake: Handshake) -> Iterator[str]:
    codes = {code for step in handshake.not_passed if step.cause for code in judgement.codes(step.cause)}
    if codes:
        yield f"Explained by: {listed(sorted(codes))}"


def _found(findings: Iterable[Finding]) -> Iterator[_Case]:
    """A case for each rule and subject, however much the rule has to say of it: the worst decides."""
    cases: dict[tuple[Rule, Subject], list[Finding]] = {}
    for finding in findings:
        cases.setdefault((finding.rule, finding.subject), []).append(finding)
    for (rule, subject), found in cases.items():
        worst = min(found, key=lambda finding: (finding.waived is not None, finding.outcome is not Outcome.FAIL))
        outcome = worst.outcome if worst.waived is None else Outcome.NOT_APPLICABLE
        message = worst.message if worst.waived is None else f"Waived: {worst.waived}"
        details = tuple(line for finding in found for line in _details(finding))
        yield _Case(f"{_title(rule)}: {subject.name}", outcome, worst.severity.value, message, details)


def _details(finding: Finding) -> Iterator[str]:
    yield finding.message
    yield f"To do: {finding.fix}"
    if finding.where is not None:
        yield f"At: {finding.where}"
    if finding.evidence:
        yield f"Seen in: {listed(finding.evidence)}"
    for key in finding.rule.sources:
        document = source(key)
        yield f"Source: {document.title}, {document.address}"


def _passed(judgement: Judgement) -> Iterator[_Case]:
    plan = judgement.plan
    fired = {finding.code for finding in judgement.all_findings}
    for rule in catalog():
        ignored = plan.severity.get(rule.code, plan.severity.get(rule.slug)) is Severity.IGNORE
        if rule.code not in fired and not ignored and rule.applies(plan, judgement.at):
            yield _Case(_title(rule), Outcome.PASS)


def _title(rule: Rule) -> str:
    return f"{rule.code} {rule.slug}"


def _suite(name: str, cases: Sequence[_Case], at: datetime | None, properties: Mapping[str, str] | None = None) -> str:
    outcomes = [case.outcome for case in cases]
    suite = ET.Element(
        "testsuite",
        name=plain(name),
        tests=str(len(cases)),
        failures=str(outcomes.count(Outcome.FAIL)),
        errors=str(outcomes.count(Outcome.UNKNOWN)),
        skipped=str(outcomes.count(Outcome.NOT_APPLICABLE)),
    )
    if at is not None:
        suite.set("timestamp", f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}")
    if properties:
        entries = ET.SubElement(suite, "properties")
        for key, value in properties.items():
            ET.SubElement(entries, "property", name=key, value=value)
    for case in cases:
        _write_case(suite, plain(name), case)
    ET.indent(suite, level=1)
    # ASCII with references for the rest, so that the bytes are the same and sound in any encoding of the output.
    return f"  {ET.tostring(suite, encoding='us-ascii').decode()}\n"


def _write_case(suite: ET.Element, classname: str, case: _Case) -> None:
    written = ET.SubElement(suite, "testcase", classname=classname, name=plain(case.name))
    element = _ELEMENT.get(case.outcome)
    if element is not None:
        ending = ET.SubElement(written, element, message=plain(case.message), type=case.kind)
        ending.text = "\n".join(plain(line) for line in case.details)
