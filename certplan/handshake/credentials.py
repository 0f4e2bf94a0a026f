"""Trust, role and dates: is the presenter's certificate good in the verifier's eyes?"""

from collections.abc import Sequence
from datetime import datetime

from certplan.evidence.model import Certificate, Missing
from certplan.handshake.chains import TrustIndex, expiry, self_signed
from certplan.handshake.diagnosis import diagnose
from certplan.handshake.model import Ca, Cause, Presentation, Step, StepName, Store
from certplan.handshake.trust import Chain, ChainVerifier
from certplan.outcomes import Confidence, Outcome
from certplan.plan.model import Peer, Plan
from certplan.text.names import show
from certplan.text.words import day, joined, listed
from certplan.value import replace
from certplan.vendor.releases import CLIENT_ROLE_UNCHECKED_FROM, SHA2_ALONE_FROM, TWO_STORES_FROM, Release

__all__ = ["CLIENT_AUTH", "SERVER_AUTH", "WEAK_HASHES", "allows", "dates", "needed_roles", "role", "trust"]

SERVER_AUTH, CLIENT_AUTH = "serverAuth", "clientAuth"
WEAK_HASHES = frozenset({"md5", "sha1"})
_WITHOUT_ISSUER = frozenset({Cause.ISSUER_NOT_TRUSTED, Cause.INTERMEDIATE_MISSING})
_BEFORE_SERVER = frozenset({"digitalSignature", "keyEncipherment", "keyAgreement"})
_BEFORE_CLIENT = frozenset({"digitalSignature", "keyAgreement"})


def trust(
    plan: Plan,
    lists: Sequence[TrustIndex | Missing],
    chain_verifier: ChainVerifier,
    shown: Presentation,
    at: datetime,
) -> tuple[Step, tuple[Certificate, ...]]:
    """Judge the presenter's chain before the verifier's trusted CA list.

    `lists` are the trusted CA lists of all peers, in plan order. The chain comes back with the step: from the leaf to
    the root when it is trusted, else as far as issuers were found.
    """
    verifier, presenter, leaf, store = shown.verifier, shown.presenter, shown.leaf, shown.store
    trusted, own = lists[verifier.number - 1], lists[presenter.number - 1]
    if isinstance(trusted, Missing):
        reason = f"the trusted CA list of {show(verifier.address)} is not known: {trusted.why}"
        cause = Cause.TRUST_LIST_MISSING
        step = Step(StepName.TRUST, Outcome.UNKNOWN, reason, cause, verifier.address, store, missing=trusted)
        return replace(step, peer=verifier), (leaf,)
    chain = chain_verifier.chain(leaf, trusted, None if isinstance(own, Missing) else own, at)
    who, owner = show(verifier.address), shown.owner
    if chain.trusted:
        if (weak := _weak(shown, chain)) is not None:
            return weak, chain.path
        root = show(chain.path[-1].subject)
        reason = f"{who} trusts {owner} by the root {root}"
        return Step(
            StepName.TRUST, Outcome.PASS, reason, store=store, holds_until=chain.holds_until, path=chain.path
        ), chain.path
    step = diagnose(plan, lists, shown, chain, at)
    if isinstance(own, Missing) and chain.sent_might_help and step.cause in _WITHOUT_ISSUER:
        # The presenter may send the missing intermediate: it does when its own list, which is not known, has it.
        reason = f"whether {who} trusts {owner} depends on what {show(presenter.address)} sends: {own.why}"
        step = replace(step, outcome=Outcome.UNKNOWN, reason=reason, cause=Cause.TRUST_LIST_MISSING, missing=own)
        step = replace(step, address=presenter.address, subject="", peer=presenter, ca=None, removals=())
    return step, chain.path


