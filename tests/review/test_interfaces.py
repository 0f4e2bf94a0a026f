"""NICs and NAT: ports and addresses in words, overlaps, and what follows for mapping and DNS."""

import pytest

from certplan.report.document import Cell, Section, Table, Tone
from certplan.report.review.parts.interfaces import interfaces
from tests.clusters import Draft, expressway_c, expressway_e
from tests.faults import with_faults
from tests.review.reading import ODD, blocks, judged, odd, row, table, text, words
from tests.rules.layouts import translated

PORTS, NETWORKS, FOLLOWS = "LAN ports", "Networks", "What follows"


def section_of(draft: Draft) -> Section:
    return interfaces(judged(draft))


def cells_of(section: Section, caption: str, head: str) -> tuple[Cell, ...]:
    return next(cells for cells in table(section, caption).rows if cells[0][0].text == head)


def test_a_right_cluster_shows_its_ports_in_words_and_no_worry() -> None:
    section = section_of(expressway_e(2))
    assert row(table(section, PORTS), "exe1.example.com") == (
        "exe1.example.com | Peer 1, two NICs",
        "10.20.0.11/24 | a private address (RFC 1918) | clusters here",
        "192.168.50.11/24 | a private address (RFC 1918) | External LAN interface",
        "203.0.113.11 | an address for documentation | on LAN 2",
        "203.0.113.11 | its static NAT address",
    )
    assert not {each.tone for each in words(section)} & {Tone.BAD, Tone.WARN, Tone.OPEN}
    assert section.note == ""


def test_lans_that_overlap_say_so_on_both_networks_and_lead_to_the_finding() -> None:
    draft = expressway_e(2)
    draft.peer(1)["lan1"]["ip"] = "10.20.0.11/16"
    draft.peer(1)["lan2"] = {"ip": "10.20.50.11/24"}
    section = section_of(draft)
    for network, other in (("10.20.0.0/16", "10.20.50.0/24"), ("10.20.50.0/24", "10.20.0.0/16")):
        cell = cells_of(section, NETWORKS, network)[2]
        assert (f"overlaps {other}, the other LAN of Peer 1", Tone.BAD) in {(line.text, line.tone) for line in cell}
        assert any(line.text == "NIC006" and line.link.startswith("finding-") for line in cell)
    assert row(table(section, PORTS), "exe1.example.com")[0].endswith("NIC006")


def test_networks_of_different_peers_that_overlap_are_no_fault() -> None:
    draft = expressway_e(2)
    draft.peer(1)["lan1"]["ip"] = "10.20.0.11/16"
    cell = cells_of(section_of(draft), NETWORKS, "10.20.0.0/24")[2]
    assert [(line.text, line.tone) for line in cell] == [("overlaps 10.20.0.0/16, of other peers", Tone.QUIET)]


def test_both_lans_in_one_network_are_a_fault() -> None:
    section = section_of(with_faults("expressway-e", 2, [("lans_overlap", 1)]))
    cell = cells_of(section, NETWORKS, "10.20.0.0/24")[2]
    assert ("LAN 1 and LAN 2 of Peer 1 are both in it", Tone.BAD) in {(line.text, line.tone) for line in cell}


def test_an_address_without_a_mask_could_not_be_checked() -> None:
    draft = expressway_e(2)
    draft.peer(2)["lan1"]["ip"] = "10.20.0.12"
    section = section_of(draft)
    assert "network not verified: the plan gives no mask" in row(table(section, PORTS), "exe2.example.com")[1]
    assert cells_of(section, NETWORKS, "10.20.0.12")[2][0].tone is Tone.OPEN


@pytest.mark.parametrize(
    ("release", "tone", "text"),
    [
        ("X14.0", Tone.BAD, "on the only NIC, which clusters: X14.0 forbids that"),
        ("X14.0.1", Tone.OPEN, "not verified: no text says whether X14.0.1 allows it on the only NIC"),
        ("X14.3.4", Tone.WARN, "on the only NIC, which clusters: allowed with a mapping only"),
    ],
)
def test_static_nat_on_the_only_nic_is_judged_by_the_release(release: str, tone: Tone, text: str) -> None:
    section = section_of(translated(expressway_e(2, release=release)))
    cell = cells_of(section, PORTS, "exe1.example.com")[3]
    assert (text, tone) in {(line.text, line.tone) for line in cell}
    assert (tone is Tone.OPEN) or cell[-1].link.startswith("finding-")


def test_static_nat_on_lan_1_of_two_belongs_on_lan_2() -> None:
    section = section_of(with_faults("expressway-e", 2, [("nat_on_lan1", 2)]))
    cell = cells_of(section, PORTS, "exe2.example.com")[3]
    assert ("on LAN 1, which clusters: it belongs on LAN 2", Tone.BAD) in {(line.text, line.tone) for line in cell}


def test_the_external_lan_is_named_wrong_or_unknown() -> None:
    draft = with_faults("expressway-e", 2, [("external_is_lan1", 1)])
    del draft.peer(2)["external_lan"]
    section = section_of(draft)
    assert "External LAN interface; it is to be LAN 2" in row(table(section, PORTS), "exe1.example.com")[1]
    assert "External LAN interface not verified" in row(table(section, PORTS), "exe2.example.com")[2]


def test_what_each_side_of_dns_has_to_say_follows_from_the_nics() -> None:
    dual = row(table(section_of(expressway_e(2)), FOLLOWS), "exe1.example.com")
    assert dual == (
        "exe1.example.com | two NICs, static NAT on LAN 2",
        "10.20.0.11 | its LAN 1, by the mapping",
        "exe1.example.com A 203.0.113.11",
        "exe1.example.com A 10.20.0.11",
    )
    single = row(table(section_of(translated(expressway_e(2))), FOLLOWS), "exe1.example.com")
    assert single[0].endswith("one NIC, static NAT on LAN 1")
    assert single[2] == single[3] == "exe1.example.com A 203.0.113.11"
    inside = row(table(section_of(expressway_c(2)), FOLLOWS), "exc1.corp.example.com")
    assert inside[1] == "10.30.0.11 | its LAN 1, by DNS"
    assert inside[2].startswith("nothing")
    assert inside[3] == "exc1.corp.example.com A 10.30.0.11"


def test_peers_that_dial_the_wrong_place_are_told_with_the_finding() -> None:
    section = section_of(with_faults("expressway-e", 2, [("mapping_to_nat", 2)]))
    found = row(table(section, FOLLOWS), "exe2.example.com")[1]
    assert found.startswith("203.0.113.12 | by the mapping: 203.0.113.12 is the static NAT address of exe2.example.com")
    assert found.endswith("MAP003")


def test_a_private_address_is_asked_for_in_public_dns_in_a_laboratory_alone() -> None:
    draft = with_faults("expressway-e", 2, [("one_nic", 1)])
    assert "must not be in public DNS" in row(table(section_of(draft), FOLLOWS), "exe1.example.com")[2]
    draft.records("public")[0] = "exe1.example.com. A 10.20.0.11"
    assert row(table(section_of(draft), FOLLOWS), "exe1.example.com")[2] == "exe1.example.com A 10.20.0.11"


@pytest.mark.parametrize("name", ODD)
def test_the_section_bears_any_cluster(name: str) -> None:
    section = interfaces(odd(name))
    assert "Cluster IP version" in text(section)
    for each in blocks(section):
        if isinstance(each, Table):
            assert all(cell for cells in each.rows for cell in cells)
