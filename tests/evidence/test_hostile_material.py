"""Laws of the readers: no bytes make them raise or warn, and every place lies in the file."""

import base64
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7
from hypothesis import given
from hypothesis import strategies as st

from certplan.evidence.model import CertificateFile, Crl, KeyFile, Missing, TrustList
from certplan.evidence.pki.certificates import (
    UnreadableCertificate,
    load_certificate_file,
    load_crls,
    load_key_file,
    load_trust_list,
    parse_certificate,
    read_certificates,
)
from certplan.evidence.pki.der import MaterialKind, kind_of
from tests.pki import Authority, bundle, ec_key, key_pem, rsa_key, self_signed

ROOT = Authority.root(key=ec_key("root"))
LEAF = ROOT.issue("exe1.example.com", ["exe1.example.com"], key=ec_key("exe1"))
RSA = self_signed(key=rsa_key())
CRL = ROOT.crl([LEAF])
CHAIN = [LEAF.certificate, ROOT.certificate]
PIECES = (LEAF.pem, ROOT.pem, RSA.pem)
GOOD = (
    *PIECES,
    bundle(LEAF, ROOT, CRL, LEAF.key_pem),
    LEAF.der,
    RSA.der,
    CRL.der,
    LEAF.key_pem,
    key_pem(RSA.key, traditional=True),
    key_pem(RSA.key, password=b"secret"),
    RSA.key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    pkcs7.serialize_certificates(CHAIN, serialization.Encoding.DER),
    pkcs7.serialize_certificates(CHAIN, serialization.Encoding.PEM),
    LEAF.pem.decode().encode("utf-16"),
)
TOKENS = (
    b"-----BEGIN ",
    b"-----END ",
    b"CERTIFICATE",
    b"PRIVATE KEY",
    b"-----",
    b"\n",
    b"\r",
    b" ",
    b":",
    b"\n\n",
    b"\xef\xbb\xbf",
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good file with bytes cut out, cut off, put in or replaced."""
    data = bytearray(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        length = draw(st.sampled_from((0, 0, 1, 1, 2, 30, len(data))))
        data[start : start + length] = draw(st.sampled_from(TOKENS) | st.binary(max_size=4))
    return bytes(data)


@st.composite
def wrapped_damage(draw: st.DrawFn) -> bytes:
    """A damaged DER structure in a sound PEM block, so that the damage gets past the base64."""
    data = bytearray(draw(st.sampled_from((LEAF.der, RSA.der, CRL.der, *GOOD[10:12]))))
    for _ in range(draw(st.integers(1, 3))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    label = draw(st.sampled_from((b"CERTIFICATE", b"TRUSTED CERTIFICATE", b"PKCS7", b"X509 CRL", b"PRIVATE KEY")))
    return b"-----BEGIN %s-----\n%s-----END %s-----\n" % (label, base64.encodebytes(data), label)


ANY = (
    st.binary(max_size=300)
    | st.lists(st.sampled_from(TOKENS) | st.binary(max_size=3), max_size=30).map(b"".join)
    | damaged()
    | wrapped_damage()
)


@pytest.fixture(scope="module")
def path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "file"


def line_count(data: bytes) -> int:
    """Generous: a line may end in LF, CR or CRLF, in one octet a character or two."""
    return data.count(b"\n") + data.count(b"\r") + 1


@given(ANY)
def test_any_bytes_give_certificates_or_problems_with_places_in_the_file(data: bytes) -> None:
    located, problems = read_certificates(data, "f")
    assert located or problems
    places = [*(each.where for each in located), *(each.where for each in problems)]
    assert all(place.file == "f" and 0 <= place.line <= line_count(data) for place in places)
    assert [each.where for each in problems] == sorted(each.where for each in problems)


@given(ANY)
def test_any_file_gives_evidence_or_says_why_not(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    found = [
        (load_certificate_file(path, "f", "it"), CertificateFile),
        (load_trust_list([(path, "f")], "it"), TrustList),
        (load_key_file(path, "f", "it"), KeyFile),
        (load_crls([(path, "f")], "it"), tuple),
    ]
    for value, expected in found:
        assert isinstance(value, expected | Missing)
        if isinstance(value, Missing):
            assert value.why.startswith("f:")
            assert value.remedy
            assert value.where is not None
            assert 0 <= value.where.line <= line_count(data)


@given(damaged() | wrapped_damage())
def test_a_trust_list_never_takes_a_file_that_shows_a_private_key(path: Path, data: bytes) -> None:
    path.write_bytes(data + LEAF.key_pem)
    assert isinstance(load_trust_list([(path, "f")], "it"), Missing)


@given(st.binary(max_size=80) | damaged())
def test_a_certificate_parses_or_is_unreadable(data: bytes) -> None:
    try:
        facts = parse_certificate(data)
    except UnreadableCertificate:
        return
    assert facts.der == data
    assert facts.not_before.utcoffset() is not None


@given(st.integers(0, len(RSA.der) - 1), st.integers(0, 255))
def test_a_certificate_with_one_octet_changed_is_no_longer_self_signed(at: int, octet: int) -> None:
    data = bytearray(RSA.der)
    data[at] = octet
    try:
        facts = parse_certificate(bytes(data))
    except UnreadableCertificate:
        return
    assert facts.self_signed is (bytes(data) == RSA.der)


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=40).map(lambda text: text.replace(b"-", b"") + b"\n")))
def test_joining_files_joins_their_certificates(parts: list[bytes]) -> None:
    def certificates(data: bytes) -> list[bytes]:
        return [located.certificate.der for located in read_certificates(data, "f")[0]]

    parts = [b"text\n", *parts]
    assert certificates(b"".join(parts)) == [der for part in parts for der in certificates(part) if part in PIECES]


@given(st.binary(max_size=60))
def test_any_bytes_have_a_kind(data: bytes) -> None:
    assert kind_of(data) in MaterialKind


@pytest.mark.parametrize(
    "data",
    [
        b"-----BEGIN " * 100_000,
        b"-----END A-----" * 100_000,
        b"-----BEGIN A-----" * 100_000,
        b"-" * 1_000_000,
        b"\0\n" * 500_000,
    ],
)
def test_large_nonsense_is_given_up_in_good_time(data: bytes) -> None:
    located, problems = read_certificates(data, "f")
    assert not located
    assert len(problems) == 1


def test_a_crl_is_a_value_that_hides_its_bytes(path: Path) -> None:
    path.write_bytes(CRL.der)
    found = load_crls([(path, "f")], "it")
    assert isinstance(found, tuple)
    assert isinstance(found[0], Crl)
    assert f"der=<{len(CRL.der)} bytes>" in repr(found)
