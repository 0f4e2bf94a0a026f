"""The mapping advice: whether it is needed, under which names, and which entries."""

from typing import Any

import pytest

from certplan.intent.mapping import MappingSuggestion, suggest_mapping
from certplan.plan.model import MappingEntry
from certplan.proposal.mapping_advice import RowAction, advise_mapping
from certplan.value import replace
from tests.proposal.layouts import CLUSTER, certificate, cluster, evidence_of, peer, plan_of, public
from tests.proposal.mapping_clusters import OWN, suggested, two


def rows(suggestion: MappingSuggestion) -> list[tuple[str | None, str]]:
    return [(entry.fqdn, str(entry.ip)) for entry in suggestion.entries]


class TestNeed:
    def test_two_nics_and_static_nat_need_it_from_public_name_to_lan_1(self) -> None:
        found = suggested(cluster(two()))
        assert found.needed is True
        assert rows(found) == [("exe1.example.com", "10.20.0.11"), ("exe2.example.com", "10.20.0.12")]
        assert [entry.note for entry in found.entries] == ["", ""]

    def test_two_nics_without_static_nat_need_it(self) -> None:
        found = suggested(cluster([peer(n, lan2={"ip": f"203.0.113.1{n}/24"}) for n in (1, 2)]))
        assert found.needed is True
        assert "static NAT" not in found.reason

    def test_an_expressway_c_does_not(self) -> None:
        records = [f"exe{n}.example.com. A 10.20.0.1{n}" for n in (1, 2)]
        found = suggested(cluster(two(lan2=None), type="expressway-c", dns={"internal": {"records": records}}))
        assert (found.needed, found.entries) == (False, ())
        assert "mend" not in found.reason

    def test_where_dns_does_not_lead_there_an_expressway_c_is_told_so(self) -> None:
        found = suggested(
            cluster(
                two(lan2=None), type="expressway-c", dns={"internal": {"records": ["exe1.example.com. A 10.20.0.11"]}}
            )
        )
        assert found.needed is False
        assert "lead exe2.example.com to LAN 1" in found.reason

    def test_one_routable_nic_does_not_and_both_texts_are_reported(self) -> None:
        peers = [peer(n, lan1={"ip": f"203.0.113.1{n}/24"}, lan2=None) for n in (1, 2)]
        found = suggested(cluster(peers, dns=public(*(f"exe{n}.example.com. A 203.0.113.1{n}" for n in (1, 2)))))
        assert found.needed is False
        assert "acceptable" in found.reason
        assert "would rather have a mapping" in found.reason

    @pytest.mark.parametrize(
        ("release", "needed", "word"),
        [
            ("X12.6", None, "may not cluster"),
            ("X14.0", None, "may not cluster"),
            ("X14.0.1", None, "is in no text"),
            ("X14.0.2", True, "NAT address"),
            ("X15.5", True, "NAT address"),
        ],
    )
    def test_one_nic_with_static_nat_goes_by_release(self, release: str, needed: bool | None, word: str) -> None:
        peers = [peer(n, lan1={"ip": f"10.20.0.1{n}/24", "static_nat": f"203.0.113.1{n}"}, lan2=None) for n in (1, 2)]
        found = suggested(cluster(peers, release=release))
        assert found.needed is needed
        assert word in found.reason
        assert rows(found) == [("exe1.example.com", "10.20.0.11"), ("exe2.example.com", "10.20.0.12")]
        assert all(("Upgrade" in entry.note) is (needed is None) for entry in found.entries)

    def test_static_nat_on_the_wrong_lan_is_to_be_moved_first(self) -> None:
        wrong = peer(1, lan1={"ip": "10.20.0.11/24", "static_nat": "203.0.113.11"}, lan2={"ip": "192.168.50.11/24"})
        found = suggested(cluster([wrong, peer(2)]))
        assert found.needed is True
        assert [entry.note for entry in found.entries] == ["Move static NAT (203.0.113.11) from LAN 1 to LAN 2.", ""]

    def test_a_release_without_mapping_has_to_be_left_first(self) -> None:
        found = suggested(cluster(two(), release="X8.9.1"))
        assert found.needed is None
        assert "X8.9.2" in found.reason

    def test_one_private_nic_without_nat_is_in_no_text(self) -> None:
        found = suggested(cluster(two(lan2=None), dns=public("exe1.example.com. A 10.20.0.11")))
        assert found.needed is None
        assert len(found.entries) == 2

    def test_one_private_nic_is_served_by_a_view_that_leads_to_lan_1(self) -> None:
        records = [f"exe{n}.example.com. A 10.20.0.1{n}" for n in (1, 2)]
        found = suggested(cluster(two(lan2=None, dns="inside"), dns={"inside": {"records": records}}))
        assert found.needed is False

    def test_ipv6_is_said_to_be_undocumented(self) -> None:
        peers = [peer(n, lan1={"ip": f"fd00::1{n}/64"}, lan2={"ip": f"2001:db8::1{n}/64"}) for n in (1, 2)]
        found = suggested(cluster(peers, ip_version="ipv6"))
        assert rows(found)[0] == ("exe1.example.com", "fd00::11")
        assert found.reason.endswith(
            "No document of the vendor covers IPv6 in the mapping: try it in Permissive first."
        )
        assert not any(entry.note for entry in found.entries)

    def test_rows_to_ipv6_that_the_cluster_enforces_with_are_not_to_be_tried_first(self) -> None:
        peers = [peer(n, lan1={"ip": f"fd00::1{n}/64"}, lan2={"ip": f"2001:db8::1{n}/64"}) for n in (1, 2)]
        table = [{"fqdn": f"EXE{n}.example.com", "ip": f"fd00::1{n}"} for n in (1, 2)]
        for rows_today, mode, said in ((table, "enforce", False), (table[:1], "enforce", True), (table, None, True)):
            plan = cluster(peers, ip_version="ipv6", address_mapping=rows_today, tls_verification=mode or "permissive")
            assert ("IPv6" in suggested(plan).reason) is said

    def test_a_public_lan_1_is_asked_about(self) -> None:
        found = suggested(cluster([peer(1, lan1={"ip": "198.51.100.11/24"}), peer(2)]))
        assert "internal_networks" in found.entries[0].note
        assert found.entries[1].note == ""
        inside = [peer(1, lan1={"ip": "198.51.100.11/24"}), peer(2)]
        assert suggested(cluster(inside, internal_networks=["198.51.100.0/24"])).entries[0].note == ""


