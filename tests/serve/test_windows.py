"""Two windows on one session, and plans that come and go between them: nothing typed is lost or lands elsewhere."""

import json
from typing import Any

import pytest

from tests.browser import Browser
from tests.serve.running import Running


def regions(workbench: Running, path: str = "/", known: str = "") -> dict[str, Any]:
    answer = workbench.get(path, X_Regions=known)
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, Any] = json.loads(answer.text)
    return found


def test_only_what_changed_is_sent(workbench: Running) -> None:
    first = regions(workbench)
    known = " ".join(f"{ident}={mark}" for ident, (mark, _) in first["regions"].items())
    assert regions(workbench, known=known)["regions"] == {}
    fields = {"revision": str(first["revision"]), "target.release": "X15.2"}
    found = json.loads(workbench.post("/edit", fields, X_Regions=known).text)
    assert {"verdicts", "fields-cluster"} <= set(found["regions"])
    assert not {"fields-peer-0", "choices", "known-files", "questions"} & set(found["regions"])
    assert found["revision"] > first["revision"]


def test_the_revision_tells_a_window_that_it_has_fallen_behind(workbench: Running) -> None:
    page = workbench.get()
    assert workbench.get("/revision").text.strip() == page.revision
    workbench.post("/edit", {"revision": page.revision, "target.release": "X15.2"})
    assert workbench.get("/revision").text.strip() != page.revision
    assert "Another window has changed this" in regions(workbench)["regions"]["notice"][1]


def test_what_cannot_be_kept_of_two_windows_edits_is_said(workbench: Running) -> None:
    page = workbench.get()
    workbench.post("/edit", {"revision": page.revision, "target.release": "X15.2"})
    conflict = workbench.post(
        "/edit", {"revision": page.revision, "target.release": "X15.5", "target.name": "new.example.com"}
    )
    assert "Release: X15.5 was typed here, and it is X15.2 now." in conflict.notices
    text = workbench.get("/download/plan.yaml").text
    assert "X15.2" in text
    assert "new.example.com" in text


@pytest.mark.parametrize("path", ["/edit", "/accept", "/undo", "/save", "/answer"])
def test_what_was_meant_for_another_plan_changes_nothing(workbench: Running, path: str) -> None:
    page = workbench.get()
    fields = {
        "revision": page.revision,
        "target.release": "X15.2",
        "change": page.changes[0],
        "cluster.type": "expressway-c",
    }
    workbench.post("/example", {})
    before = workbench.get("/download/plan.yaml").text
    answer = workbench.post(path, fields)
    assert answer.status == 409
    assert workbench.get("/download/plan.yaml").text == before
    answer = workbench.add({"exe1.pem": b"x"}, revision=page.revision)
    assert answer.status == 409


@pytest.mark.system("chromium")
def test_a_second_window_shows_the_new_state_and_keeps_what_is_typed(reaching: Browser, workbench: Running) -> None:
    address = workbench.session.address
    with reaching.open(address) as one, reaching.open(address) as other:
        other.click('[name="target.name"]')
        other.press("End", "x", "y")
        one.fill('[name="target.release"]', "X15.2")
        one.wait('document.querySelector("#fields-cluster").textContent.includes("today: X14.3.4")')
        other.wait('document.querySelector("#notice").textContent.includes("Another window has changed this")')
        assert other.evaluate("document.querySelector('[name=\"target.release\"]').value") == "X15.2"
        assert other.evaluate("document.querySelector('[name=\"target.name\"]').value") == "expe.example.comxy"
        assert other.focused().startswith("input#f-target.name")
        other.press("Tab")
        other.wait('document.querySelector("#fields-cluster").textContent.includes("today: expe.example.com")')
    text = workbench.get("/download/plan.yaml").text
    assert "X15.2" in text
    assert "expe.example.comxy" in text
