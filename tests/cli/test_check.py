"""`certplan check`: exit codes, formats, several plans, times, and bad input of every kind."""

import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.program import certplan
from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import self_signed

AT = ("--at", "2026-06-01")


def written(draft: Draft, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return draft.write(folder)


def broken(count: int = 3) -> Draft:
    """A letter slipped in the SAN of exe2."""
    draft = expressway_e(count)
    draft.reissue(2, sans=["expe.example.com", "exe2.exmaple.com", "example.com"])
    return draft


def undecided() -> Draft:
    draft = expressway_e()
    del draft.peer(3)["trusted_cas"]
    return draft


class TestExitCodes:
    def test_0_when_ready(self, tmp_path: Path) -> None:
        run = certplan("check", expressway_e().write(tmp_path), *AT)
        assert run.code == 0
        assert "READY" in run.out
        assert run.err == ""

    def test_1_when_not_ready(self, tmp_path: Path) -> None:
        run = certplan("check", broken().write(tmp_path), *AT, "--fail-on", "never")
        assert run.code == 1
        assert "NOT READY" in run.out

    def test_3_when_undecided(self, tmp_path: Path) -> None:
        run = certplan("check", undecided().write(tmp_path), *AT)
        assert run.code == 3
        assert "UNDECIDED" in run.out
        assert "trusted CA list of exe3.example.com" in run.out

    def test_2_when_the_plan_cannot_be_read_and_all_is_told_at_once(self, tmp_path: Path) -> None:
        plan = tmp_path / "plan.yaml"
        plan.write_text("certplan: 1\nclustre: {}\npeers: []\n")
        run = certplan("check", plan)
        assert run.code == 2
        assert run.out == ""
        assert f"{plan}:2:1: " in run.err
        assert "cluster" in run.err
        assert len(run.err.splitlines()) >= 2

    def test_1_for_a_finding_at_or_above_fail_on_though_ready(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.peer(2)["private_key"] = draft.peer(1)["private_key"]
        plan = draft.write(tmp_path)
        run = certplan("check", plan, *AT, "--format", "json")
        assert run.json["plans"][0]["verdict"] == "ready"
        assert run.code == 1
        assert certplan("check", plan, *AT, "--fail-on", "never").code == 0

    def test_a_waived_finding_never_counts(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.peer(2)["private_key"] = draft.peer(1)["private_key"]
        draft.plan["waivers"] = [{"rule": "KEY001", "reason": "new key on its way", "until": "2026-07-01"}]
        plan = draft.write(tmp_path)
        run = certplan("check", plan, *AT, "--format", "json")
        assert run.code == 0
        (waived,) = [finding for finding in run.json["plans"][0]["findings"] if finding["code"] == "KEY001"]
        assert waived["waived"] == "new key on its way (until 2026-07-01)"
        assert certplan("check", plan, "--at", "2026-07-02").code == 1

    def test_several_plans_give_the_worst(self, tmp_path: Path) -> None:
        ready = written(expressway_e(2), tmp_path / "ready")
        open_ = written(undecided(), tmp_path / "open")
        bad = written(broken(), tmp_path / "bad")
        missing = tmp_path / "missing.yaml"
        assert certplan("check", ready, ready, *AT).code == 0
        assert certplan("check", ready, open_, *AT).code == 3
        assert certplan("check", open_, bad, ready, *AT).code == 1
        assert certplan("check", bad, missing, *AT).code == 2

    @pytest.mark.parametrize("option", [("--format", "yaml"), ("--at", "yesterday"), ("--timeout", "-1"), ("--nope",)])
    def test_2_for_wrong_usage(self, option: tuple[str, ...], tmp_path: Path) -> None:
        run = certplan("check", expressway_e().write(tmp_path), *option)
        assert run.code == 2
        assert run.out == ""


class TestVerdictInWords:
    def test_a_cluster_that_enforces_already_is_told_to_take_it_back(self, tmp_path: Path) -> None:
        draft = broken()
        draft.plan["cluster"]["tls_verification"] = "enforce"
        closing = " ".join(certplan("check", draft.write(tmp_path), *AT).out.split()[-40:])
        assert "Enforce is on, and peers reject each other; set Permissive until the errors are fixed." in closing
        assert "The cluster splits into:" in closing

    def test_a_permissive_one_is_told_not_to_enforce(self, tmp_path: Path) -> None:
        closing = " ".join(certplan("check", broken().write(tmp_path), *AT).out.split()[-40:])
        assert "do not set TLS verification mode to Enforce." in closing
        assert "The cluster would split into:" in closing


class TestJson:
    def test_it_has_the_promised_shape(self, tmp_path: Path) -> None:
        run = certplan("check", broken().write(tmp_path), *AT, "--format", "json")
        document = run.json
        assert {"schema_version", "certplan", "at", "plans"} <= document.keys()
        assert document["at"] == "2026-06-01T00:00:00Z"
        plan = document["plans"][0]
        wanted = {"plan", "verdict", "split", "ready_until", "horizon", "peers", "handshakes", "mapping", "findings"}
        assert wanted <= plan.keys()
        for peer in plan["peers"]:
            assert {"address", "certificate_status", "clustering_status", "certificate"} <= peer.keys()
            assert {"subject", "sans", "not_after", "fingerprint"} <= peer["certificate"].keys()
        for handshake in plan["handshakes"]:
            assert {"verifier", "presenter", "outcome", "target", "steps", "codes"} <= handshake.keys()
            assert handshake["outcome"] in {"pass", "fail", "unknown"}
            assert bool(handshake["codes"]) is (handshake["outcome"] != "pass")
            for step in handshake["steps"]:
                assert {"name", "outcome", "reason"} <= step.keys()
        wanted = {"code", "slug", "severity", "outcome", "subject", "message", "fix", "evidence", "sources"}
        wanted |= {"confidence", "waived", "where"}
        for finding in plan["findings"]:
            assert wanted <= finding.keys()
            assert finding["outcome"] in {"fail", "unknown"}
            for source in finding["sources"]:
                assert {"title", "release", "address"} <= source.keys()
        assert {"needed", "reason", "entries"} <= plan["mapping"].keys()

    def test_it_stays_json_when_a_plan_cannot_be_read(self, tmp_path: Path) -> None:
        good, bad = written(expressway_e(2), tmp_path / "good"), tmp_path / "bad.yaml"
        bad.write_text("certplan: 1\n")
        run = certplan("check", bad, good, *AT, "--format", "json")
        assert run.code == 2
        first, second = run.json["plans"]
        assert first["verdict"] is None
        assert first["errors"][0]["where"]["file"] == str(bad)
        assert second["verdict"] == "ready"
        assert str(bad) in run.err

    def test_the_same_input_gives_the_same_bytes(self, tmp_path: Path) -> None:
        plan = broken().write(tmp_path)
        once, again = (certplan("check", plan, *AT, "--format", "json").out for _ in range(2))
        assert once == again

    def test_several_plans_are_judged_in_the_order_they_are_named(self, tmp_path: Path) -> None:
        plans = [written(expressway_e(2) if n % 2 else broken(2), tmp_path / str(n)) for n in range(5)]
        run = certplan("check", *plans, *AT, "--format", "json")
        assert [plan["plan"] for plan in run.json["plans"]] == [str(plan) for plan in plans]
        assert [plan["verdict"] for plan in run.json["plans"]] == ["not-ready", "ready"] * 2 + ["not-ready"]


class TestTime:
    def test_a_ready_cluster_names_the_day_that_ends_it(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.reissue(2, not_after=datetime(2026, 9, 15, 12, tzinfo=UTC))
        run = certplan("check", draft.write(tmp_path), *AT, "--format", "json")
        plan = run.json["plans"][0]
        assert plan["ready_until"] == "2026-09-15T12:00:01Z"
        assert [(change["at"][:10], change["verdict"]) for change in plan["horizon"]] == [
            ("2026-09-15", "not-ready"),
            ("2027-01-01", "not-ready"),
        ]
        assert plan["horizon"][0]["because"] == ["the server certificate of exe2.example.com is valid until 2026-09-15"]

    def test_judging_as_of_a_later_day_finds_the_lapse(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.reissue(2, not_after=datetime(2026, 9, 15, 12, tzinfo=UTC))
        plan = draft.write(tmp_path)
        assert certplan("check", plan, "--at", "2026-09-15T12:00Z", "--fail-on", "never").code == 0
        run = certplan("check", plan, "--at", "2026-09-15T14:00:01+02:00", "--format", "json")
        assert run.code == 1
        assert "VAL001" in {finding["code"] for finding in run.json["plans"][0]["findings"]}

    def test_a_cluster_waiting_for_its_certificate_turns_ready(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.reissue(1, not_before=datetime(2026, 6, 10, tzinfo=UTC))
        plan = certplan("check", draft.write(tmp_path), *AT, "--format", "json").json["plans"][0]
        assert plan["verdict"] == "not-ready"
        assert plan["ready_until"] is None
        first = plan["horizon"][0]
        assert (first["at"], first["verdict"]) == ("2026-06-10T00:00:00Z", "ready")


class TestOutput:
    def test_a_file_is_written_whole_and_stdout_stays_empty(self, tmp_path: Path) -> None:
        report = tmp_path / "report.json"
        run = certplan("check", expressway_e().write(tmp_path), *AT, "--format", "json", "-o", report)
        assert (run.code, run.out) == (0, "")
        assert json.loads(report.read_text())["plans"][0]["verdict"] == "ready"
        assert not list(tmp_path.glob(".*"))
        if os.name == "posix":
            umask = os.umask(0)
            os.umask(umask)
            assert stat.S_IMODE(report.stat().st_mode) == 0o666 & ~umask

    def test_an_unwritable_place_is_reported(self, tmp_path: Path) -> None:
        run = certplan("check", expressway_e().write(tmp_path), *AT, "-o", tmp_path / "no" / "such" / "report")
        assert run.code == 2
        assert "cannot be written" in run.err

    def test_no_colors_away_from_a_terminal(self, tmp_path: Path) -> None:
        assert "\x1b" not in certplan("check", broken().write(tmp_path), *AT).out


CERTIFICATE = "certs/exe2-server.pem"
MATERIAL = Path(__file__).parents[2] / "fixtures" / "material"
SPOILT = {
    "missing": None,
    "empty": b"",
    "binary": bytes(range(256)) * 40,
    "zeros": b"\0" * 5000,
    "text": "Zertifikat für exe2, siehe Anhang\n".encode("latin-1"),
    "utf-16": "-----BEGIN CERTIFICATE-----\nMIIB\n".encode("utf-16"),
    "a key": self_signed("exe2.example.com").key_pem,
    "truncated": self_signed("exe2.example.com").pem[:300],
    "huge": b"-----BEGIN CERTIFICATE-----\n" + b"A" * 20_000_000,
    "html": b"<html><body>404 Not Found</body></html>\n",
}


class TestBadInput:
    @pytest.mark.parametrize("contents", SPOILT.values(), ids=SPOILT.keys())
    def test_a_spoilt_certificate_leaves_the_verdict_undecided(self, contents: bytes | None, tmp_path: Path) -> None:
        draft = expressway_e(2)
        if contents is None:
            del draft.files[CERTIFICATE]
        else:
            draft.files[CERTIFICATE] = contents
        run = certplan("check", draft.write(tmp_path), *AT, "--format", "json")
        plan = run.json["plans"][0]
        assert plan["verdict"] == "undecided"
        assert run.code == 3
        missing = [finding for finding in plan["findings"] if finding["code"] == "NAM006"]
        assert [finding["outcome"] for finding in missing] == ["unknown"]
        assert CERTIFICATE in missing[0]["message"]

    @pytest.mark.parametrize("contents", SPOILT.values(), ids=SPOILT.keys())
    def test_a_spoilt_trust_list_is_never_a_pass(self, contents: bytes | None, tmp_path: Path) -> None:
        draft = expressway_e(2)
        if contents is None:
            del draft.files["trust/exe2.pem"]
        else:
            draft.files["trust/exe2.pem"] = contents
        run = certplan("check", draft.write(tmp_path), *AT, "--format", "json")
        assert run.code == 3
        assert run.json["plans"][0]["verdict"] == "undecided"

    @pytest.mark.parametrize(
        ("material", "verdict", "code"),
        [
            ("malformed-san-leaf.pem", "undecided", "NAM005"),
            ("expired-leaf.pem", "not-ready", "VAL001"),
        ],
    )
    def test_a_certificate_that_loads_and_then_fails_is_judged_honestly(
        self, material: str, verdict: str, code: str, tmp_path: Path
    ) -> None:
        """The weak root is trusted everywhere, so only what is wrong with the leaf itself can speak."""
        draft = expressway_e(2)
        draft.files[CERTIFICATE] = (MATERIAL / material).read_bytes()
        for number in (1, 2):
            draft.files[f"trust/exe{number}.pem"] += (MATERIAL / "weak-root.pem").read_bytes()
        run = certplan("check", draft.write(tmp_path), *AT, "--format", "json")
        plan = run.json["plans"][0]
        assert code in {finding["code"] for finding in plan["findings"] if finding["outcome"] == "fail"}
        assert plan["verdict"] == verdict
        assert run.code != 0

    def test_a_folder_in_place_of_a_file(self, tmp_path: Path) -> None:
        draft = expressway_e(2)
        del draft.files[CERTIFICATE]
        plan = draft.write(tmp_path)
        (tmp_path / CERTIFICATE).mkdir()
        assert certplan("check", plan, *AT).code == 3

    @pytest.mark.parametrize(
        "contents",
        [
            b"",
            b"- a\n- list\n",
            b"just text",
            b"\xff\xfe\x00",
            b"\x00\x01\x02",
            b"certplan: 1\ncluster: &a {name: *a}\n",
            b"a: [" * 5000,
            b"#" * 10_000_000,
            "certplan: 1\npeers: [ä]\n".encode("latin-1"),
        ],
        ids=["empty", "list", "text", "utf-16", "binary", "alias", "deep", "10 MB", "latin-1"],
    )
    def test_a_spoilt_plan_is_told_with_its_place(self, contents: bytes, tmp_path: Path) -> None:
        plan = tmp_path / "plan.yaml"
        plan.write_bytes(contents)
        run = certplan("check", plan, "--format", "json")
        assert run.code == 2
        assert run.json["plans"][0]["errors"][0]["message"]
        assert run.err.startswith(str(plan))

    def test_a_plan_that_is_a_folder_or_is_not_there(self, tmp_path: Path) -> None:
        for path in (tmp_path, tmp_path / "none.yaml"):
            run = certplan("check", path)
            assert run.code == 2
            assert str(path) in run.err

    def test_hostile_names_do_not_reach_the_terminal(self, tmp_path: Path) -> None:
        draft = expressway_c()
        draft.reissue(2, cn="[red]evil[/red]\x1b[31m\u202e", sans=["[bold]x[/bold].corp.example.com"])
        run = certplan("check", draft.write(tmp_path), *AT)
        assert run.code == 1
        assert not any(character in run.out for character in "\x1b\x07\u202e")
        assert "[bold]x[/bold].corp.example.com" in run.out
