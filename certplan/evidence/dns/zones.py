"""What zone files and single records say: the records read, and the answers a server with them would give."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from certplan.evidence.dns.question import Question, with_values
from certplan.evidence.model import DnsAnswer, DnsOutcome, Problem, RecordType, Srv
from certplan.places import Place
from certplan.text.names import key, show
from certplan.text.words import listed
from certplan.value import Value, field

__all__ = ["AskedNames", "ZoneContents", "ZoneRecord", "ancestors", "answer", "merge"]

MAX_ALIASES = 16
"""CNAME records followed for one question; the limit common resolvers have."""

_COMPUTED = ("ALIAS", "ANAME", "LUA")
"""Types of some servers and providers for which the server works out the addresses."""

_LABEL = re.compile(r"(?:[^.\\]|\\.?)*+\.?", re.DOTALL)


class ZoneRecord(Value):
    """One record. Names are absolute, without a trailing dot, in the letter case of the file."""

    owner: str
    type: str
    """Its type in capitals; empty when the line does not tell."""
    value: str | Srv | None
    """The address (A, AAAA), the name pointed to (CNAME, PTR, NS), the primary server (SOA) or the service (SRV).

    None for other types, which only show that the owner exists, and for a record that could not be read.
    """
    ttl: int | None
    where: Place


class ZoneContents(Value, dict=True):
    """What was read from one or several zone files or lists of records."""

    records: tuple[ZoneRecord, ...] = ()
    apexes: tuple[str, ...] = ()
    """The zones of which the records are taken for the whole."""
    problems: tuple[Problem, ...] = ()
    gaps: Mapping[str, Place] = field(default_factory=dict)
    """Zones not read whole, by the key of the apex, with the first place where something was left out."""

    @cached_property
    def nodes(self) -> Mapping[str, tuple[ZoneRecord, ...]]:
        """The records of each name that exists, by its key; empty for a name that only has names below it."""
        owned: dict[str, list[ZoneRecord]] = {}
        for record in self.records:
            owned.setdefault(key(record.owner), []).append(record)
        nodes = {name: tuple(records) for name, records in owned.items()}
        for name in owned:
            for above in ancestors(name)[1:]:
                if above in nodes:
                    break
                nodes[above] = ()
        return nodes

    @cached_property
    def covered(self) -> str:
        """The zones in words; empty when nothing could be read."""
        return _listing([f"`{show(apex) or '.'}`" for apex in self.apexes])

    @cached_property
    def zones(self) -> Mapping[str, str]:
        """The apexes by their keys."""
        return {key(apex): apex for apex in self.apexes}


class AskedNames:
    """Which records of a zone answer questions about some names: their own, and what shows which names exist.

    Delegations and wildcards stand at the names above, and those exist where anything stands below them.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names: set[str] = set()
        for name in names:
            for above in ancestors(key(name)):
                self._names |= {above, f"*.{above}" if above else "*"}
        self._unseen = set(self._names)
        """Names at and below which nothing has been read yet."""
        self._domains: set[str] = set()
        """Zones of which a record has been read."""

    def needs(self, owner: str) -> bool:
        """Whether the record of this name, as its key, tells anything that is not known."""
        return owner in self._names or any(above in self._unseen for above in ancestors(owner)[1:])

    def takes(self, owner: str, apex: str) -> bool:
        """The same of a record that is read now and may show that there is the zone `apex`."""
        tells = self.needs(owner) or (apex in self._names and apex not in self._domains)
        if tells:
            self._unseen.difference_update(ancestors(owner))
            self._domains.add(apex)
        return tells

    def again(self) -> None:
        """Before the next file is read."""
        self._unseen = set(self._names)
        self._domains = set()

    def leads(self, records: Iterable[ZoneRecord]) -> set[str]:
        """The keys of the names that wanted records lead to, and that are not wanted yet."""
        targets: set[str] = set()
        for record in records:
            if key(record.owner) in self._names and record.value is not None and record.type in ("CNAME", "SRV"):
                targets.add(key(record.value.target if isinstance(record.value, Srv) else record.value))
        return targets - self._names


