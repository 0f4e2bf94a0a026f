"""What a plan file's fields mean, and what is said of the ones that mean nothing."""

import codecs
import pickle
import re
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
    Plan,
    Platform,
    SanFormat,
    Services,
    TlsVerification,
    Waiver,
    XmppFederation,
)
from certplan.plan.reading import MAX_BYTES, PlanError, PlanProblem, load_plan, read_plan
from certplan.vendor.releases import Release

HERE = Path(__file__).parent
SAMPLE = (HERE / "sample.yaml").read_text(encoding="utf-8")
LEAST = (HERE / "least.yaml").read_text(encoding="utf-8")


def plan_of(text: str) -> Plan:
    return read_plan(text, "plan.yaml", Path("there"))


def problems_of(text: str) -> list[str]:
    with pytest.raises(PlanError) as caught:
        plan_of(text)
    problems: tuple[PlanProblem, ...] = caught.value.problems
    return [str(problem) for problem in problems]


def sample_with(old: str, new: str) -> str:
    assert SAMPLE.count(old) >= 1
    return SAMPLE.replace(old, new, 1)


def the_problem(old: str, new: str) -> str:
    problems = problems_of(sample_with(old, new))
    assert len(problems) == 1, problems
    return problems[0]


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


# Faults


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    text = (
        sample_with("14.3.4\n  tls", "15,4\n  tls")
        .replace("h323: true", "h323: maybe")
        .replace("certplan: 1", "certplan: 2")
        .replace("until: 2027-01-31", "untill: x")
    )
    assert problems_of(text) == [
        (
            'plan.yaml:1:11: certplan "2" is not a plan version this certplan reads; '
            'expected 1, the only one it knows; write "certplan: 1", or use a newer certplan'
        ),
        'plan.yaml:5:12: release "X15,4" is not an Expressway release; expected something like X14.3.4',
        'plan.yaml:28:11: peer 1 h323 "maybe" is neither yes nor no; expected true or false',
        (
            "plan.yaml:52:5: waiver 1 until is missing; "
            "expected the last day the waiver holds (UTC), such as 2027-01-31; add it"
        ),
        'plan.yaml:52:79: "untill" is not a key of waiver 1; did you mean until?',
    ]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("type: expressway-e", "type: expe", "did you mean expressway-e?"),
        ("type: expressway-e", "type: Expressway Core", "did you mean expressway-c?"),
        ("verification: permissive", "verification: enforced", "did you mean enforce?"),
        ("ip_version: ipv4", "ip_version: both", "expected ipv4 or ipv6"),
        ("primary: 1", "primary: 0", "whole number from 1 on"),
        ("primary: 1", "primary: one", "whole number from 1 on"),
        ("primary: 1", "primary: 1.0", "whole number from 1 on"),
        ("primary: 1", f"primary: {'9' * 5000}", "whole number from 1 on"),
        ("ip: 10.20.0.11}", "ip: 10.20.0.11/24}", "expected the bare address 10.20.0.11"),
        ("ip: 10.20.0.11}", "ip: 010.20.0.11}", "is not an IP address"),
        ("10.20.0.11/24", "10.20.0.11/33", "expected one such as /24 or /255.255.255.0"),
        ("10.20.0.11/24", "10.20.0.11/0.0.0.255", "something other than a network mask"),
        ("10.20.0.11/24", "fe80::1%eth0/64", "is not an IP address"),
        ("host_name: exe1", "host_name: exe 1", "has white space"),
        ("host_name: exe1", 'host_name: ""', "is blank"),
        ("host_name: exe1", "host_name: " + "a" * 256, "256 characters; expected at most 255"),
        ("host_name: exe1", 'host_name: "a\\0"', "U+0000"),
        ("keys/exe1.key", "' '", "expected the name of a file"),
        ("ntp: [ntp1.example.com]", "ntp: ntp1.example.com", 'is the text "ntp1.example.com"; expected a list'),
        ("ntp: [ntp1.example.com]", "ntp: {a: b}", "is a section of keys; expected a list"),
        ("ntp: [ntp1.example.com]", "ntp: [[a]]", "ntp entry 1 is a list; expected a name"),
        ("lan1: {ip: 10.20.0.11/24}", "lan1: [10.20.0.11/24]", "expected a section with keys such as ip, static_nat"),
        ("lan1: {ip: 10.20.0.11/24}", "lan1: 10.20.0.300/24", 'peer 1 lan1.ip "10.20.0.300/24" is not an IP address'),
        ("    - {fqdn: exe1.example.com, ip: 10.20.0.11}", "    on", "expected a list of {fqdn, ip}, off or unknown"),
        ("corp.example.com: internal", "corp.example.com: inward", "is not a view of this plan"),
        ("port: 7001", "port: 70010", "is not a port; expected a whole number from 1 to 65535"),
        ("kind: unified-cm", "kind: cucm", "expected unified-cm, im-presence or unity"),
        ("    type: unified-communications-traversal", "    type: uc", "zone 1 type"),
        ("[exe2.example.com]\n", "[exe9.example.com]\n", "is not the address of a peer today"),
        ("removed_peers: [exe2.example.com]", "removed_peers: [exe1.example.com]", "is among removed_peers as well"),
        ("exe3.example.com: {address: exe3.example.com, lan1: {ip: 10.20.0.13/24}}",
         "exe3.example.com: {system_name: exe3}", "a peer to be added needs its lan1"),
        ("  tls_verification: enforce", "  tls_verification: unknown", "expected permissive or enforce"),
        ("{server: public, client: private}", "{server: public, clients: private}", "did you mean client?"),
        ("lan1: {ip: 10.20.0.11/24}", "lan1: [a]", "is a list; expected a section"),
        ("lan1: {ip: 10.20.0.11/24}", "lan1: {}", "peer 1 lan1.ip is missing"),
        ("dns: public  ", "dns: pubic  ", 'did you mean "public"?'),
        ("public:   {servers: [192.0.2.53]}", "public: {}", "dns.public says nowhere to ask"),
        ("public:   {servers: [192.0.2.53]}", "public: {records: []}", "dns.public says nowhere to ask"),
        ("servers: [192.0.2.53]", "servers: [ns1.example.com]", "expected an IP address, with a port as"),
        ("servers: [192.0.2.53]", 'servers: ["192.0.2.53:0"]', "expected one from 1 to 65535"),
        ("servers: [192.0.2.53]", "servers: [[2001:db8::53]:53]", "quote it"),
        ("lab:    {", '"la b": {', '"la b" is not a name for a view'),
        ("system_name: exe1", "system_name: ' '", "is blank; expected some text"),
        ("system_name: exe1", "system_name: " + "a" * 5000, "5000 characters; expected at most 4096"),
        ("keys/exe1.key", "a" * 5000, "5000 characters; expected at most 4096"),
        ('"exe1.example.com. A 203.0.113.11"', "' '", "is blank; expected a line of text"),
        ('"exe1.example.com. A 203.0.113.11"', "a" * 5000, "5000 characters; expected at most 4096"),
        ("[10.0.0.0/8]", "[10.0.0.1/8]", "first address: 10.0.0.0/8"),
        ("[10.0.0.0/8]", "[ten]", "expected one such as 10.0.0.0/8"),
        ('exe2.example.com": 12', 'exe1.example.com": 12', "names one peer twice"),
        ('exe2.example.com": 12', '": 12', "does not name two peers"),
        (": 12}", ": 12ms}", "without a unit"),
        (": 12}", ": -1}", "number of milliseconds"),
        (": 12}", ": nan}", "number of milliseconds"),
        ("12}", '12, "exe2.example.com exe1.example.com": 3}', "the same pair as on line 49"),
        ("NAM009: ignore", "NAM009: erorr", "did you mean error?"),
        ("NAM009: ignore", '"a rule": error', "expected one such as NAM009"),
        ("NAM009: ignore", "NAM009: ignore, nam009: error", "the rule of line 50 again"),
        ("until: 2027-01-31", "until: 2027-02-30", "is not a day of the calendar"),
        ("until: 2027-01-31", "until: 20270131", "expected year-month-day"),
        ("rule: DNS006, ", "", "waiver 1 rule is missing"),
        ("certificate_authority: private  ", "certificate_authority: internal  ", "expected public, private or acme"),
    ],
)  # fmt: skip
def test_a_fault_is_said_in_plain_words(old: str, new: str, says: str) -> None:
    problem = the_problem(old, new)
    assert says in problem
    assert re.match(r"plan\.yaml:\d+:\d+: ", problem)
    assert not re.search(r"pydantic|validator|Value error|input_|Blank|NoneType|\bstr\b|\bdict\b", problem)


