"""What a plan file's fields mean, and where they stand."""

import pickle
import subprocess
import sys
from datetime import date
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from certplan.outcomes import Severity
from certplan.places import Place
from certplan.plan.model import (
    CertificateAuthority,
    ClusterType,
    ExternalLan,
    IpVersion,
    Lan,
    MappingEntry,
    Mra,
    Platform,
    SanFormat,
    Services,
    TlsVerification,
    Waiver,
    XmppFederation,
)
from certplan.plan.reading import PlanError, PlanProblem
from certplan.vendor.releases import Release
from tests.plan.reading import LEAST, SAMPLE, plan_of, sample_with, the_problem

# What the fields mean


def test_every_field_of_the_cluster_is_read() -> None:
    cluster = plan_of(SAMPLE).cluster
    assert cluster.name == "expe.example.com"
    assert cluster.type is ClusterType.EXPRESSWAY_E
    assert cluster.release == Release.parse("X14.3.4")
    assert cluster.tls_verification is TlsVerification.PERMISSIVE
    assert cluster.ip_version is IpVersion.IPV4
    assert cluster.primary == 1
    assert cluster.address_mapping == (MappingEntry("exe1.example.com", ip_address("10.20.0.11")),)


def test_every_field_of_a_peer_is_read() -> None:
    peer = plan_of(SAMPLE).peers[0]
    assert (peer.number, peer.address, peer.fqdn) == (1, "exe1.example.com", "exe1.example.com")
    assert (peer.system_name, peer.host_name, peer.domain) == ("exe1", "exe1", "example.com")
    assert peer.lan1 == Lan(ip_address("10.20.0.11"), ip_network("10.20.0.0/24"))
    assert peer.lan2 == Lan(ip_address("192.168.50.11"), ip_network("192.168.50.0/24"), ip_address("203.0.113.11"))
    assert peer.external_lan is ExternalLan.LAN2
    assert peer.server_certificate == "certs/exe1.pem"
    assert peer.client_certificate == "certs/exe1-client.pem"
    assert peer.private_key == "keys/exe1.key"
    assert (peer.trusted_cas, peer.crls) == (("trust/exe1.pem",), ())
    assert (peer.dns, peer.release, peer.platform) == ("public", Release.parse("X14.3.4"), Platform.MEDIUM_VM)
    assert (peer.h323, peer.ntp, peer.option_keys) == (True, ("ntp1.example.com",), ())


def test_every_other_section_is_read() -> None:
    plan = plan_of(SAMPLE)
    assert (plan.file, plan.folder) == ("plan.yaml", Path("there"))
    assert plan.services == Services(Mra(("example.com",), SanFormat.DNS, True), XmppFederation(), (), ())
    assert plan.certificate_authority is CertificateAuthority.PRIVATE
    assert [(source.view, source.servers, source.zone_files) for source in plan.dns] == [
        ("public", ("192.0.2.53",), ()),
        ("internal", (), ("zones/internal.zone",)),
        ("lab", (), ()),
    ]
    assert plan.dns[2].records[0] == "exe1.example.com. A 203.0.113.11"
    assert plan.internal_networks == (ip_network("10.0.0.0/8"),)
    assert plan.round_trip_ms == {("exe1.example.com", "exe2.example.com"): 12.0}
    assert plan.severity == {"NAM009": Severity.IGNORE}
    assert plan.waivers == (Waiver("DNS006", "PTR ordered, ticket CHG-1", date(2027, 1, 31), peer="exe2.example.com"),)


def test_what_is_left_out_is_unknown_and_only_the_documented_defaults_apply() -> None:
    plan = plan_of(LEAST)
    peer = plan.peers[0]
    assert plan.cluster.tls_verification is TlsVerification.PERMISSIVE
    assert plan.cluster.address_mapping is None
    assert (peer.release, peer.dns, peer.fqdn) == (Release.parse("X15.5"), "internal", "exc1.example.com")
    assert peer.lan1 == Lan(ip_address("10.30.0.11"))
    assert (peer.h323, peer.crls, peer.trusted_cas, peer.ntp, peer.platform, peer.lan2) == (None,) * 6
    assert plan.services == Services()
    assert (plan.dns, plan.waivers, plan.internal_networks) == ((), (), ())


def test_a_peer_of_an_expressway_e_asks_the_public_view_by_default() -> None:
    assert plan_of(SAMPLE).peers[1].dns == "public"


