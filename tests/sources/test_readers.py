"""Each reader against composed exports, and what it must not take for one."""

from dataclasses import replace
from pathlib import Path

import pytest

from certplan.places import Place
from certplan.sources.mapping import MappingProblem, read_mapping
from certplan.sources.model import Field, FileKind
from tests.pki import Authority, key_pem, openssl, self_signed
from tests.sources.exports import Node, ZoneLine, reading, refusal, status_xml, xconf

NODE = Node(
    host="exe1",
    domain="example.com",
    lan1="10.20.0.11",
    mask1="255.255.255.0",
    peers=("exe1.example.com", "exe2.example.com"),
    cluster_name="expe.example.com",
    primary=1,
    release="X14.3.4",
    lan2="192.168.50.11",
    nat2="203.0.113.11",
    ntp=("ntp1.example.com",),
)


def values(text: str) -> dict[str, object]:
    return {field.value: said.value for field, said in reading(text).facts.items()}


def test_a_dump_gives_what_a_plan_needs() -> None:
    found = values(xconf(NODE))
    assert found == {
        "cluster.name": "expe.example.com",
        "primary": "1",
        "peers": ("exe1.example.com", "exe2.example.com"),
        "system_name": "exe1",
        "host_name": "exe1",
        "domain": "example.com",
        "lan1.ip": "10.20.0.11/24",
        "lan1.static_nat": "",
        "lan2.ip": "192.168.50.11/24",
        "lan2.static_nat": "203.0.113.11",
        "external_lan": "lan2",
        "h323": "true",
        "ntp": ("ntp1.example.com",),
        "option_keys": (),
        "DNS servers": (),
        "MRA": "Off",
        "services.mra.domains": (),
    }


@pytest.mark.parametrize(
    "text",
    [
        xconf(NODE).replace("\n", "\r\n"),
        "admin@exe1> xConfiguration\r\n" + xconf(NODE) + "\r\nOK\r\nadmin@exe1> ",
        xconf(NODE).replace("\n", " "),
        xconf(NODE).upper().replace("*C XCONFIGURATION", "*C xconfiguration"),
        xconf(NODE).replace("xConfiguration", "xconfig"),
        "\x1b[0m" + xconf(NODE).replace("*c", "\x1b[1m*c\x1b[0m"),
    ],
    ids=["CRLF", "prompt and echo", "joined lines", "upper case", "abbreviated", "terminal escapes"],
)
def test_a_transcript_reads_the_same_however_it_was_copied(text: str) -> None:
    plain = {key: str(value).casefold() for key, value in values(xconf(NODE)).items()}
    assert {key: str(value).casefold() for key, value in values(text).items()} == plain


def test_utf_16_and_latin_1_are_read() -> None:
    assert reading(xconf(NODE).encode("utf-16")).facts[Field.HOST_NAME].value == "exe1"
    assert (
        reading(xconf(NODE).encode() + b'*c xConfiguration SystemUnit Name: "Z\xfcrich"\n')
        .facts[Field.SYSTEM_NAME]
        .value
        == "Zürich"
    )


def test_both_names_of_the_configuration_primary_are_read() -> None:
    old = (
        "*c xConfiguration Alternates ConfigurationMaster: 2\n*c xConfiguration Alternates 1 Peer Address: a.example\n"
    )
    assert values(old) == {"primary": "2", "peers": ("a.example",)}


def test_each_value_has_its_line() -> None:
    text = xconf(NODE)
    line = next(n for n, each in enumerate(text.splitlines(), 1) if "IP DNS Hostname" in each)
    assert reading(text, "x.txt").facts[Field.HOST_NAME].where == Place("x.txt", line)


def test_a_set_command_is_marked_and_never_overrides_the_state() -> None:
    found = reading('exe1> xConfiguration IP DNS Hostname: "new"\n*c xConfiguration IP DNS Hostname: "exe1"\n')
    assert found.facts[Field.HOST_NAME].value == "exe1"
    alone = reading("xConfiguration SystemUnit Name: exe1\n").facts[Field.SYSTEM_NAME]
    assert (alone.value, alone.how) == ("exe1", "from a set command")


def test_a_command_after_the_state_makes_it_stale() -> None:
    found = reading('*c xConfiguration IP DNS Hostname: "old"\nxConfiguration IP DNS Hostname: "new"\n')
    assert [(change.item, change.to, change.where.line) for change in found.stale] == [("ip dns hostname", "new", 2)]
    same = reading('*c xConfiguration IP DNS Hostname: "old"\nxConfiguration IP DNS Hostname: "old"\n')
    assert same.stale == ()


