"""The simulation held against what the appliance itself shows: System > Clustering, pasted into the plan.

    page of exe1   Peer 2 address exe2.example.com   Certificate: Valid   Clustering: Active as exe2 (Resolved ... )
    simulated      exe1 checks exe2: no SAN exe2.example.com              ─ contradiction: the pair is unknown

A page shows today, and the simulation Enforce: under Permissive a link that holds is no contradiction of one that
Enforce would break, and a certificate whose dates alone are wrong at the time judged at may have been valid then.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from certplan.handshake.model import Cause, Handshake, Matrix, Step, StepName
from certplan.outcomes import Confidence, Outcome
from certplan.plan.model import Peer, Plan, TlsVerification
from certplan.text.names import key, show
from certplan.value import replace

if TYPE_CHECKING:
    from certplan.sources.model import PageRow

__all__ = ["calibrated"]

_RESOLVED = re.compile(r"Resolved '[^']{1,255}' as '([^']{1,45})'", re.IGNORECASE)
_ON_THE_WAY = frozenset({StepName.RESOLVE, StepName.REACH})


def calibrated(plan: Plan, matrix: Matrix) -> Matrix:
    """The matrix with every pair unknown whose row on a page in the plan contradicts it; as it is without pages."""
    pages = {peer.number: _rows(plan, peer.page) for peer in plan.peers if peer.page is not None}
    if not pages:
        return matrix
    enforced = plan.cluster.stated_tls_verification is TlsVerification.ENFORCE
    handshakes = tuple(
        _held_against(matrix, handshake, pages.get(handshake.verifier.number, {}), enforced=enforced)
        for handshake in matrix.handshakes
    )
    return replace(matrix, handshakes=handshakes)


def _rows(plan: Plan, page: str) -> "Mapping[int, PageRow]":
    """The rows of a page by the number of the plan's peer: by address, or by position where the copy has none."""
    from certplan.sources.page import read_page  # noqa: PLC0415 - for plans with a page alone

    numbers = {key(name): peer.number for peer in plan.peers for name in (peer.address,)}
    rows = read_page(page, "", "").rows
    return {numbers.get(key(row.address), 0) if row.address is not None else row.number: row for row in rows}


def _held_against(matrix: Matrix, handshake: Handshake, rows: "Mapping[int, PageRow]", *, enforced: bool) -> Handshake:
    row = rows.get(handshake.presenter.number)
    if row is None:
        return handshake
    found = tuple(_contradictions(matrix, handshake, row, enforced=enforced))
    return replace(handshake, steps=(*handshake.steps, *found), contradicted=True) if found else handshake


def _contradictions(matrix: Matrix, handshake: Handshake, row: "PageRow", *, enforced: bool) -> Iterator[Step]:
    certificate, clustering = (row.certificate or "").lower(), (row.clustering or "").lower()
    judged = [step for step in handshake.not_passed if step.name not in _ON_THE_WAY]
    refused = [step for step in judged if step.outcome is Outcome.FAIL]
    if certificate.startswith("valid") and any(step.name is not StepName.DATES for step in refused):
        yield _step(handshake, f"Certificate: {row.certificate}", refused[0].reason)
    elif certificate.startswith("invalid") and not judged:
        yield _step(handshake, f"Certificate: {row.certificate}", "every check of the certificate passes")
    resolved = _RESOLVED.search(row.clustering or "")
    if resolved is not None and handshake.target is not None and resolved[1] != str(handshake.target):
        yield _step(handshake, f"Clustering: {row.clustering}", f"the name leads to {handshake.target}")
    if handshake.verifier is handshake.presenter:
        return
    link = matrix.link(handshake.verifier, handshake.presenter)
    if clustering.startswith(("failed", "unknown")) and link is Outcome.PASS:
        yield _step(handshake, f"Clustering: {row.clustering}", "the link between the two holds")
    elif clustering.startswith("active") and enforced and handshake.outcome is Outcome.FAIL and not refused:
        yield _step(handshake, f"Clustering: {row.clustering}", "the peer is not reached")


def _step(handshake: Handshake, shown: str, simulated: str) -> Step:
    viewer, peer = _named(handshake.verifier), _named(handshake.presenter)
    return Step(
        StepName.IDENTIFY,
        Outcome.UNKNOWN,
        f"the page of {viewer} shows `{show(shown, 200)}` for {peer}, and by the plan and its files {simulated}",
        Cause.PAGE_CONTRADICTS,
        handshake.presenter.address,
        confidence=Confidence.DOCUMENTED,
    )


def _named(peer: Peer) -> str:
    return show(peer.address)