def test_an_unknown_key_elsewhere_known_is_sent_there() -> None:
    problem = the_problem("  primary: 1", "  lan2: {ip: 10.0.0.1}")
    assert problem.startswith('plan.yaml:8:3: "lan2" is not a key of cluster')
    assert "it belongs in a peer: move it there" in problem


def test_an_empty_value_is_told_to_be_filled_in_or_removed() -> None:
    assert the_problem("    h323: true", "    h323:") == (
        "plan.yaml:28:5: peer 1 h323 is empty; expected true or false; fill it in or remove the line"
    )
    assert the_problem("  release: X14.3.4\n  tls", "  release: ~\n  tls").endswith("; fill it in")
    assert the_problem("[trust/exe1.pem]", "[trust/exe1.pem, null]").endswith("; fill it in or remove the entry")


def test_a_key_without_its_colon_inside_braces_is_told_so() -> None:
    assert "has no colon and no value" in the_problem("static_nat: 203.0.113.11", "static_nat")
    assert "put a space behind the colon" in the_problem("static_nat: 203.0.113.11", "static_nat:203.0.113.11")
    assert "put text that has a comma in quotes" in the_problem("static_nat: 203.0.113.11", "outside")


def test_a_key_given_twice_is_reported_with_both_lines() -> None:
    assert the_problem("    domain: example.com", "    host_name: exe9") == (
        'plan.yaml:16:5: "host_name" is a duplicate key, the first is on line 15; keep one of the two'
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("system_name: exe1", "system_name: &a exe1", 'an anchor "&a"'),
        ("system_name: exe1", "system_name: *a", 'an alias "*a"'),
        ("system_name: exe1", "<<: {system_name: exe1}", 'a merge key "<<"'),
        ("system_name: exe1", "system_name: !!str exe1", 'a tag "!!str"'),
        ("system_name: exe1", "system_name: !python/name:os.system exe1", 'a tag "!python/name:os.system"'),
        ("system_name: exe1", "? [system_name]\n    : exe1", "a list as a key"),
        ("system_name: exe1", "? {a: b}\n    : {c: [d]}", "a mapping as a key"),
        ("waivers:", "---\nwaivers:", "a second document begins here"),
        ("system_name: exe1", "~: exe1", "a value without a key"),
    ],
)  # fmt: skip
def test_yaml_that_hides_what_it_says_is_refused(old: str, new: str, says: str) -> None:
    assert any(says in problem for problem in problems_of(sample_with(old, new)))


