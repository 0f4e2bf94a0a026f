"""The certificates: required names and those present, roles, days left, chain, and what the peers make of them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from certplan.evidence.model import Certificate, CertificateFile, Missing, PeerEvidence, SanKind
from certplan.handshake.credentials import SERVER_AUTH, needed_roles
from certplan.handshake.model import Cause, StepName, Store, worst
from certplan.handshake.trust import TrustIndex
from certplan.intent.names import NameFor
from certplan.judgement import Judgement
from certplan.outcomes import Outcome
from certplan.plan.model import Peer
from certplan.report.cards import finding_ident
from certplan.report.document import Block, Cell, Facts, Fold, Points, Prose, Section, Table, Tone, Words, cell
from certplan.report.review.links import plan_line
from certplan.report.review.parts.certificate_names import ExplainedName, not_required, presence, required_names
from certplan.report.review.parts.merging import merged
from certplan.report.review.parts.shown import (
    Findings,
    ShownCertificate,
    ValidityState,
    ca_name,
    concerns,
    findings_about,
    left,
    link_to,
    named,
    numbered,
    shown,
    tone_of,
    validity_state,
    verifiers,
)
from certplan.rules.model import Finding
from certplan.rules.support.chains import best_path, pool
from certplan.rules.topics import Topic
from certplan.text.words import counted, day
from certplan.value import Value

__all__ = ["certificates"]

_MOST = 12
"""Lines of one list."""
_DATES = frozenset({Cause.EXPIRED, Cause.NOT_YET_VALID})
_NOT_KNOWN = Words("not verified", Tone.OPEN)


def certificates(judgement: Judgement) -> Section:
    """The section on the peers' certificates: a table to compare them by, then each with everything known of it."""
    authorities = pool(judgement.case)
    views = [_View.of(judgement, authorities, each) for each in shown(judgement)]
    note, tone = _note(views)
    blocks: list[Block] = [
        Prose("Which certificate each peer shows on cluster links, and what the other peers make of it under Enforce."),
        Table.of(
            "Certificates compared",
            ("Certificate", "Names", "Roles", "Validity", "Issuer", "State"),
            merged([(each.shown, _row(each)) for each in views]),
        ),
    ]
    blocks += [_fold(each) for each in views]
    return Section("certificates", "Certificates", tuple(blocks), note, tone)


class _View(Value):
    """One certificate with all that the judgement has to say of it."""

    judgement: Judgement
    shown: ShownCertificate
    found: Findings
    path: tuple[Certificate, ...]
    """The CAs above it, as far as any peer's list has them."""
    names: tuple[tuple[ExplainedName, Words], ...]
    """The names wanted, each with what the certificate has of it."""

    @classmethod
    def of(cls, judgement: Judgement, authorities: TrustIndex, each: ShownCertificate) -> "_View":
        found, leaf = findings_about(judgement, each), each.leaf
        path = () if leaf is None else best_path(authorities, leaf, judgement.at)
        required = required_names(judgement.plan, each.peer)
        names = () if leaf is None else tuple((name, presence(leaf, name, found)) for name in required)
        return cls(judgement, each, found, path, names)

    @property
    def evidence(self) -> PeerEvidence:
        return self.judgement.evidence.peers[self.shown.peer.number - 1]

    @property
    def outcome(self) -> Outcome:
        """The worst that any peer makes of it."""
        return worst(step.outcome for _, steps in verifiers(self.judgement, self.shown) for step in steps)

    @property
    def missing(self) -> tuple[tuple[ExplainedName, Words], ...]:
        return tuple(each for each in self.names if each[1].tone is not Tone.GOOD)

    @property
    def refusals(self) -> Findings:
        """The findings that say why peers refuse it, also where their own list or the mapping is at fault."""
        judgement, own = self.judgement, self.shown.peer.address
        required = {
            (code, address)
            for verifier, steps in verifiers(judgement, self.shown)
            for step in steps
            if step.cause is not None and step.outcome is Outcome.FAIL
            for code in judgement.codes(step.cause)
            for address in (own, verifier.address)
        }
        return tuple(
            (finding_ident(number), finding)
            for number, finding in enumerate(judgement.findings)
            if finding.outcome is Outcome.FAIL
            and any((finding.code, address) in required for address in finding.subject.peers)
            and own in (*finding.subject.peers[:1], *finding.about.presenters)
            and concerns(finding, self.shown)
        )

    @property
    def every(self) -> Findings:
        """All findings about it, each once."""
        return tuple({**dict(self.found), **dict(self.refusals)}.items())

    def link(self, *codes: str) -> tuple[str, Tone]:
        return link_to(self.found, *codes)


# --- the section's note and table ----------------------------------------------------------------------------------


