"""What `certplan probe` says: each port, what it sends and asks for, and what differs from the plan."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from certplan.evidence.model import Certificate
from certplan.evidence.tls.model import Probe, Reached
from certplan.probing.compare import Compared, PortOutcome
from certplan.report.answer import Answer, Rows
from certplan.report.document import Cell, Document, Points, Section, Table, Tone, Words, cell
from certplan.report.writers.json import Json, head_json, moment
from certplan.text.words import listed

__all__ = ["probe_answer", "target_json"]

_TONES = {
    PortOutcome.OK: Tone.GOOD,
    PortOutcome.DIFFERS: Tone.BAD,
    PortOutcome.REFUSED: Tone.BAD,
    PortOutcome.UNREACHABLE: Tone.WARN,
}
_REACHED = {
    Reached.TLS: "",
    Reached.ALERT: "ended with an alert",
    Reached.CLOSED: "the port is closed",
    Reached.NO_ROUTE: "no answer, or no way to the address",
    Reached.SILENT: "connected, and no TLS data came",
    Reached.PLAIN_TEXT: "the port does not speak TLS",
    Reached.CUT: "cut after ClientHello without an alert, as inspection does",
}


def probe_answer(compared: Sequence[Compared], at: datetime) -> Answer:
    """What ports show, in every form; `at` is when they were asked."""
    return Answer(
        page=lambda: _page(compared),
        data=lambda: {**head_json(at), "targets": [target_json(each) for each in compared]},
        rows=lambda: Rows(("address", "port", "peer", "outcome", "what", "expected", "found"), [*_csv(compared)]),
    )


def _page(compared: Sequence[Compared]) -> Document:
    origins = dict.fromkeys(each.probe.from_address for each in compared if each.probe.from_address is not None)
    rows = (
        [
            cell(
                f"{each.probe.target.address}:{each.probe.target.port}", Words(each.probe.target.peer or "", Tone.QUIET)
            ),
            cell(Words(each.outcome.value, _TONES[each.outcome]), Words(each.probe.protocol or "", Tone.QUIET)),
            _shown(each.probe),
            _client(each.probe),
        ]
        for each in compared
    )
    sections = [
        Section(
            "ports",
            "Ports",
            (Table.of("", ("Port", "Outcome", "Sent", "Client certificate"), rows),),
            str(len(compared)),
        )
    ]
    lines = [
        Words(f"{_port(each.probe)}: {diff.what}: expected {diff.expected}; found {diff.found}", Tone.BAD)
        for each in compared
        for diff in each.differences
    ]
    if lines:
        sections.append(Section("differences", "Differs from the plan", (Points.of(lines),), str(len(lines))))
    asked_from = f"Asked from {listed(origins, 4)}; monitoring may report these connections." if origins else ""
    return Document("Probe", (Words(asked_from, Tone.QUIET),) if asked_from else (), tuple(sections))


def _port(probe: Probe) -> str:
    return f"{probe.target.address}:{probe.target.port}"


def _shown(probe: Probe) -> Cell:
    why = _REACHED[probe.reached]
    chain = [f"{each.subject}, until {each.not_after.date()}" for each in probe.sent_chain]
    detail = probe.detail if probe.reached is not Reached.TLS else ""
    return cell(*chain, Words(": ".join(filter(None, (why, detail))), Tone.WARN))


def _client(probe: Probe) -> Cell:
    client = probe.client_certificate
    if client is None or not client.asked:
        return cell(Words("not asked for", Tone.QUIET))
    names = f"asked for, from {listed(client.cas, 3)}" if client.cas else "asked for, from any CA"
    refusal = client.refusal
    if refusal is None:
        return cell(names, "accepted" if client.given else "")
    return cell(names, Words(f"refused: {refusal.name} ({refusal.number}): {refusal.meaning}", Tone.BAD))


def _csv(compared: Sequence[Compared]) -> Iterator[Sequence[str]]:
    for each in compared:
        head = (
            each.probe.target.address,
            str(each.probe.target.port),
            each.probe.target.peer or "",
            each.outcome.value,
        )
        for diff in each.differences:
            yield (*head, diff.what, diff.expected, diff.found)
        if not each.differences:
            yield (*head, "", "", "")


def target_json(compared: Compared) -> Json:
    """One port as an object of plain values."""
    probe = compared.probe
    client = probe.client_certificate
    refusal = None if client is None or client.refusal is None else client.refusal
    return {
        "address": probe.target.address,
        "port": probe.target.port,
        "server_name": probe.target.server_name,
        "peer": probe.target.peer,
        "outcome": compared.outcome.value,
        "reached": probe.reached.value,
        "detail": probe.detail,
        "from": probe.from_address,
        "milliseconds": probe.milliseconds,
        "protocol": probe.protocol,
        "sent_chain": [_certificate(each) for each in probe.sent_chain],
        "client_certificate": {
            "asked": client is not None and client.asked,
            "cas": [] if client is None else list(client.cas),
            "given": client is not None and client.given,
            "refusal": None
            if refusal is None
            else {"alert": refusal.name, "number": refusal.number, "meaning": refusal.meaning},
        },
        "differences": [
            {"what": diff.what, "expected": diff.expected, "found": diff.found} for diff in compared.differences
        ],
    }


def _certificate(certificate: Certificate) -> Json:
    return {
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "not_before": moment(certificate.not_before),
        "not_after": moment(certificate.not_after),
        "sha256": certificate.sha256,
    }
