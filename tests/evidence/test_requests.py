"""CSRs read from bytes in whatever state: facts or a clear reason, never another exception."""

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from certplan.evidence.model import Missing
from certplan.evidence.pki.requests import SigningRequest, load_request_file, parse_request
from tests.pki import ec_key, self_signed

DER = (
    x509.CertificateSigningRequestBuilder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "exe1.example.com")]))
    .add_extension(x509.SubjectAlternativeName([x509.DNSName("exe1.example.com")]), critical=False)
    .sign(ec_key("requests"), hashes.SHA256())
    .public_bytes(Encoding.DER)
)


def parsed(der: bytes) -> SigningRequest | None:
    try:
        return parse_request(der)
    except ValueError:
        return None


def test_a_sound_request() -> None:
    found = parse_request(DER)
    assert (found.common_names, found.dns_names) == (("exe1.example.com",), ("exe1.example.com",))
    assert found.signature_valid
    assert found.defects == ()


@given(st.integers(0, len(DER) - 1), st.integers(1, 255))
def test_a_request_with_one_byte_changed_never_passes_for_a_sound_one(position: int, change: int) -> None:
    der = bytearray(DER)
    der[position] ^= change
    found = parsed(bytes(der))
    assert found is None or not found.signature_valid


@given(st.binary(max_size=300) | st.integers(0, len(DER)).map(lambda end: DER[:end]))
def test_any_bytes_are_read_or_refused(der: bytes) -> None:
    found = parsed(der)
    assert found is None or found.der == der


def test_what_is_no_request_is_missing_with_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "x.pem"
    file.write_bytes(self_signed().pem)
    found = load_request_file(file, "x.pem", "CSR of exe1")
    assert isinstance(found, Missing)
    assert found.why == "x.pem:1: no CSR in it, but a certificate"
    file.unlink()
    missing = load_request_file(file, "x.pem", "CSR of exe1")
    assert isinstance(missing, Missing)
    assert "no such file" in missing.why
