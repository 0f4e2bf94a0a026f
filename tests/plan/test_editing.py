"""A plan's text edited value by value: just that value, every comment kept; and the laws of target and adoption."""

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certplan.plan.editing import comments_of, drop, note_above, put, value_at
from certplan.plan.model import Plan, same_state
from certplan.plan.reading import read_plan
from certplan.plan.targets import EditRefusedError, adopt, adoptable_items, with_target
from certplan.plan.yamltext import texts_of

HERE = Path(__file__).parent
SAMPLE = (HERE / "sample.yaml").read_text(encoding="utf-8")
TODAY = SAMPLE[: SAMPLE.index("target:")]
DAY = date(2026, 11, 28)
ORDERED = "PTR ordered, ticket CHG-1", '"PTR ordered"'
FLOW = json.dumps(value_at(SAMPLE.replace(*ORDERED), ()), indent=1)
LAYOUTS = {
    "block": SAMPLE,
    "block with CRLF": SAMPLE.replace("\n", "\r\n"),
    "no last line end": SAMPLE.rstrip(),
    "JSON": FLOW,
    "JSON on one line": json.dumps(value_at(SAMPLE.replace(*ORDERED), ())),
}
LAYOUTS["commented"] = SAMPLE.replace("release: X14.3.4\n  tls", "release: X14.3.4\n  # the mode\n  tls").replace(
    "  address_mapping:\n    - {fqdn: exe1.example.com, ip: 10.20.0.11}\n    - {fqdn: exe3",
    "  # the table\n  address_mapping:  # to be\n    # first\n    - {fqdn: exe1.example.com, ip: 10.20.0.11}  # one\n"
    "    # third\n    - {fqdn: exe3",
)


def read(text: str) -> Plan:
    return read_plan(text, "plan", Path())


def with_value(tree: Any, path: tuple[str, ...], value: Any) -> Any:
    tree = deepcopy(tree)
    at = tree
    for step in path[:-1]:
        at = at.setdefault(step, {})
    at[path[-1]] = texts_of(value)
    return tree


WORDS = st.sampled_from(
    ["exe9.example.com", "a b", "no", "2001:db8::1", 'quo"ted', "10.20.0.11/24", "X15.5", "# no", "é"]
)
SCALARS = st.one_of(WORDS, st.integers(0, 99), st.booleans())
ROWS = st.lists(st.fixed_dictionaries({"fqdn": WORDS, "ip": WORDS}), max_size=4)
VALUES = st.one_of(
    SCALARS, st.lists(WORDS, max_size=4), ROWS, st.fixed_dictionaries({"ip": WORDS, "static_nat": WORDS})
)
PATHS = [
    ("cluster", "address_mapping"),
    ("cluster", "release"),
    ("cluster", "new"),
    ("target", "address_mapping"),
    ("target", "peers", "exe1.example.com", "trusted_cas"),
    ("target", "peers", "exe9.example.com", "lan1"),
    ("services", "mra", "domains"),
    ("new", "and", "deep"),
]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(LAYOUTS)), st.lists(st.tuples(st.sampled_from(PATHS), VALUES), min_size=1, max_size=3))
def test_a_value_put_in_is_there_and_nothing_else_changed(
    layout: str, changes: list[tuple[tuple[str, ...], Any]]
) -> None:
    text = LAYOUTS[layout]
    for path, value in changes:
        try:
            edited = put(text, path, value)
        except EditRefusedError:
            continue
        assert value_at(edited, ()) == with_value(value_at(text, ()), path, value)
        assert not comments_of(text) - comments_of(edited)
        assert put(edited, path, value) == edited
        if layout.startswith("JSON"):
            json.loads(edited)
        if layout == "block with CRLF":
            assert edited.count("\n") == edited.count("\r\n")
        text = edited


