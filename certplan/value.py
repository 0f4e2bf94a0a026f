"""What every value of certplan is: frozen, typed, compared by its fields.

`msgspec.Struct` stands behind it, because a class of it costs a fortieth of what a frozen dataclass costs at every
start of the program, and a value of it a seventh.
"""

import dataclasses
from typing import Any, TypeVar, cast, dataclass_transform

import msgspec
from msgspec import field
from msgspec.structs import replace as replaced

__all__ = ["Value", "field", "replace"]

_Any = TypeVar("_Any")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Value(msgspec.Struct, frozen=True):
    """A frozen value. Bytes are shown by their number alone, for they may be a private key's, and are never text."""

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={_shown(getattr(self, name))}" for name in self.__struct_fields__)
        return f"{type(self).__name__}({fields})"


def _shown(content: object) -> str:
    return f"<{len(content)} bytes>" if isinstance(content, bytes) else repr(content)


def replace(value: _Any, /, **changes: Any) -> _Any:
    """The same value with some fields changed.

    Raises:
        TypeError: where the value has no such field.
    """
    if isinstance(value, msgspec.Struct):
        return cast("_Any", replaced(value, **changes))
    return dataclasses.replace(value, **changes)  # type: ignore[type-var]
