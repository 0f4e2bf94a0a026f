"""Which chain OpenSSL builds above a certificate, out of a trusted CA list and of what the other side sends.

This says only what is put together, never whether it is accepted: no signature is checked here. It follows
`X509_verify_cert` of OpenSSL 1.1.1 and later: at every step the trusted CA list is asked first, and once it has given
an issuer, what was sent is not looked at any more.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from certplan.evidence.model import Certificate

__all__ = ["NEVER", "TrustIndex", "build", "expiry", "may_have_issued", "rfc4514_key", "second_after", "self_signed"]

NEVER = datetime.max.replace(tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_LAST = NEVER - _SECOND
_LONGEST_CHAIN = 101


def expiry(certificate: Certificate) -> datetime:
    """The first second at which the certificate is no longer valid (RFC 5280 section 4.1.2.5: inclusive)."""
    return second_after(certificate.not_after)


def second_after(moment: datetime) -> datetime:
    """The next second; `NEVER` stands for what lies beyond the last one, as after 99991231235959Z (RFC 5280)."""
    return NEVER if moment >= _LAST else moment + _SECOND


def rfc4514_key(name: str) -> str:
    """A key for names that are known as RFC 4514 text alone; certificates and CRLs have keys of their own."""
    return " ".join(name.casefold().split())


class TrustIndex:
    """A trusted CA list by subject, so that 1000 CAs cost no more than the few on a path."""

    __slots__ = ("_by_subject",)

    def __init__(self, certificates: Iterable[Certificate]) -> None:
        by_subject: dict[bytes, list[Certificate]] = {}
        for certificate in certificates:
            by_subject.setdefault(certificate.subject_key, []).append(certificate)
        self._by_subject: Mapping[bytes, list[Certificate]] = by_subject

    def issuers(self, certificate: Certificate) -> Sequence[Certificate]:
        """Those whose subject is the issuer of `certificate`, in the order of the list."""
        return self._by_subject.get(certificate.issuer_key, ())

    def named(self, subject_key: bytes) -> Sequence[Certificate]:
        """Those of one subject, in the order of the list."""
        return self._by_subject.get(subject_key, ())

    def with_name(self, name: str) -> Sequence[Certificate]:
        """Those of one subject that is known as RFC 4514 text alone."""
        sought = rfc4514_key(name)
        return [ca for cas in self._by_subject.values() if rfc4514_key(cas[0].subject) == sought for ca in cas]

    def above(self, leaf: Certificate, *others: "TrustIndex") -> tuple[Certificate, ...]:
        """Every certificate of this list that could stand above `leaf`, ways through `others` included.

        Those of one subject keep the order of the list.
        """
        found: dict[str, Certificate] = {}
        seen = {leaf.sha256}
        pending = [leaf]
        while pending:
            certificate = pending.pop(0)
            if certificate.self_issued and certificate is not leaf:
                continue
            for index in (self, *others):
                for issuer in index.issuers(certificate):
                    if index is self:
                        found.setdefault(issuer.sha256, issuer)
                    if issuer.sha256 not in seen:
                        seen.add(issuer.sha256)
                        pending.append(issuer)
        return tuple(found.values())


def may_have_issued(issuer: Certificate, certificate: Certificate) -> bool:
    """Whether OpenSSL takes `issuer` for the issuer, its name being the right one: by key identifiers and algorithms.

    Source: RFC 5280 section 4.2.1.1; OpenSSL, `X509_check_issued`.
    """
    sought, offered = certificate.authority_key_id, issuer.subject_key_id
    if sought is not None and offered is not None and sought != offered:
        return False
    if certificate.authority_serial not in (None, issuer.serial):
        return False
    if certificate.authority_issuer_key not in (None, issuer.issuer_key):
        return False
    kind = certificate.signature_key
    return issuer.key is None or kind is None or issuer.key.kind is kind


def self_signed(certificate: Certificate) -> bool:
    """Whether OpenSSL takes a certificate for self-signed, where a chain ends; its signature is not looked at."""
    return certificate.self_issued and may_have_issued(certificate, certificate)


def build(leaf: Certificate, sent: Sequence[Certificate], trusted: TrustIndex, at: datetime) -> tuple[Certificate, ...]:
    """The chain that OpenSSL puts together: from `leaf` to a root of `trusted`, or as far as issuers are found.

    Args:
        leaf: the certificate at the bottom.
        sent: what the other side sends with it.
        trusted: the trusted CA list.
        at: the time: of several issuers the first one valid then is taken, or else the one that expires last.
    """
    path, rest = [leaf], list(sent)
    while len(path) < _LONGEST_CHAIN:
        top, ends = path[-1], self_signed(path[-1])
        issuer = _first_good(trusted.issuers(top), top, at)
        if issuer is not None and not ends:
            path.append(issuer)
            rest = []  # from here on only the trusted CA list counts
        elif ends or (issuer := _first_good(rest, top, at)) is None:
            break
        else:
            rest.remove(issuer)
            path.append(issuer)
    return tuple(path)


def _first_good(candidates: Iterable[Certificate], certificate: Certificate, at: datetime) -> Certificate | None:
    last: Certificate | None = None
    for candidate in candidates:
        if candidate.subject_key != certificate.issuer_key or not may_have_issued(candidate, certificate):
            continue
        if candidate.not_before <= at < expiry(candidate):
            return candidate
        if last is None or candidate.not_after > last.not_after:
            last = candidate
    return last
