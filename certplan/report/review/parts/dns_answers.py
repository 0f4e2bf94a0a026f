"""What a DNS view answers, in words: the records, how the question ended, and whether that is as expected."""

from collections.abc import Iterator, Sequence

from certplan.evidence.model import DnsAnswer, DnsOutcome
from certplan.intent.stated import names_of
from certplan.judgement import Judgement
from certplan.plan.model import Peer
from certplan.report.document import Cell, Tone, Words
from certplan.report.review.links import plan_place, with_links
from certplan.rules.support.dns_answers import why_silent
from certplan.rules.topics import Topic
from certplan.text.names import key, parent, show
from certplan.text.words import listed

__all__ = ["MOST_RECORDS", "answer_facts", "bounded", "could_not_check", "ended"]

MOST_RECORDS = 12
"""Records of one answer that are shown."""
_MOST_ALIASES = 4
_ENDED = {
    DnsOutcome.ANSWER: "answered without a record",
    DnsOutcome.NXDOMAIN: "no such name (NXDOMAIN)",
    DnsOutcome.SERVFAIL: "the server failed (SERVFAIL)",
    DnsOutcome.REFUSED: "refused (REFUSED)",
    DnsOutcome.TIMEOUT: "no answer in time (timeout)",
    DnsOutcome.ERROR: "no answer that can be used",
    DnsOutcome.NOT_COVERED: "not covered by this view",
}


def ended(answer: DnsAnswer) -> str:
    """How a question without a record in its answer ended."""
    if answer.outcome is DnsOutcome.NO_DATA:
        return f"no {answer.type} record"
    return _ENDED[answer.outcome]


def could_not_check(answer: DnsAnswer) -> tuple[Words, ...]:
    """That a view has not spoken, how that came, and why."""
    return Words(f"not verified: {ended(answer)}", Tone.OPEN), Words(why_silent(answer), Tone.QUIET)


def bounded(lines: Sequence[tuple[Words, ...]], most: int = MOST_RECORDS) -> Iterator[Words]:
    """The lines of the first records, and how many more there are."""
    for line in lines[:most]:
        yield from line
    if len(lines) > most:
        yield Words(f"and {len(lines) - most} more", Tone.QUIET)


def answer_facts(judgement: Judgement, answer: DnsAnswer, owner: Peer | None = None) -> Cell:
    """The CNAME chain, then the TTL, what answered, and in how many milliseconds. `owner`: whose name it is."""
    return (*_aliases(judgement, answer, owner), *_source(judgement, answer))


def _aliases(judgement: Judgement, answer: DnsAnswer, owner: Peer | None) -> Iterator[Words]:
    if not answer.aliases:
        return
    more = len(answer.aliases) - _MOST_ALIASES
    chain = ", then ".join(show(alias) for alias in answer.aliases[:_MOST_ALIASES])
    text = f"CNAME: alias of {chain}{f' and {more} more' if more > 0 else ''}"
    known = {key(name) for name in names_of(owner)} if owner is not None else set()
    abroad = any(key(parent(alias)) != key(parent(answer.name)) for alias in answer.aliases)
    if owner is not None and abroad and key(answer.name) in known:
        yield from with_links(
            judgement, f"{text}, in another domain", Tone.WARN, Topic.ALIAS_TO_OTHER_DOMAIN.value, owner.address
        )
    else:
        yield Words(text, Tone.QUIET)


def _source(judgement: Judgement, answer: DnsAnswer) -> Iterator[Words]:
    facts = [] if answer.ttl is None else [f"TTL {answer.ttl} s"]
    facts += [] if answer.milliseconds is None else [f"{answer.milliseconds:.0f} ms"]
    if facts:
        yield Words(listed(facts), Tone.QUIET)
    if answer.where is not None:
        yield plan_place(judgement, answer.where)
    elif answer.source:
        yield Words(answer.source, Tone.QUIET, code=True)