def _weak(shown: Presentation, chain: Chain) -> Step | None:
    """A SHA-1 or MD5 signature below the root, on a release that takes SHA-2 alone; None: there is none.

    Source: Cisco Expressway SHA-1 Certificate Deprecation Rollout and SHA-2 Certificate Transition (November 2024).
    """
    weak = [c for c in chain.path if c.signature_hash in WEAK_HASHES and not self_signed(c)]
    if not weak:
        return None
    stated = (shown.verifier.stated_release, shown.presenter.stated_release)
    # A release that is not known leaves the role open, and with it the handshake.
    release = max((release for release in stated if isinstance(release, Release)), default=None)
    if release is None or release < SHA2_ALONE_FROM:
        return None
    weakest, owner = weak[0], shown.owner
    above = weakest is not chain.path[0]
    what = f"the CA {show(weakest.subject)} above {owner}" if above else owner
    hashed = "MD5" if weakest.signature_hash == "md5" else "SHA-1"
    return Step(
        StepName.TRUST,
        Outcome.FAIL,
        f"{what} is signed with {hashed}, and clustering on {release} needs SHA-2",
        Cause.WEAK_SIGNATURE,
        store=shown.store,
        confidence=Confidence.INFERRED if above else Confidence.DOCUMENTED,
        holds_until=chain.holds_until,
        peer=shown.presenter,
        certificate=weakest,
        subject=weakest.subject,
        ca=Ca(weakest.subject, weakest.subject_key, (weakest,)) if above else None,
    )


def needed_roles(verifier: Peer, presenter: Peer, store: Store) -> tuple[str, ...]:
    """The extended key usages that `verifier` asks of a certificate on cluster links under Enforce.

    Until X15.3 peers do mutual TLS with one certificate. From X15.4 on clientAuth is not looked for on cluster links;
    from X15.5 on the server store answers and the client store connects, of which the vendor does not say it again.
    Sources: Prepare Expressway for Client Auth EKU Sunset (225482); Navigate Client EKU Sunset with Expressway x15.5
    (225693).
    """
    server = (SERVER_AUTH,) if store is Store.SERVER else ()
    connects_with_it = store is Store.CLIENT or presenter.release < TWO_STORES_FROM
    looked_for = connects_with_it and verifier.release < CLIENT_ROLE_UNCHECKED_FROM
    return (*server, CLIENT_AUTH) if looked_for else server


def role(shown: Presentation, path: Sequence[Certificate], asked: tuple[str, ...] | None = None) -> Step:
    """Judge what the certificate and the CAs above it may be used for, by OpenSSL's own meaning.

    `asked` are the extended key usages looked for; without them those of a cluster link.

    No EKU extension allows every role; `anyExtendedKeyUsage` alone allows none; a CA with an EKU must allow it too. A
    Netscape certificate type that leaves a role out forbids it (OpenSSL, purposes `sslserver` and `sslclient`).
    """
    store, owner = shown.store, shown.owner
    roles = needed_roles(shown.verifier, shown.presenter, store) if asked is None else asked
    for needed in roles:
        failed = _leaf_forbids(shown, needed) or next(
            (step for ca in path[1:] if (step := _ca_forbids(shown, ca, needed)) is not None), None
        )
        if failed is not None:
            return failed
    inferred = shown.presenter.release >= TWO_STORES_FROM
    confidence = Confidence.INFERRED if inferred else Confidence.DOCUMENTED
    reason = f"{owner} allows {joined(roles)}"
    if not roles:
        reason = f"no role is asked of {owner} on cluster links from {CLIENT_ROLE_UNCHECKED_FROM} on"
    return Step(StepName.ROLE, Outcome.PASS, reason, store=store, confidence=confidence)


def _leaf_forbids(shown: Presentation, needed: str) -> Step | None:
    """What in the certificate itself stands against a role; None: nothing."""
    presenter, store, leaf, owner = shown.presenter, shown.store, shown.leaf, shown.owner
    confidence = Confidence.INFERRED if presenter.release >= TWO_STORES_FROM else Confidence.DOCUMENTED
    if leaf.sans is None:
        reason = f"the extended key usage of {owner} cannot be read"
        return _forbidden(shown, leaf, Cause.CERTIFICATE_UNREADABLE, reason, outcome=Outcome.UNKNOWN)
    cause = Cause.SERVER_ROLE_MISSING if needed == SERVER_AUTH else Cause.CLIENT_ROLE_MISSING
    usages, netscape = (_BEFORE_SERVER, "server") if needed == SERVER_AUTH else (_BEFORE_CLIENT, "client")
    if not allows(leaf, needed):
        held = listed(leaf.eku or ()) or "none"
        reason = f"the extended key usage of {owner} ({held}) does not include {needed}{_why_needed(shown, needed)}"
        return replace(_forbidden(shown, leaf, cause, reason, needed), confidence=confidence, store=store)
    if leaf.netscape_types is not None and netscape not in leaf.netscape_types:
        held = listed(leaf.netscape_types) or "none"
        reason = f"the Netscape certificate type of {owner} ({held}) does not include {netscape}"
        return _forbidden(shown, leaf, cause, f"{reason}{_why_needed(shown, needed)}", needed)
    if leaf.key_usage is not None and not usages & set(leaf.key_usage):
        held = listed(leaf.key_usage) or "none"
        reason = f"the key usage of {owner} ({held}) does not allow {needed}"
        return _forbidden(shown, leaf, cause, reason, needed)
    return None


