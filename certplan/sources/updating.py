"""An existing plan brought up to date: today becomes what the exports show; comments and all the rest stay.

today     every value that a file says and the plan says otherwise is exchanged in its place
peers     by Peer N address; one that no list has any more goes, a new one is added
files     a certificate that the plan has already under some name keeps that name; nothing is overwritten
target    what has thereby come true is taken out of it
"""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from certplan.evidence.pki.certificates import read_certificates
from certplan.evidence.pki.material import UnreadableFile, read_material
from certplan.plan.build import peer_called
from certplan.plan.editing import drop, put, value_at
from certplan.plan.model import PlanPath
from certplan.plan.reading import PlanError, read_plan
from certplan.plan.yamltext import EditRefusedError, Values
from certplan.sources.merge import UNKNOWN, Imported, PlanValue
from certplan.text.names import show
from certplan.value import Struct, field

__all__ = ["Update", "updated"]

_STORES = ("server_certificate", "client_certificate", "trusted_cas")
_FROM_IMPORT = re.compile(
    r"[ \t]+# (?:\S.*:[0-9]+(?:, .*)?|no file says .*|stated at import|.*\.(?:pem|crt|cer)\]?.*)$"
)
_CLUSTER = ("type", "release", "tls_verification", "ip_version", "primary", "address_mapping")


class Update(Struct):
    """What an update makes of a plan."""

    text: str
    changed: list[str] = field(default_factory=list)
    """The fields that have another value now, as `peers.exe1.example.com.lan1`."""
    fulfilled: list[str] = field(default_factory=list)
    """What was taken out of the target, because it is today now."""
    in_no_export: list[str] = field(default_factory=list)
    """Zones and servers of the plan that the exports, which have others, do not show, as `zones.B2B`."""
    files: dict[str, bytes] = field(default_factory=dict)
    """New files, by path relative to the plan."""


def updated(text: str, imported: Imported, folder: Path) -> Update:
    """Bring a plan's text up to date.

    Args:
        text: of a plan that can be read.
        imported: what the exports say.
        folder: where the files are that the plan names.

    Raises:
        EditRefusedError: when the text is laid out so that it cannot be edited safely.
    """
    update = Update(text)
    positions = _peers(update, imported)
    entries = [entry for entry in imported.entries if entry.value != UNKNOWN]
    for path in imported.absent:
        _drop(update, _moved(path, positions))
    _lans(update, entries, positions)
    for entry in entries:
        path = _moved(entry.path, positions)
        if entry.path[0] == "peers" and entry.path[2] in ("address", "lan1", "lan2", "page"):
            continue
        if entry.path[-1] in _STORES:
            _store(update, imported, entry, path, folder)
        elif entry.path[0] not in ("zones", "servers", "dns"):
            _put(update, path, _plain(entry.value), entry)
    _keyed(update, entries, "zones", "name")
    _keyed(update, entries, "servers", "address")
    _fulfill(update)
    try:
        read_plan(update.text, "plan", Path())
    except PlanError as error:
        raise EditRefusedError(f"it cannot be edited safely ({error.problems[0].message})") from None
    return update


def _peers(update: Update, imported: Imported) -> dict[int, int]:
    """Where each imported peer stands in the plan; peers that left are taken out, new ones are put in."""
    expected = [peer.address for peer in imported.peers]
    names: list[tuple[str | None, ...]] = [(address,) for address in expected]
    listed = all(
        entry.where is not None
        for entry in imported.entries
        if entry.path[0] == "peers" and entry.path[2:] == ("address",)
    )
    for position in reversed(range(len(_today(update.text)))):
        address = _today(update.text)[position]
        if listed and peer_called(address, names) is None:
            update.text = drop(update.text, ("peers", position))
            update.changed.append(f"peers.{address}")
    positions: dict[int, int] = {}
    for number, address in enumerate(expected):
        today: list[tuple[str | None, ...]] = [(each,) for each in _today(update.text)]
        found = peer_called(address, today)
        if found is None:
            found = len(today)
            update.text = put(update.text, ("peers", found), {"address": address, "lan1": UNKNOWN})
            update.changed.append(f"peers.{address}")
        positions[number] = found
    return positions