def merge(parts: Iterable[ZoneContents]) -> ZoneContents:
    """All the files and records of one view as one."""
    parts = tuple(parts)
    gaps: dict[str, Place] = {}
    for part in parts:
        for apex, where in part.gaps.items():
            gaps.setdefault(apex, where)
    return ZoneContents(
        records=tuple(record for part in parts for record in part.records),
        apexes=tuple({key(apex): apex for part in parts for apex in part.apexes}.values()),
        problems=tuple(problem for part in parts for problem in part.problems),
        gaps=gaps,
    )


def ancestors(name: str) -> tuple[str, ...]:
    r"""`name` and every name above it, nearest first, up to the root, which is empty. A `\.` parts no labels."""
    found = [name]
    while name:
        name = _LABEL.sub("", name, count=1) if "\\" in name else name.partition(".")[2]
        found.append(name)
    return tuple(found)


def answer(view: str, question: Question, contents: ZoneContents) -> DnsAnswer:
    """The answer of the servers of `view`, if they serve what `contents` holds.

    What the view speaks of are the zones of `contents.apexes`, and of them it is taken to say everything:

    - a name inside a zone that has no record is NXDOMAIN, or NO_DATA where the name exists with other types or only
      has names below it (RFC 8020), unless a wildcard stands for it (RFC 4592);
    - a name outside every zone is NOT_COVERED, and so are one below a delegation (NS records below the apex) or a
      DNAME, unless the very record is there, and one whose CNAME leads out of the zones;
    - a name that is absent from a zone of which something could not be read (`contents.gaps`) is NOT_COVERED too: the
      record may stand there;
    - a name with an unreadable record that could be the one asked for is an ERROR, as are a CNAME loop, a chain of
      more than 16, and a CNAME beside other data.

    Letter case does not matter. `source` is the place of the first record of the answer, or of the zone's SOA record
    where there is none; `ttl` is the least of the chain.
    """
    name, aliases, ttls = question.name, list[str](), list[int]()
    seen = {key(name)}
    where: Place | None = None

    def ended(outcome: DnsOutcome, why: str | None, ttl: int | None = None) -> DnsAnswer:
        return DnsAnswer(
            view,
            question.name,
            question.type,
            outcome,
            aliases=tuple(aliases),
            ttl=ttl,
            source=None if where is None else str(where),
            where=where,
            why=_not_covered(view, contents, aliases) if found.zone is None else why,
            missing_zone=_zone_of(name) if found.zone is None else None,
        )

    while True:
        found = _look(name, question.type, contents)
        ttls += [record.ttl for record in found.records if record.ttl is not None]
        alias = found.alias
        if alias is None:
            break
        aliases.append(alias)
        where = found.records[0].where
        if key(alias) in seen:
            return ended(DnsOutcome.ERROR, f"the CNAME records of `{show(question.name)}` lead in a circle")
        if len(aliases) > MAX_ALIASES:
            return ended(DnsOutcome.ERROR, f"more than {MAX_ALIASES} CNAME records follow one another")
        seen.add(key(alias))
        name = alias
    if found.records:
        where = min(record.where for record in found.records)
    elif found.zone is not None and (start := _start_of_authority(found.zone, contents)) is not None:
        where = start.where
    ending = ended(found.outcome, found.why, min(ttls, default=None))
    if found.outcome is not DnsOutcome.ANSWER:
        return ending
    return with_values(ending, [record.value for record in found.records if record.value is not None])


class _Found(Value):
    """What stands at one name. `alias` is set when the search goes on there."""

    outcome: DnsOutcome
    records: tuple[ZoneRecord, ...] = ()
    why: str | None = None
    zone: str | None = None
    alias: str | None = None


