"""Findings as a SARIF 2.1.0 log (OASIS Standard, *Static Analysis Results Interchange Format Version 2.1.0*).

One run a plan. A rule that failed gives results of kind `fail`, one that is not verified gives results of kind
`open`, which no reader may take for a pass; a waiver is a suppression. A plan that could not be read gives a run
without results whose invocation did not succeed.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import PurePath
from urllib.parse import quote

from certplan import __version__
from certplan.judgement import Judgement
from certplan.outcomes import Outcome, Severity
from certplan.places import Place
from certplan.plan.model import Plan
from certplan.plan.reading import PlanProblem
from certplan.report.form import Form, Layout
from certplan.report.writers.json import Json, dumps, moment
from certplan.rules import catalog
from certplan.rules.model import Finding, Rule
from certplan.text.escape import markdown, plain
from certplan.text.secrets import hide_keys
from certplan.vendor import source

__all__ = ["FORM"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "note", Severity.IGNORE: "none"}
_KIND = {Outcome.FAIL: "fail", Outcome.UNKNOWN: "open"}


def _piece(judgement: Judgement, _: Layout) -> str:
    plan = judgement.plan
    fired = {finding.code for finding in judgement.all_findings}
    rules = [rule for rule in catalog() if rule.code in fired]
    index = {rule.code: number for number, rule in enumerate(rules)}
    until = judgement.ready_until
    run: Json = {
        **_run_head(plan.file, [_rule(rule) for rule in rules]),
        "invocations": [{"executionSuccessful": True}],
        "results": [_result(finding, plan, index[finding.code]) for finding in judgement.all_findings],
        "properties": {
            "plan": plain(plan.file),
            "cluster": plain(plan.cluster.name),
            "at": moment(judgement.at),
            "verdict": judgement.verdict.value,
            "readyUntil": None if until is None else moment(until),
            "split": [[plain(peer.address) for peer in group] for group in judgement.split],
        },
    }
    return dumps(run)


def _unread(plan: str, problems: Sequence[PlanProblem]) -> str:
    notices = [
        {
            "level": "error",
            "message": {"text": _text(problem.message)},
            "locations": [{"physicalLocation": _physical(problem.place)}],
        }
        for problem in problems
    ]
    invocation = {"executionSuccessful": False, "toolExecutionNotifications": notices}
    about = {"plan": plain(plan), "verdict": None}
    return dumps({**_run_head(plan, []), "invocations": [invocation], "properties": about})


def _document(_: datetime, pieces: Iterable[str]) -> Iterator[str]:
    yield f'{{\n  "$schema": "{_SCHEMA}",\n  "version": "2.1.0",\n  "runs": ['
    for number, text in enumerate(pieces):
        yield (",\n    " if number else "\n    ") + text.replace("\n", "\n    ")
    yield "\n  ]\n}\n"


FORM = Form(_piece, _unread, _document)


def _run_head(plan: str, rules: Sequence[Json]) -> Json:
    driver = {"name": "certplan", "version": __version__, "semanticVersion": __version__, "rules": rules}
    return {
        "tool": {"driver": driver},
        # Tells the runs of several plans apart where a reader keeps one history for each.
        "automationDetails": {"id": f"certplan/{_uri(plan)}/"},
        "columnKind": "unicodeCodePoints",
    }


def _rule(rule: Rule) -> Json:
    documents = [source(key) for key in rule.sources]
    parts = {
        "What it checks": rule.text.what,
        "Why it matters": rule.text.why,
        "How to fix": rule.text.fix,
        "Example": rule.text.example,
    }
    cited = [f"{document.title}{f', {document.release}' if document.release else ''}" for document in documents]
    text = [f"{heading}: {plain(body)}" for heading, body in parts.items()]
    pages = [f"**{heading}:** {markdown(body)}" for heading, body in parts.items()]
    text += [f"Source: {plain(title)}, {document.address}" for title, document in zip(cited, documents, strict=True)]
    pages += [
        f"Source: [{markdown(title)}](<{document.address}>)" for title, document in zip(cited, documents, strict=True)
    ]
    described: Json = {
        "id": rule.code,
        "name": rule.slug,
        "shortDescription": {"text": _text(rule.title)},
        "fullDescription": {"text": _text(rule.text.what)},
        "help": {"text": _braces("\n\n".join(text)), "markdown": _braces("\n\n".join(pages))},
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
        "properties": {
            "tags": [rule.group.about],
            "severity": rule.severity.value,
            "confidence": rule.confidence.value,
        },
    }
    if documents:
        described["helpUri"] = documents[0].address
    return described


def _result(finding: Finding, plan: Plan, index: int) -> Json:
    subject = finding.subject
    name = plain(subject.name)
    return {
        "ruleId": finding.code,
        "ruleIndex": index,
        "kind": _KIND[finding.outcome],
        # Only what failed has a level (section 3.27.10); the true severity stands in the properties.
        "level": _LEVEL[finding.severity] if finding.outcome is Outcome.FAIL else "none",
        "message": {"text": _text(f"{finding.message} To do: {finding.fix}")},
        "locations": [
            {
                "physicalLocation": _physical(finding.where or Place(plan.file)),
                "logicalLocations": [{"fullyQualifiedName": name, "kind": subject.kind.value}],
            }
        ],
        "partialFingerprints": {"certplanSubject/v1": _fingerprint(finding)},
        # All results say whether they are suppressed, or none may (section 3.27.23).
        "suppressions": [] if finding.waived is None else [_suppression(finding.waived)],
        "properties": {
            "severity": finding.severity.value,
            "confidence": finding.confidence.value,
            "outcome": finding.outcome.value,
            "subject": name,
            "subjectKind": subject.kind.value,
            "peers": [plain(peer) for peer in subject.peers],
            "fix": plain(finding.fix),
            "evidence": [plain(item) for item in finding.evidence],
        },
    }


def _suppression(reason: str) -> Json:
    return {"kind": "external", "status": "accepted", "justification": plain(reason)}


def _fingerprint(finding: Finding) -> str:
    """The same for as long as the rule and its subject are: no line, message or severity goes into it."""
    subject = finding.subject
    identity = [finding.code, subject.kind.value, subject.name, list(subject.peers)]
    return sha256(json.dumps(identity).encode()).hexdigest()


def _physical(place: Place) -> Json:
    found: Json = {"artifactLocation": {"uri": _uri(place.file)}}
    if place.line:
        found["region"] = {"startLine": place.line}
        if place.column:
            found["region"]["startColumn"] = place.column
    return found


def _uri(file: str) -> str:
    """A URI reference, percent-encoded (RFC 3986): relative for a relative path, and else of the scheme `file`."""
    # A key given as a name is hidden before its letters are encoded: afterwards nothing recognizes it.
    path = PurePath(hide_keys(file))
    posix = path.as_posix()
    # Stray surrogates, as of names that are no UTF-8, are encoded as they come: nothing is to fail of a name.
    if not path.is_absolute():
        return quote(posix, errors="surrogatepass")
    # `//server/share` has its authority with it, `/folder` has an empty one, `C:/folder` needs a slash besides.
    start = "file:" if posix.startswith("//") else "file://" if posix.startswith("/") else "file:///"
    return start + quote(posix, safe="/:", errors="surrogatepass")


def _text(text: str) -> str:
    """Plain text as a message has it: `[text](address)` would be a link there (section 3.11.6)."""
    return _braces(plain(text).replace("](", "] ("))


def _braces(text: str) -> str:
    """Single braces would be a placeholder's (section 3.11.5)."""
    return text.replace("{", "{{").replace("}", "}}")
