"""A judgement as a page for the terminal: what each peer will show, who refuses whom, what to do, the verdict last.

Everything from files and networks passes through `names.show` before it gets here, or through `_clean` here: Rich is
only ever handed `Text` without control characters.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from certplan.judgement import Judgement, Standing
from certplan.outcomes import Confidence, Outcome, Severity, Verdict
from certplan.places import Place
from certplan.plan.reading import PlanProblem
from certplan.report.form import Form, Layout
from certplan.report.wording import (
    LONGEST,
    alarm_line,
    both_states,
    cluster_facts,
    clustering_title,
    gaps,
    headline,
    judged_at,
    listed,
    other_breakage,
    peer_labels,
    statuses,
    verdict_details,
)
from certplan.rules.model import Finding
from certplan.text.names import show
from certplan.vendor import source

__all__ = ["FORM", "failure_text", "judgement_text", "render"]

_STYLE = {Outcome.PASS: "green", Outcome.FAIL: "bold red", Outcome.UNKNOWN: "yellow", Outcome.NOT_APPLICABLE: "dim"}
_WORD = {Outcome.PASS: "pass", Outcome.FAIL: "FAIL", Outcome.UNKNOWN: "?"}
_SEVERITY = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTICE: "cyan"}
_LONGEST_LABEL = 40
_STANDING = {Standing.READY_WITH_ERRORS: "bold yellow"}
_VERDICT = {Verdict.READY: "bold green", Verdict.UNDECIDED: "bold yellow", Verdict.NOT_READY: "bold red"}


def judgement_text(judgement: Judgement, *, width: int, color: bool) -> str:
    """The whole page for one plan, `width` columns wide, with ANSI colours or without."""
    text = render(_page(judgement), width=width, color=color)
    if judgement.target is not None:
        text += "\n" + render(_page(judgement.target), width=width, color=color)
        text += "\n" + render([Text(both_states(judgement) or "", "bold")], width=width, color=color)
    return text


def failure_text(problems: Iterable[str]) -> str:
    """What is told, on standard error, when a plan cannot be read."""
    return "".join(f"{_clean(problem)}\n" for problem in problems)


def render(parts: Iterable[RenderableType], *, width: int, color: bool) -> str:
    """Lay out Rich renderables as text."""
    page = StringIO()
    console = Console(
        file=page,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for part in parts:
        # An address is copied whole or not at all, so it may run beyond the page.
        if isinstance(part, Text) and part.no_wrap:
            console.print(part, no_wrap=True, overflow="ignore", crop=False)
        else:
            console.print(part)
    lines = (line.rstrip() for line in page.getvalue().splitlines())
    return "\n".join(lines) + "\n"


def _page(judgement: Judgement) -> Iterator[RenderableType]:
    yield _title(judgement)
    yield ""
    yield from _peers(judgement)
    yield from _matrix(judgement)
    yield from _findings(judgement)
    yield from _unchecked(judgement)
    yield from _waived(judgement)
    yield from _alarms(judgement)
    yield from _verdict(judgement)


def _title(judgement: Judgement) -> Text:
    return Text.assemble(
        (show(judgement.plan.cluster.name), "bold"),
        f"  {cluster_facts(judgement)}",
        (f"\n{judged_at(judgement)}", "dim"),
    )


def _peers(judgement: Judgement) -> Iterator[RenderableType]:
    yield Text(clustering_title(judgement), "bold")
    primary, peers = judgement.plan.cluster.primary, judgement.plan.peers
    labels = peer_labels(peers, _LONGEST_LABEL)
    for status in statuses(judgement):
        row, peer = status.row, status.row.peer
        name = Text.assemble((show(peer.address), "bold"), "  primary" if peer.number == primary else "")
        if row.viewer is not peer and row.clustering_outcome is not Outcome.PASS:
            name.append(f"  as {labels[row.viewer.number - 1]} shows it", "dim")
        yield _hanging(Text(f"  Peer {peer.number}  "), name)
        for line, words, outcome in (
            (status.certificate, row.certificate, row.certificate_outcome),
            (status.clustering, row.clustering, row.clustering_outcome),
        ):
            text = Text.assemble((words, _STYLE[outcome]), line.removeprefix(words))
            yield Padding(text, (0, 0, 0, 10))
    yield ""


def _hanging(lead: Text, body: Text) -> Table:
    """A line whose further lines begin under the first of `body`."""
    table = Table.grid()
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(lead, body)
    return table


def _matrix(judgement: Judgement) -> Iterator[RenderableType]:
    """Rows verify, columns present: one word a pair."""
    peers = judgement.plan.peers
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("  verifies \\ presents", no_wrap=True, overflow="fold", header_style="dim")
    for peer in peers:
        table.add_column(str(peer.number), justify="left", header_style="dim")
    for verifier, label in zip(peers, peer_labels(peers, _LONGEST_LABEL), strict=True):
        cells = [judgement.matrix.between(verifier, presenter).outcome for presenter in peers]
        words = [Text(_WORD[cell], _STYLE[cell]) for cell in cells]
        table.add_row(Text(f"  {verifier.number} {label}"), *words)
    yield Text("Who accepts whose certificate and address", "bold")
    yield table
    yield ""


def _findings(judgement: Judgement) -> Iterator[RenderableType]:
    found = [finding for finding in judgement.findings if finding.counts]
    documents: dict[str, int] = {}
    for severity in (Severity.ERROR, Severity.WARNING, Severity.NOTICE):
        chosen = [finding for finding in found if finding.severity is severity]
        if chosen:
            yield Text(f"{severity.value.capitalize()}s ({len(chosen)})", "bold")
            yield from (part for finding in chosen for part in (_finding(finding, documents), ""))
    yield from _documents(documents)


def _documents(numbers: dict[str, int]) -> Iterator[RenderableType]:
    """The documents that the findings cite by number."""
    if not numbers:
        return
    yield Text("Sources (certplan explain CODE tells more)", "bold")
    for key, number in numbers.items():
        document = source(key)
        release = f", {document.release}" if document.release else ""
        yield _hanging(Text(f"  [{number}] ", "dim"), Text(f"{document.title}{release}", "dim"))
        yield Text(f"      {document.address}", "dim", no_wrap=True)
    yield ""


def _finding(finding: Finding, documents: dict[str, int]) -> RenderableType:
    head = Text.assemble((_clean(finding.subject.name), "bold"))
    if finding.confidence is not Confidence.DOCUMENTED:
        head.append(f"  {finding.confidence.value}", "magenta")
    if finding.where is not None:
        head.append(f"  {_shown_place(finding.where)}", "dim")
    cited = "".join(f" [{documents.setdefault(key, len(documents) + 1)}]" for key in finding.rule.sources)
    body = [
        Text.assemble(_clean(finding.message), (cited, "dim")),
        Text.assemble(("To do: ", "bold"), _clean(finding.fix)),
    ]
    if finding.evidence:
        body.append(Text(f"Seen in {', '.join(_clean(item) for item in finding.evidence)}", "dim"))
    lead = Text.assemble(("  " + finding.code, _SEVERITY[finding.severity]), "  ")
    return Group(_hanging(lead, head), Padding(Group(*body), (0, 0, 0, 10)))


def _unchecked(judgement: Judgement) -> Iterator[RenderableType]:
    missing = gaps(judgement)
    if not missing:
        return
    yield Text(f"Could not check ({len(missing)})", "bold")
    for gap in missing:
        yield Padding(Text.assemble((_clean(", ".join(gap.what)), "yellow"), f": {_clean(gap.why)}"), (0, 0, 0, 2))
        yield Padding(Text.assemble(("To do: ", "bold"), _clean(gap.remedy)), (0, 0, 0, 10))
        yield Padding(Text(f"Left open: {listed(gap.codes)}", "dim"), (0, 0, 0, 10))
    yield ""


def _waived(judgement: Judgement) -> Iterator[RenderableType]:
    waived = [finding for finding in judgement.findings if finding.waived is not None]
    if not waived:
        return
    yield Text(f"Waived ({len(waived)})", "bold")
    for finding in waived:
        line = f"  {finding.code}  {_clean(finding.subject.name)}: {_clean(finding.waived or '')}"
        yield Text(line, "dim")
    yield ""


def _alarms(judgement: Judgement) -> Iterator[RenderableType]:
    if not judgement.alarms:
        return
    yield Text("Alarms to expect", "bold")
    for predicted in judgement.alarms:
        yield Padding(Text(alarm_line(predicted, len(judgement.plan.peers))), (0, 0, 0, 2))
    yield ""


def _verdict(judgement: Judgement) -> Iterator[RenderableType]:
    yield Text(headline(judgement), _STANDING.get(judgement.standing, _VERDICT[judgement.verdict]))
    if details := verdict_details(judgement):
        yield Text(details)
    if warning := other_breakage(judgement):
        yield Text(warning, "bold red")


def _shown_place(place: Place) -> str:
    return _clean(str(place))


def _clean(text: str) -> str:
    return show(text, LONGEST)


def _piece(judgement: Judgement, layout: Layout) -> str:
    return judgement_text(judgement, width=layout.width, color=layout.color)


def _unread(_plan: str, _problems: Sequence[PlanProblem]) -> str:
    """Nothing: standard error tells all."""
    return ""


def _document(_: datetime, pieces: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(text for text in pieces if text):
        yield ("\n" if number else "") + text


FORM = Form(_piece, _unread, _document)
