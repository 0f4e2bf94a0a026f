"""Random PKIs for clusters: two roots that sign each other, namesakes, tiers, limits, and lists in any order.

R1 ─┬─ policy ── issuing ── below issuing        R1 by R2, R2 by R1: cross certificates (same names, same keys)
    ├─ short (pathlen 0) ── below short           R1, issuing: namesakes with other keys, with and without key ids
    ├─ servers only, clients only (EKU)           version 1 root, CAs signed with SHA-1, without keyCertSign
    └─ other names only (name constraints)        expired, not yet valid; R1 renewed with its own key
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from tests.handshake.wire import Endpoint
from tests.pki import Authority, Leaf, ec_key, self_signed
from tests.resign import resigned

__all__ = ["AUTHORITIES", "Cluster", "clusters"]

_EARLY, _LATE = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)

R1 = Authority.root("R1", key=ec_key("wire R1"))
R1_RENEWED = Authority.root("R1", key=ec_key("wire R1"), not_after=datetime(2045, 1, 1, tzinfo=UTC))
R1_EXPIRED = Authority.root("R1", key=ec_key("wire R1"), not_after=_EARLY)
R2 = Authority.root("R2", key=ec_key("wire R2"))
R2_EXPIRED = Authority.root("R2", key=ec_key("wire R2"), not_after=_EARLY)
R1_BY_R2 = R2.intermediate("R1", key=ec_key("wire R1"))
R2_BY_R1 = R1.intermediate("R2", key=ec_key("wire R2"))
R1_NAMESAKE = Authority.root("R1", key=ec_key("wire R1 namesake"))
R1_NAMESAKE_BARE = Authority.root("R1", key=ec_key("wire R1 bare"), ski=False)
POLICY = R1.intermediate("policy", key=ec_key("wire policy"))
POLICY_BARE = R1.intermediate("policy", key=ec_key("wire policy"), ski=False, aki=False)
ISSUING = POLICY.intermediate("issuing", key=ec_key("wire issuing"))
ISSUING_REKEYED = POLICY.intermediate("issuing", key=ec_key("wire issuing 2"), ski=False, aki=False)
ISSUING_BY_R2 = R2.intermediate("issuing", key=ec_key("wire issuing"))
BELOW = ISSUING.intermediate("below issuing", key=ec_key("wire below"))
SHORT = R1.intermediate("short", key=ec_key("wire short"), path_length=0)
BELOW_SHORT = SHORT.intermediate("below short", key=ec_key("wire below short"))
SERVERS = R1.intermediate("servers only", key=ec_key("wire servers"), eku=("serverAuth",))
CLIENTS = R2.intermediate("clients only", key=ec_key("wire clients"), eku=("clientAuth",))
NO_SIGN = R1.intermediate("no keyCertSign", key=ec_key("wire no sign"), key_usage=("cRLSign",))
NO_BASIC = R1.intermediate("no basicConstraints", key=ec_key("wire no basic"), basic_constraints=False)
EXPIRED = R1.intermediate("expired", key=ec_key("wire expired"), not_after=_EARLY)
FUTURE = R2.intermediate("future", key=ec_key("wire future"), not_before=_LATE)
NAMES = R1.intermediate(
    "other names",
    key=ec_key("wire names"),
    extra_extensions=[(x509.NameConstraints([x509.DNSName("other.example")], None), True)],
)
_SHA1 = R2.intermediate("signed with SHA-1", key=ec_key("wire SHA-1"))
SHA1 = replace(_SHA1, certificate=resigned(_SHA1.certificate, ec_key("wire R2"), sha1=True))
_V1 = Authority.root("version 1", key=ec_key("wire v1"))
V1 = replace(_V1, certificate=resigned(_V1.certificate, ec_key("wire v1"), v1=True))
BELOW_V1 = V1.intermediate("below version 1", key=ec_key("wire below v1"))

AUTHORITIES = (
    R1, R1_RENEWED, R1_EXPIRED, R2, R2_EXPIRED, R1_BY_R2, R2_BY_R1, R1_NAMESAKE, R1_NAMESAKE_BARE, POLICY, POLICY_BARE,
    ISSUING, ISSUING_REKEYED, ISSUING_BY_R2, BELOW, SHORT, BELOW_SHORT, SERVERS, CLIENTS, NO_SIGN, NO_BASIC, EXPIRED,
    FUTURE, NAMES, SHA1, V1, BELOW_V1,
)  # fmt: skip
_COMMON = (R1, R2, ISSUING, ISSUING, BELOW, POLICY, SHORT, ISSUING_BY_R2, ISSUING_REKEYED)
"""Issuers that are taken more often than others, since most of what goes wrong goes wrong above them."""


@dataclass(frozen=True)
class Cluster:
    """Peers with their certificates and trusted CA lists."""

    ends: tuple[Endpoint, ...]

    def shuffled(self, shuffle: random.Random) -> "Cluster":
        """The same with every trusted CA list in another order."""
        return Cluster(tuple(Endpoint(e.leaf, shuffle.sample(list(e.trusted), len(e.trusted))) for e in self.ends))


def clusters(count: int, peers: int = 3, seed: int = 0) -> Iterator[Cluster]:
    """`count` clusters, the same in every run."""
    for number in range(count):
        yield _cluster(random.Random(f"{seed} {number}"), peers)  # noqa: S311 - nothing secret


def _cluster(chance: random.Random, peers: int) -> Cluster:
    leaves = [_leaf(chance, number) for number in range(1, peers + 1)]
    kinds = {ca for leaf in leaves for ca in (leaf.issuer.chain if leaf.issuer is not None else ())}
    twins = {ca for ca in AUTHORITIES for known in kinds if ca.certificate.subject == known.certificate.subject}
    ends = []
    for leaf in leaves:
        trusted = [ca for ca in AUTHORITIES if chance.random() < _share(ca, kinds, twins)]
        chance.shuffle(trusted)
        ends.append(Endpoint(leaf, tuple(trusted or [R1])))
    return Cluster(tuple(ends))


def _share(ca: Authority, kinds: set[Authority], twins: set[Authority]) -> float:
    return 0.88 if ca in kinds else 0.2 if ca in twins else 0.06


def _leaf(chance: random.Random, number: int) -> Leaf:
    cn, sans = "exe.example.com", ["exe.example.com", f"exe{number}.example.com", "example.com"]
    if chance.random() < 0.02:
        return self_signed(cn, sans, key=ec_key(f"wire self {number}"))
    issuer = chance.choice(_COMMON) if chance.random() < 0.7 else chance.choice(AUTHORITIES)
    leaf = issuer.issue(
        cn,
        sans,
        key=ec_key(f"wire leaf {number}"),
        eku=chance.choice([("serverAuth", "clientAuth")] * 8 + [None, ("serverAuth",)]),
        aki=chance.random() < 0.8,
        not_after=_EARLY if chance.random() < 0.02 else datetime(2027, 1, 1, tzinfo=UTC),
    )
    if chance.random() < 0.04:
        assert isinstance(issuer.key, ec.EllipticCurvePrivateKey)
        return replace(leaf, certificate=resigned(leaf.certificate, issuer.key, sha1=True))
    return leaf
