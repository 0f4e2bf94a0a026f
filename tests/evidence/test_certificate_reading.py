"""Certificates found in bytes: every form, every place, every kind of damage."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7

from certplan.evidence.pki.certificates import (
    read_certificates,
)
from certplan.places import Place
from tests.evidence.stored import csr_pem, pkcs12_store
from tests.pki import Authority, bundle, ec_key

ROOT = Authority.root(key=ec_key("root"))
ISSUING = ROOT.intermediate(key=ec_key("issuing"), path_length=0)
LEAF = ISSUING.issue("exe1.example.com", ["exe1.example.com"], key=ec_key("exe1"))
OTHER = ISSUING.issue("exe2.example.com", ["exe2.example.com"], key=ec_key("exe2"))


def ders(data: bytes) -> list[bytes]:
    return [located.certificate.der for located in read_certificates(data, "f.pem")[0]]


def problems(data: bytes) -> list[tuple[int, str]]:
    return [(problem.where.line, problem.what) for problem in read_certificates(data, "f.pem")[1]]


class TestReading:
    BOTH = (LEAF.der, ISSUING.der)

    @pytest.mark.parametrize(
        "dress",
        [
            lambda pem: pem,
            lambda pem: pem.replace(b"\n", b"\r\n"),
            lambda pem: pem.replace(b"\n", b"\r"),
            lambda pem: b"\xef\xbb\xbf" + pem,
            lambda pem: pem.rstrip(b"\n"),
            lambda pem: b"  " + pem.replace(b"\n", b"\n  "),
            lambda pem: pem.replace(b"\n", b" \t\n"),
            lambda pem: b"Certificate:\n    Data: -----\n---\n" + pem + b"\nafter-----\n",
            lambda pem: pem.replace(b" CERTIFICATE-", b" X509 CERTIFICATE-"),
            lambda pem: b"\n\n" + pem.replace(b"-----BEGIN", b"\n\n-----BEGIN"),
        ],
    )
    def test_pem_is_read_however_it_is_dressed(self, dress: Callable[[bytes], bytes]) -> None:
        data = dress(bundle(LEAF, ISSUING))
        assert ders(data) == list(self.BOTH)
        assert problems(data) == []

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
    def test_utf16_text_is_read_and_remarked_on(self, encoding: str) -> None:
        data = bundle(LEAF, ISSUING).decode().encode(encoding)
        assert ders(data) == list(self.BOTH)
        ((line, what),) = problems(data)
        assert line == 1
        assert "UTF-16" in what

    def test_each_certificate_has_the_line_of_its_begin(self) -> None:
        data = b"one\ntwo\n" + LEAF.pem + b"between\n" + ISSUING.pem
        lines = [located.where for located in read_certificates(data, "f.pem")[0]]
        assert lines == [Place("f.pem", 3), Place("f.pem", 3 + LEAF.pem.count(b"\n") + 1)]

    def test_der_and_both_pkcs7_encodings_are_read(self) -> None:
        chain = [ISSUING.certificate, LEAF.certificate]
        assert ders(LEAF.der) == [LEAF.der]
        for encoding in (serialization.Encoding.PEM, serialization.Encoding.DER):
            data = pkcs7.serialize_certificates(chain, encoding)
            assert ders(data) == list(self.BOTH), "what is not a CA comes first: the set has no order"
            assert problems(data) == []

    @pytest.mark.parametrize("rest", [b"abc", ISSUING.der, b"\n" + ISSUING.der, ISSUING.pem, b"\n\n" + ISSUING.pem])
    def test_what_follows_a_der_certificate_is_read_and_remarked_on(self, rest: bytes) -> None:
        assert ders(LEAF.der + rest) == ([LEAF.der] if rest == b"abc" else list(self.BOTH))
        assert problems(LEAF.der + rest) == [
            (1, "more follows the first DER structure, and other programs read only that")
        ]

    def test_a_last_newline_after_der_is_nothing(self) -> None:
        assert ders(LEAF.der + b"\n") == [LEAF.der]
        assert problems(LEAF.der + b"\n") == []

    def test_files_joined_without_a_line_end_are_read_and_remarked_on(self) -> None:
        data = LEAF.pem.rstrip(b"\n") + ISSUING.pem
        assert ders(data) == list(self.BOTH)
        line = LEAF.pem.count(b"\n")
        assert problems(data) == [(line, "an END and a BEGIN are on one line: put a line end between them")]

    def test_a_block_all_on_one_line_is_read_and_remarked_on(self) -> None:
        data = LEAF.pem.replace(b"\n", b" ")
        assert ders(data) == [LEAF.der]
        assert problems(data) == [(1, "an END is not on a line of its own")]

    @pytest.mark.parametrize(
        ("damage", "line", "says"),
        [
            (lambda pem: pem.replace(b"M", b"!", 1), 1, "not base64"),
            (lambda pem: pem.split(b"-----END")[0], 1, "no END line"),
            (lambda pem: pem.split(b"-----END")[0] + ISSUING.pem, 1, "no END line"),
            (lambda pem: pem.replace(b"END CERTIFICATE", b"END X509 CRL"), 1, "END X509 CRL in line"),
            (lambda pem: b"x\n# " + pem, 2, "start of a line"),
            (lambda _: b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", 1, "not base64"),
            (lambda _: b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 1, "cannot be decoded"),
            (lambda _: csr_pem().replace(b" REQUEST", b""), 1, "holds a certificate signing request"),
            (lambda _: LEAF.key_pem.replace(b"PRIVATE KEY", b"CERTIFICATE"), 1, "a private key is here"),
            (lambda _: b"-----BEGIN PKCS7-----\nAAAA\n-----END PKCS7-----\n", 1, "no certificate can be read"),
            (lambda _: LEAF.key_pem, 1, "a private key is here"),
            (lambda _: b"\n" + csr_pem(), 2, "a certificate signing request (CSR)"),
            (lambda _: ISSUING.crl().pem, 1, "a certificate revocation list (CRL)"),
            (lambda _: b"-----BEGIN TEA-----\nAAAA\n-----END TEA-----\n", 1, "a block of an unknown kind (TEA)"),
        ],
    )
    def test_a_broken_or_foreign_block_is_a_problem_with_its_line_and_the_rest_is_read(
        self, damage: Callable[[bytes], bytes], line: int, says: str
    ) -> None:
        data = damage(LEAF.pem) + OTHER.pem
        assert LEAF.der not in ders(data)
        assert ders(data)[-1] == OTHER.der
        ((found, what),) = problems(data)
        assert found == line
        assert says in what

    def test_a_lost_begin_line_is_a_problem(self) -> None:
        data = OTHER.pem + LEAF.pem.split(b"\n", 1)[1]
        assert problems(data) == [
            ((OTHER.pem + LEAF.pem).count(b"\n") - 1, "the CERTIFICATE block: it has no BEGIN line")
        ]

    def test_bytes_after_a_certificate_within_its_block_are_remarked_on(self) -> None:
        block = x509_block("CERTIFICATE", LEAF.der + b"\5\0")
        assert ders(block) == [LEAF.der]
        assert problems(block) == [(1, "the CERTIFICATE block: 2 bytes follow it")]

    @pytest.mark.parametrize(
        ("data", "says"),
        [
            (b"", "empty"),
            (b"\xef\xbb\xbf\r\n \n", "empty"),
            (b"\xff\xfe", "empty"),
            (b"hello\n", "neither PEM"),
            (bytes(range(1, 256)), "neither PEM"),
            (LEAF.der[:100], "cut short"),
            (b"0\x82\0\1\0", "cannot be decoded"),
            (LEAF.pem.split(b"-----")[2], "base64 without its BEGIN and END lines"),
            (b"-----BEGIN A-----\n-----END A-----\n" * 20_001, "more than 20000 PEM blocks"),
            (b"-----END A-----\n" * 20_001, "more than 20000 PEM blocks"),
            (pkcs12_store(LEAF), "PKCS#12"),
        ],
    )
    def test_a_file_without_certificates_says_what_it_is(self, data: bytes, says: str) -> None:
        located, ((problem), *more) = read_certificates(data, "f.pem")
        assert located == ()
        assert more == []
        assert says in problem.what

    def test_twenty_thousand_blocks_are_still_read(self) -> None:
        assert len(problems(b"-----BEGIN A-----\n-----END A-----\n" * 20_000)) == 20_000


def x509_block(label: str, der: bytes) -> bytes:
    import base64

    return b"-----BEGIN %s-----\n%s-----END %s-----\n" % (label.encode(), base64.encodebytes(der), label.encode())
