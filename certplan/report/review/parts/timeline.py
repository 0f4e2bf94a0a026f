"""The time line: every certificate and CA in use from its first day to its last, and what becomes of the verdict."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from certplan.evidence.model import Certificate, CertificateFile, Missing, TrustList
from certplan.handshake.trust import expiry
from certplan.judgement import Judgement
from certplan.outcomes import Verdict
from certplan.report.document import Block, Cell, Picture, Prose, Section, Table, Tone, Words, cell
from certplan.report.review.parts.shown import ShownCertificate, ValidityState, ca_name, left, shown, validity_state
from certplan.report.review.parts.timeline_picture import Bar, Stretch, TimeLine, draw, gantt, timeline_style
from certplan.rules.support.chains import in_use
from certplan.text.names import show
from certplan.text.words import counted, day, joined
from certplan.value import Value

__all__ = ["timeline", "timeline_style"]

_LONGEST = 300
"""Characters of a name that the drawing tells to who points at it."""
_FEWEST_MERGED = 3
_MOST_DRAWN, _MOST_LISTED, _MOST_CHANGES = 12, 40, 12
_VERDICTS = {
    Verdict.READY: ("ready", Tone.GOOD),
    Verdict.NOT_READY: ("not ready", Tone.BAD),
    Verdict.UNDECIDED: ("undecided", Tone.OPEN),
}


class _Entry(Value):
    """One certificate in use, or what is not known of one."""

    what: str
    kind: str
    """`server certificate`, `intermediate CA` ..."""
    certificate: Certificate | None
    who: tuple[str, ...]
    """The peers that have it."""
    why: str = ""
    """Why it is not known."""


def timeline(judgement: Judgement) -> Section:
    """The section with the time line: a drawing, and the same in two tables."""
    at = judgement.at.astimezone(UTC)
    own = tuple(_own(judgement))
    authorities = tuple(_authorities(judgement))
    drawn = authorities[:_MOST_DRAWN]
    picture = _picture(judgement, at, tuple(_merged(own)), drawn)
    blocks: list[Block] = [Picture(draw(picture), gantt(picture))]
    if more := len(authorities) - len(drawn):
        blocks.append(Prose(f"The drawing leaves out {counted(more, 'more CA')}, which end later."))
    blocks += _turns(judgement)
    entries = (*own, *authorities[:_MOST_LISTED])
    columns = ("What", "From", "Until", "Left", "Who has it")
    blocks.append(
        Table.of(
            "Certificates and CAs in use",
            columns,
            (_row(entry, at, len(judgement.plan.peers)) for entry in _merged(entries)),
        )
    )
    if (more := len(authorities) - _MOST_LISTED) > 0:
        blocks.append(Prose(f"The table leaves out {counted(more, 'more CA')}, which end later."))
    note, tone = _note(entries, at)
    return Section("timeline", "Timeline", tuple(blocks), note, tone)


# --- what is in use ---------------------------------------------------------------------------------------------------


def _own(judgement: Judgement) -> Iterator[_Entry]:
    """The peers' own certificates. One that serves a peer as server and client is shown once."""
    for peer in judgement.plan.peers:
        found: dict[str, tuple[ShownCertificate, list[str]]] = {}
        for each in shown(judgement):
            if each.peer is peer:
                print_of = each.leaf.sha256 if each.leaf is not None else each.store.value
                found.setdefault(print_of, (each, []))[1].append(each.store.value)
        for each, stores in found.values():
            why = each.file.why if isinstance(each.file, Missing) else ""
            what = f"{peer.number} {peer.address}"
            yield _Entry(what, f"{joined(stores)} certificate", each.leaf, (peer.address,), why)


def _authorities(judgement: Judgement) -> Iterator[_Entry]:
    """The CAs that may stand above a certificate of the cluster, those that end first before the others."""
    leaves = {
        file.leaf.sha256
        for found in judgement.evidence.peers
        for file in (found.server, found.client)
        if isinstance(file, CertificateFile)
    }
    used = [ca for sha256, ca in in_use(judgement.case).items() if sha256 not in leaves]
    holders: dict[str, list[str]] = {}
    for peer, found in zip(judgement.plan.peers, judgement.evidence.peers, strict=True):
        for located in found.trust.certificates if isinstance(found.trust, TrustList) else ():
            holders.setdefault(located.certificate.sha256, []).append(peer.address)
    for ca in sorted(used, key=lambda ca: (ca.not_after, ca.self_issued, ca_name(ca), ca.sha256)):
        kind = "root CA" if ca.self_issued else "intermediate CA"
        yield _Entry(ca_name(ca), kind, ca, tuple(holders.get(ca.sha256, ())))


