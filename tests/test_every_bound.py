"""Every row of docs/bounds.md is tried: what is at the bound is taken, what is beyond it meets what the row says."""

import io
import json
import re
import tarfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
import typer

from certplan.cli import passphrases
from certplan.cli.options import moment_of
from certplan.evidence import gather
from certplan.evidence.dns import live, message, zoneentry, zonefile, zoneload, zones
from certplan.evidence.dns.question import Question
from certplan.evidence.dns.zonefile import read_zone
from certplan.evidence.model import RecordType
from certplan.evidence.pki import material, pem
from certplan.evidence.pki.certificates import read_certificates
from certplan.handshake import chains
from certplan.handshake.chains import TrustIndex, build
from certplan.logs import lines, reading
from certplan.plan import limits, model, nodes, scalars
from certplan.plan import reading as plan_reading
from certplan.plan.reading import PlanError, read_plan
from certplan.serve import app, edits, open_plan
from certplan.sources import archive, status, xconfiguration
from certplan.sources.archive import Budget, unpack
from certplan.sources.content import read_item
from certplan.sources.model import FileReading, Item, Refusal
from certplan.text import escape
from tests.clusters import Draft, expressway_e
from tests.logs.lines import Log
from tests.pki import AT, Authority
from tests.serve.running import running

DOCUMENT = Path(__file__).parents[1] / "docs" / "bounds.md"
ROWS = {
    cells[0]: (cells[1], cells[2])
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and len(cells := [cell.strip() for cell in line.strip("|").split(" | ")]) == 3
    if cells[0] != "input"
}
SIZES = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
Patch = pytest.MonkeyPatch


def figures(bound: str) -> list[int]:
    """The numbers of a bound, in bytes where they are sizes."""
    found = re.findall(r"(\d[\d,]*)(?: ([KMG]iB))?", bound)
    return [int(number.replace(",", "")) * SIZES.get(unit, 1) for number, unit in found]


def problems(draft: Draft) -> list[str]:
    try:
        read_plan(json.dumps(draft.plan, indent=1), "plan.yaml", Path())
    except PlanError as error:
        return [str(problem) for problem in error.problems]
    return []


def plan_file(bound: list[int], folder: Path, patch: Patch) -> None:
    assert bound == [plan_reading.MAX_BYTES, nodes.MAX_NODES, nodes.MAX_DEPTH, model.MAX_PEERS]
    text = json.dumps(expressway_e(2).plan)
    read_plan(text.ljust(plan_reading.MAX_BYTES), "plan.yaml", folder)
    for refused in (text.ljust(plan_reading.MAX_BYTES + 1), "[" * 33 + "]" * 33, "[" + "1," * 100_000 + "1]"):
        with pytest.raises(PlanError):
            read_plan(refused, "plan.yaml", folder)
    draft = expressway_e(1)
    for size in (64, 65):
        draft.plan["peers"] = [{"address": f"a{n}.example.com", "lan1": f"10.1.0.{n}/16"} for n in range(size)]
        assert bool(problems(draft)) == (size > 64)
    patch.setattr(plan_reading, "MAX_BYTES", len(text))
    read_plan(text, "plan.yaml", folder)


def lists_of_a_plan(bound: list[int], folder: Path, patch: Patch) -> None:
    assert bound == [limits.MAX_ENTRIES, *(most for most in (10_000, 256, 2_016))]
    for size in (1000, 1001):
        assert len(list(limits.too_long({"waivers": ["x"] * size}))) == (size > 1000)
    for name, most in (("records", 10_000), ("address_mapping", 256), ("round_trip_ms", 2016)):
        assert not list(limits.too_long({name: ["x"] * most}))
        assert list(limits.too_long({name: ["x"] * (most + 1)})) == [((name,), most + 1, most)]


def names_and_lines(bound: list[int], folder: Path, patch: Patch) -> None:
    assert bound == [scalars.MAX_NAME, scalars.MAX_LINE]
    for take, most in ((scalars.name, 255), (scalars.line, 4096), (scalars.prose, 4096)):
        assert take("x" * most)
        with pytest.raises(ValueError, match=f"expected at most {most}"):
            take("x" * (most + 1))


def problems_of_a_plan(bound: list[int], folder: Path, patch: Patch) -> None:
    draft = expressway_e(1)
    for size in (bound[0], bound[0] + 5):
        draft.plan["peers"][0]["ntp"] = ["a b"] * size
        refusals = problems(draft)
        assert len(refusals) == min(size, 201)
    assert "and 5 more problems" in refusals[-1]


