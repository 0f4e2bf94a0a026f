"""Certificates made by the openssl program: certplan sees in them what openssl says."""

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from certplan.evidence.model import San, SanKind
from certplan.evidence.pki.certificates import (
    read_certificates,
)
from certplan.evidence.pki.x509facts import public_key_facts
from tests.pki import openssl


def ders(data: bytes) -> list[bytes]:
    return [located.certificate.der for located in read_certificates(data, "f.pem")[0]]


def problems(data: bytes) -> list[tuple[int, str]]:
    return [(problem.where.line, problem.what) for problem in read_certificates(data, "f.pem")[1]]


pytestmark = pytest.mark.system("openssl")


@pytest.fixture(scope="module", params=["rsa", "ec"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """root -> issuing -> leaf, each in NAME.pem and NAME.key."""
    folder = tmp_path_factory.mktemp(request.param)
    algorithm = {"rsa": ["RSA", "rsa_keygen_bits:2048"], "ec": ["EC", "ec_paramgen_curve:P-384"]}[request.param]
    for each in ("root", "issuing", "leaf"):
        openssl("genpkey", "-algorithm", algorithm[0], "-pkeyopt", algorithm[1], "-out", f"{each}.key", cwd=folder)
    (folder / "ca.ext").write_text("basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\n")
    (folder / "leaf.ext").write_text(
        "subjectAltName=DNS:exe1.example.com,IP:10.0.0.1,otherName:1.3.6.1.5.5.7.8.5;UTF8:example.com\n"
        "extendedKeyUsage=serverAuth,clientAuth\nkeyUsage=digitalSignature\n"
    )
    subject = "/C=DE/O=Example, Inc./CN=openssl root"
    openssl("req", "-new", "-x509", "-key", "root.key", "-subj", subject, "-days", "9", "-out", "root.pem", cwd=folder)
    for each, ca, cn, ext in (
        ("issuing", "root", "openssl issuing", "ca.ext"),
        ("leaf", "issuing", "exe1.example.com", "leaf.ext"),
    ):
        openssl("req", "-new", "-key", f"{each}.key", "-subj", f"/O=Ex\\/ample/CN={cn}", "-out", "csr", cwd=folder)
        signing = ["-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial", "-days", "8", "-extfile", ext]
        openssl("x509", "-req", "-in", "csr", *signing, "-out", f"{each}.pem", cwd=folder)
    return folder


def test_facts_agree_with_openssl(folder: Path) -> None:
    for each in ("root", "issuing", "leaf"):
        options = ["-noout", "-subject", "-issuer", "-enddate", "-serial", "-fingerprint", "-sha256"]
        said = openssl("x509", "-in", f"{each}.pem", *options, "-nameopt", "RFC2253", cwd=folder).decode()
        ((located,), found) = read_certificates((folder / f"{each}.pem").read_bytes(), each)
        facts = located.certificate
        assert found == ()
        assert facts.defects == ()
        assert f"subject={facts.subject}\n" in said
        assert f"issuer={facts.issuer}\n" in said
        assert f"serial={facts.serial.upper()}" in said.replace("serial=0", "serial=")
        assert f"notAfter={facts.not_after:%b} {facts.not_after.day:2} {facts.not_after:%H:%M:%S %Y} GMT" in said
        assert re.sub("(..)(?=.)", r"\1:", facts.sha256.upper()) in said
        assert facts.self_signed is (each == "root")
        public = openssl("pkey", "-in", f"{each}.key", "-pubout", "-outform", "DER", cwd=folder)
        assert facts.key is not None
        assert facts.key == public_key_facts(serialization.load_der_public_key(public))


def test_the_leafs_sans_are_read(folder: Path) -> None:
    ((located,), _) = read_certificates((folder / "leaf.pem").read_bytes(), "leaf.pem")
    assert located.certificate.sans == (
        San(SanKind.DNS, "exe1.example.com"),
        San(SanKind.IP, "10.0.0.1"),
        San(SanKind.XMPP_ADDRESS, "example.com"),
    )


def test_text_output_trusted_form_and_pkcs7_hold_the_same_certificates(folder: Path) -> None:
    leaf, issuing = (ders((folder / f"{each}.pem").read_bytes())[0] for each in ("leaf", "issuing"))
    text = openssl("x509", "-in", "leaf.pem", "-text", cwd=folder)
    assert text.startswith(b"Certificate:")
    assert ders(text) == [leaf]
    trusted = openssl("x509", "-in", "leaf.pem", "-trustout", "-addtrust", "serverAuth", cwd=folder)
    assert b"BEGIN TRUSTED CERTIFICATE" in trusted
    assert ders(trusted) == [leaf]
    assert problems(trusted) == []
    for form in ("PEM", "DER"):
        certfiles = ["-certfile", "issuing.pem", "-certfile", "leaf.pem"]
        bundled = openssl("crl2pkcs7", "-nocrl", *certfiles, "-outform", form, cwd=folder)
        assert ders(bundled) == [leaf, issuing]
        assert problems(bundled) == []
    assert ders(openssl("x509", "-in", "leaf.pem", "-outform", "DER", cwd=folder)) == [leaf]
