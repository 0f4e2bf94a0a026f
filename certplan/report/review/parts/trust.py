"""The trusted CA lists side by side: which CA stands where, where one is missing, and what the CRLs say."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from certplan.evidence.model import Certificate, Crl, Located, Missing, TrustList
from certplan.handshake.model import Cause, Step, StepName
from certplan.handshake.trust import second_after
from certplan.judgement import Judgement
from certplan.outcomes import Outcome
from certplan.plan.model import Peer
from certplan.report.document import Block, Cell, Fold, Points, Prose, Section, Table, Tone, Words, cell
from certplan.report.review.links import finding_links, plan_line
from certplan.report.review.parts.shown import (
    ShownCertificate,
    ValidityState,
    ca_name,
    left,
    named,
    numbered,
    shown,
    validity_state,
)
from certplan.rules.support.chains import best_path, in_use, is_end_certificate, pool
from certplan.rules.topics import Topic
from certplan.text.words import counted, day
from certplan.value import Value

__all__ = ["trust"]

_MOST_ROWS, _MOST = 40, 10
_MISSING = frozenset(
    {
        Cause.ISSUER_NOT_TRUSTED,
        Cause.INTERMEDIATE_MISSING,
        Cause.SAME_NAME_OTHER_KEY,
        Cause.SELF_SIGNED,
        Cause.TRUST_LIST_MISSING,
    }
)
"""The causes for which a chain ends too early."""
_FAILURES = {
    Cause.CA_EXPIRED: "CA expired",
    Cause.CA_NOT_YET_VALID: "CA not yet valid",
    Cause.NOT_A_CA: "not a CA",
    Cause.MAY_NOT_SIGN: "CA may not sign",
    Cause.PATH_TOO_LONG: "path length exceeded",
    Cause.KEY_UNREADABLE: "public key unreadable",
    Cause.WEAK_SIGNATURE: "weak signature",
    Cause.SAME_NAME_OTHER_KEY: "CA with another key",
    Cause.CHAIN_REFUSED: "chain refused",
    Cause.ISSUER_NOT_TRUSTED: "CA not trusted",
    Cause.INTERMEDIATE_MISSING: "CA not trusted",
    Cause.SELF_SIGNED: "not trusted",
    Cause.REVOKED: "certificate revoked",
    Cause.CRL_EXPIRED: "CRL expired",
}
_UNKNOWN = Words("not verified", Tone.OPEN)


def trust(judgement: Judgement) -> Section:
    """The section on the trusted CA lists: a table of CAs and peers, the lists' own problems, and the CRLs."""
    lists = _Lists(judgement)
    rows = lists.rows[:_MOST_ROWS]
    peers = judgement.plan.peers
    blocks: list[Block] = [
        Prose(
            "System > Trusted CA certificate of each peer; the list does not replicate. A peer is missing a CA where it"
            " needs it to verify another peer and no other peer sends it."
        )
    ]
    if rows:
        columns = ("CA", *(numbered(peer, 14 if len(peers) < 4 else 8) for peer in peers))
        body = [(_about(lists, row), *(lists.cell(row, peer) for peer in peers)) for row in rows]
        blocks.append(Table.of("CAs that matter, peer by peer", columns, body))
    blocks.append(Prose(_rest(lists, len(rows)), Tone.QUIET))
    blocks += _problems(judgement)
    if any(row.certificate for row in rows):
        blocks.append(_details(rows))
    blocks += _crls(judgement)
    note, tone = _note(lists, rows)
    return Section("trust-lists", "Trusted CA certificates compared", tuple(blocks), note, tone)


class _Row(Value, dict=True):
    """A CA that matters. `certificate` is None for one that is named as an issuer and that no list has."""

    name: str
    certificate: Certificate | None
    above: tuple[ShownCertificate, ...]
    """The certificates whose chain it is part of."""
    where: tuple[tuple[Peer, Located], ...] = ()
    remarks: tuple[Words, ...] = ()