def _note(views: Iterable[_View]) -> tuple[str, Tone]:
    """The worst there is to say of all certificates, in a few words."""
    every = tuple(views)
    at = every[0].judgement.at
    leaves = [each.shown.leaf for each in every if each.shown.leaf is not None]
    stand = [validity_state(leaf, at) for leaf in leaves]
    outcomes = [each.outcome for each in every]
    weights = [{tone_of(finding) for _, finding in each.found} for each in every]
    for count, words, tone in (
        (stand.count(ValidityState.EXPIRED), "expired", Tone.BAD),
        (stand.count(ValidityState.FUTURE), "not yet valid", Tone.BAD),
        (outcomes.count(Outcome.FAIL), "rejected", Tone.BAD),
        (sum(Tone.BAD in weight for weight in weights), "with errors", Tone.BAD),
        (outcomes.count(Outcome.UNKNOWN), "not verified", Tone.OPEN),
    ):
        if count:
            return (f"{words}: {count}" if tone is Tone.OPEN else f"{count} {words}"), tone
    if ValidityState.SOON in stand or ValidityState.AHEAD in stand:
        first = left(min(leaves, key=lambda leaf: leaf.not_after), at)
        return first.text, first.tone
    if warned := sum(Tone.WARN in weight for weight in weights):
        return f"{warned} with warnings", Tone.WARN
    return "all valid", Tone.GOOD


def _row(view: _View) -> tuple[Cell, ...]:
    each, leaf = view.shown, view.shown.leaf
    head = cell(Words(numbered(each.peer), link=each.ident), Words(f"{each.store} certificate", Tone.QUIET))
    if leaf is None:
        missing = each.file
        why = missing.why if isinstance(missing, Missing) else ""
        return (head, *((_NOT_KNOWN,) for _ in range(4)), cell(_NOT_KNOWN, Words(why, Tone.QUIET)))
    validity = cell(left(leaf, view.judgement.at), Words(f"until {day(leaf.not_after)}", Tone.QUIET))
    return head, _names_cell(view, leaf), _roles(view, leaf), validity, _issuer_cell(view, leaf), _state(view)


def _names_cell(view: _View, leaf: Certificate) -> Cell:
    if leaf.sans is None:
        return cell(_NOT_KNOWN, Words("its names cannot be read", Tone.QUIET))
    there = len(view.names) - len(view.missing)
    lines = [Words(f"{there} of {len(view.names)} required", Tone.GOOD if not view.missing else Tone.PLAIN)]
    lines += [Words(f"{each.name}: {words.text}", words.tone, words.link) for each, words in view.missing]
    return cell(*_bounded(lines, 5))


def _bounded(lines: list[Words], most: int = _MOST) -> list[Words]:
    more = len(lines) - most
    return lines if more <= 0 else [*lines[:most], Words(f"and {more} more", Tone.QUIET)]


def _issuer_cell(view: _View, leaf: Certificate) -> Cell:
    if leaf.self_issued:
        return cell("itself", Words("self-signed" if leaf.self_signed else "self-issued", Tone.WARN))
    return cell(ca_name(view.path[0]) if view.path else leaf.issuer, _chain_end(view, leaf))


def _chain_end(view: _View, leaf: Certificate) -> Words:
    """Where the chain leads, in a line."""
    last = (leaf, *view.path)[-1]
    if last.self_issued:
        return Words(f"root {ca_name(last)}", Tone.QUIET)
    if any(isinstance(found.trust, Missing) for found in view.judgement.evidence.peers):
        return Words("not verified: no list that was given has its issuer", Tone.OPEN)
    codes = set(Topic.CA_MISSING.value)
    named = (
        finding_ident(number)
        for number, finding in enumerate(view.judgement.findings)
        if finding.code in codes and finding.outcome is Outcome.FAIL and finding.about.ca == last.issuer
    )
    return Words(f"no list has {last.issuer}", Tone.BAD, next(named, ""))


def _state(view: _View) -> Cell:
    codes: dict[str, Words] = {}
    for ident, finding in sorted(view.every, key=lambda each: each[1].severity.rank):
        tone = tone_of(finding)
        if tone is not Tone.PLAIN:
            waived = ", waived" if finding.waived is not None else ""
            codes.setdefault(finding.code, Words(f"{finding.code} {finding.severity}{waived}", tone, ident))
    return cell(*_bounded([_acceptance(view), *codes.values()], 6))


def _acceptance(view: _View) -> Words:
    """Who accepts the certificate, the way to it and all else aside."""
    judged = [(peer, worst(step.outcome for step in steps)) for peer, steps in verifiers(view.judgement, view.shown)]
    refusing = [peer for peer, outcome in judged if outcome is Outcome.FAIL]
    if refusing:
        return Words(f"rejected by {_those(refusing, len(judged))}", Tone.BAD)
    unsure = [peer for peer, outcome in judged if outcome is Outcome.UNKNOWN]
    if unsure:
        return Words(f"not verified by {_those(unsure, len(judged))}", Tone.OPEN)
    return Words("accepted by all peers" if len(judged) > 1 else "accepted", Tone.GOOD)


