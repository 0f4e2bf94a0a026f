"""What a review shows first, what it folds away, what fits on one sheet, and what differs between two judgements."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certplan.assessment import assess
from certplan.judgement import Judgement
from certplan.outcomes import Outcome, Verdict
from certplan.plan.reading import load_plan
from certplan.proposal.propose import propose
from certplan.report.document import Document, Fold, Picture, Prose, Section
from certplan.report.review import render_review, write_review, write_summary
from certplan.report.review.compare import differences, plan_differences
from certplan.report.review.verdict import Proposals
from certplan.value import replace
from tests.clusters import Draft, expressway_e
from tests.faults import FAULTS, with_faults
from tests.pki import AT
from tests.review.reading import ODD, column, judged, odd, row, table, text


def idents(document: Document) -> list[str]:
    return [section.ident for section in document.shown]


def evidence(document: Document) -> tuple[Fold, ...]:
    (section,) = (each for each in document.sections if each.ident == "evidence")
    return tuple(block for block in section.blocks if isinstance(block, Fold))


def with_target(draft: Draft, target: dict[str, Any], folder: Path) -> Judgement:
    draft.plan["target"] = target
    return assess(load_plan(draft.write(folder)), AT, AT, live_dns=False)


class TestOrder:
    def test_what_decides_comes_first_and_what_it_rests_on_last(self) -> None:
        document = write_review(judged(with_faults("expressway-e", 3, [("wrong_san", 2)])))
        assert idents(document) == ["drawing", "blocking", "changes", "runbook", "findings", "evidence"]
        assert [fold.ident for fold in evidence(document)][:4] == ["unchecked", "clustering", "matrix", "certificates"]

    def test_what_is_missing_comes_first_where_nothing_else_decides(self) -> None:
        document = write_review(judged(with_faults("expressway-e", 3, [("no_trust_list", 2)])))
        assert idents(document)[:2] == ["drawing", "unchecked"]
        assert "unchecked" not in [fold.ident for fold in evidence(document)]

    @pytest.mark.parametrize("full", [False, True])
    def test_evidence_is_folded_and_paper_has_it_only_where_asked(self, full: bool) -> None:
        document = write_review(judged(expressway_e()), full=full)
        assert {(fold.open, fold.printed) for fold in evidence(document)} == {(False, full)}
        assert ('class="unprinted"' in render_review(judged(expressway_e()), full=full)) is not full

    @pytest.mark.parametrize("name", ODD)
    def test_no_finding_is_in_both_sections_or_in_neither(self, name: str) -> None:
        judgement = odd(name)
        sections = {each.ident: each for each in write_review(judgement).sections}
        first, rest = (
            {card.ident for block in sections[ident].blocks for card in getattr(block, "cards", ())}
            for ident in ("blocking", "findings")
        )
        assert not first & rest
        assert len(first | rest) == sum(each.outcome is Outcome.FAIL for each in judgement.findings)
        if judgement.verdict is not Verdict.NOT_READY:
            assert not first


class TestVerdictBox:
    def test_it_has_the_counts_and_the_changes_in_order(self) -> None:
        judgement = judged(with_faults("expressway-e", 3, [("wrong_san", 2), ("missing_ca", 3)]))
        box = write_review(judgement).verdict
        assert box is not None
        proposed = propose(judgement.plan, judgement.evidence, judgement.at).changes
        assert [line.text for line in box.changes] == [f"{each.action}: {each.peer}" for each in proposed]
        said = [line.text for line in box.details]
        assert any(line.startswith("Findings: 3 errors") for line in said)
        assert said[-1] == "With these changes: READY."

    def test_it_has_both_states(self, tmp_path: Path) -> None:
        draft = with_faults("expressway-e", 3, [("swapped_mapping", 1)])
        good = [{"fqdn": f"exe{n}.example.com", "ip": f"10.20.0.1{n}"} for n in (1, 2, 3)]
        judgement = with_target(draft, {"address_mapping": good}, tmp_path)
        document = write_review(judgement)
        assert document.verdict is not None
        assert document.verdict.headline.startswith("NOT READY")
        assert any(line.text.startswith("With the target: READY.") for line in document.verdict.details)
        drawing, target = document.sections[:2]
        assert len([block for block in drawing.blocks if isinstance(block, Picture)]) == 2
        fields = table(target, "What differs in the plan")
        assert row(fields, "address_mapping > exe1.example.com > ip")[1:] == ("10.20.0.12", "10.20.0.11")
        assert row(fields, "tls_verification")[1:] == ("permissive", "enforce")

    def test_a_ready_cluster_asks_for_changes_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[object] = []

        def counted(*arguments: Any, **options: Any) -> Any:
            asked.append(arguments)
            return propose(*arguments, **options)

        monkeypatch.setattr("certplan.report.review.verdict.propose", counted)
        monkeypatch.setattr("certplan.runbook.procedures.propose", counted)
        write_review(judged(expressway_e()))
        assert len(asked) == 1

    @given(st.lists(st.tuples(st.sampled_from(sorted(FAULTS)), st.integers(1, 3)), max_size=3))
    @settings(max_examples=15, deadline=None)
    def test_the_changes_are_those_of_propose(self, faults: list[tuple[str, int]]) -> None:
        judgement = judged(with_faults("expressway-e", 3, faults))
        least = Proposals.of(judgement).least
        alone = propose(judgement.plan, judgement.evidence, judgement.at)
        assert (least.before, least.after) == (alone.before, alone.after)
        assert [each.effect for each in least.changes] == [each.effect for each in alone.changes]


class TestSummary:
    def test_it_says_who_and_when(self) -> None:
        document = write_summary(judged(with_faults("expressway-e", 3, [("wrong_san", 2), ("mapping_to_nat", 3)])))
        assert document.sheet
        assert idents(document) == ["drawing", "changes"]
        whose = column(table(document.sections[1], ""), "Who and when")
        assert "before the change window" in whose[0]
        assert whose[-1].endswith("in the change window")

    def test_where_nothing_has_to_change_it_says_so(self) -> None:
        assert "Nothing has to change." in text(write_summary(judged(expressway_e())).sections[1])


def compared(old: Judgement, new: Judgement) -> Section:
    return differences(old, new, "against", "Changed", ("Before", "Now"))


class TestDifferences:
    def test_the_same_differs_in_nothing(self) -> None:
        judgement = judged(expressway_e())
        section = compared(judgement, judgement)
        assert "Nothing differs." in text(section)
        assert section.note == "no change"

    def test_links_and_findings_that_change_are_listed(self) -> None:
        old, new = judged(expressway_e(3)), judged(with_faults("expressway-e", 3, [("wrong_san", 2)]))
        section = compared(old, new)
        links = table(section, "Links that change")
        assert row(links, "exe1.example.com verifies exe2.example.com")[1:] == ("accepted", "rejected")
        assert "NAM001 | error" in column(table(section, "Findings of Now alone"), "Rule")
        assert "Findings of Before alone" not in text(section)

    def test_a_peer_more_is_a_difference(self) -> None:
        section = compared(judged(expressway_e(2)), judged(expressway_e(3)))
        assert row(table(section, "Links that change"), "exe1.example.com verifies exe3")[1] == "no such peer"
        assert row(table(section, "What differs"), "peers > exe3.example.com > address")[1] == "not stated"

    @given(st.sampled_from(sorted(FAULTS)), st.sampled_from(sorted(FAULTS)))
    @settings(max_examples=15, deadline=None)
    def test_there_and_back_are_each_other_turned_round(self, one: str, other: str) -> None:
        old, new = (judged(with_faults("expressway-e", 2, [(fault, 2)])).plan for fault in (one, other))
        there, back = list(plan_differences(old, new)), list(plan_differences(new, old))
        assert sorted((what, now, was) for what, was, now in there) == sorted(back)
        assert all(was != now for _, was, now in there)

    def test_the_target_of_the_text_is_no_difference(self) -> None:
        plan = judged(expressway_e()).plan
        assert not list(plan_differences(plan, replace(plan, text="")))


def test_what_has_nothing_to_say_is_one_line(tmp_path: Path) -> None:
    draft = expressway_e(2)
    draft.plan["cluster"]["tls_verification"] = "enforce"
    sections = {each.ident: each for each in write_review(draft.judge(tmp_path)).sections}
    for ident in ("blocking", "changes"):
        (line,) = sections[ident].blocks
        assert isinstance(line, Prose), ident
    evidence = sections["evidence"].blocks
    assert any(isinstance(each, Prose) and each.text.startswith("Alarms to expect: None of") for each in evidence)
    assert not any(isinstance(each, Fold) and each.ident == "alarms" for each in evidence)
