"""The target: a plan of its own, made of today's values and what differs, judged beside today."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from certplan.assessment import State, assess
from certplan.cli.app import app
from certplan.outcomes import Verdict
from certplan.plan.model import MappingEntry, Plan, Release, TlsVerification
from certplan.plan.reading import load_plan, read_plan
from certplan.text.addresses import parse_ip
from tests.clusters import Draft, expressway_e
from tests.pki import AT

SAMPLE = (Path(__file__).parent / "sample.yaml").read_text(encoding="utf-8")
LEAST = (Path(__file__).parent / "least.yaml").read_text(encoding="utf-8")


def plan_of(text: str) -> Plan:
    return read_plan(text, "plan.yaml", Path("there"))


def target_of(text: str) -> Plan:
    target = plan_of(text).target_state()
    assert target is not None
    return target


def test_the_target_has_todays_values_with_its_own_over_them() -> None:
    today, target = plan_of(SAMPLE), target_of(SAMPLE)
    assert today.cluster.tls_verification is TlsVerification.PERMISSIVE
    assert target.cluster.tls_verification is TlsVerification.ENFORCE
    assert target.cluster.release == Release.parse("X15.5")
    assert [peer.address for peer in target.peers] == ["exe1.example.com", "exe3.example.com"]
    assert [peer.number for peer in target.peers] == [1, 2]
    changed, new = target.peers
    assert changed.server_certificate == "certs/exe1-2027.pem"
    assert (changed.host_name, changed.lan2) == (today.peers[0].host_name, today.peers[0].lan2)
    assert {peer.release for peer in target.peers} == {Release.parse("X15.5")}
    assert new.lan1.ip == parse_ip("10.20.0.13")
    assert target.cluster.address_mapping is not None
    assert target.cluster.address_mapping[1] == MappingEntry("exe3.example.com", new.lan1.ip)
    assert [source.view for source in target.dns] == ["public", "internal", "lab"]
    assert target.dns[2].records == ("exe3.example.com. A 203.0.113.13",)
    assert (target.waivers, target.services, target.certificate_subject) == (
        today.waivers,
        today.services,
        today.certificate_subject,
    )
    assert target.target is None


def test_places_of_the_target_point_at_the_lines_that_say_it() -> None:
    target = target_of(SAMPLE)
    lines = SAMPLE.split("\n")

    def said(*path: str | int) -> str:
        return lines[target.where(*path).line - 1]

    assert "certs/exe1-2027.pem" in said("peers", 0, "server_certificate")
    assert "lan2:" in said("peers", 0, "lan2")
    assert "exe3.example.com" in said("peers", 1)
    assert "10.20.0.13/24" in said("peers", 1, "lan1", "ip")
    assert "tls_verification: enforce" in said("cluster", "tls_verification")
    assert "{fqdn: exe3.example.com" in said("cluster", "address_mapping", 1)
    assert "exe3.example.com. A" in said("dns", "lab", "records", 0)


def test_a_target_without_a_word_on_the_mode_is_to_enforce_and_may_stay_permissive() -> None:
    assert target_of(LEAST + "target: {release: X15.5}\n").cluster.tls_verification is TlsVerification.ENFORCE
    staying = target_of(LEAST + "target: {tls_verification: permissive}\n")
    assert staying.cluster.tls_verification is TlsVerification.PERMISSIVE


def test_the_mapping_is_switched_off_by_the_word_off() -> None:
    off = SAMPLE[: SAMPLE.index("target:")] + "target: {address_mapping: off}\n"
    assert plan_of(off).cluster.address_mapping is not None
    assert target_of(off).cluster.address_mapping is None


@pytest.mark.parametrize(("gone", "primary"), [(1, None), (2, 2), (3, 2)])
def test_the_primary_is_the_same_peer_whoever_leaves(gone: int, primary: int | None) -> None:
    draft = expressway_e()
    draft.plan["cluster"]["primary"] = {1: 1, 2: 3, 3: 2}[gone]
    draft.plan["target"] = {"removed_peers": [f"exe{gone}.example.com"]}
    assert target_of(json.dumps(draft.plan)).cluster.primary == primary


def test_a_new_address_is_followed_by_what_names_the_peer() -> None:
    draft = expressway_e(2)
    draft.plan["round_trip_ms"] = {"exe1.example.com exe2.example.com": 12}
    draft.plan["target"] = {"peers": {"EXE2.example.com.": {"address": "exe9.example.com"}}}
    target = target_of(json.dumps(draft.plan))
    assert [peer.address for peer in target.peers] == ["exe1.example.com", "exe9.example.com"]
    assert target.round_trip_ms == {("exe1.example.com", "exe9.example.com"): 12.0}


def test_a_plan_without_a_target_has_none() -> None:
    assert plan_of(LEAST).target_state() is None


PARTS = {
    "release": "X15.5",
    "name": "new.example.com",
    "address_mapping": "off",
    "primary": 2,
    "peers": {"exe2.example.com": {"server_certificate": "certs/new.pem"}},
    "removed_peers": ["exe3.example.com"],
    "services": {"cms_web_proxy": ["join.example.com"]},
    "certificate_authority": "acme",
}


@given(st.sets(st.sampled_from(sorted(PARTS))))
def test_today_is_the_same_whatever_the_target_says(chosen: set[str]) -> None:
    draft = expressway_e()
    before = read_plan(json.dumps(draft.plan), "p", Path())
    draft.plan["target"] = {part: PARTS[part] for part in chosen}
    after = read_plan(json.dumps(draft.plan), "p", Path())
    assert after.target is not None
    assert (after.cluster, after.peers, after.services, after.authorities) == (
        before.cluster,
        before.peers,
        before.services,
        before.authorities,
    )


def repaired() -> Draft:
    """A cluster whose peer 2 has the wrong certificate today and the right one in the target."""
    draft = expressway_e()
    draft.reissue(2, sans=["wrong.example.com"])
    right = expressway_e().reissue(2)
    draft.files["certs/right.pem"], draft.files["keys/right.key"] = right.pem, right.key_pem
    changes = {"server_certificate": "certs/right.pem", "private_key": "keys/right.key"}
    draft.plan["target"] = {"peers": {"exe2.example.com": changes}}
    return draft


def test_today_and_the_target_are_judged_each_by_its_own_evidence(tmp_path: Path) -> None:
    plan = load_plan(repaired().write(tmp_path))
    today = assess(plan, AT, AT, live_dns=False)
    assert today.verdict is Verdict.NOT_READY
    assert today.target is not None
    assert today.target.verdict is Verdict.READY
    assert assess(plan, AT, AT, state=State.TODAY, live_dns=False).target is None
    alone = assess(plan, AT, AT, state=State.TARGET, live_dns=False)
    assert (alone.verdict, alone.target) == (Verdict.READY, None)
    assert alone.findings == today.target.findings


def test_a_file_of_the_target_that_is_not_there_is_not_issued_yet(tmp_path: Path) -> None:
    draft = repaired()
    del draft.files["certs/right.pem"]
    judgement = assess(load_plan(draft.write(tmp_path)), AT, AT, live_dns=False)
    assert judgement.target is not None
    assert judgement.target.verdict is Verdict.UNDECIDED
    (missing,) = [found for found in judgement.target.unknowns if found.missing.why == "not issued yet"]
    assert missing.missing.remedy == f"Put it in {tmp_path / 'certs' / 'right.pem'} once it has been issued."


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*words])
    return result.exit_code, result.stdout


def test_check_tells_both_verdicts_and_ends_with_todays_code(tmp_path: Path) -> None:
    file, at = str(repaired().write(tmp_path)), ("--at", AT.isoformat())
    code, text = run("check", file, *at)
    assert code == 1
    assert text.rstrip().endswith("Today: NOT READY. With the target: READY.")
    code, text = run("check", file, *at, "--format", "json")
    (plan,) = json.loads(text)["plans"]
    assert (code, plan["verdict"], plan["target"]["verdict"], plan["target"]["target"]) == (
        1,
        "not-ready",
        "ready",
        None,
    )
    assert run("check", file, *at, "--state", "target")[0] == 0
    code, text = run("check", file, *at, "--state", "today", "--format", "json")
    assert (code, json.loads(text)["plans"][0]["target"]) == (1, None)
    for form in ("sarif", "junit", "csv", "markdown"):
        code, text = run("check", file, *at, "--format", form)
        assert (code, bool(text)) == (1, True)


def test_the_target_state_of_a_plan_without_one_is_today(tmp_path: Path) -> None:
    file = str(expressway_e().write(tmp_path))
    code, text = run("check", file, "--at", AT.isoformat(), "--state", "target", "--format", "json")
    assert (code, json.loads(text)["plans"][0]["verdict"]) == (0, "ready")


def test_a_certificate_that_verifies_goes_under_the_target_of_its_peer(tmp_path: Path) -> None:
    draft = expressway_e()
    file = draft.write(tmp_path)
    leaf = draft.reissue(2)
    (tmp_path / "issued").mkdir()
    (tmp_path / "issued" / "exe2.pem").write_bytes(leaf.pem)
    (tmp_path / "issued" / "wrong.pem").write_bytes(draft.reissue(1, sans=["wrong.example.com"]).pem)
    words = ("csr", "verify", "--plan", str(file), "--peer", "exe2.example.com", "--at", AT.isoformat(), "--write")
    before = file.read_bytes()
    assert run(*words, str(tmp_path / "issued" / "wrong.pem"))[0] == 1
    assert file.read_bytes() == before
    assert run(*words, str(tmp_path / "issued" / "exe2.pem"))[0] == 0
    plan = load_plan(file)
    assert plan.peers[1].server_certificate != "issued/exe2.pem"
    assert plan.target is not None
    assert plan.target.peers[1].server_certificate == "issued/exe2.pem"
