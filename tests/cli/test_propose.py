"""`certplan propose` as a user meets it: what it prints, what it writes, how it ends."""

from hashlib import sha256
from pathlib import Path

import pytest

from tests.cli.program import certplan
from tests.clusters import ISSUING, Draft, expressway_e

AT = ("--at", "2026-06-01")


def broken() -> Draft:
    draft = expressway_e()
    draft.reissue(2, sans=["expe.example.com", "exe2.exmaple.com"])
    draft.plan["cluster"]["address_mapping"][2]["ip"] = "203.0.113.13"
    return draft


class TestText:
    def test_changes_stand_by_who_makes_them_with_the_verdict_after(self, tmp_path: Path) -> None:
        run = certplan("propose", broken().write(tmp_path), *AT)
        assert (run.code, run.err) == (0, "")
        order = ["Today: NOT READY", "Certificates:", "exe2.example.com", "Expressway:", "10.20.0.13", "READY"]
        places = [run.out.index(text, run.out.index(order[0])) for text in order[:-1]]
        assert places == sorted(places)
        assert "With these changes: READY" in run.out
        assert "[NAM001]" in run.out
        assert "[MAP003]" in run.out

    def test_nothing_to_do_is_said(self, tmp_path: Path) -> None:
        run = certplan("propose", expressway_e().write(tmp_path), *AT)
        assert run.code == 0
        assert "Nothing has to change." in run.out

    def test_missing_evidence_is_asked_for(self, tmp_path: Path) -> None:
        draft = expressway_e()
        del draft.peer(3)["trusted_cas"]
        run = certplan("propose", draft.write(tmp_path), *AT)
        assert run.code == 0
        assert "Remaining blockers" in run.out
        assert "trusted CA list of exe3.example.com" in run.out
        assert "UNDECIDED" in run.out

    def test_all_lists_what_no_change_clears(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.peer(2)["h323"] = False
        plan = draft.write(tmp_path)
        text = " ".join(certplan("propose", plan, *AT).out.split())
        assert "1 other error does not depend on Enforce (CLU009): certplan check shows" in text
        assert "H.323" not in text
        assert "H.323" in certplan("propose", plan, *AT, "--all").out

    def test_hostile_names_do_not_reach_the_terminal(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.reissue(2, cn="[red]x[/red]\x1b[31m", sans=["[bold]\x1b[1mx.example.com"])
        for form in ("text", "markdown", "json"):
            run = certplan("propose", draft.write(tmp_path), *AT, "--all", "--severity", "notice", "--format", form)
            assert run.code == 0
            assert "\x1b" not in run.out


class TestMarkdown:
    def test_it_says_what_the_page_says(self, tmp_path: Path) -> None:
        draft = broken()
        del draft.peer(3)["trusted_cas"]
        draft.peer(1)["h323"] = False
        text = certplan("propose", draft.write(tmp_path), *AT, "--all", "--format", "markdown").out
        assert "the plan names none.; Fix: Name it in the plan as trusted\\_cas." in text
        assert "New certificates are simulated" in text
        assert ".. " not in text

    def test_without_a_new_certificate_there_is_no_word_of_stand_ins(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["cluster"]["address_mapping"][2]["ip"] = "203.0.113.13"
        text = certplan("propose", draft.write(tmp_path), *AT, "--format", "markdown").out
        assert "- [ ]" in text
        assert "simulated" not in text


class TestMeanwhile:
    @pytest.mark.parametrize("form", ["text", "markdown", "json"])
    def test_a_cluster_that_enforces_and_is_broken_goes_back_to_permissive_first(
        self, form: str, tmp_path: Path
    ) -> None:
        draft = broken()
        draft.plan["cluster"]["tls_verification"] = "enforce"
        page = " ".join(certplan("propose", draft.write(tmp_path), *AT, "--format", form).out.split())
        assert "Meanwhile set it to Permissive on the primary (exe1.example.com)" in page
        assert "(exe2.example.com, exe3.example.com)" in page

    def test_others_are_told_nothing_of_it(self, tmp_path: Path) -> None:
        sound = expressway_e()
        sound.plan["cluster"]["tls_verification"] = "enforce"
        for draft in (sound, broken()):
            assert "Meanwhile" not in certplan("propose", draft.write(tmp_path), *AT).out


class TestJson:
    def test_it_has_the_promised_shape(self, tmp_path: Path) -> None:
        document = certplan("propose", broken().write(tmp_path), *AT, "--format", "json").json
        assert {"schema_version", "certplan", "at", "before", "after", "changes", "plan"} <= document.keys()
        assert (document["before"], document["after"]) == ("not-ready", "ready")
        for change in document["changes"]:
            assert change["who"] in {"certificates", "expressway", "dns", "network"}
            assert change.keys() >= {"who", "peer", "action", "detail", "answers", "kind"}
            assert change["answers"]
        certificate, entry = document["changes"]
        assert (certificate["store"], certificate["cn"]) == ("server", "expe.example.com")
        assert certificate["sans"] == ["expe.example.com", "exe2.example.com", "example.com", *certificate["kept_sans"]]
        assert certificate["roles"] == ["serverAuth", "clientAuth"]
        assert certificate["issuer"] == {
            "subject": "CN=certplan test issuing",
            "sha256": sha256(ISSUING.der).hexdigest(),
        }
        assert certificate["file"] == "certs/exe2-server-new.pem"
        assert entry["entries"] == [{"fqdn": "exe3.example.com", "ip": "10.20.0.13"}]
        assert document["plan"]["target"]["address_mapping"][2] == {"fqdn": "exe3.example.com", "ip": "10.20.0.13"}
        assert document["plan"]["cluster"].get("address_mapping") != document["plan"]["target"]["address_mapping"]

    def test_the_same_input_gives_the_same_bytes(self, tmp_path: Path) -> None:
        plan = broken().write(tmp_path)
        once, again = (certplan("propose", plan, *AT, "--all", "--format", "json").out for _ in range(2))
        assert once == again

    def test_it_stays_json_when_the_plan_cannot_be_read(self, tmp_path: Path) -> None:
        plan = tmp_path / "plan.yaml"
        plan.write_text("certplan: 1\n")
        run = certplan("propose", plan, "--format", "json")
        assert run.code == 2
        assert run.json["errors"]
        assert str(plan) in run.err


class TestWrite:
    def test_the_target_is_undecided_until_the_certificate_is_there_and_then_ready(self, tmp_path: Path) -> None:
        draft = broken()
        plan = draft.write(tmp_path)
        today = certplan("check", plan, *AT, "--format", "json").json["plans"][0]
        run = certplan("propose", plan, *AT, "--write")
        assert run.code == 0
        assert "Nothing was changed on any appliance" in run.err
        judged = certplan("check", plan, *AT, "--format", "json").json["plans"][0]
        assert judged["verdict"] == today["verdict"] == "not-ready"
        assert judged["target"]["verdict"] == "undecided"
        assert any("not issued yet" in finding["message"] for finding in judged["target"]["findings"])
        leaf = draft.reissue(2)
        (tmp_path / "certs" / "exe2-server-new.pem").write_bytes(leaf.pem)
        assert certplan("check", plan, *AT, "--state", "target").code == 0
        assert certplan("check", plan, *AT).code == 1
        assert certplan("adopt", plan).code == 0
        assert certplan("check", plan, *AT).code == 0

    def test_a_report_goes_to_a_file(self, tmp_path: Path) -> None:
        report = tmp_path / "changes.md"
        run = certplan("propose", broken().write(tmp_path), *AT, "--format", "markdown", "-o", report)
        assert (run.code, run.out) == (0, "")
        assert "- [ ] **1. Reissue the server certificate, exe2.example.com**" in report.read_text()


@pytest.mark.parametrize("option", [("--format", "yaml"), ("--severity", "ignore"), ("--at", "yesterday")])
def test_wrong_usage_ends_with_2(option: tuple[str, ...], tmp_path: Path) -> None:
    run = certplan("propose", expressway_e().write(tmp_path), *option)
    assert (run.code, run.out) == (2, "")
