"""`runbook` from today to the plan's target: what differs, in a safe order, and nothing else."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certplan.evidence.gather import gather
from certplan.outcomes import Verdict
from certplan.plan.reading import load_plan
from certplan.runbook.model import Action, Procedure, Runbook, RunbookStep
from certplan.runbook.procedures import ObservedTarget, ProcedureRequest, UnfitRequestError, runbook
from tests.clusters import Draft, expressway_e
from tests.pki import AT, Authority, bundle, ec_key
from tests.runbook.books import assert_announced

NEW_ROOT = Authority.root("Target Root", key=ec_key("toward root"))
FORMED = [f"10.20.0.1{n}" for n in (1, 2, 3)]


def written(draft: Draft, folder: Path, **target: Any) -> Runbook:
    draft.plan["target"] = target
    plan = load_plan(draft.write(folder))
    goal = plan.target_state()
    assert goal is not None
    evidence, wanted = (gather(each, AT, live_dns=False) for each in (plan, goal))
    return runbook(plan, evidence, AT, ProcedureRequest(), ObservedTarget(goal, wanted))


def on_ip() -> Draft:
    draft = expressway_e()
    draft.plan["cluster"].pop("address_mapping")
    for peer, address in zip(draft.plan["peers"], FORMED, strict=True):
        peer["address"] = address
    return draft


def actions(book: Runbook) -> list[Action]:
    return [step.action for step in book.steps]


def steps(book: Runbook, action: Action) -> list[RunbookStep]:
    return [step for step in book.steps if step.action is action]


def named() -> dict[str, Any]:
    return {
        "address_mapping": [{"fqdn": f"exe{n}.example.com", "ip": f"10.20.0.1{n}"} for n in (1, 2, 3)],
        "peers": {address: {"address": f"exe{n}.example.com"} for n, address in enumerate(FORMED, 1)},
    }


class TestToTheTarget:
    def test_mapping_names_and_enforce_are_set_as_the_target_states(self, tmp_path: Path) -> None:
        book = written(on_ip(), tmp_path, **named())
        assert (book.before, book.after) == (Verdict.NOT_READY, Verdict.READY)
        values = [value for step in book.steps for value in step.values]
        assert ("FQDN / IP", "exe2.example.com / 10.20.0.12") in values
        assert [value for value in values if value[0].startswith("Peer")] == [
            (f"Peer {n} address", f"exe{n}.example.com") for n in (1, 2, 3)
        ]
        assert ("TLS verification mode", "Enforce") in values
        assert not any(step.apart for step in book.steps)

    def test_a_target_of_permissive_stays_there(self, tmp_path: Path) -> None:
        book = written(on_ip(), tmp_path, tls_verification="permissive", **named())
        assert not steps(book, Action.SET_MODE)

    def test_an_enforced_cluster_may_go_back_to_permissive(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["cluster"]["tls_verification"] = "enforce"
        (setting,) = steps(written(draft, tmp_path, tls_verification="permissive"), Action.SET_MODE)
        assert setting.values == (("TLS verification mode", "Permissive"),)

    def test_what_is_so_already_is_no_step(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["cluster"]["tls_verification"] = "enforce"
        book = written(draft, tmp_path, tls_verification="enforce")
        assert book.steps == ()
        assert "nothing to do" in book.notes[0]

    def test_new_certificates_and_cas_are_those_of_the_targets_files(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["cluster"]["tls_verification"] = "enforce"
        peers: dict[str, Any] = {}
        for number in (1, 2, 3):
            name = f"exe{number}.example.com"
            leaf = NEW_ROOT.issue(
                cn="expe.example.com", sans=["expe.example.com", name, "example.com"], key=ec_key(f"toward {number}")
            )
            draft.files |= {
                f"new/{number}.pem": leaf.pem,
                f"new/{number}.key": leaf.key_pem,
                f"new/cas{number}.pem": bundle(NEW_ROOT),
            }
            peers[name] = {
                "server_certificate": f"new/{number}.pem",
                "private_key": f"new/{number}.key",
                "trusted_cas": [f"new/cas{number}.pem"],
            }
        book = written(draft, tmp_path, peers=peers)
        assert book.after is Verdict.READY
        order = [Action.LOAD_CAS, Action.SET_MODE, Action.LOAD_CERTIFICATES, Action.CHECK, Action.REMOVE_CAS]
        places = [actions(book).index(action) for action in order]
        assert places == sorted(places)
        (loading,) = steps(book, Action.LOAD_CERTIFICATES)
        assert any("new/2.pem: expires" in text for text in loading.do)
        assert not any(step.apart for step in book.steps)
        assert actions(book).index(Action.REMOVE_CAS) > actions(book).index(Action.SET_MODE)

    def test_a_certificate_that_is_not_issued_yet_leaves_it_undecided_and_in_permissive(self, tmp_path: Path) -> None:
        book = written(
            expressway_e(), tmp_path, peers={"exe2.example.com": {"server_certificate": "certs/exe2-2027.pem"}}
        )
        assert book.after is Verdict.UNDECIDED
        assert steps(book, Action.LOAD_CERTIFICATES)
        assert not steps(book, Action.SET_MODE)
        assert book.blockers

    def test_peers_leave_and_come(self, tmp_path: Path) -> None:
        whole = expressway_e(4)
        fourth = whole.plan["peers"].pop()
        whole.plan["cluster"]["address_mapping"].pop()
        mapping = [{"fqdn": f"exe{n}.example.com", "ip": f"10.20.0.1{n}"} for n in (1, 3, 4)]
        book = written(
            whole,
            tmp_path,
            address_mapping=mapping,
            removed_peers=["exe2.example.com"],
            peers={"exe4.example.com": fourth},
        )
        assert book.after is Verdict.READY
        assert [row.peer for row in book.steps[-1].rows] == [f"exe{n}.example.com" for n in (1, 3, 4)]
        assert_announced(book)
        assert not any(step.apart for step in book.steps)
        assert book.steps[-1].rows[2].certificate == "Certificate: Valid"

    def test_a_peer_of_the_target_can_be_added_alone(self, tmp_path: Path) -> None:
        whole = expressway_e(4)
        fourth = whole.plan["peers"].pop()
        whole.plan["target"] = {"tls_verification": "permissive", "peers": {"exe4.example.com": fourth}}
        plan = load_plan(whole.write(tmp_path))
        goal = plan.target_state()
        assert goal is not None
        evidence, wanted = (gather(each, AT, live_dns=False) for each in (plan, goal))
        book = runbook(
            plan, evidence, AT, ProcedureRequest(Procedure.ADD_PEER, "exe4.example.com"), ObservedTarget(goal, wanted)
        )
        assert book.after is Verdict.READY
        assert book.steps[-1].rows[3].certificate == "Certificate: Valid"

    def test_an_upgrade_comes_before_what_needs_the_release(self, tmp_path: Path) -> None:
        draft = on_ip()
        book = written(draft, tmp_path, release="X15.4", **named())
        assert actions(book).index(Action.UPGRADE) < actions(book).index(Action.SET_MAPPING)
        assert len(steps(book, Action.UPGRADE)) == 3

    def test_another_primary_is_made_so(self, tmp_path: Path) -> None:
        book = written(expressway_e(), tmp_path, primary=3)
        assert [step.values for step in steps(book, Action.SET_PRIMARY)] == [(("Configuration primary", "3"),)] * 2

    def test_another_lan_1_address_takes_the_peer_out_and_back_in(self, tmp_path: Path) -> None:
        draft = expressway_e()
        mapping = [dict(entry) for entry in draft.plan["cluster"]["address_mapping"]]
        mapping[1]["ip"] = "10.20.0.22"
        book = written(
            draft, tmp_path, address_mapping=mapping, peers={"exe2.example.com": {"lan1": {"ip": "10.20.0.22/24"}}}
        )
        titles = [step.title for step in book.steps]
        assert "Shut exe2.example.com down" in titles
        assert "Restart 10.20.0.22, which then joins" in titles

    def test_values_without_a_page_of_their_own_are_one_step(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.peer(2)["h323"] = False
        book = written(draft, tmp_path, peers={"exe2.example.com": {"h323": True}})
        assert Action.FIX not in actions(book)
        (step,) = (step for step in book.steps if step.title == "Set the other values of the target")
        assert step.do == ("exe2.example.com: H.323 mode from Off to On.",)
        assert step.peers == ("exe2.example.com",)

    def test_peers_on_ipv6_addresses_are_named_whole(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["cluster"].pop("address_mapping")
        draft.plan["cluster"]["ip_version"] = "ipv6"
        for number, peer in enumerate(draft.plan["peers"], 1):
            peer["address"] = f"2001:db8::1{number}"
            peer["lan1"] = {"ip": f"2001:db8::1{number}/64"}
            del peer["lan2"], peer["external_lan"]
        draft.peer(2)["h323"] = False
        target = {"2001:db8::12": {"h323": True}}
        book = written(draft, tmp_path, tls_verification="permissive", peers=target)
        (step,) = (step for step in book.steps if step.title == "Set the other values of the target")
        assert step.do == ("2001:db8::12: H.323 mode from Off to On.",)
        assert step.peers == ("2001:db8::12",)

    def test_a_mapping_that_the_target_turns_off(self, tmp_path: Path) -> None:
        book = written(expressway_e(), tmp_path, tls_verification="permissive", address_mapping="off")
        setting = [step for step in book.steps if step.action is Action.SET_MAPPING]
        assert [step.values for step in setting] == [(("Cluster address mapping enabled", "Off"),)]

    def test_a_lost_peer_is_stated_in_the_target(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["target"] = {"tls_verification": "enforce"}
        plan = load_plan(draft.write(tmp_path))
        goal = plan.target_state()
        assert goal is not None
        evidence = gather(plan, AT, live_dns=False)
        with pytest.raises(UnfitRequestError, match="removed_peers"):
            runbook(plan, evidence, AT, ProcedureRequest(unreachable=("2",)), ObservedTarget(goal, evidence))


class TestAnyTarget:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        today=st.booleans(),
        formed=st.booleans(),
        mapped=st.booleans(),
        expired=st.booleans(),
        removed=st.sets(st.integers(1, 3), max_size=2),
        release=st.sampled_from([None, "X15.4", "X15.5"]),
    )
    def test_the_end_is_what_the_target_is_judged_to_be(
        self, today: bool, formed: bool, mapped: bool, expired: bool, removed: set[int], release: str | None
    ) -> None:
        draft = on_ip() if formed else expressway_e()
        if today and not formed:
            draft.plan["cluster"]["tls_verification"] = "enforce"
        if expired:
            draft.reissue(1, not_after=datetime(2026, 5, 20, tzinfo=UTC))
        gone = [draft.peer(number)["address"] for number in sorted(removed)]
        target: dict[str, Any] = {"removed_peers": gone} if gone else {}
        if formed and mapped:
            target |= named()
            target["peers"] = {k: v for k, v in target["peers"].items() if k not in gone}
            target["address_mapping"] = [e for e in target["address_mapping"] if str(e["ip"]) not in gone]
        if release is not None:
            target["release"] = release
        target.setdefault("tls_verification", "enforce")
        with TemporaryDirectory() as folder:
            book = written(draft, Path(folder), **target)
        assert_announced(book)
        if any(title.endswith("into Enforce") for title in (step.title for step in book.steps)):
            assert book.after is Verdict.READY
        if book.after is Verdict.READY and book.steps:
            last = book.steps[-1]
            staying = {f"exe{n}.example.com" for n in {1, 2, 3} - removed}
            assert {row.peer for row in last.rows} == staying
            assert not last.apart
            assert 40049 not in {alarm.number for alarm in last.alarms}
