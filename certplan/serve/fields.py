"""The fields of a target as a form has them: each an input named by its path, made from the plan's own declaration.

`target.address_mapping.1.ip` is the IP side of the second row; `target.peers.0.lan1.ip` is LAN 1 of the first peer.
Positions count from 0. Peers come in today's order, those that leave included; new ones after them.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from certplan.plan.build import peer_called
from certplan.plan.declaring import (
    FieldKind,
    FieldSection,
    Listed,
    NamedSections,
    OrWord,
    PlanField,
    Scalar,
    section_of,
)
from certplan.plan.editing import value_at
from certplan.plan.model import Plan, Target, TargetPeer
from certplan.plan.writing import plan_values
from certplan.value import Value, replace

__all__ = [
    "PREFIX",
    "FieldGroup",
    "Input",
    "Texts",
    "keys_of_peers",
    "label_of",
    "leaving",
    "target_form",
    "target_texts",
    "today_texts",
]

PREFIX = "target."
_NO_FIELDS = ("private_key",)
"""The browser has no business with keys."""
_VIEWS = ("public", "internal")
_MOST_ROWS = 64

Texts = dict[str, str]
"""The value of every input by its name; a field that nothing is stated of is not in it."""
_Tree = dict[str, Any]
_TREES: deque[tuple[Plan, _Tree]] = deque(maxlen=8)


class Input(Value):
    """One field."""

    name: str
    label: str
    value: str
    today: str
    """What it is today; empty where it is not stated."""
    choices: tuple[str, ...] = ()
    """Empty: any text."""
    help: str = ""
    problem: str = ""
    """Why the value typed cannot be taken; empty where it can."""
    file: bool = False
    """Whether it is the name of a file, to be chosen among those that are known."""
    lines: bool = False
    """Whether it is a text of several lines."""

    @property
    def changed(self) -> bool:
        return self.value != self.today


class FieldGroup(Value):
    """Fields that belong together."""

    ident: str
    title: str
    parts: "tuple[Input | FieldGroup, ...]"
    gone: bool = False
    """A peer that leaves the cluster: its fields say nothing any more."""

    def inputs(self) -> Iterator[Input]:
        """Every field within, in order."""
        for part in self.parts:
            if isinstance(part, Input):
                yield part
            else:
                yield from part.inputs()


def today_texts(plan: Plan) -> Texts:
    """Today's values under the names of the target's fields."""
    return dict(_flat(_today(plan), PREFIX.rstrip(".")))


def target_texts(plan: Plan) -> Texts:
    """The target's values: today's where the target says nothing else."""
    target = plan.target_state()
    if target is None:
        return today_texts(plan) | {f"{PREFIX}tls_verification": "enforce"}
    before, after = _today(plan), _today(target)
    gone = leaving(plan)
    staying = iter(after["peers"])
    peers = [each if number in gone else next(staying) for number, each in enumerate(before["peers"])]
    removed = [plan.peers[number].address for number in gone]
    return dict(_flat({**after, "peers": [*peers, *staying], "removed_peers": removed}, PREFIX.rstrip(".")))


def keys_of_peers(plan: Plan) -> tuple[str, ...]:
    """What the target calls each peer of the form: by today's address, or as it calls a new one."""
    stated = value_at(plan.text, ("target", "peers"))
    words = [str(word) for word in stated] if isinstance(stated, Mapping) else []
    today = [next((w for w in words if peer_called(w, [(p.address,)]) == 0), p.address) for p in plan.peers]
    return (*today, *(word for word in words if word not in today))


def leaving(plan: Plan) -> tuple[int, ...]:
    """The positions, from 0, of the peers that the target removes."""
    stated = value_at(plan.text, ("target", "removed_peers"))
    names: list[tuple[str | None, ...]] = [(peer.address,) for peer in plan.peers]
    found = {peer_called(str(word), names) for word in stated} if isinstance(stated, list) else set()
    return tuple(sorted(number for number in found if number is not None))


def _today(plan: Plan) -> _Tree:
    """One state's values in the shape of `target:`, but for the peers, which are listed. Asked often of the same."""
    known = next((tree for each, tree in _TREES if each is plan), None)
    if known is None:
        known = _tree(plan)
        _TREES.append((plan, known))
    return known


