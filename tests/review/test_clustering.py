"""The clustering pages and the matrix of a review say what each peer makes of each other, and why."""

from datetime import UTC, datetime

import pytest

from certplan.handshake.model import StepName
from certplan.outcomes import Outcome
from certplan.report.document import Findings, MatrixCell, MatrixTable, Prose, Section, Table, Tone
from certplan.report.review.parts.clustering import clustering, matrix
from certplan.report.review.parts.findings import blockers
from tests.clusters import Draft, expressway_c, expressway_e
from tests.faults import OTHER_CA, with_faults
from tests.review.reading import ODD, blocks, column, judged, odd, row, table, text, words


def cells(section: Section) -> dict[tuple[int, int], MatrixCell]:
    (block,) = (each for each in blocks(section) if isinstance(each, MatrixTable))
    return {(each.verifier, each.presenter): each for each in block.cells}


def captions(section: Section) -> list[str]:
    return [each.caption for each in blocks(section) if isinstance(each, Table)]


class TestClustering:
    def test_peers_that_show_the_same_share_one_page(self) -> None:
        section = clustering(judged(expressway_e()))
        assert captions(section) == ["On every peer"]
        assert any("Every peer shows these rows" in each.text for each in section.blocks if isinstance(each, Prose))
        page = table(section, "On every peer")
        assert column(page, "Peer")[0] == "Peer 1, primary | exe1.example.com"
        assert column(page, "Certificate") == ["Certificate: Valid"] * 3
        assert column(page, "Clustering")[1] == (
            "Clustering: Active as exe2 (Resolved 'exe2.example.com' as '10.20.0.12')"
        )
        assert (section.note, section.tone) == ("all valid", Tone.GOOD)

    def test_a_peer_that_lacks_a_ca_has_a_page_of_its_own(self) -> None:
        draft = expressway_e(4)
        draft.reissue(3, issuer=OTHER_CA)
        for number in (1, 3, 4):
            draft.trust(number, draft.root, draft.issuing, OTHER_CA)
        section = clustering(judged(draft))
        assert captions(section) == [
            "Each peer at its worst",
            "As exe1.example.com and exe4.example.com show it, each its own row as Clustering: This system",
            "As exe2.example.com shows it",
            "As exe3.example.com shows it",
        ]
        _, certificate, state = row(table(section, "As exe2"), "exe3")
        assert certificate.startswith("Certificate: Invalid | exe2.example.com does not trust")
        assert "stranger root" in certificate
        assert state == "Clustering: Failed"
        _, certificate, state = row(table(section, "As exe1"), "exe3")
        assert certificate == "Certificate: Valid"
        assert state.startswith("Clustering: Active")
        worst = row(table(section, "Each peer at its worst"), "exe3")
        assert worst[3] == "Peer 2"
        assert section.note == "2 of 4 shown as invalid or failed"
        assert section.tone is Tone.BAD

    def test_a_valid_certificate_on_a_broken_link_names_the_other_direction(self) -> None:
        draft = expressway_e(2)
        draft.reissue(2, not_after=datetime(2026, 5, 1, tzinfo=UTC))
        _, certificate, state = row(table(clustering(judged(draft)), "On every peer"), "exe1")
        assert certificate == "Certificate: Valid"
        assert "exe1.example.com refuses the certificate of exe2.example.com" in state

    def test_what_no_evidence_tells_is_open_and_never_green(self) -> None:
        section = clustering(odd("nothing known"))
        assert section.tone is Tone.OPEN
        assert section.note == "3 not verified"
        assert not [each.text for each in words(section) if each.tone is Tone.GOOD]

    def test_what_is_open_is_not_told_as_refused(self) -> None:
        section = clustering(judged(with_faults("expressway-e", 3, [("no_certificate", 3)])))
        assert "whether exe1.example.com accepts the certificate of exe3.example.com is not verified" in text(section)
        assert "refuses" not in text(section)


