"""`certplan runbook` as a user meets it."""

from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.cli.program import certplan
from tests.clusters import Draft, expressway_e

AT = ("--at", "2026-06-01")


def on_ip() -> Draft:
    """Formed on IP addresses, in Permissive, without mapping."""
    draft = expressway_e()
    del draft.plan["cluster"]["address_mapping"]
    for peer in draft.plan["peers"]:
        peer["address"] = peer["lan1"]["ip"].split("/")[0]
    return draft


class TestText:
    def test_it_leads_from_ip_addresses_to_enforce_with_exact_values(self, tmp_path: Path) -> None:
        run = certplan("runbook", on_ip().write(tmp_path), *AT)
        assert (run.code, run.err) == (0, "")
        page = " ".join(run.out.split())
        order = [
            "For Enforce today NOT READY After the last step READY",
            "FQDN / IP exe1.example.com / 10.20.0.11",
            "Peer 1 address exe1.example.com",
            "Peer 3 address exe3.example.com",
            "TLS verification mode Enforce",
            ". Restart exe1.example.com into Enforce",
            "Before you do it: exe1.example.com is out of the cluster while it restarts",
            ". Restart exe3.example.com into Enforce",
            "Sources",
        ]
        places = [page.rindex(text) for text in order]
        assert places == sorted(places)

    def test_a_table_of_steps_with_columns_to_fill_in_is_at_the_head(self, tmp_path: Path) -> None:
        run = certplan("runbook", on_ip().write(tmp_path), *AT, "--format", "csv")
        head, *rows = run.out.splitlines()
        assert head == "no,step,who,where,wait,owner,duration"
        assert (
            rows[3] == '4,Restart exe1.example.com alone,Expressway,exe1.example.com,"restart, then 5 min to settle",,'
        )
        shown = certplan("runbook", on_ip().write(tmp_path), *AT).out
        assert shown.index("Owner") < shown.index("Procedure")
        assert "____" in shown

    def test_it_leads_to_the_target_of_the_plan(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["target"] = {"release": "X15.4", "tls_verification": "enforce"}
        run = certplan("runbook", draft.write(tmp_path), *AT)
        assert run.code == 0, run.err
        assert run.out.startswith("From today's state to the target: expe.example.com")
        assert "Upgrade exe2.example.com" in run.out
        assert "Set Enforce on the primary" in run.out

    def test_another_kind_is_asked_for_by_an_option(self, tmp_path: Path) -> None:
        plan = expressway_e().write(tmp_path)
        for option, title in [
            (("--restart",), "Restart the cluster"),
            (("--upgrade", "X15.4"), "Upgrade the cluster to X15.4"),
            (("--change-primary", "2"), "Change the primary to exe2.example.com"),
            (("--remove-peer", "exe3.example.com"), "Remove a peer exe3.example.com"),
            (("--add-peer", "exe4.example.com", "--lan1", "10.20.0.14"), "Add a peer exe4.example.com"),
            (("--form",), "From single machines"),
            (("--replace-certificates",), "New certificates for every peer"),
            (("--replace-peer", "2"), "Replace a peer exe2.example.com"),
            (("--rename-peer", "2", "--to", "exe9.example.com"), "Change the name of a peer exe2.example.com"),
            (("--rebuild-peer", "2"), "Rebuild a peer from its backup exe2.example.com"),
            (("--disband",), "Disband the cluster"),
            (("--force-replication", "2"), "Force the replication of a peer exe2.example.com"),
            (("--change-primary", "2", "--unreachable", "1"), "Change the primary to exe2.example.com"),
            (("--unreachable", "1"), "From today's state to Enforce"),
        ]:
            run = certplan("runbook", plan, *AT, *option)
            assert run.code == 0, run.err
            assert run.out.startswith(title)

    def test_hostile_names_do_not_reach_the_terminal(self, tmp_path: Path) -> None:
        draft = on_ip()
        draft.peer(1)["system_name"] = "[bold]<script>|x"
        draft.reissue(2, cn="[red]x[/red]\x1b[31m", sans=["[bold]\x1b[1mx.example.com"])
        for form in ("text", "markdown", "json"):
            run = certplan("runbook", draft.write(tmp_path), *AT, "--format", form)
            assert run.code == 0
            assert "\x1b" not in run.out
            if form == "markdown":
                assert "<script" not in run.out.replace("\\<", "")

    def test_a_row_of_which_nothing_could_be_checked_says_so_once(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["cluster"]["address_mapping"][2]["ip"] = "203.0.113.13"
        del draft.peer(3)["trusted_cas"]
        draft.reissue(2, sans=["wrong.example.com"])
        page = " ".join(certplan("runbook", draft.write(tmp_path), *AT).out.split())
        seen = "exe1.example.com as exe3.example.com shows it; own page: Certificate: Valid"
        assert f"{seen} Certificate not verified exe2.example.com" in page
        assert "Certificate Certificate: Invalid Clustering link not verified" in page


class TestMarkdown:
    def test_where_on_which_page_and_with_what_impact_are_points_of_their_own(self, tmp_path: Path) -> None:
        run = certplan("runbook", on_ip().write(tmp_path), *AT, "--format", "markdown")
        tokens = MarkdownIt("commonmark").parse(run.out)
        points = [token.content for token in tokens if token.type == "inline"]
        assert "Page: System \\> Clustering" in points
        assert "On: exe1.example.com" in points
        assert "Impact: none on calls, registrations and MRA" in points

    def test_it_has_boxes_to_tick_and_a_report_goes_to_a_file(self, tmp_path: Path) -> None:
        report = tmp_path / "window.md"
        run = certplan("runbook", on_ip().write(tmp_path), *AT, "--format", "markdown", "-o", report)
        assert (run.code, run.out) == (0, "")
        text = report.read_text()
        assert "### 1\\. Take the baseline" in text
        assert "- [ ] " in text
        assert "| Peer 1 address | exe1.example.com |" in text
        assert "Before you do it: exe1.example.com" in text


class TestJson:
    def test_each_step_is_whole(self, tmp_path: Path) -> None:
        document = certplan("runbook", on_ip().write(tmp_path), *AT, "--format", "json").json
        assert {"schema_version", "certplan", "at", "kind", "before", "after", "steps", "dangers"} <= document.keys()
        assert (document["kind"], document["before"], document["after"]) == ("enforce", "not-ready", "ready")
        wanted = {"number", "title", "peers", "page", "do", "values", "dangers", "warnings", "out", "apart", "rows"}
        wanted |= {"alarms", "verify", "back", "stop", "sources", "action", "who", "impact", "rollback", "abort_if"}
        wanted |= {"alarms_raised", "alarms_cleared", "confidence", "basis", "settle_minutes", "codes"}
        for number, step in enumerate(document["steps"], 1):
            assert wanted <= step.keys()
            assert step["number"] == number
            assert bool(step["warnings"]) >= bool(step["out"] or step["apart"])

    def test_it_stays_json_when_the_plan_cannot_be_read(self, tmp_path: Path) -> None:
        plan = tmp_path / "plan.yaml"
        plan.write_text("certplan: 1\n")
        run = certplan("runbook", plan, "--format", "json")
        assert run.code == 2
        assert run.json["errors"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--restart", "--upgrade", "X15.4"), "one procedure at a time"),
        (("--remove-peer", "nobody.example.com"), "no peer of the plan"),
        (("--add-peer", "exe4.example.com"), "--lan1"),
        (("--add-peer", "exe4.example.com", "--lan1", "here"), "IP address"),
        (("--lan1", "10.20.0.14"), "--add-peer"),
        (("--upgrade", "X8.11"), "later release"),
        (("--rename-peer", "2"), "--to"),
        (("--rename-peer", "2", "--to", "exe1.example.com"), "the name of peer 1"),
        (("--rename-peer", "2", "--to", "10.0.0.1"), "not an FQDN"),
        (("--recover",), "Permissive in the plan"),
        (("--force-replication", "1"), "is the primary"),
        (("--restart", "--unreachable", "1"), "--change-primary"),
        (("--unreachable", "1", "--unreachable", "2", "--unreachable", "3"), "one at least"),
        (("--unreachable", "9"), "no peer of the plan"),
    ],
)
def test_what_does_not_fit_ends_with_2(options: tuple[str, ...], why: str, tmp_path: Path) -> None:
    run = certplan("runbook", expressway_e().write(tmp_path), *AT, *options)
    assert (run.code, run.out) == (2, "")
    assert why in run.err
