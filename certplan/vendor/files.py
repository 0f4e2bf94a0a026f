"""Reading the data files beside this module."""

from pathlib import Path
from typing import Any

__all__ = ["text", "toml", "tuples"]


def text(name: str) -> str:
    """The text of a file beside this one."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def toml(name: str) -> dict[str, Any]:
    """A TOML file beside this one as plain values."""
    import tomllib  # noqa: PLC0415 - lazily, as everything that reading needs

    return tomllib.loads(text(name))


def tuples(entry: dict[str, Any]) -> dict[str, Any]:
    """The same entry with tuples for lists, so that what is made of it is frozen all through."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
