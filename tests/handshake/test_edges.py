"""Edges that decide a verdict: the last second of a certificate, what of a list is sent, usages that allow one role."""

from datetime import timedelta
from pathlib import Path

import pytest

from certplan.evidence.model import CertificateFile, Missing
from certplan.handshake.chains import TrustIndex, expiry
from certplan.handshake.model import Cause, Step, StepName
from certplan.handshake.trust import ChainVerifier
from certplan.outcomes import Outcome
from tests.clusters import Draft, expressway_e
from tests.pki import AT, LEAF_UNTIL, ec_key

INSTANT = timedelta(microseconds=1)


def step_of(draft: Draft, folder: Path, name: StepName, at: object = AT) -> Step:
    """What exe1 says of exe2."""
    judgement = draft.judge(folder, at)  # type: ignore[arg-type]
    handshake = judgement.matrix.between(judgement.plan.peers[0], judgement.plan.peers[1])
    return next(step for step in handshake.steps if step.name is name)


@pytest.mark.parametrize(
    ("usage", "cause"),
    [
        ("digitalSignature", None),
        ("keyAgreement", None),
        ("keyEncipherment", Cause.CLIENT_ROLE_MISSING),
        ("dataEncipherment", Cause.SERVER_ROLE_MISSING),
    ],
)
def test_a_key_usage_alone_allows_a_server_more_than_a_client(usage: str, cause: Cause | None, tmp_path: Path) -> None:
    draft = expressway_e(2)
    draft.reissue(2, key_usage=(usage,))
    step = step_of(draft, tmp_path, StepName.ROLE)
    assert (step.outcome, step.cause) == (Outcome.PASS if cause is None else Outcome.FAIL, cause)


def test_a_certificate_is_valid_to_the_end_of_its_last_second(tmp_path: Path) -> None:
    draft = expressway_e(2)
    leaf = draft.judge(tmp_path / "at").evidence.peers[1].server
    end = expiry(leaf.leaf)  # type: ignore[union-attr]
    assert end == LEAF_UNTIL + timedelta(seconds=1)
    for at, cause in ((LEAF_UNTIL, None), (end - INSTANT, None), (end, Cause.EXPIRED)):
        assert step_of(draft, tmp_path / str(at.microsecond), StepName.DATES, at).cause is cause


def test_a_chain_that_is_too_long_is_no_fault_of_a_ca_that_is_none(tmp_path: Path) -> None:
    draft = expressway_e(2)
    short = draft.root.intermediate("short", key=ec_key("short"), path_length=0)
    below = short.intermediate("below", key=ec_key("below"))
    draft.reissue(2, issuer=below)
    for number in (1, 2):
        draft.trust(number, draft.root, draft.issuing, short, below)
    step = step_of(draft, tmp_path, StepName.TRUST)
    assert step.cause is Cause.PATH_TOO_LONG


def test_a_cn_of_blanks_is_told_as_none_is(tmp_path: Path) -> None:
    codes = []
    for number, cn in enumerate(("expe.example.com", None, "   ")):
        draft = expressway_e(2)
        draft.reissue(2, cn=cn)
        codes.append({finding.code for finding in draft.judge(tmp_path / str(number)).findings})
    perfect, without, blank = codes
    assert without - perfect
    assert without - perfect <= blank


def test_a_root_that_is_sent_ends_no_chain(tmp_path: Path) -> None:
    """OpenSSL sends the root of the presenter's list, and a verifier that has none says so (19, without it 20)."""
    found = expressway_e(2).judge(tmp_path).evidence.peers[1]
    assert isinstance(found.server, CertificateFile)
    assert not isinstance(found.trust, Missing)
    cas = [located.certificate for located in found.trust.certificates]
    issuing = [ca for ca in cas if not ca.self_signed]
    with_root, without = (
        ChainVerifier().chain(found.server.leaf, TrustIndex(()), TrustIndex(own), AT) for own in (cas, issuing)
    )
    assert len(issuing) < len(cas)
    assert (with_root.code, without.code) == (19, 20)
    assert not with_root.trusted
    assert with_root.cause is without.cause is Cause.ISSUER_NOT_TRUSTED
