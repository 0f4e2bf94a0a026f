"""The lab clusters of the vendor's article, run as a user runs them."""

from pathlib import Path

import pytest

from tests.cli.program import certplan

LAB = Path(__file__).parents[2] / "fixtures" / "lab"
AT = ("--at", "2027-01-01")


def test_the_expressway_c_is_all_green_in_the_appliances_own_words() -> None:
    run = certplan("check", LAB / "expressway-c.yaml", *AT, "--format", "json")
    assert run.code == 0
    plan = run.json["plans"][0]
    assert plan["verdict"] == "ready"
    assert plan["split"] == []
    first, second = plan["peers"]
    assert first["certificate_status"] == second["certificate_status"] == "Certificate: Valid"
    assert first["clustering_status"] == "Clustering: Active as expc01 (Resolved 'expc01.apolo.local' as '10.15.13.15')"
    assert (
        second["clustering_status"] == "Clustering: Active as expc02 (Resolved 'expc02.apolo.local' as '10.15.13.16')"
    )
    own_rows = [page["rows"][number]["clustering"] for number, page in enumerate(plan["pages"])]
    assert own_rows == ["Clustering: This system"] * 2


def test_another_name_in_expc02s_certificate_turns_its_row_invalid() -> None:
    run = certplan("check", LAB / "expressway-c-other-name.yaml", *AT, "--format", "json")
    assert run.code == 1
    plan = run.json["plans"][0]
    assert plan["verdict"] == "not-ready"
    assert [peer["certificate_status"] for peer in plan["peers"]] == [
        "Certificate: Valid",
        "Certificate: Invalid (Common Name in certificate does not match)",
    ]
    assert plan["split"] == [["expc01.apolo.local"], ["expc02.apolo.local"]]
    assert "NAM001" in {finding["code"] for finding in plan["findings"]}
    broken = {(h["verifier"][:6], h["presenter"][:6]) for h in plan["handshakes"] if h["outcome"] == "fail"}
    assert broken == {("expc01", "expc02"), ("expc02", "expc02")}


def test_the_expressway_e_is_ready_with_cluster_address_mapping() -> None:
    run = certplan("check", LAB / "expressway-e.yaml", *AT, "--format", "json")
    plan = run.json["plans"][0]
    assert (run.code, plan["verdict"]) == (0, "ready")
    assert {h["target"] for h in plan["handshakes"]} == {"10.15.13.20", "10.15.13.21"}
    assert {h["route"] for h in plan["handshakes"]} == {"mapping"}


def test_the_labs_private_public_side_is_no_caution() -> None:
    """Its static NAT addresses are private, and its public DNS gives just those."""
    run = certplan("check", LAB / "expressway-e.yaml", *AT, "--format", "json")
    assert "DNS001" not in {finding["code"] for finding in run.json["plans"][0]["findings"]}


def test_the_expressway_e_is_not_ready_without_cluster_address_mapping() -> None:
    run = certplan("check", LAB / "expressway-e-without-mapping.yaml", *AT, "--format", "json")
    plan = run.json["plans"][0]
    assert (run.code, plan["verdict"]) == (1, "not-ready")
    assert {code for handshake in plan["handshakes"] for code in handshake["codes"]} == {"MAP001"}
    assert {h["target"] for h in plan["handshakes"]} == {"10.88.246.163", "10.88.246.164"}


@pytest.mark.parametrize(
    ("plan", "words"), [("expressway-c.yaml", "READY"), ("expressway-c-other-name.yaml", "NOT READY")]
)
def test_the_text_page_ends_with_the_verdict(plan: str, words: str) -> None:
    run = certplan("check", LAB / plan, *AT)
    closing = run.out.rstrip().splitlines()[-3:]
    assert any(line.startswith(f"{words}:") for line in closing)
