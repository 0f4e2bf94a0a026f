"""The plan file's JSON Schema (draft 2020-12), for editors to complete and check plans by."""

import json
from collections.abc import Mapping

from certplan.plan.declaring import (
    FieldKind,
    FieldSection,
    Listed,
    NamedSections,
    OrWord,
    PlanField,
    Scalar,
    section_of,
)
from certplan.plan.model import DnsSource, Plan, Waiver

__all__ = ["SCHEMA_FILE", "plan_schema", "schema_text"]

SCHEMA_FILE = "plan.schema.json"
"""What a plan's modeline calls its schema, which stands beside it."""
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MORE: Mapping[type, dict[str, object]] = {
    DnsSource: {"minProperties": 1},
    # The rest of a reason with a comma in it, written inside braces, is a key without a value to an editor.
    Waiver: {"additionalProperties": {"type": "null"}},
}
Schema = dict[str, object]


def plan_schema() -> Schema:
    """Make the JSON Schema of the plan file, from the declaration the file is read by.

    A plan it accepts is read, save for what a schema cannot say: that names agree, that an address is one.
    """
    definitions: dict[str, Schema] = {}
    whole = _section(section_of(Plan), definitions)
    return {"$schema": _DIALECT, "title": "certplan plan", **whole, "$defs": dict(sorted(definitions.items()))}


def schema_text() -> str:
    """The JSON Schema as the text of a file."""
    return json.dumps(plan_schema(), indent=2) + "\n"


def _section(section: FieldSection, definitions: dict[str, Schema]) -> Schema:
    fields = section.fields.values()
    required = [field.key for field in fields if field.required]
    return {
        "description": section.about,
        "type": "object",
        "properties": {field.key: _field(field, definitions) for field in fields},
        "additionalProperties": False,
        **({"required": required} if required else {}),
        **_MORE.get(section.of, {}),
    }


def _field(field: PlanField, definitions: dict[str, Schema]) -> Schema:
    return {"description": field.says.words, **_kind(field.kind, definitions)}


def _kind(kind: FieldKind, definitions: dict[str, Schema]) -> Schema:
    match kind:
        case Scalar():
            return dict(kind.schema)
        case OrWord():
            return {"anyOf": [dict(kind.word.schema), _kind(kind.inner, definitions)]}
        case Listed():
            bounds = {"minItems": 1, "maxItems": kind.most} if kind.most else {}
            return {"type": "array", "items": _kind(kind.inner, definitions), **bounds}
        case NamedSections():
            names = {"propertyNames": {"pattern": kind.keys}} if kind.keys else {}
            return {"type": "object", "additionalProperties": _kind(kind.inner, definitions), **names}
        case FieldSection():
            if kind.name not in definitions:
                definitions[kind.name] = {}
                definitions[kind.name] |= _section(kind, definitions)
            return {"$ref": f"#/$defs/{kind.name}"}
