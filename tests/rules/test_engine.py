"""The engine: rules that break off, the plan's own severities, and waivers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from certplan.judgement import Judgement
from certplan.outcomes import Outcome, Severity
from certplan.rules import find
from certplan.rules.engine import run
from certplan.rules.model import Case, Finding, Found, Rule, Subject, Unchecked, rule
from tests.clusters import Draft, expressway_e
from tests.pki import AT

ONE, TWO, THREE = (f"exe{n}.example.com" for n in (1, 2, 3))


@rule("NAM901", "speaks-of-every-peer", "A rule of the tests", Severity.ERROR, sources=())
def speaks(case: Case) -> Iterator[Found | Unchecked]:
    """One finding a peer."""
    for peer in case.plan.peers:
        yield Found(Subject.peer(peer), f"about {peer.address}", "Do nothing.")


@rule("NAM902", "breaks-off", "A broken rule of the tests", Severity.WARNING, sources=())
def breaks_off(case: Case) -> Iterator[Found | Unchecked]:
    """One finding, and then it breaks."""
    yield Found(Subject.peer(case.plan.peers[0]), "half an answer", "Do nothing.")
    raise ValueError("no such thing as \x1b[31m" + "x" * 500)


@rule("NAM903", "speaks-twice", "A rule of the tests that repeats itself", Severity.NOTICE, sources=())
def speaks_twice(case: Case) -> Iterator[Found | Unchecked]:
    """The same finding two times."""
    for _ in range(2):
        yield Found(Subject.cluster(case.plan), "once is enough", "Do nothing.")


def case_of(folder: Path, *, at: datetime = AT, **sections: Any) -> Case:
    """The perfect cluster with these sections in its plan, as the rules are given it."""
    draft = expressway_e()
    draft.plan |= sections
    return _case(draft.judge(folder, at))


def _case(judgement: Judgement) -> Case:
    return Case(judgement.plan, judgement.evidence, judgement.at, judgement.matrix)


def found(folder: Path, *rules: Rule, at: datetime = AT, **sections: Any) -> tuple[Finding, ...]:
    return run(case_of(folder, at=at, **sections), rules)


def waiver(rule: str, until: str = "2027-01-31", **more: str) -> dict[str, str]:
    return {"rule": rule, "reason": "change CHG-1", "until": until, **more}


class TestABrokenRule:
    def test_it_becomes_a_could_not_check_and_the_others_run_on(self, tmp_path: Path) -> None:
        findings = found(tmp_path, breaks_off, speaks)
        broken = [finding for finding in findings if finding.code == "CPL001"]
        assert [(finding.outcome, finding.subject.name) for finding in broken] == [(Outcome.UNKNOWN, "NAM902")]
        assert [finding.subject.name for finding in findings if finding.rule is speaks] == [ONE, TWO, THREE]

    def test_half_its_answer_is_not_given(self, tmp_path: Path) -> None:
        assert not [finding for finding in found(tmp_path, breaks_off) if finding.rule is breaks_off]

    def test_its_error_is_named_safely_and_briefly(self, tmp_path: Path) -> None:
        (broken,) = found(tmp_path, breaks_off)
        assert "ValueError: no such thing as \\u001b" in broken.message
        assert "\x1b" not in broken.message
        assert len(broken.message) < 400
        assert broken.fix.startswith("Report this")


class TestOrderAndRepetition:
    def test_the_worst_come_first_and_a_failure_before_what_could_not_be_checked(self, tmp_path: Path) -> None:
        findings = found(tmp_path, speaks_twice, speaks, breaks_off)
        assert [(finding.severity.value, finding.outcome.value) for finding in findings] == [
            *[("error", "fail")] * 3,
            ("error", "unknown"),
            ("notice", "fail"),
        ]

    def test_the_same_finding_is_given_once(self, tmp_path: Path) -> None:
        assert len(found(tmp_path, speaks_twice)) == 1

    def test_a_rule_for_other_releases_is_not_run(self, tmp_path: Path) -> None:
        later = rule("NAM904", "later", "A rule to come", Severity.ERROR, sources=(), since="X99.1")(speaks.check)
        earlier = rule("NAM905", "earlier", "A rule gone by", Severity.ERROR, sources=(), until="X14.3.4")(speaks.check)
        assert found(tmp_path, later, earlier) == ()

    def test_a_rule_is_run_from_the_day_it_applies(self, tmp_path: Path) -> None:
        coming = rule("NAM906", "coming", "A rule", Severity.ERROR, sources=(), effective=AT.date())(speaks.check)
        assert len(found(tmp_path, coming)) == 3
        assert found(tmp_path, coming, at=AT - timedelta(days=1)) == ()


class TestSeverities:
    @pytest.mark.parametrize("name", ["NAM901", "nam901", "speaks-of-every-peer"])
    @pytest.mark.parametrize("severity", [Severity.WARNING, Severity.NOTICE, Severity.ERROR])
    def test_the_plan_chooses_by_code_or_slug(self, tmp_path: Path, name: str, severity: Severity) -> None:
        findings = found(tmp_path, speaks, speaks_twice, severity={name: severity.value})
        assert {finding.severity for finding in findings if finding.rule is speaks} == {severity}
        assert {finding.severity for finding in findings if finding.rule is speaks_twice} == {Severity.NOTICE}

    @pytest.mark.parametrize("name", ["NAM901", "speaks-of-every-peer"])
    def test_ignore_switches_a_rule_off(self, tmp_path: Path, name: str) -> None:
        findings = found(tmp_path, speaks, speaks_twice, severity={name: "ignore"})
        assert {finding.rule for finding in findings} == {speaks_twice}

    def test_the_plans_choice_outweighs_that_of_the_case(self, tmp_path: Path) -> None:
        @rule("NAM907", "weighs", "A rule", Severity.NOTICE, sources=())
        def weighs(case: Case) -> Iterator[Found | Unchecked]:
            """An error in this case."""
            yield Found(Subject.cluster(case.plan), "heavy", "Do nothing.", severity=Severity.ERROR)

        assert [finding.severity for finding in found(tmp_path, weighs)] == [Severity.ERROR]
        chosen = found(tmp_path, weighs, severity={"NAM907": "warning"})
        assert [finding.severity for finding in chosen] == [Severity.WARNING]

    def test_a_waived_rule_that_is_ignored_leaves_its_waiver_unused(self, tmp_path: Path) -> None:
        findings = found(tmp_path, speaks, severity={"NAM901": "ignore"}, waivers=[waiver("NAM901")])
        assert [finding.code for finding in findings] == ["CPL003"]


class TestWaivers:
    @pytest.mark.parametrize("pattern", ["NAM901", "nam9*", "speaks-*", "SPEAKS-OF-EVERY-PEER", "NAM90?"])
    def test_it_holds_by_code_or_slug_and_keeps_the_finding_with_its_reason(self, tmp_path: Path, pattern: str) -> None:
        findings = found(tmp_path, speaks, waivers=[waiver(pattern)])
        assert [finding.subject.name for finding in findings] == [ONE, TWO, THREE]
        assert {finding.waived for finding in findings} == {"change CHG-1 (until 2027-01-31)"}
        assert not any(finding.counts for finding in findings)

    @pytest.mark.parametrize(
        ("limits", "waived"),
        [
            ({"peer": TWO}, {TWO}),
            ({"peer": "EXE[12].*"}, {ONE, TWO}),
            ({"name": "exe3.*"}, {THREE}),
            ({"peer": "exe1.*", "name": "exe3.*"}, set()),
        ],
    )
    def test_it_can_be_limited_to_peers_and_names(
        self, tmp_path: Path, limits: dict[str, str], waived: set[str]
    ) -> None:
        findings = found(tmp_path, speaks, waivers=[waiver("NAM901", **limits)])
        assert {finding.subject.name for finding in findings if finding.waived is not None} == waived
        assert {finding.subject.name for finding in findings if finding.counts} - {"NAM901"} == {
            ONE,
            TWO,
            THREE,
        } - waived

    def test_one_about_peers_does_not_hold_for_the_cluster(self, tmp_path: Path) -> None:
        findings = found(tmp_path, speaks_twice, waivers=[waiver("NAM903", peer="*")])
        assert [finding.waived for finding in findings if finding.rule is speaks_twice] == [None]

    def test_it_holds_to_the_end_of_its_last_day_and_no_longer(self, tmp_path: Path) -> None:
        last = datetime(2026, 6, 10, 23, 59, 59, tzinfo=UTC)
        for at, counting in ((last, 0), (last + timedelta(seconds=1), 3)):
            findings = found(tmp_path, speaks, at=at, waivers=[waiver("NAM901", "2026-06-10")])
            assert sum(finding.counts for finding in findings if finding.rule is speaks) == counting
            assert ("CPL002" in {finding.code for finding in findings}) is bool(counting)

    def test_the_first_that_matches_gives_the_reason_and_all_that_match_are_used(self, tmp_path: Path) -> None:
        second = waiver("NAM9*") | {"reason": "another"}
        findings = found(tmp_path, speaks, waivers=[waiver("NAM901"), second])
        assert {finding.waived for finding in findings} == {"change CHG-1 (until 2027-01-31)"}

    def test_an_expired_one_makes_way_for_one_that_holds(self, tmp_path: Path) -> None:
        findings = found(tmp_path, speaks, waivers=[waiver("NAM901", "2026-05-31"), waiver("NAM901")])
        assert {finding.waived for finding in findings if finding.rule is speaks} == {"change CHG-1 (until 2027-01-31)"}
        assert {finding.code for finding in findings} == {"NAM901", "CPL002"}

    def test_unused_and_expired_ones_are_weighed_like_any_rule(self, tmp_path: Path) -> None:
        chosen = {"CPL003": "error", "waiver-expired": "ignore"}
        waivers = [waiver("NAM999"), waiver("NAM998", "2026-05-31")]
        findings = found(tmp_path, severity=chosen, waivers=waivers)
        assert [(finding.code, finding.severity) for finding in findings] == [("CPL003", Severity.ERROR)]

    def test_it_points_at_its_place_in_the_plan(self, tmp_path: Path) -> None:
        (unused,) = found(tmp_path, waivers=[waiver("NAM999")])
        assert unused.where is not None
        assert unused.where.file.endswith("plan.yaml")
        assert unused.where.line > 1

    def test_could_not_check_is_kept_as_one_and_never_counts(self, tmp_path: Path) -> None:
        draft = expressway_e()
        del draft.peer(2)["server_certificate"]
        draft.plan["waivers"] = [waiver("NAM006")]
        missing = [finding for finding in draft.judge(tmp_path).findings if finding.code == "NAM006"]
        assert missing
        assert {(finding.outcome, finding.counts) for finding in missing} == {(Outcome.UNKNOWN, False)}

    def test_one_plans_waivers_and_severities_do_not_reach_another_plan(self, tmp_path: Path) -> None:
        def broken() -> Draft:
            draft = expressway_e()
            draft.peer(2)["h323"] = False
            return draft

        lenient = broken()
        lenient.plan |= {"waivers": [waiver("CLU009")], "severity": {"CLU023": "ignore"}}
        before = broken().judge(tmp_path / "before")
        assert not any(finding.counts for finding in lenient.judge(tmp_path / "lenient").findings)
        after = broken().judge(tmp_path / "after")

        def lines(judgement: Judgement) -> list[tuple[str, Severity, str | None]]:
            return [(finding.code, finding.severity, finding.waived) for finding in judgement.findings]

        assert lines(before) == lines(after)
        assert ("CLU009", Severity.ERROR, None) in lines(after)
        # The rules themselves are shared between plans, and stay as they were declared.
        declared = find("CLU009")
        assert declared is not None
        assert declared.severity is Severity.ERROR
