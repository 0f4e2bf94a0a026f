"""The clustering page as each peer would show it, and every handshake behind it, step by step."""

from collections.abc import Hashable, Iterable, Sequence

from certplan.handshake.model import Cause, Handshake, Route, Step, StepName
from certplan.handshake.page import ClusteringRow
from certplan.judgement import Judgement
from certplan.outcomes import Confidence, Outcome, Verdict
from certplan.plan.model import Peer
from certplan.report.document import Block, Cell, MatrixCell, MatrixTable, Prose, Section, Table, Tone, Words, cell
from certplan.report.review.links import nearest_links
from certplan.report.wording import clustering_title
from certplan.text.names import show
from certplan.text.words import listed

__all__ = ["clustering", "matrix"]

_SAME = "Every peer shows these rows, but for its own, which reads Clustering: This system."
_MOST_REASONS = 2
_STEPS = {
    StepName.RESOLVE: "Find the address",
    StepName.REACH: "Reach LAN 1",
    StepName.IDENTIFY: "Match the name",
    StepName.TRUST: "Trust the chain",
    StepName.ROLE: "Allow the role",
    StepName.DATES: "Be within its dates",
    StepName.REVOCATION: "Not be revoked",
}
_ENDED = {
    Outcome.PASS: "passes",
    Outcome.FAIL: "fails",
    Outcome.UNKNOWN: "not verified",
    Outcome.NOT_APPLICABLE: "does not apply",
}
_VERIFIER_AT_FAULT = frozenset(
    {
        Cause.ISSUER_NOT_TRUSTED,
        Cause.INTERMEDIATE_MISSING,
        Cause.SAME_NAME_OTHER_KEY,
        Cause.NOT_A_CA,
        Cause.MAY_NOT_SIGN,
        Cause.PATH_TOO_LONG,
        Cause.CA_EXPIRED,
        Cause.CA_NOT_YET_VALID,
        Cause.CHAIN_REFUSED,
        Cause.CRL_EXPIRED,
    }
)
"""The causes whose finding is on the peer that verifies: its trusted CA list or CRL is what has to change."""
_Page = tuple[ClusteringRow, ...]


def clustering(judgement: Judgement) -> Section:
    """What `System > Clustering` would show on each peer; pages that say the same are shown once."""
    worst = tuple(judgement.summary(peer) for peer in judgement.plan.peers)
    alike = _alike([judgement.page(peer) for peer in judgement.plan.peers])
    note, tone = _note(worst)
    blocks: list[Block]
    if len(alike) == 1:
        blocks = [Prose(_SAME)] if len(worst) > 1 else []
        blocks.append(_page(judgement, "On every peer", alike[0]))
    else:
        blocks = [_summary(judgement, worst), *(_page(judgement, _shown_by(pages), pages) for pages in alike)]
    return Section("clustering", clustering_title(judgement), tuple(blocks), note, tone)


def _note(worst: Sequence[ClusteringRow]) -> tuple[str, Tone]:
    outcomes = [{row.certificate_outcome, row.clustering_outcome} for row in worst]
    failed = sum(Outcome.FAIL in each for each in outcomes)
    unknown = sum(Outcome.FAIL not in each and Outcome.UNKNOWN in each for each in outcomes)
    parts = [f"{failed} of {len(worst)} shown as invalid or failed"] if failed else []
    parts += [f"{unknown} not verified"] if unknown else []
    return listed(parts) or "all valid", Tone.BAD if failed else Tone.OPEN if unknown else Tone.GOOD


def _alike(pages: Iterable[_Page]) -> list[list[_Page]]:
    """The pages in groups, each of pages that say the same of every peer."""
    groups: list[list[_Page]] = []
    for page in pages:
        home = next((group for group in groups if all(_same(page, other) for other in group)), None)
        if home is None:
            groups.append([page])
        else:
            home.append(page)
    return groups


