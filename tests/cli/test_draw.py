"""`certplan draw`: to a file or standard output, as SVG or Mermaid."""

from pathlib import Path
from xml.etree import ElementTree as ET

from certplan.report.drawing import draw_scene, scene_svg
from tests.cli.program import certplan
from tests.clusters import expressway_e
from tests.faults import with_faults


def test_the_drawing_goes_to_the_file_named(tmp_path: Path) -> None:
    draft = with_faults("expressway-e", 3, [("wrong_san", 2)])
    run = certplan("draw", draft.write(tmp_path), "--at", "2026-06-01", "-o", tmp_path / "cluster.svg")
    assert (run.code, run.out) == (0, "")
    document = (tmp_path / "cluster.svg").read_text(encoding="utf-8")
    assert document == scene_svg(draw_scene(draft.judge(tmp_path)))
    assert "name not in SAN" in document


def test_it_goes_to_standard_output_without_one(tmp_path: Path) -> None:
    run = certplan("draw", expressway_e(2).write(tmp_path), "--at", "2026-06-01", "--title", "For <review>")
    assert run.code == 0
    root = ET.fromstring(run.out)  # noqa: S314 - it is ours
    assert root.findtext("{http://www.w3.org/2000/svg}title") == "Cluster For <review>"


def test_mermaid_comes_without_a_fence(tmp_path: Path) -> None:
    run = certplan("draw", expressway_e(2).write(tmp_path), "--at", "2026-06-01", "--format", "mermaid")
    assert run.code == 0
    assert run.out.startswith("flowchart LR\n")


def test_a_cluster_that_is_not_ready_is_drawn_all_the_same(tmp_path: Path) -> None:
    draft = with_faults("expressway-e", 3, [("expired_leaf", 2)])
    run = certplan("draw", draft.write(tmp_path), "--at", "2026-06-01", "--no-dns")
    assert run.code == 0
    assert "certificate expired" in run.out


def test_a_plan_that_cannot_be_read_ends_with_2(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text("cluster: []\n")
    run = certplan("draw", tmp_path / "plan.yaml", "-o", tmp_path / "x.svg")
    assert run.code == 2
    assert "plan.yaml" in run.err
    assert not (tmp_path / "x.svg").exists()


def test_a_time_that_is_none_ends_with_2(tmp_path: Path) -> None:
    run = certplan("draw", expressway_e(2).write(tmp_path), "--at", "someday")
    assert run.code == 2
    assert "'someday' is not a time" in run.err