@given(st.sampled_from(sorted(LAYOUTS)), st.data())
def test_what_is_taken_out_is_gone_and_nothing_else_changed(layout: str, data: st.DataObject) -> None:
    text = LAYOUTS[layout]
    tree: Any = value_at(text, ())
    section = data.draw(st.sampled_from(["cluster", "target", "services", "dns", "certificate_subject"]))
    key = data.draw(st.sampled_from(sorted(tree[section])))
    edited = drop(text, (section, key))
    del tree[section][key]
    assert value_at(edited, ()) == tree
    assert not comments_of(text) - comments_of(edited)


def test_comments_are_found_where_they_are_comments() -> None:
    text = 'a: "# no"  # one\n# two\nb: |\n  # no\nc: x#no\nd: [1, # three\n  2]\n'
    assert set(comments_of(text)) == {"# one", "# two", "# three"}


def test_entries_that_stay_keep_their_lines_and_comments() -> None:
    text = "a:\n  - {fqdn: x, ip: 1}  # ex\n  - {fqdn: y, ip: 2}  # why\n  # on its own\n  - {fqdn: z, ip: 3}\n"
    edited = put(text, ("a",), [{"fqdn": "x", "ip": "1"}, {"fqdn": "y", "ip": "9"}, {"fqdn": "z", "ip": "3"}])
    assert edited == text.replace("ip: 2", 'ip: "9"') or edited == text.replace("ip: 2", "ip: 9")
    shorter = put(text, ("a",), [{"fqdn": "x", "ip": "1"}, {"fqdn": "z", "ip": "3"}])
    assert "fqdn: y" not in shorter
    assert "# why" in shorter


def test_a_note_stands_once_above_its_line() -> None:
    text = "cluster:\n  release: X15.5\n"
    once = note_above(text, ("cluster", "release"), "stated on 2026-11-28")
    assert once == "cluster:\n  # stated on 2026-11-28\n  release: X15.5\n"
    assert note_above(once, ("cluster", "release"), "stated on 2027-01-01") == once.replace("2026-11-28", "2027-01-01")
    assert note_above('{"a": 1}', ("a",), "stated on 2026-11-28") == '{"a": 1}'


CHANGES: dict[str, Any] = {
    "release": "X15.5",
    "name": "new.example.com",
    "primary": 2,
    "address_mapping": [{"fqdn": "exe1.example.com", "ip": "10.20.0.12"}, {"fqdn": "b.example.com", "ip": "10.9.9.9"}],
    "certificate_authority": {"server": "public"},
    "certificate_subject": {"country": "DE"},
    "services": {"mra": {"domains": ["new.example.com"]}},
    "zones": [],
    "dns": {"lab": {"records": ["a.example.com. A 203.0.113.9"]}},
    "tls_verification": "permissive",
}
FIELDS: dict[str, Any] = {
    "server_certificate": "certs/new.pem",
    "trusted_cas": ["trust/a.pem", "trust/b.pem"],
    "release": "X15.0",
    "lan1": {"ip": "10.20.0.99/24"},
    "address": "exe7.example.com",
    "crls": [],
    "h323": False,
}


@st.composite
def targets(draw: st.DrawFn) -> dict[str, Any]:
    chosen = draw(st.sets(st.sampled_from(sorted(CHANGES)), max_size=4))
    target = {key: CHANGES[key] for key in sorted(chosen)}
    fields = draw(st.sets(st.sampled_from(sorted(FIELDS)), max_size=3))
    peers: dict[str, Any] = {"exe1.example.com": {key: FIELDS[key] for key in sorted(fields)}} if fields else {}
    if draw(st.booleans()):
        peers["exe3.example.com"] = {"lan1": {"ip": "10.20.0.13/24"}, "system_name": "exe3"}
    if peers:
        target["peers"] = peers
    if draw(st.booleans()):
        target["removed_peers"] = ["exe2.example.com"]
    return target


