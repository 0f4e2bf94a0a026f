"""DNS by view: what each view answers, in words, and whether that is as expected."""

from random import Random

import pytest

from certplan.evidence.model import DnsAnswer, DnsOutcome, RecordType
from certplan.judgement import Judgement, judge
from certplan.outcomes import Outcome
from certplan.report.document import Cell, Section, Table, Tone
from certplan.report.review.parts.dns import dns
from certplan.text.names import key
from certplan.value import replace
from tests.clusters import Draft, expressway_c, expressway_e
from tests.faults import FAULTS, with_faults
from tests.review.reading import ODD, blocks, judged, odd, row, table, text, words
from tests.rules.layouts import single_nic, unmapped

NAMES, BACK, SERVICES = "Names and their addresses", "Addresses and the names", "Service records"
NO_WAY_BACK = "missing, no such name (NXDOMAIN): a PTR record to a SAN of the peer is expected"
WORRY = {Tone.BAD, Tone.WARN}


def section_of(draft: Draft) -> Section:
    return dns(judged(draft))


def answered(judgement: Judgement, view: str, name: str, record_type: RecordType, **changes: object) -> Judgement:
    """The same cluster, one answer of one view being otherwise."""
    views = dict(judgement.evidence.views)
    place = (key(name), record_type)
    blank = DnsAnswer(view, name, record_type, DnsOutcome.NOT_COVERED)
    answer = replace(blank, **changes)
    views[view] = replace(views[view], answers={**views[view].answers, place: answer})
    return judge(judgement.plan, replace(judgement.evidence, views=views), judgement.at)


def cells_of(section: Section, caption: str, head: str) -> tuple[Cell, ...]:
    return next(cells for cells in table(section, caption).rows if head in {line.text for line in cells[0]})


def test_a_perfect_cluster_has_good_words_and_no_worry() -> None:
    for draft in (expressway_e(), expressway_c()):
        section = section_of(draft)
        tones = {each.tone for each in words(section)}
        assert Tone.GOOD in tones
        assert not tones & {*WORRY, Tone.OPEN}
        assert section.note == ""


def test_whose_an_address_is_stands_beside_it_in_words() -> None:
    found = row(table(section_of(expressway_e()), NAMES), "exe1.example.com")
    assert found[0] == "exe1.example.com | Peer 1 address | peers take the mapping"
    assert found[1].startswith("203.0.113.11 | its static NAT address, as expected")
    assert found[2].startswith("10.20.0.11 | its LAN 1, as expected")


def test_an_inside_address_in_public_dns_is_the_worst_and_leads_to_its_finding() -> None:
    judgement = judged(with_faults("expressway-e", 3, [("private_in_public", 1)]))
    cell = cells_of(dns(judgement), NAMES, "exe1.example.com")[1]
    assert [line.text for line in cell[:3]] == ["10.20.0.11", "its LAN 1: an inside address in public DNS", "DNS001"]
    assert cell[1].tone is Tone.BAD
    number = int(cell[2].link.removeprefix("finding-")) - 1
    assert judgement.findings[number].code == "DNS001"


def test_a_private_address_is_right_where_the_plan_declares_it() -> None:
    draft = single_nic(expressway_e(2))
    draft.records("public")[:2] = [f"exe{n}.example.com. A 10.20.0.1{n}" for n in (1, 2)]
    found = row(table(section_of(draft), NAMES), "exe1.example.com")
    assert found[1].startswith("10.20.0.11 | its LAN 1, as expected")


def test_a_strangers_address_is_nobodys() -> None:
    section = section_of(with_faults("expressway-e", 2, [("stranger_in_public", 2)]))
    found = row(table(section, NAMES), "exe2.example.com")[1]
    assert "198.51.100.2 | unknown address: an address for documentation, not its public address 203.0.113.12" in found
    assert "DNS008" in found


def test_a_second_address_inside_is_named() -> None:
    cell = cells_of(section_of(with_faults("expressway-e", 2, [("two_inside", 1)])), NAMES, "exe1.example.com")[2]
    shown = {line.text: line.tone for line in cell}
    assert shown["its LAN 1, as expected"] is Tone.GOOD
    assert shown["unknown address: a private address (RFC 1918); from inside it is to be 10.20.0.11"] is Tone.BAD


def test_a_public_name_that_clients_need_is_missing_and_where_none_need_it_is_not() -> None:
    draft = with_faults("expressway-e", 2, [("no_public_record", 1)])
    shown = row(table(section_of(draft), NAMES), "exe1.example.com")[1]
    assert shown == "missing, no such name (NXDOMAIN): clients outside need it at 203.0.113.11 | DNS008"
    del draft.plan["services"]
    assert row(table(section_of(draft), NAMES), "exe1.example.com")[1].startswith("no such name (NXDOMAIN)")


