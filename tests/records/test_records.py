"""Records: what was observed is judged again to the same bytes, and compared; the format has a schema."""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from certplan.evidence.gather import gather
from certplan.judgement import judge
from certplan.plan.reading import load_plan
from certplan.records.model import RecordError, read_record, record_schema, record_text, recorded
from certplan.report import FORMS, render
from tests.cli.program import certplan
from tests.clusters import ISSUING, ROOT, Draft, expressway_c, expressway_e
from tests.docs import ROOT as REPOSITORY
from tests.logs.lines import Log
from tests.pki import AT, Authority, ec_key
from tests.probing.servers import tls_server
from tests.zones.pairs import pair

NOON = "2026-06-01T12:00"


def collected(folder: Path, draft: Draft, name: str = "record") -> tuple[Path, Path]:
    plan = draft.write(folder / "plan")
    assert certplan("collect", plan, "-o", folder / name, "--no-dns").code == 0
    return plan, folder / name


class TestReplay:
    @pytest.mark.parametrize("form", FORMS)
    def test_the_same_bytes_without_files(self, tmp_path: Path, form: str) -> None:
        draft = expressway_e(2)
        draft.reissue(2, sans=["expe.example.com", "other.example.com"])
        draft.peer(1)["crls"] = ["crls/issuing.pem"]
        draft.files["crls/issuing.pem"] = ISSUING.crl().pem
        draft.plan["target"] = {"release": "X15.5"}
        plan, record = collected(tmp_path, draft)
        before = certplan("check", plan, "--at", NOON, "--no-dns", "--format", form)
        shutil.rmtree(tmp_path / "plan")
        after = certplan("check", plan, "--at", NOON, "--evidence", record, "--format", form)
        assert (after.code, after.out) == (before.code, before.out)

    def test_with_a_zone_and_both_clusters(self, tmp_path: Path) -> None:
        both = pair()
        judged = both.judge(tmp_path)
        record = read_record(record_text(recorded(judged.plan, judged.evidence, None, (), AT)).encode())
        assert record.today.evidence() == judged.evidence
        assert render(judge(record.plan.plan(), record.today.evidence(), AT), "json") == render(judged, "json")

    @pytest.mark.parametrize(
        "command", [("map",), ("propose",), ("runbook",), ("renew",), ("ports",), ("draw", "--format", "mermaid")]
    )
    def test_every_command_judges_from_it(self, tmp_path: Path, command: tuple[str, ...]) -> None:
        plan, record = collected(tmp_path, expressway_e(2))
        before = certplan(command[0], plan, *command[1:], "--at", NOON)
        shutil.rmtree(tmp_path / "plan")
        assert certplan(command[0], plan, *command[1:], "--at", NOON, "--evidence", record).out == before.out

    def test_the_plan_need_not_be_named(self, tmp_path: Path) -> None:
        _, record = collected(tmp_path, expressway_c(2))
        assert certplan("check", "--evidence", record, "--at", NOON).code == 0

    def test_a_plan_that_has_changed_since_is_2(self, tmp_path: Path) -> None:
        plan, record = collected(tmp_path, expressway_c(2))
        plan.write_text(plan.read_text() + "\n")
        run = certplan("check", plan, "--evidence", record)
        assert run.code == 2
        assert "has changed" in run.err


def _unordered(schema: Any) -> Any:
    """A schema in which the order of alternatives makes no difference: it is the library's."""
    if isinstance(schema, dict):
        return {
            key: sorted(map(repr, map(_unordered, part))) if key == "anyOf" else _unordered(part)
            for key, part in schema.items()
        }
    return [_unordered(part) for part in schema] if isinstance(schema, list | tuple) else schema


class TestCollect:
    def test_nothing_is_overwritten(self, tmp_path: Path) -> None:
        plan, record = collected(tmp_path, expressway_c(1))
        before = (record / "record.json").read_bytes()
        assert certplan("collect", plan, "-o", record).code == 2
        assert (record / "record.json").read_bytes() == before

    def test_certificates_are_pem_beside_it(self, tmp_path: Path) -> None:
        _, record = collected(tmp_path, expressway_c(2))
        assert {str(path.relative_to(record)) for path in record.rglob("*.pem")} == {
            *(f"certs/peer{n}-server.pem" for n in (1, 2)),
            *(f"trust/peer{n}.pem" for n in (1, 2)),
        }

    def test_no_private_key_is_in_it(self, tmp_path: Path) -> None:
        draft = expressway_c(1)
        _, record = collected(tmp_path, draft)
        everything = b"".join(path.read_bytes() for path in record.rglob("*") if path.is_file())
        assert b"PRIVATE KEY" not in everything

    def test_it_fits_its_schema(self, tmp_path: Path) -> None:
        _, record = collected(tmp_path, expressway_e(2))
        kept = json.loads((record / "record.json").read_text())
        assert list(jsonschema.Draft202012Validator(record_schema()).iter_errors(kept)) == []

    def test_the_schema_in_the_documentation_is_this_one(self) -> None:
        kept = json.loads((REPOSITORY / "docs" / "record.schema.json").read_text(encoding="utf-8"))
        assert _unordered(kept) == _unordered(record_schema()), "stale: run python -m tests.docs"

    @pytest.mark.system("openssl")
    def test_ports_are_in_it(self, tmp_path: Path) -> None:
        draft = expressway_c(1)
        draft.peer(1)["lan1"] = {"ip": "127.0.0.1/8"}
        plan = draft.write(tmp_path / "plan")
        with tls_server(tmp_path, draft.reissue(1), ISSUING) as port:
            assert certplan("collect", plan, "-o", tmp_path / "record", "--port", str(port)).code == 0
        record = read_record((tmp_path / "record" / "record.json").read_bytes())
        assert [len(probe.sent_chain) for probe in record.probes] == [2]

    @pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"format": 99}', b"\xff\xfe", b"not json"])
    def test_what_is_no_record_is_said_to_be_none(self, tmp_path: Path, data: bytes) -> None:
        with pytest.raises(RecordError):
            read_record(data)
        (tmp_path / "record.json").write_bytes(data)
        assert certplan("check", "--evidence", tmp_path).code == 2

    def test_another_format_is_refused(self, tmp_path: Path) -> None:
        _, record = collected(tmp_path, expressway_c(1))
        later = (record / "record.json").read_bytes().replace(b'"format": 1', b'"format": 2', 1)
        with pytest.raises(RecordError, match="format 2"):
            read_record(later)


