"""The rule catalog: the list of rules, and one rule or alarm explained; computed from the rules themselves."""

from collections.abc import Iterable
from itertools import groupby

from certplan.report.answer import Answer
from certplan.report.cards import source_words
from certplan.report.document import Cell, Document, Facts, Points, Prose, Section, Table, Tone, Words, cell
from certplan.report.writers.json import SCHEMA_VERSION, Json, sources_json
from certplan.rules import catalog
from certplan.rules.model import Group, Rule
from certplan.rules.search import Hits, search
from certplan.text.words import joined, listed
from certplan.vendor import Alarm, alarm, source

__all__ = ["catalog_answer", "explained"]


def explained(query: str) -> Answer | None:
    """What there is to know of a rule or alarm, by code, slug, number or the words of a page or log.

    Where several fit they are listed; None when nothing does.
    """
    hits = search(query)
    match hits.rules, hits.alarms:
        case (), ():
            return None
        case (only,), ():
            return Answer(page=lambda: _rule(only), data=lambda: {**_HEAD, **_rule_json(only)})
        case (), (known,):
            return Answer(page=lambda: _alarm(known), data=lambda: {**_HEAD, **_alarm_json(known)})
        case _:
            return Answer(page=lambda: _hits(hits), data=lambda: {**_HEAD, **_hits_json(hits)})


def catalog_answer() -> Answer:
    """Every rule, by group."""
    return Answer(page=_catalog, data=lambda: {**_HEAD, "rules": list(map(_rule_json, catalog()))})


_HEAD: Json = {"schema_version": SCHEMA_VERSION}


def _hits(hits: Hits) -> Document:
    alarms = ((str(each.id), f"{each.title}: {each.meaning}") for each in hits.alarms)
    sections = (
        _terms("rules", "Rules", ((rule.code, rule.title) for rule in hits.rules)),
        _terms("alarms", "Alarms", alarms),
    )
    return Document(
        title="Rules and alarms that fit",
        intro=(Words("certplan explain CODE or NUMBER shows one of them whole.", Tone.QUIET),),
        sections=sections,
    )


def _terms(ident: str, title: str, pairs: Iterable[tuple[str, str | Cell]]) -> Section:
    facts = Facts.of(pairs)
    return Section(ident, title, (facts,) if facts.pairs else ())


def _hits_json(hits: Hits) -> Json:
    return {"rules": list(map(_rule_json, hits.rules)), "alarms": list(map(_alarm_json, hits.alarms))}


def _rule(rule: Rule) -> Document:
    parts = {
        "What it checks": rule.text.what,
        "Why it matters": rule.text.why,
        "How to fix": rule.text.fix,
        "Example": rule.text.example,
    }
    sections = (
        *(Section(f"part-{n}", title, _paragraphs(text)) for n, (title, text) in enumerate(parts.items(), 1)),
        Section("symptoms", "Symptoms", (Points.of(rule.symptoms),) if rule.symptoms else ()),
        Section("alarms", "Alarms", (Points.of(map(_alarm_words, rule.alarms)),) if rule.alarms else ()),
        _sources(rule.sources),
    )
    return Document(
        title=f"{rule.code} {rule.slug}",
        intro=(Words(rule.title, Tone.STRONG), Words(_facts(rule), Tone.QUIET)),
        sections=sections,
    )


def _paragraphs(text: str) -> tuple[Prose, ...]:
    return tuple(Prose(" ".join(paragraph.split())) for paragraph in text.split("\n\n"))


def _alarm_words(number: int) -> str:
    known = alarm(number)
    return f"{number} {known.title}" if known is not None else str(number)


def _sources(keys: Iterable[str]) -> Section:
    """Each document with its address below it, to be copied."""
    documents = (cell(source_words(key), Words(source(key).address, Tone.QUIET, code=True)) for key in keys)
    return _terms("sources", "Sources", ((f"[{number}]", lines) for number, lines in enumerate(documents, 1)))


def _facts(rule: Rule) -> str:
    kinds = joined("Expressway-" + kind.value[-1].upper() for kind in sorted(rule.types))
    facts = [rule.severity.value, rule.confidence.value, kinds, f"releases: {rule.releases}"]
    if rule.effective is not None:
        facts.append(f"from {rule.effective.isoformat()}")
    return listed(facts)


def _alarm(known: Alarm) -> Document:
    related = ((rule.code, rule.title) for rule in catalog() if known.id in rule.alarms)
    sections = (
        _terms("meaning", "", (("Meaning", known.meaning), ("Fix", known.remedy))),
        _terms("rules", "Rules that predict it", related),
        _sources(known.sources),
    )
    about = f"{known.severity}, since {known.since}" if known.since else str(known.severity)
    return Document(f"Alarm {known.id} {known.title}", (Words(about, Tone.QUIET),), sections)


def _alarm_json(known: Alarm) -> Json:
    return {
        "id": known.id,
        "title": known.title,
        "severity": known.severity,
        "meaning": known.meaning,
        "remedy": known.remedy,
        "rules": [rule.code for rule in catalog() if known.id in rule.alarms],
        "sources": [sources_json(key) for key in known.sources],
    }


def _catalog() -> Document:
    return Document(
        title="Rules",
        intro=(Words(f"{len(catalog())} rules; certplan explain CODE shows one whole."),),
        sections=tuple(_group(group, rules) for group, rules in groupby(catalog(), key=lambda rule: rule.group)),
    )


def _group(group: Group, rules: Iterable[Rule]) -> Section:
    columns = ("Code", "Severity", "Confidence", "Rule", "Releases")
    table = Table.of("", columns, map(_row, rules))
    return Section(f"group-{group.value.lower()}", f"{group.value} {group.about}", (table,))


def _row(rule: Rule) -> tuple[Words | str, ...]:
    severity = Words(rule.severity.value, Tone.of_severity(rule.severity))
    return Words(rule.code, code=True), severity, rule.confidence.value, rule.title, rule.releases


def _rule_json(rule: Rule) -> Json:
    return {
        "code": rule.code,
        "slug": rule.slug,
        "title": rule.title,
        "group": rule.group.value,
        "severity": rule.severity.value,
        "confidence": rule.confidence.value,
        "types": sorted(kind.value for kind in rule.types),
        "releases": rule.releases,
        "effective": None if rule.effective is None else rule.effective.isoformat(),
        "alarms": list(rule.alarms),
        "symptoms": list(rule.symptoms),
        "sources": [sources_json(key) for key in rule.sources],
        "what": _unwrapped(rule.text.what),
        "why": _unwrapped(rule.text.why),
        "fix": _unwrapped(rule.text.fix),
        "example": _unwrapped(rule.text.example),
    }


def _unwrapped(text: str) -> str:
    """Paragraphs as single lines."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
