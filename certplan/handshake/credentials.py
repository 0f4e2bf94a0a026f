"""Trust, role, dates and revocation: is the presenter's certificate good in the verifier's eyes?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from certplan.evidence.model import Certificate, Crl, Missing
from certplan.handshake.model import Cause, Presentation, Step, StepName, Store
from certplan.handshake.trust import Chain, Truster, TrustIndex, lapse, name_key, second_after
from certplan.outcomes import Confidence, Outcome
from certplan.plan.model import Peer, Plan
from certplan.text.names import show
from certplan.vendor.releases import CLIENT_ROLE_UNCHECKED_FROM, TWO_STORES_FROM

__all__ = ["CLIENT_AUTH", "SERVER_AUTH", "dates", "needed_roles", "revocation", "role", "trust"]

SERVER_AUTH, CLIENT_AUTH = "serverAuth", "clientAuth"
_BEFORE_SERVER = frozenset({"digitalSignature", "keyEncipherment", "keyAgreement"})
_BEFORE_CLIENT = frozenset({"digitalSignature", "keyAgreement"})


def trust(
    plan: Plan,
    lists: Sequence[TrustIndex | Missing],
    truster: Truster,
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
        return Step(StepName.TRUST, Outcome.UNKNOWN, reason, cause, verifier.address, store, missing=trusted), (leaf,)
    chain = truster.chain(leaf, trusted, None if isinstance(own, Missing) else own, at)
    who, whose = show(verifier.address), shown.owner
    if chain.trusted:
        root = show(chain.path[-1].subject)
        reason = f"{who} trusts {whose} by the root {root}"
        return Step(StepName.TRUST, Outcome.PASS, reason, store=store, holds_until=chain.holds_until), chain.path
    cause, reason = _diagnose(plan, lists, shown, chain)
    step = Step(
        StepName.TRUST,
        Outcome.FAIL,
        f"{who} does not trust {whose}: {reason}",
        cause,
        _culprit(cause, chain),
        store,
        openssl=(chain.code, chain.depth, chain.text),
        holds_until=chain.holds_until,
    )
    if isinstance(own, Missing) and cause in (Cause.ISSUER_NOT_TRUSTED, Cause.INTERMEDIATE_MISSING):
        # The presenter may send the missing intermediate: it does when its own list, which is not known, has it.
        reason = f"whether {who} trusts {whose} hangs on what {show(presenter.address)} sends: {own.why}"
        step = replace(step, outcome=Outcome.UNKNOWN, reason=reason, cause=Cause.TRUST_LIST_MISSING, missing=own)
        step = replace(step, about=presenter.address)
    return step, chain.path


def _culprit(cause: Cause, chain: Chain) -> str:
    if cause in (Cause.ISSUER_NOT_TRUSTED, Cause.INTERMEDIATE_MISSING, Cause.SAME_NAME_OTHER_KEY):
        return chain.path[-1].issuer
    return (chain.failing or chain.path[-1]).subject


def _diagnose(
    plan: Plan, lists: Sequence[TrustIndex | Missing], shown: Presentation, chain: Chain
) -> tuple[Cause, str]:
    last, failing = chain.path[-1], chain.failing or chain.path[-1]
    match chain.cause:
        case Cause.ISSUER_NOT_TRUSTED:
            return _missing_issuer(plan, lists, shown, last)
        case Cause.SAME_NAME_OTHER_KEY:
            issuer = show(last.issuer)
            return Cause.SAME_NAME_OTHER_KEY, (
                f"a CA named {issuer} is there, but its key is not the one that signed {show(last.subject)}"
            )
        case Cause.SELF_SIGNED:
            return Cause.SELF_SIGNED, "it is self-signed and not itself in the trusted CA list"
        case Cause.NOT_A_CA:
            return Cause.NOT_A_CA, f"{show(failing.subject)} may not sign certificates ({chain.text})"
        case Cause.LAPSED:
            return Cause.LAPSED, f"it expired {_day(failing.not_after)}"
        case Cause.NOT_YET_VALID:
            return Cause.NOT_YET_VALID, f"it is not valid before {_day(failing.not_before)}"
        case Cause.CA_LAPSED:
            return Cause.CA_LAPSED, f"the CA {show(failing.subject)} expired {_day(failing.not_after)}"
        case Cause.CA_NOT_YET_VALID:
            reason = f"the CA {show(failing.subject)} is not valid before {_day(failing.not_before)}"
            return Cause.CA_NOT_YET_VALID, reason
        case _:
            return Cause.CHAIN_REFUSED, f"OpenSSL refuses its chain at {show(failing.subject)} ({chain.text})"


def _missing_issuer(
    plan: Plan, lists: Sequence[TrustIndex | Missing], shown: Presentation, last: Certificate
) -> tuple[Cause, str]:
    """Name the CA that is lacking, and the other peers that have it."""
    owners = {
        peer: held
        for peer, index in zip(plan.peers, lists, strict=True)
        if peer is not shown.verifier and isinstance(index, TrustIndex) and (held := index.issuers(last))
    }
    issuer = show(last.issuer)
    intermediate = any(not ca.self_issued for held in owners.values() for ca in held)
    having = ", ".join(show(peer.address) for peer in owners)
    found = f"; {having} has it" if len(owners) == 1 else f"; {having} have it" if owners else ""
    if intermediate:
        unsent = f" and {show(shown.presenter.address)} does not send it" if shown.presenter not in owners else ""
        return Cause.INTERMEDIATE_MISSING, f"the intermediate CA {issuer} is not in its trusted CA list{unsent}{found}"
    return Cause.ISSUER_NOT_TRUSTED, f"the CA {issuer} is not in its trusted CA list{found}"


def needed_roles(verifier: Peer, presenter: Peer, store: Store) -> tuple[str, ...]:
    """The extended key usages asked of a certificate on cluster links.

    Until X15.3 peers do mutual TLS with one certificate; X15.4 no longer looks for clientAuth; from X15.5 the server
    store answers and the client store dials. Sources: Prepare Expressway for Client Auth EKU Sunset (225482);
    Navigate Client EKU Sunset with Expressway x15.5 (225693).
    """
    if store is Store.CLIENT:
        return (CLIENT_AUTH,)
    if presenter.release >= TWO_STORES_FROM or verifier.release >= CLIENT_ROLE_UNCHECKED_FROM:
        return (SERVER_AUTH,)
    return (SERVER_AUTH, CLIENT_AUTH)


def role(shown: Presentation, path: Sequence[Certificate]) -> Step:
    """Judge what the certificate and the CAs above it may be used for, by OpenSSL's own meaning.

    No EKU extension allows every role; `anyExtendedKeyUsage` alone allows none; a CA with an EKU must allow it too.
    """
    presenter, store, leaf, whose = shown.presenter, shown.store, shown.leaf, shown.owner
    inferred = presenter.release >= TWO_STORES_FROM
    confidence = Confidence.INFERRED if inferred else Confidence.DOCUMENTED
    roles = needed_roles(shown.verifier, presenter, store)
    for needed in roles:
        cause = Cause.SERVER_ROLE_MISSING if needed == SERVER_AUTH else Cause.CLIENT_ROLE_MISSING
        if leaf.sans is None:
            reason = f"the extended key usage of {whose} cannot be read"
            return Step(StepName.ROLE, Outcome.UNKNOWN, reason, Cause.CERTIFICATE_UNREADABLE, presenter.address, store)
        if not _allows(leaf, needed):
            held = ", ".join(leaf.eku or ()) or "none"
            reason = f"{whose} lacks {needed} (it has {held}){_why_needed(shown, needed)}"
            return Step(StepName.ROLE, Outcome.FAIL, reason, cause, needed, store, confidence)
        usages = _BEFORE_SERVER if needed == SERVER_AUTH else _BEFORE_CLIENT
        if leaf.key_usage is not None and not usages & set(leaf.key_usage):
            held = ", ".join(leaf.key_usage) or "none"
            reason = f"the key usage of {whose} ({held}) does not allow {needed}"
            return Step(StepName.ROLE, Outcome.FAIL, reason, cause, needed, store, Confidence.INFERRED)
        for ca in path[1:]:
            if ca.sans is None:
                reason = f"the extended key usage of the CA {show(ca.subject)} cannot be read"
                return Step(StepName.ROLE, Outcome.UNKNOWN, reason, Cause.CERTIFICATE_UNREADABLE, ca.subject, store)
            if not _allows(ca, needed):
                reason = (
                    f"the CA {show(ca.subject)} above {whose} is limited to {', '.join(ca.eku or ())}, not {needed}"
                )
                return Step(
                    StepName.ROLE, Outcome.FAIL, reason, Cause.CA_ROLE_MISSING, ca.subject, store, Confidence.INFERRED
                )
    return Step(
        StepName.ROLE, Outcome.PASS, f"{whose} allows {' and '.join(roles)}", store=store, confidence=confidence
    )


def _allows(certificate: Certificate, needed: str) -> bool:
    return certificate.eku is None or needed in certificate.eku


def _why_needed(shown: Presentation, needed: str) -> str:
    if shown.store is Store.CLIENT:
        return ", and a peer shows it when it dials"
    if needed == CLIENT_AUTH:
        return f", and peers on {min(shown.verifier.release, shown.presenter.release)} check it on cluster links"
    return ""


def dates(shown: Presentation, at: datetime) -> Step:
    """Judge the validity period of the presenter's own certificate (RFC 5280 section 4.1.2.5)."""
    leaf, whose, store = shown.leaf, shown.owner, shown.store
    if at < leaf.not_before:
        reason, cause = f"{whose} is not valid before {_day(leaf.not_before)}", Cause.NOT_YET_VALID
        return Step(StepName.DATES, Outcome.FAIL, reason, cause, leaf.subject, store, holds_until=leaf.not_before)
    if at >= lapse(leaf):
        reason = f"{whose} expired {_day(leaf.not_after)}"
        return Step(StepName.DATES, Outcome.FAIL, reason, Cause.LAPSED, leaf.subject, store)
    reason = f"{whose} is valid until {_day(leaf.not_after)}"
    return Step(StepName.DATES, Outcome.PASS, reason, store=store, holds_until=lapse(leaf))