class TestMatrix:
    def test_every_ordered_pair_has_a_cell_with_its_steps(self) -> None:
        section = matrix(judged(expressway_e()))
        found = cells(section)
        assert list(found) == [(v, p) for v in (1, 2, 3) for p in (1, 2, 3)]
        assert found[1, 2].summary == (
            "exe1.example.com checks exe2.example.com at 10.20.0.12 (by cluster address mapping): accepted"
        )
        assert found[2, 2].summary.startswith("exe2.example.com checks itself at 10.20.0.12")
        assert len(found[1, 2].steps.rows) == len(StepName)
        assert (section.note, section.tone) == ("all accepted", Tone.GOOD)

    def test_the_way_is_told_by_what_found_it(self) -> None:
        inside = cells(matrix(judged(expressway_c())))
        assert "at 10.30.0.12 (by the internal DNS view)" in inside[1, 2].summary
        draft = expressway_e()
        draft.peer(2)["address"] = "10.20.0.12"
        assert "at 10.20.0.12 (as Peer 2 address says)" in cells(matrix(judged(draft)))[1, 2].summary

    def test_a_refusal_gives_its_reason_and_leads_to_the_finding(self) -> None:
        judgement = judged(with_faults("expressway-e", 3, [("wrong_san", 2), ("wrong_san", 3)]))
        found = cells(matrix(judgement))
        assert found[1, 3].outcome is Outcome.FAIL
        assert "rejected: the server certificate of exe3.example.com has no SAN exe3.example.com" in found[1, 3].summary
        (links,) = (rules for step, _, _, rules in found[1, 3].steps.rows if rules)
        (cards,) = (each.cards for each in blocks(blockers(judgement)) if isinstance(each, Findings))
        (card,) = (card for card in cards if card.ident == links[0].link)
        assert (card.code, card.subject) == (links[0].text, "exe3.example.com")
        assert found[3, 1].outcome is Outcome.PASS

    def test_one_cause_is_one_reason_and_a_date_tells_it_best(self) -> None:
        found = cells(matrix(judged(with_faults("expressway-e", 3, [("expired_leaf", 2)]))))
        assert "more reason" not in found[1, 2].summary
        assert "expired" in found[1, 2].summary

    def test_the_trust_step_keeps_the_words_of_openssl(self) -> None:
        found = cells(matrix(judged(with_faults("expressway-e", 3, [("only_a_stranger_trusted", 2)]))))
        step = row(found[2, 1].steps, "Trust the chain")
        assert step[1] == "fails"
        assert "| OpenSSL error 19 at depth 2: self-signed certificate in certificate chain" in step[2]

    def test_what_the_vendor_does_not_say_outright_is_marked(self) -> None:
        draft = expressway_e(2, release="X15.5")
        draft.reissue(1, store="client")
        draft.reissue(2, store="client")
        steps = cells(matrix(judged(draft)))[1, 2].steps
        stores = {lines for lines in column(steps, "Step") if "certificate" in lines}
        assert "Allow the role | client certificate" in stores
        assert any(each == "passes | inferred" for each in column(steps, "Outcome"))

    def test_missing_evidence_is_could_not_check_with_the_reason(self) -> None:
        found = cells(matrix(judged(with_faults("expressway-e", 3, [("no_trust_list", 2)]))))
        assert found[2, 1].outcome is Outcome.UNKNOWN
        assert "not verified: the trusted CA list of exe2.example.com is not known" in found[2, 1].summary
        assert row(found[2, 1].steps, "Trust")[1] == "not verified"

    def test_an_address_that_nothing_tells_is_said_to_be_unknown(self) -> None:
        draft: Draft = expressway_c()
        draft.plan["dns"]["internal"]["records"] = draft.records("internal")[1:]
        found = cells(matrix(judged(draft)))
        assert "exc1.corp.example.com, whose address is not known (by the internal DNS view)" in found[2, 1].summary


@pytest.mark.parametrize("name", ODD)
def test_every_cluster_has_its_pages_and_pairs(name: str) -> None:
    judgement = odd(name)
    peers = len(judgement.plan.peers)
    section = clustering(judgement)
    assert {len(each.rows) for each in blocks(section) if isinstance(each, Table)} == {peers}
    assert len(cells(matrix(judgement))) == peers**2
