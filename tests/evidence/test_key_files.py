"""Private key files: the public half is compared, the private half never seen again."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from certplan.evidence.model import KeyFile, Missing, PublicKey
from certplan.evidence.pki.certificates import load_certificate_file, load_key_file, load_trust_list, parse_certificate
from certplan.places import Place
from tests.pki import PrivateKey, ec_key, key_pem, openssl, rsa_key, self_signed

WHAT = "private key of exe1.example.com"
EC_KEY = ec_key("exe1")
LEAF = self_signed(key=EC_KEY)
EC_PARAMETERS = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"


def load(folder: Path, data: bytes) -> KeyFile | Missing:
    (folder / "exe1.key").write_bytes(data)
    return load_key_file(folder / "exe1.key", "keys/exe1.key", WHAT)


def public(found: KeyFile | Missing) -> PublicKey:
    assert isinstance(found, KeyFile)
    assert isinstance(found.key, PublicKey)
    return found.key


def der(key: PrivateKey, layout: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    return key.private_bytes(Encoding.DER, layout, NoEncryption())


@pytest.mark.parametrize("key", [EC_KEY, rsa_key(), ed25519.Ed25519PrivateKey.from_private_bytes(b"\1" * 32)])
def test_a_key_has_the_public_half_of_its_certificate(tmp_path: Path, key: PrivateKey) -> None:
    expected = parse_certificate(self_signed(key=key).der).key
    assert public(load(tmp_path, key_pem(key))) == expected
    assert public(load(tmp_path, der(key))) == expected


@pytest.mark.parametrize("key", [EC_KEY, rsa_key()])
def test_every_plain_form_gives_the_same_public_half(
    tmp_path: Path, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
) -> None:
    expected = public(load(tmp_path, key_pem(key)))
    forms = {
        "traditional PEM": key_pem(key, traditional=True),
        "traditional DER": der(key, PrivateFormat.TraditionalOpenSSL),
        "with parameters before it": EC_PARAMETERS + key_pem(key, traditional=True),
        "CRLF": key_pem(key).replace(b"\n", b"\r\n"),
        "after its certificate": LEAF.pem + key_pem(key),
        "with bag attributes": b"Bag Attributes\n    friendlyName: exe1\n" + key_pem(key),
        "UTF-16": key_pem(key).decode().encode("utf-16"),
    }
    for form, data in forms.items():
        found = load(tmp_path, data)
        assert public(found) == expected, form
        assert isinstance(found, KeyFile)
        assert (found.encrypted, found.final_newline, found.file) == (False, True, "keys/exe1.key"), form


def test_the_final_newline_is_looked_for(tmp_path: Path) -> None:
    found = load(tmp_path, key_pem(EC_KEY, final_newline=False))
    assert isinstance(found, KeyFile)
    assert not found.final_newline
    assert isinstance(found.key, PublicKey)


@pytest.mark.parametrize(
    "data",
    [
        key_pem(EC_KEY, password=b"secret"),
        key_pem(EC_KEY, password=b"secret", traditional=True),
        key_pem(rsa_key(), password=b"secret", traditional=True),
        key_pem(EC_KEY, password=b"secret").replace(b"ENCRYPTED ", b""),
        EC_KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")),
    ],
)
def test_an_encrypted_key_is_seen_as_such_and_not_opened(tmp_path: Path, data: bytes) -> None:
    found = load(tmp_path, data)
    assert isinstance(found, KeyFile)
    assert found.encrypted
    assert found.key == Missing(
        WHAT,
        "keys/exe1.key:1: the private key is encrypted",
        "Give the key without a password; the appliance takes no other.",
        Place("keys/exe1.key", 1),
    )


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (key_pem(EC_KEY).replace(b"M", b"!", 1), "is not base64"),
        (key_pem(EC_KEY).split(b"-----END")[0], "no END line"),
        (key_pem(EC_KEY) + key_pem(rsa_key()), "2 private keys are in it (lines 1, 6)"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "cannot be decoded"),
        (der(EC_KEY)[:40] + b"\xff" * (len(der(EC_KEY)) - 40), "cannot be decoded"),
        (EC_KEY.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()), "OpenSSH's own form"),
    ],
)
def test_a_key_that_cannot_be_opened_leaves_the_file_known_and_the_key_missing(
    tmp_path: Path, data: bytes, why: str
) -> None:
    found = load(tmp_path, data)
    assert isinstance(found, KeyFile)
    assert isinstance(found.key, Missing)
    assert not found.encrypted
    assert why in found.key.why


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (LEAF.pem, "keys/exe1.key:1: no private key in it, but a certificate"),
        (LEAF.der, "keys/exe1.key:1: no private key in it, but a certificate"),
        (
            EC_KEY.public_key().public_bytes(Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
            "keys/exe1.key:1: no private key in it, but a public key",
        ),
        (
            pkcs12.serialize_key_and_certificates(None, EC_KEY, None, None, NoEncryption()),
            "keys/exe1.key:1: no private key in it, but a PKCS#12 store",
        ),
        (der(EC_KEY)[:50], "keys/exe1.key:1: it begins as DER, but is cut short or damaged"),
        (b"", "keys/exe1.key: the file is empty"),
        (b"hello\n", "keys/exe1.key: it is neither PEM (it has no BEGIN line) nor DER"),
    ],
)
def test_a_file_without_a_private_key_says_what_it_holds(tmp_path: Path, data: bytes, why: str) -> None:
    found = load(tmp_path, data)
    assert isinstance(found, Missing)
    assert (found.what, found.why) == (WHAT, why)


def test_an_absent_file_is_missing(tmp_path: Path) -> None:
    found = load_key_file(tmp_path / "none.key", "keys/none.key", WHAT)
    assert isinstance(found, Missing)
    assert found.why == "keys/none.key: no such file"


@pytest.mark.system("openssl")
@pytest.mark.parametrize("algorithm", [("RSA", "rsa_keygen_bits:2048"), ("EC", "ec_paramgen_curve:P-521")])
def test_keys_made_by_openssl_are_read(tmp_path: Path, algorithm: tuple[str, str]) -> None:
    openssl("genpkey", "-algorithm", algorithm[0], "-pkeyopt", algorithm[1], "-out", "k.pem", cwd=tmp_path)
    expected = public(load(tmp_path, (tmp_path / "k.pem").read_bytes()))
    traditional = openssl("pkey", "-in", "k.pem", "-traditional", cwd=tmp_path)
    assert public(load(tmp_path, traditional)) == expected
    locked = openssl("pkcs8", "-topk8", "-in", "k.pem", "-passout", "pass:secret", cwd=tmp_path)
    found = load(tmp_path, locked)
    assert isinstance(found, KeyFile)
    assert found.encrypted
    spki = openssl("pkey", "-in", "k.pem", "-pubout", "-outform", "DER", cwd=tmp_path)
    (tmp_path / "spki").write_bytes(spki)
    digest = openssl("dgst", "-sha256", "-r", "spki", cwd=tmp_path).split()[0].decode()
    assert expected.sha256 == digest


def secrets(key: PrivateKey) -> list[str]:
    """Every spelling of the private half that a message might carry."""
    texts = [key_pem(key), key_pem(key, traditional=True), der(key).hex().encode()]
    numbers: list[int] = []
    if isinstance(key, rsa.RSAPrivateKey):
        private = key.private_numbers()
        numbers = [private.d, private.p, private.q, private.dmp1, private.dmq1, private.iqmp]
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        numbers = [key.private_numbers().private_value]
    lines = [line.decode() for text in texts for line in text.splitlines() if len(line) > 20 and b"-----" not in line]
    return [*lines, *(str(number) for number in numbers), *(f"{number:x}" for number in numbers)]


@pytest.mark.parametrize("key", [EC_KEY, rsa_key()])
@pytest.mark.parametrize(
    "damage",
    [
        lambda pem: pem,
        lambda pem: pem[:-60],
        lambda pem: pem.replace(b"PRIVATE KEY", b"CERTIFICATE"),
        lambda pem: pem.replace(b"BEGIN PRIVATE", b"BEGIN ENCRYPTED PRIVATE"),
        lambda pem: pem.replace(b"-----END", b"=====END"),
        lambda pem: pem.replace(b"\nM", b"\nA", 1),
        lambda pem: pem.split(b"-----")[2],
        lambda pem: LEAF.pem + pem + pem,
    ],
    ids=["whole", "cut", "mislabeled", "mismatched", "no end", "altered", "bare", "twice"],
)
def test_no_part_of_a_private_key_is_ever_shown(tmp_path: Path, key: PrivateKey, damage: object) -> None:
    assert callable(damage)
    path = tmp_path / "exe1.key"
    path.write_bytes(damage(key_pem(key)))
    shown = repr(
        [
            load_key_file(path, "k", "x"),
            load_certificate_file(path, "k", "x"),
            load_trust_list([(path, "k")], "x"),
        ]
    )
    assert not [secret for secret in secrets(key) if secret in shown]
    with pytest.raises(ValueError, match="cannot be decoded") as caught:
        parse_certificate(der(key))
    shown = f"{caught.value!r} {caught.value.__cause__!r}"
    assert not [secret for secret in secrets(key) if secret in shown]
