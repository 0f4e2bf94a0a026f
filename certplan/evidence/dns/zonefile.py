"""Reading zone files and single records, tolerantly: every record that can be read is, every other has its place.

The format is that of RFC 1035 section 5.1 with `$TTL` (RFC 2308 section 4), TTL units, and what the Windows DNS
server writes when it exports a zone (`[AGE:n]`, no `$ORIGIN`, sometimes UTF-16).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath

from certplan.evidence.dns.zonedata import (
    EXPECTED,
    absolute,
    plain_owner,
    plain_value,
    seconds_of,
    type_of,
    unusual_value,
)
from certplan.evidence.dns.zoneentry import MAX_LINE, RelativeNameError, Token, ZoneEntry, ZoneFileError, entries
from certplan.evidence.dns.zones import AskedNames, ZoneContents, ZoneRecord, ancestors
from certplan.evidence.model import Problem, Srv
from certplan.places import Place
from certplan.text.names import key, passing_key, show
from certplan.text.secrets import find_key

__all__ = ["KEY_INSIDE", "MAX_BYTES", "ZoneReader", "guessed_origin", "read_records", "read_zone"]

MAX_BYTES = 16 * 2**20
MAX_RECORDS = 250_000
KEY_INSIDE = "a private key is here: the file is not read as a zone"
MAX_UNCLOSED = 20
MAX_PROBLEMS = 500

_PLAIN_LINE = re.compile(r"[\w.:*/ \t-]+", re.ASCII)
_LINE_END = re.compile(r"\r\n|\n|\r")
_AGE = re.compile(r"\[(?:age|aging):[0-9]+\]", re.IGNORECASE)
_CLASSES = frozenset({"IN", "CH", "HS", "CS"})
_SOA_OWNER = re.compile(
    r"^(?P<owner>[^\s;$@(][^\s;]*+)[ \t(]++(?:(?!SOA\b)[^\s;]++[ \t(]++){0,4}+SOA[ \t(]",
    re.IGNORECASE | re.MULTILINE,
)
_WINDOWS_HEADER = re.compile(r"^;\s*Database file .*? for (?P<origin>\S+) zone\.", re.IGNORECASE | re.MULTILINE)
_FILE_ENDS = (".dns", ".zone", ".db", ".txt", ".hosts", ".bind")
_FILE_BEGINNINGS = ("db.", "zone.", "named.", "pri.")
_DOMAIN = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+[a-z][a-z0-9-]{0,62}", re.IGNORECASE)


def read_zone(text: str | bytes, file: str, origin: str | None = None) -> ZoneContents:
    """Read a zone file. It never raises: what cannot be read becomes a `Problem` with its line, and reading goes on.

    Bytes may be UTF-8, UTF-16 with its mark, or else are taken as Latin-1. Kept are A, AAAA, CNAME, PTR, SRV, SOA and
    NS records; other types only show that their owner exists. A type that nobody knows is a problem, for it is more
    often a slip than a type. A record without a TTL has that of `$TTL`, else the SOA's last field, as Windows means
    it, else the last one stated (RFC 1035). `$INCLUDE` and `$GENERATE` are not followed: each is a problem, and the
    zone counts as not read whole. So does one with a line whose owner could not be read, or beyond the bounds (16 MiB,
    250,000 records, 500 problems), where reading ends.

    Relative names before the first `$ORIGIN` belong to `origin`; without it, to the first of these that there is:

    1. the owner of the SOA record, if it ends in a dot;
    2. the zone that the head of a Windows export names (`; Database file ... for example.com zone.`);
    3. the domain in the file name, when it ends or begins as zone files do: `internal.example.com.dns`,
       `example.com.zone`, `example.com.db`, `db.example.com`.

    Else such records are left out, with one problem that asks for an `$ORIGIN` line.

    The zones (`apexes`) are the owners of SOA records, and records outside of them are left out as a server would do.
    Without any SOA they are the origins under which records stand, and for records outside of those the domain that
    `read_records` takes.

    Args:
        text: the contents of the file.
        file: its name, for the places and perhaps for the origin.
        origin: the name of the zone, if known, with or without the trailing dot.
    """
    decoded = _decode(text[:MAX_BYTES]) if isinstance(text, bytes) else text[:MAX_BYTES]
    decoded = decoded.removeprefix("\ufeff")
    if (found := find_key(decoded)) is not None:
        where = Place(file, len(_LINE_END.findall(decoded, 0, found)) + 1)
        return ZoneContents(problems=(Problem(where, KEY_INSIDE),))
    reader = ZoneReader(file, guessed_origin(decoded, file, origin))
    reader.read(_LINE_END.split(decoded.rstrip("\x1a")))
    if len(text) > MAX_BYTES:
        reader.leave_out(reader.place(), f"the file is larger than {MAX_BYTES // 2**20} MiB; the rest was not read")
    return reader.file_contents()


def read_records(records: Iterable[tuple[str, Place]]) -> ZoneContents:
    """Read single records such as `exe1.example.com. A 203.0.113.11`, each with the place it has in the plan.

    Every name is taken as absolute, with or without its trailing dot; TTL and class may stand or not. It never
    raises: what cannot be read becomes a `Problem` at the record's place.

    The zones (`apexes`) are the owners of SOA records, and for any other record the parent domain of its owner after
    leading labels with an underscore are dropped: `exe1.example.com` and `_collab-edge._tls.example.com` both speak for
    `example.com`. A name of one or two labels speaks for itself, so that `example.com` never speaks for all of `com`.
    """
    reader = ZoneReader("", "")
    for text, place in records:
        reader.read_single(text, place)
    return reader.contents(reader.apexes(), reader.records)


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def guessed_origin(text: str, file: str, origin: str | None = None) -> str | None:
    """The name that relative names of a zone file belong to before its first `$ORIGIN`, as `read_zone` tells it."""
    guess = _guess_origin(text, file) if origin is None else origin
    whole = None if guess is None else absolute(guess, "")
    return None if whole is None else _bare(whole)


def _guess_origin(text: str, file: str) -> str | None:
    for found in _SOA_OWNER.finditer(text):
        if (owner := found["owner"]).endswith("."):
            return _bare(owner)
    if (header := _WINDOWS_HEADER.search(text[:4096])) is not None and "." in header["origin"]:
        return _bare(header["origin"])
    name = PurePath(file.replace("\\", "/")).name
    for end in _FILE_ENDS:
        if name.lower().endswith(end) and _DOMAIN.fullmatch(name[: -len(end)]):
            return name[: -len(end)]
    for beginning in _FILE_BEGINNINGS:
        if name.lower().startswith(beginning) and _DOMAIN.fullmatch(name[len(beginning) :]):
            return name[len(beginning) :]
    return None


def _bare(name: str) -> str:
    return name.removesuffix(".")


class ZoneReader:
    """Reads entries one after another, with what they leave behind for the next: origin, owner and TTL."""

    def __init__(self, file: str, origin: str | None, names: AskedNames | None = None) -> None:
        self._file = file
        self._names = names
        """What is kept; None: everything."""
        self._fixed: Place | None = None
        self._origin = origin
        """Empty for the root, None when it is not known."""
        self._owner: str | None = None
        self._stated_ttl: int | None = None
        self._soa_ttl: int | None = None
        self._last_ttl: int | None = None
        self.records: list[ZoneRecord] = []
        self._origins: list[str | None] = []
        self._problems: list[Problem] = []
        self._gap: Place | None = None
        self._origin_reported = False

    def place(self, line: int = 0, column: int = 0) -> Place:
        return self._fixed or Place(self._file, line, column)

    def read(self, lines: Iterable[str]) -> None:
        unclosed = 0
        for entry in entries(lines, self._passes_over):
            for count, most, what in (
                (len(self.records), MAX_RECORDS, "records"),
                (len(self._problems), MAX_PROBLEMS, "problems"),
                (unclosed, MAX_UNCLOSED, "parentheses that are not closed"),
            ):
                if count >= most:
                    self.leave_out(self.place(entry.line), f"{most:,} {what} so far; the rest was not read")
                    return
            self._take(entry)
            unclosed += entry.unclosed

    def _passes_over(self, line: str) -> bool:
        """Whether a line is empty, or in its plain form a record of a name that is not wanted."""
        if not line.strip():
            return True
        if self._names is None or (self._stated_ttl is None and self._soa_ttl is None):
            return False
        if "(" in line or "soa" in line.lower():
            return False
        owner = self._owner if line[0].isspace() else plain_owner(line, self._origin)
        if owner is None or self._names.needs(passing_key(owner)):
            return False
        self._owner = owner
        return True

    def read_single(self, text: str, place: Place) -> None:
        self._fixed, self._owner = place, None
        before = len(self.records), len(self._problems)
        if text.lstrip().startswith(("$", "@")):
            self.leave_out(place, f"`{show(text.strip())}` is not a record that begins with a whole name")
        else:
            self._read_line(text.strip())
            if before == (len(self.records), len(self._problems)):
                self.leave_out(place, "no record; expected one such as `exe1.example.com. A 203.0.113.11`")

    def _read_line(self, text: str) -> None:
        """Read a text that is one record in all likelihood; in its plain form it is taken apart at its blanks."""
        room = len(self.records) < MAX_RECORDS and len(self._problems) < MAX_PROBLEMS
        if room and len(text) <= MAX_LINE and _PLAIN_LINE.fullmatch(text):
            self._take(ZoneEntry(1, 2, continues=False, tokens=[Token(word, 1, 1) for word in text.split()]))
        else:
            self.read(_LINE_END.split(text))

    def leave_out(self, where: Place, what: str) -> None:
        """Tell of something whose names are not known, so that the zone is not read whole."""
        self._add_problem(where, what)
        self._gap = self._gap or where

    def _add_problem(self, where: Place, what: str) -> None:
        self._problems.append(Problem(where, what))

    def _add_entry_problem(self, fault: ZoneFileError, entry: ZoneEntry) -> Place:
        where = self.place(fault.line or entry.line, fault.column)
        if not isinstance(fault, RelativeNameError):
            self._add_problem(where, fault.what)
        elif not self._origin_reported:
            self._origin_reported = True
            self._add_problem(where, fault.what)
        return where

    def _take(self, entry: ZoneEntry) -> None:
        try:
            if entry.tokens and entry.tokens[0].text.startswith("$"):
                self._read_directive(entry)
            else:
                self._read_record(entry)
        except ZoneFileError as fault:
            where = self._add_entry_problem(fault, entry)
            self._gap = self._gap or where

    def _read_directive(self, entry: ZoneEntry) -> None:
        if entry.fault is not None:
            raise entry.fault
        word, *rest = entry.tokens
        name = word.text.upper()
        if name == "$ORIGIN" and len(rest) == 1:
            # What comes after an origin that cannot be read belongs to no known domain.
            before, self._origin = self._origin, None
            self._origin = _bare(self._absolute(rest[0], before))
        elif name == "$TTL" and len(rest) == 1 and (ttl := seconds_of(rest[0].text)) is not None:
            self._stated_ttl = ttl
        elif name == "$TTL":
            self._add_problem(self.place(*word[1:3]), "`$TTL` needs a number of seconds, or units as in `1h30m`")
        elif name in ("$INCLUDE", "$GENERATE"):
            what = "no other file is read" if name == "$INCLUDE" else "no records are generated"
            raise ZoneFileError(
                f"`{name}` is not followed: {what}; export the zone from the server instead", *word[1:3]
            )
        else:
            raise ZoneFileError(
                f"`{show(word.text)}` with {len(rest)} values is not a directive of a zone file", *word[1:3]
            )

    def _read_record(self, entry: ZoneEntry) -> None:
        tokens = iter(entry.tokens)
        if not entry.continues:
            self._owner = None
            if not entry.tokens and entry.fault is not None:
                raise entry.fault
            self._owner = self._absolute(next(tokens), self._origin)
        if self._owner is None:
            if self._gap is not None:  # carries on with an owner that could not be read, as reported there
                return
            raise ZoneFileError(
                "a line that begins with a blank, without a name before it to carry on with", entry.line
            )
        try:
            self._add(self._owner, entry, *self._head(tokens, entry), list(tokens))
        except ZoneFileError as fault:
            where = self._add_entry_problem(fault, entry)
            self._keep(ZoneRecord(self._owner, "", None, None, where))

    def _head(self, tokens: Iterator[Token], entry: ZoneEntry) -> tuple[int | None, bool, str]:
        """What stands between owner and data: the TTL, whether the class is another than `IN`, and the type."""
        ttl, class_ = None, None
        for token in tokens:
            if token.quoted or _AGE.fullmatch(token.text):
                continue
            if ttl is None and (seconds := seconds_of(token.text)) is not None:
                ttl = seconds
            elif class_ is None and (upper := token.text.upper()) in _CLASSES:
                class_ = upper
            elif (type_ := type_of(token.text)) is not None:
                return ttl, class_ not in (None, "IN"), type_
            else:
                what = f"`{show(token.text)}` is not a TTL, class or record type"
                if entry.continues and token is entry.tokens[0] and (before := self._owner):
                    what += f"; a line that begins with a blank carries on with the name before it, `{show(before)}`"
                raise ZoneFileError(what, token.line, token.column)
        raise entry.fault or ZoneFileError("a line without a record type", entry.line)

    def _add(self, owner: str, entry: ZoneEntry, ttl: int | None, foreign: bool, type_: str, data: list[Token]) -> None:
        if foreign:
            return
        if ttl is not None:
            self._last_ttl = ttl
        value: str | Srv | None = None
        try:
            if entry.fault is not None:
                raise entry.fault
            if type_ in EXPECTED:
                value = self._value(owner, type_, data)
                if type_ == "SOA" and self._soa_ttl is None:
                    self._soa_ttl = seconds_of(data[-1].text)
        except ZoneFileError as fault:
            self._add_entry_problem(fault, entry)
        ttls = (ttl, self._stated_ttl, self._soa_ttl, self._last_ttl)
        ttl = next((seconds for seconds in ttls if seconds is not None), None)
        self._keep(ZoneRecord(owner, type_, value, ttl, self.place(entry.line)))

    def _keep(self, record: ZoneRecord) -> None:
        if self._names is not None and record.type != "SOA":
            apex = _apex(record, self._origin) if self._soa_ttl is None else ""
            if not self._names.takes(passing_key(record.owner), key(apex)):
                return
        self.records.append(record)
        self._origins.append(self._origin)

    def _value(self, owner: str, type_: str, data: list[Token]) -> str | Srv:
        try:
            plain = not any(token.quoted for token in data)
            value = plain_value(type_, [token.text for token in data], self._origin) if plain else None
        except RelativeNameError as fault:
            raise RelativeNameError(fault.what, *data[0][1:3]) from None
        if value is None:
            value = unusual_value(type_, data, self._origin)
        if value is None:
            found = " ".join(token.text for token in data)
            at = data[0][1:3] if data else ()
            what = f"the {type_} record of `{show(owner)}` has `{show(found)}`; expected {EXPECTED[type_]}"
            raise ZoneFileError(what, *at)
        return value

    def _absolute(self, token: Token, origin: str | None) -> str:
        try:
            name = absolute(token.text, origin)
        except RelativeNameError as fault:
            raise RelativeNameError(fault.what, token.line, token.column) from None
        if name is None:
            raise ZoneFileError(f"`{show(token.text)}` is not a domain name", token.line, token.column)
        return name

    def file_contents(self) -> ZoneContents:
        """The contents as one zone file: with a SOA record, the zone is what stands below it and nothing else."""
        apexes = self._starts_of_authority()
        if not apexes:
            return self.contents(self.apexes(), self.records)
        kept = [record for record in self.records if _within(record.owner, apexes)]
        if outside := len(self.records) - len(kept):
            first = next(record for record in self.records if not _within(record.owner, apexes))
            these = f"and {outside - 1:,} more records are" if outside > 1 else "is"
            self._add_problem(
                first.where, f"`{show(first.owner)}` {these} outside of the file's zone: DNS servers ignore that"
            )
        return self.contents(apexes, kept)

    def apexes(self) -> Mapping[str, str]:
        """By their keys: SOA owners, the origins in use, and the domains of other records, unless one holds another."""
        starts = self._starts_of_authority()
        others: dict[str, str] = {}
        for record, origin in zip(self.records, self._origins, strict=True):
            if record.type != "SOA" and (apex := _apex(record, origin)):
                others[key(apex)] = apex
        every = others.keys() | starts.keys()
        below = {name for name in others if any(above in every for above in ancestors(name) if above != name)}
        return starts | {name: apex for name, apex in others.items() if name not in below}

    def _starts_of_authority(self) -> dict[str, str]:
        return {key(record.owner): record.owner for record in self.records if record.type == "SOA"}

    def contents(self, apexes: Mapping[str, str], records: Sequence[ZoneRecord]) -> ZoneContents:
        return ZoneContents(
            records=tuple(records),
            apexes=tuple(apexes.values()),
            problems=tuple(sorted(self._problems, key=lambda problem: problem.where)),
            gaps={} if self._gap is None else dict.fromkeys(apexes, self._gap),
        )


def _apex(record: ZoneRecord, origin: str | None) -> str:
    """The zone that a record speaks for where no SOA record tells; empty when for none."""
    return origin if origin and _within(record.owner, (key(origin),)) else _domain(record.owner)


def _within(name: str, zones: Collection[str]) -> bool:
    return any(above in zones for above in ancestors(key(name)))


def _domain(owner: str) -> str:
    """The domain for which a single record speaks (see `read_records`); empty when it speaks for none."""
    whole, *above = ancestors(_bare(owner))
    if whole.startswith("_"):
        return next((name for name in above if not name.startswith("_")), "")
    return above[0] if len(above) > 2 else whole