def certificate_files(bound: list[int], folder: Path, patch: Patch) -> None:
    assert bound == [material.MAX_BYTES, pem.MAX_BLOCKS]
    file = folder / "large.pem"
    for size in (bound[0], bound[0] + 1):
        with file.open("wb") as sparse:
            sparse.truncate(size)
        if size > bound[0]:
            with pytest.raises(material.UnreadableFile, match="larger than 16 MiB"):
                material.read_material(file)
        else:
            assert len(material.read_material(file)) == size
    block = b"-----BEGIN X-----\nAAAA\n-----END X-----\n"
    assert len(pem.scan(block * bound[1])[0]) == bound[1]
    with pytest.raises(pem.TooManyBlocks):
        pem.scan(block * (bound[1] + 1))
    for unfit, why in ((folder, "is a folder"), (Path("/dev/null"), "is not a regular file")):
        with pytest.raises(material.UnreadableFile, match=why):
            material.read_material(unfit)


def chains_that_are_built(bound: list[int], folder: Path, patch: Patch) -> None:
    assert bound == [vars(chains)["_LONGEST_CHAIN"]]
    patch.setattr(chains, "_LONGEST_CHAIN", 4)
    authority = Authority.root()
    pems = [authority.pem]
    for number in range(4):
        authority = authority.intermediate(f"CA {number}")
        pems.append(authority.pem)
    pems.append(authority.issue(cn="x").pem)
    *cas, leaf = (located.certificate for located in read_certificates(b"".join(pems), "all.pem")[0])
    assert len(build(leaf, (), TrustIndex(cas), AT)) == 4


def zone_files(bound: list[int], folder: Path, patch: Patch) -> None:
    assert bound == [zonefile.MAX_RECORDS, zonefile.MAX_PROBLEMS]
    for name, line in (("MAX_RECORDS", "a.b. A 10.0.0.1\n"), ("MAX_PROBLEMS", "a.b. A x y\n")):
        patch.setattr(zonefile, name, 5)
        for size in (5, 6):
            read = read_zone(line * size, "zone.txt")
            assert ("so far; the rest was not read" in str(read.problems)) == (size > 5)
            assert bool(read.gaps) == (size > 5 and bool(read.apexes))


def streams(bound: list[int], folder: Path, patch: Patch) -> None:
    threshold = figures("16 MiB")
    assert threshold + bound == [zonefile.MAX_BYTES, zoneload.MAX_STREAMED]
    file = folder / "big.zone"
    file.write_text("$ORIGIN b.\n@ 1 SOA a. b. 1 2 3 4 5\n" + "x 1 A 10.0.0.1\n" * 9 + "a 1 A 10.0.0.1\n")
    patch.setattr(zoneload, "MAX_BYTES", file.stat().st_size - 1)
    patch.setattr(zoneload, "MAX_STREAMED", file.stat().st_size)
    kept = zoneload.load_zones([(file, "big.zone")], ["a.b"])
    assert [record.owner for record in kept.records if record.type == "A"][-1:] == ["a.b"]
    assert len(kept.records) < 5
    patch.setattr(zoneload, "MAX_STREAMED", file.stat().st_size - 1)
    refused = zoneload.load_zones([(file, "big.zone")], ["a.b"])
    assert "name the zone's own server" in refused.problems[0].what


def entries_of_a_zone(bound: list[int], folder: Path, patch: Patch) -> None:
    assert bound == [zoneentry.MAX_LINE, zoneentry.MAX_LINES_OF_ENTRY, zoneentry.MAX_DEPTH]
    head = "a.b. 1 TXT "
    for fits, beyond in (
        (head.ljust(65_536, "x"), head.ljust(65_537, "x")),
        (f"{head}({chr(10) * 999})", f"{head}({chr(10) * 1000})"),
        (head + "(" * 16 + ")" * 16, head + "(" * 17 + ")" * 17),
    ):
        assert read_zone(fits, "zone.txt").problems == ()
        assert read_zone(beyond, "zone.txt").problems[0].where.line == 1


def dns_answers(bound: list[int], folder: Path, patch: Patch) -> None:
    # What a server that sends such answers meets is in tests/evidence/test_dns_message.py.
    assert bound == [message.MAX_RECORDS, live.MAX_IN_FLIGHT]


