"""The plan file's JSON Schema (draft 2020-12), for editors to complete and check plans by."""

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from certplan.plan.shape import PlanShape

__all__ = ["SCHEMA_FILE", "plan_schema", "schema_text"]

SCHEMA_FILE = "plan.schema.json"
"""What a plan's modeline calls its schema, which stands beside it."""


class _AsWritten(GenerateJsonSchema):
    """Describe YAML as users write it: a key left out is absent, never null, and has no default to fill in."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def plan_schema() -> dict[str, object]:
    """Make the JSON Schema of the plan file, from the shapes the file is read by.

    A plan it accepts is read, save for what a schema cannot say: that names agree, that an address is one.
    """
    schema = PlanShape.model_json_schema(schema_generator=_AsWritten)
    for definition in schema["$defs"].values():
        definition.pop("title", None)
    return {"$schema": _AsWritten.schema_dialect, **schema, "title": "certplan plan"}


def schema_text() -> str:
    """The JSON Schema as the text of a file."""
    return json.dumps(plan_schema(), indent=2) + "\n"
