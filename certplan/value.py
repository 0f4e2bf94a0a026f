"""What every value of certplan is: frozen, typed, compared by its fields.

`msgspec.Struct` stands behind it, because a class of it costs a fortieth of what a frozen dataclass costs at every
start of the program, and a value of it a seventh. What is filled bit by bit, and shown to nobody else meanwhile, is a
plain `Struct`.
"""

from typing import dataclass_transform

from msgspec import Struct, field
from msgspec.structs import replace

__all__ = ["Struct", "Value", "field", "replace"]


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Value(Struct, frozen=True):
    """A frozen value. Bytes are shown by their number alone, for they may be a private key's, and are never text."""

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={_shown(getattr(self, name))}" for name in self.__struct_fields__)
        return f"{type(self).__name__}({fields})"


def _shown(content: object) -> str:
    return f"<{len(content)} bytes>" if isinstance(content, bytes) else repr(content)
