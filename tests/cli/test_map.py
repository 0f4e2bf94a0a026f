"""`certplan map`: every format, and the entries put into the plan file."""

import csv
import errno
import os
import stat
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from certplan import load_plan
from certplan.cli.app import app
from tests.cli.program import certplan
from tests.clusters import Draft, expressway_c, expressway_e


def unmapped(**first: object) -> Draft:
    """Formed on IP addresses, mapping Off; host name and domain are not what the certificates carry."""
    draft = expressway_e(2)
    del draft.plan["cluster"]["address_mapping"]
    for number in (1, 2):
        draft.peer(number).update(address=f"10.20.0.1{number}", domain="corp.example.com")
    draft.peer(1).update(first)
    return draft


class TestFormats:
    def test_the_page_has_the_table_the_difference_and_the_caution(self, tmp_path: Path) -> None:
        run = certplan("map", unmapped().write(tmp_path))
        assert (run.code, run.err) == (0, "")
        page = " ".join(run.out.split())
        assert "Needed under Enforce." in page
        assert "exe1.example.com 10.20.0.11 add" in page
        assert "Then change Peer 1 address from 10.20.0.11 to exe1.example.com." in page
        assert "exe1.corp.example.com 10.20.0.11 It joins host name and domain name" in page
        assert "exe1.example.com 203.0.113.11 203.0.113.11, leave it" in page
        assert "Caution: Never put a peer's public FQDN with its private address into public DNS" in page
        assert "set Cluster address mapping enabled to On" in page

    def test_the_caution_stands_on_every_page(self, tmp_path: Path) -> None:
        run = certplan("map", expressway_c().write(tmp_path))
        assert "Not needed. Expressway-C peers find each other in internal DNS.\n" in run.out
        assert "Caution: " in run.out

    def test_the_document_on_nics_is_cited_where_a_peer_has_two(self, tmp_path: Path) -> None:
        for draft, cited in ((expressway_c(), False), (unmapped(), True)):
            path = draft.write(tmp_path / str(cited))
            for form in ("text", "markdown"):
                said = certplan("map", path, "--format", form).out
                assert ("Advanced Networking" in said) is cited
                assert "How to Form a Cluster" in said

    def test_the_json_bears_the_time_that_is_said(self, tmp_path: Path) -> None:
        path = unmapped().write(tmp_path)
        one, other = (certplan("map", path, "--format", "json", "--at", "2027-01-01").out for _ in range(2))
        assert one == other
        assert '"at": "2027-01-01T00:00:00Z"' in one
        assert certplan("map", path, "--at", "soon").code == 2

    def test_the_commands_turn_todays_table_into_the_right_one(self, tmp_path: Path) -> None:
        draft = expressway_e(2)
        draft.plan["cluster"]["address_mapping"] = [
            {"fqdn": "exe1.example.com", "ip": "203.0.113.11"},
            {"fqdn": "exe9.example.com", "ip": "10.20.0.19"},
        ]
        run = certplan("map", draft.write(tmp_path), "--format", "commands")
        assert run.out.splitlines() == [
            'xCommand Cluster Address Mapping Delete Fqdn: "exe1.example.com" IpAddress: "203.0.113.11"',
            'xCommand Cluster Address Mapping Add Fqdn: "exe1.example.com" IpAddress: "10.20.0.11"',
            'xCommand Cluster Address Mapping Delete Fqdn: "exe9.example.com" IpAddress: "10.20.0.19"',
            'xCommand Cluster Address Mapping Add Fqdn: "exe2.example.com" IpAddress: "10.20.0.12"',
        ]

    def test_no_command_is_made_of_a_name_that_would_break_out_of_it(self, tmp_path: Path) -> None:
        draft = expressway_e(1)
        draft.plan["cluster"]["address_mapping"] = [{"fqdn": 'x"IpAddress:"10.9.9.9', "ip": "10.9.9.8"}]
        run = certplan("map", draft.write(tmp_path), "--format", "commands")
        assert "10.9.9" not in run.out
        assert "by hand" in run.err

    def test_the_yaml_can_be_pasted_under_cluster(self, tmp_path: Path) -> None:
        run = certplan("map", unmapped().write(tmp_path), "--format", "yaml")
        assert yaml.safe_load("cluster:\n  name: x\n" + run.out)["cluster"]["address_mapping"] == [
            {"fqdn": "exe1.example.com", "ip": "10.20.0.11"},
            {"fqdn": "exe2.example.com", "ip": "10.20.0.12"},
        ]
        assert "# Then change Peer 1 address" in run.out

    def test_the_json_is_as_the_design_has_it_and_that_of_check_agrees(self, tmp_path: Path) -> None:
        plan = unmapped().write(tmp_path)
        document = certplan("map", plan, "--format", "json").json
        assert document["schema_version"] == 1
        assert {"certplan", "at", "needed", "reason", "entries", "appliance_suggestion", "caution"} <= set(document)
        assert document["needed"] is True
        assert [set(entry) for entry in document["entries"]] == [{"peer", "fqdn", "ip", "note"}] * 2
        assert [set(entry) for entry in document["appliance_suggestion"]] == [{"peer", "fqdn", "ip", "note"}] * 2
        assert document["appliance_suggestion"][0]["fqdn"] == "exe1.corp.example.com"
        checked = certplan("check", plan, "--format", "json").json["plans"][0]["mapping"]
        assert checked == {key: document[key] for key in ("needed", "reason", "entries")}

    def test_the_csv_has_one_line_a_row(self, tmp_path: Path) -> None:
        run = certplan("map", unmapped().write(tmp_path), "--format", "csv")
        rows = list(csv.DictReader(run.out.splitlines()))
        assert [(row["fqdn"], row["ip"], row["action"]) for row in rows] == [
            ("exe1.example.com", "10.20.0.11", "add"),
            ("exe2.example.com", "10.20.0.12", "add"),
        ]

    def test_the_markdown_has_the_tables_of_the_page(self, tmp_path: Path) -> None:
        draft = unmapped()
        draft.records("public")[0] = "exe1.example.com. A 10.20.0.11"
        run = certplan("map", draft.write(tmp_path), "--format", "markdown")
        assert (run.code, run.err) == (0, "")
        lines = run.out.splitlines()
        assert lines[0] == "# Cluster address mapping of expe.example.com"
        assert "| exe1.example.com | 10.20.0.11 | add |" in lines
        assert "- 10.20.0.11: Then change Peer 1 address from 10.20.0.11 to exe1.example.com." in lines
        assert "| exe1.example.com | 203.0.113.11 | **10.20.0.11: AN INSIDE ADDRESS; put it right** |" in lines
        assert "The mapping is Off today: set Cluster address mapping enabled to On." in lines
        assert any(line.startswith("**Caution: Never put a peer's public FQDN") for line in lines)

    def test_markdown_makes_no_markup_of_what_the_plan_holds(self, tmp_path: Path) -> None:
        draft = unmapped(host_name="[x](javascript:1)", domain="<b>")
        draft.plan["cluster"]["name"] = "<script>"
        draft.plan["cluster"]["address_mapping"] = [{"fqdn": "a|b*c*", "ip": "10.9.9.9"}]
        text = certplan("map", draft.write(tmp_path), "--format", "markdown").out
        assert r"# Cluster address mapping of \<script\>" in text
        assert r"| a\|b\*c\* | 10.9.9.9 | **delete** |" in text
        assert r"\[x\](javascript:1).\<b\>" in text

    def test_a_spreadsheet_runs_nothing_from_the_plan(self, tmp_path: Path) -> None:
        draft = unmapped()
        draft.plan["cluster"]["address_mapping"] = [{"fqdn": "=HYPERLINK(1)", "ip": "10.9.9.9"}]
        run = certplan("map", draft.write(tmp_path), "--format", "csv")
        assert "'=HYPERLINK(1)" in run.out
        assert not any(cell.startswith("=") for line in csv.reader(run.out.splitlines()) for cell in line)

    def test_nothing_from_the_plan_acts_on_the_terminal(self, tmp_path: Path) -> None:
        draft = unmapped(host_name="[red]exe1[/red]", domain="[/]")
        run = certplan("map", draft.write(tmp_path))
        assert run.code == 0
        assert "[red]exe1[/red]" in run.out

    def test_a_peer_without_a_name_is_told_of_in_every_form(self, tmp_path: Path) -> None:
        draft = unmapped(host_name="exe1")
        for key in ("fqdn", "host_name", "domain", "system_name", "server_certificate", "private_key"):
            draft.peer(1).pop(key, None)
        plan = draft.write(tmp_path)
        for form in ("text", "yaml", "csv", "json", "markdown"):
            assert "state its fqdn" in " ".join(certplan("map", plan, "--format", form).out.split())
        assert "state its fqdn" in certplan("map", plan, "--format", "commands").err

    def test_a_plan_that_cannot_be_read_is_2(self, tmp_path: Path) -> None:
        (tmp_path / "plan.yaml").write_text("certplan: 1\n")
        run = certplan("map", tmp_path / "plan.yaml")
        assert (run.code, run.out) == (2, "")
        assert "cluster" in run.err

    def test_output_goes_to_a_file(self, tmp_path: Path) -> None:
        run = certplan("map", unmapped().write(tmp_path), "-o", tmp_path / "page.txt")
        assert run.out == ""
        assert "Needed" in (tmp_path / "page.txt").read_text()


