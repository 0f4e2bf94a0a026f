"""The section on the trusted CA lists: who lacks which CA, and that nothing absent is taken for needed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certplan.handshake.model import Cause, StepName
from certplan.outcomes import Outcome
from certplan.report.document import Section, Tone
from certplan.report.review.parts.trust import trust
from tests.clusters import ISSUING, ROOT, expressway_e
from tests.faults import FAULTS, OTHER_CA, with_faults
from tests.pki import Authority, ec_key
from tests.review.reading import ODD, judged, odd, row, table, text, words

OTHER = Authority.root("Unified CM root", key=ec_key("trust section other"))
SHARED = [Authority.root(f"shared root {n}", key=ec_key(f"trust section {n}")) for n in range(50)]


def section(*faults: str, at: int = 2) -> Section:
    return trust(judged(with_faults("expressway-e", 3, [(name, at) for name in faults])))


def cells(found: Section, ca: str) -> tuple[str, ...]:
    return row(table(found, "CAs that matter"), ca)[1:]


def test_a_perfect_cluster_has_the_chain_alone_and_says_what_each_ca_is() -> None:
    found = section()
    assert (found.note, found.tone) == ("complete", Tone.GOOD)
    assert cells(found, "certplan test root") == ("yes", "yes", "yes")
    head = row(table(found, "CAs that matter"), "certplan test issuing")[0]
    assert "intermediate CA | 13 years left, until 2040-01-01 | above peers 1 to 3 | SHA-256 " in head
    assert "The lists hold 2 CAs; all are shown." in text(found)


def test_a_peer_that_lacks_a_root_lacks_it_for_those_below_it() -> None:
    draft = expressway_e(3)
    draft.trust(2, ISSUING)
    found = trust(judged(draft))
    assert cells(found, "certplan test root") == ("yes", "missing | to verify peers 1 to 3", "yes")
    assert cells(found, "certplan test issuing") == ("yes", "yes", "yes")
    (missing,) = [line for line in words(found) if line.text == "missing"]
    assert missing.tone is Tone.BAD
    assert missing.link.startswith("finding-")
    assert (found.note, found.tone) == ("1 missing", Tone.BAD)


def test_a_lacking_intermediate_is_needed_only_for_whom_nobody_sends_it() -> None:
    # The other two send it with their certificates; exe2 does not send what it does not have.
    found = section("missing_ca")
    assert cells(found, "certplan test issuing") == ("yes", "missing | to verify peer 2", "yes")
    draft = expressway_e(3)
    draft.trust(2, ROOT)
    draft.reissue(2, issuer=ROOT)
    assert cells(trust(judged(draft)), "certplan test issuing")[1] == "absent | not needed: peers send it"


def test_a_ca_with_no_part_in_the_cluster_is_absent_and_not_missing() -> None:
    draft = expressway_e(3)
    for number in (1, 3):
        draft.trust(number, ROOT, ISSUING, OTHER)
    found = trust(judged(draft))
    assert cells(found, "Unified CM root") == ("yes", "absent", "yes")
    assert "above no peer's certificate" in row(table(found, "CAs"), "Unified CM root")[0]
    assert found.note == "complete"


def test_an_issuer_that_no_list_has_is_missing_everywhere() -> None:
    found = section("signed_by_a_stranger")
    assert cells(found, "CN=stranger root") == tuple(["missing | to verify peer 2"] * 3)
    assert "in no list" in row(table(found, "CAs"), "CN=stranger root")[0]
    assert found.note == "3 missing"


def test_a_list_that_is_not_known_could_not_be_checked() -> None:
    found = section("no_trust_list")
    assert {each[1] for each in (cells(found, "test root"), cells(found, "test issuing"))} == {"not verified"}
    assert (found.note, found.tone) == ("not verified: 1", Tone.OPEN)
    assert "2 exe2: not verified: " in text(found)


def test_an_intermediate_that_an_unknown_list_may_send_is_left_open() -> None:
    draft = expressway_e(3)
    draft.trust(1, ROOT)
    draft.peer(2).pop("trusted_cas")
    found = cells(trust(judged(draft)), "certplan test issuing")
    assert found[0].startswith("missing | to verify peer 1")
    draft.reissue(1, issuer=ROOT)
    found = cells(trust(judged(draft)), "certplan test issuing")
    assert found[0] == "not verified | absent, and peer 2 may send it"


def test_lapsed_cas_and_what_is_no_ca_are_shown_for_what_they_are() -> None:
    assert "expired 31 days ago" in row(table(section("by_an_expired_ca"), "CAs"), "expired issuing")[0]
    assert section("by_an_expired_ca").note == "CA expired"
    head = row(table(section("leaf_among_the_cas"), "CAs"), "expe.example.com")[0]
    assert "end certificate" in head
    assert "no CA" in head


def test_two_cas_of_one_name_both_stand_with_the_remark() -> None:
    rows = [
        cells_[0] for cells_ in table(section("same_ca_twice"), "CAs").rows if cells_[0][0].text == "certplan test root"
    ]
    assert len(rows) == 2
    assert all(any("another CA of this name" in line.text for line in lines) for lines in rows)


def test_cas_that_all_share_and_that_play_no_part_are_counted_and_not_listed() -> None:
    draft = expressway_e(2)
    for number in (1, 2):
        draft.trust(number, ROOT, ISSUING, *SHARED)
    found = trust(judged(draft))
    assert len(table(found, "CAs that matter").rows) == 2
    assert "Not shown: 50 more CAs that every list has" in text(found)


def test_a_long_list_of_odd_cas_is_cut_and_the_chain_comes_first() -> None:
    draft = expressway_e(2)
    draft.trust(1, *SHARED, ROOT, ISSUING)
    rows = table(trust(judged(draft)), "CAs that matter").rows
    assert len(rows) == 40
    assert {cells_[0][0].text for cells_ in rows[:2]} == {"certplan test root", "certplan test issuing"}
    assert "12 more CAs not shown, 12 of them odd, or not in every list." in text(trust(judged(draft)))


def test_crls_say_when_the_next_comes_and_whom_they_revoke() -> None:
    found = section("revoked")
    crl_row = row(table(found, "CRLs"), "certplan test issuing")
    assert crl_row[2] == "2026-08-01 | issued 2026-05-25"
    assert crl_row[3] == "1 certificate | 2 exe2, server certificate: revoked"
    assert found.note == "certificate revoked"
    assert row(table(section("expired_crl"), "CRLs"), "issuing")[2].startswith("expired 2026-05-28")
    assert "The plan names no CRLs" in text(section())
    assert "CRLs of 2 exe2: not verified" in text(section("page_for_a_crl"))
    assert section("page_for_a_crl").tone is Tone.OPEN


def test_a_certificate_that_expired_is_no_fault_of_the_lists() -> None:
    assert section("expired_leaf").note == "complete"


@pytest.mark.parametrize("name", ODD)
def test_any_judgement_gives_a_section(name: str) -> None:
    found = trust(odd(name))
    assert found.ident == "trust-lists"
    assert found.note
    assert all(line.text for line in words(found))


def test_nothing_known_is_nothing_good() -> None:
    found = trust(odd("nothing known"))
    assert [line for line in words(found) if line.tone is Tone.GOOD] == []
    assert found.tone is Tone.OPEN


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(FAULTS)), st.integers(1, 3)), max_size=4))
def test_a_ca_is_missing_somewhere_exactly_where_a_chain_ends_too_early(faults: list[tuple[str, int]]) -> None:
    judgement = judged(with_faults("expressway-e", 3, faults))
    early = {Cause.ISSUER_NOT_TRUSTED, Cause.INTERMEDIATE_MISSING, Cause.SELF_SIGNED}
    broken = {
        handshake.verifier.number
        for handshake in judgement.matrix.handshakes
        for step in handshake.steps
        if step.name is StepName.TRUST and step.outcome is Outcome.FAIL and step.cause in early
    }
    rows = table(trust(judgement), "CAs that matter").rows if broken else ()
    lacking = {place for cells_ in rows for place, lines in enumerate(cells_) if place and lines[0].text == "missing"}
    assert broken <= lacking


def test_the_section_is_the_same_at_another_hour_of_the_day_but_for_dates() -> None:
    draft = expressway_e(2)
    draft.trust(1, ROOT, ISSUING, OTHER_CA)
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        early = draft.judge(Path(folder), datetime(2026, 6, 1, 1, tzinfo=UTC))
        late = draft.judge(Path(folder), datetime(2026, 6, 1, 23, tzinfo=UTC))
    assert trust(early) == trust(late)
