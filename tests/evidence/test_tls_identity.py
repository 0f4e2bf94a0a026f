"""A client certificate with its key, as `certplan probe --certificate --key` takes them."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from certplan.evidence.tls.identity import IdentityError, load_identity
from tests.pki import Authority, ec_key

ISSUING = Authority.root(key=ec_key("root"))
LEAF = ISSUING.issue("exe1.example.com", ["exe1.example.com"], key=ec_key("exe1"))
ENCRYPTED = LEAF.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


def test_a_certificate_with_its_issuers_and_its_key_is_an_identity(tmp_path: Path) -> None:
    certificate, key = tmp_path / "exe1.pem", tmp_path / "exe1.key"
    certificate.write_bytes(LEAF.pem + ISSUING.pem)
    key.write_bytes(LEAF.key_pem)
    assert load_identity(certificate, key).chain == (LEAF.certificate, ISSUING.certificate)


@pytest.mark.parametrize(
    ("certificate", "key", "says"),
    [
        (b"no PEM", LEAF.key_pem, "exe1.pem: no certificate in PEM"),
        (None, LEAF.key_pem, "exe1.pem: cannot be read: No such file or directory"),
        (LEAF.pem, None, "exe1.key: cannot be read: No such file or directory"),
        (LEAF.pem, ENCRYPTED, "the key is encrypted; unlock it with certplan csr unlock"),
        (LEAF.pem, LEAF.pem, "exe1.key: no private key in PEM"),
        (ISSUING.pem, LEAF.key_pem, "does not belong to"),
    ],
)
def test_what_is_no_identity_is_refused_by_the_name_of_its_file(
    certificate: bytes | None, key: bytes | None, says: str, tmp_path: Path
) -> None:
    for name, contents in (("exe1.pem", certificate), ("exe1.key", key)):
        if contents is not None:
            (tmp_path / name).write_bytes(contents)
    with pytest.raises(IdentityError) as refused:
        load_identity(tmp_path / "exe1.pem", tmp_path / "exe1.key")
    assert says in str(refused.value)
    assert "PRIVATE KEY" not in str(refused.value)
