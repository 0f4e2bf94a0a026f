"""The mapping's section: each peer's row as it is, as it should be, and as the appliance would propose it."""

import pytest

from certplan.report.document import Prose, Tone
from certplan.report.pages.mapping import CAUTION
from certplan.report.review.parts.addressing import address_mapping
from tests.clusters import expressway_c, expressway_e
from tests.faults import with_faults
from tests.review.reading import ODD, blocks, judged, odd, row, table, text, words
from tests.rules.layouts import routable, unmapped

TABLE, PUBLIC = "Cluster address mappings", "The same names in public DNS"


def test_a_right_table_is_there_and_nothing_in_the_section_is_wrong() -> None:
    section = address_mapping(judged(expressway_e()))
    found = table(section, TABLE)
    assert row(found, "exe2.example.com")[1:3] == (
        "exe2.example.com | 10.20.0.12 | its LAN 1 | line 15 of the plan",
        "exe2.example.com | 10.20.0.12",
    )
    assert [cells[3][0].text for cells in found.rows] == ["there"] * 3
    assert not {each.tone for each in words(section)} & {Tone.BAD, Tone.WARN, Tone.OPEN}
    assert section.note == ""


def test_an_entry_to_the_nat_address_is_to_change_and_leads_to_its_finding() -> None:
    section = address_mapping(judged(with_faults("expressway-e", 3, [("mapping_to_nat", 2)])))
    found = row(table(section, TABLE), "exe2.example.com")
    assert found[1].startswith("exe2.example.com | 203.0.113.12 | its static NAT address")
    assert found[2] == "exe2.example.com | 10.20.0.12"
    assert found[3] == "change | MAP003"
    assert section.tone is Tone.BAD
    assert row(table(section, TABLE), "exe1.example.com")[3] == "there"


def test_a_strangers_entry_is_to_be_deleted_and_is_no_peers() -> None:
    section = address_mapping(judged(with_faults("expressway-e", 3, [("mapping_of_a_stranger", 1)])))
    found = row(table(section, TABLE), "no peer's")
    assert "exe1.example.net | 10.20.0.21 | unknown address: a private address (RFC 1918)" in found[1]
    assert found[2] == "no row"
    assert found[3].startswith("delete | MAP")


def test_a_mapping_that_is_off_and_needed_is_to_be_set_on_with_a_row_each() -> None:
    section = address_mapping(judged(unmapped(expressway_e(2))))
    assert any(
        isinstance(each, Prose) and "set Cluster address mapping enabled to On" in each.text for each in section.blocks
    )
    for cells in table(section, TABLE).rows:
        assert cells[1][0].text == "no row, the mapping is Off"
        assert [line.text for line in cells[3]] == ["add", "MAP001"]
        assert cells[3][1].link.startswith("finding-")


def test_where_dns_leads_to_lan_1_none_is_needed_and_nothing_is_to_do() -> None:
    for draft in (expressway_c(), routable()):
        section = address_mapping(judged(draft))
        assert isinstance(section.blocks[0], Prose)
        assert section.blocks[0].text.startswith("Not needed.")
        assert [cells[3][0].text for cells in table(section, TABLE).rows] == ["nothing"] * len(draft.plan["peers"])


def test_rows_without_need_may_go() -> None:
    draft = expressway_c()
    draft.plan["cluster"]["address_mapping"] = [{"fqdn": "exc1.corp.example.com", "ip": "10.30.0.11"}]
    section = address_mapping(judged(draft))
    assert row(table(section, TABLE), "exc1.corp.example.com")[3].startswith("delete, or keep it right")
    assert row(table(section, TABLE), "exc2.corp.example.com")[3].startswith("nothing, or add a row")
    assert "set `Cluster address mapping enabled` to Off" in text(section)


def test_the_appliances_proposal_stands_beside_with_why_it_differs() -> None:
    draft = expressway_e(2)
    draft.peer(2)["domain"] = "inside.example.com"
    found = table(address_mapping(judged(draft)), TABLE)
    assert row(found, "exe1.example.com")[4] == "exe1.example.com | 10.20.0.11 | the same"
    beside = row(found, "exe2.example.com")[4]
    assert beside.startswith("exe2.inside.example.com | 10.20.0.12 | It joins host name and domain name;")


def test_a_name_that_nothing_tells_is_open_and_not_right() -> None:
    draft = unmapped(expressway_e(2))
    peer = draft.peer(2)
    peer["address"] = "10.20.0.12"
    for field in ("fqdn", "host_name", "domain", "system_name"):
        del peer[field]
    draft.files.pop(peer.pop("server_certificate"))
    peer.pop("private_key")
    section = address_mapping(judged(draft))
    cells = next(cells for cells in table(section, TABLE).rows if cells[0][0].text == "10.20.0.12")
    assert [line.text for line in cells[2]] == ["name not known", "10.20.0.12"]
    assert cells[2][0].tone is cells[3][0].tone is Tone.OPEN


def test_a_public_record_that_leads_inside_is_what_the_caution_is_about() -> None:
    section = address_mapping(judged(with_faults("expressway-e", 2, [("private_in_public", 1)])))
    found = row(table(section, PUBLIC), "exe1.example.com")
    assert found[1:] == ("203.0.113.11", "10.20.0.11: AN INSIDE ADDRESS; put it right")
    caution = next(each for each in blocks(section) if isinstance(each, Prose) and CAUTION in each.text)
    assert caution.tone is Tone.BAD
    right = address_mapping(judged(expressway_e(2)))
    assert next(each for each in blocks(right) if isinstance(each, Prose) and CAUTION in each.text).tone is Tone.PLAIN


def test_a_private_address_is_never_asked_for_in_public_dns() -> None:
    section = address_mapping(judged(with_faults("expressway-e", 2, [("one_nic", 1), ("no_public_record", 1)])))
    found = row(table(section, PUBLIC), "exe1.example.com")
    assert found[1] == "a public address, which the plan does not state"
    assert "10.20" not in row(table(section, PUBLIC), "expe.example.com")[1]


@pytest.mark.parametrize("name", ODD)
def test_the_section_bears_any_cluster_and_has_a_line_for_every_peer(name: str) -> None:
    judgement = odd(name)
    heads = [cells[0][0].text for cells in table(address_mapping(judgement), TABLE).rows]
    assert {peer.address for peer in judgement.plan.peers} <= set(heads)