def _those(peers: Sequence[Peer], of: int) -> str:
    return "all peers" if len(peers) == of > 1 else named(peers)


# --- one certificate --------------------------------------------------------------------------------------------------


def _fold(view: _View) -> Fold:
    each, leaf = view.shown, view.shown.leaf
    owner = f"{each.peer.number} {each.peer.address}, {each.store} certificate"
    title = Words(f"{owner}: {_acceptance(view).text}", Tone.of(view.outcome))
    if leaf is None or not isinstance(each.file, CertificateFile):
        missing = each.file if isinstance(each.file, Missing) else Missing("", "", "")
        lines = cell(_NOT_KNOWN, missing.why, plan_line(view.judgement, missing.where) or "")
        return Fold(each.ident, title, (Facts((("Certificate", lines), ("Fix", cell(missing.remedy)))),))
    blocks: list[Block] = [Facts(tuple(_facts(view, each.file, leaf)))]
    if view.every:
        blocks.append(Points(tuple(_bounded([_point(each.peer, *found) for found in view.every]))))
    rows = list(_name_rows(view, leaf))
    if rows:
        blocks.append(Table.of(f"Names of {numbered(each.peer)}", ("Name", "Required as", "In the certificate"), rows))
    return Fold(each.ident, title, tuple(blocks), open=view.outcome is not Outcome.PASS)


def _point(owner: Peer, ident: str, finding: Finding) -> Words:
    """A finding by its title, with its subject where that is not the certificate's own peer."""
    about = "" if owner.address in finding.subject.peers[:1] else f": {finding.subject.name}"
    waived = " (waived)" if finding.waived is not None else ""
    return Words(f"{finding.code} {finding.rule.title}{about}{waived}", tone_of(finding), ident)


def _facts(view: _View, file: CertificateFile, leaf: Certificate) -> Iterator[tuple[str, Cell]]:
    at = view.judgement.at
    yield "State", cell(_acceptance(view), left(leaf, at))
    cn = cell(*leaf.common_names[:_MOST], code=True) or cell(_linked("none", view.link(*Topic.CN_MISSING.value)))
    yield "Common name", cn
    yield "Subject", cell(leaf.subject or "empty", code=bool(leaf.subject))
    yield "Valid", cell(f"from {_moment(leaf.not_before)}", f"until {_moment(leaf.not_after)}")
    yield "Roles", _roles(view, leaf)
    yield "Key", _key(view, leaf)
    yield "Chain", _chain(view, leaf)
    yield "Trusted by", _trusted_by(view)
    yield "Serial number", cell(leaf.serial, code=True)
    yield "SHA-256 fingerprint", cell(leaf.sha256, code=True)
    place = plan_line(view.judgement, file.where)
    others = f"holds {counted(len(file.others), 'further certificate')}" if file.others else ""
    ident, tone = view.link(*Topic.FILE_HOLDS_MORE.value)
    yield "File", cell(place or file.file, Words(others, tone, ident) if others else "")
    if view.shown.store is Store.SERVER:
        yield "Private key", _private_key(view, leaf)
    if leaf.defects:
        yield "Defects", cell(*_bounded([Words(defect, Tone.WARN) for defect in leaf.defects]))
    if file.problems:
        problems = [Words(f"{problem.where}: {problem.what}", Tone.WARN) for problem in file.problems]
        yield "Problems of the file", cell(*_bounded(problems))


def _linked(text: str, link: tuple[str, Tone]) -> Words:
    return Words(text, link[1], link[0])


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _roles(view: _View, leaf: Certificate) -> Cell:
    """The extended key usages it has, and those required that it, or a CA above it, does not have."""
    if leaf.sans is None:
        return cell(_NOT_KNOWN, Words("its extensions cannot be read", Tone.QUIET))
    lines = [Words(usage) for usage in leaf.eku or ()] or [Words("any: it names none", Tone.QUIET)]
    peer, store, peers = view.shown.peer, view.shown.store, view.judgement.plan.peers
    needed = dict.fromkeys(role for verifier in peers for role in needed_roles(verifier, peer, store))
    for role in needed:
        if leaf.eku is not None and role not in leaf.eku:
            missing_role = Topic.SERVER_ROLE_MISSING if role == SERVER_AUTH else Topic.CLIENT_ROLE_MISSING
            ident, _ = view.link(*missing_role.value, *Topic.CA_ROLE_MISSING.value)
            lines.append(Words(f"{role} missing", Tone.BAD, ident))
    if any(step.cause is Cause.CA_ROLE_MISSING for _, steps in verifiers(view.judgement, view.shown) for step in steps):
        lines.append(Words("a CA above does not allow them", Tone.BAD, view.link(*Topic.CA_ROLE_MISSING.value)[0]))
    return cell(*_bounded(lines))


