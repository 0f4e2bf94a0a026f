"""The mapping advice: the appliance's own suggestion, public records, and laws."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from certplan.evidence.model import SanKind
from certplan.handshake.model import Cause
from certplan.handshake.simulate import Simulation
from certplan.intent.mapping import suggest_mapping
from certplan.judgement import judge
from certplan.proposal.mapping_advice import RecordState, advise_mapping, entries_to_write
from certplan.rules import codes_for
from certplan.text.names import is_ip, key
from certplan.value import replace
from tests.clusters import expressway_e
from tests.faults import with_faults
from tests.pki import AT
from tests.proposal.layouts import CLUSTER, certificate, cluster, clusters, evidence_of, peer, plan_of, public
from tests.proposal.mapping_clusters import OWN, Names, suggested, two


class TestAppliance:
    def test_it_joins_host_name_and_domain_and_says_where_that_differs(self) -> None:
        peers = [
            peer(1, address="10.20.0.11", fqdn="exe1.example.com", host_name="exe1", domain="example.com"),
            peer(2, address="10.20.0.12", fqdn="exe2.example.com", host_name="exe2", domain="corp.example.com"),
            peer(3, address="10.20.0.13", fqdn="exe3.example.com"),
            peer(4, address="10.20.0.14", fqdn="exe4.example.com", host_name="exe_4", domain="example.com"),
        ]
        plan = plan_of(cluster(peers))
        appliance = advise_mapping(plan, evidence_of(plan, [None] * 4)).appliance
        assert appliance.offered
        assert [entry.fqdn for entry in appliance.entries] == [
            "exe1.example.com",
            "exe2.corp.example.com",
            None,
            "exe_4.example.com",
        ]
        assert [str(entry.ip) for entry in appliance.entries] == [f"10.20.0.1{n}" for n in range(1, 5)]
        notes = [entry.note for entry in appliance.entries]
        assert notes[0] == ""
        assert "exe2.example.com" in notes[1]
        assert "host_name and domain" in notes[2]
        assert "underscore" in notes[3]

    def test_on_fqdns_it_is_not_documented(self) -> None:
        plan = plan_of(cluster(two()))
        appliance = advise_mapping(plan, evidence_of(plan, OWN)).appliance
        assert not appliance.offered
        assert "not documented" in appliance.reason


class TestPublicRecords:
    def states(self, *records: str, dns: bool = True) -> dict[str, RecordState]:
        plan = plan_of(cluster(two(), **({"dns": public(*records)} if dns else {})))
        return {record.name: record.state for record in advise_mapping(plan, evidence_of(plan, OWN)).records}

    def test_each_is_told_from_the_plan_and_from_dns(self) -> None:
        soa = "example.com. SOA ns1.example.com. h.example.com. 1 2 3 4 5"
        assert self.states(
            soa,
            "exe1.example.com. A 10.20.0.11",
            "exe2.example.com. A 198.51.100.7",
            "expe.example.com. A 203.0.113.12",
        ) == {
            "exe1.example.com": RecordState.FORBIDDEN,
            "exe2.example.com": RecordState.DIFFERS,
            CLUSTER: RecordState.STAYS,
        }
        assert self.states(soa)["exe1.example.com"] is RecordState.ABSENT

    def test_without_the_public_view_nothing_is_taken_for_good(self) -> None:
        assert set(self.states(dns=False).values()) == {RecordState.UNKNOWN}

    def test_what_is_wanted_is_the_public_address_never_lan_1(self) -> None:
        plan = plan_of(cluster(two()))
        wanted = {r.name: [str(ip) for ip in r.expected] for r in advise_mapping(plan, evidence_of(plan, OWN)).records}
        assert wanted["exe1.example.com"] == ["203.0.113.11"]
        assert wanted[CLUSTER] == ["203.0.113.11", "203.0.113.12"]

    def test_it_agrees_with_the_rule_on_the_caution(self) -> None:
        records = [
            "exe1.example.com. A 10.20.0.11",
            "exe2.example.com. A 192.168.50.12",
            "expe.example.com. A 203.0.113.12",
            "expe.example.com. A 10.20.0.12",
        ]
        plan = plan_of(cluster(two(), dns=public(*records)))
        seen = evidence_of(plan, OWN)
        ours = {r.name for r in advise_mapping(plan, seen).records if r.state is RecordState.FORBIDDEN}
        theirs = {f.subject.name for f in judge(plan, seen, AT).findings if f.code == "DNS001"}
        assert ours == theirs == {"exe1.example.com", "exe2.example.com", CLUSTER}


class TestLaws:
    @given(clusters())
    def test_one_entry_a_peer_to_its_lan_1_and_no_name_that_is_anothers(
        self, drawn: tuple[dict[str, Any], Names]
    ) -> None:
        plan = plan_of(drawn[0])
        found = suggest_mapping(plan, evidence_of(plan, drawn[1]))
        assert bool(found.entries) is (found.needed is not False)
        if not found.entries:
            return
        names = [entry.fqdn for entry in found.entries if entry.fqdn is not None]
        assert len(names) == len(set(names))
        for each, entry in zip(plan.peers, found.entries, strict=True):
            assert (entry.peer, entry.ip) == (each.address, each.lan1.ip)
            if entry.fqdn is None:
                assert entry.note
                continue
            assert not is_ip(entry.fqdn)
            others = {key(n) for o in plan.peers if o is not each for n in (o.address, o.fqdn) if n is not None}
            own = {key(n) for n in (each.address, each.fqdn, f"{each.host_name}.{each.domain}") if n is not None}
            assert entry.fqdn not in (others | {key(CLUSTER)}) - own

    @given(clusters(), st.randoms(use_true_random=False))
    def test_the_order_of_the_peers_changes_nothing(self, drawn: tuple[dict[str, Any], Names], random: Any) -> None:
        values, names = drawn
        order = list(range(len(names)))
        random.shuffle(order)
        shuffled = {**values, "peers": [values["peers"][n] for n in order]}

        def advised(values: dict[str, Any], names: Names) -> tuple[bool | None, set[tuple[str, str | None, str]]]:
            found = suggested(values, names)
            notes = {(str(e.ip), e.fqdn, re.sub(r"Peer \d", "Peer N", e.note)) for e in found.entries}
            return found.needed, notes

        assert advised(values, names) == advised(shuffled, [names[n] for n in order])

    @given(clusters())
    def test_rows_without_notes_fail_no_handshake_for_the_mappings_sake(
        self, drawn: tuple[dict[str, Any], Names]
    ) -> None:
        plan = plan_of(drawn[0])
        seen = evidence_of(plan, drawn[1])
        advice = advise_mapping(plan, seen)
        written = entries_to_write(advice.rows)
        if not advice.suggestion.entries or any(entry.note for entry in advice.suggestion.entries):
            return
        changed = replace(plan, cluster=replace(plan.cluster, stated_address_mapping=written))
        causes = {
            step.cause for handshake in Simulation(changed, seen).matrix(AT).handshakes for step in handshake.not_passed
        }
        mapping = {cause for cause in Cause if any(code.startswith("MAP") for code in codes_for(cause))}
        assert mapping
        assert not causes & (mapping | {Cause.NAME_NOT_IN_SAN, Cause.NAT_ON_SINGLE_NIC, Cause.NAT_ON_CLUSTERING_LAN})

    @given(clusters())
    def test_the_table_told_has_just_the_rows_suggested(self, drawn: tuple[dict[str, Any], Names]) -> None:
        plan = plan_of(drawn[0])
        advice = advise_mapping(plan, evidence_of(plan, drawn[1]))
        named = {(e.fqdn, e.ip) for e in advice.suggestion.entries if e.fqdn is not None}
        kept = {e.ip for e in advice.suggestion.entries if e.fqdn is None}
        advised = [(key(e.fqdn), e.ip) for e in entries_to_write(advice.rows)]
        assert len(advised) == len(set(advised))
        assert {row for row in advised if row[1] not in kept} == {row for row in named if row[1] not in kept}

    def test_the_drawn_certificates_are_read_as_such(self) -> None:
        assert [san.kind for san in certificate(["a.example.com"]).leaf.sans or ()] == [SanKind.DNS]


class TestPrivateAddressesInPublicDns:
    def test_a_private_address_is_never_wanted_in_public_dns(self, tmp_path: Path) -> None:
        judgement = with_faults("expressway-e", 2, [("one_nic", 1), ("no_public_record", 1)]).judge(tmp_path)
        first = advise_mapping(judgement.plan, judgement.evidence).records[0]
        assert (first.name, first.expected) == ("exe1.example.com", ())

    def test_a_public_view_that_is_private_as_in_a_laboratory_is_left_alone(self, tmp_path: Path) -> None:
        draft = expressway_e(2)
        draft.peer(1)["lan2"]["static_nat"] = "10.88.0.11"
        draft.plan["dns"]["public"]["records"][0] = "exe1.example.com. A 10.88.0.11"
        judgement = draft.judge(tmp_path)
        first = advise_mapping(judgement.plan, judgement.evidence).records[0]
        assert (first.expected, first.state) == ((ip_address("10.88.0.11"),), RecordState.STAYS)
