"""The smaller commands: demo, init, schema, explain, rules, and the program's own manners."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from certplan import __version__
from certplan.rules import catalog
from certplan.vendor import alarms
from tests.cli.program import certplan
from tests.clusters import expressway_e


class TestDemo:
    def test_it_writes_a_cluster_with_the_classic_faults_and_finds_them(self, tmp_path: Path) -> None:
        run = certplan("demo", tmp_path / "demo")
        assert run.code == 0
        assert "NOT READY" in run.out
        again = certplan("check", tmp_path / "demo" / "plan.yaml", "--format", "json")
        plan = again.json["plans"][0]
        errors = {
            (f["code"], f["subject"]) for f in plan["findings"] if f["severity"] == "error" and f["outcome"] == "fail"
        }
        assert errors == {
            ("DNS001", "exe1.example.com"),
            ("MAP003", "exe3.example.com"),
            ("NAM001", "exe2.example.com"),
            ("TRU002", "exe3.example.com"),
        }

    def test_it_can_be_mended_by_what_propose_says_until_it_is_ready(self, tmp_path: Path) -> None:
        certplan("demo", tmp_path)
        plan, zone = tmp_path / "plan.yaml", tmp_path / "zones" / "public.zone"
        proposed = certplan("propose", plan, "--format", "json").json
        assert (proposed["before"], proposed["after"]) == ("not-ready", "ready")
        answers = {code for change in proposed["changes"] for code in change["answers"]}
        assert {"MAP003", "NAM001", "TRU002"} <= answers
        text = plan.read_text().replace("ip: 203.0.113.13}", "ip: 10.20.0.13}").replace("exe3.pem]", "all.pem]")
        plan.write_text(text.replace("certs/exe2.pem", "certs/exe2-reissued.pem"))
        zone.write_text(zone.read_text().replace("10.20.0.11", "203.0.113.11"))
        run = certplan("check", plan, "--format", "json")
        assert run.code == 0
        now = run.json["plans"][0]
        assert now["verdict"] == "ready"
        assert {f["code"] for f in now["findings"] if f["severity"] == "error" and f["outcome"] == "fail"} == set()
        assert "VAL004" in {finding["code"] for finding in now["findings"]}

    def test_it_overwrites_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "plan.yaml").write_text("mine")
        run = certplan("demo", tmp_path)
        assert run.code == 2
        assert "is there already" in run.err
        assert [path.name for path in tmp_path.iterdir()] == ["plan.yaml"]

    def test_it_keeps_no_private_key(self, tmp_path: Path) -> None:
        certplan("demo", tmp_path)
        assert all(b"PRIVATE KEY" not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


class TestInit:
    @pytest.mark.parametrize("kind", ["expressway-e", "expressway-c"])
    def test_it_writes_a_plan_that_check_accepts_and_cannot_decide_yet(self, kind: str, tmp_path: Path) -> None:
        plan = tmp_path / "plan.yaml"
        peers = ("--peer", "a1.example.org", "--peer", "a2.example.org", "--peer", "a3.example.org")
        assert certplan("init", plan, "--name", "a.example.org", "--type", kind, "--release", "X15.4", *peers).code == 0
        run = certplan("check", plan, "--no-dns", "--format", "json")
        assert run.code == 3
        judged = run.json["plans"][0]
        assert judged["verdict"] == "undecided"
        assert [peer["address"] for peer in judged["peers"]] == ["a1.example.org", "a2.example.org", "a3.example.org"]

    def test_it_overwrites_nothing_and_refuses_nonsense(self, tmp_path: Path) -> None:
        plan = tmp_path / "plan.yaml"
        plan.write_text("mine")
        assert certplan("init", plan).code == 2
        assert plan.read_text() == "mine"
        for options in (("--type", "toaster"), ("--release", "latest"), ("--name", "a b")):
            run = certplan("init", tmp_path / "other.yaml", *options)
            assert run.code == 2
            assert options[1] in run.err
        assert not (tmp_path / "other.yaml").exists()


def test_the_schema_accepts_a_plan_and_refuses_a_misspelled_one(tmp_path: Path) -> None:
    schema = json.loads(certplan("schema").out)
    plan = json.loads(expressway_e().write(tmp_path).read_text())
    jsonschema.validate(plan, schema)
    plan["clustre"] = plan.pop("cluster")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plan, schema)
    assert yaml.safe_load(certplan("schema").out) == schema


class TestCatalog:
    def test_explain_tells_a_rule_by_code_and_by_slug(self) -> None:
        by_code, by_slug = certplan("explain", "nam001"), certplan("explain", "peer-address-not-in-san")
        assert by_code.code == 0
        assert by_code.out == by_slug.out
        for part in ("What it checks", "Why it matters", "How to fix", "Example", "Sources", "https://www.cisco.com/"):
            assert part in by_code.out

    def test_explain_tells_an_alarm_by_its_number(self) -> None:
        run = certplan("explain", "40049")
        assert run.code == 0
        assert "Cluster TLS permissive" in run.out
        assert "Fix" in run.out

    def test_explain_of_something_unknown_is_reported(self) -> None:
        run = certplan("explain", "XYZ999")
        assert (run.code, run.out) == (2, "")
        assert "XYZ999" in run.err

    def test_rules_lists_all_in_every_form(self) -> None:
        codes = {rule.code for rule in catalog()}
        listed = json.loads(certplan("rules", "--format", "json").out)["rules"]
        assert {rule["code"] for rule in listed} == codes
        wanted = {
            "code",
            "slug",
            "title",
            "group",
            "severity",
            "confidence",
            "releases",
            "sources",
            "what",
            "why",
            "fix",
        }
        assert all(wanted | {"example"} <= rule.keys() for rule in listed)
        for form in ("text", "markdown"):
            text = certplan("rules", "--format", form).out
            assert all(code in text for code in codes)

    def test_every_alarm_a_rule_predicts_is_known(self) -> None:
        known = {alarm.id for alarm in alarms()}
        assert {number for rule in catalog() for number in rule.alarms} <= known


class TestManners:
    def test_version_and_help(self) -> None:
        assert certplan("--version").out == f"certplan {__version__}\n"
        assert "check" in certplan("--help").out
        assert certplan("check", "-h").code == 0

    @pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
    def test_an_interrupt_ends_with_130_and_leaves_no_half_written_file(self, tmp_path: Path) -> None:
        """The interrupt comes just when evidence is gathered, however quick the machine is."""
        plan, report = expressway_e().write(tmp_path), tmp_path / "report"
        code = "import certplan.evidence.gather as g, signal, os\n"
        code += "g.gather = lambda *a, **k: os.kill(os.getpid(), signal.SIGINT) or signal.pause()\n"
        code += "from certplan.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", code, "check", str(plan), "-o", str(report)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 130
        assert "Traceback" not in done.stderr
        assert not report.exists()
        assert not list(tmp_path.glob(".report*"))

    def test_a_fault_of_its_own_is_told_in_a_line_and_shown_whole_on_request(self) -> None:
        code = "import certplan.vendor as d\ndef alarm(n): raise RuntimeError('odd')\nd.alarm = alarm\n"
        code += "from certplan.cli import main; main()"
        quiet = {name: text for name, text in os.environ.items() if name != "CERTPLAN_DEBUG"}
        for environment, traceback in ((quiet, False), (quiet | {"CERTPLAN_DEBUG": "1"}, True)):
            done = subprocess.run(
                [sys.executable, "-c", code, "explain", "40049"],
                capture_output=True,
                text=True,
                check=False,
                env=environment,
            )
            assert done.returncode != 0
            assert ("Traceback" in done.stderr) is traceback
            assert "RuntimeError: odd" in done.stderr

    def test_a_terminal_that_lacks_a_letter_gets_its_escape(self, tmp_path: Path) -> None:
        draft = expressway_e(2)
        draft.peer(1)["system_name"] = "Zürich"
        code = "from certplan.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", code, "check", str(draft.write(tmp_path)), "--at", "2026-06-01"],
            capture_output=True,
            check=False,
            env=os.environ | {"PYTHONIOENCODING": "ascii"},
        )
        assert done.returncode == 0
        assert b"Active as Z\\xfcrich" in done.stdout

    @pytest.mark.skipif(os.name != "posix", reason="needs POSIX pipes")
    def test_a_reader_that_goes_away_is_no_traceback(self) -> None:
        program = subprocess.Popen(
            [sys.executable, "-m", "certplan", "rules", "--format", "json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        errors = program.stderr.read()
        program.wait(timeout=60)
        program.stderr.close()
        assert (program.returncode, errors) == (2, b"")


@pytest.mark.parametrize("command", [(), ("check",), ("csr",), ("csr", "verify")], ids=" ".join)
def test_help_says_what_a_command_does_where_docstrings_are_dropped(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = certplan(*command, "--help").out
    monkeypatch.setenv("PYTHONOPTIMIZE", "2")
    assert certplan(*command, "--help").out == usual
