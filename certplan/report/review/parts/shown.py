"""What the sections on certificates, their time line and trust share: which certificates count, and how they stand."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum

from certplan.evidence.model import Certificate, CertificateFile, Missing
from certplan.handshake.model import Step, Store
from certplan.handshake.trust import expiry
from certplan.judgement import Judgement
from certplan.outcomes import Outcome, Severity
from certplan.plan.model import Peer
from certplan.report.cards import finding_ident
from certplan.report.document import Tone, Words
from certplan.report.drawing.words import peers_in_words
from certplan.rules.model import Finding, Group
from certplan.text.names import is_ip, show
from certplan.text.words import days_long
from certplan.value import Value
from certplan.vendor.releases import TWO_STORES_FROM

__all__ = [
    "CAPTION",
    "Findings",
    "ShownCertificate",
    "ValidityState",
    "ca_name",
    "concerns",
    "findings_about",
    "left",
    "link_to",
    "named",
    "numbered",
    "shown",
    "tone_of",
    "validity_state",
    "verifiers",
]

SOON, AHEAD = 21, 90
"""Days before the end: when the appliance raises an alarm, and when to order the next certificate."""
_YEARS = 2 * 365
_GROUPS = frozenset({Group.NAM, Group.TRU, Group.KEY, Group.VAL, Group.EKU})
CAPTION = 24
"""Characters of a name where there is little room."""


Findings = tuple[tuple[str, Finding], ...]
"""Findings, each with its ident in the review."""


class ValidityState(StrEnum):
    """Where a certificate stands in its validity period."""

    EXPIRED = "expired"
    FUTURE = "future"
    SOON = "soon"
    AHEAD = "ahead"
    VALID = "valid"

    @property
    def tone(self) -> Tone:
        return {
            ValidityState.EXPIRED: Tone.BAD,
            ValidityState.FUTURE: Tone.BAD,
            ValidityState.SOON: Tone.WARN,
            ValidityState.AHEAD: Tone.WARN,
        }.get(self, Tone.PLAIN)


class ShownCertificate(Value):
    """A certificate that a peer shows on cluster links, or why it is not known."""

    peer: Peer
    store: Store
    file: CertificateFile | Missing

    @property
    def leaf(self) -> Certificate | None:
        return self.file.leaf if isinstance(self.file, CertificateFile) else None

    @property
    def ident(self) -> str:
        return f"certificate-{self.peer.number}-{self.store}"


def shown(judgement: Judgement) -> tuple[ShownCertificate, ...]:
    """Every certificate that counts: each peer's server certificate, and from X15.5 on its client certificate."""
    found: list[ShownCertificate] = []
    for peer, evidence in zip(judgement.plan.peers, judgement.evidence.peers, strict=True):
        found.append(ShownCertificate(peer, Store.SERVER, evidence.server))
        if peer.release >= TWO_STORES_FROM:
            found.append(ShownCertificate(peer, Store.CLIENT, evidence.client))
    return tuple(found)


def verifiers(judgement: Judgement, each: ShownCertificate) -> tuple[tuple[Peer, tuple[Step, ...]], ...]:
    """Every peer with the steps in which it judges this certificate."""
    return tuple(
        (handshake.verifier, tuple(step for step in handshake.steps if step.store is each.store))
        for handshake in judgement.matrix.handshakes
        if handshake.presenter is each.peer
    )


def findings_about(judgement: Judgement, each: ShownCertificate) -> Findings:
    """The findings on this one certificate, waived ones included, each with its ident."""
    return tuple(
        (finding_ident(number), finding)
        for number, finding in enumerate(judgement.findings)
        if finding.outcome is Outcome.FAIL
        and finding.rule.group in _GROUPS
        and each.peer.address in finding.subject.peers
        and concerns(finding, each)
        # Of the findings on trust, those that name no certificate are about the peer's list.
        and (finding.rule.group is not Group.TRU or _on_certificate_of(finding, each.peer))
    )


def _on_certificate_of(finding: Finding, peer: Peer) -> bool:
    concerned = finding.about.presenters or finding.subject.peers
    return finding.store is not None and peer.address in concerned


def concerns(finding: Finding, each: ShownCertificate) -> bool:
    """Whether a finding on the peer, as far as it names a certificate, is on this one and not that of another store."""
    return finding.store in (None, each.store)


def link_to(found: Findings, *codes: str) -> tuple[str, Tone]:
    """The ident and the weight of the first finding of the first of `codes` that has one; else nowhere, and quiet."""
    for code in codes:
        for ident, finding in found:
            if finding.code == code:
                return ident, tone_of(finding)
    return "", Tone.QUIET


def tone_of(finding: Finding) -> Tone:
    """The weight of a finding; what is waived weighs nothing."""
    if finding.waived is not None:
        return Tone.QUIET
    return {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.WARN}.get(finding.severity, Tone.PLAIN)


def validity_state(certificate: Certificate, at: datetime) -> ValidityState:
    """Where `certificate` stands at the aware time `at` (RFC 5280 section 4.1.2.5: both ends are within)."""
    if at >= expiry(certificate):
        return ValidityState.EXPIRED
    if at < certificate.not_before:
        return ValidityState.FUTURE
    days = _days(at, certificate.not_after)
    if days <= SOON:
        return ValidityState.SOON
    return ValidityState.AHEAD if days <= AHEAD else ValidityState.VALID


def left(certificate: Certificate, at: datetime) -> Words:
    """How long it has: `24 days left`, `expired 12 days ago`, `begins in 61 days`. Days are those of UTC."""
    where = validity_state(certificate, at)
    days = _days(at, certificate.not_after)
    if where is ValidityState.EXPIRED:
        return Words(f"expired {f'{days_long(-days)} ago' if days else 'today'}", where.tone)
    if where is ValidityState.FUTURE:
        ahead = _days(at, certificate.not_before)
        return Words(f"not yet valid, begins {f'in {days_long(ahead)}' if ahead else 'today'}", where.tone)
    if not days:
        return Words("expires today", Tone.BAD)
    return Words(f"{days_long(days)} left", where.tone)


def _days(at: datetime, moment: datetime) -> int:
    return (moment.date() - at.astimezone(UTC).date()).days


def ca_name(certificate: Certificate) -> str:
    """What people call a CA: its CN, or its whole subject where it has none."""
    return certificate.common_names[0] if certificate.common_names else certificate.subject


def named(peers: Iterable[Peer]) -> str:
    """Peers by their numbers: `peer 2`, `peers 1, 3 to 6`."""
    return peers_in_words(sorted({peer.number for peer in peers})).lower()


def numbered(peer: Peer, most: int = CAPTION) -> str:
    """A peer in a few characters: its number and host name, or its address where that is no name."""
    name = peer.address if is_ip(peer.address) else peer.address.split(".")[0] or peer.address
    return f"{peer.number} {show(name, most)}"
