"""What the plan leaves out or gives as unknown is said, with the peer and the field, and never read as a pass."""

from pathlib import Path
from typing import Any

import pytest

from certplan.judgement import Judgement
from certplan.outcomes import Outcome, Verdict
from tests.clusters import Draft, expressway_c, expressway_e


def complete(kind: str) -> Draft:
    """A cluster whose plan states every field that some rule needs."""
    draft = expressway_e() if kind == "expressway-e" else expressway_c()
    peers = [peer["address"] for peer in draft.plan["peers"]]
    pairs = [(one, other) for n, one in enumerate(peers) for other in peers[n + 1 :]]
    draft.plan["round_trip_ms"] = {f"{one} {other}": 5 for one, other in pairs}
    draft.plan.setdefault("services", {})
    for peer in draft.plan["peers"]:
        peer["crls"] = []
    return draft


def missing(judgement: Judgement) -> set[tuple[str | None, str | None]]:
    return {(unknown.peer, unknown.field) for unknown in judgement.unknowns}


@pytest.mark.parametrize("kind", ["expressway-e", "expressway-c"])
def test_a_complete_plan_leaves_nothing_unknown(kind: str, tmp_path: Path) -> None:
    assert missing(complete(kind).judge(tmp_path)) == set()


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("private_key", "KEY001"),
        ("option_keys", "CLU007"),
        ("h323", "CLU009"),
        ("ntp", "CLU008"),
        ("platform", "CLU005"),
        ("server_certificate", "TRU001"),
        ("trusted_cas", "TRU008"),
        ("crls", "TRU022"),
    ],
)
def test_a_field_that_a_peer_leaves_out_is_said_of_that_peer(field: str, code: str, tmp_path: Path) -> None:
    draft = complete("expressway-e")
    del draft.peer(2)[field]
    judgement = draft.judge(tmp_path)
    assert missing(judgement) == {("exe2.example.com", field)}
    assert code in {code for unknown in judgement.unknowns for code in unknown.codes}


@pytest.mark.parametrize(
    ("field", "code"),
    [("services", "NAM019"), ("round_trip_ms", "CLU010"), ("certificate_authority", "VAL006")],
)
def test_a_field_that_the_plan_leaves_out_is_said_of_the_cluster(field: str, code: str, tmp_path: Path) -> None:
    draft = complete("expressway-e")
    del draft.plan[field]
    judgement = draft.judge(tmp_path)
    assert (None, field) in missing(judgement)
    assert code in {code for unknown in judgement.unknowns for code in unknown.codes}


def test_services_that_are_stated_as_none_are_not_unknown(tmp_path: Path) -> None:
    draft = complete("expressway-e")
    draft.plan["services"] = {}
    assert (None, "services") not in missing(draft.judge(tmp_path))


def test_a_lan1_that_is_unknown_is_said_of_its_peer(tmp_path: Path) -> None:
    draft = complete("expressway-e")
    draft.peer(2)["lan1"] = "unknown"
    judgement = draft.judge(tmp_path)
    assert judgement.verdict is Verdict.UNDECIDED
    assert ("exe2.example.com", "lan1") in missing(judgement)
    assert not [finding for finding in judgement.findings if finding.code == "CPL001"]


@pytest.mark.parametrize(
    ("change", "verdict", "field"),
    [
        ({"address_mapping": "unknown"}, Verdict.UNDECIDED, "cluster.address_mapping"),
        ({"tls_verification": "unknown"}, Verdict.READY, "cluster.tls_verification"),
    ],
)
def test_unknown_settings_leave_open_what_rests_on_them(
    change: dict[str, Any], verdict: Verdict, field: str, tmp_path: Path
) -> None:
    draft = complete("expressway-e")
    draft.plan["cluster"] |= change
    judgement = draft.judge(tmp_path)
    assert judgement.verdict is verdict
    assert (None, field) in missing(judgement)
    open_ = {finding.code for finding in judgement.findings if finding.outcome is Outcome.UNKNOWN}
    assert open_ >= ({"MAP001"} if field == "cluster.address_mapping" else {"CLU023", "CLU024"})
    assert not {finding.code for finding in judgement.findings if finding.counts} & {"CLU023", "CLU024", "CPL001"} - (
        {"CLU023"} if field == "cluster.address_mapping" else set()
    )
