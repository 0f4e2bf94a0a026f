"""A PKI for the tests: roots, issuing CAs, leaves, self-signed certificates and CRLs, each part of them replaceable.

    root = Authority.root()                                 certplan test root          self-signed
    issuing = root.intermediate()                             └─ certplan test issuing
    leaf = issuing.issue(cn="exe1.example.com",                   └─ exe1.example.com   what the peer presents
                         sans=["exe1.example.com"])

Everything has a default that gives a sound certificate; every extension can be replaced or left out (None, False or
an empty sequence). With `key=ec_key("some label")` the same call gives the same bytes in every run; a key not given
is a new one. What cryptography will not make (SHA-1 signatures, broken DER) comes from `openssl` or `fixtures/`.
"""

from tests.pki.certificates import (
    AT,
    CA_FROM,
    CA_UNTIL,
    CRL_FROM,
    CRL_UNTIL,
    LEAF_FROM,
    LEAF_UNTIL,
    Authority,
    Leaf,
    RevocationList,
    bundle,
    name,
    self_signed,
)
from tests.pki.keys import PrivateKey, ec_key, key_pem, openssl, rsa_key

__all__ = [
    "AT",
    "CA_FROM",
    "CA_UNTIL",
    "CRL_FROM",
    "CRL_UNTIL",
    "LEAF_FROM",
    "LEAF_UNTIL",
    "Authority",
    "Leaf",
    "PrivateKey",
    "RevocationList",
    "bundle",
    "ec_key",
    "key_pem",
    "name",
    "openssl",
    "rsa_key",
    "self_signed",
]