def _look(name: str, type_: RecordType, contents: ZoneContents) -> _Found:
    name_key = key(name)
    line = ancestors(name_key)
    zone = next((above for above in line if above in contents.zones), None)
    if zone is None:
        return _Found(DnsOutcome.NOT_COVERED)
    below_apex = line[: line.index(zone)]
    node = contents.nodes.get(name_key)
    if not any(record.type == type_ for record in node or ()):
        for above in reversed(below_apex):
            if (leaves := _leaves(above, name_key, contents)) is not None:
                return _Found(DnsOutcome.NOT_COVERED, why=leaves, zone=zone)
    if node is None:
        encloser = next((above for above in below_apex[1:] if above in contents.nodes), zone)
        node = contents.nodes.get(f"*.{encloser}" if encloser else "*")
    found = _Found(DnsOutcome.NXDOMAIN, zone=zone) if node is None else _at_node(name, type_, node, zone)
    if found.outcome in (DnsOutcome.NXDOMAIN, DnsOutcome.NO_DATA) and (gap := contents.gaps.get(zone)) is not None:
        why = (
            f"zone `{show(contents.zones[zone])}` was not read whole ({gap}), so the record may be in what was left out"
        )
        return _Found(DnsOutcome.NOT_COVERED, why=why, zone=zone)
    return found


def _at_node(name: str, type_: RecordType, node: tuple[ZoneRecord, ...], zone: str) -> _Found:
    for record in node:
        if record.value is None and record.type in (type_, RecordType.CNAME, "", *_COMPUTED):
            why = f"a record of `{show(name)}` cannot be read ({record.where})"
            return _Found(DnsOutcome.ERROR, (record,), why, zone)
    data = tuple(record for record in node if record.type == type_)
    links = tuple(record for record in node if record.type == RecordType.CNAME)
    if type_ is not RecordType.CNAME and links:
        targets = {str(record.value) for record in links}
        if data or len({key(target) for target in targets}) > 1:
            why = f"`{show(name)}` has a CNAME record beside other data, which DNS servers refuse ({links[0].where})"
            return _Found(DnsOutcome.ERROR, links, why, zone)
        return _Found(DnsOutcome.ANSWER, links, zone=zone, alias=min(targets))
    return _Found(DnsOutcome.ANSWER, data, zone=zone) if data else _Found(DnsOutcome.NO_DATA, zone=zone)


def _leaves(above: str, name_key: str, contents: ZoneContents) -> str | None:
    """Why names at and below `above` are not for this zone to answer, if so."""
    for record in contents.nodes.get(above, ()):
        if record.type == "NS":
            return f"`{show(record.owner)}` is delegated to other servers ({record.where})"
        if record.type == "DNAME" and above != name_key:
            return f"`{show(record.owner)}` is led elsewhere by a DNAME record ({record.where})"
    return None


def _not_covered(view: str, contents: ZoneContents, aliases: Sequence[str]) -> str:
    """Alike for every name, so that all that one view is missing is said together."""
    if not contents.apexes:
        return f"none of the zone files and records of the {show(view)} view could be read"
    leads = f"its CNAME record leads to `{show(aliases[-1])}`, and " if aliases else ""
    return f"{leads}the zone files and records of the {show(view)} view cover only {contents.covered}"


def _zone_of(name: str) -> str:
    """The zone that a record would commonly stand in: of an address that of its /24 or /64, else a domain."""
    line = ancestors(key(name))
    served = [above for above in line if not above.startswith("_")]
    if len(served) < len(line) or len(line) <= 3:
        return served[0]
    return line[16] if line[0].endswith(".ip6.arpa") and len(line) > 19 else line[1]


def _listing(texts: list[str]) -> str:
    shown = listed(texts[:5])
    return f"{shown} and {len(texts) - 5} more" if len(texts) > 5 else shown


def _start_of_authority(zone: str, contents: ZoneContents) -> ZoneRecord | None:
    return next((record for record in contents.nodes.get(zone, ()) if record.type == "SOA"), None)
