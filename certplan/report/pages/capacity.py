"""What `certplan capacity` says: figures by platform and by reading of the vendor's rule."""

from collections.abc import Iterator
from datetime import datetime

from certplan.capacity import FIGURES, ClusterCapacity
from certplan.plan.model import Plan
from certplan.report.answer import Answer
from certplan.report.cards import source_words
from certplan.report.document import Document, Points, Prose, Section, Table, Words
from certplan.report.writers.json import Json, head_json, sources_json
from certplan.text.words import counted, listed

__all__ = ["capacity_answer", "capacity_rows", "peers_words", "scaling_words"]

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


def capacity_answer(plan: Plan, found: ClusterCapacity, at: datetime) -> Answer:
    """The capacity of the plan's cluster, in every form; `at` is the time of the answer."""
    return Answer(page=lambda: _page(plan, found), data=lambda: _data(plan, found, at))


def _page(plan: Plan, found: ClusterCapacity) -> Document:
    header, rows = capacity_rows(found)
    table = (Table.of("", header, rows, numbers=True),) if rows else ()
    sections = (
        Section("figures", "", table),
        Section("scaling", "", tuple(Prose(line) for line in scaling_words(found))),
        Section("remarks", "Note well", (Points.of(found.remarks),) if found.remarks else ()),
        Section("notes", "Notes", (Points.of(found.notes),) if found.notes else ()),
        Section("sources", "Sources", (Points.of(map(source_words, found.sources)),) if found.sources else ()),
    )
    return Document(
        title=f"Capacity of {plan.cluster.name} ({found.release})",
        intro=(Words(peers_words(plan, found)),),
        sections=sections,
    )


def _data(plan: Plan, found: ClusterCapacity, at: datetime) -> Json:
    return {
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


def peers_words(plan: Plan, found: ClusterCapacity) -> str:
    count = len(plan.peers)
    kinds = [f"{number} {_SHORT[platform]}" for platform, number in found.platforms]
    silent = count - sum(number for _, number in found.platforms)
    if silent:
        kinds.append(f"{silent} of unknown platform")
    return f"{counted(count, 'peer')}: {listed(kinds)}"


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
