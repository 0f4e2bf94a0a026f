"""The key usage of a TLS certificate, asked by the CSRs and by the simulation of certificates to come."""

from cryptography import x509

__all__ = ["tls_key_usage"]


def tls_key_usage(*, encipher: bool) -> x509.KeyUsage:
    """The key usage of a server or client certificate (RFC 5280, section 4.2.1.3).

    Args:
        encipher: whether it may encipher keys, which an RSA key exchange needs.
    """
    return x509.KeyUsage(
        digital_signature=True,
        key_encipherment=encipher,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
