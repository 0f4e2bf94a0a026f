"""Reading the data files beside this module."""

from pathlib import Path
from typing import Any

__all__ = ["text", "toml", "toml_entries", "toml_of", "tuples"]


def text(name: str) -> str:
    """The text of a file beside this one."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def toml(name: str) -> dict[str, Any]:
    """A TOML file beside this one as plain values."""
    return toml_of(text(name))


def toml_entries(name: str, table: str) -> tuple[str, ...]:
    """The texts of the entries `[[table]]` that a TOML file consists of, for a reader that needs few of them."""
    return tuple(text(name).split(f"[[{table}]]\n")[1:])


def toml_of(entry: str) -> dict[str, Any]:
    """TOML text as plain values."""
    import tomllib  # noqa: PLC0415 - lazily, as everything that reading needs

    return tomllib.loads(entry)


def tuples(entry: dict[str, Any]) -> dict[str, Any]:
    """The same entry with tuples for lists, so that what is made of it is frozen all through."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
