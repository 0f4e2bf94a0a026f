"""An edit in the workbench: judged, proposals included, and what changed of the page made, for six peers."""

from itertools import count
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from certplan.evidence.gather import gather
from certplan.judgement import judge
from certplan.plan.reading import load_plan
from certplan.serve.page import view
from certplan.serve.workspace import Workspace
from tests.benchmarks.conftest import Figures
from tests.benchmarks.measure import cpu_of, in_turns
from tests.clusters import expressway_e
from tests.pki import AT

MOST = 7.0
"""Times the plan read, gathered and judged once: an edit reads it twice, judges the target and what `propose` tries."""
MOST_SENT = 0.35
"""Share of the page that an edit sends."""


@pytest.mark.parametrize("address", ["203.0.113.13", "10.20.0.13"])
def test_an_edit_of_six_peers(figures: Figures, benchmark: BenchmarkFixture, tmp_path: Path, address: str) -> None:
    plan = expressway_e(6).write(tmp_path)
    workspace = Workspace(tmp_path, lambda: AT, live_dns=False)
    open_plan = workspace.open_plan
    assert open_plan is not None
    shown = view(workspace, None, read_only=False)
    numbers = count(1)
    sent = 0

    def edit() -> None:
        nonlocal shown, sent
        fields = {"target.address_mapping.2.ip": address, "target.peers.0.system_name": f"exe{next(numbers)}"}
        open_plan.edit(fields, open_plan.revision)
        known, shown = shown.marks, view(workspace, None, read_only=False)
        sent = len(shown.changes(known))

    def judged() -> None:
        read = load_plan(plan)
        judge(read, gather(read, AT, live_dns=False), AT)

    edit()
    judged()
    ours, theirs = in_turns(benchmark, lambda: cpu_of(edit), lambda: cpu_of(judged), 7)
    figures.at_most(MOST, f"times judging six peers for an edit, {address}", ours / theirs)
    figures.at_most(MOST_SENT, f"of the page sent for an edit, {address}", sent / len(shown.html()))
