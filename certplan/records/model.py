"""A record: a plan's own text with everything observed for it at one time, as JSON that has a schema.

The values are those of `certplan.evidence.model` and `certplan.evidence.tls.model`, field by field; bytes are base64,
times ISO 8601 in UTC. What is keyed by name and type in memory is a list here.
"""

import ssl
import sys
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from inspect import cleandoc
from pathlib import Path
from typing import Any

import msgspec

from certplan.evidence.model import (
    DnsAnswer,
    DnsView,
    Evidence,
    FarEnd,
    Missing,
    PeerEvidence,
    Problem,
    ServerEvidence,
)
from certplan.evidence.tls.model import Probe
from certplan.plan.model import Plan
from certplan.plan.reading import read_plan
from certplan.text.names import key, show
from certplan.value import Value

__all__ = ["FORMAT", "Record", "RecordError", "read_record", "record_schema", "record_text", "recorded"]

FORMAT = 1
"""The version of the format; it rises when its shape changes."""
_TOOLS = ("cryptography", "pyOpenSSL", "dnspython")


class RecordError(Exception):
    """A record that cannot be used; the text says what is wrong and what to do."""


class PlanText(Value):
    """A plan as it was read."""

    file: str
    folder: str
    text: str
    target: bool = False
    """Whether the evidence beside it is for the plan's target."""

    def plan(self) -> Plan:
        """Read it again.

        Raises:
            PlanError: when this version of certplan cannot read it.
        """
        plan = read_plan(self.text, self.file, Path(self.folder))
        return (plan.target_state() or plan) if self.target else plan


class View(Value):
    """One DNS view with its answers."""

    name: str
    answers: tuple[DnsAnswer, ...]
    problems: tuple[Problem, ...]


class Far(Value, tag_field="is", tag="far end"):
    """The cluster at the far end of a zone."""

    plan: PlanText
    observed: "Observed"
    returning: tuple[int, ...]


class Observed(Value):
    """Everything observed for one state of a plan."""

    gathered_at: datetime
    peers: tuple[PeerEvidence, ...]
    views: tuple[View, ...]
    servers: tuple[ServerEvidence, ...] = ()
    far_ends: Mapping[str, "Far | Missing"] | None = None

    @classmethod
    def of(cls, evidence: Evidence) -> "Observed":
        return cls(
            evidence.gathered_at,
            evidence.peers,
            tuple(View(view.name, tuple(view.answers.values()), view.problems) for view in evidence.views.values()),
            evidence.servers,
            {
                name: far if isinstance(far, Missing) else Far(_text(far.plan), cls.of(far.evidence), (*far.returning,))
                for name, far in evidence.far_ends.items()
            },
        )

    def evidence(self) -> Evidence:
        views = {
            view.name: DnsView(
                view.name, {(key(answer.name), answer.type): answer for answer in view.answers}, view.problems
            )
            for view in self.views
        }
        far_ends = {
            name: far
            if isinstance(far, Missing)
            else FarEnd(far.plan.plan(), far.observed.evidence(), frozenset(far.returning))
            for name, far in (self.far_ends or {}).items()
        }
        return Evidence(self.peers, views, self.gathered_at, self.servers, far_ends)


class Record(Value):
    """A plan and what was observed for it, today and for its target, at one time."""

    format: int
    certplan: str
    collected_at: datetime
    tools: Mapping[str, str]
    plan: PlanText
    today: Observed
    target: Observed | None = None
    probes: tuple[Probe, ...] = ()


def recorded(plan: Plan, today: Evidence, target: Evidence | None, probes: tuple[Probe, ...], at: datetime) -> Record:
    """Make a record of a plan and what was observed for its states."""
    return Record(
        FORMAT,
        version_of("certplan"),
        at,
        {
            "python": sys.version.split()[0],
            "openssl": ssl.OPENSSL_VERSION,
            **{name: version_of(name) for name in _TOOLS},
        },
        _text(plan),
        Observed.of(today),
        None if target is None else Observed.of(target),
        probes,
    )


def version_of(package: str) -> str:
    """The version of an installed package; of certplan too."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _text(plan: Plan) -> PlanText:
    return PlanText(plan.file, str(plan.folder), plan.text, plan.is_target)


def record_text(record: Record) -> str:
    """The record as JSON."""
    return msgspec.json.format(msgspec.json.encode(record), indent=1).decode() + "\n"


def record_schema() -> dict[str, Any]:
    """The JSON Schema of a record."""
    schema = _with_plain_descriptions(msgspec.json.schema(Record))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "certplan record", **schema}


def _with_plain_descriptions(part: Any) -> Any:
    """The same without the indents of docstrings, which only some versions of the library leave out."""
    if isinstance(part, dict):
        return {
            key: cleandoc(each) if key == "description" and isinstance(each, str) else _with_plain_descriptions(each)
            for key, each in part.items()
        }
    return [_with_plain_descriptions(each) for each in part] if isinstance(part, list) else part


def read_record(data: bytes) -> Record:
    """Read a record.

    Raises:
        RecordError: when it is none, is damaged, or has another format.
    """
    try:
        record = msgspec.json.decode(data, type=Record)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RecordError(f"it is not a record: {show(str(error), 300)}") from None
    if record.format != FORMAT:
        raise RecordError(f"it has format {record.format}; this certplan reads format {FORMAT}")
    return record
