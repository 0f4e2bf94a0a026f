"""Clusters from support documents with the right answers: names, factory certificates, object identifiers, own rows."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certplan.evidence.gather import gather
from certplan.judgement import ClusterStatus, Judgement, judge
from certplan.outcomes import Severity, Verdict
from certplan.plan.reading import load_plan

Judge = Callable[[str, datetime], Judgement]


@pytest.fixture
def judged(shared: Path, tmp_path: Path) -> Judge:
    """A function that makes the certificates of a case in a folder of its own and judges its plan."""

    def make(name: str, at: datetime) -> Judgement:
        folder = tmp_path / name
        shutil.copytree(shared / "cases" / name, folder)
        subprocess.run(
            ["sh", "make.sh"], cwd=folder, env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"}, check=True
        )
        plan = load_plan(folder / "plan.yaml")
        return judge(plan, gather(plan, at, live_dns=False), at)

    return make


def test_a_foreign_oid_is_told_of_the_one_peer_that_has_it(judged: Judge) -> None:
    judgement = judged("unsupported-oid-ssh-tunnels", datetime(2023, 6, 1, tzinfo=UTC))
    (found,) = [finding for finding in judgement.findings if finding.code == "NAM030"]
    assert found.subject.peers == ("exe2.example.com",)
    assert found.severity is Severity.ERROR
    assert "1.3.6.1.4.1.6449.1.2.1.5.1" in found.message
    assert "SSH tunnels" in found.message
    assert judgement.status is ClusterStatus.READY_WITH_ERRORS


def test_factory_certificates_are_to_be_replaced_and_never_trusted(judged: Judge) -> None:
    judgement = judged("factory-certificates", datetime(2024, 6, 1, tzinfo=UTC))
    assert judgement.verdict is Verdict.NOT_READY
    assert len([finding for finding in judgement.findings if finding.code == "TRU024"]) == 2
    for finding in judgement.findings:
        assert "Append CN=Temporary CA" not in finding.fix


def test_a_peer_without_its_own_intermediate_breaks_no_link(judged: Judge) -> None:
    judgement = judged("own-intermediate-not-sent", datetime(2024, 6, 1, tzinfo=UTC))
    assert judgement.status is ClusterStatus.OWN_ROWS_ONLY
    assert judgement.split == ()
    assert not {20004, 20006} & {alarm.id for alarm in judgement.alarms}
    (missing,) = [finding for finding in judgement.findings if finding.code == "TRU002"]
    assert missing.subject.peers == ("exe2.example.com",)
    assert all("Permissive" not in finding.fix for finding in judgement.findings if finding.code == "CLU024")
