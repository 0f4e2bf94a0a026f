"""Files that are added besides exports: plans with what they name, new certificates and CA lists, whose they are."""

import re
from pathlib import Path

import pytest
import yaml

from tests.clusters import ISSUING, ROOT, expressway_e
from tests.pki import bundle, ec_key
from tests.serve.running import Running, running
from tests.serve.unmapped import judged


def target(workbench: Running) -> dict[str, dict[str, dict[str, object]]]:
    found: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(workbench.get("/download/plan.yaml").text)["target"]
    return found


def test_a_plan_is_opened_with_the_files_it_names(tmp_path: Path) -> None:
    draft = expressway_e(2)
    draft.write(tmp_path / "theirs")
    files = {Path(name).name: data for name, data in draft.files.items() if "keys/" not in name}
    plan = (tmp_path / "theirs" / "plan.yaml").read_bytes()
    with running(tmp_path / "mine") as workbench:
        page = workbench.add({"plan.yaml": plan, **files})
        assert "plan.yaml is open as plan.yaml, with exe1-server.pem" in page.notices
        assert page.verdicts["today"] == "READY"
        workbench.post("/save", {"revision": page.revision})
    assert (tmp_path / "mine" / "plan.yaml").read_bytes() == plan
    assert (tmp_path / "mine" / "certs" / "exe2-server.pem").read_bytes() == files["exe2-server.pem"]
    assert judged(tmp_path / "mine" / "plan.yaml")[0] == "ready"


def test_the_plan_of_the_folder_is_that_very_plan(workbench: Running, plan: Path) -> None:
    workbench.post("/example", {})
    page = workbench.add({"plan.yaml": plan.read_bytes()})
    assert "plan.yaml of the folder is open" in page.notices
    assert str(plan) in page.text


def test_another_plan_of_the_same_name_is_put_elsewhere(workbench: Running, plan: Path) -> None:
    other = plan.read_bytes().replace(b"# Our cluster.", b"# Another.")
    page = workbench.add({"C:\\Users\\me\\plan.yaml": other})
    assert "is open as plan-2/plan.yaml" in page.notices
    assert workbench.get("/download/plan.yaml").text.startswith("# Another.")
    assert plan.read_bytes().startswith(b"# Our cluster.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"certplan: 1\ncluster: {nam: x}\n", "is not a usable plan"),
        (b"certplan: 1\nx: [\n", "is not a usable plan"),
        (b"certplan: 1\n" + b"a: &x [*x]\n", "is not a usable plan"),
        (b"certplan: 1\n# -----BEGIN PRIVATE KEY-----\n", "holds a private key"),
    ],
)
def test_what_is_no_plan_is_refused_with_its_reason(workbench: Running, text: bytes, said: str) -> None:
    before = workbench.get("/download/plan.yaml").text
    page = workbench.add({"plan.yaml": text})
    assert said in page.notices
    assert workbench.get("/download/plan.yaml").text == before


def test_a_trusted_ca_list_is_for_the_peers_that_are_chosen(workbench: Running, plan: Path) -> None:
    cas = bundle(ISSUING, ROOT)
    workbench.add({"Company CAs.pem": cas}, state="target", peer="exe2.example.com")
    assert target(workbench)["peers"] == {"exe2.example.com": {"trusted_cas": ["trust/exe2-new.pem"]}}
    page = workbench.add({"Company CAs.pem": cas}, state="target", peer="*")
    assert [each["trusted_cas"] for each in target(workbench)["peers"].values()] == [["trust/company-cas.pem"]] * 2
    workbench.post("/save", {"revision": page.revision})
    assert (plan.parent / "trust" / "company-cas.pem").read_bytes() == cas
    assert not (plan.parent / "trust" / "exe2-new.pem").exists()


def test_what_belongs_to_no_peer_can_be_chosen_in_a_field(workbench: Running, plan: Path) -> None:
    leaf = ISSUING.issue(cn="x", sans=["nowhere.example.com"], key=ec_key("nowhere"))
    page = workbench.add({"odd.pem": leaf.pem, "cas.crt": bundle(ROOT)}, state="target")
    assert "odd.pem is kept as certs/odd.pem: choose it in the field" in page.notices
    for file in ("certs/odd.pem", "trust/cas.pem"):
        assert f'<option value="{file}">' in page.text
    assert 'name="target.peers.0.trusted_cas.1" value="" list="known-files"' in page.text
    page = workbench.post("/edit", {"revision": page.revision, "target.peers.0.trusted_cas.1": "trust/cas.pem"})
    page = workbench.post("/save", {"revision": page.revision})
    assert (plan.parent / "trust" / "cas.pem").exists()
    assert not (plan.parent / "certs" / "odd.pem").exists()
    assert '<option value="certs/odd.pem">' in page.text, "what is not named yet can still be chosen"


def test_no_key_file_is_offered(tmp_path: Path) -> None:
    expressway_e(2).write(tmp_path)
    with running(tmp_path) as workbench:
        assert [each for each in re.findall(r'<option value="([^"]+)"', workbench.get().text) if "key" in each] == []


@pytest.mark.parametrize(
    ("name", "value", "stated"),
    [
        (
            "target.peers.1.page",
            "Peer 1 address exe1\r\nCertificate: Valid",
            {"page": "Peer 1 address exe1\nCertificate: Valid"},
        ),
        ("target.peers.1.clustering.name", "other.example.com", {"clustering": {"name": "other.example.com"}}),
        ("target.peers.1.clustering.primary", "2", {"clustering": {"primary": 2}}),
    ],
)
def test_every_field_of_a_peer_but_its_key_is_an_input(
    workbench: Running, name: str, value: str, stated: dict[str, object]
) -> None:
    page = workbench.get()
    assert f'name="{name}"' in page.text
    assert "private_key" not in " ".join(re.findall(r'name="([^"]+)"', page.text))
    changed = workbench.post("/edit", {"revision": page.revision, name: value})
    assert changed.notices == ""
    assert target(workbench)["peers"] == {"exe2.example.com": stated}
    workbench.post("/edit", {"revision": changed.revision, name: ""})
    assert "peers" not in target(workbench)