def _merged(entries: Sequence[_Entry]) -> Iterator[_Entry]:
    """Entries of one kind with the same dates as one, where they are several; the others as they are."""
    alike: dict[object, list[_Entry]] = {}
    for entry in entries:
        known = entry.certificate
        key = id(entry) if known is None else (entry.kind, known.not_before.date(), known.not_after.date())
        alike.setdefault(key, []).append(entry)
    for same in alike.values():
        if len(same) < _FEWEST_MERGED:
            yield from same
            continue
        who = tuple(dict.fromkeys(name for entry in same for name in entry.who))
        yield _Entry(counted(len(same), same[0].kind), "with the same dates", same[0].certificate, who)


# --- words ------------------------------------------------------------------------------------------------------------


def _row(entry: _Entry, at: datetime, peers: int) -> tuple[Cell, ...]:
    head = cell(entry.what, Words(entry.kind, Tone.QUIET))
    who = cell("every peer") if len(entry.who) == peers > 1 else cell(*entry.who)
    if entry.certificate is None:
        unknown = Words("not verified", Tone.OPEN)
        return head, (unknown,), (unknown,), cell(unknown, Words(entry.why, Tone.QUIET)), who
    ca = entry.certificate
    return head, cell(day(ca.not_before)), cell(day(ca.not_after)), (left(ca, at),), who


def _note(entries: Sequence[_Entry], at: datetime) -> tuple[str, Tone]:
    known = [entry.certificate for entry in entries if entry.certificate is not None]
    stand = [validity_state(certificate, at) for certificate in known]
    for state, words in ((ValidityState.EXPIRED, "expired"), (ValidityState.FUTURE, "not yet valid")):
        if count := stand.count(state):
            return f"{count} {words}", Tone.BAD
    if len(known) < len(entries):
        return f"not verified: {len(entries) - len(known)}", Tone.OPEN
    first = min(known, key=lambda certificate: certificate.not_after)
    words_ = left(first, at)
    return f"next end {day(first.not_after)}", words_.tone


def _turns(judgement: Judgement) -> list[Block]:
    """What changes when, numbered as in the drawing."""
    status_changes = judgement.status_changes
    if not status_changes:
        return [Prose("No date to come changes what the peers make of each other.", Tone.QUIET)]
    rows = []
    for number, change in enumerate(status_changes[:_MOST_CHANGES], 1):
        verdict, tone = _VERDICTS[change.verdict]
        because = [*change.because[:3], *([f"and {len(change.because) - 3} more"] if len(change.because) > 3 else [])]
        rows.append(
            (cell(str(number)), cell(f"{change.at:%Y-%m-%d %H:%M} UTC"), (Words(verdict, tone),), cell(*because))
        )
    blocks: list[Block] = [Table.of("What changes when", ("No.", "When", "Verdict from then on", "Because"), rows)]
    if more := max(0, len(status_changes) - _MOST_CHANGES):
        blocks.append(Prose(f"{counted(more, 'later date')} more change something."))
    return blocks


# --- the drawing's content --------------------------------------------------------------------------------------------


def _picture(judgement: Judgement, at: datetime, own: Sequence[_Entry], above: Sequence[_Entry]) -> TimeLine:
    status_changes = judgement.status_changes[:_MOST_CHANGES]
    verdicts = [(at, judgement.verdict), *((change.at, change.verdict) for change in status_changes)]
    changes = [each for number, each in enumerate(verdicts) if not number or each[1] is not verdicts[number - 1][1]]
    ends = [*(since for since, _ in changes[1:]), None]
    stretches = [
        Stretch(since, until, *_verdict_words(verdict)) for (since, verdict), until in zip(changes, ends, strict=True)
    ]
    return TimeLine(
        name=show(judgement.plan.cluster.name),
        at=at,
        verdict=_until(judgement),
        stretches=tuple(stretches),
        status_changes=tuple(change.at for change in status_changes),
        own=tuple(_bar(entry, at) for entry in own),
        above=tuple(_bar(entry, at) for entry in above),
    )


def _verdict_words(verdict: Verdict) -> tuple[str, str]:
    words, tone = _VERDICTS[verdict]
    return words, tone.value


def _until(judgement: Judgement) -> str:
    words, _ = _VERDICTS[judgement.verdict]
    ending = next((change for change in judgement.status_changes if change.verdict is not judgement.verdict), None)
    if ending is not None:
        return f"{words} until {day(ending.at)}"
    return f"{words}, and no date ends that" if judgement.verdict is Verdict.READY else words


def _bar(entry: _Entry, at: datetime) -> Bar:
    certificate = entry.certificate
    if certificate is None:
        return Bar(
            show(entry.what, _LONGEST),
            show(entry.kind),
            None,
            None,
            "unknown",
            show(f"not verified: {entry.why}", 60),
        )
    where = validity_state(certificate, at)
    words = left(certificate, at).text
    if where is ValidityState.FUTURE:
        words = f"not yet valid, begins {day(certificate.not_before)}"
    else:
        words += f", {'on' if where is ValidityState.EXPIRED else 'until'} {day(certificate.not_after)}"
    return Bar(
        show(entry.what, _LONGEST), show(entry.kind), certificate.not_before, expiry(certificate), where.value, words
    )