def revocation(shown: Presentation, path: Sequence[Certificate], crls: tuple[Crl, ...] | Missing, at: datetime) -> Step:
    """Judge the chain by the CRLs on the verifier, where it has any.

    A CRL that has lapsed makes every certificate of its CA count as revoked (Certificate Creation and Use guide
    X15.5). Whether cluster links look at CRLs by themselves is not documented.
    """
    verifier, store, whose = shown.verifier, shown.store, shown.owner
    if isinstance(crls, Missing):
        reason = f"the CRLs of {show(verifier.address)} are not known: {crls.why}"
        return Step(
            StepName.REVOCATION, Outcome.UNKNOWN, reason, Cause.CRL_UNUSABLE, verifier.address, store, missing=crls
        )
    judged = [
        (c, crl) for c in path for crl in crls if name_key(crl.issuer) == name_key(c.issuer) and not c.self_signed
    ]
    if not judged:
        reason = f"{show(verifier.address)} has no CRL that speaks of {whose}"
        return Step(StepName.REVOCATION, Outcome.NOT_APPLICABLE, reason, store=store)
    coming: list[datetime] = []
    for certificate, crl in judged:
        issuer = next((ca for ca in path if name_key(ca.subject) == name_key(certificate.issuer)), None)
        if issuer is not None and not _signed(crl.der, issuer.der):
            why = f"{crl.where}: {show(issuer.subject)} did not sign this CRL"
            missing = Missing(f"CRL of {show(crl.issuer)}", why, "Load the CRL that the CA publishes today.", crl.where)
            reason = f"whether {whose} is revoked is not known: {why}"
            cause = Cause.CRL_UNUSABLE
            return Step(StepName.REVOCATION, Outcome.UNKNOWN, reason, cause, crl.issuer, store, missing=missing)
        revoked_at = crl.revoked.get(certificate.serial)
        if revoked_at is not None and revoked_at <= at:
            subject = whose if certificate is path[0] else f"the CA {show(certificate.subject)} above {whose}"
            reason = f"{subject} was revoked {_day(revoked_at)} (CRL {crl.where})"
            return Step(StepName.REVOCATION, Outcome.FAIL, reason, Cause.REVOKED, certificate.subject, store)
        lapses = None if crl.next_update is None else second_after(crl.next_update)
        if crl.next_update is not None and lapses is not None and at >= lapses:
            reason = (
                f"the CRL of {show(crl.issuer)} on {show(verifier.address)} lapsed {_day(crl.next_update)}"
                f", so all its certificates count as revoked, {whose} among them"
            )
            return Step(
                StepName.REVOCATION, Outcome.FAIL, reason, Cause.CRL_LAPSED, crl.issuer, store, Confidence.INFERRED
            )
        coming += [moment for moment in (revoked_at, lapses) if moment is not None and moment > at]
    reason = f"no CRL on {show(verifier.address)} revokes {whose}"
    return Step(StepName.REVOCATION, Outcome.PASS, reason, store=store, holds_until=min(coming, default=None))


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


@lru_cache(maxsize=256)
def _signed(crl_der: bytes, issuer_der: bytes) -> bool:
    try:
        key = x509.load_der_x509_certificate(issuer_der).public_key()
        return x509.load_der_x509_crl(crl_der).is_signature_valid(key)  # type: ignore[arg-type]
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
