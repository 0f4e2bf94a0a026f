"""A judgement as a page for the terminal: what each peer will show, who refuses whom, what to do, the verdict last.

Everything from files and networks passes through `names.show` before it gets here, or through `_plain` here: Rich is
only ever handed `Text` without control characters.
"""

from collections.abc import Iterable, Iterator
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from certplan.data import alarm, source
from certplan.handshake.model import Turn
from certplan.judgement import Judgement
from certplan.names import show
from certplan.outcomes import Confidence, Outcome, Severity, Verdict
from certplan.places import Place
from certplan.plan.model import ClusterType
from certplan.rules.model import Finding

__all__ = ["failure_text", "judgement_text", "render"]

_STYLE = {Outcome.PASS: "green", Outcome.FAIL: "bold red", Outcome.UNKNOWN: "yellow", Outcome.NOT_APPLICABLE: "dim"}
_WORD = {Outcome.PASS: "pass", Outcome.FAIL: "FAIL", Outcome.UNKNOWN: "?"}
_SEVERITY = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTICE: "cyan"}
_TYPE = {ClusterType.EXPRESSWAY_E: "Expressway-E", ClusterType.EXPRESSWAY_C: "Expressway-C"}
_LONGEST_TEXT = 4000
_MOST_LISTED_CODES = 12


def judgement_text(judgement: Judgement, *, width: int, color: bool) -> str:
    """The whole page for one plan, `width` columns wide, with ANSI colours or without."""
    return render(_page(judgement), width=width, color=color)


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
    cluster = judgement.plan.cluster
    count = len(judgement.plan.peers)
    peers = f"{count} peer{'' if count == 1 else 's'}"
    return Text.assemble(
        (show(cluster.name), "bold"),
        f"  {_TYPE[cluster.type]} {cluster.release}, {peers}, today {cluster.tls_verification.value.capitalize()}",
        (f"\n{_clean(judgement.plan.file)}, judged as of {judgement.at:%Y-%m-%d %H:%M} UTC", "dim"),
    )


def _peers(judgement: Judgement) -> Iterator[RenderableType]:
    yield Text("System > Clustering, once TLS verification mode is Enforce", "bold")
    primary = judgement.plan.cluster.primary
    for peer in judgement.plan.peers:
        row = judgement.summary(peer)
        name = Text.assemble(
            f"  Peer {peer.number}  ", (show(peer.address), "bold"), "  primary" if peer.number == primary else ""
        )
        if row.viewer is not peer and row.clustering_outcome is not Outcome.PASS:
            name.append(f"  as {show(row.viewer.address)} shows it", "dim")
        yield name
        reason = f" - {row.certificate_reason}" if row.certificate_reason else ""
        certificate = Text.assemble((row.certificate, _STYLE[row.certificate_outcome]), reason)
        yield Padding(certificate, (0, 0, 0, 10))
        yield Padding(Text(row.clustering, _STYLE[row.clustering_outcome]), (0, 0, 0, 10))
    yield ""


def _matrix(judgement: Judgement) -> Iterator[RenderableType]:
    """Rows verify, columns present: one word a pair."""
    peers = judgement.plan.peers
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("  verifies \\ presents", no_wrap=True, overflow="fold", header_style="dim")
    for peer in peers:
        table.add_column(str(peer.number), justify="left", header_style="dim")
    for verifier in peers:
        cells = [judgement.matrix.between(verifier, presenter).outcome for presenter in peers]
        words = [Text(_WORD[cell], _STYLE[cell]) for cell in cells]
        table.add_row(Text(f"  {verifier.number} {show(verifier.address, 40)}"), *words)
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
        yield Padding(Text(f"[{number}] {document.title}{release}", "dim"), (0, 0, 0, 2))
        yield Text(f"      {document.address}", "dim", no_wrap=True)
    yield ""


def _finding(finding: Finding, documents: dict[str, int]) -> RenderableType:
    head = Text.assemble(
        ("  " + finding.code, _SEVERITY[finding.severity]), "  ", (_clean(finding.subject.name), "bold")
    )
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
    return Group(head, Padding(Group(*body), (0, 0, 0, 10)))


def _unchecked(judgement: Judgement) -> Iterator[RenderableType]:
    """What is missing, said once however many rules wanted it, and alike things together."""
    wanted: dict[tuple[str, str], tuple[dict[str, None], set[str]]] = {}
    for finding in judgement.findings:
        if finding.outcome is Outcome.UNKNOWN and finding.waived is None and finding.missing is not None:
            missing = finding.missing
            whats, codes = wanted.setdefault((missing.why, missing.remedy), ({}, set()))
            whats[missing.what] = None
            codes.add(finding.code)
    if not wanted:
        return
    yield Text(f"Could not check ({len(wanted)})", "bold")
    # What leaves most rules open is what the engineer gains most by giving.
    for (why, remedy), (whats, codes) in sorted(wanted.items(), key=lambda group: -len(group[1][1])):
        yield Padding(Text.assemble((_clean(", ".join(whats)), "yellow"), f": {_clean(why)}"), (0, 0, 0, 2))
        yield Padding(Text.assemble(("To do: ", "bold"), _clean(remedy)), (0, 0, 0, 10))
        yield Padding(Text(f"Left open: {_listed(codes)}", "dim"), (0, 0, 0, 10))
    yield ""


def _listed(codes: Iterable[str]) -> str:
    listed = sorted(codes)
    more = len(listed) - _MOST_LISTED_CODES
    return ", ".join(listed[:_MOST_LISTED_CODES]) + (f" and {more} more" if more > 0 else "")


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
    everyone = len(judgement.plan.peers)
    for predicted in judgement.alarms:
        known = alarm(predicted.id)
        on = "all peers" if len(predicted.peers) == everyone else ", ".join(show(peer) for peer in predicted.peers)
        yield Padding(Text(f"{predicted.id}  {known.title if known else ''}: {on}"), (0, 0, 0, 2))
    yield ""


def _verdict(judgement: Judgement) -> Iterator[RenderableType]:
    match judgement.verdict:
        case Verdict.READY:
            yield Text("READY: every peer accepts every other under Enforce.", "bold green")
            yield Text(_until(judgement))
        case Verdict.UNDECIDED:
            yield Text("UNDECIDED: nothing fails, but not everything could be checked.", "bold yellow")
            yield Text("Give the missing evidence and check again before you set Enforce.")
        case Verdict.NOT_READY:
            yield Text("NOT READY: do not set TLS verification mode to Enforce.", "bold red")
            yield from _split(judgement)
    errors = [f for f in judgement.findings if f.counts and f.severity is Severity.ERROR]
    if errors and judgement.verdict is Verdict.READY:
        yield Text("The links hold, but the errors above break other things: mend those first.", "bold red")


def _split(judgement: Judgement) -> Iterator[RenderableType]:
    split = judgement.split
    if split:
        groups = [" + ".join(show(peer.address) for peer in group) for group in split]
        yield Text(f"The cluster would fall apart into: {' | '.join(groups)}")


def _until(judgement: Judgement) -> str:
    ending = next((turn for turn in judgement.turns if turn.verdict is not Verdict.READY), None)
    if ending is None:
        return "No certificate or CA in use sets an end to that."
    return f"Ready until {ending.at:%Y-%m-%d %H:%M} UTC: {_because(ending)}."


def _because(turn: Turn) -> str:
    more = len(turn.because) - 1
    return _clean(turn.because[0]) + (f", and {more} more" if more else "")


def _shown_place(place: Place) -> str:
    return _clean(str(place))


def _clean(text: str) -> str:
    return show(text, _LONGEST_TEXT)
