"""The changes and the runbook of a review: what to do, by whom, with which values, and where it leads."""

import pytest

from certplan.outcomes import Verdict
from certplan.proposal.propose import propose
from certplan.report.document import Fold, Points, Prose, Section, Table, Tone
from certplan.report.review.parts.findings import blockers, findings
from certplan.report.review.parts.procedure import changes, runbook
from certplan.runbook.procedures import runbook as write_runbook
from tests.clusters import expressway_e
from tests.faults import with_faults
from tests.review.reading import ODD, blocks, column, judged, odd, row, table, text, words


def steps(section: Section) -> list[Fold]:
    return [each for each in blocks(section) if isinstance(each, Fold) and each.ident.startswith("runbook-step-")]


class TestChanges:
    def test_each_change_is_under_who_makes_it_with_its_exact_values(self) -> None:
        judgement = judged(with_faults("expressway-e", 3, [("wrong_san", 2), ("missing_ca", 3)]))
        section = changes(judgement)
        ordered = table(section, "Certificates: request from the CA")
        assert column(ordered, "What") == ["Reissue the server certificate | exe2.example.com"]
        assert "SANs expe.example.com, exe2.example.com" in column(ordered, "Exact values")[0]
        pages = table(section, "Expressway: pages of the appliance")
        assert "append CN=certplan test issuing" in row(pages, "2")[2]
        assert "READY for Enforce" in text(section).splitlines()
        assert section.note.startswith("2 needed")

    def test_what_a_change_answers_leads_to_the_finding_of_its_peer(self) -> None:
        judgement = judged(with_faults("expressway-e", 3, [("wrong_san", 2), ("wrong_san", 3)]))
        ordered = table(changes(judgement), "Certificates")
        (answers,) = (each[3] for each in ordered.rows if each[1][1].text == "exe3.example.com")
        link = next(each.link for each in answers if each.text == "NAM001")
        place = int(link.removeprefix("finding-")) - 1
        assert judgement.findings[place].subject.peers == ("exe3.example.com",)

    def test_further_changes_are_set_apart_from_those_that_enforce_hangs_on(self) -> None:
        judgement = judged(with_faults("expressway-e", 3, [("missing_ca", 2), ("external_is_lan1", 3)]))
        section = changes(judgement)
        (further,) = (each for each in blocks(section) if isinstance(each, Fold))
        assert "Set External LAN interface" in text(further)
        needed = [each for each in section.blocks if isinstance(each, Table)]
        assert not [each for each in needed if "Set External LAN interface" in " ".join(column(each, "What"))]
        numbers = [
            number
            for each in blocks(section)
            if isinstance(each, Table) and "No." in each.columns
            for number in column(each, "No.")
        ]
        assert numbers == [str(place) for place in range(1, len(numbers) + 1)]

    def test_a_ready_cluster_has_nothing_to_change(self) -> None:
        section = changes(judged(expressway_e()))
        assert "Nothing has to change." in text(section)
        assert (section.note, section.tone) == ("none", Tone.PLAIN)

    def test_what_stays_in_the_way_is_reported(self) -> None:
        section = changes(judged(with_faults("expressway-e", 3, [("no_certificate", 2)])))
        assert row(table(section, "Remaining blockers"), "exe2")[1] == "the plan names none"
        assert "1 remaining" in section.note
        assert section.tone is Tone.OPEN


