"""Does a chain lead from a presenter's certificate to a root that a verifier trusts?

The verdict is OpenSSL's own (pyOpenSSL `X509Store`), because that is what the appliance runs, on what the presenter
really sends: the one chain that OpenSSL builds out of the presenter's own list. Where a list has several CAs of one
name it is asked again, once with the first of different keys alone, and for every order of those with one key.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice, pairwise, product
from typing import TYPE_CHECKING

from certplan.evidence.model import Certificate
from certplan.handshake.chains import NEVER, TrustIndex, build, expiry, rfc4514_key, second_after
from certplan.handshake.model import Cause
from certplan.text.names import show
from certplan.value import Value, replace

if TYPE_CHECKING:
    from OpenSSL import crypto

__all__ = ["NEVER", "Chain", "ChainVerifier", "TrustIndex", "expiry", "rfc4514_key", "second_after"]

_MOST_ORDERS = 64
_UNSPECIFIED, _NO_SIGNATURE_KEY, _SIGNATURE_FAILURE, _NOT_YET_VALID, _EXPIRED = 1, 6, 7, 9, 10
_EXPIRED_TEXT = "certificate has expired"
_SELF_SIGNED_LEAF, _SELF_SIGNED_ABOVE, _NO_ISSUER_KEY, _PATH_LENGTH, _MAY_NOT_SIGN = 18, 19, 24, 25, 32
_ISSUER_NOT_FOUND = frozenset({2, 19, 20, 21})
_NOT_SENT = frozenset({20, 21})
"""The issuer was found neither in the trusted CA list nor in what was sent."""
_NO_CA = frozenset({24, 79})
"""X509_V_ERR_INVALID_CA of OpenSSL 1.1.1 and of later ones."""


class Chain(Value):
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
    """When another answer is possible; None: never, as for a certificate that has expired."""
    given: "Chain | None" = None
    """The answer in the order of the lists as it is, where that is not relied on."""
    otherwise: "Chain | None" = None
    """The answer of another order of the lists, or of their first CAs alone, where it differs and so decides."""

    @property
    def sent_might_help(self) -> bool:
        """Whether it failed for want of an issuer that the presenter might have sent."""
        return self.code in _NOT_SENT


@lru_cache(maxsize=4096)
def _openssl(der: bytes) -> "crypto.X509":
    from OpenSSL import crypto  # noqa: PLC0415 - loaded with the first chain: rules are listed without it

    return crypto.load_certificate(crypto.FILETYPE_ASN1, der)


@lru_cache(maxsize=64)
def _store(anchors: tuple[bytes, ...], at: datetime) -> "crypto.X509Store":
    """The trusted CAs, as DER, at one time. A store is only read, so many chains are verified against one."""
    from OpenSSL import crypto  # noqa: PLC0415

    store = crypto.X509Store()
    # pyOpenSSL drops the zone of the time it is given, so it has to be UTC.
    store.set_time(at.astimezone(UTC).replace(tzinfo=None))
    for der in anchors:
        store.add_cert(_openssl(der))
    return store


class ChainVerifier:
    """Answers trust questions; OpenSSL is asked once for each that differs, whoever asks it."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, TrustIndex, TrustIndex | None], _Question] = {}

    def chain(self, leaf: Certificate, trusted: TrustIndex, own: TrustIndex | None, at: datetime) -> Chain:
        """Judge `leaf` before the list `trusted` at the time `at`.

        The presenter sends the chain that its `own` list leads to (the leaf alone when that list is not known); the
        verifier adds what its own list has. Only a self-signed root in `trusted` ends a chain.
        """
        asked = (leaf.sha256, trusted, own)
        if asked not in self._asked:
            offered = () if own is None else own.above(leaf)
            # Lists that differ only in CAs of others put the same question.
            self._asked[asked] = _question(leaf, trusted.above(leaf, TrustIndex(offered)), offered)
        return self._asked[asked].answer(at)


Lists = tuple[Sequence[Certificate], Sequence[Certificate]]
"""The CAs of the verifier's list, and those of the presenter's, that may stand above a certificate."""