class _Lists:
    """The lists of all peers, and what hangs on the CAs in them."""

    def __init__(self, judgement: Judgement) -> None:
        self.judgement = judgement
        self.known: dict[int, TrustList] = {
            peer.number: found.trust
            for peer, found in zip(judgement.plan.peers, judgement.evidence.peers, strict=True)
            if isinstance(found.trust, TrustList)
        }
        self.shown = shown(judgement)
        self._index = pool(judgement.case)
        self._paths = {each: self._path(each) for each in self.shown if each.leaf is not None}
        self._held: dict[str, list[tuple[Peer, Located]]] = {}
        for peer in judgement.plan.peers:
            for located in self.known[peer.number].certificates if peer.number in self.known else ():
                self._held.setdefault(located.certificate.sha256, []).append((peer, located))
        self._has = {sha256: {peer.number for peer, _ in have} for sha256, have in self._held.items()}

    def _path(self, each: ShownCertificate) -> tuple[Certificate, ...]:
        """The chain above a certificate; one signed by itself is its own root."""
        leaf = each.leaf
        if leaf is None:
            return ()
        return (leaf,) if leaf.self_issued else best_path(self._index, leaf, self.judgement.at)

    @property
    def count(self) -> int:
        """How many different CAs the lists hold."""
        return len(self._held)

    @cached_property
    def rows(self) -> tuple[_Row, ...]:
        """The CAs that matter: those of the chains, those named and absent, then those that are odd or not shared."""
        return (*self._chained(), *self._named(), *self._others())

    def _chained(self) -> Iterator[_Row]:
        chained = {ca.sha256: ca for path in self._paths.values() for ca in path}
        for ca in sorted(chained.values(), key=lambda ca: (ca.self_issued, ca_name(ca), ca.sha256)):
            yield self._row(ca)

    def _named(self) -> Iterator[_Row]:
        """The issuers that no list has."""
        found: dict[bytes, tuple[str, list[ShownCertificate]]] = {}
        for each, path in self._paths.items():
            last = path[-1] if path else each.leaf
            if last is not None and not last.self_issued:
                found.setdefault(last.issuer_key, (last.issuer, []))[1].append(each)
        for name, above in sorted(found.values(), key=lambda each: each[0]):
            every = len(self.known) == len(self.judgement.plan.peers)
            words = "in no list" if every else "in no list that was given"
            yield _Row(name, None, tuple(above), remarks=(Words(words, Tone.BAD if every else Tone.OPEN),))

    def _others(self) -> Iterator[_Row]:
        chained = {ca.sha256 for path in self._paths.values() for ca in path}
        namesakes = self._namesakes
        used = in_use(self.judgement.case)
        issuers = {each.issuer_key for each in used.values()}
        odd: list[tuple[int, str, Certificate]] = []
        for sha256, have in self._held.items():
            ca = have[0][1].certificate
            if sha256 in chained:
                continue
            reasons = (
                ca.subject_key in issuers or sha256 in used,
                ca.subject_der in namesakes,
                is_end_certificate(ca) and not ca.self_issued,
                validity_state(ca, self.judgement.at) in {ValidityState.EXPIRED, ValidityState.FUTURE},
                len(have) != len(self.known),
                ca.is_ca is None,
            )
            if any(reasons):
                odd.append((reasons.index(True), ca_name(ca), ca))
        for _, _, ca in sorted(odd, key=lambda each: (*each[:2], each[2].sha256)):
            yield self._row(ca)

    @cached_property
    def _namesakes(self) -> frozenset[bytes]:
        """The subjects that stand in one list with different keys."""
        found: set[bytes] = set()
        for each in self.known.values():
            keys: dict[bytes, set[str]] = {}
            for located in each.certificates:
                ca = located.certificate
                keys.setdefault(ca.subject_der, set()).add(ca.sha256 if ca.key is None else ca.key.sha256)
            found |= {subject for subject, different in keys.items() if len(different) > 1}
        return frozenset(found)

    def _row(self, ca: Certificate) -> _Row:
        above = tuple(each for each, path in self._paths.items() if any(ca.sha256 == other.sha256 for other in path))
        return _Row(
            ca_name(ca), ca, above, tuple(self._held.get(ca.sha256, ())), tuple(self._remarks(ca, in_chain=bool(above)))
        )

    def _remarks(self, ca: Certificate, *, in_chain: bool) -> Iterator[Words]:
        judgement = self.judgement
        if ca.subject_der in self._namesakes:
            yield Words(
                "another CA of this name is in a list", Tone.WARN, _link(judgement, *Topic.CA_OF_SAME_NAME.value)
            )
        if is_end_certificate(ca) and not ca.self_issued:
            yield Words("no CA", Tone.WARN, _link(judgement, *Topic.NOT_A_CA.value))
        elif ca.is_ca is None and ca.sans is not None and not is_end_certificate(ca):
            yield Words("without basicConstraints", Tone.WARN, _link(judgement, *Topic.CA_WITHOUT_CONSTRAINTS.value))
        if not in_chain and not is_end_certificate(ca):
            yield Words("above no peer's certificate", Tone.QUIET)

    # --- one cell -----------------------------------------------------------------------------------------------------

    def cell(self, row: _Row, peer: Peer) -> Cell:
        """Whether `peer` has the CA, and whether it needs it."""
        trusted = self.judgement.evidence.peers[peer.number - 1].trust
        if isinstance(trusted, Missing):
            return (_UNKNOWN,)
        if row.certificate is not None and peer.number in self._has.get(row.certificate.sha256, ()):
            return (Words("yes", Tone.GOOD if row.above else Tone.PLAIN),)
        for outcome in (Outcome.FAIL, Outcome.UNKNOWN):
            owner = [each for each in row.above if self._is_missing(row, peer, each, outcome)]
            if owner:
                of = named(each.peer for each in owner)
                if outcome is Outcome.UNKNOWN:
                    return cell(_UNKNOWN, Words(f"absent, and {of} may send it", Tone.QUIET))
                ident = _link(self.judgement, *Topic.CA_NOT_TRUSTED.value, of=peer)
                return cell(Words("missing", Tone.BAD, ident), Words(f"to verify {of}", Tone.QUIET))
        sent = row.certificate is not None and row.above and not row.certificate.self_issued
        return cell("absent", "not needed: peers send it" if sent else "", tone=Tone.QUIET)

    def missing(self, row: _Row, peer: Peer) -> bool:
        return any(words.tone is Tone.BAD for words in self.cell(row, peer))

    def _is_missing(self, row: _Row, peer: Peer, each: ShownCertificate, outcome: Outcome) -> bool:
        """Whether `peer` fails to verify this certificate for want of the CA, which its presenter does not send."""
        step = self._step(peer, each)
        if step is None or step.outcome is not outcome or step.cause not in _MISSING:
            return False
        ca = row.certificate
        return ca is None or ca.self_issued or each.peer.number not in self._has.get(ca.sha256, ())

    def _step(self, peer: Peer, each: ShownCertificate) -> Step | None:
        steps = self.judgement.matrix.between(peer, each.peer).steps
        return next((step for step in steps if step.name is StepName.TRUST and step.store is each.store), None)

    @cached_property
    def failure(self) -> str:
        """The first thing besides an absent CA for which a peer does not trust a certificate, in a few words."""
        found = self._causes
        return next((words for cause, words in _FAILURES.items() if (cause, Outcome.FAIL) in found), "")

    @cached_property
    def _causes(self) -> frozenset[tuple[Cause | None, Outcome]]:
        return frozenset(
            (step.cause, step.outcome)
            for handshake in self.judgement.matrix.handshakes
            for step in handshake.steps
            if step.name in {StepName.TRUST, StepName.REVOCATION}
        )

    @property
    def unsure(self) -> int:
        """How many lists, CRLs and certificates are not known or of no use."""
        absent = len(self.judgement.plan.peers) - len(self.known)
        crls = sum(isinstance(found.crls, Missing) for found in self.judgement.evidence.peers)
        unused = any(cause is Cause.CRL_UNUSABLE for cause, _ in self._causes) and not crls
        return absent + crls + unused + sum(each.leaf is None for each in self.shown)