def test_an_anchor_refused_does_not_hide_the_faults_within_it() -> None:
    problems = problems_of(sample_with("lan1: {ip: 10.20.0.11/24}", "lan1: &a {ip: ten}"))
    assert ["an anchor" in problems[0], "is not an IP address" in problems[1]] == [True, True]


@pytest.mark.parametrize(("text", "says"), [("*a", "an alias"), ("{[a]: b}", "a list as a key")])
def test_a_plan_that_is_refused_whole_is_one_problem(text: str, says: str) -> None:
    (problem,) = problems_of(text)
    assert says in problem


def test_a_cut_off_key_of_odd_white_space_is_only_an_unknown_key() -> None:
    assert r'"\xa0" is not a key of peer 1 lan2' in the_problem("static_nat: 203.0.113.11", "\u00a0")


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("a: 'x\nb: c\n", "1:4", "this quote is never closed"),
        ("a: [1\nb: 2\n", "2:2", 'begun on line 1 is not closed, or a comma is missing; expected "," or "]"'),
        ("\ta: b\n", "1:1", "a tab in the indentation"),
        ("a: b: c\n", "1:5", "a colon out of place"),
        ("certplan:1\ncluster: x\n", "2:8", "put a space behind every key's colon"),
        ("a:\n  b: 1\n c: 2\n", "3:2", "does not fit the section begun on line 1"),
        ("a: @x\n", "1:4", 'a value cannot begin with "@"; put the value in quotes'),
        ('a: "C:\\dir"\n', "1:7", "a backslash inside double quotes"),
        ('a: "\\ud800"\n', "1:7", "represents no character"),
        ("a: 1\nfoo\nb: 2\n", "3:1", 'a line begun on line 2 that is not "key: value"'),
        (" a: b\nc: d\n", "2:1", "indent the keys of a section alike"),
        ("a: ]\n", "1:4", 'a value was expected before "]"'),
        ("a: [2001:db8::]\n", "1:14", "put the value in quotes"),
    ],
)
def test_a_slip_of_yaml_is_one_problem_in_plain_words(text: str, place: str, says: str) -> None:
    (problem,) = problems_of(text)
    assert problem.startswith(f"plan.yaml:{place}: not YAML: ")
    assert says in problem


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the plan is empty"),
        ("# nothing\n", "the plan is empty"),
        ("---\n", "the plan is empty"),
        ("~\n", "the plan is empty"),
        ("- a\n", "the file holds a list"),
        ("-----BEGIN CERTIFICATE-----\nMII\n", 'the file holds one piece of text "-----BEGIN CERTIFICATE----- MII"'),
    ],
)
def test_what_is_no_plan_at_all_is_told_how_to_begin(text: str, says: str) -> None:
    (problem,) = problems_of(text)
    assert problem.startswith(f"plan.yaml:1:1: {says}")
    assert "certplan init" in problem