def _same(one: _Page, other: _Page) -> bool:
    """Whether two pages show the same lines. A peer's own row always reads `This system` and tells nothing."""
    return all(
        mine.certificate == theirs.certificate
        and (mine.clustering == theirs.clustering or mine.viewer is mine.peer or theirs.viewer is theirs.peer)
        for mine, theirs in zip(one, other, strict=True)
    )


def _shown_by(pages: Sequence[_Page]) -> str:
    viewers = [show(page[0].viewer.address) for page in pages]
    if len(viewers) == 1:
        return f"As {viewers[0]} shows it"
    names = f"{listed(viewers[:-1])} and {viewers[-1]}"
    return f"As {names} show it, each its own row as Clustering: This system"


def _summary(judgement: Judgement, worst: Sequence[ClusteringRow]) -> Table:
    rows = ((_peer(judgement, row.peer), *_lines([row]), cell(f"Peer {row.viewer.number}")) for row in worst)
    return Table.of("Each peer at its worst", ("Peer", "Certificate", "Clustering", "As shown by"), rows)


def _page(judgement: Judgement, caption: str, pages: Sequence[_Page]) -> Table:
    """One table for pages that are alike; a row is shown for those who show another peer's, if any of them does."""
    rows = []
    for number, peer in enumerate(judgement.plan.peers):
        seen = [page[number] for page in pages]
        others = [row for row in seen if row.viewer is not peer] or seen
        rows.append((_peer(judgement, peer), *_lines(others)))
    return Table.of(caption, ("Peer", "Certificate", "Clustering"), rows)


def _peer(judgement: Judgement, peer: Peer) -> Cell:
    primary = ", primary" if peer.number == judgement.plan.cluster.primary else ""
    return cell(f"Peer {peer.number}{primary}", Words(peer.address, code=True))


def _lines(rows: Sequence[ClusteringRow]) -> tuple[Cell, Cell]:
    """The certificate and clustering lines that these rows share, each with its reasons."""
    shared = rows[0]
    certificate = cell(
        Words(shared.certificate, Tone.of(shared.certificate_outcome)),
        *_reasons(row.certificate_reason for row in rows),
    )
    own = shared.viewer is shared.peer
    state = Words(shared.clustering, Tone.PLAIN if own else Tone.of(shared.clustering_outcome))
    return certificate, cell(state, *_reasons(row.clustering_reason for row in rows))


def _reasons(reasons: Iterable[str]) -> list[Words]:
    distinct = list(dict.fromkeys(reason for reason in reasons if reason))
    lines = [Words(reason, Tone.QUIET) for reason in distinct[:_MOST_REASONS]]
    if len(distinct) > _MOST_REASONS:
        lines.append(Words(f"and {len(distinct) - _MOST_REASONS} more: see the handshakes", Tone.QUIET, "matrix"))
    return lines


def matrix(judgement: Judgement) -> Section:
    """Every ordered pair of peers, each with the steps of its handshake."""
    pairs = judgement.matrix.handshakes
    failed, unknown = (sum(pair.outcome is each for pair in pairs) for each in (Outcome.FAIL, Outcome.UNKNOWN))
    parts = [f"{failed} of {len(pairs)} rejected"] if failed else []
    parts += [f"{unknown} not verified"] if unknown else []
    tone = {Verdict.READY: Tone.GOOD, Verdict.NOT_READY: Tone.BAD, Verdict.UNDECIDED: Tone.OPEN}[judgement.verdict]
    block = MatrixTable(
        "Rows verify, columns present; each peer also checks itself, for the row of its own page",
        tuple(f"{peer.number} {peer.address}" for peer in judgement.plan.peers),
        tuple(_cell(judgement, pair) for pair in pairs),
    )
    title = "Peer-to-peer verification matrix"
    return Section("matrix", title, (block,), listed(parts) or "all accepted", tone)


