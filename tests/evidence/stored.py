"""Files that are no certificate: a CSR, and a PKCS#12 store."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.pki import Leaf, ec_key, name


def csr_pem() -> bytes:
    builder = x509.CertificateSigningRequestBuilder(name("exe1.example.com"))
    return builder.sign(ec_key("csr"), hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def pkcs12_store(leaf: Leaf) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"exe1", ec_key("exe1"), leaf.certificate, None, serialization.NoEncryption()
    )
