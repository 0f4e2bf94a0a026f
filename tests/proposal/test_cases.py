"""What is proposed for the cases that are kept beside the checkout; skipped where they are not there."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certplan.evidence.gather import gather
from certplan.outcomes import Verdict
from certplan.plan.reading import load_plan
from certplan.proposal.address_changes import SetRelease
from certplan.proposal.certificate_changes import LoadCa, LoadNewCa, Reissue, RemoveCa
from certplan.proposal.model import Proposal
from certplan.proposal.propose import propose

CASES = Path(__file__).parents[2] / "../shared/cases"


def proposed(folder: Path, case: str, plan: str, at: str) -> Proposal:
    if not (CASES / case).is_dir():
        pytest.skip("the cases are not there")
    made = folder / case
    if not made.exists():
        shutil.copytree(CASES / case, made)
        if (made / "make.sh").exists():
            environment = {**os.environ, "PYTHON": sys.executable}
            subprocess.run(["sh", "make.sh"], cwd=made, env=environment, check=True, capture_output=True, timeout=120)
    stated, moment = load_plan(made / plan), datetime.fromisoformat(at).replace(tzinfo=UTC)
    return propose(stated, gather(stated, moment, live_dns=False), moment)


def kinds(proposal: Proposal) -> set[type]:
    return {type(change.effect) for change in proposal.changes}


def test_a_tier_that_is_missing_is_loaded_with_the_new_certificate(tmp_path: Path) -> None:
    proposal = proposed(tmp_path, "reissue-under-missing-tier", "before/plan.yaml", "2026-12-01")
    assert (proposal.after, kinds(proposal)) == (Verdict.READY, {Reissue, LoadCa})


def test_an_expired_cross_signing_root_costs_no_certificate(tmp_path: Path) -> None:
    proposal = proposed(tmp_path, "dst-root-x3-2021", "plan.yaml", "2021-10-01")
    assert (proposal.after, kinds(proposal)) == (Verdict.UNDECIDED, {LoadNewCa, RemoveCa})
    assert {change.effect.name for change in proposal.changes if isinstance(change.effect, LoadNewCa)} == {
        "CN=ISRG Root X1,O=Internet Security Research Group,C=US"
    }
    assert all("renewed CN=DST" not in change.detail for change in proposal.changes)
    proposal = proposed(tmp_path, "dst-root-x3-2021", "plan-after.yaml", "2021-10-01")
    assert (proposal.after, kinds(proposal)) == (Verdict.READY, {RemoveCa})
    assert len(proposal.changes) == 4
    assert not proposed(tmp_path, "dst-root-x3-2021", "plan-clean.yaml", "2021-10-01").changes


def test_the_upgrade_is_the_smallest_change_where_a_public_ca_drops_client_auth(tmp_path: Path) -> None:
    proposal = proposed(tmp_path, "eku-cluster-broken-after-renewal", "plan.yaml", "2026-02-21")
    assert (proposal.after, kinds(proposal)) == (Verdict.READY, {SetRelease})


@pytest.mark.parametrize("plan", ["plan.yaml", "plan-no-aki.yaml"])
def test_the_older_of_two_cas_of_one_name_is_removed(tmp_path: Path, plan: str) -> None:
    proposal = proposed(tmp_path, "rekeyed-ca-same-name-first-match", plan, "2024-06-01")
    assert (proposal.after, kinds(proposal)) == (Verdict.READY, {RemoveCa})


def test_a_ca_that_is_in_the_list_proves_nothing_by_being_loaded_again(tmp_path: Path) -> None:
    proposal = proposed(tmp_path, "rekeyed-issuing-ca", "plan.yaml", "2026-12-01")
    assert (proposal.after, kinds(proposal)) == (Verdict.READY, {Reissue})
