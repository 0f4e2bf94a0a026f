"""Archives of every make, and hostile ones: bounded in memory and time, refused by the member's name, never raised."""

import bz2
import gzip
import io
import struct
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certplan.cli.import_files import items_of
from certplan.sources.archive import MAX_MEMBERS, Budget, unpack
from certplan.sources.importing import read_exports
from certplan.sources.model import Item, Refusal
from tests.sources.exports import members, tar_gz, zipped

FILES = {"a.txt": b"first", "folder/b.txt": b"second"}


def named(found: list[Item | Refusal]) -> list[tuple[str, bytes]]:
    return [(item.file, item.data) for item in found if isinstance(item, Item)]


@pytest.mark.parametrize(
    "data", [tar_gz(FILES), gzip.decompress(tar_gz(FILES)), zipped(FILES)], ids=["tgz", "tar", "zip"]
)
def test_tar_gz_tar_and_zip_give_their_members(data: bytes) -> None:
    assert named(members(data)) == [("archive[a.txt]", b"first"), ("archive[folder/b.txt]", b"second")]


def test_archives_in_an_archive_are_opened() -> None:
    inner = {"exe1.tar.gz": tar_gz(FILES), "exe2.zip": zipped(FILES)}
    assert [name for name, _ in named(members(zipped(inner)))] == [
        "archive[exe1.tar.gz][a.txt]",
        "archive[exe1.tar.gz][folder/b.txt]",
        "archive[exe2.zip][a.txt]",
        "archive[exe2.zip][folder/b.txt]",
    ]


def test_what_is_no_archive_is_one_file() -> None:
    assert named(members(b"text")) == [("archive", b"text")]
    assert named(members(gzip.compress(b"text"))) == [("archive", b"text")]


def test_captures_are_passed_over() -> None:
    assert members(tar_gz({"eth0.pcap": b"\xd4\xc3\xb2\xa1" + bytes(100)})) == []


def _odd_tar(*kinds: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, kind in kinds:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
        good = tarfile.TarInfo("good.txt")
        good.size = 4
        archive.addfile(good, io.BytesIO(b"good"))
    return packed.getvalue()


def test_links_devices_and_names_that_lead_outside_are_refused_by_name() -> None:
    data = _odd_tar(
        ("soft", tarfile.SYMTYPE),
        ("hard", tarfile.LNKTYPE),
        ("device", tarfile.CHRTYPE),
        ("pipe", tarfile.FIFOTYPE),
        ("../up", tarfile.REGTYPE),
        ("/etc/x", tarfile.REGTYPE),
        ("C:\\x", tarfile.REGTYPE),
    )
    found = members(data)
    assert named(found) == [("archive[good.txt]", b"good")]
    assert [each.file for each in found if isinstance(each, Refusal)] == [
        f"archive[{name}]" for name in ("soft", "hard", "device", "pipe", "../up", "/etc/x", "C:\\x")
    ]


def _bounded(data: bytes) -> tuple[list[Item | Refusal], float, float]:
    """What it gives, in how many seconds, with how many MiB at most."""
    tracemalloc.start()
    begun = time.process_time()
    found = members(data)
    spent = time.process_time() - begun
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return found, spent, peak / (1 << 20)


def test_a_bomb_costs_what_is_kept_and_no_more() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    member = tarfile.TarInfo("zeros.txt")
    member.size = 4 << 30
    pieces = [packer.compress(member.tobuf())]
    pieces += [packer.compress(bytes(1 << 24)) for _ in range(16)]
    found, spent, peak = _bounded(b"".join([*pieces, packer.flush()]))
    assert [each for each in found if isinstance(each, Item) and not each.cut] == []
    assert peak < 300
    assert spent < 30


def test_a_hundred_thousand_members_are_not_read() -> None:
    block = tarfile.TarInfo("empty.txt").tobuf()
    found, spent, peak = _bounded(gzip.compress(block * 100_000, 1))
    last = found[-1]
    assert isinstance(last, Refusal)
    assert f"over {MAX_MEMBERS:,} members" in last.why
    assert len(found) <= MAX_MEMBERS + 1
    assert peak < 100
    assert spent < 60


def test_a_zip_of_a_hundred_thousand_members_is_not_read() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(60_000):
            archive.writestr(f"{number:0>60}", b"")
    found, spent, peak = _bounded(packed.getvalue())
    assert len(found) == 1
    assert isinstance(found[0], Refusal)
    assert peak < 50
    assert spent < 10


def test_a_header_that_claims_gigabytes_is_not_believed() -> None:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 3 << 30
    found, _, peak = _bounded(header.tobuf() + bytes(4096))
    assert isinstance(found[0], Refusal)
    assert "impossible size" in found[0].why
    assert peak < 20


def test_a_lying_zip_is_refused_by_member() -> None:
    data = bytearray(zipped({"a.txt": b"first " * 100}))
    at = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 1 << 31)
    found = members(bytes(data))
    assert [(each.file, each.why) for each in found if isinstance(each, Refusal)] == [
        ("archive[a.txt]", "claims an impossible size; it is not read")
    ]


