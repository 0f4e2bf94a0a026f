"""Answers on the wire are read as dnspython reads them, and those that are dear to read cost next to nothing."""

import struct
from collections.abc import Callable
from contextlib import suppress
from itertools import product
from time import process_time
from typing import Any

import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan.evidence.dns.live import ask
from certplan.evidence.dns.message import MAX_RECORDS, Reply, Unusable, query, read_reply
from certplan.evidence.dns.question import Question
from certplan.evidence.model import DnsAnswer, DnsOutcome, RecordType, Srv
from certplan.text.names import key
from tests.named import answering

NAMES = ("exe1.example.com.", "Exe1.Example.com.", "edge.example.com.", "a.edge.example.com.", "example.com.", r"o\.d.")
DATA = {
    "A": ("192.0.2.1", "192.0.2.2"),
    "AAAA": ("2001:db8::1", "::ffff:192.0.2.1"),
    "CNAME": NAMES,
    "PTR": NAMES,
    "NS": NAMES,
    "SRV": tuple(f"1 2 8443 {name}" for name in NAMES),
    "SOA": ("ns. mail. 1 2 3 4 5", "ns. mail. 1 2 3 4 900"),
    "TXT": ('"hello"',),
}
RECORDS = st.sampled_from(tuple(DATA)).flatmap(
    lambda type_: st.tuples(
        st.sampled_from(NAMES),
        st.integers(0, 2**31 - 1),
        st.sampled_from(("IN", "IN", "IN", "CH")) if type_ in ("TXT", "CNAME") else st.just("IN"),
        st.just(type_),
        st.sampled_from(DATA[type_]),
    )
)
QUESTION = Question("exe1.example.com", RecordType.A)


def by_dnspython(wire: bytes) -> Reply:
    """The oracle: the reply as dnspython's own search along the chain gives it."""
    response = dns.message.from_wire(wire)
    assert isinstance(response, dns.message.QueryMessage)
    chain = response.resolve_chaining()
    denies = any(rrset.rdtype == dns.rdatatype.SOA for rrset in response.authority)
    served = any(
        rrset.rdtype == dns.rdatatype.SOA and chain.canonical_name.is_subdomain(rrset.name)
        for rrset in response.authority
    )
    spoken = chain.answer is not None or served or (denies and chain.cnames)
    lonely = denies and not served and chain.answer is None
    return Reply(
        response.rcode(),
        tuple(rrset[0].target.to_text(omit_final_dot=True) for rrset in chain.cnames),
        tuple(_value(rdata) for rdata in chain.answer or ()),
        None if not spoken or lonely else chain.minimum_ttl,
        denies,
        any(rrset.rdtype == dns.rdatatype.NS for rrset in response.authority),
        bool(response.flags & 0x80),
    )


def _value(rdata: Any) -> str | Srv:
    match rdata.rdtype:
        case dns.rdatatype.A | dns.rdatatype.AAAA:
            return str(rdata.address)
        case dns.rdatatype.SRV:
            return Srv(rdata.priority, rdata.weight, rdata.port, rdata.target.to_text(omit_final_dot=True))
        case _:
            return str(rdata.target.to_text(omit_final_dot=True))


@given(
    st.sampled_from(RecordType),
    st.lists(RECORDS, max_size=6),
    st.lists(RECORDS, max_size=3),
    st.lists(RECORDS, max_size=2),
    st.sampled_from((0, 0, 0, 2, 3, 5)),
    st.booleans(),
)
def test_an_answer_is_read_as_dnspython_reads_it(
    type_: RecordType,
    answer: list[tuple[str, int, str, str, str]],
    authority: list[tuple[str, int, str, str, str]],
    additional: list[tuple[str, int, str, str, str]],
    rcode: int,
    recursive: bool,
) -> None:
    asked = query(Question(NAMES[0], type_))
    response = dns.message.make_response(dns.message.from_wire(asked), recursion_available=recursive)
    response.set_rcode(dns.rcode.Rcode(rcode))
    for section, records in (
        (response.answer, answer),
        (response.authority, authority),
        (response.additional, additional),
    ):
        section += [dns.rrset.from_text(*record) for record in records]
    wire = response.to_wire()
    try:
        expected = by_dnspython(wire)
    except dns.exception.DNSException:
        with pytest.raises(Unusable, match="contradicts itself"):
            read_reply(wire, asked, type_)
        return
    reply = read_reply(wire, asked, type_)
    assert reply._replace(values=(), ttl=None) == expected._replace(values=(), ttl=None)
    assert set(reply.values) == set(expected.values)
    if reply.values or not reply.denies:
        assert reply.ttl == expected.ttl