def _today(text: str) -> list[str]:
    peers = value_at(text, ("peers",))
    listed = peers if isinstance(peers, list) else []
    return [str(each.get("address")) for each in listed if isinstance(each, Mapping)]


def _moved(path: PlanPath, positions: Mapping[int, int]) -> PlanPath:
    if path[0] != "peers" or not isinstance(path[1], int):
        return path
    return ("peers", positions[path[1]], *path[2:])


def _named(text: str, path: PlanPath) -> str:
    """The path in messages: a peer by its address."""
    parts = [str(part) for part in path]
    if path[0] == "peers" and isinstance(path[1], int):
        parts[1] = _today(text)[path[1]]
    return ".".join(parts)


def _plain(value: object) -> Values:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return str(value)


def _put(update: Update, path: PlanPath, value: Values, entry: PlanValue) -> None:
    if _same(value_at(update.text, path), value):
        return
    update.text = _commented(put(update.text, path, value), path, entry)
    update.changed.append(_named(update.text, path))


def _same(one: Values | None, other: Values) -> bool:
    """Whether two values say the same; letter case and the ways to write a flag aside."""
    if isinstance(one, str) and isinstance(other, str):
        flags = {"yes": "true", "on": "true", "no": "false", "off": "false"}
        left, right = one.casefold(), other.casefold()
        return left == right or flags.get(left, left) == flags.get(right, right)
    return one == other


def _drop(update: Update, path: PlanPath) -> None:
    holder = value_at(update.text, path[:-1])
    if isinstance(holder, Mapping) and path[-1] in holder:
        update.changed.append(_named(update.text, path))
        update.text = drop(update.text, path)


def _lans(update: Update, entries: Sequence[PlanValue], positions: Mapping[int, int]) -> None:
    """LAN 1 and LAN 2, which a plan may give as an address alone."""
    for entry in entries:
        if entry.path[0] != "peers" or entry.path[3:] != ("ip",):
            continue
        path = _moved(entry.path[:3], positions)
        nat = next((e for e in entries if e.path == (*entry.path[:3], "static_nat")), None)
        stated = value_at(update.text, path)
        if nat is None and _same(stated, str(entry.value)):
            continue
        if isinstance(stated, Mapping):
            _put(update, (*path, "ip"), str(entry.value), entry)
            if nat is not None:
                _put(update, (*path, "static_nat"), str(nat.value), nat)
        else:
            whole = {"ip": str(entry.value)} | ({"static_nat": str(nat.value)} if nat is not None else {})
            _put(update, path, whole, entry)


def _store(update: Update, imported: Imported, entry: PlanValue, path: PlanPath, folder: Path) -> None:
    """A certificate or trusted CA list: by the name that the plan or its target has for it, or as a new file."""
    number = int(entry.path[1])
    stores = imported.peers[number].stores
    material = {"server_certificate": stores.server, "client_certificate": stores.client}.get(
        str(entry.path[2]), stores.trusted
    )
    if material is None:
        return
    expected = tuple(each.certificate.sha256 for each in material.certificates)
    target = value_at(update.text, ("target", "peers", _today(update.text)[int(path[1])], path[2]))
    for stated in (value_at(update.text, path), target):
        files = [str(each) for each in stated] if isinstance(stated, list) else [str(stated)] if stated else []
        found = tuple(print_ for file in files for print_ in _fingerprints(folder / file))
        if stated is not None and (found == expected if path[2] != "trusted_cas" else set(found) == set(expected)):
            _put(update, path, stated, entry)
            return
    named = entry.value[0] if isinstance(entry.value, list) else entry.value
    data = imported.files[str(named)]
    file = _free(str(named), data, folder, expected)
    update.files[file] = data
    _put(update, path, [file] if isinstance(entry.value, list) else file, entry)


def _free(file: str, data: bytes, folder: Path, expected: tuple[str, ...]) -> str:
    """A name that no other contents have."""
    if _fingerprints(folder / file) in ((), expected):
        return file
    stem, dot, ending = file.rpartition(".")
    return f"{stem}-{hashlib.sha256(data).hexdigest()[:8]}{dot}{ending}"


