"""A judgement as JSON. The shape is stable: `SCHEMA_VERSION` rises when it changes."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from certplan import __version__
from certplan.evidence.model import CertificateFile, Missing
from certplan.handshake.model import Handshake, StatusChange, Step
from certplan.intent.mapping import MappingSuggestion, SuggestedEntry
from certplan.judgement import Judgement, ZoneJudgement
from certplan.outcomes import Outcome
from certplan.places import Place
from certplan.plan.model import Peer
from certplan.plan.problems import PlanProblem
from certplan.report.form import Form, Layout
from certplan.rules.alarms import PredictedAlarm
from certplan.rules.model import Finding
from certplan.text.secrets import hide_keys
from certplan.vendor import alarm, source

__all__ = [
    "FORM",
    "SCHEMA_VERSION",
    "Json",
    "dumps",
    "entries_json",
    "failure_json",
    "head_json",
    "judgement_json",
    "mapping_json",
    "moment",
    "sources_json",
]

SCHEMA_VERSION = 1

Json = dict[str, Any]


def moment(at: datetime) -> str:
    """A time as JSON has it: ISO 8601, UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def head_json(at: datetime) -> Json:
    """What the document of every command begins with; `at` is when it was made, or judged as of."""
    return {"schema_version": SCHEMA_VERSION, "certplan": __version__, "at": moment(at)}


def judgement_json(judgement: Judgement) -> Json:
    """One plan's judgement as an object of plain values."""
    plan = judgement.plan
    return {
        "plan": plan.file,
        "cluster": plan.cluster.name,
        "verdict": judgement.verdict.value,
        "standing": judgement.status.value,
        "split": [[peer.address for peer in group] for group in judgement.split],
        "split_more": judgement.whole_split.more,
        "ready_until": None if judgement.ready_until is None else moment(judgement.ready_until),
        "horizon": _status_changes(judgement.status_changes),
        "peers": [_peer(judgement, peer) for peer in plan.peers],
        "pages": [
            {
                "viewer": viewer.address,
                "rows": [
                    {"peer": row.peer.address, "certificate": row.certificate, "clustering": row.clustering}
                    for row in judgement.page(viewer)
                ],
            }
            for viewer in plan.peers
        ],
        "handshakes": [
            _handshake(
                handshake, {code for step in handshake.not_passed if step.cause for code in judgement.codes(step.cause)}
            )
            for handshake in judgement.matrix.handshakes
        ],
        "mapping": mapping_json(judgement.case.intent.mapping),
        "alarms": [_alarm(predicted) for predicted in judgement.alarms],
        "findings": [_finding(finding) for finding in judgement.findings],
        "zones": [_zone(zone) for zone in judgement.zones],
        "target": None if judgement.target is None else judgement_json(judgement.target),
    }


def _zone(zone: ZoneJudgement) -> Json:
    """A zone with the cluster at its far end: handshakes over the peers of both, findings of zone and servers."""
    return {
        "name": zone.zone.name,
        "type": zone.zone.type.value,
        "far_end": zone.zone.far_end,
        "verdict": zone.verdict.value,
        "ready_until": None if zone.ready_until is None else moment(zone.ready_until),
        "horizon": _status_changes(zone.status_changes),
        "handshakes": [
            _handshake(handshake, {code for step in handshake.not_passed for code in zone.codes(handshake, step)})
            for handshake in zone.view.matrix.handshakes
        ],
        "alarms": [_alarm(predicted) for predicted in zone.alarms],
        "findings": [_finding(finding) for finding in zone.findings],
    }


def _status_changes(status_changes: Iterable[StatusChange]) -> list[Json]:
    return [
        {"at": moment(change.at), "verdict": change.verdict.value, "because": list(change.because)}
        for change in status_changes
    ]


def failure_json(plan: str, problems: Iterable[tuple[Place | None, str]]) -> Json:
    """What stands in the place of a judgement when the plan could not be read."""
    return {
        "plan": plan,
        "verdict": None,
        "errors": [{"where": _place(place), "message": message} for place, message in problems],
    }


def dumps(value: Json) -> str:
    """JSON text; every character beyond ASCII is escaped, so that none can act on a terminal, and keys are hidden."""
    return json.dumps(_without_keys(value), indent=2)


def _without_keys(value: Any) -> Any:
    match value:
        case str():
            return hide_keys(value)
        case dict():
            return {_without_keys(name): _without_keys(each) for name, each in value.items()}
        case list() | tuple():
            return [_without_keys(each) for each in value]
        case _:
            return value


def _peer(judgement: Judgement, peer: Peer) -> Json:
    row, found = judgement.summary(peer), judgement.evidence.peers[peer.number - 1]
    return {
        "address": peer.address,
        "number": peer.number,
        "certificate_status": row.certificate,
        "certificate_reason": row.certificate_reason,
        "clustering_status": row.clustering,
        "clustering_reason": row.clustering_reason,
        "seen_from": row.viewer.address,
        "certificate": _certificate(found.server),
        "client_certificate": _certificate(found.client),
    }