def test_no_peers_is_a_problem_and_seven_are_left_to_the_rules() -> None:
    head = "certplan: 1\ncluster: {name: a, type: expressway-c, release: X15}\npeers:"
    assert problems_of(f"{head} []\n") == ["plan.yaml:3:8: peers has no entries; expected 1 to 64"]
    peer = "\n  - {address: a, lan1: {ip: 10.0.0.1}}"
    assert len(plan_of(head + peer * 7).peers) == 7
    assert problems_of(head + peer * 65) == ["plan.yaml:4:3: peers has 65 entries; expected 1 to 64"]


def test_problems_of_one_peer_do_not_make_the_peers_too_few() -> None:
    text = LEAST.replace("lan1: {ip: 10.30.0.11}", "lan1: {ip: x}")
    assert len(problems_of(text)) == 1


def test_a_peer_may_name_the_usual_views_when_the_plan_has_no_dns_but_no_other() -> None:
    assert plan_of(f"{LEAST}    dns: public\n").peers[0].dns == "public"
    assert 'dns "lab" is not a view of this plan' in problems_of(f"{LEAST}    dns: lab\n")[0]


def test_problems_beyond_number_are_counted_not_listed() -> None:
    text = "".join(f"k{number}: v\n" for number in range(1000))
    problems = problems_of(text)
    assert len(problems) == 201
    assert "and 803 more problems" in problems[-1]


def test_what_users_wrote_is_shown_escaped_and_short() -> None:
    problem = the_problem("h323: true", 'h323: "\\e[31m\\u202e' + "x" * 500 + '"')
    assert r"\x1b[31m\u202e" in problem
    assert "…" in problem
    assert len(problem) < 200
    assert problem.isprintable()


