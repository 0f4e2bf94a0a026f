"""`certplan csr verify --key`: keys that are encrypted, and keys that are none."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from tests.cli.program import Run, certplan
from tests.clusters import ISSUING, expressway_e
from tests.pki import ec_key

NAMES = ("expe.example.com", "exe1.example.com", "example.com")
PHRASE = b"correct horse battery"
OPENSSL = (Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(PHRASE))
PKCS8 = (Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PHRASE))


def verified(folder: Path, key: bytes, passphrase: bytes) -> Run:
    plan = expressway_e().write(folder)
    (folder / "returned.pem").write_bytes(ISSUING.issue(cn=NAMES[0], sans=NAMES, key=ec_key("verify")).pem)
    (folder / "own.key").write_bytes(key)
    options = ("--key", folder / "own.key", "--passphrase-env", "PHRASE", "--at", "2026-06-01", "--format", "json")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PHRASE", passphrase.decode())
        return certplan("csr", "verify", folder / "returned.pem", "--plan", plan, "--peer", "1", *options)


@pytest.mark.parametrize("form", [PKCS8, OPENSSL], ids=["pkcs8", "openssl"])
def test_an_encrypted_key_is_opened_and_compared(form: tuple[Encoding, PrivateFormat, object], tmp_path: Path) -> None:
    run = verified(tmp_path, ec_key("verify").private_bytes(*form), PHRASE)  # type: ignore[arg-type]
    assert run.json["files"][0]["compared_with"] == ["the plan", "its key"]
    assert "public key" not in {each["what"] for each in run.json["differences"]}


def test_an_encrypted_key_of_another_certificate_differs(tmp_path: Path) -> None:
    run = verified(tmp_path, ec_key("another").private_bytes(*PKCS8), PHRASE)
    assert "public key" in {each["what"] for each in run.json["differences"]}


def test_a_wrong_passphrase_ends_with_2_and_shows_neither_phrase_nor_key(tmp_path: Path) -> None:
    key = ec_key("verify").private_bytes(*PKCS8)
    run = verified(tmp_path, key, b"wrong horse")
    assert run.code == 2
    assert "passphrase" in run.err
    assert "horse" not in run.out + run.err
    assert key.decode().splitlines()[1] not in run.out + run.err


def test_what_is_no_key_ends_with_2(tmp_path: Path) -> None:
    run = verified(tmp_path, b"nothing", PHRASE)
    assert run.code == 2
    assert "own.key" in run.err
