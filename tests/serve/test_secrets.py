"""Private keys in every form, sent to the workbench by every way in: no response shows them, no file keeps them."""

import json
from pathlib import Path

import pytest

from certplan.text.secrets import find_key
from tests.clusters import expressway_e
from tests.serve.running import Running, running
from tests.test_secrets import FORMS, seen

FIELDS = ("target.name", "target.address_mapping.0.ip", "target.peers.0.lan1.ip")
DOWNLOADS = ("review.html", "findings.json")
WRAPPED = (
    "pkcs8-ec-base64",
    "sec1-hex",
    "armor",
    "armor-folded",
    "spaced",
    "openssh",
    "putty",
    "jwk",
    "middle",
    "list",
)
SENT = sorted((form for form in FORMS if form[0] in WRAPPED), key=lambda form: WRAPPED.index(form[0]))


def everything(workbench: Running, *more: str) -> str:
    """What these pages and what the workbench shows now have in all: each line once, for most stand on every page."""
    pages = [*more, workbench.get("/").text, *(workbench.get(f"/download/{name}").text for name in DOWNLOADS)]
    return "\n".join(dict.fromkeys(line for page in pages for line in page.splitlines()))


@pytest.mark.parametrize(("text", "key"), [form[1:] for form in SENT], ids=WRAPPED)
def test_no_response_shows_a_key_that_is_sent(text: str, key: bytes, tmp_path: Path) -> None:
    draft = expressway_e(2)
    draft.plan["dns"]["public"] = {"zone_files": ["zone.txt"]}
    plan = draft.write(tmp_path)
    sound = plan.read_text()
    (tmp_path / "zone.txt").write_text("exe1.example.com. A 203.0.113.11\n")
    before = set(tmp_path.rglob("*"))
    flat = " ".join(text.split())
    with running(tmp_path) as workbench:
        workbench.open()
        page = workbench.get()
        shown = []
        for name in FIELDS:
            page = workbench.post("/edit", {"revision": page.revision, name: text})
            shown.append(page.text)
        shown += [workbench.post("/edit", {"revision": page.revision, flat[:200]: "x"}).text]
        for action in ("accept", "undo", "open", "save"):
            shown.append(workbench.post(f"/{action}", {"revision": flat, "change": flat, "plan": flat}).text)
        shown.append(workbench.get(f"/download/{flat[:60].replace(' ', '%20')}").text)
        uploads = {
            "key.pem": text.encode(),
            "certificate.txt": b"a certificate:\n" + text.encode(),
            "plan.yaml": (sound[:-2] + f', "private_key": {json.dumps(text)}}}').encode(),
            "target.yaml": (sound[:-2] + f", {json.dumps(flat)}: 1}}").encode(),
            "zone.txt": f"exe1.example.com. TXT {text}\n".encode(),
            "set.txt": f'*c xConfiguration SystemUnit Name: "{flat}"\n{text}\n'.encode(),
            "key.log": text.encode(),
        }
        shown.append(workbench.add(uploads).text)
        # A piece of base64 that nothing tells from a name is what was typed, in the plan and nowhere else.
        plan_text = [workbench.get("/download/plan.yaml").text] if find_key(text) is not None else []
        hidden = everything(workbench, *shown, *plan_text)
    assert not seen(hidden, key), seen(hidden, key)
    for file in set(tmp_path.rglob("*")) - before:
        assert not file.is_file() or not seen(file.read_text("latin-1"), key), file


@pytest.mark.parametrize(("text", "key"), [form[1:] for form in SENT[::3]], ids=WRAPPED[::3])
def test_no_response_shows_a_key_that_a_plan_in_the_folder_holds(text: str, key: bytes, tmp_path: Path) -> None:
    flat = " ".join(text.split())
    sound = expressway_e(2).write(tmp_path).read_text()
    for number, changed in enumerate(
        (
            text,
            sound.replace("exe2.example.com", flat),
            sound[:-2] + f', "private_key": {json.dumps(text)}}}',
            sound[:-2] + f", {json.dumps(flat)}: 1}}",
        )
    ):
        (tmp_path / f"other{number}.yaml").write_text(changed)
    (tmp_path / "zone.txt").write_text(text)
    with running(tmp_path) as workbench:
        workbench.open()
        shown = [workbench.post("/open", {"plan": f"other{number}.yaml"}).text for number in range(4)]
        hidden = everything(workbench, *shown)
    assert not seen(hidden, key), seen(hidden, key)
