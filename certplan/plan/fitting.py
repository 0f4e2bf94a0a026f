"""Fitting a plan's plain values to its shape: typed values come out, or all that does not fit."""

from dataclasses import dataclass
from enum import Enum
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from certplan.plan.model import PlanPath
from certplan.plan.nodes import Blank, Value
from certplan.plan.shape import MAX_PEERS, SECTIONS, PlanShape

__all__ = ["Fault", "FaultKind", "keys_allowed_at", "read_shape", "sections_with", "shapes_at"]


class FaultKind(Enum):
    MISSING = "missing"
    UNKNOWN_KEY = "unknown key"
    WRONG_KIND = "wrong kind"
    """A list where text belongs, and the like; or nothing at all."""
    BAD_VALUE = "bad value"


@dataclass(frozen=True, slots=True)
class Fault:
    """One value that does not fit the shape. `says` goes on where the value ends, or says what was expected."""

    path: PlanPath
    kind: FaultKind
    found: object
    says: str
    optional: bool = False


def read_shape(value: Value) -> tuple[PlanShape | None, list[Fault]]:
    """Fit a plan's plain values to its shape.

    Returns:
        The shape, or None when something does not fit, and all that does not. Values marked `Blank.REFUSED` are passed
        over in silence, having been reported before.
    """
    try:
        return PlanShape.model_validate(value), []
    except ValidationError as error:
        faults = (_fault(entry) for entry in error.errors(include_url=False))
        return None, [fault for fault in faults if fault is not None]


def _fault(error: Any) -> Fault | None:
    path: PlanPath = error["loc"]
    found = error["input"]
    if error["type"] == "extra_forbidden":
        return Fault(path, FaultKind.UNKNOWN_KEY, found, "")
    owner = _annotation_at(path[:-1])
    field: FieldInfo | None = owner.model_fields.get(path[-1]) if _is_shape(owner) else None
    if error["type"] == "missing":
        return Fault(path, FaultKind.MISSING, None, (field and field.description) or "a value")
    if found is Blank.REFUSED:
        return None
    optional = field is None or not field.is_required()
    context = error.get("ctx", {})
    if "why" in context:
        return Fault(path, FaultKind.BAD_VALUE, found, context["why"], optional)
    if error["type"] in ("too_short", "too_long"):
        # pydantic counts the entries that fit; those that do not have faults of their own.
        if 1 <= len(found) <= MAX_PEERS:
            return None
        says = f"has {len(found) or 'no'} entries; expected 1 to {MAX_PEERS}"
        return Fault(path, FaultKind.BAD_VALUE, found, says, optional)
    return Fault(
        path, FaultKind.WRONG_KIND, found, context.get("expected") or _structure(_annotation_at(path)), optional
    )


def shapes_at(annotation: Any) -> type[BaseModel] | None:
    """The shape of the sections in a field of this annotation, alone, in a list or by name; None for anything else."""
    if _is_shape(annotation):
        found: type[BaseModel] = annotation
        return found
    parts = (part for part in get_args(annotation) if part is not NoneType)
    return next((shape for part in parts if (shape := shapes_at(part)) is not None), None)


def _is_shape(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _annotation_at(path: PlanPath) -> Any:
    """What may stand at `path`: a shape, a tuple or dict of something, a scalar's type, or None for an unknown key."""
    annotation: Any = PlanShape
    for step in path:
        if _is_shape(annotation):
            field = annotation.model_fields.get(step)
            annotation = field and field.annotation
        else:
            parts = get_args(annotation)
            annotation = parts[-1 if isinstance(step, str) else 0] if parts else None
        if NoneType in get_args(annotation):
            annotation = next(part for part in get_args(annotation) if part is not NoneType)
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
    return annotation


def _structure(annotation: Any) -> str:
    if _is_shape(annotation):
        return f"a section with keys such as {', '.join(list(annotation.model_fields)[:5])}"
    if get_origin(annotation) is tuple:
        return 'a list, each entry on its own line behind "- ", or in brackets: [a, b]'
    return 'a section of lines such as "key: value"'


def keys_allowed_at(path: PlanPath) -> tuple[str, ...]:
    """The keys the section at `path` may have; empty where the keys are the user's own or there is no section."""
    annotation = _annotation_at(path)
    return tuple(annotation.model_fields) if _is_shape(annotation) else ()


def sections_with(key: str) -> tuple[str, ...]:
    """The sections that know `key`, as a user would name them, such as `a peer`."""
    return tuple(title for title, shape in SECTIONS.items() if key in shape.model_fields)