def _certificate(file: CertificateFile | Missing) -> Json | None:
    if isinstance(file, Missing):
        return None
    leaf = file.leaf
    return {
        "file": file.file,
        "subject": leaf.subject,
        "issuer": leaf.issuer,
        "common_names": list(leaf.common_names),
        "sans": None if leaf.sans is None else [f"{san.kind}:{san.value}" for san in leaf.sans],
        "serial": leaf.serial,
        "not_before": moment(leaf.not_before),
        "not_after": moment(leaf.not_after),
        "fingerprint": leaf.sha256,
        "key": None if leaf.key is None else leaf.key.name,
        "extended_key_usage": None if leaf.eku is None else list(leaf.eku),
        "self_signed": leaf.self_signed,
        "defects": list(leaf.defects),
    }


def _handshake(handshake: Handshake, codes: set[str]) -> Json:
    return {
        "verifier": handshake.verifier.address,
        "presenter": handshake.presenter.address,
        "outcome": handshake.outcome.value,
        "target": None if handshake.target is None else str(handshake.target),
        "route": handshake.route.value,
        "steps": [_step(step) for step in handshake.steps],
        "codes": sorted(codes),
    }


def _alarm(predicted: PredictedAlarm) -> Json:
    known = alarm(predicted.id)
    return {
        "id": predicted.id,
        "title": known.title if known else None,
        "severity": known.severity if known else None,
        "peers": list(predicted.peers),
        "codes": list(predicted.codes),
    }


def mapping_json(suggestion: MappingSuggestion) -> Json:
    """Whether cluster address mapping is needed, and its entries."""
    return {
        "needed": suggestion.needed,
        "reason": suggestion.reason,
        "entries": entries_json(suggestion.entries),
    }


def entries_json(entries: Iterable[SuggestedEntry]) -> list[Json]:
    """Mapping entries; `fqdn` is null where nothing tells a peer's name."""
    return [{"peer": entry.peer, "fqdn": entry.fqdn, "ip": str(entry.ip), "note": entry.note} for entry in entries]


def _step(step: Step) -> Json:
    written: Json = {
        "name": step.name.value,
        "outcome": step.outcome.value,
        "reason": step.reason,
        "cause": None if step.cause is None else step.cause.value,
        "store": None if step.store is None else step.store.value,
        "confidence": step.confidence.value,
    }
    if step.openssl is not None:
        code, depth, text = step.openssl
        written["openssl"] = {"code": code, "depth": depth, "text": text}
    return written


def _finding(finding: Finding) -> Json:
    return {
        "code": finding.code,
        "slug": finding.rule.slug,
        "severity": finding.severity.value,
        "outcome": finding.outcome.value,
        "subject": finding.subject.name,
        "subject_kind": finding.subject.kind.value,
        "peers": list(finding.subject.peers),
        "message": finding.message,
        "fix": finding.fix,
        "evidence": list(finding.evidence),
        "sources": [sources_json(key) for key in finding.rule.sources],
        "confidence": finding.confidence.value,
        "waived": finding.waived,
        "missing": None if finding.outcome is Outcome.FAIL or finding.missing is None else finding.missing.what,
        "missing_for": None
        if finding.missing is None
        else {"peer": finding.missing.peer, "field": finding.missing.field},
        "about": _about(finding),
        "where": _place(finding.where),
    }


def _about(finding: Finding) -> Json:
    about = finding.about
    return {
        "store": None if finding.store is None else finding.store.value,
        "presenters": list(about.presenters),
        "ca": about.ca,
        "names": list(about.names),
        "entry": None if about.entry is None else {"fqdn": about.entry.fqdn, "ip": str(about.entry.ip)},
        "view": about.view,
    }


def sources_json(key: str) -> Mapping[str, str]:
    """A vendor document or standard as the JSON names it."""
    document = source(key)
    return {"title": document.title, "release": document.release, "address": document.address}


def _place(place: Place | None) -> Json | None:
    if place is None:
        return None
    return {"file": place.file, "line": place.line or None, "column": place.column or None}


def _piece(judgement: Judgement, _: Layout) -> str:
    return dumps(judgement_json(judgement))


def _unread(plan: str, problems: Sequence[PlanProblem]) -> str:
    return dumps(failure_json(plan, ((problem.place, problem.message) for problem in problems)))


def _document(at: datetime, pieces: Iterable[str]) -> Iterator[str]:
    """The head, and the pieces as the list `plans`."""
    yield f'{dumps(head_json(at))[:-2]},\n  "plans": ['
    for number, text in enumerate(pieces):
        yield (",\n    " if number else "\n    ") + text.replace("\n", "\n    ")
    yield "\n  ]\n}\n"


FORM = Form(_piece, _unread, _document)