def _tree(plan: Plan) -> _Tree:
    values = plan_values(plan)
    cluster = {key: values["cluster"][key] for key in Target.of_cluster() if key in values["cluster"]}
    peers = []
    for peer in values["peers"]:
        found = {key: value for key, value in peer.items() if key not in _NO_FIELDS}
        if not plan.is_target:
            found.pop("page", None)  # it shows today, and a target begins without it
        if isinstance(found.get("dns"), str):
            found["dns"] = {"default": found["dns"]}
        peers.append(found)
    rest = {key: values[key] for key in Target.of_plan() if key in values}
    if isinstance(rest.get("certificate_authority"), str):
        rest["certificate_authority"] = dict.fromkeys(("server", "client"), rest["certificate_authority"])
    return {**cluster, "peers": peers, **rest}


def _flat(value: Any, name: str) -> Iterator[tuple[str, str]]:
    match value:
        case bool():
            yield name, "true" if value else "false"
        case dict():
            for key, each in value.items():
                yield from _flat(each, f"{name}.{key}")
        case list() | tuple():
            for number, each in enumerate(value):
                yield from _flat(each, f"{name}.{number}")
        case _:
            yield name, str(value).strip()


def label_of(name: str) -> str:
    """What a field is called beside others: `Peer 2: LAN 1 IP address`."""
    words = name.removeprefix(PREFIX).split(".")
    of_peer = words[0] == "peers" and words[1:] and words[1].isdigit()
    return f"{f'Peer {int(words[1]) + 1}: ' if of_peer else ''}{_title('.'.join(words))}"


def target_form(plan: Plan, typed: Mapping[str, str], problems: Mapping[str, str]) -> tuple[FieldGroup, ...]:
    """Every field of the target.

    Args:
        plan: what is stated.
        typed: what was typed and could not be taken yet, by name.
        problems: why, by name.
    """
    form = _Form(plan, {**target_texts(plan), **typed}, today_texts(plan), problems)
    return form.groups()


class _Form(Value, dict=True):
    plan: Plan
    values: Texts
    today: Texts
    problems: Mapping[str, str]

    def groups(self) -> tuple[FieldGroup, ...]:
        of_cluster = Target.of_cluster()
        table = of_cluster.pop("address_mapping")
        cluster = [part for key, field in of_cluster.items() for part in self._field(field, f"{PREFIX}{key}")]
        rows = self._parts(table.kind, f"{PREFIX}{table.key}", "", min(len(self.plan.peers), _MOST_ROWS))
        whole = [
            FieldGroup(key, _title(key), tuple(self._parts(field.kind, f"{PREFIX}{key}", "")))
            for key, field in Target.of_plan().items()
        ]
        return (
            FieldGroup("cluster", "Cluster", tuple(cluster)),
            FieldGroup("address_mapping", "Cluster address mapping", tuple(rows)),
            *self._peers(),
            self._removed(),
            *whole,
        )

    def _peers(self) -> Iterator[FieldGroup]:
        gone, keys = leaving(self.plan), keys_of_peers(self.plan)
        stated = section_of(TargetPeer).fields
        first = ("address", "fqdn", "lan1", "lan2")
        fields = [(key, stated[key]) for key in dict.fromkeys((*first, *stated)) if key not in _NO_FIELDS]
        for number in range(len(keys) + 1):
            name = f"{PREFIX}peers.{number}"
            parts = tuple(part for key, field in fields for part in self._field(field, f"{name}.{key}"))
            title = f"Peer {number + 1}: {keys[number]}" if number < len(keys) else "A peer to be added"
            yield FieldGroup(f"peer-{number}", title, parts, gone=number in gone)

    def _removed(self) -> FieldGroup:
        """The peers that leave: as many choices as are taken, and one more."""
        addresses = tuple(peer.address for peer in self.plan.peers)
        count = len(leaving(self.plan))
        parts = tuple(
            replace(
                self._input(f"{PREFIX}removed_peers.{number}", f"Leaves the cluster ({number + 1})", None, ""),
                choices=addresses,
            )
            for number in range(min(count + 1, len(addresses)))
        )
        return FieldGroup("removed_peers", "Peers that leave", parts)

    def _field(self, field: PlanField, name: str) -> "Iterator[Input | FieldGroup]":
        return self._parts(field.kind, name, field.says.words)

    def _parts(self, kind: FieldKind, name: str, text: str, least: int = 0) -> "Iterator[Input | FieldGroup]":
        label = _title(name.removeprefix(PREFIX))
        match kind:
            case OrWord():
                yield from self._parts(kind.inner, name, text, least)
            case Scalar():
                yield self._input(name, label, kind, text)
            case Listed():
                yield from self._rows(kind.inner, name, least)
            case NamedSections():
                known = _VIEWS if isinstance(kind.inner, FieldSection) else ("default",)
                for key in dict.fromkeys((*self._keys(name), *known)):
                    yield from self._parts(kind.inner, f"{name}.{key}", text)
            case FieldSection():
                parts = [part for key, field in kind.fields.items() for part in self._field(field, f"{name}.{key}")]
                whole = name.split(".")[1] in ("services", "zones", "servers", "dns") or name.endswith(".clustering")
                if name.count(".") > 1 and whole:
                    yield FieldGroup(name.removeprefix(PREFIX).replace(".", "-"), label, tuple(parts))
                else:
                    yield from parts

    def _rows(self, inner: FieldKind, name: str, least: int) -> "Iterator[Input | FieldGroup]":
        """The entries of a list, and an empty one to add to it."""
        numbers = [int(key) for key in self._keys(name) if key.isdigit()]
        count = min(max([least, *(number + 2 for number in numbers)], default=least) or 1, _MOST_ROWS)
        for number in range(count):
            parts = tuple(self._parts(inner, f"{name}.{number}", ""))
            if isinstance(inner, FieldSection) and not any(isinstance(part, FieldGroup) for part in parts):
                ident = f"{name.removeprefix(PREFIX).replace('.', '-')}-{number}"
                yield FieldGroup(ident, f"{_title(name.removeprefix(PREFIX))} {number + 1}", parts)
            else:
                yield from parts

    def _keys(self, name: str) -> dict[str, None]:
        """What stands below a name, in order."""
        start = f"{name}."
        return dict.fromkeys(
            key[len(start) :].split(".")[0] for key in (*self.today, *self.values) if key.startswith(start)
        )

    def _input(self, name: str, label: str, scalar: Scalar | None, text: str) -> Input:
        choices = () if scalar is None else scalar.choices
        if scalar is not None and not choices and "anyOf" in scalar.schema:
            choices = ("true", "false")
        entry = "line" if scalar is None else scalar.entry
        return Input(
            name,
            label,
            self.values.get(name, ""),
            self.today.get(name, ""),
            choices,
            re.sub(r"`", "", text),
            self.problems.get(name, ""),
            file=entry == "file",
            lines=entry == "lines",
        )


