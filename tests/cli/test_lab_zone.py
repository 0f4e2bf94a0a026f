"""The lab clusters of the vendor's article joined by a traversal zone, run as a user runs them."""

from pathlib import Path

import pytest

from tests.cli.program import certplan

LAB = Path(__file__).parents[2] / "fixtures" / "lab"
AT = ("--at", "2027-01-01")


@pytest.mark.parametrize(
    ("plan", "far"), [("expressway-c-zone", "expressway-e-zone"), ("expressway-e-zone", "expressway-c-zone")]
)
def test_both_ends_say_that_the_zone_is_ready(plan: str, far: str) -> None:
    run = certplan("check", LAB / f"{plan}.yaml", *AT, "--format", "json")
    (judged,) = run.json["plans"]
    (zone,) = judged["zones"]
    assert (run.code, judged["verdict"], zone["verdict"]) == (0, "ready", "ready")
    assert zone["far_end"] == f"{far}.yaml"
    assert len(zone["handshakes"]) == 8
    assert {h["outcome"] for h in zone["handshakes"]} == {"pass"}
    assert {h["target"] for h in zone["handshakes"]} == {"10.15.13.20", "10.15.13.21", None}


def test_another_name_in_expc02s_certificate_breaks_the_zone_for_that_peer() -> None:
    run = certplan("check", LAB / "expressway-c-zone-other-name.yaml", *AT, "--format", "json")
    (judged,) = run.json["plans"]
    (zone,) = judged["zones"]
    assert (run.code, zone["verdict"]) == (1, "not-ready")
    failed = {(h["verifier"][:6], h["presenter"][:6]) for h in zone["handshakes"] if h["outcome"] == "fail"}
    assert failed == {("expe01", "expc02"), ("expe02", "expc02")}
    assert "ZON004" in {finding["code"] for finding in zone["findings"]}


def test_one_certificate_puts_the_cluster_and_the_zone_right() -> None:
    run = certplan("propose", LAB / "expressway-c-zone-other-name.yaml", *AT, "--format", "json")
    proposal = run.json
    assert (run.code, proposal["before"], proposal["after"]) == (0, "not-ready", "ready")
    (zone,) = proposal["zones"]
    assert (zone["far_end"], zone["after"]) == ("expe-cluster.apolo.local", "ready")
    (change,) = proposal["changes"]
    assert {"expc-cluster.apolo.local", "expc02.apolo.local"} <= set(change["sans"])
    assert "ZON004" in change["answers"]
    assert proposal["in_the_way"] == []


def test_the_ports_of_both_clusters_stand_together() -> None:
    run = certplan("ports", LAB / "expressway-e-zone.yaml", "--format", "json")
    inside = {(r["source"], r["destination"]) for r in run.json["firewall"] if r["group"] == "mra-inside"}
    assert inside == {(f"10.15.13.1{c}", f"10.15.13.2{e}") for c in (5, 6) for e in (0, 1)}
