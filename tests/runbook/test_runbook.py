"""`runbook`: safe step by step, with the cluster's own values; what a step cuts off is said before it is done."""

from datetime import UTC, datetime
from ipaddress import ip_address
from itertools import combinations
from pathlib import Path

import pytest

from certplan.evidence.gather import gather
from certplan.evidence.model import Evidence
from certplan.handshake.model import Matrix
from certplan.handshake.simulate import simulate
from certplan.outcomes import Outcome, Verdict
from certplan.plan.model import MappingEntry, Plan
from certplan.plan.reading import load_plan
from certplan.runbook.model import Action, Procedure
from certplan.runbook.procedures import ProcedureRequest, UnfitRequestError, runbook
from certplan.value import replace
from tests.clusters import expressway_c, expressway_e
from tests.faults import OTHER_CA, with_faults
from tests.pki import AT
from tests.runbook.books import NEWCOMER, assert_announced, enforced, on_ip, titles, written

LAB = Path(__file__).parents[2] / "fixtures" / "lab"
LAB_AT = datetime(2027, 1, 1, tzinfo=UTC)


class TestLab:
    """The article's Expressway-E, from IP addresses in Permissive to FQDNs in Enforce."""

    @pytest.fixture
    def state(self) -> tuple[Plan, Evidence]:
        plan = load_plan(LAB / "expressway-e.yaml")
        peers = tuple(replace(peer, address=str(peer.lan1.ip)) for peer in plan.peers)
        plan = replace(plan, cluster=replace(plan.cluster, stated_address_mapping=None), peers=peers)
        return plan, gather(plan, LAB_AT, live_dns=False)

    def test_it_goes_step_by_step_without_an_unannounced_split(self, state: tuple[Plan, Evidence]) -> None:
        """The steps' own values are carried out here, by hand, and every state is judged anew."""
        plan, evidence = state
        book = runbook(plan, evidence, LAB_AT)
        assert (book.before, book.after) == (Verdict.NOT_READY, Verdict.READY)
        mode, enforcing = "Permissive", set[int]()
        for step in book.steps:
            for field, value in step.values:
                plan = carried_out(plan, field, value)
                mode = value if field == "TLS verification mode" else mode
            down = [peer.number for peer in plan.peers if step.title.startswith(f"Restart {peer.address}")]
            assert len(down) <= 1
            for number in down:
                assert any(plan.peers[number - 1].address in warning for warning in step.warnings)
                enforcing = enforcing | {number} if mode == "Enforce" else enforcing - {number}
            assert_whole(simulate(plan, evidence, LAB_AT), enforcing)
        assert enforcing == {1, 2}
        assert [peer.address for peer in plan.peers] == ["expe01.apolo.local", "expe02.apolo.local"]
        assert simulate(plan, evidence, LAB_AT).verdict is Verdict.READY

    def test_the_order_is_the_vendors(self, state: tuple[Plan, Evidence]) -> None:
        assert titles(runbook(*state, LAB_AT)) == [
            "Take the baseline: archives, backups and fresh logging",
            "Enter the cluster address mapping on the primary",
            "Change Peer 1 address to expe01.apolo.local on every peer",
            "Restart expe01.apolo.local alone",
            "Change Peer 2 address to expe02.apolo.local on every peer",
            "Restart expe02.apolo.local alone",
            "Check that every row is green",
            "Set Enforce on the primary",
            "Restart expe01.apolo.local into Enforce",
            "Restart expe02.apolo.local into Enforce",
            "Take new archives and backups",
        ]

    def test_the_rows_are_the_articles(self, state: tuple[Plan, Evidence]) -> None:
        steps = runbook(*state, LAB_AT).steps
        mismatch = "Certificate: Invalid (Common Name in certificate does not match)"
        assert [row.certificate for row in steps[0].rows] == [mismatch, mismatch]
        assert [row.clustering for row in steps[0].rows] == [
            "Clustering: Active as expe01",
            "Clustering: Active as expe02",
        ]
        assert [row.certificate for row in steps[2].rows] == ["Certificate: Valid", mismatch]
        (last, _) = steps[-1].rows
        assert last.certificate == "Certificate: Valid"
        assert last.clustering == "Clustering: Active as expe01 (Resolved 'expe01.apolo.local' as '10.15.13.20')"

    def test_each_address_round_changes_one_field(self, state: tuple[Plan, Evidence]) -> None:
        rounds = [step for step in runbook(*state, LAB_AT).steps if step.title.startswith("Change Peer")]
        assert [step.values for step in rounds] == [
            (("Peer 1 address", "expe01.apolo.local"),),
            (("Peer 2 address", "expe02.apolo.local"),),
        ]
        for step in rounds:
            assert len(step.peers) == 2
            assert any("factory reset" in danger for danger in step.dangers)

    def test_permissive_is_an_alarm_until_enforce(self, state: tuple[Plan, Evidence]) -> None:
        for step in runbook(*state, LAB_AT).steps:
            for alarm in step.alarms:
                assert alarm.title, alarm.number
        raising = [40049 in {alarm.number for alarm in step.alarms} for step in runbook(*state, LAB_AT).steps]
        assert raising == sorted(raising, reverse=True)


