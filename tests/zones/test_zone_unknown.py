"""Zones over what nobody has stated or can read: not verified, and never taken for good."""

from collections.abc import Callable
from pathlib import Path

import pytest

from certplan.handshake.model import Cause, StepName
from certplan.outcomes import Outcome, Verdict
from tests.zones.pairs import Pair, pair


def release_of_c(both: Pair) -> None:
    both.c.plan["cluster"]["release"] = "unknown"


def release_of_e(both: Pair) -> None:
    both.e.plan["cluster"]["release"] = "unknown"


def interface_of_e(both: Pair) -> None:
    both.e.peer(2)["lan1"] = "unknown"


def certificate_of_e(both: Pair) -> None:
    del both.e.peer(1)["server_certificate"], both.e.peer(1)["private_key"]


def certificate_of_c(both: Pair) -> None:
    del both.c.peer(1)["server_certificate"], both.c.peer(1)["private_key"]


@pytest.mark.parametrize("side", ["c", "e"])
@pytest.mark.parametrize(
    ("forget", "stages"),
    [
        (release_of_c, {StepName.IDENTIFY, StepName.ROLE}),
        (release_of_e, {StepName.IDENTIFY, StepName.ROLE}),
        (interface_of_e, {StepName.REACH}),
        (certificate_of_e, {StepName.IDENTIFY}),
        (certificate_of_c, {StepName.IDENTIFY}),
    ],
)
def test_what_is_not_stated_is_not_verified(
    forget: Callable[[Pair], None], stages: set[StepName], side: str, tmp_path: Path
) -> None:
    both = pair()
    forget(both)
    zone = both.zone(tmp_path, side=side)
    assert zone.verdict is Verdict.UNDECIDED
    steps = [step for _, step in zone.view.not_passed]
    assert steps
    assert {step.name for step in steps} <= stages
    for step in steps:
        assert step.outcome is Outcome.UNKNOWN
        assert step.missing is not None
        assert step.missing.remedy


def test_a_neighbor_zone_that_names_not_every_peer_is_undecided(tmp_path: Path) -> None:
    both = pair()
    both.zone_c["type"] = both.zone_e["type"] = "neighbor"
    del both.zone_e["verify_subject_name"]
    both.zone_e["peers"] = [both.c.peer(1)["address"]]
    zone = both.zone(tmp_path)
    assert zone.verdict is not Verdict.READY
    assert list(zone.view.not_passed)


def test_names_that_cannot_be_read_are_not_verified(tmp_path: Path) -> None:
    both = pair()
    malformed = Path(__file__).parents[2] / "fixtures" / "material" / "malformed-san-leaf.pem"
    both.e.files[both.e.peer(1)["server_certificate"]] = malformed.read_bytes()
    del both.e.peer(1)["private_key"]
    steps = [step for _, step in both.zone(tmp_path).view.not_passed if step.name is StepName.IDENTIFY]
    assert {(step.outcome, step.cause) for step in steps} == {(Outcome.UNKNOWN, Cause.CERTIFICATE_UNREADABLE)}
