"""Ports: the tables of the guides by release, address by address, and the order of the built-in rules."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given

from certplan.ports import PortPlan, RowGroup, plan_ports
from certplan.vendor import FlowGroup
from tests.proposal.layouts import cluster, clusters, peer, plan_of

MRA = {"mra": {"domains": ["example.com"]}}


def ports_of(count: int = 2, *, release: str = "X14.3.4", services: Any = None, **changes: Any) -> PortPlan:
    peers = [peer(n, **changes) for n in range(1, count + 1)]
    more = {} if services is None else {"services": services}
    return plan_ports(plan_of(cluster(peers, release=release, **more)))


def clustering(found: PortPlan) -> set[tuple[str, str, str]]:
    flows = [flow for flow in found.flows if flow.group is FlowGroup.CLUSTERING]
    return {(flow.protocol, flow.source_ports, flow.destination_ports) for flow in flows}


class TestFlows:
    def test_before_x8_8(self) -> None:
        assert clustering(ports_of(release="X8.7.3")) == {
            ("IPsec AH", "none", "none"),
            ("UDP", "500", "500"),
            ("UDP", "30000-35999", "4371"),
            ("TCP", "30000-35999", "4369-4380"),
        }

    def test_bandwidth_management_was_for_expressway_c_only(self) -> None:
        found = plan_ports(plan_of(cluster([peer(1)], type="expressway-c", release="X8.7")))
        assert ("UDP", "1719", "1719") in clustering(found)

    @pytest.mark.parametrize("release", ["X8.8", "X12.6", "X14.0", "X15.0", "X15.5"])
    def test_from_x8_8(self, release: str) -> None:
        assert clustering(ports_of(release=release)) == {
            ("TCP", "30000-35999", "4371"),
            ("TLS", "30000-35999", "4372"),
            ("UDP", "1719", "1719"),
        }

    @pytest.mark.parametrize(("release", "said"), [("X15.0.2", False), ("X15.2", True), ("X14.3.4", False)])
    def test_a_release_without_a_port_guide_is_said(self, release: str, said: bool) -> None:
        assert any("No port guide" in remark for remark in ports_of(release=release).remarks) is said

    def test_the_oddity_of_5061_over_tcp_is_said(self) -> None:
        (odd,) = [flow for flow in ports_of().flows if flow.doubt]
        assert (odd.protocol, odd.destination_ports) == ("TCP", "5061")
        assert "misprint" in odd.doubt

    def test_every_pair_both_ways_at_lan_1(self) -> None:
        found = ports_of(3)
        pairs = {(str(row.source), str(row.destination)) for row in found.rows if row.group is RowGroup.PEERS}
        assert pairs == set(permutations([f"10.20.0.1{n}" for n in (1, 2, 3)], 2))
        assert len([row for row in found.rows if row.group is RowGroup.PEERS]) == 6 * len(found.flows)


class TestOutside:
    def rows(self, found: PortPlan, group: RowGroup) -> set[tuple[str, str, str]]:
        return {(str(r.destination), r.transport, r.destination_ports) for r in found.rows if r.group is group}

    def test_mra_is_open_at_each_peers_public_address(self) -> None:
        assert self.rows(ports_of(services=MRA), RowGroup.MRA_OUTSIDE) == {
            (f"203.0.113.1{n}", *port)
            for n in (1, 2)
            for port in (("TCP", "8443"), ("TCP", "5061"), ("TCP", "5222"), ("UDP", "36002-59999"))
        }

    def test_expressway_c_comes_to_lan_1_or_with_one_nic_to_the_public_address(self) -> None:
        ports = {("TCP", "7001"), ("TCP", "7400"), ("TCP", "2222"), ("UDP", "2776-2777"), ("UDP", "36000-36011")}
        inside = self.rows(ports_of(1, services=MRA), RowGroup.MRA_INSIDE)
        assert inside == {("10.20.0.11", *port) for port in ports}
        natted = ports_of(1, services=MRA, lan1={"ip": "10.20.0.11/24", "static_nat": "203.0.113.11"}, lan2=None)
        assert self.rows(natted, RowGroup.MRA_INSIDE) == {("203.0.113.11", *port) for port in ports}
        assert any("reflect" in remark for remark in natted.remarks)

    @pytest.mark.parametrize(
        ("platform", "ports"),
        [
            ("small-vm", {"2776-2777"}),
            ("medium-vm", {"2776-2777"}),
            ("large-vm", {"36000-36011"}),
            ("ce1200", {"2776-2777", "36000-36011"}),
        ],
    )
    def test_media_from_expressway_c_goes_by_the_size_of_the_system(self, platform: str, ports: set[str]) -> None:
        found = ports_of(1, services=MRA, platform=platform)
        media = [r for r in found.rows if r.group is RowGroup.MRA_INSIDE and r.transport == "UDP"]
        assert {row.destination_ports for row in media} == ports
        assert all("begin the source range at 36002" in row.doubt for row in media)
        assert {row.source_ports for row in media} == {"36000-59999"}

    @pytest.mark.parametrize(
        ("port", "source"), [("2222", "30000-35999"), ("7400", "30000-35999"), ("7001", "25000-29999")]
    )
    def test_expressway_c_connects_from_the_source_ports_of_the_guide(self, port: str, source: str) -> None:
        rows = [row for row in ports_of(services=MRA).rows if row.group is RowGroup.MRA_INSIDE]
        assert {row.source_ports for row in rows if row.destination_ports == port} == {source}

    def test_the_ports_of_other_systems_are_told_by_type(self) -> None:
        edge = " ".join(ports_of(services=MRA).remarks)
        assert "3478" in edge
        assert "24000-29999" in edge
        assert "TCP 80" in edge
        core = " ".join(plan_ports(plan_of(cluster([peer(1)], type="expressway-c", release="X14.3"))).remarks)
        for port in ("6970-6972", "5060, 5061, 5091", "7336, 7400, 8443", "443, 7080, 7443, 8443"):
            assert port in core

    @pytest.mark.parametrize("named", ["domains", "chat_node_aliases"])
    def test_federated_servers_come_to_5269_at_each_public_address(self, named: str) -> None:
        found = ports_of(services={"xmpp_federation": {named: ["example.com"]}})
        assert self.rows(found, RowGroup.XMPP_FEDERATION) == {(f"203.0.113.1{n}", "TCP", "5269") for n in (1, 2)}
        assert "XMPP-14.0.2-federation" in found.sources

    def test_without_federation_5269_stays_closed(self) -> None:
        for found, asked in ((ports_of(), True), (ports_of(services={"xmpp_federation": {"domains": []}}), False)):
            assert not self.rows(found, RowGroup.XMPP_FEDERATION)
            assert any("services.xmpp_federation" in remark for remark in found.remarks) is asked
        federated = {"xmpp_federation": {"domains": ["example.com"]}}
        inside = plan_ports(plan_of(cluster([peer(1), peer(2)], type="expressway-c", services=federated)))
        assert not self.rows(inside, RowGroup.XMPP_FEDERATION)

    def test_without_a_word_on_mra_it_is_asked_for_and_off_is_off(self) -> None:
        for found, asked in ((ports_of(), True), (ports_of(services={"mra": {"domains": []}}), False)):
            assert not self.rows(found, RowGroup.MRA_OUTSIDE)
            assert any("services.mra" in remark for remark in found.remarks) is asked

    def test_an_expressway_c_has_none_of_it(self) -> None:
        found = plan_ports(plan_of(cluster([peer(1), peer(2)], type="expressway-c", services=MRA)))
        assert not self.rows(found, RowGroup.MRA_OUTSIDE)
        assert not found.built_in
        assert not any("services.mra" in remark for remark in found.remarks)

    def test_4371_and_4372_are_blocked_at_every_address(self) -> None:
        found = ports_of()
        blocked = [row for row in found.rows if not row.allow]
        assert {(str(row.destination), row.destination_ports) for row in blocked} == {
            (address, port)
            for n in (1, 2)
            for address in (f"203.0.113.1{n}", f"10.20.0.1{n}")
            for port in ("4371", "4372")
        }
        assert {row.group for row in blocked} == {RowGroup.BLOCK}
        assert any("4370" in remark for remark in found.remarks)


class TestBuiltIn:
    def test_the_others_are_let_in_on_lan_1_before_everybody_is_dropped_on_both(self) -> None:
        rules = [rule for rule in ports_of(3).built_in if rule.peer == "exe2.example.com"]
        assert [
            (r.priority, r.interface, r.ip, r.prefix_length, r.start_port, r.end_port, r.action) for r in rules
        ] == [
            (1, "LAN1", "10.20.0.11", 32, 4371, 4372, "Allow"),
            (2, "LAN1", "10.20.0.13", 32, 4371, 4372, "Allow"),
            (3, "LAN1", "0.0.0.0", 0, 4371, 4372, "Drop"),
            (4, "LAN2", "0.0.0.0", 0, 4371, 4372, "Drop"),
        ]

    def test_with_one_nic_there_is_no_interface_to_choose(self) -> None:
        assert [(r.interface, r.action) for r in ports_of(2, lan2=None).built_in[:2]] == [
            (None, "Allow"),
            (None, "Drop"),
        ]

    def test_ipv6(self) -> None:
        peers = [peer(n, lan1={"ip": f"fd00::1{n}/64"}, lan2=None) for n in (1, 2)]
        rules = plan_ports(plan_of(cluster(peers, ip_version="ipv6"))).built_in
        assert [(rule.ip, rule.prefix_length) for rule in rules[:2]] == [("fd00::12", 128), ("::", 0)]

    def test_before_x8_8_there_are_none(self) -> None:
        found = ports_of(release="X8.7")
        assert not found.built_in
        assert all(row.allow for row in found.rows)

    @given(clusters())
    def test_on_every_peer_each_other_is_let_in_by_a_lower_number_than_any_drop(self, drawn: Any) -> None:
        plan = plan_of(drawn[0])
        found = plan_ports(plan)
        if not found.built_in:
            return
        for number, each in enumerate(plan.peers):
            size = len(plan.peers) - 1 + (2 if each.dual_nic else 1)
            start = sum(len(plan.peers) - 1 + (2 if p.dual_nic else 1) for p in plan.peers[:number])
            rules = found.built_in[start : start + size]
            assert {rule.peer for rule in rules} == {each.address}
            assert [rule.priority for rule in rules] == list(range(1, size + 1))
            allowed = [rule for rule in rules if rule.action == "Allow"]
            dropped = [rule for rule in rules if rule.action == "Drop"]
            assert [rule.ip for rule in allowed] == [str(o.lan1.ip) for o in plan.peers if o is not each]
            assert max((rule.priority for rule in allowed), default=0) < min(rule.priority for rule in dropped)