class TestNames:
    def test_a_peer_on_its_ip_address_is_to_change_it_once_the_row_is_there(self) -> None:
        found = suggested(cluster([peer(1, address="10.20.0.11"), peer(2)]))
        assert rows(found)[0] == ("exe1.example.com", "10.20.0.11")
        assert found.entries[0].note == "Then change Peer 1 address from 10.20.0.11 to exe1.example.com."

    def test_a_slip_in_the_certificate_is_reissued_and_not_followed(self) -> None:
        found = suggested(cluster(two()), [[CLUSTER, "exe1.example.com"], [CLUSTER, "exe2.exmaple.com"]])
        assert rows(found)[1] == ("exe2.example.com", "10.20.0.12")
        assert "Reissue the server certificate" in found.entries[1].note

    def test_a_name_in_the_cn_alone_is_not_enough(self) -> None:
        found = suggested(cluster(two()), [OWN[0], [CLUSTER]])
        assert "Reissue" in found.entries[1].note

    def test_without_a_certificate_the_name_is_marked_as_the_plans(self) -> None:
        found = suggested(cluster(two()), [OWN[0], None])
        assert rows(found)[1] == ("exe2.example.com", "10.20.0.12")
        assert found.entries[1].note == "The name is the plan's: no certificate was read."

    def test_the_name_the_certificate_carries_goes_before_the_one_intended(self) -> None:
        peers = [peer(1, fqdn="edge1.example.com"), peer(2)]
        found = suggested(cluster(peers))
        assert rows(found)[0] == ("exe1.example.com", "10.20.0.11")

    def test_the_intended_name_is_taken_when_the_certificate_has_it_and_not_todays(self) -> None:
        found = suggested(cluster([peer(1, address="old.example.com", fqdn="exe1.example.com"), peer(2)]))
        assert rows(found)[0] == ("exe1.example.com", "10.20.0.11")
        assert "Then change Peer 1 address" in found.entries[0].note

    def test_the_client_certificate_has_to_carry_it_too_from_x15_5(self) -> None:
        for release, expected in (("X15.4", ""), ("X15.5", "Reissue the client certificate")):
            plan = plan_of(cluster(two(), release=release))
            seen = evidence_of(plan, OWN)
            first = replace(seen.peers[0], client=certificate([CLUSTER]))
            note = suggest_mapping(plan, replace(seen, peers=(first, *seen.peers[1:]))).entries[0].note
            assert note.startswith(expected)
            assert bool(note) is bool(expected)

    def test_unreadable_names_are_said(self) -> None:
        plan = plan_of(cluster(two()))
        seen = evidence_of(plan, OWN)
        broken = certificate([])
        broken = replace(broken, leaf=replace(broken.leaf, sans=None))
        first = replace(seen.peers[0], server=broken)
        entry = suggest_mapping(plan, replace(seen, peers=(first, *seen.peers[1:]))).entries[0]
        assert "cannot be read" in entry.note
        assert "Reissue" in entry.note

    def test_two_peers_that_claim_one_name_get_none(self) -> None:
        found = suggested(cluster([peer(1, address="10.20.0.11", fqdn="edge.example.com"), peer(2)]), [None, None])
        assert found.entries[0].fqdn == "edge.example.com"
        both = [peer(n, address=f"10.20.0.1{n}", host_name="edge", domain="example.com") for n in (1, 2)]
        clash = suggested(cluster(both), [None, None])
        assert [entry.fqdn for entry in clash.entries] == [None, None]
        assert all("fqdn" in entry.note for entry in clash.entries)


