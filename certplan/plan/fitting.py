"""Fitting a plan's plain values to its declaration: the plan's values come out, or all that does not fit."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from certplan.places import Place
from certplan.plan import scalars
from certplan.plan.declaring import FieldKind, FieldSection, Listed, NamedSections, OrWord, Scalar, section_of
from certplan.plan.kinds import PlanPath, Unknown
from certplan.plan.model import (
    Cluster,
    DnsSource,
    Lan,
    Mra,
    Peer,
    Plan,
    Server,
    Services,
    Target,
    Waiver,
    XmppFederation,
    Zone,
)
from certplan.plan.nodes import Blank, Node
from certplan.value import Value

__all__ = ["SECTIONS", "FaultKind", "Misfit", "below", "fit", "keys_allowed_at", "kind_at", "sections_with"]

SECTIONS: dict[str, type] = {
    "the top of the file": Plan,
    "cluster": Cluster,
    "a peer": Peer,
    "lan1 and lan2": Lan,
    "services": Services,
    "services.mra": Mra,
    "services.xmpp_federation": XmppFederation,
    "a view of dns": DnsSource,
    "a waiver": Waiver,
    "a zone": Zone,
    "a server": Server,
    "target": Target,
}
"""The sections there are, as a user would name them."""


class FaultKind(Enum):
    MISSING = "missing"
    UNKNOWN_KEY = "unknown key"
    WRONG_KIND = "wrong kind"
    """A list where text belongs, and the like; or nothing at all."""
    BAD_VALUE = "bad value"


class Misfit(Value):
    """One value that does not fit. `says` goes on where the value ends, or says what was expected."""

    path: PlanPath
    kind: FaultKind
    found: object
    says: str
    optional: bool = False


def fit(value: Node, places: Mapping[PlanPath, Place]) -> tuple[dict[str, Any] | None, list[Misfit]]:
    """Fit a plan's plain values to its declaration.

    Args:
        value: the values of the file, scalars as text.
        places: the place of each; what is unknown keeps its own.

    Returns:
        What the plan holds, by attribute, for `build`; or None when something does not fit, and all that does not.
        Values marked `Blank.REFUSED` are passed over in silence, having been reported before.
    """
    fitting = _Fitting(places)
    found = fitting.read(section_of(Plan), value, (), optional=False)
    return (found if fitting.fits else None), fitting.faults


class _Fitting:
    def __init__(self, places: Mapping[PlanPath, Place]) -> None:
        self._places = places
        self.faults: list[Misfit] = []
        self.fits = True

    def read(self, kind: FieldKind, value: Node, path: PlanPath, *, optional: bool) -> Any:
        """The value as the plan holds it; after a fault whatever there is: nothing comes of it then."""
        if isinstance(kind, OrWord):
            if not isinstance(value, str):
                return self.read(kind.inner, value, path, optional=optional)
            found = self._text(kind.word, value, path, optional)
            return self.read(kind.inner, found, path, optional=optional) if isinstance(found, dict) else found
        if isinstance(kind, Scalar) and isinstance(value, str):
            return self._text(kind.read, value, path, optional)
        if isinstance(kind, FieldSection) and isinstance(value, dict):
            return self._section(kind, value, path)
        if isinstance(kind, NamedSections) and isinstance(value, dict):
            return {key: self.read(kind.inner, each, (*path, key), optional=True) for key, each in value.items()}
        if isinstance(kind, Listed) and isinstance(value, list):
            if kind.most and not 1 <= len(value) <= kind.most:
                says = f"has {len(value) or 'no'} entries; expected 1 to {kind.most}"
                self._fault(path, FaultKind.BAD_VALUE, value, says, optional)
            return tuple(
                self.read(kind.inner, each, (*path, number), optional=True) for number, each in enumerate(value)
            )
        self.fits = False
        if value is not Blank.REFUSED:
            self._fault(path, FaultKind.WRONG_KIND, value, _expected(kind), optional)
        return None

    def _fault(self, path: PlanPath, kind: FaultKind, found: object, says: str, optional: bool) -> None:
        self.fits = False
        self.faults.append(Misfit(path, kind, found, says, optional))

    def _text(self, read: Callable[[str], object], text: str, path: PlanPath, optional: bool) -> object:
        try:
            return read(text)
        except ValueError as error:
            self._fault(path, FaultKind.BAD_VALUE, text, str(error), optional)
        return None

    def _section(self, kind: FieldSection, value: dict[str, Node], path: PlanPath) -> Any:
        if kind.of is Waiver:
            value = _reason_with_commas(value, kind)
        found: dict[str, Any] = {}
        for key, field in kind.fields.items():
            if key in value:
                inner = (*path, key)
                held = self.read(field.kind, value[key], inner, optional=not field.required)
                if isinstance(held, Unknown):
                    held = Unknown(scalars.label(inner), self._places.get(inner), inner)
                found[field.attribute] = held
            elif field.required:
                self._fault((*path, key), FaultKind.MISSING, None, field.says.words, optional=False)
        if len(found) < len(value):
            for key in value:
                if key not in kind.fields:
                    self._fault((*path, key), FaultKind.UNKNOWN_KEY, value[key], "", optional=True)
        return _held(kind.of, found) if self.fits else None


def _held(of: type, found: dict[str, Any]) -> Any:
    """The value of a section. Those that need more than stands in it are left for `build`."""
    if of is Lan:
        address, network = found.pop("ip")
        return Lan(address, network, **found)
    return found if of in (Plan, Peer, DnsSource) or hasattr(of, "stated_fields") else of(**found)


def _reason_with_commas(value: dict[str, Node], kind: FieldSection) -> dict[str, Node]:
    """Inside braces YAML ends a value at a comma; what follows a reason and is no field belongs to the reason."""
    joined: dict[str, Node] = {}
    last = ""
    for key, item in value.items():
        reason = joined.get("reason")
        continues = item is Blank.BARE and last == "reason" and isinstance(reason, str)
        if continues and scalars.nearest(key.partition(" ")[0], kind.fields, cutoff=0.75) is None:
            joined["reason"] = f"{reason}, {key}"
        else:
            joined[key] = item
            last = key
    return joined


def _expected(kind: FieldKind) -> str:
    match kind:
        case Scalar():
            return kind.expected
        case OrWord():
            return _expected(kind.inner)
        case FieldSection():
            return f"a section with keys such as {', '.join(list(kind.fields)[:5])}"
        case Listed():
            return 'a list, each entry on its own line behind "- ", or in brackets: [a, b]'
        case NamedSections():
            return 'a section of lines such as "key: value"'


def kind_at(path: PlanPath) -> FieldKind | None:
    """What may stand at `path`, words in its place aside; None where nothing may."""
    kind: FieldKind | None = section_of(Plan)
    for step in path:
        kind = below(kind, step)
    return kind


def below(kind: FieldKind | None, step: str | int) -> FieldKind | None:
    """What may stand under a key, or at a position, of a value of this kind."""
    found: FieldKind | None = None
    if isinstance(kind, FieldSection) and (field := kind.fields.get(str(step))) is not None:
        found = field.kind
    elif isinstance(kind, Listed | NamedSections):
        found = kind.inner
    return found.inner if isinstance(found, OrWord) else found


def keys_allowed_at(path: PlanPath) -> tuple[str, ...]:
    """The keys the section at `path` may have; empty where the keys are the user's own or there is no section."""
    kind = kind_at(path)
    return tuple(kind.fields) if isinstance(kind, FieldSection) else ()


def sections_with(key: str) -> tuple[str, ...]:
    """The sections that know `key`, as a user would name them, such as `a peer`."""
    return tuple(title for title, of in SECTIONS.items() if key in section_of(of).fields)
