"""SARIF: valid against the schema, true to the findings, and with fingerprints that outlive lines."""

import json
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import pytest

from certplan.judgement import Judgement
from certplan.outcomes import Outcome
from certplan.places import Place
from certplan.plan.reading import PlanProblem
from certplan.report import find_form, render
from certplan.report.form import Layout
from certplan.rules import catalog
from tests.clusters import Draft, expressway_e
from tests.pki import AT

SCHEMA = json.loads((Path(__file__).parents[2] / "fixtures/sarif/sarif-2.1.0-rtm.5.json").read_text("utf-8"))


def faulty() -> Draft:
    """A failure, a waived failure, a "not verified" and a finding in a file other than the plan."""
    draft = expressway_e()
    draft.reissue(2, sans=["expe.example.com", "exe2.exmaple.com", "example.com"])
    draft.peer(3)["private_key"] = draft.peer(1)["private_key"]
    draft.files[draft.peer(1)["server_certificate"]] += draft.root.pem
    del draft.peer(3)["trusted_cas"]
    draft.plan["waivers"] = [{"rule": "KEY001", "reason": "new key on its way", "until": "2026-07-01"}]
    return draft


def log_of(text: str) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(text)
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    return log


def run_of(judgement: Judgement) -> dict[str, Any]:
    (run,) = log_of(render(judgement, "sarif"))["runs"]
    assert isinstance(run, dict)
    return run


@pytest.fixture(scope="module")
def judgement(tmp_path_factory: pytest.TempPathFactory) -> Judgement:
    return faulty().judge(tmp_path_factory.mktemp("faulty"))


@pytest.fixture(scope="module")
def run(judgement: Judgement) -> dict[str, Any]:
    return run_of(judgement)


class TestRules:
    def test_exactly_the_rules_that_fired_are_described(self, judgement: Judgement, run: dict[str, Any]) -> None:
        described = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        assert sorted(described) == sorted({finding.code for finding in judgement.findings})
        assert all(described[result["ruleIndex"]] == result["ruleId"] for result in run["results"])

    def test_each_has_help_and_the_address_of_its_first_source(self, run: dict[str, Any]) -> None:
        known = {rule.code: rule for rule in catalog()}
        for described in run["tool"]["driver"]["rules"]:
            rule = known[described["id"]]
            assert described["name"] == rule.slug
            assert {"What it checks", "Why it matters", "How to fix", "Example"} <= {
                part.split(":")[0] for part in described["help"]["text"].split("\n\n")
            }
            assert bool(rule.sources) is ("helpUri" in described)
            assert described.get("helpUri", "https://").startswith("https://")

    def test_every_rule_of_the_catalog_can_be_described(self, judgement: Judgement) -> None:
        """Whatever its text holds, such as braces, the log stays valid."""
        from certplan.value import replace

        first = judgement.findings[0]
        every = replace(judgement, findings=tuple(replace(first, rule=rule) for rule in catalog()))
        assert len(run_of(every)["tool"]["driver"]["rules"]) == len(catalog())


class TestResults:
    def test_they_are_the_findings_in_their_order(self, judgement: Judgement, run: dict[str, Any]) -> None:
        wanted = [(finding.code, finding.severity.value) for finding in judgement.findings]
        assert [(result["ruleId"], result["properties"]["severity"]) for result in run["results"]] == wanted

    def test_only_a_failure_has_a_level_and_what_could_not_be_checked_is_open(
        self, judgement: Judgement, run: dict[str, Any]
    ) -> None:
        levels = {"error": "error", "warning": "warning", "notice": "note"}
        outcomes = set()
        for finding, result in zip(judgement.findings, run["results"], strict=True):
            failed = finding.outcome is Outcome.FAIL
            outcomes.add(finding.outcome)
            assert result["kind"] == ("fail" if failed else "open")
            assert result["level"] == (levels[finding.severity.value] if failed else "none")
        assert outcomes == {Outcome.FAIL, Outcome.UNKNOWN}

    def test_a_waiver_is_an_accepted_suppression_and_nothing_else_is_suppressed(self, run: dict[str, Any]) -> None:
        suppressed = [result for result in run["results"] if result["suppressions"]]
        assert {result["ruleId"] for result in suppressed} == {"KEY001"}
        (suppression,) = suppressed[0]["suppressions"]
        assert suppression == {
            "kind": "external",
            "status": "accepted",
            "justification": "new key on its way (until 2026-07-01)",
        }

    def test_the_message_says_what_was_found_and_what_to_do(self, run: dict[str, Any]) -> None:
        found = next(result for result in run["results"] if result["ruleId"] == "NAM001")
        assert "exe2.exmaple.com" in found["message"]["text"]
        assert f" To do: {found['properties']['fix']}" in found["message"]["text"]