def _key(view: _View, leaf: Certificate) -> Cell:
    key_ident, key_tone = view.link(*Topic.KEY_WEAK.value)
    name = leaf.key.name if leaf.key is not None else "not verified: the key cannot be read"
    hash_ident, hash_tone = view.link(*Topic.HASH_WEAK.value)
    digest = f"signed with {_hash(leaf.signature_hash)}" if leaf.signature_hash else "signed without a hash of its own"
    return cell(
        Words(name, (key_tone if key_ident else Tone.PLAIN) if leaf.key else Tone.OPEN, key_ident),
        Words(digest, hash_tone if hash_ident else Tone.PLAIN, hash_ident),
    )


def _hash(name: str) -> str:
    """`SHA-256` for `sha256`."""
    return name.upper().replace("SHA", "SHA-") if name.startswith("sha") else name.upper()


def _chain(view: _View, leaf: Certificate) -> Cell:
    """The chain as a verifier with every peer's CAs would build it, the root last."""
    at = view.judgement.at
    lines = [Words("this certificate")]
    for ca in view.path:
        kind = "root CA" if ca.self_issued else "intermediate CA"
        words = left(ca, at)
        lines.append(Words(f"signed by the {kind} {ca_name(ca)}, until {day(ca.not_after)}: {words.text}", words.tone))
    if leaf.self_issued:
        lines.append(Words("signed by itself", Tone.WARN, view.link(*Topic.SELF_SIGNED.value)[0]))
    elif not view.path or not view.path[-1].self_issued:
        lines.append(_chain_end(view, leaf))
    return cell(*lines)


def _trusted_by(view: _View) -> Cell:
    """Whose trusted CA list vouches for it."""
    judged = [
        (peer, step)
        for peer, steps in verifiers(view.judgement, view.shown)
        for step in steps
        if step.name is StepName.TRUST
    ]
    lines: list[Words] = []
    for outcome, by_date, words in (
        (Outcome.FAIL, False, "not trusted by"),
        (Outcome.FAIL, True, "rejected for its dates by"),
        (Outcome.UNKNOWN, False, "not verified by"),
        (Outcome.PASS, False, "trusted by"),
    ):
        peers = [peer for peer, step in judged if step.outcome is outcome and (step.cause in _DATES) is by_date]
        if peers:
            lines.append(Words(f"{words} {_those(peers, len(judged))}", Tone.of(outcome)))
    return cell(*lines)


def _private_key(view: _View, leaf: Certificate) -> Cell:
    file = view.evidence.key
    if isinstance(file, Missing):
        return cell(_NOT_KNOWN, Words(file.why, Tone.QUIET))
    lines = [Words(file.file, code=True)]
    if isinstance(file.key, Missing):
        lines.append(Words(f"not verified whether it belongs: {file.key.why}", Tone.OPEN))
    elif leaf.key is None:
        lines.append(Words("not verified whether it belongs: the key of the certificate cannot be read", Tone.OPEN))
    elif file.key.sha256 == leaf.key.sha256:
        lines.append(Words("belongs to the certificate", Tone.GOOD))
    else:
        lines.append(
            Words("does not belong to the certificate", Tone.BAD, view.link(*Topic.KEY_OF_OTHER_CERTIFICATE.value)[0])
        )
    if file.encrypted:
        lines.append(Words("protected by a password", Tone.BAD, view.link(*Topic.KEY_ENCRYPTED.value)[0]))
    if not file.final_newline:
        lines.append(Words("without its final newline", Tone.WARN, view.link(*Topic.KEY_WITHOUT_NEWLINE.value)[0]))
    return cell(*lines)


def _name_rows(view: _View, leaf: Certificate) -> Iterator[tuple[Cell, Cell, Cell]]:
    plan, peer = view.judgement.plan, view.shown.peer
    for required, words in view.names:
        own = f"Peer {peer.number} address"
        why = [own if reason is NameFor.ADDRESS else reason for reason in required.reasons]
        yield cell(required.name, code=True), cell(*why), (words,)
    others = list(not_required(plan, peer, leaf, [required for required, _ in view.names], view.found))
    for san, words in others[:_MOST]:
        kind = "" if san.kind is SanKind.DNS else f"{san.kind} name"
        yield cell(san.value, code=True), cell(Words("not required", Tone.QUIET)), cell(kind, words)
    if len(others) > _MOST:
        more = cell(Words(f"and {len(others) - _MOST} more names", Tone.QUIET))
        yield more, cell(Words("not required", Tone.QUIET)), cell(Words("not required names", Tone.QUIET))
