"""The JSON Schema editors use says what the reader reads."""

import copy
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from certplan.plan.model import ClusterType
from certplan.plan.reading import read_plan
from certplan.plan.schema import plan_schema
from certplan.plan.template import plan_template

HERE = Path(__file__).parent
SAMPLE = (HERE / "sample.yaml").read_text(encoding="utf-8")
LEAST = (HERE / "least.yaml").read_text(encoding="utf-8")
SCHEMA = plan_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
TEMPLATE = plan_template(
    name="expe.example.com",
    type=ClusterType.EXPRESSWAY_E,
    release="X14.3.4",
    peers=3,
    dual_nic=True,
    static_nat=True,
)


def as_an_editor_sees(text: str) -> Any:
    """YAML values, dates left as text, as YAML 1.2 has them."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(key): plain(item) for key, item in value.items()}
        if isinstance(value, list):
            return [plain(item) for item in value]
        return value.isoformat() if isinstance(value, date) else value

    return plain(yaml.safe_load(text))


def complaints(value: Any) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(value)]


def test_the_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("text", [SAMPLE, LEAST, TEMPLATE], ids=["sample", "least", "template"])
def test_plans_that_read_validate(text: str) -> None:
    read_plan(text, "p", Path())
    assert complaints(as_an_editor_sees(text)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("h323: true", "h323: 'yes'"),
        ("h323: true", "h323: off"),
        ("release: X14.3.4", "release: 15.4"),
        ("release: X14.3.4", "release: x15"),
        ("certplan: 1", "certplan: '1'"),
        ("system_name: exe1", "system_name: 17"),
        (": 12}", ": 0.8}"),
        ("lan1: {ip: 10.20.0.11/24}", "lan1: {ip: '2001:db8::1/64'}"),
        ("lan1: {ip: 10.20.0.11/24}", "lan1: {ip: 10.20.0.11/255.255.255.0}"),
        ("[192.0.2.53]", "['[2001:db8::53]:5353', 192.0.2.1:53]"),
    ],
)
def test_values_as_users_write_them_validate_and_read(old: str, new: str) -> None:
    text = SAMPLE.replace(old, new, 1)
    assert text != SAMPLE
    read_plan(text, "p", Path())
    assert complaints(as_an_editor_sees(text)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  host_name:", "  hostname:"),
        ("cluster:", "clusters:"),
        ("static_nat:", "static-nat:"),
        ("reason:", "raeson:"),
        ("type: expressway-e", "type: expe"),
        ("primary: 1", "primary: 0"),
        ("primary: 1", "primary:"),
        ("certplan: 1", "certplan: 2"),
        ("h323: true", "h323: maybe"),
        ("ntp: [ntp1.example.com]", "ntp: ntp1.example.com"),
        ("public:   {servers: [192.0.2.53]}", "public: {}"),
        ("NAM009: ignore", "NAM 9: ignore"),
        ("NAM009: ignore", "NAM009: none"),
        ('"exe1.example.com exe2.example.com"', "exe1.example.com"),
        ("host_name: exe1", "host_name: exe 1"),
    ],
)
def test_a_slip_does_not_validate(old: str, new: str) -> None:
    text = SAMPLE.replace(old, new, 1)
    assert text != SAMPLE
    assert complaints(as_an_editor_sees(text))


def test_no_peers_do_not_validate() -> None:
    plan = as_an_editor_sees(LEAST)
    plan["peers"] = []
    assert complaints(plan)


def properties(schema: Any) -> Iterator[tuple[str, Any]]:
    for shape in (schema, *schema["$defs"].values()):
        yield from shape["properties"].items()


def test_every_field_is_described_and_none_admits_null_but_a_waivers_overrun() -> None:
    found = list(properties(SCHEMA))
    assert len(found) > 50
    for key, field in found:
        assert field.get("description"), key
        assert "null" not in str(field), key
        assert "default" not in field, key


def test_every_key_of_the_sample_is_in_the_schema_and_the_other_way_round() -> None:
    in_sample = set(re.findall(r"\b([a-z][a-z0-9_]*):(?=\s)", re.sub(r"#.*|\".*?\"", "", SAMPLE)))
    in_schema = {key for key, _ in properties(SCHEMA)}
    assert in_schema - in_sample == set()
    assert in_sample - in_schema == {"public", "internal", "lab", "default", "com"}


def test_each_call_gives_a_schema_of_its_own() -> None:
    before = copy.deepcopy(SCHEMA)
    plan_schema().clear()
    assert plan_schema() == before