def aliases(bound: list[int], folder: Path, patch: Patch) -> None:
    assert bound == [zones.MAX_ALIASES]
    for size in (16, 17):
        links = "".join(f"a{n}.b.c. 1 CNAME a{n + 1}.b.c.\n" for n in range(size))
        contents = read_zone(f"{links}a{size}.b.c. 1 A 10.0.0.1\n", "zone.txt")
        found = zones.answer("public", Question("a0.b.c", RecordType.A), contents)
        assert bool(found.addresses) == (size == 16)


def names_asked(bound: list[int], folder: Path, patch: Patch) -> None:
    draft = expressway_e(1)
    draft.reissue(1, sans=[f"host{n}.example.com" for n in range(bound[0] + 1)])
    plan = plan_reading.load_plan(draft.write(folder))
    evidence = gather.gather(plan, AT, live_dns=False)
    asked = {question.name for question in gather.questions(plan, evidence.peers)}
    assert f"host{bound[0] - 1}.example.com" in asked
    assert f"host{bound[0]}.example.com" not in asked


def _tar(members: dict[str, bytes]) -> io.BytesIO:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    packed.seek(0)
    return packed


def archives(bound: list[int], folder: Path, patch: Patch) -> None:
    assert bound == [
        archive.MAX_MEMBERS,
        archive.MAX_MEMBER,
        archive.MAX_KEPT,
        archive.MAX_UNPACKED,
        archive.MAX_DEPTH,
    ]
    members = {f"{n}.txt": b"x" * 2000 for n in range(4)}
    size = len(_tar(members).read()) + 10 * 1024

    def refusals(budget: Budget) -> list[str]:
        found = list(unpack(_tar(members), "a.tar.gz", "a", budget))
        return [item.why for item in found if isinstance(item, Refusal)]

    assert refusals(Budget(members=4, kept=8000, unpacked=10 * size)) == []
    assert "members; the rest is not read" in refusals(Budget(members=3))[0]
    assert "to read; the rest is not read" in refusals(Budget(kept=3999))[0]
    assert "the rest is not read" in refusals(Budget(unpacked=500))[0]
    patch.setattr(archive, "MAX_MEMBER", 1999)
    cut = [item for item in unpack(_tar(members), "a.tar.gz", "a", Budget()) if isinstance(item, Item)]
    assert all(item.cut and len(item.data) == 1999 for item in cut)
    nested = _tar({"text.txt": b"x"})
    for depth in range(1, 6):
        found = list(unpack(nested, "a.tar.gz", "a", Budget()))
        assert isinstance(found[-1], Item) == (depth <= archive.MAX_DEPTH)
        nested = _tar({"inner.tar.gz": nested.getvalue()})


def uploads(bound: list[int], folder: Path, patch: Patch) -> None:
    assert bound == [app.MAX_UPLOAD, vars(app)["_MOST_FILES"]]
    expressway_e(2).write(folder)
    patch.setattr(app, "MAX_UPLOAD", 5000)
    patch.setattr(app, "_MOST_FILES", 2)
    with running(folder) as workbench:
        workbench.open()
        assert workbench.add({"a.txt": b"x", "b.txt": b"x"}).status == 200
        assert workbench.add({"a.txt": bytes(6000)}).status == 413
        assert workbench.add({"a.txt": b"x", "b.txt": b"x", "c.txt": b"x"}).status >= 400


def forms(bound: list[int], folder: Path, patch: Patch) -> None:
    assert bound == [app.MAX_FORM, vars(app)["_MOST_FIELDS"], vars(edits)["_MOST_TYPED"]]
    expressway_e(2).write(folder)
    patch.setattr(app, "MAX_FORM", 1000)
    patch.setattr(app, "_MOST_FIELDS", 3)
    with running(folder) as workbench:
        workbench.open()
        assert workbench.post("/edit", {"x": "y" * 1001}).status == 413
        assert workbench.post("/edit", {str(n): "" for n in range(4)}).status >= 400


def undone(bound: list[int], folder: Path, patch: Patch) -> None:
    assert bound == [vars(open_plan)["_MOST_STATES"]]
    plan = expressway_e(2).write(folder)
    patch.setattr(open_plan, "_MOST_STATES", 3)
    work = open_plan.OpenPlan.opened(plan, lambda: AT, revisions=count())
    for number in range(5):
        work._push(open_plan.PlanDraft(f"{work.state.text} ", {}))
        assert len(vars(work)["_states"]) == min(number + 2, 4)


def _status(levels: int, elements: int, text: str = "") -> bytes:
    inner = "<a>" * (levels - 2) + text + "</a>" * (levels - 2)
    return f"<Status>{'<e/>' * (elements - levels)}<SystemUnit>{inner}</SystemUnit></Status>".encode()