_LABELS = {
    "tls_verification": "TLS verification mode",
    "name": "Cluster name",
    "ip_version": "Cluster IP version",
    "primary": "Configuration primary",
    "address": "Address",
    "peers.address": "Peer address",
    "fqdn": "FQDN",
    "ip": "IP address",
    "lan1": "LAN 1",
    "lan2": "LAN 2",
    "lan1.ip": "LAN 1 IP address",
    "lan1.static_nat": "LAN 1 static NAT",
    "lan2.ip": "LAN 2 IP address",
    "lan2.static_nat": "LAN 2 static NAT",
    "external_lan": "External LAN interface",
    "h323": "H.323 mode",
    "ntp": "NTP server",
    "crls": "CRL file",
    "dns": "DNS",
    "mra": "Mobile and Remote Access",
    "xmpp_federation": "XMPP federation",
    "san_format": "SAN format",
    "trusted_cas": "Trusted CA file",
    "option_keys": "Option key",
    "certificate_authority": "Certificate authority",
    "address_mapping": "Row",
    "dns.default": "DNS view",
    "clustering": "System > Clustering of this peer, where it differs",
    "clustering.peers": "Peer address",
    "page": "System > Clustering as this peer shows it",
}
_SINGULAR = {
    "domains": "Domain",
    "servers": "Server",
    "zone_files": "Zone file",
    "records": "Record",
    "peers": "Peer",
    "zones": "Zone",
    "chat_node_aliases": "Chat node alias",
    "phone_security_profiles": "Phone security profile",
    "cms_web_proxy": "CMS web proxy host name",
}


def _title(name: str) -> str:
    """What the last words of a name are called on the appliance, or in the plan."""
    words = name.split(".")
    number = f" {int(words[-1]) + 1}" if words[-1].isdigit() else ""
    words = [word for word in words if not word.isdigit()]
    for size in (2, 1):
        if (label := _LABELS.get(".".join(words[-size:]))) is not None and len(words) >= size:
            return label + number
    if number and words[-1] in _SINGULAR:
        return _SINGULAR[words[-1]] + number
    last = words[-1].replace("tls", "TLS").replace("email", "e-mail address")
    return (last.replace("_", " ")[:1].upper() + last.replace("_", " ")[1:]) + number