def _link(judgement: Judgement, *codes: str, of: Peer | None = None) -> str:
    words = finding_links(judgement, codes, *(() if of is None else (of.address,)))
    return next((each.link for each in words if each.link), "")


# --- words ------------------------------------------------------------------------------------------------------------


def _about(lists: _Lists, row: _Row) -> Cell:
    ca, at = row.certificate, lists.judgement.at
    signs = Words(f"above {named(each.peer for each in row.above)}", Tone.QUIET) if row.above else ""
    if ca is None:
        return cell(row.name, "issuer named in a certificate", *row.remarks, signs)
    words = left(ca, at)
    ending = Words(f"{words.text}, until {day(ca.not_after)}", Tone.QUIET if words.tone is Tone.PLAIN else words.tone)
    return cell(row.name, _kind(ca), ending, *row.remarks, signs, Words(f"SHA-256 {ca.sha256[:16]}…", Tone.QUIET))


def _kind(ca: Certificate) -> str:
    if is_end_certificate(ca):
        return "self-signed certificate" if ca.self_issued else "end certificate"
    return "root CA" if ca.self_issued else "intermediate CA"


def _rest(lists: _Lists, rows: int) -> str:
    """What the table leaves out."""
    if not lists.known:
        return "No trusted CA list was given."
    shown_ = sum(row.certificate is not None and bool(row.where) for row in lists.rows[:rows])
    rest, cut = lists.count - shown_, len(lists.rows) - rows
    if cut > 0:
        return f"{counted(rest, 'more CA')} not shown, {cut} of them odd, or not in every list."
    if not rest:
        return f"The lists hold {counted(lists.count, 'CA')}; all are shown."
    where = "every list has" if len(lists.known) > 1 else "the list has"
    return f"Not shown: {counted(rest, 'more CA')} that {where} and that play no part in the cluster's links."