def carried_out(plan: Plan, field: str, value: str) -> Plan:
    if field == "FQDN / IP":
        fqdn, ip = value.split(" / ")
        entries = (*(plan.cluster.address_mapping or ()), MappingEntry(fqdn, ip_address(ip)))
        return replace(plan, cluster=replace(plan.cluster, stated_address_mapping=entries))
    if field.startswith("Peer "):
        number = int(field.split()[1])
        peers = tuple(replace(peer, address=value) if peer.number == number else peer for peer in plan.peers)
        return replace(plan, peers=peers)
    return plan


def assert_whole(matrix: Matrix, enforcing: set[int]) -> None:
    """Every pair hears each other: verified where a peer enforces, and at its LAN 1 address anyhow."""
    for one, other in combinations(matrix.peers, 2):
        for verifier, presenter in ((one, other), (other, one)):
            handshake = matrix.between(verifier, presenter)
            assert handshake.target == presenter.lan1.ip
            if verifier.number in enforcing:
                assert handshake.outcome is Outcome.PASS, handshake.not_passed


class TestEnforcedCluster:
    def test_certificates_are_replaced_in_permissive(self, tmp_path: Path) -> None:
        draft = enforced(expressway_e())
        for number in (1, 2, 3):
            draft.reissue(number, not_after=datetime(2026, 5, 20, tzinfo=UTC))
        book = written(draft, tmp_path)
        assert titles(book)[1:] == [
            "Set Permissive on the primary, and on the isolated peers",
            "Load the new certificates",
            "Restart exe1.example.com with its new certificate",
            "Restart exe2.example.com with its new certificate",
            "Restart exe3.example.com with its new certificate",
            "Check that every row is green",
            "Set Enforce on the primary",
            "Restart exe1.example.com into Enforce",
            "Restart exe2.example.com into Enforce",
            "Restart exe3.example.com into Enforce",
            "Take new archives and backups",
        ]
        assert_announced(book)
        assert book.steps[0].apart
        assert not book.steps[5].apart

    def test_a_new_ca_is_loaded_first_of_all(self, tmp_path: Path) -> None:
        draft = enforced(expressway_c())
        draft.reissue(2, issuer=OTHER_CA, sans=["wrong.corp.example.com"])
        draft.trust(1, OTHER_CA)
        book = written(draft, tmp_path)
        order = titles(book)
        switching = next(title for title in order if title.startswith("Set Permissive on the primary"))
        assert order.index("Add missing CA certificates to the trusted CA lists") < order.index(switching)
        assert book.after is Verdict.READY

    def test_on_request_every_certificate_is_replaced(self, tmp_path: Path) -> None:
        book = written(enforced(expressway_c()), tmp_path, ProcedureRequest(Procedure.REPLACE))
        assert sum("with its new certificate" in title for title in titles(book)) == 2
        assert all(not step.apart for step in book.steps)

    def test_nothing_is_done_to_one_that_is_ready(self, tmp_path: Path) -> None:
        book = written(enforced(expressway_e()), tmp_path)
        assert not book.steps
        assert "nothing to do" in book.notes[0]

    def test_one_that_is_undecided_is_not_called_ready(self, tmp_path: Path) -> None:
        draft = enforced(expressway_e())
        del draft.peer(2)["trusted_cas"]
        book = written(draft, tmp_path)
        assert book.steps == ()
        assert book.after is Verdict.UNDECIDED
        assert book.blockers
        assert "not verified" in book.notes[0]

    def test_one_that_lacks_only_a_ca_is_restarted_for_it_and_goes_on_enforcing(self, tmp_path: Path) -> None:
        draft = enforced(expressway_e())
        draft.trust(3, OTHER_CA)
        order = titles(written(draft, tmp_path))
        restarts = [title for title in order if title.startswith("Restart")]
        assert restarts == ["Restart exe3.example.com with its new trusted CA list"]
        assert order.index("Add missing CA certificates to the trusted CA lists") < order.index(restarts[0])
        assert not any(title.startswith("Set ") for title in order)

    def test_one_that_is_restarted_anyway_is_not_restarted_for_its_list(self, tmp_path: Path) -> None:
        draft = enforced(expressway_e())
        draft.trust(3, OTHER_CA)
        draft.reissue(3, sans=["expe.example.com"])
        order = titles(written(draft, tmp_path))
        assert "Add missing CA certificates to the trusted CA lists" in order
        assert not any("trusted CA list" in title for title in order if title.startswith("Restart"))