class TestPlaces:
    def test_a_region_is_given_where_the_line_is_known(self, judgement: Judgement, run: dict[str, Any]) -> None:
        kinds = set()
        for finding, result in zip(judgement.findings, run["results"], strict=True):
            place = result["locations"][0]["physicalLocation"]
            known = finding.where is not None and finding.where.line > 0
            kinds.add(known)
            assert ("region" in place) is known
            if known and finding.where is not None:
                assert place["region"]["startLine"] == finding.where.line
        assert True in kinds

    def test_files_of_the_plan_are_found_beside_it(self, run: dict[str, Any]) -> None:
        found = next(result for result in run["results"] if result["ruleId"] == "TRU017")
        plan = next(result for result in run["results"] if result["ruleId"] == "CLU023")
        uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in (found, plan)]
        assert uris[0].endswith("/certs/exe1-server.pem")
        assert uris[0].removesuffix("/certs/exe1-server.pem") == uris[1].removesuffix("/plan.yaml")

    @pytest.mark.parametrize(
        ("file", "uri"),
        [
            ("plan.yaml", "plan.yaml"),
            ("clusters/a b/plän#1.yaml", "clusters/a%20b/pl%C3%A4n%231.yaml"),
            ("C:plan?.yaml", "C%3Aplan%3F.yaml"),
            ("../50%/plan.yaml", "../50%25/plan.yaml"),
            ("/srv/a b/plan.yaml", "file:///srv/a%20b/plan.yaml"),
            ("//server/share/plan.yaml", "file://server/share/plan.yaml"),
        ],
    )
    def test_addresses_are_percent_encoded(self, file: str, uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("certplan.report.writers.sarif.PurePath", PurePosixPath)
        problem = PlanProblem(Place(file, 3, 7), "unknown key")
        form = find_form("sarif")
        (run,) = log_of("".join(form.document(AT, [form.unread(file, [problem])])))["runs"]
        (notice,) = run["invocations"][0]["toolExecutionNotifications"]
        place = notice["locations"][0]["physicalLocation"]
        assert place == {"artifactLocation": {"uri": uri}, "region": {"startLine": 3, "startColumn": 7}}


class TestFingerprints:
    def test_they_outlive_a_change_of_lines_and_of_words(self, tmp_path: Path) -> None:
        draft = faulty()
        before = run_of(draft.judge(tmp_path))
        draft.plan = {"severity": {"NAM001": "warning"}, **draft.plan}
        draft.reissue(2, sans=["expe.example.com", "exe2.example.net", "example.com"])
        after = run_of(draft.judge(tmp_path))
        one, other = (
            next(result for result in run["results"] if result["ruleId"] == "NAM001") for run in (before, after)
        )
        assert one["message"] != other["message"]
        assert one["level"] != other["level"]
        assert one["partialFingerprints"] == other["partialFingerprints"]

    def test_they_tell_rules_and_subjects_apart(self, judgement: Judgement, run: dict[str, Any]) -> None:
        subjects = {(finding.code, finding.subject) for finding in judgement.findings}
        prints = {tuple(result["partialFingerprints"].items()) for result in run["results"]}
        assert len(prints) == len(subjects) > 5


class TestPlans:
    def test_one_run_each_and_one_that_did_not_succeed_for_a_plan_not_read(self, judgement: Judgement) -> None:
        form = find_form("sarif")
        problems = [PlanProblem(Place("bad.yaml", 2, 1), "unknown key"), PlanProblem(Place("bad.yaml"), "no peers")]
        pieces = [form.piece(judgement, Layout()), form.unread("bad.yaml", problems)]
        good, bad = log_of("".join(form.document(AT, pieces)))["runs"]
        assert good["invocations"] == [{"executionSuccessful": True}]
        assert "results" not in bad
        assert bad["invocations"][0]["executionSuccessful"] is False
        notices = bad["invocations"][0]["toolExecutionNotifications"]
        assert [notice["message"]["text"] for notice in notices] == ["unknown key", "no peers"]
        assert good["automationDetails"]["id"] != bad["automationDetails"]["id"]

    def test_a_ready_cluster_says_so_and_gives_no_failure(self, tmp_path: Path) -> None:
        run = run_of(expressway_e(2).judge(tmp_path))
        assert run["properties"]["verdict"] == "ready"
        assert run["properties"]["readyUntil"] == "2027-01-01T00:00:01Z"
        assert {result["level"] for result in run["results"]} <= {"note", "none"}

    def test_no_plan_at_all_is_a_valid_log(self) -> None:
        assert log_of("".join(find_form("sarif").document(AT, [])))["runs"] == []