def test_passwords_are_read_nowhere() -> None:
    assert "qeh8" not in repr(reading(xconf(NODE)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [('"a" "b"', "a b"), ('""', None), ("", None), ("bare", "bare"), ('"with: colon"', "with: colon")],
)
def test_values_quoted_bare_and_unset(value: str, expected: str | None) -> None:
    found = reading(f"*c xConfiguration SystemUnit Name: {value}\n*c xConfiguration H323 Mode: On\n")
    said = found.facts.get(Field.SYSTEM_NAME)
    assert (said.value if said else None) == expected


@pytest.mark.parametrize(
    ("zone", "type_"),
    [
        (ZoneLine(5, "UC", "TraversalServer", {"Collaboration Edge": "On", "SIP Port": "7001"}), "expressway-e"),
        (ZoneLine(5, "UC", "TraversalClient", {"Collaboration Edge": "On", "SIP Port": "7001"}), "expressway-c"),
        (ZoneLine(5, "B2B", "TraversalClient", {"Collaboration Edge": "Off", "SIP Port": "7001"}), None),
        (ZoneLine(5, "CUCM", "Neighbor", {"SIP Port": "5061", "Peer 1 Address": "cucm1.example.com"}), None),
    ],
)
def test_the_type_rests_on_a_zone_that_only_it_has(zone: ZoneLine, type_: str | None) -> None:
    said = reading(xconf(replace(NODE, zones=(zone,)))).facts.get(Field.TYPE)
    assert (said.value if said else None) == type_


def test_automatic_zones_are_unified_cm_nodes() -> None:
    text = (
        '*c xConfiguration Zones Zone 2 Name: "CEtls-cucm1.example.com"\n'
        '*c xConfiguration Zones Zone 2 Neighbor Peer 1 Address: "cucm1.example.com"\n'
        '*c xConfiguration Zones Zone 2 Type: "Neighbor"\n'
    )
    found = reading(text)
    assert (found.zones, [said.value for said in found.servers]) == ((), ["cucm1.example.com"])


def test_a_status_gives_release_interfaces_and_alarms() -> None:
    found = reading(status_xml(replace(NODE, alarms=("Cluster TLS permissive",))))
    assert {field.value: said.value for field, said in found.facts.items()} == {
        "release": "X14.3.4",
        "dual network interfaces": "true",
        "lan1.ip": "10.20.0.11/24",
        "lan2.ip": "192.168.50.11/24",
    }
    assert [alarm.title for alarm in found.alarms] == ["Cluster TLS permissive"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('<!DOCTYPE a [<!ENTITY x "y">]><Status>&x;</Status>', "entities"),
        ('<Status version="X15.5"><a></Status>', "not well-formed XML at line 1"),
        ("<Status>" + "<a>" * 100 + "</a>" * 100 + "</Status>", "over 64 levels"),
        ("<Configuration/>", "xConfiguration as XML"),
        ("<html><body>no</body></html>", "no kind that is read here"),
    ],
)
def test_xml_that_is_not_read_says_why(text: str, why: str) -> None:
    assert why in refusal(text).why


LOG = (
    '2026-06-01T10:00:00.123+00:00 exe1 alarm: Level="WARN" Event="Alarm Raised" Id="20004" Severity="warning" '
    'Detail="Cluster communication failure: no peer" UTCTime="2026-06-01 10:00:00,123"\n'
    '2026-06-01T10:00:01.000+00:00 exe1 alarm: Event="Alarm Raised" Id="40049" Detail="Cluster TLS permissive: x"\n'
    '2026-06-01T10:00:02.000+00:00 exe1 alarm: Event="Alarm Lowered" Id="40049" Detail="Cluster TLS permissive: x"\n'
    '2026-06-01T10:00:03.000+00:00 exe1 httpd[1]: web: Event="System Configuration Changed" Node="clusterdb@a" '
    "Detail=\"configuration/cluster/tls_verify - changed from: 'Permissive' to: 'Enforcing'\" "
    'UTCTime="2026-06-01 10:00:03"\n'
)


def test_a_log_gives_alarms_that_stand_and_the_last_mode() -> None:
    found = reading(LOG)
    assert [(alarm.id, alarm.title) for alarm in found.alarms] == [("20004", "Cluster communication failure")]
    said = found.facts[Field.TLS_VERIFICATION]
    assert (said.value, said.where.line) == ("enforce", 4)
    assert found.facts[Field.HOST_NAME].value == "exe1"


PAGE = """System > Clustering
Cluster name\texpe.example.com
Configuration primary 1
Cluster IP version
IPv4
TLS verification mode
Permissive
Cluster address mapping enabled On
FQDN: exe1.example.com IP: 10.20.0.11
FQDN: exe2.example.com IP: 10.20.0.12
Peer 1 address exe1.example.com Certificate: Valid Clustering: This system
Peer 2 address
exe2.example.com
Certificate: Invalid (Common Name in certificate does not match)
Clustering: Active as exe2 (Resolved 'exe2.example.com' as '10.20.0.12')
"""


def test_the_clustering_page_is_read_as_pasted() -> None:
    found = reading(PAGE)
    assert {field.value: said.value for field, said in found.facts.items()} == {
        "cluster.name": "expe.example.com",
        "primary": "1",
        "ip_version": "ipv4",
        "tls_verification": "permissive",
        "address_mapping": ("exe1.example.com 10.20.0.11", "exe2.example.com 10.20.0.12"),
        "peers": ("exe1.example.com", "exe2.example.com"),
    }
    assert [(row.number, row.address, row.certificate, row.clustering) for row in found.rows] == [
        (1, "exe1.example.com", "Valid", "This system"),
        (
            2,
            "exe2.example.com",
            "Invalid (Common Name in certificate does not match)",
            "Active as exe2 (Resolved 'exe2.example.com' as '10.20.0.12')",
        ),
    ]


