"""CRLs read from files: whom they name, and that a CRL not read is never a CRL that names nobody."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from certplan.evidence.model import Crl, Missing
from certplan.evidence.pki.certificates import load_crls, parse_certificate
from certplan.places import Place
from tests.pki import CRL_FROM, CRL_UNTIL, Authority, bundle, ec_key, openssl

WHAT = "CRLs of exe1.example.com"
ROOT = Authority.root(key=ec_key("root"))
ISSUING = ROOT.intermediate(key=ec_key("issuing"))
LEAF = ISSUING.issue(key=ec_key("leaf"))
REVOKED_AT = datetime(2026, 4, 1, 12, 30, tzinfo=UTC)


def load(folder: Path, *contents: bytes) -> tuple[Crl, ...] | Missing:
    paths = []
    for number, data in enumerate(contents, 1):
        (folder / f"{number}.crl").write_bytes(data)
        paths.append((folder / f"{number}.crl", f"crls/{number}.crl"))
    return load_crls(paths, WHAT)


@pytest.mark.parametrize("form", ["pem", "der"])
def test_a_crl_names_serials_as_certificates_have_them(tmp_path: Path, form: str) -> None:
    crl = ISSUING.crl([LEAF, 0x0F], revoked_at=REVOKED_AT)
    found = load(tmp_path, crl.pem if form == "pem" else crl.der)
    leaf = parse_certificate(LEAF.der)
    assert found == (
        Crl(
            der=crl.der,
            issuer=leaf.issuer,
            issuer_der=leaf.issuer_der,
            issuer_key=leaf.issuer_key,
            last_update=CRL_FROM,
            next_update=CRL_UNTIL,
            revoked={leaf.serial: REVOKED_AT, "f": REVOKED_AT},
            where=Place("crls/1.crl", 1),
        ),
    )


def test_several_crls_and_files_are_joined_in_order_and_certificates_passed_over(tmp_path: Path) -> None:
    first, second = ISSUING.crl(), ROOT.crl([ISSUING])
    found = load(tmp_path, bundle(ROOT, first, second), second.der)
    assert isinstance(found, tuple)
    root_lines = ROOT.pem.count(b"\n")
    assert [(crl.der, str(crl.where)) for crl in found] == [
        (first.der, f"crls/1.crl:{root_lines + 1}"),
        (second.der, f"crls/1.crl:{root_lines + len(first.pem.splitlines()) + 1}"),
        (second.der, "crls/2.crl:1"),
    ]


def test_no_file_is_no_crl(tmp_path: Path) -> None:
    assert load(tmp_path) == ()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "crls/2.crl: the file is empty"),
        (b"hello", "crls/2.crl: it is neither PEM"),
        (ROOT.pem, "crls/2.crl: no CRL in it, but a certificate"),
        (ISSUING.crl().der[:50], "crls/2.crl:1: it begins as DER, but is cut short"),
        (ISSUING.crl().pem[:-30], "crls/2.crl:1: it has no END line"),
        (ISSUING.crl().pem.replace(b"M", b"!", 1), "crls/2.crl:1: the CRL cannot be decoded"),
        (ROOT.pem.replace(b"CERTIFICATE", b"X509 CRL"), "crls/2.crl:1: the CRL cannot be decoded"),
        (ISSUING.crl().pem + ISSUING.key_pem, "a private key is here"),
    ],
    ids=["empty", "text", "certificate", "cut DER", "cut PEM", "broken PEM", "mislabeled", "private key"],
)
def test_one_bad_file_leaves_the_revocations_unknown(tmp_path: Path, data: bytes, why: str) -> None:
    found = load(tmp_path, ISSUING.crl().pem, data)
    assert isinstance(found, Missing)
    assert found.what == WHAT
    assert why in found.why
    assert found.where is not None
    assert found.where.file == "crls/2.crl"


def test_an_absent_file_leaves_the_revocations_unknown(tmp_path: Path) -> None:
    found = load_crls([(tmp_path / "none.crl", "none.crl")], WHAT)
    assert isinstance(found, Missing)
    assert found.why == "none.crl: no such file"


@pytest.mark.system("openssl")
def test_a_crl_made_by_openssl_is_read(tmp_path: Path) -> None:
    (tmp_path / "ca.cnf").write_text("[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\ndefault_md=sha256\n")
    (tmp_path / "index.txt").write_text("R\t270101000000Z\t260401123000Z\t0A1B\tunknown\t/CN=exe1.example.com\n")
    (tmp_path / "ca.pem").write_bytes(ISSUING.pem)
    (tmp_path / "ca.key").write_bytes(ISSUING.key_pem)
    options = ["-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-crldays", "7", "-out", "ca.crl"]
    openssl("ca", "-gencrl", *options, cwd=tmp_path)
    found = load_crls([(tmp_path / "ca.crl", "ca.crl")], WHAT)
    assert isinstance(found, tuple)
    assert dict(found[0].revoked) == {"a1b": REVOKED_AT}
    assert found[0].issuer == "CN=certplan test issuing"