def test_without_mapping_the_peers_that_ask_a_view_do_not_reach_each_other_by_it() -> None:
    cell = cells_of(section_of(unmapped(expressway_e(2))), NAMES, "exe2.example.com")[1]
    assert ("its static NAT address, as expected", Tone.GOOD) in {(line.text, line.tone) for line in cell}
    assert ("peers that ask this view do not reach it so", Tone.BAD) in {(line.text, line.tone) for line in cell}
    assert cell[-1].text == "MAP001"
    assert cell[-1].link.startswith("finding-")


@pytest.mark.parametrize(
    ("outcome", "words_"),
    [
        (DnsOutcome.REFUSED, "not verified: refused (REFUSED)"),
        (DnsOutcome.SERVFAIL, "not verified: the server failed (SERVFAIL)"),
        (DnsOutcome.TIMEOUT, "not verified: no answer in time (timeout)"),
        (DnsOutcome.ERROR, "not verified: no answer that can be used"),
        (DnsOutcome.NOT_COVERED, "not verified: not covered by this view"),
    ],
)
def test_a_view_that_says_nothing_of_a_name_is_open_with_why(outcome: DnsOutcome, words_: str) -> None:
    judgement = answered(
        judged(expressway_e(2)), "public", "exe1.example.com", RecordType.A, outcome=outcome, why="192.0.2.53: so it is"
    )
    cell = cells_of(dns(judgement), NAMES, "exe1.example.com")[1]
    assert [(line.text, line.tone) for line in cell[:2]] == [(words_, Tone.OPEN), ("192.0.2.53: so it is", Tone.QUIET)]
    assert Tone.GOOD not in {line.tone for line in cell}


def test_what_is_not_covered_where_nothing_hangs_on_it_is_quiet() -> None:
    found = cells_of(section_of(expressway_e(2)), BACK, "10.20.0.11")[1]
    assert [(line.text, line.tone) for line in found] == [("not covered by this view", Tone.QUIET)]


def test_ttl_time_and_server_stand_below_the_answer() -> None:
    judgement = answered(
        judged(expressway_e(2)),
        "public",
        "exe1.example.com",
        RecordType.A,
        outcome=DnsOutcome.ANSWER,
        addresses=("203.0.113.11",),
        aliases=("www.example.com",),
        ttl=300,
        milliseconds=12.34,
        source="192.0.2.53:5353",
    )
    cell = cells_of(dns(judgement), NAMES, "exe1.example.com")[1]
    assert [line.text for line in cell[2:]] == [
        "CNAME: alias of www.example.com",
        "TTL 300 s, 12 ms",
        "192.0.2.53:5353",
    ]


def test_an_alias_into_another_domain_is_a_worry() -> None:
    cell = cells_of(section_of(with_faults("expressway-e", 2, [("alias_abroad", 1)])), NAMES, "exe1.example.com")[1]
    alias = next(line for line in cell if line.text.startswith("CNAME"))
    assert alias.text == "CNAME: alias of host1.example.net, in another domain"
    assert alias.tone is Tone.WARN


@pytest.mark.parametrize(
    ("fault", "view", "shown", "tone"),
    [
        ("no_way_back", 2, NO_WAY_BACK, Tone.BAD),
        (
            "no_public_way_back",
            1,
            NO_WAY_BACK,
            Tone.WARN,
        ),
        ("another_way_back", 2, "2 PTR records, one is expected", Tone.BAD),
        ("another_way_back", 2, "no SAN of the peer's certificate", Tone.BAD),
    ],
)
def test_the_way_back_is_judged_by_address_and_view(fault: str, view: int, shown: str, tone: Tone) -> None:
    section = section_of(with_faults("expressway-e", 2, [(fault, 1)]))
    head = "203.0.113.11" if view == 1 else "10.20.0.11"
    assert (shown, tone) in {(line.text, line.tone) for line in cells_of(section, BACK, head)[view]}
    other = head.removesuffix("1") + "2"
    assert not {line.tone for line in cells_of(section, BACK, other)[view]} & WORRY


def test_the_way_back_cannot_be_judged_without_the_certificate() -> None:
    cell = cells_of(section_of(with_faults("expressway-e", 2, [("no_certificate", 1)])), BACK, "10.20.0.11")[2]
    assert cell[1].tone is Tone.OPEN
    assert cell[1].text.startswith("not verified")