@pytest.mark.parametrize("name", ["exe1.example.com", "Exe1.Example.COM.", r"a\.b.example.com", "büro.example.com"])
def test_a_question_is_the_one_that_dnspython_would_ask(name: str) -> None:
    message = dns.message.from_wire(query(Question(name, RecordType.SRV)))
    assert message.to_text().splitlines()[1:] == [
        "opcode QUERY",
        "rcode NOERROR",
        "flags RD",
        *message.to_text().splitlines()[4:],
    ]
    (asked,) = message.question
    assert (asked.name, asked.rdtype) == (dns.name.from_text(key(name)), dns.rdatatype.SRV)


def test_questions_have_numbers_of_their_own() -> None:
    assert len({query(QUESTION)[:2] for _ in range(50)}) > 40


def record(owner: bytes, type_: int, data: bytes) -> bytes:
    return owner + struct.pack("!2HIH", type_, 1, 60, len(data)) + data


def _head(wire: bytes, count: int) -> bytes:
    return wire[:2] + struct.pack("!5H", 0x8180, 1, count, 0, 0) + wire[12:]


def names_of_one_hash(wire: bytes, count: int) -> bytes:
    """Owners that are all alike to a dictionary of dnspython's names."""
    owners = [b"".join(pair) for pair in product((b"bj", b"ca"), repeat=10)][:count]
    return _head(wire, count) + b"".join(record(b"\x14" + owner + b"\0", 1, bytes(4)) for owner in owners)


def long_names(wire: bytes, count: int) -> bytes:
    """Pointers to a name of 126 labels, from owners and data."""
    first = record(b"\1a" * 126 + b"\0", 1, bytes(4))
    pointer = struct.pack("!H", 0xC000 | len(wire))
    more = (record(pointer, 6, pointer * 2 + struct.pack("!5I", n, 1, 1, 1, 1)) for n in range(count - 1))
    return _head(wire, count) + first + b"".join(more)


def pointers_to_pointers(wire: bytes, count: int) -> bytes:
    """Names without a label that lead through 200 others."""
    at = len(wire) + 11
    chain = b"\0" + b"".join(struct.pack("!H", 0xC000 | at + max(2 * n - 1, 0)) for n in range(200))
    pointer = struct.pack("!H", 0xC000 | at + len(chain) - 2)
    return _head(wire, count) + record(b"\0", 10, chain) + record(pointer, 1, bytes(4)) * (count - 1)


DEAR = [names_of_one_hash, long_names, pointers_to_pointers]


def over_tcp(wire: bytes) -> bytes:
    return len(wire).to_bytes(2, "big") + wire


def cost(work: Callable[[], object]) -> float:
    begun = process_time()
    work()
    return process_time() - begun


@pytest.mark.parametrize("dear", DEAR, ids=lambda dear: dear.__name__)
def test_a_dear_answer_costs_no_more_than_a_plain_one_of_its_size(dear: Callable[[bytes, int], bytes]) -> None:
    asked = query(QUESTION)
    plain = dns.message.make_response(dns.message.from_wire(asked))
    plain.answer.append(dns.rrset.from_text(NAMES[0], 1, "IN", "A", *(f"10.0.{n >> 8}.{n & 255}" for n in range(1000))))
    wires = [dear(asked, MAX_RECORDS), plain.to_wire(max_size=65535)]

    def read(wire: bytes) -> None:
        with suppress(Unusable):
            read_reply(wire, asked, RecordType.A)

    hostile, ordinary = (min(cost(lambda: read(wire)) for _ in range(5)) for wire in wires)  # noqa: B023 - run at once
    assert hostile < 20 * ordinary


