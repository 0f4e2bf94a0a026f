"""The page of `certplan check`: what blocks Enforce first, then the rest, the verdict."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from certplan.judgement import Judgement, MissingEvidence
from certplan.outcomes import Outcome, Severity
from certplan.plan.reading import PlanProblem
from certplan.report.blocking import blocking, failing_causes
from certplan.report.cards import finding_card
from certplan.report.document import (
    Block,
    Cell,
    Document,
    Facts,
    Findings,
    MatrixCell,
    MatrixTable,
    Points,
    Section,
    Table,
    Tone,
    Words,
    cell,
)
from certplan.report.form import Form
from certplan.report.pages.zones import zone_lines, zone_sections
from certplan.report.wording import (
    alarm_line,
    both_states,
    cluster_facts,
    clustering_title,
    judged_at,
    peer_labels,
    statuses,
    verdict,
)
from certplan.report.writers.terminal import Layout, terminal
from certplan.rules.model import Finding
from certplan.text.words import listed
from certplan.value import replace

__all__ = ["MARKDOWN", "TEXT", "check_page"]

_LONGEST_LABEL = 40
_MOST_CODES, _MOST_THINGS = 12, 2
_NO_STEPS = Table("", (), ())


def check_page(judgement: Judgement) -> Document:
    """The whole page for one plan."""
    sections = (
        *_blockers(judgement),
        _status(judgement),
        _matrix(judgement),
        *_errors(judgement),
        *_weighing(judgement, Severity.WARNING),
        *_weighing(judgement, Severity.NOTICE),
        *_unverified(judgement),
        *_waived(judgement),
        *_alarms(judgement),
        *zone_sections(judgement),
    )
    banner = verdict(judgement)
    return Document(
        title=judgement.plan.cluster.name,
        intro=(Words(cluster_facts(judgement)), Words(judged_at(judgement), Tone.QUIET)),
        sections=sections,
        verdict=replace(banner, details=(*banner.details, *zone_lines(judgement))),
    )


def _blockers(judgement: Judgement) -> Iterator[Section]:
    yield from _section("blocking", "Blocks Enforce", list(blocking(judgement)))


def _errors(judgement: Judgement) -> Iterator[Section]:
    blockers = {number for number, _ in blocking(judgement)}
    chosen = [
        (number, finding)
        for number, finding in enumerate(judgement.findings)
        if finding.counts and finding.severity is Severity.ERROR and number not in blockers
    ]
    yield from _section("errors", "Other errors" if failing_causes(judgement) else "Errors", chosen)


def _weighing(judgement: Judgement, severity: Severity) -> Iterator[Section]:
    chosen = [
        (number, finding)
        for number, finding in enumerate(judgement.findings)
        if finding.counts and finding.severity is severity
    ]
    yield from _section(f"{severity.value}s", f"{severity.value.capitalize()}s", chosen)


def _section(ident: str, title: str, chosen: Sequence[tuple[int, Finding]]) -> Iterator[Section]:
    if not chosen:
        return
    cards = (
        finding_card(finding, number, None if finding.where is None else Words(str(finding.where), code=True))
        for number, finding in chosen
    )
    yield Section(ident, title, (Findings(tuple(cards)),), str(len(chosen)))


def _status(judgement: Judgement) -> Section:
    """What the clustering page shows of each peer, as the worst of its viewers shows it."""
    peers, primary = judgement.plan.peers, judgement.plan.cluster.primary
    labels = peer_labels(peers, _LONGEST_LABEL)
    pairs: list[tuple[str, Cell]] = []
    for status in statuses(judgement):
        row, peer = status.row, status.row.peer
        about = ", primary" if peer.number == primary else ""
        if row.viewer is not peer and row.clustering_outcome is not Outcome.PASS:
            about += f", as {labels[row.viewer.number - 1]} shows it"
        lines = cell(
            Words(f"{peer.address}{about}", Tone.STRONG),
            Words(status.certificate, Tone.of(row.certificate_outcome)),
            Words(status.clustering, Tone.of(row.clustering_outcome)),
        )
        pairs.append((f"Peer {peer.number}", lines))
    return Section("status", clustering_title(judgement), (Facts(tuple(pairs)),))


def _matrix(judgement: Judgement) -> Section:
    peers = judgement.plan.peers
    labels = tuple(
        f"{peer.number} {label}" for peer, label in zip(peers, peer_labels(peers, _LONGEST_LABEL), strict=True)
    )
    cells = tuple(
        MatrixCell(each.verifier.number, each.presenter.number, each.outcome, "", _NO_STEPS)
        for each in judgement.matrix.handshakes
    )
    return Section("matrix", "Peer-to-peer verification matrix", (MatrixTable("", labels, cells),))


def _unverified(judgement: Judgement) -> Iterator[Section]:
    """What is missing: of which peer which field of the plan, then why, what to do, and what was not evaluated."""
    missing = [unknown for unknown in judgement.unknowns if not unknown.waived]
    if not missing:
        return
    blocks: list[Block] = [*_missing_fields(judgement, missing), Facts(tuple(_missing_why(missing)))]
    yield Section("unverified", "Not verified", tuple(blocks), str(len(missing)))


def _missing_fields(judgement: Judgement, missing: Sequence[MissingEvidence]) -> Iterator[Table]:
    """Rows peers, columns fields."""
    pairs = {(unknown.peer, unknown.field) for unknown in missing}
    fields = tuple(dict.fromkeys(unknown.field for unknown in missing if unknown.peer and unknown.field))
    without = [peer.address for peer in judgement.plan.peers if any((peer.address, each) in pairs for each in fields)]
    rows = (
        (address, *(Words("missing", Tone.OPEN) if (address, each) in pairs else "" for each in fields))
        for address in without
    )
    if fields:
        yield Table.of("", ("Peer", *fields), rows)


def _missing_why(missing: Sequence[MissingEvidence]) -> Iterator[tuple[str, Cell]]:
    """Each reason once, with everything that is missing for it."""
    reasons: dict[tuple[str, str, str], list[MissingEvidence]] = {}
    for unknown in missing:
        about = unknown.field if unknown.peer and unknown.field else ""
        reasons.setdefault((about or "", unknown.missing.why, unknown.missing.remedy), []).append(unknown)
    for (field, why, remedy), unknowns in reasons.items():
        what = field or listed((unknown.missing.what for unknown in unknowns), _MOST_THINGS)
        codes = dict.fromkeys(code for unknown in unknowns for code in unknown.codes)
        yield (
            what,
            cell(
                f"{why[:1].upper()}{why[1:]}.",
                f"Fix: {remedy}",
                Words(f"Rules not evaluated: {listed(sorted(codes), _MOST_CODES)}", Tone.QUIET),
            ),
        )


def _waived(judgement: Judgement) -> Iterator[Section]:
    waived = [finding for finding in judgement.all_findings if finding.waived is not None]
    if waived:
        lines = (Words(f"{each.code}  {each.subject.name}: {each.waived}", Tone.QUIET) for each in waived)
        yield Section("waived", "Waived", (Points.of(lines),), str(len(waived)))


def _alarms(judgement: Judgement) -> Iterator[Section]:
    if judgement.alarms:
        block: Block = Points.of(alarm_line(each, len(judgement.plan.peers)) for each in judgement.alarms)
        yield Section("alarms", "Expected alarms", (block,))


def check_pages(judgement: Judgement) -> Iterator[Document]:
    """The page of today, and where the target is judged too, that of the target with both verdicts at its end."""
    yield check_page(judgement)
    if judgement.target is None:
        return
    page = check_page(judgement.target)
    both = Words(both_states(judgement) or "", Tone.STRONG)
    if page.verdict is not None:
        page = replace(page, verdict=replace(page.verdict, details=(*page.verdict.details, both)))
    yield page


def _text(judgement: Judgement, layout: Layout) -> str:
    return "\n".join(terminal(page, layout) for page in check_pages(judgement))


def _unread_text(_plan: str, _problems: Sequence[PlanProblem]) -> str:
    """Nothing: standard error says all."""
    return ""


def _markdown(judgement: Judgement, _: Layout) -> str:
    from certplan.report.writers.markdown import markdown  # noqa: PLC0415

    return "\n".join(map(markdown, check_pages(judgement)))


def _unread_markdown(plan: str, problems: Sequence[PlanProblem]) -> str:
    from certplan.report.writers.markdown import markdown  # noqa: PLC0415

    points = Points.of(Words(str(problem)) for problem in problems)
    intro = (Words("The plan cannot be read.", Tone.BAD),)
    return markdown(Document(plan, intro, (Section("problems", "", (points,)),)))


def _one_after_another(_: datetime, pieces: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(text for text in pieces if text):
        yield ("\n" if number else "") + text


TEXT = Form(_text, _unread_text, _one_after_another)
MARKDOWN = Form(_markdown, _unread_markdown, _one_after_another)
