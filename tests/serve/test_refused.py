"""What the workbench cannot do is said on the page, and nothing changes; zones are a part of the page."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.clusters import expressway_e
from tests.serve.running import Running, running
from tests.zones.pairs import pair


def test_the_zones_of_a_plan_are_judged_on_the_page(tmp_path: Path) -> None:
    both = pair()
    both.e.write(tmp_path / "expe")
    plan = both.c.write(tmp_path / "expc")
    with running(plan.parent) as workbench:
        page = workbench.get()
        assert ">Zones</h2>" in page.text
        assert "<h3>Zone UC traversal" in page.text
        assert page.verdicts["today"] == "READY"


@pytest.mark.parametrize(
    ("path", "fields", "why"),
    [
        ("/answer", {}, "no question was answered"),
        ("/answer", {"cluster.address_mapping": "exe1.example.com and nothing else"}, "Nothing was done"),
        ("/accept", {"change": "no such change"}, "this change is suggested no more"),
    ],
)
def test_what_is_refused_changes_nothing(
    workbench: Running, plan: Path, path: str, fields: dict[str, str], why: str
) -> None:
    before, text = workbench.get(), plan.read_bytes()
    page = workbench.post(path, {"revision": before.revision, **fields})
    assert page.status == 422
    assert why in page.notices
    assert page.verdicts == before.verdicts
    assert workbench.get("/download/plan.yaml").text.encode() == text


def test_a_value_that_cannot_be_taken_leaves_the_documents_as_they_are(workbench: Running) -> None:
    page = workbench.get()
    answer = workbench.post("/edit", {"revision": page.revision, "target.release": "no release"})
    assert answer.verdicts["today"] == page.verdicts["today"]
    assert workbench.get("/download/review.html").status == 200


def test_without_a_plan_there_is_nothing_to_download(tmp_path: Path) -> None:
    with running(tmp_path) as workbench:
        answer = workbench.get("/download/review.html")
    assert answer.status == 422
    assert "review.html is not available" in answer.notices


UNKNOWN = """\
certplan: 1
cluster: {name: expe.example.com, type: unknown, release: unknown, tls_verification: unknown, address_mapping: unknown}
peers:
  - {address: exe1.example.com, lan1: unknown}
  - {address: exe2.example.com, lan1: unknown}
"""


def test_a_plan_that_knows_next_to_nothing_is_undecided_and_asks(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(UNKNOWN)
    with running(tmp_path) as workbench:
        page = workbench.get()
        assert page.status == 200
        assert set(page.verdicts.values()) == {"UNDECIDED"}
        assert 'name="cluster.type"' in page.text
        for path in re.findall(r'href="(/download/[^"]+)"', page.text):
            answer = workbench.get(path)
            assert answer.status in (200, 422), path
            assert "failed unexpectedly" not in answer.text
        answers = {"cluster.type": "expressway-e", "cluster.release": "X15.2", "cluster.tls_verification": "permissive"}
        page = workbench.post("/answer", {"revision": page.revision, **answers})
        assert page.status == 200
        assert set(page.verdicts.values()) <= {"UNDECIDED", "NOT READY"}


@pytest.mark.parametrize(
    "path",
    [
        ("cluster", "type"),
        ("cluster", "release"),
        ("cluster", "tls_verification"),
        ("cluster", "address_mapping"),
        ("peers", 0, "lan1"),
        ("peers", 1, "fqdn"),
    ],
)
def test_one_thing_unknown_breaks_no_document_and_no_change(path: tuple[Any, ...], tmp_path: Path) -> None:
    draft = expressway_e(2)
    at = draft.plan
    for word in path[:-1]:
        at = at[word]
    at[path[-1]] = "unknown"
    with running(draft.write(tmp_path).parent) as workbench:
        page = workbench.get()
        answers = [workbench.get(link) for link in re.findall(r'href="(/download/[^"]+)"', page.text)]
        answers += [workbench.accept(change) for change in page.changes[:2]]
    assert len(answers) > 5
    for answer in (page, *answers):
        assert answer.status in (200, 303, 422)
        assert "failed unexpectedly" not in answer.text