class TestDiff:
    def diff(self, folder: Path, first: Draft, second: Draft, *options: str) -> tuple[int, dict[str, object]]:
        records = []
        for name, draft in (("one", first), ("two", second)):
            plan = load_plan(draft.write(folder / "plan"))
            text = record_text(recorded(plan, gather(plan, AT, live_dns=False), None, (), AT))
            (folder / name).mkdir()
            (folder / name / "record.json").write_text(text)
            records.append(folder / name)
        run = certplan("diff", *records, "--at", "2026-06-01", "--format", "json", *options)
        said: dict[str, object] = json.loads(run.out)
        return run.code, said

    def test_nothing_changed(self, tmp_path: Path) -> None:
        code, said = self.diff(tmp_path, expressway_c(2), expressway_c(2))
        assert (code, said["changes"]) == (0, [])

    def test_a_certificate_changed(self, tmp_path: Path) -> None:
        later = expressway_c(2)
        later.reissue(1, not_after=AT + timedelta(days=300))
        code, said = self.diff(tmp_path, expressway_c(2), later)
        assert code == 1
        assert [each["what"] for each in said["changes"]] == ["certificate"]  # type: ignore[attr-defined]

    def test_the_verdict_changed_with_a_trusted_ca(self, tmp_path: Path) -> None:
        later = expressway_c(2)
        later.trust(2, Authority.root(cn="another", key=ec_key("another")))
        code, said = self.diff(tmp_path, expressway_c(2), later)
        assert code == 1
        assert (said["before"]["verdict"], said["after"]["verdict"]) == ("ready", "not-ready")  # type: ignore[index]
        assert {each["what"] for each in said["changes"]} == {"trusted CA"}  # type: ignore[attr-defined]

    def test_a_ca_more_changes_neither(self, tmp_path: Path) -> None:
        later = expressway_c(2)
        later.trust(2, ROOT, ISSUING, Authority.root(cn="another", key=ec_key("another")))
        assert self.diff(tmp_path, expressway_c(2), later)[0] == 0


class TestVerify:
    def run(self, folder: Path, draft: Draft, *logs: Log) -> tuple[int, dict[tuple[str, str], str]]:
        plan = draft.write(folder / "plan")
        options: list[object] = []
        for number, log in enumerate(logs):
            (folder / f"{number}.log").write_text(log.text)
            options += ["--log", folder / f"{number}.log"]
        run = certplan("verify", plan, *options, "--format", "json")  # type: ignore[arg-type]
        checks = json.loads(run.out)["checks"]
        return run.code, {(each["what"], each["peer"]): each["outcome"] for each in checks}

    def after(self, host: str, start: float) -> Log:
        return Log(host).sync(0).mode(10).restart_owed(11).started(start).sync(start + 30).quiet(start + 200)

    def test_all_as_planned(self, tmp_path: Path) -> None:
        draft = expressway_e(2)
        draft.plan["target"] = {"tls_verification": "enforce"}
        code, checks = self.run(tmp_path, draft, self.after("exe1", 100), self.after("exe2", 300))
        assert code == 0
        assert set(checks.values()) == {"pass", "unknown"}
        assert [what for (what, _), outcome in checks.items() if outcome == "unknown"] == ["certificates served"]

    def test_the_mode_did_not_come(self, tmp_path: Path) -> None:
        draft = expressway_e(2)
        draft.plan["target"] = {"tls_verification": "enforce"}
        late = Log("exe2").sync(0).mode(10).mode(20, "Permissive").quiet(400)
        code, checks = self.run(tmp_path, draft, self.after("exe1", 100), late)
        assert code == 1
        assert checks["TLS verification mode", "exe2.example.com"] == "fail"

    def test_a_restart_is_owed(self, tmp_path: Path) -> None:
        draft = expressway_e(2)
        draft.plan["target"] = {"tls_verification": "enforce"}
        owed = Log("exe2").sync(0).mode(10).restart_owed(11).quiet(400)
        code, checks = self.run(tmp_path, draft, self.after("exe1", 100), owed)
        assert (code, checks["restarts", "exe2.example.com"]) == (1, "fail")

    def test_a_log_that_is_missing_is_unknown(self, tmp_path: Path) -> None:
        draft = expressway_e(2)
        draft.plan["target"] = {"tls_verification": "enforce"}
        _, checks = self.run(tmp_path, draft, self.after("exe1", 100))
        assert checks["replication", "exe2.example.com"] == "unknown"

    def test_nothing_given_is_2(self, tmp_path: Path) -> None:
        assert certplan("verify", expressway_c(1).write(tmp_path)).code == 2