BARE = {
    "block": TODAY,
    "CRLF": TODAY.replace("\n", "\r\n"),
    "JSON": json.dumps(value_at(TODAY.replace(*ORDERED), ()), indent=2),
}


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(BARE)), targets())
def test_today_is_the_same_before_and_after_a_target_is_written(layout: str, target: dict[str, Any]) -> None:
    text = BARE[layout]
    written = with_target(text, target)
    assert same_state(read(text), read(written))
    stated: Any = value_at(written, ("target",))
    assert all(stated[key] == texts_of(value) for key, value in target.items())
    assert with_target(written, target) == written
    assert not comments_of(text) - comments_of(written)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(BARE)), targets())
def test_after_adoption_today_is_what_the_target_was(layout: str, target: dict[str, Any]) -> None:
    text = with_target(BARE[layout], target)
    before = read(text).target
    assert before is not None
    adopted = adopt(text, DAY)
    after = read(adopted)
    assert after.target is None
    assert same_state(after, before)
    assert not comments_of(text) - comments_of(adopted)
    assert layout == "JSON" or "# stated on 2026-11-28" in adopted


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(BARE)), targets(), st.data())
def test_part_by_part_the_target_stays_what_it_was_until_all_of_it_is_today(
    layout: str, target: dict[str, Any], data: st.DataObject
) -> None:
    text = with_target(BARE[layout], target)
    goal = read(text).target
    assert goal is not None
    for _ in range(12):
        items = adoptable_items(text)
        if not items:
            break
        try:
            text = adopt(text, DAY, item=data.draw(st.sampled_from(items)))
        except EditRefusedError as error:
            assert "still to be added" in str(error)  # noqa: PT017
        now = read(text)
        assert same_state(now.target or now, goal)
    assert same_state(read(adopt(text, DAY) if read(text).target else text), goal)


@settings(max_examples=30, deadline=None)
@given(targets())
def test_what_is_adopted_of_one_peer_leaves_the_others_to_come(target: dict[str, Any]) -> None:
    text = with_target(TODAY, target)
    goal = read(text).target
    for address in ("exe1.example.com", "exe2.example.com", "exe3.example.com"):
        try:
            edited = adopt(text, DAY, peer=address)
        except EditRefusedError as error:
            assert f"says nothing of {address}" in str(error)  # noqa: PT017
            continue
        now = read(edited)
        assert goal is not None
        assert same_state(now.target or now, goal)
        stated = value_at(edited, ("target",))
        assert address not in json.dumps(stated) or address in ("exe1.example.com", "exe3.example.com")


def test_adopting_what_the_target_does_not_say_is_refused_and_what_it_says_is_named() -> None:
    with pytest.raises(EditRefusedError, match="says nothing of lan2; it states tls_verification, release"):
        adopt(SAMPLE, DAY, item="lan2")
    with pytest.raises(EditRefusedError, match="it states no target"):
        adopt(TODAY, DAY)
    with pytest.raises(EditRefusedError, match="not a readable plan"):
        adopt("certplan: 1\n", DAY)


def test_the_whole_sample_is_adopted_with_its_comments() -> None:
    for text in LAYOUTS.values():
        goal = read(text).target
        adopted = adopt(text, DAY)
        assert goal is not None
        assert same_state(read(adopted), goal)
        assert not comments_of(text) - comments_of(adopted)


def test_a_target_that_would_make_the_plan_unreadable_is_refused() -> None:
    with pytest.raises(EditRefusedError, match="cannot be edited safely"):
        with_target(TODAY, {"removed_peers": ["nobody.example.com"]})


def test_peers_of_the_target_go_by_todays_address_in_any_letter_case() -> None:
    text = TODAY + "target:\n  peers:\n    EXE1.example.com.: {h323: false}\n"
    written = with_target(text, {"peers": {"exe1.example.com": {"release": "X15.5"}}})
    peers = value_at(written, ("target", "peers"))
    assert isinstance(peers, Mapping)
    assert list(peers) == ["EXE1.example.com."]