class _Question:
    """One certificate with all that could stand above it, and what was answered so far."""

    def __init__(self, leaf: Certificate, anchors: Sequence[Certificate], offered: Sequence[Certificate]) -> None:
        self._leaf = leaf
        self._lists: Lists = (anchors, offered)
        distinct = {ca.sha256: ca.subject_key for cas in self._lists for ca in cas}
        self._namesakes = len(set(distinct.values())) < len(distinct)
        self._of_cas = {date for cas in self._lists for ca in cas for date in (ca.not_before, expiry(ca))}
        self._dates = sorted(self._of_cas | {leaf.not_before, expiry(leaf)})
        self._answers: dict[int, Chain] = {}
        """By how many of the dates have passed: nothing changes between two of them."""

    def answer(self, at: datetime) -> Chain:
        passed = bisect_right(self._dates, at)
        if passed not in self._answers:
            chain = self._expired(at, passed) or _ask(self._leaf, self._lists, at)
            if self._namesakes:
                chain = _weigh_orders(self._leaf, self._lists, chain, at)
            self._answers[passed] = chain
        return self._answers[passed]

    def _expired(self, at: datetime, passed: int) -> Chain | None:
        """The answer where nothing but the end of the leaf lies between `at` and one that trusts it.

        The chain is then put together as before, and OpenSSL, which checks it from the root down, stops at the leaf.
        None: OpenSSL is to be asked.
        """
        if self._namesakes or at < expiry(self._leaf):
            return None
        if not any(
            chain.trusted and self._of_cas.isdisjoint(self._dates[before:passed])
            for before, chain in self._answers.items()
        ):
            return None
        _, path = _built(self._leaf, self._lists, at)
        return Chain(False, path, _EXPIRED, 0, _EXPIRED_TEXT, Cause.EXPIRED, self._leaf)


@lru_cache(maxsize=1024)
def _question(leaf: Certificate, anchors: tuple[Certificate, ...], offered: tuple[Certificate, ...]) -> _Question:
    """The states of a cluster that are tried one after another, as for a proposal, have most chains in common."""
    return _Question(leaf, anchors, offered)


def _weigh_orders(leaf: Certificate, lists: Lists, given: Chain, at: datetime) -> Chain:
    """What is left of an answer when the order of the lists is not relied on.

    Of CAs with one name and different keys the appliance takes the first in the list, whatever the key identifiers
    say (213872, 218018), so what rests on a later one is not trusted. Of several certificates of one CA the first
    valid one is taken, so an answer that another order would change is not known.
    """
    first = (_first_keys(lists[0]), _first_keys(lists[1]))
    strict = _ask(leaf, first, at, first_key_alone=True)
    orders = list(islice(_orders(first), _MOST_ORDERS + 1))
    others = [strict, *(_ask(leaf, order, at, first_key_alone=True) for order in orders[:_MOST_ORDERS])]
    holds_until = None if at >= expiry(leaf) else _next_date((leaf, *lists[0], *lists[1]), at)
    if given.trusted and not strict.trusted:
        below = next((c for c, ca in pairwise(given.path) if _is_later(ca, lists)), leaf)
        return replace(
            given,
            trusted=False,
            cause=Cause.SAME_NAME_OTHER_KEY,
            failing=below,
            holds_until=holds_until,
            otherwise=strict,
        )
    differing = next((chain for chain in others if chain.trusted is not given.trusted), None)
    if differing is None and given.trusted and len(orders) > _MOST_ORDERS:
        differing = given  # more orders than are tried: none of them may decide unseen
    if differing is None:
        return replace(given, holds_until=holds_until)
    failed = differing if given.trusted else given
    return replace(
        given,
        trusted=False,
        code=failed.code,
        depth=failed.depth,
        text=failed.text,
        cause=Cause.ORDER_DECIDES,
        failing=failed.failing,
        holds_until=holds_until,
        given=given,
        otherwise=differing,
    )


def _key_of(ca: Certificate) -> str:
    return ca.sha256 if ca.key is None else ca.key.sha256


def _first_keys(cas: Sequence[Certificate]) -> tuple[Certificate, ...]:
    """The list without the CAs whose name stands before them with another key."""
    keys: dict[bytes, str] = {}
    return tuple(ca for ca in cas if keys.setdefault(ca.subject_key, _key_of(ca)) == _key_of(ca))


def _is_later(ca: Certificate, lists: Lists) -> bool:
    return any(ca in cas and ca not in _first_keys(cas) for cas in (*lists, (*lists[0], ca)))


def _orders(lists: Lists) -> Iterator[Lists]:
    """The lists with every choice of which certificate of a CA comes first."""
    anchors, offered = (tuple(islice(_rotations(cas), _MOST_ORDERS + 1)) for cas in lists)
    return product(anchors, offered)


def _rotations(cas: Sequence[Certificate]) -> Iterator[tuple[Certificate, ...]]:
    groups: dict[bytes, list[Certificate]] = {}
    for ca in cas:
        groups.setdefault(ca.subject_key, []).append(ca)
    for firsts in product(*groups.values()):
        rest = {ca.sha256 for ca in firsts}
        yield (*firsts, *(ca for ca in cas if ca.sha256 not in rest))


