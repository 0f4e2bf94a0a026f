"""Mobile and Remote Access as a whole: the rows of both clusters of a zone, firewall by firewall, and their drawing."""

from pathlib import Path
from xml.etree import ElementTree as ET

from certplan.formats import Format
from certplan.plan.model import Plan
from certplan.plan.reading import far_plans, load_plan
from certplan.ports import Firewall, PortPlan, RowGroup, plan_ports
from certplan.report.answer import rendered
from certplan.report.pages.ports import ports_answer
from tests.pki import AT
from tests.zones.pairs import Pair, pair


def ports_of(both: Pair, folder: Path, side: str) -> tuple[Plan, tuple[Plan, ...], PortPlan]:
    paths = {name: draft.write(folder / f"exp{name}") for name, draft in (("c", both.c), ("e", both.e))}
    plan = load_plan(paths[side])
    far_ends = far_plans(plan)
    return plan, far_ends, plan_ports(plan, far_ends)


def rows(found: PortPlan, group: RowGroup) -> set[tuple[str, str, str]]:
    return {(str(r.source), str(r.destination), r.destination_ports) for r in found.rows if r.group is group}


def test_both_sides_tell_the_same_of_the_firewalls_between_them(tmp_path: Path) -> None:
    both = pair()
    found = {side: ports_of(both, tmp_path, side)[2] for side in ("c", "e")}
    for group in (RowGroup.MRA_OUTSIDE, RowGroup.MRA_INSIDE, RowGroup.MRA_SERVERS):
        assert rows(found["c"], group) == rows(found["e"], group) != set()


def test_every_expressway_c_peer_to_every_expressway_e_peer(tmp_path: Path) -> None:
    _, _, found = ports_of(pair(), tmp_path, "e")
    inside = rows(found, RowGroup.MRA_INSIDE)
    for port in ("7001", "2222", "7400"):
        assert {(s, d) for s, d, p in inside if p == port} == {
            (f"10.30.0.1{c}", f"10.20.0.1{e}") for c in (1, 2) for e in (1, 2)
        }
    assert {row.source_ports for row in found.rows if row.destination_ports in ("2222", "7400")} == {"30000-35999"}
    assert {row.firewall for row in found.rows} == set(Firewall)


def test_one_nic_with_nat_is_reached_at_the_public_address(tmp_path: Path) -> None:
    _, _, found = ports_of(pair(dual_nic=False), tmp_path, "c")
    assert {d for _, d, _ in rows(found, RowGroup.MRA_INSIDE)} == {"203.0.113.11", "203.0.113.12"}


def test_the_servers_that_are_stated_and_no_others(tmp_path: Path) -> None:
    both = pair()
    both.c.plan["servers"] = [{"kind": "unified-cm", "address": "cucm1.corp.example.com"}]
    _, _, found = ports_of(both, tmp_path, "e")
    servers = rows(found, RowGroup.MRA_SERVERS)
    assert {d for _, d, _ in servers} == {"cucm1.corp.example.com"}
    assert {p for _, _, p in servers} == {"443, 8443", "6970-6972", "5060, 5061, 5091"}


def test_acme_goes_both_ways_where_the_plan_says_so(tmp_path: Path) -> None:
    both = pair()
    assert rows(ports_of(both, tmp_path, "e")[2], RowGroup.ACME) == set()
    both.e.plan["certificate_authority"] = {"server": "acme"}
    assert rows(ports_of(both, tmp_path, "e")[2], RowGroup.ACME) == {
        *(("None", f"203.0.113.1{n}", "80") for n in (1, 2)),
        *((f"203.0.113.1{n}", "the CA", "443") for n in (1, 2)),
    }


def test_a_far_end_that_cannot_be_read_leaves_the_clusters_own_rows(tmp_path: Path) -> None:
    both = pair()
    both.e.plan["zones"][0]["far_end"] = "../nowhere/plan.yaml"
    _, far_ends, found = ports_of(both, tmp_path, "e")
    assert far_ends == ()
    assert {s for s, _, _ in rows(found, RowGroup.MRA_INSIDE)} == {"None"}


def test_the_drawings_hold_every_flow_between_the_sites(tmp_path: Path) -> None:
    for side in ("c", "e"):
        plan, far_ends, found = ports_of(pair(3, 2), tmp_path, side)
        answer = ports_answer(plan, found, AT, far_ends)
        svg = ET.fromstring(rendered(answer, Format.SVG))  # noqa: S314 - written here
        shown = " ".join("".join(element.itertext()) for element in svg.iter() if element.tag.endswith("}text"))
        chart = rendered(answer, Format.MERMAID)
        for row in found.rows:
            if row.group in (RowGroup.MRA_OUTSIDE, RowGroup.MRA_INSIDE, RowGroup.MRA_SERVERS):
                assert f"{row.transport} {row.destination_ports}" in shown
                assert f"{row.transport} {row.destination_ports}" in chart
        for name in ("exc3.corp.example.com", "exe2.example.com"):
            assert name in shown
            assert name in chart
        assert shown.count("Firewall ") == chart.count('"Firewall ') == 3


def test_every_row_of_csv_names_its_firewall(tmp_path: Path) -> None:
    plan, far_ends, found = ports_of(pair(), tmp_path, "c")
    header, *lines = rendered(ports_answer(plan, found, AT, far_ends), Format.CSV).splitlines()
    assert header.split(",")[-1] == "firewall"
    assert {line.split(",")[-1] for line in lines} == {firewall.value for firewall in Firewall}
