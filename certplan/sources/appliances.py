"""Which files are of which appliance: by what they say of themselves, then by what they came in.

configuration, status, answers   host name, domain, LAN 1, serial number
log                              the host its lines name
page                             the row `This system`
certificate                      the archive or folder of one appliance; the names in it; the file's name as a hint
CA list                          the archive or folder of one appliance; the file's name as a hint
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from certplan.evidence.model import Certificate
from certplan.sources.model import Field, FileKind, FileReading, Sourced
from certplan.text.names import key
from certplan.value import Struct, Value, field

__all__ = ["Appliance", "Conflict", "group", "hand_out"]

_ORDER = (FileKind.CONFIGURATION, FileKind.PAGE, FileKind.STATUS, FileKind.ANSWER, FileKind.LOG)
"""Whose word counts first. A log annotates, and never overrides the configuration."""
MAX_APPLIANCES = 128
_PERMISSIVE = "cluster tls permissive"


class Conflict(Value):
    """Two files of one appliance that say different things of one field."""

    field: Field
    sourced: tuple[Sourced, ...]


class Appliance(Struct):
    """One appliance and the readings of it, most trusted first once `group` is done."""

    readings: list[FileReading] = field(default_factory=list)
    certificates: list[FileReading] = field(default_factory=list)
    address: str | None = None
    """Its `Peer N address`, once the cluster is known."""

    def sourced(self, what: Field) -> Sourced | None:
        """The most trusted word on a field: a state before a command, a configuration before a status."""
        found = self.all_sourced(what)
        return min(found, key=lambda sourced: bool(sourced.how)) if found else None

    def all_sourced(self, what: Field) -> tuple[Sourced, ...]:
        return tuple(reading.facts[what] for reading in self.readings if what in reading.facts)

    def text(self, what: Field) -> str | None:
        sourced = self.sourced(what)
        return sourced.value if sourced is not None and isinstance(sourced.value, str) and sourced.value else None

    @property
    def fqdn(self) -> str | None:
        host, domain = self.text(Field.HOST_NAME), self.text(Field.DOMAIN)
        return f"{host}.{domain}" if host and domain else None

    @property
    def lan1(self) -> str | None:
        """LAN 1's address, without its mask."""
        return (self.text(Field.LAN1) or "").partition("/")[0] or None

    @property
    def names(self) -> frozenset[str]:
        """Every text by which a peer list may call it."""
        own = (self.address, self.fqdn, self.lan1, self.text(Field.HOST_NAME), *self._outer())
        return frozenset(key(name) for name in own if name is not None)

    def _outer(self) -> Iterable[str | None]:
        for what in (Field.LAN2, Field.LAN1_NAT, Field.LAN2_NAT):
            yield (self.text(what) or "").partition("/")[0] or None

    @property
    def host(self) -> str:
        """Its host name, or else the first label of its address; empty where neither is known."""
        return self.text(Field.HOST_NAME) or (self.address or "").partition(".")[0]

    def conflicts(self) -> tuple[Conflict, ...]:
        """What its own files say differently; a log's word and an alarm's are no conflict with a newer one."""
        found: list[Conflict] = []
        for what in Field:
            sourced = [each for each in self.all_sourced(what) if each.how == ""]
            if len({_comparable(each.value) for each in sourced}) > 1:
                found.append(Conflict(what, tuple(sourced)))
        return tuple(found)

    @property
    def label(self) -> str:
        """What to call it in messages."""
        return self.address or self.fqdn or self.text(Field.HOST_NAME) or self.lan1 or self.readings[0].file


def _comparable(value: object) -> object:
    return value.casefold() if isinstance(value, str) else tuple(str(v).casefold() for v in value)  # type: ignore[attr-defined]


def group(readings: Sequence[FileReading]) -> tuple[tuple[Appliance, ...], tuple[FileReading, ...]]:
    """The appliances, in the order their first file came, and what belongs to none of them; certificates aside."""
    appliances: list[Appliance] = []
    left: list[FileReading] = []
    for kind in (FileKind.CONFIGURATION, FileKind.STATUS, FileKind.ANSWER, FileKind.LOG, FileKind.PAGE):
        for reading in (each for each in readings if each.kind is kind):
            if (owner := _owner(reading, appliances)) is not None:
                owner.readings.append(reading)
            elif len(appliances) >= MAX_APPLIANCES:
                left.append(reading)
            elif kind in (FileKind.CONFIGURATION, FileKind.STATUS) or (
                kind is FileKind.ANSWER and Field.HOST_NAME in reading.facts
            ):
                appliances.append(Appliance([reading]))
            else:
                left.append(reading)
    for appliance in appliances:
        # The newest dump first, by the digits of its name; the order of kinds before that.
        appliance.readings.sort(key=lambda each: re.sub(r"\D", "", PurePath(each.file).name), reverse=True)
        appliance.readings.sort(key=lambda each: _ORDER.index(each.kind))
        _note_alarm(appliance)
    return tuple(appliances), tuple(left)


