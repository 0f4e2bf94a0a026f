"""What a review was judged from, so that it stands as a record: fingerprints, times, files, and the plan itself."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from certplan import __version__
from certplan.evidence.model import (
    Certificate,
    CertificateFile,
    Crl,
    DnsAnswer,
    DnsView,
    KeyFile,
    Missing,
    PeerEvidence,
    PublicKey,
    TrustList,
)
from certplan.handshake.model import Store
from certplan.handshake.trust import TrustIndex
from certplan.judgement import Judgement
from certplan.plan.model import DnsSource, Peer, Plan, Waiver
from certplan.report.document import Block, Cell, Facts, Points, Prose, Section, Table, Tone, Verbatim, Words, cell
from certplan.report.review.links import PLAN, nearest_links, plan_line
from certplan.rules import find
from certplan.rules.certplan.housekeeping import waiver_expired, waiver_unused
from certplan.rules.engine import matches
from certplan.text.names import show
from certplan.text.words import counted, day
from certplan.vendor.releases import TWO_STORES_FROM

__all__ = ["plan_text", "record"]

_LINE_END = re.compile(r"\r\n|\r|\n")
"""What ends a line in the places of a plan: not all that `str.splitlines` would take."""
_MOST_CAS = 40
_MOST_FILES = 12
_SUBJECT = 200
_OF_THE_TEXT = "of its text as UTF-8; sha256sum prints the same for a UTF-8 file without a byte order mark"
_OF_THE_LIST = "The fingerprint of a list is the SHA-256 of its certificates' fingerprints, in file order, a line each."
_Row = tuple[Cell, ...]


def plan_text(judgement: Judgement) -> Section:
    """The plan as it was read, its lines numbered as places in it are."""
    text = judgement.plan.text
    if not text:
        blocks: tuple[Block, ...] = (Prose("The plan was not read from a file, so there is no text of it."),)
    else:
        blocks = (Verbatim(PLAN, _lines(text)),)
    return Section("plan", "Plan file", blocks)


def _lines(text: str) -> tuple[str, ...]:
    lines = _LINE_END.split(text)
    return tuple(lines if lines[-1] else lines[:-1])


def record(judgement: Judgement) -> Section:
    """The version, the times, and every piece of evidence with its fingerprint, dates and file."""
    blocks: list[Block] = [_facts(judgement)]
    columns = ("Certificate", "File", "Valid", "SHA-256 fingerprint")
    blocks.append(Table.of("Certificates", columns, _certificates(judgement)))
    columns = ("Peer", "File", "Key", "SHA-256 of the public key")
    blocks.append(
        Table.of("Private keys: their public halves, nothing else of them is kept", columns, _keys(judgement))
    )
    columns = ("Peer", "Files", "CAs", "Fingerprint of the list")
    blocks += (Table.of("Trusted CA lists", columns, _lists(judgement)), Prose(_OF_THE_LIST, Tone.QUIET))
    blocks += _authorities(judgement)
    blocks += _crls(judgement)
    blocks += _views(judgement)
    blocks += _choices(judgement)
    return Section("record", "Inputs", tuple(blocks))


def _facts(judgement: Judgement) -> Facts:
    plan = judgement.plan
    digest = sha256(plan.text.encode("utf-8", "surrogatepass")).hexdigest()
    known = cell(Words(digest, code=True), Words(_OF_THE_TEXT, Tone.QUIET)) if plan.text else cell("not known")
    return Facts(
        (
            ("certplan", cell(__version__)),
            ("Judged as of", cell(_moment(judgement.at))),
            ("Evidence gathered", cell(_gathered(judgement))),
            ("Plan file", cell(plan.file, code=True)),
            ("SHA-256 of the plan", known),
        )
    )


def _gathered(judgement: Judgement) -> str:
    """When live servers were asked. Evidence from files is what its fingerprints say, whenever it was read."""
    answers = (answer for view in judgement.evidence.views.values() for answer in view.answers.values())
    if any(answer.milliseconds is not None for answer in answers):
        return f"{_moment(judgement.evidence.gathered_at)}, DNS servers asked"
    return "from files alone: the fingerprints below say which"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _evidence(judgement: Judgement) -> Iterator[tuple[Peer, PeerEvidence]]:
    return zip(judgement.plan.peers, judgement.evidence.peers, strict=True)


def _lost(missing: Missing, columns: int) -> _Row:
    """The cells of a row for evidence that is missing, behind the first."""
    return cell(Words("not verified", Tone.OPEN), Words(missing.why, Tone.OPEN)), *[()] * (columns - 2)


def _certificates(judgement: Judgement) -> Iterator[_Row]:
    for peer, found in _evidence(judgement):
        yield from _certificate(peer, Store.SERVER, found.server)
        if peer.client_certificate is not None or peer.release >= TWO_STORES_FROM:
            yield from _certificate(peer, Store.CLIENT, found.client)


def _certificate(peer: Peer, store: Store, file: CertificateFile | Missing) -> Iterator[_Row]:
    owner = f"{store} certificate of {show(peer.address)}"
    if isinstance(file, Missing):
        yield cell(owner), *_lost(file, 4)
        return
    yield cell(owner), cell(str(file.where), code=True), _validity(file.leaf), cell(file.leaf.sha256, code=True)
    for other in file.others[:_MOST_FILES]:
        what = cell("beside it in the file", Words(show(other.certificate.subject, _SUBJECT), Tone.QUIET))
        fingerprint = cell(other.certificate.sha256, code=True)
        yield what, cell(str(other.where), code=True), _validity(other.certificate), fingerprint
    if len(file.others) > _MOST_FILES:
        yield cell(f"and {len(file.others) - _MOST_FILES} more in the file"), (), (), ()


def _validity(certificate: Certificate) -> Cell:
    return cell(f"from {day(certificate.not_before)}", f"until {_moment(certificate.not_after)}")


def _keys(judgement: Judgement) -> Iterator[_Row]:
    for peer, found in _evidence(judgement):
        owner = cell(show(peer.address), code=True)
        if isinstance(found.key, Missing):
            yield owner, *_lost(found.key, 4)
        else:
            yield owner, cell(found.key.file, code=True), *_key(found.key)


def _key(file: KeyFile) -> tuple[Cell, Cell]:
    form = [Words("encrypted", Tone.QUIET)] if file.encrypted else []
    form += [] if file.final_newline else [Words("without its final newline", Tone.WARN)]
    match file.key:
        case PublicKey() as key:
            return cell(key.name, *form), cell(key.sha256, code=True)
        case Missing() as missing:
            return cell(*form), cell("not verified", missing.why, tone=Tone.OPEN)


def _lists(judgement: Judgement) -> Iterator[_Row]:
    for peer, found in _evidence(judgement):
        owner = cell(show(peer.address), code=True)
        if isinstance(found.trust, Missing):
            yield owner, *_lost(found.trust, 4)
            continue
        prints = [located.certificate.sha256 for located in found.trust.certificates]
        digest = sha256("".join(f"{each}\n" for each in prints).encode()).hexdigest()
        repeated = len(found.trust.duplicates)
        again = Words(f"{repeated} more than once", Tone.QUIET) if repeated else ""
        files = [judgement.plan.located(file)[1] for file in peer.trusted_cas or ()]
        yield owner, _bounded(files, code=True), cell(str(len(prints)), again), cell(digest, code=True)


def _bounded(lines: Sequence[str], *, code: bool = False) -> Cell:
    more = len(lines) - _MOST_FILES
    return cell(*(Words(line, code=code) for line in lines[:_MOST_FILES]), f"and {more} more" if more > 0 else "")


def _authorities(judgement: Judgement) -> Iterator[Block]:
    """Every CA of any list once, those above the peers' own certificates first."""
    holders: dict[str, tuple[Certificate, list[Peer]]] = {}
    for peer, found in _evidence(judgement):
        if isinstance(found.trust, TrustList):
            for located in found.trust.certificates:
                holders.setdefault(located.certificate.sha256, (located.certificate, []))[1].append(peer)
    if not holders:
        return
    used = _above(judgement, [certificate for certificate, _ in holders.values()])
    ordered = sorted(holders.values(), key=lambda held: held[0].sha256 not in used)
    rows = (
        (
            cell(show(certificate.subject, _SUBJECT)),
            _validity(certificate),
            _holders(judgement, peers),
            cell(certificate.sha256, code=True),
        )
        for certificate, peers in ordered[:_MOST_CAS]
    )
    yield Table.of("CAs of those lists", ("CA", "Valid", "In the list of", "SHA-256 fingerprint"), rows)
    if len(ordered) > _MOST_CAS:
        # Whatever is above the peers' certificates comes first, so it is left out only where that alone is too many.
        yield Prose(f"And {len(ordered) - _MOST_CAS} more CAs, which the fingerprints of the lists cover.", Tone.QUIET)


