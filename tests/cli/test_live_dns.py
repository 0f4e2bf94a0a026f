"""`certplan check` asking real DNS servers: BIND with a public and an internal view, a process each."""

from pathlib import Path

import pytest

from tests.cli.program import Run, certplan
from tests.clusters import Draft, expressway_c, expressway_e
from tests.named import closed_port, named, silent, zone

pytestmark = pytest.mark.system("bind9")

AT = ("--at", "2026-06-01")


def asking(draft: Draft, **servers: str) -> Draft:
    """The draft with live servers in place of its records, by view."""
    draft.plan["dns"] = {view: {"servers": [server]} for view, server in servers.items()}
    return draft


def check(draft: Draft, folder: Path, *options: str) -> Run:
    return certplan("check", draft.write(folder), *AT, "--format", "json", *options)


def verdict(run: Run) -> str:
    text: str = run.json["plans"][0]["verdict"]
    return text


def outcomes_of_resolve(run: Run) -> set[tuple[str, str]]:
    return {
        (step["outcome"], step["cause"])
        for handshake in run.json["plans"][0]["handshakes"]
        for step in handshake["steps"]
        if step["name"] == "resolve"
    }


def test_an_expressway_c_whose_names_are_in_the_internal_view_is_ready(tmp_path: Path) -> None:
    internal = zone("exc1 A 10.30.0.11", "exc2 A 10.30.0.12", "excl A 10.30.0.11")
    with named({"corp.example.com": internal}, tmp_path) as server:
        run = check(asking(expressway_c(), internal=server.address), tmp_path)
    assert verdict(run) == "ready"


def test_the_two_views_are_kept_apart(tmp_path: Path) -> None:
    """Public DNS gives the NAT addresses, internal DNS LAN 1; the Expressway-E asks the public one."""
    public = zone("exe1 A 203.0.113.11", "exe2 A 203.0.113.12", "expe A 203.0.113.11")
    internal = zone("exe1 A 10.20.0.11", "exe2 A 10.20.0.12", "expe A 10.20.0.11")
    draft = expressway_e(2)
    del draft.plan["cluster"]["address_mapping"]
    with (
        named({"example.com": public}, tmp_path) as outside,
        named({"example.com": internal}, tmp_path) as inside,
    ):
        run = check(asking(draft, public=outside.address, internal=inside.address), tmp_path)
        assert verdict(run) == "not-ready"
        assert {handshake["target"] for handshake in run.json["plans"][0]["handshakes"]} == {
            "203.0.113.11",
            "203.0.113.12",
        }
        for number in (1, 2):
            draft.peer(number)["dns"] = "internal"
        assert verdict(check(draft, tmp_path)) == "ready"


def test_a_cname_chain_is_followed(tmp_path: Path) -> None:
    internal = zone("exc1 A 10.30.0.11", "excl A 10.30.0.11", "exc2 CNAME old", "old CNAME older", "older A 10.30.0.12")
    with named({"corp.example.com": internal}, tmp_path) as server:
        assert verdict(check(asking(expressway_c(), internal=server.address), tmp_path)) == "ready"


def test_a_name_that_does_not_exist_fails(tmp_path: Path) -> None:
    with named({"corp.example.com": zone("exc1 A 10.30.0.11", "excl A 10.30.0.11")}, tmp_path) as server:
        run = check(asking(expressway_c(), internal=server.address), tmp_path)
    assert verdict(run) == "not-ready"
    assert outcomes_of_resolve(run) == {("pass", None), ("fail", "name-absent")}


def test_refused_servfail_and_silence_leave_it_undecided(tmp_path: Path) -> None:
    with named({"elsewhere.example": zone()}, tmp_path) as refusing:
        refused = check(asking(expressway_c(), internal=refusing.address), tmp_path)
    with named({"corp.example.com": "; no SOA record, so the zone does not load\n"}, tmp_path) as failing:
        failed = check(asking(expressway_c(), internal=failing.address), tmp_path)
    with silent() as address:
        unheard = check(asking(expressway_c(), internal=address), tmp_path, "--timeout", "0.5")
    closed = check(asking(expressway_c(), internal=closed_port()), tmp_path, "--timeout", "0.5")
    for run in (refused, failed, unheard, closed):
        assert run.code == 3
        assert verdict(run) == "undecided"
        assert outcomes_of_resolve(run) == {("unknown", "dns-silent")}
    reasons = [
        " ".join(step["reason"] for step in run.json["plans"][0]["handshakes"][0]["steps"][:1])
        for run in (refused, failed)
    ]
    assert "REFUSED" in reasons[0]
    assert "SERVFAIL" in reasons[1]


def test_no_dns_asks_nobody(tmp_path: Path) -> None:
    with silent() as address:
        run = check(asking(expressway_c(), internal=address), tmp_path, "--no-dns", "--timeout", "30")
    assert verdict(run) == "undecided"
    assert "--no-dns" in run.json["plans"][0]["handshakes"][0]["steps"][0]["reason"]


def test_the_caution_is_found_in_live_public_dns(tmp_path: Path) -> None:
    public = zone("exe1 A 10.20.0.11", "exe2 A 203.0.113.12", "expe A 203.0.113.12")
    with named({"example.com": public}, tmp_path) as server:
        run = check(asking(expressway_e(2), public=server.address), tmp_path)
    cautions = [f for f in run.json["plans"][0]["findings"] if f["code"] == "DNS001"]
    assert [finding["subject"] for finding in cautions] == ["exe1.example.com"]
    assert "10.20.0.11" in cautions[0]["message"]
