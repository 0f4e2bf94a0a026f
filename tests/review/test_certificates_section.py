"""The section on certificates: what each row and fold says, against clusters with one fault each."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certplan.report.cards import finding_ident
from certplan.report.document import Fold, Section, Tone, Words
from certplan.report.review.parts.certificates import certificates
from tests.clusters import ISSUING, ROOT, expressway_e
from tests.faults import FAULTS, OTHER_CA, with_faults
from tests.pki import AT, ec_key
from tests.review.reading import ODD, judged, odd, row, table, text, words


def section(*faults: str, count: int = 3, kind: str = "expressway-e", at: int = 2) -> Section:
    return certificates(judged(with_faults(kind, count, [(name, at) for name in faults])))


def compared(found: Section, peer: str) -> tuple[str, ...]:
    return row(table(found, "Certificates compared"), peer)


def fold(found: Section, ident: str) -> Fold:
    return next(each for each in found.blocks if isinstance(each, Fold) and each.ident == ident)


def names(found: Section, number: int, store: str = "server") -> dict[str, Words]:
    rows = table(fold(found, f"certificate-{number}-{store}"), "Names of").rows
    return {cells[0][0].text: cells[2][-1] for cells in rows}


def test_a_perfect_cluster_is_all_valid_and_says_until_when() -> None:
    found = section()
    assert (found.note, found.tone) == ("all valid", Tone.GOOD)
    assert compared(found, "2 exe2") == (
        "2 exe2 | server certificate",
        "3 of 3 required",
        "serverAuth | clientAuth",
        "214 days left | until 2027-01-01",
        "certplan test issuing | root certplan test root",
        "accepted by all peers",
    )
    shown = text(fold(found, "certificate-2-server"))
    assert "signed by the root CA certplan test root, until 2040-01-01: 13 years left" in shown
    assert "belongs to the certificate" in shown
    assert not fold(found, "certificate-2-server").open


def test_an_expired_certificate_is_said_to_be_and_for_how_long() -> None:
    found = section("expired_leaf")
    assert (found.note, found.tone) == ("1 expired", Tone.BAD)
    assert compared(found, "2 exe2")[3] == "expired 31 days ago | until 2026-05-01"
    assert compared(found, "2 exe2")[5] == "rejected by all peers | VAL001 error"
    assert "accepted by all peers" in compared(found, "1 exe1")[5]
    assert fold(found, "certificate-2-server").open


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (datetime(2026, 5, 31, 23, 59, 59, tzinfo=UTC), "expired 1 day ago"),
        (datetime(2026, 6, 1, tzinfo=UTC), "expires today"),
        (datetime(2026, 6, 2, tzinfo=UTC), "1 day left"),
        (datetime(2026, 6, 22, tzinfo=UTC), "21 days left"),
        (datetime(2026, 8, 30, tzinfo=UTC), "90 days left"),
    ],
)
def test_the_days_left_are_counted_in_utc_and_the_last_second_is_valid(until: datetime, said: str) -> None:
    draft = expressway_e(2)
    draft.reissue(1, not_after=until)
    found = certificates(judged(draft))
    assert compared(found, "1 exe1")[3].startswith(f"{said} | ")
    assert found.note == ("1 expired" if "ago" in said else "1 with errors" if said == "expires today" else said)


def test_a_certificate_of_tomorrow_says_when_it_begins() -> None:
    found = section("leaf_of_tomorrow")
    assert found.note == "1 not yet valid"
    assert compared(found, "2 exe2")[3].startswith("not yet valid, begins in 61 days")


def test_a_misspelled_name_is_missing_with_its_near_miss_and_leads_to_the_finding() -> None:
    judgement = judged(with_faults("expressway-e", 3, [("wrong_san", 2)]))
    found = certificates(judgement)
    missing = names(found, 2)["exe2.example.com"]
    assert missing.text.startswith("missing: ")
    assert "`xee2.example.com`, two letters swapped" in missing.text
    assert missing.tone is Tone.BAD
    codes = [judgement.findings[number].code for number in _numbers(judgement, missing.link)]
    assert codes == ["NAM001"]
    assert names(found, 2)["xee2.example.com"].text == "not a required name"
    assert names(found, 1)["exe1.example.com"].text == "present"
    assert compared(found, "2 exe2")[1].startswith("0 of 3 required | exe2.example.com: missing")


def _numbers(judgement: object, link: str) -> list[int]:
    return [number for number in range(1000) if finding_ident(number) == link]


def test_a_name_in_the_cn_alone_is_not_present() -> None:
    only = names(section("name_only_in_cn"), 2)["exe2.example.com"]
    assert only.text == "only in the CN"
    assert only.tone is not Tone.GOOD


def test_the_names_of_other_peers_are_told_from_those_nobody_asks_for() -> None:
    shown = names(section("everybody_in_the_san"), 2)
    assert shown["exe1.example.com"].text == "the name of 1 exe1"
    odd_names = names(section("odd_sans"), 2)
    assert odd_names["*.example.com"].text == "not a required name; it has a wildcard"
    assert odd_names["exe.corp.local."].text == "not a required name; it ends in a dot"


def test_an_mra_domain_in_the_other_format_is_present_and_not_missing() -> None:
    draft = expressway_e(2)
    draft.reissue(1, sans=["expe.example.com", "exe1.example.com", "collab-edge.example.com"])
    shown = names(certificates(judged(draft)), 1)
    assert shown["example.com"].text == "present as collab-edge.example.com"
    assert "collab-edge.example.com" not in shown


def test_every_service_name_is_said_to_be_wanted_for_its_service() -> None:
    found = section("more_services")
    wanted = {
        cells[0][0].text: cells[1][0].text for cells in table(fold(found, "certificate-2-server"), "Names of").rows
    }
    assert wanted["collab-edge.phones.example.net"] == "Unified CM registrations domain"
    assert "collab-edge.corp.local" not in wanted


def test_an_ip_address_as_peer_address_is_no_name_a_certificate_could_bear() -> None:
    shown = names(section("formed_on_ip"), 2)["10.20.0.12"]
    assert shown.text == "an IP address, and Enforce compares names"
    assert shown.tone is Tone.BAD


def test_a_lacking_role_is_said_and_a_certificate_without_usages_has_any() -> None:
    assert compared(section("server_role_alone"), "2 exe2")[2] == "serverAuth | clientAuth missing"
    draft = expressway_e(2)
    draft.reissue(1, eku=None)
    assert compared(certificates(judged(draft)), "1 exe1")[2] == "any: it names none"


def test_a_ca_that_voids_a_role_is_said_to() -> None:
    assert "a CA above does not allow them" in compared(section("by_a_ca_for_servers"), "2 exe2")[2]


def test_an_issuer_in_no_list_ends_the_chain_and_leads_to_the_finding() -> None:
    found = section("signed_by_a_stranger")
    assert compared(found, "2 exe2")[4] == "CN=stranger root | no list has CN=stranger root"
    assert compared(found, "2 exe2")[5] == "rejected by all peers | TRU001 error"
    shown = text(fold(found, "certificate-2-server"))
    assert "TRU001 A peer does not trust the CA of another peer's certificate: exe3.example.com" in shown
    assert "TRU001" not in compared(found, "1 exe1")[5]


def test_a_list_that_is_not_known_leaves_the_chain_open() -> None:
    found = section("signed_by_a_stranger", "no_trust_list")
    assert "not verified" in compared(found, "2 exe2")[4]


def test_a_self_signed_certificate_is_its_own_issuer() -> None:
    assert compared(section("signed_by_itself"), "2 exe2")[4] == "itself | self-signed"


@pytest.mark.parametrize(
    ("fault", "said", "tone"),
    [
        ("anothers_private_key", "does not belong to the certificate", Tone.BAD),
        ("locked_key", "protected by a password", Tone.BAD),
        ("key_without_its_newline", "without its final newline", Tone.WARN),
    ],
)
def test_what_is_wrong_with_a_private_key_is_said(fault: str, said: str, tone: Tone) -> None:
    found = section(fault)
    (line,) = [line for line in words(fold(found, "certificate-2-server")) if line.text == said]
    assert line.tone is tone
    assert line.link
    assert said not in text(fold(found, "certificate-1-server"))


def test_a_missing_certificate_could_not_be_checked_and_is_never_good() -> None:
    found = section("no_certificate")
    assert (found.note, found.tone) == ("not verified: 1", Tone.OPEN)
    cells = next(cells for cells in table(found, "Certificates compared").rows if cells[0][0].text.startswith("2 exe2"))
    assert all(lines[0].tone is Tone.OPEN and lines[0].text == "not verified" for lines in cells[1:])
    assert "accepted" in compared(found, "1 exe1")[5]


def test_the_client_certificate_is_shown_from_x15_5_on_and_needs_no_client_auth_on_cluster_links() -> None:
    draft = expressway_e(2, release="X15.5")
    draft.reissue(1, store="client", eku=("serverAuth",), key=ec_key("client"))
    found = certificates(judged(draft))
    heads = [cells[0] for cells in table(found, "Certificates compared").rows]
    assert [head[1].text for head in heads] == ["server certificate", "client certificate"] * 2
    shown = text(fold(found, "certificate-1-client"))
    assert "clientAuth missing" not in shown
    assert "not verified" in text(fold(found, "certificate-2-client"))
    before = certificates(judged(with_faults("expressway-e", 2, [("client_certificate", 1)])))
    assert [each.ident for each in before.blocks if isinstance(each, Fold)] == [
        "certificate-1-server",
        "certificate-2-server",
    ]


def test_findings_on_one_store_are_not_told_of_the_other() -> None:
    draft = expressway_e(2, release="X15.5")
    for number in (1, 2):
        draft.reissue(number, store="client", eku=("clientAuth",))
    draft.reissue(1, not_after=datetime(2026, 5, 1, tzinfo=UTC))
    found = certificates(judged(draft))
    assert "VAL001" in text(fold(found, "certificate-1-server"))
    assert "VAL001" not in text(fold(found, "certificate-1-client"))


def test_a_verifiers_own_fault_is_not_told_of_its_certificate_but_of_those_it_refuses() -> None:
    draft = expressway_e(3)
    draft.reissue(2, issuer=OTHER_CA)
    draft.trust(2, OTHER_CA)
    for number in (1, 3):
        draft.trust(number, ROOT, ISSUING, OTHER_CA)
    found = certificates(judged(draft))
    assert compared(found, "2 exe2")[5] == "accepted by all peers"
    assert "TRU001" not in text(fold(found, "certificate-2-server"))
    assert compared(found, "1 exe1")[5] == "rejected by peer 2 | TRU001 error"


@pytest.mark.parametrize("name", ODD)
def test_any_judgement_gives_a_section_whose_bad_and_open_words_are_words(name: str) -> None:
    found = certificates(odd(name))
    assert found.ident == "certificates"
    assert found.note
    assert all(line.text for line in words(found))
    rows = table(found, "Certificates compared").rows
    assert len(rows) >= len(odd(name).plan.peers)


def test_nothing_known_is_nothing_good() -> None:
    assert [line for line in words(certificates(odd("nothing known"))) if line.tone is Tone.GOOD] == []


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(FAULTS)), st.integers(1, 3)), max_size=4))
def test_accepted_by_all_is_said_exactly_where_no_peer_fails_or_wonders(faults: list[tuple[str, int]]) -> None:
    judgement = judged(with_faults("expressway-e", 3, faults))
    rows = {cells[0][0].link: cells[5][0].text for cells in table(certificates(judgement), "Certificates").rows}
    for ident, said in rows.items():
        _, number, store = ident.split("-")
        sound = all(
            step.cause is None
            for handshake in judgement.matrix.handshakes
            if handshake.presenter.number == int(number)
            for step in handshake.steps
            if step.store is not None and step.store.value == store
        )
        assert (said == "accepted by all peers") is sound
    assert judgement.at == AT