class TestSeveralCandidates:
    """Formed on IP addresses, and the plan states no name: what does the certificate tell?"""

    def found(self, names: list[str], **changes: Any) -> tuple[str | None, str]:
        cluster_changes = {key: changes.pop(key) for key in ("services", "dns", "address_mapping") if key in changes}
        first = peer(1, address="10.20.0.11", **changes)
        entry = suggested(cluster([first, peer(2)], **cluster_changes), [names, OWN[1]]).entries[0]
        return entry.fqdn, entry.note

    def test_the_only_name_that_can_be_its_own(self) -> None:
        services = {"mra": {"domains": ["example.com"]}, "xmpp_federation": {"chat_node_aliases": ["chat.example.com"]}}
        names = [CLUSTER, "exe1.example.com", "example.com", "chat.example.com", "exe2.example.com", "*.example.com"]
        assert self.found(names, services=services)[0] == "exe1.example.com"

    def test_a_domain_is_nobodys_name_even_when_no_service_is_stated(self) -> None:
        assert self.found(["exe1.example.com", "example.com", "collab-edge.example.com"])[0] == "exe1.example.com"

    def test_the_host_name_tells_them_apart(self) -> None:
        assert self.found(["a.example.com", "b.example.com"], host_name="b")[0] == "b.example.com"

    def test_public_dns_tells_them_apart(self) -> None:
        records = public("a.example.com. A 203.0.113.11", "b.example.com. A 203.0.113.99")
        assert self.found(["a.example.com", "b.example.com"], dns=records)[0] == "a.example.com"

    def test_todays_table_tells_them_apart(self) -> None:
        table = [{"fqdn": "B.example.com", "ip": "10.20.0.11"}]
        assert self.found(["a.example.com", "b.example.com"], address_mapping=table)[0] == "b.example.com"

    def test_nothing_tells_them_apart_and_they_are_listed(self) -> None:
        name, note = self.found(["a.example.com", "b.example.com"])
        assert name is None
        assert "a.example.com, b.example.com" in note
        assert "fqdn" in note

    def test_without_a_certificate_todays_table_is_all_there_is(self) -> None:
        first = peer(1, address="10.20.0.11")
        table = [{"fqdn": "edge.example.com", "ip": "10.20.0.11"}]
        found = suggested(cluster([first, peer(2)], address_mapping=table), [None, OWN[1]])
        assert found.entries[0].fqdn == "edge.example.com"
        assert "Only today's table" in found.entries[0].note

    def test_nothing_at_all(self) -> None:
        found = suggested(cluster([peer(1, address="10.20.0.11"), peer(2)]), [None, OWN[1]])
        assert found.entries[0].fqdn is None
        assert "state its fqdn" in found.entries[0].note


class TestTable:
    def actions(self, table: list[tuple[str, str]]) -> list[tuple[str, str]]:
        plan = plan_of(cluster(two(), address_mapping=[{"fqdn": fqdn, "ip": ip} for fqdn, ip in table]))
        return [
            (row.action.value, (row.today or row.suggested or MappingEntry("", plan.peers[0].lan1.ip)).fqdn)
            for row in advise_mapping(plan, evidence_of(plan, OWN)).rows
        ]

    def test_a_whole_table_stays_whatever_its_order_and_spelling(self) -> None:
        assert self.actions([("EXE2.example.com", "10.20.0.12"), ("exe1.example.com.", "10.20.0.11")]) == [
            ("keep", "EXE2.example.com"),
            ("keep", "exe1.example.com."),
        ]

    def test_a_wrong_address_and_a_wrong_name_change_and_a_strange_row_goes(self) -> None:
        rows = [
            ("exe1.example.com", "203.0.113.11"),
            ("exe2.corp.example.com", "10.20.0.12"),
            ("exe9.example.com", "10.9.9.9"),
        ]
        assert self.actions(rows) == [
            ("change", "exe1.example.com"),
            ("change", "exe2.corp.example.com"),
            ("delete", "exe9.example.com"),
        ]

    def test_of_two_rows_with_one_name_the_right_one_stays(self) -> None:
        rows = [("exe1.example.com", "10.9.9.9"), ("exe1.example.com", "10.20.0.11")]
        assert self.actions(rows) == [
            ("delete", "exe1.example.com"),
            ("keep", "exe1.example.com"),
            ("add", "exe2.example.com"),
        ]

    def test_an_empty_table_is_filled(self) -> None:
        assert self.actions([]) == [("add", "exe1.example.com"), ("add", "exe2.example.com")]

    def test_the_row_of_a_peer_without_a_name_is_left_alone(self) -> None:
        table = [{"fqdn": "exe_1.example.com", "ip": "10.20.0.11"}]
        plan = plan_of(cluster([peer(1, address="10.20.0.11"), peer(2)], address_mapping=table))
        advice = advise_mapping(plan, evidence_of(plan, [None, OWN[1]]))
        assert [row.action for row in advice.rows] == [RowAction.KEEP, RowAction.ADD]
