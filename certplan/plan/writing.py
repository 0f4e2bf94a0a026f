"""A plan written back as the values of the file it could have been read from.

Which keys stand where follows from the declaration that files are read by: a field is written as it is held, but for
the few that the plan holds otherwise than the file does.
"""

from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

from certplan.plan.build import default_view, known_name
from certplan.plan.declaring import NamedSections, section_of
from certplan.plan.editing import value_at
from certplan.plan.model import Authorities, Lan, Peer, Plan, Release, Target, Unknown
from certplan.plan.yamltext import Values

__all__ = ["difference", "plan_values", "target_values"]


def plan_values(plan: Plan) -> dict[str, Any]:
    """The plan as plain values in the shape of its file; what is unknown is left out.

    The target is what the plan's own text says of it.
    """
    values = _section(plan, plan)
    target = value_at(plan.text, ("target",)) if plan.text and plan.target is not None else None
    return values if target is None else values | {"target": target}


def difference(today: Plan, meant: Plan) -> dict[str, Any]:
    """What `wanted` states otherwise than `today`, in the shape of `target:`; the peers are those of today, in order.

    `tls_verification` is no part of it: a target sets it anyway.
    """
    old, new = plan_values(today), plan_values(meant)
    changes: dict[str, Any] = {
        key: new["cluster"].get(key, "off") if key == "address_mapping" else new["cluster"][key]
        for key in Target.of_cluster()
        if key != "tls_verification" and old["cluster"].get(key) != new["cluster"].get(key)
    }
    peers: dict[str, Any] = {}
    sections: dict[str, Any] = {"peers": peers}
    for was, to_be, peer, changed in zip(old["peers"], new["peers"], today.peers, meant.peers, strict=True):
        fields = {key: value for key, value in to_be.items() if key != "release" and was.get(key) != value}
        if peer.fqdn != changed.fqdn and changed.fqdn is not None:
            # The file may state today's name, which would stand.
            fields["fqdn"] = changed.fqdn
        if fields:
            peers[peer.address] = fields
    for key, field in Target.of_plan().items():
        if isinstance(field.kind, NamedSections):
            was = old.get(key, {})
            sections[key] = {name: each for name, each in new.get(key, {}).items() if was.get(name) != each}
        elif key in new and old.get(key) != new[key]:
            sections[key] = new[key]
    return changes | {key: value for key, value in sections.items() if value != {}}


def target_values(plan: Plan, changes: Mapping[str, Values]) -> dict[str, Any]:
    """The target that the plan states with `changes` put in, as plain values; without one, what makes it Enforce."""
    stated = value_at(plan.text, ("target",)) if plan.text else None
    target: dict[str, Any] = {"tls_verification": "enforce", **(stated if isinstance(stated, Mapping) else {})}
    for key, value in changes.items():
        deep = key in ("peers", "dns") and isinstance(value, Mapping)
        target[key] = {**target.get(key, {}), **value} if deep and isinstance(value, Mapping) else value
    return target


def _section(part: Any, plan: Plan) -> dict[str, Any]:
    """The values of one section, in the order of its declaration."""
    written: dict[str, Any] = {}
    of: Any = type(part)
    for key, field in section_of(of).fields.items():
        special = _HELD_OTHERWISE.get((of, key))
        value = special(part, plan) if special is not None else getattr(part, field.attribute)
        if value is None or (value in ((), {}) and not field.required and field.default is not None):
            continue
        written[key] = _value(value, plan)
    return written


def _value(value: Any, plan: Plan) -> Any:
    match value:
        case Unknown():
            return "unknown"
        case Enum():
            return value.value
        case bool() | int() | float() | str():
            return value
        case date():
            return value.isoformat()
        case Release() | IPv4Address() | IPv6Address() | IPv4Network() | IPv6Network():
            return str(value)
        case tuple() | list():
            return [_value(each, plan) for each in value]
        case Mapping():
            return {key: _value(each, plan) for key, each in value.items()}
    return _section(value, plan)


def _ip(lan: Lan, _: Plan) -> str:
    return str(lan.ip) if lan.network is None else f"{lan.ip}/{lan.network.prefixlen}"


def _authorities(plan: Plan, _: Plan) -> object:
    stated = plan.authorities
    if stated == Authorities():
        return None
    return stated.server if stated.server is stated.client else stated


def _views(peer: Peer, plan: Plan) -> object:
    if peer.domain_views:
        return {"default": peer.dns, **dict(peer.domain_views)}
    return None if peer.dns == default_view(plan.cluster.stated_type) else peer.dns


def _fqdn(peer: Peer, _: Plan) -> str | None:
    return None if peer.fqdn == known_name(peer.address, None, peer.host_name, peer.domain) else peer.fqdn


def _unless_empty(name: str) -> Callable[[Any, Plan], object]:
    """A section that a plan always has; one in which nothing is stated is left out."""

    def read(plan: Any, _: Plan) -> object:
        section = getattr(plan, name)
        return None if section == type(section)() else section

    return read


_HELD_OTHERWISE: dict[tuple[type, str], Callable[[Any, Plan], object]] = {
    (Plan, "services"): _unless_empty("services"),
    (Plan, "certificate_authority"): _authorities,
    (Plan, "certificate_subject"): _unless_empty("certificate_subject"),
    (Plan, "dns"): lambda plan, _: {source.view: source for source in plan.dns},
    (Plan, "round_trip_ms"): lambda plan, _: {" ".join(pair): ms for pair, ms in plan.round_trip_ms.items()},
    (Plan, "target"): lambda _, __: None,
    (Peer, "release"): lambda peer, plan: (
        None if peer.stated_release == plan.cluster.stated_release else peer.stated_release
    ),
    (Peer, "dns"): _views,
    (Peer, "fqdn"): _fqdn,
    (Lan, "ip"): _ip,
}
