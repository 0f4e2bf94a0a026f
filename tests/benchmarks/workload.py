"""What the benchmarks work on: six-peer clusters, no two with a certificate in common."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from cryptography import x509
from OpenSSL import crypto

from certplan.evidence.gather import gather
from certplan.judgement import judge
from certplan.plan.reading import load_plan
from tests.clusters import Draft, expressway_e
from tests.pki import AT, Authority, PrivateKey, ec_key, rsa_key

__all__ = ["PEERS", "as_of", "clusters", "judge_plan", "verify_chains"]

PEERS = range(1, 7)
as_of = ("--at", AT.date().isoformat(), "--no-dns")


def clusters(
    folder: Path, count: int, label: str, *, cas: int = 2, peers: int = 6, rsa: bool = False
) -> Iterator[Path]:
    """Write `count` perfect Expressway-E clusters below `folder` and give their plans.

    Each has a PKI of its own and `cas` CAs in every trusted CA list, those not needed in another order on each peer.
    With `rsa` all keys are RSA 2048, else P-256.
    """
    pattern = expressway_e(peers).plan
    for number in range(count):
        yield _cluster(f"{label} {number}", pattern, cas, rsa=rsa).write(folder / f"{label}-{number}")


def _cluster(label: str, pattern: dict[str, Any], cas: int, *, rsa: bool) -> Draft:
    def key(what: str, number: int) -> PrivateKey:
        return rsa_key(2048, number) if rsa else ec_key(f"{label} {what}")

    root = Authority.root(f"{label} root", key=key("root", 10))
    issuing = root.intermediate(f"{label} issuing", key=key("issuing", 11))
    others = [Authority.root(f"{label} CA {n}", key=ec_key(f"{label} CA {n}")) for n in range(cas - 2)]
    draft = Draft(deepcopy(pattern), {}, issuing, root)
    for number in range(1, len(pattern["peers"]) + 1):
        draft.reissue(number, key=key(str(number), number))
        draft.trust(number, root, *others[number:], *others[:number], issuing)
    return draft


def judge_plan(path: Path) -> None:
    """All of `certplan check` but the command line and the page."""
    plan = load_plan(path)
    judge(plan, gather(plan, AT, live_dns=False), AT)


def verify_chains(folder: Path) -> None:
    """The least there is to do: parse the certificates and verify every ordered pair, one store a verifier."""
    leaves = [_x509((folder / f"certs/exe{n}-server.pem").read_bytes())[0] for n in PEERS]
    for n in PEERS:
        store = crypto.X509Store()
        store.set_time(AT.replace(tzinfo=None))
        for certificate in _x509((folder / f"trust/exe{n}.pem").read_bytes()):
            store.add_cert(certificate)
        for leaf in leaves:
            crypto.X509StoreContext(store, leaf).verify_certificate()


def _x509(pem: bytes) -> list[crypto.X509]:
    return [crypto.X509.from_cryptography(certificate) for certificate in x509.load_pem_x509_certificates(pem)]
