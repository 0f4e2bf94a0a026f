"""Is a CSR or an issued certificate what the plan, its CSR and its key ask for, and would the appliance load it?

Sources: Certificate Creation and Use Deployment Guide X15.5, "Loading Certificates and Keys" (what the upload refuses
and its words, the leaf alone in the file, CA chain first) and "Managing Certificates"; Administrator Guide X15.5, list
of alarms (40052: no CN); CA/Browser Forum Baseline Requirements 2.2.6, section 6.3.2 (longest validity).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from certplan.csr.model import Request
from certplan.csr.rules import key_problem
from certplan.csr.words import Role
from certplan.evidence.model import Certificate, PublicKey, SanKind, TrustList
from certplan.evidence.pki.requests import SigningRequest
from certplan.handshake.credentials import needed_roles
from certplan.handshake.model import Store
from certplan.handshake.trust import ChainVerifier, TrustIndex
from certplan.intent.names import NameFor
from certplan.plan.model import CertificateAuthority, ClusterType, Plan
from certplan.rules.names.subject import foreign_oids
from certplan.text.names import NameDefect, defects, explain_miss, is_fqdn, key, show, show_all
from certplan.text.words import counted, joined, listed
from certplan.value import Value
from certplan.vendor import public_lifetime
from certplan.vendor.releases import SERVER_ONLY_FROM, TWO_STORES_FROM

__all__ = ["Against", "Comparison", "Difference", "Document", "compare"]

Document = SigningRequest | Certificate
_REFUSED = frozenset({NameDefect.IP_ADDRESS, NameDefect.SINGLE_LABEL, NameDefect.EMPTY})
_CN_WORDS = "Common name must be a valid FQDN"
_SAN_WORDS = "Subject alternative name must be a valid FQDN"
_LATEST = datetime(2050, 1, 1, tzinfo=UTC)
_EDGE = "collab-edge."
_DAY = timedelta(days=1)


class Difference(Value):
    """One thing that is not as expected."""

    what: str
    expected: str
    found: str
    refused: str = ""
    """What the upload says or does; empty when it does not mind, or no text says so."""


class Comparison(Value):
    """What a document differs in; `notes` are things to know that are no differences."""

    document: Document
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]

    @property
    def matches(self) -> bool:
        return not self.differences


class Against(Value):
    """What a document is held against, besides the plan. None: not given, and so not compared."""

    requests: tuple[Request, ...]
    """What the plan asks for, in every style of CN that will do; the names are the same but for their order."""
    csr: SigningRequest | None = None
    key: PublicKey | None = None
    trust: TrustList | None = None
    days: int | None = None
    """The validity that was ordered."""
    role: Role | None = None
    """The usages that were ordered; None: those the release needs, and those of the CSR."""


def compare(plan: Plan, documents: Sequence[Document], against: Against, at: datetime) -> Comparison:
    """Compare a CSR or a certificate with everything it ought to agree with.

    Args:
        plan: the plan the names come from.
        documents: what stands in the file, in order, one at least; only certificates come in numbers.
        against: what it is held against.
        at: the time to judge the dates at, aware.
    """
    notes: list[str] = []
    document = _leaf(documents, against)
    found = [*_keys(document, against), *_signature(document, against)]
    if document.sans is None:
        found.append(Difference("names and usages", "extensions that can be read", "extensions that cannot be read"))
    else:
        found += [*_common_name(document, against), *_names(plan, document, against, notes)]
        found += _roles(plan, document, against)
    if isinstance(document, Certificate):
        found += [*_kind(document), *_foreign(document), *_dates(plan, document, against, at, notes)]
        found += [*_file(documents, document), *_trust(document, against, at, notes)]
        _subject(document, against, notes)
    return Comparison(document, tuple(dict.fromkeys(found)), tuple(notes))


def _foreign(document: Certificate) -> Iterator[Difference]:
    if oids := foreign_oids(document):
        why = "the SSH tunnels between Expressway-C and Expressway-E do not come up with any other"
        yield Difference("subject and issuer", "attributes that Expressway knows", show_all(oids[:8]), why)


def _keys(document: Document, against: Against) -> Iterator[Difference]:
    if document.key is None:
        yield Difference("public key", "a key that can be read", "one that cannot")
        return
    problem = key_problem(document.key, against.requests[0].peer.release)
    if problem is not None:
        yield Difference("public key", problem.expected, problem.found)
    mismatch = "a certificate and a key that do not belong together are refused"
    if against.key is not None and against.key.sha256 != document.key.sha256:
        yield Difference(
            "public key", f"that of the private key given ({against.key.name})", _other_key(document.key), mismatch
        )
    if against.csr is not None and against.csr.key is not None and against.csr.key.sha256 != document.key.sha256:
        yield Difference("public key", f"that of its CSR ({against.csr.key.name})", _other_key(document.key), mismatch)


def _other_key(found: PublicKey) -> str:
    return f"another key ({found.name}, SHA-256 {found.sha256[:16]}...)"


def _signature(document: Document, against: Against) -> Iterator[Difference]:
    for owner, each in (("signature", document), ("signature of its CSR", against.csr)):
        if isinstance(each, SigningRequest) and not each.signature_valid:
            yield Difference(owner, "one made with the key in the CSR", "a signature that does not verify")
    if document.signature_hash in ("sha1", "md5"):
        yield Difference("signature", "SHA-256, SHA-384 or SHA-512", document.signature_hash.upper())


def _common_name(document: Document, against: Against) -> Iterator[Difference]:
    found, cns = document.common_names, tuple(request.cn for request in against.requests)
    asked = against.csr.common_names if against.csr is not None else cns
    expected = joined(dict.fromkeys(show(name) for name in asked), "or") or "none"
    if not any(cn.strip() for cn in found):
        alarm = "a warning, and alarm 40052: MRA and the CMS web proxy do not work without a CN"
        yield Difference("CN", expected if asked else joined(cns, "or"), "none", alarm)
        return
    for cn in found:
        if _REFUSED & set(defects(cn)):
            yield Difference("CN", expected, show(cn), _CN_WORDS)
        elif key(cn) not in {key(name) for name in asked}:
            yield Difference("CN", expected, show(cn), "" if is_fqdn(cn) else _CN_WORDS)
        elif key(cn) not in {key(name) for name in document.dns_names}:
            yield Difference("SAN", f"the CN {show(cn)} repeated", explain_miss(cn, document.dns_names))
    if len(found) > 1:
        yield Difference("CN", "one", f"{len(found)}: {show_all(found)}")


def _names(plan: Plan, document: Document, against: Against, notes: list[str]) -> Iterator[Difference]:
    offered = {key(name): name for name in document.dns_names}
    asked = {key(name): name for name in against.csr.dns_names} if against.csr is not None else None
    required = {each.name: each.why for each in against.requests[0].names if each.why is not NameFor.KEPT}
    kept = [each.name for each in against.requests[0].names if each.why is NameFor.KEPT]
    for name, why in required.items():
        if name in offered or (why is NameFor.MRA and _other_format(name, offered, notes)):
            continue
        origin = f"{name} ({why.value})"
        if asked is not None:
            origin += ", which its CSR has" if name in asked else ", which its CSR does not have either"
        yield Difference("SAN", origin, f"missing: {explain_miss(name, document.dns_names)}")
    for name in asked or ():
        if name not in offered and name not in required:
            missed = f"missing: {explain_miss(name, document.dns_names)}"
            yield Difference("SAN", f"{show(name)}, which its CSR has", missed)
    yield from _surplus(plan, document, (*required, *kept), asked)
    yield from _malformed(document)


def _other_format(name: str, offered: Iterable[str], notes: list[str]) -> bool:
    """Clients take an MRA domain bare or with `collab-edge.` before it."""
    other = name.removeprefix(_EDGE) if name.startswith(_EDGE) else _EDGE + name
    if other not in offered:
        return False
    notes.append(f"It has {other} where the plan's format gives {name}; clients take either.")
    return True


def _surplus(
    plan: Plan, document: Document, required: Iterable[str], asked: Iterable[str] | None
) -> Iterator[Difference]:
    accepted = {*required, *(asked or ())}
    others = {key(name) for peer in plan.peers for name in (peer.address, peer.fqdn) if name is not None}
    tail = "neither the plan nor its CSR asks for" if asked is not None else "the plan does not ask for"
    for name in document.dns_names:
        if key(name) in accepted or any(_same_but_for_format(key(name), each) for each in required):
            continue
        shared = " (another peer's name: shared identity)" if key(name) in others else ""
        yield Difference("SAN", "no further name", f"{show(name)}, which {tail}{shared}")


def _same_but_for_format(one: str, other: str) -> bool:
    return one.removeprefix(_EDGE) == other.removeprefix(_EDGE)


def _malformed(document: Document) -> Iterator[Difference]:
    for san in document.sans or ():
        if san.kind is SanKind.IP:
            yield Difference("SAN", "FQDNs only", f"the IP address {show(san.value)}", _SAN_WORDS)
        elif san.kind is SanKind.DNS and (found := defects(san.value)):
            said = _SAN_WORDS if _REFUSED & set(found) else ""
            yield Difference("SAN", "FQDNs only", f"{show(san.value) or 'an empty name'}, which {found[0].words}", said)
        elif san.kind is not SanKind.DNS:
            yield Difference("SAN", "DNS names only", f"{san.kind.value} {show(san.value)}")


def _roles(plan: Plan, document: Document, against: Against) -> Iterator[Difference]:
    request = against.requests[0]
    peer, store = request.peer, request.store
    needed = list(needed_roles(peer, peer, store))
    says = ""
    if store is Store.CLIENT:
        needed, says = ["clientAuth"], "serverAuth alone is refused as client certificate"
    elif peer.release < SERVER_ONLY_FROM:
        says = "refused where Unified Communications are on"
    elif peer.release < TWO_STORES_FROM and plan.cluster.type is ClusterType.EXPRESSWAY_C:
        needed, says = ["serverAuth", "clientAuth"], f"an Expressway-C on {peer.release} refuses it"
    asked = against.csr.eku if against.csr is not None else None
    needed += [usage for usage in asked or () if usage not in needed]
    if against.role is not None:
        needed += [usage for usage in against.role.usages if usage not in needed]
    held = document.eku
    if held is None and (asked is not None or isinstance(document, SigningRequest)):
        yield Difference("extended key usage", listed(needed), "none (the extension is not there)")
    for usage in needed if held is not None else ():
        if usage not in (held or ()):
            yield Difference("extended key usage", usage, listed(held or ()) or "none", says)
    if document.key_usage is not None and "digitalSignature" not in document.key_usage:
        yield Difference("key usage", "digitalSignature", listed(document.key_usage) or "none")


def _kind(certificate: Certificate) -> Iterator[Difference]:
    if certificate.is_ca:
        yield Difference("basic constraints", "no CA", "a CA certificate")
    if certificate.self_signed:
        yield Difference("issuer", "a CA", "itself (self-signed), which does not work for Unified Communications")


def _dates(
    plan: Plan, certificate: Certificate, against: Against, at: datetime, notes: list[str]
) -> Iterator[Difference]:
    begin, end = certificate.not_before, certificate.not_after
    lasts = end - begin + timedelta(seconds=1)
    public = plan.certificate_authority is CertificateAuthority.PUBLIC
    span = f"{begin:%Y-%m-%d} to {end:%Y-%m-%d} ({_length(begin, end, public=public)})"
    if at > end:
        yield Difference("validity", f"valid on {at:%Y-%m-%d}", f"expired: {span}")
    elif at < begin:
        yield Difference("validity", f"valid on {at:%Y-%m-%d}", f"not yet valid: {span}")
    if against.days is not None and lasts < against.days * _DAY - _DAY:
        yield Difference("validity", f"{counted(against.days, 'day')}, as ordered", span)
    longest = public_lifetime(begin.date())
    if public and longest is not None and lasts > longest * _DAY:
        most = f"{counted(longest, 'day')} at most for a public certificate issued that day"
        yield Difference("validity", most, span)
    if end >= _LATEST:
        yield Difference("validity", "an end before 2050", span)
    notes.append(f"Valid from {span}.")


def _length(begin: datetime, end: datetime, *, public: bool) -> str:
    """How long a certificate lasts; the Baseline Requirements (section 6.3.2) count the last second, so a day more."""
    plainly, inclusive = (-(-span // _DAY) for span in (end - begin, end - begin + timedelta(seconds=1)))
    if not public or plainly == inclusive:
        return counted(plainly, "day")
    return f"{counted(inclusive, 'day')}: its last second counts, by the Baseline Requirements for public CAs"


def _leaf(documents: Sequence[Document], against: Against) -> Document:
    """The peer's own certificate among those of a file: the one with its key, else the first that is no CA."""
    known = [key.sha256 for key in (against.key, None if against.csr is None else against.csr.key) if key is not None]
    keyed = (each for each in documents if each.key is not None and each.key.sha256 in known)
    plain = (each for each in documents if not each.is_ca)
    return next(keyed, next(plain, documents[0]))