def _ca_forbids(shown: Presentation, ca: Certificate, needed: str) -> Step | None:
    """What in a CA above the certificate stands against a role; None: nothing."""
    if ca.sans is None:
        reason = f"the extended key usage of the CA {show(ca.subject)} cannot be read"
        return _forbidden(shown, ca, Cause.CERTIFICATE_UNREADABLE, reason, outcome=Outcome.UNKNOWN)
    if not allows(ca, needed):
        limits = listed(ca.eku or ())
        reason = f"the CA {show(ca.subject)} above {shown.owner} is limited to {limits}, not {needed}"
        return _forbidden(shown, ca, Cause.CA_ROLE_MISSING, reason)
    only_by_netscape = ca.is_ca is None and ca.key_usage is None and ca.netscape_types is not None
    if only_by_netscape and "sslCA" not in (ca.netscape_types or ()):
        reason = (
            f"the Netscape certificate type of the CA {show(ca.subject)} above {shown.owner} is not that of an SSL CA"
        )
        return _forbidden(shown, ca, Cause.CA_ROLE_MISSING, reason)
    return None


def _forbidden(
    shown: Presentation,
    certificate: Certificate,
    cause: Cause,
    reason: str,
    role: str = "",
    outcome: Outcome = Outcome.FAIL,
) -> Step:
    confidence = Confidence.INFERRED if outcome is Outcome.FAIL else Confidence.DOCUMENTED
    above = certificate is not shown.leaf
    ca = Ca(certificate.subject, certificate.subject_key, (certificate,)) if above else None
    return Step(
        StepName.ROLE,
        outcome,
        reason,
        cause,
        shown.presenter.address if not above and not role else "",
        shown.store,
        confidence,
        peer=shown.presenter,
        certificate=certificate,
        subject=certificate.subject if above else "",
        role=role,
        ca=ca,
    )


def allows(certificate: Certificate, needed: str) -> bool:
    """Whether the extended key usage of a certificate allows a role; without the extension it does."""
    return certificate.eku is None or needed in certificate.eku


def _why_needed(shown: Presentation, needed: str) -> str:
    if shown.store is Store.CLIENT:
        return ", and a peer shows it when it connects"
    if needed == CLIENT_AUTH and shown.within_cluster:
        return f", and peers on {min(shown.verifier.release, shown.presenter.release)} check it on cluster links"
    return ""


def dates(shown: Presentation, at: datetime) -> Step:
    """Judge the validity period of the presenter's own certificate (RFC 5280 section 4.1.2.5)."""
    leaf, owner, store = shown.leaf, shown.owner, shown.store
    if at < leaf.not_before:
        reason, cause = f"{owner} is not valid before {day(leaf.not_before)}", Cause.NOT_YET_VALID
        step = Step(StepName.DATES, Outcome.FAIL, reason, cause, store=store, holds_until=leaf.not_before)
        return replace(step, peer=shown.presenter, certificate=leaf, subject=leaf.subject)
    if at >= expiry(leaf):
        reason = f"{owner} expired {day(leaf.not_after)}"
        step = Step(StepName.DATES, Outcome.FAIL, reason, Cause.EXPIRED, store=store)
        return replace(step, peer=shown.presenter, certificate=leaf, subject=leaf.subject)
    reason = f"{owner} is valid until {day(leaf.not_after)}"
    return Step(StepName.DATES, Outcome.PASS, reason, store=store, holds_until=expiry(leaf))
