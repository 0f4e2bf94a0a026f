"""A judgement as GitHub's Markdown, for tickets and wikis. Everything from outside is escaped."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from certplan.judgement import Judgement
from certplan.outcomes import Confidence, Outcome, Severity
from certplan.plan.reading import PlanProblem
from certplan.report.form import Form, Layout
from certplan.report.wording import (
    alarm_line,
    both_states,
    cluster_facts,
    clustering_title,
    gaps,
    headline,
    judged_at,
    listed,
    other_breakage,
    statuses,
    verdict_details,
)
from certplan.rules.model import Finding
from certplan.text.escape import markdown, markdown_table
from certplan.vendor import source

__all__ = ["FORM"]

_WORD = {Outcome.PASS: "pass", Outcome.FAIL: "FAIL", Outcome.UNKNOWN: "?"}


def _piece(judgement: Judgement, layout: Layout) -> str:
    text = "\n".join(_lines(judgement)) + "\n"
    if judgement.target is not None:
        text += f"\n{_piece(judgement.target, layout)}\n**{both_states(judgement)}**\n"
    return text


def _unread(plan: str, problems: Sequence[PlanProblem]) -> str:
    listing = [f"- {markdown(str(problem))}" for problem in problems]
    return "\n".join([f"# {markdown(plan)}", "", "**The plan cannot be read.**", "", *listing]) + "\n"


def _document(_: datetime, pieces: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(pieces):
        yield ("\n" if number else "") + text


FORM = Form(_piece, _unread, _document)


def _lines(judgement: Judgement) -> Iterator[str]:
    yield f"# {markdown(judgement.plan.cluster.name)}{', the target' if judgement.plan.is_target else ''}"
    yield ""
    yield f"{markdown(cluster_facts(judgement))}. {markdown(judged_at(judgement))}."
    yield ""
    yield f"**{headline(judgement)}**"
    for line in (verdict_details(judgement), other_breakage(judgement)):
        if line:
            yield from ("", markdown(line))
    yield from _page(judgement)
    yield from _matrix(judgement)
    yield from _findings(judgement)
    yield from _unchecked(judgement)
    yield from _waived(judgement)
    yield from _alarms(judgement)


def _page(judgement: Judgement) -> Iterator[str]:
    yield from ("", f"## {clustering_title(judgement)}", "")
    rows = []
    for status in statuses(judgement):
        peer, shown_by = status.row.peer, status.row.viewer.address
        primary = " (primary)" if peer.number == judgement.plan.cluster.primary else ""
        rows.append((f"{peer.number}{primary}", peer.address, status.certificate, status.clustering, shown_by))
    yield markdown_table(("Peer", "Address", "Certificate", "Clustering", "As shown by"), rows).rstrip("\n")


def _matrix(judgement: Judgement) -> Iterator[str]:
    peers = judgement.plan.peers
    yield from ("", "## Who accepts whose certificate and address", "")
    rows = [
        (
            f"{verifier.number} {verifier.address}",
            *(_WORD[judgement.matrix.between(verifier, presenter).outcome] for presenter in peers),
        )
        for verifier in peers
    ]
    yield markdown_table(("verifies, presents:", *(str(peer.number) for peer in peers)), rows).rstrip("\n")


def _findings(judgement: Judgement) -> Iterator[str]:
    for severity in (Severity.ERROR, Severity.WARNING, Severity.NOTICE):
        chosen = [finding for finding in judgement.findings if finding.counts and finding.severity is severity]
        if chosen:
            yield from ("", f"## {severity.value.capitalize()}s ({len(chosen)})", "")
            for finding in chosen:
                yield from _finding(finding)


def _finding(finding: Finding) -> Iterator[str]:
    confidence = "" if finding.confidence is Confidence.DOCUMENTED else f" ({finding.confidence.value})"
    yield f"- **{finding.code} {markdown(finding.subject.name)}**{confidence}: {markdown(finding.message)}"
    yield f"  - To do: {markdown(finding.fix)}"
    if finding.where is not None:
        yield f"  - At {markdown(str(finding.where))}"
    if finding.evidence:
        yield f"  - Seen in {markdown(', '.join(finding.evidence))}"
    if finding.rule.sources:
        yield f"  - Sources: {'; '.join(_link(key) for key in finding.rule.sources)}"


def _link(key: str) -> str:
    document = source(key)
    title = f"{document.title}, {document.release}" if document.release else document.title
    return f"[{markdown(title)}](<{document.address}>)"


def _unchecked(judgement: Judgement) -> Iterator[str]:
    missing = gaps(judgement)
    if not missing:
        return
    yield from ("", f"## Could not check ({len(missing)})", "")
    for gap in missing:
        yield f"- **{markdown(', '.join(gap.what))}**: {markdown(gap.why)}"
        yield f"  - To do: {markdown(gap.remedy)}"
        yield f"  - Left open: {listed(gap.codes)}"


def _waived(judgement: Judgement) -> Iterator[str]:
    waived = [finding for finding in judgement.findings if finding.waived is not None]
    if not waived:
        return
    yield from ("", f"## Waived ({len(waived)})", "")
    for finding in waived:
        yield f"- **{finding.code} {markdown(finding.subject.name)}**: {markdown(finding.waived or '')}"


def _alarms(judgement: Judgement) -> Iterator[str]:
    if not judgement.alarms:
        return
    yield from ("", "## Alarms to expect", "")
    for predicted in judgement.alarms:
        yield f"- {markdown(alarm_line(predicted, len(judgement.plan.peers)))}"