def _file(documents: Sequence[Document], leaf: Document) -> Iterator[Difference]:
    """A server certificate file holds the leaf; the chain belongs into the trusted CA list."""
    if documents[0] is not leaf:
        place = f"it is number {documents.index(leaf) + 1} of {len(documents)}"
        yield Difference("file", "the peer's own certificate first", place)
    if len(documents) > 1:
        order = _chain_order([each for each in documents if isinstance(each, Certificate)])
        yield Difference("file", "the peer's certificate alone", f"{len(documents)} certificates; {order}")


def _chain_order(certificates: Sequence[Certificate]) -> str:
    for place, (lower, upper) in enumerate(pairwise(certificates), 1):
        if lower.issuer_der != upper.subject_der:
            return f"certificate {place + 1} did not issue certificate {place}; load the CAs as trusted CAs"
    return "they are the chain in order; load the CAs as trusted CAs, and the first alone here"


def _trust(document: Certificate, against: Against, at: datetime, notes: list[str]) -> Iterator[Difference]:
    owner = show(against.requests[0].peer.address)
    if against.trust is None:
        notes.append(f"The chain was not checked: the trusted CA list of {owner} is not known.")
        return
    trusted = TrustIndex(located.certificate for located in against.trust.certificates)
    within = min(max(at, document.not_before), document.not_after)
    chain = ChainVerifier().chain(document, trusted, trusted, within)
    if not chain.trusted:
        top = chain.path[-1]
        yield Difference(
            "chain",
            f"a CA in the trusted CA list of {owner}",
            f"issued by {show(top.issuer)}, and OpenSSL says: {chain.text}",
            "a certificate whose CAs are not loaded first is refused",
        )


def _subject(document: Certificate, against: Against, notes: list[str]) -> None:
    if against.csr is not None and against.csr.subject and document.subject != against.csr.subject:
        asked, found = show(against.csr.subject, 200), show(document.subject, 200) or "empty"
        notes.append(f"The CA changed the subject: asked for was {asked}, it is {found}.")
