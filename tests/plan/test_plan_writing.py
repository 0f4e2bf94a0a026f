"""A plan written and read again is the same plan, in every field there is."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from certplan.plan.declaring import FieldKind, FieldSection, Listed, NamedSections, OrWord, section_of
from certplan.plan.editing import value_at
from certplan.plan.model import Plan, same_state
from certplan.plan.reading import PlanError, read_plan
from certplan.plan.writing import difference, plan_values, target_values

HERE = Path(__file__).parent
SAMPLE = (HERE / "sample.yaml").read_text(encoding="utf-8").replace("PTR ordered, ticket CHG-1", '"PTR ordered"')
LEAST = (HERE / "least.yaml").read_text(encoding="utf-8")
TREE: Any = value_at(SAMPLE, ())


def read(values: Any) -> Plan:
    return read_plan(values if isinstance(values, str) else yaml.safe_dump(values, sort_keys=False), "p", Path())


def again(plan: Plan) -> Plan:
    return read(plan_values(plan))


def assert_same(one: Plan, other: Plan) -> None:
    assert same_state(one, other)
    assert (one.target is None) == (other.target is None)
    if one.target is not None and other.target is not None:
        assert same_state(one.target, other.target)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [path, *(found for key, each in value.items() for found in paths_of(each, (*path, key)))]
    if isinstance(value, list):
        return [path, *(found for n, each in enumerate(value) for found in paths_of(each, (*path, n)))]
    return [path]


OTHERWISE: dict[tuple[Any, ...], Any] = {
    ("cluster", "type"): "unknown",
    ("cluster", "release"): "unknown",
    ("cluster", "tls_verification"): "unknown",
    ("cluster", "address_mapping"): "unknown",
    ("peers", 0, "lan1"): "unknown",
    ("peers", 1, "lan1"): "2001:db8::12/64",
    ("peers", 0, "address"): "10.20.0.11",
    ("peers", 0, "fqdn"): "other.example.com",
    ("peers", 0, "release"): "X15.5",
    ("peers", 0, "dns"): {"example.com": "internal"},
    ("certificate_authority",): {"client": "acme"},
    ("services", "xmpp_federation"): {},
    ("zones",): [],
    ("peers", 0, "trusted_cas"): [],
}


@settings(max_examples=150, deadline=None)
@given(
    st.sets(st.sampled_from([path for path in paths_of(TREE) if path]), max_size=6),
    st.sets(st.sampled_from(sorted(OTHERWISE, key=str)), max_size=3),
)
def test_what_is_written_reads_as_the_same_plan(gone: set[tuple[Any, ...]], other: set[tuple[Any, ...]]) -> None:
    values = deepcopy(TREE)
    for path in other:
        at = values
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = OTHERWISE[path]
    for path in sorted(gone, key=lambda each: (len(each), str(each)), reverse=True):
        at = values
        try:
            for step in path[:-1]:
                at = at[step]
            if isinstance(at, dict):
                del at[path[-1]]
        except (KeyError, TypeError, IndexError):
            continue
    try:
        plan = read(values)
    except PlanError:
        return
    assert_same(again(plan), plan)


def test_the_least_plan_and_the_whole_sample_are_the_same_again() -> None:
    for text in (LEAST, SAMPLE):
        assert_same(again(read(text)), read(text))


def section_in(kind: FieldKind) -> FieldSection | None:
    """The sections in a field, alone, in a list or by name; None for anything else."""
    if isinstance(kind, FieldSection):
        return kind
    return section_in(kind.inner) if isinstance(kind, Listed | NamedSections | OrWord) else None


def fields_of(section: FieldSection, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for key, field in section.fields.items():
        inner = section_in(field.kind)
        found += [(*path, key)] if inner is None or key == "target" else fields_of(inner, (*path, key))
    return found


def keys_in(value: Any, path: tuple[str, ...] = (), named: bool = False) -> set[tuple[str, ...]]:
    """The paths of all keys that are no names of the user's own."""
    if isinstance(value, list) and value:
        return {found for each in value for found in keys_in(each, path)}
    if not isinstance(value, dict) or path == ("target",) or not value:
        return {path}
    if path in (("dns",), ("round_trip_ms",), ("severity",), ("peers", "dns")) and not named:
        return {found for each in value.values() for found in keys_in(each, path, named=True)}
    return {found for key, each in value.items() for found in keys_in(each, (*path, key))}


def test_every_declared_field_is_written_when_it_is_stated() -> None:
    values = deepcopy(TREE)
    values["certificate_authority"] = {"server": "public", "client": "private"}
    values["peers"][0] |= {"fqdn": "other.example.com", "release": "X15.0", "dns": "internal"}
    values["peers"][1]["lan1"] = {"ip": "10.20.0.12/24", "static_nat": "203.0.113.12"}
    values["services"]["xmpp_federation"] = {"domains": ["a.example"], "chat_node_aliases": ["b.example"]}
    values["waivers"][0]["name"] = "*"
    assert set(fields_of(section_of(Plan))) - keys_in(plan_values(read(values))) == set()


def test_the_difference_to_a_changed_plan_is_what_its_target_says() -> None:
    today = read(LEAST)
    assert difference(today, today) == {}
    changed = read(LEAST.replace("exc1.example.com", "exc9.example.com").replace("X15.5", "X15.6"))
    changes = difference(today, changed)
    assert changes["release"] == "X15.6"
    assert changes["peers"]["exc1.example.com"]["address"] == "exc9.example.com"
    target = target_values(today, changes)
    assert target["tls_verification"] == "enforce"
    stated = read(plan_values(today) | {"target": target})
    assert stated.target is not None
    assert [peer.address for peer in stated.target.peers] == ["exc9.example.com"]
