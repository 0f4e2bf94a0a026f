"""Proposals: which change answers which fault."""

from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from certplan.outcomes import Severity, Verdict
from certplan.plan.model import IpVersion
from certplan.plan.writing import plan_values
from certplan.proposal.address_changes import SetAddress, SetEntry, SetIpVersion, SetRelease, SwitchMappingOn
from certplan.proposal.certificate_changes import LoadCa, LoadNewCa, Reissue
from certplan.proposal.effect import Who
from certplan.proposal.model import Change
from certplan.proposal.propose import propose
from certplan.proposal.record_changes import SetAddresses
from tests.clusters import ISSUING, ROOT, Draft, expressway_c, expressway_e
from tests.faults import OTHER_CA, deepcopy_of, with_faults
from tests.pki import AT, Authority, ec_key
from tests.proposal.proposing import done, effects, proposed, seen

OF_EXE2 = {"expe.example.com", "exe2.example.com", "example.com", "edge2.example.com"}


class TestCertificates:
    def test_a_slip_in_the_san_is_mended_by_a_certificate_with_the_right_names(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.reissue(2, sans=["expe.example.com", "exe2.exmaple.com", "edge2.example.com"])
        proposal = proposed(draft, tmp_path)
        (change,) = proposal.changes
        assert (proposal.before, proposal.after) == (Verdict.NOT_READY, Verdict.READY)
        assert (change.who, change.peer, change.answers) == (Who.CERTIFICATES, "exe2.example.com", ("NAM001",))
        assert isinstance(change.effect, Reissue)
        assert set(change.effect.names) == OF_EXE2
        assert change.effect.roles == ("serverAuth", "clientAuth")
        assert change.effect.issuer is not None
        assert change.effect.issuer.der == ISSUING.der
        assert "exe2.exmaple.com" in change.detail

    def test_a_slip_within_the_domain_is_not_ordered_again(self, tmp_path: Path) -> None:
        """exe4 stands where exe2 is meant; no peer of the plan has that name."""
        draft = expressway_e()
        draft.reissue(2, sans=["expe.example.com", "exe4.example.com", "edge2.example.com"])
        (change,) = proposed(draft, tmp_path).changes
        assert isinstance(change.effect, Reissue)
        assert set(change.effect.names) == OF_EXE2
        assert "Dropped as a probable typo: exe4.example.com for exe2.example.com (one digit off)." in change.detail
        assert (
            "Also included because the current certificate has it: edge2.example.com (remove if unused)."
            in change.detail
        )

    def test_a_numbered_service_beside_a_right_name_is_no_slip(self, tmp_path: Path) -> None:
        """The certificate carries exe2, and no other name is missing that exe9 could stand for."""
        draft = expressway_e()
        draft.reissue(2, sans=["expe.example.com", "exe2.example.com", "exe9.example.com"], eku=("clientAuth",))
        (change,) = proposed(draft, tmp_path).changes
        assert isinstance(change.effect, Reissue)
        assert "exe9.example.com" in change.effect.names
        assert "typo" not in change.detail

    def test_a_service_name_that_the_plan_states_is_never_a_slip(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["services"]["cms_web_proxy"] = ["exe8.example.com"]
        draft.reissue(2, sans=["expe.example.com", "example.com", "exe8.example.com"])
        (change,) = proposed(draft, tmp_path).changes
        assert isinstance(change.effect, Reissue)
        assert "exe8.example.com" in change.effect.names
        assert "typo" not in change.detail

    @pytest.mark.parametrize(
        ("draft", "roles"),
        [
            (expressway_c(release="X15.4"), ("serverAuth", "clientAuth")),
            (expressway_e(release="X15.4"), ("serverAuth",)),
            (expressway_e(release="X15.3"), ("serverAuth", "clientAuth")),
        ],
    )
    def test_a_public_ca_is_asked_for_what_the_release_takes(
        self, draft: Draft, roles: tuple[str, ...], tmp_path: Path
    ) -> None:
        """X15.4 takes serverAuth alone on an Expressway-E, and on an Expressway-C it does not."""
        draft = deepcopy_of(draft)
        draft.plan["certificate_authority"] = "public"
        draft.reissue(2, sans=["wrong.example.com"])
        (effect,) = effects(proposed(draft, tmp_path))
        assert isinstance(effect, Reissue)
        assert effect.roles == roles

    def test_a_new_certificate_needs_its_ca_on_every_peer(self, tmp_path: Path) -> None:
        draft = expressway_e()
        for number in (1, 2, 3):
            draft.reissue(number, sans=["wrong.example.com"])
        draft.trust(3, OTHER_CA)
        proposal = proposed(draft, tmp_path)
        assert proposal.after is Verdict.READY
        assert {type(effect) for effect in effects(proposal)} == {Reissue, LoadCa}
        loads = [effect for effect in effects(proposal) if isinstance(effect, LoadCa)]
        assert {load.peer for load in loads} == {3}
        assert {load.certificate.der for load in loads} == {ROOT.der, ISSUING.der}
        assert done(draft, proposal).judge(tmp_path).verdict is Verdict.READY

    def test_an_expired_ca_is_renewed_in_the_lists_and_no_certificate_is_ordered(self, tmp_path: Path) -> None:
        """Whether its owner has renewed it with the same key is not known until the file is there."""
        draft = expressway_c()
        expired = Authority.root("expired", key=ec_key("expired root"), not_after=AT - timedelta(days=1))
        for number in (1, 2):
            draft.reissue(number, issuer=expired)
            draft.trust(number, expired)
        proposal = proposed(draft, tmp_path)
        assert proposal.after is Verdict.UNDECIDED
        loads = [effect for effect in effects(proposal) if isinstance(effect, LoadNewCa)]
        assert {load.peer for load in loads} == {1, 2}
        assert not any(isinstance(effect, Reissue) for effect in effects(proposal))
        renewed = Authority.root("expired", key=ec_key("expired root"))
        assert done(draft, proposal, renewed).judge(tmp_path).verdict is Verdict.READY

    def test_a_renewed_ca_that_another_peer_has_is_loaded_rather_than_certificates_reissued(
        self, tmp_path: Path
    ) -> None:
        draft = expressway_c()
        old = Authority.root("turning", key=ec_key("turning"), not_after=AT - timedelta(days=1))
        new = Authority.root("turning", key=ec_key("turning"))
        for number in (1, 2):
            draft.reissue(number, issuer=new)
        draft.trust(1, new)
        draft.trust(2, old)
        (effect,) = effects(proposed(draft, tmp_path))
        assert isinstance(effect, LoadCa)
        assert (effect.peer, effect.certificate.der) == (2, new.der)

    def test_a_certificate_that_is_missing_is_no_change_but_in_the_way(self, tmp_path: Path) -> None:
        draft = expressway_e()
        del draft.peer(2)["server_certificate"]
        draft.reissue(3, sans=["wrong.example.com"])
        proposal = proposed(draft, tmp_path)
        assert proposal.after is Verdict.UNDECIDED
        assert [change.peer for change in proposal.changes] == ["exe3.example.com"]
        (advice,) = proposal.cluster_blockers
        assert advice.subject == "server certificate of exe2.example.com"
        assert advice.codes == ("NAM006",)


class TestNamesAndWays:
    def test_a_cluster_on_ip_addresses_gets_its_mapping_before_its_names(self, tmp_path: Path) -> None:
        draft = expressway_e()
        del draft.plan["cluster"]["address_mapping"]
        for number in (1, 2, 3):
            draft.peer(number)["address"] = f"10.20.0.1{number}"
        proposal = proposed(draft, tmp_path)
        assert proposal.after is Verdict.READY
        kinds = [type(effect) for effect in effects(proposal)]
        assert kinds == [SwitchMappingOn, SetAddress, SetAddress, SetAddress]
        assert plan_values(proposal.plan)["cluster"]["address_mapping"] == [
            {"fqdn": f"exe{n}.example.com", "ip": f"10.20.0.1{n}"} for n in (1, 2, 3)
        ]

    def test_a_slip_in_the_address_moves_to_the_intended_name_that_the_certificate_carries(
        self, tmp_path: Path
    ) -> None:
        draft = expressway_e()
        draft.peer(2)["address"] = "exe2.exmaple.com"
        (effect,) = effects(proposed(draft, tmp_path))
        assert effect == SetAddress(2, "exe2.example.com")

    def test_a_name_is_not_taken_from_the_certificate_when_another_is_intended(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.reissue(2, sans=["expe.example.com", "somebody.example.com"])
        (effect,) = effects(proposed(draft, tmp_path))
        assert isinstance(effect, Reissue)
        assert "exe2.example.com" in effect.names

    def test_an_entry_to_the_nat_address_is_corrected_to_lan_1(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["cluster"]["address_mapping"][2]["ip"] = "203.0.113.13"
        (effect,) = effects(proposed(draft, tmp_path))
        assert effect == SetEntry("exe3.example.com", ip_address("10.20.0.13"))

    def test_expressway_c_gets_an_internal_record_and_no_mapping(self, tmp_path: Path) -> None:
        draft = expressway_c()
        draft.records("internal").remove("exc2.corp.example.com. A 10.30.0.12")
        (effect,) = effects(proposed(draft, tmp_path))
        assert effect == SetAddresses("internal", "exc2.corp.example.com", (ip_address("10.30.0.12"),))

    def test_a_private_address_is_never_proposed_for_public_dns(self, tmp_path: Path) -> None:
        draft = expressway_e()
        del draft.plan["cluster"]["address_mapping"]
        for number in (1, 2, 3):
            del draft.peer(number)["lan2"]
        proposal = proposed(draft, tmp_path)
        assert proposal.after is Verdict.READY
        assert [type(effect) for effect in effects(proposal)] == [SwitchMappingOn]

    def test_one_nic_with_nat_on_an_old_release_is_upgraded_and_mapped(self, tmp_path: Path) -> None:
        draft = expressway_e(release="X14.0")
        del draft.plan["cluster"]["address_mapping"]
        for number in (1, 2, 3):
            del draft.peer(number)["lan2"]
            draft.peer(number)["lan1"]["static_nat"] = f"203.0.113.1{number}"
        proposal = proposed(draft, tmp_path)
        assert proposal.after is Verdict.READY
        assert {type(effect) for effect in effects(proposal)} == {SetRelease, SwitchMappingOn}

    def test_silence_of_dns_is_in_the_way_and_no_record_to_add(self, tmp_path: Path) -> None:
        draft = expressway_c()
        del draft.plan["dns"]
        proposal = proposed(draft, tmp_path)
        assert proposal.after is Verdict.UNDECIDED
        assert not proposal.changes
        assert {advice.codes for advice in proposal.cluster_blockers} == {("DNS005",)}

    def test_an_address_without_any_name_asks_for_one(self, tmp_path: Path) -> None:
        draft = expressway_c()
        peer = draft.peer(2)
        draft.reissue(2, sans=["excl.corp.example.com"])
        peer["address"] = "10.30.0.12"
        for field in ("fqdn", "host_name", "domain"):
            del peer[field]
        proposal = proposed(draft, tmp_path)
        assert proposal.after is Verdict.NOT_READY
        assert "fqdn" in proposal.cluster_blockers[0].fix


class TestFurther:
    def test_the_caution_is_put_right_in_public_dns(self, tmp_path: Path) -> None:
        draft = expressway_e()
        records = draft.records("public")
        records[0] = "exe1.example.com. A 10.20.0.11"
        assert not proposed(draft, tmp_path).changes
        proposal = proposed(draft, tmp_path, severity=Severity.ERROR)
        (change,) = proposal.changes
        assert change.effect == SetAddresses("public", "exe1.example.com", (ip_address("203.0.113.11"),))
        assert (change.who, change.answers) == (Who.DNS, ("DNS001",))
        assert "exe1.example.com. A 203.0.113.11" in proposal.plan.dns[0].records

    def test_what_no_change_clears_is_left_as_advice(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.peer(2)["h323"] = False
        proposal = proposed(draft, tmp_path, severity=Severity.WARNING)
        assert not proposal.changes
        assert [advice.codes for advice in proposal.advice] == [("CLU009",)]
        assert proposal.advice[0].fix

    def test_only_the_chosen_severity_is_cleared(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.reissue(2, not_after=AT + timedelta(days=5))
        assert not proposed(draft, tmp_path, severity=Severity.ERROR).changes
        (change,) = proposed(draft, tmp_path, severity=Severity.WARNING).changes
        assert isinstance(change.effect, Reissue)

    @pytest.mark.parametrize("kind", [expressway_e, expressway_c])
    def test_a_perfect_cluster_is_left_alone(self, kind: type[Draft], tmp_path: Path) -> None:
        proposal = proposed(kind(), tmp_path, severity=Severity.WARNING)  # type: ignore[call-arg]
        assert not proposal.changes
        assert proposal.after is proposal.before is Verdict.READY


def test_the_same_input_gives_the_same_words(tmp_path: Path) -> None:
    draft = expressway_e()
    draft.reissue(2, sans=["wrong.example.com"])
    draft.trust(3, OTHER_CA)
    plan, evidence = seen(draft, tmp_path)

    def words() -> list[tuple[object, ...]]:
        return [_shown(change) for change in propose(plan, evidence, AT).changes]

    assert words() == words()


def _shown(change: Change) -> tuple[object, ...]:
    return change.who, change.peer, change.action, change.detail, change.answers


def test_the_order_of_the_peers_changes_nothing_but_their_numbers(tmp_path: Path) -> None:
    draft = with_faults("expressway-e", 3, [("wrong_san", 1), ("missing_ca", 2), ("mapping_to_nat", 3)])
    first = {(c.who, c.peer, c.action, c.detail) for c in proposed(draft, tmp_path).changes}
    draft.plan["peers"].reverse()
    draft.plan["cluster"]["primary"] = 3
    assert {(c.who, c.peer, c.action, c.detail) for c in proposed(draft, tmp_path).changes} == first


class TestUnsettledMapping:
    """One private NIC without NAT: whether it needs a mapping hangs on what the peers' DNS view says."""

    @staticmethod
    def one_nic_each(*, view: bool) -> Draft:
        draft = expressway_e(2)
        del draft.plan["cluster"]["address_mapping"]
        for number in (1, 2):
            del draft.peer(number)["lan2"], draft.peer(number)["external_lan"]
        draft.plan["dns"]["public"]["records"] = ["other.example.com. A 203.0.113.99"]
        if not view:
            del draft.plan["dns"]["public"]
        return draft

    def test_a_view_that_was_not_given_is_evidence_to_give_and_no_reason_to_change(self, tmp_path: Path) -> None:
        proposal = propose(*seen(self.one_nic_each(view=False), tmp_path), AT)
        assert proposal.changes == ()
        assert any("DNS view" in advice.subject for advice in proposal.cluster_blockers)

    def test_a_view_that_does_not_have_the_names_is_one(self, tmp_path: Path) -> None:
        proposal = propose(*seen(self.one_nic_each(view=True), tmp_path), AT)
        assert [type(change.effect) for change in proposal.changes] == [SwitchMappingOn]


def test_names_looked_up_in_the_version_that_no_peer_has(tmp_path: Path) -> None:
    proposal = propose(*seen(with_faults("expressway-c", 2, [("ip_version_6", 1)]), tmp_path), AT)
    (change,) = proposal.changes
    assert change.effect == SetIpVersion(IpVersion.IPV4)
    assert proposal.after is Verdict.READY
