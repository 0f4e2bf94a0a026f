"""The findings, alarms and gaps of a review: whole, in order, and with nothing left out."""

import pytest

from certplan.judgement import Judgement
from certplan.outcomes import Outcome, Severity
from certplan.report.document import FindingCard, Findings, Section, Table, Tone, Verbatim
from certplan.report.review.links import nearest_links
from certplan.report.review.parts.findings import alarms, blockers, findings, unchecked
from certplan.report.review.parts.record import plan_text
from certplan.rules.alarms import LINK_ALARMS
from certplan.value import replace
from certplan.vendor import source
from tests.clusters import expressway_e
from tests.faults import with_faults
from tests.review.reading import ODD, blocks, column, judged, odd, row, table, text


def cards(*sections: Section) -> list[FindingCard]:
    return [card for part in sections for each in blocks(part) if isinstance(each, Findings) for card in each.cards]


def every(judgement: Judgement) -> list[FindingCard]:
    """The cards of both sections: what blocks Enforce, then the rest."""
    return cards(blockers(judgement), findings(judgement))


class TestFindings:
    def test_a_finding_is_told_whole(self) -> None:
        judgement = judged(with_faults("expressway-e", 3, [("wrong_san", 2)]))
        section = blockers(judgement)
        card = next(card for card in cards(section) if card.code == "NAM001")
        assert card not in cards(findings(judgement))
        assert card.severity is Severity.ERROR
        assert card.group == "names"
        assert card.peers == ("exe2.example.com",)
        assert "xee2.example.com" in card.message
        assert card.fix
        assert card.waived is None
        assert card.confidence == ""
        assert all(source(key).address.startswith("https://") for key in card.sources)
        assert section.tone is Tone.BAD

    def test_its_place_leads_to_the_line_of_the_plan_that_it_is_about(self) -> None:
        judgement = judged(with_faults("expressway-e", 3, [("swapped_mapping", 2)]))
        card = next(card for card in every(judgement) if card.code == "MAP003")
        assert card.where is not None
        assert judgement.plan.cluster.address_mapping is not None
        number = int(card.where.link.removeprefix("plan-"))
        (block,) = plan_text(judgement).blocks
        assert isinstance(block, Verbatim)
        assert [line.strip() for line in block.lines[number - 1 : number + 2]] == [
            "{",
            '"fqdn": "exe1.example.com",',
            f'"ip": "{judgement.plan.cluster.address_mapping[0].ip}"',
        ]

    def test_idents_are_those_that_links_lead_to(self) -> None:
        judgement = judged(with_faults("expressway-e", 3, [("wrong_san", 2)]))
        by_ident = {card.ident: card for card in every(judgement)}
        (link,) = nearest_links(judgement, ["NAM001"], "exe1.example.com", "exe2.example.com")
        assert by_ident[link.link].subject == "exe2.example.com"

    def test_the_worst_come_first_and_what_is_waived_last(self) -> None:
        draft = with_faults("expressway-e", 3, [("wrong_san", 2), ("chain_in_the_file", 1)])
        draft.plan["waivers"] = [{"rule": "NAM001", "reason": "ordered, CHG-1", "until": "2026-12-31"}]
        draft.plan["severity"] = {"CLU023": "error"}
        section = findings(judged(draft))
        found = cards(section)
        assert found[0].code == "CLU023"
        last = found[-1]
        assert (last.code, last.waived) == ("NAM001", "ordered, CHG-1 (until 2026-12-31)")
        ranks = [card.severity.rank for card in found if card.waived is None]
        assert ranks == sorted(ranks)
        assert section.note.startswith("2 errors, ")
        assert section.note.endswith("1 waived")

    def test_a_perfect_cluster_has_neither_errors_nor_warnings(self) -> None:
        section = findings(judged(expressway_e()))
        assert "error" not in section.note
        assert "warning" not in section.note
        assert section.tone is Tone.PLAIN

    def test_nothing_found_for_want_of_evidence_is_not_shown_as_good(self) -> None:
        judgement = odd("nothing known")
        gone = replace(judgement, findings=tuple(f for f in judgement.findings if f.outcome is Outcome.UNKNOWN))
        section = findings(gone)
        assert "in what was checked; what is not verified is listed apart" in text(section)
        assert section.tone is Tone.PLAIN
        assert text(findings(replace(judgement, findings=()))) == "none\nNothing was found wrong."

    def test_only_what_failed_has_a_card(self) -> None:
        assert {card.outcome for card in cards(findings(odd("nothing known")))} <= {Outcome.FAIL}