def test_an_empty_mapping_table_is_on_without_entries() -> None:
    text = sample_with("    - {fqdn: exe1.example.com, ip: 10.20.0.11}", "    []")
    assert plan_of(text).cluster.address_mapping == ()


@pytest.mark.parametrize(
    ("peer", "fqdn"),
    [
        ("{address: exe1.example.com, lan1: {ip: 10.0.0.1}}", "exe1.example.com"),
        ("{address: 10.0.0.1, lan1: {ip: 10.0.0.1}}", None),
        ("{address: 10.0.0.1, host_name: a, lan1: {ip: 10.0.0.1}}", None),
        ("{address: 10.0.0.1, host_name: a, domain: b.example, lan1: {ip: 10.0.0.1}}", "a.b.example"),
        ("{address: '2001:db8::1', host_name: a, domain: b.example, lan1: {ip: '2001:db8::1/64'}}", "a.b.example"),
        ("{address: c.example, fqdn: d.example, host_name: a, domain: b.example, lan1: {ip: 10.0.0.1}}", "d.example"),
    ],
)
def test_the_fqdn_is_the_stated_one_or_the_address_or_host_and_domain(peer: str, fqdn: str | None) -> None:
    text = f"certplan: 1\ncluster: {{name: a, type: expressway-e, release: 14}}\npeers: [{peer}]\n"
    assert plan_of(text).peers[0].fqdn == fqdn


@pytest.mark.parametrize(
    ("written", "network"),
    [
        ("10.20.0.11/24", "10.20.0.0/24"),
        ("10.20.0.11/255.255.255.0", "10.20.0.0/24"),
        ("10.20.0.11", None),
        ("2001:db8::b/64", "2001:db8::/64"),
    ],
)
def test_a_lan_address_has_its_mask_in_either_notation_or_none(written: str, network: str | None) -> None:
    lan = plan_of(sample_with("lan1: {ip: 10.20.0.11/24}", f"lan1: {{ip: {written}}}")).peers[0].lan1
    assert lan.ip == ip_address(written.partition("/")[0])
    assert lan.network == (None if network is None else ip_network(network))


@pytest.mark.parametrize("text", ["true", "True", "YES", "on", '"true"'])
def test_yes_is_understood_in_its_spellings(text: str) -> None:
    assert plan_of(sample_with("h323: true", f"h323: {text}")).peers[0].h323 is True


@pytest.mark.parametrize("text", ["false", "No", "OFF"])
def test_no_is_understood_in_its_spellings(text: str) -> None:
    assert plan_of(sample_with("h323: true", f"h323: {text}")).peers[0].h323 is False


@pytest.mark.parametrize("text", ["no", "1.10", "22:22:22", "0755", "2027-01-31", "on", "0x1F", "1_000", "=", ".inf"])
def test_text_means_what_it_says_whatever_yaml_would_make_of_it(text: str) -> None:
    plan = plan_of(sample_with("system_name: exe1", f"system_name: {text}"))
    assert plan.peers[0].system_name == text


def test_a_release_that_looks_like_a_number_keeps_its_last_zero() -> None:
    plan = plan_of(sample_with("  release: X14.3.4\n  tls", "  release: 15.10\n  tls"))
    assert plan.cluster.release.numbers == (15, 10)


@pytest.mark.parametrize(
    ("old", "new", "attribute", "expected"),
    [
        ("type: expressway-e", "type: Expressway-E", "cluster.type", ClusterType.EXPRESSWAY_E),
        ("verification: permissive", "verification: Enforce", "cluster.tls_verification", TlsVerification.ENFORCE),
        ("verification: permissive", "verification: Enforcing", "cluster.tls_verification", TlsVerification.ENFORCE),
        ("ip_version: ipv4", "ip_version: IPv6", "cluster.ip_version", IpVersion.IPV6),
        ("lan: lan2", "lan: LAN 2", "peers.0.external_lan", ExternalLan.LAN2),
        ("lan: lan2", "lan: LAN2", "peers.0.external_lan", ExternalLan.LAN2),
        ("lan: lan2", "lan: Lan1", "peers.0.external_lan", ExternalLan.LAN1),
        ("medium-vm  ", "Medium VM  ", "peers.0.platform", Platform.MEDIUM_VM),
        ("medium-vm  ", "CE1200  ", "peers.0.platform", Platform.CE1200),
        ("san_format: dns", "san_format: CollabEdgeDNS", "services.mra.san_format", SanFormat.COLLAB_EDGE),
    ],
)
def test_the_appliances_own_spellings_are_understood(old: str, new: str, attribute: str, expected: object) -> None:
    found: object = plan_of(sample_with(old, new))
    for step in attribute.split("."):
        found = found[int(step)] if isinstance(found, tuple) else getattr(found, step)
    assert found is expected


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("192.0.2.53", "192.0.2.53"),
        ("192.0.2.53:5353", "192.0.2.53:5353"),
        ("2001:db8::53", "2001:db8::53"),
        ('"[2001:DB8::53]"', "2001:db8::53"),
        ('"[2001:db8:0::53]:5353"', "[2001:db8::53]:5353"),
    ],
)
def test_a_dns_server_is_an_address_with_or_without_a_port(written: str, read: str) -> None:
    assert plan_of(sample_with("[192.0.2.53]", f"[{written}]")).dns[0].servers == (read,)