def test_cut_short_archives_say_so() -> None:
    whole = tar_gz({"a.txt": bytes(range(256)) * 4000})
    found = members(whole[: len(whole) // 2])
    assert any(isinstance(each, Refusal) and "cut short or damaged" in each.why for each in found)


def test_archives_of_other_makes_are_named() -> None:
    found = members(bz2.compress(b"x"))
    assert isinstance(found[0], Refusal)
    assert "bzip2" in found[0].why


def test_an_archive_in_itself_ends() -> None:
    data = b"end"
    for _ in range(8):
        data = tar_gz({"inner.tar.gz": data})
    assert any(isinstance(each, Refusal) and "too deep" in each.why for each in members(data))


def test_folders_are_read_in_order_and_links_in_them_are_not(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.txt").write_text("two")
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "link").symlink_to("/etc/passwd")
    found = list(items_of([tmp_path, tmp_path / "absent"]))
    assert [each.file.removeprefix(f"{tmp_path}/") for each in found] == ["a.txt", "b/2.txt", "absent"]


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=2000),
    st.sampled_from([b"", b"\x1f\x8b", b"PK\x03\x04", b"\x30\x82", b"<Status", b"*c xConfiguration "]),
)
def test_any_bytes_give_items_or_refusals(data: bytes, magic: bytes) -> None:
    found = list(unpack(io.BytesIO(magic + data), "any", "folder", Budget()))
    assert all(isinstance(each, Item | Refusal) for each in found)
    read_exports(found)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_damage_to_an_archive_gives_items_or_refusals(data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from([tar_gz(FILES), gzip.decompress(tar_gz(FILES)), zipped(FILES)])))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    found = list(unpack(io.BytesIO(bytes(whole)), "any", "folder", Budget()))
    assert all(isinstance(each, Item | Refusal) for each in found)
    read_exports(found)


def _read(data: bytes) -> float:
    begun = time.process_time()
    read_exports(unpack(io.BytesIO(data), "any", "folder", Budget()))
    return time.process_time() - begun


@pytest.mark.parametrize(
    "lines",
    [
        lambda size: "".join(
            f"*c xConfiguration Zones Zone {n} Type: Neighbor\n*c xConfiguration Zones Zone {n} Neighbor SIP Port: 1\n"
            for n in range(size)
        ),
        lambda size: (
            "2026-06-01T10:00:00Z h x: " + 'Event="System Configuration Changed" Detail="a changed from: b" ' * size
        ),
        lambda size: "Peer 1 address Certificate: Clustering: Active as " * size,
        lambda size: "[" * size,
        lambda size: "<Status>" + "<a>x</a>" * size + "</Status>",
        lambda size: "\x1b]" * size,
    ],
    ids=["zones", "log", "page", "json", "xml", "escapes"],
)
def test_time_grows_with_size_and_no_faster(lines: Callable[[int], str]) -> None:
    _read(lines(10).encode())
    small, large = (min(_read(lines(size).encode()) for _ in range(3)) for size in (4000, 32_000))
    assert large < 24 * max(small, 0.005)


def test_thousands_of_appliances_are_bounded() -> None:
    files = {f"{n}.txt": f"*c xConfiguration IP DNS Hostname: h{n}\n".encode() for n in range(2500)}
    assert _read(tar_gz(files)) < 30
