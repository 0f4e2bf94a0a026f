"""What is done at the workbench: exports in, fields of the target, changes accepted, undo, the way out."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from certplan.plan.reading import load_plan
from tests.cli.importing import node
from tests.clusters import ISSUING, expressway_c, expressway_e
from tests.pki import ec_key
from tests.serve.running import Answer, Running, running
from tests.serve.unmapped import judged
from tests.sources.exports import peer_files, tar_gz


def edit(workbench: Running, page: Answer, **fields: str) -> Answer:
    named = {name.replace("__", "."): value for name, value in fields.items()}
    return workbench.post("/edit", {"revision": page.revision, **named})


def test_from_a_plan_to_a_saved_target(workbench: Running, plan: Path) -> None:
    page = workbench.get()
    assert page.verdicts == {"today": "NOT READY", "target": "NOT READY"}
    page = workbench.accept(page.changes[0])
    assert page.verdicts == {"today": "NOT READY", "target": "READY"}
    assert page.changes == []
    assert page.value("target.address_mapping.1.ip") == "10.20.0.12"
    before = plan.read_text()
    page = workbench.post("/save", {"revision": page.revision})
    assert "Saved plan.yaml" in page.notices
    assert plan.read_text().startswith(before)
    assert judged(plan) == ("not-ready", "ready")
    assert workbench.get("/download/plan.yaml").text == plan.read_text()


def test_every_edit_is_judged_and_undone(workbench: Running) -> None:
    page = workbench.get()
    ready = workbench.accept(page.changes[0])
    broken = edit(workbench, ready, target__address_mapping__1__ip="203.0.113.12")
    assert broken.verdicts["target"] == "NOT READY"
    undone = workbench.post("/undo", {"revision": broken.revision})
    assert undone.verdicts["target"] == "READY"
    first = workbench.post("/undo", {"revision": undone.revision})
    assert first.verdicts["target"] == "NOT READY"
    assert workbench.get("/download/plan.yaml").text.count("target:") == 0


def test_half_a_row_stays_typed_and_counts_once_it_is_whole(workbench: Running) -> None:
    page = edit(workbench, workbench.get(), target__address_mapping__0__fqdn="exe1.example.com")
    assert "Row 1 is missing its IP address" in page.notices
    assert page.value("target.address_mapping.0.fqdn") == "exe1.example.com"
    assert "target:" not in workbench.get("/download/plan.yaml").text
    page = edit(workbench, page, target__address_mapping__0__ip="10.20.0.11")
    assert page.notices == ""
    assert "{fqdn: exe1.example.com, ip: 10.20.0.11}" in workbench.get("/download/plan.yaml").text


@pytest.mark.parametrize(
    ("name", "value", "stated"),
    [
        ("target.release", "X15.2", ("release", "X15.2")),
        ("target.tls_verification", "permissive", ("tls_verification", "permissive")),
        ("target.peers.1.lan1.ip", "10.20.0.22/24", ("peers", {"exe2.example.com": {"lan1": "10.20.0.22/24"}})),
        ("target.peers.0.address", "10.20.0.11", ("peers", {"exe1.example.com": {"address": "10.20.0.11"}})),
        (
            "target.peers.0.trusted_cas.1",
            "more.pem",
            ("peers", {"exe1.example.com": {"trusted_cas": ["cas.pem", "more.pem"]}}),
        ),
        ("target.removed_peers.0", "exe2.example.com", ("removed_peers", ["exe2.example.com"])),
        ("target.services.mra.domains.0", "example.com", ("services", {"mra": {"domains": ["example.com"]}})),
        ("target.dns.public.records.1", "", ("dns", {"public": {"records": ["exe1.example.com. A 203.0.113.11"]}})),
    ],
)
def test_a_field_goes_where_its_name_says_and_back(
    workbench: Running, name: str, value: str, stated: tuple[str, object]
) -> None:
    import yaml

    page = workbench.get()
    before = page.value(name) if "tls" not in name and "removed" not in name else ""
    changed = workbench.post("/edit", {"revision": page.revision, name: value})
    assert changed.notices == ""
    target = yaml.safe_load(workbench.get("/download/plan.yaml").text)["target"]
    found = target[stated[0]]
    if "lan1" in name:
        found = {"exe2.example.com": {"lan1": found["exe2.example.com"]["lan1"]["ip"]}}
    assert found == stated[1]
    again = workbench.post(
        "/edit", {"revision": changed.revision, name: before or "enforce" if "tls" in name else before}
    )
    left = yaml.safe_load(workbench.get("/download/plan.yaml").text).get("target", {})
    assert stated[0] == "tls_verification" or stated[0] not in left, again.notices


def test_a_peer_is_added_once_it_has_an_address_and_lan_1(workbench: Running) -> None:
    page = edit(workbench, workbench.get(), target__peers__2__address="exe3.example.com")
    assert "needs its address and its LAN 1" in page.notices
    page = edit(workbench, page, target__peers__2__lan1__ip="10.20.0.13/24")
    assert page.value("target.peers.2.lan1.ip") == "10.20.0.13/24"
    assert "A peer to be added" in page.text
    text = workbench.get("/download/plan.yaml").text
    assert "exe3.example.com" in text
    page = edit(workbench, page, target__peers__2__address="")
    assert "exe3.example.com" not in workbench.get("/download/plan.yaml").text


@pytest.mark.parametrize(
    "name",
    ["target.peers.9.address", "target.nothing.0", "target.peers.x.y", "target.peers", "target.", "cluster.name"],
)
def test_a_field_that_there_is_not_changes_nothing(workbench: Running, name: str) -> None:
    page = workbench.post("/edit", {"revision": workbench.get().revision, name: "x"})
    assert page.status == 200
    assert "target:" not in workbench.get("/download/plan.yaml").text


def test_two_windows_lose_nothing_of_each_other(workbench: Running) -> None:
    page = workbench.get()
    edit(workbench, page, target__release="X15.2")
    other = edit(workbench, page, target__name="expe2.example.com", target__release="X14.3.4")
    assert other.status == 200
    text = workbench.get("/download/plan.yaml").text
    assert "X15.2" in text
    assert "expe2.example.com" in text
    conflict = edit(workbench, page, target__release="X15.5")
    assert conflict.status == 409
    assert "changed in another window" in conflict.notices
    for path in ("/undo", "/save"):
        assert workbench.post(path, {"revision": page.revision}).status == 409
    assert workbench.get("/download/plan.yaml").text == text


def test_an_edit_made_meanwhile_is_never_overwritten(workbench: Running, plan: Path) -> None:
    page = edit(workbench, workbench.get(), target__release="X15.2")
    theirs = plan.read_text() + "# by somebody else\n"
    plan.write_text(theirs)
    answer = workbench.post("/save", {"revision": page.revision})
    assert answer.status == 409
    assert "changed by somebody else" in answer.notices
    assert plan.read_text() == theirs
    assert "X15.2" in workbench.get("/download/plan.yaml").text
    page = workbench.post("/open", {"plan": "plan.yaml", "again": "yes"})
    assert "by somebody else" in workbench.get("/download/plan.yaml").text


def test_read_only_writes_nothing(plan: Path) -> None:
    before = {path: path.read_bytes() for path in plan.parent.iterdir()}
    with running(plan.parent, read_only=True) as workbench:
        page = edit(workbench, workbench.get(), target__release="X15.2")
        assert ">Save<" not in page.text
        assert workbench.post("/save", {"revision": page.revision}).status == 422
    assert {path: path.read_bytes() for path in plan.parent.iterdir()} == before


def exports(count: int = 2) -> dict[str, bytes]:
    peers = tuple(f"exe{number}.example.com" for number in range(1, count + 1))
    nodes = [node(number, peers=peers, zones=()) for number in range(1, count + 1)]
    return {f"{each.host}.tar.gz": tar_gz(peer_files(each)) for each in nodes}


def test_exports_make_a_plan_whose_questions_are_asked(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with running(folder) as workbench:
        page = workbench.add(exports())
        assert page.verdicts == {"today": "UNDECIDED", "target": "UNDECIDED"}
        for name in ("cluster.type", "cluster.tls_verification", "cluster.address_mapping"):
            assert f'name="{name}"' in page.text
        rows = "exe1.example.com\t10.20.0.11\nexe2.example.com\t10.20.0.12\n"
        answers = {"cluster.type": "expressway-e", "cluster.tls_verification": "permissive"}
        page = workbench.post("/answer", {"revision": page.revision, **answers, "cluster.address_mapping": rows})
        assert page.verdicts == {"today": "READY", "target": "READY"}
        assert 'name="cluster.type"' not in page.text
        assert not folder.exists()
        workbench.post("/save", {"revision": page.revision})
    assert judged(folder / "plan.yaml")[0] == "ready"
    assert load_plan(folder / "plan.yaml").peers[1].server_certificate == "certs/exe2.pem"


def test_further_exports_bring_today_up_to_date(tmp_path: Path) -> None:
    with running(tmp_path) as workbench:
        workbench.add(exports())
        peers = ("exe1.example.com", "exe2.example.com")
        later = {f"exe{n}.tar.gz": tar_gz(peer_files(node(n, peers=peers, zones=(), release="X15.2"))) for n in (1, 2)}
        page = workbench.add(later)
        assert "changed" in page.notices
        assert "X15.2" in workbench.get("/download/plan.yaml").text


def test_files_with_brackets_in_their_names_are_told_apart(tmp_path: Path) -> None:
    """As browsers and copies number them; a member of an archive is shown in brackets, too."""
    numbered = {f"diag[{number}].tar.gz": data for number, data in enumerate(exports().values(), 1)}
    with running(tmp_path) as workbench:
        notices = workbench.add(numbered).notices
        assert all(f"{name}: " in notices for name in numbered)
        later = node(1, peers=("exe1.example.com", "exe2.example.com"), zones=(), cluster_name="new.example.com")
        again = workbench.add({"diag[1].tar.gz": tar_gz(peer_files(later))}).notices
        assert "diag[1].tar.gz: " in again
        assert "diag[2]" not in again


def test_certificates_wait_for_the_peers(tmp_path: Path) -> None:
    leaf = ISSUING.issue(cn="expe.example.com", sans=["exe1.example.com"], key=ec_key("exe1 first"))
    with running(tmp_path) as workbench:
        assert "is kept until" in workbench.add({"server_exe1.pem": leaf.pem}).notices
        bare = {name: data for name, data in peer_files(node(1, zones=())).items() if name.startswith("xconf")}
        workbench.add(bare)
        assert "server_certificate: certs/exe1.pem" in workbench.get("/download/plan.yaml").text


def test_private_keys_are_neither_taken_nor_kept(workbench: Running, plan: Path) -> None:
    leaf = ISSUING.issue(cn="exe1.example.com", sans=["exe1.example.com"], key=ec_key("exe1 secret"))
    for state in ("today", "target"):
        wide = (leaf.pem + leaf.key_pem).decode().encode("utf-16")
        zone = b"$TTL 3600\n" + b"; \n" * 30_000 + leaf.key_pem
        files = {"both.pem": leaf.pem + leaf.key_pem, "exe1.key": leaf.key_pem, "wide.pem": wide, "a.zone": zone}
        page = workbench.add(files, state=state)
        assert page.notices.count("holds a private key") == 4
    secret = leaf.key_pem.splitlines()[1].decode()
    for path in ("/", "/download/plan.yaml", "/download/findings.json", "/download/review.html"):
        assert secret not in workbench.get(path).text
    assert "target:" not in workbench.get("/download/plan.yaml").text
    assert workbench.post("/save", {"revision": workbench.get().revision}).status == 200
    assert not any(secret in path.read_text() for path in plan.parent.iterdir() if path.is_file())


def test_bombs_and_odd_names_are_refused(workbench: Running, plan: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../evil.txt", b"x")
        archive.writestr("zeros.txt", bytes(80 * 1024 * 1024))
    before = {path.name for path in plan.parent.parent.rglob("*")}
    page = workbench.add({"../../../bomb.zip": packed.getvalue(), "<script>alert(1)</script>.txt": b"nothing"})
    assert "Not taken" in page.notices
    assert "<script>alert" not in page.text
    assert {path.name for path in plan.parent.parent.rglob("*")} == before


def test_a_new_certificate_goes_to_the_peer_that_it_names(workbench: Running, plan: Path) -> None:
    leaf = ISSUING.issue(cn="x", sans=["expe.example.com", "exe2.example.com"], key=ec_key("exe2 next"))
    page = workbench.add({"whatever.crt": leaf.pem}, state="target")
    assert page.value("target.peers.1.server_certificate") == "certs/exe2-new.pem"
    workbench.post("/save", {"revision": page.revision})
    assert (plan.parent / "certs" / "exe2-new.pem").read_bytes() == leaf.pem


def test_a_ca_that_is_missing_is_loaded_in_the_target(tmp_path: Path) -> None:
    draft = expressway_e(2)
    draft.trust(2, draft.root)
    plan = draft.write(tmp_path)
    with running(tmp_path) as workbench:
        page = workbench.get()
        assert page.verdicts["today"] == "NOT READY"
        for _ in range(5):
            if page.changes:
                page = workbench.accept(page.changes[0])
        assert page.verdicts["target"] == "READY"
        workbench.post("/save", {"revision": page.revision})
    assert judged(plan) == ("not-ready", "ready")


def test_a_verdict_that_errors_qualify_says_so_whole(tmp_path: Path) -> None:
    draft = expressway_c(2)
    draft.peer(2)["h323"] = False
    draft.write(tmp_path)
    with running(tmp_path) as workbench:
        page = workbench.get()
        assert page.verdicts["today"] == "READY"
        assert "For Enforce, but 1 error breaks other services: fix it first." in page.text


def test_the_demo_is_a_start(tmp_path: Path) -> None:
    with running(tmp_path) as workbench:
        page = workbench.post("/example", {})
        assert page.verdicts["today"] == "NOT READY"
        assert list(tmp_path.iterdir()) == []
        for name in ("review.html", "runbook.html", "csr-sheet.html", "drawing.svg", "findings.json", "plan.yaml"):
            found = workbench.get(f"/download/{name}")
            assert found.status == 200, found.notices
            assert found.headers["content-disposition"] == f'attachment; filename="{name}"'
            assert f'href="/download/{name}"' in page.text
        assert json.loads(workbench.get("/download/findings.json").text)["plans"][0]["verdict"] == "not-ready"


def test_a_plan_that_cannot_be_read_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text("certplan: 1\ncluster: {nam: x}\n")
    with running(tmp_path) as workbench:
        page = workbench.get()
        assert "cannot be opened" in page.notices
        assert workbench.post("/undo", {"revision": "1"}).status == 422


def test_an_edit_of_six_peers_asks_nothing_twice(tmp_path: Path) -> None:
    expressway_e(6).write(tmp_path)
    with running(tmp_path) as workbench:
        page = edit(workbench, workbench.get(), target__address_mapping__2__ip="203.0.113.13")
        assert page.verdicts == {"today": "READY", "target": "NOT READY"}
