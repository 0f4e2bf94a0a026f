"""Which names a request bears: by type of cluster, service and choice; and everything wrong with them at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan.csr.model import Choices, Order
from certplan.csr.names import order_requests
from certplan.csr.words import CnStyle, KeyAlgorithm, NameStyle, Role, StoreChoice
from certplan.handshake.model import Store
from certplan.intent.cluster import Intent
from certplan.intent.names import NameFor
from certplan.plan.model import CertificateSubject as Subject
from certplan.plan.model import Plan
from certplan.plan.reading import read_plan
from certplan.rules.names.services import required_sans
from certplan.text.names import is_fqdn, key
from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import AT

LONG = "collaboration-edge-cluster-for-the-european-region.uc.corporate.example.com"


def plan_of(draft: Draft) -> Plan:
    import json

    return read_plan(json.dumps(draft.plan, indent=1, ensure_ascii=False), "plan.yaml", Path())


def ordered(draft: Draft, **choices: Any) -> Order:
    plan = plan_of(draft)
    return order_requests(Intent.unseen(plan, AT), plan.peers, Choices(**choices))


def sans(draft: Draft, **choices: Any) -> tuple[str, ...]:
    """The SANs of the first request, in order."""
    order = ordered(draft, **choices)
    assert order.problems == ()
    return order.requests[0].sans


def problems(draft: Draft, **choices: Any) -> list[str]:
    order = ordered(draft, **choices)
    assert order.problems
    assert order.requests == ()
    return [str(problem) for problem in order.problems]


def e_with(**services: Any) -> Draft:
    draft = expressway_e()
    draft.plan["services"] = services
    return draft


def c_with(**services: Any) -> Draft:
    draft = expressway_c()
    draft.plan["services"] = services
    return draft


def public(draft: Draft) -> Draft:
    draft.plan["certificate_authority"] = "public"
    return draft


class TestWhichNames:
    def test_cn_is_the_cluster_and_comes_first_then_the_peer_and_the_domain(self) -> None:
        order = ordered(expressway_e())
        assert [request.cn for request in order.requests] == ["expe.example.com"] * 3
        assert order.requests[1].sans == ("expe.example.com", "exe2.example.com", "example.com")
        assert [each.why for each in order.requests[1].names] == [NameFor.CLUSTER, NameFor.PEER, NameFor.MRA]

    def test_cn_peer_puts_the_peer_first_and_keeps_the_cluster_name(self) -> None:
        assert sans(expressway_e(), cn=CnStyle.PEER) == ("exe1.example.com", "expe.example.com", "example.com")

    def test_a_system_on_its_own_has_its_own_name_alone(self) -> None:
        assert sans(expressway_e(1)) == ("exe1.example.com", "example.com")

    def test_collab_edge_format(self) -> None:
        draft = e_with(mra={"domains": ["example.com"], "san_format": "collab-edge"})
        assert sans(draft)[-1] == "collab-edge.example.com"

    def test_an_unknown_format_is_dns_with_a_note(self) -> None:
        order = ordered(e_with(mra={"domains": ["example.com"]}))
        assert order.requests[0].sans[-1] == "example.com"
        assert any("san_format" in note for note in order.notes)

    def test_an_internal_mra_domain_beside_a_public_one_is_left_out_with_a_note(self) -> None:
        order = ordered(e_with(mra={"domains": ["corp.local", "example.com"], "san_format": "dns"}))
        assert "corp.local" not in order.requests[0].sans
        assert any("corp.local" in note for note in order.notes)

    def test_expressway_e_has_xmpp_domains_aliases_and_join_hosts_but_no_phone_profiles(self) -> None:
        draft = e_with(
            xmpp_federation={"domains": ["im.example.com"], "chat_node_aliases": ["chat1.example.com"]},
            cms_web_proxy=["join.example.com"],
            phone_security_profiles=["secure.example.com"],
        )
        assert sans(draft)[2:] == ("im.example.com", "chat1.example.com", "join.example.com")

    def test_expressway_c_has_aliases_and_phone_profiles_but_no_domains_or_join_hosts(self) -> None:
        draft = c_with(
            mra={"domains": ["example.com"], "san_format": "dns"},
            xmpp_federation={"domains": ["im.example.com"], "chat_node_aliases": ["chat1.example.com"]},
            cms_web_proxy=["join.example.com"],
            phone_security_profiles=["secure.example.com"],
        )
        assert sans(draft)[2:] == ("chat1.example.com", "secure.example.com")

    def test_all_names_every_peer_and_warns_of_the_shared_identity(self) -> None:
        order = ordered(expressway_e(), names=NameStyle.ALL)
        assert set(order.requests[0].sans) >= {f"exe{n}.example.com" for n in (1, 2, 3)}
        assert any("Shared identity" in warning for warning in order.warnings)
        assert ordered(expressway_e()).warnings == ()

    def test_further_names_come_last_and_doubles_go_whatever_their_case(self) -> None:
        found = sans(expressway_e(), sans=("EXE1.example.com", "extra.example.com", "Extra.Example.COM."))
        assert found == ("expe.example.com", "exe1.example.com", "example.com", "extra.example.com")

    def test_u_labels_become_a_labels(self) -> None:
        assert sans(e_with(mra={"domains": ["bücher.example"], "san_format": "dns"}))[-1] == "xn--bcher-kva.example"

    def test_a_peer_address_that_is_another_name_is_kept_until_it_is_changed(self) -> None:
        draft = expressway_e()
        draft.peer(1)["fqdn"] = "new1.example.com"
        assert sans(draft)[:3] == ("expe.example.com", "new1.example.com", "exe1.example.com")

    def test_an_address_that_no_certificate_can_bear_is_left_out_with_a_note(self) -> None:
        draft = public(expressway_e())
        draft.peer(1)["address"] = "exe1.corp.local"
        order = ordered(draft)
        assert "exe1.corp.local" not in order.requests[0].sans
        assert any("exe1.corp.local" in note for note in order.notes)

    @pytest.mark.parametrize("make", [expressway_e, expressway_c])
    def test_every_name_the_rules_look_for_is_requested(self, make: Callable[[], Draft], tmp_path: Path) -> None:
        draft = make()
        draft.plan["services"] = {
            "mra": {"domains": ["example.com", "a.example.net"], "san_format": "collab-edge"},
            "xmpp_federation": {"domains": ["im.example.com"], "chat_node_aliases": ["c1.example.com"]},
            "phone_security_profiles": ["p.example.com"],
            "cms_web_proxy": ["join.example.com"],
        }
        plan = plan_of(draft)
        order = order_requests(Intent.unseen(plan, AT), plan.peers, Choices())
        case = draft.judge(tmp_path).case
        for request in order.requests:
            assert {key(name) for name in required_sans(case, request.peer)} == set(request.sans)


class TestFiles:
    def test_files_are_named_for_the_host(self) -> None:
        assert [request.stem for request in ordered(expressway_e()).requests] == ["exe1", "exe2", "exe3"]

    def test_a_host_name_is_no_way_out_of_the_folder(self) -> None:
        draft = expressway_e()
        draft.peer(1)["host_name"] = "../../etc/exe1"
        assert ordered(draft).requests[0].stem == "exe1"

    def test_two_peers_of_one_host_name_get_files_of_their_own(self) -> None:
        draft = expressway_e()
        draft.peer(2)["host_name"] = "EXE1"
        stems = [request.stem for request in ordered(draft).requests]
        assert stems == ["exe1.example.com", "exe2.example.com", "exe3"]


class TestStores:
    def test_both_stores_on_x15_5(self) -> None:
        order = ordered(expressway_e(1, release="X15.5"), store=StoreChoice.BOTH)
        assert [(each.store, each.stem) for each in order.requests] == [
            (Store.SERVER, "exe1"),
            (Store.CLIENT, "exe1-client"),
        ]

    def test_role_client_is_for_the_client_store(self) -> None:
        (request,) = ordered(expressway_e(1, release="X15.5"), role=Role.CLIENT).requests
        assert (request.store, request.usages) == (Store.CLIENT, ("clientAuth",))

    def test_there_is_no_client_store_before_x15_5(self) -> None:
        (problem,) = problems(expressway_e(1, release="X15.4"), store=StoreChoice.BOTH)
        assert problem.startswith("plan.yaml:6:")
        assert "X15.5" in problem

    @pytest.mark.parametrize(("role", "store"), [(Role.SERVER, StoreChoice.BOTH), (Role.CLIENT, StoreChoice.BOTH)])
    def test_one_role_does_not_suit_both_stores(self, role: Role, store: StoreChoice) -> None:
        assert "--role" in problems(expressway_e(1, release="X15.5"), role=role, store=store)[0]

    @pytest.mark.parametrize(
        ("draft", "said"),
        [
            (expressway_e(1), "refused at upload"),
            (expressway_e(1, release="X15.4"), "EnableServerEkuUpload"),
            (expressway_c(1, release="X15.4"), "still requires"),
            (expressway_e(1, release="X15.5"), ""),
        ],
    )
    def test_serverauth_alone_is_warned_of_by_release(self, draft: Draft, said: str) -> None:
        warnings = ordered(draft, role=Role.SERVER).warnings
        assert (said in warnings[0]) if said else warnings == ()


class TestProblems:
    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("10.0.0.1", "IP address"),
            ("2001:db8::1", "IP address"),
            ("host", "bare host name"),
            ("*.example.com", "wildcard"),
            ("a_b.example.com", "underscore"),
            ("a..example.com", "empty level"),
            ("-a.example.com", "hyphen"),
            ("a" * 64 + ".example.com", "63 characters"),
            (".".join(["a" * 60] * 5) + ".com", "253"),
            ("a.example.1com", "last level"),
            ("a b.example.com", "no host name may have"),
            ("", "empty"),
        ],
    )
    def test_bad_names_are_refused(self, name: str, said: str) -> None:
        found = problems(expressway_e(1), sans=(name,))
        assert any(said in problem and problem.startswith("--san") for problem in found), found

    def test_all_are_told_at_once_with_their_places(self) -> None:
        draft = e_with(
            mra={"domains": ["*.example.com"], "san_format": "dns"},
            xmpp_federation={"domains": ["im_1.example.com"], "chat_node_aliases": ["chat"]},
        )
        draft.plan["cluster"]["name"] = "expe"
        found = problems(draft, sans=("10.0.0.1",))
        assert len(found) == 5
        lines = [problem.split(":")[1] for problem in found if problem.startswith("plan.yaml:")]
        assert len(set(lines)) == 4

    def test_a_peer_known_by_address_only_needs_a_name(self) -> None:
        draft = expressway_e(1)
        draft.peer(1)["address"] = "10.20.0.11"
        for field in ("fqdn", "host_name", "domain"):
            del draft.peer(1)[field]
        del draft.plan["cluster"]["address_mapping"]
        (problem,) = problems(draft)
        assert "add fqdn" in problem

    def test_a_cluster_name_too_long_for_a_cn_is_told_with_the_way_out(self) -> None:
        draft = expressway_e()
        draft.plan["cluster"]["name"] = LONG
        (problem,) = problems(draft)
        assert "--cn peer" in problem
        assert f"{len(LONG)} characters" in problem
        assert sans(draft, cn=CnStyle.PEER)[1] == LONG

    def test_a_peer_name_too_long_for_a_cn(self) -> None:
        draft = expressway_e(1)
        draft.peer(1)["fqdn"] = LONG
        assert "64 at most" in problems(draft)[0]

    @pytest.mark.parametrize("name", ["exe.local", "exe.corp", "exe.internal"])
    def test_internal_names_are_refused_with_a_public_ca_only(self, name: str) -> None:
        assert name in sans(expressway_e(1), sans=(name,))
        (problem,) = problems(public(expressway_e(1)), sans=(name,))
        assert "internal name" in problem

    def test_no_ou_with_a_public_ca(self) -> None:
        subject = Subject(organizational_unit="Voice")
        assert ordered(expressway_e(1), subject=subject).requests
        (problem,) = problems(public(expressway_e(1)), subject=subject)
        assert problem.startswith("--organizational-unit: ")

    @pytest.mark.parametrize("country", ["U", "USA", "U1", "ÜS", ""])
    def test_a_country_is_two_letters(self, country: str) -> None:
        assert problems(expressway_e(1), subject=Subject(country=country))[0].startswith("--country: ")

    @pytest.mark.parametrize(
        "subject",
        [
            Subject(organization="x" * 65),
            Subject(state="x" * 129),
            Subject(locality="a\x1b[31m"),
            Subject(organization=" "),
            Subject(email="nobody"),
            Subject(email="bücher@example.com"),
        ],
    )
    def test_subject_fields_are_checked(self, subject: Subject) -> None:
        assert len(problems(expressway_e(1), subject=subject)) == 1

    def test_the_subject_is_the_plans_where_no_option_says_otherwise(self) -> None:
        draft = expressway_e(1)
        draft.plan["certificate_subject"] = {"country": "NO", "organization": "Example"}
        (request,) = ordered(draft, subject=Subject(organization="Other")).requests
        assert request.choices.subject == Subject(country="NO", organization="Other")

    def test_a_fault_of_the_plans_subject_has_its_place_in_the_plan(self) -> None:
        draft = public(expressway_e(1))
        draft.plan["certificate_subject"] = {"country": "NOR", "organizational_unit": "Voice"}
        found = problems(draft)
        assert len(found) == 2
        assert all(problem.startswith("plan.yaml:") for problem in found)

    @pytest.mark.parametrize("algorithm", [each for each in KeyAlgorithm if not each.is_rsa])
    def test_ecdsa_is_refused_before_x14_3(self, algorithm: KeyAlgorithm) -> None:
        assert "X14.3" in problems(expressway_e(1, release="X14.2"), algorithm=algorithm)[0]
        assert ordered(expressway_e(1, release="X14.3"), algorithm=algorithm).requests

    def test_the_release_of_the_peer_counts(self) -> None:
        draft = expressway_e()
        draft.peer(2)["release"] = "X14.2"
        (problem,) = problems(draft, algorithm=KeyAlgorithm.ECDSA_256)
        assert "exe2.example.com" in problem


@given(st.lists(st.text(max_size=30) | st.from_regex(r"[a-zA-Z]{1,8}\.[a-z]{2,8}\.com", fullmatch=True), max_size=6))
def test_every_request_has_only_sound_names_each_once_with_the_cn_first(names: list[str]) -> None:
    order = ordered(expressway_e(2), sans=tuple(names))
    assert bool(order.problems) == (not order.requests)
    for request in order.requests:
        assert request.sans[0] == request.cn
        assert len({key(name) for name in request.sans}) == len(request.sans)
        assert all(is_fqdn(name) and name.isascii() and key(name) == name for name in request.sans)
        assert {key(name) for name in names} <= set(request.sans)
