"""Which CRL of a CA counts: the newest good one that the CA's key signed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from certplan.handshake.model import Cause, Step, StepName
from certplan.outcomes import Outcome, Verdict
from tests.clusters import Draft, expressway_e
from tests.pki import AT, CA_FROM, CRL_FROM, CRL_UNTIL, Authority, Leaf, bundle, ec_key

DAY = timedelta(days=1)


def cluster(*crls: bytes, issuing: Authority | None = None) -> tuple[Draft, Leaf]:
    """Two peers below `issuing`; exe1 has these CRLs, made of the leaf of exe2."""
    draft = expressway_e(2)
    leaf = draft.reissue(2, issuer=issuing)
    draft.peer(1)["crls"] = ["crls/all.pem"]
    draft.files["crls/all.pem"] = bundle(*crls)
    if issuing is not None:
        for number in (1, 2):
            draft.trust(number, draft.root, draft.issuing, issuing)
    return draft, leaf


def verified_by_exe1(draft: Draft, folder: Path, at: datetime = AT) -> Step:
    """The revocation step of exe1 about exe2."""
    judgement = draft.judge(folder, at)
    handshake = judgement.matrix.between(judgement.plan.peers[0], judgement.plan.peers[1])
    return next(step for step in handshake.steps if step.name is StepName.REVOCATION)


def extended(issuer: Authority, extension: x509.ExtensionType, *, critical: bool = True) -> bytes:
    """An empty CRL of `issuer` with one extension."""
    builder = x509.CertificateRevocationListBuilder(issuer.certificate.subject, CRL_FROM, CRL_UNTIL)
    assert isinstance(issuer.key, ec.EllipticCurvePrivateKey)
    crl = builder.add_extension(extension, critical=critical).sign(issuer.key, hashes.SHA256())
    return crl.public_bytes(Encoding.PEM)


ISSUING = expressway_e(2).issuing
EXPIRED = ISSUING.crl(last_update=CA_FROM, next_update=AT - 9 * DAY).pem
OF_TOMORROW = ISSUING.crl(last_update=AT + DAY).pem


@pytest.mark.parametrize("order", [lambda crls: crls, lambda crls: crls[::-1]], ids=["old first", "old last"])
def test_an_expired_crl_beside_a_current_one_does_no_harm(
    order: Callable[[list[bytes]], list[bytes]], tmp_path: Path
) -> None:
    draft, _ = cluster(*order([EXPIRED, ISSUING.crl().pem]))
    assert verified_by_exe1(draft, tmp_path).outcome is Outcome.PASS


def test_the_newest_of_two_current_crls_counts(tmp_path: Path) -> None:
    draft, leaf = cluster()
    first = ISSUING.crl([leaf], last_update=CRL_FROM - DAY)
    draft.files["crls/all.pem"] = bundle(first, ISSUING.crl())
    assert verified_by_exe1(draft, tmp_path).outcome is Outcome.PASS
    draft.files["crls/all.pem"] = bundle(ISSUING.crl(last_update=CRL_FROM - DAY), ISSUING.crl([leaf]))
    assert verified_by_exe1(draft, tmp_path).cause is Cause.REVOKED


def test_an_expired_crl_alone_revokes_all_of_its_ca(tmp_path: Path) -> None:
    draft, _ = cluster(EXPIRED)
    assert verified_by_exe1(draft, tmp_path).cause is Cause.CRL_EXPIRED


def test_a_crl_of_tomorrow_is_no_evidence_today_and_is_tomorrow(tmp_path: Path) -> None:
    draft, _ = cluster(OF_TOMORROW)
    step = verified_by_exe1(draft, tmp_path)
    assert (step.outcome, step.cause, step.holds_until) == (Outcome.UNKNOWN, Cause.CRL_UNUSABLE, AT + DAY)
    assert verified_by_exe1(draft, tmp_path, AT + DAY).outcome is Outcome.PASS


def test_a_revocation_that_is_dated_next_week_counts_today(tmp_path: Path) -> None:
    draft, leaf = cluster()
    draft.files["crls/all.pem"] = ISSUING.crl([leaf], revoked_at=AT + 7 * DAY).pem
    assert verified_by_exe1(draft, tmp_path).cause is Cause.REVOKED


@pytest.mark.parametrize(
    "extension",
    [
        x509.DeltaCRLIndicator(1),
        x509.IssuingDistributionPoint(
            full_name=None,
            relative_name=None,
            only_contains_user_certs=True,
            only_contains_ca_certs=False,
            only_some_reasons=None,
            indirect_crl=False,
            only_contains_attribute_certs=False,
        ),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"),
    ],
    ids=["delta", "issuing distribution point", "unknown critical"],
)
def test_a_crl_that_does_not_speak_for_the_whole_ca_is_no_evidence(
    extension: x509.ExtensionType, tmp_path: Path
) -> None:
    part = extended(ISSUING, extension)
    alone, _ = cluster(part)
    assert verified_by_exe1(alone, tmp_path / "alone").cause is Cause.CRL_UNUSABLE
    beside, _ = cluster(part, ISSUING.crl().pem)
    assert verified_by_exe1(beside, tmp_path / "beside").outcome is Outcome.PASS


def test_a_ca_without_crl_sign_signs_no_crl(tmp_path: Path) -> None:
    root = expressway_e(2).root
    silent = root.intermediate("without cRLSign", key=ec_key("silent"), key_usage=("keyCertSign",))
    draft, _ = cluster(silent.crl().pem, issuing=silent)
    step = verified_by_exe1(draft, tmp_path)
    assert (step.outcome, step.cause) == (Outcome.UNKNOWN, Cause.CRL_UNUSABLE)
    assert "cRLSign" in step.reason


def test_a_crl_that_another_key_signed_is_no_evidence(tmp_path: Path) -> None:
    draft, _ = cluster(ISSUING.crl(signed_by=ec_key("another")).pem)
    assert verified_by_exe1(draft, tmp_path).cause is Cause.CRL_UNUSABLE


def test_without_a_crl_the_verdict_is_what_it_is(tmp_path: Path) -> None:
    judgement = expressway_e(2).judge(tmp_path)
    assert judgement.verdict is Verdict.READY
    steps = [step for h in judgement.matrix.handshakes for step in h.steps if step.name is StepName.REVOCATION]
    assert {step.outcome for step in steps} == {Outcome.NOT_APPLICABLE}