class TestRunbook:
    def test_each_step_is_a_fold_with_its_values_boxes_and_rollback(self) -> None:
        judgement = judged(with_faults("expressway-e", 3, [("swapped_mapping", 2)]))
        book = write_runbook(judgement.plan, judgement.evidence, judgement.at)
        section = runbook(judgement)
        folds = steps(section)
        assert [fold.title.text for fold in folds] == [
            f"{number}. {step.title}" for number, step in enumerate(book.steps, 1)
        ]
        for fold, step in zip(folds, book.steps, strict=True):
            boxes = [
                item.text for each in fold.blocks if isinstance(each, Points) and each.boxes for item in each.items
            ]
            assert boxes == [*step.do, *step.verify]
            shown = text(fold)
            values = [each for each in fold.blocks if isinstance(each, Table) and each.columns == ("Field", "Value")]
            assert [tuple(lines[0].text for lines in each) for found in values for each in found.rows] == [*step.values]
            assert all(said in shown for said in (*step.warnings, step.rollback.text, step.abort_if))
        assert section.note == f"{len(book.steps)} steps"

    def test_rows_are_shown_only_where_they_change(self) -> None:
        judgement = judged(with_faults("expressway-e", 3, [("swapped_mapping", 2)]))
        book = write_runbook(judgement.plan, judgement.evidence, judgement.at)
        before: object = None
        for fold, step in zip(steps(runbook(judgement)), book.steps, strict=True):
            tables = [each for each in fold.blocks if isinstance(each, Table) and "Clustering" in each.columns]
            assert bool(tables) == bool(step.rows and step.rows != before)
            assert ("Expected status: unchanged" in text(fold)) == bool(step.rows and step.rows == before)
            before = step.rows or before

    def test_dangers_come_before_the_first_step_and_are_said_once(self) -> None:
        section = runbook(judged(with_faults("expressway-e", 3, [("swapped_mapping", 2)])))
        folds = [each for each in section.blocks if isinstance(each, Fold)]
        assert folds[0].ident == "runbook-dangers"
        assert folds[1].ident == "runbook-step-1"
        danger = "Never save the page with every Peer N address empty"
        assert sum(danger in each.text for each in words(section)) == 1
        assert not [each for each in blocks(section) if isinstance(each, Prose) and danger in each.text]

    def test_the_last_step_of_a_ready_cluster_leads_to_enforce(self) -> None:
        section = runbook(judged(expressway_e()))
        assert "READY for Enforce" in text(section)
        (setting,) = (each for each in steps(section) if "Enforce on the primary" in each.title.text)
        assert "Enforce" in row(table(setting, "Step"), "TLS verification mode")[1]
        assert all(each.link.startswith("https://") for each in words(section) if each.link)

    def test_a_cluster_that_enforces_and_is_ready_has_nothing_to_do(self) -> None:
        draft = expressway_e()
        draft.plan["cluster"]["tls_verification"] = "enforce"
        section = runbook(judged(draft))
        assert steps(section) == []
        assert "there is nothing to do" in text(section)
        assert "Never save" not in text(section)

    def test_without_a_primary_that_exists_it_says_why_there_is_none(self) -> None:
        section = runbook(judged(with_faults("expressway-e", 3, [("primary_out_of_range", 1)])))
        assert "Configuration primary is 6, and the plan has 3 peers" in text(section)
        assert section.tone is Tone.BAD
        assert steps(section) == []


@pytest.mark.parametrize("name", ODD)
def test_every_cluster_is_told_its_verdict_with_the_changes(name: str) -> None:
    judgement = odd(name)
    section = changes(judgement)
    after = propose(judgement.plan, judgement.evidence, judgement.at).after
    facts = {Verdict.READY: Tone.GOOD, Verdict.NOT_READY: Tone.BAD, Verdict.UNDECIDED: Tone.OPEN}
    tones = [each.tone for each in words(section) if each.text.endswith(" for Enforce")][:2]
    if judgement.verdict is Verdict.READY:
        assert tones in ([], [Tone.GOOD, Tone.GOOD])
        assert tones or "Nothing has to change." in text(section)
    else:
        assert tones == [facts[judgement.verdict], facts[after]]
    book = runbook(judgement)
    idents = [each.ident for part in (section, book) for each in blocks(part) if isinstance(each, Fold)]
    assert len(set(idents)) == len(idents)
    cards = {each.link for each in words(section) if each.link}
    parts = (blockers(judgement), findings(judgement))
    known = {card.ident for part in parts for block in part.blocks for card in getattr(block, "cards", ())}
    assert cards <= known
