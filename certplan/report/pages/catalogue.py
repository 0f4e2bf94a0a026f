"""The rule catalogue as text, Markdown and JSON, computed from the rules themselves."""

import json
from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from certplan.report.pages.check_rich import render
from certplan.report.writers.json import SCHEMA_VERSION, sources_json
from certplan.rules import catalogue
from certplan.rules.model import Rule
from certplan.rules.search import Hits, search
from certplan.vendor import Alarm, alarm, source

__all__ = ["catalogue_json", "catalogue_markdown", "catalogue_text", "explain_text"]


def explain_text(code: str, *, width: int, color: bool) -> str | None:
    """What there is to know of a rule or alarm, by code, slug, number or the words of a page or log.

    Where several fit they are listed; None when nothing does.
    """
    hits = search(code)
    match hits.rules, hits.alarms:
        case (), ():
            return None
        case (only,), ():
            return render(_explained(only), width=width, color=color)
        case (), (known,):
            return render(_alarm(known), width=width, color=color)
        case _:
            return render(_hits(hits), width=width, color=color)


def _hits(hits: Hits) -> Iterator[RenderableType]:
    if hits.rules:
        yield Text("Rules", "bold")
        for rule in hits.rules:
            yield Text(f"  {rule.code}  {rule.severity.value:<7}  {rule.title}")
    if hits.alarms:
        yield Text("Alarms", "bold")
        for known in hits.alarms:
            yield Text(f"  {known.id}  {known.title}: {known.meaning}")
    yield Text("certplan explain CODE or NUMBER shows one of them whole.", "dim")


def _explained(rule: Rule) -> Iterator[RenderableType]:
    text = rule.text
    yield Text.assemble((rule.code, "bold"), f"  {rule.slug}")
    yield Text(rule.title, "bold")
    yield Text(_facts(rule), "dim")
    parts = {
        "What it checks": text.what,
        "Why it matters": text.why,
        "How to fix": text.fix,
        "Example": text.example,
    }
    for heading, body in parts.items():
        yield ""
        yield Text(heading, "bold")
        yield Padding(Text(_unwrapped(body)), (0, 0, 0, 2))
    if rule.symptoms:
        yield ""
        yield Text("Symptoms", "bold")
        yield Padding(Text("; ".join(rule.symptoms)), (0, 0, 0, 2))
    if rule.alarms:
        yield ""
        yield Text("Alarms", "bold")
        for number in rule.alarms:
            known = alarm(number)
            yield Text(f"  {number} {known.title if known else ''}")
    if rule.sources:
        yield ""
        yield Text("Sources", "bold")
        for key in rule.sources:
            document = source(key)
            release = f" ({document.release})" if document.release else ""
            yield Padding(Text(f"{document.title}{release}\n{document.address}"), (0, 0, 0, 2))


def _facts(rule: Rule) -> str:
    kinds = " and ".join("Expressway-" + kind.value[-1].upper() for kind in sorted(rule.types))
    facts = [rule.severity.value, rule.confidence.value, kinds, f"releases: {rule.releases}"]
    if rule.effective is not None:
        facts.append(f"from {rule.effective.isoformat()}")
    return ", ".join(facts)


def _unwrapped(text: str) -> str:
    """Paragraphs as single lines, so that the terminal's own width breaks them."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _alarm(known: Alarm) -> Iterator[RenderableType]:
    yield Text.assemble((f"Alarm {known.id}", "bold"), f"  {known.title}")
    yield Text(f"{known.severity}, since {known.since}" if known.since else known.severity, "dim")
    yield ""
    yield Text(f"Meaning: {known.meaning}")
    yield Text(f"Remedy: {known.remedy}")
    related = [rule for rule in catalogue() if known.id in rule.alarms]
    if related:
        yield ""
        yield Text("Rules that predict it", "bold")
        for rule in related:
            yield Text(f"  {rule.code}  {rule.title}")


def catalogue_text(*, width: int, color: bool) -> str:
    """One line a rule, by group."""
    return render(_listed(), width=width, color=color)


def _listed() -> Iterator[RenderableType]:
    group = None
    for rule in catalogue():
        if rule.group != group:
            if group is not None:
                yield ""
            group = rule.group
            yield Text(f"{group.value}  {group.about}", "bold")
        yield Text(f"  {rule.code}  {rule.severity.value:<7}  {rule.title}")


def catalogue_markdown() -> str:
    """The table of the README."""
    rows = ["| code | severity | confidence | rule | releases |", "|---|---|---|---|---|"]
    rows += [
        f"| {rule.code} | {rule.severity.value} | {rule.confidence.value} | {rule.title} | {rule.releases} |"
        for rule in catalogue()
    ]
    return "\n".join(rows) + "\n"


def catalogue_json() -> str:
    """Every rule with its texts and sources."""
    listed = [
        {
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
        for rule in catalogue()
    ]
    return json.dumps({"schema_version": SCHEMA_VERSION, "rules": listed}, indent=2) + "\n"
