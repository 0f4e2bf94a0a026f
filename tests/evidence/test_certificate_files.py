"""Certificate files and trust lists: what is evidence, what is a problem, and what is missing."""

import os
from pathlib import Path

import pytest

from certplan.evidence.model import CertificateFile, Missing, TrustList
from certplan.evidence.pki import certificates, material
from certplan.evidence.pki.certificates import (
    load_certificate_file,
    load_trust_list,
    read_certificates,
)
from certplan.places import Place
from tests.evidence.stored import csr_pem, pkcs12_store
from tests.pki import Authority, bundle, ec_key

ROOT = Authority.root(key=ec_key("root"))
ISSUING = ROOT.intermediate(key=ec_key("issuing"), path_length=0)
LEAF = ISSUING.issue("exe1.example.com", ["exe1.example.com"], key=ec_key("exe1"))
OTHER = ISSUING.issue("exe2.example.com", ["exe2.example.com"], key=ec_key("exe2"))
WHAT = "server certificate of exe1.example.com"


def lines(text: bytes) -> int:
    return text.count(b"\n")


class TestCertificateFile:
    def load(self, tmp_path: Path, data: bytes) -> CertificateFile | Missing:
        (tmp_path / "exe1.pem").write_bytes(data)
        return load_certificate_file(tmp_path / "exe1.pem", "certs/exe1.pem", WHAT)

    def test_the_leaf_is_the_first_certificate_and_the_others_keep_their_places(self, tmp_path: Path) -> None:
        found = self.load(tmp_path, bundle(LEAF, ISSUING, ROOT))
        assert isinstance(found, CertificateFile)
        assert (found.file, found.leaf.der, found.where) == ("certs/exe1.pem", LEAF.der, Place("certs/exe1.pem", 1))
        assert [other.certificate.der for other in found.others] == [ISSUING.der, ROOT.der]
        assert found.problems == ()

    def test_a_private_key_beside_the_certificate_is_a_problem(self, tmp_path: Path) -> None:
        found = self.load(tmp_path, LEAF.key_pem + LEAF.pem)
        assert isinstance(found, CertificateFile)
        assert found.leaf.der == LEAF.der
        ((problem),) = found.problems
        assert problem.where == Place("certs/exe1.pem", 1)
        assert "a private key is here" in problem.what

    def test_a_broken_block_before_the_first_certificate_might_have_been_the_leaf(self, tmp_path: Path) -> None:
        found = self.load(tmp_path, LEAF.pem.replace(b"M", b"!", 1) + ISSUING.pem)
        assert isinstance(found, Missing)
        assert found.why == "certs/exe1.pem:1: the CERTIFICATE block: it is not base64"

    def test_a_broken_block_after_it_is_a_problem(self, tmp_path: Path) -> None:
        found = self.load(tmp_path, LEAF.pem + ISSUING.pem.replace(b"M", b"!", 1))
        assert isinstance(found, CertificateFile)
        assert [problem.where.line for problem in found.problems] == [LEAF.pem.count(b"\n") + 1]

    @pytest.mark.parametrize(
        ("data", "why", "remedy"),
        [
            (LEAF.key_pem, "certs/exe1.pem:1: no certificate in it, but a private key", "`private_key`"),
            (csr_pem(), "certs/exe1.pem:1: no certificate in it, but a certificate signing request", "the CA issued"),
            (pkcs12_store(LEAF), "certs/exe1.pem:1: no certificate in it, but a PKCS#12 store", "openssl pkcs12"),
            (
                csr_pem() + LEAF.key_pem,
                "no certificate in it, but a certificate signing request (CSR) and a private key",
                "CA issued",
            ),
            (b"", "certs/exe1.pem: the file is empty", "BEGIN CERTIFICATE"),
            (b"hello", "certs/exe1.pem: it is neither PEM", "BEGIN CERTIFICATE"),
            (LEAF.der[:99], "certs/exe1.pem:1: it begins as DER, but is cut short", "BEGIN CERTIFICATE"),
        ],
    )
    def test_a_file_without_a_certificate_is_missing_and_says_what_it_holds(
        self, tmp_path: Path, data: bytes, why: str, remedy: str
    ) -> None:
        found = self.load(tmp_path, data)
        assert isinstance(found, Missing)
        assert found.what == WHAT
        assert why in found.why
        assert remedy in found.remedy
        assert found.where is not None
        assert found.where.file == "certs/exe1.pem"

    def test_a_file_that_cannot_be_read_is_missing_and_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def why(path: Path) -> str:
            found = load_certificate_file(path, "certs/exe1.pem", WHAT)
            assert isinstance(found, Missing)
            assert found.where == Place("certs/exe1.pem")
            return found.why

        assert why(tmp_path / "none.pem") == "certs/exe1.pem: no such file"
        assert why(tmp_path) == "certs/exe1.pem: is a folder"
        assert "cannot be read" in why(tmp_path / ("x" * 300))
        assert "not a usable file name" in why(Path("a\0b"))
        (tmp_path / "large.pem").write_bytes(LEAF.pem)
        monkeypatch.setattr(material, "MAX_BYTES", 10)
        assert why(tmp_path / "large.pem") == "certs/exe1.pem: is larger than 16 MiB"

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        found = load_certificate_file(tmp_path / "pipe", "pipe", WHAT)
        assert isinstance(found, Missing)
        assert found.why == "pipe: is not a regular file"


