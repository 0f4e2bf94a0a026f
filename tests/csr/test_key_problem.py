"""Which keys will do on which release, to the release itself."""

import pytest

from certplan.csr.rules import key_problem
from certplan.evidence.model import KeyKind, PublicKey
from certplan.vendor.releases import Release


def key(name: str) -> PublicKey:
    kind, _, size = name.partition(" ")
    known = {"RSA": KeyKind.RSA, "ECDSA": KeyKind.ECDSA}.get(kind, KeyKind.OTHER)
    return PublicKey(known, name, int(size.removeprefix("P-") or 0), "0" * 64)


@pytest.mark.parametrize("release", ["X14.2.99", "X14.3", "X14.3.1", "X15.5"])
@pytest.mark.parametrize("name", ["ECDSA P-256", "ECDSA P-384", "ECDSA P-521"])
def test_ecdsa_will_do_from_x14_3_itself(name: str, release: str) -> None:
    problem = key_problem(key(name), Release.parse(release))
    assert (problem is None) == (release != "X14.2.99")
    assert problem is None or problem == (f"{name}, which X14.2.99 does not take", "RSA")


@pytest.mark.parametrize(("name", "fine"), [("RSA 2047", False), ("RSA 2048", True), ("RSA 4096", True)])
def test_rsa_has_2048_bits_or_more_on_every_release(name: str, fine: bool) -> None:
    assert (key_problem(key(name), Release.parse("X14.3")) is None) == fine


@pytest.mark.parametrize("name", ["Ed25519", "ECDSA P-192"])
def test_no_other_key_will_do(name: str) -> None:
    assert key_problem(key(name), Release.parse("X15.5")) == (name, "RSA 2048 or 4096, or ECDSA P-256, P-384 or P-521")