class TestWrite:
    TEXT = (
        "# ours\ncertplan: 1\ncluster:\n  name: expe.example.com # the name\n  type: expressway-e\n  release: X14.3.4\n"
        "peers:\n- {address: exe1.example.com, lan1: {ip: 10.20.0.11/24}, lan2: {ip: 192.168.50.11/24}}\n"
    )

    def test_the_entries_are_in_the_plan_and_the_rest_is_as_it_was(self, tmp_path: Path) -> None:
        plan = tmp_path / "plan.yaml"
        plan.write_text(self.TEXT)
        plan.chmod(0o640)
        run = certplan("map", plan, "--write")
        assert run.code == 0
        assert "wrote address_mapping under target: in" in run.err
        assert "Nothing was changed on any appliance" in run.err
        assert plan.read_text() == self.TEXT + (
            "target:\n  tls_verification: enforce\n  address_mapping:\n    - {fqdn: exe1.example.com, ip: 10.20.0.11}\n"
        )
        today, target = load_plan(plan), load_plan(plan).target_state()
        assert today.cluster.address_mapping is None
        assert target is not None
        assert [(e.fqdn, str(e.ip)) for e in target.cluster.address_mapping or ()] == [
            ("exe1.example.com", "10.20.0.11")
        ]
        if os.name == "posix":
            assert stat.S_IMODE(plan.stat().st_mode) == 0o640
        assert [path.name for path in tmp_path.iterdir()] == ["plan.yaml"]

    def test_a_second_time_it_is_left_as_it_is(self, tmp_path: Path) -> None:
        plan = tmp_path / "plan.yaml"
        plan.write_text(self.TEXT)
        certplan("map", plan, "--write")
        before = plan.stat()
        run = certplan("map", plan, "--write")
        assert "already" in run.err
        assert (plan.stat().st_mtime_ns, plan.stat().st_ino) == (before.st_mtime_ns, before.st_ino)

    def test_a_byte_order_mark_and_utf_16_and_a_link_stay(self, tmp_path: Path) -> None:
        for number, (mark, encoding) in enumerate([(b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le")]):
            plan, link = tmp_path / f"plan{number}.yaml", tmp_path / f"link{number}.yaml"
            plan.write_bytes(mark + self.TEXT.replace("ours", "üns").encode(encoding))
            link.symlink_to(plan)
            assert certplan("map", link, "--write").code == 0
            assert link.is_symlink()
            assert plan.read_bytes().startswith(mark)
            target = load_plan(plan).target_state()
            assert target is not None
            assert target.cluster.address_mapping
            assert "üns" in plan.read_bytes()[len(mark) :].decode(encoding)

    def test_a_plan_that_cannot_be_edited_safely_is_as_it_was(self, tmp_path: Path) -> None:
        plan = tmp_path / "plan.yaml"
        plan.write_text("certplan: 1\n")
        before = plan.read_bytes()
        assert certplan("map", plan, "--write").code == 2
        assert plan.read_bytes() == before

    def test_it_is_refused_while_a_name_is_not_known(self, tmp_path: Path) -> None:
        plan = tmp_path / "plan.yaml"
        plan.write_text(self.TEXT.replace("address: exe1.example.com", "address: 10.20.0.11"))
        run = certplan("map", plan, "--write")
        assert run.code == 2
        assert "state its fqdn" in run.err
        assert "address_mapping" not in plan.read_text()

    def test_nothing_is_written_where_none_is_needed(self, tmp_path: Path) -> None:
        path = expressway_c().write(tmp_path)
        before = path.read_bytes()
        run = certplan("map", path, "--write")
        assert run.code == 0
        assert "left as it is" in run.err
        assert path.read_bytes() == before

    def test_a_folder_one_may_not_write_to(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Within this process, since no folder withstands root."""
        plan = tmp_path / "plan.yaml"
        plan.write_text(self.TEXT)

        def refused(*_: object, **__: object) -> None:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

        monkeypatch.setattr("certplan.storage.mkstemp", refused)
        run = CliRunner().invoke(app, ["map", str(plan), "--write"])
        assert run.exit_code == 2
        assert "cannot be written" in run.stderr
        assert plan.read_text() == self.TEXT
        assert list(tmp_path.iterdir()) == [plan]

    def test_the_demo_is_mended_by_it(self, tmp_path: Path) -> None:
        certplan("demo", tmp_path)
        plan = tmp_path / "plan.yaml"
        assert certplan("map", plan, "--write").code == 0
        judged = certplan("check", plan, "--format", "json").json["plans"][0]["target"]
        codes = {f["code"] for f in judged["findings"]}
        assert "MAP003" not in codes
        assert "# fault: it expires within two weeks" in plan.read_text()
