"""Does a chain lead from a presenter's certificate to a root that a verifier trusts?

The verdict is OpenSSL's own (pyOpenSSL `X509Store`), because that is what the appliance runs; the diagnosis is ours,
because OpenSSL names only the first error and never what would mend it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256

from OpenSSL import crypto

from certplan.evidence.model import Certificate
from certplan.handshake.model import Cause
from certplan.text.names import show

__all__ = ["NEVER", "Chain", "TrustIndex", "Truster", "lapse", "name_key", "second_after"]

NEVER = datetime.max.replace(tzinfo=UTC)
_EXPIRED, _NOT_YET_VALID = 10, 9
_ISSUER_NOT_FOUND = frozenset({2, 19, 20, 21})
_SELF_SIGNED_LEAF = 18
_SIGNATURE_FAILURE = 7
_NOT_A_CA = frozenset({24, 25, 32, 79})
_LONGEST_CHAIN = 20


@dataclass(frozen=True, slots=True)
class Chain:
    """What OpenSSL makes of one certificate before one trusted CA list at one time."""

    trusted: bool
    path: tuple[Certificate, ...]
    """From the leaf up; to the root when trusted, else as far as issuers were found."""
    code: int = 0
    depth: int = 0
    text: str = "ok"
    cause: Cause | None = None
    failing: Certificate | None = None
    """The certificate at which it failed."""
    holds_until: datetime | None = None
    """When another answer is possible; None: never, as for a certificate that has lapsed."""


def lapse(certificate: Certificate) -> datetime:
    """The first second at which the certificate is no longer valid (RFC 5280 section 4.1.2.5: inclusive)."""
    return second_after(certificate.not_after)


def second_after(moment: datetime) -> datetime:
    """The next second; `NEVER` stands for what lies beyond the last one, as after 99991231235959Z (RFC 5280)."""
    return NEVER if moment >= NEVER - timedelta(seconds=1) else moment + timedelta(seconds=1)


def name_key(name: str) -> str:
    """Names that OpenSSL holds equal (letter case, runs of blanks and string types aside) share this key."""
    return " ".join(name.casefold().split())


class TrustIndex:
    """A trusted CA list by subject, so that 1000 CAs cost no more than the few on a path."""

    __slots__ = ("_by_subject",)

    def __init__(self, certificates: Iterable[Certificate]) -> None:
        by_subject: dict[str, list[Certificate]] = {}
        for certificate in certificates:
            by_subject.setdefault(name_key(certificate.subject), []).append(certificate)
        self._by_subject: Mapping[str, list[Certificate]] = by_subject

    def issuers(self, certificate: Certificate) -> Sequence[Certificate]:
        """Those whose subject is the issuer of `certificate`."""
        return self._by_subject.get(name_key(certificate.issuer), ())

    def called(self, name: str) -> Sequence[Certificate]:
        """Those of this subject."""
        return self._by_subject.get(name_key(name), ())

    def above(self, leaf: Certificate, *others: "TrustIndex") -> tuple[Certificate, ...]:
        """Every certificate of this list that could stand above `leaf`, ways through `others` included."""
        found: dict[str, Certificate] = {}
        seen = {leaf.sha256}
        ways = [leaf]
        while ways:
            certificate = ways.pop(0)
            if certificate.self_issued and certificate is not leaf:
                continue
            for index in (self, *others):
                for issuer in index.issuers(certificate):
                    if index is self:
                        found.setdefault(issuer.sha256, issuer)
                    if issuer.sha256 not in seen:
                        seen.add(issuer.sha256)
                        ways.append(issuer)
        return tuple(found.values())


@lru_cache(maxsize=4096)
def _openssl(der: bytes) -> crypto.X509:
    return crypto.load_certificate(crypto.FILETYPE_ASN1, der)


class Truster:
    """Answers trust questions, asking OpenSSL once for each that differs."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, TrustIndex, TrustIndex | None], _Question] = {}
        self._questions: dict[tuple[tuple[str, ...], ...], _Question] = {}

    def chain(self, leaf: Certificate, trusted: TrustIndex, own: TrustIndex | None, at: datetime) -> Chain:
        """Judge `leaf` before the list `trusted` at the time `at`.

        The presenter sends those intermediates that stand in its `own` list (None when that list is not known);
        the verifier adds what its own list has. Only a self-signed root in `trusted` ends a chain.
        """
        asked = (leaf.sha256, trusted, own)
        if asked not in self._asked:
            sent = () if own is None else tuple(c for c in own.above(leaf) if not c.self_signed)
            anchors = trusted.above(leaf, TrustIndex(sent))
            # Lists that differ only in CAs of others put the same question.
            alike = tuple(tuple(c.sha256 for c in certificates) for certificates in ((leaf,), anchors, sent))
            self._asked[asked] = self._questions.setdefault(alike, _Question(leaf, anchors, sent))
        return self._asked[asked].answer(at)