@pytest.mark.parametrize("dear", DEAR, ids=lambda dear: dear.__name__)
def test_the_deadline_holds_for_answers_that_are_dear(dear: Callable[[bytes, int], bytes]) -> None:
    """Two hundred questions to a server whose every answer is the dearest that there is, over UDP and TCP."""
    deadline = 0.5
    questions = [Question(f"host{n}.example.com", RecordType.A) for n in range(200)]
    truncated = lambda wire: [_head(wire, 0)[:2] + b"\x83" + _head(wire, 0)[3:]]  # noqa: E731
    for reply, tcp in (
        (lambda wire: [dear(wire, MAX_RECORDS)], None),
        (truncated, lambda wire: over_tcp(dear(wire, 1000))),
    ):
        with answering(reply, tcp) as server:
            answers: dict[str, dict[tuple[str, RecordType], DnsAnswer]] = {}
            spent = cost(lambda: answers.update(ask({"p": [server]}, {"p": questions}, timeout=deadline)))  # noqa: B023
        assert len(answers["p"]) == 200
        # The server's threads spend time of this process too.
        assert spent < 3 * deadline


@pytest.mark.parametrize("counts", [(MAX_RECORDS + 1, 0, 0), (0, 0xFFFF, 0), (500, 500, 1)])
@pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])
def test_an_answer_that_claims_a_multitude_is_refused_by_its_head(counts: tuple[int, int, int], tcp: bool) -> None:
    def flood(wire: bytes) -> bytes:
        return wire[:2] + struct.pack("!5H", 0x8180, 1, *counts) + wire[12:]

    def datagrams(wire: bytes) -> list[bytes]:
        return [wire[:2] + b"\x83" + wire[3:] if tcp else flood(wire)]

    with answering(datagrams, lambda wire: over_tcp(flood(wire))) as server:
        answer = ask({"p": [server]}, {"p": [QUESTION]}, timeout=10)["p"][QUESTION.key]
    assert answer.outcome is DnsOutcome.ERROR
    assert (answer.why or "").endswith("an answer of more than 1,000 records")


def reply_of(*records: bytes, flags: int = 0x8180, counts: tuple[int, int, int] | None = None) -> Reply:
    asked = query(QUESTION)
    counts = counts or (len(records), 0, 0)
    return read_reply(
        asked[:2] + struct.pack("!5H", flags, 1, *counts) + asked[12:] + b"".join(records), asked, RecordType.A
    )


OWNER = b"\xc0\x0c"


@pytest.mark.parametrize(
    ("records", "why"),
    [
        ([record(OWNER, 1, bytes(5))], "an address of another length"),
        ([record(OWNER, 1, bytes(3))], "an address of another length"),
        ([record(OWNER, 5, b"\1a\0\0")], "data of another length"),
        ([record(OWNER, 5, b"\1a")], "cut short"),
        ([record(OWNER, 5, b"\x3f" + b"a" * 63 + OWNER), record(b"\x40", 1, b"")], "leads nowhere"),
        ([record(b"\xff\xff", 1, bytes(4))], "leads nowhere"),
        ([record(b"\1a" * 300 + b"\0", 1, bytes(4))], "too long"),
        ([record(OWNER, 5, (b"\x3f" + b"a" * 63) * 4 + b"\0")], "too long"),
    ],
)
def test_what_is_malformed_is_named(records: list[bytes], why: str) -> None:
    with pytest.raises(Unusable, match=why):
        reply_of(*records)


def test_of_more_bits_of_the_rcode_the_additional_section_tells() -> None:
    extended = b"\0" + struct.pack("!2HIH", 41, 1232, 1 << 24, 0)
    assert reply_of(extended, counts=(0, 0, 1)).rcode == dns.rcode.BADVERS


@pytest.mark.parametrize(("count", "fine"), [(16, True), (17, False)])
def test_sixteen_aliases_are_followed(count: int, fine: bool) -> None:
    links = [
        record(OWNER if n == 0 else b"\1" + bytes([96 + n]) + b"\0", 5, b"\1" + bytes([97 + n]) + b"\0")
        for n in range(count)
    ]
    if fine:
        assert len(reply_of(*links).aliases) == count
        return
    with pytest.raises(Unusable, match="more than 16 aliases"):
        reply_of(*links)
