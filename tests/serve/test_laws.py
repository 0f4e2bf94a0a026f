"""What holds of any edit: it can be taken back to the letter, and what is said of it is what the command line says."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certplan.judgement import Judgement
from certplan.plan.reading import load_plan, read_plan
from certplan.serve.fields import target_form, target_texts
from certplan.serve.open_plan import OpenPlan
from certplan.serve.workspace import Workspace
from tests.pki import AT
from tests.serve.unmapped import judged, unmapped

VALUES = st.one_of(
    st.sampled_from(
        [
            "",
            "exe1.example.com",
            "exe2.example.com",
            "exe3.example.com",
            "10.20.0.11",
            "10.20.0.12",
            "10.20.0.12/24",
            "203.0.113.12",
            "2001:db8::1/64",
            "exe1.pem",
            "cas.pem",
            "new.pem",
            "X15.5",
            "X14.3.4",
            "enforce",
            "permissive",
            "true",
            "2",
            "yes: [no",
            "'\"#\\",
        ]
    ),
    st.text(max_size=12),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unmapped(tmp_path_factory.mktemp("laws") / "work").parent


def names_of(folder: Path) -> list[str]:
    groups = target_form(load_plan(folder / "plan.yaml"), {}, {})
    return [each.name for group in groups for each in group.inputs()]


@contextmanager
def bench_in(folder: Path) -> Iterator[OpenPlan]:
    """The plan open, in a folder of its own."""
    with tempfile.TemporaryDirectory() as place:
        shutil.copytree(folder, place, dirs_exist_ok=True)
        open_plan = Workspace(Path(place), lambda: AT, live_dns=False).open_plan
        assert open_plan is not None
        open_plan.step()
        yield open_plan


def edits(names: list[str]) -> st.SearchStrategy[dict[str, str]]:
    # Most of what is changed in a meeting is the mapping and the peers' own addresses.
    often = [
        name for name in names if "mapping" in name or "lan" in name or name.endswith((".address", "tls_verification"))
    ]
    return st.dictionaries(st.one_of(st.sampled_from(often), st.sampled_from(names)), VALUES, min_size=1, max_size=4)


@given(data=st.data())
@settings(max_examples=60)
def test_an_edit_that_is_undone_leaves_the_text_as_it_was(folder: Path, data: st.DataObject) -> None:
    with bench_in(folder) as open_plan:
        texts = [open_plan.state.text]
        for _ in range(data.draw(st.integers(1, 3))):
            open_plan.edit(data.draw(edits(names_of(folder))), open_plan.revision)
            open_plan.step()
            if open_plan.state.text != texts[-1]:
                texts.append(open_plan.state.text)
        for text in texts[::-1]:
            while open_plan.typed:
                open_plan.undo()
            assert open_plan.state.text == text
            open_plan.undo()


@given(data=st.data())
@settings(max_examples=60)
def test_what_is_taken_is_in_the_text_and_what_is_not_has_its_reason(folder: Path, data: st.DataObject) -> None:
    with bench_in(folder) as open_plan:
        open_plan.edit(data.draw(edits(names_of(folder))), open_plan.revision)
        shown = {**target_texts(open_plan.step().plan), **open_plan.typed}
        assert bool(open_plan.typed) == bool(open_plan.problems)
        again = read_plan(open_plan.state.text, "plan.yaml", open_plan.path.parent)
        assert {**target_texts(again), **open_plan.typed} == shown


def said(judgement: Judgement | None) -> tuple[str, str | None]:
    assert judgement is not None
    return judgement.verdict.value, None if judgement.target is None else judgement.target.verdict.value


@given(data=st.data())
@settings(max_examples=12)
def test_the_command_line_says_the_same_of_any_edit_that_is_saved(folder: Path, data: st.DataObject) -> None:
    with bench_in(folder) as open_plan:
        open_plan.edit(data.draw(edits(names_of(folder))), open_plan.revision)
        found = said(open_plan.step().judgement)
        open_plan.save()
        assert judged(open_plan.path) == found


@given(data=st.data())
@settings(max_examples=30)
def test_what_was_kept_of_an_earlier_state_is_what_would_be_judged_anew(folder: Path, data: st.DataObject) -> None:
    with bench_in(folder) as open_plan:
        for _ in range(2):
            open_plan.edit(data.draw(edits(names_of(folder))), open_plan.revision)
            kept = open_plan.step()
        anew = OpenPlan(
            open_plan.path, open_plan.state, None, lambda: AT, revisions=iter(range(1000, 2000)), live_dns=False
        ).step()
        assert kept.judgement == anew.judgement
        assert kept.suggestions == anew.suggestions
