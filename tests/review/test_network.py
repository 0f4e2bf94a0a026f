"""Ports and capacity in the review: the same facts as the commands of those names give."""

from collections.abc import Callable

import pytest

from certplan.judgement import Judgement
from certplan.ports import plan_ports
from certplan.report.document import Fold, Section, Table, Tone
from certplan.report.review.parts.network import capacity, ports
from tests.clusters import expressway_c, expressway_e
from tests.faults import with_faults
from tests.review.reading import ODD, blocks, judged, odd, row, table, text, words

FLOWS, MRA, BLOCK = "From every peer", "Mobile and Remote Access: open from outside", "External firewalls block"


def test_every_flow_between_peers_and_every_row_for_a_firewall_is_there() -> None:
    judgement = judged(expressway_e(3))
    found, section = plan_ports(judgement.plan), ports(judgement)
    flows = table(section, FLOWS)
    assert [cells[0][0].text for cells in flows.rows] == [flow.purpose for flow in found.flows]
    assert row(flows, "Cluster communication")[3] == "4372"
    assert row(table(section, MRA), "HTTPS")[3] == "203.0.113.11, 203.0.113.12, 203.0.113.13"
    assert "10.20.0.12" in row(table(section, BLOCK), "Cluster recovery")[3]
    assert set(found.remarks) <= {each.text for each in words(section)}


def test_what_is_in_doubt_stands_under_what_it_is_about() -> None:
    section = ports(judged(expressway_e(2)))
    doubted = next(cells for cells in table(section, FLOWS).rows if cells[0][0].text == "SIP over TCP")
    assert doubted[0][1].tone is Tone.WARN
    assert "misprint" in doubted[0][1].text
    sure = next(cells for cells in table(section, FLOWS).rows if cells[0][0].text == "Cluster recovery")
    assert len(sure[0]) == 1


def test_built_in_rules_are_folded_away_peer_by_peer() -> None:
    section = ports(judged(expressway_e(3)))
    fold = next(each for each in section.blocks if isinstance(each, Fold) and each.ident == "built-in-rules")
    assert not fold.open
    tables = [each for each in blocks(fold) if isinstance(each, Table)]
    assert [len(each.rows) for each in tables] == [4, 4, 4]
    assert row(tables[1], "1")[2] == "10.20.0.11 | prefix length 32"
    assert not [each for each in ports(judged(expressway_c())).blocks if isinstance(each, Fold) and each.ident]


def test_one_peer_has_no_flows_yet() -> None:
    section = ports(judged(expressway_e(1)))
    assert "there is no other peer yet" in text(section)
    assert FLOWS not in text(section)


def test_the_figures_of_the_cluster_stand_in_a_table_with_the_rule() -> None:
    section = capacity(judged(expressway_e(3)))
    found = table(section, "Capacity on X14.3.4")
    assert found.columns[:2] == ("figure", "one Medium VM")
    assert row(found, "registrations")[1] == "2 500"
    assert "3 peers: 3 Medium VM" in text(section)
    assert section.note == ""


def test_a_platform_that_is_not_stated_leaves_the_capacity_open() -> None:
    draft = expressway_e(2)
    del draft.peer(2)["platform"]
    section = capacity(judged(draft))
    assert (section.note, section.tone) == ("not verified", Tone.OPEN)
    assert "1 of unknown platform" in text(section)
    assert "state platform" in text(section)


def test_small_machines_gain_nothing() -> None:
    assert "gain no capacity from clustering" in text(
        capacity(judged(with_faults("expressway-e", 3, [("small_machines", 1)])))
    )


@pytest.mark.parametrize("make", [ports, capacity])
@pytest.mark.parametrize("name", ODD)
def test_the_sections_bear_any_cluster(name: str, make: Callable[[Judgement], Section]) -> None:
    section = make(odd(name))
    for each in blocks(section):
        if isinstance(each, Table):
            assert len(each.columns) <= 7
            assert all(cell for cells in each.rows for cell in cells)
