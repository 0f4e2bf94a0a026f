"""Every pair of random clusters against real mutual TLS: certplan may be stricter where the vendor is, never laxer."""

from pathlib import Path

import pytest

from certplan.handshake.model import Cause, Handshake, Step, StepName, worst
from certplan.outcomes import Outcome
from tests.clusters import Draft, expressway_e
from tests.handshake.pkis import Cluster, clusters
from tests.handshake.wire import accepts
from tests.pki import AT

# Old releases of pyOpenSSL take nothing else.
pytestmark = pytest.mark.filterwarnings("ignore:Passing pyOpenSSL:DeprecationWarning")

STRICTER = {Cause.SAME_NAME_OTHER_KEY, Cause.WEAK_SIGNATURE}
"""What the vendor's texts refuse though the wire may not: a CA that is not the first of its name; SHA-1 from X15.2."""
CERTIFICATE = {StepName.TRUST, StepName.ROLE, StepName.DATES}


def drafted(cluster: Cluster, release: str = "X14.3.4") -> Draft:
    draft = expressway_e(len(cluster.ends), release=release)
    draft.plan["cluster"]["name"] = "exe.example.com"
    for number, end in enumerate(cluster.ends, 1):
        peer = draft.peer(number)
        draft.files[peer["server_certificate"]] = end.leaf.pem
        draft.files[peer["private_key"]] = end.leaf.key_pem
        draft.trust(number, *end.trusted)
    return draft


def judged(handshake: Handshake) -> tuple[Outcome, list[Step]]:
    steps = [step for step in handshake.steps if step.name in CERTIFICATE]
    return worst(step.outcome for step in steps), [step for step in steps if step.cause is not None]


@pytest.mark.parametrize(("release", "level", "seed"), [("X14.3.4", 0, 1), ("X15.2", 1, 2)])
def test_no_pair_passes_that_real_tls_refuses(release: str, level: int, seed: int, tmp_path: Path) -> None:
    pairs = passed = 0
    for number, cluster in enumerate(clusters(60, seed=seed)):
        judgement = drafted(cluster, release).judge(tmp_path / str(number))
        for handshake in judgement.matrix.handshakes:
            verifier, presenter = (cluster.ends[peer.number - 1] for peer in (handshake.verifier, handshake.presenter))
            accepted = accepts(verifier, presenter, AT, level)
            outcome, not_passed = judged(handshake)
            why = f"cluster {number}: {[(step.cause, step.reason) for step in not_passed]}"
            pairs, passed = pairs + 1, passed + accepted
            assert accepted or outcome is not Outcome.PASS, f"{number}: {handshake.verifier.address}"
            if accepted and outcome is Outcome.FAIL:
                assert {step.cause for step in not_passed if step.outcome is Outcome.FAIL} <= STRICTER, why
            if outcome is Outcome.UNKNOWN:
                assert {step.cause for step in not_passed} == {Cause.ORDER_DECIDES}, why
    assert pairs == 540
    assert 0.15 < passed / pairs < 0.85
