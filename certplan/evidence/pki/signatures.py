"""Whose key made a certificate's signature. Light to import: what verifies is loaded with the first question."""

from certplan.evidence.model import Certificate

__all__ = ["signed_by"]


def signed_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether the issuer's key verifies the certificate's signature. Any error on the way is a no."""
    from certplan.evidence.pki.x509facts import key_verifies  # noqa: PLC0415 - it loads cryptography

    return key_verifies(certificate.der, issuer.der)