def test_a_service_record_is_judged_target_by_target() -> None:
    section = section_of(with_faults("expressway-e", 2, [("odd_edge_target", 1), ("no_edge_target", 2)]))
    cell = cells_of(section, SERVICES, "_collab-edge._tls.example.com")[1]
    shown = {line.text: line.tone for line in cell}
    assert shown["Peer 1, as expected"] is Tone.GOOD
    assert shown["gone1.example.com has port 443, not 8443"] is Tone.BAD
    assert shown["target gone1.example.com does not exist in public DNS"] is Tone.BAD
    assert shown["DNS011: A peer has no _collab-edge record"] is Tone.WARN


def test_a_record_that_must_stay_inside_is_right_where_it_is_absent() -> None:
    uds, edge = "_cisco-uds._tcp.example.com", "_collab-edge._tls.example.com"
    right = cells_of(section_of(expressway_e(2)), SERVICES, uds)[1]
    assert [(line.text, line.tone) for line in right] == [("no such name (NXDOMAIN), as expected", Tone.GOOD)]
    wrong = cells_of(section_of(with_faults("expressway-e", 2, [("jabber_inside", 1)])), SERVICES, uds)[1]
    assert ("must not be in public DNS", Tone.BAD) in {(line.text, line.tone) for line in wrong}
    gone = cells_of(section_of(with_faults("expressway-e", 2, [("no_edge_record", 1)])), SERVICES, edge)[1]
    assert ("missing, no such name (NXDOMAIN)", Tone.BAD) in {(line.text, line.tone) for line in gone}


def test_lines_that_could_not_be_read_are_shown_with_their_place() -> None:
    section = section_of(with_faults("expressway-e", 2, [("line_that_cannot_be_read", 1)]))
    (cells,) = table(section, "Lines of zone files").rows
    assert cells[0][0].text.endswith("of the plan")
    assert cells[0][0].link.startswith("plan-")
    assert "the A record of `host1.example.com` has `10.20.0`" in cells[1][0].text


def test_a_view_that_is_wanted_and_not_given_could_not_be_checked() -> None:
    draft = expressway_e(2)
    del draft.plan["dns"]["public"]
    section = section_of(draft)
    assert "DNS of the view public is not verified: the plan gives none." in text(section)
    del draft.plan["dns"]
    section = section_of(draft)
    assert "DNS of the view public is not verified" in text(section)
    assert Tone.GOOD not in {each.tone for each in words(section)}


def test_more_views_than_fit_a_page_make_more_tables() -> None:
    draft = expressway_e(2)
    draft.plan["dns"] |= {f"lab{n}": {"records": [f"exe1.example.com. A 10.20.0.{n}"]} for n in range(3)}
    widths = [len(each.columns) for each in blocks(section_of(draft)) if isinstance(each, Table)]
    assert max(widths) == 4
    assert sum(each.caption.startswith(NAMES) for each in blocks(section_of(draft)) if isinstance(each, Table)) == 2


def assert_agrees(judgement: Judgement) -> None:
    """Whatever the tables worry about is a finding, and whatever the rules on DNS have found stands in a table."""
    linked: set[str] = set()
    for found in (each for each in blocks(dns(judgement)) if isinstance(each, Table)):
        for cells in found.rows:
            for cell in cells[1:]:
                links = {line.link for line in cell if line.link.startswith("finding-")}
                linked |= links
                worried = [line.text for line in cell if line.tone in WORRY and "one is expected" not in line.text]
                exempt = found.caption.startswith("Lines of") or cells[0][-1].text == "Cluster name"
                assert links or exempt or not worried, (cells[0], worried)
    for number, finding in enumerate(judgement.findings, 1):
        if finding.code.startswith("DNS") and finding.outcome is Outcome.FAIL and finding.code != "DNS019":
            assert f"finding-{number}" in linked, finding.message


@pytest.mark.parametrize("name", [name for name in ODD if name not in {"hostile", "no text"}])
def test_the_tables_and_the_rules_say_the_same(name: str) -> None:
    assert_agrees(odd(name))


@pytest.mark.parametrize("seed", range(60))
def test_the_tables_and_the_rules_say_the_same_of_faults_together(seed: int) -> None:
    drawn = Random(seed)  # noqa: S311 - a draw of faults
    kind = drawn.choice(["expressway-e", "expressway-e", "expressway-c"])
    faults = [(drawn.choice(list(FAULTS)), drawn.randint(1, 4)) for _ in range(drawn.randint(2, 8))]
    assert_agrees(judged(with_faults(kind, drawn.randint(1, 4), faults)))


@pytest.mark.parametrize("name", ODD)
def test_the_section_bears_any_cluster(name: str) -> None:
    section = dns(odd(name))
    assert section.blocks
    for each in blocks(section):
        if isinstance(each, Table):
            assert all(cell for cells in each.rows for cell in cells)
