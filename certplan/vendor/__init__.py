"""The vendor's facts: sources, registries, dates, figures and alarms, each with where and when it was read.

Every function reads its file on first use, keeps the answer, and returns frozen values. Nothing is read on import.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from ipaddress import ip_network

from certplan.vendor.files import text as _text
from certplan.vendor.files import toml as _toml
from certplan.vendor.files import toml_entries as _toml_entries
from certplan.vendor.files import toml_of as _toml_of
from certplan.vendor.files import tuples as _tuples
from certplan.vendor.flows import ClosedPort, Flow, FlowGroup, Ports, ports
from certplan.vendor.model import (
    Alarm,
    AlarmSeverity,
    CaLifetimes,
    Capacity,
    CapacityNote,
    CapacityRow,
    EkuSunset,
    LifetimeStep,
    MachineSize,
    ScalingRule,
    Source,
    SourceStatus,
    SpecialPurposeBlock,
    SpecialUseName,
)

__all__ = [
    "Alarm",
    "AlarmSeverity",
    "CaLifetimes",
    "Capacity",
    "CapacityNote",
    "CapacityRow",
    "ClosedPort",
    "EkuSunset",
    "Flow",
    "FlowGroup",
    "LifetimeStep",
    "MachineSize",
    "Ports",
    "ScalingRule",
    "Source",
    "SourceStatus",
    "SpecialPurposeBlock",
    "SpecialUseName",
    "alarm",
    "alarms",
    "ca_lifetime",
    "ca_lifetimes",
    "capacity",
    "eku_sunset",
    "eku_sunsets",
    "is_internal_name",
    "lifetime_steps",
    "lifetimes_of",
    "ports",
    "public_lifetime",
    "root_program_sunset",
    "source",
    "sources",
    "special_purpose_blocks",
    "special_use",
    "special_use_names",
]


@cache
def _sources() -> dict[str, Source]:
    read = _toml("sources.toml")
    found = {key: Source(key, **fields) for key, fields in read["document"].items()}
    for key, book in read["book"].items():
        chapters = {
            chapter: (f"{book['title']}, {title}", book["release"], book["address"] + file)
            for chapter, (title, file) in book["chapters"].items()
        }
        found[key] = Source(key, *chapters[book["home"]])
        found |= {f"{key}-{chapter}": Source(f"{key}-{chapter}", *values) for chapter, values in chapters.items()}
    return found


def sources() -> tuple[Source, ...]:
    """Every source, by key."""
    return tuple(found for _, found in sorted(_sources().items()))


def source(key: str) -> Source:
    """The source of that key, such as `CG-15.4-fqdn` or `RFC-5280`.

    Raises:
        KeyError: when there is none; a key is a word of the program, never of the user.
    """
    return _sources()[key]


@cache
def special_purpose_blocks() -> tuple[SpecialPurposeBlock, ...]:
    """The blocks of IANA's IPv4 and IPv6 special-purpose registries, in their order, as changed since."""
    import csv  # noqa: PLC0415 - lazily, as everything that reading needs

    blocks: dict[str, SpecialPurposeBlock] = {}
    for name in ("iana-ipv4-special-registry.csv", "iana-ipv6-special-registry.csv", "special-purpose-later.csv"):
        for row in csv.DictReader(_text(name).splitlines(keepends=True)):
            reachable = {"True": True, "False": False}.get(_without_footnote(row["Globally Reachable"]))
            # One row of the IPv4 registry holds two blocks.
            for text in row["Address Block"].split(", "):
                block = _without_footnote(text)
                rfc = " ".join(row["RFC"].split())
                blocks[block] = SpecialPurposeBlock(ip_network(block), row["Name"], rfc, reachable)
    return tuple(blocks.values())


def _without_footnote(cell: str) -> str:
    return cell.partition(" [")[0]


@cache
def lifetime_steps() -> tuple[LifetimeStep, ...]:
    """The steps of the longest validity of public certificates, in order of time."""
    read = _toml("lifetimes.toml")
    return tuple(LifetimeStep(**step, source=read["source"]) for step in read["step"])


@cache
def ca_lifetimes() -> tuple[CaLifetimes, ...]:
    """The CAs whose certificates last less than the Baseline Requirements allow."""
    found = []
    for entry in _toml("ca_lifetimes.toml")["ca"]:
        steps = tuple((step["issued_from"], step["days"]) for step in entry.pop("step"))
        found.append(CaLifetimes(**_tuples(entry), steps=steps))
    return tuple(found)


def lifetimes_of(issuer: str) -> CaLifetimes | None:
    """The entry of the CA that `issuer`, an organization or a whole name, names; None where there is none."""
    lowered = issuer.lower()
    return next((ca for ca in ca_lifetimes() if any(piece in lowered for piece in ca.issuers)), None)