def test_a_page_copied_without_its_values_says_nothing_of_them() -> None:
    found = reading("Cluster name\nConfiguration primary\nTLS verification mode\nCertificate: Valid\n")
    assert dict(found.facts) == {}


@pytest.mark.parametrize(
    "text",
    [
        "exe1.example.com 10.20.0.11\nexe2.example.com\t10.20.0.12\n",
        "FQDN,IP\nexe1.example.com,10.20.0.11\n\nexe2.example.com; 10.20.0.12\n",
        "FQDN: exe1.example.com IP: 10.20.0.11\nFQDN: exe2.example.com IP: 10.20.0.12\n",
        (
            'xCommand Cluster Address Mapping Add Fqdn: "exe1.example.com" IpAddress: "10.20.0.11"\n'
            "xcommand cluster address mapping add exe2.example.com 10.20.0.12\n"
        ),
        "peer,fqdn,ip,note\nexe1.example.com,exe1.example.com,10.20.0.11,x\ne,exe2.example.com,10.20.0.12,\n",
    ],
    ids=["pasted", "csv", "labels", "commands", "certplan map --format csv"],
)
def test_mapping_tables_in_every_form(text: str) -> None:
    entries, where = read_mapping(text, "m.txt")
    assert entries == ("exe1.example.com 10.20.0.11", "exe2.example.com 10.20.0.12")
    assert where.file == "m.txt"


def test_every_wrong_line_of_a_mapping_table_is_said() -> None:
    with pytest.raises(MappingProblem) as caught:
        read_mapping("exe1.example.com 10.20.0\nexe2.example.com\n", "m.txt")
    assert "m.txt:1:" in str(caught.value)
    assert "m.txt:2:" in str(caught.value)
    with pytest.raises(MappingProblem, match="--mapping off"):
        read_mapping("FQDN IP\n", "m.txt")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[{"PeerAddress": "exe1.example.com"}, {"PeerAddress": "exe2.example.com"}]',
            {"peers": ("exe1.example.com", "exe2.example.com")},
        ),
        ('{"DefaultDNSServers": {"index": 2, "address": "10.0.0.2"}}', {"DNS servers": ("10.0.0.2",)}),
        ('{"SystemHostName": "exe1", "DomainName": "example.com"}', {"host_name": "exe1", "domain": "example.com"}),
        ('[{"index": 5, "Address": "ntp5"}, {"index": 1, "Address": "ntp1"}]', {"ntp": ("ntp1", "ntp5")}),
    ],
)
def test_saved_rest_answers(text: str, expected: dict[str, object]) -> None:
    assert values(text) == expected


def test_certificates_of_any_name_and_form() -> None:
    root = Authority.root()
    leaf = root.issue(cn="exe1.example.com", sans=["exe1.example.com"])
    assert len(reading(leaf.der).certificates) == 1
    assert len(reading(b"some text\n" + leaf.pem).certificates) == 1


def test_a_private_key_is_refused_and_nothing_of_it_shown(tmp_path: Path) -> None:
    leaf = self_signed("exe1.example.com")
    for data in (
        leaf.key_pem,
        leaf.pem + leaf.key_pem,
        b"*c xConfiguration H323 Mode: On\n" + leaf.key_pem,
        key_pem(leaf.key, traditional=True),
    ):
        found = refusal(data)
        assert "private key" in found.why
        assert "MI" not in found.why
    der = openssl("pkey", "-outform", "DER", cwd=tmp_path, stdin=leaf.key_pem)
    assert "private key" in refusal(der).why


@pytest.mark.parametrize("data", [b"", b"hello", b"\0\1\2\3", b"certplan: 1\ncluster: {}\n", b"*s Show: /\n*s x\n"])
def test_what_is_nothing_is_refused(data: bytes) -> None:
    assert refusal(data).why


def test_kinds() -> None:
    assert reading(LOG).kind is FileKind.LOG
    assert reading(PAGE).kind is FileKind.PAGE
    assert reading(xconf(NODE)).kind is FileKind.CONFIGURATION


def test_dns_servers_for_single_domains_are_known_with_theirs() -> None:
    found = reading(
        '*c xConfiguration DNS PerDomainServer 1 Address: "10.0.0.53"\n'
        '*c xConfiguration DNS PerDomainServer 1 Domain1: "corp.example.com"\n'
        '*c xConfiguration DNS PerDomainServer 1 Domain2: "example.net"\n'
        "*c xConfiguration DNS PerDomainServer 2 Address: \n"
        '*c xConfiguration DNS PerDomainServer 2 Domain1: "example.org"\n'
    )
    said = found.facts[Field.DNS_PER_DOMAIN]
    assert said.value == ("corp.example.com 10.0.0.53", "example.net 10.0.0.53")
    assert said.where.line == 1
