"""Values of the command line, read at once where nothing about them is in doubt.

For each parameter of the command that is run, Typer builds a validator of pydantic: a third of the time of a `check`.
What is plain is read here instead; everything else, whatever is wrong included, is left to Typer, so that what it says
to the user stays its own. A Typer that has no such validators is left alone.
"""

import os
import re
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer.core

__all__ = ["IN_DOUBT", "plain_value", "read_plainly"]

IN_DOUBT = object()
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_DECIMAL = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?")


def read_plainly() -> None:
    """Let the parameters of commands be read by `plain_value` first."""
    build = getattr(typer.core, "build_runtime_param", None)
    if build is not None:
        setattr(typer.core, "build_runtime_param", lambda descriptor: _Reader(descriptor, build))  # noqa: B010 - not its API


class _Reader:
    """What Typer asks for the value of one parameter."""

    def __init__(self, descriptor: Any, build: Callable[[Any], Any]) -> None:
        self._descriptor, self._build = descriptor, build

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        found = plain_value(value, self._descriptor.annotation, self._descriptor.parameter_info, param)
        return self._build(self._descriptor).coerce(value, param=param, ctx=ctx) if found is IN_DOUBT else found


def plain_value(value: Any, kind: Any, info: Any, param: Any) -> Any:
    """What Typer would make of a value, or `IN_DOUBT`.

    Args:
        value: as it was typed, or the default.
        kind: the parameter's annotation.
        info: what else the parameter says of itself (`typer.models.ParameterInfo`).
        param: the parameter (`typer.core.TyperOption` or `TyperArgument`).
    """
    several = param.multiple or param.nargs == -1
    if value is None:
        return () if several else None
    if info.parser is not None:
        return IN_DOUBT
    if get_origin(kind) is list and several and isinstance(value, list | tuple):
        found = [_plain(each, get_args(kind)[0], info) for each in value]
        return IN_DOUBT if IN_DOUBT in found else found
    return IN_DOUBT if several or param.nargs != 1 else _plain(value, kind, info)


def _plain(value: Any, kind: Any, info: Any) -> Any:
    if get_origin(kind) is Literal:
        return next((each for each in get_args(kind) if each == value), IN_DOUBT)
    if not isinstance(kind, type):
        return IN_DOUBT
    if issubclass(kind, Path):
        return _path(value, info)
    if kind in (int, float):
        return _number(value, kind, info)
    if isinstance(value, kind):
        return value if kind in (str, bool) or issubclass(kind, Enum) else IN_DOUBT
    if issubclass(kind, Enum):
        return next((each for each in kind if each.value == value), IN_DOUBT)
    return IN_DOUBT


def _number(value: Any, kind: type[int] | type[float], info: Any) -> Any:
    if isinstance(value, str):
        if not (_WHOLE if kind is int else _DECIMAL).fullmatch(value):
            return IN_DOUBT
        value = kind(value)
    within = (info.min is None or value >= info.min) and (info.max is None or value <= info.max)
    return value if type(value) is kind and within else IN_DOUBT


def _path(value: Any, info: Any) -> Any:
    if not isinstance(value, str | Path) or info.resolve_path or info.path_type is not None:
        return IN_DOUBT
    path = Path(value)
    if not os.path.exists(path):  # noqa: PTH110 - a name that is too long is no error here
        return IN_DOUBT if info.exists or (info.allow_dash and str(path) == "-") else path
    usual = info.file_okay and info.dir_okay and not info.writable and not info.allow_dash
    return path if usual and os.access(path, os.R_OK) else IN_DOUBT