def ca_lifetime(issuer: str, on: date) -> int | None:
    """Days that a certificate lasts which this CA issues on that day; None where no announcement of its own tells."""
    known = lifetimes_of(issuer)
    steps = () if known is None else known.steps
    return next((days for issued_from, days in reversed(steps) if issued_from <= on), None)


def public_lifetime(issued: date) -> int | None:
    """How many days a public TLS server certificate issued on that day (UTC) may be valid.

    None before the first step known. CA/Browser Forum Baseline Requirements, section 6.3.2.
    """
    # A datetime is a date to the type checker, but the two do not compare.
    day = issued.date() if isinstance(issued, datetime) else issued
    return next((step.days for step in reversed(lifetime_steps()) if step.issued_from <= day), None)


@cache
def eku_sunsets() -> tuple[EkuSunset, ...]:
    """When public authorities stop issuing clientAuth, the root program first."""
    return tuple(
        EkuSunset(**_tuples(entry) | {"status": SourceStatus(entry["status"])})
        for entry in _toml("eku_sunset.toml")["sunset"]
    )


def eku_sunset(issuer: str) -> EkuSunset | None:
    """The entry of the certification authority that `issuer` names, or None.

    `issuer` is the organization of a certificate's issuer, or its whole name.
    """
    lowered = issuer.lower()
    return next((entry for entry in eku_sunsets() if any(piece in lowered for piece in entry.issuers)), None)


def root_program_sunset() -> EkuSunset:
    """The entry of the root program, whose date is the latest for every public CA."""
    return next(entry for entry in eku_sunsets() if not entry.issuers)


@cache
def special_use_names() -> tuple[SpecialUseName, ...]:
    """The domains set aside, internal and for documentation."""
    return tuple(SpecialUseName(**entry) for entry in _toml("special_use_names.toml")["name"])


def special_use(name: str) -> SpecialUseName | None:
    """The set-aside domain that `name` is or lies under; the longest one, or None."""
    by_name, most_labels = _special_use_by_name()
    last = name.lower().removesuffix(".").rsplit(".", most_labels)[-most_labels:]
    above = (".".join(last[start:]) for start in range(len(last)))
    return next((by_name[each] for each in above if each in by_name), None)


@cache
def _special_use_by_name() -> tuple[Mapping[str, SpecialUseName], int]:
    """The domains set aside by name, and how many labels the longest has."""
    by_name = {entry.name: entry for entry in special_use_names()}
    return by_name, max(name.count(".") for name in by_name) + 1


def is_internal_name(name: str) -> bool:
    """Whether `name` can exist only inside, so that no public CA may certify it ("Internal Name", BR 4.2.2).

    True for a name without a domain and for names under `local`, `internal`, `lan` and their like. Names of the
    documentation domains (`example`, `example.com` ...) are not internal: they stand for public names in examples.
    """
    bare = name.removesuffix(".")
    entry = special_use(bare)
    return entry.internal if entry is not None else bool(bare) and "." not in bare


@cache
def capacity() -> Capacity:
    """What the vendor's guides say of capacity."""
    read = _toml("capacity.toml")
    return Capacity(
        standalone=tuple(CapacityRow(**_tuples(row)) for row in read["standalone"]),
        four_peers=tuple(CapacityRow(**_tuples(row)) for row in read["four_peers"]),
        scaling=tuple(ScalingRule(**_tuples(row)) for row in read["scaling"]),
        machines=tuple(MachineSize(**_tuples(row)) for row in read["machine"]),
        notes=tuple(CapacityNote(**_tuples(note)) for note in read["note"]),
        encrypted_sessions_limit=read["encrypted_sessions_limit"],
        encrypted_sessions_since=read["encrypted_sessions_since"],
    )


@cache
def _alarm_entries() -> Mapping[int, str]:
    """By number, which each entry begins with. A check needs a few of the many, and to read TOML takes long."""
    entries = _toml_entries("alarms.toml", "alarm")
    return {int(entry.partition("\n")[0].removeprefix("id = ")): entry for entry in entries}


@cache
def _alarm(entry: str) -> Alarm:
    read = _toml_of(entry)
    return Alarm(**_tuples(read) | {"severity": AlarmSeverity(read["severity"])})


def alarms() -> tuple[Alarm, ...]:
    """Every alarm known, by number."""
    return tuple(_alarm(entry) for _, entry in sorted(_alarm_entries().items()))


def alarm(number: int) -> Alarm | None:
    """The alarm of that number, or None when it is not one about clusters, names, addresses or certificates."""
    entry = _alarm_entries().get(number)
    return None if entry is None else _alarm(entry)