class _Question:
    """One certificate with all that could stand above it, and what OpenSSL has said of it so far."""

    def __init__(self, leaf: Certificate, anchors: Sequence[Certificate], sent: Sequence[Certificate]) -> None:
        self._certificates = (leaf, anchors, sent)
        self._answers: list[tuple[datetime, Chain]] = []

    def answer(self, at: datetime) -> Chain:
        for since, chain in self._answers:
            if since <= at and (chain.holds_until is None or at < chain.holds_until):
                return chain
        chain = _ask(*self._certificates, at)
        self._answers.append((at, chain))
        return chain


def _ask(leaf: Certificate, anchors: Sequence[Certificate], sent: Sequence[Certificate], at: datetime) -> Chain:
    store = crypto.X509Store()
    # pyOpenSSL drops the zone of the time it is given, so it has to be UTC.
    store.set_time(at.astimezone(UTC).replace(tzinfo=None))
    try:
        for certificate in anchors:
            store.add_cert(_openssl(certificate.der))
        context = crypto.X509StoreContext(store, _openssl(leaf.der), [_openssl(c.der) for c in sent])
    except (crypto.Error, ValueError) as error:
        return Chain(trusted=False, path=(leaf,), code=1, text=show(str(error)), cause=Cause.CHAIN_REFUSED)
    known = {certificate.sha256: certificate for certificate in (leaf, *anchors, *sent)}
    try:
        verified = context.get_verified_chain()
    except crypto.X509StoreContextError as error:
        code, depth, text = error.errors
        failing = known.get(_sha256(error.certificate))
        path = _walk(leaf, TrustIndex((*anchors, *sent)))
        return Chain(
            trusted=False,
            path=path,
            code=code,
            depth=depth,
            text=text,
            cause=_cause(code, depth, path[-1], (*anchors, *sent)),
            failing=failing,
            holds_until=None if at >= lapse(leaf) else _next_date((leaf, *anchors, *sent), at),
        )
    path = tuple(known[_sha256(certificate)] for certificate in verified)
    return Chain(trusted=True, path=path, holds_until=min(lapse(certificate) for certificate in path))


def _sha256(certificate: crypto.X509) -> str:
    return sha256(crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate)).hexdigest()


def _walk(leaf: Certificate, pool: TrustIndex) -> tuple[Certificate, ...]:
    path = [leaf]
    while len(path) < _LONGEST_CHAIN and not path[-1].self_issued:
        issuer = next((c for c in pool.issuers(path[-1]) if c not in path and _key_ids_agree(path[-1], c)), None)
        if issuer is None:
            break
        path.append(issuer)
    return tuple(path)


def _key_ids_agree(certificate: Certificate, issuer: Certificate) -> bool:
    wanted, offered = certificate.authority_key_id, issuer.subject_key_id
    return wanted is None or offered is None or wanted == offered


def _cause(code: int, depth: int, last: Certificate, pool: Sequence[Certificate]) -> Cause:
    if code == _EXPIRED:
        return Cause.LAPSED if depth == 0 else Cause.CA_LAPSED
    if code == _NOT_YET_VALID:
        return Cause.NOT_YET_VALID if depth == 0 else Cause.CA_NOT_YET_VALID
    if code == _SELF_SIGNED_LEAF:
        return Cause.SELF_SIGNED
    if code == _SIGNATURE_FAILURE:
        return Cause.SAME_NAME_OTHER_KEY
    if code in _NOT_A_CA:
        return Cause.NOT_A_CA
    if code in _ISSUER_NOT_FOUND:
        namesakes = [c for c in pool if name_key(c.subject) == name_key(last.issuer) and c is not last]
        return Cause.SAME_NAME_OTHER_KEY if namesakes else Cause.ISSUER_NOT_TRUSTED
    return Cause.CHAIN_REFUSED


def _next_date(certificates: Iterable[Certificate], at: datetime) -> datetime | None:
    dates = (date for c in certificates for date in (c.not_before, lapse(c)) if date > at)
    return min(dates, default=None)