class TestForm:
    def test_it_begins_with_a_cluster_of_one_that_is_restarted_before_another_joins(self, tmp_path: Path) -> None:
        book = written(expressway_e(), tmp_path, ProcedureRequest(Procedure.FORM))
        assert titles(book)[:6] == [
            "Prepare 10.20.0.11",
            "Make a cluster of one of 10.20.0.11",
            "Restart 10.20.0.11 as a cluster of one",
            "Put the cluster of one into service: 10.20.0.11",
            "Prepare 10.20.0.12",
            "Enter 10.20.0.12 as Peer 2 address: primary first, then the other peers",
        ]
        assert ("TLS verification mode", "Permissive") in book.steps[1].values
        assert book.steps[1].values[-1] == ("Peer 1 address", "10.20.0.11")
        assert book.after is Verdict.READY

    def test_then_it_goes_on_as_from_ip_addresses(self, tmp_path: Path) -> None:
        formed = titles(written(expressway_e(), tmp_path, ProcedureRequest(Procedure.FORM)))
        onward = titles(written(on_ip(expressway_e()), tmp_path))[1:]
        assert formed[-len(onward) :] == onward

    def test_each_machine_is_prepared_backed_up_and_put_into_service_again(self, tmp_path: Path) -> None:
        book = written(expressway_e(), tmp_path, ProcedureRequest(Procedure.FORM))
        first = book.steps[0]
        assert "Call signaling optimization On" in " ".join(first.do)
        assert "H.323" not in " ".join(first.do), "the plan states that it is On"
        switched_on, switched_off, backed_up = (
            {step.peers for step in book.steps if any(word in text for text in step.do)}
            for word in ("Maintenance mode: switch it on", "Maintenance mode: switch it off", "back it up")
        )
        machines = {(f"10.20.0.1{n}",) for n in (1, 2, 3)}
        assert machines <= switched_on
        assert machines <= switched_off
        assert machines <= backed_up

    def test_what_the_plan_does_not_state_is_asked_for(self, tmp_path: Path) -> None:
        draft = expressway_e()
        del draft.peer(1)["h323"]
        first = written(draft, tmp_path, ProcedureRequest(Procedure.FORM)).steps[0]
        assert "H.323 mode On" in " ".join(first.do)


