"""Revocation: what the CRLs on a verifier say of the presenter's chain."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from certplan.evidence.model import Certificate, Crl, Missing
from certplan.handshake.chains import second_after, self_signed
from certplan.handshake.model import Ca, Cause, Presentation, Step, StepName
from certplan.outcomes import Confidence, Outcome
from certplan.text.names import show
from certplan.text.words import day
from certplan.value import Value, replace

__all__ = ["revocation"]


def revocation(shown: Presentation, path: Sequence[Certificate], crls: tuple[Crl, ...] | Missing, at: datetime) -> Step:
    """Judge the chain by the CRLs on the verifier, where it has any of a CA in it.

    For each CA the newest CRL counts that this CA's key signed, that has begun, has not expired and speaks for all of
    its certificates. A CRL that has expired makes every certificate of its CA count as revoked (Certificate Creation
    and Use guide X15.5). Whether cluster links look at CRLs by themselves is not documented.
    """
    verifier, owner = shown.verifier, shown.owner
    if isinstance(crls, Missing):
        reason = f"the CRLs of {show(verifier.address)} are not known: {crls.why}"
        return _step(shown, Outcome.UNKNOWN, reason, Cause.CRL_UNUSABLE, address=verifier.address, missing=crls)
    judged = [
        _judge(certificate, issuer, candidates, at)
        for certificate, issuer in (_links(path) if crls else ())
        if (candidates := [crl for crl in crls if crl.issuer_key == certificate.issuer_key])
    ]
    if not judged:
        reason = f"{show(verifier.address)} has no CRL of a CA above {owner}"
        return _step(shown, Outcome.NOT_APPLICABLE, reason)
    for outcome in (Outcome.FAIL, Outcome.UNKNOWN):
        first = next((answer for answer in judged if answer.outcome is outcome), None)
        if first is not None:
            return _revocation_step(shown, first, path)
    coming = [answer.holds_until for answer in judged if answer.holds_until is not None]
    reason = f"no CRL on {show(verifier.address)} revokes {owner}"
    return _step(shown, Outcome.PASS, reason, holds_until=min(coming, default=None))


class _CrlAnswer(Value):
    """What the CRLs of its CA say of one certificate."""

    certificate: Certificate
    outcome: Outcome
    crl: Crl
    cause: Cause | None = None
    why: str = ""
    holds_until: datetime | None = None


def _links(path: Sequence[Certificate]) -> list[tuple[Certificate, Certificate | None]]:
    """Every certificate of a chain below its root, with the CA above it where there is one."""
    above = (*path[1:], None)
    return [(certificate, ca) for certificate, ca in zip(path, above, strict=True) if not self_signed(certificate)]


def _judge(certificate: Certificate, issuer: Certificate | None, crls: Sequence[Crl], at: datetime) -> _CrlAnswer:
    unfit = {crl.where: why for crl in crls if (why := _unfit(crl, issuer, at)) is not None}
    fit = sorted((crl for crl in crls if crl.where not in unfit), key=lambda crl: crl.last_update, reverse=True)
    begins = min((crl.last_update for crl in crls if crl.last_update > at), default=None)
    if not fit:
        crl = max(crls, key=lambda crl: crl.last_update)
        why = f"{crl.where}: {unfit[crl.where]}"
        return _CrlAnswer(certificate, Outcome.UNKNOWN, crl, Cause.CRL_UNUSABLE, why, begins)
    current = next((crl for crl in fit if crl.next_update is None or at < second_after(crl.next_update)), None)
    if current is None:
        return _CrlAnswer(certificate, Outcome.FAIL, fit[0], Cause.CRL_EXPIRED, holds_until=begins)
    ends = None if current.next_update is None else second_after(current.next_update)
    holds_until = min((moment for moment in (ends, begins) if moment is not None), default=None)
    # OpenSSL does not look at the date of a revocation: one of next week counts today.
    if certificate.serial in current.revoked:
        return _CrlAnswer(certificate, Outcome.FAIL, current, Cause.REVOKED, holds_until=holds_until)
    return _CrlAnswer(certificate, Outcome.PASS, current, holds_until=holds_until)


def _unfit(crl: Crl, issuer: Certificate | None, at: datetime) -> str | None:
    """Why a CRL of the right name is no evidence for the certificates of this CA; None: it is."""
    if at < crl.last_update:
        return f"it begins on {day(crl.last_update)}"
    if crl.partial is not None:
        return crl.partial
    if issuer is None:
        return f"the CA {show(crl.issuer)} that signed it is not known"
    if issuer.key_usage is not None and "cRLSign" not in issuer.key_usage:
        return f"the key usage of {show(issuer.subject)} does not include cRLSign"
    named, offered = crl.authority_key_id, issuer.subject_key_id
    if (named is not None and offered is not None and named != offered) or not _signed(crl.der, issuer.der):
        return f"{show(issuer.subject)} did not sign this CRL"
    return None


def _revocation_step(shown: Presentation, answer: _CrlAnswer, path: Sequence[Certificate]) -> Step:
    crl, certificate, owner, who = answer.crl, answer.certificate, shown.owner, show(shown.verifier.address)
    ca = Ca(crl.issuer, crl.issuer_key)
    match answer.cause:
        case Cause.REVOKED:
            subject = owner if certificate is path[0] else f"the CA {show(certificate.subject)} above {owner}"
            reason = f"{subject} was revoked {day(crl.revoked[certificate.serial])} (CRL {crl.where})"
            return _step(
                shown, Outcome.FAIL, reason, Cause.REVOKED, Confidence.INFERRED, answer, certificate.subject, ca=ca
            )
        case Cause.CRL_EXPIRED:
            ended = day(crl.next_update) if crl.next_update is not None else ""
            reason = (
                f"the CRL of {show(crl.issuer)} on {who} expired {ended}, so all certificates of this CA count as"
                f" revoked, {owner} among them"
            )
            return _step(shown, Outcome.FAIL, reason, Cause.CRL_EXPIRED, Confidence.INFERRED, answer, crl.issuer, ca=ca)
        case _:
            remedy = "Load the CRL that the CA publishes today."
            missing = Missing(f"CRL of {show(crl.issuer)}", answer.why, remedy, crl.where)
            reason = f"whether {owner} is revoked is not known: {answer.why}"
            step = _step(shown, Outcome.UNKNOWN, reason, Cause.CRL_UNUSABLE, subject=crl.issuer, answer=answer, ca=ca)
            return replace(step, missing=missing)


def _step(
    shown: Presentation,
    outcome: Outcome,
    reason: str,
    cause: Cause | None = None,
    confidence: Confidence = Confidence.DOCUMENTED,
    answer: _CrlAnswer | None = None,
    subject: str = "",
    *,
    address: str = "",
    missing: Missing | None = None,
    ca: Ca | None = None,
    holds_until: datetime | None = None,
) -> Step:
    return Step(
        StepName.REVOCATION,
        outcome,
        reason,
        cause,
        address,
        subject=subject,
        store=shown.store,
        confidence=confidence,
        missing=missing,
        holds_until=answer.holds_until if answer is not None else holds_until,
        peer=None if cause is None else shown.presenter if cause is Cause.REVOKED else shown.verifier,
        certificate=answer.certificate if answer is not None else None,
        crl=answer.crl if answer is not None else None,
        ca=ca,
    )


@lru_cache(maxsize=256)
def _signed(crl_der: bytes, issuer_der: bytes) -> bool:
    """Whether a CA's key verifies a CRL's signature, whatever its digest; an error of any kind is a no.

    `is_signature_valid` of cryptography refuses SHA-1, which OpenSSL verifies at the level the appliance runs.
    """
    from cryptography import x509  # noqa: PLC0415 - only CRLs need it, and much imports this module
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa  # noqa: PLC0415

    try:
        key = x509.load_der_x509_certificate(issuer_der).public_key()
        crl = x509.load_der_x509_crl(crl_der)
        digest = crl.signature_hash_algorithm
        if isinstance(key, rsa.RSAPublicKey) and digest is not None:
            parameters = crl.signature_algorithm_parameters
            scheme = parameters if isinstance(parameters, padding.PSS) else padding.PKCS1v15()
            key.verify(crl.signature, crl.tbs_certlist_bytes, scheme, digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and digest is not None:
            key.verify(crl.signature, crl.tbs_certlist_bytes, ec.ECDSA(digest))
        else:
            return crl.is_signature_valid(key)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001 - hostile bytes: what the parser raises is not a closed list
        return False
    return True
