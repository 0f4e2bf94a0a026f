"""A certificate signing request (PKCS#10, RFC 2986) from what was decided and a private key."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certplan.csr.model import Request
from certplan.csr.words import Digest
from certplan.evidence.pki.usages import tls_key_usage
from certplan.plan.model import CertificateSubject

__all__ = ["PrivateKey", "build_request"]

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_USAGES = {"serverAuth": ExtendedKeyUsageOID.SERVER_AUTH, "clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH}
_DIGESTS: dict[Digest, hashes.SHA256 | hashes.SHA384 | hashes.SHA512] = {
    Digest.SHA256: hashes.SHA256(),
    Digest.SHA384: hashes.SHA384(),
    Digest.SHA512: hashes.SHA512(),
}


def build_request(request: Request, key: PrivateKey) -> bytes:
    """Make the CSR and sign it with `key`.

    The extensions are those of the appliance's own requests (Certificate Creation and Use Deployment Guide X15.5):
    SAN, extended key usage and key usage, which for RSA has keyEncipherment too (CA/Browser Forum Baseline
    Requirements 2.2.6, section 7.1.2.7.11).

    Returns:
        PEM with its final newline.
    """
    usages = [_USAGES[usage] for usage in request.usages]
    builder = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(_subject(request.cn, request.choices.subject))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in request.sans]), critical=False)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(tls_key_usage(encipher=isinstance(key, rsa.RSAPrivateKey)), critical=True)
    )
    return builder.sign(key, _DIGESTS[request.choices.digest]).public_bytes(Encoding.PEM)


def _subject(cn: str, subject: CertificateSubject) -> x509.Name:
    fields = (
        (NameOID.COUNTRY_NAME, subject.country and subject.country.upper()),
        (NameOID.STATE_OR_PROVINCE_NAME, subject.state),
        (NameOID.LOCALITY_NAME, subject.locality),
        (NameOID.ORGANIZATION_NAME, subject.organization),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, subject.organizational_unit),
        (NameOID.COMMON_NAME, cn),
        (NameOID.EMAIL_ADDRESS, subject.email),
    )
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in fields if value is not None])
