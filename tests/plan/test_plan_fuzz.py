"""Laws that hold for any text: only PlanError, places inside the file, nothing overlooked."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from certplan.plan import nodes
from certplan.plan.model import Plan, PlanPath
from certplan.plan.reading import PlanError, load_plan, read_plan

HERE = Path(__file__).parent
SAMPLE = (HERE / "sample.yaml").read_text(encoding="utf-8")
LEAST = (HERE / "least.yaml").read_text(encoding="utf-8")
QUOTED = SAMPLE.replace("PTR ordered, ticket CHG-1", '"PTR ordered"')
YAML_SIGNS = st.text(alphabet=" \n\t:-[]{},#&*!|>'\"%@`?~<\\=.01aé\u2028\x85\U0001f600", max_size=12)


def outcome(text: str) -> Plan | PlanError:
    try:
        return read_plan(text, "p", Path())
    except PlanError as error:
        return error


def assert_sound(found: Plan | PlanError, text: str) -> None:
    if isinstance(found, Plan):
        places = list(found.places.values())
    else:
        assert found.problems
        places = [problem.place for problem in found.problems]
        assert places == sorted(places)
        assert all(problem.message.isprintable() for problem in found.problems)
    lines = re.split(r"\r\n|\r|\n", text)
    for place in places:
        assert 1 <= place.line <= len(lines)
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1


@given(st.one_of(st.text(), st.text(alphabet=st.characters()), YAML_SIGNS, st.text(alphabet="[]{}:, \n-?&*!'\"a")))
def test_any_text_is_a_plan_or_an_error_with_places(text: str) -> None:
    assert_sound(outcome(text), text.removeprefix("\ufeff"))


@given(st.data())
def test_any_damage_to_a_plan_is_a_plan_or_an_error_with_places(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([SAMPLE, LEAST, SAMPLE.replace("\n", "\r\n")]))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 20))
        text = text[:start] + data.draw(YAML_SIGNS) + text[end:]
    assert_sound(outcome(text), text)


@given(st.data())
def test_the_parser_without_libyaml_gives_the_same_promise(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(LEAST)))
    text = LEAST[:start] + data.draw(YAML_SIGNS) + LEAST[start + data.draw(st.integers(0, 5)) :]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodes, "_LOADER", yaml.SafeLoader)
        assert_sound(outcome(text), text)


@pytest.mark.parametrize("text", [SAMPLE, LEAST, QUOTED])
def test_both_parsers_read_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = nodes.read_tree(text, "p")
    monkeypatch.setattr(nodes, "_LOADER", yaml.SafeLoader)
    assert nodes.read_tree(text, "p") == first


def test_an_escape_beyond_unicode_is_an_error_with_either_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ('a: "\\Uffffffff"', 'a: "\\ud800"'):
        assert isinstance(outcome(text), PlanError)
    monkeypatch.setattr(nodes, "_LOADER", yaml.SafeLoader)
    for text in ('a: "\\Uffffffff"', 'a: "\\ud800"', '"\\ud800": a'):
        found = outcome(text)
        assert isinstance(found, PlanError)
        assert_sound(found, text)


@given(st.binary(max_size=400))
def test_any_bytes_in_a_file_are_a_plan_or_an_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    file.write_bytes(data)
    with pytest.raises(PlanError) as caught:
        load_plan(file)
    assert caught.value.problems


ANY_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def paths_of(value: Any, path: PlanPath = ()) -> Iterator[PlanPath]:
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths_of(item, (*path, key))
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from paths_of(item, (*path, position))


def structure() -> Any:
    return nodes.read_tree(QUOTED, "p").value


def at(value: Any, path: PlanPath) -> Any:
    for step in path:
        value = value[step]
    return value


PATHS = list(paths_of(structure()))
# In these the keys are the user's own.
OWN_KEYS = {
    ("dns",),
    ("round_trip_ms",),
    ("severity",),
    ("peers", 1, "dns"),
    ("target", "peers"),
    ("target", "dns"),
}
SECTIONS = [path for path in PATHS if isinstance(at(structure(), path), dict) and path not in OWN_KEYS]


@given(st.sampled_from(PATHS[1:]), ANY_VALUE)
def test_any_value_in_any_place_is_a_plan_or_an_error_with_places(path: PlanPath, value: object) -> None:
    plan = structure()
    at(plan, path[:-1])[path[-1]] = value
    text = json.dumps(plan, ensure_ascii=True).replace("\\ud", "?d")
    assert_sound(outcome(text), text)


@pytest.mark.parametrize("path", SECTIONS, ids=str)
def test_an_unknown_key_anywhere_is_reported_at_the_key(path: PlanPath) -> None:
    plan = structure()
    at(plan, path)["zzz"] = "x"
    text = json.dumps(plan, indent=1)
    found = outcome(text)
    assert isinstance(found, PlanError)
    (problem,) = found.problems
    assert '"zzz" is not a key of ' in problem.message
    assert text.split("\n")[problem.place.line - 1][problem.place.column - 1 :].startswith('"zzz"')


def required_paths() -> list[PlanPath]:
    return [
        ("certplan",),
        ("cluster",),
        ("peers",),
        ("cluster", "name"),
        ("cluster", "type"),
        ("cluster", "release"),
        ("peers", 0, "address"),
        ("peers", 0, "lan1"),
        ("zones", 0, "name"),
        ("zones", 0, "type"),
        ("servers", 0, "kind"),
        ("servers", 0, "address"),
    ]


@pytest.mark.parametrize("path", [path for path in PATHS if path and isinstance(path[-1], str)], ids=str)
def test_of_the_fields_only_the_documented_ones_are_required(path: PlanPath) -> None:
    plan = structure()
    del at(plan, path[:-1])[path[-1]]
    found = outcome(json.dumps(plan))
    required = {
        *required_paths(),
        ("peers", 1, "address"),
        ("peers", 1, "lan1"),
        ("target", "peers", "exe3.example.com", "lan1"),
    }
    within_an_entry = path[-1] in ("ip", "fqdn", "rule", "reason", "until") and path != ("peers", 0, "fqdn")
    # A view must say where to ask, and a domain list is what MRA is about; a view that is named must be there.
    other = path in {
        ("dns", "public"),
        ("dns", "internal"),
        ("services", "mra", "domains"),
        ("target", "dns", "lab", "records"),
    }
    other |= path[:1] == ("dns",) and len(path) == 3
    assert isinstance(found, PlanError) == (path in required or within_an_entry or other)
    if isinstance(found, PlanError) and not other:
        assert any(
            f"{path[-1]} is missing" in problem.message or "needs its lan1" in problem.message
            for problem in found.problems
        )


FAULTS = [
    ("release: X14.3.4\n  tls", "release: X\n  tls"),
    ("primary: 1", "primary: x"),
    ("    host_name: exe1", "    host_nam: exe1"),
    ("lan1: {ip: 10.20.0.11/24}", "lan1: {ip: x}"),
    ("crls: []", "crls: "),
    ("h323: true", "h323: perhaps"),
    ("lan1: {ip: 10.20.0.12/24}", "lan1: {ip: 10.20.0.12/24, nat: off}"),
    ("san_format: dns", "san_format: san"),
    ("servers: [192.0.2.53]", "servers: [a]"),
    ("[10.0.0.0/8]", "[10.0.0.0/99]"),
    ('exe2.example.com": 12', 'exe1.example.com": 12'),
    ("NAM009: ignore", "NAM009: no"),
    ("until: 2027-01-31", "until: soon"),
]


@given(st.sets(st.sampled_from(range(len(FAULTS))), min_size=2))
def test_as_many_problems_come_as_faults_were_made_in_file_order(chosen: set[int]) -> None:
    text = SAMPLE
    for number in chosen:
        old, new = FAULTS[number]
        assert text.count(old) == 1
        text = text.replace(old, new)
    found = outcome(text)
    assert isinstance(found, PlanError)
    assert len(found.problems) == len(chosen)
    lines = [problem.place.line for problem in found.problems]
    expected = [text[: text.index(FAULTS[number][1])].count("\n") + 1 for number in sorted(chosen)]
    assert lines == expected


def test_a_plan_that_reads_gives_a_place_for_every_value_of_the_file() -> None:
    found = outcome(QUOTED)
    assert isinstance(found, Plan)
    assert set(found.places) == set(PATHS)