def status_documents(bound: list[int], folder: Path, patch: Patch) -> None:
    assert bound == [status.MAX_ELEMENTS, status.MAX_DEPTH, status.MAX_TEXT]
    patch.setattr(status, "MAX_ELEMENTS", 100)
    for levels, elements, fine in ((64, 100, True), (65, 100, False), (64, 101, False)):
        found = read_item(Item("status.xml", "a", _status(levels, elements)))
        assert isinstance(found, FileReading) == fine
    document = status._read(_status(3, 4, "x" * 5000), only_root=False)
    assert max(len(element.text) for element in document.elements) == bound[2]


def transcripts(bound: list[int], folder: Path, patch: Patch) -> None:
    assert bound == [xconfiguration.MAX_SETTINGS]
    patch.setattr(xconfiguration, "MAX_SETTINGS", 5)
    for size in (5, 6):
        text = "".join(f'*c xConfiguration Zones Zone {n} Name: "z{n}"\n' for n in range(1, size + 1))
        found = read_item(Item("set.txt", "a", text.encode()))
        assert isinstance(found, FileReading)
        assert any("settings were read" in note for note in found.notes) == (size > 5)


def logs(bound: list[int], folder: Path, patch: Patch) -> None:
    assert bound == [reading.MAX_EVENTS, lines.LONGEST_LINE]
    log = Log("exe1").sync(0)
    for second in range(1, 4):
        log = log.alarm(second, 20007, "x")
    file = folder / "made.log"
    file.write_text(log.text)
    events = len(reading.read_logs([file]).events)
    for most in (events, events - 1):
        patch.setattr(reading, "MAX_EVENTS", most)
        found = reading.read_logs([file])
        assert len(found.events) == most
        assert bool(found.not_read) == (most < events)


def passphrase(bound: list[int], folder: Path, patch: Patch) -> None:
    for length in (bound[0], bound[0] + 1):
        patch.setenv("SECRET", "p" * length)
        if length > bound[0]:
            with pytest.raises(typer.Exit):
                passphrases.passphrase(None, "SECRET", "Passphrase", new=True)
        else:
            assert len(passphrases.passphrase(None, "SECRET", "Passphrase", new=True)) == length


def times(bound: list[int], folder: Path, patch: Patch) -> None:
    first, last = bound
    for fine in (f"{first}-01-01", f"{last - 1}-12-31T23:59:59Z"):
        assert moment_of(fine).year in range(first, last)
    for beyond in (f"{first - 1}-12-31", f"{last}-01-01"):
        with pytest.raises(typer.BadParameter):
            moment_of(beyond)


def shown(bound: list[int], folder: Path, patch: Patch) -> None:
    words = "word " * (bound[0] // 5)
    assert escape.plain(words) == words.strip()
    cut = escape.plain(f"begin {words} end")
    assert len(cut) == bound[0]
    assert (cut[:5], cut[-3:]) == ("begin", "end")


TRIED: dict[str, Callable[[list[int], Path, Patch], None]] = {
    "plan file": plan_file,
    "a list or section of a plan": lists_of_a_plan,
    "a name in a plan": names_and_lines,
    "problems reported of one plan": problems_of_a_plan,
    "certificate, trusted CA list": certificate_files,
    "certificates in a chain": chains_that_are_built,
    "zone file": zone_files,
    "zone file of more than 16 MiB": streams,
    "line of a zone file": entries_of_a_zone,
    "DNS answer": dns_answers,
    "aliases (CNAME) followed": aliases,
    "names of one certificate": names_asked,
    "archive that is imported": archives,
    "files added in the workbench": uploads,
    "any other form of the workbench": forms,
    "states that the workbench can undo": undone,
    "status XML": status_documents,
    "xConfiguration transcript": transcripts,
    "log": logs,
    "passphrase": passphrase,
    "`--at`": times,
    "text shown of anything foreign": shown,
}


def asserted(row: str) -> Callable[[list[int], Path, Patch], None]:
    """The test of a row: that of the longest beginning of it."""
    return TRIED[max((name for name in TRIED if row.startswith(name)), key=len)]


def test_every_row_has_a_test_and_every_test_a_row() -> None:
    assert {asserted(row) for row in ROWS} == set(TRIED.values())
    assert len(ROWS) == len(TRIED)


@pytest.mark.parametrize("row", ROWS)
def test_a_bound_is_what_the_document_says(row: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asserted(row)(figures(ROWS[row][0]), tmp_path, monkeypatch)