@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, "{" * 200_000, "- " * 200_000, "? " * 200_000, "a: " + "[" * 40 + "]" * 40],
)
def test_deep_nesting_is_refused_not_followed(text: str) -> None:
    assert any("nested over 32 deep" in problem for problem in problems_of(text))


def test_too_many_values_are_refused() -> None:
    assert any("over 100000 values" in problem for problem in problems_of("a: [" + "a," * 100_000 + "]"))


# Files


def test_a_file_is_named_as_the_user_named_it_and_its_folder_is_its_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "plan.yaml").write_text(LEAST, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    plan = load_plan("sub/plan.yaml")
    assert (plan.file, plan.folder) == ("sub/plan.yaml", Path("sub"))
    assert load_plan(tmp_path / "sub" / "plan.yaml").folder == tmp_path / "sub"


@pytest.mark.parametrize(
    "data",
    [
        LEAST.encode(),
        codecs.BOM_UTF8 + LEAST.encode(),
        codecs.BOM_UTF16_LE + LEAST.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + LEAST.encode("utf-16-be"),
        LEAST.replace("\n", "\r\n").encode(),
    ],
    ids=["utf-8", "utf-8 bom", "utf-16-le", "utf-16-be", "crlf"],
)
def test_utf_8_and_utf_16_with_a_mark_are_read(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_bytes(data)
    plan = load_plan(file)
    assert plan.cluster.name == "expc.example.com"
    assert plan.where("certplan") == Place(str(file), 1, 11)


@pytest.mark.parametrize(
    ("data", "place", "says"),
    [
        (b"certplan: 1\n# Stra\xdfe\n", ":2:7: ", "the bytes df 65 0a here are no UTF-8 text"),
        (codecs.BOM_UTF16_LE + "a\nb".encode("utf-16-le") + b"\x00\xd8", ":2:2: ", "are no UTF-16-LE text"),
        (codecs.BOM_UTF32_LE + "a".encode("utf-32-le"), ":1:1: ", "UTF-32"),
        (LEAST.encode("utf-16-le"), ":1:2: ", "a NUL character is here"),
        (b"a: b\nc: \x07\n", ":2:4: ", "the control character U+0007"),
        (bytes(range(256)), ":1:1: ", "the bytes 80 81 82 83"),
        (b"", ":1:1: ", "the plan is empty"),
    ],
)
def test_other_bytes_are_refused_where_they_stand(data: bytes, place: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_bytes(data)
    with pytest.raises(PlanError) as caught:
        load_plan(file)
    problem = str(caught.value.problems[0])
    assert says in problem
    if data != bytes(range(256)):
        assert problem.startswith(f"{file}{place}")


def test_a_file_that_cannot_be_had_is_named(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"#" * (MAX_BYTES + 1))
    (tmp_path / "just").write_bytes(LEAST.encode() + b"#" * (MAX_BYTES - len(LEAST)))
    cases = {
        tmp_path / "none.yaml": "there is no such file",
        tmp_path: "this is a directory",
        tmp_path / "big": "holds over 1 MiB",
        tmp_path / "just" / "x": "cannot be read",
        Path("a\0b"): "cannot be read",
    }
    for path, says in cases.items():
        with pytest.raises(PlanError) as caught:
            load_plan(path)
        (problem,) = caught.value.problems
        assert (problem.place, says in problem.message) == (Place(str(path)), True)
    assert load_plan(tmp_path / "just").peers


def test_an_endless_file_is_not_read_to_its_end() -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("no /dev/zero here")
    with pytest.raises(PlanError, match="over 1 MiB"):
        load_plan("/dev/zero")


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    file = tmp_path / "plan.yaml"
    file.write_text(LEAST, encoding="utf-8")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PlanError, match="may not be read; expected one that you may read"):
        load_plan(file)
    with pytest.raises(PlanError, match="this is a directory"):
        load_plan(tmp_path)


def test_a_text_of_over_a_mebibyte_is_refused_however_it_came() -> None:
    assert problems_of("#" * (MAX_BYTES + 1))[0].startswith("plan.yaml: holds over 1 MiB")


# The house


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