class TestMembers:
    def test_a_new_peer_joins_on_lan_1_addresses_where_only_a_mapping_has_the_names(self, tmp_path: Path) -> None:
        """It has no mapping before it has joined: its own DNS view would give it the static NAT addresses."""
        book = written(expressway_e(), tmp_path, NEWCOMER)
        entering = next(step for step in book.steps if step.title.startswith("Enter 10.20.0.14"))
        assert entering.peers == ("10.20.0.11", "10.20.0.12", "10.20.0.13")
        assert entering.values == (("Peer 4 address", "10.20.0.14"),)
        joins = titles(book).index("Restart 10.20.0.14, which then joins")
        mapping = next(step for step in book.steps if step.action is Action.SET_MAPPING)
        assert mapping.values == (("FQDN / IP", "exe4.example.com / 10.20.0.14"),)
        assert book.steps.index(mapping) > joins
        named = [step.values for step in book.steps[joins:] if step.title.startswith("Change Peer")]
        assert named == [((f"Peer {n} address", f"exe{n}.example.com"),) for n in (1, 2, 3, 4)]
        assert_announced(book)
        assert not any(step.apart for step in book.steps)

    def test_an_enforced_cluster_takes_a_new_peer_in_permissive_and_enforces_again(self, tmp_path: Path) -> None:
        draft = expressway_e(4)
        draft.plan["cluster"]["tls_verification"] = "enforce"
        book = written(draft, tmp_path, ProcedureRequest(Procedure.ADD_PEER, "exe4.example.com"))
        modes = [value for step in book.steps for field, value in step.values if step.action is Action.SET_MODE]
        assert modes == ["Permissive", "Enforce"]
        own = next(step for step in book.steps if step.title.startswith("Enter the cluster"))
        assert ("TLS verification mode", "Permissive") in own.values
        assert book.after is Verdict.READY
        assert book.steps[-1].alarms == ()

    def test_where_dns_has_the_names_a_new_peer_comes_on_the_primary_first_and_alone_restarts(
        self, tmp_path: Path
    ) -> None:
        draft = enforced(expressway_c(4))
        book = written(draft, tmp_path, ProcedureRequest(Procedure.ADD_PEER, "4"))
        entering = next(step for step in book.steps if step.title.startswith("Enter exc4"))
        assert entering.values == (("Peer 4 address", "exc4.corp.example.com"),)
        assert [step.title for step in book.steps if step.action is Action.RESTART] == [
            "Restart exc4.corp.example.com, which then joins"
        ]
        own = next(step for step in book.steps if step.title.startswith("Enter the cluster"))
        assert dict(own.values)["Configuration primary"] == "1"
        assert [field for field, _ in own.values if field.startswith("Peer")] == [
            f"Peer {n} address" for n in (1, 2, 3, 4)
        ]

    def test_a_cluster_on_ip_addresses_gets_an_ip_address(self, tmp_path: Path) -> None:
        book = written(on_ip(expressway_e()), tmp_path, NEWCOMER)
        assert any(step.values == (("Peer 4 address", "10.20.0.14"),) for step in book.steps)

    def test_the_list_closes_up_and_the_primary_keeps_its_machine(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["cluster"]["primary"] = 3
        book = written(draft, tmp_path, ProcedureRequest(Procedure.REMOVE_PEER, "exe2.example.com"))
        off = next(step for step in book.steps if step.title.startswith("Remove exe2"))
        assert off.values == (
            ("Peer 1 address", "exe1.example.com"),
            ("Peer 2 address", "exe3.example.com"),
            ("Peer 3 address", "(empty)"),
            ("Configuration primary", "2"),
        )
        assert off.peers == ("exe3.example.com", "exe1.example.com")
        assert_announced(book)

    def test_a_primary_hands_over_before_it_goes(self, tmp_path: Path) -> None:
        order = titles(written(expressway_e(), tmp_path, ProcedureRequest(Procedure.REMOVE_PEER, "1")))
        handing, going = (next(n for n, t in enumerate(order) if t.startswith(w)) for w in ("Make exe2", "Shut exe1"))
        assert handing < going

    def test_a_new_primary_is_told_first_and_the_old_one_next(self, tmp_path: Path) -> None:
        book = written(expressway_e(), tmp_path, ProcedureRequest(Procedure.CHANGE_PRIMARY, "3"))
        steps = [step for step in book.steps if step.action is Action.SET_PRIMARY]
        assert [step.peers for step in steps] == [
            ("exe3.example.com",),
            ("exe1.example.com", "exe2.example.com"),
        ]
        assert all(step.values == (("Configuration primary", "3"),) for step in steps)

    def test_a_former_primary_out_of_reach_is_asked_nothing_and_kept_away(self, tmp_path: Path) -> None:
        request = ProcedureRequest(Procedure.CHANGE_PRIMARY, "3", unreachable=("exe1.example.com",))
        book = written(expressway_e(), tmp_path, request)
        assert not any("exe1.example.com" in step.peers for step in book.steps)
        assert "Keep exe1.example.com off the network" in titles(book)
        assert not any(row.peer == "exe1.example.com" for step in book.steps for row in step.rows)

    @pytest.mark.parametrize(
        ("request_", "why"),
        [
            (ProcedureRequest(Procedure.REMOVE_PEER, "exe9.example.com"), "no peer of the plan"),
            (ProcedureRequest(Procedure.CHANGE_PRIMARY, "1"), "the primary already"),
            (ProcedureRequest(Procedure.ADD_PEER, "exe1.example.com"), "already"),
            (ProcedureRequest(Procedure.ADD_PEER, "exe4.example.com"), "--lan1"),
            (ProcedureRequest(Procedure.ADD_PEER, "exe4", ip_address("10.20.0.14")), "FQDN"),
            (ProcedureRequest(Procedure.UPGRADE, "X14.3.4"), "later release"),
            (ProcedureRequest(Procedure.UPGRADE, "soon"), "not a release"),
        ],
    )
    def test_what_does_not_fit_is_reported(self, request_: ProcedureRequest, why: str, tmp_path: Path) -> None:
        with pytest.raises(UnfitRequestError, match=why):
            written(expressway_e(), tmp_path, request_)

    def test_a_seventh_peer_and_the_last_one_off_are_refused(self, tmp_path: Path) -> None:
        newcomer = replace(NEWCOMER, subject="exe7.example.com")
        with pytest.raises(UnfitRequestError, match="six"):
            written(expressway_e(6), tmp_path, newcomer)
        with pytest.raises(UnfitRequestError, match="factory"):
            written(expressway_e(1), tmp_path, ProcedureRequest(Procedure.REMOVE_PEER, "1"))


class TestService:
    @pytest.mark.parametrize(("kind", "release"), [(Procedure.RESTART, ""), (Procedure.UPGRADE, "X15.4")])
    def test_the_primary_is_first_and_one_at_a_time(self, kind: Procedure, release: str, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["cluster"]["primary"] = 2
        outages = [step.out for step in written(draft, tmp_path, ProcedureRequest(kind, release)).steps if step.out]
        assert outages == [("exe2.example.com",), ("exe1.example.com",), ("exe3.example.com",)]

    def test_while_releases_differ_the_cluster_is_in_two_and_that_is_said(self, tmp_path: Path) -> None:
        book = written(expressway_e(), tmp_path, ProcedureRequest(Procedure.UPGRADE, "X15.4"))
        assert_announced(book)
        upgrades = [step for step in book.steps if step.title.startswith("Upgrade ")]
        assert [bool(step.apart) for step in upgrades] == [True, True, False]

    def test_the_client_store_is_told_of_where_it_comes_in(self, tmp_path: Path) -> None:
        def warns_of_client_certificate(release: str) -> bool:
            book = written(expressway_e(), tmp_path, ProcedureRequest(Procedure.UPGRADE, release))
            return any("client certificate" in danger for step in book.steps for danger in step.dangers)

        assert warns_of_client_certificate("X15.5")
        assert not warns_of_client_certificate("X15.4")


class TestDangers:
    @pytest.mark.parametrize(
        ("release", "lost"), [("X12.5", "stay on releases before X12.6"), ("X12.6", "are deleted")]
    )
    def test_what_a_factory_reset_deletes_goes_by_release(self, release: str, lost: str, tmp_path: Path) -> None:
        book = written(on_ip(expressway_e(release=release)), tmp_path)
        (reset, update) = book.dangers
        assert lost in reset
        assert "LAN 2 is lost" in reset
        assert "ForceConfigUpdate" in update

    def test_every_page_with_peer_fields_has_the_danger_beside_it(self, tmp_path: Path) -> None:
        book = written(on_ip(expressway_e()), tmp_path)
        editing = [step for step in book.steps if step.page == "System > Clustering" and step.values]
        assert editing
        assert all(any("factory reset" in danger for danger in step.dangers) for step in editing)


def test_what_stands_in_the_way_ends_the_procedure_before_enforce(tmp_path: Path) -> None:
    draft = on_ip(expressway_e())
    del draft.peer(2)["trusted_cas"]
    book = written(draft, tmp_path)
    assert book.after is Verdict.UNDECIDED
    assert book.blockers
    assert not any("Enforce" in title for title in titles(book))
    assert "before Enforce" in book.notes[-1]


def test_a_primary_that_is_no_peer_is_reported(tmp_path: Path) -> None:
    judgement = with_faults("expressway-e", 3, [("primary_out_of_range", 1)]).judge(tmp_path)
    for kind in (Procedure.ENFORCE, Procedure.FORM, Procedure.REPLACE, Procedure.RESTART):
        with pytest.raises(UnfitRequestError, match="Configuration primary is 6, and the plan has 3 peers"):
            runbook(judgement.plan, judgement.evidence, AT, ProcedureRequest(kind))