def _cell(judgement: Judgement, pair: Handshake) -> MatrixCell:
    verifier, presenter = show(pair.verifier.address), show(pair.presenter.address)
    whom = "itself" if pair.verifier is pair.presenter else presenter
    steps = Table.of(
        f"How {verifier} checks {whom}",
        ("Step", "Outcome", "Reason", "Rules"),
        (_step(judgement, pair, step) for step in pair.steps),
    )
    summary = f"{verifier} checks {whom}{_reached_by(pair)}: {_ending(pair)}"
    likeness = (pair.target, pair.verifier.stated_release, *(_facts(step, pair.verifier) for step in pair.steps))
    return MatrixCell(pair.verifier.number, pair.presenter.number, pair.outcome, summary, steps, likeness)


def _facts(step: Step, verifier: Peer) -> tuple[Hashable, ...]:
    """All that a step says, but for the verifier's name."""
    return (
        step.name,
        step.outcome,
        step.cause,
        step.openssl,
        "" if step.address == verifier.address else step.address,
        step.fqdn,
        step.view,
        step.role,
        step.subject,
        step.entry,
        step.certificate,
        step.path,
        None if step.ca is None else (step.ca.subject, step.ca.certificates),
        tuple(removal.certificate for removal in step.removals),
        None if step.missing is None else (step.missing.why, step.missing.remedy),
        None if step.crl is None else step.crl.where,
    )


def _reached_by(pair: Handshake) -> str:
    by = {
        Route.LITERAL: f"as Peer {pair.presenter.number} address says",
        Route.MAPPING: "by cluster address mapping",
        Route.DNS: f"by the {show(pair.verifier.dns)} DNS view",
    }[pair.route]
    return f" at {pair.target} ({by})" if pair.target is not None else f", whose address is not known ({by})"


def _ending(pair: Handshake) -> str:
    if pair.outcome is Outcome.PASS:
        return "accepted"
    reasons = _distinct_reasons(step for step in pair.not_passed if step.outcome is pair.outcome)
    more = len(reasons) - 1
    if not reasons:
        return "not verified"
    first = reasons[0] + (f", and {more} more reason{'' if more == 1 else 's'}" if more else "")
    return f"{'rejected' if pair.outcome is Outcome.FAIL else 'not verified'}: {first}"


def _distinct_reasons(steps: Iterable[Step]) -> list[str]:
    """The reasons, one for each cause: an expired certificate is refused by the chain too; its dates say it best."""
    by_cause: dict[Cause | None, str] = {}
    for step in steps:
        if step.cause not in by_cause or step.name is StepName.DATES:
            by_cause[step.cause] = step.reason
    return list(by_cause.values())


def _step(judgement: Judgement, pair: Handshake, step: Step) -> tuple[Cell, Cell, Cell, Cell]:
    unsure = "" if step.confidence is Confidence.DOCUMENTED else step.confidence.value
    openssl: list[Words] = []
    if step.openssl is not None:
        code, depth, text = step.openssl
        openssl.append(Words(f"OpenSSL error {code} at depth {depth}: {text}", Tone.QUIET))
    return (
        cell(_STEPS[step.name], Words(f"{step.store} certificate", Tone.QUIET) if step.store is not None else ""),
        cell(Words(_ENDED[step.outcome], Tone.of(step.outcome)), Words(unsure, Tone.QUIET) if unsure else ""),
        cell(step.reason, *openssl),
        _rules(judgement, pair, step.cause),
    )


def _rules(judgement: Judgement, pair: Handshake, cause: Cause | None) -> Cell:
    """The rules that explain a cause, each leading to its finding on the peer at fault, else to any there is."""
    if cause is None:
        return ()
    ends = (pair.presenter.address, pair.verifier.address)
    at_fault, other = ends[::-1] if cause in _VERIFIER_AT_FAULT else ends
    return nearest_links(judgement, judgement.codes(cause), at_fault, other)