def test_a_round_trip_of_no_peer_is_kept_as_written_for_a_rule_to_report() -> None:
    text = sample_with('exe2.example.com": 12', 'exe9.example.com": 12')
    assert plan_of(text).round_trip_ms == {("exe1.example.com", "exe9.example.com"): 12.0}


def test_a_round_trip_may_name_peers_in_any_order_and_case_and_is_kept_by_their_addresses() -> None:
    text = sample_with('"exe1.example.com exe2.example.com": 12', '"EXE2.example.com. exe1.example.com": 0.5')
    assert plan_of(text).round_trip_ms == {("exe1.example.com", "exe2.example.com"): 0.5}


def test_a_rule_code_in_small_letters_is_the_rule() -> None:
    assert plan_of(sample_with("NAM009: ignore", "nam009: Warning")).severity == {"NAM009": Severity.WARNING}


def test_a_reason_keeps_its_commas_inside_braces_but_swallows_no_field() -> None:
    reason = plan_of(sample_with("PTR ordered, ticket CHG-1", "one, two,  three")).waivers[0].reason
    assert reason == "one, two, three"
    assert '"pear exe2" is not a key of waiver 1; did you mean peer?' in the_problem("ticket CHG-1", "pear exe2")


def test_a_primary_beyond_the_peers_is_left_to_the_rules() -> None:
    assert plan_of(sample_with("primary: 1", "primary: 9")).cluster.primary == 9


def test_json_is_a_plan_too() -> None:
    text = (
        '{"certplan": 1, "cluster": {"name": "a", "type": "expressway-c", "release": "X15"},'
        ' "peers": [{"address": "b.example", "lan1": {"ip": "10.0.0.1/8"}}]}'
    )
    assert plan_of(text).peers[0].address == "b.example"


# Places


def test_a_value_has_the_place_where_it_begins() -> None:
    plan = plan_of(SAMPLE)
    assert plan.where("cluster", "release") == Place("plan.yaml", 5, 12)
    assert plan.where("peers", 0, "lan2", "static_nat") == Place("plan.yaml", 18, 46)
    assert plan.where("peers", 1, "lan1", "ip") == Place("plan.yaml", 32, 16)
    assert plan.where("waivers", 0, "until").line == 52


def test_a_plan_that_reads_has_a_place_for_all_it_states() -> None:
    plan = plan_of(SAMPLE)
    lines = SAMPLE.splitlines()
    for path, place in plan.places.items():
        assert place.file == "plan.yaml"
        assert lines[place.line - 1][place.column - 1 :].strip(), path
    for field in ("address", "lan1", "ntp", "crls", "h323"):
        assert ("peers", 0, field) in plan.places


def test_lines_are_counted_as_editors_count_them() -> None:
    text = sample_with("system_name: exe1", 'system_name: "a\u2028b\x85c"').replace("\n", "\r\n")
    plan = plan_of(text)
    assert plan.peers[0].system_name == "a b c"
    assert plan.where("peers", 0, "lan1", "ip") == Place("plan.yaml", 17, 16)


# Processes


def test_the_error_is_all_problems_line_by_line_and_survives_a_process_border() -> None:
    error = PlanError([PlanProblem(Place("p", 1, 2), "x"), PlanProblem(Place("p", 3, 4), "y")])
    assert str(error) == "p:1:2: x\np:3:4: y"
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert again.problems == error.problems


def test_a_plan_survives_a_process_border() -> None:
    plan = plan_of(SAMPLE)
    again = pickle.loads(pickle.dumps(plan))  # noqa: S301
    assert (again, again.places) == (plan, plan.places)


def test_the_model_alone_loads_neither_yaml_nor_pydantic() -> None:
    code = "import sys, certplan.plan.model; print(sorted({'yaml', 'pydantic', 'pydantic_core'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
