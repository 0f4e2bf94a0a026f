"""JUnit XML, read back: suites, counts, and an ending that fits the verdict."""

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from certplan.judgement import Judgement
from certplan.outcomes import Severity
from certplan.places import Place
from certplan.plan.reading import PlanProblem
from certplan.report import find_form, render
from certplan.report.form import Layout
from tests.clusters import Draft, expressway_e
from tests.pki import AT


def suites_of(text: str) -> list[ET.Element]:
    """The suites, once their counts are proved."""
    root = ET.fromstring(text)  # noqa: S314 - it is ours
    assert root.tag == "testsuites"
    suites = list(root)
    for suite in suites:
        assert suite.tag == "testsuite"
        for properties in suite.findall("properties"):
            assert {entry.get("name") for entry in properties} == {"verdict", "standing"}
            suite.remove(properties)
        endings = Counter(child.tag for case in suite for child in case)
        assert {case.tag for case in suite} <= {"testcase"}
        assert int(suite.get("tests", "")) == len(suite)
        assert int(suite.get("failures", "")) == endings["failure"]
        assert int(suite.get("errors", "")) == endings["error"]
        assert int(suite.get("skipped", "")) == endings["skipped"]
        assert all(len(case) <= 1 for case in suite)
        names = [(case.get("classname"), case.get("name")) for case in suite]
        assert len(set(names)) == len(names)
    return suites


def case_of(suite: ET.Element, start: str) -> ET.Element:
    return next(case for case in suite if case.get("name", "").startswith(start))


def broken() -> Draft:
    draft = expressway_e()
    draft.reissue(2, sans=["expe.example.com", "exe2.exmaple.com", "example.com"])
    return draft


class TestSuites:
    def test_one_for_each_peer_and_one_for_the_cluster(self, tmp_path: Path) -> None:
        judgement = broken().judge(tmp_path)
        suites = suites_of(render(judgement, "junit"))
        names = [*(peer.address for peer in judgement.plan.peers), "cluster expe.example.com"]
        assert [suite.get("name") for suite in suites] == [f"{judgement.plan.file}: {name}" for name in names]
        assert {suite.get("timestamp") for suite in suites} == {"2026-06-01T00:00:00"}

    def test_a_finding_is_a_failed_case_of_its_peer(self, tmp_path: Path) -> None:
        suites = suites_of(render(broken().judge(tmp_path), "junit"))
        case = case_of(suites[1], "NAM001 ")
        assert case.get("name") == "NAM001 peer-address-not-in-san: exe2.example.com"
        (failure,) = case
        assert (failure.tag, failure.get("type")) == ("failure", "error")
        assert "exe2.exmaple.com" in failure.get("message", "")
        assert "\nTo do: " in (failure.text or "")
        assert "\nSource: " in (failure.text or "")

    def test_handshakes_are_cases_of_the_verifier(self, tmp_path: Path) -> None:
        judgement = broken().judge(tmp_path)
        first = suites_of(render(judgement, "junit"))[0]
        endings = {
            case.get("name"): [child.tag for child in case] for case in first if "handshake" in (case.get("name") or "")
        }
        assert endings == {
            "handshake: exe1.example.com verifies exe1.example.com": [],
            "handshake: exe1.example.com verifies exe2.example.com": ["failure"],
            "handshake: exe1.example.com verifies exe3.example.com": [],
        }

    def test_a_rule_that_found_nothing_is_a_passed_case_and_one_switched_off_is_none(self, tmp_path: Path) -> None:
        draft = expressway_e(2)
        draft.plan["severity"] = {"KEY002": "ignore"}
        cluster = suites_of(render(draft.judge(tmp_path), "junit"))[-1]
        passed = {case.get("name", "").split()[0] for case in cluster if not len(case)}
        assert {"NAM001", "TRU001", "KEY001"} <= passed
        assert "KEY002" not in passed
        assert not {case.get("name", "").split()[0] for case in cluster if len(case)} & passed

    def test_what_one_rule_says_of_one_subject_is_one_case(self, tmp_path: Path) -> None:
        from certplan.value import replace

        judgement = broken().judge(tmp_path)
        finding = next(finding for finding in judgement.findings if finding.code == "NAM001")
        more = replace(judgement, findings=(*judgement.findings, replace(finding, message="And another thing.")))
        case = case_of(suites_of(render(more, "junit"))[1], "NAM001 ")
        assert "And another thing." in (case[0].text or "")


class TestEndings:
    def test_could_not_check_is_an_error(self, tmp_path: Path) -> None:
        draft = expressway_e()
        del draft.peer(3)["trusted_cas"]
        judgement = draft.judge(tmp_path)
        suites = suites_of(render(judgement, "junit"))
        assert sum(int(suite.get("errors", "")) for suite in suites) > 1
        (error,) = case_of(suites[2], "handshake: exe3.example.com verifies exe1.example.com")
        assert error.tag == "error"

    def test_waived_is_skipped_but_the_broken_handshake_still_fails(self, tmp_path: Path) -> None:
        draft = broken()
        draft.plan["waivers"] = [{"rule": "*", "reason": "known", "until": "2026-07-01"}]
        suites = suites_of(render(draft.judge(tmp_path), "junit"))
        (skipped,) = case_of(suites[1], "NAM001 ")
        assert (skipped.tag, skipped.get("message")) == ("skipped", "Waived: known (until 2026-07-01)")
        assert [child.tag for child in case_of(suites[0], "handshake: exe1.example.com verifies exe2")] == ["failure"]

    @pytest.mark.parametrize("name", ["a\x00b", "\x0b\x1f", "\ud800", "\uffff\ufffe", "]]>", "&amp;<!--", "\r\n\t"])
    def test_characters_that_xml_may_not_hold_become_visible(self, name: str, tmp_path: Path) -> None:
        from certplan.value import replace

        judgement = broken().judge(tmp_path)
        finding = judgement.findings[0]
        odd = replace(finding, subject=replace(finding.subject, name=f"<{name}>"), message=name, evidence=(name,))
        text = render(replace(judgement, findings=(odd,)), "junit")
        text.encode("ascii")
        shown = [child.get("message") for suite in suites_of(text) for case in suite for child in case]
        escaped = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in name.strip())
        assert escaped in shown


class TestPlans:
    def test_a_plan_not_read_is_one_error_beside_the_others(self, tmp_path: Path) -> None:
        form = find_form("junit")
        problems = [PlanProblem(Place("bad.yaml", 2, 1), "unknown key"), PlanProblem(Place("bad.yaml"), "no peers")]
        ready: Judgement = expressway_e(2).judge(tmp_path)
        suites = suites_of("".join(form.document(AT, [form.piece(ready, Layout()), form.unread("bad.yaml", problems)])))
        assert len(suites) == 4
        ((error,),) = suites[-1]
        assert (error.tag, error.get("message")) == ("error", "unknown key")
        assert error.text == "bad.yaml:2:1: unknown key\nbad.yaml: no peers"

    def test_a_ready_cluster_has_no_failed_handshake_and_no_failed_error(self, tmp_path: Path) -> None:
        draft = expressway_e(2)
        draft.plan["round_trip_ms"] = {"exe1.example.com exe2.example.com": 5}
        judgement = draft.judge(tmp_path)
        assert all(finding.severity is Severity.NOTICE for finding in judgement.findings)
        types = {
            child.get("type") for suite in suites_of(render(judgement, "junit")) for case in suite for child in case
        }
        assert types <= {"notice"}
