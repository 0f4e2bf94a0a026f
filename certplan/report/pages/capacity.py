"""Capacity shown: as a page, as JSON and as Markdown."""

from collections.abc import Iterator
from datetime import datetime

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from certplan.capacity import FIGURES, ClusterCapacity
from certplan.plan.model import Plan
from certplan.report.pages.check_rich import render
from certplan.report.writers.json import Json, dumps, head_json, sources_json
from certplan.text.escape import markdown, markdown_table, plain
from certplan.text.words import counted
from certplan.vendor import source

__all__ = [
    "capacity_document",
    "capacity_markdown",
    "capacity_rows",
    "capacity_text",
    "peers_words",
    "scaling_words",
]

_WORDS = {
    "registrations": "registrations",
    "calls_video": "calls, video",
    "calls_mra_video": "calls, video over MRA",
    "calls_audio": "calls, audio (instead of video)",
    "rms": "rich media sessions",
    "mra_registrations": "MRA registrations",
    "turn_relays": "TURN relays",
}
_SHORT = {
    "ce1200": "CE1200",
    "ce1300": "CE1300",
    "large-vm": "Large VM",
    "medium-vm": "Medium VM",
    "small-vm": "Small VM",
}


def capacity_text(plan: Plan, found: ClusterCapacity, *, width: int, color: bool) -> str:
    """The page for the terminal, `width` columns wide."""
    return render(_page(plan, found), width=width, color=color)


def capacity_document(plan: Plan, found: ClusterCapacity, at: datetime) -> str:
    """The JSON document of `certplan capacity`."""
    document: Json = {
        **head_json(at),
        "plan": plan.file,
        "release": str(found.release),
        "peers": len(plan.peers),
        "platforms": {platform.value: count for platform, count in found.platforms},
        "base": [
            {"platform": row.platform, **{name: getattr(row, name) for name in FIGURES}, "note": row.note}
            for row in found.base
        ],
        "cluster": [
            {
                "rule": reading.rule.name,
                "words": reading.rule.rule,
                "applies": reading.applies,
                "factor": reading.factor,
                "figures": reading.figures,
            }
            for reading in found.readings
        ],
        "printed_for_four_peers": found.printed,
        "remarks": list(found.remarks),
        "notes": list(found.notes),
        "sources": [sources_json(key) for key in found.sources],
    }
    return dumps(document) + "\n"


def capacity_markdown(plan: Plan, found: ClusterCapacity) -> str:
    """The page as Markdown."""
    return "\n".join(_markdown(plan, found))


def _markdown(plan: Plan, found: ClusterCapacity) -> Iterator[str]:
    yield f"# Capacity of {markdown(plan.cluster.name)} ({found.release})\n"
    yield f"{markdown(peers_words(plan, found))}\n"
    header, rows = capacity_rows(found)
    if rows:
        yield markdown_table([markdown(cell) for cell in header], rows)
    for line in scaling_words(found):
        yield f"{markdown(line)}\n"
    if found.remarks:
        yield "## To be minded\n"
        yield "".join(f"- {markdown(line)}\n" for line in found.remarks)
    yield "## Notes\n"
    yield "".join(f"- {markdown(line)}\n" for line in found.notes)
    if found.sources:
        yield "## Sources\n"
        yield "".join(f"- {line}\n" for line in _sources(found))


def _page(plan: Plan, found: ClusterCapacity) -> Iterator[RenderableType]:
    yield Text.assemble("Capacity of ", (plain(plan.cluster.name), "bold"), f"  {found.release}")
    yield Text(peers_words(plan, found))
    yield ""
    header, rows = capacity_rows(found)
    if rows:
        table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
        for number, heading in enumerate(header):
            table.add_column(heading, justify="right" if number else "left", header_style="dim")
        for row in rows:
            table.add_row(*map(Text, row))
        yield Padding(table, (0, 0, 0, 2))
        yield ""
    for line in scaling_words(found):
        yield Text(line)
    if found.readings:
        yield ""
    for title, lines, style in (
        ("To be minded", found.remarks, ""),
        ("Notes", found.notes, ""),
        ("Sources", tuple(_sources(found)), "dim"),
    ):
        if lines:
            yield Text(title, "bold")
            for line in lines:
                yield Padding(Text(plain(line), style), (0, 0, 0, 2))
            yield ""


def peers_words(plan: Plan, found: ClusterCapacity) -> str:
    count = len(plan.peers)
    kinds = [f"{number} {_SHORT[platform]}" for platform, number in found.platforms]
    silent = count - sum(number for _, number in found.platforms)
    if silent:
        kinds.append(f"{silent} of unknown platform")
    return f"{counted(count, 'peer')}: {', '.join(kinds)}"


def capacity_rows(found: ClusterCapacity) -> tuple[list[str], list[tuple[str, ...]]]:
    """Figures downwards; one system, and the cluster by each reading, across."""
    header = ["", *(f"one {_SHORT[row.platform]}" for row in found.base)]
    columns = [{name: getattr(row, name) for name in FIGURES} for row in found.base]
    for reading in found.readings:
        header.append(f"cluster, {reading.rule.name} (x{reading.factor})")
        columns.append(dict(reading.figures))
    if found.printed is not None:
        header.append("printed for four")
        columns.append(dict(found.printed))
    names = [name for name in FIGURES if any(column.get(name) is not None for column in columns)]
    return header, [(_WORDS[name], *(_number(column.get(name)) for column in columns)) for name in names]


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}".replace(",", " ")


def scaling_words(found: ClusterCapacity) -> Iterator[str]:
    for reading in found.readings:
        which = f"The rule on {found.release}" if reading.applies else "Other texts of the vendor"
        yield f"{which}, {reading.rule.name}: {reading.rule.rule}"


def _sources(found: ClusterCapacity) -> Iterator[str]:
    documents = (source(key) for key in found.sources)
    return (f"{document.title}{f', {document.release}' if document.release else ''}" for document in documents)