def hand_out(readings: Sequence[FileReading], appliances: Sequence[Appliance]) -> tuple[FileReading, ...]:
    """Give every file of certificates to its appliance; what belongs to none of them comes back."""
    left: list[FileReading] = []
    for reading in readings:
        if reading.kind in (FileKind.CERTIFICATES, FileKind.SENT_CHAIN):
            owner = _certificate_owner(reading, appliances)
            if owner is None:
                left.append(reading)
            else:
                owner.certificates.append(reading)
    return tuple(left)


def _owner(reading: FileReading, appliances: Sequence[Appliance]) -> Appliance | None:
    if reading.kind is FileKind.PAGE:
        own = next((row for row in reading.rows if (row.clustering or "").lower() == "this system"), None)
        if own is not None and own.address is not None:
            named = [each for each in appliances if key(own.address) in each.names]
            return named[0] if len(named) == 1 else None
    alone = Appliance([reading])
    agreeing = [each for each in appliances if _agree(alone, each)]
    if len(agreeing) == 1:
        return agreeing[0]
    if reading.kind is FileKind.CONFIGURATION:
        return None
    near = [each for each in agreeing or appliances if _in_bundle(reading, each) and not _differ(alone, each)]
    return near[0] if len(near) == 1 else None


def _identity(appliance: Appliance) -> Mapping[Field, str]:
    found = {
        Field.HOST_NAME: (appliance.text(Field.HOST_NAME) or "").casefold(),
        Field.DOMAIN: (appliance.text(Field.DOMAIN) or "").casefold(),
        Field.LAN1: appliance.lan1 or "",
        Field.SERIAL: appliance.text(Field.SERIAL) or "",
    }
    return {what: value for what, value in found.items() if value}


def _differ(one: Appliance, other: Appliance) -> bool:
    left, right = _identity(one), _identity(other)
    return any(left[what] != right[what] for what in left.keys() & right.keys())


def _agree(one: Appliance, other: Appliance) -> bool:
    left, right = _identity(one), _identity(other)
    telling = (left.keys() & right.keys()) - {Field.DOMAIN}
    return bool(telling) and not _differ(one, other)


def _in_bundle(reading: FileReading, appliance: Appliance) -> bool:
    return any(each.bundle == reading.bundle for each in appliance.readings)


def _note_alarm(appliance: Appliance) -> None:
    """The alarm `Cluster TLS permissive` says what runs; that it is absent says nothing."""
    for reading in appliance.readings:
        for alarm in reading.alarms:
            if alarm.title.casefold() == _PERMISSIVE and Field.TLS_VERIFICATION not in reading.facts:
                sourced = Sourced("permissive", alarm.where, f"by the alarm {alarm.title}")
                appliance.readings.append(
                    FileReading(reading.file, reading.bundle, reading.kind, {Field.TLS_VERIFICATION: sourced})
                )
                return


def _certificate_owner(reading: FileReading, appliances: Sequence[Appliance]) -> Appliance | None:
    """Whose a file of certificates is.

    An archive is of one appliance, whatever its certificate says. A folder is a hint: it counts against a name only
    where the appliance that is named has files of its own elsewhere.
    """
    if len(appliances) == 1:
        return appliances[0]
    near = [each for each in appliances if _in_bundle(reading, each)]
    alone = near[0] if len(near) == 1 else None
    if alone is not None and reading.file.startswith(f"{reading.bundle}["):
        return alone
    named = _named_owner(reading, near if len(near) > 1 else appliances)
    if alone is not None and (named is None or named.readings):
        return alone
    return named


def _named_owner(reading: FileReading, candidates: Sequence[Appliance]) -> Appliance | None:
    """By the names in the certificate; by the file's name as a hint."""
    first = reading.certificates[0].certificate
    named = [] if first.is_ca else [each for each in candidates if _names_of(first) & _own_names(each)]
    if len(named) == 1:
        return named[0]
    hinted = [each for each in named or candidates if each.host and _in_name(each.host, reading.file)]
    return hinted[0] if len(hinted) == 1 else None


def _in_name(host: str, file: str) -> bool:
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(host)}(?![A-Za-z0-9])", file, re.IGNORECASE) is not None


def _names_of(certificate: Certificate) -> frozenset[str]:
    return frozenset(key(name) for name in (*certificate.common_names, *certificate.dns_names))


def _own_names(appliance: Appliance) -> frozenset[str]:
    return frozenset(key(name) for name in (appliance.fqdn, appliance.address) if name is not None)