class TestAlarms:
    def test_an_alarm_has_its_number_peers_advice_and_reason(self) -> None:
        judgement = judged(with_faults("expressway-e", 3, [("leaf_lapsing_soon", 2)]))
        head, raised, advice, codes = row(table(alarms(judgement), "Alarms"), "40069")
        assert head.startswith("40069 Server certificate validity | ")
        assert raised == "exe2.example.com"
        assert advice
        assert "VAL004" in codes

    def test_broken_links_raise_theirs_on_both_ends_and_lead_to_the_matrix(self) -> None:
        judgement = judged(with_faults("expressway-e", 3, [("expired_leaf", 2)]))
        found = table(alarms(judgement), "Alarms")
        for number in LINK_ALARMS:
            assert row(found, str(number))[1] == "all peers"
        (links,) = (each[3] for each in found.rows if each[0][0].text.startswith("20004"))
        assert [link.link for link in links] == ["matrix"]

    def test_what_could_not_be_checked_predicts_nothing_and_is_said(self) -> None:
        section = alarms(odd("nothing known"))
        assert "Not verified whether these alarms are raised: 20004 Cluster communication failure" in text(section)
        assert "not verified" in section.note

    def test_without_alarms_it_is_said(self) -> None:
        section = alarms(replace(judged(expressway_e()), alarms=(), findings=()))
        assert section.note == "none"
        assert "None of the alarms" in text(section)


class TestUnchecked:
    def test_missing_evidence_is_told_once_with_why_how_and_the_rules(self) -> None:
        section = unchecked(judged(with_faults("expressway-e", 3, [("no_trust_list", 2)])))
        _, why, how, rules = row(table(section, "Missing"), "trusted CA list of exe2.example.com")
        assert why == "the plan names none"
        assert how == "Name it in the plan as trusted_cas."
        assert "TRU001" in rules
        known = table(unchecked(judged(expressway_e(3))), "Missing").rows
        assert section.note == f"{len(known) + 1} missing"
        assert section.tone is Tone.OPEN

    def test_a_rule_that_the_plan_ignores_does_not_hide_what_leaves_the_verdict_open(self) -> None:
        draft = with_faults("expressway-e", 3, [("no_trust_list", 2)])
        codes = {finding.code for finding in judged(draft).findings if finding.outcome is Outcome.UNKNOWN}
        draft.plan["severity"] = dict.fromkeys(codes, "ignore")
        section = unchecked(judged(draft))
        assert "trusted CA list of exe2.example.com" in column(table(section, "Missing"), "What")

    def test_what_is_waived_unchecked_is_still_reported(self) -> None:
        draft = with_faults("expressway-e", 3, [("no_trust_list", 2)])
        draft.plan["waivers"] = [{"rule": "TRU*", "reason": "on another floor", "until": "2026-12-31"}]
        assert "TRU001 for want of trusted CA list of exe2.example.com: on another floor" in text(
            unchecked(judged(draft))
        )

    def test_a_line_that_was_passed_over_is_named(self) -> None:
        judgement = judged(with_faults("expressway-e", 3, [("line_that_cannot_be_read", 2)]))
        found = table(unchecked(judgement), "Read in part")
        (where,) = found.rows[0][0]
        assert where.link.startswith("plan-")
        assert "host2.example.com" in found.rows[0][1][0].text

    def test_where_all_was_read_it_says_so(self) -> None:
        judgement = judged(expressway_e())
        found = tuple(each for each in judgement.findings if each.outcome is Outcome.FAIL)
        section = unchecked(replace(judgement, findings=found))
        assert section.note == "nothing"
        assert not [each for each in blocks(section) if isinstance(each, Table)]


@pytest.mark.parametrize("name", ODD)
def test_every_failed_finding_has_one_card_and_every_gap_a_row(name: str) -> None:
    judgement = odd(name)
    found = every(judgement)
    assert len({card.ident for card in found}) == len(found)
    assert len(found) == sum(finding.outcome is Outcome.FAIL for finding in judgement.findings)
    section = unchecked(judgement)
    unknown = [finding for finding in judgement.findings if finding.outcome is Outcome.UNKNOWN]
    assert bool(unknown) == any(
        each.caption == "Missing evidence" for each in blocks(section) if isinstance(each, Table)
    )
    assert alarms(judgement).blocks
