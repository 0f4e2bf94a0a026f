"""Questions and answers as they are on the wire (RFC 1035 section 4), read in time that grows with their size alone.

dnspython is not asked to read answers: it reads all that stands in them, in a time that grows with the square of the
records where their names are chosen for it. Read here is what one question needs: the chain of aliases, the records
at its end, and whether the server speaks for the name.
"""

import secrets
import struct
from collections import defaultdict
from collections.abc import Iterator
from ipaddress import ip_address
from typing import NamedTuple

import dns.exception
import dns.name

from certplan.evidence.dns.question import Question
from certplan.evidence.dns.zones import MAX_ALIASES
from certplan.evidence.model import RecordType, Srv
from certplan.text.names import key

__all__ = ["MAX_RECORDS", "Reply", "Unusable", "query", "read_reply"]

MAX_RECORDS = 1000
"""Records of one answer, in all its sections; more are no answer a peer could use."""
_MAX_STEPS = 255
"""Labels and pointers of one name: 127 labels are the most that a name holds."""

_TYPES = {RecordType.A: 1, RecordType.CNAME: 5, RecordType.PTR: 12, RecordType.AAAA: 28, RecordType.SRV: 33}
_BY_NUMBER = {number: type_ for type_, number in _TYPES.items()}
_SIZES = {RecordType.A: 4, RecordType.AAAA: 16}
_NS, _CNAME, _SOA, _OPT = 2, 5, 6, 41
_IN = 1
_NXDOMAIN = 3
_WITHOUT_QUESTION = (1, 2, 4, 5)
"""FORMERR, SERVFAIL, NOTIMP and REFUSED may come without the question."""
_RECURSION_DESIRED, _RECURSION_AVAILABLE = 0x0100, 0x0080
_RESPONSE = 0b10000
"""The bit of a response, and the operation QUERY."""
_MAX_TTL = 0x7FFFFFFF
"""What is greater is taken for 0 (RFC 2181 section 8)."""
_ANOTHER = "an answer to another question than the one asked"

Labels = tuple[bytes, ...]


class Unusable(Exception):  # noqa: N818 - reads as what is the case
    """An answer that cannot be used; the text says why."""


class Reply(NamedTuple):
    """What one answer says. Names are without a trailing dot, as the server spelled them."""

    rcode: int
    aliases: tuple[str, ...] = ()
    """The CNAME chain walked from the name asked for, without that name."""
    values: tuple[str | Srv, ...] = ()
    """The data of the records of the type asked for at the end of the chain."""
    ttl: int | None = None
    """Seconds: the least of the chain and its end, or of the SOA record that denies there is any."""
    denies: bool = False
    """A SOA record says that there is no more than this (RFC 2308 section 2)."""
    refers: bool = False
    """NS records lead to other servers."""
    recursive: bool = False
    """The server resolves for its clients."""


def query(question: Question) -> bytes:
    """The message that asks `question`, under a number that cannot be guessed.

    Raises:
        ValueError: when its name cannot be asked for.
    """
    try:
        name = dns.name.from_text(key(question.name)).to_wire() or b""
    except dns.exception.DNSException as error:
        raise ValueError(str(error)) from None
    head = struct.pack("!6H", secrets.randbits(16), _RECURSION_DESIRED, 1, 0, 0, 0)
    return head + name + struct.pack("!2H", _TYPES[question.type], _IN)


def read_reply(wire: bytes, asked: bytes, type_: RecordType) -> Reply:
    """Read `wire` as the answer to the query `asked` for records of `type_`.

    Raises:
        Unusable: when it answers something else, cannot be read, has too many records, or contradicts itself.
    """
    try:
        return _Message(wire).reply(_Message(asked), _TYPES[type_])
    except (IndexError, struct.error):
        raise Unusable("a malformed answer (it is cut short)") from None
    except _Malformed as error:
        raise Unusable(f"a malformed answer ({error})") from None


class _Malformed(Exception):  # noqa: N818 - it never leaves this module
    """The text says what is wrong."""


class _Record(NamedTuple):
    """One record; `at` and `end` are where its data stands."""

    owner: Labels
    type: int
    class_: int
    ttl: int
    at: int
    end: int


