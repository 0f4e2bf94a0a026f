"""Procedures that change who is in a cluster, what runs on it, or bring it together again."""

from pathlib import Path

import pytest

from certplan.evidence.gather import gather
from certplan.outcomes import Confidence, Outcome, Verdict
from certplan.plan.reading import load_plan
from certplan.runbook.model import Action, Disruption, Procedure, Runbook, RunbookStep
from certplan.runbook.procedures import ProcedureRequest, UnfitRequestError, runbook
from certplan.stage import Stage
from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import AT, Authority, ec_key

LETS_ENCRYPT = Authority.root("(STAGING) Let's Encrypt R10", key=ec_key("operations acme"))


def written(draft: Draft, folder: Path, request: ProcedureRequest) -> Runbook:
    plan = load_plan(draft.write(folder))
    return runbook(plan, gather(plan, AT, live_dns=False), AT, request)


def enforced(draft: Draft) -> Draft:
    draft.plan["cluster"]["tls_verification"] = "enforce"
    return draft


def only(book: Runbook, action: Action) -> RunbookStep:
    (step,) = (step for step in book.steps if step.action is action)
    return step


def actions(book: Runbook) -> list[Action]:
    return [step.action for step in book.steps]


class TestBothStores:
    def test_the_client_certificates_of_x15_5_are_replaced_too(self, tmp_path: Path) -> None:
        draft = enforced(expressway_e(release="X15.5"))
        for number in (1, 2, 3):
            draft.reissue(number, store="client")
        loading = only(written(draft, tmp_path, ProcedureRequest(Procedure.REPLACE)), Action.LOAD_CERTIFICATES)
        assert (
            loading.page
            == "Maintenance > Security > Server certificate and Maintenance > Security > Client certificate"
        )
        for number in (1, 2, 3):
            for store in ("server", "client"):
                assert any(text.startswith(f"exe{number}.example.com, {store} certificate:") for text in loading.do)

    def test_before_x15_5_there_is_one_store(self, tmp_path: Path) -> None:
        loading = only(
            written(enforced(expressway_e()), tmp_path, ProcedureRequest(Procedure.REPLACE)), Action.LOAD_CERTIFICATES
        )
        assert "Client" not in loading.page


class TestAcme:
    def draft(self) -> Draft:
        draft = enforced(expressway_e(release="X15.5"))
        draft.issuing = LETS_ENCRYPT
        for number in (1, 2, 3):
            draft.reissue(number)
            draft.trust(number, LETS_ENCRYPT)
        return draft

    def test_its_certificates_are_renewed_without_permissive_and_without_a_restart(self, tmp_path: Path) -> None:
        book = written(self.draft(), tmp_path, ProcedureRequest(Procedure.REPLACE))
        assert actions(book).count(Action.RENEW_CERTIFICATE) == 3
        assert Action.SET_MODE not in actions(book)
        assert Action.RESTART not in actions(book)
        assert not any(step.apart for step in book.steps)

    def test_another_ca_takes_the_detour(self, tmp_path: Path) -> None:
        book = written(enforced(expressway_e(release="X15.5")), tmp_path, ProcedureRequest(Procedure.REPLACE))
        assert Action.RENEW_CERTIFICATE not in actions(book)
        assert Action.SET_MODE in actions(book)


class TestSaml:
    @pytest.mark.parametrize(
        ("request_", "exported"),
        [
            (ProcedureRequest(Procedure.REPLACE), True),
            (ProcedureRequest(Procedure.REMOVE_PEER, "2"), True),
            (ProcedureRequest(Procedure.REPLACE_PEER, "2"), True),
            (ProcedureRequest(Procedure.RESTART), False),
            (ProcedureRequest(Procedure.CHANGE_PRIMARY, "2"), False),
        ],
    )
    def test_on_an_expressway_c_it_follows_a_change_of_peers_or_certificates(
        self, request_: ProcedureRequest, exported: bool, tmp_path: Path
    ) -> None:
        draft = expressway_c(3)
        draft.plan["services"] = {"mra": {"domains": ["example.com"]}}
        book = written(draft, tmp_path, request_)
        assert (Action.EXPORT_SAML in actions(book)) is exported
        if exported:
            before = book.steps[: actions(book).index(Action.EXPORT_SAML)]
            assert any(35016 in {alarm.number for alarm in step.raised} for step in before)
            assert 35016 in {alarm.number for alarm in only(book, Action.EXPORT_SAML).cleared}

    def test_an_expressway_e_has_none(self, tmp_path: Path) -> None:
        assert Action.EXPORT_SAML not in actions(written(expressway_e(), tmp_path, ProcedureRequest(Procedure.REPLACE)))


