"""`certplan ports` and `certplan capacity` as a user runs them."""

import csv
from pathlib import Path

import pytest

from tests.cli.program import certplan
from tests.clusters import expressway_c, expressway_e


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return expressway_e().write(tmp_path)


class TestPorts:
    def test_the_page_has_flows_rules_and_doubts(self, plan: Path) -> None:
        run = certplan("ports", plan)
        assert (run.code, run.err) == (0, "")
        page = " ".join(run.out.split())
        assert "Cluster communication TLS 30000-35999 4372" in page
        assert "3 LAN1 0.0.0.0 TCP 4371-4372 Drop" in page
        assert "each allow rule needs a lower number than the drop rule" in page
        assert "it may be a misprint" in page
        assert "203.0.113.11, 203.0.113.12, 203.0.113.13" in page
        assert "External firewalls block" in page

    def test_the_csv_has_a_line_for_each_rule(self, plan: Path) -> None:
        run = certplan("ports", plan, "--format", "csv")
        rows = list(csv.DictReader(run.out.splitlines()))
        peers = [row for row in rows if row["group"] == "peers"]
        assert len(peers) == 3 * 2 * 6
        assert {"10.20.0.11", "10.20.0.12", "10.20.0.13"} == {row["source"] for row in peers}
        first = next(row for row in rows if row["group"] == "built-in")
        assert (first["priority"], first["action"], first["prefix_length"]) == ("1", "Allow", "32")
        assert {row["action"] for row in rows if row["group"] == "block"} == {"block"}

    def test_the_json(self, plan: Path) -> None:
        document = certplan("ports", plan, "--format", "json").json
        assert {"schema_version", "certplan", "at", "flows", "firewall", "built_in_rules", "remarks"} <= set(document)
        assert document["release"] == "X14.3.4"
        assert all(source["address"].startswith("https://") for source in document["sources"])

    def test_the_markdown(self, tmp_path: Path) -> None:
        run = certplan("ports", expressway_c().write(tmp_path), "--format", "markdown", "-o", tmp_path / "ports.md")
        assert (run.code, run.out) == (0, "")
        text = (tmp_path / "ports.md").read_text()
        assert "| Cluster recovery | TCP | 30000-35999 | 4371 |" in text
        assert "Built-in" not in text

    def test_nothing_from_the_plan_is_markup_or_formula(self, tmp_path: Path) -> None:
        draft = expressway_e(2)
        draft.peer(1)["address"] = "=cmd|'<b>[x](y)"
        path = draft.write(tmp_path)
        text = certplan("ports", path, "--format", "markdown").out
        assert r"=cmd\|'\<b\>\[x\](y)" in text
        rows = csv.reader(certplan("ports", path, "--format", "csv").out.splitlines())
        assert not any(cell.startswith("=") for row in rows for cell in row)
        assert "=cmd|'<b>[x](y)" in certplan("ports", path).out


class TestCapacity:
    def test_the_page_has_both_readings_and_the_contradiction(self, plan: Path) -> None:
        run = certplan("capacity", plan)
        assert (run.code, run.err) == (0, "")
        page = " ".join(run.out.split())
        assert "3 peers: 3 Medium VM" in page
        assert "registrations 2 500 5 000 7 500" in page
        assert "one Medium VM cluster, n+1 (x2) cluster, four at most (x3)" in page
        assert "no more than 2 times" in page

    def test_the_json(self, plan: Path) -> None:
        document = certplan("capacity", plan, "--format", "json").json
        assert {"schema_version", "certplan", "at"} <= set(document)
        assert [(reading["rule"], reading["applies"], reading["factor"]) for reading in document["cluster"]] == [
            ("n+1", True, 2),
            ("four at most", False, 3),
        ]
        assert document["cluster"][0]["figures"]["rms"] == 300

    def test_the_markdown(self, plan: Path) -> None:
        text = certplan("capacity", plan, "--format", "markdown").out
        assert "| registrations | 2 500 | 5 000 | 7 500 |" in text

    def test_an_unknown_platform_says_what_to_state(self, tmp_path: Path) -> None:
        draft = expressway_e(2)
        del draft.peer(1)["platform"]
        run = certplan("capacity", draft.write(tmp_path))
        assert run.code == 0
        assert "The platform of exe1.example.com is not in the plan: state platform" in " ".join(run.out.split())


@pytest.mark.parametrize("command", ["ports", "capacity"])
def test_a_plan_that_cannot_be_read_is_2(command: str, tmp_path: Path) -> None:
    run = certplan(command, tmp_path / "none.yaml")
    assert (run.code, run.out) == (2, "")
    assert "no such file" in run.err


@pytest.mark.parametrize("command", ["ports", "capacity"])
def test_the_json_bears_the_time_that_is_said(command: str, plan: Path) -> None:
    document = certplan(command, plan, "--format", "json", "--at", "2027-01-01T02:00+02:00").json
    assert document["at"] == "2027-01-01T00:00:00Z"
    assert certplan(command, plan, "--at", "soon").code == 2