def _built(
    leaf: Certificate, lists: Lists, at: datetime, *, first_key_alone: bool = False
) -> tuple[tuple[Certificate, ...], tuple[Certificate, ...]]:
    """What the presenter sends with its certificate, and the chain that is put together before it is judged."""
    anchors, offered = lists
    sent = build(leaf, (), TrustIndex(offered), at)[1:]
    if first_key_alone:
        sent = tuple(ca for ca in _first_keys((*anchors, *sent)) if ca in sent)
    return sent, build(leaf, sent, TrustIndex(anchors), at)


def _ask(leaf: Certificate, lists: Lists, at: datetime, *, first_key_alone: bool = False) -> Chain:
    """Have OpenSSL judge a chain; with `first_key_alone` nothing counts that was sent under another CA's name."""
    from OpenSSL import crypto  # noqa: PLC0415

    anchors, offered = lists
    sent, path = _built(leaf, lists, at, first_key_alone=first_key_alone)
    holds_until = None if at >= expiry(leaf) else _next_date((leaf, *anchors, *offered), at)
    try:
        store = _store(tuple(ca.der for ca in anchors), at)
        context = crypto.X509StoreContext(store, _openssl(leaf.der), [_openssl(ca.der) for ca in sent])
        verified = context.get_verified_chain()
    except crypto.X509StoreContextError as error:
        code, depth, text = error.errors
        failing = path[min(depth, len(path) - 1)]
        cause = _cause(code, depth, path, anchors)
        return Chain(False, path, code, depth, text, cause, failing, holds_until)
    except (crypto.Error, ValueError) as error:
        cause = _undecodable(path) or Cause.CHAIN_REFUSED
        return Chain(False, path, 1, 0, show(str(error)), cause, leaf, holds_until)
    known = {certificate.der: certificate for certificate in (leaf, *anchors, *sent)}
    path = tuple(known[crypto.dump_certificate(crypto.FILETYPE_ASN1, each)] for each in verified)
    return Chain(True, path, holds_until=min(expiry(certificate) for certificate in path))


def _cause(code: int, depth: int, path: Sequence[Certificate], anchors: Sequence[Certificate]) -> Cause:
    """Why OpenSSL refused a chain, from the code it gave and the certificate it names."""
    if code in (_EXPIRED, _NOT_YET_VALID):
        leaf, ca = (
            (Cause.EXPIRED, Cause.CA_EXPIRED) if code == _EXPIRED else (Cause.NOT_YET_VALID, Cause.CA_NOT_YET_VALID)
        )
        return leaf if depth == 0 else ca
    if code in _ISSUER_NOT_FOUND:
        return _without_issuer(code, path[-1], anchors)
    if code in (_UNSPECIFIED, _NO_SIGNATURE_KEY, _NO_ISSUER_KEY) and (cause := _undecodable(path)):
        return cause
    if code == _SIGNATURE_FAILURE:
        return _bad_signature(depth, path)
    if code in _NO_CA:
        return Cause.NOT_A_CA
    return _PLAIN_CAUSES.get(code, Cause.CHAIN_REFUSED)


_PLAIN_CAUSES = {
    _SELF_SIGNED_LEAF: Cause.SELF_SIGNED,
    _PATH_LENGTH: Cause.PATH_TOO_LONG,
    _MAY_NOT_SIGN: Cause.MAY_NOT_SIGN,
}


def _without_issuer(code: int, top: Certificate, anchors: Sequence[Certificate]) -> Cause:
    """The chain ends too early: is the issuer of its last certificate missing, or there with another key?"""
    name = top.subject_key if code == _SELF_SIGNED_ABOVE else top.issuer_key
    namesakes = any(ca.subject_key == name and ca.sha256 != top.sha256 for ca in anchors)
    return Cause.SAME_NAME_OTHER_KEY if namesakes else Cause.ISSUER_NOT_TRUSTED


def _bad_signature(depth: int, path: Sequence[Certificate]) -> Cause:
    """A CA of the right name did not sign: another CA's key, or, where the key identifiers agree, a damaged one."""
    child, issuer = path[min(depth, len(path) - 1)], path[min(depth + 1, len(path) - 1)]
    same_key = child.authority_key_id is not None and child.authority_key_id == issuer.subject_key_id
    return Cause.CHAIN_REFUSED if same_key else Cause.SAME_NAME_OTHER_KEY


def _undecodable(path: Iterable[Certificate]) -> Cause | None:
    return Cause.KEY_UNREADABLE if any(certificate.key is None for certificate in path) else None


def _next_date(certificates: Iterable[Certificate], at: datetime) -> datetime | None:
    dates = (date for c in certificates for date in (c.not_before, expiry(c)) if date > at)
    return min(dates, default=None)