class TestErrorsOutsideEnforce:
    def test_they_are_the_first_step_and_nothing_known_is_asked_for_later(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.peer(2)["h323"] = False
        book = written(draft, tmp_path, ProcedureRequest())
        first, second = book.steps[:2]
        assert first.action is Action.FIX
        assert first.codes
        assert "exe2.example.com" in first.peers
        assert not any("H.323" in text for text in second.verify)

    def test_a_plan_that_does_not_state_it_is_asked(self, tmp_path: Path) -> None:
        draft = expressway_e()
        del draft.peer(2)["h323"]
        book = written(draft, tmp_path, ProcedureRequest())
        assert book.steps[0].action is Action.PREPARE
        assert "H.323 mode is On on exe2.example.com." in book.steps[0].verify

    def test_without_errors_the_baseline_comes_first(self, tmp_path: Path) -> None:
        assert written(expressway_e(), tmp_path, ProcedureRequest()).steps[0].action is Action.PREPARE


class TestUpgrade:
    def test_a_release_that_the_changes_need_is_written_out_before_them(self, tmp_path: Path) -> None:
        """One NIC with static NAT clusters from X14.0.2 on."""
        draft = expressway_e(2, release="X14.0")
        for number in (1, 2):
            peer = draft.peer(number)
            nat = peer.pop("lan2")["static_nat"]
            del peer["external_lan"]
            peer["lan1"]["static_nat"] = nat
        book = written(draft, tmp_path, ProcedureRequest())
        assert [step.peers for step in book.steps if step.action is Action.UPGRADE] == [
            ("exe1.example.com",),
            ("exe2.example.com",),
        ]
        assert not any("certplan runbook --upgrade" in text for step in book.steps for text in step.do)

    def test_x15_5_is_judged_with_the_copied_client_certificate(self, tmp_path: Path) -> None:
        book = written(enforced(expressway_e()), tmp_path, ProcedureRequest(Procedure.UPGRADE, "X15.5"))
        assert (book.before, book.after) == (Verdict.READY, Verdict.READY)

    @pytest.mark.parametrize(
        ("kind", "release", "to", "asked"),
        [
            ("c", "X14.0", "X14.2", True),
            ("c", "X14.0", "X15.0", True),
            ("c", "X14.2", "X15.0", False),
            ("e", "X14.0", "X14.2", False),
        ],
    )
    def test_unified_cm_is_checked_where_it_comes_to_be_verified(
        self, kind: str, release: str, to: str, asked: bool, tmp_path: Path
    ) -> None:
        draft = expressway_c(release=release) if kind == "c" else expressway_e(release=release)
        book = written(draft, tmp_path, ProcedureRequest(Procedure.UPGRADE, to))
        assert any("Unified CM" in step.title for step in book.steps) is asked

    def test_the_servers_of_the_plan_are_named(self, tmp_path: Path) -> None:
        draft = expressway_c(release="X14.0")
        draft.plan["servers"] = [
            {"kind": "unified-cm", "address": "cucm1.example.com"},
            {"kind": "unity", "address": "10.30.0.50"},
        ]
        book = written(draft, tmp_path, ProcedureRequest(Procedure.UPGRADE, "X15.0"))
        (step,) = (step for step in book.steps if "Unified CM" in step.title)
        assert "unified-cm cucm1.example.com: cucm1.example.com is a SAN of its certificate." in step.do
        assert any(text.startswith("unity 10.30.0.50: an IP address;") for text in step.do)

    def test_a_peer_that_is_down_is_left_out_and_named(self, tmp_path: Path) -> None:
        book = written(expressway_e(), tmp_path, ProcedureRequest(Procedure.UPGRADE, "X15.4", unreachable=("3",)))
        assert [step.peers for step in book.steps if step.action is Action.UPGRADE] == [
            ("exe1.example.com",),
            ("exe2.example.com",),
        ]
        assert any("exe3.example.com stays down" in text for step in book.steps for text in step.do)


def test_a_peer_that_has_no_mapping_yet_cannot_join_by_names_that_only_the_mapping_has(tmp_path: Path) -> None:
    """With the mapping every link holds; without it the names lead to outward addresses, where nothing is sure."""
    plan = load_plan(expressway_e(4).write(tmp_path))
    evidence = gather(plan, AT, live_dns=False)
    last = plan.peers[-1]
    joined, joining = (Stage(plan, evidence, AT, unmapped=frozenset(each)) for each in ((), (last.number,)))
    assert joined.isolated_from(last, Outcome.PASS) == plan.peers[:-1]
    assert joining.isolated_from(last, Outcome.UNKNOWN) == plan.peers[:-1]
    enforced = Stage(plan, evidence, AT, frozenset({1, 2, 3, 4}), unmapped=frozenset({last.number}))
    assert enforced.isolated_from(last) == plan.peers[:-1]


class TestComingBack:
    @pytest.mark.parametrize("kind", [Procedure.REPLACE_PEER, Procedure.REBUILD_PEER])
    def test_the_peer_leaves_first_and_joins_last(self, kind: Procedure, tmp_path: Path) -> None:
        book = written(enforced(expressway_e()), tmp_path, ProcedureRequest(kind, "1"))
        order = [step.title for step in book.steps]
        steps = ("Make exe2", "Shut exe1", "Remove exe1", "Prepare exe1", "Enter 10.20.0.11 as Peer 3", "Set Enforce")
        places = [next(n for n, title in enumerate(order) if title.startswith(step)) for step in steps]
        assert places == sorted(places)
        assert book.after is Verdict.READY

    def test_a_restored_backup_is_where_the_guides_disagree(self, tmp_path: Path) -> None:
        book = written(expressway_e(), tmp_path, ProcedureRequest(Procedure.REBUILD_PEER, "2"))
        (step,) = (step for step in book.steps if step.title == "Prepare exe2.example.com")
        assert step.confidence is Confidence.CONFLICTING

    def test_a_peer_with_a_new_name_gets_a_certificate_for_it(self, tmp_path: Path) -> None:
        book = written(
            enforced(expressway_e()), tmp_path, ProcedureRequest(Procedure.RENAME_PEER, "2", name="exe9.example.com")
        )
        (step,) = (step for step in book.steps if step.title == "Prepare exe9.example.com")
        assert any(text.startswith("CN expe.example.com; SANs expe.example.com, exe9.example.com") for text in step.do)
        mapping = [step.values for step in book.steps if step.action is Action.SET_MAPPING]
        assert mapping == [
            (("FQDN / IP, to be deleted", "exe2.example.com / 10.20.0.12"),),
            (("FQDN / IP", "exe9.example.com / 10.20.0.12"),),
        ]


class TestUnreachable:
    def test_a_lost_peer_is_removed_before_the_rest_goes_on(self, tmp_path: Path) -> None:
        draft = expressway_e()
        book = written(draft, tmp_path, ProcedureRequest(unreachable=("exe1.example.com",)))
        assert not any("exe1.example.com" in step.peers for step in book.steps)
        order = [step.title for step in book.steps]
        assert order.index("Make exe2.example.com the primary, on its own page") < next(
            n for n, title in enumerate(order) if title.startswith("Remove exe1")
        )
        assert book.after is Verdict.READY
        assert [row.peer for row in book.steps[-1].rows] == ["exe2.example.com", "exe3.example.com"]


class TestRecover:
    def test_it_sets_permissive_where_it_must_and_restarts_the_primary_first(self, tmp_path: Path) -> None:
        draft = enforced(expressway_e())
        draft.reissue(2, sans=["wrong.example.com"], cn="wrong.example.com")
        book = written(draft, tmp_path, ProcedureRequest(Procedure.RECOVER))
        finding, setting = book.steps[1], only(book, Action.SET_MODE)
        assert "exe1.example.com, exe3.example.com communicate with each other." in finding.do
        assert setting.peers == ("exe1.example.com", "exe2.example.com")
        assert setting.confidence is Confidence.INFERRED
        restarted = [step.peers for step in book.steps if step.action is Action.RESTART]
        assert restarted == [(f"exe{n}.example.com",) for n in (1, 2, 3)]
        assert book.steps[1].apart
        assert not book.steps[-1].apart
        assert Action.LOAD_CERTIFICATES not in actions(book)

    def test_an_unknown_mode_is_taken_for_enforce(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["cluster"]["tls_verification"] = "unknown"
        assert Action.SET_MODE in actions(written(draft, tmp_path, ProcedureRequest(Procedure.RECOVER)))

    def test_a_permissive_cluster_has_nothing_to_recover_from(self, tmp_path: Path) -> None:
        with pytest.raises(UnfitRequestError, match="Permissive in the plan"):
            written(expressway_e(), tmp_path, ProcedureRequest(Procedure.RECOVER))


class TestDisband:
    def test_every_peer_leaves_but_the_primary(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["cluster"]["primary"] = 2
        book = written(draft, tmp_path, ProcedureRequest(Procedure.DISBAND))
        lists = [step.values for step in book.steps if step.action is Action.SET_ADDRESS]
        assert lists[-1] == (
            ("Peer 1 address", "exe2.example.com"),
            ("Peer 2 address", "(empty)"),
            ("Configuration primary", "1"),
        )
        assert [row.peer for row in book.steps[-1].rows] == ["exe2.example.com"]
        assert [row.clustering for row in book.steps[-1].rows] == ["Clustering: This system"]


class TestImpact:
    def test_a_restart_moves_users_and_an_only_peer_leaves_them_without(self, tmp_path: Path) -> None:
        book = written(expressway_e(), tmp_path, ProcedureRequest(Procedure.RESTART))
        assert {step.impact.calls for step in book.steps if step.action is Action.RESTART} == {Disruption.MOVED}
        alone = written(expressway_e(1), tmp_path, ProcedureRequest(Procedure.RESTART))
        assert only(alone, Action.RESTART).impact.mra is Disruption.OUTAGE

    def test_peers_that_cannot_communicate_divide_the_calls(self, tmp_path: Path) -> None:
        draft = enforced(expressway_e())
        draft.reissue(2, sans=["wrong.example.com"], cn="wrong.example.com")
        assert written(draft, tmp_path, ProcedureRequest(Procedure.RECOVER)).steps[0].impact.calls is Disruption.DIVIDED

    def test_steps_that_only_look_touch_nothing(self, tmp_path: Path) -> None:
        last = written(expressway_e(), tmp_path, ProcedureRequest(Procedure.RESTART)).steps[-1]
        assert {last.impact.calls, last.impact.registrations, last.impact.mra} == {Disruption.NONE}


class TestConfidence:
    def test_names_that_rest_on_a_mapping_in_permissive_are_inferred(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["cluster"].pop("address_mapping")
        for peer in draft.plan["peers"]:
            peer["address"] = peer["lan1"]["ip"].split("/")[0]
        book = written(draft, tmp_path, ProcedureRequest())
        assert {step.confidence for step in book.steps if step.action is Action.SET_ADDRESS} == {Confidence.INFERRED}
        into = [step for step in book.steps if step.title.endswith("into Enforce")]
        assert {step.confidence for step in into} == {Confidence.DOCUMENTED}

    def test_names_that_dns_has_are_documented(self, tmp_path: Path) -> None:
        draft = expressway_c()
        for peer in draft.plan["peers"]:
            peer["address"] = peer["lan1"]["ip"].split("/")[0]
        book = written(draft, tmp_path, ProcedureRequest())
        assert {step.confidence for step in book.steps if step.action is Action.SET_ADDRESS} == {Confidence.DOCUMENTED}


def test_the_record_frames_the_window(tmp_path: Path) -> None:
    book = written(expressway_e(), tmp_path, ProcedureRequest(Procedure.RESTART))
    assert "download the archive of every peer" in " ".join(book.steps[0].do)
    assert "it spans a restart, so it holds the log alone" in " ".join(book.steps[-1].do)