def _above(judgement: Judgement, authorities: Iterable[Certificate]) -> frozenset[str]:
    """The fingerprints of the CAs that could stand above a certificate of a peer."""
    index = TrustIndex(authorities)
    leaves = [
        file.leaf
        for found in judgement.evidence.peers
        for file in (found.server, found.client)
        if isinstance(file, CertificateFile)
    ]
    return frozenset(ca.sha256 for leaf in leaves for ca in index.above(leaf))


def _holders(judgement: Judgement, peers: Sequence[Peer]) -> Cell:
    if len(peers) == len(judgement.plan.peers) > 1:
        return cell("every peer")
    return cell(*(show(peer.address) for peer in peers), code=True)


def _crls(judgement: Judgement) -> Iterator[Block]:
    rows: list[_Row] = []
    distinct: dict[tuple[str, str], tuple[Crl, list[Peer]]] = {}
    for peer, found in _evidence(judgement):
        if isinstance(found.crls, Missing):
            rows.append((cell(f"CRLs of {show(peer.address)}"), *_lost(found.crls, 5)))
            continue
        for crl in found.crls:
            known = (str(crl.where), sha256(crl.der).hexdigest())
            distinct.setdefault(known, (crl, []))[1].append(peer)
    for (place, digest), (crl, peers) in distinct.items():
        ends = "no end given" if crl.next_update is None else f"until {_moment(crl.next_update)}"
        rows.append(
            (
                cell(show(crl.issuer, _SUBJECT), Words(f"{len(crl.revoked)} revoked", Tone.QUIET)),
                cell(place, code=True),
                cell(f"from {_moment(crl.last_update)}", ends),
                _holders(judgement, peers),
                cell(digest, code=True),
            )
        )
    if rows:
        yield Table.of("CRLs", ("CRL", "File", "Valid", "Given for", "SHA-256"), rows)
    else:
        yield Prose("No CRL was given.")