class _Message:
    """The bytes of one message, and how far they are read."""

    def __init__(self, wire: bytes) -> None:
        self._wire, self._at = wire, 12
        self.number, self._flags, *self._counts = struct.unpack_from("!6H", wire)

    def reply(self, asked: "_Message", type_: int) -> Reply:
        rcode = self._flags & 0x0F
        questions, *counts = self._counts
        if sum(counts) > MAX_RECORDS:
            raise Unusable(f"an answer of more than {MAX_RECORDS:,} records")
        question = asked.question()
        same = self.question() == question if questions == 1 else not questions and rcode in _WITHOUT_QUESTION
        if not same or (self.number, self._flags >> 11) != (asked.number, _RESPONSE):
            raise Unusable(_ANOTHER)
        answer, authority, additional = (list(self._records(count)) for count in counts)
        if self._at != len(self._wire):
            raise _Malformed("more follows after its end")
        rcode |= next((record.ttl >> 24 << 4 for record in additional if record.type == _OPT), 0)
        return self._interpreted(rcode, question[0], type_, answer, authority)

    def question(self) -> tuple[Labels, int, int]:
        name = _lower(self._name())
        type_, class_ = self._numbers("!2H")
        return name, type_, class_

    def _records(self, count: int) -> Iterator[_Record]:
        for _ in range(count):
            owner = _lower(self._name())
            type_, class_, ttl, size = self._numbers("!2HIH")
            at = self._at
            self._at += size
            if self._at > len(self._wire):
                raise _Malformed("it is cut short")
            yield _Record(owner, type_, class_, ttl if ttl <= _MAX_TTL or type_ == _OPT else 0, at, self._at)

    def _interpreted(
        self, rcode: int, name: Labels, type_: int, answer: list[_Record], authority: list[_Record]
    ) -> Reply:
        found: defaultdict[tuple[Labels, int], list[_Record]] = defaultdict(list)
        for record in answer:
            if record.class_ == _IN:
                found[record.owner, record.type].append(record)
        aliases: list[str] = []
        ttls: list[int] = []
        while not (end := found.get((name, type_), [])) and (links := found.get((name, _CNAME))):
            alias = self._target(links[0])
            aliases.append(_text(alias))
            ttls += [link.ttl for link in links]
            name = _lower(alias)
            if len(aliases) > MAX_ALIASES:
                raise Unusable(f"an answer that contradicts itself (more than {MAX_ALIASES} aliases)")
        if end and rcode == _NXDOMAIN:
            raise Unusable("an answer that contradicts itself (records of a name that does not exist)")
        ttls += [record.ttl for record in end]
        starts = [record for record in authority if record.type == _SOA]
        for start in [] if end else starts:
            if name[len(name) - len(start.owner) :] == start.owner:
                ttls += [start.ttl, self._minimum(start)]
        return Reply(
            rcode,
            tuple(aliases),
            tuple(self._value(record) for record in end),
            min(ttls, default=None) if end or starts else None,
            denies=bool(starts),
            refers=any(record.type == _NS for record in authority),
            recursive=bool(self._flags & _RECURSION_AVAILABLE),
        )

    def _value(self, record: _Record) -> str | Srv:
        data = self._wire[record.at : record.end]
        match _BY_NUMBER[record.type]:
            case RecordType.A | RecordType.AAAA as type_ if len(data) == _SIZES[type_]:
                return str(ip_address(data))
            case RecordType.SRV:
                priority, weight, port = struct.unpack_from("!3H", data)
                return Srv(priority, weight, port, _text(self._target(record, after=6)))
            case RecordType.CNAME | RecordType.PTR:
                return _text(self._target(record))
        raise _Malformed("an address of another length than its type has")

    def _target(self, record: _Record, after: int = 0) -> Labels:
        """The name that ends the data, `after` other bytes."""
        self._at = record.at + after
        name = self._name()
        if self._at != record.end:
            raise _Malformed("data of another length than its record says")
        return name

    def _minimum(self, start: _Record) -> int:
        """The last field of a SOA record: how long a denial holds, in seconds."""
        if start.end - start.at < 22:
            raise _Malformed("a SOA record that is too short")
        (minimum,) = struct.unpack_from("!I", self._wire, start.end - 4)
        return int(minimum)

    def _name(self) -> Labels:
        """The labels of the name that stands here; what it points at stands before it (RFC 1035 section 4.1.4)."""
        labels: list[bytes] = []
        wire, at, earliest, end = self._wire, self._at, self._at, 0
        for _ in range(_MAX_STEPS):
            size = wire[at]
            if size == 0:
                self._at = end or at + 1
                return tuple(labels)
            if size < 0x40:
                labels.append(wire[at + 1 : at + 1 + size])
                at += 1 + size
            elif size >= 0xC0 and (target := (size & 0x3F) << 8 | wire[at + 1]) < earliest:
                end = end or at + 2
                at = earliest = target
            else:
                raise _Malformed("a name that leads nowhere")
        raise _Malformed("a name that is too long")

    def _numbers(self, form: str) -> tuple[int, ...]:
        numbers = struct.unpack_from(form, self._wire, self._at)
        self._at += struct.calcsize(form)
        return numbers


def _lower(name: Labels) -> Labels:
    return tuple(label.lower() for label in name)


def _text(name: Labels) -> str:
    try:
        return dns.name.Name((*name, b"")).to_text(omit_final_dot=True)
    except dns.exception.DNSException:
        raise _Malformed("a name that is too long") from None