def _fingerprints(path: Path) -> tuple[str, ...]:
    """The SHA-256 of the certificates in a file, in order; none where it cannot be read."""
    try:
        data = read_material(path)
    except UnreadableFile:
        return ()
    return tuple(each.certificate.sha256 for each in read_certificates(data, path.name)[0])


def _keyed(update: Update, entries: Sequence[PlanValue], section: str, key: str) -> None:
    """Zones by name, servers by address: known ones are updated field by field, new ones put in whole."""
    rows: dict[int, dict[str, PlanValue]] = {}
    for entry in entries:
        # Where the other cluster's plan is, only a new pair of folders says.
        if entry.path[0] == section and entry.path[2] != "far_end":
            rows.setdefault(int(entry.path[1]), {})[str(entry.path[2])] = entry
    _note_absent(update, section, key, {str(row[key].value) for row in rows.values()})
    for row in rows.values():
        stated = value_at(update.text, (section,))
        listed = [each for each in stated if isinstance(each, Mapping)] if isinstance(stated, list) else []
        names = [str(each.get(key)) for each in listed]
        if str(row[key].value) in names:
            at = names.index(str(row[key].value))
            for word, entry in row.items():
                _put(update, (section, at, word), _plain(entry.value), entry)
        else:
            whole = {word: _plain(entry.value) for word, entry in row.items()}
            place: PlanPath = (section, len(listed)) if listed else (section,)
            _put(update, place, whole if listed else [whole], row[key])


def _note_absent(update: Update, section: str, key: str, shown: Collection[str]) -> None:
    stated = value_at(update.text, (section,))
    listed = [str(each.get(key)) for each in stated if isinstance(each, Mapping)] if isinstance(stated, list) else []
    update.in_no_export += [f"{section}.{name}" for name in listed if shown and name not in shown]


def _commented(text: str, path: PlanPath, entry: PlanValue) -> str:
    """The value's source behind it, in the place of an earlier import's; a comment of the engineer's own stays."""
    if entry.where is None or text.lstrip()[:1] == "{":
        return text
    try:
        line = read_plan(text, "plan", Path()).where(*path).line
    except PlanError:
        return text
    lines = text.split("\n")
    if not 0 < line <= len(lines):
        return text
    bare = _FROM_IMPORT.sub("", lines[line - 1].rstrip("\r"))
    if " #" in bare or bare.rstrip().endswith(("|", ">", "[", "{", ",")):
        return text
    end = "\r" if lines[line - 1].endswith("\r") else ""
    lines[line - 1] = f"{bare.rstrip()}  # {show(str(entry.where), 300)}{end}"
    return "\n".join(lines)


def _fulfill(update: Update) -> None:
    """Take out of the target what today says now."""
    today = {address: number for number, address in enumerate(_today(update.text))}
    for address, changes in _section(update.text, ("target", "peers")).items():
        number = next((n for each, n in today.items() if peer_called(address, [(each,)]) == 0), None)
        if number is None or not isinstance(changes, Mapping):
            continue
        for word, value in changes.items():
            if _same(value_at(update.text, ("peers", number, word)), value):
                _fulfilled(update, ("target", "peers", address, word))
    leaving = value_at(update.text, ("target", "removed_peers"))
    for address in [str(each) for each in leaving] if isinstance(leaving, list) else []:
        if peer_called(address, [(each,) for each in today]) is None:
            listed = value_at(update.text, ("target", "removed_peers"))
            at = [str(each) for each in listed].index(address) if isinstance(listed, list) else 0
            _fulfilled(update, ("target", "removed_peers", at))
    target = _section(update.text, ("target",))
    for word in _CLUSTER:
        if word in target and _same(value_at(update.text, ("cluster", word)), target[word]):
            rest = _section(update.text, ("target",)).keys() - {word}
            # A target without a word on the mode is to Enforce: one that is to stay Permissive has to go on saying so.
            if word != "tls_verification" or str(target[word]).casefold() != "permissive" or not rest:
                _fulfilled(update, ("target", word))


def _fulfilled(update: Update, path: PlanPath) -> None:
    update.fulfilled.append(".".join(str(part) for part in path))
    update.text = drop(update.text, path)


def _section(text: str, path: PlanPath) -> Mapping[str, Values]:
    value = value_at(text, path)
    return value if isinstance(value, Mapping) else {}
