"""Fields of the target that were changed in the form, put into the plan's text; comments and layout stay.

The smallest thing a target states is written whole: a value of the cluster, the mapping table, a field of a peer, a DNS
view. What is as today again is taken out of the target.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from certplan.plan.declaring import FieldKind, Listed, NamedSections, Scalar
from certplan.plan.editing import drop, put, value_at
from certplan.plan.fitting import below, kind_at
from certplan.plan.model import Plan, PlanPath, Target, TlsVerification, same_state
from certplan.plan.reading import PlanError, read_plan
from certplan.plan.scalars import MAX_PAGE
from certplan.plan.yamltext import EditRefusedError, Values
from certplan.serve.fields import PREFIX, Texts, keys_of_peers, target_texts, today_texts

__all__ = ["CannotTake", "units", "with_edits"]

_MOST_TYPED = MAX_PAGE
_Unit = tuple[str, ...]
"""The words of the name that one value of the target stands under, after `target.`."""


class CannotTake(Exception):  # noqa: N818 - reads as what is the case
    """What was typed makes no plan, or not yet; the text says why. `names` are the fields it is about."""

    def __init__(self, why: str, names: Iterable[str]) -> None:
        super().__init__(why)
        self.names = tuple(names)


def with_edits(plan: Plan, typed: Mapping[str, str]) -> Plan:
    """The plan as its text is with these fields of its target changed.

    Args:
        plan: what is stated now; its text is edited.
        typed: values by the fields' names; names that are no fields of a target are passed over.

    Raises:
        CannotTake: when it would be no plan, or the text cannot be edited safely.
    """
    before, today = target_texts(plan), today_texts(plan)
    entered = {name: _clean(text) for name, text in typed.items() if name.startswith(PREFIX)}
    changed = [name for name, text in entered.items() if text != before.get(name, "")]
    values = {**before, **entered}
    text = plan.text
    for unit, names in units(changed, plan).items():
        try:
            text = _put(text, plan, unit, _value(values, unit), _value(today, unit))
        except CannotTake as error:
            raise CannotTake(str(error), error.names or names) from None
        except EditRefusedError as error:
            raise CannotTake(f"The plan's text cannot be edited here: {error}. Edit the file by hand.", names) from None
    return _checked(plan, text, changed)


def _checked(plan: Plan, text: str, names: Iterable[str]) -> Plan:
    """The text, read again and today found to be as it was."""
    if text == plan.text:
        return plan
    try:
        after = read_plan(text, plan.file, plan.folder)
    except PlanError as error:
        raise CannotTake(" ".join(_sentence(each.message) for each in error.problems[:3]), names) from None
    if not same_state(plan, after):
        raise CannotTake("The plan's target is laid out in a way that is not understood here.", names)
    return after


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").strip()[:_MOST_TYPED]


def _unit(name: str, peers: int) -> _Unit:
    """A peer of today is changed field by field; one to be added is stated whole."""
    words = name.removeprefix(PREFIX).split(".")
    if words[0] == "peers":
        return tuple(words[:3]) if words[1:] and words[1].isdigit() and int(words[1]) < peers else tuple(words[:2])
    return tuple(words[:2]) if words[0] == "dns" else (words[0],)


def units(names: Iterable[str], plan: Plan) -> dict[_Unit, list[str]]:
    """Names of fields by the value of the target that they are part of."""
    found: dict[_Unit, list[str]] = {}
    for name in names:
        found.setdefault(_unit(name, len(plan.peers)), []).append(name)
    return found


def _value(texts: Texts, unit: _Unit) -> Any:
    """What stands under a unit as plain values; None where nothing does."""
    start = PREFIX + ".".join(unit)
    if start in texts:
        return texts[start] or None
    tree: dict[str, Any] = {}
    for name, text in texts.items():
        if not name.startswith(f"{start}.") or not text:
            continue
        words = name[len(start) + 1 :].split(".")
        at = tree
        for word in words[:-1]:
            at = at.setdefault(word, {})
            if not isinstance(at, dict):
                raise CannotTake("This field cannot hold a value below another.", [name])
        at[words[-1]] = text
    return _plain(tree, kind_at(("target", *unit))) if tree else None


def _plain(value: Any, kind: FieldKind | None) -> Any:
    """What was typed as the plan writes it: sections with numbers for names are lists."""
    if isinstance(value, str):
        number = isinstance(kind, Scalar) and kind.schema.get("type") == "integer"
        if value in ("true", "false"):
            return value == "true"
        return int(value) if number and value.isascii() and value.isdigit() and len(value) < 9 else value
    if all(word.isascii() and word.isdigit() for word in value):
        return [_plain(value[word], below(kind, int(word))) for word in sorted(value, key=int)]
    return {word: _plain(each, below(kind, word)) for word, each in value.items()}


def _put(text: str, plan: Plan, unit: _Unit, value: Any, today: Any) -> str:
    if unit[0] == "peers":
        return _put_of_peer(text, plan, unit, value, today)
    if unit[0] == "address_mapping":
        _whole_rows(value)
        value = "off" if value is None and today is not None else value
    path: PlanPath = ("target", *unit)
    if unit[0] == "removed_peers":
        for address in value or ():
            text = drop(text, ("target", "peers", str(address)))
    return _stated(text, path, value, today)


def _whole_rows(rows: Any) -> None:
    for number, row in enumerate(rows if isinstance(rows, list) else ()):
        missing = [side for side in ("fqdn", "ip") if not (isinstance(row, dict) and row.get(side))]
        if missing:
            side = "IP address" if missing == ["ip"] else "FQDN"
            raise CannotTake(
                f"Row {number + 1} is missing its {side}; it counts once both sides are given.",
                [f"{PREFIX}address_mapping.{number}.{each}" for each in missing],
            )


def _put_of_peer(text: str, plan: Plan, unit: _Unit, value: Any, today: Any) -> str:
    keys = keys_of_peers(plan)
    number = int(unit[1]) if unit[1:] and unit[1].isdigit() and len(unit[1]) < 4 else len(keys) + 1
    if number > len(keys):
        raise CannotTake("There is no such peer; reload the page.", [])
    if number < len(plan.peers):
        if len(unit) < 3:
            raise CannotTake("There is no such field of a peer; reload the page.", [])
        return _stated(text, ("target", "peers", keys[number], unit[2]), value, today)
    return _put_of_new(text, f"{PREFIX}peers.{number}", value, keys[number] if number < len(keys) else None)


def _put_of_new(text: str, name: str, value: Any, word: str | None) -> str:
    """A peer that is to be added, whole; one without an address is not added."""
    fields: dict[str, Any] = value if isinstance(value, dict) else {}
    if word is not None and not fields.get("address"):
        return drop(text, ("target", "peers", word))
    missing = [
        part for part, given in (("address", fields.get("address")), ("lan1.ip", fields.get("lan1"))) if not given
    ]
    if missing:
        raise CannotTake(
            "A peer to be added needs its address and its LAN 1; it counts once both are given.",
            [f"{name}.{part}" for part in missing],
        )
    address = fields.pop("address")
    if word is not None and address != word:
        fields = {"address": address, **fields}
    return put(_begun(text), ("target", "peers", word or address), fields)


def _stated(text: str, path: PlanPath, value: Any, today: Any) -> str:
    """State one value of the target; as today, it is left out of it."""
    if value == today and path[-1] != "tls_verification":
        return drop(text, path)
    if value is None:
        section = Target.of_plan().get(str(path[1]))
        whole = section is not None and not isinstance(section.kind, NamedSections)
        if isinstance(kind_at(path), Listed):
            value = []
        elif whole or today is None or path[-1] == "tls_verification":
            return drop(text, path)
        else:
            raise CannotTake(
                "A target changes values and cannot take one away: type another value, or today's to leave it.", []
            )
    stated: Values = value
    return put(_begun(text), path, stated)


def _begun(text: str) -> str:
    """A target without a word on it is to Enforce; one that is begun here says so."""
    if value_at(text, ("target",)) is not None:
        return text
    if read_plan(text, "plan", Path()).cluster.stated_tls_verification is TlsVerification.ENFORCE:
        return text
    return put(text, ("target", "tls_verification"), TlsVerification.ENFORCE.value)
