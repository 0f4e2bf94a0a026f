"""Private keys for the tests, and the openssl program."""

import functools
import hashlib
import itertools
import subprocess
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat

__all__ = ["KeyChoice", "PrivateKey", "chosen_key", "ec_key", "key_pem", "openssl", "rsa_key"]

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
KeyChoice = Literal["ec", "rsa"] | PrivateKey

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_RSA_POOL = 8
_turns = itertools.count()


def ec_key(label: str) -> ec.EllipticCurvePrivateKey:
    """A P-256 key made from `label`: the same in every run, so that fingerprints are too. Never for real use."""
    secret = int.from_bytes(hashlib.sha256(label.encode()).digest()) % (_P256_ORDER - 1) + 1
    return ec.derive_private_key(secret, ec.SECP256R1())


@functools.cache
def rsa_key(bits: int = 2048, number: int = 0) -> rsa.RSAPrivateKey:
    """An RSA key, made once a process for each `bits` and `number`; `key="rsa"` takes numbers 0 to 7 in turn."""
    return rsa.generate_private_key(65537, bits)


def key_pem(
    key: PrivateKey, *, password: bytes | None = None, final_newline: bool = True, traditional: bool = False
) -> bytes:
    """The private key as PEM: PKCS#8, or with `traditional` PKCS#1 for RSA and SEC1 for EC."""
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        protection = serialization.BestAvailableEncryption(password)
    layout = PrivateFormat.TraditionalOpenSSL if traditional else PrivateFormat.PKCS8
    text = key.private_bytes(Encoding.PEM, layout, protection)
    return text if final_newline else text.rstrip(b"\n")


def chosen_key(choice: KeyChoice) -> PrivateKey:
    if choice == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    if choice == "rsa":
        return rsa_key(2048, next(_turns) % _RSA_POOL)
    return choice


def openssl(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> bytes:
    """Run the openssl program and return its stdout.

    Raises:
        AssertionError: with the program's stderr, when it fails.
    """
    done = subprocess.run(
        ["openssl", *map(str, arguments)], cwd=cwd, input=stdin, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"openssl {' '.join(map(str, arguments))}: {done.stderr.decode(errors='replace')}"
    return done.stdout
