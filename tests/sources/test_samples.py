"""Public samples, kept outside the repository, read whole; skipped where they are absent."""

from pathlib import Path

import pytest

from certplan.sources.archive import Budget, unpack
from certplan.sources.content import read_item
from certplan.sources.model import Field, FileKind, FileReading, Item

SAMPLES = Path(__file__).parents[2] / "../shared/samples"
if not SAMPLES.is_dir():
    SAMPLES = Path(__file__).parents[2] / "../../shared/samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public samples are not beside the checkout")


def sample(name: str) -> FileReading:
    path = SAMPLES / name
    with path.open("rb") as stream:
        (item,) = unpack(stream, name, "samples", Budget())
    assert isinstance(item, Item)
    found = read_item(item)
    assert isinstance(found, FileReading)
    return found


def test_a_whole_status_of_x8_11_3() -> None:
    found = sample("py-expressway-status-x8.11.3.xml")
    assert found.kind is FileKind.STATUS
    assert {field.value: said.value for field, said in found.facts.items()} == {
        "release": "X8.11.3",
        "dual network interfaces": "false",
        "serial number": "017DB2D0",
        "domain": "dummy.com",
        "lan1.ip": "192.168.44.100/24",
        "lan2.ip": "192.168.0.100/24",
    }
    assert [alarm.title for alarm in found.alarms] == [
        "Invalid release key",
        "NTP server not available",
        "Date and time not validated",
    ]


def test_factory_certificates() -> None:
    found = sample("py-expressway-factory-certs.pem")
    assert (found.kind, len(found.certificates)) == (FileKind.CERTIFICATES, 3)
    assert "Temporary Certificate" in found.certificates[0].certificate.subject


def test_logs_of_the_change_to_enforce() -> None:
    found = sample("ta-217230-logs.txt")
    assert found.kind is FileKind.LOG
    assert found.facts[Field.TLS_VERIFICATION].value == "enforce"
    assert {alarm.id for alarm in found.alarms} == {"20004", "20006", "20007"}


def test_zones_of_both_sides() -> None:
    found = sample("tac-212475-xconfiguration-zones.txt")
    by_number = {zone.number: zone for zone in found.zones}
    assert by_number[7].type == "TraversalServer"
    assert by_number[7].verify_subject_name == "rtp12-tpdmz-118-VCSC.rtp.ciscotac.net"
    assert by_number[6].peers == ("amer-expressway01.ciscotac.net",)
    assert "cipher" not in repr(found)


def test_tls_lines_are_a_log() -> None:
    assert sample("tac-tls-log-lines.txt").kind is FileKind.LOG
