"""What a failed trust step blames, over random clusters: never what is there, never what is healthy."""

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from certplan.evidence.model import Certificate, Evidence, Located, TrustList
from certplan.handshake.model import Cause, Handshake, Matrix, Step, StepName
from certplan.handshake.simulate import simulate
from certplan.judgement import Judgement
from certplan.outcomes import Outcome
from certplan.places import Place
from certplan.value import replace
from tests.handshake.pkis import clusters
from tests.handshake.test_wire import drafted
from tests.pki import AT

MISSING = {Cause.ISSUER_NOT_TRUSTED, Cause.INTERMEDIATE_MISSING}


@pytest.fixture(scope="module")
def judgements(tmp_path_factory: pytest.TempPathFactory) -> list[Judgement]:
    folder = tmp_path_factory.mktemp("culprits")
    return [drafted(cluster).judge(folder / str(number)) for number, cluster in enumerate(clusters(80, seed=3))]


def trust_steps(matrix: Matrix, *causes: Cause) -> Iterator[tuple[Handshake, Step]]:
    for handshake in matrix.handshakes:
        for step in handshake.steps:
            if step.name is StepName.TRUST and step.cause in causes:
                yield handshake, step


def list_of(evidence: Evidence, number: int) -> tuple[Certificate, ...]:
    trust = evidence.peers[number - 1].trust
    assert isinstance(trust, TrustList)
    return tuple(located.certificate for located in trust.certificates)


def with_list(evidence: Evidence, number: int, cas: Iterable[Certificate]) -> Evidence:
    peers = list(evidence.peers)
    trust = TrustList(tuple(Located(ca, Place("list")) for ca in cas))
    peers[number - 1] = replace(peers[number - 1], trust=trust)
    return replace(evidence, peers=tuple(peers))


def trust_step(judgement: Judgement, evidence: Evidence, like: Handshake) -> Step:
    again = simulate(judgement.plan, evidence, AT).between(like.verifier, like.presenter)
    return next(step for step in again.steps if step.name is StepName.TRUST)


def test_a_missing_ca_is_not_in_the_list_and_appending_it_leads_further(judgements: list[Judgement]) -> None:
    helped = 0
    for judgement in judgements:
        for handshake, step in trust_steps(judgement.matrix, *MISSING):
            assert step.ca is not None
            held = list_of(judgement.evidence, handshake.verifier.number)
            assert step.ca.subject_key not in {ca.subject_key for ca in held}
            for ca in step.ca.certificates[:1]:
                evidence = with_list(judgement.evidence, handshake.verifier.number, (*held, ca))
                after = trust_step(judgement, evidence, handshake)
                assert (after.cause, after.ca) != (step.cause, step.ca)
                helped += 1
    assert helped > 30


def test_what_is_to_be_removed_is_in_the_list_and_no_healthy_pair_needs_it(judgements: list[Judgement]) -> None:
    removed = 0
    for judgement in judgements:
        numbers = {peer.address: peer.number for peer in judgement.plan.peers}
        for finding in judgement.findings:
            if finding.code != "TRU004" or not finding.fix.startswith("Remove the "):
                continue
            number = numbers[finding.subject.peers[0]]
            held = list_of(judgement.evidence, number)
            away = {line.rsplit(" ", 1)[-1] for line in finding.evidence}
            assert away < {ca.sha256 for ca in held}
            evidence = with_list(judgement.evidence, number, [ca for ca in held if ca.sha256 not in away])
            removed += 1
            after = simulate(judgement.plan, evidence, AT)
            for old, new in zip(judgement.matrix.handshakes, after.handshakes, strict=True):
                if old.outcome is Outcome.PASS:
                    assert new.outcome is Outcome.PASS, (finding.message, old.verifier.address, old.presenter.address)
    assert removed > 10


def test_where_the_order_decides_what_is_advised_ends_that(judgements: list[Judgement]) -> None:
    seen = 0
    for judgement in judgements:
        for handshake, step in trust_steps(judgement.matrix, Cause.ORDER_DECIDES):
            assert step.outcome is Outcome.UNKNOWN
            assert step.missing is not None
            evidence = judgement.evidence
            for removal in step.removals:
                held = list_of(evidence, removal.peer.number)
                kept = [ca for ca in held if ca.sha256 != removal.certificate.sha256]
                evidence = with_list(evidence, removal.peer.number, kept)
            if step.ca is not None:
                held = list_of(evidence, handshake.verifier.number)
                evidence = with_list(evidence, handshake.verifier.number, (*held, *step.ca.certificates))
            after = trust_step(judgement, evidence, handshake)
            assert after.reason != step.reason
            seen += 1
    assert seen > 20


def test_a_shuffled_list_never_makes_a_silent_ready(tmp_path: Path) -> None:
    """What passes in one order passes in all, or two CAs of one name have different keys, and that is said."""
    shuffle = random.Random(5)  # noqa: S311 - nothing secret
    for number, cluster in enumerate(clusters(50, seed=4)):
        one = drafted(cluster).judge(tmp_path / f"{number} as it is")
        other = drafted(cluster.shuffled(shuffle)).judge(tmp_path / f"{number} shuffled")
        for before, after in zip(one.matrix.handshakes, other.matrix.handshakes, strict=True):
            if Outcome.PASS in (before.outcome, after.outcome) and before.outcome is not after.outcome:
                passing = one if before.outcome is Outcome.PASS else other
                warned = {finding.subject.name for finding in passing.findings if finding.code in ("TRU013", "TRU004")}
                assert warned & {before.verifier.address, before.presenter.address}, number
