"""Find rules and alarms by what an engineer has in hand: a code, a number, or the words of a page, log or alarm."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from certplan.rules import catalog, find
from certplan.rules.model import Rule
from certplan.value import Value
from certplan.vendor import Alarm, alarm, alarms

__all__ = ["Hits", "search"]

_LONGEST = 2000
"""Characters of a query that are looked at: a pasted log line, not a whole log."""
_SHORTEST_PHRASE = 6
"""A symptom of fewer letters is looked for as a word of its own in a log line."""


class Hits(Value):
    """What was found for one query."""

    rules: tuple[Rule, ...] = ()
    """Best first."""
    alarms: tuple[Alarm, ...] = ()
    """By number."""
    did_you_mean: tuple[str, ...] = ()
    """Codes, slugs, symptoms and alarm titles that come near, where nothing was found."""


def search(query: str) -> Hits:
    """Rules and alarms for a code, a slug, an alarm's number or title, a status line, a log line or other words.

    A phrase counts where it stands in the query as well as where the query stands in it, so a whole log line may be
    given. Where no phrase fits, rules are found whose title and symptoms have every word of the query.
    """
    exact = find(query.strip().rstrip("."))
    if exact is not None:
        return Hits(rules=(exact,))
    bare = query.strip()
    if bare.isascii() and bare.isdigit():
        known = alarm(int(bare))
        if known is not None:
            return Hits(alarms=(known,))
    sought = _words(query[:_LONGEST])
    if not sought:
        return Hits()
    by_title = tuple(known for known in alarms() if _fits(sought, _words(known.title)))
    numbers = {known.id for known in by_title}
    phrased = [rule for rule in catalog() if any(_fits(sought, _words(text)) for text in _phrases(rule))]
    predicting = [rule for rule in catalog() if numbers & set(rule.alarms) and rule not in phrased]
    found = (*phrased, *predicting) or tuple(rule for rule in catalog() if _has_every_word(rule, sought))
    if found or by_title:
        return Hits(found, by_title)
    return Hits(did_you_mean=_near_number(bare) if bare.isdigit() else _near(query))


def _phrases(rule: Rule) -> Iterator[str]:
    yield from rule.symptoms
    yield rule.title


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[a-z0-9]+", text.casefold()))


def _fits(sought: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """Whether one stands in the other, whole words in their order; a lone short word or number is no phrase."""
    if _within(sought, phrase):
        return len(" ".join(sought)) >= _SHORTEST_PHRASE or sought == phrase
    return _within(phrase, sought) and (len(phrase) > 1 or len(phrase[0]) > _SHORTEST_PHRASE)


def _within(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    return any(whole[start : start + len(part)] == part for start in range(len(whole) - len(part) + 1))


def _has_every_word(rule: Rule, sought: tuple[str, ...]) -> bool:
    held = {word for text in (*_phrases(rule), rule.slug) for word in _words(text)}
    return all(word in held for word in sought)


def _near(query: str) -> tuple[str, ...]:
    spelled: dict[str, str] = {}
    for rule in catalog():
        for text in (rule.code, rule.slug, *rule.symptoms):
            spelled.setdefault(" ".join(_words(text)), text)
    for known in alarms():
        spelled.setdefault(" ".join(_words(known.title)), known.title)
    near = get_close_matches(" ".join(_words(query[:200])), list(spelled), n=3, cutoff=0.6)
    return tuple(spelled[text] for text in near)


def _near_number(digits: str) -> tuple[str, ...]:
    return tuple(get_close_matches(digits[:20], [str(known.id) for known in alarms()], n=3, cutoff=0.6))