def _note(lists: _Lists, rows: Iterable[_Row]) -> tuple[str, Tone]:
    absent = sum(lists.missing(row, peer) for row in rows for peer in lists.judgement.plan.peers)
    if absent:
        return f"{absent} missing", Tone.BAD
    if lists.failure:
        return lists.failure, Tone.BAD
    if lists.unsure:
        return f"not verified: {lists.unsure}", Tone.OPEN
    return "complete", Tone.GOOD


def _problems(judgement: Judgement) -> Iterator[Block]:
    """What is not known of the lists, what is broken in them, and what is there twice."""
    unknown: list[Words] = []
    found: dict[str, None] = {}
    for peer, evidence in zip(judgement.plan.peers, judgement.evidence.peers, strict=True):
        trusted = evidence.trust
        if isinstance(trusted, Missing):
            unknown.append(Words(f"{numbered(peer)}: not verified: {trusted.why}", Tone.OPEN))
            continue
        found |= dict.fromkeys(f"{problem.where}: {problem.what}" for problem in trusted.problems)
        found |= dict.fromkeys(
            f"{each.where}: {ca_name(each.certificate)} is there twice" for each in trusted.duplicates
        )
    if unknown:
        yield Points(tuple(unknown))
    if found:
        lines = [Words(text, Tone.WARN) for text in list(found)[:_MOST]]
        if len(found) > _MOST:
            lines.append(Words(f"and {len(found) - _MOST} more", Tone.QUIET))
        yield Points(tuple(lines))


def _details(rows: Iterable[_Row]) -> Fold:
    """Fingerprints and places, for those who load the CAs."""
    body = []
    for row in rows:
        if row.certificate is not None:
            ca = row.certificate
            places = [Words(f"{numbered(peer, 14)}: {located.where}", Tone.QUIET) for peer, located in row.where[:6]]
            valid = cell(f"from {day(ca.not_before)}", f"until {day(ca.not_after)}")
            body.append((cell(row.name), cell(ca.sha256, code=True), valid, cell(*places)))
    table = Table.of("CAs by fingerprint", ("CA", "SHA-256 fingerprint", "Valid", "Where it is"), body)
    return Fold("trust-list-details", Words("Fingerprints and places"), (table,), open=False)


def _crls(judgement: Judgement) -> Iterator[Block]:
    crls: dict[bytes, tuple[Crl, list[Peer]]] = {}
    unknown: list[Words] = []
    for peer, evidence in zip(judgement.plan.peers, judgement.evidence.peers, strict=True):
        if isinstance(evidence.crls, Missing):
            unknown.append(Words(f"CRLs of {numbered(peer)}: not verified: {evidence.crls.why}", Tone.OPEN))
            continue
        for crl in evidence.crls:
            crls.setdefault(crl.der, (crl, []))[1].append(peer)
    if unknown:
        yield Points(tuple(unknown))
    if crls:
        rows = [_crl(judgement, crl, peers) for crl, peers in list(crls.values())[:_MOST_ROWS]]
        yield Table.of("CRLs", ("Issuer", "On", "Next update", "Revoked"), rows)
    elif not unknown:
        yield Prose("The plan names no CRLs, so nothing is said of revocation.", Tone.QUIET)


def _crl(judgement: Judgement, crl: Crl, peers: list[Peer]) -> tuple[Cell, ...]:
    at = judgement.at
    if crl.next_update is None:
        following = Words("none stated", Tone.QUIET)
    elif at >= second_after(crl.next_update):
        following = Words(f"expired {day(crl.next_update)}", Tone.BAD, _link(judgement, *Topic.CRL_EXPIRED.value))
    else:
        following = Words(day(crl.next_update))
    revoked = [
        Words(
            f"{numbered(each.peer)}, {each.store} certificate: revoked",
            Tone.BAD,
            _link(judgement, *Topic.REVOKED.value),
        )
        for each in shown(judgement)
        if each.leaf is not None and each.leaf.issuer_key == crl.issuer_key and each.leaf.serial in crl.revoked
    ]
    unusable = any(
        step.cause is Cause.CRL_UNUSABLE and step.ca is not None and step.ca.subject_key == crl.issuer_key
        for handshake in judgement.matrix.handshakes
        for step in handshake.steps
    )
    return (
        cell(crl.issuer, plan_line(judgement, crl.where) or ""),
        cell(named(peers)),
        cell(following, Words(f"issued {day(crl.last_update)}", Tone.QUIET)),
        cell(counted(len(crl.revoked), "certificate"), *revoked, *([_UNKNOWN] if unusable else [])),
    )