def _views(judgement: Judgement) -> Iterator[Block]:
    sources = {source.view: source for source in judgement.plan.dns}
    names = dict.fromkeys([*sources, *judgement.evidence.views, *(peer.dns for peer in judgement.plan.peers)])
    rows = (
        (cell(show(name)), *_view(judgement.plan, sources.get(name), judgement.evidence.views.get(name)))
        for name in names
    )
    columns = ("View", "Where its answers come from", "Questions", "Slowest answer")
    yield Table.of("DNS views", columns, rows)


def _view(plan: Plan, source: DnsSource | None, view: DnsView | None) -> tuple[Cell, Cell, Cell]:
    origin = _origin(plan, source)
    if view is None:
        return origin, cell("not verified", "nothing was asked", tone=Tone.OPEN), ()
    silent = sum(not answer.outcome.answered for answer in view.answers.values())
    unheard = Words(f"{silent} could not be answered", Tone.OPEN) if silent else ""
    return origin, cell(str(len(view.answers)), unheard), _slowest(view.answers.values())


def _origin(plan: Plan, source: DnsSource | None) -> Cell:
    if source is None:
        return cell("the plan gives no such DNS view", tone=Tone.OPEN)
    lines = [f"server {server}" for server in source.servers] + [
        f"zone file {plan.located(file)[1]}" for file in source.zone_files
    ]
    if source.records:
        lines.append(f"{counted(len(source.records), 'record')} of the plan")
    return _bounded(lines) or cell("nowhere: it has no servers, zone files or records", tone=Tone.OPEN)


def _slowest(answers: Iterable[DnsAnswer]) -> Cell:
    timed = [(answer.milliseconds, answer) for answer in answers if answer.milliseconds is not None]
    if not timed:
        return cell("not asked live", tone=Tone.QUIET)
    longest, answer = max(timed, key=lambda pair: pair[0])
    return cell(f"{longest:.0f} ms", Words(f"{show(answer.name)} {answer.type}", Tone.QUIET))


def _choices(judgement: Judgement) -> Iterator[Block]:
    """What the plan takes out of the judgement, or weighs otherwise than the rules do."""
    plan = judgement.plan
    if plan.waivers:
        rows = (_waiver(judgement, number, waiver) for number, waiver in enumerate(plan.waivers))
        yield Table.of("Waivers", ("Rule", "Reason", "Until", "Findings"), rows)
    if plan.severity:
        yield Prose("Severities that the plan sets:")
        yield Points(tuple(_severity(judgement, name, chosen.value) for name, chosen in sorted(plan.severity.items())))
    if not plan.waivers and not plan.severity:
        yield Prose("The plan waives nothing, and every rule keeps its severity.")


def _waiver(judgement: Judgement, number: int, waiver: Waiver) -> _Row:
    limits = [f"peer {waiver.peer}"] if waiver.peer is not None else []
    limits += [f"name {waiver.name}"] if waiver.name is not None else []
    about_waivers = {waiver_expired.code, waiver_unused.code}
    matched = [each for each in judgement.findings if each.code not in about_waivers and matches(waiver, each)]
    ended = judgement.at.date() > waiver.until
    place = plan_line(judgement, judgement.plan.where("waivers", number)) or ""
    return (
        cell(waiver.rule, *(Words(limit, Tone.QUIET) for limit in limits), place),
        cell(waiver.reason),
        cell(
            Words(waiver.until.isoformat(), Tone.WARN if ended else Tone.PLAIN),
            Words("expired", Tone.WARN) if ended else "",
        ),
        _matched(judgement, [each.code for each in matched], ended=ended),
    )


def _matched(judgement: Judgement, codes: Sequence[str], *, ended: bool) -> Cell:
    if not codes:
        return cell("matches none", tone=Tone.WARN)
    word = f"{'would match' if ended else 'matches'} {len(codes)}"
    return cell(word, *nearest_links(judgement, dict.fromkeys(codes)))


def _severity(judgement: Judgement, name: str, chosen: str) -> Words:
    rule = find(name)
    title = "" if rule is None else f" ({rule.title}), by itself {rule.severity}"
    code = name if rule is None else rule.code
    (link,) = nearest_links(judgement, (code,))
    return Words(f"{code}{title}: {'ignored' if chosen == 'ignore' else chosen}", link=link.link)
