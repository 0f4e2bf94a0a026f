"""Thousands of damaged certificates, read and judged: no exception, no endless work, no rule that breaks off."""

import random
import time
from pathlib import Path

import pytest

from certplan.evidence.gather import gather
from certplan.evidence.model import Certificate, CertificateFile, Located, PeerEvidence, TrustList
from certplan.evidence.pki.x509facts import UnreadableCertificate, parse_certificate
from certplan.judgement import judge
from certplan.places import Place
from certplan.plan.reading import load_plan
from tests.clusters import expressway_e
from tests.handshake.pkis import AUTHORITIES, ISSUING, NAMES
from tests.pki import AT, rsa_key, self_signed

_SANS = ["expe.example.com", "exe1.example.com", "example.com"]
LEAVES = (
    ISSUING.issue("expe.example.com", _SANS).der,
    NAMES.issue("expe.example.com", _SANS, key=rsa_key(2048)).der,
    self_signed("expe.example.com", _SANS).der,
)
PLACE = Place("mutated.pem", 1)
ROUNDS, PEERS, CAS = 150, 3, 6


def mutated(der: bytes, chance: random.Random) -> bytes:
    """The bytes with one to four of them changed, cut out, doubled or swapped for a tag or length that hurts."""
    data = bytearray(der)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                data[at] = chance.choice((0x00, 0x30, 0x31, 0x7F, 0x80, 0x84, 0xA0, 0xFF))
            case 2:
                del data[at]
            case 3:
                data.insert(at, data[at])
            case _:
                data[at] = chance.randrange(256)
    return bytes(data)


def readable(ders: tuple[bytes, ...], count: int, chance: random.Random) -> list[Certificate]:
    """Damaged copies that can be read still; there are always some among many."""
    found: list[Certificate] = []
    while len(found) < count:
        try:
            found.append(parse_certificate(mutated(chance.choice(ders), chance)))
        except UnreadableCertificate:
            continue
    return found


@pytest.mark.parametrize("seed", range(2))
def test_damaged_certificates_are_read_and_judged_to_the_end(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    plan = load_plan(expressway_e(PEERS).write(tmp_path))
    whole = gather(plan, AT, live_dns=False)
    sound = [parse_certificate(ca.der) for ca in AUTHORITIES[:12]]
    ders = tuple(ca.der for ca in AUTHORITIES)
    slowest = 0.0
    for _ in range(ROUNDS):
        peers: list[PeerEvidence] = []
        for peer in whole.peers:
            cas = [*readable(ders, CAS, chance), *chance.sample(sound, 3)]
            (leaf,) = readable(LEAVES, 1, chance)
            trust = TrustList(tuple(Located(ca, PLACE) for ca in {ca.sha256: ca for ca in cas}.values()))
            peers.append(PeerEvidence(CertificateFile("mutated.pem", leaf, PLACE), peer.client, trust, peer.key, ()))
        started = time.perf_counter()
        judgement = judge(plan, type(whole)(tuple(peers), whole.views, AT), AT)
        slowest = max(slowest, time.perf_counter() - started)
        assert [finding.message for finding in judgement.findings if finding.code.startswith("CPL")] == []
    assert slowest < 10