class TestTrustList:
    def load(self, tmp_path: Path, *contents: bytes) -> TrustList | Missing:
        paths = []
        for number, data in enumerate(contents, 1):
            path = tmp_path / f"trust{number}.pem"
            path.write_bytes(data)
            paths.append((path, f"trust/{path.name}"))
        return load_trust_list(paths, "trusted CA list of exe1.example.com")

    def test_files_are_joined_in_order_and_a_certificate_found_again_stands_apart(self, tmp_path: Path) -> None:
        again = bundle(ROOT, ISSUING)
        found = self.load(tmp_path, bundle(ISSUING, ROOT, ISSUING), again)
        assert isinstance(found, TrustList)
        assert [located.certificate.der for located in found.certificates] == [ISSUING.der, ROOT.der]
        assert [str(located.where) for located in found.duplicates] == [
            f"trust/trust1.pem:{1 + lines(ISSUING.pem) + lines(ROOT.pem)}",
            "trust/trust2.pem:1",
            f"trust/trust2.pem:{1 + lines(ROOT.pem)}",
        ]

    def test_equal_files_of_several_peers_keep_their_own_names(self, tmp_path: Path) -> None:
        first, second = self.load(tmp_path, ROOT.pem), None
        (tmp_path / "copy.pem").write_bytes(ROOT.pem)
        second = load_trust_list([(tmp_path / "copy.pem", "copy.pem")], "x")
        assert isinstance(first, TrustList)
        assert isinstance(second, TrustList)
        assert first.certificates[0].where.file == "trust/trust1.pem"
        assert second.certificates[0].where.file == "copy.pem"
        assert first.certificates[0].certificate is second.certificates[0].certificate

    def test_a_private_key_is_refused_by_name(self, tmp_path: Path) -> None:
        found = self.load(tmp_path, ROOT.pem, ISSUING.pem + LEAF.key_pem)
        assert isinstance(found, Missing)
        assert found.why == "trust/trust2.pem: a private key is in it, and a trusted CA list holds only certificates"
        assert found.where == Place("trust/trust2.pem", ISSUING.pem.count(b"\n") + 1)

    @pytest.mark.parametrize(
        "hidden",
        [
            b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
            b"# -----BEGIN RSA PRIVATE KEY-----\n",
            LEAF.key_pem.replace(b"PRIVATE KEY", b"CERTIFICATE"),
            LEAF.key_pem.replace(b"END", b"BEGIN"),
        ],
    )
    def test_a_private_key_is_refused_also_when_its_block_is_damaged(self, tmp_path: Path, hidden: bytes) -> None:
        found = self.load(tmp_path, ROOT.pem + hidden)
        assert isinstance(found, Missing)
        assert "a private key is in it" in found.why

    @pytest.mark.parametrize("data", [b"", b"hello", LEAF.der[:50], csr_pem()])
    def test_one_file_without_certificates_leaves_the_list_unknown(self, tmp_path: Path, data: bytes) -> None:
        found = self.load(tmp_path, ROOT.pem, data)
        assert isinstance(found, Missing)
        assert found.why.startswith("trust/trust2.pem")

    def test_one_absent_file_leaves_the_list_unknown(self, tmp_path: Path) -> None:
        (tmp_path / "a.pem").write_bytes(ROOT.pem)
        found = load_trust_list([(tmp_path / "a.pem", "a.pem"), (tmp_path / "b.pem", "b.pem")], "x")
        assert isinstance(found, Missing)
        assert found.why == "b.pem: no such file"

    def test_no_file_at_all_is_missing(self) -> None:
        assert isinstance(load_trust_list([], "x"), Missing)

    def test_a_broken_block_in_a_readable_file_is_a_problem(self, tmp_path: Path) -> None:
        found = self.load(tmp_path, ROOT.pem + ISSUING.pem.replace(b"M", b"!", 1))
        assert isinstance(found, TrustList)
        assert [located.certificate.der for located in found.certificates] == [ROOT.der]
        assert [str(problem.where) for problem in found.problems] == [f"trust/trust1.pem:{1 + lines(ROOT.pem)}"]

    def test_equal_contents_are_read_once_and_few_are_remembered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        read: list[bytes] = []
        original = certificates._read

        def counted(data: bytes) -> object:
            read.append(data)
            return original(data)

        monkeypatch.setattr(certificates, "_read", counted)
        monkeypatch.setattr(certificates, "_contents_by_digest", {})
        for number in (*range(20), 19):
            read_certificates(b"%d\n" % number + ROOT.pem, "f.pem")
        assert len(read) == 20
        assert len(certificates._contents_by_digest) == 16
